//! A whole file as flat batches, decoded by several threads and handed on in the order of the file.
//!
//! Parquet is decoded by row group, FlatGeobuf and CSV by blocks, within a bounded memory; the other formats are read
//! whole first. What is done with a batch (`work`) runs on the decoding threads; what comes of it is taken in order.

use super::crs_text::DeclaredCrs;
use super::fgb;
use super::flat::{FlatBatch, FlatIds};
use super::parquet::{GeoColumn, geo_column};
use super::table::ShapeColumns;
use super::{Failure, Limits, ReadOptions, Refusal, Source, SpatialError, SpatialFormat, read_features};
use crate::{Findings, Place};
use datafusion::arrow::array::{Array, ArrayRef, AsArray as _};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Float64Type, Int64Type, Schema};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::parquet::arrow::ProjectionMask;
use datafusion::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Condvar, Mutex};

/// Rows decoded at once.
const BATCH_ROWS: usize = 8192;
/// Batches of one row group that wait for their turn.
const BATCHES_WAITING_MAX: usize = 4;
/// Parts that may be decoded before they are wanted, beside one for each thread.
const PARTS_AHEAD: usize = 2;
/// Shapes of a batch of the formats that are read whole.
const WHOLE_BATCH: usize = 4096;

/// A file whose shapes are read as flat batches.
pub struct FlatFile {
    crs: DeclaredCrs,
    name: String,
    kind: Kind,
}

enum Kind {
    Parquet { path: std::path::PathBuf, metadata: ArrowReaderMetadata, columns: Columns, id: Option<usize> },
    Fgb(Vec<u8>),
    Whole(super::FeatureTable),
}

#[derive(Clone, Copy)]
enum Columns {
    Wkb(usize),
    Wkt(usize),
    Pair(usize, usize),
}

impl Columns {
    fn list(self) -> Vec<usize> {
        match self {
            Self::Wkb(column) | Self::Wkt(column) => vec![column],
            Self::Pair(x, y) => vec![x, y],
        }
    }
}

impl FlatFile {
    /// Opens a file and reads what it declares.
    ///
    /// # Errors
    /// When it cannot be read, or is refused; the findings say why.
    pub fn open(path: &Path, findings: &mut Findings) -> Result<Self, SpatialError> {
        let name = path.display().to_string();
        findings.set_file(&name);
        let opened = Self::open_checked(path, &name, findings);
        opened.map_err(|failure| match failure {
            Opening::Done(error) => error,
            Opening::Failed(Failure::Io(source)) => SpatialError::Io { path: name, source },
            Opening::Failed(Failure::Refused(refusal)) => {
                findings
                    .report(refusal.code, Place { line: refusal.line, field: &refusal.field, value: &refusal.value });
                SpatialError::Refused { path: name, code: refusal.code }
            }
        })
    }

    fn open_checked(path: &Path, name: &str, findings: &mut Findings) -> Result<Self, Opening> {
        match SpatialFormat::of_name(name) {
            Some(SpatialFormat::Parquet) => Ok(Self::open_parquet(path, name)?),
            Some(SpatialFormat::FlatGeobuf) => {
                let content = std::fs::read(path).map_err(Failure::Io)?;
                let crs = fgb::Frames::open(&content).map_err(Failure::Refused)?.crs();
                Ok(Self { crs, name: name.to_owned(), kind: Kind::Fgb(content) })
            }
            _ => {
                let options = ReadOptions { limits: Limits::own_data(), ..ReadOptions::default() };
                let table = read_features(&Source::File(path), &options, findings).map_err(Opening::Done)?;
                Ok(Self { crs: table.crs.clone(), name: name.to_owned(), kind: Kind::Whole(table) })
            }
        }
    }

