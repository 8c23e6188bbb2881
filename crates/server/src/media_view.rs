//! The judged media beside air: samples of one lake version, judged by the norms of their days.
//!
//! Months and years of waters, samples of outlets, days and nights of noise. The rows are what figures ask as the table
//! `judged`; each names the station and period whose observations are behind it.

use crate::assess::judge_value;
use crate::data_folder::DataFolder;
use lake::{Cell, Judged, Session};
use norms::classes::{ClassTable, Reading, WaterBody};
use norms::discharge::Outcome;
use norms::noise::{NoiseDay, NoisePeriod, NoiseZone, energy_mean};
use norms::{Day, Hour, Mean, Measured, Month, Norms, Term};
use std::collections::BTreeMap;

/// The flag of a value that is a detection limit.
const BELOW_DETECTION: &str = "L";
/// The period kind of a sample.
const INSTANT: &str = "instant";
const HOUR_MICROS: i64 = 3_600_000_000;
const NOISE_DECIMALS: u8 = 1;

/// What a station is held to, and since when.
#[derive(Clone, Debug, Default)]
struct Held {
    kind: String,
    targets: Vec<(Term, Target)>,
}

#[derive(Clone, Debug, Default)]
struct Target {
    function_class: String,
    waterbody: String,
    programmes: String,
}

impl Held {
    fn on(&self, day: Day) -> Target {
        let found = self.targets.iter().find(|(term, _)| term.contains(day));
        found.map_or_else(Target::default, |(_, target)| target.clone())
    }
}

/// One value of a sample.
struct Value {
    parameter: String,
    hour: Hour,
    reading: Reading,
    simulated: bool,
}

/// Judges every medium but air over the versions that a session reads.
///
/// # Errors
/// When the lake cannot be asked.
pub(crate) async fn judged(folder: &DataFolder, norms: &Norms, session: &Session) -> anyhow::Result<Vec<Judged>> {
    let city = folder.pack.city.code.clone();
    let bound = [("city", lake::Parameter::Text(city.clone()))];
    let held = held(session, &bound).await?;
    let sql = "SELECT medium, station, parameter, period, time, value, flag, source = 'simulated' FROM observation \
               WHERE city = $city AND medium <> 'air' AND value IS NOT NULL AND flag IN ('', 'L') \
               ORDER BY medium, station, time, parameter";
    let mut places: BTreeMap<(String, String), Vec<Value>> = BTreeMap::new();
    for row in session.ask(sql, &bound).await?.rows().await? {
        let [medium, station, parameter, period, Cell::Instant(time), Cell::Number(value), flag, simulated] =
            row.as_slice()
        else {
            continue;
        };
        let is_instant = period.to_string() == INSTANT;
        let (Some(hour), Some(value)) = (hour_of(*time, is_instant), Measured::from_f64(*value)) else { continue };
        let reading = if flag.to_string() == BELOW_DETECTION {
            Reading::Below(value)
        } else {
            Reading::Mean(Mean::of(value, 1))
        };
        let simulated = matches!(simulated, Cell::YesNo(true));
        let values = places.entry((medium.to_string(), station.to_string())).or_default();
        values.push(Value { parameter: parameter.to_string(), hour, reading, simulated });
    }
    let mut rows = Vec::new();
    for ((medium, station), values) in &places {
        let held = held.get(station).cloned().unwrap_or_default();
        let place = Place { norms, city: &city, medium, station, held };
        match medium.as_str() {
            "noise" => place.noise(values, &mut rows),
            "discharge" => place.outlet(values, &mut rows),
            _ => place.water(values, &mut rows),
        }
    }
    Ok(rows)
}

/// The hour in which a sample was taken, or which a mean ends.
fn hour_of(micros: i64, is_instant: bool) -> Option<Hour> {
    let begun = micros - micros.rem_euclid(HOUR_MICROS);
    Hour::from_end_micros_utc(if is_instant { begun + HOUR_MICROS } else { micros })
}

