//! The service itself: city, legend, layers, norms, first day, sources, imports.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a service is: whose city, which years, who asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Meta {
    /// Always `Yundang`.
    pub product: String,
    /// Version of the program.
    pub version: String,
    /// The city served.
    pub city: City,
    /// `demo` or `real`.
    pub kind: String,
    /// True when any value served is made up.
    pub synthetic: bool,
    /// Notice to show on every page, Chinese.
    pub notice_zh: Option<String>,
    /// Notice to show on every page, English.
    pub notice_en: Option<String>,
    /// Fingerprint of the tables of norms in force.
    pub norms_hash: String,
    /// First, last and opening hour.
    pub time: MetaTime,
    /// Years with observations.
    pub years: Vec<i32>,
    /// How much is stored.
    pub counts: Counts,
    /// Who asks.
    pub user: User,
}

/// A city and its bureau.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct City {
    /// Administrative code, for example `350200`.
    pub code: String,
    /// Short name in addresses, for example `xiamen`.
    pub id: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Chinese name of the bureau.
    pub bureau_zh: String,
    /// English name of the bureau.
    pub bureau_en: String,
}

/// The span of the observations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MetaTime {
    /// First hour with data.
    pub first: Option<String>,
    /// Last hour with data.
    pub last: Option<String>,
    /// Hour to open with.
    pub default: Option<String>,
    /// Hours worth jumping to.
    #[serde(default)]
    pub marks: Vec<TimeMark>,
}

/// An hour worth jumping to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TimeMark {
    /// The hour.
    pub time: String,
    /// Chinese label.
    pub name_zh: String,
    /// English label.
    pub name_en: String,
}

/// How much is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// Stations in the register.
    pub stations: u64,
    /// Observations.
    pub observations: u64,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// `public`, `operator` (one-time code) or `account`.
    pub role: String,
    /// Whose account it is.
    pub who: Option<Who>,
    /// What the asker may do: `import`, `cases`, `judge`, `objections`, `editions`, `accounts`.
    pub may: Vec<String>,
}

/// Somebody with an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Who {
    /// The login.
    pub login: String,
    /// The name that stands under what they sign.
    pub display_name: String,
    /// `officer`, `editor`, `administrator`.
    pub roles: Vec<String>,
    /// True when the password must be changed before anything else.
    pub must_change: bool,
}

/// The legend of the air quality index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Legend {
    /// The six levels.
    pub items: Vec<LegendItem>,
    /// Norm that they come from.
    pub source: String,
    /// How sure the table is: `verified` or `memory`.
    pub confidence: String,
    /// Breakpoints of each pollutant.
    pub pollutants: Vec<LegendPollutant>,
}

/// One level of the index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LegendItem {
    /// Level, 1 to 6.
    pub level: u8,
    /// Chinese category.
    pub category: String,
    /// English category.
    pub category_en: String,
    /// Lowest index of the level.
    pub aqi_from: u32,
    /// Highest index of the level.
    pub aqi_to: u32,
    /// Colour, `#RRGGBB`.
    pub color: String,
}

/// A pollutant of the index and the bounds of its levels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LegendPollutant {
    /// Parameter code, for example `PM2_5`.
    pub parameter: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Unit.
    pub unit: String,
    /// Decimals to show.
    pub decimals: u8,
    /// Hourly bounds of the levels, ascending.
    pub breakpoints: Vec<f64>,
}

/// The tree of layers of the map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Layers {
    /// Groups in the order to show.
    pub groups: Vec<LayerGroup>,
}

/// A group of layers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LayerGroup {
    /// Group, for example `air`.
    pub id: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Layers in the order to show.
    pub layers: Vec<LayerEntry>,
}

/// One layer of the map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LayerEntry {
    /// Layer, for example `air-national`.
    pub id: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Objects on the layer.
    pub count: u64,
    /// Kind of station on the layer.
    pub kind: String,
    /// Shown at first.
    pub on: bool,
}

/// The norms in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NormList {
    /// Fingerprint of the tables.
    pub hash: String,
    /// The norms.
    pub items: Vec<NormItem>,
}

/// One norm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NormItem {
    /// Norm, for example `HJ633-2012`.
    pub id: String,
    /// Chinese title.
    pub title_zh: String,
    /// English title.
    pub title_en: String,
    /// What its table rules: the name of its schema, such as `air-limits` or `surface-water`.
    pub kind: String,
    /// First day in force.
    pub from: Option<String>,
    /// Last day in force.
    pub to: Option<String>,
    /// `verified` or `memory`.
    pub confidence: String,
    /// Where the table comes from.
    pub source: String,
    /// Files of the table.
    pub files: Vec<String>,
    /// Remarks.
    pub notes: Vec<String>,
}

/// How far a city has come on its first day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StartState {
    /// `demo` or `real`.
    pub kind: String,
    /// The steps in order.
    pub steps: Vec<StartStep>,
}

/// One step of the first day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StartStep {
    /// `station`, `observation` or `figure`.
    pub id: String,
    /// Done.
    pub done: bool,
    /// How many there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
}

/// The sources that files can come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Sources {
    /// The sources.
    pub items: Vec<SourceItem>,
}

/// One source of files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SourceItem {
    /// Source, as the import names it.
    pub id: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Table that it fills: `station` or `observation`.
    pub table: String,
    /// Remark, Chinese.
    pub note_zh: String,
    /// Remark, English.
    pub note_en: String,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportReport {
    /// Table filled.
    pub table: String,
    /// Rows read.
    pub rows_read: u64,
    /// Rows that were not there.
    pub rows_new: u64,
    /// Rows that were there already.
    pub rows_equal: u64,
    /// Rows that replace others.
    pub rows_revised: u64,
    /// What was found, the first ones.
    pub findings: Vec<Finding>,
    /// How much was found.
    pub findings_total: u64,
}

/// Something found in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// Kind of finding.
    pub code: String,
    /// `error`, `warning` or `info`.
    pub severity: String,
    /// File.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<u64>,
    /// Field.
    pub field: Option<String>,
    /// What the field held.
    pub value: Option<String>,
    /// What is wrong, Chinese.
    pub message_zh: String,
    /// What is wrong, English.
    pub message_en: String,
    /// What to do, Chinese.
    pub action_zh: String,
    /// What to do, English.
    pub action_en: String,
}

impl From<&norms::Finding> for Finding {
    fn from(finding: &norms::Finding) -> Self {
        let severity = match finding.severity {
            norms::Severity::Warning => "warning",
            norms::Severity::Error => "error",
        };
        Self {
            code: finding.code.to_owned(),
            severity: severity.to_owned(),
            file: Some(finding.file.clone()),
            line: finding.line,
            field: Some(finding.field.clone()),
            value: Some(finding.value.clone()),
            message_zh: finding.message_zh.clone(),
            message_en: finding.message_en.clone(),
            action_zh: finding.action_zh.clone(),
            action_en: finding.action_en.clone(),
        }
    }
}
