//! `yundang overlay`: which points or areas meet which zones, and how much they share (DESIGN §6).
//!
//! The smaller side is read whole and indexed; zones stream past it in the order of their file.

use crate::cli::Usage;
use anyhow::bail;
use exchange::{
    ColumnKind, ColumnSpec, DeclaredCrs, Findings, FlatBatch, FlatFile, FlatIds, FlatKind, OutputFormat, Place,
    TableWriter,
};
use geo::Coord;
use std::path::PathBuf;
use zoning::crs::Crs;
use zoning::overlay::{ParcelScratch, Parcels, PointScratch, Points, Rings};

/// What is to be laid over what.
#[derive(Clone, Debug)]
pub struct Overlay {
    /// The zones.
    pub zones: PathBuf,
    /// Points or areas.
    pub with: PathBuf,
    /// Where the pairs go; `-` is standard output.
    pub output: String,
    /// In which format.
    pub format: OutputFormat,
    /// Whether the shared area is wanted.
    pub areas: bool,
    /// The plane that both are carried to; without it they stay as they are.
    pub crs: Option<Crs>,
}

/// The names of all shapes of a file.
#[derive(Default)]
struct Names {
    numbers: Vec<i64>,
    texts: Vec<String>,
}

impl Names {
    fn add(&mut self, batch: &FlatBatch) {
        match &batch.ids {
            FlatIds::Texts(_) => self.texts.extend((0..batch.len()).map(|shape| batch.id(shape))),
            FlatIds::Numbers(numbers) => self.numbers.extend(numbers),
            FlatIds::Rows => self.numbers.extend((0..batch.len() as i64).map(|n| batch.first_row as i64 + n + 1)),
        }
    }

    fn kind(&self) -> ColumnKind {
        if self.texts.is_empty() { ColumnKind::Long } else { ColumnKind::Text }
    }

    fn write(&self, number: usize, table: &mut TableWriter) {
        match self.texts.get(number) {
            Some(text) => table.text(text),
            None => table.int(self.numbers.get(number).copied()),
        }
    }
}

enum Subject {
    Points(Points),
    Parcels(Parcels),
}

/// Pairs of one batch of zones: place of the zone in the batch, number of the subject, shared area.
struct Found {
    names: Names,
    pairs: Vec<(u32, u32, f64)>,
}

