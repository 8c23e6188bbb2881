//! Edges of many areas (or lines, or points) under one tree, each edge knowing whose it is.

use geo::Coord;

use super::edge::{Place, ray_step};
use super::shared::corner_step;
use super::tree::{BoxTree, left_box, ray_box};
use super::{Bounds, Edge};

/// Neighbouring edges of a ring that share one box of the tree.
const RUN: usize = 8;

/// A static index of edges, grouped by owner.
#[derive(Clone, Debug, Default)]
pub struct EdgeIndex {
    edges: Vec<Edge>,
    /// Per run: number of its first edge, and its owner.
    runs: Vec<(u32, u32)>,
    tree: BoxTree,
}

impl EdgeIndex {
    /// An index over the edges of owners `0, 1, 2, …`; edges of one ring should follow one another.
    pub fn new<'a>(owners: impl IntoIterator<Item = &'a [Edge]>) -> Self {
        let mut pieces: Vec<(&'a [Edge], u32)> = Vec::new();
        for (owner, edges) in (0_u32..).zip(owners) {
            pieces.extend(edges.chunks(RUN).map(|run| (run, owner)));
        }
        let boxes: Vec<Bounds> = pieces
            .iter()
            .map(|(run, _)| run.iter().fold(Bounds::EMPTY, |sum, edge| sum.union(edge.bounds())))
            .collect();
        let order = BoxTree::order(&boxes);
        let mut index = Self {
            edges: Vec::with_capacity(pieces.iter().map(|(run, _)| run.len()).sum()),
            runs: Vec::with_capacity(pieces.len() + 1),
            tree: BoxTree::new(order.iter().map(|&number| boxes[number as usize]).collect()),
        };
        for number in order {
            let (run, owner) = pieces[number as usize];
            index.runs.push((index.edges.len() as u32, owner));
            index.edges.extend_from_slice(run);
        }
        index.runs.push((index.edges.len() as u32, u32::MAX));
        index
    }

    /// The box of all edges.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        self.tree.bounds()
    }

    /// Whether it holds no edge.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edges.is_empty()
    }

    /// All edges.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    #[inline]
    fn run(&self, number: usize) -> (u32, &[Edge]) {
        let (start, owner) = self.runs[number];
        (owner, &self.edges[start as usize..self.runs[number + 1].0 as usize])
    }

    /// Calls `visit(owner, edge)` for every edge whose box shares a point with the query.
    #[inline]
    pub fn meeting(&self, query: &Bounds, mut visit: impl FnMut(u32, &Edge)) {
        self.tree.meeting(query, |number| {
            let (owner, run) = self.run(number);
            for edge in run.iter().filter(|edge| edge.bounds().meets(query)) {
                visit(owner, edge);
            }
        });
    }

    /// The owners whose interior or boundary holds a point, and which of both it is; exact.
    pub fn locate(&self, p: Coord<f64>, found: &mut Vec<(u32, Place)>) {
        found.clear();
        let mut seen: Vec<(u32, bool, bool)> = Vec::new();
        self.tree.meeting(&ray_box(p), |number| {
            let (owner, run) = self.run(number);
            let (mut parity, mut on) = (false, false);
            for edge in run {
                ray_step(edge, p, &mut parity, &mut on);
            }
            if parity || on {
                match seen.iter_mut().find(|known| known.0 == owner) {
                    Some(known) => {
                        known.1 ^= parity;
                        known.2 |= on;
                    }
                    None => seen.push((owner, parity, on)),
                }
            }
        });
        for (owner, parity, on) in seen {
            if on {
                found.push((owner, Place::Boundary));
            } else if parity {
                found.push((owner, Place::Inside));
            }
        }
    }

    /// The owners that hold the corner of a box, as [`super::shared::Subject`] wants it.
    pub fn owners_at_corner(&self, corner: Coord<f64>, found: &mut Vec<u32>) {
        found.clear();
        self.tree.meeting(&left_box(corner), |number| {
            let (owner, run) = self.run(number);
            let mut inside = false;
            for edge in run {
                corner_step(edge, corner, &mut inside);
            }
            if inside {
                match found.iter().position(|known| *known == owner) {
                    Some(at) => {
                        found.swap_remove(at);
                    }
                    None => found.push(owner),
                }
            }
        });
    }

    /// Where a point lies when all edges bound one area; exact.
    #[must_use]
    pub fn place(&self, p: Coord<f64>) -> Place {
        let (mut parity, mut on) = (false, false);
        self.tree.meeting(&ray_box(p), |number| {
            for edge in self.run(number).1 {
                ray_step(edge, p, &mut parity, &mut on);
            }
        });
        match (on, parity) {
            (true, _) => Place::Boundary,
            (false, true) => Place::Inside,
            (false, false) => Place::Outside,
        }
    }

    /// Distance of a point from the nearest edge, if it is below the bound.
    #[must_use]
    pub fn distance(&self, p: Coord<f64>, bound: f64) -> Option<f64> {
        let bound2 = bound * bound;
        let found = self.tree.nearest(&Bounds::at(p), bound2, |number, best| {
            self.run(number).1.iter().fold(best, |best, edge| best.min(edge.distance2(p)))
        });
        (found < bound2).then(|| found.sqrt())
    }

    /// Distance from some edges that meet none of these, and the owner of the nearest; if it is below the bound.
    #[must_use]
    pub fn distance_of(&self, edges: &[Edge], bounds: &Bounds, bound: f64) -> Option<(f64, u32)> {
        let bound2 = bound * bound;
        let mut nearest = u32::MAX;
        let found = self.tree.nearest(bounds, bound2, |number, mut best| {
            let (owner, run) = self.run(number);
            let run_box = self.tree.item(number);
            for mine in edges {
                let mine_box = mine.bounds();
                if mine_box.distance2(&run_box) >= best {
                    continue;
                }
                for edge in run {
                    if mine_box.distance2(&edge.bounds()) >= best {
                        continue;
                    }
                    let d = mine.apart2(edge);
                    if d < best {
                        (best, nearest) = (d, owner);
                    }
                }
            }
            best
        });
        (found < bound2).then(|| (found.sqrt(), nearest))
    }
}
