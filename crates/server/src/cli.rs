//! The command line (DESIGN §6). Exit 0 done · 1 done with findings, or refused · 2 usage · 74 input or output failed.

use crate::assess::{
    AirAssessment, AirLevel, GroupBy, Level, Samples, Water, assess_air, assess_discharge, assess_noise, assess_soil,
    assess_water,
};
use crate::data_folder::Elsewhere;
use crate::norm_files::Library;
use clap::{Args, Parser, Subcommand, ValueEnum};
use exchange::{Findings, Label, OutputError, OutputFormat, TableError, TableFormat};
use lake::LakeError;
use norms::air::Practice;
use records::RecordsError;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

mod city;
mod publish;
mod questions;
mod user;
mod zoning;

/// Findings of each kind that a terminal shows.
const SHOWN_PER_KIND: usize = 20;

/// How a command ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// Done.
    Done,
    /// Done with findings, or refused.
    WithFindings,
}

/// 筼筜 Yundang: an open platform for a city's ecology-and-environment bureau.
#[derive(Debug, Parser)]
#[command(name = "yundang", version, about, long_about = None)]
struct Cli {
    /// Folder whose tables of norms lie over the embedded ones, file by file; by default `norms` in the data folder
    #[arg(long, global = true, value_name = "DIR")]
    norms: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge a table of measured values by the norms in force on each day
    #[command(after_help = "Example:\n  yundang assess air --input hours.csv --output days.csv --level day")]
    Assess {
        #[command(subcommand)]
        medium: Medium,
    },
    /// Make the demo city if it is not there, serve it, print the URL
    #[command(after_help = "Example:\n  yundang demo --data yundang-data")]
    Demo {
        /// Data folder
        #[arg(long, value_name = "DIR", default_value = "yundang-data")]
        data: PathBuf,
        /// Address to listen on; port 0 takes a free one
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8866")]
        listen: SocketAddr,
        /// Make the data and stop
        #[arg(long)]
        no_serve: bool,
    },
    /// Make a real, empty city without one simulated row
    #[command(after_help = "Example:\n  yundang init --data city-data --city xiamen")]
    Init {
        /// Folder to make; it must be empty or not there
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// City pack
        #[arg(long, value_name = "PACK")]
        city: String,
        /// Where its tables lie, if not in the folder: another folder or s3://bucket/prefix (keys from AWS_…)
        #[arg(long, value_name = "URL")]
        lake: Option<String>,
        /// Database of its business records, if not a file in the folder: postgres://user@host/name (password in PGPASSWORD)
        #[arg(long, value_name = "URL")]
        records: Option<String>,
    },
    /// Serve the page and the HTTP interface
    #[command(after_help = "Example:\n  yundang serve --data city-data --listen 127.0.0.1:8866")]
    Serve {
        /// Data folder
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Where people reach the pages, when that is a proxy's address; it stands on papers
        #[arg(long, value_name = "URL")]
        url: Option<String>,
        /// Address to listen on; port 0 takes a free one
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8866")]
        listen: SocketAddr,
    },
    /// Import a table: stations, or observations of a declared source or with our own column names
    #[command(after_help = "Example:\n  yundang import station --data city-data --source register stations.xlsx\n  \
                            yundang import observation --data city-data --source cnemc-hourly hours.csv")]
    Import(city::ImportArgs),
    /// Export a table of the lake
    #[command(after_help = "Example:\n  yundang export observation --data city-data --output all.parquet")]
    Export(city::ExportArgs),
    /// Answer the figures of a period, or print the rows behind them
    #[command(after_help = "Example:\n  yundang figures --data city-data --period 2022\n  \
                            yundang figures --data city-data --period 2022 --id F047 --rows")]
    Figures(questions::FigureArgs),
    /// Ask the lake: one SELECT, read-only, within limits
    #[command(
        after_help = "Example:\n  yundang sql --data city-data \"SELECT station, count(*) FROM observation GROUP BY station\"\n  \
                            yundang sql --functions"
    )]
    Sql(questions::SqlArgs),
    /// The norms: what is in force, from where, how sure
    #[command(
        after_help = "Example:\n  yundang norms list\n  yundang norms check my-norms\n  yundang norms export my-norms"
    )]
    Norms {
        #[command(subcommand)]
        what: questions::NormsCommand,
    },
    /// Keep the lake's files few: compact partitions and remove files that no pinned version needs
    #[command(after_help = "Example:\n  yundang maintain --data city-data")]
    Maintain {
        /// Data folder
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Hours for which removed files are kept for running questions
        #[arg(long, default_value_t = 168)]
        keep_hours: u32,
    },
    /// Editions of the zoning map: build, check, compare
    Edition {
        #[command(subcommand)]
        what: zoning::EditionCommand,
    },
    /// Screen projects under an edition: may they stand there, under which clauses, what is still unknown
    #[command(
        after_help = "Example:\n  yundang screen --edition editions/xm-2026.1 --projects projects.csv --crs EPSG:4490 --output verdicts.csv"
    )]
    Screen(zoning::ScreenArgs),
    /// Lay points or areas over zones
    #[command(
        after_help = "Example:\n  yundang overlay --zones zones.parquet --with parcels.parquet --areas --output pairs.csv"
    )]
    Overlay(zoning::OverlayArgs),
    /// Access rules: check, lint, impact
    Rules {
        #[command(subcommand)]
        what: zoning::RulesCommand,
    },
    /// Accounts: list, add, roles, disable, enable, password
    User(user::UserArgs),
    /// Print the OpenAPI description of the HTTP interface
    #[command(after_help = "Example:\n  yundang openapi > openapi/yundang.json")]
    Openapi,
}

