//! What goes into a question: facts, industries, shapes that were read.

use super::Marked;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The fact dictionary as a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FactDictionary {
    /// Groups in the order to show.
    pub groups: Vec<FactGroup>,
    /// Whether any of it is made up.
    #[serde(flatten)]
    pub marked: Marked,
}

/// Facts below one heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FactGroup {
    /// Its id.
    pub id: String,
    /// Chinese heading.
    pub name_zh: String,
    /// English heading.
    pub name_en: String,
    /// The facts.
    pub facts: Vec<FactField>,
}

/// A fact, or a field of one, as a field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FactField {
    /// Its name, as rules name it.
    pub name: String,
    /// `bool`, `number`, `enum`, `industry`, `date`, `text`, `list` or `records`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Unit of a number; empty for other types.
    pub unit: String,
    /// The question, Chinese.
    pub question_zh: String,
    /// The question, English.
    pub question_en: String,
    /// Who may answer; fields of records do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who_zh: Option<String>,
    /// What proves the answer; fields of records do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence_zh: Option<String>,
    /// What can be chosen.
    pub options: Vec<FactOption>,
    /// Fields of a record.
    #[schema(no_recursion)]
    pub fields: Vec<FactField>,
}

/// Something that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FactOption {
    /// Its word in questions.
    pub value: String,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// Industries found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IndustryHits {
    /// The finest classes first.
    pub items: Vec<IndustryHit>,
    /// Always false: the classification is a standard.
    pub synthetic: bool,
}

/// A class of GB/T 4754-2017.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IndustryHit {
    /// Code with its letter, such as `C3360`.
    pub code: String,
    /// Name.
    pub name: String,
    /// Names of the classes above it.
    pub path: String,
}

/// What was read from a file or from pasted coordinates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SiteReading {
    /// Its coordinate system.
    pub crs: ReadCrs,
    /// Its shapes.
    pub features: Vec<ReadShape>,
    /// What was found on the way.
    pub findings: Vec<crate::answers::Finding>,
    /// Whether any of it is made up.
    #[serde(flatten)]
    pub marked: Marked,
}

/// The coordinate system of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReadCrs {
    /// The one that is declared.
    pub declared: Option<String>,
    /// Without a declared one: those that would put the shapes into the city.
    pub candidates: Vec<CrsCandidate>,
}

/// A coordinate system that would put the shapes into the city.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CrsCandidate {
    /// Its name, as a question declares it.
    pub crs: String,
    /// How a person can tell, Chinese.
    pub name_zh: String,
    /// How a person can tell, English.
    pub name_en: String,
    /// Whether the shapes lie in the city then.
    pub inside_city: bool,
}

/// A shape that was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReadShape {
    /// A GeoJSON geometry, CGCS2000; null as long as the system is not known.
    #[schema(value_type = Object, nullable)]
    pub geometry: Option<serde_json::Value>,
    /// What the file calls it.
    pub label: Option<String>,
    /// How many vertices it has.
    pub vertices: usize,
    /// Why it cannot be used as it is, and what to do; null when it can.
    pub fault_zh: Option<String>,
    /// The same in English.
    pub fault_en: Option<String>,
    /// Whether `repair=true` would mend it.
    pub repairable: bool,
    /// What was repaired, as agreed; null when nothing was.
    pub repaired_zh: Option<String>,
    /// The same in English.
    pub repaired_en: Option<String>,
}
