//! Spatial files in: one table of features whatever the format, with the coordinate system as declared, never guessed.
//!
//! A file is taken whole or refused whole: what lies about its lengths, is beyond the [`Limits`] or cannot be trusted
//! gives [`SpatialError::Refused`] and a finding that says what, where and what to do. One bad shape in a good file is
//! a finding and a feature without a shape, so that its row can be answered too.

mod archive;
mod column_types;
mod crs_text;
mod dbf;
mod dxf;
mod fgb;
mod fields;
mod flat;
mod geojson;
mod geojson_out;
mod gpkg;
mod gpkg_out;
mod kml;
mod land_txt;
pub(crate) mod limits;
mod parquet;
mod rings;
mod shp;
mod stream;
mod table;
mod wkb;
pub(crate) mod wkt;
pub(crate) mod words;

pub use crs_text::DeclaredCrs;
pub use fgb::write_flatgeobuf;
pub use fields::{FieldAliases, FieldError};
pub use flat::{FlatBatch, FlatIds, FlatKind};
pub use geojson_out::{push_geojson, write_geojson};
pub use gpkg_out::write_geopackage;
pub use limits::Limits;
pub use stream::FlatFile;

pub use wkt::write_wkt;

use crate::{Findings, Place, TableFormat, TextTable};
use geo::Geometry;
use limits::{Budget, Refusal};
use std::path::Path;

/// A file on disk, or bytes in memory such as an upload.
#[derive(Clone, Debug)]
pub enum Source<'a> {
    /// A file; the parts of a loose shapefile are looked for beside it.
    File(&'a Path),
    /// Bytes and the name that they came under.
    Bytes {
        /// File name; its end tells the format.
        name: &'a str,
        /// Content.
        content: &'a [u8],
    },
}

/// The formats that are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SpatialFormat {
    /// GeoJSON: a collection, a feature, a bare geometry, or one feature a line.
    GeoJson,
    /// Shapefile, loose.
    Shapefile,
    /// A shapefile, or one other file that is read, in a ZIP archive.
    Zip,
    /// GeoPackage.
    GeoPackage,
    /// Parquet with a WKB column, or with `wkt` or `x,y`.
    Parquet,
    /// FlatGeobuf.
    FlatGeobuf,
    /// DXF drawing.
    Dxf,
    /// 国土勘测定界 TXT.
    LandTxt,
    /// CSV with `wkt`, `x,y` or `lon,lat`.
    Csv,
    /// Workbook with `wkt`, `x,y` or `lon,lat`.
    Xlsx,
    /// KML, always in WGS 84.
    Kml,
    /// KML in a ZIP archive.
    Kmz,
}

impl SpatialFormat {
    /// The format of a file name; `None` when its end names none of ours.
    ///
    /// ```
    /// use exchange::SpatialFormat;
    /// assert_eq!(SpatialFormat::of_name("地块.SHP"), Some(SpatialFormat::Shapefile));
    /// assert_eq!(SpatialFormat::of_name("a.dwg"), None);
    /// ```
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let plain = name.strip_suffix(".gz").unwrap_or(&name);
        let end = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
        Some(match () {
            () if end(&[".geojson", ".json", ".geojsonl", ".geojsons", ".ndjson", ".jsonl"]) => Self::GeoJson,
            () if end(&[".shp", ".dbf", ".shx"]) => Self::Shapefile,
            () if end(&[".zip"]) => Self::Zip,
            () if end(&[".gpkg"]) => Self::GeoPackage,
            () if end(&[".parquet", ".geoparquet"]) => Self::Parquet,
            () if end(&[".fgb"]) => Self::FlatGeobuf,
            () if end(&[".dxf"]) => Self::Dxf,
            () if end(&[".txt"]) => Self::LandTxt,
            () if plain.ends_with(".csv") => Self::Csv,
            () if end(&[".xlsx"]) => Self::Xlsx,
            () if end(&[".kml"]) => Self::Kml,
            () if end(&[".kmz"]) => Self::Kmz,
            () => return None,
        })
    }
}

/// How a spatial file is read.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// What is refused.
    pub limits: Limits,
    /// Coordinate system that the user declared, such as `EPSG:4490` or `GCJ-02`; holds when the file declares none.
    pub crs: Option<String>,
    /// Layer of a GeoPackage, or shapefile of an archive, when it holds several.
    pub layer: Option<String>,
}

