//! `yundang assess noise`: hourly levels in, days, months or years beside the limits of their zones out (DESIGN §6).

use super::explain::Explanations;
use super::register::register_of;
use super::{Level, Samples};
use exchange::{CellValue, ColumnKind, ColumnSpec, Findings, Label, Place, SampleOptions, TableWriter, read_samples};
use norms::noise::{DayNight, NoiseDay, NoisePeriod, NoiseRules, NoiseZone, day_night_level, energy_mean};
use norms::{Day, Hour, Measured, Norms};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Hourly equivalent levels, and the levels of days and nights where a file has them made.
const ITEMS: [&str; 3] = ["LAEQ", "LD", "LN"];
/// Levels are printed to a tenth.
pub(crate) const DECIMALS: u8 = 1;

/// The levels of one point.
#[derive(Default)]
pub(crate) struct Point {
    zone: Option<NoiseZone>,
    hours: HashMap<Hour, Measured>,
    /// Ld and Ln that were given, by day.
    made: BTreeMap<Day, [Option<Measured>; 2]>,
}

impl Point {
    /// A point of which hours alone are known.
    pub(crate) fn of_hours(hours: HashMap<Hour, Measured>) -> Self {
        Self { hours, ..Self::default() }
    }
}

/// Judges a table. Tells whether an answer was written: not with `strict` and errors, nor when nothing could be read.
///
/// # Errors
/// When reading or writing fails.
pub fn assess_noise(run: &Samples, label: Label, norms: &Norms, findings: &mut Findings) -> anyhow::Result<bool> {
    let register = register_of(run.stations.as_deref(), &["function_zone"], &[], &norms.parameters, findings)?;
    let options = SampleOptions {
        input: &run.input,
        format: run.input_format,
        medium: "noise",
        items: &ITEMS,
        default: Some("LAEQ"),
        words: &["function_zone"],
    };
    let mut points: Vec<Point> = Vec::new();
    let stations = read_samples(options, &norms.parameters, &norms.units, findings, |stations, row, findings| {
        if row.station == points.len() {
            let mut point = Point::default();
            let said = register.word(&stations.keys()[row.station], "function_zone");
            point.zone = said.and_then(|(word, line)| zone_of(norms, word, line, findings));
            points.push(point);
        }
        let point = &mut points[row.station];
        if point.zone.is_none() && !row.words[0].is_empty() {
            point.zone = zone_of(norms, row.words[0], Some(row.line), findings);
        }
        for &(item, cell) in row.cells {
            let CellValue::Value(level) = cell else { continue };
            // Of two values the first is used.
            let before = if item == 0 {
                // Times label hours; a level of a shorter time is no hour's.
                if row.moment.0.rem_euclid(3_600) != 0 {
                    let value = row.moment.label();
                    findings.report("time_not_hour", Place { line: Some(row.line), field: "time", value: &value });
                    continue;
                }
                let start = row.moment.0.div_euclid(3_600) as i32 - i32::from(label == Label::End);
                let before = point.hours.get(&Hour(start)).copied();
                point.hours.entry(Hour(start)).or_insert(level);
                before
            } else {
                let made = &mut point.made.entry(row.moment.day()).or_default()[item - 1];
                let before = *made;
                *made = before.or(Some(level));
                before
            };
            if let Some(before) = before {
                let code = if before == level { "row_twice" } else { "row_conflict" };
                let value = format!("{} {}", stations.keys()[row.station], row.moment.label());
                findings.report(code, Place { line: Some(row.line), field: ITEMS[item], value: &value });
            }
        }
    })?;
    if (stations.keys().is_empty() || run.strict) && findings.has_errors() {
        return Ok(false);
    }
    let mut answer = Answer::create(run)?;
    for number in super::in_order(stations.keys()) {
        let name = stations.keys()[number].to_string();
        if points[number].zone.is_none() {
            findings.report("zone_missing", Place { line: None, field: "function_zone", value: &name });
        }
        let days = days_of(&points[number], norms);
        if days.is_empty() && !(points[number].hours.is_empty() && points[number].made.is_empty()) {
            findings.report("edition_missing", Place { line: None, field: "time", value: &name });
        }
        for (time, judged_on, judged) in periods_of(run.level, &days, norms) {
            answer.write(&name, &time, judged_on, judged, points[number].zone, norms)?;
        }
    }
    if run.strict && findings.has_errors() {
        return Ok(false);
    }
    answer.writer.finish()?;
    answer.explanations.finish()?;
    Ok(true)
}

fn zone_of(norms: &Norms, word: &str, line: Option<u64>, findings: &mut Findings) -> Option<NoiseZone> {
    let zone = norms.words.means("function_zone", word).and_then(NoiseZone::from_name);
    if zone.is_none() {
        findings.report("zone_unknown", Place { line, field: "function_zone", value: word });
    }
    zone
}

