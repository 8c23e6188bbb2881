//! An edition's map, asked what the ground of a project is.
//!
//! Everything here lies on the plane of the edition. Areas are areas of that plane; lengths and distances are divided
//! by the scale of the projection at the project, so that they are metres on the ground.

mod areas;
mod layer;
mod reach;
mod site;
mod traces;

use std::collections::{BTreeMap, HashMap};

use geo::MultiPolygon;

use crate::crs::Zone;
use crate::ground::{Coverage, Ground, LayerFinding, UnitPiece};
use crate::plane::edge::edges_of_areas;
use crate::shape::Shape;
use areas::Areas;
use layer::Layer;
use site::Site;

/// What counts as a sliver, and how near is the same. Data of an edition; the default follows the practice of
/// map-making.
#[derive(Clone, Copy, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tolerances {
    /// Shared areas below this are slivers, m².
    pub sliver_area_m2: f64,
    /// Shared areas whose mean width 2A/P is below this are slivers, m.
    pub sliver_width_m: f64,
    /// Shared areas with 4πA/P² below this are slivers, if they are also narrow.
    pub thinness: f64,
    /// The mean width up to which thinness counts, m: a road ten metres wide is no sliver however long it is.
    pub thin_width_m_max: f64,
    /// The grid that boundaries are drawn on, m: what differs by less is the same.
    pub grid_m: f64,
    /// The share of a project that its pieces by unit may miss.
    pub tiling_share: f64,
    /// How exactly reaching in and out is told: to this share …
    pub reach_share: f64,
    /// … or to this many metres, whichever is more.
    pub reach_m: f64,
}

impl Default for Tolerances {
    fn default() -> Self {
        Self {
            sliver_area_m2: 1.0,
            sliver_width_m: 0.10,
            thinness: 0.02,
            thin_width_m_max: 1.0,
            grid_m: 0.001,
            tiling_share: 1e-6,
            reach_share: 0.05,
            reach_m: 0.02,
        }
    }
}

/// A control unit as it comes from an edition.
#[derive(Clone, Debug)]
pub struct UnitSource {
    /// Code, such as `ZH35020320001`.
    pub code: String,
    /// Name.
    pub name: String,
    /// 1 优先, 2 重点, 3 一般.
    pub class: u8,
    /// Its ground, shells counter-clockwise or not.
    pub areas: MultiPolygon<f64>,
}

/// A feature of a layer as it comes from an edition.
#[derive(Clone, Debug)]
pub struct FeatureSource {
    /// Code or row number.
    pub id: String,
    /// Name, or nothing.
    pub name: String,
    /// Points, lines or areas.
    pub shape: Shape,
}

/// A layer as it comes from an edition.
#[derive(Clone, Debug)]
pub struct LayerSource {
    /// Key, such as `redline`.
    pub key: String,
    /// Positional accuracy as its source says, m.
    pub accuracy_m: f64,
    /// Whether a shared boundary counts as touching.
    pub touch_counts: bool,
    /// Whether everything within the coverage is in the layer.
    pub complete: bool,
    /// Where it was surveyed; without it nothing is known anywhere.
    pub coverage: Option<MultiPolygon<f64>>,
    /// What is in it.
    pub features: Vec<FeatureSource>,
}

/// Which layers are asked.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Choice {
    /// All of the edition.
    #[default]
    All,
    /// These keys. The number is the largest distance in metres that any rule asks of the layer (0 if none does):
    /// coverage counts as complete only when it reaches that far around the project.
    Keys(BTreeMap<String, f64>),
}

/// How exactly reaching in and out is told.
///
/// Depth and protrusion are never told above the truth, and below it by at most the tolerances' reach. Of a layer that
/// lies apart by more than accuracy can decide on (four times the layer's accuracy, and 5 m), protrusion is told as
/// the distance, which it exceeds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Detail {
    /// To the edition's tolerances.
    #[default]
    Full,
    /// For bulk work: depth and protrusion are told only as far as accuracy can decide on them. A value beyond four
    /// times the layer's accuracy (and 5 m) is then a lower bound.
    Decision,
}

/// What is wanted of the ground.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Wanted {
    /// Layers for the project.
    pub layers: Choice,
    /// Layers for its outfall, if a place is given.
    pub outfall: Choice,
    /// How exactly.
    pub detail: Detail,
}

/// Units and layers of an edition, ready to be asked.
#[derive(Clone, Debug)]
pub struct EditionMap {
    zone: Option<Zone>,
    tolerances: Tolerances,
    units: Vec<UnitName>,
    unit_areas: Areas,
    layers: BTreeMap<String, Layer>,
    coverages: Vec<Areas>,
}

#[derive(Clone, Debug)]
struct UnitName {
    code: String,
    name: String,
    class: u8,
}

