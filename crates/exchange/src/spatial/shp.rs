//! Shapefiles: the main file, its attribute table and its declarations.

use super::crs_text::DeclaredCrs;
use super::limits::{Budget, Limits, Refusal};
use super::wkb::Bag;
use super::{Collector, Failure, FeatureTable, ReadOptions, dbf, rings};
use crate::{Findings, Place};
use geo::{Coord, Geometry};
use std::path::Path;

const HEADER_BYTES: usize = 100;

/// The files that make up one shapefile.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) shp: Vec<u8>,
    pub(crate) dbf: Option<Vec<u8>>,
    pub(crate) cpg: Option<Vec<u8>>,
    pub(crate) prj: Option<Vec<u8>>,
}

impl Parts {
    /// The parts beside a file of the set, whatever the case of their ends.
    pub(crate) fn beside(path: &Path, limits: &Limits) -> Result<Self, Failure> {
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let stem = path.file_stem().unwrap_or_default();
        let mut parts = Self::default();
        let mut found = false;
        for entry in std::fs::read_dir(folder)? {
            let other = entry?.path();
            if other.file_stem() != Some(stem) {
                continue;
            }
            let end = other.extension().unwrap_or_default().to_ascii_lowercase();
            let read = || -> Result<Vec<u8>, Failure> {
                limits.check_bytes(std::fs::metadata(&other)?.len())?;
                Ok(std::fs::read(&other)?)
            };
            match end.to_str() {
                Some("shp") => (parts.shp, found) = (read()?, true),
                Some("dbf") => parts.dbf = Some(read()?),
                Some("cpg") => parts.cpg = Some(read()?),
                Some("prj") => parts.prj = Some(read()?),
                _ => {}
            }
        }
        if found { Ok(parts) } else { Err(Refusal::file("part_missing", ".shp").into()) }
    }
}

pub(crate) fn read(parts: &Parts, options: &ReadOptions, findings: &mut Findings) -> Result<FeatureTable, Refusal> {
    let table = match &parts.dbf {
        Some(bytes) => Some(dbf::read(bytes, parts.cpg.as_deref(), &options.limits)?),
        None => {
            findings.report("part_missing_warning", Place { value: ".dbf", ..Place::default() });
            None
        }
    };
    if let Some(table) = table.as_ref().filter(|table| table.guessed) {
        findings.report("encoding_chosen", Place { value: &table.encoding, ..Place::default() });
    }
    let mut collector = Collector::new(options, findings);
    let fields = table.as_ref().map(|table| table.fields.clone()).unwrap_or_default();
    let encoding = table.as_ref().map(|table| table.encoding.clone());
    let mut rows = table.map(|table| table.rows.into_iter());
    let row_count = rows.as_ref().map(ExactSizeIterator::len);
    let mut count = 0;
    for record in records(&parts.shp)? {
        let content = record?;
        count += 1;
        let values = match rows.as_mut().map(Iterator::next) {
            None => Vec::new(),
            Some(Some(Some(values))) => values,
            // A row marked deleted: its shape went with it.
            Some(Some(None)) => continue,
            Some(None) => return Err(Refusal::file("dbf_records", &format!("> {} rows", row_count.unwrap_or(0)))),
        };
        let mut strays = 0;
        let shape = read_shape(content, &mut collector.budget, &mut strays);
        if strays > 0 {
            let place = Place { line: Some(count), field: "", value: &strays.to_string() };
            collector.findings.report("ring_order", place);
        }
        collector.push(Some(count), values, shape)?;
    }
    if let Some(rows) = row_count.filter(|rows| *rows as u64 != count) {
        return Err(Refusal::file("dbf_records", &format!("{rows} rows, {count} shapes")));
    }
    let crs = parts.prj.as_ref().map_or(DeclaredCrs::Undeclared, |text| {
        // ArcGIS of Chinese offices writes local names in GBK.
        let decoded = match std::str::from_utf8(text) {
            Ok(text) => text.to_owned(),
            Err(_) => encoding_rs::GB18030.decode_without_bom_handling(text).0.into_owned(),
        };
        DeclaredCrs::of_text(&decoded)
    });
    Ok(FeatureTable { crs, fields, features: collector.features, name: String::new(), encoding })
}

