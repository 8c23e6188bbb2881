//! Shapes as flat buffers of coordinates: what an overlay of millions reads, without an object for each shape.

use super::limits::{Refusal, finite};
use super::wkb::{COLLECTION, DEPTH_MAX, Kind, byte_order, nothing_left};
use geo::{Coord, Geometry, LineString, Polygon};

/// What a shape is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FlatKind {
    /// Points: one ring holds them all.
    Points,
    /// Lines: each is a ring.
    Lines,
    /// Areas: each part is a shell and its holes.
    Areas,
    /// Nothing, or nothing that could be read.
    Empty,
}

/// The names of the shapes of a batch.
#[derive(Clone, PartialEq, Debug)]
pub enum FlatIds {
    /// There is no column `id`: the row number from 1 is the name.
    Rows,
    /// Whole numbers.
    Numbers(Vec<i64>),
    /// Texts.
    Texts(Vec<String>),
}

/// Shapes one after another: coordinates, where each ring ends among them, where each part ends among the rings, where
/// each shape ends among the parts. Rings are as they stood: closed in most files, in either direction.
#[derive(Clone, PartialEq, Debug)]
pub struct FlatBatch {
    /// Row of the first shape in the file, from 0.
    pub first_row: u64,
    /// Names.
    pub ids: FlatIds,
    /// Kinds, one for each shape.
    pub kinds: Vec<FlatKind>,
    /// All coordinates.
    pub coords: Vec<Coord<f64>>,
    /// End of each ring in `coords`.
    pub ring_ends: Vec<u32>,
    /// End of each part in `ring_ends`.
    pub part_ends: Vec<u32>,
    /// End of each shape in `part_ends`.
    pub shape_ends: Vec<u32>,
    /// Shapes that could not be read: number in the batch, code of the finding, what stood there.
    pub refused: Vec<(u32, &'static str, String)>,
}

impl FlatBatch {
    pub(crate) const fn new(first_row: u64) -> Self {
        Self {
            first_row,
            ids: FlatIds::Rows,
            kinds: Vec::new(),
            coords: Vec::new(),
            ring_ends: Vec::new(),
            part_ends: Vec::new(),
            shape_ends: Vec::new(),
            refused: Vec::new(),
        }
    }

    /// Number of shapes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Name of a shape: its `id`, else its row number from 1.
    #[must_use]
    pub fn id(&self, shape: usize) -> String {
        match &self.ids {
            FlatIds::Rows => (self.first_row + shape as u64 + 1).to_string(),
            FlatIds::Numbers(numbers) => numbers.get(shape).map_or_else(String::new, ToString::to_string),
            FlatIds::Texts(texts) => texts.get(shape).cloned().unwrap_or_default(),
        }
    }

    /// The parts of a shape, each as its rings.
    pub fn parts(&self, shape: usize) -> impl Iterator<Item = impl Iterator<Item = &[Coord<f64>]>> {
        range(&self.shape_ends, shape).map(move |part| range(&self.part_ends, part).map(move |ring| self.ring(ring)))
    }

    /// All rings of a shape with whether each is the shell of its part.
    pub fn rings(&self, shape: usize) -> impl Iterator<Item = (&[Coord<f64>], bool)> {
        range(&self.shape_ends, shape).flat_map(move |part| {
            let rings = range(&self.part_ends, part);
            let shell = rings.start;
            rings.map(move |ring| (self.ring(ring), ring == shell))
        })
    }

    fn ring(&self, ring: usize) -> &[Coord<f64>] {
        self.coords.get(range(&self.ring_ends, ring)).unwrap_or_default()
    }

    /// The shape as a geometry; `None` when empty.
    #[must_use]
    pub fn geometry(&self, shape: usize) -> Option<Geometry<f64>> {
        let mut bag = super::wkb::Bag::default();
        match self.kinds.get(shape)? {
            FlatKind::Empty => return None,
            FlatKind::Points => {
                bag.points =
                    self.rings(shape).flat_map(|(ring, _)| ring).map(|point| geo::Point::from(*point)).collect();
            }
            FlatKind::Lines => bag.lines = self.rings(shape).map(|(ring, _)| LineString(ring.to_vec())).collect(),
            FlatKind::Areas => {
                for mut rings in self.parts(shape) {
                    let shell = rings.next().unwrap_or_default();
                    let holes = rings.map(|ring| LineString(ring.to_vec())).collect();
                    bag.polygons.push(Polygon::new(LineString(shell.to_vec()), holes));
                }
            }
        }
        bag.finish().ok().flatten()
    }

    pub(crate) fn push_point(&mut self, x: f64, y: f64) {
        match finite(x, y) {
            Ok(point) => {
                self.coords.push(point);
                self.end_ring();
                self.end_part();
                self.end_shape(FlatKind::Points);
            }
            Err(refusal) => self.refuse(refusal),
        }
    }

