//! The small tables: stations and what they are held to, indices of cities, evidence, work done. Rows are put by key; the same rows change nothing.
//!
//! A partition (a city) is one file that is written anew when a row is new or different. What a row said before is
//! in the older versions of the table.

use crate::files::{self, ActiveFile};
use crate::lake::{CommitError, active_files, version};
use crate::{Lake, LakeError, Table};
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, RecordBatch, StringArray, UInt64Array,
};
use datafusion::arrow::compute::{concat_batches, take_record_batch};
use datafusion::arrow::datatypes::Date32Type;
use datafusion::arrow::row::{RowConverter, SortField};
use deltalake::kernel::Action;
use deltalake::protocol::{DeltaOperation, SaveMode};
use norms::{Day, Term};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

const ATTEMPTS: usize = 20;

/// A station between two dates.
#[derive(Clone, PartialEq, Debug)]
pub struct Station {
    /// Code of the city.
    pub city: String,
    /// Code of the station.
    pub station: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Code of the district, may be empty.
    pub district: String,
    /// `air`, `surface-water`, …
    pub medium: String,
    /// `national`, `city`, `roadside`, `super`, …
    pub kind: String,
    /// Longitude, WGS 84 degrees.
    pub lon: Option<f64>,
    /// Latitude, WGS 84 degrees.
    pub lat: Option<f64>,
    /// Whether it counts in the city's mean.
    pub evaluated: bool,
    /// First day on which this row holds; none when it always did.
    pub valid_from: Option<Day>,
    /// First day on which it no longer holds; none while it does.
    pub valid_to: Option<Day>,
    /// `simulated`, or where the facts come from.
    pub source: String,
}

/// The index of a city in a period.
#[derive(Clone, PartialEq, Debug)]
pub struct CityIndex {
    /// Code of the city whose bureau keeps the table.
    pub city: String,
    /// `2022`, `2022-Q1`, `2022-01`.
    pub period: String,
    /// Name of the city that is compared.
    pub city_name: String,
    /// The composite index.
    pub value: Option<f64>,
    /// `simulated`, or where the number comes from.
    pub source: String,
}

/// A figure that another body published.
#[derive(Clone, PartialEq, Debug)]
pub struct Evidence {
    /// Code of the city.
    pub city: String,
    /// Id of the figure, such as `F004`.
    pub figure: String,
    /// `2022`.
    pub period: String,
    /// The value as printed.
    pub value: String,
    /// Who published it.
    pub issuer: String,
    /// In which document.
    pub document: String,
    /// On which day.
    pub date: Option<Day>,
    /// The sentence of the document.
    pub source_text: String,
    /// `simulated`, or where the document was read.
    pub source: String,
}

/// What a station is held to between two dates.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// Code of the city.
    pub city: String,
    /// Code of the station.
    pub station: String,
    /// Function class or zone, land use, or standard and grade, in the words of the norm; may be empty.
    pub function_class: String,
    /// River, bay, lake or source; may be empty.
    pub waterbody: String,
    /// Programmes that count it, joined with `;`.
    pub programmes: String,
    /// First day on which this row holds; none when it always did.
    pub valid_from: Option<Day>,
    /// First day on which it no longer holds; none while it does.
    pub valid_to: Option<Day>,
    /// `simulated`, or where the facts come from.
    pub source: String,
}

/// Work that was done on a day.
#[derive(Clone, PartialEq, Debug)]
pub struct WorklogEntry {
    /// Code of the city.
    pub city: String,
    /// Number of the entry among its kind.
    pub entry: String,
    /// `sewer_km`, `outfall_visit`, …
    pub kind: String,
    /// Station, project or place that it was done at.
    pub subject: String,
    /// When.
    pub date: Day,
    /// How much.
    pub quantity: Option<f64>,
    /// Unit of the quantity.
    pub unit: String,
    /// Words.
    pub note: String,
    /// `simulated`, or where the entry comes from.
    pub source: String,
}

