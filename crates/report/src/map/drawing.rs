//! A map laid out on paper: what is drawn where, in the order in which it is drawn.

use super::place::{Frame, anchors, clip_area, clip_line};
use super::{Colour, Extent, Fill, Legend, MapError, MapLayer, MapSketch, Shape, Stroke};
use crate::legible;

/// Width of a picture in its own units.
pub(super) const WIDTH: f64 = 900.0;
/// Size of its words.
pub(super) const TEXT: f64 = 16.0;
/// A line of words.
const LINE: f64 = 22.0;
/// Height by width of the map at least and at most.
const ASPECT: (f64, f64) = (0.5, 1.2);
/// Characters of a label at most, counted in halves of a full-width one.
const LABEL_HALVES_MAX: usize = 48;

const BLACK: Colour = Colour([0x1f, 0x23, 0x28]);
const WHITE: Colour = Colour([0xff; 3]);
const PAPER: Colour = Colour([0xf7, 0xf7, 0xf4]);

/// A point on the paper: right, down.
pub(crate) type Spot = [f64; 2];

/// A rectangle on the paper: left, top, right, bottom.
type Box4 = [f64; 4];

/// Something drawn.
pub(crate) enum Ink {
    /// Rings that are filled and outlined.
    Area { rings: Vec<Vec<Spot>>, fill: Option<Fill>, stroke: Option<Stroke> },
    /// Lines.
    Line { lines: Vec<Vec<Spot>>, stroke: Stroke },
    /// A disc.
    Dot { at: Spot, radius: f64, fill: Fill, stroke: Option<Stroke> },
    /// One line of words with its left end on the base line, and white around it.
    Words { at: Spot, text: String },
}

/// A picture.
pub(crate) struct Drawing {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// Height of the map itself; what is below is the legend.
    pub(crate) map_height: f64,
    /// What is drawn on the map and cut off at its edge.
    pub(crate) inks: Vec<Ink>,
    /// The frame and what is below the map.
    pub(crate) outside: Vec<Ink>,
}

impl Drawing {
    /// Lays out a map.
    pub(crate) fn of(sketch: &MapSketch, legend: Legend) -> Result<Self, MapError> {
        check(sketch)?;
        let frame = fit(sketch.extent);
        let mut inks = vec![rectangle([0.0, 0.0], [WIDTH, frame.height], solid(PAPER), None)];
        for layer in &sketch.layers {
            layer.places.iter().for_each(|place| lay(&frame, layer, &place.shape, &mut inks));
        }
        let mut taken = Vec::new();
        let furniture = furniture(&frame, &sketch.notice, &mut taken);
        // What lies on top is what the map is about: its names come first.
        for (index, layer) in sketch.layers.iter().rev().enumerate() {
            for place in &layer.places {
                if let Some(label) = &place.label {
                    name(&frame, label, &place.shape, &mut taken, &mut inks);
                }
            }
            if index == 0 {
                taken.extend(kept_clear(&frame, layer));
            }
        }
        inks.extend(furniture);
        let border = Stroke { colour: BLACK, width: 1.2, dashed: false };
        let mut outside = vec![rectangle([0.6, 0.6], [WIDTH - 0.6, frame.height - 0.6], None, Some(border))];
        let below = match legend {
            Legend::Below => lay_legend(&sketch.layers, frame.height, &mut outside),
            Legend::Apart => 0.0,
        };
        Ok(Self { width: WIDTH, height: frame.height + below, map_height: frame.height, inks, outside })
    }
}

fn check(sketch: &MapSketch) -> Result<(), MapError> {
    let Extent { west, south, east, north } = sketch.extent;
    let finite = [west, south, east, north].iter().all(|edge| edge.is_finite() && edge.abs() < 1e12);
    // A width of less than a millimetre has no scale.
    if !finite || east - west < 1e-3 || north - south < 1e-3 {
        return Err(MapError::Extent);
    }
    let mut found = 0;
    for layer in &sketch.layers {
        for (index, place) in layer.places.iter().enumerate() {
            for point in place.shape.points() {
                found += 1;
                if !point.iter().all(|value| value.is_finite()) {
                    let layer = layer.name.chars().take(40).collect();
                    return Err(MapError::Coordinate { layer, place: index + 1 });
                }
            }
        }
    }
    if found > MapSketch::POINTS_MAX { Err(MapError::Points { found }) } else { Ok(()) }
}

