//! `yundang assess discharge`: outlets beside the limits of their standards (DESIGN §6).

use super::explain::Explanations;
use super::register::{Register, register_of};
use super::{Level, Samples};
use crate::cli::Usage;
use exchange::{
    CellValue, ColumnKind, ColumnSpec, Findings, Label, Place, SampleOptions, StationKey, TableWriter, read_samples,
};
use norms::discharge::{
    Bound, DischargeLimits, HourValue, Judgement, NotJudged, OnlineMedium, Outcome, Outlet, Stack, StackRates,
    emission_rate,
};
use norms::{Day, Measured, Moment, Month, Norms};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// What is measured beside the pollutants, in this order.
const BESIDE: [&str; 4] = ["O2", "FLOW", "TEMP", "STACK_HEIGHT"];
const DECIMALS: u8 = 3;
/// A day's hours while an outlet discharges.
const HOURS_DUE: u32 = 24;

/// What was measured at one time.
#[derive(Clone, Debug, Default)]
struct Record {
    line: u64,
    beside: [Option<Measured>; 4],
    values: BTreeMap<usize, Measured>,
}

/// One outlet.
#[derive(Default)]
struct OutletRecords {
    standard: Option<String>,
    built: Option<Day>,
    records: BTreeMap<Moment, Record>,
}

/// A row of the answer.
struct Row<'a> {
    parameter: String,
    time: String,
    level: &'static str,
    edition: &'a str,
    value: Measured,
    judgement: Judgement<'a>,
    valid: bool,
}

/// Judges a table. Tells whether an answer was written: not with `strict` and errors, nor when nothing could be read.
///
/// # Errors
/// When reading or writing fails.
pub fn assess_discharge(run: &Samples, label: Label, norms: &Norms, findings: &mut Findings) -> anyhow::Result<bool> {
    if matches!(run.level, Level::Quarter | Level::Year) {
        let text = "排放按小时（sample）、日、月评价 / discharge is judged by hours (sample), days and months";
        return Err(Usage(text.to_owned()).into());
    }
    let roles = ["standard", "stack_height", "built"];
    let register = register_of(run.stations.as_deref(), &roles, norms, findings)?;
    let mut items: Vec<&str> = BESIDE.to_vec();
    let known = norms.parameters.iter().filter(|of| of.is_of("discharge")).map(|of| of.parameter.as_str());
    items.extend(known.filter(|name| !BESIDE.contains(name)));
    let options = SampleOptions {
        input: &run.input,
        format: run.input_format,
        medium: "discharge",
        items: &items,
        default: None,
        words: &["standard", "built"],
    };
    let mut outlets: Vec<OutletRecords> = Vec::new();
    let stations = read_samples(options, &norms.parameters, &norms.units, findings, |stations, row, findings| {
        let key = &stations.keys()[row.station];
        if row.station == outlets.len() {
            let standard = register.word(key, "standard").map(|(word, _)| word.to_owned());
            let built = register.word(key, "built").and_then(|(word, _)| built_on(word));
            outlets.push(OutletRecords { standard, built, ..OutletRecords::default() });
        }
        let outlet = &mut outlets[row.station];
        if outlet.standard.is_none() && !row.words[0].is_empty() {
            outlet.standard = Some(row.words[0].to_owned());
        }
        outlet.built = outlet.built.or_else(|| built_on(row.words[1]));
        let record = outlet.records.entry(row.moment).or_insert_with(|| Record { line: row.line, ..Record::default() });
        for &(item, cell) in row.cells {
            let value = match cell {
                CellValue::Value(value) => value,
                CellValue::BelowDetection(limit) => Measured::from_parts(limit.parts() / 2),
                CellValue::None | CellValue::Bad => continue,
            };
            // Of two values the first is used. What stands beside every pollutant of a long table may come many times.
            let before = match record.beside.get_mut(item) {
                Some(beside) => {
                    let before = *beside;
                    *beside = before.or(Some(value));
                    before.filter(|before| *before != value)
                }
                None => {
                    let before = record.values.get(&item).copied();
                    record.values.entry(item).or_insert(value);
                    before
                }
            };
            if let Some(before) = before {
                let code = if before == value { "row_twice" } else { "row_conflict" };
                let shown = format!("{key} {} {}", row.moment.label(), items[item]);
                findings.report(code, Place { line: Some(row.line), field: items[item], value: &shown });
            }
        }
    })?;
    findings.set_file(run.stations.as_deref().unwrap_or_default());
    for (outlet, key) in outlets.iter_mut().zip(stations.keys()) {
        if let Some(height) = height_of(&register, key, findings) {
            outlet.records.values_mut().for_each(|record| record.beside[3] = record.beside[3].or(Some(height)));
        }
    }
    findings.set_file(&run.input);
    if (stations.keys().is_empty() || run.strict) && findings.has_errors() {
        return Ok(false);
    }
    let text = |name: &str| ColumnSpec::new(name, ColumnKind::Text);
    let number = |name: &str| ColumnSpec::new(name, ColumnKind::Number);
    let mut columns = ["outlet", "parameter", "time", "level", "edition"].map(text).to_vec();
    columns.extend([number("value"), number("converted"), text("limit"), ColumnSpec::new("ratio", ColumnKind::Number)]);
    columns.extend(["result", "valid"].map(text));
    let mut writer = TableWriter::create(&run.output, run.output_format, columns)?;
    let mut explanations = Explanations::create(run.explain.as_deref())?;
    for number in super::in_order(stations.keys()) {
        let name = stations.keys()[number].to_string();
        let outlet = &outlets[number];
        let Some(standard) = &outlet.standard else {
            findings.report("standard_missing", Place { line: None, field: "standard", value: &name });
            continue;
        };
        let built = outlet.built;
        let judge = Judge { norms, items: &items, standard, built, shift: i64::from(label == Label::End) };
        for row in judge.rows(run.level, outlet, &name, findings) {
            write(&mut writer, &name, &row)?;
            explanations.add(|| explained(&name, standard, &row, norms))?;
        }
    }
    if run.strict && findings.has_errors() {
        return Ok(false);
    }
    writer.finish()?;
    explanations.finish()?;
    Ok(true)
}

