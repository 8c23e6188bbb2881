//! FlatGeobuf in and out. The framing is read here, so that a length that lies costs nothing; what it frames is
//! verified before it is looked at.

use super::crs_text::DeclaredCrs;
use super::flat::{FlatBatch, FlatIds, FlatKind};
use super::limits::{Budget, Refusal, finite};
use super::wkb::Bag;
use super::{Collector, FeatureTable, ReadOptions, number_text};
use crate::Findings;
use flatgeobuf::{ColumnType, Feature as FgbFeature, Geometry as FgbGeometry, GeometryType, Header};
use flatgeobuf::{FgbCrs, FgbWriter, FgbWriterOptions};
use geo::{Coord, Geometry};
use geozero::{ColumnValue, PropertyProcessor as _};
use std::io::Write;

const MAGIC: [u8; 3] = *b"fgb";
const HEADER_BYTES_MAX: usize = 10 << 20;
/// Bytes of an index node: four bounds and an offset.
const NODE_BYTES: u64 = 40;
const DEPTH_MAX: u8 = 8;

/// Header and features of a file in memory.
pub(crate) struct Frames<'a> {
    pub(crate) header: Header<'a>,
    features: &'a [u8],
}

impl<'a> Frames<'a> {
    pub(crate) fn open(content: &'a [u8]) -> Result<Self, Refusal> {
        let form = |why: &str| Refusal::file("fgb_form", why);
        if content.len() < 12 || content[..3] != MAGIC || content[4..7] != MAGIC || content[3] > 3 {
            return Err(form("no FlatGeobuf header"));
        }
        let size = u32::from_le_bytes([content[8], content[9], content[10], content[11]]) as usize;
        if !(8..=HEADER_BYTES_MAX).contains(&size) || content.len() < 12 + size {
            return Err(form(&format!("header of {size} bytes")));
        }
        let header = flatgeobuf::size_prefixed_root_as_header(&content[8..12 + size])
            .map_err(|error| form(&error.to_string()))?;
        let index = index_bytes(header.features_count(), header.index_node_size());
        let rest = (content.len() - 12 - size) as u64;
        let index = usize::try_from(index).ok().filter(|&index| index as u64 <= rest);
        let Some(index) = index else {
            return Err(form(&format!("{} features in {rest} bytes", header.features_count())));
        };
        Ok(Self { header, features: &content[12 + size + index..] })
    }