/// The records of a main file. Lengths are those of the bytes that are there, not those that the header claims.
fn records(bytes: &[u8]) -> Result<impl Iterator<Item = Result<&[u8], Refusal>>, Refusal> {
    let form = |why: &str| Refusal::file("shp_form", why);
    if bytes.len() < HEADER_BYTES || bytes[..4] != [0, 0, 0x27, 0x0a] {
        return Err(form("no shapefile header"));
    }
    let claimed = u64::from(u32::from_be_bytes([bytes[24], bytes[25], bytes[26], bytes[27]])) * 2;
    if claimed != bytes.len() as u64 {
        return Err(Refusal::file("shp_length", &format!("{claimed} claimed, {} bytes", bytes.len())));
    }
    let mut at = HEADER_BYTES;
    let mut number = 0u64;
    Ok(std::iter::from_fn(move || {
        if at >= bytes.len() {
            return None;
        }
        number += 1;
        let content = bytes.get(at + 4..at + 8).and_then(|size| {
            let size = u32::from_be_bytes([size[0], size[1], size[2], size[3]]) as usize * 2;
            bytes.get(at + 8..at + 8 + size)
        });
        match content {
            Some(content) => {
                at += 8 + content.len();
                Some(Ok(content))
            }
            None => {
                let refusal = Refusal::file("shp_length", &format!("byte {at}")).at(Some(number));
                at = bytes.len();
                Some(Err(refusal))
            }
        }
    }))
}

fn read_shape(content: &[u8], budget: &mut Budget, strays: &mut usize) -> Result<Option<Geometry<f64>>, Refusal> {
    let reader = Words(content);
    let kind = reader.int(0)?;
    let mut bag = Bag::default();
    match kind {
        0 => {}
        1 | 11 | 21 => bag.points.push(reader.vertex(4, budget)?.into()),
        8 | 18 | 28 => {
            let count = reader.count(36, 16)?;
            for n in 0..count {
                bag.points.push(reader.vertex(40 + 16 * n, budget)?.into());
            }
        }
        3 | 13 | 23 | 5 | 15 | 25 => {
            let parts = reader.count(36, 4)?;
            let points = reader.count(40, 16)?;
            let first = 44 + 4 * parts;
            let starts = (0..parts).map(|n| reader.count_at_most(44 + 4 * n, points)).collect::<Result<Vec<_>, _>>()?;
            let mut lists = Vec::with_capacity(parts);
            for (n, &start) in starts.iter().enumerate() {
                let end = starts.get(n + 1).copied().unwrap_or(points);
                if end < start {
                    return Err(Refusal::shape("shape_form", &format!("part {}", n + 1)));
                }
                let list: Vec<Coord<f64>> =
                    (start..end).map(|n| reader.vertex(first + 16 * n, budget)).collect::<Result<_, _>>()?;
                lists.push(list);
            }
            if matches!(kind, 5 | 15 | 25) {
                let (polygons, stray) = rings::by_orientation(lists)?;
                *strays = stray;
                bag.polygons = polygons.0;
            } else {
                lists.into_iter().try_for_each(|points| bag.line(points))?;
            }
        }
        other => return Err(Refusal::shape("shape_form", &format!("shape type {other}"))),
    }
    bag.finish()
}

/// Little-endian numbers of a record.
struct Words<'a>(&'a [u8]);

impl Words<'_> {
    fn take<const N: usize>(&self, at: usize) -> Result<[u8; N], Refusal> {
        let part = self.0.get(at..at + N).and_then(|part| part.try_into().ok());
        part.ok_or_else(|| Refusal::shape("shape_cut", &format!("byte {at}")))
    }

    fn int(&self, at: usize) -> Result<u32, Refusal> {
        Ok(u32::from_le_bytes(self.take(at)?))
    }

    /// A count of things of `size` bytes: never more than the record can hold.
    fn count(&self, at: usize, size: usize) -> Result<usize, Refusal> {
        self.count_at_most(at, self.0.len() / size)
    }

    fn count_at_most(&self, at: usize, most: usize) -> Result<usize, Refusal> {
        let count = self.int(at)? as usize;
        if count > most {
            return Err(Refusal::shape("shape_cut", &format!("{count} > {most}")));
        }
        Ok(count)
    }

    fn vertex(&self, at: usize, budget: &mut Budget) -> Result<Coord<f64>, Refusal> {
        budget.vertex(f64::from_le_bytes(self.take(at)?), f64::from_le_bytes(self.take(at + 8)?))
    }
}
