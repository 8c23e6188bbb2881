//! How wild, built-up or industrial the made-up ground is: smooth fields between 0 and 1.

use super::model::{Model, Town};
use super::place::Place;
use crate::dice::Dice;

/// Nodes of the noise lattice on a side.
const NODES: usize = 64;

/// Smooth noise: values on a lattice, three sizes of it, joined by smooth steps.
#[derive(Debug, Clone)]
pub(super) struct Noise {
    nodes: Vec<f64>,
    south_west: Place,
    /// Degrees between the nodes of the widest lattice.
    wide: f64,
}

impl Noise {
    pub(super) fn new(model: &Model, seed: u64, name: &str, wide: f64) -> Noise {
        let mut dice = Dice::new(seed, &format!("noise {name}"));
        let nodes = (0..NODES * NODES).map(|_| dice.uniform()).collect();
        Noise { nodes, south_west: Place::of_degrees(model.extent[0], model.extent[1]), wide }
    }

    pub(super) fn at(&self, place: Place) -> f64 {
        let [x, y] = Place { x: place.x - self.south_west.x, y: place.y - self.south_west.y }.degrees();
        let layer = |fine: f64| self.lattice(x / self.wide * fine, y / self.wide * fine);
        (4.0 * layer(1.0) + 2.0 * layer(2.0) + layer(4.0)) / 7.0
    }

    fn lattice(&self, x: f64, y: f64) -> f64 {
        let (column, row) = (x.floor(), y.floor());
        let smooth = |part: f64| part * part * (3.0 - 2.0 * part);
        let (right, up) = (smooth(x - column), smooth(y - row));
        let node = |east: i64, north: i64| {
            let wrap = |at: f64, step: i64| (at as i64 + step).rem_euclid(NODES as i64) as usize;
            self.nodes[wrap(row, north) * NODES + wrap(column, east)]
        };
        let south = node(0, 0) + (node(1, 0) - node(0, 0)) * right;
        let north = node(0, 1) + (node(1, 1) - node(0, 1)) * right;
        south + (north - south) * up
    }
}

/// What a layer follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Base {
    /// Nothing: noise alone.
    Free,
    /// Far from the towns.
    Wild,
    /// Near the towns.
    Urban,
    /// Near the works.
    Industry,
}

/// The fields of one city.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    towns: Vec<Town>,
    works: Vec<Town>,
    rough: Noise,
}

impl Fields {
    pub(super) fn new(model: &Model, seed: u64) -> Fields {
        let rough = Noise::new(model, seed, "ground", 0.06);
        Fields { towns: model.towns.clone(), works: model.works.clone(), rough }
    }

    /// The base of a layer at a place.
    pub(super) fn at(&self, base: Base, place: Place) -> f64 {
        let urban = 0.75 * near(&self.towns, place) + 0.25 * self.rough.at(place);
        match base {
            Base::Free => 0.5,
            Base::Urban => urban,
            Base::Wild => 1.0 - urban,
            Base::Industry => 0.75 * near(&self.works, place) + 0.25 * urban,
        }
    }
}

fn near(centres: &[Town], place: Place) -> f64 {
    let pull = |town: &Town| {
        let distance = place.metres_to(Place::of_degrees(town.at[0], town.at[1])) / (town.reach_km * 1000.0);
        (-distance * distance).exp()
    };
    1.0 - centres.iter().map(|town| 1.0 - pull(town)).product::<f64>()
}