/// What rows did to a register.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RegisterReport {
    /// Rows handed over.
    pub rows: usize,
    /// Rows dropped because a later one has the same key.
    pub repeated: usize,
    /// Keys that were not there.
    pub new: usize,
    /// Rows that say what is there.
    pub equal: usize,
    /// Rows that replaced others.
    pub changed: usize,
    /// Stations that are in force twice on some day after this write: `station` holds more than one row of them.
    pub overlapping: Vec<String>,
    /// The version of the table after the write.
    pub version: u64,
}

impl Lake {
    /// Puts rows into the station register; the key is (city, station, `valid_from`).
    ///
    /// Nothing is closed by itself: a station that moves is a row that ends (`valid_to`) and a row that begins.
    ///
    /// # Errors
    /// When a term ends before it begins, or the store fails.
    pub async fn write_stations(&self, rows: &[Station]) -> Result<RegisterReport, LakeError> {
        for (row, station) in rows.iter().enumerate() {
            check_code(row, "station", &station.station, !station.station.is_empty())?;
            check_term(row, station.valid_from, station.valid_to)?;
        }
        let text = |of: fn(&Station) -> &str| texts(rows, of);
        let columns = vec![
            text(|s| &s.station),
            text(|s| &s.name_zh),
            text(|s| &s.name_en),
            text(|s| &s.district),
            text(|s| &s.medium),
            text(|s| &s.kind),
            Arc::new(rows.iter().map(|s| s.lon).collect::<Float64Array>()),
            Arc::new(rows.iter().map(|s| s.lat).collect::<Float64Array>()),
            Arc::new(BooleanArray::from_iter(rows.iter().map(|s| Some(s.evaluated)))),
            days(rows.iter().map(|s| s.valid_from)),
            days(rows.iter().map(|s| s.valid_to)),
            text(|s| &s.source),
        ];
        self.put(Table::Station, rows.iter().map(|row| row.city.as_str()), columns).await
    }

    /// Puts rows into `target`; the key is (city, station, `valid_from`).
    ///
    /// # Errors
    /// When a term ends before it begins, or the store fails.
    pub async fn write_targets(&self, rows: &[Target]) -> Result<RegisterReport, LakeError> {
        for (row, target) in rows.iter().enumerate() {
            check_code(row, "station", &target.station, !target.station.is_empty())?;
            check_term(row, target.valid_from, target.valid_to)?;
        }
        let text = |of: fn(&Target) -> &str| texts(rows, of);
        let columns = vec![
            text(|t| &t.station),
            text(|t| &t.function_class),
            text(|t| &t.waterbody),
            text(|t| &t.programmes),
            days(rows.iter().map(|t| t.valid_from)),
            days(rows.iter().map(|t| t.valid_to)),
            text(|t| &t.source),
        ];
        self.put(Table::Target, rows.iter().map(|row| row.city.as_str()), columns).await
    }

    /// Puts rows into `worklog`; the key is (city, kind, entry).
    ///
    /// # Errors
    /// When the store fails.
    pub async fn write_worklog(&self, rows: &[WorklogEntry]) -> Result<RegisterReport, LakeError> {
        for (row, entry) in rows.iter().enumerate() {
            check_code(row, "entry", &entry.entry, !entry.entry.is_empty())?;
        }
        let text = |of: fn(&WorklogEntry) -> &str| texts(rows, of);
        let columns = vec![
            text(|e| &e.entry),
            text(|e| &e.kind),
            text(|e| &e.subject),
            days(rows.iter().map(|e| Some(e.date))),
            Arc::new(rows.iter().map(|e| e.quantity).collect::<Float64Array>()),
            text(|e| &e.unit),
            text(|e| &e.note),
            text(|e| &e.source),
        ];
        self.put(Table::Worklog, rows.iter().map(|row| row.city.as_str()), columns).await
    }

    /// Puts rows into `city_index`; the key is (city, period, `city_name`).
    ///
    /// # Errors
    /// When the store fails.
    pub async fn write_city_index(&self, rows: &[CityIndex]) -> Result<RegisterReport, LakeError> {
        let text = |of: fn(&CityIndex) -> &str| texts(rows, of);
        let value: ArrayRef = Arc::new(rows.iter().map(|row| row.value).collect::<Float64Array>());
        let columns = vec![text(|r| &r.period), text(|r| &r.city_name), value, text(|r| &r.source)];
        self.put(Table::CityIndex, rows.iter().map(|row| row.city.as_str()), columns).await
    }

