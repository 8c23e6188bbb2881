//! What the map says about the ground of one project: the answers that spatial predicates read.
//!
//! [`Ground`] is made by the geometry half of this crate and read by the rules. It holds no geometry.

use std::collections::BTreeMap;

/// How well a layer's coverage polygon covers a project.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Coverage {
    /// Nothing is known here, or the layer is not part of the edition.
    None,
    /// A part of the project lies outside what was surveyed, or the layer says that it is incomplete.
    Partial,
    /// The whole project lies where the layer is complete.
    Complete,
}

/// How a project meets the areas of a layer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Meeting {
    /// They share no point.
    Apart,
    /// They share boundary points only; whether that counts is the layer's `touch_counts`.
    Boundary,
    /// They overlap by less than what the sources can tell: a boundary question for an official.
    Sliver,
    /// They overlap.
    Solid,
}

/// One area of a layer that a project meets, or the nearest one.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
pub struct FeatureHit {
    /// Code or row number of the area in its layer.
    pub id: String,
    /// Its name, if it has one.
    pub name: String,
    /// Shared area in m² of the edition's plane; 0 for points and lines.
    pub area_m2: f64,
    /// Shared length in m, for lines.
    pub length_m: f64,
}

/// What one layer says about a project. Lengths in metres on the ground, areas in m² of the edition's plane.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
pub struct LayerFinding {
    /// How well the layer covers the project.
    pub coverage: Coverage,
    /// How they meet.
    pub meeting: Meeting,
    /// Whether the whole project lies in the layer.
    pub inside: bool,
    /// Shared area; areas of the layer that overlap one another count once.
    pub area_m2: f64,
    /// Shared length, for line projects.
    pub length_m: f64,
    /// Shared share of the project's area or length, 0 to 1; for a point 0 or 1.
    pub share: f64,
    /// Nearest distance, 0 when they meet; none when the layer holds no area at all.
    pub distance_m: Option<f64>,
    /// How far the project reaches into the layer: the greatest distance of a shared point from the layer's edge.
    pub depth_m: f64,
    /// When inside: the least distance from the project to the layer's edge; else 0.
    pub margin_m: f64,
    /// When not inside: how far the project reaches out of the layer at most; else 0.
    pub protrusion_m: f64,
    /// Width of a sliver (2A/P), else 0.
    pub sliver_width_m: f64,
    /// Positional accuracy of the layer, as its source says.
    pub accuracy_m: f64,
    /// Whether a shared boundary counts as touching.
    pub touch_counts: bool,
    /// The areas met, largest share first; when apart, the nearest one.
    pub features: Vec<FeatureHit>,
}

/// A piece of a project in one control unit.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
pub struct UnitPiece {
    /// Unit code, such as `ZH35020320001`.
    pub code: String,
    /// Its name.
    pub name: String,
    /// 1 优先, 2 重点, 3 一般.
    pub class: u8,
    /// Shared area in m² of the plane (length for lines, 0 for points).
    pub size: f64,
    /// Share of the project, 0 to 1.
    pub share: f64,
    /// Whether the piece is below the sliver tolerance.
    pub sliver: bool,
}

/// The ground of one project under one edition.
#[derive(Clone, PartialEq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Ground {
    /// Pieces by unit, largest first.
    pub units: Vec<UnitPiece>,
    /// Whether the pieces together are the whole project (within the tiling tolerance).
    pub tiled: bool,
    /// Layer key → what it says. A key that is not here has no answer: unknown.
    pub layers: BTreeMap<String, LayerFinding>,
    /// The same for the project's outfall; none when its place is not known.
    pub outfall: Option<BTreeMap<String, LayerFinding>>,
}
