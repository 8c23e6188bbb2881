//! A drawing as pixels: polygons by their covered share of each pixel, words from a bitmap font.

use super::drawing::{Drawing, Ink, Spot, halves};
use super::glyphs;
use super::{Fill, Hatch, Stroke};
use crate::png::Pixels;

/// Pixels for a unit of the drawing.
pub(crate) const PIXELS: u32 = 2;
/// Distance of two lines of a hatch, in units.
pub(super) const HATCH_PERIOD: f64 = 9.0;
/// Their width.
pub(super) const HATCH_LINE: f64 = 1.2;
/// Levels inside a pixel on which its coverage is measured.
const LEVELS: u32 = 4;

/// Stroke and gap of a broken line.
pub(super) fn dash_of(width: f64) -> [f64; 2] {
    [width * 3.0 + 4.0, width * 2.0 + 3.0]
}

#[derive(Clone, Copy)]
enum Rule {
    EvenOdd,
    NonZero,
}

/// The picture as pixels.
pub(crate) fn pixels(drawing: &Drawing) -> Pixels {
    let mut canvas = Canvas::new(size(drawing.width), size(drawing.height), size(drawing.map_height));
    for ink in &drawing.inks {
        canvas.put(ink);
    }
    canvas.bottom = canvas.pixels.height;
    for ink in &drawing.outside {
        canvas.put(ink);
    }
    canvas.pixels
}

fn size(units: f64) -> u32 {
    whole(units * f64::from(PIXELS)).max(1)
}

/// The nearest whole number, within what a picture can have.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(value: f64) -> u32 {
    value.round().clamp(0.0, 100_000.0) as u32
}

struct Canvas {
    pixels: Pixels,
    /// Rows from here on are not drawn on.
    bottom: u32,
    /// Coverage of a row; kept to be used again.
    row: Vec<f64>,
}

impl Canvas {
    fn new(width: u32, height: u32, bottom: u32) -> Self {
        Self { pixels: Pixels::white(width, height), bottom, row: vec![0.0; width as usize] }
    }

    fn put(&mut self, ink: &Ink) {
        match ink {
            Ink::Area { rings, fill, stroke } => {
                if let Some(fill) = fill {
                    self.fill(rings, Rule::EvenOdd, fill.colour.0, |x, y| coverage_of(*fill, x, y));
                }
                if let Some(stroke) = stroke {
                    let closed: Vec<Vec<Spot>> = rings.iter().map(|ring| closed(ring)).collect();
                    self.stroke(&closed, *stroke);
                }
            }
            Ink::Line { lines, stroke } => self.stroke(lines, *stroke),
            Ink::Dot { at, radius, fill, stroke } => {
                let (edge, width) = stroke.map_or(([0xff; 3], 1.0), |s| (s.colour.0, s.width));
                self.fill(&[disc(*at, radius + width / 2.0)], Rule::NonZero, edge, |_, _| 1.0);
                self.fill(&[disc(*at, radius - width / 2.0)], Rule::NonZero, fill.colour.0, |_, _| 1.0);
            }
            Ink::Words { at, text } => self.words(*at, text),
        }
    }

    fn stroke(&mut self, lines: &[Vec<Spot>], stroke: Stroke) {
        let half = stroke.width / 2.0;
        let mut outline = Vec::new();
        for line in lines {
            if stroke.dashed {
                for piece in dashes(line, dash_of(stroke.width)) {
                    thicken(&piece, half, false, &mut outline);
                }
            } else {
                thicken(line, half, true, &mut outline);
            }
        }
        self.fill(&outline, Rule::NonZero, stroke.colour.0, |_, _| 1.0);
    }