/// One feature as it stood in its file.
#[derive(Clone, PartialEq, Debug)]
pub struct Feature {
    /// Number in the file, from 1.
    pub number: u64,
    /// Line of a text file or row of a sheet.
    pub line: Option<u64>,
    /// Attributes as text, one for each field; a null is empty.
    pub values: Vec<String>,
    /// Its shape, in x = east or longitude, y = north or latitude; none when it is empty or could not be read.
    pub shape: Option<Geometry<f64>>,
}

/// The features of a file or layer.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FeatureTable {
    /// What the file or the user declares.
    pub crs: DeclaredCrs,
    /// Field names as they stand, without line ends.
    pub fields: Vec<String>,
    /// Features in the order of the file.
    pub features: Vec<Feature>,
    /// Name of the layer, when the file names it.
    pub name: String,
    /// Text encoding and how it was told, for formats that leave it open.
    pub encoding: Option<String>,
}

impl FeatureTable {
    /// The column of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field == name)
    }
}

/// Why a spatial file gave no table.
#[derive(Debug, thiserror::Error)]
pub enum SpatialError {
    /// The file cannot be read.
    #[error("{path}: 无法读取 / cannot be read: {source}")]
    Io {
        /// Path as the user named it.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// What the file holds was refused; the findings say why.
    #[error("{path}: 未接受，见所列问题 / refused, see the findings")]
    Refused {
        /// Path as the user named it.
        path: String,
        /// Code of the finding.
        code: &'static str,
    },
}

/// Reads a spatial file. The findings are about this file.
///
/// ```
/// use exchange::{DeclaredCrs, Findings, ReadOptions, Source, read_features};
/// let text = br#"{"type":"Feature","properties":{"code":"A"},"geometry":{"type":"Point","coordinates":[118.1,24.5]}}"#;
/// let mut findings = Findings::new();
/// let table = read_features(&Source::Bytes { name: "a.geojson", content: text }, &ReadOptions::default(), &mut findings)?;
/// assert_eq!(table.fields, ["code"]);
/// assert_eq!(table.crs, DeclaredCrs::Undeclared);
/// # Ok::<(), exchange::SpatialError>(())
/// ```
///
/// # Errors
/// When the file cannot be read, or is refused.
pub fn read_features(
    source: &Source<'_>,
    options: &ReadOptions,
    findings: &mut Findings,
) -> Result<FeatureTable, SpatialError> {
    let name = match source {
        Source::File(path) => path.display().to_string(),
        Source::Bytes { name, .. } => (*name).to_owned(),
    };
    findings.set_file(&name);
    let result = match source {
        Source::File(path) => read_file(path, options, findings),
        Source::Bytes { name, content } => read_bytes(name, content, options, findings),
    };
    match result {
        Ok(mut table) => {
            if table.crs == DeclaredCrs::Undeclared
                && let Some(text) = &options.crs
            {
                table.crs = DeclaredCrs::of_text(text);
            }
            Ok(table)
        }
        Err(Failure::Io(source)) => Err(SpatialError::Io { path: name, source }),
        Err(Failure::Refused(refusal)) => {
            let place = Place { line: refusal.line, field: &refusal.field, value: &refusal.value };
            findings.report(refusal.code, place);
            Err(SpatialError::Refused { path: name, code: refusal.code })
        }
    }
}

pub(crate) enum Failure {
    Io(std::io::Error),
    Refused(Refusal),
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

fn read_file(path: &Path, options: &ReadOptions, findings: &mut Findings) -> Result<FeatureTable, Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let bytes = std::fs::metadata(path)?.len();
    let format = SpatialFormat::of_name(&name).ok_or_else(|| Refusal::file("format_unknown", &name))?;
    options.limits.check_bytes(bytes)?;
    match format {
        SpatialFormat::GeoPackage => gpkg::read(path, options, findings),
        SpatialFormat::Parquet => Ok(parquet::read(std::fs::File::open(path)?, options, findings)?),
        SpatialFormat::Shapefile => {
            let parts = shp::Parts::beside(path, &options.limits)?;
            Ok(shp::read(&parts, options, findings)?)
        }
        _ => read_bytes(&name, &std::fs::read(path)?, options, findings),
    }
}

fn read_bytes(
    name: &str,
    content: &[u8],
    options: &ReadOptions,
    findings: &mut Findings,
) -> Result<FeatureTable, Failure> {
    options.limits.check_bytes(content.len() as u64)?;
    let format = SpatialFormat::of_name(name).ok_or_else(|| Refusal::file("format_unknown", name))?;
    let table = match format {
        SpatialFormat::GeoJson => geojson::read(content, options, findings)?,
        SpatialFormat::FlatGeobuf => fgb::read(content, options, findings)?,
        SpatialFormat::Dxf => dxf::read(content, options, findings)?,
        SpatialFormat::LandTxt => land_txt::read(content, options, findings)?,
        SpatialFormat::Kml => kml::read(content, options, findings)?,
        SpatialFormat::Zip | SpatialFormat::Kmz => return archive::read(content, format, options, findings),
        SpatialFormat::GeoPackage => {
            // SQLite wants a file; an own folder goes away by itself.
            let folder = tempfile::tempdir()?;
            let path = folder.path().join("upload.gpkg");
            std::fs::write(&path, content)?;
            gpkg::read(&path, options, findings)?
        }
        SpatialFormat::Shapefile => {
            let parts = shp::Parts { shp: content.to_vec(), ..shp::Parts::default() };
            shp::read(&parts, options, findings)?
        }
        SpatialFormat::Csv => {
            let rows = TextTable::of_bytes(content.to_vec(), TableFormat::Csv, findings);
            table::read(rows, options, findings)?
        }
        SpatialFormat::Xlsx => {
            archive::check(content, &options.limits)?;
            let rows = TextTable::of_bytes(content.to_vec(), TableFormat::Xlsx, findings);
            table::read(rows, options, findings)?
        }
        SpatialFormat::Parquet => {
            // The Parquet reader wants a file; an unnamed one goes away by itself.
            let mut file = tempfile::tempfile()?;
            std::io::Write::write_all(&mut file, content)?;
            parquet::read(file, options, findings)?
        }
    };
    Ok(table)
}

/// Gathers features: a bad shape becomes a finding, a broken limit ends the file.
pub(crate) struct Collector<'a> {
    pub(crate) budget: Budget,
    pub(crate) features: Vec<Feature>,
    pub(crate) findings: &'a mut Findings,
}

