//! `yundang assess air`: hours in, judged hours, days, months or years out (DESIGN §6).

use super::groups::{by_city, by_station};
use super::register::{find_column, register_of};
use anyhow::Context;
use exchange::{
    ColumnKind, ColumnSpec, Findings, GatherOptions, GatheredHours, Label, OutputFormat, Place, SourceMapping,
    StationKey, TableFormat, TableWriter, TextTable, gather,
};
use norms::air::{
    AirDay, AirHour, AirIndex, AirPeriod, AirRules, Indexed, PeriodKind, Pollutant, Practice, Put, StationHours,
    judge_days, judge_hours, judge_period,
};
use norms::{Day, Norms, Parameters, Rounded};
use std::collections::HashSet;
use std::path::Path;

/// Memory that is kept for decoding and writing beside the hours.
const WORK_BYTES: usize = 96 << 20;
/// Hours get at least this much.
const HOURS_BYTES_MIN: usize = 1 << 20;
/// Groups judged before their answers are written.
const GROUPS_AT_ONCE: usize = 64;

/// What is judged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum AirLevel {
    /// Every hour.
    Hour,
    /// Every day.
    Day,
    /// Every month.
    Month,
    /// Every year.
    Year,
}

/// Whose values are judged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum GroupBy {
    /// Each station.
    Station,
    /// Each city, as the mean of its evaluated stations.
    City,
}

/// One run of `yundang assess air`.
#[derive(Clone, Debug)]
pub struct AirAssessment {
    /// Table of hours, or `-`.
    pub input: String,
    /// Its format, when its name does not tell.
    pub input_format: Option<TableFormat>,
    /// Target, or `-`.
    pub output: String,
    /// Its format.
    pub output_format: OutputFormat,
    /// What is judged.
    pub level: AirLevel,
    /// Whose.
    pub by: GroupBy,
    /// File of stations with their cities.
    pub stations: Option<String>,
    /// File of sand-dust days: `date` and `station` or `city`.
    pub dust_days: Option<String>,
    /// The declared columns of a source.
    pub mapping: Option<SourceMapping>,
    /// What times label.
    pub label: Label,
    /// Whose reading of the rules.
    pub practice: Option<Practice>,
    /// Memory bound in bytes.
    pub memory_bytes: usize,
    /// Write nothing when a row or value was left out.
    pub strict: bool,
}

/// Judges a table. Tells whether an answer was written: not with `strict` and errors, nor when nothing could be read.
///
/// # Errors
/// When reading or writing fails.
pub fn assess_air(run: &AirAssessment, norms: &Norms, findings: &mut Findings) -> anyhow::Result<bool> {
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(8);
    let options = GatherOptions {
        input: &run.input,
        format: run.input_format,
        label: run.label,
        mapping: run.mapping.as_ref(),
        memory_bytes: run.memory_bytes.saturating_sub(WORK_BYTES).max(HOURS_BYTES_MIN),
        threads,
    };
    let mut gathered = gather(options, &norms.parameters, findings)?;
    let roles = ["city", "evaluated"];
    let register = register_of(run.stations.as_deref(), &roles, &["city"], &norms.parameters, findings)?;
    let dust = match &run.dust_days {
        Some(path) => read_dust_days(path, &norms.parameters, findings)?,
        None => HashSet::new(),
    };
    findings.set_file(&run.input);
    let groups = match run.by {
        GroupBy::Station => by_station(&gathered),
        GroupBy::City => by_city(&gathered, &register, findings),
    };
    let unreadable = gathered.keys().is_empty() && findings.has_errors();
    if unreadable || (run.strict && findings.has_errors()) {
        return Ok(false);
    }
    let city_of = |number: usize, key: &StationKey| {
        register.word(key, "city").map(|(city, _)| city).or_else(|| gathered.city(number)).map(str::to_owned)
    };
    let cities: Vec<Option<String>> =
        gathered.keys().iter().enumerate().map(|(number, key)| city_of(number, key)).collect();
    let ints = run.by == GroupBy::Station && gathered.keys().iter().all(|key| matches!(key, StationKey::Int(_)));
    let mut answer = Answer::create(run, norms, ints && !groups.is_empty())?;
    for some in groups.chunks(GROUPS_AT_ONCE) {
        let mut loaded = Vec::with_capacity(some.len());
        for (name, members) in some {
            let mut hours = Vec::with_capacity(members.len());
            for &number in members {
                hours.push(take(&mut gathered, number, findings)?);
            }
            let mut dust_names = vec![name.to_string()];
            dust_names.extend(members.first().and_then(|&number| cities[number].clone()));
            loaded.push((name, hours, dust_names));
        }
        let part = loaded.len().div_ceil(threads).max(1);
        let judged: Vec<(&StationKey, Judged)> = std::thread::scope(|scope| {
            let dust = &dust;
            let workers: Vec<_> = loaded
                .chunks(part)
                .map(|part| {
                    scope.spawn(move || {
                        let mut judged = Vec::with_capacity(part.len());
                        for (name, hours, dust_names) in part {
                            let members: Vec<&StationHours> = hours.iter().collect();
                            let is_dust = |day: Day| dust_names.iter().any(|name| dust.contains(&(name.clone(), day)));
                            judged.push((*name, Judged::of(run, norms, &members, is_dust)));
                        }
                        judged
                    })
                })
                .collect();
            workers
                .into_iter()
                .flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        });
        for (name, judged) in judged {
            answer.write(name, &judged)?;
        }
    }
    if run.strict && findings.has_errors() {
        return Ok(false);
    }
    answer.writer.finish()?;
    Ok(true)
}

