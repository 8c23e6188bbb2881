//! Hourly air values as packed chunks: typed columns of Parquet, decoded by several threads and handed on in the order
//! of the file, or rows of text.

use crate::layout::{Label, Layout, Shape};
use crate::{CellValue, Findings, Place, StationKey, TextTable, is_no_value, read_value};
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, DictionaryArray, Float32Array, Float64Array, Int64Array, StringArray,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int32Type, Int64Type, TimeUnit, UInt8Type};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::parquet::arrow::ProjectionMask;
use datafusion::parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder};
use norms::air::{Pollutant, TENTHS_FINE, TENTHS_MISSING};
use norms::{Day, Hour, Measured, Parameters, TimeError};
use std::collections::HashMap;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Rows in a chunk.
pub(crate) const CHUNK_ROWS: usize = 1 << 16;
/// Chunks of one row group that wait for their turn: about a million rows.
const CHUNKS_WAITING_MAX: usize = 16;
/// A row whose station or time is of no use.
pub(crate) const NO_ROW: u32 = u32::MAX;
/// A row of a long table whose parameter is not judged.
const NO_POLLUTANT: u8 = u8::MAX;

/// Order of the pollutants in the bit mask of a wide table's flag (DESIGN: command line contracts).
const MASK_ORDER: [Pollutant; Pollutant::COUNT] =
    [Pollutant::So2, Pollutant::No2, Pollutant::Co, Pollutant::O3, Pollutant::Pm10, Pollutant::Pm25];

/// Some rows of a table, packed.
#[derive(Default)]
pub(crate) struct Chunk {
    /// Line or row number of the first row; later rows follow one by one unless `lines` says otherwise.
    pub first_line: u64,
    pub lines: Vec<u64>,
    /// Stations of this chunk and, where the table has one, their city.
    pub stations: Vec<(StationKey, Option<String>)>,
    /// Number in `stations`, or [`NO_ROW`].
    pub station: Vec<u32>,
    pub hour: Vec<Hour>,
    pub cells: Cells,
    /// Values that are no tenths, in order of rows.
    pub exact: Vec<(u32, Pollutant, Measured)>,
    pub findings: Findings,
}

pub(crate) enum Cells {
    Wide(Vec<[u16; Pollutant::COUNT]>),
    /// Pollutant number and value; [`NO_POLLUTANT`] rows have no value.
    Long(Vec<u8>, Vec<u16>),
}

impl Default for Cells {
    fn default() -> Self {
        Self::Wide(Vec::new())
    }
}

impl Chunk {
    pub(crate) fn line(&self, row: usize) -> u64 {
        self.lines.get(row).copied().unwrap_or(self.first_line + row as u64)
    }
}

/// What is needed to judge a value beside the value: its plausible range.
#[derive(Clone)]
pub(crate) struct Ranges {
    lowest: [Measured; Pollutant::COUNT],
    highest: [Measured; Pollutant::COUNT],
}

impl Ranges {
    pub(crate) fn of(parameters: &Parameters) -> Self {
        let find = |pollutant: Pollutant| parameters.find(pollutant.name());
        Self {
            lowest: Pollutant::ALL.map(|p| find(p).map_or(Measured::ZERO, |found| found.plausible_min)),
            highest: Pollutant::ALL.map(|p| find(p).map_or(Measured::whole(1_000_000), |found| found.plausible_max)),
        }
    }

    /// The value if it is plausible, else the kind of finding.
    fn check(&self, pollutant: Pollutant, value: Measured) -> Result<Measured, &'static str> {
        if value < self.lowest[pollutant.number()] {
            Err("value_negative")
        } else if value <= self.highest[pollutant.number()] {
            Ok(value)
        } else if pollutant == Pollutant::Co {
            Err("unit_suspect")
        } else {
            Err("value_absurd")
        }
    }

    /// The highest plausible number of tenths that fits a cell.
    fn highest_tenths(&self, pollutant: usize) -> u16 {
        let tenths = self.highest[pollutant].parts() / Measured::tenths(1).parts();
        u16::try_from(tenths).unwrap_or(u16::MAX).min(TENTHS_FINE - 1)
    }
}

