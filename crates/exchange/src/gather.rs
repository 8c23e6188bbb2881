//! Hourly air values of many stations, gathered from a table in any order, within a stated memory.
//!
//! A station's hours are packed as they come. When they outgrow the bound, all of them go to a temporary file as
//! segments, and gathering goes on; a station's segments are merged when it is taken. The first value of an hour
//! counts, in the order of the file, whether it was in memory or on disk: both ways give the same.

use crate::column_file::ColumnFile;
use crate::columns::{Cells, Chunk, NO_ROW, Ranges, text_chunk};
use crate::{Findings, Label, Layout, Place, SourceMapping, TableError, TableFormat, TextTable};
use norms::air::{Pollutant, Put, Slot, StationHours, TENTHS_FINE, TENTHS_MISSING};
use norms::{Hour, Parameters};
use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// Whole numbers below this are looked up in a table.
const SMALL_KEYS: usize = 1 << 16;

/// A station as its file names it: text or a whole number. Numbers sort by value and before texts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum StationKey {
    /// A whole number.
    Int(i64),
    /// A text.
    Text(Box<str>),
}

impl StationKey {
    /// The key of a cell of text.
    pub(crate) fn of_text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// The key of a text that may have been written for a whole number elsewhere.
    #[must_use]
    pub fn like(text: &str, among_ints: bool) -> Self {
        match text.parse() {
            Ok(number) if among_ints => Self::Int(number),
            _ => Self::of_text(text),
        }
    }
}

impl fmt::Display for StationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// How to gather.
#[derive(Clone, Copy, Debug)]
pub struct GatherOptions<'a> {
    /// Path, or `-` for standard input.
    pub input: &'a str,
    /// Format; by the end of the name when none is given.
    pub format: Option<TableFormat>,
    /// What times label; a mapping says it itself.
    pub label: Label,
    /// The declared columns of a source; by the names of the header when there is none.
    pub mapping: Option<&'a SourceMapping>,
    /// Bytes of hours kept in memory.
    pub memory_bytes: usize,
    /// Threads that decode Parquet.
    pub threads: usize,
}

/// The hours of every station of a table.
pub struct GatheredHours {
    keys: Vec<StationKey>,
    numbers: HashMap<StationKey, u32>,
    /// Numbers of stations named by small whole numbers, found without hashing.
    small: Vec<u32>,
    cities: Vec<Option<String>>,
    hours: Vec<StationHours>,
    bytes: usize,
    memory_bytes: usize,
    spill: Option<Spill>,
    spill_error: Option<std::io::Error>,
}

/// Segments of stations in a temporary file.
struct Spill {
    out: BufWriter<File>,
    end: u64,
    /// Offset and length of each station's segments, in order.
    segments: Vec<Vec<(u64, usize)>>,
}

/// Gathers a table. What is wrong in it becomes findings; good rows are kept.
///
/// # Errors
/// When the file cannot be read or a temporary file cannot be written.
pub fn gather(
    options: GatherOptions<'_>,
    parameters: &Parameters,
    findings: &mut Findings,
) -> Result<GatheredHours, TableError> {
    let io = |source| TableError::Io { path: options.input.to_owned(), source };
    findings.set_file(options.input);
    let mut gathered = GatheredHours::new(options.memory_bytes);
    let ranges = Ranges::of(parameters);
    let lay_out = |header: &[String], findings: &mut Findings| match options.mapping {
        Some(mapping) => Layout::of_mapping(header, mapping, findings).map(Layout::hours_only),
        None => Layout::of_header(header, "air", parameters, options.label, findings),
    };
    let format = options.format.unwrap_or_else(|| TableFormat::of_name(options.input));
    if format == TableFormat::Parquet {
        // The Parquet reader moves about in its file, which standard input cannot.
        let spooled = if options.input == "-" { Some(spool(std::io::stdin()).map_err(io)?) } else { None };
        let path = spooled.as_ref().map_or(Path::new(options.input), NamedTempFile::path);
        let file = File::open(path).map_err(io)?;
        match ColumnFile::header(&file) {
            Err(error) => findings.report("file_form", Place { value: &error, ..Place::default() }),
            Ok((metadata, header)) => {
                let layout = lay_out(&header, findings);
                let columns = layout.and_then(|layout| ColumnFile::new(path, metadata, layout, findings));
                if let Some(columns) = columns {
                    columns.for_each_chunk(parameters, &ranges, options.threads, |chunk| {
                        gathered.put_chunk(chunk, findings);
                    });
                }
            }
        }
    } else {
        let mut table = if options.input == "-" {
            match format {
                TableFormat::Xlsx => {
                    let mut content = Vec::new();
                    std::io::stdin().lock().read_to_end(&mut content).map_err(io)?;
                    TextTable::of_bytes(content, format, findings)
                }
                _ => TextTable::of_text(std::io::stdin(), findings),
            }
        } else {
            TextTable::open_as(Path::new(options.input), format, findings)?
        };
        if !table.header().is_empty()
            && let Some(layout) = lay_out(table.header(), findings)
        {
            while let Some(chunk) = text_chunk(&mut table, &layout, parameters, &ranges) {
                gathered.put_chunk(chunk, findings);
            }
        }
    }
    match gathered.spill_error.take() {
        Some(error) => Err(io(error)),
        None => Ok(gathered),
    }
}

