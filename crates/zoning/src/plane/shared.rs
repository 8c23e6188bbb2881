//! The area that two areas share, as a sum over pairs of edges.
//!
//! An area is a signed sum of strips below its edges. What two areas share is then the signed sum, over pairs of
//! edges, of what two strips share: the integral of the lower edge over the common stretch of x. No intersection
//! polygon is built and nothing is decided by a sign, so that coinciding edges cost accuracy nowhere.
//! Only the edges near the smaller area are needed, and whether one corner of its box lies in the larger.

use geo::Coord;

use super::{Bounds, Edge};

/// Edges above which the subject's edges are sorted into strips of x.
const SLOPES_PLAIN_MAX: usize = 96;

/// An area made ready to be measured against many others: its edges around the least corner of its box.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    slopes: Vec<Slope>,
    width: f64,
    height: f64,
    corner: Coord<f64>,
    origin: Coord<f64>,
    area: f64,
    strips: Option<Strips>,
}

/// The upper rim of a strip: from `(l, yl)` to `(r, yr)`, `l < r`; `sign` is that of the strip in its area.
#[derive(Clone, Copy, Debug)]
struct Slope {
    l: f64,
    r: f64,
    yl: f64,
    yr: f64,
    /// Rise per unit of x.
    rise: f64,
    sign: f64,
}

impl Slope {
    /// None for edges that run up or down.
    fn new(a: Coord<f64>, b: Coord<f64>) -> Option<Self> {
        // Going down through an edge whose interior is above leaves the area.
        let rise = (b.y - a.y) / (b.x - a.x);
        if !rise.is_finite() {
            None
        } else if a.x < b.x {
            Some(Self { l: a.x, r: b.x, yl: a.y, yr: b.y, rise, sign: -1.0 })
        } else {
            Some(Self { l: b.x, r: a.x, yl: b.y, yr: a.y, rise, sign: 1.0 })
        }
    }

    #[inline]
    fn at(&self, x: f64) -> f64 {
        // From the nearer end, so that both ends come out exactly.
        if x - self.l < self.r - x { self.yl + (x - self.l) * self.rise } else { self.yr - (self.r - x) * self.rise }
    }

    /// Area below it between two abscissas inside its range.
    #[inline]
    fn below(&self, l: f64, r: f64) -> f64 {
        f64::midpoint(self.at(l), self.at(r)) * (r - l)
    }

    /// Area below both between `l` and `r`.
    #[inline]
    fn below_both(&self, other: &Self, l: f64, r: f64) -> f64 {
        let (al, ar) = (self.at(l), self.at(r));
        let (bl, br) = (other.at(l), other.at(r));
        let (dl, dr) = (al - bl, ar - br);
        let w = r - l;
        if dl <= 0.0 && dr <= 0.0 {
            f64::midpoint(al, ar) * w
        } else if dl >= 0.0 && dr >= 0.0 {
            f64::midpoint(bl, br) * w
        } else {
            let negative = dl.min(dr);
            f64::midpoint(bl, br) * w - 0.5 * w * negative * negative / (dl - dr).abs()
        }
    }
}

#[derive(Clone, Debug)]
struct Strips {
    /// Where each strip of x begins in `members`.
    starts: Vec<u32>,
    members: Vec<u32>,
    per_x: f64,
}

impl Subject {
    /// The subject with these edges (interior on the left) and this box.
    #[must_use]
    pub fn new(edges: &[Edge], bounds: &Bounds) -> Self {
        let mut subject = Self::default();
        subject.set(edges, bounds);
        subject
    }

    /// The same, keeping the memory of an earlier subject.
    pub fn set(&mut self, edges: &[Edge], bounds: &Bounds) {
        self.origin = bounds.min;
        (self.width, self.height) = (bounds.width(), bounds.height());
        self.corner = Self::corner(bounds);
        self.slopes.clear();
        let o = self.origin;
        self.slopes.extend(edges.iter().filter_map(|edge| {
            Slope::new(Coord { x: edge.a.x - o.x, y: edge.a.y - o.y }, Coord { x: edge.b.x - o.x, y: edge.b.y - o.y })
        }));
        self.area = self.slopes.iter().map(|s| s.sign * f64::midpoint(s.yl, s.yr) * (s.r - s.l)).sum();
        self.strips = (self.slopes.len() > SLOPES_PLAIN_MAX).then(|| self.make_strips());
    }

    /// Its own area.
    #[must_use]
    pub fn area(&self) -> f64 {
        self.area
    }

    /// The size below which an area is rounding of this sum.
    #[must_use]
    pub fn noise(&self) -> f64 {
        1e-13 * self.width * self.height
    }

    /// The corner of its box that must be located in the other area: least x, greatest y.
    ///
    /// It must be located by [`corner_step`].
    #[must_use]
    pub fn corner(bounds: &Bounds) -> Coord<f64> {
        Coord { x: bounds.min.x, y: bounds.max.y }
    }

