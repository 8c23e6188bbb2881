//! A packed tree of boxes: built once, then only asked.

use geo::Coord;

use super::Bounds;

const NODE: usize = 8;

/// A static tree over boxes in a given order; near neighbours in that order should be near in the plane.
#[derive(Clone, Debug, Default)]
pub struct BoxTree {
    /// Level 0 are the items; box `i` of a level covers boxes `8 i .. 8 i + 8` of the level below.
    levels: Vec<Vec<Bounds>>,
}

impl BoxTree {
    /// The order along a Hilbert curve, in which boxes should be handed to [`BoxTree::new`].
    #[must_use]
    pub fn order(boxes: &[Bounds]) -> Vec<u32> {
        let all = boxes.iter().fold(Bounds::EMPTY, |sum, bounds| sum.union(*bounds));
        let scale = 65_535.0 / all.width().max(all.height()).max(f64::MIN_POSITIVE);
        let mut keyed: Vec<(u32, u32)> = (0_u32..)
            .zip(boxes)
            .map(|(number, bounds)| {
                let c = bounds.center();
                (hilbert(((c.x - all.min.x) * scale) as u32, ((c.y - all.min.y) * scale) as u32), number)
            })
            .collect();
        keyed.sort_unstable();
        keyed.into_iter().map(|(_, number)| number).collect()
    }

    /// The tree over boxes in this order.
    #[must_use]
    pub fn new(items: Vec<Bounds>) -> Self {
        let mut levels = vec![items];
        while let Some(last) = levels.last().filter(|level| level.len() > 1) {
            let next =
                last.chunks(NODE).map(|part| part.iter().fold(Bounds::EMPTY, |sum, one| sum.union(*one))).collect();
            levels.push(next);
        }
        Self { levels }
    }

    /// The box of all.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        self.levels.last().and_then(|level| level.first()).copied().unwrap_or(Bounds::EMPTY)
    }

    /// Number of items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.levels.first().map_or(0, Vec::len)
    }

    /// Whether it holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The box of an item.
    #[must_use]
    pub fn item(&self, number: usize) -> Bounds {
        self.levels.first().and_then(|level| level.get(number)).copied().unwrap_or(Bounds::EMPTY)
    }

    /// Calls `visit` for every item whose box shares a point with `query`.
    #[inline]
    pub fn meeting(&self, query: &Bounds, mut visit: impl FnMut(usize)) {
        if let Some(top) = self.levels.len().checked_sub(1).filter(|_| !self.is_empty()) {
            self.descend(top, 0, query, &mut visit);
        }
    }

    fn descend(&self, level: usize, number: usize, query: &Bounds, visit: &mut impl FnMut(usize)) {
        if !self.levels[level][number].meets(query) {
            return;
        }
        if level == 0 {
            visit(number);
            return;
        }
        let below = &self.levels[level - 1];
        for child in number * NODE..((number + 1) * NODE).min(below.len()) {
            self.descend(level - 1, child, query, visit);
        }
    }

    /// Visits items nearest box first until no box can beat the bound: `visit(item, bound) -> new bound`,
    /// bounds being squared distances. Returns the last bound.
    pub fn nearest(&self, query: &Bounds, bound2: f64, mut visit: impl FnMut(usize, f64) -> f64) -> f64 {
        match self.levels.len().checked_sub(1).filter(|_| !self.is_empty()) {
            Some(top) => self.closer(top, 0, query, bound2, &mut visit),
            None => bound2,
        }
    }

    fn closer(
        &self,
        level: usize,
        number: usize,
        query: &Bounds,
        mut bound2: f64,
        visit: &mut impl FnMut(usize, f64) -> f64,
    ) -> f64 {
        if level == 0 {
            return visit(number, bound2);
        }
        let below = &self.levels[level - 1];
        let first = number * NODE;
        let mut near = [(f64::INFINITY, 0_usize); NODE];
        let mut count = 0;
        for (child, bounds) in below.iter().enumerate().skip(first).take(NODE) {
            let d = bounds.distance2(query);
            if d < bound2 {
                near[count] = (d, child);
                count += 1;
            }
        }
        near[..count].sort_unstable_by(|p, q| p.0.total_cmp(&q.0));
        for &(d, child) in &near[..count] {
            if d >= bound2 {
                break;
            }
            bound2 = self.closer(level - 1, child, query, bound2, visit);
        }
        bound2
    }
}

/// Place on a Hilbert curve of order 16.
fn hilbert(mut x: u32, mut y: u32) -> u32 {
    let mut d = 0;
    let mut s = 1_u32 << 15;
    while s > 0 {
        let rx = u32::from(x & s > 0);
        let ry = u32::from(y & s > 0);
        d += s * s * ((3 * rx) ^ ry);
        if ry == 0 {
            if rx == 1 {
                x = 65_535 - x.min(65_535);
                y = 65_535 - y.min(65_535);
            }
            std::mem::swap(&mut x, &mut y);
        }
        s >>= 1;
    }
    d
}

/// What a ray from a point towards smaller x can meet.
#[must_use]
pub(super) fn left_box(p: Coord<f64>) -> Bounds {
    Bounds { min: Coord { x: f64::NEG_INFINITY, y: p.y }, max: p }
}

/// What a ray from a point towards greater x can meet.
#[must_use]
pub(super) fn ray_box(p: Coord<f64>) -> Bounds {
    Bounds { min: p, max: Coord { x: f64::INFINITY, y: p.y } }
}