/// A temporary file of what a stream holds; it goes away with the value.
fn spool(mut stream: impl Read) -> std::io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new()?;
    std::io::copy(&mut stream, &mut file)?;
    Ok(file)
}

impl GatheredHours {
    fn new(memory_bytes: usize) -> Self {
        Self {
            keys: Vec::new(),
            numbers: HashMap::new(),
            small: Vec::new(),
            cities: Vec::new(),
            hours: Vec::new(),
            bytes: 0,
            memory_bytes,
            spill: None,
            spill_error: None,
        }
    }

    /// The stations, in no order.
    #[must_use]
    pub fn keys(&self) -> &[StationKey] {
        &self.keys
    }

    /// The city that the table gives for a station number.
    #[must_use]
    pub fn city(&self, number: usize) -> Option<&str> {
        self.cities[number].as_deref()
    }

    /// Whether stations went to disk.
    #[must_use]
    pub const fn has_spilled(&self) -> bool {
        self.spill.is_some()
    }

    /// Takes the hours of a station number, which are gone from here then. `twice` is told of values that came more
    /// than once across segments.
    ///
    /// # Errors
    /// When its segments cannot be read back.
    pub fn take(
        &mut self,
        number: usize,
        mut twice: impl FnMut(&StationKey, Hour, Pollutant, Put),
    ) -> std::io::Result<StationHours> {
        let rest = std::mem::take(&mut self.hours[number]);
        let Some(spill) = &mut self.spill else { return Ok(rest) };
        // A station that came after the last spill has none.
        let segments = spill.segments.get_mut(number).map(std::mem::take).unwrap_or_default();
        if segments.is_empty() {
            return Ok(rest);
        }
        let broken = |error| std::io::Error::new(std::io::ErrorKind::InvalidData, error);
        let key = &self.keys[number];
        let mut hours = StationHours::default();
        let mut bytes = Vec::new();
        for (offset, length) in segments {
            bytes.resize(length, 0);
            read_at(spill.out.get_ref(), &mut bytes, offset)?;
            hours.merge(&bytes, |hour, pollutant, put| twice(key, hour, pollutant, put)).map_err(broken)?;
        }
        bytes.clear();
        rest.encode(&mut bytes);
        hours.merge(&bytes, |hour, pollutant, put| twice(key, hour, pollutant, put)).map_err(broken)?;
        Ok(hours)
    }

    fn number(&mut self, key: StationKey, city: Option<String>) -> u32 {
        let small = if let StationKey::Int(key) = key { usize::try_from(key).ok() } else { None };
        let small = small.filter(|&key| key < SMALL_KEYS);
        if let Some(&number) = small.and_then(|key| self.small.get(key)).filter(|&&number| number != NO_ROW)
            && (city.is_none() || self.cities[number as usize].is_some())
        {
            return number;
        }
        if let Some(&number) = self.numbers.get(&key) {
            let known = &mut self.cities[number as usize];
            if known.is_none() {
                *known = city;
            }
            return number;
        }
        let number = self.keys.len() as u32;
        if let Some(key) = small {
            self.small.resize(self.small.len().max(key + 1), NO_ROW);
            self.small[key] = number;
        }
        self.numbers.insert(key.clone(), number);
        self.keys.push(key);
        self.cities.push(city);
        self.hours.push(StationHours::default());
        number
    }

    fn put_chunk(&mut self, mut chunk: Chunk, findings: &mut Findings) {
        findings.absorb(std::mem::take(&mut chunk.findings));
        if self.spill_error.is_some() {
            return;
        }
        let stations = std::mem::take(&mut chunk.stations);
        let numbers: Vec<u32> = stations.into_iter().map(|(key, city)| self.number(key, city)).collect();
        let mut touched = numbers.clone();
        touched.sort_unstable();
        touched.dedup();
        let bytes = |hours: &[StationHours]| -> usize { touched.iter().map(|&n| hours[n as usize].bytes()).sum() };
        let before = bytes(&self.hours);
        match &chunk.cells {
            Cells::Wide(rows) => self.put_wide(&chunk, rows, &numbers, findings),
            Cells::Long(pollutants, values) => self.put_long(&chunk, pollutants, values, &numbers, findings),
        }
        self.bytes = self.bytes + bytes(&self.hours) - before;
        if self.bytes > self.memory_bytes
            && let Err(error) = self.spill_all()
        {
            self.spill_error = Some(error);
        }
    }

