//! Directed edges and exact questions about them.

use geo::Coord;
use geo::algorithm::kernels::{Kernel, Orientation, RobustKernel};

use super::Bounds;

/// Where a point lies relative to an area.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// In the exterior.
    Outside,
    /// On the boundary.
    Boundary,
    /// In the interior.
    Inside,
}

/// How two edges meet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Contact {
    /// They share no point.
    None,
    /// They share an end of at least one, or a stretch.
    Touch,
    /// Their interiors cross in one point.
    Cross,
}

/// A directed edge. In areas the interior lies on its left.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Edge {
    /// Start.
    pub a: Coord<f64>,
    /// End.
    pub b: Coord<f64>,
}

/// The sign of the doubled area of the triangle `p`, `q`, `r`, exactly: positive when `r` lies left of `p`→`q`.
#[inline]
#[must_use]
pub fn side(p: Coord<f64>, q: Coord<f64>, r: Coord<f64>) -> f64 {
    let left = (p.x - r.x) * (q.y - r.y);
    let right = (p.y - r.y) * (q.x - r.x);
    let det = left - right;
    // The bound of a plain double evaluation; nearer to zero the adaptive one decides.
    if det.abs() > 3.330_669_073_875_472e-16 * (left.abs() + right.abs()) { det } else { exact_side(p, q, r) }
}

#[cold]
fn exact_side(p: Coord<f64>, q: Coord<f64>, r: Coord<f64>) -> f64 {
    match RobustKernel::orient2d(p, q, r) {
        Orientation::CounterClockwise => 1.0,
        Orientation::Clockwise => -1.0,
        Orientation::Collinear => 0.0,
    }
}

/// Squared distance of two points.
#[inline]
#[must_use]
pub fn distance2(p: Coord<f64>, q: Coord<f64>) -> f64 {
    let (dx, dy) = (p.x - q.x, p.y - q.y);
    dx * dx + dy * dy
}

impl Edge {
    /// Its box.
    #[inline]
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        Bounds::at(self.a).with(self.b)
    }

    /// Its length.
    #[must_use]
    pub fn length(&self) -> f64 {
        (self.b.x - self.a.x).hypot(self.b.y - self.a.y)
    }

    /// The same edge the other way.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self { a: self.b, b: self.a }
    }

    /// The point at a share of the way from start to end.
    #[must_use]
    pub fn at(&self, t: f64) -> Coord<f64> {
        Coord { x: self.a.x + (self.b.x - self.a.x) * t, y: self.a.y + (self.b.y - self.a.y) * t }
    }

    /// Share of the way at which the foot of a point lies, not limited to the edge.
    #[must_use]
    pub fn foot(&self, p: Coord<f64>) -> f64 {
        let (dx, dy) = (self.b.x - self.a.x, self.b.y - self.a.y);
        let length2 = dx * dx + dy * dy;
        if length2 > 0.0 { ((p.x - self.a.x) * dx + (p.y - self.a.y) * dy) / length2 } else { 0.0 }
    }

    /// Squared distance of a point.
    #[inline]
    #[must_use]
    pub fn distance2(&self, p: Coord<f64>) -> f64 {
        let (dx, dy) = (self.b.x - self.a.x, self.b.y - self.a.y);
        let (px, py) = (p.x - self.a.x, p.y - self.a.y);
        let length2 = dx * dx + dy * dy;
        let t = if length2 > 0.0 { ((px * dx + py * dy) / length2).clamp(0.0, 1.0) } else { 0.0 };
        let (ex, ey) = (px - dx * t, py - dy * t);
        ex * ex + ey * ey
    }

    /// Whether a point lies on it, exactly.
    #[must_use]
    pub fn holds(&self, p: Coord<f64>) -> bool {
        self.bounds().holds(p) && side(self.a, self.b, p) == 0.0
    }

    /// How two edges meet, exactly.
    #[must_use]
    pub fn contact(&self, other: &Self) -> Contact {
        if !self.bounds().meets(&other.bounds()) {
            return Contact::None;
        }
        let (o1, o2) = (side(self.a, self.b, other.a), side(self.a, self.b, other.b));
        if (o1 > 0.0 && o2 > 0.0) || (o1 < 0.0 && o2 < 0.0) {
            return Contact::None;
        }
        let (o3, o4) = (side(other.a, other.b, self.a), side(other.a, other.b, self.b));
        if (o3 > 0.0 && o4 > 0.0) || (o3 < 0.0 && o4 < 0.0) {
            return Contact::None;
        }
        if o1 != 0.0 && o2 != 0.0 && o3 != 0.0 && o4 != 0.0 {
            return Contact::Cross;
        }
        let touch = self.holds(other.a) || self.holds(other.b) || other.holds(self.a) || other.holds(self.b);
        if touch { Contact::Touch } else { Contact::None }
    }

    /// Where the line through this edge is crossed by another edge that does not run along it, as a share of the way.
    #[must_use]
    pub fn crossing(&self, other: &Self) -> Option<f64> {
        let (dx, dy) = (self.b.x - self.a.x, self.b.y - self.a.y);
        let (ex, ey) = (other.b.x - other.a.x, other.b.y - other.a.y);
        let det = dx * ey - dy * ex;
        (det != 0.0).then(|| ((other.a.x - self.a.x) * ey - (other.a.y - self.a.y) * ex) / det)
    }

    /// Squared distance between two edges that share no point.
    #[inline]
    #[must_use]
    pub fn apart2(&self, other: &Self) -> f64 {
        self.distance2(other.a).min(self.distance2(other.b)).min(other.distance2(self.a)).min(other.distance2(self.b))
    }
}

