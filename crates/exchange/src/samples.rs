//! Samples of any medium, row by row: CSV, XLSX or Parquet, long or wide, with their units and words.

use crate::columns::{NO_ROW, flag_is_valid};
use crate::table::calmly;
use crate::{CellValue, Findings, Place, StationKey, TableError, TableFormat, TextTable, is_no_value, read_value};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::parquet::arrow::ProjectionMask;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use norms::{FindingCode, Measured, Moment, Parameter, Parameters, TimeError, Units};
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::mpsc::sync_channel;

/// Rows of Parquet decoded at once, and how many such batches wait to be judged.
const BATCH_ROWS: usize = 1 << 14;
const BATCHES_WAITING_MAX: usize = 4;
/// Years that a sample can have: 1900 to 2199, in seconds from 1970.
const SECONDS: std::ops::Range<i64> = -25_567 * 86_400..84_006 * 86_400;

/// What is read.
#[derive(Clone, Copy, Debug)]
pub struct SampleOptions<'a> {
    /// Path, or `-` for standard input.
    pub input: &'a str,
    /// Format; by the end of the name when none is given.
    pub format: Option<TableFormat>,
    /// The medium whose names the header uses.
    pub medium: &'a str,
    /// The parameters that are read; their places number the cells.
    pub items: &'a [&'a str],
    /// The item of a table that has values without names.
    pub default: Option<&'a str>,
    /// Roles of columns of words that are read beside the values, such as `kind`.
    pub words: &'a [&'a str],
}

/// One row of a table.
#[derive(Debug)]
pub struct SampleRow<'a> {
    /// Line of a text, row of a table, from 1.
    pub line: u64,
    /// The number of its station in [`SampleStations`].
    pub station: usize,
    /// When it was taken.
    pub moment: Moment,
    /// What stands in the columns of words, in their order; empty where there is none.
    pub words: &'a [&'a str],
    /// The item numbers and values of the row that count; none that is missing or flagged.
    pub cells: &'a [(usize, CellValue)],
}

/// The stations of a table, in the order in which they came.
#[derive(Debug, Default)]
pub struct SampleStations {
    keys: Vec<StationKey>,
    numbers: HashMap<StationKey, usize>,
}

impl SampleStations {
    /// Their keys.
    #[must_use]
    pub fn keys(&self) -> &[StationKey] {
        &self.keys
    }

    fn number(&mut self, key: StationKey) -> usize {
        if let Some(&number) = self.numbers.get(&key) {
            return number;
        }
        self.keys.push(key.clone());
        self.numbers.insert(key, self.keys.len() - 1);
        self.keys.len() - 1
    }
}