    fn put_wide(&mut self, chunk: &Chunk, rows: &[[u16; Pollutant::COUNT]], numbers: &[u32], findings: &mut Findings) {
        let mut slots = Slots::default();
        let mut exact = chunk.exact.iter().peekable();
        for (row, packed) in rows.iter().enumerate() {
            let local = chunk.station[row];
            if local == NO_ROW {
                continue;
            }
            let number = numbers[local as usize] as usize;
            let hour = chunk.hour[row];
            let slot = slots.of(hour);
            let fresh = self.hours[number].put_row(slot, *packed);
            // A second row of an hour fills what the first left empty, as in a long table and across segments.
            let mut puts = Vec::new();
            if !fresh {
                for (pollutant, &value) in packed.iter().enumerate().filter(|(_, value)| **value < TENTHS_FINE) {
                    puts.push(self.hours[number].put_tenths(slot, pollutant, value));
                }
            }
            while let Some((_, pollutant, value)) = exact.next_if(|(at, _, _)| *at as usize <= row) {
                puts.push(self.hours[number].put(slot, *pollutant, *value));
            }
            if !fresh && (puts.is_empty() || puts.iter().any(|put| *put != Put::New)) {
                let code = if puts.contains(&Put::Conflict) { "row_conflict" } else { "row_twice" };
                let value = format!("{} {}", self.keys[number], hour.end_label());
                findings.report(code, Place { line: Some(chunk.line(row)), field: "", value: &value });
            }
        }
    }

    fn put_long(&mut self, chunk: &Chunk, pollutants: &[u8], values: &[u16], numbers: &[u32], findings: &mut Findings) {
        let mut slots = Slots::default();
        let mut exact = chunk.exact.iter().peekable();
        let mut start = 0;
        // Rows of one station and hour mostly stand together, and share the way to their cells.
        while start < pollutants.len() {
            let (local, hour) = (chunk.station[start], chunk.hour[start]);
            let more = chunk.station[start + 1..].iter().zip(&chunk.hour[start + 1..]);
            let end = start + 1 + more.take_while(|&(&next, &at)| next == local && at == hour).count();
            let run = start..end;
            start = end;
            if local == NO_ROW {
                continue;
            }
            let number = numbers[local as usize] as usize;
            let slot = slots.of(hour);
            let judged = |row: &usize| usize::from(pollutants[*row]) < Pollutant::COUNT;
            let plain = run.clone().all(|row| values[row] != TENTHS_FINE);
            // Rows of other parameters alone make no hour.
            if plain
                && run.clone().any(|row| judged(&row))
                && let Some(cells) = self.hours[number].tenths_row(slot)
            {
                for row in run.filter(judged) {
                    let (cell, value) = (&mut cells[usize::from(pollutants[row])], values[row]);
                    if *cell == TENTHS_MISSING {
                        *cell = value;
                    } else if value != TENTHS_MISSING {
                        let put = if *cell == value { Put::Same } else { Put::Conflict };
                        report_twice(findings, chunk, row, pollutants[row], &self.keys[number], put);
                    }
                }
                continue;
            }
            for row in run.filter(judged) {
                let value = values[row];
                let put = if value < TENTHS_FINE {
                    self.hours[number].put_tenths(slot, usize::from(pollutants[row]), value)
                } else if value == TENTHS_MISSING {
                    self.hours[number].mark(slot);
                    continue;
                } else {
                    let mut put = Put::New;
                    while let Some((_, pollutant, value)) = exact.next_if(|(at, _, _)| *at as usize <= row) {
                        put = self.hours[number].put(slot, *pollutant, *value);
                    }
                    put
                };
                if put != Put::New {
                    report_twice(findings, chunk, row, pollutants[row], &self.keys[number], put);
                }
            }
        }
    }

