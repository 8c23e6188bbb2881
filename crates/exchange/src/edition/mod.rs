//! Edition folders: read as they stand, or built from a manifest, all or nothing.
//!
//! A folder needs no build: files under their names suffice, and only those that matter. `edition.toml` (id, city, crs,
//! from, to), `units.*`, `outline.*`, `layers.csv` with `layers/<key>.*` (`:` is `__` in a file name), `rules/*.toml`,
//! `tables/*.csv`, `facts.toml`, `ledger.csv`, `status.csv`, `judgements.csv`, `citations.csv`.

mod build;
mod content;
mod head;
mod layers;
mod manifest;
mod text;
pub(crate) mod words;

pub use build::{BuildReport, build};
pub use content::{GRID_DEGREES, GRID_METRES};
pub use head::EditionHead;
pub use layers::LayerEntry;
pub use manifest::{FileSource, LayerManifest, Manifest, TextSources};
pub use text::TextFile;

use crate::spatial::{
    FeatureTable, FieldAliases, Limits, ReadOptions, Source, SpatialError, SpatialFormat, read_features,
};
use crate::{Findings, Place};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Why an edition cannot be read or built at all.
#[derive(Debug, thiserror::Error)]
pub enum EditionError {
    /// A file or folder cannot be read or written.
    #[error("{path}: 无法读写 / cannot be read or written: {source}")]
    Io {
        /// Path as the user named it.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// What there is was refused; the findings say why, and nothing was written.
    #[error("{path}: 未接受，见所列问题 / refused, see the findings")]
    Refused {
        /// Path as the user named it.
        path: String,
    },
}

/// One element layer of an edition.
#[derive(Clone, PartialEq, Debug)]
pub struct LayerFile {
    /// What is said about it.
    pub entry: LayerEntry,
    /// Its areas, with fields under their meanings.
    pub table: FeatureTable,
    /// Where it was surveyed; none when no file says so.
    pub coverage: Option<FeatureTable>,
}

/// Everything that an edition folder holds, as it stood. A part that is absent is empty or none.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct EditionFiles {
    /// Id, city, coordinate system and term.
    pub head: EditionHead,
    /// Control units, with fields under their meanings (`code`, `name`, `class`, …).
    pub units: Option<FeatureTable>,
    /// Outline of the city.
    pub outline: Option<FeatureTable>,
    /// Element layers in order of their keys.
    pub layers: Vec<LayerFile>,
    /// Clauses: `rules/*.toml` in order of their names.
    pub rules: Vec<TextFile>,
    /// Decision tables: `tables/*.csv` in order of their names.
    pub tables: Vec<TextFile>,
    /// `facts.toml`, `ledger.csv`, `status.csv`, `judgements.csv`, `citations.csv` and whatever else lies beside them.
    pub others: BTreeMap<String, TextFile>,
    /// SHA-256 over the content in its canonical form, and over each part.
    pub hash: ContentHash,
}

impl EditionFiles {
    /// A text file of the folder, such as `facts.toml`.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&TextFile> {
        self.others.get(name)
    }
}

/// What an edition holds, as numbers that tell editions apart: the same data by any format gives the same.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ContentHash {
    /// Over all parts, in hexadecimal.
    pub whole: String,
    /// Part, such as `units`, `layer/park:jimei-houxi` or `rules/city.toml` → its own.
    pub parts: BTreeMap<String, String>,
}

/// Files of an edition folder that are text and stand at its top.
const TEXTS: [&str; 5] = ["facts.toml", "ledger.csv", "status.csv", "judgements.csv", "citations.csv"];

