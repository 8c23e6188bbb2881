//! Shapes from files, pasted text and questions.

use super::{Answer, Desk, DeskError};
use crate::zoning::answers::{CrsCandidate, ReadCrs, ReadShape, SiteReading};
use crate::zoning::form;
use crate::zoning::tiles::Drawn;
use exchange::Findings;
use geo::{BoundingRect, Geometry, MapCoords, Rect};
use serde_json::{Value, json};
use zoning::crs::Crs;
use zoning::shape::{Consent, Shape, ShapeFault, ShapeLimits, ShapeNote, wkt};

impl Desk {
    /// Reads an upload or pasted text: its shapes in CGCS2000 when the system is known, else the systems that would put
    /// them into the city. Shapes that cross themselves are repaired with consent alone. Nothing is stored.
    ///
    /// # Errors
    /// When the declared system is not known, or the file is refused; the findings say why.
    pub fn reading(&self, name: &str, content: &[u8], declared: Option<&str>, consent: Consent) -> Answer<SiteReading> {
        let mut findings = Findings::new();
        let options = exchange::ReadOptions { crs: declared.map(str::to_owned), ..exchange::ReadOptions::default() };
        let read = exchange::read_features(&exchange::Source::Bytes { name, content }, &options, &mut findings);
        let Ok(table) = read else {
            let words = findings.kept().iter().map(|one| {
                (format!("{}，{}", one.message_zh, one.action_zh), format!("{}, {}", one.message_en, one.action_en))
            });
            return Err(DeskError::all("body", words));
        };
        let crs = table.crs.known().map_err(|fault| {
            DeskError::Bad(
                "crs",
                format!("{}，{}", fault.zh(), fault.action_zh()),
                format!("{fault}, {}", fault.action_en()),
            )
        })?;
        let bounds = table
            .features
            .iter()
            .filter_map(|feature| feature.shape.as_ref()?.bounding_rect())
            .reduce(|a, b| Rect::new(low(a.min(), b.min()), high(a.max(), b.max())));
        let features = table
            .features
            .iter()
            .map(|feature| {
                let label = feature.values.iter().find(|value| !value.is_empty()).cloned();
                read_shape(feature.shape.as_ref(), label, crs.as_ref(), consent)
            })
            .collect();
        let candidates = match (crs, bounds) {
            (None, Some(bounds)) => self.candidates(bounds),
            _ => Vec::new(),
        };
        Ok(SiteReading {
            crs: ReadCrs { declared: crs.map(|crs| crs.name()), candidates },
            features,
            findings: findings.kept().iter().map(Into::into).collect(),
            marked: self.mark(None),
        })
    }

    /// Systems that would put coordinates into the city of the newest edition.
    fn candidates(&self, given: Rect<f64>) -> Vec<CrsCandidate> {
        let newest = self.list().last().copied();
        let units = newest.and_then(|open| open.drawn.get("units")).map_or(&[][..], |units| units.as_slice());
        let frame = units
            .iter()
            .map(Drawn::degrees)
            .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]);
        let Some([west, south, east, north]) = frame else { return Vec::new() };
        let bounds = |west, south, east, north| zoning::plane::Bounds {
            min: geo::Coord { x: west, y: south },
            max: geo::Coord { x: east, y: north },
        };
        let frame = zoning::crs::CityFrame::new(bounds(west, south, east, north));
        let given = bounds(given.min().x, given.min().y, given.max().x, given.max().y);
        let candidates = frame.candidates(&given);
        let plain = candidates.iter().filter(|candidate| !candidate.swapped);
        plain
            .map(|one| CrsCandidate {
                crs: one.crs.name(),
                name_zh: one.test_zh.to_owned(),
                name_en: one.test_en.to_owned(),
                inside_city: true,
            })
            .collect()
    }
}

/// What is said of one shape; without consent it stays as it was drawn.
fn read_shape(drawn: Option<&Geometry<f64>>, label: Option<String>, crs: Option<&Crs>, consent: Consent) -> ReadShape {
    let checked = drawn.map(|drawn| Shape::check(drawn.clone(), ShapeLimits::UPLOAD, consent));
    let (mut repaired, mut faults) = (None, Vec::new());
    let mut mended = None;
    match checked {
        Some(Ok(checked)) => {
            repaired = checked.notes.iter().find_map(|note| match note {
                ShapeNote::Repaired { places, parts_after, .. } => Some((places.len(), *parts_after)),
                _ => None,
            });
            mended = repaired.is_some().then(|| checked.shape.geometry());
        }
        Some(Err(found)) => faults = found,
        None => {}
    }
    let geometry = mended.as_ref().or(drawn);
    let carried = crs.and_then(|crs| geometry?.try_map_coords(|c| crs.to_geographic(c)).ok());
    let repairable = !faults.is_empty() && faults.iter().all(ShapeFault::repairable);
    let fault = (!faults.is_empty()).then(|| words_of(&faults));
    ReadShape {
        geometry: carried.as_ref().map(form::geojson),
        label,
        vertices: geometry.map_or(0, geo::CoordsIter::coords_count),
        fault_zh: fault.as_ref().map(|(zh, _)| zh.clone()),
        fault_en: fault.map(|(_, en)| en),
        repairable,
        repaired_zh: repaired
            .map(|(places, parts)| format!("经同意修复自相交 {places} 处，修复后共 {parts} 部分；请核对")),
        repaired_en: repaired.map(|(places, parts)| {
            format!("{places} crossings were repaired, as agreed; the shape has {parts} parts now, check it")
        }),
    }
}

