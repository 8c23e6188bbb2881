//! What is wrong with an input: where, why, and what to do about it, in Chinese and English.

/// How much a finding matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth a look; nothing was left out.
    Warning,
    /// A row or value was left out.
    Error,
}

/// The short stable name of a kind of finding, such as `time_form`.
pub type FindingCode = &'static str;

/// One finding about an input. Row and line numbers start at 1.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Finding {
    /// Short stable name of the kind.
    pub code: FindingCode,
    /// How much it matters.
    pub severity: Severity,
    /// File as the user named it.
    pub file: String,
    /// Line of a text file (the header is line 1), row of a Parquet table or sheet; none when it concerns the whole file.
    pub line: Option<u64>,
    /// Column or key.
    pub field: String,
    /// What stood there, cut to a readable length.
    pub value: String,
    /// What is wrong, in Chinese.
    pub message_zh: String,
    /// What is wrong, in English.
    pub message_en: String,
    /// What to do, in Chinese.
    pub action_zh: String,
    /// What to do, in English.
    pub action_en: String,
}

impl Finding {
    /// One line for a terminal.
    #[must_use]
    pub fn to_line(&self) -> String {
        let place = match self.line {
            Some(line) => format!("{}:{line}", self.file),
            None => self.file.clone(),
        };
        let field = if self.field.is_empty() { String::new() } else { format!(" [{}]", self.field) };
        let value = if self.value.is_empty() { String::new() } else { format!(" “{}”", self.value) };
        format!(
            "{place}{field}{value}: {} / {} → {} / {} ({})",
            self.message_zh, self.message_en, self.action_zh, self.action_en, self.code
        )
    }
}
