//! Columns of Parquet as packed chunks: decoded by several threads, handed on in the order of the file.

use crate::columns::{
    CHUNK_ROWS, Cells, Chunk, LocalStations, NO_POLLUTANT, NO_ROW, Ranges, flag_is_valid, mask_bit, mask_of_text, pack,
    plausible_hour, read_hour,
};
use crate::layout::{Label, Layout, Shape};
use crate::{CellValue, Findings, Place, StationKey, read_value};
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, DictionaryArray, Float32Array, Float64Array, Int64Array, StringArray,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Fields, Int32Type, Int64Type, Schema, TimeUnit, UInt8Type};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::parquet::arrow::ProjectionMask;
use datafusion::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use norms::air::{Pollutant, TENTHS_FINE, TENTHS_MISSING};
use norms::{Hour, Measured, Parameters};
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Chunks of one row group that wait for their turn: about a million rows.
const CHUNKS_WAITING_MAX: usize = 16;

/// A Parquet file whose row groups are decoded by `threads` threads; chunks come in the order of the file.
pub(crate) struct ColumnFile {
    path: PathBuf,
    metadata: ArrowReaderMetadata,
    layout: Layout,
    mask: ProjectionMask,
    /// Place of each column of the table among the decoded ones.
    place: Vec<usize>,
    kinds: Vec<DataType>,
}

impl ColumnFile {
    /// The names of its columns.
    ///
    /// # Errors
    /// When the file is no Parquet.
    pub(crate) fn header(file: &File) -> Result<(ArrowReaderMetadata, Vec<String>), String> {
        let metadata = ArrowReaderMetadata::load(file, Default::default()).map_err(|error| error.to_string())?;
        let header = metadata.schema().fields().iter().map(|field| field.name().clone()).collect();
        Ok((metadata, header))
    }

    /// Checks the types of the columns. Those that cannot be used are findings; `None` when nothing can be read without
    /// them.
    pub(crate) fn new(
        path: &Path,
        metadata: ArrowReaderMetadata,
        mut layout: Layout,
        findings: &mut Findings,
    ) -> Option<Self> {
        let kinds: Vec<DataType> = metadata.schema().fields().iter().map(|field| field.data_type().clone()).collect();
        let text = |kind: &DataType| match kind {
            DataType::Dictionary(_, value) => value.is_string(),
            kind => kind.is_string(),
        };
        let mut needed = vec![(layout.station, Need::Station), (layout.time, Need::Time)];
        needed.extend(layout.city.map(|city| (city, Need::City)));
        match &layout.shape {
            Shape::Long { parameter, value, flag } => {
                needed.extend([(*parameter, Need::Text), (*value, Need::Value)]);
                needed.extend(flag.map(|flag| (flag, Need::Flag)));
            }
            Shape::Wide { columns, mask } => {
                for column in columns.iter().filter(|column| Pollutant::from_name(&column.parameter).is_some()) {
                    needed.push((column.column, Need::Value));
                    needed.extend(column.flag.map(|flag| (flag, Need::Flag)));
                }
                needed.extend(mask.map(|mask| (mask, Need::Flag)));
            }
        }
        let mut unfit = Vec::new();
        needed.retain(|(column, need)| {
            let kind = &kinds[*column];
            let fits = match need {
                Need::City => text(kind) || kind.is_integer(),
                Need::Station => text(kind) || kind.is_integer(),
                Need::Time => text(kind) || matches!(kind, DataType::Timestamp(_, None)),
                Need::Text => text(kind),
                Need::Value => text(kind) || kind.is_numeric() || kind.is_null(),
                Need::Flag => {
                    text(kind)
                        || kind.is_integer()
                        || kind.is_floating()
                        || matches!(kind, DataType::Null | DataType::Boolean)
                }
            };
            if !fits {
                let code = if matches!(kind, DataType::Timestamp(_, Some(_))) { "time_zone" } else { "column_type" };
                let place = Place { line: None, field: &layout.header[*column], value: &kind.to_string() };
                findings.report(code, place);
                unfit.push(*column);
            }
            fits
        });
        // A table can do without its cities and, when it is wide, without some of its values.
        layout.city = layout.city.filter(|city| !unfit.contains(city));
        let mut essential = vec![layout.station, layout.time];
        match &mut layout.shape {
            Shape::Long { parameter, value, flag } => essential.extend([*parameter, *value].into_iter().chain(*flag)),
            Shape::Wide { columns, mask } => {
                let fits = |column: &usize| !unfit.contains(column);
                columns.retain(|entry| fits(&entry.column) && entry.flag.as_ref().is_none_or(fits));
                essential.extend(*mask);
                if !columns.iter().any(|entry| Pollutant::from_name(&entry.parameter).is_some()) {
                    return None;
                }
            }
        }
        if essential.iter().any(|column| unfit.contains(column)) {
            return None;
        }
        let mut decoded: Vec<usize> = needed.iter().map(|(column, _)| *column).collect();
        decoded.sort_unstable();
        decoded.dedup();
        let mut place = vec![usize::MAX; kinds.len()];
        decoded.iter().enumerate().for_each(|(at, column)| place[*column] = at);
        let mask = ProjectionMask::roots(metadata.parquet_schema(), decoded);
        let metadata = with_texts_as_dictionaries(metadata);
        Some(Self { path: path.to_owned(), metadata, layout, mask, place, kinds })
    }

