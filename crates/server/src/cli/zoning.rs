//! Commands of zoning control: editions, rules, screening, overlays.

use super::publish::{PublishArgs, publish};
use super::{Ended, FormatArg, SHOWN_PER_KIND, Usage, print_text};
use crate::norm_files::Library;
use crate::office::today;
use crate::zoning::overlay::{Overlay, overlay};
use crate::zoning::project::ProjectFile;
use crate::zoning::screen::{Screening, screen};
use crate::zoning::{Edition, edition};
use clap::{Args, Subcommand};
use exchange::{Findings, OutputFormat};
use geo::MultiPolygon;
use norms::{Day, Severity};
use serde_json::json;
use std::path::{Path, PathBuf};
use zoning::topology::{Gravity, TopologyRules, check_units};
use zoning::{Impact, Judged, Known, RuleSet, Surroundings};

#[derive(Debug, Subcommand)]
pub(super) enum EditionCommand {
    /// Build an edition folder from the sources that a manifest names, all or nothing
    #[command(after_help = "Example:\n  yundang edition build --manifest manifest.toml --output editions/xm-2026.1")]
    Build {
        /// Manifest
        #[arg(long, value_name = "F.toml")]
        manifest: PathBuf,
        /// Folder to make; it must not be there
        #[arg(long, value_name = "DIR")]
        output: PathBuf,
        #[command(flatten)]
        told: FindingsArg,
    },
    /// Check an edition: files, codes, topology of the units, rules
    #[command(after_help = "Example:\n  yundang edition check editions/xm-2026.1")]
    Check {
        /// Edition folder
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        #[command(flatten)]
        told: FindingsArg,
    },
    /// Publish an edition: it is checked and put on record; a second person publishes, once there are accounts
    #[command(after_help = "Example:\n  yundang edition publish editions/xm-2026.1 --data city-data --by lin")]
    Publish(PublishArgs),
    /// What changed between two editions: units split, merged, moved; clauses; layers
    #[command(after_help = "Example:\n  yundang edition diff editions/xm-2021.1 editions/xm-2026.1 --output diff.json")]
    Diff {
        /// Older edition
        #[arg(value_name = "DIR")]
        old: PathBuf,
        /// Newer edition
        #[arg(value_name = "DIR")]
        new: PathBuf,
        /// Where the difference goes as JSON; standard output by default
        #[arg(long, value_name = "F.json")]
        output: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// Check rules: names, types, units, citations, vague words, examples; stores nothing
    #[command(after_help = "Example:\n  yundang rules check editions/xm-2026.1")]
    Check {
        /// Edition folder, or a folder of clauses and tables
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        #[command(flatten)]
        told: FindingsArg,
    },
    /// Find conflicts with a witness project, dead, duplicate, overlapping, uncited and repealed rules
    #[command(after_help = "Example:\n  yundang rules lint editions/xm-2026.1 --output lint.jsonl")]
    Lint {
        /// Edition folder, or a folder of clauses and tables
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// The day whose law is asked; today in Beijing by default
        #[arg(long, value_name = "DATE")]
        as_of: Option<Day>,
        /// Where the findings go as JSON lines; standard output by default
        #[arg(long, value_name = "F.jsonl")]
        output: Option<PathBuf>,
    },
    /// Judge projects under two editions and tell which change verdict
    #[command(
        after_help = "Example:\n  yundang rules impact --from editions/a --to editions/b --projects projects.csv --crs EPSG:4490"
    )]
    Impact(ImpactArgs),
}

