//! Well-known binary in and out: ISO and EWKB, either byte order, Z and M passed over.

use super::limits::{Budget, Refusal, finite};
use super::rings;
use geo::{Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};

/// Deepest nesting of collections.
pub(crate) const DEPTH_MAX: u8 = 8;

/// Reads one geometry; `None` for an empty one.
pub(crate) fn read_wkb(bytes: &[u8], budget: &mut Budget) -> Result<Option<Geometry<f64>>, Refusal> {
    let mut reader = Cursor { bytes, at: 0 };
    let mut bag = Bag::default();
    read_geometry(&mut reader, budget, &mut bag, (COLLECTION, 0))?;
    nothing_left(bytes.len().saturating_sub(reader.at))?;
    bag.finish()
}

/// The kind that may hold any other.
pub(crate) const COLLECTION: u32 = 7;

/// Whether numbers are little-endian, by the byte that says so.
pub(crate) fn byte_order(byte: u8) -> Result<bool, Refusal> {
    match byte {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(Refusal::shape("shape_form", &format!("byte order {other}"))),
    }
}

/// What the code of a geometry says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Kind {
    /// 1 point to 7 collection; larger ones are curves.
    pub(crate) kind: u32,
    /// Numbers of a vertex.
    pub(crate) width: usize,
    /// Whether the number of a coordinate system follows (EWKB).
    pub(crate) srid: bool,
}

impl Kind {
    /// Reads a code, ISO or EWKB; `outer` is the kind of the geometry that this one is a part of.
    pub(crate) fn read(code: u32, outer: u32) -> Result<Self, Refusal> {
        let form = || Refusal::shape("shape_form", &format!("WKB {code}"));
        let (flags, plain) = (code & 0xe000_0000, code & 0x1fff_ffff);
        let (iso, kind) = (plain / 1000, plain % 1000);
        if iso > 3 {
            return Err(form());
        }
        let has = |flag: u32, isos: [u32; 2]| usize::from(flags & flag != 0 || isos.contains(&iso));
        let width = 2 + has(0x8000_0000, [1, 3]) + has(0x4000_0000, [2, 3]);
        // The parts of a multi-geometry are of its own kind.
        match (outer, kind) {
            (4..=6, part) if part != outer - 3 => {
                return Err(Refusal::shape("shape_form", &format!("WKB {part} in {outer}")));
            }
            (_, 1..=7) => {}
            (_, 8..=17) => return Err(Refusal::shape("shape_curve", &format!("WKB {kind}"))),
            _ => return Err(form()),
        }
        Ok(Self { kind, width, srid: flags & 0x2000_0000 != 0 })
    }
}

/// A count that says less than there is gives another shape.
pub(crate) fn nothing_left(bytes: usize) -> Result<(), Refusal> {
    if bytes == 0 { Ok(()) } else { Err(Refusal::shape("shape_form", &format!("{bytes} bytes left over"))) }
}

/// What a geometry is made of, gathered from nested collections; mixing dimensions is refused.
#[derive(Default)]
pub(crate) struct Bag {
    pub(crate) points: Vec<Point<f64>>,
    pub(crate) lines: Vec<LineString<f64>>,
    pub(crate) polygons: Vec<Polygon<f64>>,
}

impl Bag {
    /// One geometry: single parts stay single.
    pub(crate) fn finish(mut self) -> Result<Option<Geometry<f64>>, Refusal> {
        let kinds = [self.points.is_empty(), self.lines.is_empty(), self.polygons.is_empty()];
        if kinds.iter().filter(|empty| !**empty).count() > 1 {
            return Err(Refusal::shape("shape_mixed", ""));
        }
        Ok(match (self.points.len(), self.lines.len(), self.polygons.len()) {
            (0, 0, 0) => None,
            (1, ..) => self.points.pop().map(Geometry::Point),
            (0, 1, _) => self.lines.pop().map(Geometry::LineString),
            (0, 0, 1) => self.polygons.pop().map(Geometry::Polygon),
            (0, 0, _) => Some(Geometry::MultiPolygon(MultiPolygon(self.polygons))),
            (0, ..) => Some(Geometry::MultiLineString(MultiLineString(self.lines))),
            _ => Some(Geometry::MultiPoint(MultiPoint(self.points))),
        })
    }