/// Every day on which a day or night has a level, with an edition in force.
pub(crate) fn days_of(point: &Point, norms: &Norms) -> BTreeMap<Day, NoiseDay> {
    let mut days: BTreeSet<Day> = point.made.keys().copied().collect();
    for hour in point.hours.keys() {
        let day = hour.day();
        // The early hours belong to the night that began on the day before.
        let early = norms.noise.on(day).is_some_and(|rules| hour.of_day() < usize::from(rules.zones.hours.day().start));
        days.insert(if early { Day(day.0 - 1) } else { day });
    }
    let judged = |day: Day| {
        let rules = norms.noise.on(day)?;
        let hours = rules.zones.hours;
        let mut judged = NoiseDay::of(day, hours, rules, |hour| point.hours.get(&hour).copied());
        if let Some([ld, ln]) = point.made.get(&day) {
            judged.ld = judged.ld.or(*ld);
            judged.ln = judged.ln.or(*ln);
            judged.ldn = both(judged.ld, judged.ln, hours, rules);
        }
        Some((day, judged))
    };
    days.into_iter().filter_map(judged).collect()
}

fn both(ld: Option<Measured>, ln: Option<Measured>, hours: DayNight, rules: NoiseRules<'_>) -> Option<Measured> {
    day_night_level(ld?, ln?, hours, rules.evaluation.day_night.night_addition)
}

/// Days, or the energy means of the days of months or years (HJ 640-2012 6).
pub(crate) fn periods_of(level: Level, days: &BTreeMap<Day, NoiseDay>, norms: &Norms) -> Vec<(String, Day, NoiseDay)> {
    if matches!(level, Level::Sample | Level::Day) {
        return days.iter().map(|(day, judged)| (day.to_string(), *day, *judged)).collect();
    }
    let mut periods: BTreeMap<super::Period, Vec<NoiseDay>> = BTreeMap::new();
    for (day, judged) in days {
        let month = level.period(norms::Moment(i64::from(day.0) * 86_400));
        let period = if level == Level::Year { month.year() } else { month };
        periods.entry(period).or_default().push(*judged);
    }
    let mean = |(period, days): (super::Period, Vec<NoiseDay>)| {
        let last = period.last_day();
        let rules = norms.noise.on(last)?;
        let ld = energy_mean(days.iter().filter_map(|day| day.ld));
        let ln = energy_mean(days.iter().filter_map(|day| day.ln));
        let judged = NoiseDay {
            ld,
            ln,
            ldn: both(ld, ln, rules.zones.hours, rules),
            day_hours: days.iter().map(|day| day.day_hours).sum(),
            night_hours: days.iter().map(|day| day.night_hours).sum(),
        };
        Some((period.to_string(), last, judged))
    };
    periods.into_iter().filter_map(mean).collect()
}

struct Answer {
    writer: TableWriter,
    explanations: Explanations,
}

impl Answer {
    fn create(run: &Samples) -> anyhow::Result<Self> {
        let time = match run.level {
            Level::Sample | Level::Day => "date",
            Level::Month => "month",
            Level::Quarter => "quarter",
            Level::Year => "year",
        };
        let text = |name: &str| ColumnSpec::new(name, ColumnKind::Text);
        let number = |name: &str| ColumnSpec::new(name, ColumnKind::Number);
        let mut columns = vec![text("station"), text(time), text("edition")];
        columns.extend(["ld", "ln", "ldn", "day_limit", "night_limit"].map(number));
        columns.extend(["day_ok", "night_ok", "valid"].map(text));
        let writer = TableWriter::create(&run.output, run.output_format, columns)?;
        Ok(Self { writer, explanations: Explanations::create(run.explain.as_deref())? })
    }

    fn write(
        &mut self,
        station: &str,
        time: &str,
        day: Day,
        judged: NoiseDay,
        zone: Option<NoiseZone>,
        norms: &Norms,
    ) -> anyhow::Result<()> {
        let Some(rules) = norms.noise.on(day) else { return Ok(()) };
        let writer = &mut self.writer;
        [station, time, &rules.zones.instrument.id].into_iter().for_each(|text| writer.text(text));
        for level in [judged.ld, judged.ln, judged.ldn] {
            writer.number(level.map(|level| level.rounded(DECIMALS)));
        }
        let periods = [NoisePeriod::Day, NoisePeriod::Night];
        let limits = periods.map(|period| zone.map(|zone| rules.zones.limits.limit(zone, period)));
        limits.iter().for_each(|limit| writer.number(limit.map(|limit| limit.rounded(0))));
        let beside = periods.map(|period| judged.judge(rules, zone?, period));
        for beside in &beside {
            writer.text(super::yes_no(beside.map(norms::noise::LevelJudged::complies)));
        }
        writer.text(super::yes_no(Some(judged.ld.is_some() && judged.ln.is_some())));
        writer.end_row()?;
        self.explanations.add(|| {
            json!({
                "station": station,
                "time": time,
                "edition": rules.zones.instrument.id,
                "confidence": rules.zones.limits.origin.confidence,
                "source": rules.zones.limits.origin.source,
                "validity": { "edition": rules.validity.instrument.id, "confidence": rules.validity.counts_origin.confidence,
                    "day_hours_min": rules.validity.day_hours_min, "night_hours_min": rules.validity.night_hours_min },
                "norms": norms.hash,
                "function_zone": zone.map(NoiseZone::name),
                "ld": judged.ld.map(|level| level.to_string()),
                "ln": judged.ln.map(|level| level.to_string()),
                "day_hours": judged.day_hours,
                "night_hours": judged.night_hours,
                "limits": limits.map(|limit| limit.map(|limit| limit.to_string())),
                "excess": beside.map(|beside| beside.map(|beside| beside.excess().to_string())),
            })
        })
    }
}