    /// The features one after another; a bad one ends the file.
    pub(crate) fn features(&self) -> impl Iterator<Item = Result<FgbFeature<'a>, Refusal>> + use<'a> {
        let mut rest = self.features;
        let mut number = 0;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            number += 1;
            // Positions are aligned as seen from the size before them.
            let part = rest.get(..4).and_then(|size| {
                let size = u32::from_le_bytes([size[0], size[1], size[2], size[3]]) as usize;
                rest.get(..size.checked_add(4)?).filter(|part| part.len() >= 12)
            });
            let Some(part) = part else {
                rest = &[];
                return Some(Err(Refusal::file("fgb_form", "feature cut off").at(Some(number))));
            };
            rest = &rest[part.len()..];
            let feature = flatgeobuf::size_prefixed_root_as_feature(part)
                .map_err(|error| Refusal::file("fgb_form", &error.to_string()).at(Some(number)));
            if feature.is_err() {
                rest = &[];
            }
            Some(feature)
        })
    }

    /// The features cut into blocks of up to `count`: row of the first, and its bytes.
    pub(crate) fn blocks(&self, count: usize) -> Result<Vec<(u64, &'a [u8])>, Refusal> {
        let mut blocks = Vec::new();
        let (mut from, mut at, mut row) = (0, 0, 0u64);
        while at < self.features.len() {
            let size = self.features.get(at..at + 4).map(|size| u32::from_le_bytes(fixed(size)) as usize);
            let end = size.map(|size| at + 4 + size).filter(|&end| end <= self.features.len());
            let Some(end) = end else { return Err(Refusal::file("fgb_form", "feature cut off").at(Some(row + 1))) };
            (at, row) = (end, row + 1);
            if row.is_multiple_of(count as u64) || at == self.features.len() {
                blocks.push(((row - 1) / count as u64 * count as u64, &self.features[from..at]));
                from = at;
            }
        }
        Ok(blocks)
    }

    /// A block as flat buffers.
    pub(crate) fn flat(&self, &(first_row, features): &(u64, &'a [u8])) -> Result<FlatBatch, Refusal> {
        let mut batch = FlatBatch::new(first_row);
        let columns = columns(&self.header);
        let id = columns.iter().position(|(name, _)| name == "id");
        let mut ids = Vec::new();
        let kind = self.header.geometry_type();
        let block = Self { header: self.header, features };
        for feature in block.features() {
            let feature =
                feature.map_err(|refusal| Refusal { line: refusal.line.map(|line| line + first_row), ..refusal })?;
            match feature.geometry().map_or(Ok(FlatKind::Empty), |shape| flat_geometry(&shape, kind, &mut batch, 0)) {
                Ok(kind) => batch.end_shape(kind),
                Err(refusal) => batch.refuse(refusal),
            }
            if let Some(id) = id {
                let mut values = match feature.properties() {
                    Some(properties) => read_values(properties.bytes(), &columns)?,
                    None => vec![String::new(); columns.len()],
                };
                ids.push(values.swap_remove(id));
            }
        }
        if id.is_some() {
            batch.ids = FlatIds::Texts(ids);
        }
        Ok(batch)
    }

    pub(crate) fn crs(&self) -> DeclaredCrs {
        let Some(crs) = self.header.crs() else { return DeclaredCrs::Undeclared };
        if crs.code() > 0 {
            return DeclaredCrs::Epsg(crs.code().unsigned_abs());
        }
        let text = crs.wkt().or(crs.code_string()).or(crs.name()).unwrap_or_default();
        DeclaredCrs::of_text(text)
    }
}

/// Bytes of the index before the features.
fn index_bytes(count: u64, node_size: u16) -> u64 {
    if count == 0 || node_size == 0 {
        return 0;
    }
    let node_size = u64::from(node_size.max(2));
    let (mut level, mut nodes) = (count, count);
    while level > 1 {
        level = level.div_ceil(node_size);
        nodes = nodes.saturating_add(level);
    }
    // A single item has a root of its own.
    if count == 1 {
        nodes += 1;
    }
    nodes.saturating_mul(NODE_BYTES)
}

pub(crate) fn read(content: &[u8], options: &ReadOptions, findings: &mut Findings) -> Result<FeatureTable, Refusal> {
    let frames = Frames::open(content)?;
    let columns = columns(&frames.header);
    let claimed = frames.header.features_count();
    let mut collector = Collector::new(options, findings);
    for feature in frames.features() {
        let feature = feature?;
        let number = collector.features.len() as u64 + 1;
        let values = match feature.properties() {
            Some(properties) => {
                read_values(properties.bytes(), &columns).map_err(|refusal| refusal.at(Some(number)))?
            }
            None => vec![String::new(); columns.len()],
        };
        let shape = match feature.geometry() {
            Some(geometry) => {
                let mut bag = Bag::default();
                read_geometry(&geometry, frames.header.geometry_type(), &mut collector.budget, &mut bag, 0)
                    .and_then(|()| bag.finish())
            }
            None => Ok(None),
        };
        collector.push(None, values, shape)?;
    }
    let features = collector.features;
    if claimed != 0 && claimed != features.len() as u64 {
        return Err(Refusal::file("fgb_form", &format!("{claimed} features claimed, {} found", features.len())));
    }
    Ok(FeatureTable {
        crs: frames.crs(),
        fields: columns.into_iter().map(|(name, _)| name.trim_end().to_owned()).collect(),
        features,
        name: frames.header.name().unwrap_or_default().to_owned(),
        encoding: None,
    })
}