    /// Puts rows into `evidence`; the key is (city, figure, period).
    ///
    /// # Errors
    /// When the store fails.
    pub async fn write_evidence(&self, rows: &[Evidence]) -> Result<RegisterReport, LakeError> {
        let text = |of: fn(&Evidence) -> &str| texts(rows, of);
        let columns = vec![
            text(|e| &e.figure),
            text(|e| &e.period),
            text(|e| &e.value),
            text(|e| &e.issuer),
            text(|e| &e.document),
            days(rows.iter().map(|e| e.date)),
            text(|e| &e.source_text),
            text(|e| &e.source),
        ];
        self.put(Table::Evidence, rows.iter().map(|row| row.city.as_str()), columns).await
    }

    async fn put<'a>(
        &self,
        table: Table,
        cities: impl Iterator<Item = &'a str>,
        columns: Vec<ArrayRef>,
    ) -> Result<RegisterReport, LakeError> {
        let bad = |error: datafusion::arrow::error::ArrowError| LakeError::BadFile {
            file: table.name().to_owned(),
            why: error.to_string(),
        };
        let rows = RecordBatch::try_new(table.file_schema(), columns).map_err(bad)?;
        let mut by_city: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        for (row, city) in cities.enumerate() {
            let plain = city.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
            check_code(row, "city", city, plain && !city.is_empty())?;
            by_city.entry(city).or_default().push(row as u64);
        }
        let _turn = self.inner.writing.lock().await;
        for _ in 0..ATTEMPTS {
            let delta = self.newest(table).await?;
            let store = delta.object_store();
            let mut report = RegisterReport { rows: rows.num_rows(), version: version(&delta), ..Default::default() };
            let files = active_files(&delta)?;
            let mut actions = Vec::new();
            for (city, numbers) in &by_city {
                let own: Vec<&ActiveFile> = files
                    .iter()
                    .filter(|f| f.partition().get("city").cloned().flatten().as_deref() == Some(city))
                    .collect();
                let mut held = Vec::new();
                for file in &own {
                    held.extend(files::read(&*store, table, &file.path).await?);
                }
                let incoming = take_record_batch(&rows, &UInt64Array::from(numbers.clone())).map_err(bad)?;
                let (merged, changed) = merge(table, &held, &incoming, &mut report).map_err(bad)?;
                if matches!(table, Table::Station | Table::Target) {
                    report.overlapping.extend(overlapping(&merged));
                }
                if !changed {
                    continue;
                }
                let merged = files::sorted(table, &[merged])?;
                actions.push(Action::Add(files::write(&*store, table, &[("city", city)], &merged, true).await?));
                actions.extend(own.iter().map(|file| Action::Remove(file.view.remove_action(true))));
            }
            if actions.is_empty() {
                return Ok(report);
            }
            let operation = DeltaOperation::Write {
                mode: SaveMode::Append,
                partition_by: Some(vec!["city".to_owned()]),
                predicate: None,
            };
            match self.commit(table, &delta, actions, None, operation).await {
                Ok(version) => return Ok(RegisterReport { version, ..report }),
                Err(CommitError::Overtaken) => {}
                Err(CommitError::Failed(error)) => return Err(error),
            }
        }
        Err(LakeError::Contended { table: table.name(), attempts: ATTEMPTS })
    }
}

