//! Imports: a user's table into the lake, through the one door that the demo city uses too.

use crate::data_folder::{DataFolder, Kind, precedence};
use crate::norm_files::Library;
use anyhow::bail;
use exchange::{
    CellValue, Findings, Label, Layout, Place, Shape, SourceMapping, Target, TextTable, is_no_value, read_value,
};
use lake::{Batch, Observation, ObservationRows, Station};
use norms::{Day, Hour, Measured, Moment, Parameters, TimeError};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The source of rows that the simulator made.
pub const SIMULATED: &str = "simulated";

/// What an import did.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// Rows of the table.
    pub rows_read: u64,
    /// Values or stations that were new.
    pub rows_new: u64,
    /// Those that were there already.
    pub rows_equal: u64,
    /// Those that replaced others.
    pub rows_revised: u64,
    /// Rows of other cities, passed over.
    pub rows_elsewhere: u64,
}

/// Imports one table. `source` is the name that stands in the rows, and a declared mapping when there is one of that name.
///
/// `None` when the header is not that of such a table: nothing was read, and the findings say why.
///
/// # Errors
/// When simulated rows would come into a real city, or the lake cannot be written.
pub async fn import(
    folder: &DataFolder,
    library: &Library,
    target: Target,
    source: &str,
    table: TextTable,
    now: jiff::Timestamp,
    findings: &mut Findings,
) -> anyhow::Result<Option<Imported>> {
    let name_is_plain = !source.is_empty()
        && source.len() <= 64
        && source.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if !name_is_plain {
        bail!(crate::cli::Usage(
            "来源名只用字母、数字、-、_ / the name of a source is letters, digits, - and _".to_owned()
        ));
    }
    if folder.kind == Kind::Real && source == SIMULATED {
        bail!(crate::cli::Usage(
            "真实城市不收模拟数据 / a real city takes no simulated rows; use `yundang demo` with another folder"
                .to_owned()
        ));
    }
    match target {
        Target::Station => stations(folder, library, source, table, findings).await,
        Target::Observation => observations(folder, library, source, table, now, findings).await,
    }
}

async fn observations(
    folder: &DataFolder,
    library: &Library,
    source: &str,
    mut table: TextTable,
    now: jiff::Timestamp,
    findings: &mut Findings,
) -> anyhow::Result<Option<Imported>> {
    let mapping = library.sources.get(source);
    let parameters = &library.norms.parameters;
    let layout = match mapping {
        Some(mapping) => Layout::of_mapping(table.header(), mapping, findings),
        None => Layout::of_header(table.header(), "air", parameters, Label::End, findings),
    };
    let Some(layout) = layout else { return Ok(None) };
    let mut imported = Imported::default();
    let registered = registered(folder).await?;
    let mut unknown = BTreeSet::new();
    let mut rows = ObservationRows::new();
    let period = layout.header.iter().position(|column| column.trim().eq_ignore_ascii_case("period"));
    let mut reader = Reader { city: &folder.pack.city.code, parameters, layout: &layout, period, rows: &mut rows };
    let mut cells = csv::StringRecord::new();
    while let Some(line) = table.next_row(&mut cells, findings) {
        imported.rows_read += 1;
        let elsewhere = mapping.is_some()
            && layout
                .city
                .is_some_and(|city| !cells[city].trim().is_empty() && cells[city].trim() != folder.pack.city.name_zh);
        if elsewhere {
            imported.rows_elsewhere += 1;
            continue;
        }
        let station = cells[layout.station].trim();
        let Some(medium) = registered.get(station) else {
            if station.is_empty() {
                findings.report("station_missing", Place { line: Some(line), field: "station", value: "" });
            } else if unknown.insert(station.to_owned()) {
                let field = &layout.header[layout.station];
                findings.report("station_unknown", Place { line: Some(line), field, value: station });
            }
            continue;
        };
        reader.read(&cells, line, medium, findings);
    }
    let mut digest = Sha256::new();
    digest.update(source);
    digest.update(rows.fingerprint().to_le_bytes());
    let id = digest.finalize().iter().take(16).fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let stored_as = mapping.and_then(|mapping| mapping.stored_as.as_deref()).unwrap_or(source);
    let report =
        folder.lake.write_observations(&rows, &Batch::once(&id, stored_as, now), &precedence(&library.files)?).await?;
    if report.already_written {
        imported.rows_equal = rows.len() as u64;
    } else {
        imported.rows_new = report.new as u64;
        imported.rows_equal = (report.equal + report.repeated) as u64;
        imported.rows_revised = (report.revised + report.superseded) as u64;
    }
    Ok(Some(imported))
}

