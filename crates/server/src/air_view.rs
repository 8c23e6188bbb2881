//! The judged air of a city: hours of one lake version in memory, judged by the same functions as `yundang assess air`.
//!
//! A city's years of hours are a few megabytes when packed, so every map, card, calendar and figure is answered from
//! here, exactly and at once; rows behind a number are asked of the lake.

use crate::data_folder::DataFolder;
use anyhow::Context;
use indicators::Period;
use lake::{Cell, Limits, Session, Station, Versions};
use norms::air::{AirDay, AirPeriod, Pollutant, Slot, StationHours, judge_day, judge_days, judge_period};
use norms::{Day, Hour, Measured, Norms, Term};
use std::collections::{BTreeMap, HashSet};

/// Air of one lake version.
#[derive(Default)]
pub struct AirView {
    /// Version of each table.
    pub versions: Versions,
    /// Air stations, newest register row of each, in order of codes.
    pub stations: BTreeMap<String, Station>,
    /// When each station counts in the city's mean.
    evaluated: BTreeMap<String, Vec<Term>>,
    /// Valid hourly values of the six pollutants.
    pub hours: BTreeMap<String, StationHours>,
    /// Judged days of each station.
    pub days: BTreeMap<String, Vec<AirDay>>,
    /// Judged days of the city.
    pub city_days: Vec<AirDay>,
    /// Hours of each station that were measured, not simulated; only kept where simulated rows are.
    measured: HashSet<(String, Hour)>,
    /// Whether any row is simulated.
    pub has_simulated: bool,
    /// First and last hour with a value.
    pub first_last: Option<(Hour, Hour)>,
    /// Rows of observations of any parameter.
    pub observations: u64,
    /// What was found in the media beside air.
    pub media: Vec<lake::Judged>,
}

impl AirView {
    /// Reads given versions of the lake and judges. With `evaluated_only` the stations that do not count in the city's
    /// mean are left out, which is all that figures need.
    ///
    /// # Errors
    /// When the lake cannot be read.
    pub async fn load(
        folder: &DataFolder,
        norms: &Norms,
        versions: &Versions,
        evaluated_only: bool,
    ) -> anyhow::Result<Self> {
        let session = folder.lake.session_at(versions, Limits::OWN).await?;
        let mut view = Self { versions: session.versions().clone(), ..Self::default() };
        for station in stations(&session, &folder.pack.city.code).await? {
            if station.evaluated {
                let term = Term { from: station.valid_from, to: station.valid_to };
                view.evaluated.entry(station.station.clone()).or_default().push(term);
            }
            // Later rows of the register win: the newest is shown.
            view.stations.insert(station.station.clone(), station);
        }
        if evaluated_only {
            view.stations.retain(|code, _| view.evaluated.contains_key(code));
        }
        view.media = crate::media_view::judged(folder, norms, &session).await?;
        view.read_hours(&session, &folder.pack.city.code, evaluated_only).await?;
        let count = session.ask("SELECT count(*) FROM observation WHERE city = $city", &city(folder)).await?;
        view.observations = count.rows().await?.first().and_then(|row| row[0].as_count()).unwrap_or(0).unsigned_abs();
        for (station, hours) in &view.hours {
            view.days.insert(station.clone(), judge_days(&norms.air, &[hours], None));
        }
        let counted: Vec<(&String, &StationHours)> =
            view.hours.iter().filter(|(station, _)| view.evaluated.contains_key(*station)).collect();
        let mut days: Vec<Day> = counted.iter().flat_map(|(_, hours)| hours.days()).collect();
        days.sort_unstable();
        days.dedup();
        let city_day = |day: Day| {
            let stations = counted.iter().filter(|(station, _)| view.is_evaluated(station, day));
            let stations: Vec<&StationHours> = stations.map(|(_, hours)| *hours).collect();
            if stations.is_empty() { None } else { judge_day(&norms.air, &stations, day, None) }
        };
        view.city_days = days.into_iter().filter_map(city_day).collect();
        Ok(view)
    }

