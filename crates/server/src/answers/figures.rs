//! Figures, the rows behind them, and the summary made of them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The figures of one period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Figures {
    /// The period, for example `2022`.
    pub period: String,
    /// Position of the store that the figures were taken at.
    pub position: Option<String>,
    /// The figures.
    pub items: Vec<Figure>,
    /// True when any figure rests on made-up values.
    pub synthetic: bool,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Figure {
    /// Figure code.
    pub id: String,
    /// The period.
    pub period: String,
    /// City code.
    pub city: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// The value as published, null when there is none.
    pub value: Option<String>,
    /// Unit.
    pub unit: String,
    /// English twin of a unit that is a Chinese word.
    pub unit_en: Option<String>,
    /// `C` computed, `M` of a document, `X` checked against another, `D` derived.
    pub class: String,
    /// Sentence, Chinese.
    pub text_zh: String,
    /// Sentence, English.
    pub text_en: String,
    /// Rows that it was computed from.
    pub rows: u64,
    /// Version of the definition.
    pub definition_version: String,
    /// What it is compared with.
    pub comparison: Option<String>,
    /// Value compared with.
    pub previous: Option<String>,
    /// `up`, `down`, `flat` or null.
    pub direction: Option<String>,
    /// When it was computed.
    pub as_of: Option<String>,
    /// True when it rests on made-up values.
    pub synthetic: bool,
    /// Remark, Chinese.
    pub note_zh: Option<String>,
    /// Remark, English.
    pub note_en: Option<String>,
    /// Another figure that says the same.
    pub check: Option<FigureCheck>,
}

/// A comparison with another figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FigureCheck {
    /// The other figure.
    pub other: String,
    /// Outcome, Chinese.
    pub text_zh: String,
    /// Outcome, English.
    pub text_en: String,
}

/// A figure and all that explains it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FigureDetail {
    /// The figure itself.
    #[serde(flatten)]
    pub figure: Figure,
    /// Definition, Chinese.
    pub definition_zh: String,
    /// Definition, English.
    pub definition_en: String,
    /// The query, null for a figure of a document.
    pub sql: Option<String>,
    /// Rounding rule.
    pub rounding: Option<String>,
    /// Where the values come from.
    pub source: Option<String>,
    /// Norms that it rests on.
    pub norms: Vec<FigureNorm>,
    /// The document that states it.
    pub evidence: Option<Evidence>,
    /// The same figure in other periods.
    pub history: Vec<HistoryItem>,
}

/// A norm that a figure rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FigureNorm {
    /// Norm, for example `HJ633-2012`.
    pub id: String,
    /// Chinese title.
    pub title_zh: String,
    /// English title.
    pub title_en: String,
    /// `verified` or `memory`.
    pub confidence: String,
}

/// A document that states a figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    /// Who issued it.
    pub issuer: String,
    /// Which document.
    pub document: String,
    /// When.
    pub date: String,
    /// The words.
    pub source_text: String,
}

/// A figure in one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HistoryItem {
    /// The period.
    pub period: String,
    /// The value.
    pub value: Option<String>,
}

/// The rows that a figure was computed from, one page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FigureRows {
    /// The columns in order.
    pub columns: Vec<Column>,
    /// The rows, cells by column key: text, number, truth value or null.
    #[schema(value_type = Vec<Object>)]
    pub rows: Vec<serde_json::Map<String, serde_json::Value>>,
    /// Rows in all.
    pub total: u64,
    /// Where the next page begins, null at the end.
    pub next: Option<String>,
    /// The stations among the rows.
    pub geo: Vec<RowPlace>,
    /// True when any value is made up.
    pub synthetic: bool,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Column {
    /// Key in the rows.
    pub key: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
}

/// A station among the rows of a figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RowPlace {
    /// Station code.
    pub station: String,
    /// Longitude, WGS 84.
    pub lon: f64,
    /// Latitude, WGS 84.
    pub lat: f64,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Text, number, truth value or null.
    #[schema(value_type = Object, nullable)]
    pub value: serde_json::Value,
}

/// A section of the summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Summary {
    /// Chinese title.
    pub title_zh: String,
    /// English title.
    pub title_en: String,
    /// Paragraphs.
    pub paragraphs: Vec<Paragraph>,
    /// True when any figure rests on made-up values.
    pub synthetic: bool,
    /// Position of the store that the figures were taken at.
    pub position: Option<String>,
}

/// A paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Paragraph {
    /// Text and figures in order.
    pub segments: Vec<Segment>,
}

/// A piece of text, or a figure in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Segment {
    /// Figure code; absent for plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figure: Option<String>,
    /// Chinese text.
    pub text_zh: String,
    /// English text.
    pub text_en: String,
    /// `up`, `down` or `flat`; absent when nothing is compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
}