    /// Hands every chunk to `use_chunk`, in the order of the file.
    pub(crate) fn for_each_chunk(
        &self,
        parameters: &Parameters,
        ranges: &Ranges,
        threads: usize,
        mut use_chunk: impl FnMut(Chunk),
    ) {
        let groups = self.metadata.metadata().num_row_groups();
        let mut first_rows = Vec::with_capacity(groups);
        let mut rows = 1;
        for group in self.metadata.metadata().row_groups() {
            first_rows.push(rows);
            rows += group.num_rows().unsigned_abs();
        }
        let (senders, receivers): (Vec<_>, Vec<Receiver<Chunk>>) = (0..groups)
            .map(|_| {
                let (sender, receiver) = sync_channel(CHUNKS_WAITING_MAX);
                (Mutex::new(Some(sender)), receiver)
            })
            .unzip();
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..threads.clamp(1, groups.max(1)) {
                scope.spawn(|| {
                    loop {
                        let group = next.fetch_add(1, Ordering::Relaxed);
                        let Some(slot) = senders.get(group) else { break };
                        let sender = slot.lock().ok().and_then(|mut slot| slot.take());
                        let Some(sender) = sender else { break };
                        let decode = || self.decode_group(group, first_rows[group], parameters, ranges, &sender);
                        // A damaged file can make the Parquet library panic; that ends this group, not the program.
                        if catch_unwind(AssertUnwindSafe(decode)).is_err() {
                            let _ = sender.send(broken(first_rows[group], "the Parquet library gave up"));
                        }
                    }
                });
            }
            for receiver in receivers {
                receiver.into_iter().for_each(&mut use_chunk);
            }
        });
    }

    fn decode_group(
        &self,
        group: usize,
        first_row: u64,
        parameters: &Parameters,
        ranges: &Ranges,
        sender: &SyncSender<Chunk>,
    ) {
        // Each its own descriptor: clones of one share a position, and threads would read each other's pages.
        let reader = File::open(&self.path).map_err(Into::into).and_then(|file| {
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                .with_row_groups(vec![group])
                .with_projection(self.mask.clone())
                .with_batch_size(CHUNK_ROWS)
                .build()
        });
        let reader = match reader {
            Ok(reader) => reader,
            Err(error) => {
                // The receiver is gone only when the reading was given up.
                let _ = sender.send(broken(first_row, &error.to_string()));
                return;
            }
        };
        let mut line = first_row;
        for batch in reader {
            let chunk = match batch {
                Ok(batch) => {
                    let chunk = self.chunk_of(&batch, line, parameters, ranges);
                    line += batch.num_rows() as u64;
                    chunk
                }
                Err(error) => broken(line, &error.to_string()),
            };
            if sender.send(chunk).is_err() {
                return;
            }
        }
    }

    fn chunk_of(&self, batch: &RecordBatch, first_line: u64, parameters: &Parameters, ranges: &Ranges) -> Chunk {
        let mut chunk = Chunk { first_line, ..Chunk::default() };
        let column = |number: usize| batch.column(self.place[number]);
        self.read_hours(column(self.layout.time), &mut chunk);
        self.read_stations(column(self.layout.station), self.layout.city.map(column), &mut chunk);
        let rows = batch.num_rows();
        match &self.layout.shape {
            Shape::Wide { columns, mask } => {
                let mut wide = vec![[TENTHS_MISSING; Pollutant::COUNT]; rows];
                let masks = mask.map(|mask| read_mask(column(mask), &self.layout.header[mask], &mut chunk));
                for entry in columns {
                    let Some(pollutant) = Pollutant::from_name(&entry.parameter) else { continue };
                    let mut values = Values::of(column(entry.column), rows, entry.factor);
                    if let Some(masks) = &masks {
                        let bit = mask_bit(pollutant);
                        values.blank(masks.iter().map(|mask| mask & bit != 0));
                    }
                    if let Some(flag) = entry.flag {
                        let invalid = read_flags(column(flag));
                        values.blank(invalid.into_iter());
                    }
                    let number = pollutant.number();
                    let highest = ranges.highest_tenths(number);
                    for (row, (packed, &tenths)) in wide.iter_mut().zip(&values.tenths).enumerate() {
                        packed[number] = if tenths <= highest || tenths == TENTHS_MISSING {
                            tenths
                        } else {
                            let field = &self.layout.header[entry.column];
                            chunk.slow_value(row, pollutant, &values, field, ranges)
                        };
                    }
                }
                chunk.exact.sort_by_key(|(row, pollutant, _)| (*row, *pollutant));
                chunk.cells = Cells::Wide(wide);
            }
            Shape::Long { parameter, value, flag } => {
                let names =
                    pollutant_numbers(column(*parameter), parameters, &self.layout.header[*parameter], &mut chunk);
                let mut values = Values::of(column(*value), rows, Measured::whole(1));
                if let Some(flag) = flag {
                    let invalid = read_flags(column(*flag));
                    values.blank(invalid.into_iter());
                }
                let highest = std::array::from_fn::<u16, 256, _>(|number| {
                    if number < Pollutant::COUNT { ranges.highest_tenths(number) } else { TENTHS_MISSING }
                });
                for row in 0..rows {
                    let tenths = values.tenths[row];
                    if tenths > highest[usize::from(names[row])] && tenths != TENTHS_MISSING {
                        let pollutant = Pollutant::ALL[usize::from(names[row])];
                        values.tenths[row] =
                            chunk.slow_value(row, pollutant, &values, &self.layout.header[*value], ranges);
                    }
                }
                chunk.cells = Cells::Long(names, values.tenths);
            }
        }
        chunk
    }

    fn read_hours(&self, column: &ArrayRef, chunk: &mut Chunk) {
        let field = &self.layout.header[self.layout.time];
        let rows = column.len();
        chunk.hour.reserve(rows);
        chunk.station.resize(rows, 0);
        let shift = i64::from(self.layout.label == Label::End);
        if let DataType::Timestamp(unit, _) = column.data_type() {
            let per_hour = match unit {
                TimeUnit::Second => 3_600,
                TimeUnit::Millisecond => 3_600_000,
                TimeUnit::Microsecond => 3_600_000_000,
                TimeUnit::Nanosecond => 3_600_000_000_000,
            };
            let Ok(counts) = cast(column, &DataType::Int64) else { return };
            let counts: &Int64Array = counts.as_primitive::<Int64Type>();
            let hour_of = |count: i64| {
                let hours = count.div_euclid(per_hour);
                if hours * per_hour != count {
                    return Err("time_not_hour");
                }
                i32::try_from(hours - shift).map_err(|_| "time_absurd").and_then(|hour| plausible_hour(Hour(hour)))
            };
            if counts.null_count() > 0 {
                for (row, count) in counts.iter().enumerate() {
                    let hour = count.map_or(Err("time_missing"), hour_of);
                    chunk.push_hour(hour, row, field, || count.unwrap_or_default().to_string());
                }
                return;
            }
            // Times mostly stand still or go on by an hour; only a jump is divided.
            let (mut last, mut hour) = (0, Err("time_missing"));
            for run in counts.values().chunk_by(|one, next| one == next) {
                let step = run[0].wrapping_sub(last);
                last = run[0];
                hour = match hour {
                    Ok(Hour(before)) if step == per_hour => plausible_hour(Hour(before + 1)),
                    _ => hour_of(last),
                };
                match hour {
                    Ok(hour) => chunk.hour.extend(std::iter::repeat_n(hour, run.len())),
                    Err(_) => {
                        for _ in run {
                            chunk.push_hour(hour, chunk.hour.len(), field, || last.to_string());
                        }
                    }
                }
            }
        } else {
            let texts = as_texts(column);
            for row in 0..rows {
                let text = if texts.is_null(row) { "" } else { texts.value(row) };
                chunk.push_hour(read_hour(text, self.layout.label), row, field, || text.to_owned());
            }
        }
    }

    fn read_stations(&self, column: &ArrayRef, city: Option<&ArrayRef>, chunk: &mut Chunk) {
        let field = &self.layout.header[self.layout.station];
        let cities = city.map(as_texts);
        let city_of = |row: usize| {
            let cities = cities.as_ref()?;
            (!cities.is_null(row) && !cities.value(row).is_empty()).then(|| cities.value(row).to_owned())
        };
        let mut stations = LocalStations::default();
        let mut missing = Vec::new();
        if self.kinds[self.layout.station].is_integer() {
            let rows = &mut chunk.station;
            if let Some(keys) = column.as_primitive_opt::<Int32Type>() {
                stations.number_rows(keys.values().iter().map(|&key| i64::from(key)), rows, city_of);
            } else {
                let Ok(keys) = cast(column, &DataType::Int64) else { return };
                stations.number_rows(keys.as_primitive::<Int64Type>().values().iter().copied(), rows, city_of);
            }
            missing.extend(null_rows(column));
        } else {
            let Some(keys) = as_dictionary(column) else { return };
            let names = as_texts(keys.values());
            let mut numbers = vec![NO_ROW; names.len()];
            for row in 0..keys.len() {
                let Some(key) = keys.key(row).filter(|&key| !names.is_null(key) && !names.value(key).trim().is_empty())
                else {
                    missing.push(row);
                    continue;
                };
                if numbers[key] == NO_ROW {
                    numbers[key] = stations.number(StationKey::of_text(names.value(key).trim()), || city_of(row));
                }
                if chunk.station[row] != NO_ROW {
                    chunk.station[row] = numbers[key];
                }
            }
        }
        for row in missing {
            chunk.station[row] = NO_ROW;
            let place = Place { line: Some(chunk.first_line + row as u64), field, value: "" };
            chunk.findings.report("station_missing", place);
        }
        chunk.stations = stations.list;
    }
}

