//! Screening in bulk: one row for each project, in the order of the file, however many there are.
//!
//! A batch of rows is judged on all processors and written before the next is read, so that memory does not grow with
//! the file. What is written goes to `F.part` until the end; `--resume` goes on behind the last whole batch.

use super::Edition;
use super::project::{ProjectFile, ProjectRow, Reading};
use crate::cli::Usage;
use anyhow::{Context, bail};
use exchange::{ColumnKind, ColumnSpec, Findings, OutputFormat, Place, TableWriter};
use norms::Day;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use zoning::ground::Ground;
use zoning::shape::Consent;
use zoning::{InForce, Project, Surroundings};

/// The columns of an answer.
pub const COLUMNS: [&str; 9] = ["id", "verdict", "best", "worst", "units", "deciding", "missing", "edition", "as_of"];
/// The verdict of a row that cannot be screened.
const ERROR: &str = "ERROR";
/// Rows that are judged before they are written.
const BATCH_ROWS: usize = 4096;

/// What is to be screened.
#[derive(Clone, Debug)]
pub struct Screening {
    /// The projects.
    pub projects: PathBuf,
    /// Where the answers go; `-` is standard output.
    pub output: String,
    /// In which format.
    pub format: OutputFormat,
    /// The day whose law is asked.
    pub as_of: Day,
    /// The coordinate system that the user declares.
    pub crs: Option<String>,
    /// Where traces go, one JSON object a line.
    pub trace: Option<PathBuf>,
    /// Whether to go on behind what an earlier run wrote.
    pub resume: bool,
    /// Whether shapes that cross themselves are to be repaired.
    pub repair: bool,
}

/// What a run did.
#[derive(Clone, Copy, Default, Debug)]
pub struct Screened {
    /// Rows answered, those of earlier runs too.
    pub rows: u64,
    /// Rows that could not be screened.
    pub errors: u64,
}

struct Answered {
    /// Line of a shape that was repaired.
    repaired: Option<u64>,
    cells: [String; 9],
    trace: Option<String>,
}

/// Screens a file of projects under an edition.
///
/// # Errors
/// When a file cannot be read or written, or a run cannot be resumed.
pub fn screen(run: &Screening, edition: &Edition, findings: &mut Findings) -> anyhow::Result<Screened> {
    let mut projects = ProjectFile::open(&run.projects, run.crs.as_deref(), findings)?;
    let law = edition.rules.on(run.as_of, edition.term());
    let mut writer = Writer::open(run, edition)?;
    let mut done = Screened { rows: writer.rows(), errors: 0 };
    for _ in 0..writer.rows() {
        if projects.next_row(findings).is_none() {
            bail!(Usage(format!("{}: 比上次少 / is shorter than before", run.projects.display())));
        }
    }
    let consent = if run.repair { Consent::Repair } else { Consent::Refuse };
    let reading = projects.reading().with(consent);
    let mut batch = Vec::with_capacity(BATCH_ROWS);
    loop {
        batch.extend(std::iter::from_fn(|| projects.next_row(findings)).take(BATCH_ROWS));
        if batch.is_empty() {
            break;
        }
        for answered in judge(&batch, &reading, edition, &law, run.trace.is_some()) {
            done.rows += 1;
            done.errors += u64::from(answered.cells[1] == ERROR);
            if answered.repaired.is_some() {
                findings.report(
                    "shape_repaired",
                    Place { line: answered.repaired, field: "geometry", value: &answered.cells[0] },
                );
            }
            writer.row(&answered)?;
        }
        writer.batch_ended()?;
        if done.rows.is_multiple_of(50 * BATCH_ROWS as u64) {
            eprintln!("  已研判 {0} 项 / {0} projects screened", done.rows);
        }
        batch.clear();
    }
    writer.finish()?;
    Ok(done)
}

/// Judges rows on all processors; the answers are in the order of the rows.
fn judge(rows: &[ProjectRow], reading: &Reading, edition: &Edition, law: &InForce<'_>, traced: bool) -> Vec<Answered> {
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let share = rows.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let work =
            |part: &[ProjectRow]| part.iter().map(|row| one(row, reading, edition, law, traced)).collect::<Vec<_>>();
        let parts: Vec<_> = rows.chunks(share).map(|part| (part, scope.spawn(move || work(part)))).collect();
        // A thread that died leaves its rows to be judged here, where the cause comes up again.
        parts.into_iter().flat_map(|(part, thread)| thread.join().unwrap_or_else(|_| work(part))).collect()
    })
}