    pub(crate) fn push_geometry(&mut self, shape: Option<&Geometry<f64>>) {
        let kind = match shape {
            None => FlatKind::Empty,
            Some(shape) => self.push_parts(shape),
        };
        self.end_shape(kind);
    }

    fn push_parts(&mut self, shape: &Geometry<f64>) -> FlatKind {
        match shape {
            Geometry::Point(point) => {
                self.coords.push(point.0);
                self.end_ring();
                self.end_part();
                FlatKind::Points
            }
            Geometry::MultiPoint(points) => {
                self.coords.extend(points.0.iter().map(|point| point.0));
                self.end_ring();
                self.end_part();
                FlatKind::Points
            }
            Geometry::LineString(line) => {
                self.push_ring(&line.0);
                self.end_part();
                FlatKind::Lines
            }
            Geometry::MultiLineString(lines) => {
                for line in &lines.0 {
                    self.push_ring(&line.0);
                    self.end_part();
                }
                FlatKind::Lines
            }
            Geometry::Polygon(polygon) => {
                self.push_polygon(polygon);
                FlatKind::Areas
            }
            Geometry::MultiPolygon(polygons) => {
                polygons.0.iter().for_each(|polygon| self.push_polygon(polygon));
                FlatKind::Areas
            }
            // The readers make none of the other kinds.
            _ => FlatKind::Empty,
        }
    }

    fn push_polygon(&mut self, polygon: &Polygon<f64>) {
        self.push_ring(&polygon.exterior().0);
        polygon.interiors().iter().for_each(|ring| self.push_ring(&ring.0));
        self.end_part();
    }

    fn push_ring(&mut self, points: &[Coord<f64>]) {
        self.coords.extend_from_slice(points);
        self.end_ring();
    }

    pub(crate) fn end_ring(&mut self) {
        self.ring_ends.push(count(self.coords.len()));
    }

    pub(crate) fn end_part(&mut self) {
        self.part_ends.push(count(self.ring_ends.len()));
    }

    pub(crate) fn end_shape(&mut self, kind: FlatKind) {
        self.shape_ends.push(count(self.part_ends.len()));
        self.kinds.push(kind);
    }

    /// Takes back what a shape left behind before it was refused.
    pub(crate) fn refuse(&mut self, refusal: Refusal) {
        let parts = self.shape_ends.last().map_or(0, |&end| end as usize);
        self.part_ends.truncate(parts);
        let rings = self.part_ends.last().map_or(0, |&end| end as usize);
        self.ring_ends.truncate(rings);
        let coords = self.ring_ends.last().map_or(0, |&end| end as usize);
        self.coords.truncate(coords);
        self.refused.push((count(self.kinds.len()), refusal.code, refusal.value));
        self.end_shape(FlatKind::Empty);
    }

    /// Reads WKB straight into the buffers.
    pub(crate) fn push_wkb(&mut self, bytes: &[u8]) {
        let mut reader = Wkb { bytes, at: 0 };
        let read = self.read_wkb(&mut reader, (COLLECTION, 0));
        match read.and_then(|kind| nothing_left(bytes.len().saturating_sub(reader.at)).map(|()| kind)) {
            Ok(kind) => self.end_shape(kind),
            Err(refusal) => self.refuse(refusal),
        }
    }

    fn read_wkb(&mut self, reader: &mut Wkb<'_>, (outer, depth): (u32, u8)) -> Result<FlatKind, Refusal> {
        let little = byte_order(reader.take(1)?.first().copied().unwrap_or(u8::MAX))?;
        let Kind { kind, width, srid } = Kind::read(reader.u32(little)?, outer)?;
        if srid {
            reader.u32(little)?;
        }
        match kind {
            1 => {
                let point = reader.take(8 * width)?;
                if double(&point[..8], little).is_nan() && double(&point[8..16], little).is_nan() {
                    return Ok(FlatKind::Empty);
                }
                self.read_coords(point, width, little)?;
                self.end_ring();
                self.end_part();
                Ok(FlatKind::Points)
            }
            2 => {
                self.read_ring(reader, width, little)?;
                self.end_part();
                Ok(FlatKind::Lines)
            }
            3 => {
                let rings = reader.count(little, 4)?;
                for _ in 0..rings {
                    self.read_ring(reader, width, little)?;
                }
                if rings > 0 {
                    self.end_part();
                }
                Ok(if rings > 0 { FlatKind::Areas } else { FlatKind::Empty })
            }
            inner if depth < DEPTH_MAX => {
                let mut kind = FlatKind::Empty;
                for _ in 0..reader.count(little, 5)? {
                    match self.read_wkb(reader, (inner, depth + 1))? {
                        FlatKind::Empty => {}
                        part if kind == FlatKind::Empty || kind == part => kind = part,
                        _ => return Err(Refusal::shape("shape_mixed", "")),
                    }
                }
                Ok(kind)
            }
            _ => Err(Refusal::shape("shape_form", "nested too deep")),
        }
    }

