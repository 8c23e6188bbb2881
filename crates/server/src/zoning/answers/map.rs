//! Editions, layers, units: what the map shows.

use super::Marked;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The editions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EditionList {
    /// The one in force today, or the newest.
    pub current: Option<String>,
    /// All of them, the oldest first.
    pub items: Vec<EditionItem>,
    /// Whether this server keeps cases.
    pub cases: bool,
    /// Whether any of it is made up.
    #[serde(flatten)]
    pub marked: Marked,
}

/// One edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EditionItem {
    /// Its id, for example `xm-2026`.
    pub id: String,
    /// Chinese title.
    pub title_zh: String,
    /// English title.
    pub title_en: String,
    /// First day in force.
    pub from: Option<String>,
    /// First day no longer in force.
    pub to: Option<String>,
    /// Hash of its content.
    pub hash: String,
    /// `draft`, `checked`, `published` or `withdrawn`.
    pub state: String,
    /// True when it is made up.
    pub synthetic: bool,
    /// How much is in it.
    pub counts: EditionCounts,
}

/// How much is in an edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EditionCounts {
    /// Control units.
    pub units: usize,
    /// Layers.
    pub layers: usize,
    /// Clauses.
    pub clauses: usize,
    /// Rows of tables.
    pub conditions: usize,
    /// Industries that tables name.
    pub industries: usize,
}

/// The layers of an edition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ZoneLayers {
    /// Groups in the order to show, the control units first.
    pub groups: Vec<ZoneGroup>,
    /// Whether any of it is made up.
    #[serde(flatten)]
    pub marked: Marked,
}

/// A group of layers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ZoneGroup {
    /// Its id.
    pub id: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Its layers.
    pub layers: Vec<ZoneLayer>,
}

/// One layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ZoneLayer {
    /// Its key, as rules and tiles name it; `units` for the control units.
    pub key: String,
    /// Chinese title.
    pub title_zh: String,
    /// English title.
    pub title_en: String,
    /// `area`, `line` or `point`.
    pub kind: String,
    /// How many features it has.
    pub features: usize,
    /// Whether it is complete where it is covered.
    pub complete: bool,
    /// Positional accuracy, as its source says.
    pub accuracy_m: f64,
    /// Whether a shared boundary counts as touching.
    pub touch_counts: bool,
    /// Where it comes from.
    pub source: String,
    /// Whether the public does not see it.
    pub protected: bool,
    /// Whether there are tiles `coverage:KEY` of the ground over which it was surveyed.
    pub coverage_tiles: bool,
    /// Its colours.
    pub style: ZoneStyle,
    /// The classes of units; only the control units have them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classes: Option<Vec<UnitClass>>,
}

/// Colours of a layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ZoneStyle {
    /// Colour of the ground, `#rrggbb`.
    pub fill: String,
    /// Colour of the edge.
    pub stroke: String,
    /// Lines across the ground.
    pub hatch: Option<String>,
    /// How sure the colours are: `verified` or `memory`.
    pub confidence: String,
}

/// A class of units and its colours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnitClass {
    /// `1` 优先, `2` 重点, `3` 一般.
    pub class: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Colour of the ground.
    pub fill: String,
    /// Colour of the edge.
    pub stroke: String,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ZoneHits {
    /// Units first, then the shortest names.
    pub items: Vec<ZoneHit>,
    /// Whether any of it is made up.
    #[serde(flatten)]
    pub marked: Marked,
}

/// A unit or feature found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ZoneHit {
    /// `unit` or `feature`.
    pub kind: String,
    /// Its layer.
    pub layer: String,
    /// Its code or number.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it lies: west, south, east, north in degrees.
    pub extent: [f64; 4],
}

/// The card of a control unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UnitCard {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// `1` 优先, `2` 重点, `3` 一般.
    pub class: String,
    /// Chinese name of the class.
    pub class_name_zh: Option<String>,
    /// English name of the class.
    pub class_name_en: Option<String>,
    /// Its district.
    pub district: String,
    /// Area on the edition's plane, the official one.
    pub area_plane_m2: f64,
    /// Area on the ellipsoid, for control.
    pub area_ellipsoid_m2: Option<f64>,
    /// Where it lies: west, south, east, north in degrees.
    pub extent: Option<[f64; 4]>,
    /// What it demands, in words, in each dimension.
    pub dimensions: Vec<UnitDimension>,
    /// What it has left: rows of the ledger.
    pub ledger: Vec<BTreeMap<String, String>>,
    /// How it stands: rows of its states.
    pub status: Vec<BTreeMap<String, String>>,
    /// How many conditions of tables hold in it.
    pub conditions: usize,
    /// Whether any of it is made up.
    #[serde(flatten)]
    pub marked: Marked,
}

/// What a unit demands in one dimension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnitDimension {
    /// `spatial`, `emission`, `risk` or `resource`.
    pub id: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// The text of the unit's list.
    pub text: String,
}

/// A page of conditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnitConditions {
    /// In order of the files.
    pub items: Vec<UnitCondition>,
    /// Where the next page begins.
    pub next: Option<String>,
    /// Whether any of it is made up.
    #[serde(flatten)]
    pub marked: Marked,
}

/// One condition of a table. Empty parts mean any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnitCondition {
    /// Its id.
    pub id: String,
    /// Beginning of the industry code.
    pub industry_prefix: String,
    /// Processes, joined with `;`.
    pub process: String,
    /// Kinds of project, joined with `;`.
    pub kind: String,
    /// `prohibit`, `require`, `review`, `procedure` or `encourage`.
    #[schema(value_type = String)]
    pub effect: zoning::Effect,
    /// What it says.
    pub say: String,
    /// What it rests on.
    pub cite: String,
    /// File.
    pub file: String,
    /// Line.
    pub line: u32,
}

impl From<zoning::Condition> for UnitCondition {
    fn from(row: zoning::Condition) -> Self {
        let zoning::Condition { id, industry_prefix, process, kind, effect, say, cite, file, line } = row;
        Self { id, industry_prefix, process, kind, effect, say, cite, file, line }
    }
}

/// What lies at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Identified {
    /// Control units.
    pub units: Vec<IdentifiedUnit>,
    /// Layers with a feature there.
    pub layers: Vec<IdentifiedLayer>,
    /// Whether any of it is made up.
    #[serde(flatten)]
    pub marked: Marked,
}

/// A unit at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IdentifiedUnit {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// `1` 优先, `2` 重点, `3` 一般.
    pub class: String,
}

/// A layer at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IdentifiedLayer {
    /// Its key.
    pub key: String,
    /// Chinese title.
    pub title_zh: String,
    /// English title.
    pub title_en: String,
    /// Its features there.
    pub features: Vec<IdentifiedFeature>,
}

/// A feature at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IdentifiedFeature {
    /// Its code or number.
    pub id: String,
    /// Its name.
    pub name: String,
}