/// No rows, and the finding that the file breaks off.
fn broken(line: u64, error: &str) -> Chunk {
    let mut chunk = Chunk { first_line: line, ..Chunk::default() };
    chunk.findings.report("file_cut", Place { line: Some(line), field: "", value: error });
    chunk
}

enum Need {
    Station,
    Time,
    City,
    Text,
    Value,
    Flag,
}

impl Chunk {
    #[inline]
    fn push_hour(&mut self, hour: Result<Hour, &'static str>, row: usize, field: &str, value: impl FnOnce() -> String) {
        match hour {
            Ok(hour) => self.hour.push(hour),
            Err(code) => {
                self.hour.push(Hour(0));
                self.station[row] = NO_ROW;
                let place = Place { line: Some(self.first_line + row as u64), field, value: &value() };
                self.findings.report(code, place);
            }
        }
    }

    /// A value that is not simply a plausible number of tenths.
    fn slow_value(&mut self, row: usize, pollutant: Pollutant, values: &Values, field: &str, ranges: &Ranges) -> u16 {
        if self.station[row] == NO_ROW {
            return TENTHS_MISSING;
        }
        let read = values.read(row);
        let checked = match read {
            CellValue::None => return TENTHS_MISSING,
            CellValue::Bad => Err("value_form"),
            CellValue::Value(value) => ranges.check(pollutant, value),
            CellValue::BelowDetection(limit) => ranges.check(pollutant, limit.below_detection()),
        };
        match checked {
            Ok(value) => pack(value).unwrap_or_else(|| {
                self.exact.push((row as u32, pollutant, value));
                TENTHS_FINE
            }),
            Err(code) => {
                let place = Place { line: Some(self.first_line + row as u64), field, value: &values.shown(row) };
                self.findings.report(code, place);
                TENTHS_MISSING
            }
        }
    }
}