fn take(gathered: &mut GatheredHours, number: usize, findings: &mut Findings) -> anyhow::Result<StationHours> {
    gathered
        .take(number, |key, hour, pollutant, put| {
            let code = if put == Put::Same { "row_twice" } else { "row_conflict" };
            let value = format!("{key} {}", hour.end_label());
            findings.report(code, Place { line: None, field: pollutant.name(), value: &value });
        })
        .context("临时文件无法读回 / a temporary file cannot be read back")
}

/// Reads sand-dust days: columns `date` and `station` or `city`.
fn read_dust_days(
    path: &str,
    parameters: &Parameters,
    findings: &mut Findings,
) -> anyhow::Result<HashSet<(String, Day)>> {
    findings.set_file(path);
    let mut table = TextTable::open(Path::new(path), findings)?;
    let find = |name: &str| find_column(table.header(), name, parameters);
    let (date, place) = (find("date"), find("city").or_else(|| find("station")));
    let mut days = HashSet::new();
    let (Some(date), Some(place)) = (date, place) else {
        let header = table.header().join(",");
        findings.report("header_missing", Place { line: Some(1), field: "city,date", value: &header });
        return Ok(days);
    };
    let mut cells = csv::StringRecord::new();
    while let Some(line) = table.next_row(&mut cells, findings) {
        match cells[date].trim().parse() {
            Ok(day) => {
                days.insert((cells[place].trim().to_owned(), day));
            }
            Err(_) => findings.report("time_form", Place { line: Some(line), field: "date", value: &cells[date] }),
        }
    }
    Ok(days)
}

/// The judgement of one station or city.
enum Judged {
    Hours(Vec<AirHour>),
    Days(Vec<AirDay>),
    Periods(Vec<(PeriodKind, AirPeriod)>),
}

impl Judged {
    fn of(run: &AirAssessment, norms: &Norms, members: &[&StationHours], is_dust: impl Fn(Day) -> bool) -> Self {
        let kind_of = match run.level {
            AirLevel::Hour => return Self::Hours(judge_hours(&norms.air, members, run.practice)),
            AirLevel::Day => return Self::Days(judge_days(&norms.air, members, run.practice)),
            AirLevel::Month => |day: Day| PeriodKind::Month(day.month()),
            AirLevel::Year => |day: Day| PeriodKind::Year(day.year()),
        };
        let days = judge_days(&norms.air, members, run.practice);
        let periods = days.chunk_by(|a, b| kind_of(a.day) == kind_of(b.day)).filter_map(|days| {
            let kind = kind_of(days.first()?.day);
            Some((kind, judge_period(kind, days, norms.air.on(kind.last_day())?, &is_dust)))
        });
        Self::Periods(periods.collect())
    }
}

/// The table that is written.
struct Answer<'a> {
    norms: &'a Norms,
    ozone: &'static str,
    writer: TableWriter,
    ints: bool,
}