/// Reads a folder. What is wrong with a part is a finding, and the part is absent.
///
/// # Errors
/// When the folder or a file in it cannot be read.
pub fn read(folder: &Path, aliases: &FieldAliases, findings: &mut Findings) -> Result<EditionFiles, EditionError> {
    let io = |path: &Path| {
        let path = path.display().to_string();
        move |source| EditionError::Io { path, source }
    };
    let names = list(folder).map_err(io(folder))?;
    let head_path = folder.join("edition.toml");
    let head = if names.contains(&"edition.toml".to_owned()) {
        let text = text::read(&head_path).map_err(io(&head_path))?;
        EditionHead::read(&text.text, &head_path.display().to_string(), findings)
    } else {
        findings.set_file(&head_path.display().to_string());
        findings.report("edition_head_missing", Place::default());
        EditionHead::default()
    };
    let mut files = EditionFiles { head, ..EditionFiles::default() };
    for name in TEXTS {
        if names.iter().any(|other| other == name) {
            let path = folder.join(name);
            files.others.insert(name.to_owned(), text::read(&path).map_err(io(&path))?);
        }
    }
    files.rules = text::read_all(&folder.join("rules"), ".toml").map_err(io(&folder.join("rules")))?;
    files.tables = text::read_all(&folder.join("tables"), ".csv").map_err(io(&folder.join("tables")))?;
    let layer_folder = folder.join("layers");
    let layer_names = if layer_folder.is_dir() { list(&layer_folder).map_err(io(&layer_folder))? } else { Vec::new() };
    let entries = layers::read(folder, &names, &layer_names, findings).map_err(io(&folder.join("layers.csv")))?;
    if files.rules.is_empty() && files.tables.is_empty() {
        findings.set_file(&folder.display().to_string());
        findings.report("edition_rules_missing", Place::default());
    }

    let mut jobs: Vec<Job> = Vec::new();
    for part in [Part::Units, Part::Outline] {
        let stem = if part == Part::Units { "units" } else { "outline" };
        match spatial_files(&names, stem).as_slice() {
            [] if part == Part::Units => {
                findings.set_file(&folder.display().to_string());
                findings.report("edition_units_missing", Place::default());
            }
            [] => {}
            [first, others @ ..] => {
                if !others.is_empty() {
                    findings.set_file(&folder.display().to_string());
                    findings.report("edition_twice", Place { value: &others.join(" "), ..Place::default() });
                }
                jobs.push(Job { part, path: folder.join(first) });
            }
        }
    }
    for (n, (entry, path)) in entries.iter().enumerate() {
        jobs.push(Job { part: Part::Layer(n), path: path.clone() });
        // Many layers share one coverage: it is read for the first of them.
        if let Some(coverage) = &entry.coverage
            && first_with(&entries, coverage) == Some(n)
        {
            jobs.push(Job { part: Part::Coverage(n), path: folder.join(coverage) });
        }
    }
    let mut tables: BTreeMap<Part, FeatureTable> = BTreeMap::new();
    for (job, result) in jobs.iter().zip(read_tables(&jobs, &files.head, aliases)) {
        let (result, found) = result;
        findings.set_file(&job.path.display().to_string());
        findings.absorb(found);
        match result {
            Ok(table) => {
                tables.insert(job.part, table);
            }
            Err(SpatialError::Refused { .. }) => {}
            Err(SpatialError::Io { path, source }) if source.kind() == std::io::ErrorKind::NotFound => {
                findings.report("edition_file_missing", Place { value: &path, ..Place::default() });
            }
            Err(SpatialError::Io { path, source }) => return Err(EditionError::Io { path, source }),
        }
    }
    files.units = tables.remove(&Part::Units);
    files.outline = tables.remove(&Part::Outline);
    for (n, (entry, _)) in entries.iter().enumerate() {
        // A layer that could not be read is no layer: its key has no answer.
        if let Some(table) = tables.remove(&Part::Layer(n)) {
            let mut entry = entry.clone();
            let first = entry.coverage.as_ref().and_then(|coverage| first_with(&entries, coverage));
            let coverage = first.and_then(|first| tables.get(&Part::Coverage(first))).cloned();
            // A coverage that could not be read must not count as complete.
            entry.complete &= entry.coverage.is_none() || coverage.is_some();
            files.layers.push(LayerFile { entry, table, coverage });
        }
    }
    files.layers.sort_by(|a, b| a.entry.key.cmp(&b.entry.key));
    files.hash = content::hash(&files);
    if let Some(stored) = files.head.content_hash.as_ref().filter(|stored| **stored != files.hash.whole) {
        findings.set_file(&head_path.display().to_string());
        findings.report("edition_changed", Place { line: None, field: "content_hash", value: stored });
    }
    Ok(files)
}

