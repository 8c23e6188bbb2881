//! The element layers: what lies where, by theme.

use super::fields::{Fields, Noise};
use super::mesh::{Cell, Mesh};
use super::model::{Coverage, EditionModel, LayerModel, Model, On, Shape};
use super::outline::{Outline, Owner};
use super::place::{Place, Polygon};
use super::shapes::{blob, nested, strip};
use crate::dice::Dice;
use std::collections::BTreeSet;

/// Degrees between the widest nodes of a layer's own noise.
const NOISE_WIDE: f64 = 0.09;

/// Part of a layer's field that is its own noise.
const NOISE_PART: f64 = 0.45;

/// Tries to find a place for a blob that meets no other of its layer.
const TRIES: usize = 24;

/// One area of a layer.
#[derive(Debug, Clone)]
pub(super) struct Area {
    /// Element code (YS…) where the layer has one, else key and number.
    pub(super) id: String,
    pub(super) polygon: Polygon,
}

/// One layer of one edition.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    pub(super) key: String,
    pub(super) title_zh: String,
    pub(super) title_en: String,
    pub(super) areas: Vec<Area>,
    pub(super) declared: LayerModel,
}

/// What layers are made on.
pub(super) struct Ground<'a> {
    pub(super) model: &'a Model,
    pub(super) outline: &'a Outline,
    pub(super) units: &'a Mesh,
    pub(super) own: &'a Mesh,
    pub(super) fields: &'a Fields,
    pub(super) seed: u64,
}