/// Stations of a chunk by key.
#[derive(Default)]
struct LocalStations {
    list: Vec<(StationKey, Option<String>)>,
    numbers: HashMap<StationKey, u32>,
}

impl LocalStations {
    fn number(&mut self, key: StationKey, city: impl FnOnce() -> Option<String>) -> u32 {
        if let Some(&number) = self.numbers.get(&key) {
            return number;
        }
        let number = self.add(key.clone(), city());
        self.numbers.insert(key, number);
        number
    }

    /// Adds a station that the caller knows to be new.
    fn add(&mut self, key: StationKey, city: Option<String>) -> u32 {
        self.list.push((key, city));
        self.list.len() as u32 - 1
    }
}

/// Checks a time text or reports why it is none.
fn read_hour(text: &str, label: Label) -> Result<Hour, &'static str> {
    if is_no_value(text.trim()) {
        return Err("time_missing");
    }
    let hour = match label {
        Label::End => Hour::ending(text),
        Label::Start => Hour::starting(text),
    };
    hour.map_err(|error| match error {
        TimeError::Offset => "time_zone",
        TimeError::NotOnTheHour => "time_not_hour",
        TimeError::Form | TimeError::Range => "time_form",
    })
    .and_then(plausible_hour)
}

/// Years that an observation can have.
fn plausible_hour(hour: Hour) -> Result<Hour, &'static str> {
    const FIRST: Hour = Day(-25_567).hour(0); // 1900-01-01
    const END: Hour = Day(84_006).hour(0); // 2200-01-01
    if (FIRST..END).contains(&hour) { Ok(hour) } else { Err("time_absurd") }
}

/// Whether a flag of one value says valid.
pub(crate) fn flag_is_valid(flag: &str) -> bool {
    matches!(flag.trim(), "" | "0" | "N" | "n")
}