    pub(crate) fn line(&mut self, points: Vec<Coord<f64>>) -> Result<(), Refusal> {
        match points.len() {
            0 => Ok(()),
            1 => Err(Refusal::shape("line_short", "1 point")),
            _ => {
                self.lines.push(LineString(points));
                Ok(())
            }
        }
    }

    pub(crate) fn polygon(&mut self, rings: Vec<Vec<Coord<f64>>>) -> Result<(), Refusal> {
        self.polygons.extend(rings::polygon(rings)?);
        Ok(())
    }
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        let part = self.bytes.get(self.at..self.at + N).and_then(|part| part.try_into().ok());
        self.at += N;
        part.ok_or_else(|| Refusal::shape("shape_cut", &format!("byte {}", self.at)))
    }

    fn u32(&mut self, little: bool) -> Result<u32, Refusal> {
        let bytes = self.take()?;
        Ok(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn f64(&mut self, little: bool) -> Result<f64, Refusal> {
        let bytes = self.take()?;
        Ok(if little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
    }

    /// A count of things that take at least `size` bytes each: never more than what is left can hold.
    fn count(&mut self, little: bool, size: usize) -> Result<usize, Refusal> {
        let count = self.u32(little)? as usize;
        let left = self.bytes.len().saturating_sub(self.at);
        if count > left / size {
            return Err(Refusal::shape("shape_cut", &format!("{count} parts in {left} bytes")));
        }
        Ok(count)
    }
}

fn read_geometry(
    reader: &mut Cursor<'_>,
    budget: &mut Budget,
    bag: &mut Bag,
    (outer, depth): (u32, u8),
) -> Result<(), Refusal> {
    if depth > DEPTH_MAX {
        return Err(Refusal::shape("shape_form", "nested too deep"));
    }
    let [order] = reader.take::<1>()?;
    let little = byte_order(order)?;
    let Kind { kind, width, srid } = Kind::read(reader.u32(little)?, outer)?;
    if srid {
        reader.u32(little)?;
    }
    let vertex = |reader: &mut Cursor<'_>, budget: &mut Budget| -> Result<(f64, f64), Refusal> {
        let (x, y) = (reader.f64(little)?, reader.f64(little)?);
        for _ in 2..width {
            reader.f64(little)?;
        }
        budget.vertices(1)?;
        Ok((x, y))
    };
    let line = |reader: &mut Cursor<'_>, budget: &mut Budget| -> Result<Vec<Coord<f64>>, Refusal> {
        let count = reader.count(little, 8 * width)?;
        (0..count).map(|_| vertex(reader, budget).and_then(|(x, y)| finite(x, y))).collect()
    };
    match kind {
        1 => {
            let (x, y) = vertex(reader, budget)?;
            // An empty point is written as two not-a-numbers.
            if !(x.is_nan() && y.is_nan()) {
                bag.points.push(finite(x, y)?.into());
            }
        }
        2 => {
            let points = line(reader, budget)?;
            bag.line(points)?;
        }
        3 => {
            let count = reader.count(little, 4)?;
            let rings = (0..count).map(|_| line(reader, budget)).collect::<Result<Vec<_>, _>>()?;
            bag.polygon(rings)?;
        }
        _ => {
            for _ in 0..reader.count(little, 5)? {
                read_geometry(reader, budget, bag, (kind, depth + 1))?;
            }
        }
    }
    Ok(())
}