/// The height of a stack that the register gives, in m.
fn height_of(register: &Register, key: &StationKey, findings: &mut Findings) -> Option<Measured> {
    let (word, line) = register.word(key, "stack_height")?;
    let height = word.parse().ok();
    if height.is_none() {
        findings.report("value_form", Place { line, field: "stack_height", value: word });
    }
    height
}

/// When a plant was built: a day, or the first day of a year.
fn built_on(word: &str) -> Option<Day> {
    word.parse().ok().or_else(|| Day::from_ymd(word.trim().parse().ok()?, 1, 1))
}

/// How an outlet is judged.
struct Judge<'a> {
    norms: &'a Norms,
    items: &'a [&'a str],
    /// As the file names it: standard, table and column, such as `GB18918/table1/1A`, or `GB18918-2002 一级A`.
    standard: &'a str,
    built: Option<Day>,
    /// Seconds from the label of an hour back into it.
    shift: i64,
}

/// The place in a standard that a name means.
struct Named<'n> {
    standard: String,
    rest: Vec<&'n str>,
}

impl<'n> Named<'n> {
    fn of(text: &'n str) -> Self {
        let mut parts = text.split(['/', ' ', ':', '，', ',']).map(str::trim).filter(|part| !part.is_empty());
        // `GB 18918-2002` is one name.
        let mut standard = parts.next().unwrap_or_default().to_uppercase();
        let mut rest: Vec<&str> = parts.collect();
        if standard.chars().all(char::is_alphabetic) && !rest.is_empty() {
            standard.push_str(&rest.remove(0).to_uppercase());
        }
        let without_year = standard.split('-').next().unwrap_or_default().to_owned();
        Self { standard: without_year, rest }
    }

    /// Tables and columns that fit, those that name the most first.
    fn places<'a>(&self, limits: &'a DischargeLimits) -> Vec<(&'a str, &'a str)> {
        let all = limits.tables.iter().flat_map(|table| table.columns.iter().map(move |column| (table, column)));
        all.filter(|(table, column)| {
            self.rest.iter().all(|word| {
                let is = |name: &str| name.eq_ignore_ascii_case(word);
                is(&table.id) || is(&table.title_zh) || is(&column.id) || is(&column.zh)
            })
        })
        .map(|(table, column)| (table.id.as_str(), column.id.as_str()))
        .collect()
    }
}