/// A column of values: tenths where that is exact, [`TENTHS_FINE`] where one must look again.
struct Values {
    source: ValueSource,
    tenths: Vec<u16>,
    /// What the column is multiplied with.
    factor: Measured,
}

enum ValueSource {
    Doubles(Float64Array),
    Singles(Float32Array),
    Texts(StringArray),
    None,
}

impl Values {
    fn of(column: &ArrayRef, rows: usize, factor: Measured) -> Self {
        let source = match column.data_type() {
            DataType::Null => ValueSource::None,
            DataType::Float32 => ValueSource::Singles(column.as_primitive().clone()),
            kind if kind.is_numeric() => match cast(column, &DataType::Float64) {
                Ok(doubles) => ValueSource::Doubles(doubles.as_primitive().clone()),
                Err(_) => ValueSource::None,
            },
            _ => ValueSource::Texts(as_texts(column)),
        };
        let mut tenths: Vec<u16> = match &source {
            ValueSource::Doubles(doubles) => {
                doubles.values().iter().map(|&value| tenths_of(value, |tenths| tenths / 10.0 == value)).collect()
            }
            ValueSource::Singles(singles) => {
                // A single float stands for the decimal that rounds to it.
                #[expect(clippy::cast_possible_truncation, reason = "the rounding is the test")]
                let one = |&value: &f32| tenths_of(f64::from(value), |tenths| (tenths / 10.0) as f32 == value);
                singles.values().iter().map(one).collect()
            }
            ValueSource::Texts(texts) => vec![TENTHS_FINE; texts.len()],
            ValueSource::None => vec![TENTHS_MISSING; rows],
        };
        if factor != Measured::whole(1) {
            tenths.fill(TENTHS_FINE);
        }
        null_rows(column).for_each(|row| tenths[row] = TENTHS_MISSING);
        Self { source, tenths, factor }
    }