/// Reads the next chunk of a table of text; `None` at its end.
pub(crate) fn text_chunk(
    table: &mut TextTable,
    layout: &Layout,
    parameters: &Parameters,
    ranges: &Ranges,
) -> Option<Chunk> {
    let mut chunk = Chunk::default();
    let mut stations = LocalStations::default();
    let mut cells = csv::StringRecord::new();
    let mut wide = Vec::new();
    let (mut pollutants, mut values) = (Vec::new(), Vec::new());
    let is_wide = matches!(layout.shape, Shape::Wide { .. });
    while chunk.station.len() < CHUNK_ROWS {
        let Some(line) = table.next_row(&mut cells, &mut chunk.findings) else { break };
        let row = chunk.station.len() as u32;
        let station = cells[layout.station].trim();
        let hour = read_hour(&cells[layout.time], layout.label);
        let usable = match hour {
            _ if station.is_empty() => Err(("station_missing", layout.station)),
            Err(code) => Err((code, layout.time)),
            Ok(hour) => Ok(hour),
        };
        chunk.lines.push(line);
        let usable = usable.map_err(|(code, column)| {
            let place = Place { line: Some(line), field: &layout.header[column], value: &cells[column] };
            chunk.findings.report(code, place);
        });
        let (number, hour) = match usable {
            Ok(hour) => {
                let city = || layout.city.map(|city| cells[city].trim().to_owned()).filter(|city| !city.is_empty());
                (stations.number(StationKey::of_text(station), city), hour)
            }
            Err(()) => (NO_ROW, Hour(0)),
        };
        chunk.station.push(number);
        chunk.hour.push(hour);
        let usable = usable.is_ok();
        let one = |chunk: &mut Chunk, pollutant: Pollutant, column: usize| -> u16 {
            let bad = |findings: &mut Findings, code| {
                let place = Place { line: Some(line), field: &layout.header[column], value: &cells[column] };
                findings.report(code, place);
                TENTHS_MISSING
            };
            let value = match read_value(&cells[column]) {
                CellValue::None => return TENTHS_MISSING,
                CellValue::Bad => return bad(&mut chunk.findings, "value_form"),
                CellValue::Value(value) => value,
                // Half the detection limit stands for a value below it.
                CellValue::BelowDetection(limit) => Measured::from_parts(limit.parts() / 2),
            };
            match ranges.check(pollutant, value) {
                Ok(value) => pack(value).unwrap_or_else(|| {
                    chunk.exact.push((row, pollutant, value));
                    TENTHS_FINE
                }),
                Err(code) => bad(&mut chunk.findings, code),
            }
        };
        match &layout.shape {
            Shape::Wide { columns, mask } => {
                let mut packed = [TENTHS_MISSING; Pollutant::COUNT];
                let masked = mask.map_or(0, |mask| {
                    let flag = cells[mask].trim();
                    match flag.parse::<u8>() {
                        Ok(bits) if bits < 64 => bits,
                        _ if flag_is_valid(flag) => 0,
                        number => {
                            if number.is_ok() || flag.bytes().all(|byte| byte.is_ascii_digit()) {
                                let place = Place { line: Some(line), field: &layout.header[mask], value: flag };
                                chunk.findings.report("flag_form", place);
                            }
                            u8::MAX
                        }
                    }
                });
                for column in columns.iter().filter(|_| usable) {
                    let Some(pollutant) = Pollutant::from_name(&column.parameter) else { continue };
                    let flagged = column.flag.is_some_and(|flag| !flag_is_valid(&cells[flag]));
                    if flagged || masked & mask_bit(pollutant) != 0 {
                        continue;
                    }
                    packed[pollutant.number()] = one(&mut chunk, pollutant, column.column);
                }
                wide.push(packed);
            }
            Shape::Long { parameter, value, flag } => {
                let name = &cells[*parameter];
                let found = parameters.find(name);
                if found.is_none() && usable {
                    let place = Place { line: Some(line), field: &layout.header[*parameter], value: name };
                    chunk.findings.report("parameter_unknown", place);
                }
                let pollutant = found.and_then(|found| Pollutant::from_name(&found.parameter)).filter(|_| usable);
                let valid = flag.is_none_or(|flag| flag_is_valid(&cells[flag]));
                pollutants.push(pollutant.map_or(NO_POLLUTANT, |pollutant| pollutant.number() as u8));
                values.push(match pollutant {
                    Some(pollutant) if valid => one(&mut chunk, pollutant, *value),
                    _ => TENTHS_MISSING,
                });
            }
        }
    }
    if chunk.station.is_empty() && chunk.findings.total() == 0 {
        return None;
    }
    chunk.stations = stations.list;
    chunk.cells = if is_wide { Cells::Wide(wide) } else { Cells::Long(pollutants, values) };
    Some(chunk)
}

/// A value as a cell of tenths, when it is one.
fn pack(value: Measured) -> Option<u16> {
    let tenths = value.parts() / Measured::tenths(1).parts();
    let fits = (0..i64::from(TENTHS_FINE)).contains(&tenths) && Measured::tenths(tenths) == value;
    fits.then_some(tenths as u16)
}

