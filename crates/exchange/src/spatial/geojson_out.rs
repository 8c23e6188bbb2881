//! GeoJSON out, one feature a line, with its coordinate system as a member `crs`.

use super::FeatureTable;
use geo::{Coord, Geometry, Polygon};
use std::io::Write;

/// Writes a collection. Numbers in their shortest form that reads back; attributes as text, empty ones as null.
///
/// # Errors
/// When the target cannot be written.
pub fn write_geojson(table: &FeatureTable, mut out: impl Write) -> std::io::Result<()> {
    let text = |text: &str| serde_json::Value::String(text.to_owned()).to_string();
    write!(out, "{{\"type\":\"FeatureCollection\",")?;
    if !table.name.is_empty() {
        write!(out, "\"name\":{},", text(&table.name))?;
    }
    if let Some(name) = table.crs.name() {
        let urn = name.strip_prefix("EPSG:").map(|code| format!("urn:ogc:def:crs:EPSG::{code}"));
        let name = text(&urn.unwrap_or(name));
        write!(out, "\"crs\":{{\"type\":\"name\",\"properties\":{{\"name\":{name}}}}},")?;
    }
    write!(out, "\"features\":[")?;
    let keys: Vec<String> = table.fields.iter().map(|field| text(field)).collect();
    let mut line = String::new();
    for (n, feature) in table.features.iter().enumerate() {
        line.clear();
        line.push_str(if n == 0 { "\n" } else { ",\n" });
        line.push_str("{\"type\":\"Feature\",\"properties\":{");
        for (n, (key, value)) in keys.iter().zip(&feature.values).enumerate() {
            if n > 0 {
                line.push(',');
            }
            line.push_str(key);
            line.push(':');
            line.push_str(&if value.is_empty() { "null".to_owned() } else { text(value) });
        }
        line.push_str("},\"geometry\":");
        match &feature.shape {
            Some(shape) => push_geojson(shape, &mut line),
            None => line.push_str("null"),
        }
        line.push('}');
        out.write_all(line.as_bytes())?;
    }
    out.write_all(b"\n]}\n")
}

/// Appends a shape as a GeoJSON geometry, coordinates in their shortest form that reads back.
///
/// ```
/// let mut text = String::new();
/// exchange::push_geojson(&geo::Geometry::Point(geo::Point::new(118.1, 24.5)), &mut text);
/// assert_eq!(text, r#"{"type":"Point","coordinates":[118.1,24.5]}"#);
/// ```
pub fn push_geojson(shape: &Geometry<f64>, line: &mut String) {
    let mut simple = |kind: &str, push: &dyn Fn(&mut String)| {
        line.push_str("{\"type\":\"");
        line.push_str(kind);
        line.push_str("\",\"coordinates\":");
        push(line);
        line.push('}');
    };
    match shape {
        Geometry::Point(point) => simple("Point", &|line| position(&point.0, line)),
        Geometry::LineString(path) => simple("LineString", &|line| positions(&path.0, line)),
        Geometry::Polygon(polygon) => simple("Polygon", &|line| rings(polygon, line)),
        Geometry::MultiPoint(parts) => {
            simple("MultiPoint", &|line| list(&parts.0, line, |part, line| position(&part.0, line)));
        }
        Geometry::MultiLineString(parts) => {
            simple("MultiLineString", &|line| list(&parts.0, line, |part, line| positions(&part.0, line)));
        }
        Geometry::MultiPolygon(parts) => simple("MultiPolygon", &|line| list(&parts.0, line, rings)),
        Geometry::Line(path) => push_geojson(&Geometry::LineString((*path).into()), line),
        Geometry::Rect(rect) => push_geojson(&Geometry::Polygon(rect.to_polygon()), line),
        Geometry::Triangle(triangle) => push_geojson(&Geometry::Polygon(triangle.to_polygon()), line),
        Geometry::GeometryCollection(parts) => {
            line.push_str("{\"type\":\"GeometryCollection\",\"geometries\":");
            list(&parts.0, line, push_geojson);
            line.push('}');
        }
    }
}

fn rings(polygon: &Polygon<f64>, line: &mut String) {
    let all: Vec<_> = std::iter::once(polygon.exterior()).chain(polygon.interiors()).collect();
    list(&all, line, |ring, line| positions(&ring.0, line));
}

fn positions(points: &[Coord<f64>], line: &mut String) {
    list(points, line, position);
}

fn position(point: &Coord<f64>, line: &mut String) {
    use std::fmt::Write as _;
    // Writing to a String cannot fail.
    let _ = write!(line, "[{},{}]", point.x, point.y);
}

fn list<T>(items: &[T], line: &mut String, mut each: impl FnMut(&T, &mut String)) {
    line.push('[');
    for (n, item) in items.iter().enumerate() {
        if n > 0 {
            line.push(',');
        }
        each(item, line);
    }
    line.push(']');
}