/// The extent, widened until its picture is neither a strip nor a tower.
fn fit(extent: Extent) -> Frame {
    let (mut width, mut height) = (extent.east - extent.west, extent.north - extent.south);
    let (middle_x, middle_y) = (f64::midpoint(extent.west, extent.east), f64::midpoint(extent.south, extent.north));
    height = height.max(width * ASPECT.0);
    width = width.max(height / ASPECT.1);
    let scale = WIDTH / width;
    Frame {
        west: middle_x - width / 2.0,
        north: middle_y + height / 2.0,
        scale,
        width: WIDTH,
        height: (height * scale).round(),
    }
}

fn lay(frame: &Frame, layer: &MapLayer, shape: &Shape, inks: &mut Vec<Ink>) {
    let stroke = layer.stroke.map(tamed);
    match shape {
        Shape::Area { rings } => {
            let rings = clip_area(frame, rings);
            if !rings.is_empty() {
                inks.push(Ink::Area { rings, fill: layer.fill, stroke });
            }
        }
        Shape::Line { points } => {
            let lines = clip_line(frame, points);
            if let (false, Some(stroke)) = (lines.is_empty(), stroke) {
                inks.push(Ink::Line { lines, stroke });
            }
        }
        Shape::Point { at } => {
            let at = frame.spot(*at);
            if frame.holds(at, 10.0) {
                inks.push(Ink::Dot { at, radius: 5.0, fill: dot_fill(layer), stroke });
            }
        }
    }
}

fn dot_fill(layer: &MapLayer) -> Fill {
    let colour = layer.fill.map(|fill| fill.colour).or(layer.stroke.map(|stroke| stroke.colour)).unwrap_or(BLACK);
    Fill { colour, percent: 100, hatch: None }
}

fn tamed(stroke: Stroke) -> Stroke {
    let width = if stroke.width.is_finite() { stroke.width.clamp(0.2, 20.0) } else { 1.0 };
    Stroke { width, ..stroke }
}

/// Writes the name of a shape at the first of its spots where nothing stands yet.
fn name(frame: &Frame, label: &str, shape: &Shape, taken: &mut Vec<Box4>, inks: &mut Vec<Ink>) {
    let text = cut(&one_line(label), LABEL_HALVES_MAX);
    let width = words_width(&text);
    if width <= 0.0 {
        return;
    }
    for at in anchors(frame, shape) {
        let left = match shape {
            Shape::Point { .. } => at[0] + 9.0,
            Shape::Area { .. } | Shape::Line { .. } => at[0] - width / 2.0,
        };
        let left = left.min(frame.width - width - 4.0).max(4.0);
        let base = (at[1] + TEXT * 0.35).clamp(TEXT + 2.0, frame.height - 6.0);
        let space = [left - 4.0, base - TEXT - 2.0, left + width + 4.0, base + 6.0];
        if !taken.iter().any(|other| overlap(&space, other)) {
            taken.push(space);
            inks.push(Ink::Words { at: [left, base], text });
            return;
        }
    }
}

fn overlap(a: &Box4, b: &Box4) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

/// The boxes of small areas of the last layer, which is what the map is about: other names stay off them.
fn kept_clear(frame: &Frame, layer: &MapLayer) -> Vec<Box4> {
    let mut boxes = Vec::new();
    for place in &layer.places {
        let Shape::Area { rings } = &place.shape else {
            continue;
        };
        let mut edge = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        for [x, y] in clip_area(frame, rings).into_iter().flatten() {
            edge = [edge[0].min(x), edge[1].min(y), edge[2].max(x), edge[3].max(y)];
        }
        if (edge[2] - edge[0]) * (edge[3] - edge[1]) < 0.15 * frame.width * frame.height {
            boxes.push(edge);
        }
    }
    boxes
}