fn columns(header: &Header<'_>) -> Vec<(String, ColumnType)> {
    let columns = header.columns();
    columns
        .map(|columns| columns.iter().map(|column| (column.name().to_owned(), column.type_())).collect())
        .unwrap_or_default()
}

/// A geometry straight into flat buffers.
fn flat_geometry(
    geometry: &FgbGeometry<'_>,
    declared: GeometryType,
    batch: &mut FlatBatch,
    depth: u8,
) -> Result<FlatKind, Refusal> {
    if depth > DEPTH_MAX {
        return Err(Refusal::shape("shape_form", "nested too deep"));
    }
    let kind = if declared == GeometryType::Unknown { geometry.type_() } else { declared };
    let flat = match kind {
        GeometryType::Point | GeometryType::MultiPoint => FlatKind::Points,
        GeometryType::LineString | GeometryType::MultiLineString => FlatKind::Lines,
        GeometryType::Polygon => FlatKind::Areas,
        GeometryType::MultiPolygon => {
            let mut flat = FlatKind::Empty;
            for part in geometry.parts().into_iter().flatten() {
                if flat_geometry(&part, GeometryType::Polygon, batch, depth + 1)? != FlatKind::Empty {
                    flat = FlatKind::Areas;
                }
            }
            return Ok(flat);
        }
        other => return Err(Refusal::shape("shape_curve", other.variant_name().unwrap_or_default())),
    };
    let Some(xy) = geometry.xy().filter(|xy| xy.len() >= 2) else { return Ok(FlatKind::Empty) };
    let start = batch.coords.len();
    for pair in xy.bytes().chunks_exact(16) {
        let (x, y) = pair.split_at(8);
        batch.coords.push(finite(f64::from_le_bytes(fixed(x)), f64::from_le_bytes(fixed(y)))?);
    }
    match geometry.ends().filter(|ends| !ends.is_empty()) {
        Some(ends) => {
            let mut last = 0;
            for end in ends {
                let here = start + end as usize;
                if end < last || here > batch.coords.len() {
                    return Err(Refusal::shape("shape_form", &format!("ring end {end}")));
                }
                last = end;
                batch.ring_ends.push(u32::try_from(here).map_err(|_| Refusal::file("vertices_many", ""))?);
                if flat == FlatKind::Lines {
                    batch.end_part();
                }
            }
        }
        None => batch.end_ring(),
    }
    if flat != FlatKind::Lines || geometry.ends().is_none_or(|ends| ends.is_empty()) {
        batch.end_part();
    }
    Ok(flat)
}

fn read_values(bytes: &[u8], columns: &[(String, ColumnType)]) -> Result<Vec<String>, Refusal> {
    let mut values = vec![String::new(); columns.len()];
    let mut at = 0;
    let cut = || Refusal::file("fgb_form", "attributes cut off");
    while at + 2 <= bytes.len() {
        let column = usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
        at += 2;
        let (Some(value), Some((_, kind))) = (values.get_mut(column), columns.get(column)) else {
            return Err(Refusal::file("fgb_form", &format!("column {column}")));
        };
        let mut take = |size: usize| {
            let part = bytes.get(at..).and_then(|rest| rest.get(..size));
            at += size;
            part.ok_or_else(cut)
        };
        *value = match *kind {
            ColumnType::Byte => i8::from_le_bytes(fixed(take(1)?)).to_string(),
            ColumnType::UByte => u8::from_le_bytes(fixed(take(1)?)).to_string(),
            ColumnType::Bool => (take(1)? != [0]).to_string(),
            ColumnType::Short => i16::from_le_bytes(fixed(take(2)?)).to_string(),
            ColumnType::UShort => u16::from_le_bytes(fixed(take(2)?)).to_string(),
            ColumnType::Int => i32::from_le_bytes(fixed(take(4)?)).to_string(),
            ColumnType::UInt => u32::from_le_bytes(fixed(take(4)?)).to_string(),
            ColumnType::Long => i64::from_le_bytes(fixed(take(8)?)).to_string(),
            ColumnType::ULong => u64::from_le_bytes(fixed(take(8)?)).to_string(),
            ColumnType::Float => {
                let value = f32::from_le_bytes(fixed(take(4)?));
                if value.is_finite() { value.to_string() } else { String::new() }
            }
            ColumnType::Double => number_text(f64::from_le_bytes(fixed(take(8)?))),
            ColumnType::Binary => {
                let size = u32::from_le_bytes(fixed(take(4)?)) as usize;
                take(size)?;
                String::new()
            }
            // String, Json, DateTime
            _ => {
                let size = u32::from_le_bytes(fixed(take(4)?)) as usize;
                String::from_utf8_lossy(take(size)?).into_owned()
            }
        };
    }
    Ok(values)
}

