//! Hourly air values as packed chunks, and how rows of text become such.

use crate::layout::{Label, Layout, Shape};
use crate::{CellValue, Findings, Place, StationKey, TextTable, is_no_value, read_value};
use norms::air::{Pollutant, TENTHS_FINE, TENTHS_MISSING};
use norms::{Day, Hour, Measured, Parameters, TimeError};
use std::collections::HashMap;

/// Rows in a chunk.
pub(crate) const CHUNK_ROWS: usize = 1 << 16;
/// A row whose station or time is of no use.
pub(crate) const NO_ROW: u32 = u32::MAX;
/// A row of a long table whose parameter is not judged.
pub(crate) const NO_POLLUTANT: u8 = u8::MAX;

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
        let find = |pollutant: Pollutant| parameters.find("air", pollutant.name());
        Self {
            lowest: Pollutant::ALL.map(|p| find(p).map_or(Measured::ZERO, |found| found.plausible_min)),
            highest: Pollutant::ALL.map(|p| find(p).map_or(Measured::whole(1_000_000), |found| found.plausible_max)),
        }
    }

    /// The value if it is plausible, else the kind of finding.
    pub(crate) fn check(&self, pollutant: Pollutant, value: Measured) -> Result<Measured, &'static str> {
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
    pub(crate) fn highest_tenths(&self, pollutant: usize) -> u16 {
        let tenths = self.highest[pollutant].parts() / Measured::tenths(1).parts();
        u16::try_from(tenths).unwrap_or(u16::MAX).min(TENTHS_FINE - 1)
    }
}

/// Stations of a chunk by key.
#[derive(Default)]
pub(crate) struct LocalStations {
    pub(crate) list: Vec<(StationKey, Option<String>)>,
    numbers: HashMap<StationKey, u32>,
}

impl LocalStations {
    pub(crate) fn number(&mut self, key: StationKey, city: impl FnOnce() -> Option<String>) -> u32 {
        if let Some(&number) = self.numbers.get(&key) {
            let known = &mut self.list[number as usize].1;
            if known.is_none() {
                *known = city();
            }
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

    /// Numbers the station of each row that is not [`NO_ROW`].
    #[inline]
    pub(crate) fn number_rows(
        &mut self,
        keys: impl Iterator<Item = i64>,
        rows: &mut [u32],
        city_of: impl Fn(usize) -> Option<String>,
    ) {
        const DIRECT_MAX: i64 = 1 << 14;
        // Small numbers are looked up without hashing: a national file changes stations 15 million times.
        let mut direct = Vec::new();
        let (mut last, mut number) = (None, NO_ROW);
        for (row, (key, of_row)) in keys.zip(rows).enumerate() {
            if last != Some(key) {
                last = Some(key);
                number = if (0..DIRECT_MAX).contains(&key) {
                    let place = key as usize;
                    if place >= direct.len() {
                        direct.resize(place + 1, NO_ROW);
                    }
                    if direct[place] == NO_ROW {
                        direct[place] = self.add(StationKey::Int(key), city_of(row));
                    }
                    direct[place]
                } else {
                    self.number(StationKey::Int(key), || city_of(row))
                };
            }
            if *of_row != NO_ROW {
                *of_row = number;
            }
        }
    }
}

/// Checks a time text or reports why it is none.
pub(crate) fn read_hour(text: &str, label: Label) -> Result<Hour, &'static str> {
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
pub(crate) fn plausible_hour(hour: Hour) -> Result<Hour, &'static str> {
    const FIRST: Hour = Day(-25_567).hour(0); // 1900-01-01
    const END: Hour = Day(84_006).hour(0); // 2200-01-01
    if (FIRST..END).contains(&hour) { Ok(hour) } else { Err("time_absurd") }
}

/// Whether a flag of one value says valid.
pub(crate) fn flag_is_valid(flag: &str) -> bool {
    matches!(whole(flag), "" | "0" | "N" | "n")
}

/// The bit mask of a row of a wide table, every bit when its flag concerns the whole row; `None` for a number that is no
/// mask.
pub(crate) fn mask_of_text(flag: &str) -> Option<u8> {
    match whole(flag).parse::<u64>() {
        Ok(bits) => u8::try_from(bits).ok().filter(|&bits| bits < 64),
        Err(_) if flag_is_valid(flag) => Some(0),
        Err(_) => Some(u8::MAX),
    }
}

/// Whole numbers come as `1.0` from programs that know no missing integer.
fn whole(flag: &str) -> &str {
    let flag = flag.trim();
    flag.strip_suffix(".0").unwrap_or(flag)
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
        let one = |chunk: &mut Chunk, pollutant: Pollutant, column: usize, factor: Measured| -> u16 {
            let bad = |findings: &mut Findings, code| {
                let place = Place { line: Some(line), field: &layout.header[column], value: &cells[column] };
                findings.report(code, place);
                TENTHS_MISSING
            };
            let value = match read_value(&cells[column]).times(factor) {
                CellValue::None => return TENTHS_MISSING,
                CellValue::Bad => return bad(&mut chunk.findings, "value_form"),
                CellValue::Value(value) => value,
                // Half the detection limit stands for a value below it.
                CellValue::BelowDetection(limit) => limit.below_detection(),
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
                    mask_of_text(&cells[mask]).unwrap_or_else(|| {
                        let place = Place { line: Some(line), field: &layout.header[mask], value: &cells[mask] };
                        chunk.findings.report("flag_form", place);
                        u8::MAX
                    })
                });
                for column in columns.iter().filter(|_| usable) {
                    let Some(pollutant) = Pollutant::from_name(&column.parameter) else { continue };
                    let flagged = column.flag.is_some_and(|flag| !flag_is_valid(&cells[flag]));
                    if flagged || masked & mask_bit(pollutant) != 0 {
                        continue;
                    }
                    packed[pollutant.number()] = one(&mut chunk, pollutant, column.column, column.factor);
                }
                wide.push(packed);
            }
            Shape::Long { parameter, value, flag } => {
                let name = &cells[*parameter];
                let found = parameters.find("air", name);
                if found.is_none() && usable {
                    let place = Place { line: Some(line), field: &layout.header[*parameter], value: name };
                    chunk.findings.report("parameter_unknown", place);
                }
                let pollutant = found.and_then(|found| Pollutant::from_name(&found.parameter)).filter(|_| usable);
                let valid = flag.is_none_or(|flag| flag_is_valid(&cells[flag]));
                pollutants.push(pollutant.map_or(NO_POLLUTANT, |pollutant| pollutant.number() as u8));
                values.push(match pollutant {
                    Some(pollutant) if valid => one(&mut chunk, pollutant, *value, Measured::whole(1)),
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
pub(crate) fn pack(value: Measured) -> Option<u16> {
    let tenths = value.parts() / Measured::tenths(1).parts();
    let fits = (0..i64::from(TENTHS_FINE)).contains(&tenths) && Measured::tenths(tenths) == value;
    fits.then_some(tenths as u16)
}

pub(crate) const fn mask_bit(pollutant: Pollutant) -> u8 {
    let mut bit = 0;
    while MASK_ORDER[bit].number() != pollutant.number() {
        bit += 1;
    }
    1 << bit
}
