//! Commands that ask: figures, SQL, norms.

use super::{Ended, Usage, block_on};
use crate::air_view::AirView;
use crate::data_folder::DataFolder;
use crate::figures::Desk;
use crate::norm_files::Library;
use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use exchange::{ColumnKind, ColumnSpec, OutputFormat, TableWriter};
use indicators::Period;
use norms::{Confidence, Norms};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, Args)]
pub(super) struct FigureArgs {
    /// Data folder
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// 2022, 2022-Q1, 2022-01 or 2022-01..2022-09
    #[arg(long)]
    period: String,
    /// Only this figure
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Data as they stood: Beijing time such as 2023-01-15T12:00 or a day (its end), or a printed position
    #[arg(long, value_name = "TIME", value_parser = as_of)]
    as_of: Option<AsOf>,
    /// Print the rows behind the figures
    #[arg(long)]
    rows: bool,
    /// Format
    #[arg(long, value_enum, default_value = "csv")]
    format: FigureFormat,
}

impl FigureArgs {
    pub(super) fn data(&self) -> &Path {
        &self.data
    }
}

/// Which state of the data a figure is asked of.
#[derive(Clone, PartialEq, Eq, Debug)]
enum AsOf {
    /// What was newest at an instant.
    Instant(jiff::Timestamp),
    /// The versions that an earlier answer named.
    Position(lake::Versions),
}