impl Ground<'_> {
    /// All layers of an edition, in the order of the model; a family has one for each district.
    pub(super) fn layers(&self, edition: &EditionModel) -> Vec<Layer> {
        let mut layers = Vec::new();
        for declared in &self.model.layer {
            let mut declared = declared.clone();
            if let (Some(changed), Shape::UnitCells { share } | Shape::Cells { share }) =
                (edition.share.get(&declared.key), &mut declared.shape)
            {
                *share = *changed;
            }
            if let Some(changed) = edition.coverage.get(&declared.key) {
                declared.coverage.clone_from(changed);
            }
            if !declared.by_district {
                layers.push(self.layer(&declared, None));
                continue;
            }
            for district in 0..self.outline.districts.len() {
                layers.push(self.layer(&declared, Some(district)));
            }
        }
        layers
    }

    fn layer(&self, declared: &LayerModel, district: Option<usize>) -> Layer {
        let place = district.map(|district| &self.outline.districts[district]);
        let (mut key, mut title_zh, mut title_en) = (declared.key.clone(), declared.zh.clone(), declared.en.clone());
        let mut county = "350200";
        if let Some(place) = place {
            key = format!("{key}:{}", place.code);
            title_zh = format!("{title_zh}·{}", place.name_zh);
            title_en = format!("{title_en}, {}", place.name_en);
            county = &place.code;
        }
        let polygons = self.polygons(declared, district, &key);
        let id = |number: usize| match &declared.ys {
            Some(digits) => format!("YS{county}{digits}{number:04}"),
            None => format!("{key}-{number}"),
        };
        let areas = polygons.into_iter().zip(1..).map(|(polygon, number)| Area { id: id(number), polygon }).collect();
        Layer { key, title_zh, title_en, areas, declared: declared.clone() }
    }

    fn polygons(&self, declared: &LayerModel, district: Option<usize>, key: &str) -> Vec<Polygon> {
        let mut dice = Dice::new(self.seed, &format!("layer {key}"));
        match &declared.shape {
            Shape::UnitCells { share } => self.cells(self.units, declared, district, key, [1.0 - share, 1.0]),
            Shape::Cells { share } => self.cells(self.own, declared, district, key, [1.0 - share, 1.0]),
            Shape::Band { between } => self.cells(self.own, declared, district, &declared.group, *between),
            Shape::Blobs { count, radius_m } => self.blobs(declared, district, *count, *radius_m, &mut dice),
            Shape::Placed { at } => {
                at.iter().map(|[x, y, radius]| blob(Place::of_degrees(*x, *y), *radius, &mut dice)).collect()
            }
            Shape::Nested { at, radii_m, ring } => at
                .iter()
                .filter_map(|[x, y]| {
                    // The chance is the place's, not the layer's, so that the rings of one place fit.
                    let mut dice = Dice::new(self.seed, &format!("nested {x} {y}"));
                    nested(Place::of_degrees(*x, *y), radii_m, &mut dice).into_iter().nth(*ring)
                })
                .collect(),
            Shape::Strips { count, length_km, width_m } => {
                let cells = self.allowed(self.own, declared, district);
                let mut strips = Vec::new();
                for _ in 0..*count {
                    let Some(cell) = self.draw(&cells, declared, &mut dice) else { break };
                    let heading = dice.between(0.0, 360.0);
                    let (sin, cos) = heading.to_radians().sin_cos();
                    let half = length_km * 500.0;
                    let start = self.own.middle(cell).moved(-half * cos, -half * sin);
                    strips.push(strip(start, heading, length_km * 1000.0, *width_m, &mut dice));
                }
                strips
            }
        }
    }

    fn allowed(&self, mesh: &Mesh, declared: &LayerModel, district: Option<usize>) -> Vec<Cell> {
        let fits = |owner: Owner| {
            let ground = match declared.on {
                On::Land => !owner.sea,
                On::Sea => owner.sea,
                On::All => true,
            };
            ground && district.is_none_or(|district| district == owner.district)
        };
        mesh.cells().filter(|(_, owner)| fits(*owner)).map(|(cell, _)| cell).collect()
    }

    /// The areas of the cells whose field lies between two shares from the lowest.
    fn cells(
        &self,
        mesh: &Mesh,
        declared: &LayerModel,
        district: Option<usize>,
        noise: &str,
        [from, to]: [f64; 2],
    ) -> Vec<Polygon> {
        let noise = Noise::new(self.model, self.seed, noise, NOISE_WIDE);
        let field = |cell: Cell| {
            let place = mesh.middle(cell);
            (1.0 - NOISE_PART) * self.fields.at(declared.base, place) + NOISE_PART * noise.at(place)
        };
        let mut ranked: Vec<(f64, Cell)> =
            self.allowed(mesh, declared, district).into_iter().map(|cell| (field(cell), cell)).collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let at = |share: f64| (share * ranked.len() as f64).round() as usize;
        let chosen: BTreeSet<Cell> = ranked.iter().take(at(to)).skip(at(from)).map(|(_, cell)| *cell).collect();
        mesh.polygons(&chosen)
    }

    fn blobs(
        &self,
        declared: &LayerModel,
        district: Option<usize>,
        count: usize,
        radius_m: [f64; 2],
        dice: &mut Dice,
    ) -> Vec<Polygon> {
        let cells = self.allowed(self.own, declared, district);
        let mut placed: Vec<(Place, f64)> = Vec::new();
        for _ in 0..count {
            for _ in 0..TRIES {
                let Some(cell) = self.draw(&cells, declared, dice) else { break };
                let middle = self.own.middle(cell).moved(dice.between(-120.0, 120.0), dice.between(-120.0, 120.0));
                let radius = dice.between(radius_m[0], radius_m[1]);
                // A blob reaches at most 1.45 radii from its middle.
                let free = placed.iter().all(|(other, room)| middle.metres_to(*other) > 1.5 * (radius + room));
                if free {
                    placed.push((middle, radius));
                    break;
                }
            }
        }
        placed.into_iter().map(|(middle, radius)| blob(middle, radius, dice)).collect()
    }

    /// One of some cells, by lot, rather where the base of the layer is high.
    fn draw(&self, cells: &[Cell], declared: &LayerModel, dice: &mut Dice) -> Option<Cell> {
        let mut best: Option<(f64, Cell)> = None;
        for _ in 0..4 {
            let cell = *cells.get((dice.uniform() * cells.len() as f64) as usize)?;
            let field = self.fields.at(declared.base, self.own.middle(cell));
            if best.is_none_or(|(other, _)| field > other) {
                best = Some((field, cell));
            }
        }
        best.map(|(_, cell)| cell)
    }

    /// The area of a coverage polygon.
    pub(super) fn coverage(&self, coverage: &Coverage) -> Vec<Polygon> {
        let surveyed = |owner: Owner| {
            let code = &self.outline.districts[owner.district].code;
            let ground = if owner.sea { coverage.sea } else { coverage.land };
            ground && !coverage.without.contains(code)
        };
        let cells = self.units.cells().filter(|(_, owner)| surveyed(*owner)).map(|(cell, _)| cell).collect();
        self.units.polygons(&cells)
    }
}
