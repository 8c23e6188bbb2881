//! `yundang assess discharge`: outlets beside the limits of their standards (DESIGN §6).

use super::explain::Explanations;
use super::register::{Register, register_of};
use super::{Level, Samples};
use crate::cli::Usage;
use exchange::{ColumnKind, ColumnSpec, Findings, Label, Place, SampleOptions, StationKey, TableWriter, read_samples};
use norms::discharge::{
    Bound, DischargeColumn, DischargeLimits, HourValue, Judgement, NotJudged, OnlineMedium, Outcome, Outlet, Stack,
    StackRates, emission_rate,
};
use norms::{Day, Measured, Moment, Month, Norms};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// What is measured beside the pollutants, in this order.
const BESIDE: [&str; 4] = ["O2", "FLOW", "TEMP", "STACK_HEIGHT"];
const DECIMALS: u8 = 3;
/// The column of a table that holds for every grade of its standard.
const ALL_GRADES: &str = "all";
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

/// Over what a value is a mean.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Averaged {
    Hour,
    Day,
    Month,
}

impl Averaged {
    const fn of(level: Level) -> Option<Self> {
        match level {
            Level::Sample => Some(Self::Hour),
            Level::Day => Some(Self::Day),
            Level::Month => Some(Self::Month),
            Level::Quarter | Level::Year => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
        }
    }
}

/// A value of one parameter with what was measured beside it.
struct Value {
    time: String,
    day: Day,
    value: Measured,
    valid: bool,
    record: Record,
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
    let Some(averaged) = Averaged::of(run.level) else {
        let text = "排放按小时（sample）、日、月评价 / discharge is judged by hours (sample), days and months";
        return Err(Usage(text.to_owned()).into());
    };
    let roles = ["standard", "stack_height", "built"];
    let register = register_of(run.stations.as_deref(), &roles, &[], &norms.parameters, findings)?;
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
            outlets.push(OutletRecords { standard, ..OutletRecords::default() });
        }
        let outlet = &mut outlets[row.station];
        if outlet.standard.is_none() && !row.words[0].is_empty() {
            outlet.standard = Some(row.words[0].to_owned());
        }
        if outlet.built.is_none() && !row.words[1].is_empty() {
            outlet.built = built_on(row.words[1], Some(row.line), findings);
        }
        let record = outlet.records.entry(row.moment).or_insert_with(|| Record { line: row.line, ..Record::default() });
        for &(item, cell) in row.cells {
            let Some(value) = cell.value() else { continue };
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
        if let Some((word, line)) = register.word(key, "built") {
            outlet.built = built_on(word, line, findings).or(outlet.built);
        }
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
        let shift = i64::from(label == Label::End);
        let judge = Judge { norms, items: &items, named: Named::of(standard), built: outlet.built, shift };
        for row in judge.rows(averaged, outlet, (&name, standard), findings) {
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

/// Judges one value of a water outlet by the standard that its words name; none where no edition holds on the day.
///
/// `standard` is written as in a register: `GB8978/table4/1`.
pub(crate) fn judge_value<'a>(
    norms: &'a Norms,
    standard: &str,
    parameter: &str,
    day: Day,
    value: Measured,
) -> Option<(&'a str, Judgement<'a>)> {
    let judge = Judge { norms, items: &[parameter], named: Named::of(standard), built: None, shift: 0 };
    judge.judge(0, &Value { time: String::new(), day, value, valid: true, record: Record::default() })
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

/// When a plant was built, a day or the first day of a year, or the finding that it cannot be read.
fn built_on(word: &str, line: Option<u64>, findings: &mut Findings) -> Option<Day> {
    let built = word.parse().ok().or_else(|| Day::from_ymd(word.trim().parse().ok()?, 1, 1));
    if built.is_none() {
        findings.report("built_unknown", Place { line, field: "built", value: word });
    }
    built
}

/// How an outlet is judged.
struct Judge<'a, 'w> {
    norms: &'a Norms,
    items: &'w [&'w str],
    named: Named<'w>,
    built: Option<Day>,
    /// Seconds from the label of an hour back into it.
    shift: i64,
}

/// The place in a standard that a name means: standard, table and column, such as `GB18918/table1/1A`, or
/// `GB18918-2002 一级A`.
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

    /// Tables and columns that fit all the words, in the order of the standard. A column for all grades fits each of them.
    fn places<'a>(&self, limits: &'a DischargeLimits) -> Vec<(&'a str, &'a str)> {
        let is = |name: &str, word: &str| name.eq_ignore_ascii_case(word);
        let is_column = |column: &DischargeColumn, word: &str| is(&column.id, word) || is(&column.zh, word);
        let is_grade =
            |word: &str| limits.tables.iter().flat_map(|table| &table.columns).any(|column| is_column(column, word));
        let all = limits.tables.iter().flat_map(|table| table.columns.iter().map(move |column| (table, column)));
        all.filter(|(table, column)| {
            self.rest.iter().all(|word| {
                is(&table.id, word)
                    || is(&table.title_zh, word)
                    || is_column(column, word)
                    || (column.id == ALL_GRADES && is_grade(word))
            })
        })
        .map(|(table, column)| (table.id.as_str(), column.id.as_str()))
        .collect()
    }
}