/// Medium of every registered station.
async fn registered(folder: &DataFolder) -> anyhow::Result<BTreeMap<String, String>> {
    let session = folder.lake.session(lake::Limits::OWN).await?;
    let city = lake::Parameter::Text(folder.pack.city.code.clone());
    let rows = session
        .ask("SELECT DISTINCT station, medium FROM station WHERE city = $city", &[("city", city)])
        .await?
        .rows()
        .await?;
    Ok(rows.into_iter().map(|row| (row[0].to_string(), row[1].to_string())).collect())
}

/// The kind of averaging period of an air value, and of a table that has no column of them.
const HOURLY: &str = "hour";
/// A sample's: it is taken at a moment.
const INSTANT: &str = "instant";
/// The flag of a value that is a detection limit.
pub(crate) const BELOW_DETECTION: &str = "L";

/// Turns rows of text into observations.
struct Reader<'a> {
    city: &'a str,
    parameters: &'a Parameters,
    layout: &'a Layout,
    /// The column of period kinds of a long table.
    period: Option<usize>,
    rows: &'a mut ObservationRows,
}

impl Reader<'_> {
    fn read(&mut self, cells: &csv::StringRecord, line: u64, medium: &str, findings: &mut Findings) {
        let layout = self.layout;
        let period = self.period.map_or(HOURLY, |period| cells[period].trim());
        let time = match period {
            INSTANT => read_moment(&cells[layout.time]),
            _ => read_hour(&cells[layout.time], layout.label).map(Hour::end_micros_utc),
        };
        let time = match time {
            Ok(time) => time,
            Err(code) => {
                let field = &layout.header[layout.time];
                findings.report(code, Place { line: Some(line), field, value: &cells[layout.time] });
                return;
            }
        };
        match &layout.shape {
            Shape::Wide { columns, mask } => {
                let row_flag = mask.map_or("", |mask| cells[mask].trim());
                let masked = row_flag.parse::<u8>().ok().filter(|bits| *bits < 64);
                for column in columns {
                    let own = column.flag.map_or("", |flag| cells[flag].trim());
                    let flag = match (own, masked) {
                        ("" | "0" | "N", Some(bits)) if mask_holds(bits, &column.parameter) => "X",
                        ("" | "0" | "N", None) if !matches!(row_flag, "" | "N" | "n") => row_flag,
                        ("" | "0" | "N" | "n", _) => "",
                        (flag, _) => flag,
                    };
                    let place = (column.parameter.as_str(), column.period.as_str(), column.factor, column.column);
                    self.value(cells, line, medium, time, place, flag, findings);
                }
            }
            Shape::Long { parameter, value, flag } => {
                let Some(found) =
                    self.parameters.find(medium, &cells[*parameter]).filter(|found| found.medium != "column")
                else {
                    let field = &layout.header[*parameter];
                    findings.report("parameter_unknown", Place { line: Some(line), field, value: &cells[*parameter] });
                    return;
                };
                let flag = flag.map_or("", |flag| cells[flag].trim());
                let flag = if matches!(flag, "0" | "N" | "n") { "" } else { flag };
                let kind = if period == INSTANT { INSTANT } else { HOURLY };
                let place = (found.parameter.as_str(), kind, Measured::whole(1), *value);
                self.value(cells, line, medium, time, place, flag, findings);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one cell of a row with what is known of it")]
    fn value(
        &mut self,
        cells: &csv::StringRecord,
        line: u64,
        medium: &str,
        time: i64,
        (parameter, period, factor, column): (&str, &str, Measured, usize),
        flag: &str,
        findings: &mut Findings,
    ) {
        let mut bad = |code| {
            let place = Place { line: Some(line), field: &self.layout.header[column], value: &cells[column] };
            findings.report(code, place);
        };
        let (value, flag) = match read_value(&cells[column]) {
            CellValue::None => return,
            CellValue::Bad => return bad("value_form"),
            CellValue::Value(value) => (value, flag),
            // An hour of air counts with half the limit; of a sample the limit is kept, and its judgement says what it is.
            CellValue::BelowDetection(limit) if period == INSTANT && flag.is_empty() => (limit, BELOW_DETECTION),
            CellValue::BelowDetection(limit) => (limit.below_detection(), flag),
        };
        let value = if factor == Measured::whole(1) {
            value
        } else {
            Measured::from_f64(value.to_f64() * factor.to_f64()).unwrap_or(value)
        };
        // A flagged value is kept as it came; one that counts must be plausible.
        if matches!(flag, "" | BELOW_DETECTION)
            && let Some(range) = self.parameters.find(medium, parameter)
        {
            if value < range.plausible_min {
                return bad("value_negative");
            }
            if value > range.plausible_max {
                return bad(if parameter == "CO" { "unit_suspect" } else { "value_absurd" });
            }
        }
        self.rows.push(Observation {
            city: self.city,
            medium,
            station: cells[self.layout.station].trim(),
            parameter,
            period,
            time,
            value: Some(value.to_f64()),
            flag,
        });
    }
}

/// Whether a cell of a register says no, in any of the ways that programs write it.
pub(crate) fn says_no(word: &str) -> bool {
    matches!(word.trim().to_lowercase().as_str(), "0" | "false" | "no" | "n" | "否")
}

/// The bit mask of a wide table is over SO2, NO2, CO, O3, PM10, PM2_5.
fn mask_holds(bits: u8, parameter: &str) -> bool {
    let order = ["SO2", "NO2", "CO", "O3", "PM10", "PM2_5"];
    order.iter().position(|name| *name == parameter).is_some_and(|bit| bits & (1 << bit) != 0)
}

fn read_hour(text: &str, label: Label) -> Result<Hour, &'static str> {
    if is_no_value(text.trim()) {
        return Err("time_missing");
    }
    let hour = match label {
        Label::End => Hour::ending(text),
        Label::Start => Hour::starting(text),
    };
    let hour = hour.map_err(|error| match error {
        TimeError::Offset => "time_zone",
        TimeError::NotOnTheHour => "time_not_hour",
        TimeError::Form | TimeError::Range => "time_form",
    })?;
    if (1900..2200).contains(&hour.day().year()) { Ok(hour) } else { Err("time_absurd") }
}

/// The instant of a sample, microseconds UTC.
fn read_moment(text: &str) -> Result<i64, &'static str> {
    if is_no_value(text.trim()) {
        return Err("time_missing");
    }
    let moment: Moment = text.parse().map_err(|error| match error {
        TimeError::Offset => "time_zone",
        TimeError::Form | TimeError::Range | TimeError::NotOnTheHour => "time_form",
    })?;
    if !(1900..2200).contains(&moment.day().year()) {
        return Err("time_absurd");
    }
    Ok(moment.micros_utc())
}

