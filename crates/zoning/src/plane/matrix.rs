//! Which areas of two collections share how much.

use std::collections::BTreeMap;

use geo::MultiPolygon;

use super::edge::edges_of_areas;
use super::shared::Subject;
use super::{Bounds, Edge, EdgeIndex};

/// Two areas that share ground.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Pair {
    /// Number in the first collection.
    pub first: usize,
    /// Number in the second.
    pub second: usize,
    /// What they share, in squared units of the plane.
    pub area: f64,
}

/// Pairs of two collections that share more than rounding, by first and second.
#[must_use]
pub fn between(first: &[MultiPolygon<f64>], second: &[MultiPolygon<f64>]) -> Vec<Pair> {
    let others = Others::new(second);
    (0..first.len()).flat_map(|number| others.pairs(number, &edges_of_areas(&first[number]), |_| true)).collect()
}

/// Pairs within one collection, each once, the lesser number first.
#[must_use]
pub fn within(areas: &[MultiPolygon<f64>]) -> Vec<Pair> {
    let others = Others::new(areas);
    (0..areas.len())
        .flat_map(|number| others.pairs(number, &edges_of_areas(&areas[number]), |other| other > number))
        .collect()
}

struct Others {
    index: EdgeIndex,
}

impl Others {
    fn new(areas: &[MultiPolygon<f64>]) -> Self {
        let edges: Vec<Vec<Edge>> = areas.iter().map(edges_of_areas).collect();
        Self { index: EdgeIndex::new(edges.iter().map(Vec::as_slice)) }
    }

    fn pairs(&self, first: usize, edges: &[Edge], wanted: impl Fn(usize) -> bool) -> Vec<Pair> {
        let bounds = edges.iter().fold(Bounds::EMPTY, |sum, edge| sum.union(edge.bounds()));
        if bounds.is_empty() {
            return Vec::new();
        }
        let mut corner = Vec::new();
        self.index.owners_at_corner(Subject::corner(&bounds), &mut corner);
        let mut groups: BTreeMap<u32, Vec<Edge>> = corner.iter().map(|owner| (*owner, Vec::new())).collect();
        self.index.meeting(&bounds, |owner, edge| groups.entry(owner).or_default().push(*edge));
        groups.retain(|owner, _| wanted(*owner as usize));
        let subject = Subject::new(edges, &bounds);
        let shared = groups.into_iter().map(|(owner, near)| Pair {
            first,
            second: owner as usize,
            area: subject.shared(&near, corner.contains(&owner)),
        });
        shared.filter(|pair| pair.area > subject.noise()).collect()
    }
}