fn fixed<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(bytes);
    array
}

fn read_geometry(
    geometry: &FgbGeometry<'_>,
    declared: GeometryType,
    budget: &mut Budget,
    bag: &mut Bag,
    depth: u8,
) -> Result<(), Refusal> {
    if depth > DEPTH_MAX {
        return Err(Refusal::shape("shape_form", "nested too deep"));
    }
    let kind = if declared == GeometryType::Unknown || depth > 0 { geometry.type_() } else { declared };
    let kind = if kind == GeometryType::Unknown { declared } else { kind };
    match kind {
        GeometryType::Point => bag.points.extend(vertices(geometry, budget)?.into_iter().map(geo::Point::from)),
        GeometryType::MultiPoint => bag.points.extend(vertices(geometry, budget)?.into_iter().map(geo::Point::from)),
        GeometryType::LineString => bag.line(vertices(geometry, budget)?)?,
        GeometryType::MultiLineString => {
            lists(geometry, budget)?.into_iter().try_for_each(|points| bag.line(points))?;
        }
        GeometryType::Polygon => bag.polygon(lists(geometry, budget)?)?,
        GeometryType::MultiPolygon | GeometryType::GeometryCollection => {
            let inner = if kind == GeometryType::MultiPolygon { GeometryType::Polygon } else { GeometryType::Unknown };
            match geometry.parts() {
                Some(parts) => {
                    for part in parts {
                        let kind = if inner == GeometryType::Unknown { part.type_() } else { inner };
                        // A part of a multipolygon need not name its type.
                        read_part(&part, kind, budget, bag, depth + 1)?;
                    }
                }
                None if inner == GeometryType::Polygon => bag.polygon(lists(geometry, budget)?)?,
                None => {}
            }
        }
        other => {
            return Err(Refusal::shape("shape_curve", other.variant_name().unwrap_or_default()));
        }
    }
    Ok(())
}

fn read_part(
    part: &FgbGeometry<'_>,
    kind: GeometryType,
    budget: &mut Budget,
    bag: &mut Bag,
    depth: u8,
) -> Result<(), Refusal> {
    if kind == GeometryType::Polygon {
        return bag.polygon(lists(part, budget)?);
    }
    read_geometry(part, kind, budget, bag, depth)
}

fn vertices(geometry: &FgbGeometry<'_>, budget: &mut Budget) -> Result<Vec<Coord<f64>>, Refusal> {
    let Some(xy) = geometry.xy() else { return Ok(Vec::new()) };
    let mut points = Vec::with_capacity(xy.len() / 2);
    for pair in xy.bytes().chunks_exact(16) {
        let (x, y) = pair.split_at(8);
        points.push(budget.vertex(f64::from_le_bytes(fixed(x)), f64::from_le_bytes(fixed(y)))?);
    }
    Ok(points)
}