/// Hands every row of a table to `each`, in its order, with the stations known so far. What is wrong becomes findings;
/// good rows and cells are kept.
///
/// # Errors
/// When the file cannot be read.
pub fn read_samples(
    options: SampleOptions<'_>,
    parameters: &Parameters,
    units: &Units,
    findings: &mut Findings,
    mut each: impl FnMut(&SampleStations, &SampleRow<'_>, &mut Findings),
) -> Result<SampleStations, TableError> {
    let io = |source| TableError::Io { path: options.input.to_owned(), source };
    findings.set_file(options.input);
    let mut stations = SampleStations::default();
    let format = options.format.unwrap_or_else(|| TableFormat::of_name(options.input));
    if format == TableFormat::Parquet && options.input != "-" {
        let file = File::open(options.input).map_err(io)?;
        if let Err(error) = read_parquet(file, options, parameters, units, findings, &mut stations, &mut each) {
            findings.report("file_cut", Place { value: &error, ..Place::default() });
        }
        return Ok(stations);
    }
    let mut table = if options.input == "-" {
        if format == TableFormat::Csv {
            TextTable::of_text(std::io::stdin(), findings)
        } else {
            let mut content = Vec::new();
            std::io::stdin().lock().read_to_end(&mut content).map_err(io)?;
            TextTable::of_bytes(content, format, findings)
        }
    } else {
        TextTable::open_as(Path::new(options.input), format, findings)?
    };
    if table.header().is_empty() {
        return Ok(stations);
    }
    let Some(columns) = Columns::of_header(table.header(), options, parameters, units, findings) else {
        return Ok(stations);
    };
    let mut cells = csv::StringRecord::new();
    let mut values = Vec::with_capacity(columns.values.len());
    let mut long = LongNames::default();
    while let Some(line) = table.next_row(&mut cells, findings) {
        let place = |column: usize| Place { line: Some(line), field: &columns.header[column], value: &cells[column] };
        let station = cells[columns.station].trim();
        if station.is_empty() {
            findings.report("station_missing", place(columns.station));
            continue;
        }
        let moment = match moment_of(&cells[columns.time]) {
            Ok(moment) => moment,
            Err(code) => {
                findings.report(code, place(columns.time));
                continue;
            }
        };
        values.clear();
        let valid = columns.flag.is_none_or(|flag| flag_is_valid(&cells[flag]));
        if let Some(of) = columns.long.filter(|_| valid) {
            let unit = of.unit.map_or("", |unit| cells[unit].trim());
            let name = match of.name {
                Name::Column(column) => &cells[column],
                Name::Item(item) => options.items[item],
            };
            match long.meaning(name, unit, options, parameters, units) {
                Meaning::Item(meaning) => {
                    let read = meaning.check(read_value(&cells[of.value]));
                    push(&mut values, meaning.item, read, findings, || place(of.value));
                }
                Meaning::Other => {}
                Meaning::Wrong("unit_unknown") => findings.report("unit_unknown", place(of.unit.unwrap_or(of.place()))),
                Meaning::Wrong(code) => findings.report(code, place(of.place())),
            }
        }
        for column in columns.values.iter().filter(|_| valid) {
            if column.flag.is_some_and(|flag| !flag_is_valid(&cells[flag])) {
                continue;
            }
            let read = column.meaning.check(read_value(&cells[column.column]));
            push(&mut values, column.meaning.item, read, findings, || place(column.column));
        }
        let words: Vec<&str> =
            columns.words.iter().map(|column| column.map_or("", |column| cells[column].trim())).collect();
        let station = stations.number(StationKey::of_text(station));
        each(&stations, &SampleRow { line, station, moment, words: &words, cells: &values }, findings);
    }
    Ok(stations)
}

fn push<'a>(
    values: &mut Vec<(usize, CellValue)>,
    item: usize,
    read: Result<CellValue, FindingCode>,
    findings: &mut Findings,
    place: impl FnOnce() -> Place<'a>,
) {
    match read {
        Ok(CellValue::None) => {}
        Ok(value) => values.push((item, value)),
        Err(code) => findings.report(code, place()),
    }
}

/// Reads a time or says why it is none.
fn moment_of(text: &str) -> Result<Moment, FindingCode> {
    if is_no_value(text.trim()) {
        return Err("time_missing");
    }
    let moment = text.parse().map_err(|error| match error {
        TimeError::Offset => "time_zone",
        TimeError::Form | TimeError::Range | TimeError::NotOnTheHour => "time_form",
    });
    moment.and_then(plausible)
}

fn plausible(moment: Moment) -> Result<Moment, FindingCode> {
    if SECONDS.contains(&moment.0) { Ok(moment) } else { Err("time_absurd") }
}

/// What the values of an item mean.
#[derive(Clone, Debug)]
struct ItemMeaning {
    item: usize,
    factor: Measured,
    lowest: Measured,
    highest: Measured,
}

impl ItemMeaning {
    fn of(item: usize, factor: Measured, parameter: &Parameter) -> Self {
        Self { item, factor, lowest: parameter.plausible_min, highest: parameter.plausible_max }
    }