const fn mask_bit(pollutant: Pollutant) -> u8 {
    let mut bit = 0;
    while MASK_ORDER[bit].number() != pollutant.number() {
        bit += 1;
    }
    1 << bit
}

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

    /// Checks the types of the columns; those that cannot be used are findings and `None` comes back.
    pub(crate) fn new(
        path: &Path,
        metadata: ArrowReaderMetadata,
        layout: Layout,
        findings: &mut Findings,
    ) -> Option<Self> {
        let kinds: Vec<DataType> = metadata.schema().fields().iter().map(|field| field.data_type().clone()).collect();
        let text = |kind: &DataType| match kind {
            DataType::Dictionary(_, value) => value.is_string(),
            kind => kind.is_string(),
        };
        let mut needed = vec![(layout.station, Need::Station), (layout.time, Need::Time)];
        needed.extend(layout.city.map(|city| (city, Need::Text)));
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
        let mut good = true;
        for (column, need) in &needed {
            let kind = &kinds[*column];
            let fits = match need {
                Need::Station => text(kind) || kind.is_integer(),
                Need::Time => text(kind) || matches!(kind, DataType::Timestamp(_, None)),
                Need::Text => text(kind),
                Need::Value => text(kind) || kind.is_numeric() || kind.is_null(),
                Need::Flag => text(kind) || kind.is_integer() || kind.is_null() || *kind == DataType::Boolean,
            };
            if !fits {
                let code = if matches!(kind, DataType::Timestamp(_, Some(_))) { "time_zone" } else { "column_type" };
                let place = Place { line: None, field: &layout.header[*column], value: &kind.to_string() };
                findings.report(code, place);
                good = false;
            }
        }
        if !good {
            return None;
        }
        let mut decoded: Vec<usize> = needed.iter().map(|(column, _)| *column).collect();
        decoded.sort_unstable();
        decoded.dedup();
        let mut place = vec![usize::MAX; kinds.len()];
        decoded.iter().enumerate().for_each(|(at, column)| place[*column] = at);
        let mask = ProjectionMask::roots(metadata.parquet_schema(), decoded);
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
                    let mut values = Values::of(column(entry.column), rows);
                    if let Some(masks) = &masks {
                        let bit = mask_bit(pollutant);
                        values.blank(|row| masks[row] & bit != 0);
                    }
                    if let Some(flag) = entry.flag {
                        let invalid = read_flags(column(flag));
                        values.blank(|row| invalid[row]);
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
                let mut values = Values::of(column(*value), rows);
                if let Some(flag) = flag {
                    let invalid = read_flags(column(*flag));
                    values.blank(|row| invalid[row]);
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
            let (mut last, mut last_hour) = (i64::MIN, Err("time_absurd"));
            for (row, &count) in counts.values().iter().enumerate() {
                if count != last {
                    last = count;
                    last_hour = if count.rem_euclid(per_hour) == 0 {
                        i32::try_from(count.div_euclid(per_hour) - shift)
                            .map_err(|_| "time_absurd")
                            .and_then(|hour| plausible_hour(Hour(hour)))
                    } else {
                        Err("time_not_hour")
                    };
                }
                let hour = if counts.is_null(row) { Err("time_missing") } else { last_hour };
                chunk.push_hour(hour, row, field, || count.to_string());
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
            let Ok(keys) = cast(column, &DataType::Int64) else { return };
            let keys: &Int64Array = keys.as_primitive::<Int64Type>();
            let (mut last, mut number) = (None, 0);
            // Small numbers are looked up without hashing: a national file changes stations 15 million times.
            let mut direct = vec![NO_ROW; 1 << 14];
            for (row, &key) in keys.values().iter().enumerate() {
                if last != Some(key) {
                    last = Some(key);
                    let place = usize::try_from(key).ok().filter(|&place| place < direct.len());
                    number = match place.map(|place| direct[place]).filter(|&number| number != NO_ROW) {
                        Some(number) => number,
                        None if place.is_some() => stations.add(StationKey::Int(key), city_of(row)),
                        None => stations.number(StationKey::Int(key), || city_of(row)),
                    };
                    if let Some(place) = place {
                        direct[place] = number;
                    }
                }
                if chunk.station[row] != NO_ROW {
                    chunk.station[row] = number;
                }
            }
            if keys.null_count() > 0 {
                missing.extend((0..keys.len()).filter(|&row| keys.is_null(row)));
            }
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
            CellValue::BelowDetection(limit) => ranges.check(pollutant, Measured::from_parts(limit.parts() / 2)),
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
}

enum ValueSource {
    Doubles(Float64Array),
    Singles(Float32Array),
    Texts(StringArray),
    None,
}

impl Values {
    fn of(column: &ArrayRef, rows: usize) -> Self {
        let source = match column.data_type() {
            DataType::Null => ValueSource::None,
            DataType::Float32 => ValueSource::Singles(column.as_primitive().clone()),
            kind if kind.is_numeric() => match cast(column, &DataType::Float64) {
                Ok(doubles) => ValueSource::Doubles(doubles.as_primitive().clone()),
                Err(_) => ValueSource::None,
            },
            _ => ValueSource::Texts(as_texts(column)),
        };
        let mut tenths = vec![TENTHS_MISSING; rows];
        match &source {
            ValueSource::Doubles(doubles) => {
                for (cell, &value) in tenths.iter_mut().zip(doubles.values()) {
                    *cell = tenths_of(value, |tenths| tenths / 10.0 == value);
                }
                blank_nulls(&mut tenths, doubles);
            }
            ValueSource::Singles(singles) => {
                for (cell, &value) in tenths.iter_mut().zip(singles.values()) {
                    // A single float stands for the decimal that rounds to it.
                    #[expect(clippy::cast_possible_truncation, reason = "the rounding is the test")]
                    let same = |tenths: f64| (tenths / 10.0) as f32 == value;
                    *cell = tenths_of(f64::from(value), same);
                }
                blank_nulls(&mut tenths, singles);
            }
            ValueSource::Texts(texts) => {
                for (row, cell) in tenths.iter_mut().enumerate() {
                    *cell = if texts.is_null(row) { TENTHS_MISSING } else { TENTHS_FINE };
                }
            }
            ValueSource::None => {}
        }
        Self { source, tenths }
    }

    fn blank(&mut self, invalid: impl Fn(usize) -> bool) {
        for (row, cell) in self.tenths.iter_mut().enumerate() {
            if invalid(row) {
                *cell = TENTHS_MISSING;
            }
        }
    }

    fn read(&self, row: usize) -> CellValue {
        match &self.source {
            ValueSource::Doubles(doubles) if doubles.value(row).is_nan() => CellValue::None,
            ValueSource::Doubles(doubles) => {
                Measured::from_f64(doubles.value(row)).map_or(CellValue::Bad, CellValue::Value)
            }
            ValueSource::Singles(singles) if singles.value(row).is_nan() => CellValue::None,
            ValueSource::Singles(singles) => read_value(&singles.value(row).to_string()),
            ValueSource::Texts(texts) => read_value(texts.value(row)),
            ValueSource::None => CellValue::None,
        }
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

fn blank_nulls(tenths: &mut [u16], array: &dyn Array) {
    if let Some(nulls) = array.nulls().filter(|nulls| nulls.null_count() > 0) {
        for (cell, there) in tenths.iter_mut().zip(nulls) {
            if !there {
                *cell = TENTHS_MISSING;
            }
        }
    }
}

/// Texts of any string column; nulls where it is none.
fn as_texts(column: &ArrayRef) -> StringArray {
    match cast(column, &DataType::Utf8) {
        Ok(texts) => texts.as_string::<i32>().clone(),
        Err(_) => StringArray::new_null(column.len()),
    }
}

fn as_dictionary(column: &ArrayRef) -> Option<DictionaryArray<Int32Type>> {
    let kind = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let dictionary = cast(column, &kind).ok()?;
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
            let found = (!names.is_null(key)).then(|| parameters.find(names.value(key))).flatten();
            match found {
                None => UNKNOWN,
                Some(found) => {
                    Pollutant::from_name(&found.parameter).map_or(NO_POLLUTANT, |pollutant| pollutant.number() as u8)
                }
            }
        })
        .collect();
    let mut of_row = vec![UNKNOWN; rows];
    match keys.nulls().filter(|nulls| nulls.null_count() > 0) {
        None => {
            for (number, &key) in of_row.iter_mut().zip(keys.keys().values()) {
                *number = numbers[key as usize];
            }
        }
        Some(_) => {
            for (row, number) in of_row.iter_mut().enumerate() {
                *number = keys.key(row).map_or(UNKNOWN, |key| numbers[key]);
            }
        }
    }
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

/// The bit mask of each row of a wide table: an integer mask, or a text that concerns the whole row.
fn read_mask(column: &ArrayRef, field: &str, chunk: &mut Chunk) -> Vec<u8> {
    if !column.data_type().is_integer() {
        return read_flags(column).into_iter().map(|invalid| if invalid { u8::MAX } else { 0 }).collect();
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
            u8::try_from(mask).ok().filter(|&mask| mask < 64).unwrap_or_else(|| {
                let place = Place { line: Some(chunk.first_line + row as u64), field, value: &mask.to_string() };
                chunk.findings.report("flag_form", place);
                u8::MAX
            })
        })
        .collect()
}