    /// The area shared with another area, of which the edges that meet the subject's box are given (interior on the
    /// left), and whether the subject's corner lies in it.
    pub fn shared(&self, near: &[Edge], corner_inside: bool) -> f64 {
        let mut sum = if corner_inside { self.area } else { 0.0 };
        for edge in near {
            let a = Coord { x: edge.a.x - self.origin.x, y: edge.a.y - self.origin.y };
            let b = Coord { x: edge.b.x - self.origin.x, y: edge.b.y - self.origin.y };
            let top = crossing_of_level(edge, self.corner);
            match top {
                // The corner's answer has counted it.
                Some(x) if x <= 0.0 => {}
                // Right of an edge that goes up is outside.
                Some(x) if edge.b.y > edge.a.y => sum -= self.right_of(x),
                Some(x) => sum += self.right_of(x),
                None if edge.a.y > self.corner.y => continue,
                None => {}
            }
            if let Some(slope) = self.clip(Slope::new(a, b), top, edge.a.y > self.corner.y) {
                sum += slope.sign * self.below(&slope);
            }
        }
        sum
    }

    /// The part of an edge below the upper side of the box and above the lower, if it meets the box.
    fn clip(&self, slope: Option<Slope>, top: Option<f64>, starts_above: bool) -> Option<Slope> {
        let mut slope = slope?;
        if slope.yl <= 0.0 && slope.yr <= 0.0 {
            return None;
        }
        let whole = slope;
        if let Some(x) = top {
            // An edge with sign −1 starts at its left end.
            if starts_above == (whole.sign < 0.0) {
                (slope.l, slope.yl) = (x, self.height);
            } else {
                (slope.r, slope.yr) = (x, self.height);
            }
        }
        if (whole.yl < 0.0) != (whole.yr < 0.0) {
            let x = whole.l + (whole.r - whole.l) * (-whole.yl / (whole.yr - whole.yl));
            if whole.yl < 0.0 {
                (slope.l, slope.yl) = (x, 0.0);
            } else {
                (slope.r, slope.yr) = (x, 0.0);
            }
        }
        (slope.l < slope.r && slope.r > 0.0 && slope.l < self.width).then_some(slope)
    }

    /// The subject's area right of an abscissa.
    fn right_of(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return self.area;
        }
        self.slopes.iter().filter(|s| s.r > x).map(|s| s.sign * s.below(s.l.max(x), s.r)).sum()
    }

    /// The subject's area below a slope.
    fn below(&self, slope: &Slope) -> f64 {
        let Some(strips) = &self.strips else {
            return self.slopes.iter().map(|mine| pair(mine, slope, slope.l, slope.r)).sum();
        };
        let last = strips.starts.len().saturating_sub(2);
        let strip_of = |x: f64| ((x * strips.per_x).max(0.0) as usize).min(last);
        let (first, end) = (strip_of(slope.l), strip_of(slope.r));
        let mut sum = 0.0;
        for strip in first..=end {
            let left = if strip == first { f64::NEG_INFINITY } else { strip as f64 / strips.per_x };
            let right = if strip == end { f64::INFINITY } else { (strip + 1) as f64 / strips.per_x };
            let (l, r) = (slope.l.max(left), slope.r.min(right));
            for &member in &strips.members[strips.starts[strip] as usize..strips.starts[strip + 1] as usize] {
                sum += pair(&self.slopes[member as usize], slope, l, r);
            }
        }
        sum
    }

    fn make_strips(&self) -> Strips {
        let count = (self.slopes.len() / 2).clamp(1, 65_536);
        let per_x = count as f64 / self.width.max(f64::MIN_POSITIVE);
        let range = |slope: &Slope| {
            let of = |x: f64| ((x * per_x).max(0.0) as usize).min(count - 1);
            // One more on each side: rounding of a strip's bound must not lose a member.
            (of(slope.l).saturating_sub(1), (of(slope.r) + 1).min(count - 1))
        };
        let mut starts = vec![0_u32; count + 1];
        for slope in &self.slopes {
            let (first, end) = range(slope);
            for strip in first..=end {
                starts[strip + 1] += 1;
            }
        }
        for strip in 0..count {
            starts[strip + 1] += starts[strip];
        }
        let mut fill = starts.clone();
        let mut members = vec![0_u32; starts[count] as usize];
        for (number, slope) in (0_u32..).zip(&self.slopes) {
            let (first, end) = range(slope);
            for at in &mut fill[first..=end] {
                members[*at as usize] = number;
                *at += 1;
            }
        }
        Strips { starts, members, per_x }
    }
}

#[inline]
fn pair(mine: &Slope, other: &Slope, l: f64, r: f64) -> f64 {
    let (l, r) = (mine.l.max(l), mine.r.min(r));
    if l < r { mine.sign * mine.below_both(other, l, r) } else { 0.0 }
}

/// One step of the ray that locates a box's corner (least x, greatest y), as a point just right of and above it:
/// the ray goes towards smaller x and counts as [`Subject::shared`] counts.
#[inline]
pub fn corner_step(edge: &Edge, corner: Coord<f64>, inside: &mut bool) {
    if crossing_of_level(edge, corner).is_some_and(|x| x <= 0.0) {
        *inside = !*inside;
    }
}

/// Where an edge crosses the level of a corner, measured from it along x; ends count half-open.
#[inline]
fn crossing_of_level(edge: &Edge, corner: Coord<f64>) -> Option<f64> {
    let (a, b) = (edge.a, edge.b);
    if (a.y > corner.y) == (b.y > corner.y) {
        return None;
    }
    let (ax, bx) = (a.x - corner.x, b.x - corner.x);
    let x = ax + (bx - ax) * ((corner.y - a.y) / (b.y - a.y));
    // Rounding must not carry it past an end: the tree finds edges by their boxes.
    Some(x.max(ax.min(bx)).min(ax.max(bx)))
}