    fn open_parquet(path: &Path, name: &str) -> Result<Self, Failure> {
        let file = File::open(path)?;
        let form = |why: String| Refusal::file("parquet_form", &why);
        let metadata = ArrowReaderMetadata::load(&file, Default::default()).map_err(|error| form(error.to_string()))?;
        let header: Vec<String> = metadata.schema().fields().iter().map(|field| field.name().clone()).collect();
        let (columns, crs) = match geo_column(&metadata)? {
            Some(GeoColumn { column, crs }) => (Columns::Wkb(column), crs),
            None => match ShapeColumns::of(&header) {
                Some(ShapeColumns::Wkt(wkt)) => (Columns::Wkt(wkt), DeclaredCrs::Undeclared),
                Some(ShapeColumns::Pair(x, y)) => (Columns::Pair(x, y), DeclaredCrs::Undeclared),
                None => return Err(Refusal::file("shape_columns_missing", &header.join(",")).into()),
            },
        };
        let id = header.iter().position(|field| field == "id");
        let metadata = with_views(metadata, columns);
        Ok(Self { crs, name: name.to_owned(), kind: Kind::Parquet { path: path.to_owned(), metadata, columns, id } })
    }

    /// What the file declares.
    #[must_use]
    pub const fn crs(&self) -> &DeclaredCrs {
        &self.crs
    }

    /// Does `work` on every batch, on up to `threads` threads, and hands what comes of it to `take` in the order of the
    /// file. Shapes that cannot be read are findings and empty.
    ///
    /// # Errors
    /// When the file breaks off or is damaged.
    pub fn for_each<T: Send>(
        &self,
        threads: usize,
        findings: &mut Findings,
        work: impl Fn(&FlatBatch) -> T + Sync,
        mut take: impl FnMut(T),
    ) -> Result<(), SpatialError> {
        findings.set_file(&self.name);
        let mut broken = None;
        let mut shapes_refused = Findings::new();
        let deliver = |item: Decoded<T>| match item {
            Decoded::Batch { result, first_row, refused } => {
                for (number, code, value) in refused {
                    let line = Some(first_row + u64::from(number) + 1);
                    shapes_refused.report(code, Place { line, field: "", value: &value });
                }
                take(result);
            }
            Decoded::Broken(refusal) => {
                broken.get_or_insert(refusal);
            }
        };
        let done = |batch: FlatBatch| Decoded::Batch {
            result: work(&batch),
            first_row: batch.first_row,
            refused: batch.refused,
        };
        match &self.kind {
            Kind::Parquet { path, metadata, columns, id } => {
                let mut first_rows = Vec::new();
                let mut rows = 0u64;
                for group in metadata.metadata().row_groups() {
                    first_rows.push(rows);
                    rows += group.num_rows().unsigned_abs();
                }
                let decode = |group: usize, send: &dyn Fn(Decoded<T>) -> bool| {
                    let reader = GroupReader { path, metadata, columns: *columns, id: *id };
                    reader.decode(group, first_rows[group], &|item| match item {
                        Ok(batch) => send(done(batch)),
                        Err(refusal) => send(Decoded::Broken(refusal)),
                    });
                };
                in_order(first_rows.len(), threads, decode, deliver);
            }
            Kind::Fgb(content) => {
                let frames = fgb::Frames::open(content).map_err(|refusal| self.refused(&refusal, findings))?;
                let blocks = frames.blocks(WHOLE_BATCH).map_err(|refusal| self.refused(&refusal, findings))?;
                let decode = |block: usize, send: &dyn Fn(Decoded<T>) -> bool| {
                    send(match frames.flat(&blocks[block]) {
                        Ok(batch) => done(batch),
                        Err(refusal) => Decoded::Broken(refusal),
                    });
                };
                in_order(blocks.len(), threads, decode, deliver);
            }
            Kind::Whole(table) => {
                let id = table.field("id");
                let decode = |block: usize, send: &dyn Fn(Decoded<T>) -> bool| {
                    let first = block * WHOLE_BATCH;
                    let features = &table.features[first..table.features.len().min(first + WHOLE_BATCH)];
                    let mut batch = FlatBatch::new(first as u64);
                    features.iter().for_each(|feature| batch.push_geometry(feature.shape.as_ref()));
                    if let Some(id) = id {
                        batch.ids = FlatIds::Texts(features.iter().map(|feature| feature.values[id].clone()).collect());
                    }
                    send(done(batch));
                };
                in_order(table.features.len().div_ceil(WHOLE_BATCH), threads, decode, deliver);
            }
        }
        findings.absorb(shapes_refused);
        match broken {
            Some(refusal) => Err(self.refused(&refusal, findings)),
            None => Ok(()),
        }
    }

