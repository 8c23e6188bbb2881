//! Projects as they come in files: one shape and the facts about it, row by row.
//!
//! A column `corridor_m` (or `用地宽度`) turns a line into the ground that it takes: a road or a pipeline of this whole
//! width in metres, both sides together. Without it a line is screened as a line.

use super::Edition;
use crate::cli::Usage;
use anyhow::bail;
use csv::StringRecord;
use exchange::{FeatureTable, Findings, ReadOptions, Source, SpatialFormat, TextTable, read_features};
use norms::Day;
use std::path::Path;
use zoning::Facts;
use zoning::crs::Crs;
use zoning::shape::{Checked, Consent, Shape, ShapeLimits, ShapeNote, wkt};

/// A row of a file of projects, as text.
#[derive(Debug)]
pub struct ProjectRow {
    /// Its `id`, or its number in the file from 1.
    pub id: String,
    /// Line or number in the file.
    pub line: u64,
    place: Place,
    cells: Vec<String>,
}

#[derive(Debug)]
enum Place {
    None,
    Wkt(String),
    Pair(String, String),
    Geometry(geo::Geometry<f64>),
}

/// A project that can be screened.
#[derive(Debug)]
pub struct ReadyProject {
    /// Its shape on the edition's plane; none when its coordinate system was not declared.
    pub shape: Option<Shape>,
    /// The place of its outfall on the plane.
    pub outfall: Option<Shape>,
    /// What is known about it.
    pub facts: Facts,
    /// When it was submitted.
    pub submitted: Option<Day>,
    /// Whether its shape crossed itself and was repaired, as agreed.
    pub repaired: bool,
}

/// A file of projects.
pub struct ProjectFile {
    fields: Vec<String>,
    columns: Columns,
    /// What the file or the user declares; none is a question.
    pub crs: Option<Crs>,
    rows: Rows,
}

enum Rows {
    Text { table: Box<TextTable>, cells: StringRecord },
    Features { table: FeatureTable, next: usize },
}

#[derive(Clone, Copy, Default)]
struct Columns {
    id: Option<usize>,
    wkt: Option<usize>,
    pair: Option<(usize, usize)>,
    outfall_wkt: Option<usize>,
    outfall_pair: Option<(usize, usize)>,
    corridor: Option<usize>,
    submitted: Option<usize>,
}

impl Columns {
    fn of(fields: &[String]) -> Self {
        let column = |name: &str| fields.iter().position(|field| field.trim().eq_ignore_ascii_case(name));
        let pair = |pairs: &[(&str, &str)]| pairs.iter().find_map(|(x, y)| Some((column(x)?, column(y)?)));
        Self {
            id: column("id"),
            wkt: column("wkt"),
            pair: pair(&[("lon", "lat"), ("x", "y"), ("lng", "lat"), ("longitude", "latitude"), ("经度", "纬度")]),
            outfall_wkt: column("outfall_wkt"),
            outfall_pair: pair(&[("outfall_lon", "outfall_lat"), ("outfall_x", "outfall_y")]),
            corridor: column("corridor_m").or_else(|| column("用地宽度")),
            submitted: column("submitted"),
        }
    }
}

impl ProjectFile {
    /// Opens a file. `declared` is the system that the user names; a file that names its own keeps that.
    ///
    /// # Errors
    /// When the file cannot be read, or a declared system is not known.
    pub fn open(path: &Path, declared: Option<&str>, findings: &mut Findings) -> anyhow::Result<Self> {
        let name = path.display().to_string();
        let known = |text: &str| -> anyhow::Result<Crs> {
            text.parse().map_err(|fault: zoning::crs::CrsFault| {
                Usage(format!("{}，{} / {fault}, {}", fault.zh(), fault.action_zh(), fault.action_en())).into()
            })
        };
        let user = declared.map(known).transpose()?;
        match SpatialFormat::of_name(&name) {
            Some(SpatialFormat::Csv | SpatialFormat::Xlsx) => {
                findings.set_file(&name);
                let table = TextTable::open(path, findings)?;
                let fields: Vec<String> = table.header().to_vec();
                let columns = Columns::of(&fields);
                if columns.wkt.is_none() && columns.pair.is_none() {
                    findings.report(
                        "shape_columns_missing",
                        exchange::Place { value: &fields.join(","), ..exchange::Place::default() },
                    );
                }
                let rows = Rows::Text { table: Box::new(table), cells: StringRecord::new() };
                Ok(Self { fields, columns, crs: user, rows })
            }
            Some(_) => {
                let options =
                    ReadOptions { limits: exchange::Limits::own_data(), crs: declared.map(str::to_owned), layer: None };
                let table = read_features(&Source::File(path), &options, findings)?;
                let crs = table.crs.known().map_err(|fault| {
                    Usage(format!("{name}: {}，{} / {fault}, {}", fault.zh(), fault.action_zh(), fault.action_en()))
                })?;
                let fields = table.fields.clone();
                Ok(Self { columns: Columns::of(&fields), fields, crs, rows: Rows::Features { table, next: 0 } })
            }
            None => bail!(Usage(format!("{name}: 不认识的格式 / the format is not known"))),
        }
    }