fn one(row: &ProjectRow, reading: &Reading, edition: &Edition, law: &InForce<'_>, traced: bool) -> Answered {
    let (id, as_of) = (row.id.clone(), law.day().to_string());
    let ready = match reading.ready(row, edition) {
        Ok(ready) => ready,
        Err(reason) => {
            let reason = format!("{}: {reason}", row.line).replace(['\n', '\r'], " ");
            let none = String::new;
            let cells = [id, ERROR.to_owned(), none(), none(), none(), none(), reason, edition.id().to_owned(), as_of];
            let trace =
                traced.then(|| serde_json::json!({ "id": cells[0], "verdict": ERROR, "reason": cells[6] }).to_string());
            return Answered { repaired: None, cells, trace };
        }
    };
    let ground = match &ready.shape {
        Some(shape) => edition.map.ground(shape, ready.outfall.as_ref(), &edition.wanted),
        None => Ground::default(),
    };
    let judgements = edition.judgements.of(&row.id, law.day());
    let project = Project {
        facts: &ready.facts,
        ground: &ground,
        judgements: &judgements,
        submitted: ready.submitted,
        crs_declared: reading.crs_declared(),
    };
    let around = Surroundings { ledger: &edition.ledger, status: &edition.status };
    let screened = law.screen(project, around);
    let trace = traced.then(|| {
        let trace = law.trace(project, around, edition.id());
        serde_json::json!({ "id": row.id, "trace": trace }).to_string()
    });
    // Without coordinates that mean something nothing else of the ground is asked.
    let missing = if reading.crs_declared() { screened.missing().join(";") } else { "crs".to_owned() };
    let word = |verdict: zoning::Verdict| verdict.word().to_owned();
    Answered {
        repaired: ready.repaired.then_some(row.line),
        cells: [
            id,
            word(screened.verdict),
            word(screened.best),
            word(screened.worst),
            screened.units().join(";"),
            screened.deciding().join(";"),
            missing,
            edition.id().to_owned(),
            as_of,
        ],
        trace,
    }
}

/// What an interrupted run says about itself.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct RunMark {
    edition: String,
    as_of: String,
    crs: Option<String>,
    #[serde(default)]
    repair: bool,
    projects_bytes: u64,
    /// Whole batches end here: rows, and bytes of the two files.
    rows: u64,
    answer_bytes: u64,
    trace_bytes: u64,
}

enum Writer {
    /// A table that appears when it is whole.
    Whole(Box<Whole>),
    /// Text that grows in `F.part` and can be gone on with.
    Growing(Box<Growing>),
}

struct Whole {
    table: TableWriter,
    trace: Option<BufWriter<tempfile::NamedTempFile>>,
    trace_path: Option<PathBuf>,
}

struct Growing {
    mark: RunMark,
    answers: csv::Writer<Counted>,
    trace: Option<Counted>,
    output: PathBuf,
    trace_path: Option<PathBuf>,
}

