//! Data files: sorted Parquet with small row groups and pages, and the Delta actions that name them.

use crate::{LakeError, Table};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::{
    SortColumn, concat_batches, lexsort_to_indices, max, max_string, min, min_string, take_record_batch,
};
use datafusion::arrow::datatypes::{DataType, Date32Type, Float64Type, Int32Type, TimestampMicrosecondType};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties};
use deltalake::kernel::{Add, LogicalFileView};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A month of a station with six parameters has 4,464 rows: a row group holds two of them, a page a fifth of one.
const ROW_GROUP_ROWS: usize = 8_192;
const PAGE_ROWS: usize = 1_024;

/// A file of the active snapshot.
#[derive(Clone)]
pub(crate) struct ActiveFile {
    pub(crate) path: Path,
    pub(crate) size: u64,
    pub(crate) view: LogicalFileView,
    /// The least and the greatest `time` in it, when the log says so.
    pub(crate) times: Option<Range<i64>>,
}

impl ActiveFile {
    pub(crate) fn new(view: LogicalFileView) -> Self {
        let stats = view.stats().and_then(|text| serde_json::from_str::<Value>(&text).ok());
        let time = |side: &str| {
            let text = stats.as_ref()?.get(side)?.get("time")?.as_str()?;
            text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_microsecond)
        };
        let times = time("minValues").zip(time("maxValues")).map(|(least, most)| least..most + 1);
        Self { path: view.object_store_path(), size: u64::try_from(view.size()).unwrap_or(0), view, times }
    }

    /// Whether it may hold a row of these times.
    pub(crate) fn meets(&self, times: &Range<i64>) -> bool {
        self.times.as_ref().is_none_or(|own| own.start < times.end && times.start < own.end)
    }

    pub(crate) fn partition(&self) -> HashMap<String, Option<String>> {
        self.view.partition_values_map()
    }
}

/// Sorts the rows of a table's file.
pub(crate) fn sorted(table: Table, batches: &[RecordBatch]) -> Result<RecordBatch, LakeError> {
    let bad = |error: datafusion::arrow::error::ArrowError| LakeError::BadFile {
        file: table.name().to_owned(),
        why: error.to_string(),
    };
    let all = concat_batches(&table.file_schema(), batches).map_err(bad)?;
    let by: Vec<SortColumn> = table
        .sort_columns()
        .iter()
        .filter_map(|name| all.column_by_name(name))
        .map(|values| SortColumn { values: Arc::clone(values), options: None })
        .collect();
    let order = lexsort_to_indices(&by, None).map_err(bad)?;
    take_record_batch(&all, &order).map_err(bad)
}

/// Writes a sorted batch as one file of a partition and gives the action that adds it.
///
/// The bytes are read back (footer and row count) before they are put; the put is durable and never overwrites.
pub(crate) async fn write(
    store: &dyn ObjectStore,
    table: Table,
    partition: &[(&str, &str)],
    batch: &RecordBatch,
    data_change: bool,
) -> Result<Add, LakeError> {
    let folder: String = partition.iter().map(|(name, value)| format!("{name}={value}/")).collect();
    let file = format!("{folder}{}.parquet", file_name());
    let bad = |why: String| LakeError::BadFile { file: file.clone(), why };
    let bytes = encode(table, batch).map_err(|error| bad(error.to_string()))?;
    let read_back = ParquetRecordBatchReaderBuilder::try_new(bytes.clone()).map_err(|error| bad(error.to_string()))?;
    let rows = read_back.metadata().file_metadata().num_rows();
    if rows != batch.num_rows() as i64 {
        return Err(bad(format!("{rows} rows were encoded of {}", batch.num_rows())));
    }
    let size = bytes.len() as i64;
    let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
    store
        .put_opts(&Path::from(file.as_str()), bytes.into(), options)
        .await
        .map_err(LakeError::storage(format!("writing {file} of table {}", table.name())))?;
    Ok(Add {
        path: file,
        partition_values: partition.iter().map(|(k, v)| ((*k).to_owned(), Some((*v).to_owned()))).collect(),
        size,
        modification_time: jiff::Timestamp::now().as_millisecond(),
        data_change,
        stats: Some(stats(batch).to_string()),
        tags: None,
        deletion_vector: None,
        base_row_id: None,
        default_row_commit_version: None,
        clustering_provider: None,
    })
}

