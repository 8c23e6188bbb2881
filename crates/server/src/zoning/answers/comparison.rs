//! What changed between two editions.

use super::Marked;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What changed from one edition to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EditionComparison {
    /// What became of the units.
    pub units: Vec<UnitChange>,
    /// What became of the clauses.
    pub clauses: Vec<ClauseChange>,
    /// How many rows of tables changed.
    pub conditions_changed: usize,
    /// Layers that changed.
    pub layers: Vec<LayerChange>,
    /// Whether any of it is made up.
    #[serde(flatten)]
    pub marked: Marked,
}

/// What became of some units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UnitChange {
    /// `same`, `moved`, `split`, `merged`, `new` or `gone`.
    pub kind: String,
    /// Codes before.
    pub from: Vec<String>,
    /// Codes after.
    pub to: Vec<String>,
    /// Area that was won and lost, m².
    pub area_m2: f64,
}

/// What became of a clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClauseChange {
    /// Its id.
    pub id: String,
    /// `added`, `removed` or `changed`.
    pub kind: String,
    /// Its text before.
    pub from_text: Option<String>,
    /// Its text after.
    pub to_text: Option<String>,
}

/// A layer that changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LayerChange {
    /// Its key.
    pub key: String,
    /// Area before, m² of the plane; null when it was not there.
    pub from_area_m2: Option<f64>,
    /// Area after; null when it is not there.
    pub to_area_m2: Option<f64>,
}