    async fn read_hours(&mut self, session: &Session, city: &str, evaluated_only: bool) -> anyhow::Result<()> {
        let only = if evaluated_only { " AND station IN (SELECT station FROM station WHERE evaluated)" } else { "" };
        let sql = format!(
            "SELECT station, parameter, time, value, source = 'simulated' FROM observation WHERE city = $city \
             AND medium = 'air' AND period = 'hour' AND flag = '' AND value IS NOT NULL \
             AND parameter IN ('SO2','NO2','PM10','PM2_5','CO','O3'){only}"
        );
        let mut answer = session.ask(&sql, &[("city", lake::Parameter::Text(city.to_owned()))]).await?;
        let mut measured = HashSet::new();
        while let Some(batch) = answer.next().await {
            let mut last: Option<(String, Pollutant)> = None;
            for row in lake::cells(&batch?)? {
                let [Cell::Text(station), Cell::Text(parameter), Cell::Instant(time), Cell::Number(value), simulated] =
                    row.as_slice()
                else {
                    continue;
                };
                let Some(hour) = Hour::from_end_micros_utc(*time) else { continue };
                let Some(value) = Measured::from_f64(*value) else { continue };
                if last.as_ref().is_none_or(|(name, pollutant)| name != station || pollutant.name() != parameter) {
                    last = Pollutant::from_name(parameter).map(|pollutant| (station.clone(), pollutant));
                }
                let Some((_, pollutant)) = &last else { continue };
                if let Some(hours) = self.hours.get_mut(station) {
                    hours.put(Slot::of(hour), *pollutant, value);
                } else {
                    let hours = self.hours.entry(station.clone()).or_default();
                    hours.put(Slot::of(hour), *pollutant, value);
                }
                if matches!(simulated, Cell::YesNo(true)) {
                    self.has_simulated = true;
                } else {
                    measured.insert((station.clone(), hour));
                }
                self.first_last = Some(match self.first_last {
                    None => (hour, hour),
                    Some((first, last)) => (first.min(hour), last.max(hour)),
                });
            }
        }
        if self.has_simulated {
            self.measured = measured;
        }
        Ok(())
    }

    /// Whether a station counts in the city's mean on a day, as the register says for that day.
    #[must_use]
    pub fn is_evaluated(&self, station: &str, day: Day) -> bool {
        self.evaluated.get(station).is_some_and(|terms| terms.iter().any(|term| term.contains(day)))
    }

    /// Whether the values of a station's hour are simulated.
    #[must_use]
    pub fn is_simulated(&self, station: &str, hour: Hour) -> bool {
        self.has_simulated && !self.measured.contains(&(station.to_owned(), hour))
    }

    /// Whether any value of a station in `[from, to]` is simulated.
    #[must_use]
    pub fn any_simulated(&self, station: &str, from: Hour, to: Hour) -> bool {
        self.has_simulated
            && self.hours.get(station).is_some_and(|hours| {
                hours.hours().filter(|hour| (from..=to).contains(hour)).any(|hour| self.is_simulated(station, hour))
            })
    }

    /// Hours that were measured in a city that also has simulated ones, without repeats, in order.
    #[must_use]
    pub fn measured_hours(&self) -> Vec<Hour> {
        let mut hours: Vec<Hour> = self.measured.iter().map(|(_, hour)| *hour).collect();
        hours.sort_unstable();
        hours.dedup();
        hours
    }

    /// Years with at least one judged day of a station, in order.
    #[must_use]
    pub fn years(&self) -> Vec<i32> {
        let mut years: Vec<i32> = self.days.values().flatten().map(|day| day.day.year()).collect();
        years.sort_unstable();
        years.dedup();
        years
    }

    /// The city's statistics of a period; `None` without a single day or an edition in force.
    #[must_use]
    pub fn city_period(&self, norms: &Norms, period: Period) -> Option<AirPeriod> {
        let (first, last) = (period.first_day(), period.last_day());
        let from = self.city_days.partition_point(|day| day.day < first);
        let to = self.city_days.partition_point(|day| day.day <= last);
        let days = self.city_days.get(from..to).filter(|days| !days.is_empty())?;
        Some(judge_period(period.kind(), days, norms.air.on(last)?, |_| false))
    }

    /// The judged day of a station.
    #[must_use]
    pub fn day(&self, station: &str, day: Day) -> Option<&AirDay> {
        let days = self.days.get(station)?;
        days.binary_search_by_key(&day, |judged| judged.day).ok().map(|number| &days[number])
    }
}

fn city(folder: &DataFolder) -> [(&'static str, lake::Parameter); 1] {
    [("city", lake::Parameter::Text(folder.pack.city.code.clone()))]
}

/// Every row of the register of air stations, by code and first day.
async fn stations(session: &Session, city: &str) -> anyhow::Result<Vec<Station>> {
    let sql = "SELECT station, name_zh, name_en, district, medium, kind, lon, lat, evaluated, valid_from, valid_to, source \
               FROM station WHERE city = $city AND medium = 'air' ORDER BY station, valid_from NULLS FIRST";
    let rows = session.ask(sql, &[("city", lake::Parameter::Text(city.to_owned()))]).await?.rows().await?;
    let mut stations = Vec::new();
    for row in rows {
        let text = |number: usize| row.get(number).map(ToString::to_string).unwrap_or_default();
        let day = |number: usize| if let Some(Cell::Day(day)) = row.get(number) { Some(*day) } else { None };
        stations.push(Station {
            city: city.to_owned(),
            station: text(0),
            name_zh: text(1),
            name_en: text(2),
            district: text(3),
            medium: text(4),
            kind: text(5),
            lon: row.get(6).context("lon")?.as_number(),
            lat: row.get(7).context("lat")?.as_number(),
            evaluated: matches!(row.get(8), Some(Cell::YesNo(true))),
            valid_from: day(9),
            valid_to: day(10),
            source: text(11),
        });
    }
    Ok(stations)
}