/// Runs an overlay; the number of pairs.
///
/// # Errors
/// When a file cannot be read or written, or the two have different coordinate systems.
pub fn overlay(run: &Overlay, findings: &mut Findings) -> anyhow::Result<u64> {
    let with = FlatFile::open(&run.with, findings)?;
    let zones = FlatFile::open(&run.zones, findings)?;
    let (with_crs, zones_crs) = (known(with.crs())?, known(zones.crs())?);
    if let (Some(a), Some(b)) = (with_crs, zones_crs)
        && a != b
    {
        bail!(Usage(format!(
            "{}: {}，{}: {}，坐标系不同 / the coordinate systems differ",
            run.zones.display(),
            b.name(),
            run.with.display(),
            a.name()
        )));
    }
    let from = zones_crs.or(with_crs);
    let carry = match (run.crs, from) {
        (None, _) => None,
        (Some(to), Some(from)) => Some((from, to)),
        (Some(_), None) => {
            bail!(Usage("两个文件都没有声明坐标系，不能投影 / neither file declares a coordinate system".to_owned()))
        }
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let (subject, names) = subject(&with, carry, threads, findings)?;

    let mut columns = vec![ColumnSpec::new("id", names.kind())];
    if run.areas {
        columns.push(ColumnSpec::new("area", ColumnKind::Number));
    }
    let mut table: Option<TableWriter> = None;
    let mut count = 0u64;
    let mut failed: Option<anyhow::Error> = None;
    let work = |batch: &FlatBatch| meet(batch, &subject, carry);
    zones.for_each(threads, findings, work, |found| {
        if failed.is_some() {
            return;
        }
        count += found.pairs.len() as u64;
        if let Err(error) = write(run, &columns, &mut table, &found, &names) {
            failed = Some(error);
        }
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    match table {
        Some(table) => table.finish()?,
        None => open(run, &columns, ColumnKind::Long)?.finish()?,
    }
    Ok(count)
}

fn known(declared: &DeclaredCrs) -> anyhow::Result<Option<Crs>> {
    declared.known().map_err(|fault| Usage(format!("{}，{} / {fault}", fault.zh(), fault.action_zh())).into())
}

fn open(run: &Overlay, columns: &[ColumnSpec], zone: ColumnKind) -> anyhow::Result<TableWriter> {
    let mut all = vec![ColumnSpec::new("zone", zone)];
    all.extend(columns.iter().cloned());
    Ok(TableWriter::create(&run.output, run.format, all)?)
}

fn write(
    run: &Overlay,
    columns: &[ColumnSpec],
    table: &mut Option<TableWriter>,
    found: &Found,
    names: &Names,
) -> anyhow::Result<()> {
    let table = match table {
        Some(table) => table,
        None => table.insert(open(run, columns, found.names.kind())?),
    };
    for &(zone, number, area) in &found.pairs {
        found.names.write(zone as usize, table);
        names.write(number as usize, table);
        if run.areas {
            table.float(Some(area));
        }
        table.end_row()?;
    }
    Ok(())
}

fn moved(c: Coord<f64>, carry: Option<(Crs, Crs)>) -> Coord<f64> {
    match carry {
        None => c,
        // What the plane cannot hold is nowhere on it.
        Some((from, to)) => from.carry(&to, c).unwrap_or(Coord { x: f64::NAN, y: f64::NAN }),
    }
}

/// Reads the points or areas and indexes them.
fn subject(
    file: &FlatFile,
    carry: Option<(Crs, Crs)>,
    threads: usize,
    findings: &mut Findings,
) -> anyhow::Result<(Subject, Names)> {
    let (mut x, mut y) = (Vec::new(), Vec::new());
    let (mut parcels, mut names) = (Parcels::default(), Names::default());
    let (mut points, mut areas, mut others) = (0u64, 0u64, Vec::new());
    let mut rings = Rings::default();
    file.for_each(threads, findings, FlatBatch::clone, |batch| {
        names.add(&batch);
        for shape in 0..batch.len() {
            let first = match batch.kinds[shape] {
                FlatKind::Points => batch.rings(shape).flat_map(|(ring, _)| ring).next().copied(),
                _ => None,
            };
            let at = first.map_or(Coord { x: f64::NAN, y: f64::NAN }, |c| moved(c, carry));
            x.push(at.x);
            y.push(at.y);
            rings.clear();
            match batch.kinds[shape] {
                FlatKind::Points => points += 1,
                FlatKind::Areas => {
                    areas += 1;
                    fill(&mut rings, &batch, shape, carry);
                }
                FlatKind::Lines => others.push(batch.first_row + shape as u64 + 1),
                FlatKind::Empty => {}
            }
            if batch.kinds[shape] == FlatKind::Areas || areas > 0 {
                // Numbers are places in the file: what is no area is an area of nothing.
                while parcels.len() < x.len() - 1 {
                    parcels.push(&Rings::default());
                }
                parcels.push(&rings);
            }
        }
    })?;
    for line in others {
        findings.report("shape_kind", Place { line: Some(line), field: "geometry", value: "line" });
    }
    if points > 0 && areas > 0 {
        bail!(Usage("文件里既有点又有面，请分开 / points and areas in one file: give them apart".to_owned()));
    }
    if areas > 0 {
        parcels.finish();
        return Ok((Subject::Parcels(parcels), names));
    }
    Ok((Subject::Points(Points::new(&x, &y)), names))
}

fn fill(rings: &mut Rings, batch: &FlatBatch, shape: usize, carry: Option<(Crs, Crs)>) {
    for (ring, shell) in batch.rings(shape) {
        let points = ring.iter().map(|c| {
            let c = moved(*c, carry);
            (c.x, c.y)
        });
        match (ring.first(), ring.last()) {
            (Some(first), Some(last)) if first != last => {
                let first = moved(*first, carry);
                rings.push_ring(points.chain([(first.x, first.y)]), !shell);
            }
            _ => rings.push_ring(points, !shell),
        }
    }
}

fn meet(batch: &FlatBatch, subject: &Subject, carry: Option<(Crs, Crs)>) -> Found {
    let mut names = Names::default();
    names.add(batch);
    let mut pairs = Vec::new();
    let mut rings = Rings::default();
    let (mut of_points, mut of_parcels) = (PointScratch::default(), ParcelScratch::default());
    for shape in 0..batch.len() {
        if batch.kinds[shape] != FlatKind::Areas {
            continue;
        }
        rings.clear();
        fill(&mut rings, batch, shape, carry);
        let (first, zone) = (pairs.len(), shape as u32);
        match subject {
            Subject::Points(points) => points.within(&rings, &mut of_points, |number| pairs.push((zone, number, 0.0))),
            Subject::Parcels(parcels) => {
                parcels.meeting(&rings, &mut of_parcels, |number, area| pairs.push((zone, number, area)));
            }
        }
        pairs[first..].sort_unstable_by_key(|pair| pair.1);
    }
    Found { names, pairs }
}
