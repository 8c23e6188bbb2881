//! DXF drawings: closed polylines become areas, points become points. Bulge arcs are stroked to a centimetre.
//!
//! A drawing says nothing about its coordinate system; layers become the attribute `layer`. What a block or an external
//! reference holds is not read, and said.

use super::crs_text::DeclaredCrs;
use super::limits::Refusal;
use super::rings;
use super::{Collector, FeatureTable, ReadOptions};
use crate::{Findings, Place};
use geo::{Coord, Geometry, LineString, Point};

/// Farthest that a stroked arc lies from the true one, in drawing units.
const STROKE: f64 = 0.01;
/// Most pieces of one arc.
const STROKES_MAX: f64 = 10_000.0;

/// A group: its code, its text and the line that it starts on.
struct Group<'a> {
    code: i32,
    text: &'a str,
    line: u64,
}

pub(crate) fn read(content: &[u8], options: &ReadOptions, findings: &mut Findings) -> Result<FeatureTable, Refusal> {
    if content.starts_with(b"AutoCAD Binary DXF") {
        return Err(Refusal::file("dxf_binary", ""));
    }
    if content.starts_with(b"AC10") {
        return Err(Refusal::file("format_unknown", "DWG"));
    }
    let (text, encoding) = match std::str::from_utf8(content) {
        Ok(text) => (std::borrow::Cow::Borrowed(text), "UTF-8 (bytes: strict UTF-8)"),
        Err(_) => (encoding_rs::GB18030.decode_without_bom_handling(content).0, "gb18030 (bytes: not UTF-8)"),
    };
    let mut groups = Groups { lines: text.trim_start_matches('\u{feff}').lines(), line: 0, held: None };
    let mut collector = Collector::new(options, findings);
    let mut section = String::new();
    let mut ended = false;
    while let Some(group) = groups.next()? {
        if group.code != 0 {
            continue;
        }
        match group.text {
            "SECTION" => {
                if let Some(name) = groups.next()? {
                    section = name.text.to_owned();
                }
            }
            "ENDSEC" => section.clear(),
            "EOF" => {
                ended = true;
                break;
            }
            kind if section == "ENTITIES" => {
                let (kind, line) = (kind.to_owned(), group.line);
                read_entity(&kind, line, &mut groups, &mut collector)?;
            }
            _ => {}
        }
    }
    if !ended {
        return Err(Refusal::file("file_cut", "EOF").at(Some(groups.line)));
    }
    Ok(FeatureTable {
        crs: DeclaredCrs::Undeclared,
        fields: vec!["layer".to_owned(), "kind".to_owned(), "handle".to_owned()],
        features: collector.features,
        name: String::new(),
        encoding: Some(encoding.to_owned()),
    })
}

struct Groups<'a> {
    lines: std::str::Lines<'a>,
    line: u64,
    held: Option<(i32, &'a str, u64)>,
}

impl<'a> Groups<'a> {
    fn next(&mut self) -> Result<Option<Group<'a>>, Refusal> {
        if let Some((code, text, line)) = self.held.take() {
            return Ok(Some(Group { code, text, line }));
        }
        let line = self.line + 1;
        let Some(code) = self.lines.next() else { return Ok(None) };
        if code.trim().is_empty() && self.lines.clone().next().is_none() {
            return Ok(None);
        }
        let bad = || Refusal::file("dxf_form", code.trim()).at(Some(line));
        let number: i32 = code.trim().parse().map_err(|_| bad())?;
        let text = self.lines.next().ok_or_else(bad)?.trim();
        self.line += 2;
        Ok(Some(Group { code: number, text, line }))
    }

    fn hold(&mut self, group: &Group<'a>) {
        self.held = Some((group.code, group.text, group.line));
    }
}

/// What the groups of an entity tell, the vertices with their bulges.
#[derive(Default)]
struct Entity {
    layer: String,
    handle: String,
    closed: bool,
    /// A polyline that is a mesh or a 3D surface.
    mesh: bool,
    spline: bool,
    /// Extrusion upside down: x is mirrored.
    mirrored: bool,
    vertices: Vec<(Coord<f64>, f64)>,
}

