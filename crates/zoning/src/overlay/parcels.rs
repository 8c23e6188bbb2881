//! Areas on a grid of boxes, asked for those that a zone meets and for what they share.

use geo::Coord;

use super::Rings;
use crate::plane::edge::{Place, doubled_area, locate};
use crate::plane::runs::any_contact;
use crate::plane::shared::{Subject, corner_step};
use crate::plane::{Bounds, Edge};

const LEVELS_MAX: usize = 4_096;
const CELLS_MAX: usize = 1 << 22;
/// Cells that the boxes fill on average, at most.
const ENTRIES_PER_PARCEL_MAX: usize = 64;

/// Areas to be laid over zones.
#[derive(Clone, Debug, Default)]
pub struct Parcels {
    edges: Vec<Edge>,
    /// Where each parcel's edges end.
    ends: Vec<u32>,
    boxes: Vec<Bounds>,
    grid: Grid,
}

/// Memory of [`Parcels::meeting`] that is used again.
#[derive(Clone, Debug, Default)]
pub struct ParcelScratch {
    found: Vec<Found>,
    starts: Vec<u32>,
    members: Vec<u32>,
    near: Vec<Vec<Edge>>,
    subject: Subject,
}

#[derive(Clone, Copy, Debug)]
struct Found {
    number: u32,
    bounds: Bounds,
    low: u32,
    inside: bool,
}

impl Parcels {
    /// Adds an area; its number is the count of those before. Call [`Self::finish`] after the last.
    pub fn push(&mut self, rings: &Rings) {
        let start = self.edges.len();
        for (ring, hole) in rings.each() {
            let turned = (doubled_area(ring) > 0.0) == hole;
            let steps = ring.windows(2).filter(|w| w[0] != w[1]);
            self.edges.extend(steps.map(|w| directed(w[0], w[1], turned)));
        }
        let edges = &self.edges[start..];
        self.boxes.push(edges.iter().fold(Bounds::EMPTY, |sum, edge| sum.union(edge.bounds())));
        self.ends.push(self.edges.len() as u32);
    }

    /// Builds the index.
    pub fn finish(&mut self) {
        self.grid = Grid::new(&self.boxes);
    }

    /// Number of areas.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    fn edges(&self, number: u32) -> &[Edge] {
        let number = number as usize;
        let start = if number == 0 { 0 } else { self.ends[number - 1] as usize };
        &self.edges[start..self.ends[number] as usize]
    }

    /// Calls `hit(number, shared area)` for every parcel that shares a point with a zone.
    pub fn meeting(&self, zone: &Rings, scratch: &mut ParcelScratch, mut hit: impl FnMut(u32, f64)) {
        let bounds = zone.bounds();
        scratch.found.clear();
        self.grid.meeting(&self.boxes, &bounds, |number| {
            let bounds = self.boxes[number as usize];
            scratch.found.push(Found { number, bounds, low: 0, inside: false });
        });
        if scratch.found.is_empty() {
            return;
        }
        let levels = Levels::sort(&bounds, scratch);
        if scratch.near.len() < scratch.found.len() {
            scratch.near.resize_with(scratch.found.len(), Vec::new);
        }
        scratch.near.iter_mut().take(scratch.found.len()).for_each(Vec::clear);
        for (ring, hole) in zone.each() {
            let turned = (doubled_area(ring) > 0.0) == hole;
            levels.pass(ring, turned, scratch);
        }
        for (found, near) in scratch.found.iter().zip(&scratch.near) {
            if let Some(area) = self.shared(found, near, &mut scratch.subject) {
                hit(found.number, area);
            }
        }
    }

    /// The area that a zone shares with a parcel, none when they share no point.
    fn shared(&self, found: &Found, near: &[Edge], subject: &mut Subject) -> Option<f64> {
        if near.is_empty() && !found.inside {
            return None;
        }
        let edges = self.edges(found.number);
        subject.set(edges, &found.bounds);
        if near.is_empty() {
            return Some(subject.area());
        }
        let area = subject.shared(near, found.inside);
        let meets = area > subject.noise() || any_contact(edges, near) || locate(edges, near[0].a) != Place::Outside;
        meets.then(|| area.clamp(0.0, subject.area()))
    }
}

#[inline]
fn directed(a: Coord<f64>, b: Coord<f64>, turned: bool) -> Edge {
    if turned { Edge { a: b, b: a } } else { Edge { a, b } }
}

/// Levels of height with the parcels at each.
struct Levels {
    low: f64,
    per_y: f64,
    last: usize,
}

impl Levels {
    fn sort(bounds: &Bounds, scratch: &mut ParcelScratch) -> Self {
        let count = (scratch.found.len() * 2).next_power_of_two().min(LEVELS_MAX);
        let levels =
            Self { low: bounds.min.y, per_y: count as f64 / bounds.height().max(f64::MIN_POSITIVE), last: count - 1 };
        scratch.starts.clear();
        scratch.starts.resize(count + 2, 0);
        for found in &mut scratch.found {
            found.low = levels.of(found.bounds.min.y) as u32;
            for level in found.low as usize..=levels.of(found.bounds.max.y) {
                scratch.starts[level + 2] += 1;
            }
        }
        for level in 2..count + 2 {
            scratch.starts[level] += scratch.starts[level - 1];
        }
        scratch.members.clear();
        scratch.members.resize(scratch.starts[count + 1] as usize, 0);
        for (place, found) in (0_u32..).zip(&scratch.found) {
            for level in found.low as usize..=levels.of(found.bounds.max.y) {
                let next = &mut scratch.starts[level + 1];
                scratch.members[*next as usize] = place;
                *next += 1;
            }
        }
        levels
    }