    fn blank(&mut self, invalid: impl Iterator<Item = bool>) {
        for (cell, invalid) in self.tenths.iter_mut().zip(invalid) {
            // Without a jump, so that many cells go at once: TENTHS_MISSING has every bit.
            *cell |= if invalid { TENTHS_MISSING } else { 0 };
        }
    }

    fn read(&self, row: usize) -> CellValue {
        let read = match &self.source {
            ValueSource::Doubles(doubles) if doubles.value(row).is_nan() => CellValue::None,
            ValueSource::Doubles(doubles) => {
                Measured::from_f64(doubles.value(row)).map_or(CellValue::Bad, CellValue::Value)
            }
            ValueSource::Singles(singles) if singles.value(row).is_nan() => CellValue::None,
            ValueSource::Singles(singles) => read_value(&singles.value(row).to_string()),
            ValueSource::Texts(texts) => read_value(texts.value(row)),
            ValueSource::None => CellValue::None,
        };
        read.times(self.factor)
    }

    fn shown(&self, row: usize) -> String {
        match &self.source {
            ValueSource::Doubles(doubles) => doubles.value(row).to_string(),
            ValueSource::Singles(singles) => singles.value(row).to_string(),
            ValueSource::Texts(texts) => texts.value(row).to_owned(),
            ValueSource::None => String::new(),
        }
    }
}

/// The number of tenths that a float was written as, or [`TENTHS_FINE`].
///
/// Adding 1.5·2⁵² leaves the nearest whole number in the low bits of the float: no conversion, and eight at a time.
#[inline]
fn tenths_of(value: f64, is_same: impl Fn(f64) -> bool) -> u16 {
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    let shifted = value * 10.0 + SHIFT;
    let nearest = shifted - SHIFT;
    let exact = is_same(nearest) && nearest >= 0.0 && nearest < f64::from(TENTHS_FINE);
    #[expect(clippy::cast_possible_truncation, reason = "the low bits are wanted")]
    let low = shifted.to_bits() as u16;
    if exact { low } else { TENTHS_FINE }
}

/// Rows of a column that hold nothing.
fn null_rows(column: &dyn Array) -> impl Iterator<Item = usize> {
    let nulls = column.logical_nulls().filter(|nulls| nulls.null_count() > 0).map(|nulls| !nulls.inner());
    nulls.into_iter().flat_map(|nulls| nulls.set_indices().collect::<Vec<_>>())
}

/// Lets the columns of text come as dictionaries, which is how most files hold them, instead of a text for each row.
fn with_texts_as_dictionaries(metadata: ArrowReaderMetadata) -> ArrowReaderMetadata {
    let schema = metadata.schema();
    let fields = schema.fields().iter().map(|field| match field.data_type() {
        DataType::Dictionary(_, value) if value.is_string() => field.as_ref().clone().with_data_type(text_dictionary()),
        kind if kind.is_string() => field.as_ref().clone().with_data_type(text_dictionary()),
        _ => field.as_ref().clone(),
    });
    let wanted = Schema::new_with_metadata(fields.collect::<Fields>(), schema.metadata().clone());
    let options = ArrowReaderOptions::new().with_schema(wanted.into());
    ArrowReaderMetadata::try_new(metadata.metadata().clone(), options).unwrap_or(metadata)
}

fn text_dictionary() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// Texts of any string column; nulls where it is none.
fn as_texts(column: &ArrayRef) -> StringArray {
    match cast(column, &DataType::Utf8) {
        Ok(texts) => texts.as_string::<i32>().clone(),
        Err(_) => StringArray::new_null(column.len()),
    }
}

fn as_dictionary(column: &ArrayRef) -> Option<DictionaryArray<Int32Type>> {
    let dictionary = cast(column, &text_dictionary()).ok()?;
    Some(dictionary.as_dictionary::<Int32Type>().clone())
}

