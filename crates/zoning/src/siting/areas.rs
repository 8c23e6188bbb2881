//! How a site meets the areas of a layer, or of the units.

use std::collections::BTreeMap;

use geo::Coord;

use super::Frame;
use super::site::{Kind, Site};
use crate::ground::Coverage;
use crate::plane::edge::{Contact, Place, side};
use crate::plane::runs::{any_contact, shared_perimeter};
use crate::plane::shared::Subject;
use crate::plane::{Edge, EdgeIndex};

/// Areas by owner, and the outline of them all where that is another thing.
#[derive(Clone, Debug, Default)]
pub(super) struct Areas {
    each: EdgeIndex,
    /// The outline of the union, when areas touch or overlap one another.
    whole: Option<EdgeIndex>,
}

/// A share of a site in one area. Sizes are of the plane.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Part {
    pub(super) owner: u32,
    pub(super) size: f64,
    pub(super) share: f64,
    pub(super) sliver: bool,
    /// Mean width of a sliver, else 0.
    pub(super) width: f64,
}

/// How a site meets all areas together.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Met {
    /// Areas whose interior it meets.
    pub(super) parts: Vec<Part>,
    /// Areas of which it meets only the boundary.
    pub(super) touched: Vec<u32>,
    /// Size of what lies in any of them.
    pub(super) size: f64,
    /// Share of the site in any of them.
    pub(super) share: f64,
    pub(super) inside: bool,
}

impl Areas {
    /// Areas that do not overlap.
    pub(super) fn plain(edges: &[Vec<Edge>]) -> Self {
        Self { each: EdgeIndex::new(edges.iter().map(Vec::as_slice)), whole: None }
    }

