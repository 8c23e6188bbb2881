//! The schematic outline that the city is drawn into: districts and sea, read from the city pack's GeoJSON.

use super::Error;
use super::place::{Place, Ring, within};
use serde::Deserialize;

#[derive(Deserialize)]
struct Collection {
    features: Vec<Feature>,
}

#[derive(Deserialize)]
struct Feature {
    properties: Properties,
    geometry: Geometry,
}

#[derive(Deserialize)]
struct Properties {
    role: String,
    name_zh: String,
    name_en: String,
    code: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "type", content = "coordinates")]
enum Geometry {
    Polygon(Vec<Vec<[f64; 2]>>),
    MultiPolygon(Vec<Vec<Vec<[f64; 2]>>>),
}

impl Geometry {
    /// All rings; which is a hole does not matter to the even-odd rule.
    fn rings(self) -> Vec<Ring> {
        let polygons = match self {
            Geometry::Polygon(rings) => vec![rings],
            Geometry::MultiPolygon(polygons) => polygons,
        };
        polygons.into_iter().flatten().map(|ring| open(&ring)).collect()
    }
}

fn open(points: &[[f64; 2]]) -> Ring {
    let mut ring: Ring = points.iter().map(|[x, y]| Place::of_degrees(*x, *y)).collect();
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    ring
}

/// One district of the schematic map.
#[derive(Debug, Clone)]
pub(super) struct District {
    /// Six digits of GB/T 2260.
    pub(super) code: String,
    pub(super) name_zh: String,
    pub(super) name_en: String,
    rings: Vec<Ring>,
}

/// What the schematic map says about land and sea.
#[derive(Debug, Clone)]
pub(super) struct Outline {
    /// In the order of their codes.
    pub(super) districts: Vec<District>,
    sea: Vec<Ring>,
    sea_limit: Ring,
}

/// Land or sea of one district.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Owner {
    /// Index into [`Outline::districts`].
    pub(super) district: usize,
    pub(super) sea: bool,
}

fn inside(place: Place, rings: &[Ring]) -> bool {
    rings.iter().filter(|ring| within(place, ring)).count() % 2 == 1
}

impl Outline {
    /// Reads the map; the city's part of its sea lies inside `sea_limit`.
    pub(super) fn parse(geojson: &str, sea_limit: &[[f64; 2]]) -> Result<Outline, Error> {
        let collection: Collection = serde_json::from_str(geojson).map_err(Error::Outline)?;
        let (mut districts, mut sea) = (Vec::new(), Vec::new());
        for feature in collection.features {
            let Properties { role, name_zh, name_en, code } = feature.properties;
            match (role.as_str(), code) {
                ("district", Some(code)) => {
                    districts.push(District { code, name_zh, name_en, rings: feature.geometry.rings() });
                }
                ("sea", _) => sea.extend(feature.geometry.rings()),
                _ => {}
            }
        }
        districts.sort_by(|a, b| a.code.cmp(&b.code));
        Ok(Outline { districts, sea, sea_limit: open(sea_limit) })
    }

    /// Whose a place is; sea belongs to the district that is nearest.
    pub(super) fn owner(&self, place: Place) -> Option<Owner> {
        if let Some(district) = self.districts.iter().position(|district| inside(place, &district.rings)) {
            return Some(Owner { district, sea: false });
        }
        if !inside(place, &self.sea) || !within(place, &self.sea_limit) {
            return None;
        }
        let distance = |index: &usize| self.districts[*index].rings.iter().map(|ring| nearest(place, ring).1);
        let least = |index: &usize| distance(index).fold(f64::INFINITY, f64::min);
        let district = (0..self.districts.len()).min_by(|a, b| least(a).total_cmp(&least(b)))?;
        Some(Owner { district, sea: true })
    }

    /// The nearest place on any drawn line, and its rough distance in metres.
    pub(super) fn nearest_line(&self, place: Place) -> Option<(Place, f64)> {
        let rings = self.districts.iter().flat_map(|district| &district.rings).chain(&self.sea);
        rings.map(|ring| nearest(place, ring)).min_by(|a, b| a.1.total_cmp(&b.1))
    }
}

fn nearest(place: Place, ring: &[Place]) -> (Place, f64) {
    let next = ring.iter().cycle().skip(1);
    let mut best = (place, f64::INFINITY);
    for (a, b) in ring.iter().zip(next) {
        let (dx, dy) = ((b.x - a.x) as f64, (b.y - a.y) as f64);
        let along = ((place.x - a.x) as f64 * dx + (place.y - a.y) as f64 * dy) / (dx * dx + dy * dy).max(1.0);
        let along = along.clamp(0.0, 1.0);
        let foot = Place { x: a.x + (along * dx) as i64, y: a.y + (along * dy) as i64 };
        let distance = place.metres_to(foot);
        if distance < best.1 {
            best = (foot, distance);
        }
    }
    best
}