/// The pollutant number of each row of a long table.
fn pollutant_numbers(column: &ArrayRef, parameters: &Parameters, field: &str, chunk: &mut Chunk) -> Vec<u8> {
    const UNKNOWN: u8 = NO_POLLUTANT - 1;
    let rows = column.len();
    let Some(keys) = as_dictionary(column) else { return vec![NO_POLLUTANT; rows] };
    let names = as_texts(keys.values());
    let numbers: Vec<u8> = (0..names.len())
        .map(|key| {
            let found = (!names.is_null(key)).then(|| parameters.find("air", names.value(key))).flatten();
            match found {
                None => UNKNOWN,
                Some(found) => {
                    Pollutant::from_name(&found.parameter).map_or(NO_POLLUTANT, |pollutant| pollutant.number() as u8)
                }
            }
        })
        .collect();
    let mut of_row: Vec<u8> = if keys.null_count() == 0 {
        keys.keys().values().iter().map(|&key| numbers[key as usize]).collect()
    } else {
        (0..rows).map(|row| keys.key(row).map_or(UNKNOWN, |key| numbers[key])).collect()
    };
    if numbers.contains(&UNKNOWN) || keys.null_count() > 0 {
        for (row, number) in of_row.iter_mut().enumerate().filter(|(_, number)| **number == UNKNOWN) {
            *number = NO_POLLUTANT;
            if chunk.station[row] != NO_ROW {
                let name = keys.key(row).filter(|&key| !names.is_null(key)).map_or("", |key| names.value(key));
                let place = Place { line: Some(chunk.first_line + row as u64), field, value: name };
                chunk.findings.report("parameter_unknown", place);
            }
        }
    }
    of_row
}

/// Whether each row is flagged invalid.
fn read_flags(column: &ArrayRef) -> Vec<bool> {
    match column.data_type() {
        DataType::Null => vec![false; column.len()],
        DataType::UInt8 if column.null_count() == 0 => {
            column.as_primitive::<UInt8Type>().values().iter().map(|&flag| flag != 0).collect()
        }
        DataType::Boolean => column.as_boolean().iter().map(|flag| flag == Some(true)).collect(),
        kind if kind.is_integer() => match cast(column, &DataType::Int64) {
            Ok(flags) => {
                flags.as_primitive::<Int64Type>().iter().map(|flag| flag.is_some_and(|flag| flag != 0)).collect()
            }
            Err(_) => vec![true; column.len()],
        },
        _ => {
            let texts = as_texts(column);
            (0..texts.len()).map(|row| !texts.is_null(row) && !flag_is_valid(texts.value(row))).collect()
        }
    }
}