    /// Fills rings with a colour; `share` says how much of it a point gets.
    fn fill(&mut self, rings: &[Vec<Spot>], rule: Rule, colour: [u8; 3], share: impl Fn(f64, f64) -> f64) {
        let scale = f64::from(PIXELS);
        let levels = f64::from(LEVELS);
        // Where the edges cross the levels: level, place on it, and which way.
        let mut across: Vec<(u32, f64, i32)> = Vec::new();
        let last_level = f64::from(self.bottom * LEVELS) - 1.0;
        for ring in rings {
            let Some(mut before) = ring.last().copied() else {
                continue;
            };
            for &spot in ring {
                let (a, b, way) = if before[1] <= spot[1] { (before, spot, 1) } else { (spot, before, -1) };
                before = spot;
                // The middle of a level is at (level + ½) / LEVELS pixels.
                let first = (a[1] * scale * levels - 0.5).ceil().max(0.0);
                let end = (b[1] * scale * levels - 0.5).ceil().min(last_level + 1.0);
                let mut level = first;
                while level < end {
                    let y = (level + 0.5) / levels / scale;
                    let x = a[0] + (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]);
                    across.push((whole(level), x * scale, way));
                    level += 1.0;
                }
            }
        }
        across.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        for row in across.chunk_by(|a, b| a.0 / LEVELS == b.0 / LEVELS) {
            let y = row[0].0 / LEVELS;
            let mut touched = (self.row.len(), 0);
            for level in row.chunk_by(|a, b| a.0 == b.0) {
                let mut winding = 0;
                for pair in level.windows(2) {
                    winding += pair[0].2;
                    let inside = match rule {
                        Rule::EvenOdd => winding % 2 != 0,
                        Rule::NonZero => winding != 0,
                    };
                    if inside {
                        self.cover(pair[0].1, pair[1].1, 1.0 / levels, &mut touched);
                    }
                }
            }
            self.blend(y, touched, colour, &share);
        }
    }

    /// Adds to the coverage of the row between two places on it.
    fn cover(&mut self, from: f64, to: f64, weight: f64, touched: &mut (usize, usize)) {
        let width = f64::from(self.pixels.width);
        let (from, to) = (from.clamp(0.0, width), to.clamp(0.0, width));
        if to <= from {
            return;
        }
        let (first, last) = (whole(from.floor()) as usize, whole((to.ceil() - 1.0).max(0.0)) as usize);
        for (at, cell) in self.row.iter_mut().enumerate().take(last + 1).skip(first) {
            let left = f64::from(u32::try_from(at).unwrap_or(u32::MAX));
            *cell += ((to.min(left + 1.0) - from.max(left)).max(0.0)) * weight;
        }
        *touched = (touched.0.min(first), touched.1.max(last + 1));
    }

    fn blend(&mut self, y: u32, touched: (usize, usize), colour: [u8; 3], share: &impl Fn(f64, f64) -> f64) {
        let scale = f64::from(PIXELS);
        for x in touched.0..touched.1.min(self.row.len()) {
            let covered = std::mem::take(&mut self.row[x]).min(1.0);
            let x = u32::try_from(x).unwrap_or(u32::MAX);
            let weight = covered * share((f64::from(x) + 0.5) / scale, (f64::from(y) + 0.5) / scale);
            self.pixels.blend(x, y, colour, weight);
        }
    }

    fn words(&mut self, at: Spot, text: &str) {
        let scale = PIXELS;
        let (mut left, base) = (whole(at[0] * f64::from(scale)), whole(at[1] * f64::from(scale)));
        // The base line of the font is two of its sixteen rows above the lower edge.
        let top = base.saturating_sub(14 * scale);
        let mut dots = Vec::new();
        for c in text.chars() {
            let room = u32::try_from(halves(c)).unwrap_or(2) * 8;
            for (x, y) in glyphs::dots(c, room) {
                dots.push((left + x * scale, top + y * scale));
            }
            left += room * scale;
        }
        let bottom = self.bottom;
        let mut square = |x: u32, y: u32, side: u32, colour: [u8; 3]| {
            for y in y..(y + side).min(bottom) {
                for x in x..x + side {
                    self.pixels.blend(x, y, colour, 1.0);
                }
            }
        };
        for (x, y) in &dots {
            square(x.saturating_sub(scale), y.saturating_sub(scale), 3 * scale, [0xff; 3]);
        }
        for (x, y) in dots {
            square(x, y, scale, [0x1f, 0x23, 0x28]);
        }
    }
}

/// How much of the fill's colour a point gets.
fn coverage_of(fill: Fill, x: f64, y: f64) -> f64 {
    let flat = f64::from(fill.percent.min(100)) / 100.0;
    let line = |across: f64| {
        let from_middle = (across.rem_euclid(HATCH_PERIOD) - HATCH_PERIOD / 2.0).abs();
        ((HATCH_LINE / 2.0 + 0.25 - from_middle) * 2.0).clamp(0.0, 1.0)
    };
    let root = std::f64::consts::FRAC_1_SQRT_2;
    let hatch = match fill.hatch {
        None => 0.0,
        Some(Hatch::Rising) => line((x + y) * root),
        Some(Hatch::Falling) => line((x - y) * root),
        Some(Hatch::Crossed) => line((x + y) * root).max(line((y - x) * root)),
        Some(Hatch::Level) => line(y),
        Some(Hatch::Dotted) => {
            let from_middle = |value: f64| value.rem_euclid(HATCH_PERIOD) - HATCH_PERIOD / 2.0;
            let (dx, dy) = (from_middle(x), from_middle(y));
            ((1.75 - (dx * dx + dy * dy).sqrt()) * 2.0).clamp(0.0, 1.0)
        }
    };
    flat + (1.0 - flat) * hatch
}

