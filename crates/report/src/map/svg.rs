//! A drawing as SVG: no script, no style sheet, no address, no text that is not escaped.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::drawing::{Drawing, Ink, Spot, TEXT};
use super::raster::{HATCH_LINE, HATCH_PERIOD, dash_of};
use super::{Colour, Fill, Hatch, Stroke};
use crate::markup::Markup;

const FONTS: &str = "\"Noto Sans CJK SC\",\"Source Han Sans SC\",\"Microsoft YaHei\",SimHei,sans-serif";

/// The drawing as SVG that may stand inside HTML or alone.
pub(crate) fn to_svg(drawing: &Drawing, title: &str) -> String {
    let (width, height) = (number(drawing.width), number(drawing.height));
    let mut out = Markup::default();
    let view = format!("0 0 {width} {height}");
    out.open(
        "svg",
        &[
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("viewBox", &view),
            ("width", &width),
            ("height", &height),
            ("role", "img"),
            ("font-family", FONTS),
            ("font-size", &number(TEXT)),
        ],
    );
    if !title.is_empty() {
        out.leaf("title", &[], title);
    }
    patterns(drawing, &mut out);
    // A nested picture cuts off what lies beyond its edge.
    out.within("svg", &[("width", &width), ("height", &number(drawing.map_height))], |out| {
        drawing.inks.iter().for_each(|ink| put(ink, out));
    });
    drawing.outside.iter().for_each(|ink| put(ink, &mut out));
    out.finish()
}

fn patterns(drawing: &Drawing, out: &mut Markup) {
    let hatches: BTreeSet<(Hatch, Colour)> = drawing
        .inks
        .iter()
        .chain(&drawing.outside)
        .filter_map(|ink| match ink {
            Ink::Area { fill: Some(fill), .. } => fill.hatch.map(|hatch| (hatch, fill.colour)),
            _ => None,
        })
        .collect();
    if hatches.is_empty() {
        return;
    }
    out.open("defs", &[]);
    let (period, half, line) = (number(HATCH_PERIOD), number(HATCH_PERIOD / 2.0), number(HATCH_LINE));
    for (hatch, colour) in hatches {
        let turn = match hatch {
            Hatch::Rising | Hatch::Crossed => "rotate(45)",
            Hatch::Falling => "rotate(-45)",
            Hatch::Level => "rotate(90)",
            Hatch::Dotted => "rotate(0)",
        };
        let (id, colour) = (hatch_id(hatch, colour), colour.to_string());
        let attributes = [
            ("id", id.as_str()),
            ("patternUnits", "userSpaceOnUse"),
            ("width", &period),
            ("height", &period),
            ("patternTransform", turn),
        ];
        out.within("pattern", &attributes, |out| {
            let paint = [("stroke", colour.as_str()), ("stroke-width", &line)];
            if hatch == Hatch::Dotted {
                out.empty("circle", &[("cx", &half), ("cy", &half), ("r", "1.5"), ("fill", &colour)]);
            } else {
                out.empty("path", &[("d", &format!("M{half} 0V{period}")), paint[0], paint[1]]);
            }
            if hatch == Hatch::Crossed {
                out.empty("path", &[("d", &format!("M0 {half}H{period}")), paint[0], paint[1]]);
            }
        });
    }
    out.close();
}

fn hatch_id(hatch: Hatch, colour: Colour) -> String {
    let name = match hatch {
        Hatch::Rising => "rising",
        Hatch::Falling => "falling",
        Hatch::Crossed => "crossed",
        Hatch::Level => "level",
        Hatch::Dotted => "dotted",
    };
    format!("hatch-{name}-{}", &colour.to_string()[1..])
}

fn put(ink: &Ink, out: &mut Markup) {
    match ink {
        Ink::Area { rings, fill, stroke } => {
            let d = path(rings, true);
            if let Some(Fill { colour, percent, .. }) = fill.filter(|fill| fill.percent > 0) {
                let (colour, opacity) = (colour.to_string(), opacity(percent));
                let mut attributes = vec![("d", d.as_str()), ("fill", &colour), ("fill-rule", "evenodd")];
                if percent < 100 {
                    attributes.push(("fill-opacity", &opacity));
                }
                out.empty("path", &attributes);
            }
            if let Some(Fill { colour, hatch: Some(hatch), .. }) = fill {
                let fill = format!("url(#{})", hatch_id(*hatch, *colour));
                out.empty("path", &[("d", &d), ("fill", &fill), ("fill-rule", "evenodd")]);
            }
            if let Some(stroke) = stroke {
                lines(&d, *stroke, out);
            }
        }
        Ink::Line { lines: pieces, stroke } => lines(&path(pieces, false), *stroke, out),
        Ink::Dot { at, radius, fill, stroke } => {
            let (x, y, radius, colour) = (number(at[0]), number(at[1]), number(*radius), fill.colour.to_string());
            let (edge, width) = stroke.map_or(("#ffffff".to_owned(), 1.0), |s| (s.colour.to_string(), s.width));
            out.empty(
                "circle",
                &[
                    ("cx", &x),
                    ("cy", &y),
                    ("r", &radius),
                    ("fill", &colour),
                    ("stroke", &edge),
                    ("stroke-width", &number(width)),
                ],
            );
        }
        Ink::Words { at, text } => {
            let (x, y) = (number(at[0]), number(at[1]));
            let halo = [("paint-order", "stroke"), ("stroke", "#ffffff"), ("stroke-width", "3")];
            out.leaf(
                "text",
                &[("x", &x), ("y", &y), ("fill", "#1f2328"), halo[0], halo[1], halo[2], ("stroke-linejoin", "round")],
                text,
            );
        }
    }
}

fn lines(d: &str, stroke: Stroke, out: &mut Markup) {
    let (colour, width) = (stroke.colour.to_string(), number(stroke.width));
    let [dash, gap] = dash_of(stroke.width);
    let dashes = format!("{} {}", number(dash), number(gap));
    let mut attributes = vec![
        ("d", d),
        ("fill", "none"),
        ("stroke", colour.as_str()),
        ("stroke-width", &width),
        ("stroke-linejoin", "round"),
        ("stroke-linecap", if stroke.dashed { "butt" } else { "round" }),
    ];
    if stroke.dashed {
        attributes.push(("stroke-dasharray", &dashes));
    }
    out.empty("path", &attributes);
}

fn path(lines: &[Vec<Spot>], closed: bool) -> String {
    let mut d = String::new();
    for line in lines {
        for (index, [x, y]) in line.iter().enumerate() {
            let step = if index == 0 { 'M' } else { 'L' };
            let _ = write!(d, "{step}{} {}", number(*x), number(*y));
        }
        if closed {
            d.push('Z');
        }
    }
    d
}

fn opacity(percent: u8) -> String {
    number(f64::from(percent.min(100)) / 100.0)
}

/// A number with at most two decimals and no minus before zero.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}