/// Scale bar, north arrow and notice.
fn furniture(frame: &Frame, notice: &str, taken: &mut Vec<Box4>) -> Vec<Ink> {
    let mut inks = Vec::new();
    let paper = || Some(Fill { colour: WHITE, percent: 85, hatch: None });
    let thin = Stroke { colour: BLACK, width: 1.5, dashed: false };
    let base = frame.height;

    let (metres, text) = scale_step(190.0 / frame.scale);
    let length = metres * frame.scale;
    let width = length.max(words_width(&text)) + 24.0;
    inks.push(rectangle([8.0, base - 46.0], [8.0 + width, base - 8.0], paper(), None));
    let (left, y) = (20.0, base - 16.0);
    let bar = vec![[left, y - 6.0], [left, y], [left + length, y], [left + length, y - 6.0]];
    inks.push(Ink::Line { lines: vec![bar], stroke: thin });
    inks.push(Ink::Words { at: [left, y - 10.0], text });
    taken.push([8.0, base - 46.0, 8.0 + width, base - 8.0]);

    let (x, top) = (frame.width - 30.0, 14.0);
    inks.push(rectangle([x - 18.0, 6.0], [x + 18.0, 70.0], paper(), None));
    let half = |by: f64| vec![vec![[x, top], [x + by, top + 30.0], [x, top + 24.0]]];
    inks.push(Ink::Area { rings: half(9.0), fill: solid(BLACK), stroke: Some(Stroke { width: 1.0, ..thin }) });
    inks.push(Ink::Area { rings: half(-9.0), fill: solid(WHITE), stroke: Some(Stroke { width: 1.0, ..thin }) });
    inks.push(Ink::Words { at: [x - 4.0, top + 50.0], text: "N".to_owned() });
    taken.push([x - 18.0, 6.0, x + 18.0, 70.0]);

    let lines = wrapped(notice, 400.0);
    let widest = lines.iter().map(|line| words_width(line)).fold(0.0, f64::max);
    if widest > 0.0 {
        let (left, top) = (frame.width - widest - 20.0, base - 14.0 - LINE * count(lines.len()));
        inks.push(rectangle([left - 6.0, top], [frame.width - 8.0, base - 8.0], paper(), None));
        taken.push([left - 6.0, top, frame.width - 8.0, base - 8.0]);
        for (index, text) in lines.into_iter().enumerate() {
            inks.push(Ink::Words { at: [left, top + LINE * (count(index) + 1.0) - 4.0], text });
        }
    }
    inks
}

/// A round length of at most `metres`, and its words.
fn scale_step(metres: f64) -> (f64, String) {
    let mut power = 1e-4;
    while power * 10.0 <= metres && power < 1e9 {
        power *= 10.0;
    }
    let step = [5.0, 2.0, 1.0].into_iter().map(|digit| digit * power).find(|step| *step <= metres).unwrap_or(power);
    // Written by counting, so that no binary fraction shows.
    let text = if step >= 1_000.0 {
        format!("{} km", (step / 1_000.0).round())
    } else if step >= 1.0 {
        format!("{} m", step.round())
    } else {
        format!("{} mm", (step * 1_000.0 * 10.0).round() / 10.0)
    };
    (step, text)
}

/// Lays the legend below the map in two columns; gives its height.
fn lay_legend(layers: &[MapLayer], top: f64, inks: &mut Vec<Ink>) -> f64 {
    const COLUMN: f64 = 450.0;
    const GAP: f64 = 8.0;
    let mut y = top + GAP;
    for pair in layers.chunks(2) {
        let mut lines_most = 1;
        for (column, layer) in pair.iter().enumerate() {
            let left = 8.0 + COLUMN * count(column);
            let mut swatch = swatch_inks(layer);
            shift(&mut swatch, [left, y + 1.0]);
            inks.append(&mut swatch);
            let lines = wrapped(&layer.name, COLUMN - 70.0);
            lines_most = lines_most.max(lines.len());
            for (index, text) in lines.into_iter().enumerate() {
                inks.push(Ink::Words { at: [left + 46.0, y + LINE * count(index) + 17.0], text });
            }
        }
        y += LINE * count(lines_most) + 4.0;
    }
    if layers.is_empty() { 0.0 } else { y - top + 2.0 }
}

