//! How a site meets the lines and points of a layer.

use std::collections::BTreeMap;

use super::site::{Kind, Site};
use crate::plane::edge::{Contact, Place};
use crate::plane::runs::stretches;
use crate::plane::{Edge, EdgeIndex};

/// Lines and points by owner; a point is an edge without length.
#[derive(Clone, Debug, Default)]
pub(super) struct Traces {
    index: EdgeIndex,
}

/// How a site meets them. Lengths on the plane.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Crossed {
    /// Length within the site by owner; 0 for points and for lines that only cross a line.
    pub(super) inner: BTreeMap<u32, f64>,
    /// Owners met on the site's boundary only.
    pub(super) touched: Vec<u32>,
}

impl Traces {
    pub(super) fn new(edges: &[Vec<Edge>]) -> Self {
        Self { index: EdgeIndex::new(edges.iter().map(Vec::as_slice)) }
    }

    pub(super) fn index(&self) -> &EdgeIndex {
        &self.index
    }

    pub(super) fn meet(&self, site: &Site) -> Crossed {
        let mut crossed = Crossed::default();
        let areal = matches!(site.kind, Kind::Areas { .. });
        let mut found = Vec::new();
        self.index.meeting(&site.bounds, |owner, edge| {
            if !areal {
                let contacts = site.edges.iter().map(|mine| mine.contact(edge));
                if contacts.into_iter().any(|contact| contact != Contact::None) {
                    crossed.inner.entry(owner).or_default();
                }
                return;
            }
            if edge.a == edge.b {
                match site.place(edge.a) {
                    Place::Inside => {
                        crossed.inner.entry(owner).or_default();
                    }
                    Place::Boundary => crossed.touched.push(owner),
                    Place::Outside => {}
                }
                return;
            }
            found.clear();
            stretches(edge, &site.edges, |p| site.place(p), &mut found);
            let inner: f64 = found.iter().filter(|s| s.place == Place::Inside).map(|s| s.to - s.from).sum();
            if inner > 0.0 {
                *crossed.inner.entry(owner).or_default() += inner * edge.length();
            } else if site.edges.iter().any(|mine| mine.contact(edge) != Contact::None) {
                crossed.touched.push(owner);
            }
        });
        let inner = &crossed.inner;
        crossed.touched.retain(|owner| !inner.contains_key(owner));
        crossed.touched.sort_unstable();
        crossed.touched.dedup();
        crossed
    }
}
