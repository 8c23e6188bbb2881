//! One layer: what it says about a site.

use geo::algorithm::bool_ops::unary_union;
use geo::{Coord, MultiPolygon};

use super::areas::{Areas, Met};
use super::reach;
use super::site::Site;
use super::traces::{Crossed, Traces};
use super::{Detail, Frame, LayerSource};
use crate::ground::{Coverage, FeatureHit, LayerFinding, Meeting};
use crate::plane::edge::{Contact, Place, edges_of_areas, edges_of_lines};
use crate::plane::{Edge, EdgeIndex};
use crate::shape::Parts;

/// A prepared layer. Owners of areas and of traces are counted apart.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    accuracy_m: f64,
    touch_counts: bool,
    pub(super) complete: bool,
    pub(super) coverage: Option<usize>,
    areas: Areas,
    area_names: Vec<(String, String)>,
    traces: Traces,
    trace_names: Vec<(String, String)>,
}

impl Layer {
    pub(super) fn new(source: LayerSource, coverage: Option<usize>) -> Self {
        let (mut areas, mut area_names) = (Vec::new(), Vec::new());
        let (mut traces, mut trace_names) = (Vec::new(), Vec::new());
        for feature in source.features {
            let names = (feature.id, feature.name);
            match feature.shape.parts() {
                Parts::Areas(all) => {
                    areas.push(all.clone());
                    area_names.push(names);
                }
                Parts::Lines(lines) => {
                    traces.push(edges_of_lines(lines));
                    trace_names.push(names);
                }
                Parts::Points(points) => {
                    traces.push(points.iter().map(|p| Edge { a: p.0, b: p.0 }).collect());
                    trace_names.push(names);
                }
            }
        }
        Self {
            accuracy_m: source.accuracy_m,
            touch_counts: source.touch_counts,
            complete: source.complete,
            coverage,
            areas: prepared(&areas),
            area_names,
            traces: Traces::new(&traces),
            trace_names,
        }
    }

    pub(super) fn find(&self, site: &Site, coverage: Coverage, frame: Frame<'_>) -> LayerFinding {
        let met = self.areas.meet(site, frame);
        let crossed = self.traces.meet(site);
        let meeting = meeting(&met, &crossed);
        let mut finding = LayerFinding {
            coverage,
            meeting,
            inside: met.inside,
            area_m2: 0.0,
            length_m: 0.0,
            share: met.share,
            distance_m: None,
            depth_m: 0.0,
            margin_m: 0.0,
            protrusion_m: 0.0,
            sliver_width_m: 0.0,
            accuracy_m: self.accuracy_m,
            touch_counts: self.touch_counts,
            features: self.hits(&met, &crossed, site, frame),
        };
        match site.kind {
            super::site::Kind::Areas { .. } => finding.area_m2 = met.size,
            super::site::Kind::Lines { .. } => finding.length_m = met.size / frame.scale,
            super::site::Kind::Points => {}
        }
        if meeting == Meeting::Sliver {
            finding.sliver_width_m = met.parts.iter().map(|part| part.width).fold(0.0, f64::max);
        }
        if meeting == Meeting::Apart {
            self.apart(site, frame, &mut finding);
        } else {
            finding.distance_m = Some(0.0);
            self.reaches(site, frame, &met, &mut finding);
        }
        finding
    }

    fn apart(&self, site: &Site, frame: Frame<'_>, finding: &mut LayerFinding) {
        let nearest = nearest(&self.areas, &self.traces, site);
        let Some((plane, owner, of_area)) = nearest else { return };
        let distance = plane / frame.scale;
        finding.distance_m = Some(distance);
        let names = if of_area { &self.area_names } else { &self.trace_names };
        finding.features = hit(names, owner, 0.0, 0.0).into_iter().collect();
        finding.protrusion_m = distance;
        if distance < reach::far_m(self.accuracy_m) {
            let away = |p: Coord<f64>| {
                let to = |index: &EdgeIndex| index.distance(p, f64::INFINITY).unwrap_or(f64::INFINITY);
                to(self.areas.outline()).min(to(self.traces.index()))
            };
            finding.protrusion_m = reach::greatest(site, self.accuracy_m, frame, away) / frame.scale;
        }
    }

