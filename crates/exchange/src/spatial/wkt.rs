//! Well-known text in and out.

use super::limits::{Budget, Refusal};
use super::wkb::Bag;
use geo::{Coord, Geometry};
use std::fmt::Write as _;

/// Reads one geometry; `None` for an empty one. A leading `SRID=…;` is passed over.
pub(crate) fn read_wkt(text: &str, budget: &mut Budget) -> Result<Option<Geometry<f64>>, Refusal> {
    let text = text.trim().trim_start_matches('\u{feff}');
    let text = match text.split_once(';') {
        Some((head, rest)) if head.to_ascii_uppercase().starts_with("SRID=") => rest,
        _ => text,
    };
    let mut reader = Reader { text, at: 0 };
    let mut bag = Bag::default();
    reader.geometry(budget, &mut bag, 0)?;
    reader.blanks();
    if reader.at != text.len() {
        return Err(reader.bad());
    }
    bag.finish()
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn bad(&self) -> Refusal {
        let from = self.text.get(self.at..).unwrap_or_default();
        Refusal::shape("shape_form", &format!("WKT {}: {}", self.at + 1, from.chars().take(20).collect::<String>()))
    }

    fn blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn word(&mut self) -> String {
        self.blanks();
        let rest = &self.text[self.at..];
        let length = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        self.at += length;
        rest[..length].to_ascii_uppercase()
    }

    /// Takes a mark when it is next.
    fn takes(&mut self, mark: char) -> bool {
        self.blanks();
        let found = self.text[self.at..].starts_with(mark);
        self.at += usize::from(found);
        found
    }

    fn need(&mut self, mark: char) -> Result<(), Refusal> {
        if self.takes(mark) { Ok(()) } else { Err(self.bad()) }
    }

    fn number(&mut self) -> Result<Option<f64>, Refusal> {
        self.blanks();
        let rest = &self.text[self.at..];
        let length = rest.find([',', ')', '(', ' ', '\t', '\n', '\r']).unwrap_or(rest.len());
        if length == 0 {
            return Ok(None);
        }
        let value = rest[..length].parse().map_err(|_| self.bad())?;
        self.at += length;
        Ok(Some(value))
    }

    fn vertex(&mut self, budget: &mut Budget) -> Result<Coord<f64>, Refusal> {
        let (Some(x), Some(y)) = (self.number()?, self.number()?) else { return Err(self.bad()) };
        for _ in 0..2 {
            self.number()?;
        }
        budget.vertex(x, y)
    }

    /// `(item, item, …)` or `EMPTY`.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T, Refusal>) -> Result<Vec<T>, Refusal> {
        if !self.takes('(') {
            return if self.word() == "EMPTY" { Ok(Vec::new()) } else { Err(self.bad()) };
        }
        let mut items = vec![item(self)?];
        while self.takes(',') {
            items.push(item(self)?);
        }
        self.need(')')?;
        Ok(items)
    }

    fn points(&mut self, budget: &mut Budget) -> Result<Vec<Coord<f64>>, Refusal> {
        self.list(|reader| reader.vertex(budget))
    }

    fn rings(&mut self, budget: &mut Budget) -> Result<Vec<Vec<Coord<f64>>>, Refusal> {
        self.list(|reader| reader.points(budget))
    }

    fn geometry(&mut self, budget: &mut Budget, bag: &mut Bag, depth: u8) -> Result<(), Refusal> {
        if depth > 8 {
            return Err(self.bad());
        }
        let kind = self.word();
        let after_kind = self.at;
        if !matches!(self.word().as_str(), "Z" | "M" | "ZM") {
            self.at = after_kind;
        }
        let kind = kind.trim_end_matches(['Z', 'M']);
        // The trimming of an attached Z or M leaves these names as they are.
        match kind {
            "POINT" => bag.points.extend(self.points(budget)?.into_iter().map(geo::Point::from)),
            "LINESTRING" => {
                let points = self.points(budget)?;
                bag.line(points)?;
            }
            "POLYGON" => {
                let rings = self.rings(budget)?;
                bag.polygon(rings)?;
            }
            "MULTIPOINT" => {
                let points = self.list(|reader| {
                    let wrapped = reader.takes('(');
                    let point = reader.vertex(budget)?;
                    if wrapped {
                        reader.need(')')?;
                    }
                    Ok(point)
                })?;
                bag.points.extend(points.into_iter().map(geo::Point::from));
            }
            "MULTILINESTRING" => {
                for points in self.rings(budget)? {
                    bag.line(points)?;
                }
            }
            "MULTIPOLYGON" => {
                for rings in self.list(|reader| reader.rings(budget))? {
                    bag.polygon(rings)?;
                }
            }
            "GEOMETRYCOLLECTION" => {
                self.list(|reader| reader.geometry(budget, bag, depth + 1))?;
            }
            "CIRCULARSTRING" | "COMPOUNDCURVE" | "CURVEPOLYGON" | "MULTICURVE" | "MULTISURFACE" => {
                return Err(Refusal::shape("shape_curve", kind));
            }
            _ => {
                self.at = 0;
                return Err(self.bad());
            }
        }
        Ok(())
    }
}