/// Reads a whole file.
pub(crate) async fn read(store: &dyn ObjectStore, table: Table, path: &Path) -> Result<Vec<RecordBatch>, LakeError> {
    let what = || format!("reading {path} of table {}", table.name());
    let bytes = store.get(path).await.map_err(LakeError::storage(what()))?;
    let bytes = bytes.bytes().await.map_err(LakeError::storage(what()))?;
    let bad = |why: String| LakeError::BadFile { file: path.to_string(), why };
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes)
        .and_then(|builder| builder.with_batch_size(ROW_GROUP_ROWS).build())
        .map_err(|error| bad(error.to_string()))?;
    let schema = table.file_schema();
    reader
        .map(|batch| {
            let batch = batch.map_err(|error| bad(error.to_string()))?;
            // Columns are only ever added: one that the file does not have yet is empty.
            let columns = schema
                .fields()
                .iter()
                .map(|field| match batch.column_by_name(field.name()) {
                    Some(column) => datafusion::arrow::compute::cast(column, field.data_type()),
                    None => Ok(datafusion::arrow::array::new_null_array(field.data_type(), batch.num_rows())),
                })
                .collect::<Result<Vec<ArrayRef>, _>>()
                .map_err(|error| bad(error.to_string()))?;
            RecordBatch::try_new(Arc::clone(&schema), columns).map_err(|error| bad(error.to_string()))
        })
        .collect()
}

fn encode(table: Table, batch: &RecordBatch) -> Result<bytes::Bytes, datafusion::parquet::errors::ParquetError> {
    let properties = WriterProperties::builder()
        .set_created_by(format!("yundang {}", env!("CARGO_PKG_VERSION")))
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_write_batch_size(PAGE_ROWS)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_column_dictionary_enabled("time".into(), false)
        .set_column_encoding("time".into(), datafusion::parquet::basic::Encoding::DELTA_BINARY_PACKED)
        .build();
    let mut buffer = Vec::with_capacity(batch.num_rows() * 8 + 4_096);
    let mut writer = ArrowWriter::try_new(&mut buffer, table.file_schema(), Some(properties))?;
    writer.write(batch)?;
    writer.close()?;
    Ok(buffer.into())
}

/// A name that no other file has: the process, its start and a count.
fn file_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = jiff::Timestamp::now().as_nanosecond() as u64;
    format!("{now:016x}-{:08x}-{:06x}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// The statistics of a Delta `add`: least and greatest values, and how many are null.
fn stats(batch: &RecordBatch) -> Value {
    let (mut least, mut most, mut nulls) = (Map::new(), Map::new(), Map::new());
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        nulls.insert(field.name().clone(), json!(array.null_count()));
        if let Some((low, high)) = bounds(array) {
            least.insert(field.name().clone(), low);
            most.insert(field.name().clone(), high);
        }
    }
    json!({"numRecords": batch.num_rows(), "minValues": least, "maxValues": most, "nullCount": nulls})
}

fn bounds(array: &ArrayRef) -> Option<(Value, Value)> {
    match array.data_type() {
        DataType::Utf8 => {
            let array = array.as_string::<i32>();
            Some((json!(min_string(array)?), json!(max_string(array)?)))
        }
        DataType::Float64 => {
            let array = array.as_primitive::<Float64Type>();
            Some((json!(min(array)?), json!(max(array)?)))
        }
        DataType::Int32 => {
            let array = array.as_primitive::<Int32Type>();
            Some((json!(min(array)?), json!(max(array)?)))
        }
        DataType::Date32 => {
            let array = array.as_primitive::<Date32Type>();
            let text = |day: i32| json!(norms::Day(day).to_string());
            Some((text(min(array)?), text(max(array)?)))
        }
        DataType::Timestamp(..) => {
            let array = array.as_primitive::<TimestampMicrosecondType>();
            // The protocol keeps milliseconds: round outwards.
            let low = min(array)?.div_euclid(1_000);
            let high = max(array)?.div_euclid(1_000) + i64::from(max(array)?.rem_euclid(1_000) != 0);
            let text = |ms: i64| jiff::Timestamp::from_millisecond(ms).ok().map(|t| json!(format!("{t:.3}")));
            Some((text(low)?, text(high)?))
        }
        _ => None,
    }
}
