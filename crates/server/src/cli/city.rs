//! Commands that make, fill, serve and tend a city.

use super::{Ended, SHOWN_PER_KIND, Usage, block_on};
use crate::data_folder::{DataFolder, Elsewhere, Kind};
use crate::demo::open_or_make;
use crate::import::Imported;
use crate::norm_files::Library;
use crate::office::Office;
use anyhow::Context;
use clap::Args;
use exchange::{ColumnKind, ColumnSpec, Findings, OutputFormat, TableWriter, Target, TextTable};
use lake::CellKind;
use norms::Norms;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files in a partition beyond which it is written anew as one.
const FILES_PER_PARTITION_MAX: usize = 4;

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// What the table holds: station or observation
    #[arg(value_name = "TABLE", required_unless_present = "list", value_parser = ["station", "observation"])]
    table: Option<String>,
    /// Data folder
    #[arg(long, value_name = "DIR", required_unless_present = "list")]
    data: Option<PathBuf>,
    /// Declared source (see --list), or the name that stands in the rows
    #[arg(long, value_name = "NAME", required_unless_present = "list")]
    source: Option<String>,
    /// Tables: .csv, .csv.gz, .xlsx or .parquet
    #[arg(value_name = "F", required_unless_present = "list")]
    files: Vec<PathBuf>,
    /// Also write the findings as JSON lines
    #[arg(long, value_name = "F.jsonl")]
    findings: Option<PathBuf>,
    /// List the declared sources
    #[arg(long, exclusive = true)]
    list: bool,
}

impl ImportArgs {
    pub(super) fn data(&self) -> Option<&Path> {
        self.data.as_deref()
    }
}

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// Table of the lake
    #[arg(value_name = "TABLE", value_parser = ["observation", "observation_history", "station", "city_index", "evidence"])]
    table: String,
    /// Data folder
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Target: .csv, .csv.gz or .parquet; `-` is CSV on standard output
    #[arg(long, value_name = "F")]
    output: String,
}

impl ExportArgs {
    pub(super) fn data(&self) -> &Path {
        &self.data
    }
}

/// The norms as the lake shares them: the same files read once more, since a library owns its own.
pub(super) fn shared_norms(library: &Library) -> anyhow::Result<Arc<Norms>> {
    Norms::load(&library.files).map(Arc::new).map_err(|errors| anyhow::anyhow!("{}", errors[0]))
}

pub(super) async fn open(data: &Path, library: &Library) -> anyhow::Result<DataFolder> {
    DataFolder::open(data, shared_norms(library)?).await
}

pub(super) fn demo(data: &Path, listen: SocketAddr, no_serve: bool, library: Library) -> anyhow::Result<Ended> {
    block_on(async {
        let norms = shared_norms(&library)?;
        let folder = open_or_make(data, "xiamen", &library, norms).await?;
        if !no_serve {
            serve_folder(folder, listen, None, library).await?;
        }
        Ok(Ended::Done)
    })
}

pub(super) fn init(data: &Path, city: &str, elsewhere: Elsewhere<'_>, library: &Library) -> anyhow::Result<Ended> {
    block_on(async {
        DataFolder::create(data, Kind::Real, city, elsewhere, shared_norms(library)?).await?;
        let shown = data.display();
        super::print_text(&format!(
            "已建立空的城市 / an empty city is ready: {shown}\n下一步 / next: yundang serve --data {shown}\n"
        ))?;
        Ok(Ended::Done)
    })
}

pub(super) fn serve(data: &Path, listen: SocketAddr, url: Option<&str>, library: Library) -> anyhow::Result<Ended> {
    block_on(async {
        let folder = open(data, &library).await?;
        serve_folder(folder, listen, url, library).await?;
        Ok(Ended::Done)
    })
}

async fn serve_folder(
    folder: DataFolder,
    listen: SocketAddr,
    url: Option<&str>,
    library: Library,
) -> anyhow::Result<()> {
    let office = Arc::new(Office::open(folder, Arc::new(library)).await?);
    if let Some(url) = url {
        office.reached_at(url);
    }
    let code = operator_code();
    let shown = code.clone();
    crate::http::serve(office, listen, code, move |address| {
        let text = format!(
            "URL: http://{address}/\noperator code: {shown}\n操作员一次性口令如上；按 Ctrl+C 停止 / the one-time operator code stands above; stop with Ctrl+C\n"
        );
        // A closed standard output must not stop the service.
        let _ = super::print_text(&text);
    })
    .await
}