    /// The value in the unit of the norm, when it is plausible.
    fn check(&self, value: CellValue) -> Result<CellValue, FindingCode> {
        match value.times(self.factor) {
            CellValue::Bad => Err("value_form"),
            CellValue::Value(value) | CellValue::BelowDetection(value) if value < self.lowest => Err("value_negative"),
            CellValue::Value(value) | CellValue::BelowDetection(value) if value > self.highest => Err("value_absurd"),
            value => Ok(value),
        }
    }
}

/// What the name of a long table's parameter means.
enum Meaning {
    Item(ItemMeaning),
    /// A known parameter that is not judged here.
    Other,
    Wrong(FindingCode),
}

impl Meaning {
    fn of(name: &str, unit: &str, options: SampleOptions<'_>, parameters: &Parameters, units: &Units) -> Self {
        let Some((parameter, in_name)) = named(name, options.medium, parameters) else {
            return Self::Wrong("parameter_unknown");
        };
        if parameter.group == "wrong_form" {
            return Self::Wrong("form_wrong");
        }
        let unit = if unit.is_empty() { in_name.unwrap_or_default() } else { unit };
        let item = options.items.iter().position(|item| *item == parameter.parameter);
        // Some items are measured in one of several units, as in water and in gas.
        let convert = || parameter.unit.split('|').find_map(|wanted| units.factor(unit, wanted));
        let factor = if unit.is_empty() { Some(Measured::whole(1)) } else { convert() };
        match (item, factor) {
            (None, _) => Self::Other,
            (Some(_), None) => Self::Wrong("unit_unknown"),
            (Some(item), Some(factor)) => Self::Item(ItemMeaning::of(item, factor, parameter)),
        }
    }
}

/// The parameter that a header or cell names, and a unit that stands in brackets behind it.
fn named<'p, 'n>(name: &'n str, medium: &str, parameters: &'p Parameters) -> Option<(&'p Parameter, Option<&'n str>)> {
    if let Some(parameter) = parameters.find(medium, name) {
        return Some((parameter, None));
    }
    let name = name.trim().strip_suffix([')', '）', ']'])?;
    let at = name.rfind(['(', '（', '['])?;
    let bracket = name[at..].chars().next().map_or(1, char::len_utf8);
    parameters.find(medium, &name[..at]).map(|parameter| (parameter, Some(name[at + bracket..].trim())))
}

/// The meanings of a long table's names, each looked up once.
#[derive(Default)]
struct LongNames(HashMap<(String, String), Meaning>);

impl LongNames {
    fn meaning(
        &mut self,
        name: &str,
        unit: &str,
        options: SampleOptions<'_>,
        parameters: &Parameters,
        units: &Units,
    ) -> &Meaning {
        self.0
            .entry((name.to_owned(), unit.to_owned()))
            .or_insert_with(|| Meaning::of(name, unit, options, parameters, units))
    }
}

/// The columns of a table of samples, by number.
#[derive(Debug)]
struct Columns {
    header: Vec<String>,
    station: usize,
    time: usize,
    /// Flag of a row.
    flag: Option<usize>,
    /// The value of a long table.
    long: Option<Long>,
    /// The values of a wide table, and what a long one says beside each value.
    values: Vec<ValueColumn>,
    words: Vec<Option<usize>>,
}

/// The columns of a value that names what it is.
#[derive(Clone, Copy, Debug)]
struct Long {
    name: Name,
    value: usize,
    unit: Option<usize>,
}

/// Where the name of a value stands.
#[derive(Clone, Copy, Debug)]
enum Name {
    Column(usize),
    /// Nowhere: all are of one item.
    Item(usize),
}

impl Long {
    /// The column that a wrong name is told with.
    const fn place(&self) -> usize {
        match self.name {
            Name::Column(column) => column,
            Name::Item(_) => self.value,
        }
    }
}