fn read_entity(kind: &str, line: u64, groups: &mut Groups<'_>, collector: &mut Collector<'_>) -> Result<(), Refusal> {
    let mut entity = Entity::default();
    let polyline = kind == "POLYLINE";
    read_groups(kind, groups, collector, &mut entity)?;
    if polyline {
        // Vertices are entities of their own up to SEQEND.
        while let Some(group) = groups.next()? {
            if group.code != 0 {
                continue;
            }
            match group.text {
                "VERTEX" => {
                    let mut vertex = Entity::default();
                    read_groups("VERTEX", groups, collector, &mut vertex)?;
                    // Control points of a spline frame are not on the line.
                    if !vertex.spline {
                        entity.vertices.extend(vertex.vertices.first());
                    }
                }
                "SEQEND" => break,
                _ => {
                    groups.hold(&group);
                    break;
                }
            }
        }
    }
    if entity.mirrored {
        entity.vertices.iter_mut().for_each(|(point, bulge)| {
            point.x = -point.x;
            *bulge = -*bulge;
        });
    }
    let refuse = |collector: &mut Collector<'_>, code| {
        collector.findings.report(code, Place { line: Some(line), field: &entity.layer, value: kind });
    };
    match kind {
        "INSERT" => refuse(collector, "dxf_block"),
        "SPLINE" | "ELLIPSE" | "HATCH" | "REGION" | "CIRCLE" | "ARC" | "LINE" | "3DFACE" | "MPOLYGON" => {
            refuse(collector, "dxf_entity");
        }
        "POINT" => {
            let shape = entity.vertices.first().map(|(point, _)| Geometry::Point(Point::from(*point)));
            collector.push(Some(line), vec![entity.layer, kind.to_owned(), entity.handle], Ok(shape))?;
        }
        "LWPOLYLINE" | "POLYLINE" if entity.mesh => refuse(collector, "dxf_entity"),
        "LWPOLYLINE" | "POLYLINE" => {
            let ends_meet = entity.vertices.len() > 3
                && entity.vertices.first().map(|vertex| vertex.0) == entity.vertices.last().map(|vertex| vertex.0);
            let closed = entity.closed || ends_meet;
            let mut stroked = || -> Result<Option<Geometry<f64>>, Refusal> {
                let points = stroke(&entity.vertices, entity.closed, collector)?;
                if points.is_empty() {
                    Ok(None)
                } else if closed {
                    Ok(rings::polygon(vec![points])?.map(Geometry::Polygon))
                } else if points.len() < 2 {
                    Err(Refusal::shape("line_short", "1 point"))
                } else {
                    Ok(Some(Geometry::LineString(LineString(points))))
                }
            };
            let shape = stroked();
            collector.push(Some(line), vec![entity.layer, kind.to_owned(), entity.handle], shape)?;
        }
        _ => {}
    }
    Ok(())
}

fn read_groups(
    kind: &str,
    groups: &mut Groups<'_>,
    collector: &mut Collector<'_>,
    entity: &mut Entity,
) -> Result<(), Refusal> {
    let takes_vertices = matches!(kind, "LWPOLYLINE" | "VERTEX" | "POINT");
    let mut x = None;
    while let Some(group) = groups.next()? {
        let number = || -> Result<f64, Refusal> {
            group.text.parse().map_err(|_| Refusal::file("dxf_form", group.text).at(Some(group.line + 1)))
        };
        match group.code {
            0 => {
                groups.hold(&group);
                break;
            }
            5 => group.text.clone_into(&mut entity.handle),
            8 => group.text.clone_into(&mut entity.layer),
            10 if takes_vertices => x = Some(number()?),
            20 if takes_vertices => {
                if let Some(x) = x.take() {
                    let point = collector.budget.vertex(x, number()?).map_err(|refusal| refusal.at(Some(group.line)));
                    match point {
                        Ok(point) => entity.vertices.push((point, 0.0)),
                        // A drawing whose numbers are damaged is not taken in part.
                        Err(refusal) => return Err(Refusal { fatal: true, ..refusal }),
                    }
                }
            }
            42 if takes_vertices => {
                let bulge = number()?;
                if let Some(last) = entity.vertices.last_mut()
                    && bulge.is_finite()
                {
                    last.1 = bulge;
                }
            }
            70 if kind != "POINT" => {
                let flags = number()? as i64;
                entity.closed = flags & 1 != 0;
                entity.mesh = kind == "POLYLINE" && flags & (16 | 64) != 0;
                entity.spline = kind == "VERTEX" && flags & 16 != 0;
            }
            230 => entity.mirrored = number()? < 0.0,
            _ => {}
        }
    }
    Ok(())
}