    /// Grows with y.
    #[inline]
    fn of(&self, y: f64) -> usize {
        (((y - self.low) * self.per_y) as usize).min(self.last)
    }

    fn pass(&self, ring: &[Coord<f64>], turned: bool, scratch: &mut ParcelScratch) {
        let Some(first) = ring.first() else { return };
        let (mut a, mut level_a) = (*first, self.of(first.y));
        for &b in &ring[1..] {
            let level_b = self.of(b.y);
            let (low, high) = if level_a < level_b { (level_a, level_b) } else { (level_b, level_a) };
            if scratch.starts[low] < scratch.starts[high + 1] && a != b {
                Self::look(directed(a, b, turned), low, high, scratch);
            }
            (a, level_a) = (b, level_b);
        }
    }

    fn look(edge: Edge, low: usize, high: usize, scratch: &mut ParcelScratch) {
        let bounds = edge.bounds();
        for level in low..=high {
            let range = scratch.starts[level] as usize..scratch.starts[level + 1] as usize;
            for &place in &scratch.members[range] {
                let found = &mut scratch.found[place as usize];
                // A pair that shares several levels is looked at in the first of them.
                if level != low.max(found.low as usize) || bounds.min.x > found.bounds.max.x {
                    continue;
                }
                corner_step(&edge, Subject::corner(&found.bounds), &mut found.inside);
                if bounds.meets(&found.bounds) {
                    scratch.near[place as usize].push(edge);
                }
            }
        }
    }
}

/// Boxes by the cells that they cover.
#[derive(Clone, Debug, Default)]
struct Grid {
    starts: Vec<u32>,
    members: Vec<u32>,
    /// Boxes that would fill too many cells.
    large: Vec<u32>,
    bounds: Option<Bounds>,
    columns: usize,
    rows: usize,
    per_x: f64,
    per_y: f64,
}

impl Grid {
    fn new(boxes: &[Bounds]) -> Self {
        let bounds = boxes.iter().filter(|b| !b.is_empty()).fold(Bounds::EMPTY, |sum, one| sum.union(*one));
        if bounds.is_empty() {
            return Self::default();
        }
        let cells = boxes.len().clamp(1, CELLS_MAX) as f64;
        let (width, height) = (bounds.width().max(f64::MIN_POSITIVE), bounds.height().max(f64::MIN_POSITIVE));
        let columns = ((cells * width / height).sqrt().max(1.0) as usize).clamp(1, CELLS_MAX.isqrt() * 16);
        let rows = ((cells / columns as f64) as usize).max(1);
        let mut grid = Self {
            starts: vec![0; columns * rows + 1],
            bounds: Some(bounds),
            columns,
            rows,
            per_x: columns as f64 / width,
            per_y: rows as f64 / height,
            ..Self::default()
        };
        let numbered = || (0_u32..).zip(boxes).filter(|(_, b)| !b.is_empty());
        for (number, one) in numbered() {
            if grid.count(&bounds, one) > ENTRIES_PER_PARCEL_MAX {
                grid.large.push(number);
                continue;
            }
            let (columns, rows) = grid.range(&bounds, one);
            for row in rows {
                for column in columns.clone() {
                    grid.starts[row * grid.columns + column + 1] += 1;
                }
            }
        }
        for cell in 1..grid.starts.len() {
            grid.starts[cell] += grid.starts[cell - 1];
        }
        let mut fill = grid.starts.clone();
        grid.members = vec![0; grid.starts[grid.starts.len() - 1] as usize];
        for (number, one) in numbered() {
            if grid.count(&bounds, one) > ENTRIES_PER_PARCEL_MAX {
                continue;
            }
            let (columns, rows) = grid.range(&bounds, one);
            for row in rows {
                for column in columns.clone() {
                    let place = &mut fill[row * grid.columns + column];
                    grid.members[*place as usize] = number;
                    *place += 1;
                }
            }
        }
        grid
    }

    fn column(&self, all: &Bounds, x: f64) -> usize {
        (((x - all.min.x) * self.per_x).max(0.0) as usize).min(self.columns - 1)
    }

    fn row(&self, all: &Bounds, y: f64) -> usize {
        (((y - all.min.y) * self.per_y).max(0.0) as usize).min(self.rows - 1)
    }

    fn range(&self, all: &Bounds, one: &Bounds) -> (std::ops::RangeInclusive<usize>, std::ops::RangeInclusive<usize>) {
        (self.column(all, one.min.x)..=self.column(all, one.max.x), self.row(all, one.min.y)..=self.row(all, one.max.y))
    }

    fn count(&self, all: &Bounds, one: &Bounds) -> usize {
        let (columns, rows) = self.range(all, one);
        (columns.end() - columns.start() + 1) * (rows.end() - rows.start() + 1)
    }

    /// Calls `visit` once for every box that meets the query.
    fn meeting(&self, boxes: &[Bounds], query: &Bounds, mut visit: impl FnMut(u32)) {
        let Some(all) = self.bounds.filter(|all| all.meets(query)) else { return };
        for &number in &self.large {
            if boxes[number as usize].meets(query) {
                visit(number);
            }
        }
        let (columns, rows) = self.range(&all, query);
        let (first_column, first_row) = (*columns.start(), *rows.start());
        for row in rows {
            for column in columns.clone() {
                let cell = row * self.columns + column;
                for &number in &self.members[self.starts[cell] as usize..self.starts[cell + 1] as usize] {
                    let one = &boxes[number as usize];
                    // A box in several cells counts in the first that it shares with the query.
                    let here = column == self.column(&all, one.min.x).max(first_column)
                        && row == self.row(&all, one.min.y).max(first_row);
                    if here && one.meets(query) {
                        visit(number);
                    }
                }
            }
        }
    }
}