/// A file that knows how long it is.
struct Counted {
    file: BufWriter<File>,
    bytes: u64,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

fn open_part(path: &Path, keep_bytes: u64) -> anyhow::Result<Counted> {
    let told = || format!("{}: 无法写入 / cannot be written", path.display());
    let file = OpenOptions::new().create(true).write(true).truncate(false).open(path).with_context(told)?;
    file.set_len(keep_bytes).with_context(told)?;
    let mut file = BufWriter::new(file);
    std::io::Seek::seek(&mut file, std::io::SeekFrom::End(0)).with_context(told)?;
    Ok(Counted { file, bytes: keep_bytes })
}

impl Writer {
    fn open(run: &Screening, edition: &Edition) -> anyhow::Result<Self> {
        if run.format != OutputFormat::Csv || run.output == "-" {
            if run.resume {
                bail!(Usage("--resume 只用于 .csv 结果 / --resume is for answers in .csv".to_owned()));
            }
            let columns = COLUMNS.iter().map(|name| ColumnSpec::new(name, ColumnKind::Text)).collect();
            let table = TableWriter::create(&run.output, run.format, columns)?;
            let trace = match &run.trace {
                Some(path) => {
                    let folder =
                        path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
                    Some(BufWriter::new(tempfile::NamedTempFile::new_in(folder)?))
                }
                None => None,
            };
            return Ok(Self::Whole(Box::new(Whole { table, trace, trace_path: run.trace.clone() })));
        }
        let output = PathBuf::from(&run.output);
        let fresh = RunMark {
            edition: edition.files.hash.whole.clone(),
            as_of: run.as_of.to_string(),
            crs: run.crs.clone(),
            repair: run.repair,
            projects_bytes: std::fs::metadata(&run.projects)?.len(),
            rows: 0,
            answer_bytes: 0,
            trace_bytes: 0,
        };
        let mark = match std::fs::read_to_string(beside(&output, ".part.json")) {
            Ok(text) if run.resume => {
                let mark: RunMark = serde_json::from_str(&text)?;
                let same = RunMark {
                    rows: mark.rows,
                    answer_bytes: mark.answer_bytes,
                    trace_bytes: mark.trace_bytes,
                    ..fresh
                };
                if mark != same {
                    bail!(Usage(format!(
                        "{}: 上次研判的版本、日期、坐标系、修复与否或项目文件不同，不能续跑 / the earlier run had another edition, day, \
                         coordinate system, consent to repair or file, it cannot be resumed",
                        output.display()
                    )));
                }
                mark
            }
            _ => fresh,
        };
        let mut answers = csv::WriterBuilder::new()
            .has_headers(false)
            .from_writer(open_part(&beside(&output, ".part"), mark.answer_bytes)?);
        if mark.answer_bytes == 0 {
            answers.write_record(COLUMNS)?;
        }
        let trace = run.trace.as_ref().map(|path| open_part(&beside(path, ".part"), mark.trace_bytes)).transpose()?;
        Ok(Self::Growing(Box::new(Growing { mark, answers, trace, output, trace_path: run.trace.clone() })))
    }

    fn rows(&self) -> u64 {
        match self {
            Self::Whole(_) => 0,
            Self::Growing(growing) => growing.mark.rows,
        }
    }

    fn row(&mut self, answered: &Answered) -> anyhow::Result<()> {
        match self {
            Self::Whole(whole) => {
                answered.cells.iter().for_each(|cell| whole.table.text(cell));
                whole.table.end_row()?;
                if let (Some(file), Some(line)) = (&mut whole.trace, &answered.trace) {
                    writeln!(file, "{line}")?;
                }
            }
            Self::Growing(growing) => {
                growing.answers.write_record(&answered.cells)?;
                if let (Some(file), Some(line)) = (&mut growing.trace, &answered.trace) {
                    writeln!(file, "{line}")?;
                }
                growing.mark.rows += 1;
            }
        }
        Ok(())
    }

    fn batch_ended(&mut self) -> anyhow::Result<()> {
        let Self::Growing(growing) = self else { return Ok(()) };
        growing.answers.flush()?;
        growing.mark.answer_bytes = growing.answers.get_ref().bytes;
        if let Some(trace) = &mut growing.trace {
            trace.flush()?;
            growing.mark.trace_bytes = trace.bytes;
        }
        let path = beside(&growing.output, ".part.json");
        std::fs::write(&path, serde_json::to_vec(&growing.mark)?)
            .with_context(|| format!("{}: 无法写入 / cannot be written", path.display()))
    }

    fn finish(self) -> anyhow::Result<()> {
        match self {
            Self::Whole(whole) => {
                let Whole { table, trace, trace_path } = *whole;
                table.finish()?;
                if let (Some(trace), Some(path)) = (trace, trace_path) {
                    let file = trace.into_inner().map_err(std::io::IntoInnerError::into_error)?;
                    file.persist(&path).map_err(|error| error.error)?;
                }
            }
            Self::Growing(mut growing) => {
                growing.answers.flush()?;
                growing.answers.get_ref().file.get_ref().sync_all()?;
                if let (Some(trace), Some(path)) = (&mut growing.trace, &growing.trace_path) {
                    trace.flush()?;
                    trace.file.get_ref().sync_all()?;
                    std::fs::rename(beside(path, ".part"), path)?;
                }
                std::fs::rename(beside(&growing.output, ".part"), &growing.output)?;
                match std::fs::remove_file(beside(&growing.output, ".part.json")) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}
