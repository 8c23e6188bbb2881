//! From the plane to the paper: scale, cut, thin, and find a place for a name.

use super::Shape;
use super::drawing::Spot;

/// How far beyond the edge shapes are kept, so that the cut itself is not seen.
const BEYOND: f64 = 30.0;
/// Points that are nearer than this to the one before are not seen.
const THIN: f64 = 0.15;

/// A part of the plane and its size on paper.
pub(super) struct Frame {
    pub(super) west: f64,
    pub(super) north: f64,
    /// Units of the paper for a metre.
    pub(super) scale: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Frame {
    /// Where a point of the plane is on the paper.
    pub(super) fn spot(&self, [east, north]: [f64; 2]) -> Spot {
        [(east - self.west) * self.scale, (self.north - north) * self.scale]
    }

    /// Tells whether a spot is on the paper or at most so far beside it.
    pub(super) fn holds(&self, [x, y]: Spot, beyond: f64) -> bool {
        (-beyond..=self.width + beyond).contains(&x) && (-beyond..=self.height + beyond).contains(&y)
    }

    /// The four edges as (axis, bound, keep what is greater).
    fn edges(&self, beyond: f64) -> [(usize, f64, bool); 4] {
        [(0, -beyond, true), (0, self.width + beyond, false), (1, -beyond, true), (1, self.height + beyond, false)]
    }
}

/// The rings of an area as far as they are seen.
pub(super) fn clip_area(frame: &Frame, rings: &[Vec<[f64; 2]>]) -> Vec<Vec<Spot>> {
    rings.iter().filter_map(|ring| clip_ring(frame, ring, BEYOND)).collect()
}

fn clip_ring(frame: &Frame, ring: &[[f64; 2]], beyond: f64) -> Option<Vec<Spot>> {
    let mut spots: Vec<Spot> = ring.iter().map(|point| frame.spot(*point)).collect();
    for (axis, bound, greater) in frame.edges(beyond) {
        if spots.is_empty() {
            return None;
        }
        let inside = |spot: &Spot| if greater { spot[axis] >= bound } else { spot[axis] <= bound };
        let mut kept = Vec::with_capacity(spots.len() + 4);
        let mut before = spots[spots.len() - 1];
        for &spot in &spots {
            if inside(&spot) != inside(&before) {
                kept.push(crossing(before, spot, axis, bound));
            }
            if inside(&spot) {
                kept.push(spot);
            }
            before = spot;
        }
        spots = kept;
    }
    let spots = thinned(spots);
    (spots.len() >= 3).then_some(spots)
}

/// The pieces of a line as far as they are seen.
pub(super) fn clip_line(frame: &Frame, points: &[[f64; 2]]) -> Vec<Vec<Spot>> {
    let mut pieces: Vec<Vec<Spot>> = Vec::new();
    for pair in points.windows(2) {
        let (mut from, mut to) = (frame.spot(pair[0]), frame.spot(pair[1]));
        let mut seen = true;
        for (axis, bound, greater) in frame.edges(BEYOND) {
            let inside = |spot: &Spot| if greater { spot[axis] >= bound } else { spot[axis] <= bound };
            match (inside(&from), inside(&to)) {
                (true, true) => {}
                (false, false) => seen = false,
                (false, true) => from = crossing(from, to, axis, bound),
                (true, false) => to = crossing(from, to, axis, bound),
            }
            if !seen {
                break;
            }
        }
        if !seen {
            continue;
        }
        match pieces.last_mut() {
            Some(piece) if piece.last() == Some(&from) => piece.push(to),
            _ => pieces.push(vec![from, to]),
        }
    }
    pieces.into_iter().map(thinned).filter(|piece| piece.len() >= 2).collect()
}

fn crossing(from: Spot, to: Spot, axis: usize, bound: f64) -> Spot {
    let other = 1 - axis;
    let share = (bound - from[axis]) / (to[axis] - from[axis]);
    let mut out = [bound; 2];
    out[other] = from[other] + share * (to[other] - from[other]);
    out
}

fn thinned(spots: Vec<Spot>) -> Vec<Spot> {
    let mut out: Vec<Spot> = Vec::with_capacity(spots.len());
    let last = spots.len().saturating_sub(1);
    for (index, spot) in spots.into_iter().enumerate() {
        let near = |kept: &Spot| (kept[0] - spot[0]).abs() < THIN && (kept[1] - spot[1]).abs() < THIN;
        if index == last || !out.last().is_some_and(near) {
            out.push(spot);
        }
    }
    out
}

/// Spots that belong to the shape and are seen, the best one first.
pub(super) fn anchors(frame: &Frame, shape: &Shape) -> Vec<Spot> {
    match shape {
        Shape::Point { at } => Some(frame.spot(*at)).filter(|spot| frame.holds(*spot, 0.0)).into_iter().collect(),
        Shape::Line { points } => {
            let lines = clip_line(frame, points);
            let Some(longest) = lines.into_iter().max_by_key(Vec::len) else {
                return Vec::new();
            };
            // The middles of its pieces, from the middle one outwards.
            let middle = longest.len() / 2;
            let mut pieces: Vec<usize> = (1..longest.len()).collect();
            pieces.sort_by_key(|piece| piece.abs_diff(middle));
            let between = |a: Spot, b: Spot| [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])];
            let spots = pieces.into_iter().map(|piece| between(longest[piece - 1], longest[piece]));
            spots.filter(|spot| frame.holds(*spot, 0.0)).take(8).collect()
        }
        Shape::Area { rings } => {
            let rings: Vec<Vec<Spot>> = rings.iter().filter_map(|ring| clip_ring(frame, ring, 0.0)).collect();
            widest_middles(&rings)
        }
    }
}

