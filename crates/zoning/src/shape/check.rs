//! Checks a geometry: counts, numbers, repeated points, direction of rings, crossings, who lies in whom.

use geo::algorithm::bool_ops::{BooleanOps, FillRule, OpType, unary_union};
use geo::{Area, Coord, CoordsIter, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};

use super::{Checked, Consent, Form, Shape, ShapeFault, ShapeLimits, ShapeNote};
use crate::plane::edge::{Contact, Place as In, doubled_area, edges_of_areas, locate};
use crate::plane::tree::BoxTree;
use crate::plane::{Bounds, Edge, EdgeIndex};

/// Faults of one kind that are named; the rest would say nothing new.
const PLACES_MAX: usize = 10;

/// Pairs of edges whose boxes meet that are looked at: about half a second. A plain boundary has a few for each edge.
const PAIRS_MAX: usize = 40_000_000;

/// Which ring of a shape, and where.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Place {
    /// Number of the part, from 1.
    pub part: usize,
    /// Number of the ring, 1 is the shell.
    pub ring: usize,
    /// Where.
    pub at: Coord<f64>,
}

#[derive(Default)]
struct Sorted {
    points: Vec<Point<f64>>,
    lines: Vec<LineString<f64>>,
    areas: Vec<Polygon<f64>>,
}

impl Sorted {
    fn take(&mut self, geometry: Geometry<f64>) {
        match geometry {
            Geometry::Point(point) => self.points.push(point),
            Geometry::MultiPoint(points) => self.points.extend(points),
            Geometry::Line(line) => self.lines.push(LineString(vec![line.start, line.end])),
            Geometry::LineString(line) => self.lines.push(line),
            Geometry::MultiLineString(lines) => self.lines.extend(lines),
            Geometry::Polygon(area) => self.areas.push(area),
            Geometry::MultiPolygon(areas) => self.areas.extend(areas),
            Geometry::Rect(rect) => self.areas.push(rect.to_polygon()),
            Geometry::Triangle(triangle) => self.areas.push(triangle.to_polygon()),
            Geometry::GeometryCollection(all) => all.into_iter().for_each(|one| self.take(one)),
        }
    }
}

pub(super) fn check(
    geometry: Geometry<f64>,
    limits: ShapeLimits,
    consent: Consent,
) -> Result<Checked, Vec<ShapeFault>> {
    let count = geometry.coords_count();
    if count > limits.vertices_max {
        return Err(vec![ShapeFault::TooManyVertices { count, limit: limits.vertices_max }]);
    }
    let wild = |c: &Coord<f64>| !(c.x.is_finite() && c.y.is_finite());
    if let Some(Coord { x, y }) = geometry.coords_iter().find(wild) {
        return Err(vec![ShapeFault::NotFinite { x, y }]);
    }
    let mut sorted = Sorted::default();
    sorted.take(geometry);
    sorted.lines.retain(|line| !line.0.is_empty());
    sorted.areas.retain(|area| !area.exterior().0.is_empty());
    match (sorted.points.is_empty(), sorted.lines.is_empty(), sorted.areas.is_empty()) {
        (true, true, true) => Err(vec![ShapeFault::Empty]),
        (false, true, true) => Ok(Checked { shape: Shape(Form::Points(MultiPoint(sorted.points))), notes: Vec::new() }),
        (true, false, true) => check_lines(sorted.lines),
        (true, true, false) => check_areas(sorted.areas, consent),
        _ => Err(vec![ShapeFault::Mixed]),
    }
}

fn without_repeats(points: Vec<Coord<f64>>, repeated: &mut usize) -> Vec<Coord<f64>> {
    let before = points.len();
    let mut points = points;
    points.dedup();
    *repeated += before - points.len();
    points
}

fn repeats_note(count: usize) -> Option<ShapeNote> {
    (count > 0).then_some(ShapeNote::RepeatedPoints { count })
}

fn check_lines(lines: Vec<LineString<f64>>) -> Result<Checked, Vec<ShapeFault>> {
    let mut repeated = 0;
    let lines: Vec<_> = lines.into_iter().map(|line| LineString(without_repeats(line.0, &mut repeated))).collect();
    let faults: Vec<_> = (1..)
        .zip(&lines)
        .filter(|(_, line)| line.0.len() < 2)
        .map(|(part, _)| ShapeFault::TooFewPoints { part, ring: 1 })
        .collect();
    if faults.is_empty() {
        let notes = repeats_note(repeated).into_iter().collect();
        Ok(Checked { shape: Shape(Form::Lines(MultiLineString(lines))), notes })
    } else {
        Err(faults)
    }
}