#[derive(Debug)]
struct ValueColumn {
    column: usize,
    meaning: ItemMeaning,
    flag: Option<usize>,
}

impl Columns {
    fn of_header(
        header: &[String],
        options: SampleOptions<'_>,
        parameters: &Parameters,
        units: &Units,
        findings: &mut Findings,
    ) -> Option<Self> {
        let mut roles: HashMap<&str, usize> = HashMap::new();
        let mut values: Vec<ValueColumn> = Vec::new();
        let mut flags: Vec<(usize, usize)> = Vec::new();
        for (number, name) in header.iter().enumerate() {
            let place = Place { line: Some(1), field: name, value: "" };
            if let Some(head) = name.trim().get(..5).filter(|head| head.eq_ignore_ascii_case("flag_")) {
                let of = parameters.find(options.medium, &name.trim()[head.len()..]);
                match of.map(|of| options.items.iter().position(|item| *item == of.parameter)) {
                    Some(Some(item)) => flags.push((item, number)),
                    Some(None) => {}
                    None => findings.report("column_unknown", place),
                }
                continue;
            }
            let role = parameters.find("column", name).map(|role| role.parameter.as_str());
            if let Some(role) = role {
                if roles.contains_key(role) && role != "ignored" {
                    findings.report("header_twice", place);
                } else {
                    roles.insert(role, number);
                }
                continue;
            }
            match Meaning::of(name, "", options, parameters, units) {
                Meaning::Item(meaning) => {
                    if values.iter().any(|column| column.meaning.item == meaning.item) {
                        findings.report("header_twice", place);
                    } else {
                        values.push(ValueColumn { column: number, meaning, flag: None });
                    }
                }
                Meaning::Other => {}
                Meaning::Wrong("parameter_unknown") => findings.report("column_unknown", place),
                Meaning::Wrong(code) => findings.report(code, place),
            }
        }
        for column in &mut values {
            column.flag = flags.iter().find(|(item, _)| *item == column.meaning.item).map(|(_, number)| *number);
        }
        let role = |role: &str| roles.get(role).copied();
        let default = options.default.and_then(|name| options.items.iter().position(|item| *item == name));
        let name = role("parameter").or(role("metric")).map(Name::Column).or(default.map(Name::Item));
        let long = name.zip(role("value")).map(|(name, value)| Long { name, value, unit: role("unit") });
        let lacking = [
            ("station", role("station").is_none()),
            ("time", role("time").is_none()),
            ("parameter,value", long.is_none() && values.is_empty()),
        ];
        for (field, _) in lacking.iter().filter(|(_, lacking)| *lacking) {
            findings.report("header_missing", Place { line: Some(1), field, value: &header.join(",") });
        }
        if lacking.iter().any(|(_, lacking)| *lacking) {
            return None;
        }
        Some(Self {
            header: header.to_vec(),
            station: role("station")?,
            time: role("time")?,
            flag: role("flag"),
            words: options.words.iter().map(|word| role(word)).collect(),
            values,
            long,
        })
    }

    /// All columns that are read, ascending.
    fn needed(&self) -> Vec<usize> {
        let mut needed = vec![self.station, self.time];
        needed.extend(self.flag);
        if let Some(long) = self.long {
            needed.extend([long.place(), long.value]);
            needed.extend(long.unit);
        }
        needed.extend(self.values.iter().flat_map(|column| [Some(column.column), column.flag]).flatten());
        needed.extend(self.words.iter().flatten());
        needed.sort_unstable();
        needed.dedup();
        needed
    }
}