/// Writes a geometry as text; numbers in their shortest form that reads back.
#[must_use]
pub fn write_wkt(shape: &Geometry<f64>) -> String {
    let mut text = String::new();
    push(shape, &mut text);
    text
}

fn push(shape: &Geometry<f64>, text: &mut String) {
    match shape {
        Geometry::Point(point) => {
            text.push_str("POINT ");
            coords(&[point.0], text);
        }
        Geometry::LineString(line) => {
            text.push_str("LINESTRING ");
            coords(&line.0, text);
        }
        Geometry::Polygon(polygon) => {
            text.push_str("POLYGON ");
            rings(polygon, text);
        }
        Geometry::MultiPoint(parts) => {
            text.push_str("MULTIPOINT ");
            joined(&parts.0, text, |part, text| coords(&[part.0], text));
        }
        Geometry::MultiLineString(parts) => {
            text.push_str("MULTILINESTRING ");
            joined(&parts.0, text, |part, text| coords(&part.0, text));
        }
        Geometry::MultiPolygon(parts) => {
            text.push_str("MULTIPOLYGON ");
            joined(&parts.0, text, rings);
        }
        Geometry::GeometryCollection(parts) => {
            text.push_str("GEOMETRYCOLLECTION ");
            joined(&parts.0, text, push);
        }
        Geometry::Line(line) => push(&Geometry::LineString((*line).into()), text),
        Geometry::Rect(rect) => push(&Geometry::Polygon(rect.to_polygon()), text),
        Geometry::Triangle(triangle) => push(&Geometry::Polygon(triangle.to_polygon()), text),
    }
}

fn rings(polygon: &geo::Polygon<f64>, text: &mut String) {
    let all: Vec<_> = std::iter::once(polygon.exterior()).chain(polygon.interiors()).collect();
    joined(&all, text, |ring, text| coords(&ring.0, text));
}

fn coords(points: &[Coord<f64>], text: &mut String) {
    joined(points, text, |point, text| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{} {}", point.x, point.y);
    });
}

fn joined<T>(items: &[T], text: &mut String, mut each: impl FnMut(&T, &mut String)) {
    if items.is_empty() {
        text.push_str("EMPTY");
        return;
    }
    text.push('(');
    for (n, item) in items.iter().enumerate() {
        if n > 0 {
            text.push_str(", ");
        }
        each(item, text);
    }
    text.push(')');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::Limits;

    fn read(text: &str) -> Result<Option<Geometry<f64>>, Refusal> {
        read_wkt(text, &mut Budget::new(Limits::default()))
    }

    #[test]
    fn kinds_read_back() {
        for text in [
            "POINT (1 2)",
            "LINESTRING (1 2, 3 4)",
            "POLYGON ((0 0, 9 0, 9 9, 0 0), (5 1, 6 1, 6 2, 5 1))",
            "MULTIPOINT ((1 2), (3 4))",
            "MULTILINESTRING ((1 2, 3 4), (5 6, 7 8))",
            "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 0)), ((20 0, 29 0, 29 9, 20 0)))",
        ] {
            assert_eq!(write_wkt(&read(text).unwrap().unwrap()), text);
        }
        assert_eq!(
            write_wkt(&read("SRID=4490; polygonz((0 0 1,9 0 1,9 9 1))").unwrap().unwrap()),
            "POLYGON ((0 0, 9 0, 9 9, 0 0))"
        );
        assert_eq!(read("POLYGON EMPTY"), Ok(None));
        assert_eq!(write_wkt(&read("MULTIPOINT (1 2, 3 4)").unwrap().unwrap()), "MULTIPOINT ((1 2), (3 4))");
    }

    #[test]
    fn nonsense_is_said() {
        for (text, code) in [
            ("", "shape_form"),
            ("POINT (1)", "shape_form"),
            ("POINT (1 2", "shape_form"),
            ("POINT (1 2) x", "shape_form"),
            ("POINT (NaN 2)", "coordinate_form"),
            ("POINT (1e400 2)", "coordinate_form"),
            ("POLYGON ((0 0, 1 1))", "ring_short"),
            ("LINESTRING (1 2)", "line_short"),
            ("CURVEPOLYGON (CIRCULARSTRING (1 2))", "shape_curve"),
            ("GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (1 2, 3 4))", "shape_mixed"),
            ("多边形", "shape_form"),
        ] {
            assert_eq!(read(text).unwrap_err().code, code, "{text}");
        }
    }
}