fn check_areas(areas: Vec<Polygon<f64>>, consent: Consent) -> Result<Checked, Vec<ShapeFault>> {
    let (mut repeated, mut turned) = (0, 0);
    let mut faults = Vec::new();
    let mut parts = Vec::with_capacity(areas.len());
    for (part, area) in (1..).zip(areas) {
        let (shell, holes) = area.into_inner();
        let mut rings = Vec::with_capacity(holes.len() + 1);
        for (ring, points) in (1..).zip(std::iter::once(shell).chain(holes)) {
            if points.0.is_empty() {
                continue;
            }
            let points = without_repeats(points.0, &mut repeated);
            if points.len() < 4 {
                faults.push(ShapeFault::TooFewPoints { part, ring });
                continue;
            }
            rings.push(directed(points, ring == 1, &mut turned));
        }
        if !rings.is_empty() {
            let shell = rings.remove(0);
            parts.push(Polygon::new(shell, rings));
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let areas = MultiPolygon(parts);
    let mut notes: Vec<ShapeNote> = repeats_note(repeated).into_iter().collect();
    if turned > 0 {
        notes.push(ShapeNote::Turned { count: turned });
    }
    let meets = Meets::of(&areas);
    if meets.pairs > PAIRS_MAX {
        return Err(vec![ShapeFault::Entangled]);
    }
    let mut faults: Vec<ShapeFault> = meets
        .crossings
        .iter()
        .map(|place| ShapeFault::Crosses { part: place.part, ring: place.ring, x: place.at.x, y: place.at.y })
        .collect();
    if faults.is_empty() {
        faults = misplaced(&areas);
    }
    if faults.is_empty() {
        notes.extend(meets.touch.map(|at| ShapeNote::Touches { x: at.x, y: at.y }));
        return Ok(Checked { shape: Shape(Form::Areas(areas)), notes });
    }
    match consent {
        Consent::Refuse => Err(faults),
        Consent::Repair => repair(&areas, &meets, notes),
    }
}

fn directed(mut points: Vec<Coord<f64>>, shell: bool, turned: &mut usize) -> LineString<f64> {
    if (doubled_area(&points) > 0.0) != shell {
        points.reverse();
        *turned += 1;
    }
    LineString(points)
}

/// Where boundaries cross, and one place where they only touch.
struct Meets {
    crossings: Vec<Place>,
    touch: Option<Coord<f64>>,
    pairs: usize,
}

/// Places where the boundaries of areas cross or run along themselves; at most a few are named.
#[must_use]
pub fn self_crossings(areas: &MultiPolygon<f64>) -> Vec<Place> {
    Meets::of(areas).crossings
}

#[derive(Clone, Copy)]
struct Numbered {
    edge: Edge,
    part: usize,
    ring: usize,
    next: usize,
    number: usize,
}

impl Meets {
    fn of(areas: &MultiPolygon<f64>) -> Self {
        let edges = numbered(areas);
        let boxes: Vec<Bounds> = edges.iter().map(|one| one.edge.bounds()).collect();
        let order = BoxTree::order(&boxes);
        let tree = BoxTree::new(order.iter().map(|&number| boxes[number as usize]).collect());
        let mut meets = Self { crossings: Vec::new(), touch: None, pairs: 0 };
        for (number, one) in edges.iter().enumerate() {
            if meets.crossings.len() >= PLACES_MAX || meets.pairs > PAIRS_MAX {
                break;
            }
            tree.meeting(&boxes[number], |found| {
                let other = &edges[order[found] as usize];
                meets.pairs += 1;
                if other.number > one.number {
                    meets.look(one, other);
                }
            });
        }
        meets.crossings.truncate(PLACES_MAX);
        meets
    }

    fn look(&mut self, one: &Numbered, other: &Numbered) {
        let place = |at| Place { part: one.part, ring: one.ring, at };
        match one.edge.contact(&other.edge) {
            Contact::None => {}
            Contact::Cross => {
                let t = one.edge.crossing(&other.edge).unwrap_or(0.5);
                self.crossings.push(place(one.edge.at(t)));
            }
            Contact::Touch => {
                let follows = one.next == other.number || other.next == one.number;
                let along = runs_along(&one.edge, &other.edge);
                // Two parts may share a stretch from both sides; anything else has no inside there.
                let opposite = along.is_some_and(|(_, same)| !same) && one.part != other.part;
                match along {
                    Some((at, _)) if !opposite => self.crossings.push(place(at)),
                    _ if follows => {}
                    _ => {
                        let at = if one.edge.holds(other.edge.a) { other.edge.a } else { one.edge.a };
                        self.touch.get_or_insert(at);
                    }
                }
            }
        }
    }
}

/// Whether two edges share more than a point: a place there, and whether they run the same way.
fn runs_along(one: &Edge, other: &Edge) -> Option<(Coord<f64>, bool)> {
    use crate::plane::edge::side;
    if side(one.a, one.b, other.a) != 0.0 || side(one.a, one.b, other.b) != 0.0 {
        return None;
    }
    let (from, to) = (one.foot(other.a), one.foot(other.b));
    let (low, high) = (from.min(to).max(0.0), from.max(to).min(1.0));
    (low < high).then(|| (one.at(f64::midpoint(low, high)), from < to))
}

fn numbered(areas: &MultiPolygon<f64>) -> Vec<Numbered> {
    let mut out: Vec<Numbered> = Vec::with_capacity(areas.coords_count());
    for (part, area) in (1..).zip(areas) {
        for (ring, line) in (1..).zip(std::iter::once(area.exterior()).chain(area.interiors())) {
            let first = out.len();
            for pair in line.0.windows(2) {
                let number = out.len();
                out.push(Numbered { edge: Edge { a: pair[0], b: pair[1] }, part, ring, next: number + 1, number });
            }
            if let Some(last) = out.last_mut() {
                last.next = first;
            }
        }
    }
    out
}

/// Holes outside their shell or in one another, parts in one another. Boundaries do not cross here.
fn misplaced(areas: &MultiPolygon<f64>) -> Vec<ShapeFault> {
    let mut faults = Vec::new();
    for (part, area) in (1..).zip(areas) {
        if area.interiors().is_empty() {
            continue;
        }
        let ring_edges = |line: &LineString<f64>| -> Vec<Edge> {
            line.0.windows(2).map(|pair| Edge { a: pair[0], b: pair[1] }).collect()
        };
        let shell = EdgeIndex::new([ring_edges(area.exterior()).as_slice()]);
        let every: Vec<Vec<Edge>> = area.interiors().iter().map(ring_edges).collect();
        let holes = EdgeIndex::new(every.iter().map(Vec::as_slice));
        let mut found = Vec::new();
        for (number, hole) in (0_u32..).zip(area.interiors()) {
            let at = hole.0[0];
            let outside = hole.0.iter().any(|p| shell.place(*p) == In::Outside);
            let nested = hole.0.iter().any(|p| {
                holes.locate(*p, &mut found);
                found.iter().any(|(other, place)| *other != number && *place == In::Inside)
            });
            if outside || nested {
                faults.push(ShapeFault::HoleOutside { part, ring: number as usize + 2, x: at.x, y: at.y });
            }
        }
    }
    if areas.0.len() > 1 && faults.is_empty() {
        faults.extend(overlapping_parts(areas));
    }
    faults.truncate(PLACES_MAX);
    faults
}

fn overlapping_parts(areas: &MultiPolygon<f64>) -> Vec<ShapeFault> {
    let every: Vec<Vec<Edge>> = areas.iter().map(|area| edges_of_areas(&MultiPolygon(vec![area.clone()]))).collect();
    let index = EdgeIndex::new(every.iter().map(Vec::as_slice));
    let mut found = Vec::new();
    let mut faults = Vec::new();
    for (number, area) in (0_u32..).zip(areas) {
        // Every point of a part may lie on another's boundary; then a point between two of them tells.
        let ring = &area.exterior().0;
        let middles =
            ring.windows(2).map(|w| Coord { x: f64::midpoint(w[0].x, w[1].x), y: f64::midpoint(w[0].y, w[1].y) });
        let inside = ring.iter().copied().chain(middles).find(|p| {
            index.locate(*p, &mut found);
            found.iter().any(|(other, place)| *other != number && *place == In::Inside)
        });
        let same = || (0..number).any(|other| same_area(&every[other as usize], &every[number as usize]));
        if let Some(at) = inside.or_else(|| same().then(|| ring[0])) {
            faults.push(ShapeFault::PartsOverlap { part: number as usize + 1, x: at.x, y: at.y });
        }
    }
    faults
}

/// Whether the inner points of one are inner points of the other although no vertex tells.
fn same_area(one: &[Edge], other: &[Edge]) -> bool {
    one.len() == other.len() && other.iter().all(|edge| locate(one, edge.a) == In::Boundary)
}

fn repair(areas: &MultiPolygon<f64>, meets: &Meets, mut notes: Vec<ShapeNote>) -> Result<Checked, Vec<ShapeFault>> {
    let none = MultiPolygon::<f64>(Vec::new());
    let simple: Vec<MultiPolygon<f64>> =
        areas.iter().map(|area| area.boolean_op_with_fill_rule(&none, OpType::Union, FillRule::EvenOdd)).collect();
    let mended = unary_union(&simple);
    let area_after = mended.unsigned_area();
    if mended.0.is_empty() || area_after <= 0.0 {
        return Err(vec![ShapeFault::Empty]);
    }
    notes.push(ShapeNote::Repaired {
        places: meets.crossings.iter().map(|place| (place.at.x, place.at.y)).collect(),
        area_before: areas.iter().map(|area| area.signed_area().abs()).sum(),
        area_after,
        parts_after: mended.0.len(),
    });
    let mut turned = 0;
    let parts = mended.into_iter().map(|area| {
        let (shell, holes) = area.into_inner();
        let holes = holes.into_iter().map(|hole| directed(hole.0, false, &mut turned)).collect();
        let mut ignored = 0;
        Polygon::new(directed(shell.0, true, &mut ignored), holes)
    });
    let areas = MultiPolygon(parts.collect());
    Ok(Checked { shape: Shape(Form::Areas(areas)), notes })
}