#[derive(Debug, Subcommand)]
enum Medium {
    /// Ambient air: AQI of hours and days, statistics of months and years
    #[command(after_help = "Example:\n  yundang assess air --input hours.csv --output days.csv --level day\n  \
                            yundang assess air --input hours.parquet --output cities.csv --level year --by city --stations stations.csv")]
    Air(AirArgs),
    /// Rivers and lakes: classes of GB 3838, main pollutants, function classes
    #[command(
        after_help = "Example:\n  yundang assess surface-water --input samples.csv --output classes.csv --level month --stations sections.csv\n  \
                            sections.csv has section, kind (river or lake) and perhaps function_class"
    )]
    SurfaceWater(SampleArgs),
    /// The sea: classes of GB 3097, eutrophication
    #[command(
        after_help = "Example:\n  yundang assess sea --input samples.csv --output classes.csv --explain why.jsonl"
    )]
    Sea(SampleArgs),
    /// Wells: classes of GB/T 14848
    #[command(after_help = "Example:\n  yundang assess groundwater --input samples.csv --output classes.csv")]
    Groundwater(SampleArgs),
    /// Noise: Ld, Ln, Ldn beside the limits of function zones (GB 3096)
    #[command(
        after_help = "Example:\n  yundang assess noise --input hours.csv --output days.csv --level day --stations points.csv\n  \
                            hours.csv has station, time (end of the hour) and value; points.csv station and function_zone"
    )]
    Noise(HourArgs),
    /// Soil: screening and control values of GB 36600 and GB 15618
    #[command(after_help = "Example:\n  yundang assess soil --input samples.csv --output results.csv\n  \
                            samples.csv has sample, time, land_use, pH and one column an item in mg/kg")]
    Soil(SampleArgs),
    /// Outlets of waste water and gas beside the limits of their standards
    #[command(
        after_help = "Example:\n  yundang assess discharge --input hours.csv --output days.csv --level day --stations outlets.csv\n  \
                            outlets.csv has outlet and standard, such as GB18918/table1/1A or GB13271/new/gas"
    )]
    Discharge(HourArgs),
}

#[derive(Debug, Args)]
struct HourArgs {
    #[command(flatten)]
    samples: SampleArgs,
    /// What the times of the input label: the end or the start of the averaging hour
    #[arg(long, value_enum, default_value = "end")]
    label: LabelArg,
}