impl<'a> Judge<'a> {
    fn rows(&self, level: Level, outlet: &OutletRecords, name: &str, findings: &mut Findings) -> Vec<Row<'a>> {
        let parameters: BTreeSet<usize> =
            outlet.records.values().flat_map(|record| record.values.keys().copied()).collect();
        let mut rows = Vec::new();
        for parameter in parameters {
            let of_parameter: Vec<(Moment, &Record, Measured)> = outlet
                .records
                .iter()
                .filter_map(|(moment, record)| Some((*moment, record, *record.values.get(&parameter)?)))
                .collect();
            match level {
                Level::Sample => {
                    for (moment, record, value) in of_parameter {
                        let day = moment.day();
                        let judged = self.judge(parameter, day, record, value);
                        self.push(
                            &mut rows,
                            (parameter, moment.label(), "hour"),
                            value,
                            judged,
                            true,
                            (name, record),
                            findings,
                        );
                        rows.extend(self.rate(parameter, moment, record, value));
                    }
                }
                Level::Day => {
                    for (day, mean) in self.days(parameter, &of_parameter) {
                        let (value, valid, record) = mean;
                        let judged = self.judge(parameter, day, &record, value);
                        self.push(
                            &mut rows,
                            (parameter, day.to_string(), "day"),
                            value,
                            judged,
                            valid,
                            (name, &record),
                            findings,
                        );
                    }
                }
                Level::Month | Level::Quarter | Level::Year => {
                    let mut months: BTreeMap<Month, Vec<(Measured, Record)>> = BTreeMap::new();
                    for (day, (value, valid, record)) in self.days(parameter, &of_parameter) {
                        if valid {
                            months.entry(day.month()).or_default().push((value, record));
                        }
                    }
                    for (month, days) in months {
                        let last = Day(Month(month.0 + 1).first().0 - 1);
                        let value = mean_of(days.iter().map(|(value, _)| *value)).unwrap_or_default();
                        let mut record = days[0].1.clone();
                        record.beside[2] = mean_of(days.iter().filter_map(|(_, record)| record.beside[2]));
                        let needs = self
                            .medium(parameter, last)
                            .and_then(|medium| self.norms.discharge.online_on(medium, last));
                        let enough =
                            needs.and_then(|needs| needs.month_mean(month, days.iter().map(|(value, _)| *value)));
                        let valid = enough.is_none_or(|mean| mean.value().is_some());
                        let judged = self.judge(parameter, last, &record, value);
                        self.push(
                            &mut rows,
                            (parameter, month.to_string(), "month"),
                            value,
                            judged,
                            valid,
                            (name, &record),
                            findings,
                        );
                    }
                }
            }
        }
        rows
    }

    #[expect(clippy::too_many_arguments, reason = "one row with all that it says")]
    fn push(
        &self,
        rows: &mut Vec<Row<'a>>,
        (parameter, time, level): (usize, String, &'static str),
        value: Measured,
        judged: Option<(&'a str, Judgement<'a>)>,
        valid: bool,
        (name, record): (&str, &Record),
        findings: &mut Findings,
    ) {
        let place = |field, value| Place { line: Some(record.line), field, value };
        let Some((edition, judgement)) = judged else {
            findings.report("standard_unknown", place("standard", self.standard));
            return;
        };
        if let Outcome::NotJudged(why) = judgement.outcome
            && why != NotJudged::NoLimit
        {
            let value = format!("{name} {time}: {} / {}", why.message_zh(), why.message_en());
            findings.report("not_judged", place(self.items[parameter], &value));
        }
        let parameter = self.items[parameter].to_owned();
        rows.push(Row { parameter, time, level, edition, value, judgement, valid });
    }

    /// The means of days, as converted values of gas or by flow in water, each with what was measured beside it.
    fn days(&self, parameter: usize, of: &[(Moment, &Record, Measured)]) -> Vec<(Day, (Measured, bool, Record))> {
        let mut days: BTreeMap<Day, Vec<(&Record, Measured)>> = BTreeMap::new();
        for (moment, record, value) in of {
            days.entry(Moment(moment.0 - self.shift).day()).or_default().push((record, *value));
        }
        let mut means = Vec::new();
        for (day, records) in days {
            let hour = |(record, value): &(&Record, Measured)| {
                Some(HourValue { value: self.converted(parameter, day, record, *value)?, flow: record.beside[1] })
            };
            // An hour that cannot be converted is none; a day of nothing else is told as it came.
            let hours: Vec<HourValue> = records.iter().filter_map(hour).collect();
            let rule = self.medium(parameter, day).and_then(|medium| self.norms.discharge.online_on(medium, day));
            let mean = rule.and_then(|rule| rule.day_mean(&hours, HOURS_DUE).value());
            let plain = || {
                let converted = mean_of(hours.iter().map(|hour| hour.value));
                converted.or_else(|| mean_of(records.iter().map(|(_, value)| *value))).unwrap_or_default()
            };
            let mut record = Record { values: BTreeMap::new(), ..records[0].0.clone() };
            record.beside[2] = mean_of(records.iter().filter_map(|(record, _)| record.beside[2]));
            if !hours.is_empty() {
                record.beside[0] = self.reference(parameter, day).or(record.beside[0]);
            }
            means.push((day, (mean.unwrap_or_else(plain), mean.is_some(), record)));
        }
        means
    }

    /// The limits of the standard and the outlet within it.
    fn place(&self, parameter: usize, day: Day, record: &Record) -> Option<(&'a DischargeLimits, Outlet<'a>)> {
        let named = Named::of(self.standard);
        let limits = self.norms.discharge.limits_on(&named.standard, day)?;
        let outlet = |(table, column): (&'a str, &'a str)| Outlet {
            table,
            column,
            built: self.built,
            water_temperature: record.beside[2],
            oxygen: record.beside[0],
        };
        let places: Vec<Outlet<'a>> = named.places(limits).into_iter().map(outlet).collect();
        let has = |outlet: &&Outlet<'a>| {
            !matches!(
                limits.bound(outlet, self.items[parameter]),
                Err(NotJudged::NoLimit | NotJudged::NoTable | NotJudged::NoColumn)
            )
        };
        let place = places.iter().find(has).or(places.first()).copied()?;
        Some((limits, place))
    }

    fn rates(&self, day: Day) -> Option<(&'a StackRates, String)> {
        let named = Named::of(self.standard);
        let rates = self.norms.discharge.rates_on(&named.standard, day)?;
        let grade = |word: &&str| match *word {
            "二级" => "2".to_owned(),
            "三级" => "3".to_owned(),
            other => other.to_owned(),
        };
        Some((rates, named.rest.first().map_or_else(|| "2".to_owned(), grade)))
    }

    fn judge(&self, parameter: usize, day: Day, record: &Record, value: Measured) -> Option<(&'a str, Judgement<'a>)> {
        if let Some((limits, outlet)) = self.place(parameter, day, record) {
            return Some((&limits.instrument.id, whenever_built(limits, &outlet, self.items[parameter], day, value)));
        }
        let (rates, _) = self.rates(day)?;
        Some((&rates.instrument.id, rates.judge_concentration(self.items[parameter], value)))
    }

    /// The oxygen to which values are converted: a mean of converted values is judged as measured with it.
    fn reference(&self, parameter: usize, day: Day) -> Option<Measured> {
        let (limits, outlet) = self.place(parameter, day, &Record::default())?;
        limits.oxygen.as_ref()?.reference.get(outlet.column).copied()
    }

    /// The value at the reference oxygen; none where the oxygen that it needs is missing or impossible.
    fn converted(&self, parameter: usize, day: Day, record: &Record, value: Measured) -> Option<Measured> {
        let Some((limits, outlet)) = self.place(parameter, day, record) else { return Some(value) };
        limits.converted(&outlet, self.items[parameter], value).ok()
    }

    /// Whether a standard is one of gas or of water, by the unit of its limits.
    fn medium(&self, parameter: usize, day: Day) -> Option<OnlineMedium> {
        match self.place(parameter, day, &Record::default()) {
            Some((limits, outlet)) => {
                let unit = limits.unit(outlet.table, self.items[parameter])?;
                Some(if unit.contains("m³") { OnlineMedium::Gas } else { OnlineMedium::Water })
            }
            None => self.rates(day).map(|_| OnlineMedium::Gas),
        }
    }

    /// The rate of a stack beside its limit, where the standard has one and flow and height are known.
    fn rate(&self, parameter: usize, moment: Moment, record: &Record, value: Measured) -> Option<Row<'a>> {
        let (rates, grade) = self.rates(moment.day())?;
        let (flow, height) = (record.beside[1]?, record.beside[3]?);
        let rate = emission_rate(value, flow)?;
        let stack = Stack { height, is_new: true, stands_out: true };
        let judgement = rates.judge_rate(self.items[parameter], &grade, stack, rate);
        Some(Row {
            parameter: format!("{}_RATE", self.items[parameter]),
            time: moment.label(),
            level: "hour",
            edition: &rates.instrument.id,
            value: rate,
            judgement,
            valid: true,
        })
    }
}

