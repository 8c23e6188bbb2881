//! Boxes with sides along the axes.

use geo::Coord;

/// A closed box; the empty one has its least corner above its greatest.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Bounds {
    /// Least x and y.
    pub min: Coord<f64>,
    /// Greatest x and y.
    pub max: Coord<f64>,
}

impl Bounds {
    /// The box of nothing.
    pub const EMPTY: Self = Self {
        min: Coord { x: f64::INFINITY, y: f64::INFINITY },
        max: Coord { x: f64::NEG_INFINITY, y: f64::NEG_INFINITY },
    };

    /// The least box of some points.
    pub fn of<'a>(points: impl IntoIterator<Item = &'a Coord<f64>>) -> Self {
        points.into_iter().fold(Self::EMPTY, |bounds, point| bounds.with(*point))
    }

    /// The box of one point.
    #[must_use]
    pub fn at(point: Coord<f64>) -> Self {
        Self { min: point, max: point }
    }

    /// Whether it holds no point.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.min.x > self.max.x || self.min.y > self.max.y
    }

    /// Grown to hold a point.
    #[inline]
    #[must_use]
    pub fn with(self, point: Coord<f64>) -> Self {
        Self {
            min: Coord { x: self.min.x.min(point.x), y: self.min.y.min(point.y) },
            max: Coord { x: self.max.x.max(point.x), y: self.max.y.max(point.y) },
        }
    }

    /// The least box that holds both.
    #[inline]
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            min: Coord { x: self.min.x.min(other.min.x), y: self.min.y.min(other.min.y) },
            max: Coord { x: self.max.x.max(other.max.x), y: self.max.y.max(other.max.y) },
        }
    }

    /// Grown by a distance on each side.
    #[must_use]
    pub fn grown(self, by: f64) -> Self {
        Self {
            min: Coord { x: self.min.x - by, y: self.min.y - by },
            max: Coord { x: self.max.x + by, y: self.max.y + by },
        }
    }

    /// Whether they share a point.
    #[inline]
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.min.x <= other.max.x && other.min.x <= self.max.x && self.min.y <= other.max.y && other.min.y <= self.max.y
    }

    /// Whether a point lies in it.
    #[inline]
    #[must_use]
    pub fn holds(&self, point: Coord<f64>) -> bool {
        self.min.x <= point.x && point.x <= self.max.x && self.min.y <= point.y && point.y <= self.max.y
    }

    /// Width along x.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.max.x - self.min.x
    }

    /// Height along y.
    #[must_use]
    pub fn height(&self) -> f64 {
        self.max.y - self.min.y
    }

    /// The middle.
    #[must_use]
    pub fn center(&self) -> Coord<f64> {
        Coord { x: f64::midpoint(self.min.x, self.max.x), y: f64::midpoint(self.min.y, self.max.y) }
    }

    /// Squared distance between the nearest points of two boxes.
    #[inline]
    #[must_use]
    pub fn distance2(&self, other: &Self) -> f64 {
        let dx = (self.min.x - other.max.x).max(other.min.x - self.max.x).max(0.0);
        let dy = (self.min.y - other.max.y).max(other.min.y - self.max.y).max(0.0);
        dx * dx + dy * dy
    }

    /// The point of the box nearest to a point.
    #[must_use]
    pub fn clamp(&self, point: Coord<f64>) -> Coord<f64> {
        Coord { x: point.x.clamp(self.min.x, self.max.x), y: point.y.clamp(self.min.y, self.max.y) }
    }
}