/// The sign of a layer as a picture of its own, 36 by 20.
pub(crate) fn swatch(layer: &MapLayer) -> Drawing {
    Drawing { width: 38.0, height: 22.0, map_height: 22.0, inks: swatch_inks(layer), outside: Vec::new() }
}

fn swatch_inks(layer: &MapLayer) -> Vec<Ink> {
    let stroke = layer.stroke.map(tamed);
    match layer.places.first().map(|place| &place.shape) {
        Some(Shape::Point { .. }) => vec![Ink::Dot { at: [19.0, 11.0], radius: 5.0, fill: dot_fill(layer), stroke }],
        Some(Shape::Line { .. }) => stroke
            .map(|stroke| Ink::Line { lines: vec![vec![[2.0, 11.0], [36.0, 11.0]]], stroke })
            .into_iter()
            .collect(),
        Some(Shape::Area { .. }) | None => vec![rectangle([2.0, 2.0], [36.0, 20.0], layer.fill, stroke)],
    }
}

fn shift(inks: &mut [Ink], by: Spot) {
    let moved = |spot: &mut Spot| {
        spot[0] += by[0];
        spot[1] += by[1];
    };
    for ink in inks {
        match ink {
            Ink::Area { rings: lines, .. } | Ink::Line { lines, .. } => lines.iter_mut().flatten().for_each(moved),
            Ink::Dot { at, .. } | Ink::Words { at, .. } => moved(at),
        }
    }
}

fn rectangle(from: Spot, to: Spot, fill: Option<Fill>, stroke: Option<Stroke>) -> Ink {
    Ink::Area { rings: vec![vec![from, [to[0], from[1]], to, [from[0], to[1]]]], fill, stroke }
}

fn solid(colour: Colour) -> Option<Fill> {
    Some(Fill { colour, percent: 100, hatch: None })
}

/// Small counts as lengths.
fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::from(u32::MAX), f64::from)
}

fn one_line(text: &str) -> String {
    legible(text).replace(['\n', '\t'], " ")
}

/// Halves of a full-width character that a character takes.
pub(super) fn halves(c: char) -> usize {
    if u32::from(c) < 0x2e80 && !matches!(c, '\u{2014}'..='\u{2026}' | '\u{2190}'..='\u{27ff}') { 1 } else { 2 }
}

/// How wide words are on the paper.
fn words_width(text: &str) -> f64 {
    count(text.chars().map(halves).sum()) * TEXT / 2.0
}

fn cut(text: &str, most: usize) -> String {
    let mut room = most;
    let mut out = String::new();
    for c in text.chars() {
        let Some(left) = room.checked_sub(halves(c)) else {
            out.push('…');
            break;
        };
        room = left;
        out.push(c);
    }
    out
}

/// Words in lines that are at most so wide; at most 12 lines.
fn wrapped(text: &str, width: f64) -> Vec<String> {
    const LINES_MAX: usize = 12;
    let mut lines = vec![String::new()];
    for c in one_line(text).chars() {
        let full = lines
            .last()
            .is_some_and(|line| words_width(line) + count(halves(c)) * TEXT / 2.0 > width && !line.is_empty());
        if full && lines.len() == LINES_MAX {
            if let Some(last) = lines.last_mut() {
                last.push('…');
            }
            break;
        }
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push(c);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_bar_has_a_round_length() {
        let step = |metres| scale_step(metres).1;
        assert_eq!([step(199.0), step(49.0), step(1_999.0), step(1.0)], ["100 m", "20 m", "1 km", "1 m"]);
        assert_eq!([step(0.9), step(2e6), step(0.004)], ["500 mm", "2000 km", "2 mm"]);
    }

    #[test]
    fn words_are_wrapped_and_cut() {
        assert_eq!(wrapped("甲乙丙丁", 32.0), ["甲乙", "丙丁"]);
        assert_eq!(wrapped(&"甲".repeat(1_000), 32.0).len(), 12);
        assert_eq!(cut("甲乙丙", 5), "甲乙…");
        assert_eq!(cut("abc", 3), "abc");
    }
}