    fn refused(&self, refusal: &Refusal, findings: &mut Findings) -> SpatialError {
        findings.report(refusal.code, Place { line: refusal.line, field: &refusal.field, value: &refusal.value });
        SpatialError::Refused { path: self.name.clone(), code: refusal.code }
    }
}

enum Opening {
    Done(SpatialError),
    Failed(Failure),
}

impl From<Failure> for Opening {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

enum Decoded<T> {
    Batch { result: T, first_row: u64, refused: Vec<(u32, &'static str, String)> },
    Broken(Refusal),
}

/// Runs `decode` for each of `count` parts on up to `threads` threads; what they send arrives part by part.
fn in_order<T: Send>(
    count: usize,
    threads: usize,
    decode: impl Fn(usize, &dyn Fn(Decoded<T>) -> bool) + Sync,
    mut deliver: impl FnMut(Decoded<T>),
) {
    type Slot<T> = Mutex<Option<SyncSender<Decoded<T>>>>;
    let (senders, receivers): (Vec<Slot<T>>, Vec<Receiver<Decoded<T>>>) = (0..count)
        .map(|_| {
            let (sender, receiver) = sync_channel(BATCHES_WAITING_MAX);
            (Mutex::new(Some(sender)), receiver)
        })
        .unzip();
    let next = AtomicUsize::new(0);
    let threads = threads.clamp(1, count.max(1));
    let gate = Gate::default();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let part = next.fetch_add(1, Ordering::Relaxed);
                    let Some(slot) = senders.get(part) else { break };
                    gate.wait_for((part + 1).saturating_sub(threads + PARTS_AHEAD));
                    let Some(sender) = slot.lock().ok().and_then(|mut slot| slot.take()) else { break };
                    // The receiver is gone only when reading was given up.
                    let send = |item: Decoded<T>| sender.send(item).is_ok();
                    if catch_unwind(AssertUnwindSafe(|| decode(part, &send))).is_err() {
                        send(Decoded::Broken(Refusal::file("parquet_form", "the library gave up")));
                    }
                }
            });
        }
        // Whatever ends the delivery, nobody waits for it any longer.
        let opened = OpenAtEnd(&gate);
        for (part, receiver) in receivers.into_iter().enumerate() {
            receiver.into_iter().for_each(&mut deliver);
            gate.open(part + 1);
        }
        drop(opened);
    });
}

/// Keeps decoding from running far ahead of delivery: how many parts were delivered.
#[derive(Default)]
struct Gate {
    delivered: Mutex<usize>,
    changed: Condvar,
}

impl Gate {
    fn wait_for(&self, parts: usize) {
        let Ok(mut delivered) = self.delivered.lock() else { return };
        while *delivered < parts {
            match self.changed.wait(delivered) {
                Ok(next) => delivered = next,
                Err(_) => return,
            }
        }
    }

    fn open(&self, parts: usize) {
        if let Ok(mut delivered) = self.delivered.lock() {
            *delivered = parts.max(*delivered);
        }
        self.changed.notify_all();
    }
}

struct OpenAtEnd<'a>(&'a Gate);

impl Drop for OpenAtEnd<'_> {
    fn drop(&mut self) {
        self.0.open(usize::MAX);
    }
}

struct GroupReader<'a> {
    path: &'a Path,
    metadata: &'a ArrowReaderMetadata,
    columns: Columns,
    id: Option<usize>,
}