/// Judges a value. Where the limit depends on when the plant was built and nobody says when, the value still complies
/// when it does for an old plant and for one built on the day, and still exceeds when it does for both.
fn whenever_built<'a>(
    limits: &'a DischargeLimits,
    outlet: &Outlet<'_>,
    parameter: &str,
    day: Day,
    value: Measured,
) -> Judgement<'a> {
    let judgement = limits.judge(outlet, parameter, value);
    if judgement.outcome != Outcome::NotJudged(NotJudged::BuiltUnknown) {
        return judgement;
    }
    let of = |built| limits.judge(&Outlet { built: Some(built), ..*outlet }, parameter, value);
    let (old, new) = (of(Day(0)), of(day));
    if result(old.outcome) == result(new.outcome) { new } else { judgement }
}

/// The mean; none of nothing.
fn mean_of(values: impl Iterator<Item = Measured>) -> Option<Measured> {
    let mut mean = norms::Mean::default();
    values.for_each(|value| mean.add(value));
    (mean.count() > 0).then(|| mean.ratio().to_measured())
}

fn limit_text(bound: Option<Bound>) -> String {
    match bound {
        Some(Bound::AtMost(limit)) => limit.to_string(),
        Some(Bound::Within(low, high)) => format!("{low}-{high}"),
        Some(Bound::NotDetected) => "0".to_owned(),
        None => String::new(),
    }
}

