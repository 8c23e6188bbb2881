//! The tables of norms: embedded, and overlaid file by file from a folder that the user names.

use crate::cli::Usage;
use anyhow::{Context, bail};
use exchange::SourceMapping;
use include_dir::{Dir, include_dir};
use norms::{NormFile, Norms};
use std::collections::BTreeMap;
use std::path::Path;

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../norms");

/// Norms, and the source mappings that stand beside them.
#[derive(Debug)]
pub struct Library {
    /// The norms.
    pub norms: Norms,
    /// Declared sources by id.
    pub sources: BTreeMap<String, SourceMapping>,
    /// The files, by path.
    pub files: Vec<NormFile>,
}

impl Library {
    /// The embedded tables, with those of `overlay` in place of or beside them.
    ///
    /// # Errors
    /// When a file cannot be read, or says something wrong; every error with file, line and field.
    pub fn load(overlay: Option<&Path>) -> anyhow::Result<Self> {
        let mut files = BTreeMap::new();
        embedded(&EMBEDDED, &mut files);
        if let Some(folder) = overlay {
            overlaid(folder, folder, &mut files)?;
        }
        let files: Vec<NormFile> = files.into_iter().map(|(path, text)| NormFile { path, text }).collect();
        let norms = Norms::load(&files).map_err(|errors| {
            let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
            anyhow::anyhow!("标准数据有误 / the norms are wrong:\n{}", lines.join("\n"))
        })?;
        let mut sources = BTreeMap::new();
        for file in files.iter().filter(|file| file.path.starts_with("sources/") && file.path.ends_with(".toml")) {
            let mapping = SourceMapping::read(&file.path, &file.text, &norms.parameters)?;
            if let Some(other) = sources.insert(mapping.id.clone(), mapping) {
                bail!("{}: 来源“{}”重复 / the source “{}” stands twice", file.path, other.id, other.id);
            }
        }
        Ok(Self { norms, sources, files })
    }

    /// The declared source of a name.
    ///
    /// # Errors
    /// When there is none, naming those that are.
    pub fn source(&self, name: &str) -> anyhow::Result<&SourceMapping> {
        self.sources.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.sources.keys().map(String::as_str).collect();
            let known = known.join(", ");
            Usage(format!("没有来源“{name}”，已有：{known} / there is no source “{name}”; known: {known}")).into()
        })
    }
}

fn embedded(folder: &Dir<'_>, files: &mut BTreeMap<String, String>) {
    for file in folder.files() {
        if let Some(text) = file.contents_utf8() {
            files.insert(file.path().to_string_lossy().replace('\\', "/"), text.to_owned());
        }
    }
    folder.dirs().for_each(|folder| embedded(folder, files));
}

fn overlaid(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) -> anyhow::Result<()> {
    let reading = || format!("{}: 无法读取 / cannot be read", folder.display());
    for entry in std::fs::read_dir(folder).with_context(reading)? {
        let path = entry.with_context(reading)?.path();
        if path.is_dir() {
            overlaid(root, &path, files)?;
        } else if path.extension().is_some_and(|end| end == "toml" || end == "csv") {
            let name = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("{}: 无法读取 / cannot be read", path.display()))?;
            files.insert(name, text);
        }
    }
    Ok(())
}