fn read_parquet(
    file: File,
    options: SampleOptions<'_>,
    parameters: &Parameters,
    units: &Units,
    findings: &mut Findings,
    stations: &mut SampleStations,
    each: &mut impl FnMut(&SampleStations, &SampleRow<'_>, &mut Findings),
) -> Result<(), String> {
    let builder = match calmly(|| ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| error.to_string())) {
        Ok(builder) => builder,
        Err(error) => {
            findings.report("file_form", Place { value: &error, ..Place::default() });
            return Ok(());
        }
    };
    let header: Vec<String> = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
    let Some(columns) = Columns::of_header(&header, options, parameters, units, findings) else { return Ok(()) };
    let needed = columns.needed();
    let kinds: Vec<DataType> = builder.schema().fields().iter().map(|field| field.data_type().clone()).collect();
    for (column, wants_time) in [(columns.station, false), (columns.time, true)] {
        let kind = &kinds[column];
        let is_text =
            |kind: &DataType| matches!(kind, DataType::Dictionary(_, of) if of.is_string()) || kind.is_string();
        let fits = is_text(kind)
            || if wants_time {
                matches!(kind, DataType::Timestamp(_, None) | DataType::Date32)
            } else {
                kind.is_integer()
            };
        if !fits {
            let code = if matches!(kind, DataType::Timestamp(_, Some(_))) { "time_zone" } else { "column_type" };
            findings.report(code, Place { line: None, field: &header[column], value: &kind.to_string() });
            return Ok(());
        }
    }
    let mask = ProjectionMask::roots(builder.parquet_schema(), needed.clone());
    let (sender, receiver) = sync_channel(BATCHES_WAITING_MAX);
    std::thread::scope(|scope| {
        // One thread decodes while this one judges.
        scope.spawn(move || {
            let decode = || {
                let reader = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build();
                for batch in reader.map_err(|error| error.to_string())? {
                    // The receiver is gone only when the reading was given up.
                    if sender.send(Ok(batch.map_err(|error| error.to_string())?)).is_err() {
                        break;
                    }
                }
                Ok(())
            };
            if let Err(error) = calmly(decode) {
                let _ = sender.send(Err(error));
            }
        });
        let mut long = LongNames::default();
        let mut line = 1;
        for batch in receiver {
            let batch: RecordBatch = batch?;
            let rows = batch.num_rows() as u64;
            let part = Batch { columns: &columns, needed: &needed, batch: &batch, first_line: line };
            part.read((options, parameters, units), &mut long, findings, stations, each);
            line += rows;
        }
        Ok(())
    })
}

/// Some rows of Parquet.
struct Batch<'a> {
    columns: &'a Columns,
    needed: &'a [usize],
    batch: &'a RecordBatch,
    first_line: u64,
}

/// A column of values.
enum Values {
    Doubles(Float64Array),
    Texts(StringArray),
    None,
}

impl Values {
    fn of(column: &ArrayRef) -> Self {
        match column.data_type() {
            DataType::Null => Self::None,
            // A single float stands for the decimal that it is printed as.
            DataType::Float32 => Self::Texts(texts_of(column)),
            kind if kind.is_numeric() => match cast(column, &DataType::Float64) {
                Ok(doubles) => Self::Doubles(doubles.as_primitive::<Float64Type>().clone()),
                Err(_) => Self::None,
            },
            _ => Self::Texts(texts_of(column)),
        }
    }

    fn read(&self, row: usize) -> CellValue {
        match self {
            Self::Doubles(doubles) if doubles.is_null(row) || doubles.value(row).is_nan() => CellValue::None,
            Self::Doubles(doubles) => Measured::from_f64(doubles.value(row)).map_or(CellValue::Bad, CellValue::Value),
            Self::Texts(texts) if texts.is_null(row) => CellValue::None,
            Self::Texts(texts) => read_value(texts.value(row)),
            Self::None => CellValue::None,
        }
    }

    fn shown(&self, row: usize) -> String {
        match self {
            Self::Doubles(doubles) => doubles.value(row).to_string(),
            Self::Texts(texts) => texts.value(row).to_owned(),
            Self::None => String::new(),
        }
    }
}