async fn held(session: &Session, bound: &[(&str, lake::Parameter)]) -> anyhow::Result<BTreeMap<String, Held>> {
    let mut held: BTreeMap<String, Held> = BTreeMap::new();
    let sql = "SELECT station, kind FROM station WHERE city = $city AND medium <> 'air' ORDER BY station, valid_from";
    for row in session.ask(sql, bound).await?.rows().await? {
        held.entry(row[0].to_string()).or_default().kind = row[1].to_string();
    }
    if session.versions().of(lake::Table::Target).is_none() {
        return Ok(held);
    }
    let sql = "SELECT station, function_class, waterbody, programmes, valid_from, valid_to FROM target \
               WHERE city = $city ORDER BY station, valid_from";
    for row in session.ask(sql, bound).await?.rows().await? {
        let day = |cell: &Cell| if let Cell::Day(day) = cell { Some(*day) } else { None };
        let term = Term { from: day(&row[4]), to: day(&row[5]) };
        let [function_class, waterbody, programmes] = [1, 2, 3].map(|column: usize| row[column].to_string());
        let target = Target { function_class, waterbody, programmes };
        held.entry(row[0].to_string()).or_default().targets.push((term, target));
    }
    Ok(held)
}

/// One station that is judged.
struct Place<'a> {
    norms: &'a Norms,
    city: &'a str,
    medium: &'a str,
    station: &'a str,
    held: Held,
}

/// Means of the items of a period.
#[derive(Default)]
struct Means {
    items: BTreeMap<String, Item>,
    samples: i32,
    simulated: bool,
}

#[derive(Clone, Copy, Default)]
struct Item {
    mean: Mean,
    below: u32,
    limit_max: Measured,
}

impl Item {
    fn add(&mut self, reading: Reading) {
        match reading {
            Reading::Mean(mean) => self.mean.add(mean.ratio().to_measured()),
            Reading::Below(limit) => {
                self.mean.add(limit.below_detection());
                self.below += 1;
                self.limit_max = self.limit_max.max(limit);
            }
        }
    }

    /// The mean kept to 10⁻⁹, so that one that lies on a limit stays on it; a limit where nothing was detected.
    fn reading(self) -> Reading {
        if self.below == self.mean.count() {
            return Reading::Below(self.limit_max);
        }
        Reading::Mean(Mean::of(self.mean.ratio().to_measured(), self.mean.count()))
    }
}

/// What a class rule found of a period.
struct Found {
    edition: String,
    class: u8,
    word: String,
    wanted: Option<u8>,
    deciding: String,
    exceedance: String,
}