    /// Areas and the outline of their union.
    pub(super) fn with_outline(edges: &[Vec<Edge>], outline: Option<&[Edge]>) -> Self {
        Self {
            each: EdgeIndex::new(edges.iter().map(Vec::as_slice)),
            whole: outline.map(|edges| EdgeIndex::new([edges])),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.each.is_empty()
    }

    /// The edges between what is in the layer and what is not.
    pub(super) fn outline(&self) -> &EdgeIndex {
        self.whole.as_ref().unwrap_or(&self.each)
    }

    /// Edges of each area, one after another.
    pub(super) fn each(&self) -> &EdgeIndex {
        &self.each
    }

    /// Positive inside: the distance from the outline.
    pub(super) fn depth_at(&self, p: Coord<f64>) -> f64 {
        let d = self.outline().distance(p, f64::INFINITY).unwrap_or(f64::INFINITY);
        if self.outline().place(p) == Place::Inside { d } else { -d }
    }

    /// Plane distance from a site that lies inside to the outline, 0 when they meet.
    pub(super) fn margin(&self, site: &Site) -> f64 {
        let mut near = Vec::new();
        self.outline().meeting(&site.bounds, |_, edge| near.push(*edge));
        if any_contact(&site.edges, &near) {
            return 0.0;
        }
        self.outline().distance_of(&site.edges, &site.bounds, f64::INFINITY).map_or(0.0, |(d, _)| d)
    }

    pub(super) fn meet(&self, site: &Site, frame: Frame<'_>) -> Met {
        if self.is_empty() || !self.each.bounds().meets(&site.bounds) {
            return Met::default();
        }
        match &site.kind {
            Kind::Points => self.meet_points(site),
            Kind::Lines { length } => self.meet_lines(site, *length),
            Kind::Areas { subject, perimeter } => self.meet_areas(site, subject, *perimeter, frame),
        }
    }

    /// The pieces of a site by area, when the areas tile the ground, and whether they are the whole site.
    pub(super) fn tile(&self, site: &Site, frame: Frame<'_>) -> (Vec<Part>, bool) {
        match &site.kind {
            Kind::Areas { subject, perimeter } => {
                let met = self.meet(site, frame);
                let sum: f64 = met.parts.iter().map(|part| part.size).sum();
                let slack = (frame.tolerances.tiling_share * subject.area()).max(frame.tolerances.grid_m * perimeter);
                let tiled = (sum - subject.area()).abs() <= slack;
                (met.parts, tiled)
            }
            Kind::Lines { length } => {
                let run = self.run_of(site);
                let parts = run.tiles.iter().map(|(owner, size)| part(*owner, *size, size / length)).collect();
                let sum: f64 = run.tiles.values().sum();
                let slack = (frame.tolerances.tiling_share * length).max(frame.tolerances.grid_m);
                (parts, (sum - length).abs() <= slack)
            }
            Kind::Points => {
                let mut shares: BTreeMap<u32, f64> = BTreeMap::new();
                let mut found = Vec::new();
                let mut tiled = true;
                for edge in &site.edges {
                    self.each.locate(edge.a, &mut found);
                    if found.iter().any(|(_, place)| *place == Place::Inside) {
                        found.retain(|(_, place)| *place == Place::Inside);
                    }
                    tiled &= !found.is_empty();
                    for (owner, _) in &found {
                        *shares.entry(*owner).or_default() += 1.0 / (found.len() * site.edges.len()) as f64;
                    }
                }
                (shares.into_iter().map(|(owner, share)| part(owner, 0.0, share)).collect(), tiled)
            }
        }
    }

    fn meet_areas(&self, site: &Site, subject: &Subject, perimeter: f64, frame: Frame<'_>) -> Met {
        let (near, corner) = near_of(&self.each, site);
        if near.is_empty() && corner.is_empty() {
            return Met::default();
        }
        let mut met = Met::default();
        for (owner, edges) in by_owner(&near, &corner) {
            let holds_corner = corner.contains(&owner);
            let size = if edges.is_empty() { subject.area() } else { subject.shared(&edges, holds_corner) };
            if size > subject.noise() {
                let share = (size / subject.area()).min(1.0);
                let (sliver, width) = self.sliver(site, perimeter, owner, size, share, &edges, frame);
                met.parts.push(Part { owner, size, share, sliver, width });
            } else if any_contact(&site.edges, &edges) {
                met.touched.push(owner);
            }
        }
        met.size = match &self.whole {
            Some(whole) if met.parts.len() > 1 => {
                let (near, corner) = near_of(whole, site);
                let edges: Vec<Edge> = near.into_iter().map(|(_, edge)| edge).collect();
                subject.shared(&edges, !corner.is_empty())
            }
            _ => met.parts.iter().map(|part| part.size).sum(),
        };
        // A sum of nothing is −0, which would be printed.
        met.size = met.size.min(subject.area()) + 0.0;
        met.share = met.size / subject.area();
        let outside = subject.area() - met.size;
        met.inside = outside <= subject.noise() || self.inside_by_grid(site, outside, perimeter, frame);
        met
    }

    /// Whether what lies outside is narrower than the grid.
    fn inside_by_grid(&self, site: &Site, outside: f64, perimeter: f64, frame: Frame<'_>) -> bool {
        let grid = frame.tolerances.grid_m;
        outside <= grid * perimeter && site.edges.iter().all(|edge| self.depth_at(edge.a) >= -grid)
    }

    #[allow(clippy::too_many_arguments, reason = "one question with all that it rests on")]
    fn sliver(
        &self,
        site: &Site,
        perimeter: f64,
        owner: u32,
        size: f64,
        share: f64,
        near: &[Edge],
        frame: Frame<'_>,
    ) -> (bool, f64) {
        let limits = frame.tolerances;
        if share >= 1.0 - 1e-9 {
            return (false, 0.0);
        }
        // No boundary of what is shared is longer than this.
        let most: f64 = perimeter + near.iter().map(Edge::length).sum::<f64>();
        let wide = limits.sliver_width_m.max(limits.thin_width_m_max);
        if size >= limits.sliver_area_m2 && 2.0 * size / most >= wide {
            return (false, 0.0);
        }
        let mut found = Vec::new();
        let around = shared_perimeter(&site.edges, &site.bounds, near, |p| {
            self.each.locate(p, &mut found);
            found.iter().find(|(other, _)| *other == owner).map_or(Place::Outside, |(_, place)| *place)
        });
        let width = 2.0 * size / around.max(f64::MIN_POSITIVE);
        let thin = 4.0 * std::f64::consts::PI * size / (around * around).max(f64::MIN_POSITIVE) < limits.thinness;
        let sliver =
            size < limits.sliver_area_m2 || width < limits.sliver_width_m || (thin && width < limits.thin_width_m_max);
        (sliver, if sliver { width } else { 0.0 })
    }

    fn meet_lines(&self, site: &Site, length: f64) -> Met {
        let run = self.run_of(site);
        let touched = run.touched.iter().copied().filter(|owner| !run.inner.contains_key(owner)).collect();
        Met {
            parts: run.inner.iter().map(|(owner, size)| part(*owner, *size, size / length)).collect(),
            touched,
            size: run.size,
            share: (run.size / length).min(1.0),
            inside: run.size + run.along >= length * (1.0 - 1e-12),
        }
    }

    fn run_of(&self, site: &Site) -> Run {
        let mut run = Run::default();
        let mut near: Vec<(u32, Edge)> = Vec::new();
        let mut found: Vec<(u32, Place)> = Vec::new();
        let mut last: Option<Coord<f64>> = None;
        for edge in &site.edges {
            near.clear();
            self.each.meeting(&edge.bounds(), |owner, other| near.push((owner, *other)));
            // Without a boundary near, it lies where the edge before it ended.
            if !near.is_empty() || last != Some(edge.a) {
                last = None;
            }
            run.add(edge, &near, last.is_some(), &mut found, |p, found| self.each.locate(p, found));
            last = near.is_empty().then_some(edge.b);
        }
        run.touched.sort_unstable();
        run.touched.dedup();
        run
    }

    fn meet_points(&self, site: &Site) -> Met {
        let mut shares: BTreeMap<u32, f64> = BTreeMap::new();
        let mut found = Vec::new();
        let mut met = Met { inside: true, ..Met::default() };
        let each = 1.0 / site.edges.len() as f64;
        for edge in &site.edges {
            self.each.locate(edge.a, &mut found);
            let mut inner = false;
            for (owner, place) in &found {
                if *place == Place::Inside {
                    inner = true;
                    *shares.entry(*owner).or_default() += each;
                } else {
                    met.touched.push(*owner);
                }
            }
            // Between two areas that touch, a point lies within their union.
            let within =
                inner || (found.len() > 1 && self.whole.as_ref().is_some_and(|w| w.place(edge.a) == Place::Inside));
            if within {
                met.share += each;
                if !inner {
                    for (owner, _) in &found {
                        *shares.entry(*owner).or_default() += each;
                    }
                }
            }
            met.inside &= !found.is_empty();
        }
        met.share = met.share.min(1.0);
        met.touched.retain(|owner| !shares.contains_key(owner));
        met.touched.sort_unstable();
        met.touched.dedup();
        met.parts = shares.into_iter().map(|(owner, share)| part(owner, 0.0, share.min(1.0))).collect();
        met
    }
}

fn part(owner: u32, size: f64, share: f64) -> Part {
    Part { owner, size, share: share.min(1.0), sliver: false, width: 0.0 }
}

/// How the edges of a site run through areas. Lengths on the plane.
#[derive(Default)]
struct Run {
    /// In the interior of each.
    inner: BTreeMap<u32, f64>,
    /// Every stretch once, a stretch on a common boundary for the area on its left.
    tiles: BTreeMap<u32, f64>,
    /// In the interior of their union.
    size: f64,
    /// On the boundary of the union.
    along: f64,
    touched: Vec<u32>,
}

impl Run {
    fn add(
        &mut self,
        edge: &Edge,
        near: &[(u32, Edge)],
        same_as_before: bool,
        found: &mut Vec<(u32, Place)>,
        mut locate: impl FnMut(Coord<f64>, &mut Vec<(u32, Place)>),
    ) {
        let mut cuts = vec![0.0, 1.0];
        let mut beside: Vec<(f64, f64, u32, bool)> = Vec::new();
        for (owner, other) in near {
            match edge.contact(other) {
                Contact::None => {}
                Contact::Cross => cuts.extend(edge.crossing(other)),
                Contact::Touch => {
                    self.touched.push(*owner);
                    cuts.extend([other.a, other.b].into_iter().filter(|p| edge.holds(*p)).map(|p| edge.foot(p)));
                    if side(edge.a, edge.b, other.a) == 0.0 && side(edge.a, edge.b, other.b) == 0.0 {
                        let (from, to) = (edge.foot(other.a), edge.foot(other.b));
                        beside.push((from.min(to), from.max(to), *owner, from < to));
                    }
                }
            }
        }
        cuts.retain(|t| (0.0..=1.0).contains(t));
        cuts.sort_unstable_by(f64::total_cmp);
        cuts.dedup();
        let whole = edge.length();
        for pair in cuts.windows(2) {
            let middle = f64::midpoint(pair[0], pair[1]);
            if !same_as_before {
                locate(edge.at(middle), found);
            }
            self.take(found, &beside, middle, whole * (pair[1] - pair[0]));
        }
    }