const fn result(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Compliant => "compliant",
        Outcome::Exceeded { .. } => "exceeded",
        Outcome::NotJudged(_) => "not_judged",
    }
}

fn write(writer: &mut TableWriter, outlet: &str, row: &Row<'_>) -> anyhow::Result<()> {
    let judgement = &row.judgement;
    [outlet, &row.parameter, &row.time, row.level, row.edition].into_iter().for_each(|text| writer.text(text));
    writer.float(Some(row.value.to_f64()));
    writer.float(judgement.bound.map(|_| judgement.value.to_f64()));
    writer.text(&limit_text(judgement.bound));
    writer.number(match judgement.bound {
        Some(Bound::AtMost(limit)) => judgement.value.ratio().over(limit.ratio()).map(|ratio| ratio.rounded(DECIMALS)),
        _ => None,
    });
    writer.text(result(judgement.outcome));
    writer.text(super::yes_no(Some(row.valid)));
    Ok(writer.end_row()?)
}

fn explained(outlet: &str, standard: &str, row: &Row<'_>, norms: &Norms) -> serde_json::Value {
    let judgement = &row.judgement;
    let why = match judgement.outcome {
        Outcome::NotJudged(why) => Some(json!({ "code": why, "zh": why.message_zh(), "en": why.message_en() })),
        _ => None,
    };
    json!({
        "outlet": outlet,
        "parameter": row.parameter,
        "time": row.time,
        "level": row.level,
        "standard": standard,
        "edition": row.edition,
        "norms": norms.hash,
        "value": row.value.to_string(),
        "converted": judgement.value.to_string(),
        "limit": limit_text(judgement.bound),
        "source": judgement.origin.map(|origin| origin.source.as_str()),
        "confidence": judgement.origin.map(|origin| origin.confidence),
        "result": result(judgement.outcome),
        "why": why,
        "valid": row.valid,
    })
}
