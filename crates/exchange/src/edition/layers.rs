//! `layers.csv`: what is said about each layer, and where its file lies.

use super::text;
use crate::{Findings, Place};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What is said about a layer.
#[derive(Clone, PartialEq, Debug)]
pub struct LayerEntry {
    /// Key that rules name, such as `redline` or `park:jimei-houxi`.
    pub key: String,
    /// Title in Chinese.
    pub title_zh: String,
    /// Title in English.
    pub title_en: String,
    /// Group in the list of layers.
    pub group: String,
    /// Name of its style.
    pub style: String,
    /// File of the coverage polygon, relative to the folder.
    pub coverage: Option<String>,
    /// Whether the layer shows everything there is where it was surveyed. Without a word it is not.
    pub complete: bool,
    /// Positional accuracy in metres; 0 when nothing is said.
    pub accuracy_m: f64,
    /// Whether a shared boundary counts as touching.
    pub touch_counts: bool,
    /// Who delivered it.
    pub source: String,
    /// For which period or day it stands.
    pub period: String,
}

impl LayerEntry {
    pub(crate) fn new(key: &str) -> Self {
        Self {
            key: key.to_owned(),
            title_zh: String::new(),
            title_en: String::new(),
            group: String::new(),
            style: String::new(),
            coverage: None,
            complete: false,
            accuracy_m: 0.0,
            touch_counts: false,
            source: String::new(),
            period: String::new(),
        }
    }
}

/// File name of a key, without its end.
pub(crate) fn stem_of(key: &str) -> String {
    key.replace(':', "__")
}

/// Whether a key can be a file name on every system.
pub(crate) fn key_is_sound(key: &str) -> bool {
    !key.is_empty()
        && key.len() <= 100
        && !key.starts_with('.')
        && !key.contains(|c: char| c.is_control() || c.is_whitespace() || "/\\<>\"|?*'".contains(c))
        && !key.contains("__")
}

/// The layers with the files that hold them: those of `layers.csv`, then files that it does not name.
pub(crate) fn read(
    folder: &Path,
    names: &[String],
    layer_names: &[String],
    findings: &mut Findings,
) -> std::io::Result<Vec<(LayerEntry, PathBuf)>> {
    let path = folder.join("layers.csv");
    let label = path.display().to_string();
    findings.set_file(&label);
    let mut layers: BTreeMap<String, (LayerEntry, PathBuf)> = BTreeMap::new();
    let mut named: Vec<PathBuf> = Vec::new();
    if names.iter().any(|name| name == "layers.csv") {
        let text = text::read(&path)?.text;
        let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let header = match reader.headers() {
            Ok(header) => header.clone(),
            Err(error) => {
                findings.report("row_form", Place { line: Some(1), field: "", value: &error.to_string() });
                csv::StringRecord::new()
            }
        };
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let line = error.position().map(csv::Position::line);
                    findings.report("row_form", Place { line, field: "", value: &error.to_string() });
                    continue;
                }
            };
            let line = record.position().map(csv::Position::line);
            let cell = |name: &str| {
                let at = header.iter().position(|field| field.eq_ignore_ascii_case(name))?;
                record.get(at).filter(|cell| !cell.is_empty())
            };
            let Some(entry) = read_entry(cell, line, findings) else { continue };
            if layers.contains_key(&entry.key) {
                findings.report("layer_twice", Place { line, field: "key", value: &entry.key });
                continue;
            }
            let file = match cell("file") {
                Some(file) if !is_inside(file) => {
                    findings.report("edition_path", Place { line, field: "file", value: file });
                    continue;
                }
                Some(file) => Some(folder.join(file)),
                None => find(folder, layer_names, &entry.key),
            };
            match file {
                Some(file) => {
                    named.push(file.clone());
                    layers.insert(entry.key.clone(), (entry, file));
                }
                None => findings.report("layer_file_missing", Place { line, field: "key", value: &entry.key }),
            }
        }
    }
    for name in layer_names {
        let Some((stem, _)) = name.rsplit_once('.') else { continue };
        let key = stem.replace("__", ":");
        let file = folder.join("layers").join(name);
        if super::spatial_files(layer_names, stem).first() != Some(name)
            || layers.contains_key(&key)
            || named.contains(&file)
        {
            continue;
        }
        findings.report("layer_undescribed", Place { line: None, field: "key", value: &key });
        layers.insert(key.clone(), (LayerEntry::new(&key), file));
    }
    Ok(layers.into_values().collect())
}

fn read_entry<'a>(
    cell: impl Fn(&str) -> Option<&'a str>,
    line: Option<u64>,
    findings: &mut Findings,
) -> Option<LayerEntry> {
    let Some(key) = cell("key") else {
        findings.report("value_missing", Place { line, field: "key", value: "" });
        return None;
    };
    let text = |name: &str| cell(name).unwrap_or_default().to_owned();
    let mut entry = LayerEntry {
        title_zh: text("title_zh"),
        title_en: text("title_en"),
        group: text("group"),
        style: text("style"),
        source: text("source"),
        period: text("period"),
        ..LayerEntry::new(key)
    };
    for (name, flag) in [("complete", &mut entry.complete), ("touch_counts", &mut entry.touch_counts)] {
        match cell(name).map(str::to_lowercase).as_deref() {
            None | Some("false" | "0" | "no" | "否") => {}
            Some("true" | "1" | "yes" | "是") => *flag = true,
            Some(other) => findings.report("value_form", Place { line, field: name, value: other }),
        }
    }
    if let Some(text) = cell("accuracy_m") {
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() && value >= 0.0 => entry.accuracy_m = value,
            _ => findings.report("value_form", Place { line, field: "accuracy_m", value: text }),
        }
    }
    if let Some(file) = cell("coverage") {
        if is_inside(file) {
            entry.coverage = Some(file.to_owned());
        } else {
            findings.report("edition_path", Place { line, field: "coverage", value: file });
            // Where it was surveyed is not known.
            entry.complete = false;
        }
    }
    Some(entry)
}

fn find(folder: &Path, layer_names: &[String], key: &str) -> Option<PathBuf> {
    super::spatial_files(layer_names, &stem_of(key)).first().map(|name| folder.join("layers").join(name))
}

/// Whether a relative path stays in its folder.
pub(crate) fn is_inside(path: &str) -> bool {
    Path::new(path)
        .components()
        .all(|part| matches!(part, std::path::Component::Normal(_) | std::path::Component::CurDir))
        && !path.contains('\\')
}

/// `layers.csv` of layers with their files.
pub(crate) fn write<'a>(layers: impl Iterator<Item = (&'a LayerEntry, String)>) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "key",
        "file",
        "title_zh",
        "title_en",
        "group",
        "style",
        "coverage",
        "complete",
        "accuracy_m",
        "touch_counts",
        "source",
        "period",
    ])?;
    for (entry, file) in layers {
        writer.write_record([
            &entry.key,
            &file,
            &entry.title_zh,
            &entry.title_en,
            &entry.group,
            &entry.style,
            entry.coverage.as_deref().unwrap_or_default(),
            &entry.complete.to_string(),
            &crate::spatial::number_text(entry.accuracy_m),
            &entry.touch_counts.to_string(),
            &entry.source,
            &entry.period,
        ])?;
    }
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