    /// The next row; its own trouble is told by [`Self::ready`].
    pub fn next_row(&mut self, findings: &mut Findings) -> Option<ProjectRow> {
        let columns = self.columns;
        match &mut self.rows {
            Rows::Text { table, cells } => {
                let line = table.next_row(cells, findings)?;
                let cell = |column: usize| cells.get(column).unwrap_or_default().trim().to_owned();
                let place = match (columns.wkt, columns.pair) {
                    (Some(wkt), _) if !cell(wkt).is_empty() => Place::Wkt(cell(wkt)),
                    (_, Some((x, y))) if !cell(x).is_empty() || !cell(y).is_empty() => Place::Pair(cell(x), cell(y)),
                    _ => Place::None,
                };
                let id = columns.id.map(cell).filter(|id| !id.is_empty()).unwrap_or_else(|| line.to_string());
                let cells = (0..self.fields.len()).map(cell).collect();
                Some(ProjectRow { id, line, place, cells })
            }
            Rows::Features { table, next } => {
                let feature = table.features.get_mut(*next)?;
                *next += 1;
                let cells = std::mem::take(&mut feature.values);
                let id = columns.id.and_then(|column| cells.get(column)).filter(|id| !id.is_empty()).cloned();
                let place = feature.shape.take().map_or(Place::None, Place::Geometry);
                let line = feature.line.unwrap_or(feature.number);
                Some(ProjectRow { id: id.unwrap_or_else(|| feature.number.to_string()), line, place, cells })
            }
        }
    }

    /// A reader of rows that can be shared between threads.
    #[must_use]
    pub fn reading(&self) -> Reading {
        let consent = Consent::Refuse;
        Reading { fields: self.fields.clone(), columns: self.columns, crs: self.crs, consent }
    }
}

/// How the rows of a file are read.
#[derive(Clone)]
pub struct Reading {
    fields: Vec<String>,
    columns: Columns,
    crs: Option<Crs>,
    consent: Consent,
}

impl Reading {
    /// The same, with or without consent to repair shapes that cross themselves.
    #[must_use]
    pub fn with(self, consent: Consent) -> Self {
        Self { consent, ..self }
    }

    /// Whether the coordinates came with a declared system.
    #[must_use]
    pub const fn crs_declared(&self) -> bool {
        self.crs.is_some()
    }

    /// A row ready for screening under an edition.
    ///
    /// # Errors
    /// Everything that is wrong with the row, in Chinese and English.
    pub fn ready(&self, row: &ProjectRow, edition: &Edition) -> Result<ReadyProject, String> {
        let dictionary = edition.rules.dictionary();
        let named = self.fields.iter().map(String::as_str).zip(row.cells.iter().map(String::as_str));
        let facts = Facts::from_cells(dictionary, named).map_err(|errors| {
            let told = errors
                .iter()
                .map(|error| format!("{} “{}”: {} / {}", error.field, error.value, error.message_zh, error.message_en));
            told.collect::<Vec<_>>().join("; ")
        })?;
        let cell = |column: Option<usize>| column.and_then(|column| row.cells.get(column)).map_or("", String::as_str);
        let submitted = match cell(self.columns.submitted) {
            "" => None,
            text => Some(text.parse().map_err(|_| format!("submitted “{text}”: 不是日期 / is no date"))?),
        };
        let shape = match &row.place {
            Place::None => return Err("geometry: 缺少图形或坐标 / a shape or coordinates are missing".to_owned()),
            Place::Wkt(text) => from_wkt(text, self.consent)?,
            Place::Pair(x, y) => from_pair(x, y)?,
            Place::Geometry(geometry) => check(geometry.clone(), self.consent)?,
        };
        let repaired = shape.notes.iter().any(|note| matches!(note, ShapeNote::Repaired { .. }));
        let shape = shape.shape;
        let outfall = match (cell(self.columns.outfall_wkt), self.columns.outfall_pair) {
            (text, _) if !text.is_empty() => Some(from_wkt(text, Consent::Refuse)?.shape),
            (_, Some((x, y))) => match (cell(Some(x)), cell(Some(y))) {
                ("", "") => None,
                (x, y) => Some(from_pair(x, y)?.shape),
            },
            _ => None,
        };
        let Some(crs) = self.crs else {
            return Ok(ReadyProject { shape: None, outfall: None, facts, submitted, repaired });
        };
        let carry = |shape: Shape| {
            edition
                .on_plane(&crs, &shape)
                .map_err(|fault| format!("geometry: {}，{} / {fault}", fault.zh(), fault.action_zh()))
        };
        let width = cell(self.columns.corridor);
        let shape = match corridor_of(width)? {
            Some(width_m) => carry(shape)?.corridor(width_m).map_err(|faults| told(&faults))?,
            None => carry(shape)?,
        };
        Ok(ReadyProject { shape: Some(shape), outfall: outfall.map(carry).transpose()?, facts, submitted, repaired })
    }
}

/// The whole width in metres of the ground that a line takes; an empty cell is a line without width.
fn corridor_of(text: &str) -> Result<Option<f64>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| format!("corridor_m “{text}”: 不是数字（米） / is no number of metres"))
}

fn check(geometry: geo::Geometry<f64>, consent: Consent) -> Result<Checked, String> {
    Shape::check(geometry, ShapeLimits::UPLOAD, consent).map_err(|faults| told(&faults))
}

fn from_wkt(text: &str, consent: Consent) -> Result<Checked, String> {
    wkt::read(text, ShapeLimits::UPLOAD).map_err(|faults| told(&faults)).and_then(|shape| check(shape, consent))
}

fn from_pair(x: &str, y: &str) -> Result<Checked, String> {
    let number = |text: &str| text.parse::<f64>().map_err(|_| format!("coordinate “{text}”: 不是数字 / is no number"));
    check(geo::Geometry::Point(geo::Point::new(number(x)?, number(y)?)), Consent::Refuse)
}

fn told(faults: &[zoning::shape::ShapeFault]) -> String {
    let told = faults.iter().map(|fault| format!("geometry: {}，{} / {fault}", fault.zh(), fault.action_zh()));
    told.collect::<Vec<_>>().join("; ")
}