/// One step of a ray from a point towards greater x: whether the ray crosses the edge, or the point lies on it.
///
/// Ends count half-open, so that a ray through a vertex counts once.
#[inline]
pub fn ray_step(edge: &Edge, p: Coord<f64>, parity: &mut bool, on: &mut bool) {
    let (a, b) = (edge.a, edge.b);
    if (a.y > p.y) == (b.y > p.y) {
        // Level edges cross no ray; the point may lie on one, or on an end at its height.
        if (a.y == p.y || b.y == p.y) && edge.holds(p) {
            *on = true;
        }
        return;
    }
    if a.x < p.x && b.x < p.x {
        return;
    }
    if a.x > p.x && b.x > p.x {
        *parity = !*parity;
        return;
    }
    let s = side(a, b, p);
    if s == 0.0 {
        *on = true;
    } else if (s > 0.0) == (b.y > a.y) {
        *parity = !*parity;
    }
}

/// Where a point lies relative to the area that some edges bound.
#[must_use]
pub fn locate(edges: &[Edge], p: Coord<f64>) -> Place {
    let (mut parity, mut on) = (false, false);
    for edge in edges {
        ray_step(edge, p, &mut parity, &mut on);
    }
    match (on, parity) {
        (true, _) => Place::Boundary,
        (false, true) => Place::Inside,
        (false, false) => Place::Outside,
    }
}

/// The edges of polygons, interior on the left whatever the order of points was.
#[must_use]
pub fn edges_of_areas(areas: &geo::MultiPolygon<f64>) -> Vec<Edge> {
    let mut edges = Vec::new();
    for polygon in areas {
        push_ring(&polygon.exterior().0, true, &mut edges);
        for hole in polygon.interiors() {
            push_ring(&hole.0, false, &mut edges);
        }
    }
    edges
}

/// The edges of lines.
#[must_use]
pub fn edges_of_lines(lines: &geo::MultiLineString<f64>) -> Vec<Edge> {
    lines.iter().flat_map(|line| line.0.windows(2)).map(|pair| Edge { a: pair[0], b: pair[1] }).collect()
}

/// Appends the edges of a ring: counter-clockwise for a shell, clockwise for a hole. Edges without length are left out.
pub fn push_ring(ring: &[Coord<f64>], shell: bool, edges: &mut Vec<Edge>) {
    let counter_clockwise = doubled_area(ring) > 0.0;
    let kept = ring.windows(2).filter(|pair| pair[0] != pair[1]).map(|pair| Edge { a: pair[0], b: pair[1] });
    if counter_clockwise == shell {
        edges.extend(kept);
    } else {
        edges.extend(kept.rev().map(|edge| edge.reversed()));
    }
}

/// Twice the signed area of a closed ring, positive when counter-clockwise; taken around its first point.
#[must_use]
pub fn doubled_area(ring: &[Coord<f64>]) -> f64 {
    let Some(&o) = ring.first() else { return 0.0 };
    ring.windows(2).map(|w| (w[0].x - o.x) * (w[1].y - o.y) - (w[1].x - o.x) * (w[0].y - o.y)).sum()
}
