//! A source mapping: which column of somebody's file is what. A new feed is a new file, not new Rust.

use crate::Label;
use norms::{Confidence, Measured, Parameters};
use serde::Deserialize;

/// What an import fills.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Observations.
    Observation,
    /// The register of stations.
    Station,
}

/// One declared source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceMapping {
    /// Always `source-mapping/1`.
    pub schema: String,
    /// Name on the command line.
    pub id: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Publisher, document and licence of the feed.
    pub source: String,
    /// Name that stands in the stored rows and in the precedence of sources; the id when none is given.
    #[serde(default)]
    pub stored_as: Option<String>,
    /// How sure we are of the mapping.
    pub confidence: Confidence,
    /// What a user should know.
    #[serde(default)]
    pub note: String,
    /// Column of the station code.
    pub station: String,
    /// Column of the time.
    pub time: String,
    /// What times label.
    #[serde(default)]
    pub label: Label,
    /// Column of the city's name.
    #[serde(default)]
    pub city: Option<String>,
    /// Column of the station's name, which an import of stations reads.
    #[serde(default)]
    pub name: Option<String>,
    /// Column of the longitude.
    #[serde(default)]
    pub longitude: Option<String>,
    /// Column of the latitude.
    #[serde(default)]
    pub latitude: Option<String>,
    /// Medium of its stations.
    #[serde(default = "air")]
    pub medium: String,
    /// Kind of its stations.
    #[serde(default)]
    pub kind: String,
    /// Columns of values.
    pub column: Vec<SourceColumn>,
}

/// One column of values.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceColumn {
    /// Its header.
    pub column: String,
    /// The parameter it holds.
    pub parameter: String,
    /// Period kind: `hour`, `moving_8h`, `moving_24h`, `day_max_8h`, …
    #[serde(default = "hour")]
    pub period: String,
    /// What a value is multiplied with to come into the unit of the parameter, as decimal text.
    #[serde(default = "one")]
    pub factor: String,
    /// Its flag column.
    #[serde(default)]
    pub flag: Option<String>,
    /// Remark, such as that the publisher's name says something else.
    #[serde(default)]
    pub note: String,
}

/// Why a mapping cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{file}:{line}: 来源映射无法读取 / the source mapping cannot be read: {message}")]
pub struct SourceError {
    /// File as it was named.
    pub file: String,
    /// Line, from 1; 0 when it concerns the whole file.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl SourceColumn {
    pub(crate) fn factor(&self) -> Measured {
        // Checked when the mapping was read.
        self.factor.parse().unwrap_or(Measured::whole(1))
    }
}

impl SourceMapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// When the text is no mapping, or names a parameter that the table of parameters lacks.
    pub fn read(file: &str, text: &str, parameters: &Parameters) -> Result<Self, SourceError> {
        let at = |line, message: String| SourceError { file: file.to_owned(), line, message };
        let mapping: Self = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start.min(text.len()));
            at(text[..start].matches('\n').count() + 1, error.message().to_owned())
        })?;
        if mapping.schema != "source-mapping/1" {
            return Err(at(1, format!("schema “{}” is not source-mapping/1", mapping.schema)));
        }
        for column in &mapping.column {
            let line =
                text.lines().position(|line| line.contains(&format!("\"{}\"", column.column))).map_or(0, |n| n + 1);
            if parameters
                .find(&mapping.medium, &column.parameter)
                .is_none_or(|found| found.parameter != column.parameter)
            {
                return Err(at(line, format!("the parameter “{}” is not in parameters.csv", column.parameter)));
            }
            if column.factor.parse::<Measured>().is_err() {
                return Err(at(line, format!("the factor “{}” is no number", column.factor)));
            }
        }
        Ok(mapping)
    }
}

fn air() -> String {
    "air".to_owned()
}

fn hour() -> String {
    "hour".to_owned()
}

fn one() -> String {
    "1".to_owned()
}