/// All rows after the incoming ones were put, and whether anything changed.
fn merge(
    table: Table,
    held: &[RecordBatch],
    incoming: &RecordBatch,
    report: &mut RegisterReport,
) -> Result<(RecordBatch, bool), datafusion::arrow::error::ArrowError> {
    let schema = table.file_schema();
    let held = concat_batches(&schema, held)?;
    let fields = |names: &[&str]| -> Vec<SortField> {
        schema
            .fields()
            .iter()
            .filter(|field| names.is_empty() || names.contains(&field.name().as_str()))
            .map(|field| SortField::new(field.data_type().clone()))
            .collect()
    };
    let pick = |batch: &RecordBatch, names: &[&str]| -> Vec<ArrayRef> {
        let chosen = |name: &String| names.is_empty() || names.contains(&name.as_str());
        let columns = schema.fields().iter().zip(batch.columns());
        columns.filter(|(field, _)| chosen(field.name())).map(|(_, column)| Arc::clone(column)).collect()
    };
    let key = table.register_key();
    let keys = RowConverter::new(fields(key))?;
    let wholes = RowConverter::new(fields(&[]))?;
    let held_keys = keys.convert_columns(&pick(&held, key))?;
    let held_wholes = wholes.convert_columns(&pick(&held, &[]))?;
    let keys_in = keys.convert_columns(&pick(incoming, key))?;
    let wholes_in = wholes.convert_columns(&pick(incoming, &[]))?;

    let mut last: HashMap<&[u8], usize> = HashMap::new();
    for row in 0..incoming.num_rows() {
        if last.insert(keys_in.row(row).data(), row).is_some() {
            report.repeated += 1;
        }
    }
    let mut kept: Vec<u64> = Vec::new();
    for row in 0..held.num_rows() {
        match last.get(held_keys.row(row).data()) {
            Some(&new) if wholes_in.row(new).data() != held_wholes.row(row).data() => report.changed += 1,
            Some(_) => {
                report.equal += 1;
                last.remove(held_keys.row(row).data());
                kept.push(row as u64);
            }
            None => kept.push(row as u64),
        }
    }
    if last.is_empty() {
        return Ok((held, false));
    }
    report.new += last.len() - (held.num_rows() - kept.len());
    let mut added: Vec<u64> = last.values().map(|&row| row as u64).collect();
    added.sort_unstable();
    let old = take_record_batch(&held, &UInt64Array::from(kept))?;
    let new = take_record_batch(incoming, &UInt64Array::from(added))?;
    Ok((concat_batches(&schema, [&old, &new])?, true))
}

/// Stations of which two rows of a city's register are in force on the same day.
fn overlapping(register: &RecordBatch) -> Vec<String> {
    let column = |name: &str| register.column_by_name(name).map(Arc::clone);
    let (Some(station), Some(from), Some(to)) = (column("station"), column("valid_from"), column("valid_to")) else {
        return Vec::new();
    };
    let (station, from, to) =
        (station.as_string::<i32>(), from.as_primitive::<Date32Type>(), to.as_primitive::<Date32Type>());
    let day = |days: &Date32Array, row: usize| days.is_valid(row).then(|| Day(days.value(row)));
    let mut terms: BTreeMap<&str, Vec<Term>> = BTreeMap::new();
    let mut twice = BTreeSet::new();
    for row in 0..register.num_rows() {
        let term = Term { from: day(from, row), to: day(to, row) };
        let others = terms.entry(station.value(row)).or_default();
        if others.iter().any(|other| other.overlaps(term)) {
            twice.insert(station.value(row).to_owned());
        }
        others.push(term);
    }
    twice.into_iter().collect()
}

fn check_term(row: usize, from: Option<Day>, to: Option<Day>) -> Result<(), LakeError> {
    if let (Some(from), Some(to)) = (from, to)
        && to <= from
    {
        let why = format!("ends on {to}, before it begins on {from}");
        return Err(LakeError::BadRow { row, field: "valid_to", value: to.to_string(), why });
    }
    Ok(())
}

fn check_code(row: usize, field: &'static str, value: &str, good: bool) -> Result<(), LakeError> {
    if good {
        return Ok(());
    }
    let why = "a code is not empty; that of a city has only letters, digits, '-' and '_'".to_owned();
    Err(LakeError::BadRow { row, field, value: value.to_owned(), why })
}

fn texts<T>(rows: &[T], of: fn(&T) -> &str) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(rows.iter().map(of)))
}

fn days(days: impl Iterator<Item = Option<Day>>) -> ArrayRef {
    Arc::new(days.map(|day| day.map(|day| day.0)).collect::<Date32Array>())
}