fn closed(ring: &[Spot]) -> Vec<Spot> {
    let mut ring = ring.to_vec();
    ring.extend(ring.first().copied());
    ring
}

/// The outline of a line of some width: a rectangle for every piece and a disc for every joint.
fn thicken(line: &[Spot], half: f64, round: bool, outline: &mut Vec<Vec<Spot>>) {
    for pair in line.windows(2) {
        let ([ax, ay], [bx, by]) = (pair[0], pair[1]);
        let (dx, dy) = (bx - ax, by - ay);
        let length = (dx * dx + dy * dy).sqrt();
        if length > 0.0 {
            let (nx, ny) = (-dy / length * half, dx / length * half);
            outline.push(vec![[ax - nx, ay - ny], [bx - nx, by - ny], [bx + nx, by + ny], [ax + nx, ay + ny]]);
        }
    }
    let joints = if round { line } else { line.get(1..line.len().saturating_sub(1)).unwrap_or_default() };
    // A joint of a hair line is not seen.
    if half > 0.3 {
        outline.extend(joints.iter().map(|joint| disc(*joint, half)));
    }
}

/// A disc as a polygon of sixteen corners, turned as the rectangles of [`thicken`] are.
fn disc([x, y]: Spot, radius: f64) -> Vec<Spot> {
    const COS: f64 = 0.923_879_532_511_286_7;
    const SIN: f64 = 0.382_683_432_365_089_8;
    let (mut dx, mut dy) = (radius.max(0.0), 0.0);
    (0..16)
        .map(|_| {
            let corner = [x + dx, y + dy];
            (dx, dy) = (dx * COS - dy * SIN, dx * SIN + dy * COS);
            corner
        })
        .collect()
}

/// The strokes of a broken line.
fn dashes(line: &[Spot], pattern: [f64; 2]) -> Vec<Vec<Spot>> {
    let mut out: Vec<Vec<Spot>> = Vec::new();
    let (mut phase, mut left) = (0, pattern[0]);
    if let Some(first) = line.first() {
        out.push(vec![*first]);
    }
    for pair in line.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        loop {
            let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
            let length = (dx * dx + dy * dy).sqrt();
            if length <= left {
                left -= length;
                if let (0, Some(piece)) = (phase, out.last_mut()) {
                    piece.push(to);
                }
                break;
            }
            let share = left / length;
            from = [from[0] + dx * share, from[1] + dy * share];
            if phase == 0 {
                if let Some(piece) = out.last_mut() {
                    piece.push(from);
                }
            } else {
                out.push(vec![from]);
            }
            phase = 1 - phase;
            left = pattern[phase];
        }
    }
    out.retain(|piece| piece.len() > 1);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn darkness(canvas: &Canvas) -> f64 {
        canvas.pixels.bytes.chunks(3).map(|pixel| f64::from(255 - pixel[0]) / 255.0).sum()
    }

    #[test]
    fn as_much_is_covered_as_the_area_says() {
        let share = |_: f64, _: f64| 1.0;
        let scale = f64::from(PIXELS * PIXELS);
        let outer = vec![[10.3, 10.1], [60.7, 14.2], [50.2, 70.9], [12.0, 66.6]];
        let inner = vec![[20.0, 20.0], [20.0, 40.0], [40.0, 40.0], [40.0, 20.0]];
        let area = |ring: &[Spot]| {
            closed(ring).windows(2).map(|p| p[0][0] * p[1][1] - p[1][0] * p[0][1]).sum::<f64>().abs() / 2.0
        };
        let expected = (area(&outer) - area(&inner)) * scale;
        let mut canvas = Canvas::new(160, 160, 160);
        canvas.fill(&[outer, inner], Rule::EvenOdd, [0; 3], share);
        assert!((darkness(&canvas) - expected).abs() < expected * 0.002, "{} {expected}", darkness(&canvas));

        // Overlapping pieces of one line are drawn once.
        let mut canvas = Canvas::new(160, 160, 160);
        canvas.stroke(
            &[vec![[20.0, 20.0], [60.0, 20.0], [20.0, 20.0]]],
            Stroke { colour: crate::Colour([0; 3]), width: 4.0, dashed: false },
        );
        let expected = (40.0 * 4.0 + std::f64::consts::PI * 4.0) * scale;
        assert!((darkness(&canvas) - expected).abs() < expected * 0.02, "{} {expected}", darkness(&canvas));
    }

    #[test]
    fn dashes_keep_their_measure_around_corners() {
        let line = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]];
        let pieces = dashes(&line, [6.0, 2.0]);
        assert_eq!(
            pieces,
            [vec![[0.0, 0.0], [6.0, 0.0]], vec![[8.0, 0.0], [10.0, 0.0], [10.0, 4.0]], vec![[10.0, 6.0], [10.0, 10.0]]]
        );
    }
}