/// Reads `--as-of`.
fn as_of(text: &str) -> Result<AsOf, String> {
    use jiff::civil::{Date, DateTime};
    if text.contains('@') {
        return text.parse().map(AsOf::Position).map_err(|error: lake::VersionsError| error.to_string());
    }
    let wrong = || format!("{text}: 应如 2023-01-15、2023-01-15T12:00 或 as_of 一列的内容 / as 2023-01-15T12:00");
    let local: DateTime = match text.len() {
        10 => text.parse::<Date>().and_then(Date::tomorrow).map_err(|_| wrong())?.at(0, 0, 0, 0),
        _ => text.parse().map_err(|_| wrong())?,
    };
    let at = local.in_tz("Asia/Shanghai").map_err(|_| wrong())?.timestamp();
    // A day is meant to its end, not into the next.
    let at = if text.len() == 10 { at - jiff::SignedDuration::from_millis(1) } else { at };
    Ok(AsOf::Instant(at))
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum FigureFormat {
    Csv,
    Json,
}

#[derive(Debug, Args)]
pub(super) struct SqlArgs {
    /// Data folder
    #[arg(long, value_name = "DIR", required_unless_present = "functions")]
    data: Option<PathBuf>,
    /// One SELECT
    #[arg(value_name = "SELECT", required_unless_present = "functions")]
    select: Option<String>,
    /// List the functions of the norms
    #[arg(long)]
    functions: bool,
}

impl SqlArgs {
    pub(super) fn data(&self) -> Option<&Path> {
        self.data.as_deref()
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum NormsCommand {
    /// Instruments with dates, confidence and file
    #[command(after_help = "Example:\n  yundang norms list")]
    List,
    /// Read a folder over the embedded tables and say what is wrong
    #[command(after_help = "Example:\n  yundang norms check my-norms")]
    Check {
        /// Folder of norms
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// Write the tables in force to a folder, to be corrected there
    #[command(after_help = "Example:\n  yundang norms export my-norms")]
    Export {
        /// Folder to make
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

fn shared(library: &Library) -> anyhow::Result<Arc<Norms>> {
    Norms::load(&library.files).map(Arc::new).map_err(|errors| anyhow::anyhow!("{}", errors[0]))
}

pub(super) fn figures(args: &FigureArgs, library: &Library) -> anyhow::Result<Ended> {
    let period: Period = args.period.parse().map_err(|error: indicators::PeriodError| Usage(error.to_string()))?;
    block_on(async {
        let folder = DataFolder::open(&args.data, shared(library)?).await?;
        let catalogue = &folder.pack.catalogue;
        let chosen: Vec<_> =
            catalogue.figures.iter().filter(|figure| args.id.as_ref().is_none_or(|id| *id == figure.id)).collect();
        if chosen.is_empty() {
            let known: Vec<&str> = catalogue.figures.iter().map(|figure| figure.id.as_str()).collect();
            let known = known.join(", ");
            return Err(Usage(format!("没有这个指标，已有：{known} / no such figure; known: {known}")).into());
        }
        let versions = match &args.as_of {
            None => folder.lake.versions().await?,
            Some(AsOf::Position(versions)) => versions.clone(),
            Some(AsOf::Instant(at)) => folder.lake.versions_at(*at).await?,
        };
        if versions.of(lake::Table::Observation).is_none() {
            return Err(Usage("当时还没有数据 / there were no data then".to_owned()).into());
        }
        let view = AirView::load(&folder, &library.norms, &versions, true).await?;
        let desk = Desk::open(&folder, &library.norms, &view).await?;
        eprintln!("位置 / position: {}", desk.position());
        if args.rows {
            return rows(&desk, &chosen, period, args.format).await;
        }
        let mut answers = Vec::new();
        for figure in chosen {
            let answer = desk.answer(figure, period).await?;
            answers.push(serde_json::json!({
                "id": figure.id,
                "period": period.to_string(),
                "city": folder.pack.city.code,
                "name": figure.name_zh,
                "value": answer.value,
                "unit": figure.unit,
                "class": figure.class.letter(),
                "text": answer.said.zh,
                "rows": answer.rows,
                "definition_version": figure.version,
                "comparison": figure.comparison.name(),
                "previous": answer.previous,
                "direction": answer.direction.map(indicators::Direction::name),
                "as_of": desk.position(),
            }));
        }
        match args.format {
            FigureFormat::Json => super::print_text(&format!("{}\n", serde_json::to_string_pretty(&answers)?))?,
            FigureFormat::Csv => print_csv(&answers)?,
        }
        Ok(Ended::Done)
    })
}

const FIGURE_COLUMNS: [&str; 14] = [
    "id",
    "period",
    "city",
    "name",
    "value",
    "unit",
    "class",
    "text",
    "rows",
    "definition_version",
    "comparison",
    "previous",
    "direction",
    "as_of",
];

fn print_csv(answers: &[serde_json::Value]) -> anyhow::Result<()> {
    let columns = FIGURE_COLUMNS.iter().map(|name| ColumnSpec::new(name, ColumnKind::Text)).collect();
    let mut writer = TableWriter::create("-", OutputFormat::Csv, columns)?;
    for answer in answers {
        for name in FIGURE_COLUMNS {
            match &answer[name] {
                serde_json::Value::Null => writer.text(""),
                serde_json::Value::String(text) => writer.text(text),
                other => writer.text(&other.to_string()),
            }
        }
        writer.end_row()?;
    }
    Ok(writer.finish()?)
}

/// Columns of a row that tell it from every other.
const KEY_COLUMNS: [&str; 6] = ["station", "parameter", "time", "city_name", "figure", "period"];

/// Prints `figure_id,table,row_id,…`: the key of each row, and what stands in it. One table, whose columns are those
/// of every chosen figure.
async fn rows(
    desk: &Desk<'_>,
    chosen: &[&indicators::Definition],
    period: Period,
    format: FigureFormat,
) -> anyhow::Result<Ended> {
    let mut columns: Vec<String> = Vec::new();
    for figure in chosen {
        let own = desk.columns(figure, period).await?;
        let new: Vec<String> = own.into_iter().filter(|name| !columns.contains(name)).collect();
        columns.extend(new);
    }
    let head: Vec<&str> =
        ["figure_id", "table", "row_id"].into_iter().chain(columns.iter().map(String::as_str)).collect();
    let specs = head.iter().map(|name| ColumnSpec::new(name, ColumnKind::Text)).collect();
    let mut csv = match format {
        FigureFormat::Csv => Some(TableWriter::create("-", OutputFormat::Csv, specs)?),
        FigureFormat::Json => None,
    };
    let mut objects = Vec::new();
    for figure in chosen {
        let (own, rows) = desk.rows(figure, period, 0, usize::MAX >> 2).await?;
        let table = table_of(&figure.rows_sql);
        let places: Vec<Option<usize>> =
            columns.iter().map(|name| own.iter().position(|column| column == name)).collect();
        for row in rows {
            let keys = own.iter().zip(&row).filter(|(name, _)| KEY_COLUMNS.contains(&name.as_str()));
            let key: Vec<String> = keys.map(|(_, cell)| cell.to_string()).collect();
            let start = [figure.id.clone(), table.to_owned(), key.join("|")];
            let Some(writer) = &mut csv else {
                let known = own.iter().map(String::as_str).zip(row.iter().map(crate::office::json));
                let start = head.iter().copied().zip(start.into_iter().map(serde_json::Value::from));
                let all = start.chain(known).map(|(name, value)| (name.to_owned(), value));
                objects.push(all.collect::<serde_json::Map<_, _>>());
                continue;
            };
            start.iter().for_each(|cell| writer.text(cell));
            for place in &places {
                writer.text(&place.and_then(|place| row.get(place)).map(ToString::to_string).unwrap_or_default());
            }
            writer.end_row()?;
        }
    }
    match csv {
        Some(writer) => writer.finish()?,
        None => super::print_text(&format!("{}\n", serde_json::to_string(&objects)?))?,
    }
    Ok(Ended::Done)
}

/// The first table that a question reads.
fn table_of(sql: &str) -> &str {
    sql.split_once(" FROM ").map_or("", |(_, rest)| rest.split_whitespace().next().unwrap_or_default())
}

pub(super) fn sql(args: &SqlArgs, library: &Library) -> anyhow::Result<Ended> {
    if args.functions {
        for function in lake::functions_doc() {
            super::print_text(&format!(
                "{}({})\n  {} / {}\n  {}\n  {}\n",
                function.name,
                function.arguments,
                function.meaning_zh,
                function.meaning_en,
                function.clause,
                function.example
            ))?;
        }
        return Ok(Ended::Done);
    }
    let (Some(data), Some(select)) = (&args.data, &args.select) else {
        return Err(Usage("--data 和 SELECT 必填 / are needed".to_owned()).into());
    };
    block_on(async {
        let folder = DataFolder::open(data, shared(library)?).await?;
        let session = folder.lake.session(lake::Limits::FREE).await?;
        let mut answer = session.select(select).await?;
        let columns = answer.columns().iter().map(|name| ColumnSpec::new(name, ColumnKind::Text)).collect();
        let mut writer = TableWriter::create("-", OutputFormat::Csv, columns)?;
        while let Some(batch) = answer.next().await {
            for row in lake::cells(&batch?)? {
                row.iter().for_each(|cell| writer.text(&cell.to_string()));
                writer.end_row()?;
            }
        }
        writer.finish()?;
        Ok(Ended::Done)
    })
}

pub(super) fn norms(what: &NormsCommand, library: &Library) -> anyhow::Result<Ended> {
    match what {
        NormsCommand::List => {
            let names = ["id", "from", "to", "confidence", "title_zh", "source", "file"];
            let columns = names.iter().map(|name| ColumnSpec::new(name, ColumnKind::Text)).collect();
            let mut writer = TableWriter::create("-", OutputFormat::Csv, columns)?;
            for norms::Entry { instrument, file, .. } in &library.norms.instruments {
                writer.text(&instrument.id);
                writer.text(&instrument.from.map(|day| day.to_string()).unwrap_or_default());
                writer.text(&instrument.to.map(|day| day.to_string()).unwrap_or_default());
                writer.text(if instrument.confidence == Confidence::Memory { "memory" } else { "verified" });
                writer.text(&instrument.title_zh);
                writer.text(&instrument.source);
                writer.text(file);
                writer.end_row()?;
            }
            writer.finish()?;
            eprintln!("hash {}", library.norms.hash);
        }
        NormsCommand::Check { folder } => {
            let checked = Library::load(folder.as_deref())?;
            super::print_text(&format!(
                "{} 个文件 files, {} 个版本 instruments, hash {}\n",
                checked.files.len(),
                checked.norms.instruments.len(),
                checked.norms.hash
            ))?;
        }
        NormsCommand::Export { folder } => {
            for file in &library.files {
                let path = folder.join(&file.path);
                let writing = || format!("{}: 无法写入 / cannot be written", path.display());
                if let Some(parent) = path.parent() {
                    std::fs::create_dir_all(parent).with_context(writing)?;
                }
                std::fs::write(&path, &file.text).with_context(writing)?;
            }
        }
    }
    Ok(Ended::Done)
}