impl Place<'_> {
    fn row(&self, level: &str, period: String, day: Day, simulated: bool) -> Judged {
        let Target { function_class, waterbody, programmes } = self.held.on(day);
        Judged {
            city: self.city.to_owned(),
            medium: self.medium.to_owned(),
            station: self.station.to_owned(),
            level: level.to_owned(),
            period,
            year: day.year(),
            function_class,
            waterbody,
            programmes,
            source: if simulated { crate::import::SIMULATED } else { "measured" }.to_owned(),
            ..Judged::default()
        }
    }

    /// Months, and years as means of their months (22号文 一(二)).
    fn water(&self, values: &[Value], rows: &mut Vec<Judged>) {
        let mut months: BTreeMap<Month, Means> = BTreeMap::new();
        let mut last = None;
        for value in values {
            let means = months.entry(value.hour.day().month()).or_default();
            means.items.entry(value.parameter.clone()).or_default().add(value.reading);
            means.samples += i32::from(last.replace(value.hour) != Some(value.hour));
            means.simulated |= value.simulated;
        }
        let mut years: BTreeMap<i32, Means> = BTreeMap::new();
        for (month, means) in &months {
            let year = years.entry(month.first().year()).or_default();
            for (parameter, item) in &means.items {
                year.items.entry(parameter.clone()).or_default().add(item.reading());
            }
            year.samples += means.samples;
            year.simulated |= means.simulated;
            self.period("month", month.to_string(), Day(Month(month.0 + 1).first().0 - 1), means, rows);
        }
        for (year, means) in &years {
            self.period("year", format!("{year:04}"), Day(Month((year + 1) * 12).first().0 - 1), means, rows);
        }
    }

    fn period(&self, level: &str, period: String, day: Day, means: &Means, rows: &mut Vec<Judged>) {
        let Some(found) = self.classified(day, means) else { return };
        rows.push(Judged {
            edition: found.edition,
            class: Some(i32::from(found.class)),
            word: found.word,
            meets: found.wanted.map(|wanted| found.class <= wanted),
            deciding: found.deciding,
            exceedance: found.exceedance,
            samples: means.samples,
            ..self.row(level, period, day, means.simulated)
        });
    }

    fn classified(&self, day: Day, means: &Means) -> Option<Found> {
        let readings = |classes: &ClassTable| -> Vec<(usize, Reading)> {
            let numbered = means.items.iter().filter_map(|(name, item)| Some((classes.number(name)?, item.reading())));
            let mut readings: Vec<(usize, Reading)> = numbered.collect();
            readings.sort_by_key(|(number, _)| *number);
            readings
        };
        let held_to = self.held.on(day).function_class;
        let found = |edition: &str, classes: &ClassTable, class: u8, deciding: &[usize], exceedance: String| Found {
            edition: edition.to_owned(),
            class,
            word: classes.word(class).to_owned(),
            wanted: classes.class_of(&held_to),
            deciding: classes.names(deciding),
            exceedance,
        };
        match self.medium {
            "surface_water" => {
                let rules = self.norms.surface_water.on(day)?;
                let classes = &rules.standard.classes;
                let body = self.norms.words.means("kind", &self.held.kind).and_then(WaterBody::from_name)?;
                let measured_as = rules.standard.saturation.as_ref().map(|rule| rule.measured_as.as_str());
                let saturation = measured_as.and_then(|name| match means.items.get(name)?.reading() {
                    Reading::Mean(mean) => Some(mean.ratio().to_measured()),
                    Reading::Below(_) => None,
                });
                let section = rules.section(body, &readings(classes), saturation)?;
                let exceedance = classes.exceeding_text(&section.exceeding);
                let classified = &section.classified;
                let edition = &rules.standard.instrument.id;
                Some(found(edition, classes, classified.class, &classified.deciding, exceedance))
            }
            "sea" => {
                let rules = self.norms.sea.on(day)?;
                let classes = &rules.standard.classes;
                let point = rules.point(&readings(classes))?;
                let exceedance = classes.exceeding_text(&point.exceeding);
                let classified = &point.classified;
                let edition = &rules.standard.instrument.id;
                Some(found(edition, classes, classified.class, &classified.deciding, exceedance))
            }
            "groundwater" => {
                let standard = self.norms.groundwater.on(day)?;
                let classes = &standard.classes;
                let classified = standard.well(&readings(classes))?;
                let edition = &standard.instrument.id;
                Some(found(edition, classes, classified.class, &classified.deciding, String::new()))
            }
            _ => None,
        }
    }

    /// Samples, and years that comply when each of their samples does.
    fn outlet(&self, values: &[Value], rows: &mut Vec<Judged>) {
        let mut samples: BTreeMap<Day, Vec<&Value>> = BTreeMap::new();
        values.iter().for_each(|value| samples.entry(value.hour.day()).or_default().push(value));
        let mut years: BTreeMap<i32, Judged> = BTreeMap::new();
        for (day, values) in samples {
            let standard = self.held.on(day).function_class;
            let mut row = self.row("sample", day.to_string(), day, values.iter().any(|value| value.simulated));
            let mut over = Vec::new();
            for value in values {
                let judged = judge_value(self.norms, &standard, &value.parameter, day, value.reading.value());
                let Some((edition, judgement)) = judged else { continue };
                match judgement.outcome {
                    Outcome::Compliant => {}
                    Outcome::Exceeded { .. } => over.push(value.parameter.clone()),
                    Outcome::NotJudged(_) => continue,
                }
                edition.clone_into(&mut row.edition);
                row.meets = Some(over.is_empty());
            }
            // A sample of which nothing could be judged says nothing.
            if row.meets.is_none() {
                continue;
            }
            row.deciding = over.join(";");
            row.samples = 1;
            let year = years.entry(day.year()).or_insert_with(|| Judged {
                level: "year".to_owned(),
                period: format!("{:04}", day.year()),
                samples: 0,
                deciding: String::new(),
                ..row.clone()
            });
            year.samples += 1;
            year.meets = year.meets.zip(row.meets).map(|(before, now)| before && now);
            let mut deciding: Vec<&str> = year.deciding.split(';').chain(row.deciding.split(';')).collect();
            deciding.retain(|name| !name.is_empty());
            deciding.sort_unstable();
            deciding.dedup();
            year.deciding = deciding.join(";");
            rows.push(row);
        }
        rows.extend(years.into_values());
    }

    /// Days and nights (点次), and the energy means of years.
    fn noise(&self, values: &[Value], rows: &mut Vec<Judged>) {
        let levels: BTreeMap<Hour, Measured> =
            values.iter().filter(|v| v.parameter == "LAEQ").map(|v| (v.hour, v.reading.value())).collect();
        let simulated = values.iter().any(|value| value.simulated);
        let mut days: BTreeMap<Day, NoiseDay> = BTreeMap::new();
        for hour in levels.keys() {
            let Some(rules) = self.norms.noise.on(hour.day()) else { continue };
            // The early hours belong to the night that began on the day before.
            let early = hour.of_day() < usize::from(rules.zones.hours.day().start);
            let day = if early { Day(hour.day().0 - 1) } else { hour.day() };
            days.entry(day).or_insert_with(|| {
                NoiseDay::of(day, rules.zones.hours, rules, |hour| levels.get(&hour).copied())
            });
        }
        let mut years: BTreeMap<i32, Vec<NoiseDay>> = BTreeMap::new();
        for (day, judged) in &days {
            years.entry(day.year()).or_default().push(*judged);
            self.day_and_night("day", day.to_string(), *day, judged, (1, simulated), rows);
        }
        for (year, days) in years {
            let mean = NoiseDay {
                ld: energy_mean(days.iter().filter_map(|day| day.ld)),
                ln: energy_mean(days.iter().filter_map(|day| day.ln)),
                ldn: None,
                day_hours: 0,
                night_hours: 0,
            };
            let last = Day(Month((year + 1) * 12).first().0 - 1);
            self.day_and_night("year", format!("{year:04}"), last, &mean, (days.len() as i32, simulated), rows);
        }
    }

    fn day_and_night(
        &self,
        level: &str,
        period: String,
        day: Day,
        judged: &NoiseDay,
        (samples, simulated): (i32, bool),
        rows: &mut Vec<Judged>,
    ) {
        let Some(rules) = self.norms.noise.on(day) else { return };
        let zone = self.norms.words.means("function_zone", &self.held.on(day).function_class);
        let zone = zone.and_then(NoiseZone::from_name);
        let parts = [(NoisePeriod::Day, "day", judged.ld), (NoisePeriod::Night, "night", judged.ln)];
        for (part, name, measured) in parts {
            let Some(measured) = measured else { continue };
            let beside = zone.and_then(|zone| judged.judge(rules, zone, part));
            rows.push(Judged {
                part: name.to_owned(),
                edition: rules.zones.instrument.id.clone(),
                meets: beside.map(norms::noise::LevelJudged::complies),
                value: measured.rounded(NOISE_DECIMALS).to_string().parse().ok(),
                samples,
                ..self.row(level, period.clone(), day, simulated)
            });
        }
    }
}
