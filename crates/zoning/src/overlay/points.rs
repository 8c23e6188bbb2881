//! Points on a grid, asked for those inside a zone.

use geo::Coord;

use super::Rings;
use crate::plane::Bounds;
use crate::plane::edge::{Edge, side};

/// Points of one cell on average.
const POINTS_PER_CELL: usize = 2;
const CELLS_MAX: usize = 1 << 23;
const LEVELS_MAX: usize = 4_096;

/// Points sorted into the cells of a grid, row by row.
#[derive(Clone, Debug)]
pub struct Points {
    at: Vec<Coord<f64>>,
    number: Vec<u32>,
    starts: Vec<u32>,
    bounds: Bounds,
    columns: usize,
    rows: usize,
    per_x: f64,
    per_y: f64,
}

/// Memory of [`Points::within`] that is used again.
#[derive(Clone, Debug, Default)]
pub struct PointScratch {
    found: Vec<Found>,
    ordered: Vec<Found>,
    starts: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Found {
    at: Coord<f64>,
    number: u32,
    inside: bool,
    on: bool,
}

impl Points {
    /// Sorts points; their numbers are their places in the slices. Points that are not finite are never found.
    #[must_use]
    pub fn new(x: &[f64], y: &[f64]) -> Self {
        let finite = || x.iter().zip(y).map(|(x, y)| Coord { x: *x, y: *y }).enumerate().filter(|(_, c)| is_finite(*c));
        let bounds = finite().fold(Bounds::EMPTY, |bounds, (_, c)| bounds.with(c));
        let cells = (x.len() / POINTS_PER_CELL).clamp(1, CELLS_MAX) as f64;
        let (width, height) = (bounds.width().max(f64::MIN_POSITIVE), bounds.height().max(f64::MIN_POSITIVE));
        let columns = ((cells * width / height).sqrt().max(1.0) as usize).clamp(1, CELLS_MAX.isqrt() * 16);
        let rows = ((cells / columns as f64) as usize).max(1);
        let mut points = Self {
            at: Vec::new(),
            number: Vec::new(),
            starts: vec![0; columns * rows + 1],
            bounds,
            columns,
            rows,
            per_x: columns as f64 / width,
            per_y: rows as f64 / height,
        };
        let of_point: Vec<u32> = finite().map(|(_, c)| points.cell(c) as u32).collect();
        for cell in &of_point {
            points.starts[*cell as usize + 1] += 1;
        }
        for cell in 1..points.starts.len() {
            points.starts[cell] += points.starts[cell - 1];
        }
        let mut fill = points.starts.clone();
        points.at = vec![Coord::default(); of_point.len()];
        points.number = vec![0; of_point.len()];
        for ((number, c), cell) in finite().zip(&of_point) {
            let place = fill[*cell as usize] as usize;
            fill[*cell as usize] += 1;
            points.at[place] = c;
            points.number[place] = number as u32;
        }
        points
    }

    fn column(&self, x: f64) -> usize {
        (((x - self.bounds.min.x) * self.per_x).max(0.0) as usize).min(self.columns - 1)
    }

    fn row(&self, y: f64) -> usize {
        (((y - self.bounds.min.y) * self.per_y).max(0.0) as usize).min(self.rows - 1)
    }

    fn cell(&self, c: Coord<f64>) -> usize {
        self.row(c.y) * self.columns + self.column(c.x)
    }

    /// Calls `hit` with the number of every point in the interior of a zone.
    pub fn within(&self, zone: &Rings, scratch: &mut PointScratch, mut hit: impl FnMut(u32)) {
        let bounds = zone.bounds();
        if !self.bounds.meets(&bounds) {
            return;
        }
        self.gather(&bounds, scratch);
        if scratch.found.is_empty() {
            return;
        }
        let levels = Levels::sort(&bounds, scratch);
        for (ring, _) in zone.each() {
            levels.pass(ring, &scratch.starts, &mut scratch.ordered);
        }
        for found in &scratch.ordered {
            if found.inside && !found.on {
                hit(found.number);
            }
        }
    }

    fn gather(&self, bounds: &Bounds, scratch: &mut PointScratch) {
        scratch.found.clear();
        let (left, right) = (self.column(bounds.min.x), self.column(bounds.max.x));
        for row in self.row(bounds.min.y)..=self.row(bounds.max.y) {
            let base = row * self.columns;
            let range = self.starts[base + left] as usize..self.starts[base + right + 1] as usize;
            for (at, number) in self.at[range.clone()].iter().zip(&self.number[range]) {
                if bounds.holds(*at) {
                    scratch.found.push(Found { at: *at, number: *number, inside: false, on: false });
                }
            }
        }
    }
}

fn is_finite(c: Coord<f64>) -> bool {
    c.x.is_finite() && c.y.is_finite()
}

/// Levels of height, so that an edge looks only at points at its height.
struct Levels {
    low: f64,
    per_y: f64,
    last: usize,
}

impl Levels {
    fn sort(bounds: &Bounds, scratch: &mut PointScratch) -> Self {
        let count = (scratch.found.len() * 2).next_power_of_two().min(LEVELS_MAX);
        let levels =
            Self { low: bounds.min.y, per_y: count as f64 / bounds.height().max(f64::MIN_POSITIVE), last: count - 1 };
        scratch.starts.clear();
        scratch.starts.resize(count + 2, 0);
        for found in &scratch.found {
            scratch.starts[levels.of(found.at.y) + 2] += 1;
        }
        for level in 2..count + 2 {
            scratch.starts[level] += scratch.starts[level - 1];
        }
        scratch.ordered.clear();
        scratch.ordered.resize(scratch.found.len(), scratch.found[0]);
        for found in &scratch.found {
            let place = &mut scratch.starts[levels.of(found.at.y) + 1];
            scratch.ordered[*place as usize] = *found;
            *place += 1;
        }
        levels
    }

    /// Grows with y.
    #[inline]
    fn of(&self, y: f64) -> usize {
        (((y - self.low) * self.per_y) as usize).min(self.last)
    }

    #[inline]
    fn pass(&self, ring: &[Coord<f64>], starts: &[u32], ordered: &mut [Found]) {
        let Some(first) = ring.first() else { return };
        let (mut a, mut level_a) = (*first, self.of(first.y));
        for &b in &ring[1..] {
            let level_b = self.of(b.y);
            let (low, high) = if level_a < level_b { (level_a, level_b) } else { (level_b, level_a) };
            let range = starts[low] as usize..starts[high + 1] as usize;
            if !range.is_empty() {
                for found in &mut ordered[range] {
                    step(a, b, found);
                }
            }
            (a, level_a) = (b, level_b);
        }
    }
}

#[inline]
fn step(a: Coord<f64>, b: Coord<f64>, found: &mut Found) {
    let p = found.at;
    if (a.y > p.y) == (b.y > p.y) {
        if (a.y == p.y || b.y == p.y) && (Edge { a, b }).holds(p) {
            found.on = true;
        }
        return;
    }
    if a.x < p.x && b.x < p.x {
        return;
    }
    if a.x > p.x && b.x > p.x {
        found.inside = !found.inside;
        return;
    }
    let s = side(a, b, p);
    if s == 0.0 {
        found.on = true;
    } else if (s > 0.0) == (b.y > a.y) {
        found.inside = !found.inside;
    }
}
