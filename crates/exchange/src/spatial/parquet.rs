//! Parquet in: GeoParquet with WKB, or a plain table with `wkt` or two coordinate columns.

use super::crs_text::DeclaredCrs;
use super::limits::Refusal;
use super::wkb::read_wkb;
use super::{Collector, FeatureTable, ReadOptions, number_text, table};
use crate::{Findings, TextTable};
use datafusion::arrow::array::{Array, ArrayRef, AsArray as _};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder};
use serde_json::Value;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

const BATCH_ROWS: usize = 1024;

/// What the file's own description says about its shapes.
pub(crate) struct GeoColumn {
    pub(crate) column: usize,
    pub(crate) crs: DeclaredCrs,
}

/// The primary WKB column of a GeoParquet file; `None` when the file is none.
pub(crate) fn geo_column(metadata: &ArrowReaderMetadata) -> Result<Option<GeoColumn>, Refusal> {
    let pairs = metadata.metadata().file_metadata().key_value_metadata();
    let text = pairs.into_iter().flatten().find(|pair| pair.key == "geo").and_then(|pair| pair.value.as_deref());
    let Some(text) = text else { return Ok(None) };
    let form = |why: &str| Refusal::file("parquet_form", why);
    let geo: Value = serde_json::from_str(text).map_err(|error| form(&error.to_string()))?;
    let primary = geo.get("primary_column").and_then(Value::as_str).unwrap_or("geometry");
    let described = geo.get("columns").and_then(|columns| columns.get(primary));
    let encoding = described.and_then(|column| column.get("encoding")).and_then(Value::as_str).unwrap_or("WKB");
    if encoding != "WKB" {
        return Err(form(&format!("encoding {encoding}")));
    }
    // Absent is longitude and latitude by the standard; null says that nobody knows.
    let crs = match described.and_then(|column| column.get("crs")) {
        None => DeclaredCrs::Epsg(4326),
        Some(Value::Null) => DeclaredCrs::Undeclared,
        Some(value) => DeclaredCrs::of_projjson(value),
    };
    let column = metadata.schema().fields().iter().position(|field| field.name() == primary);
    column.map(|column| Some(GeoColumn { column, crs })).ok_or_else(|| form(primary))
}

pub(crate) fn read(file: File, options: &ReadOptions, findings: &mut Findings) -> Result<FeatureTable, Refusal> {
    // A damaged file can make the Parquet library panic; that refuses the file, not the program.
    catch_unwind(AssertUnwindSafe(|| read_checked(file, options, findings)))
        .unwrap_or_else(|_| Err(Refusal::file("parquet_form", "the Parquet library gave up")))
}

fn read_checked(file: File, options: &ReadOptions, findings: &mut Findings) -> Result<FeatureTable, Refusal> {
    let form = |why: String| Refusal::file("parquet_form", &why);
    let metadata = ArrowReaderMetadata::load(&file, Default::default()).map_err(|error| form(error.to_string()))?;
    let rows = metadata.metadata().file_metadata().num_rows();
    if u64::try_from(rows).map_or(true, |rows| rows > options.limits.features) {
        return Err(Refusal::file("features_many", &format!("{rows} > {}", options.limits.features)));
    }
    let unpacked: i64 = metadata.metadata().row_groups().iter().map(|group| group.total_byte_size().max(0)).sum();
    if unpacked.unsigned_abs() > options.limits.bytes.saturating_mul(4) {
        return Err(Refusal::file("file_large", &format!("{unpacked} bytes unpacked")));
    }
    let Some(GeoColumn { column: geometry, crs }) = geo_column(&metadata)? else {
        return table::read(TextTable::of_parquet(file, findings), options, findings);
    };
    let names: Vec<String> = metadata.schema().fields().iter().map(|field| field.name().clone()).collect();
    // The bounding boxes that GDAL and GeoPandas write beside the shapes are no attributes.
    let attributes: Vec<usize> = (0..names.len())
        .filter(|&n| n != geometry && !matches!(metadata.schema().field(n).data_type(), DataType::Struct(_)))
        .collect();
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
        .with_batch_size(BATCH_ROWS)
        .build()
        .map_err(|error| form(error.to_string()))?;
    let mut collector = Collector::new(options, findings);
    for batch in reader {
        let batch = batch.map_err(|error| form(error.to_string()).at(Some(collector.features.len() as u64 + 1)))?;
        let shapes = cast(batch.column(geometry), &DataType::LargeBinary).map_err(|error| form(error.to_string()))?;
        let shapes = shapes.as_binary::<i64>();
        let columns = attributes
            .iter()
            .map(|&column| texts(batch.column(column)))
            .collect::<Result<Vec<_>, _>>()
            .map_err(form)?;
        for row in 0..batch.num_rows() {
            let values = columns.iter().map(|column| column[row].clone()).collect();
            let shape = if shapes.is_null(row) { Ok(None) } else { read_wkb(shapes.value(row), &mut collector.budget) };
            collector.push(None, values, shape)?;
        }
    }
    Ok(FeatureTable {
        crs,
        fields: attributes.iter().map(|&column| names[column].trim_end().to_owned()).collect(),
        features: collector.features,
        name: String::new(),
        encoding: None,
    })
}

/// A column as text.
pub(crate) fn texts(column: &ArrayRef) -> Result<Vec<String>, String> {
    if column.data_type().is_floating() {
        let numbers = cast(column, &DataType::Float64).map_err(|error| error.to_string())?;
        let numbers = numbers.as_primitive::<Float64Type>();
        return Ok(numbers.iter().map(|number| number.map_or_else(String::new, number_text)).collect());
    }
    let options = FormatOptions::new()
        .with_timestamp_format(Some("%Y-%m-%dT%H:%M:%S%.f"))
        .with_datetime_format(Some("%Y-%m-%dT%H:%M:%S%.f"));
    let formatter = ArrayFormatter::try_new(column.as_ref(), &options).map_err(|error| error.to_string())?;
    Ok((0..column.len()).map(|row| formatter.value(row).to_string()).collect())
}
