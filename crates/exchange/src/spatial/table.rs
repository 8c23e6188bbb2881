//! Shapes in tables: a column `wkt`, or two columns of coordinates. CSV, XLSX and Parquet.

use super::crs_text::DeclaredCrs;
use super::limits::Refusal;
use super::wkt::read_wkt;
use super::{Collector, FeatureTable, ReadOptions};
use crate::{Findings, TextTable};
use csv::StringRecord;
use geo::{Geometry, Point};

/// Names of the two coordinate columns, in any case: x = east or longitude first.
const PAIRS: [[&str; 2]; 5] = [["x", "y"], ["lon", "lat"], ["lng", "lat"], ["longitude", "latitude"], ["经度", "纬度"]];

/// Where the shape of a row stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ShapeColumns {
    /// Well-known text.
    Wkt(usize),
    /// Two coordinates.
    Pair(usize, usize),
}

impl ShapeColumns {
    pub(crate) fn of(header: &[String]) -> Option<Self> {
        let column = |name: &str| header.iter().position(|field| field.trim().eq_ignore_ascii_case(name));
        if let Some(wkt) = column("wkt") {
            return Some(Self::Wkt(wkt));
        }
        PAIRS.iter().find_map(|[x, y]| Some(Self::Pair(column(x)?, column(y)?)))
    }

    const fn holds(self, column: usize) -> bool {
        match self {
            Self::Wkt(wkt) => wkt == column,
            Self::Pair(x, y) => x == column || y == column,
        }
    }

    fn shape(self, cells: &StringRecord, collector: &mut Collector<'_>) -> Result<Option<Geometry<f64>>, Refusal> {
        let cell = |column: usize| cells.get(column).unwrap_or_default().trim();
        match self {
            Self::Wkt(wkt) if cell(wkt).is_empty() => Ok(None),
            Self::Wkt(wkt) => read_wkt(cell(wkt), &mut collector.budget),
            Self::Pair(x, y) if cell(x).is_empty() && cell(y).is_empty() => Ok(None),
            Self::Pair(x, y) => {
                let number = |text: &str| text.parse::<f64>().map_err(|_| Refusal::shape("coordinate_form", text));
                let point = collector.budget.vertex(number(cell(x))?, number(cell(y))?)?;
                Ok(Some(Geometry::Point(Point::from(point))))
            }
        }
    }
}

pub(crate) fn read(
    mut table: TextTable,
    options: &ReadOptions,
    findings: &mut Findings,
) -> Result<FeatureTable, Refusal> {
    let header = table.header().to_vec();
    let Some(columns) = ShapeColumns::of(&header) else {
        if header.is_empty() {
            return Err(Refusal::file("file_form", ""));
        }
        return Err(Refusal::file("shape_columns_missing", &header.join(",")));
    };
    let attributes: Vec<usize> = (0..header.len()).filter(|&column| !columns.holds(column)).collect();
    let mut cells = StringRecord::new();
    let mut table_findings = Findings::new();
    let mut collector = Collector::new(options, findings);
    while let Some(line) = table.next_row(&mut cells, &mut table_findings) {
        let values = attributes.iter().map(|&column| cells.get(column).unwrap_or_default().trim().to_owned()).collect();
        let shape = columns.shape(&cells, &mut collector);
        collector.push(Some(line), values, shape)?;
    }
    let features = collector.features;
    findings.absorb(table_findings);
    Ok(FeatureTable {
        crs: DeclaredCrs::Undeclared,
        fields: attributes.iter().map(|&column| header[column].trim().to_owned()).collect(),
        features,
        name: String::new(),
        encoding: None,
    })
}
