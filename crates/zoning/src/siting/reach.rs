//! The greatest value, over a project, of a function that changes by at most a metre a metre.
//!
//! Branch and bound over squares: a square whose middle has value `f` holds nothing above `f` plus its half diagonal.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use geo::Coord;

use super::site::{Kind, Site};
use super::{Detail, Frame};
use crate::plane::edge::Place;
use crate::plane::{Bounds, Edge};

const SQUARES_FULL_MAX: usize = 160;
const SQUARES_DECISION_MAX: usize = 64;
/// Metres that are far enough whatever the accuracy is.
const FAR_M: f64 = 5.0;

struct Square {
    bound: f64,
    middle: Coord<f64>,
    half: f64,
}

impl PartialEq for Square {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Square {}
impl PartialOrd for Square {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Square {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bound.total_cmp(&other.bound)
    }
}

/// Metres on the ground beyond which a layer's accuracy decides nothing.
pub(super) fn far_m(accuracy_m: f64) -> f64 {
    FAR_M.max(4.0 * accuracy_m)
}

/// The greatest value of `f` over the site, never above the true one; below it by at most the tolerances' reach, as
/// long as a hundred squares tell. Negative values are told as 0.
pub(super) fn greatest(site: &Site, accuracy_m: f64, frame: Frame<'_>, f: impl Fn(Coord<f64>) -> f64) -> f64 {
    let enough = match frame.detail {
        Detail::Full => f64::INFINITY,
        Detail::Decision => far_m(accuracy_m) * frame.scale,
    };
    let mut best = 0.0_f64;
    for edge in &site.edges {
        best = best.max(f(edge.a));
        if best >= enough {
            return best;
        }
    }
    match &site.kind {
        Kind::Points => best,
        Kind::Lines { .. } => along(site, best, enough, frame, &f),
        Kind::Areas { .. } => over(site, best, enough, frame, &f),
    }
}

fn slack(best: f64, frame: Frame<'_>) -> f64 {
    frame.tolerances.reach_m.max(frame.tolerances.reach_share * best)
}

fn budget(frame: Frame<'_>) -> usize {
    match frame.detail {
        Detail::Full => SQUARES_FULL_MAX,
        Detail::Decision => SQUARES_DECISION_MAX,
    }
}

fn over(site: &Site, mut best: f64, enough: f64, frame: Frame<'_>, f: &impl Fn(Coord<f64>) -> f64) -> f64 {
    let half = site.bounds.width().max(site.bounds.height()) / 2.0;
    let mut heap = BinaryHeap::new();
    heap.push(Square { bound: f64::INFINITY, middle: site.bounds.center(), half });
    let mut left = budget(frame);
    while let Some(square) = heap.pop() {
        if square.bound <= best + slack(best, frame) || best >= enough || left < 4 {
            break;
        }
        let half = square.half / 2.0;
        for (dx, dy) in [(-half, -half), (-half, half), (half, -half), (half, half)] {
            let middle = Coord { x: square.middle.x + dx, y: square.middle.y + dy };
            let inside = site.place(middle) != Place::Outside;
            if !inside && !site.has_edge_in(&Bounds::at(middle).grown(half)) {
                continue;
            }
            left -= 1;
            let value = f(middle);
            if inside {
                best = best.max(value);
            }
            let bound = (value + half * std::f64::consts::SQRT_2).min(square.bound);
            if bound > best + slack(best, frame) {
                heap.push(Square { bound, middle, half });
            }
        }
    }
    best
}

/// The same over edges, which are halved.
fn along(site: &Site, mut best: f64, enough: f64, frame: Frame<'_>, f: &impl Fn(Coord<f64>) -> f64) -> f64 {
    for edge in &site.edges {
        let mut left = budget(frame);
        let mut stack = vec![*edge];
        while let Some(piece) = stack.pop() {
            if best >= enough || left == 0 {
                break;
            }
            left -= 1;
            let middle = piece.at(0.5);
            let value = f(middle);
            best = best.max(value);
            if value + piece.length() / 2.0 > best + slack(best, frame) {
                stack.push(Edge { a: piece.a, b: middle });
                stack.push(Edge { a: middle, b: piece.b });
            }
        }
    }
    best
}