/// The middles of the widest stretches inside the rings on a few level lines; a line further from the middle of the
/// area comes first only when it is clearly wider.
fn widest_middles(rings: &[Vec<Spot>]) -> Vec<Spot> {
    let all = || rings.iter().flatten().map(|spot| spot[1]);
    let (top, bottom) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    let mut found: Vec<(f64, Spot)> = Vec::new();
    for (share, weight) in [(0.5, 1.0), (0.4, 0.9), (0.6, 0.9), (0.25, 0.75), (0.75, 0.75), (0.12, 0.5), (0.88, 0.5)] {
        let y = top + (bottom - top) * share;
        let mut across: Vec<f64> = Vec::new();
        for ring in rings {
            let Some(mut before) = ring.last().copied() else {
                continue;
            };
            for &spot in ring {
                if (before[1] <= y) != (spot[1] <= y) {
                    across.push(crossing(before, spot, 1, y)[0]);
                }
                before = spot;
            }
        }
        across.sort_by(f64::total_cmp);
        let widest = across.chunks_exact(2).max_by(|a, b| (a[1] - a[0]).total_cmp(&(b[1] - b[0])));
        if let Some([from, to]) = widest {
            found.push(((to - from) * weight, [f64::midpoint(*from, *to), y]));
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.into_iter().map(|(_, spot)| spot).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        Frame { west: 0.0, north: 100.0, scale: 1.0, width: 100.0, height: 100.0 }
    }

    #[test]
    fn shapes_end_a_little_beyond_the_edge() {
        let far = 1e9;
        let square = vec![[-far, -far], [far, -far], [far, far], [-far, far]];
        let rings = clip_area(&frame(), &[square]);
        assert!(rings[0].iter().all(|spot| frame().holds(*spot, BEYOND + 1e-6)), "{rings:?}");
        let lines = clip_line(&frame(), &[[-far, 50.0], [far, 50.0], [far, 60.0], [-far, 60.0]]);
        assert_eq!(lines, [vec![[-30.0, 50.0], [130.0, 50.0]], vec![[130.0, 40.0], [-30.0, 40.0]]]);
        assert!(clip_area(&frame(), &[vec![[500.0, 500.0], [501.0, 500.0], [501.0, 501.0]]]).is_empty());
        assert!(clip_area(&frame(), &[vec![], vec![[1.0, 1.0]]]).is_empty());
    }

    #[test]
    fn a_name_stands_inside_its_area() {
        // A U: the middle of its box is outside.
        let ring = vec![
            [10.0, 10.0],
            [90.0, 10.0],
            [90.0, 90.0],
            [70.0, 90.0],
            [70.0, 30.0],
            [30.0, 30.0],
            [30.0, 90.0],
            [10.0, 90.0],
        ];
        let spots = anchors(&frame(), &Shape::Area { rings: vec![ring] });
        assert!(!spots.is_empty());
        for [x, y] in spots {
            let (east, north) = (x, 100.0 - y);
            assert!((10.0..=90.0).contains(&east) && !(30.0 < east && east < 70.0 && north > 30.0), "{x} {y}");
        }
    }
}