impl<'a> Collector<'a> {
    pub(crate) fn new(options: &ReadOptions, findings: &'a mut Findings) -> Self {
        Self { budget: Budget::new(options.limits), features: Vec::new(), findings }
    }

    pub(crate) fn push(
        &mut self,
        line: Option<u64>,
        values: Vec<String>,
        shape: Result<Option<Geometry<f64>>, Refusal>,
    ) -> Result<(), Refusal> {
        let number = self.features.len() as u64 + 1;
        self.budget.feature(&values).map_err(|refusal| refusal.at(line.or(Some(number))))?;
        let shape = match shape {
            Ok(Some(shape)) => Some(shape),
            Ok(None) => {
                self.findings.report("shape_missing", Place { line: line.or(Some(number)), ..Place::default() });
                None
            }
            Err(refusal) if refusal.fatal => return Err(refusal.at(line.or(Some(number)))),
            Err(refusal) => {
                let refusal = refusal.at(line.or(Some(number)));
                let place = Place { line: refusal.line, field: &refusal.field, value: &refusal.value };
                self.findings.report(refusal.code, place);
                None
            }
        };
        self.features.push(Feature { number, line, values, shape });
        Ok(())
    }

    /// The features, each with as many values as there turned out to be fields.
    pub(crate) fn of_width(self, fields: usize) -> Result<Vec<Feature>, Refusal> {
        let Self { budget, mut features, .. } = self;
        budget.check_cells((features.len() as u64).saturating_mul(fields as u64))?;
        features.iter_mut().for_each(|feature| feature.values.resize(fields, String::new()));
        Ok(features)
    }
}

/// A number as text, the same whatever the format it came from: shortest form that reads back, no exponent.
pub(crate) fn number_text(value: f64) -> String {
    if value.is_finite() { format!("{}", value + 0.0) } else { String::new() }
}