async fn stations(
    folder: &DataFolder,
    library: &Library,
    source: &str,
    mut table: TextTable,
    findings: &mut Findings,
) -> anyhow::Result<Option<Imported>> {
    let mapping = library.sources.get(source);
    let columns = StationColumns::find(table.header(), mapping, findings);
    let Some(columns) = columns else { return Ok(None) };
    let mut imported = Imported::default();
    let mut rows: BTreeMap<(String, Option<Day>), Station> = BTreeMap::new();
    let mut targets: BTreeMap<(String, Option<Day>), lake::Target> = BTreeMap::new();
    let mut cells = csv::StringRecord::new();
    while let Some(line) = table.next_row(&mut cells, findings) {
        imported.rows_read += 1;
        match columns.read(&cells, folder, source, mapping) {
            Ok(Some(station)) => {
                if let Some(target) = columns.target(&cells, &station) {
                    targets.insert((target.station.clone(), target.valid_from), target);
                }
                rows.insert((station.station.clone(), station.valid_from), station);
            }
            Ok(None) => imported.rows_elsewhere += 1,
            Err((code, field)) => {
                let value = columns.cell(&cells, field).to_owned();
                findings.report(code, Place { line: Some(line), field, value: &value });
            }
        }
    }
    let rows: Vec<Station> = rows.into_values().collect();
    if rows.is_empty() {
        return Ok(Some(imported));
    }
    let report = folder.lake.write_stations(&rows).await?;
    if !targets.is_empty() {
        folder.lake.write_targets(&targets.into_values().collect::<Vec<_>>()).await?;
    }
    imported.rows_new = report.new as u64;
    imported.rows_equal = report.equal as u64;
    imported.rows_revised = report.changed as u64;
    for station in &report.overlapping {
        findings.report("row_conflict", Place { line: None, field: "from,to", value: station });
    }
    Ok(Some(imported))
}

