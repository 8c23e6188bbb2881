//! How results came about, as JSON lines beside the answer.

use anyhow::Context;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The file of explanations; it appears whole when the answer does.
pub(super) struct Explanations(Option<(BufWriter<NamedTempFile>, PathBuf)>);

impl Explanations {
    /// A file beside the wanted one, or nothing when none is wanted.
    pub(super) fn create(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self(None)) };
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = NamedTempFile::new_in(folder).with_context(|| format!("{}", path.display()))?;
        Ok(Self(Some((BufWriter::new(file), path.to_owned()))))
    }

    /// Writes one line, made only when it is wanted.
    pub(super) fn add(&mut self, line: impl FnOnce() -> serde_json::Value) -> anyhow::Result<()> {
        if let Some((file, _)) = &mut self.0 {
            serde_json::to_writer(&mut *file, &line())?;
            file.write_all(b"\n")?;
        }
        Ok(())
    }

    /// Puts the file in its place.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        if let Some((file, path)) = self.0 {
            let file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
            file.persist(&path).with_context(|| format!("{}", path.display()))?;
        }
        Ok(())
    }
}