impl GroupReader<'_> {
    fn decode(&self, group: usize, first_row: u64, send: &dyn Fn(Result<FlatBatch, Refusal>) -> bool) {
        let mut wanted = self.columns.list();
        wanted.extend(self.id);
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), wanted.clone());
        wanted.sort_unstable();
        wanted.dedup();
        let form = |why: String, row: u64| Refusal::file("parquet_form", &why).at(Some(row + 1));
        // Each its own descriptor: clones of one share a position.
        let reader = File::open(self.path).map_err(Into::into).and_then(|file| {
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                .with_row_groups(vec![group])
                .with_projection(mask)
                .with_batch_size(BATCH_ROWS)
                .build()
        });
        let reader = match reader {
            Ok(reader) => reader,
            Err(error) => {
                send(Err(form(error.to_string(), first_row)));
                return;
            }
        };
        let mut row = first_row;
        for batch in reader {
            let flat = match batch {
                Ok(batch) => {
                    let flat = self.flat(&batch, &wanted, row).map_err(|why| form(why, row));
                    row += batch.num_rows() as u64;
                    flat
                }
                Err(error) => Err(form(error.to_string(), row)),
            };
            let ends = flat.is_err();
            if !send(flat) || ends {
                return;
            }
        }
    }

    fn flat(&self, batch: &RecordBatch, wanted: &[usize], first_row: u64) -> Result<FlatBatch, String> {
        let column = |number: usize| -> Result<&ArrayRef, String> {
            let at = wanted.iter().position(|&wanted| wanted == number).ok_or("column")?;
            Ok(batch.column(at))
        };
        let mut flat = FlatBatch::new(first_row);
        match self.columns {
            Columns::Wkb(wkb) => {
                let shapes = cast(column(wkb)?, &DataType::BinaryView).map_err(|error| error.to_string())?;
                let shapes = shapes.as_binary_view();
                let bytes: usize = shapes.lengths().map(|length| length as usize).sum();
                flat.coords.reserve(bytes / 16);
                for shape in shapes {
                    match shape {
                        Some(bytes) => flat.push_wkb(bytes),
                        None => flat.push_geometry(None),
                    }
                }
            }
            Columns::Wkt(wkt) => {
                let texts = cast(column(wkt)?, &DataType::Utf8View).map_err(|error| error.to_string())?;
                let mut budget = super::limits::Budget::new(Limits::own_data());
                for text in texts.as_string_view() {
                    match super::wkt::read_wkt(text.unwrap_or("POINT EMPTY"), &mut budget) {
                        Ok(shape) => flat.push_geometry(shape.as_ref()),
                        Err(refusal) => flat.refuse(refusal),
                    }
                }
            }
            Columns::Pair(x, y) => {
                let numbers = |column: &ArrayRef| cast(column, &DataType::Float64).map_err(|error| error.to_string());
                let (xs, ys) = (numbers(column(x)?)?, numbers(column(y)?)?);
                let (xs, ys) = (xs.as_primitive::<Float64Type>(), ys.as_primitive::<Float64Type>());
                flat.coords.reserve(xs.len());
                for row in 0..xs.len() {
                    if xs.is_null(row) || ys.is_null(row) {
                        flat.push_geometry(None);
                    } else {
                        flat.push_point(xs.value(row), ys.value(row));
                    }
                }
            }
        }
        if let Some(id) = self.id {
            let ids = column(id)?;
            flat.ids = if ids.data_type().is_integer() && *ids.data_type() != DataType::UInt64 && ids.null_count() == 0
            {
                let numbers = cast(ids, &DataType::Int64).map_err(|error| error.to_string())?;
                FlatIds::Numbers(numbers.as_primitive::<Int64Type>().values().to_vec())
            } else {
                FlatIds::Texts(super::parquet::texts(ids)?)
            };
        }
        Ok(flat)
    }
}

/// The same file with shapes as views of their pages, which spares a copy.
fn with_views(metadata: ArrowReaderMetadata, columns: Columns) -> ArrowReaderMetadata {
    let Columns::Wkb(column) = columns else { return metadata };
    let schema = metadata.schema();
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .enumerate()
        .map(|(n, field)| {
            let field = field.as_ref().clone();
            if n == column && *field.data_type() == DataType::Binary {
                field.with_data_type(DataType::BinaryView)
            } else {
                field
            }
        })
        .collect();
    let schema = Schema::new(fields).with_metadata(schema.metadata().clone());
    let options = ArrowReaderOptions::new().with_schema(schema.into());
    match ArrowReaderMetadata::try_new(metadata.metadata().clone(), options) {
        Ok(viewed) => viewed,
        Err(_) => metadata,
    }
}