    fn take(&mut self, found: &[(u32, Place)], beside: &[(f64, f64, u32, bool)], middle: f64, length: f64) {
        let on = || beside.iter().filter(|(from, to, ..)| *from <= middle && middle <= *to);
        let owner_on = |left: bool| on().find(|b| b.3 == left).map(|b| b.2);
        let (left, right) = (owner_on(true), owner_on(false));
        let mut inner = found
            .iter()
            .filter(|(owner, place)| *place == Place::Inside && !on().any(|b| b.2 == *owner))
            .map(|(owner, _)| *owner)
            .peekable();
        let first = inner.peek().copied();
        for owner in inner {
            *self.inner.entry(owner).or_default() += length;
        }
        if let Some(owner) = first.or(left).or(right) {
            *self.tiles.entry(owner).or_default() += length;
        }
        if first.is_some() || (left.is_some() && right.is_some()) {
            self.size += length;
        } else if left.is_some() || right.is_some() {
            self.along += length;
        }
    }
}

/// Edges near a site with their owners, and the owners that hold the corner of its box.
fn near_of(index: &EdgeIndex, site: &Site) -> (Vec<(u32, Edge)>, Vec<u32>) {
    let mut near = Vec::new();
    index.meeting(&site.bounds, |owner, edge| near.push((owner, *edge)));
    let mut corner = Vec::new();
    index.owners_at_corner(Subject::corner(&site.bounds), &mut corner);
    (near, corner)
}

fn by_owner(near: &[(u32, Edge)], corner: &[u32]) -> BTreeMap<u32, Vec<Edge>> {
    let mut groups: BTreeMap<u32, Vec<Edge>> = corner.iter().map(|owner| (*owner, Vec::new())).collect();
    for (owner, edge) in near {
        groups.entry(*owner).or_default().push(*edge);
    }
    groups
}

/// How far a coverage covers a site, and how many metres beyond it.
pub(super) fn covered(site: &Site, coverage: &Areas, frame: Frame<'_>) -> (Coverage, f64) {
    let met = coverage.meet(site, frame);
    if met.inside {
        (Coverage::Complete, coverage.margin(site) / frame.scale)
    } else if met.parts.is_empty() && met.touched.is_empty() {
        (Coverage::None, 0.0)
    } else {
        (Coverage::Partial, 0.0)
    }
}
