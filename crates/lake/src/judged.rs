//! Judgements beside the tables of a session: rows in memory that questions read as the table `judged`.
//!
//! They are made from the same versions that the session reads and are stored nowhere: norms that were corrected judge
//! anew.

use crate::{LakeError, Session};
use datafusion::arrow::array::{ArrayRef, BooleanArray, Float64Array, Int32Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::datasource::MemTable;
use datafusion::error::DataFusionError;
use std::sync::Arc;

/// The name of the table.
pub(crate) const NAME: &str = "judged";

/// What was found of a station in a period.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Judged {
    /// Code of the city.
    pub city: String,
    /// Code of the medium.
    pub medium: String,
    /// Code of the station.
    pub station: String,
    /// `sample`, `day`, `month`, `year`.
    pub level: String,
    /// `2022`, `2022-03`, `2022-03-15`, or the time of a sample.
    pub period: String,
    /// Year of the period, for questions over many levels.
    pub year: i32,
    /// `day` or `night` where a medium is judged by both; else empty.
    pub part: String,
    /// Edition that judged it.
    pub edition: String,
    /// Class by the norm, from 1, the best.
    pub class: Option<i32>,
    /// The norm's word for it.
    pub word: String,
    /// Whether the station is what it is held to.
    pub meets: Option<bool>,
    /// The value where a medium has a single one.
    pub value: Option<f64>,
    /// What that value counts by in a mean over stations, such as km of shore; none where each counts alike.
    pub weight: Option<f64>,
    /// Items that decided, joined with `;`.
    pub deciding: String,
    /// Main pollutants with their multiples.
    pub exceedance: String,
    /// What the station was held to, and what counts it.
    pub function_class: String,
    /// River, bay, lake or source.
    pub waterbody: String,
    /// Programmes, joined with `;`.
    pub programmes: String,
    /// Samples behind it.
    pub samples: i32,
    /// `simulated` when any value is.
    pub source: String,
}

impl Session {
    /// The session with judgements as the table `judged`. Without this call there is no such table.
    ///
    /// # Errors
    /// When the rows cannot be put beside the tables.
    pub fn with_judged(self, rows: &[Judged]) -> Result<Self, LakeError> {
        let failed = |source: DataFusionError| LakeError::Query { source: Box::new(source) };
        let batch = batch(rows).map_err(|error| failed(error.into()))?;
        let table = MemTable::try_new(batch.schema(), vec![vec![batch]]).map_err(failed)?;
        self.register(NAME, Arc::new(table)).map_err(failed)?;
        Ok(self)
    }
}

fn batch(rows: &[Judged]) -> Result<RecordBatch, datafusion::arrow::error::ArrowError> {
    let text = |name: &str, of: fn(&Judged) -> &str| {
        let values: ArrayRef = Arc::new(StringArray::from_iter_values(rows.iter().map(of)));
        (Field::new(name, DataType::Utf8, false), values)
    };
    let class: ArrayRef = Arc::new(rows.iter().map(|row| row.class).collect::<Int32Array>());
    let meets: ArrayRef = Arc::new(rows.iter().map(|row| row.meets).collect::<BooleanArray>());
    let value: ArrayRef = Arc::new(rows.iter().map(|row| row.value).collect::<Float64Array>());
    let weight: ArrayRef = Arc::new(rows.iter().map(|row| row.weight).collect::<Float64Array>());
    let year: ArrayRef = Arc::new(Int32Array::from_iter_values(rows.iter().map(|row| row.year)));
    let samples: ArrayRef = Arc::new(Int32Array::from_iter_values(rows.iter().map(|row| row.samples)));
    let (fields, columns): (Vec<Field>, Vec<ArrayRef>) = [
        text("city", |row| &row.city),
        text("medium", |row| &row.medium),
        text("station", |row| &row.station),
        text("level", |row| &row.level),
        text("period", |row| &row.period),
        (Field::new("year", DataType::Int32, false), year),
        text("part", |row| &row.part),
        text("edition", |row| &row.edition),
        (Field::new("class", DataType::Int32, true), class),
        text("word", |row| &row.word),
        (Field::new("meets", DataType::Boolean, true), meets),
        (Field::new("value", DataType::Float64, true), value),
        (Field::new("weight", DataType::Float64, true), weight),
        text("deciding", |row| &row.deciding),
        text("exceedance", |row| &row.exceedance),
        text("function_class", |row| &row.function_class),
        text("waterbody", |row| &row.waterbody),
        text("programmes", |row| &row.programmes),
        (Field::new("samples", DataType::Int32, false), samples),
        text("source", |row| &row.source),
    ]
    .into_iter()
    .unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}