/// The first layer with this coverage.
fn first_with(entries: &[(LayerEntry, PathBuf)], coverage: &str) -> Option<usize> {
    entries.iter().position(|(entry, _)| entry.coverage.as_deref() == Some(coverage))
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Part {
    Units,
    Outline,
    Layer(usize),
    Coverage(usize),
}

struct Job {
    part: Part,
    path: PathBuf,
}

type Answer = (Result<FeatureTable, SpatialError>, Findings);

/// Reads the spatial files on all processors; answers in the order of the jobs.
fn read_tables(jobs: &[Job], head: &EditionHead, aliases: &FieldAliases) -> Vec<Answer> {
    let answers: Vec<Mutex<Option<Answer>>> = jobs.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(jobs.len().max(1));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(at) else { break };
                    let mut findings = Findings::new();
                    let options = ReadOptions { limits: Limits::own_data(), crs: Some(head.crs.clone()), layer: None };
                    let result = read_features(&Source::File(&job.path), &options, &mut findings);
                    let result = result.map(|table| check_crs(under_meanings(table, aliases), &mut findings));
                    if let Some(Ok(mut slot)) = answers.get(at).map(Mutex::lock) {
                        *slot = Some((result, findings));
                    }
                }
            });
        }
    });
    let lost = || {
        let source = std::io::Error::other("reading was given up");
        (Err(SpatialError::Io { path: String::new(), source }), Findings::new())
    };
    answers.into_iter().map(|slot| slot.into_inner().ok().flatten().unwrap_or_else(lost)).collect()
}

fn check_crs(table: FeatureTable, findings: &mut Findings) -> FeatureTable {
    match table.crs.known() {
        Ok(Some(_)) => {}
        Ok(None) => findings.report("crs_missing", Place::default()),
        Err(fault) => {
            let code = if fault.code() == "crs_datum_transform" { "datum_transform" } else { "crs_unknown" };
            findings.report(code, Place { value: &fault.to_string(), ..Place::default() });
        }
    }
    table
}

/// Fields under what they mean, where that is known; the first of several keeps the meaning.
pub(crate) fn under_meanings(mut table: FeatureTable, aliases: &FieldAliases) -> FeatureTable {
    let mut taken = std::collections::BTreeSet::new();
    for column in 0..table.fields.len() {
        let meaning = aliases.meaning(&table.fields[column]).map(str::to_owned);
        if let Some(meaning) = meaning.filter(|meaning| taken.insert(meaning.clone())) {
            let number = aliases.kind(&meaning) == Some("number");
            for feature in &mut table.features {
                let value = &mut feature.values[column];
                *value = if number { plain_number(value) } else { value.trim().to_owned() };
            }
            table.fields[column] = meaning;
        }
    }
    table
}

/// `2.0`, `2` and ` 2 ` are one number.
fn plain_number(text: &str) -> String {
    let text = text.trim();
    text.parse::<f64>()
        .ok()
        .filter(|value| value.is_finite())
        .map_or_else(|| text.to_owned(), crate::spatial::number_text)
}

fn list(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// The files with this stem that hold features; of a shapefile its main file.
fn spatial_files(names: &[String], stem: &str) -> Vec<String> {
    names
        .iter()
        .filter(|name| {
            let lower = name.to_ascii_lowercase();
            name.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.') && !rest[1..].contains('.'))
                && SpatialFormat::of_name(name).is_some()
                && !lower.ends_with(".dbf")
                && !lower.ends_with(".shx")
        })
        .cloned()
        .collect()
}