/// The vertices with every bulge stroked.
fn stroke(
    vertices: &[(Coord<f64>, f64)],
    closed: bool,
    collector: &mut Collector<'_>,
) -> Result<Vec<Coord<f64>>, Refusal> {
    let mut points = Vec::with_capacity(vertices.len());
    for (n, &(from, bulge)) in vertices.iter().enumerate() {
        points.push(from);
        let next = vertices.get(n + 1).or_else(|| vertices.first().filter(|_| closed));
        if let Some(&(to, _)) = next.filter(|_| bulge != 0.0) {
            let pieces = arc(from, to, bulge);
            collector.budget.vertices(pieces.len() as u64)?;
            points.extend(pieces);
        }
    }
    Ok(points)
}

/// Points between two ends on the arc whose bulge is the tangent of a quarter of its angle, positive to the left.
fn arc(from: Coord<f64>, to: Coord<f64>, bulge: f64) -> Vec<Coord<f64>> {
    let chord = (to.x - from.x).hypot(to.y - from.y);
    if chord == 0.0 {
        return Vec::new();
    }
    let angle = 4.0 * bulge.atan();
    let radius = chord * (1.0 + bulge * bulge) / (4.0 * bulge.abs());
    // The sagitta of a piece is r(1 − cos(step/2)).
    let step = 2.0 * (1.0 - (STROKE / radius).min(1.0)).acos();
    let pieces = (angle.abs() / step.max(1e-9)).ceil().clamp(1.0, STROKES_MAX);
    let (mid_x, mid_y) = (f64::midpoint(from.x, to.x), f64::midpoint(from.y, to.y));
    let away = (1.0 - bulge * bulge) / (4.0 * bulge);
    let centre = Coord { x: mid_x - (to.y - from.y) * away, y: mid_y + (to.x - from.x) * away };
    let start = (from.y - centre.y).atan2(from.x - centre.x);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped above")]
    let pieces = pieces as u32;
    (1..pieces)
        .map(|n| {
            let at = start + angle * f64::from(n) / f64::from(pieces);
            Coord { x: centre.x + radius * at.cos(), y: centre.y + radius * at.sin() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::Area;

    fn read_text(text: &str) -> (Result<FeatureTable, Refusal>, Findings) {
        let mut findings = Findings::new();
        let table = read(text.replace(' ', "\n").as_bytes(), &ReadOptions::default(), &mut findings);
        (table, findings)
    }

    #[test]
    fn two_bulges_make_a_circle_within_a_centimetre() {
        let (table, _) = read_text(
            "0 SECTION 2 ENTITIES 0 LWPOLYLINE 8 红线 90 2 70 1 10 0 20 0 42 1 10 200 20 0 42 1 0 ENDSEC 0 EOF",
        );
        let table = table.unwrap();
        assert_eq!(table.features[0].values[0], "红线");
        let Some(Geometry::Polygon(polygon)) = &table.features[0].shape else { panic!("{table:?}") };
        let centre = Coord { x: 100.0, y: 0.0 };
        for edge in polygon.exterior().lines() {
            let middle = edge.start + edge.delta() / 2.0;
            assert!(((edge.start - centre).x.hypot((edge.start - centre).y) - 100.0).abs() < 1e-9);
            assert!(100.0 - (middle - centre).x.hypot((middle - centre).y) <= STROKE);
        }
        assert!((polygon.unsigned_area() / (std::f64::consts::PI * 1e4) - 1.0).abs() < 2e-4);
        // Bulges to the left of the way from the first vertex run anticlockwise.
        assert!(polygon.signed_area() > 0.0);
    }

    #[test]
    fn old_polylines_blocks_and_cut_files() {
        let (table, findings) = read_text(
            "0 SECTION 2 ENTITIES 0 POLYLINE 8 A 66 1 70 1 0 VERTEX 10 0 20 0 0 VERTEX 10 9 20 0 0 VERTEX 10 9 20 9 0 SEQEND 0 INSERT 8 B 2 XREF 10 0 20 0 0 ENDSEC 0 EOF",
        );
        assert_eq!(table.unwrap().features.len(), 1);
        assert_eq!(findings.counts().get("dxf_block"), Some(&1));
        let (table, _) = read_text("0 SECTION 2 ENTITIES 0 LWPOLYLINE 8 A 70 1 10 0 20 0");
        assert_eq!(table.unwrap_err().code, "file_cut");
        let (table, _) = read_text("0 SECTION x");
        assert_eq!(table.unwrap_err().code, "dxf_form");
    }
}