fn texts_of(column: &ArrayRef) -> StringArray {
    match cast(column, &DataType::Utf8) {
        Ok(texts) => texts.as_string::<i32>().clone(),
        Err(_) => StringArray::new_null(column.len()),
    }
}

impl Batch<'_> {
    fn column(&self, number: usize) -> &ArrayRef {
        self.batch.column(self.needed.binary_search(&number).unwrap_or_default())
    }

    fn read(
        &self,
        (options, parameters, units): (SampleOptions<'_>, &Parameters, &Units),
        long: &mut LongNames,
        findings: &mut Findings,
        stations: &mut SampleStations,
        each: &mut impl FnMut(&SampleStations, &SampleRow<'_>, &mut Findings),
    ) {
        let columns = self.columns;
        let numbers = self.stations(stations);
        let moments = self.moments();
        let flags = columns.flag.map(|flag| valid_rows(self.column(flag)));
        let values: Vec<(Values, Option<Vec<bool>>)> = columns
            .values
            .iter()
            .map(|value| (Values::of(self.column(value.column)), value.flag.map(|flag| valid_rows(self.column(flag)))))
            .collect();
        let words: Vec<Option<StringArray>> =
            columns.words.iter().map(|column| column.map(|column| texts_of(self.column(column)))).collect();
        let of_long = columns.long.map(|long| {
            let names = match long.name {
                Name::Column(column) => Some(texts_of(self.column(column))),
                Name::Item(_) => None,
            };
            (long, names, Values::of(self.column(long.value)), long.unit.map(|unit| texts_of(self.column(unit))))
        });
        let text = |texts: &StringArray, row: usize| if texts.is_null(row) { "" } else { texts.value(row) }.to_owned();
        let mut cells = Vec::with_capacity(values.len());
        for row in 0..self.batch.num_rows() {
            let line = self.first_line + row as u64;
            let report = |findings: &mut Findings, code, column: usize, value: &str| {
                findings.report(code, Place { line: Some(line), field: &columns.header[column], value });
            };
            if numbers[row] == NO_ROW {
                report(findings, "station_missing", columns.station, "");
                continue;
            }
            let moment = match &moments[row] {
                Ok(moment) => *moment,
                Err((code, value)) => {
                    report(findings, code, columns.time, value);
                    continue;
                }
            };
            cells.clear();
            let valid = flags.as_ref().is_none_or(|flags| flags[row]);
            if let Some((of, names, read, unit)) = of_long.as_ref().filter(|_| valid) {
                let unit = unit.as_ref().map_or_else(String::new, |unit| text(unit, row));
                let name = match (of.name, names) {
                    (Name::Item(item), _) => options.items[item].to_owned(),
                    (Name::Column(_), names) => names.as_ref().map_or_else(String::new, |names| text(names, row)),
                };
                match long.meaning(&name, unit.trim(), options, parameters, units) {
                    Meaning::Item(meaning) => match meaning.check(read.read(row)) {
                        Ok(CellValue::None) => {}
                        Ok(cell) => cells.push((meaning.item, cell)),
                        Err(code) => report(findings, code, of.value, &read.shown(row)),
                    },
                    Meaning::Other => {}
                    Meaning::Wrong("unit_unknown") => {
                        report(findings, "unit_unknown", of.unit.unwrap_or(of.place()), &unit);
                    }
                    Meaning::Wrong(code) => report(findings, code, of.place(), &name),
                }
            }
            for (column, (read, flags)) in columns.values.iter().zip(&values).filter(|_| valid) {
                if flags.as_ref().is_some_and(|flags| !flags[row]) {
                    continue;
                }
                match column.meaning.check(read.read(row)) {
                    Ok(CellValue::None) => {}
                    Ok(cell) => cells.push((column.meaning.item, cell)),
                    Err(code) => report(findings, code, column.column, &read.shown(row)),
                }
            }
            let said: Vec<&str> = words
                .iter()
                .map(|texts| {
                    texts.as_ref().filter(|texts| !texts.is_null(row)).map_or("", |texts| texts.value(row).trim())
                })
                .collect();
            let station = numbers[row] as usize;
            each(stations, &SampleRow { line, station, moment, words: &said, cells: &cells }, findings);
        }
    }

    /// The station number of each row, [`NO_ROW`] where there is none.
    fn stations(&self, stations: &mut SampleStations) -> Vec<u32> {
        let column = self.column(self.columns.station);
        let (mut last, mut number) = (None, NO_ROW);
        if column.data_type().is_integer() {
            let Ok(keys) = cast(column, &DataType::Int64) else { return vec![NO_ROW; column.len()] };
            let keys: &Int64Array = keys.as_primitive::<Int64Type>();
            let mut of_row = |key: Option<i64>| {
                let Some(key) = key else { return NO_ROW };
                if last != Some(key) {
                    last = Some(key);
                    number = stations.number(StationKey::Int(key)) as u32;
                }
                number
            };
            return keys.iter().map(&mut of_row).collect();
        }
        let texts = texts_of(column);
        let mut before: Option<&str> = None;
        let of_row = |row: usize| {
            let text = if texts.is_null(row) { "" } else { texts.value(row).trim() };
            if text.is_empty() {
                return NO_ROW;
            }
            if before != Some(text) {
                before = Some(text);
                number = stations.number(StationKey::of_text(text)) as u32;
            }
            number
        };
        (0..texts.len()).map(of_row).collect()
    }

    /// The time of each row, or what is wrong with it and what stood there.
    fn moments(&self) -> Vec<Result<Moment, (FindingCode, String)>> {
        let column = self.column(self.columns.time);
        let per_second = match column.data_type() {
            DataType::Timestamp(unit, _) => match unit {
                TimeUnit::Second => 1,
                TimeUnit::Millisecond => 1_000,
                TimeUnit::Microsecond => 1_000_000,
                TimeUnit::Nanosecond => 1_000_000_000,
            },
            DataType::Date32 => {
                let days = cast(column, &DataType::Int32).and_then(|days| cast(&days, &DataType::Int64));
                let Ok(days) = days else { return vec![Err(("time_form", String::new())); column.len()] };
                let moment = |day: Option<i64>| match day {
                    Some(day) => plausible(Moment(day * 86_400)).map_err(|code| (code, day.to_string())),
                    None => Err(("time_missing", String::new())),
                };
                return days.as_primitive::<Int64Type>().iter().map(moment).collect();
            }
            _ => {
                let texts = texts_of(column);
                let moment = |text: Option<&str>| {
                    let text = text.unwrap_or_default();
                    moment_of(text).map_err(|code| (code, text.to_owned()))
                };
                return texts.iter().map(moment).collect();
            }
        };
        let Ok(counts) = cast(column, &DataType::Int64) else {
            return vec![Err(("time_form", String::new())); column.len()];
        };
        let moment = |count: Option<i64>| match count {
            Some(count) => plausible(Moment(count.div_euclid(per_second))).map_err(|code| (code, count.to_string())),
            None => Err(("time_missing", String::new())),
        };
        counts.as_primitive::<Int64Type>().iter().map(moment).collect()
    }
}

/// Whether the flag of each row says valid.
fn valid_rows(column: &ArrayRef) -> Vec<bool> {
    let texts = texts_of(column);
    (0..texts.len())
        .map(|row| texts.is_null(row) || flag_is_valid(texts.value(row)) || texts.value(row) == "false")
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails says where")]
mod tests {
    use super::*;
    use norms::NormFile;

    fn read(text: &str, items: &[&str]) -> (Vec<String>, Vec<(FindingCode, u64)>) {
        let file = |name: &str, text: &str| NormFile { path: name.to_owned(), text: text.to_owned() };
        let parameters =
            Parameters::load(&file("parameters.csv", include_str!("../../../norms/parameters.csv"))).unwrap();
        let units = Units::load(&file("units.csv", include_str!("../../../norms/units.csv"))).unwrap();
        let input = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
        std::fs::write(input.path(), text).unwrap();
        let name = input.path().to_string_lossy();
        let options = SampleOptions {
            input: &name,
            format: None,
            medium: "surface_water",
            items,
            default: None,
            words: &["kind"],
        };
        let mut findings = Findings::new();
        let mut rows = Vec::new();
        read_samples(options, &parameters, &units, &mut findings, |stations, row, _| {
            let cells: Vec<String> = row
                .cells
                .iter()
                .map(|(item, value)| match value {
                    CellValue::BelowDetection(limit) => format!("{item}<{limit}"),
                    CellValue::Value(value) => format!("{item}={value}"),
                    other => format!("{other:?}"),
                })
                .collect();
            let station = &stations.keys()[row.station];
            rows.push(
                format!("{station} {} {} {}", row.moment.label(), row.words[0], cells.join(" ")).trim_end().to_owned(),
            );
        })
        .unwrap();
        let mut told: Vec<(FindingCode, u64)> =
            findings.kept().iter().map(|finding| (finding.code, finding.line.unwrap_or(0))).collect();
        told.sort_unstable();
        (rows, told)
    }

    #[test]
    fn wide_and_long_say_the_same() {
        let wide = "断面,时间,类型,氨氮（mg/L）,砷(µg/L),总磷,浊度\nA,2022-01-02 04:00,lake,0.3,<2,--,7\n";
        let long = "section,time,parameter,value,unit,kind\nA,2022-01-02T04:00,NH3-N,0.3,mg/L,lake\nA,2022-01-02T04:00,As,2L,ug/L,lake\nA,2022-01-02T04:00,总磷,--,,lake\n";
        let items = ["NH3N", "As", "TP"];
        let (rows, told) = read(wide, &items);
        assert_eq!((rows, told), (vec!["A 2022-01-02T04:00 lake 0=0.3 1<0.002".to_owned()], vec![]));
        let (rows, told) = read(long, &items);
        let expected = ["A 2022-01-02T04:00 lake 0=0.3", "A 2022-01-02T04:00 lake 1<0.002", "A 2022-01-02T04:00 lake"];
        assert_eq!((rows, told), (expected.map(str::to_owned).to_vec(), vec![]));
    }

    #[test]
    fn what_is_wrong_is_told_and_the_rest_is_kept() {
        let text = "section,time,NH3,NH3N(mol/L),TP,TP,quux,pH,flag_pH\n,2022-01-01,1,1,1,1,1,7,\nA,yesterday,1,1,1,1,1,7,\nA,2022-01-01T00:00+09:00,1,1,1,1,1,7,\nA,2022-01-01,1,1,-1,1,1,7,X\nB,2022-01-01,1,1,x,1,1,15,0\nB,2022-01-02,1,1,0.1,1,1,7,N\n";
        let (rows, told) = read(text, &["NH3N", "TP", "pH"]);
        assert_eq!(rows, ["A 2022-01-01T00:00", "B 2022-01-01T00:00", "B 2022-01-02T00:00  1=0.1 2=7"]);
        assert_eq!(
            told,
            [
                ("column_unknown", 1),
                ("form_wrong", 1),
                ("header_twice", 1),
                ("station_missing", 2),
                ("time_form", 3),
                ("time_zone", 4),
                ("unit_unknown", 1),
                ("value_absurd", 6),
                ("value_form", 6),
                ("value_negative", 5)
            ]
        );
    }

    #[test]
    fn a_table_without_values_is_no_table() {
        let (rows, told) = read("section,quux\nA,1\n", &["TP"]);
        assert!(rows.is_empty());
        assert_eq!(told.iter().filter(|(code, _)| *code == "header_missing").count(), 2);
    }
}