impl<'a> Judge<'a, '_> {
    fn rows(
        &self,
        averaged: Averaged,
        outlet: &OutletRecords,
        (name, standard): (&str, &str),
        findings: &mut Findings,
    ) -> Vec<Row<'a>> {
        let parameters: BTreeSet<usize> =
            outlet.records.values().flat_map(|record| record.values.keys().copied()).collect();
        let mut rows = Vec::new();
        for parameter in parameters {
            let of_parameter: Vec<(Moment, &Record, Measured)> = outlet
                .records
                .iter()
                .filter_map(|(moment, record)| Some((*moment, record, *record.values.get(&parameter)?)))
                .collect();
            let values = match averaged {
                Averaged::Hour => {
                    of_parameter.into_iter().map(|(moment, record, value)| hour_of(moment, record, value)).collect()
                }
                Averaged::Day => self.days(parameter, &of_parameter),
                Averaged::Month => self.months(parameter, self.days(parameter, &of_parameter)),
            };
            for value in values {
                let line = Some(value.record.line);
                let Some(judged) = self.judge(parameter, &value) else {
                    findings.report("standard_unknown", Place { line, field: "standard", value: standard });
                    continue;
                };
                let rate = if averaged == Averaged::Hour { self.rate(parameter, &value) } else { None };
                for (suffix, measured, (edition, judgement)) in
                    std::iter::once(("", value.value, judged)).chain(rate.map(|(rate, judged)| ("_RATE", rate, judged)))
                {
                    let parameter = format!("{}{suffix}", self.items[parameter]);
                    if let Outcome::NotJudged(why) = judgement.outcome
                        && why != NotJudged::NoLimit
                    {
                        let text = format!("{name} {}: {} / {}", value.time, why.message_zh(), why.message_en());
                        findings.report("not_judged", Place { line, field: &parameter, value: &text });
                    }
                    let (time, level, valid) = (value.time.clone(), averaged.name(), value.valid);
                    rows.push(Row { parameter, time, level, edition, value: measured, judgement, valid });
                }
            }
        }
        rows
    }

    /// The means of months from the days that are valid.
    fn months(&self, parameter: usize, days: Vec<Value>) -> Vec<Value> {
        let mut months: BTreeMap<Month, Vec<Value>> = BTreeMap::new();
        for day in days.into_iter().filter(|day| day.valid) {
            months.entry(day.day.month()).or_default().push(day);
        }
        let mean = |(month, days): (Month, Vec<Value>)| {
            let last = Day(Month(month.0 + 1).first().0 - 1);
            let mut record = days.first()?.record.clone();
            record.beside[2] = mean_of(days.iter().filter_map(|day| day.record.beside[2]));
            let rule = self.medium(parameter, last).and_then(|medium| self.norms.discharge.online_on(medium, last));
            let mean = rule.and_then(|rule| rule.month_mean(month, days.iter().map(|day| day.value)));
            Some(Value {
                time: month.to_string(),
                day: last,
                value: mean_of(days.iter().map(|day| day.value))?,
                valid: mean.is_none_or(|mean| mean.value().is_some()),
                record,
            })
        };
        months.into_iter().filter_map(mean).collect()
    }

    /// The means of days, as converted values of gas or by flow in water, each with what was measured beside it.
    fn days(&self, parameter: usize, of: &[(Moment, &Record, Measured)]) -> Vec<Value> {
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
            let (value, valid) = (mean.unwrap_or_else(plain), mean.is_some());
            means.push(Value { time: day.to_string(), day, value, valid, record });
        }
        means
    }

    /// The limits of the standard and the outlet within it; none where the words fit several limits or no place.
    fn place(&self, parameter: usize, day: Day, record: &Record) -> Option<(&'a DischargeLimits, Outlet<'a>)> {
        let limits = self.norms.discharge.limits_on(&self.named.standard, day)?;
        let outlet = |(table, column): (&'a str, &'a str)| Outlet {
            table,
            column,
            built: self.built,
            water_temperature: record.beside[2],
            oxygen: record.beside[0],
        };
        let places: Vec<Outlet<'a>> = self.named.places(limits).into_iter().map(outlet).collect();
        let has = |outlet: &&Outlet<'a>| {
            !matches!(
                limits.bound(outlet, self.items[parameter]),
                Err(NotJudged::NoLimit | NotJudged::NoTable | NotJudged::NoColumn)
            )
        };
        let with_limit: Vec<&Outlet<'a>> = places.iter().filter(has).collect();
        match with_limit[..] {
            [place] => Some((limits, *place)),
            [] => Some((limits, *places.first()?)),
            _ => None,
        }
    }

    /// Limits of rates, and the grade of the area when it is said.
    fn rates(&self, day: Day) -> Option<(&'a StackRates, &str)> {
        let rates = self.norms.discharge.rates_on(&self.named.standard, day)?;
        let grade = self.named.rest.iter().find_map(|word| self.norms.words.means("grade", word));
        Some((rates, grade.unwrap_or_default()))
    }

    fn judge(&self, parameter: usize, of: &Value) -> Option<(&'a str, Judgement<'a>)> {
        if let Some((limits, outlet)) = self.place(parameter, of.day, &of.record) {
            let judgement = whenever_built(limits, &outlet, self.items[parameter], of.day, of.value);
            return Some((&limits.instrument.id, judgement));
        }
        let (rates, _) = self.rates(of.day)?;
        Some((&rates.instrument.id, rates.judge_concentration(self.items[parameter], of.value)))
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

    /// Whether the standard is one of gas or of water.
    fn medium(&self, parameter: usize, day: Day) -> Option<OnlineMedium> {
        match self.place(parameter, day, &Record::default()) {
            Some((limits, _)) => Some(limits.medium),
            None => self.rates(day).map(|_| OnlineMedium::Gas),
        }
    }

    /// The rate of a stack and its judgement, where the standard has rates and flow and height are known.
    fn rate(&self, parameter: usize, of: &Value) -> Option<(Measured, (&'a str, Judgement<'a>))> {
        let (rates, grade) = self.rates(of.day)?;
        let [_, flow, _, height] = of.record.beside;
        let rate = emission_rate(of.value, flow?)?;
        let stack = Stack { height: height?, is_new: true, stands_out: true };
        Some((rate, (&rates.instrument.id, rates.judge_rate(self.items[parameter], grade, stack, rate))))
    }
}

/// A value by itself.
fn hour_of(moment: Moment, record: &Record, value: Measured) -> Value {
    Value { time: moment.label(), day: moment.day(), value, valid: true, record: record.clone() }
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

pub(crate) fn limit_text(bound: Option<Bound>) -> String {
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