/// What is wrong with a shape, in Chinese and English.
fn words_of(faults: &[ShapeFault]) -> (String, String) {
    let zh = faults.iter().map(|fault| format!("{}，{}", fault.zh(), fault.action_zh())).collect::<Vec<_>>().join("；");
    let en = faults.iter().map(|fault| format!("{fault}, {}", fault.action_en())).collect::<Vec<_>>().join("; ");
    (zh, en)
}

fn low(a: geo::Coord<f64>, b: geo::Coord<f64>) -> geo::Coord<f64> {
    geo::Coord { x: a.x.min(b.x), y: a.y.min(b.y) }
}

fn high(a: geo::Coord<f64>, b: geo::Coord<f64>) -> geo::Coord<f64> {
    geo::Coord { x: a.x.max(b.x), y: a.y.max(b.y) }
}

/// Pasted text as a table: well-known text, or a coordinate a line, of which three make an area and two a line.
#[must_use]
pub fn pasted(text: &str) -> String {
    let text = text.trim();
    let wkt = if text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        text.to_owned()
    } else {
        let points: Vec<String> = text
            .lines()
            .map(|line| {
                line.replace(['，', ',', ';', '；', '\t'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
            })
            .filter(|line| !line.is_empty())
            .collect();
        match points.as_slice() {
            [one] => format!("POINT({one})"),
            [_, _] => format!("LINESTRING({})", points.join(",")),
            [first, ..] if points.last() != Some(first) => format!("POLYGON(({},{first}))", points.join(",")),
            _ => format!("POLYGON(({}))", points.join(",")),
        }
    };
    format!("wkt\n\"{}\"\n", wkt.replace('"', ""))
}

pub(super) fn checked(geometry: Geometry<f64>) -> Answer<Shape> {
    let checked = Shape::check(geometry, ShapeLimits::UPLOAD, Consent::Refuse).map_err(|faults| {
        let (zh, en) = words_of(&faults);
        DeskError::Bad("geometry", zh, en)
    })?;
    Ok(checked.shape)
}

/// A shape from a GeoJSON geometry or `{"wkt": "…"}`.
pub(super) fn geometry(value: &Value) -> Answer<Shape> {
    let bad = |zh: &str, en: &str| DeskError::Bad("geometry", zh.to_owned(), en.to_owned());
    if let Some(text) = value.get("wkt").and_then(Value::as_str) {
        let geometry = wkt::read(text, ShapeLimits::UPLOAD).map_err(|faults| {
            let first = faults.first();
            DeskError::Bad(
                "geometry",
                first.map(zoning::shape::ShapeFault::zh).unwrap_or_default(),
                first.map(ToString::to_string).unwrap_or_default(),
            )
        })?;
        return checked(geometry);
    }
    let text = json!({ "type": "Feature", "properties": {}, "geometry": value }).to_string();
    let mut findings = Findings::new();
    let source = exchange::Source::Bytes { name: "site.geojson", content: text.as_bytes() };
    let table = exchange::read_features(&source, &exchange::ReadOptions::default(), &mut findings)
        .map_err(|_| bad("不是 GeoJSON 几何图形", "it is no GeoJSON geometry"))?;
    let shape = table.features.into_iter().find_map(|feature| feature.shape);
    checked(shape.ok_or_else(|| bad("没有图形", "there is no shape"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_coordinates_become_a_shape() {
        assert_eq!(pasted("118.1,24.5"), "wkt\n\"POINT(118.1 24.5)\"\n");
        assert_eq!(pasted("0 0\n1，0\n1,1\n"), "wkt\n\"POLYGON((0 0,1 0,1 1,0 0))\"\n");
        assert_eq!(pasted("POINT(1 2)"), "wkt\n\"POINT(1 2)\"\n");
    }

    #[test]
    fn an_undeclared_system_is_a_question() {
        let desk = Desk::default();
        let read = desk.reading("pasted.csv", pasted("118.1,24.5").as_bytes(), None, Consent::Refuse).unwrap();
        assert!(read.crs.declared.is_none() && read.features[0].geometry.is_none());
        let read =
            desk.reading("pasted.csv", pasted("118.1,24.5").as_bytes(), Some("EPSG:4490"), Consent::Refuse).unwrap();
        assert_eq!(read.features[0].geometry.as_ref().unwrap()["coordinates"][0], 118.1);
        assert!(desk.reading("pasted.csv", b"a,b\n1,2\n", None, Consent::Refuse).is_err());
    }
}
