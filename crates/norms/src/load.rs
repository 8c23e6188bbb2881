//! Reading tables of norms, with errors that name file, line and field.

use std::ops::Range;

/// One file of norms, read by the caller.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NormFile {
    /// Path below the norms folder, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// What is wrong with a file of norms.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{file}:{line} [{field}]: {message_zh} / {message_en}")]
pub struct LoadError {
    /// Path below the norms folder.
    pub file: String,
    /// Line, from 1; 0 when it concerns the whole file.
    pub line: usize,
    /// Key on that line.
    pub field: String,
    /// What is wrong, in Chinese.
    pub message_zh: String,
    /// What is wrong, in English.
    pub message_en: String,
}

impl NormFile {
    /// The table of a file.
    pub(crate) fn table<T: serde::de::DeserializeOwned>(&self) -> Result<T, LoadError> {
        toml::from_str(&self.text).map_err(|error| {
            self.error_at(error.span(), &format!("表格无法读取：{}", error.message()), error.message())
        })
    }

    /// An error at a byte range of the text.
    pub(crate) fn error_at(&self, span: Option<Range<usize>>, message_zh: &str, message_en: &str) -> LoadError {
        let start = span.map_or(0, |span| span.start.min(self.text.len()));
        let line = self.text[..start].matches('\n').count() + 1;
        let line_text = self.text.lines().nth(line - 1).unwrap_or_default();
        let field =
            line_text.split('=').next().unwrap_or_default().trim().trim_matches(['[', ']', '{', ' ']).to_owned();
        LoadError {
            file: self.path.clone(),
            line,
            field,
            message_zh: message_zh.to_owned(),
            message_en: message_en.to_owned(),
        }
    }

    /// An error at the first line that starts with the field; of the file as a whole when none does.
    pub(crate) fn error(&self, field: &str, message_zh: &str, message_en: &str) -> LoadError {
        let names = |line: &str| line.trim_start_matches(['[', ' ']).starts_with(field);
        LoadError {
            file: self.path.clone(),
            line: self.text.lines().position(names).filter(|_| !field.is_empty()).map_or(0, |number| number + 1),
            field: field.to_owned(),
            message_zh: message_zh.to_owned(),
            message_en: message_en.to_owned(),
        }
    }
}