/// The tables of a judgement, in and out.
#[derive(Debug, Args)]
struct TableArgs {
    /// Table to judge: .csv, .csv.gz, .xlsx or .parquet; `-` is CSV on standard input
    #[arg(long, value_name = "F")]
    input: String,
    /// Answer: .csv, .csv.gz or .parquet; `-` is CSV on standard output
    #[arg(long, value_name = "F")]
    output: String,
    /// Write no answer when a row or value had to be left out
    #[arg(long)]
    strict: bool,
    /// Format of the input when its name does not tell
    #[arg(long, value_enum)]
    input_format: Option<FormatArg>,
    /// Format of the answer when its name does not tell
    #[arg(long, value_enum)]
    output_format: Option<FormatArg>,
    /// Also write the findings as JSON lines
    #[arg(long, value_name = "F.jsonl")]
    findings: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct SampleArgs {
    #[command(flatten)]
    tables: TableArgs,
    /// What is judged
    #[arg(long, value_enum, default_value = "sample")]
    level: Level,
    /// Register of the stations: kind, function_class, function_zone, land_use, standard, as the medium needs
    #[arg(long, value_name = "F")]
    stations: Option<String>,
    /// Also write how each result came about, as JSON lines
    #[arg(long, value_name = "F.jsonl")]
    explain: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct AirArgs {
    #[command(flatten)]
    tables: TableArgs,
    /// What is judged
    #[arg(long, value_enum, default_value = "hour")]
    level: AirLevel,
    /// Whose values: each station's, or the mean of each city
    #[arg(long, value_enum, default_value = "station")]
    by: GroupBy,
    /// Table with station, city and perhaps evaluated (1 or 0)
    #[arg(long, value_name = "F")]
    stations: Option<String>,
    /// Table of sand-dust days with date and city or station
    #[arg(long, value_name = "F")]
    dust_days: Option<String>,
    /// Declared source whose columns the input has, such as cnemc-hourly
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// What the times of the input label: the end or the start of the averaging hour
    #[arg(long, value_enum, default_value = "end")]
    label: LabelArg,
    /// As the national platform published, or as the text of the standard says; by default what the edition says
    #[arg(long, value_enum)]
    practice: Option<PracticeArg>,
    /// Memory bound, such as 512MB; beyond it hours go to a temporary file
    #[arg(long, default_value = "512MB", value_parser = parse_bytes)]
    memory: usize,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LabelArg {
    End,
    Start,
}

impl From<LabelArg> for Label {
    fn from(label: LabelArg) -> Self {
        match label {
            LabelArg::End => Self::End,
            LabelArg::Start => Self::Start,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PracticeArg {
    Platform,
    Text,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum FormatArg {
    Csv,
    #[value(name = "csv.gz")]
    CsvGz,
    Xlsx,
    Parquet,
}

impl FormatArg {
    const fn of_input(self) -> TableFormat {
        match self {
            Self::Csv | Self::CsvGz => TableFormat::Csv,
            Self::Xlsx => TableFormat::Xlsx,
            Self::Parquet => TableFormat::Parquet,
        }
    }
}

/// `512MB`, `2GiB`, `1000000`; decimal and binary multiples.
fn parse_bytes(text: &str) -> Result<usize, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "K" | "KB" => 1_000,
        "KIB" => 1 << 10,
        "M" | "MB" => 1_000_000,
        "MIB" => 1 << 20,
        "G" | "GB" => 1_000_000_000,
        "GIB" => 1 << 30,
        _ => return Err("a number with B, KB, MB, GB, KiB, MiB or GiB is wanted".to_owned()),
    };
    let number: f64 = digits.trim().parse().map_err(|_| "a number of bytes is wanted".to_owned())?;
    let bytes = number * f64::from(unit);
    if !(0.0..=1e15).contains(&bytes) {
        return Err("out of range".to_owned());
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "range was checked")]
    Ok(bytes as usize)
}

/// Runs the program with the arguments it was started with.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too, with code 0.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match execute(cli) {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::WithFindings) => ExitCode::from(1),
        Err(error) => {
            match error.chain().find_map(said) {
                Some((zh, en)) => eprintln!("yundang: {zh} / {en}"),
                None => eprintln!("yundang: {error:#}"),
            }
            ExitCode::from(exit_code(&error))
        }
    }
}

/// Wrong use of the command line that clap cannot see.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

fn exit_code(error: &anyhow::Error) -> u8 {
    const IO_FAILED: u8 = 74;
    if error.chain().any(<dyn std::error::Error>::is::<Usage>) {
        return 2;
    }
    let io = error.chain().any(|cause| {
        cause.is::<std::io::Error>()
            || cause.is::<TableError>()
            || cause.is::<OutputError>()
            || cause
                .downcast_ref::<exchange::edition::EditionError>()
                .is_some_and(|error| matches!(error, exchange::edition::EditionError::Io { .. }))
            || cause
                .downcast_ref::<exchange::SpatialError>()
                .is_some_and(|error| matches!(error, exchange::SpatialError::Io { .. }))
            || cause.downcast_ref::<LakeError>().is_some_and(LakeError::is_io)
            || cause.downcast_ref::<RecordsError>().is_some_and(RecordsError::is_io)
    });
    if io { IO_FAILED } else { 1 }
}

/// What the lake or the records say in two languages.
fn said(error: &(dyn std::error::Error + 'static)) -> Option<(String, String)> {
    if let Some(error) = error.downcast_ref::<RecordsError>() {
        return Some((error.zh(), error.to_string()));
    }
    match error.downcast_ref::<LakeError>() {
        Some(LakeError::Refused(refusal)) => Some((refusal.zh(), refusal.en())),
        _ => None,
    }
}

impl Command {
    /// The data folder that a command works on.
    fn data(&self) -> Option<&Path> {
        match self {
            Self::Demo { data, .. } | Self::Serve { data, .. } | Self::Maintain { data, .. } => Some(data),
            Self::Import(args) => args.data(),
            Self::Export(args) => Some(args.data()),
            Self::Figures(args) => Some(args.data()),
            Self::Sql(args) => args.data(),
            Self::User(args) => Some(args.data()),
            Self::Edition { .. } | Self::Screen(_) | Self::Overlay(_) | Self::Rules { .. } => None,
            Self::Assess { .. } | Self::Init { .. } | Self::Norms { .. } | Self::Openapi => None,
        }
    }
}

fn execute(cli: Cli) -> anyhow::Result<Ended> {
    let own = cli.command.data().map(|data| data.join("norms")).filter(|norms| norms.is_dir());
    let library = Library::load(cli.norms.or(own).as_deref())?;
    match cli.command {
        Command::Assess { medium } => assess_medium(medium, &library),
        Command::Demo { data, listen, no_serve } => city::demo(&data, listen, no_serve, library),
        Command::Init { data, city, lake, records } => {
            let elsewhere = Elsewhere { lake: lake.as_deref(), records: records.as_deref() };
            city::init(&data, &city, elsewhere, &library)
        }
        Command::Serve { data, url, listen } => city::serve(&data, listen, url.as_deref(), library),
        Command::Import(args) => city::import(&args, &library),
        Command::Export(args) => city::export(&args, &library),
        Command::Maintain { data, keep_hours } => city::maintain(&data, keep_hours, &library),
        Command::Figures(args) => questions::figures(&args, &library),
        Command::Sql(args) => questions::sql(&args, &library),
        Command::Norms { what } => questions::norms(&what, &library),
        Command::Edition { what } => zoning::edition(&what, &library),
        Command::Screen(args) => zoning::screening(&args, &library),
        Command::Overlay(args) => zoning::overlaying(&args),
        Command::Rules { what } => zoning::rules(&what, &library),
        Command::User(args) => user::user(&args, &library),
        Command::Openapi => {
            print_text(&crate::http::openapi_json())?;
            Ok(Ended::Done)
        }
    }
}

/// Prints a text on standard output; a reader that went away is no error.
fn print_text(text: &str) -> anyhow::Result<()> {
    use std::io::Write;
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// Runs work that waits for the lake or the network.
fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

fn assess_medium(medium: Medium, library: &Library) -> anyhow::Result<Ended> {
    let norms = &library.norms;
    match medium {
        Medium::Air(args) => assess(args, library),
        Medium::SurfaceWater(args) => {
            assess_samples(args, |run, found| assess_water(Water::Surface, run, norms, found))
        }
        Medium::Sea(args) => assess_samples(args, |run, found| assess_water(Water::Sea, run, norms, found)),
        Medium::Groundwater(args) => assess_samples(args, |run, found| assess_water(Water::Ground, run, norms, found)),
        Medium::Soil(args) => assess_samples(args, |run, found| assess_soil(run, norms, found)),
        Medium::Noise(args) => {
            assess_samples(args.samples, |run, found| assess_noise(run, args.label.into(), norms, found))
        }
        Medium::Discharge(args) => {
            assess_samples(args.samples, |run, found| assess_discharge(run, args.label.into(), norms, found))
        }
    }
}

fn assess(args: AirArgs, library: &Library) -> anyhow::Result<Ended> {
    let input_format = args.tables.input_format.map(FormatArg::of_input);
    let output_format = answer_format(args.tables.output_format, &args.tables.output)?;
    let mapping = match &args.source {
        None => None,
        Some(name) => Some(library.source(name)?.clone()),
    };
    let run = AirAssessment {
        mapping,
        input: args.tables.input,
        input_format,
        output: args.tables.output,
        output_format,
        level: args.level,
        by: args.by,
        stations: args.stations,
        dust_days: args.dust_days,
        label: args.label.into(),
        practice: args.practice.map(|practice| match practice {
            PracticeArg::Platform => Practice::Platform,
            PracticeArg::Text => Practice::Text,
        }),
        memory_bytes: args.memory,
        strict: args.tables.strict,
    };
    let mut findings = Findings::new();
    let written = assess_air(&run, &library.norms, &mut findings)?;
    told(written, &findings, args.tables.findings.as_deref())
}

fn assess_samples(
    args: SampleArgs,
    judge: impl FnOnce(&Samples, &mut Findings) -> anyhow::Result<bool>,
) -> anyhow::Result<Ended> {
    let run = Samples {
        input_format: args.tables.input_format.map(FormatArg::of_input),
        output_format: answer_format(args.tables.output_format, &args.tables.output)?,
        input: args.tables.input,
        output: args.tables.output,
        level: args.level,
        stations: args.stations,
        explain: args.explain,
        strict: args.tables.strict,
    };
    let mut findings = Findings::new();
    let written = judge(&run, &mut findings)?;
    told(written, &findings, args.tables.findings.as_deref())
}

/// Tells the findings of a judgement and how it ended.
fn told(written: bool, findings: &Findings, jsonl: Option<&Path>) -> anyhow::Result<Ended> {
    if let Some(path) = jsonl {
        findings.write_jsonl(path)?;
    }
    findings.print(std::io::stderr().lock(), SHOWN_PER_KIND)?;
    if !written {
        eprintln!("没有写出结果 / no answer was written");
    }
    Ok(if written && findings.total() == 0 { Ended::Done } else { Ended::WithFindings })
}

/// The format of an answer, said or by the end of its name.
fn answer_format(said: Option<FormatArg>, output: &str) -> anyhow::Result<OutputFormat> {
    let format = match said {
        None => OutputFormat::of_name(output),
        Some(FormatArg::Csv) => Some(OutputFormat::Csv),
        Some(FormatArg::CsvGz) => Some(OutputFormat::CsvGz),
        Some(FormatArg::Parquet) => Some(OutputFormat::Parquet),
        Some(FormatArg::Xlsx) => None,
    };
    let wanted =
        || Usage(format!("{output}: 结果须为 .csv、.csv.gz 或 .parquet / an answer is .csv, .csv.gz or .parquet"));
    Ok(format.ok_or_else(wanted)?)
}
