//! A project's shape made ready for questions.

use geo::Coord;

use crate::plane::edge::{Place, edges_of_areas, edges_of_lines, locate};
use crate::plane::shared::Subject;
use crate::plane::{Bounds, Edge, EdgeIndex};
use crate::shape::{Parts, Shape};

/// Edges above which a site gets an index of its own.
const PLAIN_EDGES_MAX: usize = 64;

/// A project's shape with what is computed from it once.
pub(super) struct Site {
    pub(super) bounds: Bounds,
    /// Edges; a point is an edge without length.
    pub(super) edges: Vec<Edge>,
    pub(super) kind: Kind,
    index: Option<EdgeIndex>,
}

pub(super) enum Kind {
    Points,
    Lines { length: f64 },
    Areas { subject: Subject, perimeter: f64 },
}

impl Site {
    pub(super) fn new(shape: &Shape) -> Self {
        let bounds = shape.bounds();
        let (edges, kind) = match shape.parts() {
            Parts::Points(points) => (points.iter().map(|p| Edge { a: p.0, b: p.0 }).collect(), Kind::Points),
            Parts::Lines(lines) => {
                let edges = edges_of_lines(lines);
                let length = edges.iter().map(Edge::length).sum();
                (edges, Kind::Lines { length })
            }
            Parts::Areas(areas) => {
                let edges = edges_of_areas(areas);
                let perimeter = edges.iter().map(Edge::length).sum();
                let kind = Kind::Areas { subject: Subject::new(&edges, &bounds), perimeter };
                (edges, kind)
            }
        };
        let index = (edges.len() > PLAIN_EDGES_MAX).then(|| EdgeIndex::new([edges.as_slice()]));
        Self { bounds, edges, kind, index }
    }

    /// Where a point lies in the areas of the site.
    pub(super) fn place(&self, p: Coord<f64>) -> Place {
        match &self.index {
            Some(index) => index.place(p),
            None => locate(&self.edges, p),
        }
    }

    /// Whether an edge of the site may meet a box.
    pub(super) fn has_edge_in(&self, query: &Bounds) -> bool {
        match &self.index {
            Some(index) => {
                let mut found = false;
                index.meeting(query, |_, _| found = true);
                found
            }
            None => self.edges.iter().any(|edge| edge.bounds().meets(query)),
        }
    }
}