    fn read_ring(&mut self, reader: &mut Wkb<'_>, width: usize, little: bool) -> Result<(), Refusal> {
        let points = reader.count(little, 8 * width)?;
        let bytes = reader.take(points * 8 * width)?;
        self.read_coords(bytes, width, little)?;
        self.end_ring();
        Ok(())
    }

    fn read_coords(&mut self, bytes: &[u8], width: usize, little: bool) -> Result<(), Refusal> {
        let start = self.coords.len();
        if little && width == 2 {
            // The common case, one pass without a branch for each number.
            self.coords.extend(
                bytes.chunks_exact(16).map(|pair| Coord { x: double(&pair[..8], true), y: double(&pair[8..], true) }),
            );
        } else {
            self.coords.extend(
                bytes
                    .chunks_exact(8 * width)
                    .map(|vertex| Coord { x: double(&vertex[..8], little), y: double(&vertex[8..16], little) }),
            );
        }
        // `max` passes over NaN, a sum does not.
        let sound = self.coords[start..].iter().all(|point| point.x.abs() < 1e9 && point.y.abs() < 1e9);
        if sound { Ok(()) } else { Err(Refusal::shape("coordinate_form", "")) }
    }
}

struct Wkb<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Wkb<'a> {
    fn take(&mut self, size: usize) -> Result<&'a [u8], Refusal> {
        let part = self.bytes.get(self.at..).and_then(|rest| rest.get(..size));
        self.at += size;
        part.ok_or_else(|| Refusal::shape("shape_cut", ""))
    }

    fn u32(&mut self, little: bool) -> Result<u32, Refusal> {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(self.take(4)?);
        Ok(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn count(&mut self, little: bool, size: usize) -> Result<usize, Refusal> {
        let count = self.u32(little)? as usize;
        if count > (self.bytes.len() - self.at) / size {
            return Err(Refusal::shape("shape_cut", ""));
        }
        Ok(count)
    }
}

#[inline]
fn double(bytes: &[u8], little: bool) -> f64 {
    let mut array = [0; 8];
    array.copy_from_slice(bytes);
    if little { f64::from_le_bytes(array) } else { f64::from_be_bytes(array) }
}

fn range(ends: &[u32], n: usize) -> std::ops::Range<usize> {
    let start = n.checked_sub(1).and_then(|before| ends.get(before)).map_or(0, |&end| end as usize);
    start..ends.get(n).map_or(start, |&end| end as usize)
}

#[expect(clippy::cast_possible_truncation, reason = "a batch holds fewer than 2³² vertices: its bytes are bounded")]
const fn count(length: usize) -> u32 {
    length as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::limits::{Budget, Limits};
    use crate::spatial::wkb::write_wkb;
    use crate::spatial::wkt::read_wkt;

    #[test]
    fn flat_and_geo_say_the_same() {
        let mut batch = FlatBatch::new(10);
        let texts = [
            "POINT (1 2)",
            "POLYGON ((0 0, 9 0, 9 9, 0 0), (5 1, 6 1, 6 2, 5 1))",
            "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 0)), ((20 0, 29 0, 29 9, 20 0), (25 1, 26 1, 26 2, 25 1)))",
            "LINESTRING (1 2, 3 4)",
            "MULTIPOINT ((1 2), (3 4))",
            "MULTILINESTRING ((1 2, 3 4), (5 6, 7 8))",
        ];
        let shapes: Vec<_> =
            texts.iter().map(|text| read_wkt(text, &mut Budget::new(Limits::default())).unwrap().unwrap()).collect();
        for shape in &shapes {
            let mut bytes = Vec::new();
            write_wkb(shape, &mut bytes);
            batch.push_wkb(&bytes);
            let shapes_before = batch.len();
            batch.push_wkb(&bytes[..bytes.len() - 1]);
            assert_eq!(batch.kinds[shapes_before], FlatKind::Empty);
            batch.push_geometry(Some(shape));
        }
        for (n, shape) in shapes.iter().enumerate() {
            assert_eq!(batch.geometry(3 * n).as_ref(), Some(shape), "{n}");
            assert_eq!(batch.geometry(3 * n + 1), None);
            assert_eq!(batch.geometry(3 * n + 2).as_ref(), Some(shape), "{n}");
        }
        assert_eq!(batch.refused.len(), 6);
        assert_eq!(batch.id(0), "11");
        assert_eq!(batch.rings(3).map(|(_, shell)| shell).collect::<Vec<_>>(), [true, false]);
    }
}