/// A one-time code from the system's random source.
fn operator_code() -> String {
    let random = uuid::Uuid::new_v4().simple().to_string();
    format!("{}-{}-{}", &random[..4], &random[4..8], &random[20..24])
}

pub(super) fn import(args: &ImportArgs, library: &Library) -> anyhow::Result<Ended> {
    if args.list {
        for source in library.sources.values() {
            super::print_text(&format!("{}\t{}\t{}\n", source.id, source.name_zh, source.name_en))?;
        }
        return Ok(Ended::Done);
    }
    let (Some(table), Some(data), Some(source)) = (&args.table, &args.data, &args.source) else {
        return Err(Usage("TABLE, --data 和 --source 必填 / are needed".to_owned()).into());
    };
    let target = if table == "station" { Target::Station } else { Target::Observation };
    let mut findings = Findings::new();
    block_on(async {
        let folder = open(data, library).await?;
        for path in &args.files {
            findings.set_file(&path.display().to_string());
            eprintln!("{}: 正在导入 / importing", path.display());
            let content = TextTable::open(path, &mut findings)?;
            let now = jiff::Timestamp::now();
            let done = crate::import::import(&folder, library, target, source, content, now, &mut findings).await?;
            report(path, done.as_ref());
        }
        Ok(())
    })?;
    if let Some(path) = &args.findings {
        findings.write_jsonl(path)?;
    }
    findings.print(std::io::stderr().lock(), SHOWN_PER_KIND)?;
    Ok(if findings.total() == 0 { Ended::Done } else { Ended::WithFindings })
}

fn report(path: &Path, done: Option<&Imported>) {
    let Some(done) = done else {
        eprintln!("{}: 没有导入，原因见下 / not imported, the reason stands below", path.display());
        return;
    };
    eprintln!(
        "{}: 读 read {} 行 rows; 新 new {}, 相同 equal {}, 修订 revised {}, 其他城市 elsewhere {}",
        path.display(),
        done.rows_read,
        done.rows_new,
        done.rows_equal,
        done.rows_revised,
        done.rows_elsewhere
    );
}

pub(super) fn export(args: &ExportArgs, library: &Library) -> anyhow::Result<Ended> {
    let format = OutputFormat::of_name(&args.output)
        .ok_or_else(|| Usage(format!("{}: .csv, .csv.gz, .parquet", args.output)))?;
    block_on(async {
        let folder = open(&args.data, library).await?;
        let limits = lake::Limits { rows_max: usize::MAX >> 2, seconds_max: 3600, ..lake::Limits::OWN };
        let session = folder.lake.session(limits).await?;
        // The name is one of a fixed list.
        let mut answer = session.select(&format!("SELECT * FROM {}", args.table)).await?;
        let (names, kinds) = (answer.columns(), answer.kinds());
        let kind = |kind: &CellKind| match kind {
            CellKind::Count => ColumnKind::Long,
            CellKind::Number => ColumnKind::Number,
            CellKind::Other => ColumnKind::Text,
        };
        let columns = names.iter().zip(&kinds).map(|(name, of)| ColumnSpec::new(name, kind(of))).collect();
        let mut writer = TableWriter::create(&args.output, format, columns)?;
        while let Some(batch) = answer.next().await {
            for row in lake::cells(&batch?)? {
                for (cell, kind) in row.iter().zip(&kinds) {
                    match kind {
                        CellKind::Count => writer.int(cell.as_count()),
                        CellKind::Number => writer.float(cell.as_number()),
                        CellKind::Other => writer.text(&cell.to_string()),
                    }
                }
                writer.end_row()?;
            }
        }
        writer.finish()?;
        Ok(Ended::Done)
    })
}

pub(super) fn maintain(data: &Path, keep_hours: u32, library: &Library) -> anyhow::Result<Ended> {
    block_on(async {
        let folder = open(data, library).await?;
        let compacted = folder.lake.compact(FILES_PER_PARTITION_MAX).await.context("compact")?;
        let vacuumed = folder.lake.vacuum(keep_hours).await.context("vacuum")?;
        eprintln!("{compacted:?}\n{vacuumed:?}");
        Ok(Ended::Done)
    })
}