/// The bit mask of each row of a wide table: an integer, or a text that concerns the whole row.
fn read_mask(column: &ArrayRef, field: &str, chunk: &mut Chunk) -> Vec<u8> {
    let mut wrong = |row: usize, mask: &str| {
        let place = Place { line: Some(chunk.first_line + row as u64), field, value: mask };
        chunk.findings.report("flag_form", place);
        u8::MAX
    };
    if !column.data_type().is_integer() {
        if matches!(column.data_type(), DataType::Boolean | DataType::Null) {
            return read_flags(column).into_iter().map(|invalid| if invalid { u8::MAX } else { 0 }).collect();
        }
        let texts = as_texts(column);
        let mask = |(row, text): (usize, Option<&str>)| {
            let text = text.unwrap_or_default();
            mask_of_text(text).unwrap_or_else(|| wrong(row, text))
        };
        return texts.iter().enumerate().map(mask).collect();
    }
    if column.data_type() == &DataType::UInt8 && column.null_count() == 0 {
        let masks = column.as_primitive::<UInt8Type>().values();
        if masks.iter().all(|&mask| mask < 64) {
            return masks.to_vec();
        }
    }
    let Ok(masks) = cast(column, &DataType::Int64) else { return vec![u8::MAX; column.len()] };
    let masks = masks.as_primitive::<Int64Type>();
    (0..masks.len())
        .map(|row| {
            let mask = if masks.is_null(row) { 0 } else { masks.value(row) };
            u8::try_from(mask).ok().filter(|&mask| mask < 64).unwrap_or_else(|| wrong(row, &mask.to_string()))
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails says where")]
mod tests {
    use crate::{Findings, GatherOptions, GatheredHours, Label, TableFormat, gather};
    use datafusion::arrow::array::{
        ArrayRef, BinaryArray, BooleanArray, Date32Array, DictionaryArray, Float32Array, Float64Array, Int16Array,
        Int64Array, LargeStringArray, StringArray, StringViewArray, TimestampMicrosecondArray,
        TimestampNanosecondArray, TimestampSecondArray, UInt8Array,
    };
    use datafusion::arrow::datatypes::Int8Type;
    use datafusion::arrow::record_batch::RecordBatch;
    use datafusion::parquet::arrow::ArrowWriter;
    use norms::{Hour, Measured, NormFile, air::Pollutant};
    use std::sync::Arc;

    /// Ends of the hours 2022-01-01 01:00 and 02:00, in seconds.
    const ENDS: [i64; 2] = [1_640_998_800, 1_641_002_400];

    /// What became of a file: its hours, and the findings with row and column.
    fn read(columns: Vec<(&str, ArrayRef)>) -> (GatheredHours, Vec<(String, Option<u64>, String)>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("in.parquet");
        let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true))).unwrap();
        let mut writer = ArrowWriter::try_new(std::fs::File::create(&path).unwrap(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let file = |path: &str, text: &str| NormFile { path: path.to_owned(), text: text.to_owned() };
        let parameters =
            norms::Parameters::load(&file("parameters.csv", include_str!("../../../norms/parameters.csv")));
        let parameters = parameters.unwrap();
        let mut findings = Findings::new();
        let options = GatherOptions {
            input: path.to_str().unwrap(),
            format: Some(TableFormat::Parquet),
            label: Label::End,
            mapping: None,
            memory_bytes: 1 << 20,
            threads: 2,
        };
        let gathered = gather(options, &parameters, &mut findings).unwrap();
        let found: Vec<serde_json::Value> =
            findings.kept().iter().map(|found| serde_json::to_value(found).unwrap()).collect();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        (
            gathered,
            found.iter().map(|found| (text(&found["code"]), found["line"].as_u64(), text(&found["field"]))).collect(),
        )
    }

    #[test]
    fn all_common_types_say_the_same() {
        let times: [ArrayRef; 5] = [
            Arc::new(TimestampSecondArray::from(ENDS.to_vec())),
            Arc::new(TimestampMicrosecondArray::from(ENDS.map(|end| end * 1_000_000).to_vec())),
            Arc::new(TimestampNanosecondArray::from(ENDS.map(|end| end * 1_000_000_000).to_vec())),
            Arc::new(StringArray::from(vec!["2022-01-01T01:00", "2022-01-01 02:00:00"])),
            Arc::new(LargeStringArray::from(vec!["2022-01-01T01:00", "2022-01-01T02:00"])),
        ];
        let stations: [ArrayRef; 4] = [
            Arc::new(StringArray::from(vec!["7", "7"])),
            Arc::new(StringViewArray::from(vec!["7", "7"])),
            Arc::new(["7", "7"].into_iter().collect::<DictionaryArray<Int8Type>>()),
            Arc::new(Int16Array::from(vec![7, 7])),
        ];
        let values: [ArrayRef; 4] = [
            Arc::new(Float64Array::from(vec![Some(3.1), None])),
            Arc::new(Float32Array::from(vec![Some(3.1), Some(f32::NAN)])),
            Arc::new(StringArray::from(vec!["3.1", "--"])),
            Arc::new(StringViewArray::from(vec![Some("3.1"), None])),
        ];
        let flags: [ArrayRef; 3] = [
            Arc::new(StringArray::from(vec![Some("N"), None])),
            Arc::new(BooleanArray::from(vec![false, false])),
            Arc::new(UInt8Array::from(vec![0, 0])),
        ];
        for number in 0..12 {
            let pick = |columns: &[ArrayRef]| columns[number % columns.len()].clone();
            let (mut gathered, found) = read(vec![
                ("station", pick(&stations)),
                ("time", pick(&times)),
                ("flag_co", pick(&flags)),
                ("CO", pick(&values)),
            ]);
            assert_eq!(found, [], "{number}");
            let hours = gathered.take(0, |_, _, _, _| ()).unwrap();
            assert_eq!(
                hours.value(Hour::ending("2022-01-01T01:00").unwrap(), Pollutant::Co),
                Some(Measured::tenths(31))
            );
            assert_eq!(hours.value(Hour::ending("2022-01-01T02:00").unwrap(), Pollutant::Co), None);
        }
    }

    #[test]
    fn types_that_cannot_be_meant_are_findings_with_their_column() {
        let station: ArrayRef = Arc::new(StringArray::from(vec!["A", "A"]));
        let time: ArrayRef = Arc::new(TimestampSecondArray::from(ENDS.to_vec()));
        let value: ArrayRef = Arc::new(Int64Array::from(vec![4, 5]));
        let zoned = TimestampSecondArray::from(ENDS.to_vec()).with_timezone("+08:00");
        let wrong: [(usize, &str, ArrayRef); 6] = [
            (0, "column_type", Arc::new(Float64Array::from(vec![1.5, 2.5]))),
            (0, "column_type", Arc::new(BinaryArray::from(vec![b"A".as_slice(), b"A"]))),
            (1, "time_zone", Arc::new(zoned)),
            (1, "column_type", Arc::new(Int64Array::from(ENDS.to_vec()))),
            (1, "column_type", Arc::new(Date32Array::from(vec![18_993, 18_993]))),
            (2, "column_type", Arc::new(BooleanArray::from(vec![true, false]))),
        ];
        for (at, code, column) in wrong {
            let mut columns = vec![("station", station.clone()), ("time", time.clone()), ("SO2", value.clone())];
            columns[at].1 = column;
            let name = columns[at].0.to_owned();
            let (gathered, found) = read(columns);
            assert!(gathered.keys().is_empty());
            assert_eq!(found, [(code.to_owned(), None, name)]);
        }
    }

    #[test]
    fn a_mask_is_the_same_in_every_type() {
        let masks: [ArrayRef; 4] = [
            Arc::new(UInt8Array::from(vec![1, 2])),
            Arc::new(Int64Array::from(vec![1, 2])),
            Arc::new(Float64Array::from(vec![1.0, 2.0])),
            Arc::new(StringArray::from(vec!["1", "2"])),
        ];
        for mask in masks {
            let (mut gathered, found) = read(vec![
                ("station", Arc::new(StringArray::from(vec!["A", "A"]))),
                ("time", Arc::new(TimestampSecondArray::from(ENDS.to_vec()))),
                ("SO2", Arc::new(Int64Array::from(vec![3, 3]))),
                ("flag", mask),
            ]);
            assert_eq!(found, []);
            let hours = gathered.take(0, |_, _, _, _| ()).unwrap();
            let values = ["2022-01-01T01:00", "2022-01-01T02:00"]
                .map(|end| hours.value(Hour::ending(end).unwrap(), Pollutant::So2));
            assert_eq!(values, [None, Some(Measured::whole(3))]);
        }
    }

    #[test]
    fn a_column_that_is_not_needed_does_not_cost_the_others() {
        let texts = |one: &str, two: &str| -> ArrayRef { Arc::new(StringArray::from(vec![one, two])) };
        let (mut gathered, found) = read(vec![
            ("station", texts("A", "B")),
            ("time", Arc::new(TimestampSecondArray::from(ENDS.to_vec()))),
            ("city", Arc::new(Int64Array::from(vec![350_200, 350_200]))),
            ("SO2", Arc::new(BooleanArray::from(vec![true, false]))),
            ("NO2", Arc::new(Int64Array::from(vec![4, 5]))),
        ]);
        assert_eq!(found, [("column_type".to_owned(), None, "SO2".to_owned())]);
        assert_eq!(gathered.city(0), Some("350200"));
        let hours = gathered.take(0, |_, _, _, _| ()).unwrap();
        let hour = Hour::ending("2022-01-01T01:00").unwrap();
        let values = [Pollutant::So2, Pollutant::No2].map(|pollutant| hours.value(hour, pollutant));
        assert_eq!(values, [None, Some(Measured::whole(4))]);
    }

    #[test]
    fn nulls_and_bad_values_are_found_in_their_row() {
        let (_, found) = read(vec![
            ("station", Arc::new(StringArray::from(vec![Some("A"), None, Some("A"), Some("A"), Some("A")]))),
            (
                "time",
                Arc::new(TimestampSecondArray::from(vec![Some(ENDS[0]), Some(ENDS[0]), None, Some(5), Some(ENDS[1])])),
            ),
            ("SO2", Arc::new(Float64Array::from(vec![-1.0, 1.0, 1.0, 1.0, f64::INFINITY]))),
        ]);
        let found: Vec<_> =
            found.iter().map(|(code, line, field)| (code.as_str(), line.unwrap(), field.as_str())).collect();
        for expected in [
            ("value_negative", 1, "SO2"),
            ("station_missing", 2, "station"),
            ("time_missing", 3, "time"),
            ("time_not_hour", 4, "time"),
            ("value_form", 5, "SO2"),
        ] {
            assert!(found.contains(&expected), "{expected:?} in {found:?}");
        }
        assert_eq!(found.len(), 5);
    }
}