    fn reaches(&self, site: &Site, frame: Frame<'_>, met: &Met, finding: &mut LayerFinding) {
        if self.areas.is_empty() {
            return;
        }
        if finding.inside {
            finding.margin_m = self.areas.margin(site) / frame.scale;
        } else {
            let out = |p: Coord<f64>| -self.areas.depth_at(p);
            finding.protrusion_m = reach::greatest(site, self.accuracy_m, frame, out) / frame.scale;
        }
        if !met.parts.is_empty() {
            let far = finding.margin_m >= reach::far_m(self.accuracy_m);
            finding.depth_m = if frame.detail == Detail::Decision && far {
                finding.margin_m
            } else {
                reach::greatest(site, self.accuracy_m, frame, |p| self.areas.depth_at(p)) / frame.scale
            };
        }
    }

    /// Areas met, largest share first, then what is only touched.
    fn hits(&self, met: &Met, crossed: &Crossed, site: &Site, frame: Frame<'_>) -> Vec<FeatureHit> {
        let areal = matches!(site.kind, super::site::Kind::Areas { .. });
        let mut parts: Vec<_> = met.parts.iter().collect();
        parts.sort_by(|p, q| q.share.total_cmp(&p.share).then(p.owner.cmp(&q.owner)));
        let inner = parts.into_iter().filter_map(|part| {
            let (area, length) = if areal { (part.size, 0.0) } else { (0.0, part.size / frame.scale) };
            hit(&self.area_names, part.owner, area, length)
        });
        let mut runs: Vec<_> = crossed.inner.iter().collect();
        runs.sort_by(|p, q| q.1.total_cmp(p.1).then(p.0.cmp(q.0)));
        let runs =
            runs.into_iter().filter_map(|(owner, length)| hit(&self.trace_names, *owner, 0.0, length / frame.scale));
        let touched = met.touched.iter().filter_map(|owner| hit(&self.area_names, *owner, 0.0, 0.0));
        let brushed = crossed.touched.iter().filter_map(|owner| hit(&self.trace_names, *owner, 0.0, 0.0));
        inner.chain(runs).chain(touched).chain(brushed).collect()
    }
}

fn hit(names: &[(String, String)], owner: u32, area_m2: f64, length_m: f64) -> Option<FeatureHit> {
    names.get(owner as usize).map(|(id, name)| FeatureHit { id: id.clone(), name: name.clone(), area_m2, length_m })
}

fn meeting(met: &Met, crossed: &Crossed) -> Meeting {
    if met.parts.iter().any(|part| !part.sliver) || !crossed.inner.is_empty() || (met.inside && !met.parts.is_empty()) {
        Meeting::Solid
    } else if !met.parts.is_empty() {
        Meeting::Sliver
    } else if !met.touched.is_empty() || !crossed.touched.is_empty() || met.size > 0.0 {
        Meeting::Boundary
    } else {
        Meeting::Apart
    }
}

/// The nearest area or trace: plane distance, owner, and whether it is an area.
fn nearest(areas: &Areas, traces: &Traces, site: &Site) -> Option<(f64, u32, bool)> {
    let of = |index: &EdgeIndex, bound| index.distance_of(&site.edges, &site.bounds, bound);
    let area = of(areas.each(), f64::INFINITY);
    let bound = area.map_or(f64::INFINITY, |(d, _)| d);
    match of(traces.index(), bound) {
        Some((d, owner)) => Some((d, owner, false)),
        None => area.map(|(d, owner)| (d, owner, true)),
    }
}

/// Areas with the outline of their union, where that differs from their own outlines.
fn prepared(areas: &[MultiPolygon<f64>]) -> Areas {
    let each: Vec<Vec<Edge>> = areas.iter().map(edges_of_areas).collect();
    if touching(&each) {
        let outline = edges_of_areas(&unary_union(areas));
        Areas::with_outline(&each, Some(&outline))
    } else {
        Areas::plain(&each)
    }
}

/// Whether areas of different owners share a point.
fn touching(each: &[Vec<Edge>]) -> bool {
    let index = EdgeIndex::new(each.iter().map(Vec::as_slice));
    let mut found = Vec::new();
    let mut met = false;
    for (owner, edges) in (0_u32..).zip(each) {
        for edge in edges {
            index.meeting(&edge.bounds(), |other, theirs| {
                met = met || (other > owner && edge.contact(theirs) != Contact::None);
            });
            if met {
                return true;
            }
        }
        if let Some(edge) = edges.first() {
            index.locate(edge.a, &mut found);
            if found.iter().any(|(other, place)| *other != owner && *place == Place::Inside) {
                return true;
            }
        }
    }
    false
}