impl<'a> Answer<'a> {
    fn create(run: &AirAssessment, norms: &'a Norms, ints: bool) -> anyhow::Result<Self> {
        let mut columns = Vec::new();
        let mut add = |name: &str, kind| columns.push(ColumnSpec::new(name, kind));
        let group = if run.by == GroupBy::City { "city" } else { "station" };
        add(group, if ints { ColumnKind::Long } else { ColumnKind::Text });
        let ozone = if run.level == AirLevel::Day { "o3_8h" } else { "o3" };
        let names = Pollutant::ALL.map(|p| if p == Pollutant::O3 { ozone } else { p.column() });
        match run.level {
            AirLevel::Hour | AirLevel::Day => {
                add(if run.level == AirLevel::Hour { "time" } else { "date" }, ColumnKind::Text);
                add("edition", ColumnKind::Text);
                add("aqi", ColumnKind::Int);
                add("category", ColumnKind::Text);
                add("primary", ColumnKind::Text);
                names.iter().for_each(|name| add(name, ColumnKind::Number));
                names.iter().for_each(|name| add(&format!("iaqi_{name}"), ColumnKind::Int));
                add("aqi_available", ColumnKind::Int);
                add("category_available", ColumnKind::Text);
                add("primary_available", ColumnKind::Text);
                add("missing", ColumnKind::Text);
            }
            AirLevel::Month | AirLevel::Year => {
                add("year", ColumnKind::Int);
                if run.level == AirLevel::Month {
                    add("month", ColumnKind::Text);
                }
                add("edition", ColumnKind::Text);
                for name in
                    ["so2", "no2", "pm10", "pm2_5", "co_p95", "o3_p90", "so2_p98", "no2_p98", "pm10_p95", "pm2_5_p95"]
                {
                    add(name, ColumnKind::Number);
                }
                for name in ["valid_days", "good_days", "excellent_days"] {
                    add(name, ColumnKind::Int);
                }
                add("good_ratio", ColumnKind::Number);
                add("composite_index", ColumnKind::Number);
            }
        }
        let writer = TableWriter::create(&run.output, run.output_format, columns)?;
        let ozone = if run.level == AirLevel::Day { "O3_8h" } else { "O3" };
        Ok(Self { norms, ozone, writer, ints })
    }

    fn write(&mut self, name: &StationKey, judged: &Judged) -> anyhow::Result<()> {
        let text = name.to_string();
        match judged {
            Judged::Hours(hours) => {
                for hour in hours {
                    self.group(name, &text);
                    self.writer.text(&hour.hour.end_label());
                    self.indexed(hour.hour.day(), &hour.indexed)?;
                }
            }
            Judged::Days(days) => {
                for day in days {
                    self.group(name, &text);
                    self.writer.text(&day.day.to_string());
                    self.indexed(day.day, &day.indexed)?;
                }
            }
            Judged::Periods(periods) => {
                for (kind, period) in periods {
                    let Some(rules) = self.norms.air.on(kind.last_day()) else { continue };
                    self.group(name, &text);
                    self.period(*kind, period, rules)?;
                }
            }
        }
        Ok(())
    }

    fn group(&mut self, name: &StationKey, text: &str) {
        match name {
            StationKey::Int(number) if self.ints => self.writer.int(Some(*number)),
            _ => self.writer.text(text),
        }
    }

    fn indexed(&mut self, day: Day, indexed: &Indexed) -> anyhow::Result<()> {
        let norms = self.norms;
        let Some(index) = norms.air.index.on(day) else { return Ok(()) };
        self.writer.text(&index.instrument.id);
        self.verdict(index, indexed.aqi, indexed);
        for pollutant in Pollutant::ALL {
            let number = pollutant.number();
            let decimals = index.decimals[number];
            self.writer.number(indexed.concentration[number].map(|units| Rounded { units, decimals }));
        }
        indexed.iaqi.iter().for_each(|iaqi| self.writer.int(iaqi.map(i64::from)));
        self.verdict(index, indexed.aqi_available, indexed);
        self.writer.text(&indexed.missing.names(";", self.ozone));
        Ok(self.writer.end_row()?)
    }

    /// Index, category and primary pollutants; empty when nothing is published.
    fn verdict(&mut self, index: &AirIndex, aqi: Option<u16>, indexed: &Indexed) {
        self.writer.int(aqi.map(i64::from));
        self.writer.text(aqi.and_then(|aqi| index.category(aqi)).map_or("", |category| &category.category));
        self.writer.text(&aqi.map_or_else(String::new, |_| indexed.primary.names(",", self.ozone)));
    }

    fn period(&mut self, kind: PeriodKind, period: &AirPeriod, rules: AirRules<'_>) -> anyhow::Result<()> {
        let writer = &mut self.writer;
        match kind {
            PeriodKind::Year(year) => writer.int(Some(i64::from(year))),
            PeriodKind::Month(month) | PeriodKind::Months(month, _) => {
                writer.int(Some(i64::from(month.year())));
                writer.text(&month.to_string());
            }
        }
        writer.text(&rules.index.instrument.id);
        let [so2, no2, pm10, pm25, co, o3] = Pollutant::ALL.map(Pollutant::number);
        [so2, no2, pm10, pm25].into_iter().for_each(|number| writer.number(period.mean[number]));
        [co, o3, so2, no2, pm10, pm25].into_iter().for_each(|number| writer.number(period.percentile[number]));
        for days in [period.valid_days, period.good_days, period.excellent_days] {
            writer.int(Some(i64::from(days)));
        }
        writer.number(period.good_ratio);
        writer.number(period.composite);
        Ok(writer.end_row()?)
    }
}