/// What every question needs beside the site.
#[derive(Clone, Copy)]
struct Frame<'a> {
    tolerances: &'a Tolerances,
    detail: Detail,
    /// Plane metres per metre on the ground at the project.
    scale: f64,
}

impl EditionMap {
    /// Prepares units and layers. `zone` is the edition's Gauss–Krüger zone; without one the plane is taken as true.
    #[must_use]
    pub fn new(zone: Option<Zone>, units: Vec<UnitSource>, layers: Vec<LayerSource>, tolerances: Tolerances) -> Self {
        let unit_edges: Vec<_> = units.iter().map(|unit| edges_of_areas(&unit.areas)).collect();
        let mut coverages = Vec::new();
        let mut known: HashMap<Vec<u64>, usize> = HashMap::new();
        let layers = layers
            .into_iter()
            .map(|source| {
                let coverage = source.coverage.as_ref().map(|areas| {
                    let edges = edges_of_areas(areas);
                    let bits: Vec<u64> = edges.iter().flat_map(|e| [e.a.x.to_bits(), e.a.y.to_bits()]).collect();
                    *known.entry(bits).or_insert_with(|| {
                        coverages.push(Areas::plain(&[edges]));
                        coverages.len() - 1
                    })
                });
                (source.key.clone(), Layer::new(source, coverage))
            })
            .collect();
        Self {
            zone,
            tolerances,
            units: units.into_iter().map(|u| UnitName { code: u.code, name: u.name, class: u.class }).collect(),
            unit_areas: Areas::plain(&unit_edges),
            layers,
            coverages,
        }
    }

    /// Keys of the layers.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.layers.keys().map(String::as_str)
    }

    /// The ground of a project whose shape (and outfall, if its place is known) lies on the edition's plane.
    ///
    /// A wanted key that the edition does not have is left out: it has no answer.
    #[must_use]
    pub fn ground(&self, shape: &Shape, outfall: Option<&Shape>, wanted: &Wanted) -> Ground {
        let site = Site::new(shape);
        let frame = self.frame(&site, wanted.detail);
        let (units, tiled) = self.pieces(&site, frame);
        Ground {
            units,
            tiled,
            layers: self.findings(&site, &wanted.layers, frame),
            outfall: outfall.map(|shape| {
                let site = Site::new(shape);
                self.findings(&site, &wanted.outfall, self.frame(&site, wanted.detail))
            }),
        }
    }

    fn frame(&self, site: &Site, detail: Detail) -> Frame<'_> {
        let scale = self.zone.map_or(1.0, |zone| zone.scale(site.bounds.center()));
        Frame { tolerances: &self.tolerances, detail, scale }
    }

    fn findings(&self, site: &Site, choice: &Choice, frame: Frame<'_>) -> BTreeMap<String, LayerFinding> {
        let mut covered = vec![None; self.coverages.len()];
        let mut find = |key: &String, layer: &Layer, reach_m: f64| {
            let coverage = self.coverage(site, layer, reach_m, frame, &mut covered);
            (key.clone(), layer.find(site, coverage, frame))
        };
        match choice {
            Choice::All => self.layers.iter().map(|(key, layer)| find(key, layer, 0.0)).collect(),
            Choice::Keys(keys) => keys
                .iter()
                .filter_map(|(key, reach_m)| self.layers.get(key).map(|layer| find(key, layer, *reach_m)))
                .collect(),
        }
    }

    fn coverage(
        &self,
        site: &Site,
        layer: &Layer,
        reach_m: f64,
        frame: Frame<'_>,
        covered: &mut [Option<(Coverage, f64)>],
    ) -> Coverage {
        let Some(number) = layer.coverage else { return Coverage::None };
        let (within, margin) =
            *covered[number].get_or_insert_with(|| areas::covered(site, &self.coverages[number], frame));
        match within {
            Coverage::Complete if !layer.complete || margin < reach_m => Coverage::Partial,
            other => other,
        }
    }

    fn pieces(&self, site: &Site, frame: Frame<'_>) -> (Vec<UnitPiece>, bool) {
        let (parts, tiled) = self.unit_areas.tile(site, frame);
        let mut pieces: Vec<UnitPiece> = parts
            .into_iter()
            .map(|part| {
                let unit = &self.units[part.owner as usize];
                UnitPiece {
                    code: unit.code.clone(),
                    name: unit.name.clone(),
                    class: unit.class,
                    size: part.size,
                    share: part.share,
                    sliver: part.sliver,
                }
            })
            .collect();
        pieces.sort_by(|p, q| q.share.total_cmp(&p.share).then_with(|| p.code.cmp(&q.code)));
        (pieces, tiled)
    }
}