#[derive(Debug, Args)]
pub(super) struct ImpactArgs {
    /// Edition in force
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// Draft edition
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Projects
    #[arg(long, value_name = "F")]
    projects: PathBuf,
    /// Coordinate system of the projects, when their file declares none
    #[arg(long, value_name = "EPSG:n")]
    crs: Option<String>,
    /// The day for both; by default the first day of each edition on which it holds, today when it holds today
    #[arg(long, value_name = "DATE")]
    as_of: Option<Day>,
    /// Where the answer goes as JSON; standard output by default
    #[arg(long, value_name = "F.json")]
    output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ScreenArgs {
    /// Edition folder
    #[arg(long, value_name = "DIR")]
    edition: PathBuf,
    /// Projects: GeoJSON, CSV with id and wkt or lon,lat, or another spatial file; one column a fact
    #[arg(long, value_name = "F")]
    projects: PathBuf,
    /// Answer: .csv, .csv.gz or .parquet; `-` is CSV on standard output
    #[arg(long, value_name = "F")]
    output: String,
    /// The day whose law is asked; today in Beijing by default
    #[arg(long, value_name = "DATE")]
    as_of: Option<Day>,
    /// Coordinate system of the projects, when their file declares none, such as EPSG:4490, EPSG:4548 or GCJ-02
    #[arg(long, value_name = "EPSG:n")]
    crs: Option<String>,
    /// Also write the trace of every rule, one JSON object a project
    #[arg(long, value_name = "F.jsonl")]
    trace: Option<PathBuf>,
    /// Go on behind what an interrupted run wrote
    #[arg(long)]
    resume: bool,
    /// Repair shapes that cross themselves, and say which; without it they are refused
    #[arg(long)]
    repair: bool,
    /// Format of the answer when its name does not tell
    #[arg(long, value_enum)]
    output_format: Option<FormatArg>,
    #[command(flatten)]
    told: FindingsArg,
}

#[derive(Debug, Args)]
pub(super) struct OverlayArgs {
    /// Zones: GeoParquet, FlatGeobuf, GeoPackage, shapefile, GeoJSON, or a table with wkt
    #[arg(long, value_name = "F")]
    zones: PathBuf,
    /// Points or areas: the same formats, or a table with x,y
    #[arg(long, value_name = "F")]
    with: PathBuf,
    /// Pairs: .csv, .csv.gz or .parquet; `-` is CSV on standard output
    #[arg(long, value_name = "F")]
    output: String,
    /// Also the area that each pair shares
    #[arg(long)]
    areas: bool,
    /// Carry both to this plane first; without it they stay in their own coordinates
    #[arg(long, value_name = "EPSG:n")]
    crs: Option<String>,
    /// Format of the answer when its name does not tell
    #[arg(long, value_enum)]
    output_format: Option<FormatArg>,
    #[command(flatten)]
    told: FindingsArg,
}

#[derive(Debug, Args)]
pub(super) struct FindingsArg {
    /// Also write the findings as JSON lines
    #[arg(long, value_name = "F.jsonl")]
    findings: Option<PathBuf>,
}

impl FindingsArg {
    pub(super) fn tell(&self, findings: &Findings) -> anyhow::Result<()> {
        if let Some(path) = &self.findings {
            findings.write_jsonl(path)?;
        }
        Ok(findings.print(std::io::stderr().lock(), SHOWN_PER_KIND)?)
    }

