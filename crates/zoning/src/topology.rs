//! Whether the units of an edition tile the city, and whether the areas of a layer stay off one another.
//!
//! Amounts come from exact edges; the pieces that are shown (with width and place) come from a polygon overlay whose
//! grid is finer than a tenth of a millimetre for a city. Pieces narrower than the grid that boundaries are drawn on
//! are counted together and no faults: two true boundaries may differ by that much.

use geo::algorithm::bool_ops::{BooleanOps, unary_union};
use geo::{InteriorPoint, MultiPolygon, Polygon};

use crate::measure::{Sum, plane_area};
use crate::plane::edge::edges_of_areas;
use crate::plane::{Edge, matrix};

/// Which faults block and which warn. Data of an edition.
#[derive(Clone, Copy, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TopologyRules {
    /// Gaps and overlaps above this block publishing, m².
    pub blocks_above_m2: f64,
    /// Those above this are warned about, m².
    pub warns_above_m2: f64,
    /// The grid that boundaries are drawn on, m.
    pub grid_m: f64,
}

impl Default for TopologyRules {
    fn default() -> Self {
        Self { blocks_above_m2: 1.0, warns_above_m2: 0.01, grid_m: 0.001 }
    }
}

/// What kind of fault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Ground of the city in no unit.
    Gap,
    /// Ground in two areas.
    Overlap,
    /// Ground of a unit outside the city.
    Outside,
}

/// How much a fault matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gravity {
    /// The edition cannot be published.
    Blocks,
    /// Worth a look.
    Warns,
}

/// One piece of ground that is in the wrong number of areas.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct TopologyFault {
    /// Kind.
    pub kind: FaultKind,
    /// How much it matters.
    pub gravity: Gravity,
    /// The areas concerned, by number; none for gaps.
    pub areas: Vec<usize>,
    /// Its area, m² of the plane.
    pub area_m2: f64,
    /// Its mean width 2A/P, m.
    pub width_m: f64,
    /// A point in it, on the plane.
    pub x: f64,
    /// A point in it, on the plane.
    pub y: f64,
}

impl TopologyFault {
    /// Short stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.kind {
            FaultKind::Gap => "topology_gap",
            FaultKind::Overlap => "topology_overlap",
            FaultKind::Outside => "topology_outside",
        }
    }

    /// In Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        let kind = match self.kind {
            FaultKind::Gap => "缝隙",
            FaultKind::Overlap => "重叠",
            FaultKind::Outside => "超出市域",
        };
        format!("{kind} {:.4} m²，平均宽 {:.4} m，位于 ({:.3}, {:.3})", self.area_m2, self.width_m, self.x, self.y)
    }

    /// In English.
    #[must_use]
    pub fn en(&self) -> String {
        let kind = match self.kind {
            FaultKind::Gap => "gap",
            FaultKind::Overlap => "overlap",
            FaultKind::Outside => "outside of the city",
        };
        format!("{kind} of {:.4} m², {:.4} m wide, at ({:.3}, {:.3})", self.area_m2, self.width_m, self.x, self.y)
    }
}

/// What the check of an edition's units found.
#[derive(Clone, PartialEq, Debug, Default, serde::Serialize)]
pub struct Topology {
    /// Faults, largest first.
    pub faults: Vec<TopologyFault>,
    /// Area of the city's outline, m².
    pub city_m2: f64,
    /// Sum of the units, m².
    pub units_m2: f64,
    /// Pieces narrower than the grid, or smaller than what is warned about.
    pub ignored: usize,
    /// Their area, m².
    pub ignored_m2: f64,
}

impl Topology {
    /// Whether an edition with these units may be published.
    #[must_use]
    pub fn publishable(&self) -> bool {
        self.faults.iter().all(|fault| fault.gravity != Gravity::Blocks)
    }

    fn note(&mut self, kind: FaultKind, areas: &[usize], pieces: MultiPolygon<f64>, rules: &TopologyRules) {
        for piece in pieces {
            let (area_m2, width_m) = size(&piece);
            if area_m2 <= rules.warns_above_m2 || width_m < rules.grid_m {
                self.ignored += usize::from(area_m2 > 0.0);
                self.ignored_m2 += area_m2;
                continue;
            }
            let gravity = if area_m2 > rules.blocks_above_m2 { Gravity::Blocks } else { Gravity::Warns };
            let (x, y) = place(&piece);
            self.faults.push(TopologyFault { kind, gravity, areas: areas.to_vec(), area_m2, width_m, x, y });
        }
    }

    fn sorted(mut self) -> Self {
        self.faults.sort_by(|p, q| q.area_m2.total_cmp(&p.area_m2));
        self
    }
}

/// Checks that units tile the city.
#[must_use]
pub fn check_units(units: &[MultiPolygon<f64>], city: &MultiPolygon<f64>, rules: &TopologyRules) -> Topology {
    let mut topology = Topology {
        city_m2: plane_area(city),
        units_m2: units.iter().map(plane_area).collect::<Sum>().value(),
        ..Topology::default()
    };
    let covered = unary_union(units);
    topology.note(FaultKind::Gap, &[], city.difference(&covered), rules);
    // Beyond the outline, unit by unit, so that each fault has its unit.
    let within: std::collections::BTreeMap<usize, f64> =
        matrix::between(units, std::slice::from_ref(city)).into_iter().map(|pair| (pair.first, pair.area)).collect();
    for (number, unit) in units.iter().enumerate() {
        let outside = plane_area(unit) - within.get(&number).copied().unwrap_or(0.0);
        if outside > rules.warns_above_m2 {
            topology.note(FaultKind::Outside, &[number], unit.difference(city), rules);
        }
    }
    overlaps(units, rules, &mut topology);
    topology.sorted()
}

/// Checks that the areas of a layer (of one subtype) do not overlap.
#[must_use]
pub fn check_layer(areas: &[MultiPolygon<f64>], rules: &TopologyRules) -> Topology {
    let mut topology =
        Topology { units_m2: areas.iter().map(plane_area).collect::<Sum>().value(), ..Topology::default() };
    overlaps(areas, rules, &mut topology);
    topology.sorted()
}

fn overlaps(areas: &[MultiPolygon<f64>], rules: &TopologyRules, topology: &mut Topology) {
    for pair in matrix::within(areas) {
        if pair.area <= rules.warns_above_m2 {
            topology.ignored += 1;
            topology.ignored_m2 += pair.area;
            continue;
        }
        let pieces = areas[pair.first].intersection(&areas[pair.second]);
        topology.note(FaultKind::Overlap, &[pair.first, pair.second], pieces, rules);
    }
}

/// Area and mean width.
fn size(piece: &Polygon<f64>) -> (f64, f64) {
    let all = MultiPolygon(vec![piece.clone()]);
    let area = plane_area(&all);
    let around: f64 = edges_of_areas(&all).iter().map(Edge::length).sum();
    (area, if around > 0.0 { 2.0 * area / around } else { 0.0 })
}

fn place(piece: &Polygon<f64>) -> (f64, f64) {
    let inner = piece.interior_point().map(|point| (point.x(), point.y()));
    inner.or_else(|| piece.exterior().0.first().map(|c| (c.x, c.y))).unwrap_or((f64::NAN, f64::NAN))
}
