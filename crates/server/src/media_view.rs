//! The judged media beside air: samples of one lake version, judged by the norms of their days.
//!
//! Months and years of waters, samples of outlets, days and nights of noise. The rows are what figures ask as the table
//! `judged`; each names the station and period whose observations are behind it.

use crate::assess::{
    Level, NOISE_DECIMALS, Period, Point, Values, Water, days_of, judge_value, judge_values, periods_of, years_of,
};
use crate::data_folder::DataFolder;
use crate::import::{BELOW_DETECTION, SIMULATED};
use exchange::CellValue;
use lake::{Cell, Judged, Session};
use norms::classes::WaterBody;
use norms::discharge::Outcome;
use norms::noise::{NoiseDay, NoisePeriod, NoiseZone};
use norms::{Day, Hour, Measured, Moment, Month, Norms, Term};
use std::collections::{BTreeMap, BTreeSet};

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
    /// When the sample was taken, or its hour ended.
    moment: Moment,
    cell: CellValue,
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
    let sql = "SELECT medium, station, parameter, time, value, flag, source = 'simulated' FROM observation \
               WHERE city = $city AND medium <> 'air' AND value IS NOT NULL AND flag IN ('', 'L') \
               ORDER BY medium, station, time, parameter";
    let mut places: BTreeMap<(String, String), Vec<Value>> = BTreeMap::new();
    for row in session.ask(sql, &bound).await?.rows().await? {
        let [medium, station, parameter, Cell::Instant(time), Cell::Number(value), flag, simulated] = row.as_slice()
        else {
            continue;
        };
        let Some(value) = Measured::from_f64(*value) else { continue };
        let below = flag.to_string() == BELOW_DETECTION;
        let cell = if below { CellValue::BelowDetection(value) } else { CellValue::Value(value) };
        let moment = Moment::from_micros_utc(*time);
        let simulated = matches!(simulated, Cell::YesNo(true));
        let values = places.entry((medium.to_string(), station.to_string())).or_default();
        values.push(Value { parameter: parameter.to_string(), moment, cell, simulated });
    }
    let mut rows = Vec::new();
    for ((medium, station), values) in &places {
        let held = held.get(station).cloned().unwrap_or_default();
        let place = Place { norms, city: &city, medium, station, held };
        match medium.as_str() {
            "noise" => place.noise(values, &mut rows),
            "discharge" => place.outlet(values, &mut rows),
            "litter" => place.shore(values, &mut rows),
            other => {
                if let Some(water) = Water::of_medium(other) {
                    place.water(water, values, &mut rows);
                }
            }
        }
    }
    Ok(rows)
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
            source: if simulated { SIMULATED } else { "measured" }.to_owned(),
            ..Judged::default()
        }
    }

    /// Months, and years as means of their months, as `yundang assess` has them.
    fn water(&self, water: Water, values: &[Value], rows: &mut Vec<Judged>) {
        let items = water.items(self.norms);
        let mut months: BTreeMap<Period, Vec<Values>> = BTreeMap::new();
        let mut taken: BTreeSet<Moment> = BTreeSet::new();
        for value in values {
            let Some(item) = items.iter().position(|item| *item == value.parameter) else { continue };
            let month = months.entry(Level::Month.period(value.moment));
            month.or_insert_with(|| vec![Values::default(); items.len()])[item].add(value.cell);
            taken.insert(value.moment);
        }
        let simulated = values.iter().any(|value| value.simulated);
        for (level, periods) in [("year", years_of(&months)), ("month", months)] {
            for (period, values) in &periods {
                let day = period.last_day();
                let of_period = |moment: &&Moment| {
                    let month = Level::Month.period(**moment);
                    month == *period || month.year() == *period
                };
                let row = Judged {
                    samples: taken.iter().filter(of_period).count() as i32,
                    ..self.row(level, period.to_string(), day, simulated)
                };
                rows.extend(self.classified(water, day, &items, values, row));
            }
        }
    }

    fn classified(&self, water: Water, day: Day, items: &[&str], values: &[Values], row: Judged) -> Option<Judged> {
        let classes = water.classes(self.norms, day)?;
        let body = match water {
            Water::Surface => self.norms.words.means("kind", &self.held.kind).and_then(WaterBody::from_name)?,
            Water::Sea | Water::Ground => WaterBody::default(),
        };
        let judged = judge_values(water, self.norms, day, body, items, values)?;
        let class = judged.classified.class;
        Some(Judged {
            edition: judged.edition.to_owned(),
            class: Some(i32::from(class)),
            word: classes.word(class).to_owned(),
            meets: classes.class_of(&row.function_class).map(|wanted| class <= wanted),
            deciding: classes.names(&judged.classified.deciding),
            exceedance: judged.exceedance.unwrap_or_default(),
            ..row
        })
    }

    /// Samples, and years that comply when each of their samples does.
    fn outlet(&self, values: &[Value], rows: &mut Vec<Judged>) {
        let mut samples: BTreeMap<Day, Vec<&Value>> = BTreeMap::new();
        values.iter().for_each(|value| samples.entry(value.moment.day()).or_default().push(value));
        let mut years: BTreeMap<i32, Judged> = BTreeMap::new();
        for (day, values) in samples {
            let standard = self.held.on(day).function_class;
            let mut row = self.row("sample", day.to_string(), day, values.iter().any(|value| value.simulated));
            let mut over = Vec::new();
            for value in values {
                let judged = value
                    .cell
                    .value()
                    .and_then(|measured| judge_value(self.norms, &standard, &value.parameter, day, measured));
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

    /// Years of a shore: area of litter by length surveyed, m²/km, which counts by the length.
    fn shore(&self, values: &[Value], rows: &mut Vec<Judged>) {
        let mut years: BTreeMap<i32, Vec<&Value>> = BTreeMap::new();
        values.iter().for_each(|value| years.entry(value.moment.day().year()).or_default().push(value));
        for (year, values) in years {
            let sum = |parameter: &str| -> f64 {
                let of = values.iter().filter(|value| value.parameter == parameter);
                of.filter_map(|value| value.cell.value()).map(Measured::to_f64).sum()
            };
            let (area, length) = (sum("LITTER_AREA"), sum("SHORE_LENGTH"));
            if length <= 0.0 {
                continue;
            }
            let last = Day(Month((year + 1) * 12).first().0 - 1);
            let simulated = values.iter().any(|value| value.simulated);
            rows.push(Judged {
                value: Some(area / length),
                weight: Some(length),
                samples: values.iter().filter(|value| value.parameter == "LITTER_AREA").count() as i32,
                ..self.row("year", format!("{year:04}"), last, simulated)
            });
        }
    }

    /// Days and nights (点次), and the energy means of years, as `yundang assess` has them.
    fn noise(&self, values: &[Value], rows: &mut Vec<Judged>) {
        let hour = |value: &Value| Some((Hour::from_end_micros_utc(value.moment.micros_utc())?, value.cell.value()?));
        let hours = values.iter().filter(|value| value.parameter == "LAEQ").filter_map(hour).collect();
        let days = days_of(&Point::of_hours(hours), self.norms);
        let simulated = values.iter().any(|value| value.simulated);
        for (level, of) in [("day", Level::Day), ("year", Level::Year)] {
            for (period, day, judged) in periods_of(of, &days, self.norms) {
                let samples = days.keys().filter(|other| of == Level::Day || other.year() == day.year()).count();
                let samples = if of == Level::Day { 1 } else { samples as i32 };
                self.day_and_night(level, &period, day, &judged, (samples, simulated), rows);
            }
        }
    }

    fn day_and_night(
        &self,
        level: &str,
        period: &str,
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
                ..self.row(level, period.to_owned(), day, simulated)
            });
        }
    }
}