/// Writes a geometry as ISO WKB, little-endian.
pub(crate) fn write_wkb(shape: &Geometry<f64>, out: &mut Vec<u8>) {
    let head = |out: &mut Vec<u8>, kind: u32| {
        out.push(1);
        out.extend(kind.to_le_bytes());
    };
    #[expect(clippy::cast_possible_truncation, reason = "a geometry in memory has fewer than 2³² parts")]
    let count = |out: &mut Vec<u8>, count: usize| out.extend((count as u32).to_le_bytes());
    let coords = |out: &mut Vec<u8>, points: &[Coord<f64>]| {
        for point in points {
            out.extend(point.x.to_le_bytes());
            out.extend(point.y.to_le_bytes());
        }
    };
    match shape {
        Geometry::Point(point) => {
            head(out, 1);
            coords(out, &[point.0]);
        }
        Geometry::LineString(line) => {
            head(out, 2);
            count(out, line.0.len());
            coords(out, &line.0);
        }
        Geometry::Polygon(polygon) => {
            head(out, 3);
            count(out, 1 + polygon.interiors().len());
            for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
                count(out, ring.0.len());
                coords(out, &ring.0);
            }
        }
        Geometry::MultiPoint(parts) => {
            head(out, 4);
            count(out, parts.0.len());
            parts.0.iter().for_each(|part| write_wkb(&Geometry::Point(*part), out));
        }
        Geometry::MultiLineString(parts) => {
            head(out, 5);
            count(out, parts.0.len());
            parts.0.iter().for_each(|part| write_wkb(&Geometry::LineString(part.clone()), out));
        }
        Geometry::MultiPolygon(parts) => {
            head(out, 6);
            count(out, parts.0.len());
            parts.0.iter().for_each(|part| write_wkb(&Geometry::Polygon(part.clone()), out));
        }
        Geometry::Line(line) => write_wkb(&Geometry::LineString((*line).into()), out),
        Geometry::Rect(rect) => write_wkb(&Geometry::Polygon(rect.to_polygon()), out),
        Geometry::Triangle(triangle) => write_wkb(&Geometry::Polygon(triangle.to_polygon()), out),
        Geometry::GeometryCollection(parts) => {
            head(out, 7);
            count(out, parts.0.len());
            parts.0.iter().for_each(|part| write_wkb(part, out));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::Limits;
    use geo::polygon;

    fn budget() -> Budget {
        Budget::new(Limits::default())
    }

    #[test]
    fn what_is_written_reads_back() {
        let shape = Geometry::MultiPolygon(MultiPolygon(vec![
            polygon![exterior: [(x: 0.0, y: 0.0), (x: 9.0, y: 0.0), (x: 9.0, y: 9.0)], interiors: [[(x: 5.0, y: 1.0), (x: 6.0, y: 1.0), (x: 6.0, y: 2.0)]]],
            polygon![(x: 20.0, y: 0.0), (x: 29.0, y: 0.0), (x: 29.0, y: 9.0)],
        ]));
        let mut bytes = Vec::new();
        write_wkb(&shape, &mut bytes);
        assert_eq!(read_wkb(&bytes, &mut budget()), Ok(Some(shape)));
        for cut in 0..bytes.len() {
            assert!(read_wkb(&bytes[..cut], &mut budget()).is_err(), "{cut}");
        }
    }

    #[test]
    fn big_endian_z_and_srid() {
        let mut bytes = vec![0, 0xa0, 0, 0, 1, 0, 0, 0x11, 0x8a];
        for value in [118.0f64, 24.5, 3.0] {
            bytes.extend(value.to_be_bytes());
        }
        assert_eq!(read_wkb(&bytes, &mut budget()), Ok(Some(Geometry::Point(Point::new(118.0, 24.5)))));
    }

    #[test]
    fn a_count_that_lies_is_refused_before_it_is_believed() {
        let mut bytes = vec![1, 2, 0, 0, 0];
        bytes.extend(u32::MAX.to_le_bytes());
        assert_eq!(read_wkb(&bytes, &mut budget()).unwrap_err().code, "shape_cut");
    }
}