    fn spill_all(&mut self) -> std::io::Result<()> {
        let spill = match &mut self.spill {
            Some(spill) => spill,
            spill => {
                let out = BufWriter::with_capacity(1 << 20, tempfile::tempfile()?);
                spill.insert(Spill { out, end: 0, segments: Vec::new() })
            }
        };
        spill.segments.resize(self.keys.len(), Vec::new());
        spill.out.seek(SeekFrom::Start(spill.end))?;
        let mut bytes = Vec::new();
        for (number, hours) in self.hours.iter_mut().enumerate().filter(|(_, hours)| !hours.is_empty()) {
            bytes.clear();
            std::mem::take(hours).encode(&mut bytes);
            spill.out.write_all(&bytes)?;
            spill.segments[number].push((spill.end, bytes.len()));
            spill.end += bytes.len() as u64;
        }
        spill.out.flush()?;
        self.bytes = 0;
        Ok(())
    }
}

fn report_twice(findings: &mut Findings, chunk: &Chunk, row: usize, pollutant: u8, key: &StationKey, put: Put) {
    let code = if put == Put::Same { "row_twice" } else { "row_conflict" };
    let field = Pollutant::ALL[usize::from(pollutant)].name();
    let value = format!("{key} {}", chunk.hour[row].end_label());
    findings.report(code, Place { line: Some(chunk.line(row)), field, value: &value });
}

/// Slots of successive hours: the civil date is worked out once a day, not once a row.
#[derive(Default)]
struct Slots(Option<(i32, Slot)>);

impl Slots {
    #[inline]
    fn of(&mut self, hour: Hour) -> Slot {
        let day = hour.day();
        match self.0 {
            Some((last, slot)) if last == day.0 => slot.at_hour(hour.of_day()),
            _ => {
                let slot = Slot::of(hour);
                self.0 = Some((day.0, slot));
                slot
            }
        }
    }
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(not(unix))]
fn read_at(mut file: &File, bytes: &mut [u8], offset: u64) -> std::io::Result<()> {
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails says where")]
mod tests {
    use super::*;
    use crate::columns::CHUNK_ROWS;
    use norms::{Measured, NormFile};

    fn gathered(text: &str, memory_bytes: usize) -> (GatheredHours, Findings) {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let table = include_str!("../../../norms/parameters.csv").to_owned();
        let parameters = Parameters::load(&NormFile { path: "parameters.csv".to_owned(), text: table }).unwrap();
        let mut findings = Findings::new();
        let options = GatherOptions {
            input: file.path().to_str().unwrap(),
            format: None,
            label: Label::End,
            mapping: None,
            memory_bytes,
            threads: 1,
        };
        (gather(options, &parameters, &mut findings).unwrap(), findings)
    }

    #[test]
    fn a_second_row_fills_what_the_first_left_empty_in_memory_and_on_disk() {
        let mut text = "station,time,SO2,NO2,CO\nA,2022-01-01T01:00,5,,0.5\n".to_owned();
        for row in 0..CHUNK_ROWS as i32 {
            text += &format!("B,{},1,1,0.1\n", Hour(row).end_label());
        }
        text += "A,2022-01-01T01:00,6,7,0.5\n";
        for memory_bytes in [usize::MAX, 0] {
            let (mut gathered, _) = gathered(&text, memory_bytes);
            assert_eq!(gathered.has_spilled(), memory_bytes == 0);
            let number = gathered.keys().iter().position(|key| key.to_string() == "A").unwrap();
            let hours = gathered.take(number, |_, _, _, _| ()).unwrap();
            let hour = Hour::ending("2022-01-01T01:00").unwrap();
            let values = [Pollutant::So2, Pollutant::No2, Pollutant::Co].map(|pollutant| hours.value(hour, pollutant));
            assert_eq!(values, [50, 70, 5].map(|tenths| Some(Measured::tenths(tenths))));
        }
    }

    #[test]
    fn rows_of_one_hour_are_twice_only_where_both_have_a_value() {
        let head = "station,time,SO2,NO2\nA,2022-01-01T01:00,5,\n";
        let codes = |row: &str| gathered(&format!("{head}A,2022-01-01T01:00,{row}\n"), usize::MAX).1.counts().clone();
        assert!(codes(",7").is_empty());
        assert!(codes("5,7").contains_key("row_twice"));
        assert!(codes("6,7").contains_key("row_conflict"));
        assert!(codes("5.125,").contains_key("row_conflict"));
        assert!(codes(",").contains_key("row_twice"));
    }

    #[test]
    fn rows_of_other_parameters_alone_make_no_hour() {
        let text = "station,time,parameter,value\nA,2022-01-01T01:00,TEMP,5\nA,2022-01-01T02:00,SO2,5\n";
        let hours = gathered(text, usize::MAX).0.take(0, |_, _, _, _| ()).unwrap();
        assert_eq!(hours.hours().collect::<Vec<_>>(), [Hour::ending("2022-01-01T02:00").unwrap()]);
    }
}