    /// Tells the findings, and a refusal that they explain.
    pub(super) fn refused<T>(&self, findings: &Findings, result: anyhow::Result<T>) -> anyhow::Result<T> {
        if result.is_err() {
            self.tell(findings)?;
        }
        result
    }
}

pub(super) fn edition(command: &EditionCommand, library: &Library) -> anyhow::Result<Ended> {
    let mut findings = Findings::new();
    match command {
        EditionCommand::Build { manifest, output, told } => {
            let built = exchange::edition::build(manifest, output, &edition::aliases(library)?, &mut findings);
            let report = told.refused(&findings, built.map_err(anyhow::Error::from))?;
            told.tell(&findings)?;
            let rows: usize = report.tables.iter().map(|(_, rows)| rows).sum();
            print_text(&format!(
                "{}\n  {} 单元 units, {} 图层 layers, {} 条款文件 rule files, {rows} 准入条件 table conditions\n  内容哈希 content hash {}\n",
                report.folder.display(),
                report.units,
                report.layers.len(),
                report.rules,
                report.hash
            ))?;
            Ok(ended(&findings))
        }
        EditionCommand::Check { folder, told } => {
            let opened = Edition::open(folder, library, &mut findings);
            let edition = told.refused(&findings, opened)?;
            check_ground(&edition, &mut findings);
            told.tell(&findings)?;
            print_text(&format!(
                "{}: {} 单元 units, {} 图层 layers, {} 条规则 rules, {}\n",
                edition.id(),
                edition.units.len(),
                edition.files.layers.len(),
                edition.rules.len(),
                if findings.has_errors() {
                    "不可发布 / cannot be published"
                } else {
                    "可以发布 / may be published"
                }
            ))?;
            Ok(ended(&findings))
        }
        EditionCommand::Publish(args) => publish(args, library),
        EditionCommand::Diff { old, new, output } => {
            let old = Edition::open(old, library, &mut findings)?;
            let new = Edition::open(new, library, &mut findings)?;
            let text = serde_json::to_string_pretty(&edition::diff(&old, &new))? + "\n";
            write_or_print(output.as_deref(), &text)?;
            Ok(Ended::Done)
        }
    }
}

fn ended(findings: &Findings) -> Ended {
    if findings.total() == 0 { Ended::Done } else { Ended::WithFindings }
}

/// Codes of the units, and whether they tile the city.
pub(super) fn check_ground(edition: &Edition, findings: &mut Findings) {
    let book = zoning::codes::CodeBook::default();
    let tell = |findings: &mut Findings, code, gravity: Severity, value: String, words: [String; 4]| {
        let [message_zh, message_en, action_zh, action_en] = words;
        findings.add(norms::Finding {
            code,
            severity: gravity,
            file: "units".to_owned(),
            line: None,
            field: "code".to_owned(),
            value,
            message_zh,
            message_en,
            action_zh,
            action_en,
        });
    };
    let codes = edition.units.iter().map(|unit| (unit.code.as_str(), zoning::codes::Class::from_digit(unit.class)));
    let parsed = codes.filter_map(|(code, class)| book.check(code, class, &[]).err());
    let twice = zoning::codes::repeated(edition.units.iter().map(|unit| unit.code.as_str()));
    for fault in parsed.chain(twice).collect::<Vec<_>>() {
        let words = [fault.zh(), fault.to_string(), fault.action_zh().to_owned(), fault.action_en().to_owned()];
        tell(findings, "unit_code", Severity::Error, String::new(), words);
    }
    if edition.units.is_empty() {
        return;
    }
    let areas: Vec<MultiPolygon<f64>> = edition.units.iter().map(|unit| unit.areas.clone()).collect();
    let topology = check_units(&areas, &edition.city, &TopologyRules::default());
    for fault in &topology.faults {
        let severity = if fault.gravity == Gravity::Blocks { Severity::Error } else { Severity::Warning };
        let codes = fault.areas.iter().filter_map(|number| edition.units.get(*number)).map(|unit| unit.code.as_str());
        let value = codes.collect::<Vec<_>>().join(" ");
        let words =
            [fault.zh(), fault.en(), "请修正单元边界".to_owned(), "correct the boundaries of the units".to_owned()];
        tell(findings, fault.code(), severity, value, words);
    }
}

pub(super) fn rules(command: &RulesCommand, library: &Library) -> anyhow::Result<Ended> {
    match command {
        RulesCommand::Check { folder, told } => {
            let (rules, found) = RuleSet::load(&edition::rules_of(folder, library)?);
            let mut findings = Findings::new();
            found.into_iter().for_each(|finding| findings.add(finding));
            told.tell(&findings)?;
            print_text(&format!("{}: {} 条规则 rules\n", folder.display(), rules.len()))?;
            Ok(ended(&findings))
        }
        RulesCommand::Lint { folder, as_of, output } => {
            lint(folder, as_of.unwrap_or_else(today), output.as_deref(), library)
        }
        RulesCommand::Impact(args) => impact(args, library),
    }
}

fn lint(folder: &Path, day: Day, output: Option<&Path>, library: &Library) -> anyhow::Result<Ended> {
    let (rules, found) = RuleSet::load(&edition::rules_of(folder, library)?);
    let mut findings = Findings::new();
    found.into_iter().for_each(|finding| findings.add(finding));
    findings.print(std::io::stderr().lock(), SHOWN_PER_KIND)?;
    let industries = crate::zoning::industry::codes(library);
    let parks = if rules.names_parks() { edition::parks_of(folder, library)? } else { None };
    let lint = rules.lint(day, Known { units: None, industries: Some(&industries), parks: parks.as_ref() });
    let mut text = String::new();
    for finding in &lint.findings {
        text += &serde_json::to_string(finding)?;
        text.push('\n');
    }
    write_or_print(output, &text)?;
    for (kind, count) in &lint.counts {
        eprintln!("{}: {count}", serde_json::to_string(kind)?.trim_matches('"'));
    }
    eprintln!("日期 / as of: {day}");
    Ok(if lint.findings.is_empty() { Ended::Done } else { Ended::WithFindings })
}

fn impact(args: &ImpactArgs, library: &Library) -> anyhow::Result<Ended> {
    let mut findings = Findings::new();
    let old = Edition::open(&args.from, library, &mut findings)?;
    let new = Edition::open(&args.to, library, &mut findings)?;
    let day = |edition: &Edition| {
        let today = args.as_of.unwrap_or_else(today);
        let term = edition.term();
        if args.as_of.is_some() || term.contains(today) { today } else { term.from.unwrap_or(today) }
    };
    let (old_law, new_law) = (old.rules.on(day(&old), old.term()), new.rules.on(day(&new), new.term()));
    let mut projects = ProjectFile::open(&args.projects, args.crs.as_deref(), &mut findings)?;
    let reading = projects.reading();
    let mut impact = Impact::default();
    let mut errors = 0u64;
    while let Some(row) = projects.next_row(&mut findings) {
        let (Ok(before), Ok(after)) = (reading.ready(&row, &old), reading.ready(&row, &new)) else {
            errors += 1;
            continue;
        };
        let (Some(old_shape), Some(new_shape)) = (&before.shape, &after.shape) else {
            return Err(Usage(
                "项目没有声明坐标系，请用 --crs / the projects declare no coordinate system, use --crs".to_owned(),
            )
            .into());
        };
        let old_ground = old.map.ground(old_shape, before.outfall.as_ref(), &old.wanted);
        let new_ground = new.map.ground(new_shape, after.outfall.as_ref(), &new.wanted);
        let judgements = new.judgements.of(&row.id, new_law.day());
        impact.add(
            (&old_law, Surroundings { ledger: &old.ledger, status: &old.status }),
            (&new_law, Surroundings { ledger: &new.ledger, status: &new.status }),
            Judged {
                id: &row.id,
                before: (&before.facts, &old_ground),
                after: (&after.facts, &new_ground),
                judgements: &judgements,
                submitted: before.submitted,
            },
        );
    }
    findings.print(std::io::stderr().lock(), SHOWN_PER_KIND)?;
    let answer = json!({
        "from": { "id": old.id(), "as_of": old_law.day().to_string() },
        "to": { "id": new.id(), "as_of": new_law.day().to_string() },
        "errors": errors,
        "impact": impact,
        "synthetic": old.files.head.synthetic || new.files.head.synthetic,
    });
    write_or_print(args.output.as_deref(), &(serde_json::to_string_pretty(&answer)? + "\n"))?;
    Ok(if errors == 0 && findings.total() == 0 { Ended::Done } else { Ended::WithFindings })
}

pub(super) fn screening(args: &ScreenArgs, library: &Library) -> anyhow::Result<Ended> {
    let mut findings = Findings::new();
    let edition = Edition::open(&args.edition, library, &mut findings);
    let edition = args.told.refused(&findings, edition)?;
    let as_of = args.as_of.unwrap_or_else(today);
    eprintln!("版本 / edition: {} · 日期 / as of: {as_of}", edition.id());
    let run = Screening {
        projects: args.projects.clone(),
        output: args.output.clone(),
        format: output_format(&args.output, args.output_format)?,
        as_of,
        crs: args.crs.clone(),
        trace: args.trace.clone(),
        resume: args.resume,
        repair: args.repair,
    };
    let result = screen(&run, &edition, &mut findings);
    let done = args.told.refused(&findings, result)?;
    args.told.tell(&findings)?;
    eprintln!("共 {0} 项，出错 {1} 项 / {0} projects, {1} errors", done.rows, done.errors);
    if edition.files.head.synthetic {
        eprintln!("模拟版本，不得用于任何业务判断 / a simulated edition, not for any decision");
    }
    Ok(if done.errors == 0 && findings.total() == 0 { Ended::Done } else { Ended::WithFindings })
}

pub(super) fn overlaying(args: &OverlayArgs) -> anyhow::Result<Ended> {
    let mut findings = Findings::new();
    let crs = match &args.crs {
        Some(text) => Some(text.parse().map_err(|fault: zoning::crs::CrsFault| {
            Usage(format!("--crs {text}: {}，{} / {fault}, {}", fault.zh(), fault.action_zh(), fault.action_en()))
        })?),
        None => None,
    };
    let run = Overlay {
        zones: args.zones.clone(),
        with: args.with.clone(),
        output: args.output.clone(),
        format: output_format(&args.output, args.output_format)?,
        areas: args.areas,
        crs,
    };
    let result = overlay(&run, &mut findings);
    let pairs = args.told.refused(&findings, result)?;
    args.told.tell(&findings)?;
    eprintln!("{pairs} 对 / pairs");
    Ok(ended(&findings))
}

fn output_format(name: &str, format: Option<FormatArg>) -> anyhow::Result<OutputFormat> {
    let format = match format {
        None => OutputFormat::of_name(name),
        Some(FormatArg::Csv) => Some(OutputFormat::Csv),
        Some(FormatArg::CsvGz) => Some(OutputFormat::CsvGz),
        Some(FormatArg::Parquet) => Some(OutputFormat::Parquet),
        Some(FormatArg::Xlsx) => None,
    };
    format.ok_or_else(|| {
        Usage(format!("{name}: 结果须为 .csv、.csv.gz 或 .parquet / an answer is .csv, .csv.gz or .parquet")).into()
    })
}

fn write_or_print(path: Option<&Path>, text: &str) -> anyhow::Result<()> {
    match path {
        None => print_text(text),
        Some(path) => {
            let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            std::io::Write::write_all(&mut file, text.as_bytes())?;
            file.persist(path).map_err(|error| error.error)?;
            Ok(())
        }
    }
}