fn lists(geometry: &FgbGeometry<'_>, budget: &mut Budget) -> Result<Vec<Vec<Coord<f64>>>, Refusal> {
    let points = vertices(geometry, budget)?;
    let Some(ends) = geometry.ends().filter(|ends| !ends.is_empty()) else {
        return Ok(if points.is_empty() { Vec::new() } else { vec![points] });
    };
    let mut lists = Vec::with_capacity(ends.len());
    let mut start = 0;
    for end in ends {
        let end = end as usize;
        let part = points.get(start..end).ok_or_else(|| Refusal::shape("shape_form", &format!("ring end {end}")))?;
        lists.push(part.to_vec());
        start = end;
    }
    Ok(lists)
}

/// Writes features as FlatGeobuf with an index; attributes as text. Features without a shape are left out.
///
/// # Errors
/// When the target cannot be written.
pub fn write_flatgeobuf(table: &FeatureTable, name: &str, out: impl Write) -> std::io::Result<()> {
    let code = match table.crs {
        DeclaredCrs::Epsg(code) => i32::try_from(code).unwrap_or(0),
        _ => 0,
    };
    let other = match &table.crs {
        DeclaredCrs::Named(name) => Some(name.as_str()),
        _ => None,
    };
    let kind = kind_of(table);
    let options = FgbWriterOptions {
        crs: FgbCrs { code, code_string: other, ..FgbCrs::default() },
        detect_type: false,
        promote_to_multi: kind != GeometryType::Unknown,
        write_index: table.features.iter().any(|feature| feature.shape.is_some()),
        ..FgbWriterOptions::default()
    };
    let other = |error: String| std::io::Error::other(error);
    let mut writer = FgbWriter::create_with_options(name, kind, options).map_err(|error| other(error.to_string()))?;
    for field in &table.fields {
        writer.add_column(field, ColumnType::String, |_, _| {});
    }
    for feature in &table.features {
        let Some(shape) = &feature.shape else { continue };
        let mut failed = None;
        writer
            .add_feature_geom(Shape(shape), |row| {
                for (column, (field, value)) in table.fields.iter().zip(&feature.values).enumerate() {
                    if !value.is_empty()
                        && let Err(error) = row.property(column, field, &ColumnValue::String(value))
                    {
                        failed = Some(error.to_string());
                    }
                }
            })
            .map_err(|error| other(error.to_string()))?;
        if let Some(error) = failed {
            return Err(other(error));
        }
    }
    writer.write(out).map_err(|error| other(error.to_string()))
}

/// The one type of all shapes; the multiple one when single and multiple stand beside one another.
fn kind_of(table: &FeatureTable) -> GeometryType {
    let kinds = table.features.iter().filter_map(|feature| feature.shape.as_ref()).map(|shape| match shape {
        Geometry::Point(_) => GeometryType::Point,
        Geometry::MultiPoint(_) => GeometryType::MultiPoint,
        Geometry::LineString(_) | Geometry::Line(_) => GeometryType::LineString,
        Geometry::MultiLineString(_) => GeometryType::MultiLineString,
        Geometry::Polygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => GeometryType::Polygon,
        Geometry::MultiPolygon(_) => GeometryType::MultiPolygon,
        Geometry::GeometryCollection(_) => GeometryType::Unknown,
    });
    let multiple = |kind| match kind {
        GeometryType::Point => GeometryType::MultiPoint,
        GeometryType::LineString => GeometryType::MultiLineString,
        GeometryType::Polygon => GeometryType::MultiPolygon,
        other => other,
    };
    let join = |a: GeometryType, b: GeometryType| match (a == b, multiple(a) == multiple(b)) {
        (true, _) => a,
        (false, true) => multiple(a),
        (false, false) => GeometryType::Unknown,
    };
    kinds.reduce(join).unwrap_or(GeometryType::Unknown)
}

/// A geometry that is read by reference.
struct Shape<'a>(&'a Geometry<f64>);

impl geozero::GeozeroGeometry for Shape<'_> {
    fn process_geom<P: geozero::GeomProcessor>(&self, processor: &mut P) -> geozero::error::Result<()> {
        self.0.process_geom(processor)
    }
}