/// Columns of a register of stations by name.
struct StationColumns(BTreeMap<&'static str, usize>);

impl StationColumns {
    fn find(header: &[String], mapping: Option<&SourceMapping>, findings: &mut Findings) -> Option<Self> {
        const NAMES: [(&str, &[&str]); 16] = [
            ("station", &["station", "站点", "站点编号", "站点编码", "点位编码"]),
            ("name_zh", &["name_zh", "name", "站点名称", "点位名称", "名称"]),
            ("name_en", &["name_en", "英文名称"]),
            ("city", &["city", "城市"]),
            ("district", &["district", "区县", "行政区"]),
            ("medium", &["medium", "要素"]),
            ("kind", &["kind", "类型", "站点类型"]),
            ("lon", &["lon", "longitude", "经度"]),
            ("lat", &["lat", "latitude", "纬度"]),
            ("evaluated", &["evaluated", "参与评价", "评价"]),
            ("from", &["from", "启用日期", "valid_from"]),
            ("to", &["to", "停用日期", "valid_to"]),
            ("source", &["source", "来源"]),
            ("function_class", &["function_class", "function_zone", "功能区类别", "目标类别", "执行标准"]),
            ("waterbody", &["waterbody", "水体", "所在水体"]),
            ("programmes", &["programmes", "考核清单", "监测计划"]),
        ];
        let mut columns = BTreeMap::new();
        let position = |name: &str| header.iter().position(|column| column.trim().eq_ignore_ascii_case(name));
        for (name, aliases) in NAMES {
            let declared = mapping.and_then(|mapping| match name {
                "station" => Some(mapping.station.as_str()),
                "name_zh" => mapping.name.as_deref(),
                "city" => mapping.city.as_deref(),
                "lon" => mapping.longitude.as_deref(),
                "lat" => mapping.latitude.as_deref(),
                _ => None,
            });
            let found = declared.and_then(position).or_else(|| aliases.iter().find_map(|alias| position(alias)));
            if let Some(number) = found {
                columns.insert(name, number);
            }
        }
        if columns.contains_key("station") {
            return Some(Self(columns));
        }
        if !header.is_empty() {
            let shown = header.join(",");
            findings.report("header_missing", Place { line: Some(1), field: "station", value: &shown });
        }
        None
    }

    fn cell<'a>(&self, cells: &'a csv::StringRecord, name: &str) -> &'a str {
        self.0.get(name).and_then(|&number| cells.get(number)).unwrap_or_default().trim()
    }

    /// What a station is held to; none where the row says nothing of it.
    fn target(&self, cells: &csv::StringRecord, station: &Station) -> Option<lake::Target> {
        let [function_class, waterbody, programmes] =
            ["function_class", "waterbody", "programmes"].map(|name| self.cell(cells, name).to_owned());
        let says_nothing = function_class.is_empty() && waterbody.is_empty() && programmes.is_empty();
        (!says_nothing).then(|| lake::Target {
            city: station.city.clone(),
            station: station.station.clone(),
            function_class,
            waterbody,
            programmes,
            valid_from: station.valid_from,
            valid_to: station.valid_to,
            source: station.source.clone(),
        })
    }

    fn read(
        &self,
        cells: &csv::StringRecord,
        folder: &DataFolder,
        source: &str,
        mapping: Option<&SourceMapping>,
    ) -> Result<Option<Station>, (&'static str, &'static str)> {
        let text = |name| self.cell(cells, name).to_owned();
        let city = &folder.pack.city;
        let named = text("city");
        if !named.is_empty()
            && named != city.code
            && named != city.name_zh
            && !named.eq_ignore_ascii_case(&city.name_en)
        {
            return Ok(None);
        }
        let number = |name: &'static str, limit: f64| -> Result<Option<f64>, (&'static str, &'static str)> {
            let text = self.cell(cells, name);
            if is_no_value(text) {
                return Ok(None);
            }
            let value: f64 = text.parse().map_err(|_| ("value_form", name))?;
            if value.abs() <= limit { Ok(Some(value)) } else { Err(("value_absurd", name)) }
        };
        let day = |name: &'static str| -> Result<Option<Day>, (&'static str, &'static str)> {
            let text = self.cell(cells, name);
            // A workbook gives a date as a time of midnight.
            let text = text.split(['T', ' ']).next().unwrap_or_default();
            if is_no_value(text) { Ok(None) } else { text.parse().map(Some).map_err(|_| ("time_form", name)) }
        };
        let station = text("station");
        if station.is_empty() {
            return Err(("station_missing", "station"));
        }
        if folder.kind == Kind::Real && self.cell(cells, "source") == SIMULATED {
            return Err(("simulated_in_real", "source"));
        }
        let name_zh = text("name_zh");
        let or = |text: String, other: &str| if text.is_empty() { other.to_owned() } else { text };
        let kind = or(text("kind"), mapping.map_or("", |mapping| mapping.kind.as_str()));
        let evaluated = match self.cell(cells, "evaluated") {
            "" => kind == "national",
            flag => !says_no(flag),
        };
        Ok(Some(Station {
            city: city.code.clone(),
            name_en: or(text("name_en"), &name_zh),
            name_zh: or(name_zh, &station),
            station,
            district: text("district"),
            medium: or(text("medium"), "air"),
            kind: or(kind, "city"),
            lon: number("lon", 180.0)?,
            lat: number("lat", 90.0)?,
            evaluated,
            valid_from: day("from")?,
            valid_to: day("to")?,
            source: or(self.cell(cells, "source").to_owned(), source),
        }))
    }
}
