#![forbid(unsafe_code)]
//! A made-up city from a seed: hourly air data of a subtropical coast.
//!
//! [`simulate`] takes the parameters of a city ([`Model`], a TOML file), its stations, a seed and
//! a range of days, and yields every observation that the stations would have sent: values with
//! the decimals of the parameter, with calibrations, faults, maintenance and lost hours.
//! The values come from sources, weather and chemistry; nothing is fitted to a judgement
//! afterwards. What a year is like stands in the model: its emissions and its weather anomalies.
//!
//! The way of an hour:
//!
//! 1. `weather`: regimes, typhoons and sand-dust intrusions give wind, sun, rain and mixing.
//! 2. `sources`: five sources fill one box of air; particles, CO and ozone come from afar; sun
//!    makes ozone, rain washes.
//! 3. `chemistry`: a site weighs all that, adds its street, and NO, NO2 and O3 find their balance.
//! 4. `instrument`: noise, drift, zero gas at night, faults, power cuts.
//!
//! [`media`] makes the other media of the city, [`zoning`] its zoning map.
//!
//! The crate is pure: no file, no clock, no randomness but the seed's. The same input gives the
//! same rows; a station's values change neither with the other stations nor with the range asked
//! for. **Everything that it yields is invented** and must be stored as `source = simulated`.
//!
//! ```
//! use jiff::civil::date;
//! use simulator::{Kind, Model, Parameter, Station, simulate};
//!
//! let model = Model::parse(include_str!("../../../cities/xiamen/demo/model.toml"))?;
//! let stations = [Station::new("1287A", Kind::National)];
//! let rows: Vec<_> = simulate(&model, &stations, model.seed, date(2021, 1, 2), date(2021, 1, 3))?.collect();
//!
//! let last = rows.iter().rfind(|row| row.parameter == Parameter::Co).expect("a day of CO");
//! assert_eq!(last.hour_end, date(2021, 1, 3).at(0, 0, 0, 0)); // hour 24
//! assert_eq!(last.value.decimals, 1);
//! assert!(rows.len() > 6 * 20);
//! # Ok::<(), simulator::Error>(())
//! ```

mod chemistry;
mod comparison;
mod dice;
mod instrument;
pub mod media;
pub mod model;
mod row;
mod sources;
mod weather;
pub mod zoning;

use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;

pub use comparison::{ComparisonRow, comparison_cities};
pub use model::Model;
pub use row::{Flag, Parameter, Reading, Row};

use chemistry::SiteAir;
use instrument::Cabin;
use sources::{Air, town};

/// What can go wrong: a model that makes no sense, or a range that it does not cover.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is no model file; the message of the reader has line and column.
    #[error("the model file cannot be read")]
    Toml(#[from] toml::de::Error),
    /// An entry of the model makes no sense.
    #[error("model: {at} {why}")]
    Model {
        /// Path of the entry.
        at: String,
        /// What is wrong with it.
        why: String,
    },
    /// The days asked for are not in the years of the model, or end before they begin.
    #[error("the days {from} to {to} are not in the years {first} to {last} of the model")]
    Range {
        /// First day asked for.
        from: Date,
        /// Day after the last one asked for.
        to: Date,
        /// First year of the model.
        first: i16,
        /// Last year of the model.
        last: i16,
    },
    /// The years asked for are not those of the model of the other media.
    #[error("the years {from} to {to} are not in the years {first} to {last} of the model")]
    Years {
        /// First year asked for.
        from: i16,
        /// Last year asked for.
        to: i16,
        /// First year of the model.
        first: i16,
        /// Last year of the model.
        last: i16,
    },
    /// A line of the register of places cannot be read.
    #[error("register of places, line {line}: {field} cannot be read")]
    Register {
        /// Line, from 1.
        line: usize,
        /// Column.
        field: &'static str,
    },
    /// Two stations have the same code.
    #[error("station {0} is there twice")]
    StationTwice(String),
}

/// Kinds of air stations, as in the station register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// 国控
    National,
    /// 市控
    City,
    /// 路边站
    Roadside,
    /// 超级站
    Super,
}

impl Kind {
    /// Returns the word of the register and of the model file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Kind::National => "national",
            Kind::City => "city",
            Kind::Roadside => "roadside",
            Kind::Super => "super",
        }
    }

    /// Returns the kind that the register's word means.
    ///
    /// ```
    /// assert_eq!(simulator::Kind::from_name("super"), Some(simulator::Kind::Super));
    /// assert_eq!(simulator::Kind::from_name("超级站"), None);
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<Kind> {
        [Kind::National, Kind::City, Kind::Roadside, Kind::Super].into_iter().find(|kind| kind.name() == name)
    }
}

/// A station to simulate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Station {
    /// Code, as in the register and in the model's `site` tables.
    pub code: String,
    /// Kind; decides what is measured and how reliably.
    pub kind: Kind,
    /// First day in force; none: since ever.
    pub from: Option<Date>,
    /// Day after the last in force; none: still in force.
    pub to: Option<Date>,
}

impl Station {
    /// Returns a station that is always in force.
    #[must_use]
    pub fn new(code: impl Into<String>, kind: Kind) -> Station {
        Station { code: code.into(), kind, from: None, to: None }
    }

    fn in_force(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day < to)
    }
}

/// Simulates the hours that begin on the days `from` (included) to `to` (excluded).
///
/// Rows come station by station in the order given, in each by hour, in each hour in the order of
/// the model's `measures`. Weather and town are computed here, stations while iterating.
///
/// # Errors
/// [`Error::Range`] for days outside the model's years, [`Error::StationTwice`], and
/// [`Error::Model`] where a kind of station has no site, instruments or measures.
pub fn simulate(model: &Model, stations: &[Station], seed: u64, from: Date, to: Date) -> Result<Simulation, Error> {
    let years = model.years();
    let (first, last) = (*years.start(), *years.end());
    // The last day asked for is the one before `to`.
    let covered = |day: Date| years.contains(&day.year());
    if from > to || !covered(from) || !covered(to.saturating_sub(1.day())) && from != to {
        return Err(Error::Range { from, to, first, last });
    }
    let mut runs = Vec::with_capacity(stations.len());
    for station in stations {
        if runs.iter().any(|run: &StationRun| run.station.code == station.code) {
            return Err(Error::StationTwice(station.code.clone()));
        }
        let settings = *model.instruments(station.kind)?;
        runs.push(StationRun {
            code: Arc::from(station.code.as_str()),
            site: SiteAir::new(&station.code, model.site(&station.code, station.kind)?, seed),
            cabin: Cabin::new(&station.code, settings, model.measures(station.kind)?, seed),
            station: station.clone(),
            next: 0,
        });
    }
    let air = town(model, seed, to.at(0, 0, 0, 0));
    Ok(Simulation {
        model: model.clone(),
        air,
        from,
        runs: runs.into_iter(),
        run: None,
        hour: Vec::new(),
        ready: Vec::new(),
    })
}

/// The rows of a simulation, in the order that [`simulate`] states.
#[derive(Debug)]
pub struct Simulation {
    model: Model,
    air: Vec<Air>,
    from: Date,
    runs: std::vec::IntoIter<StationRun>,
    run: Option<StationRun>,
    hour: Vec<(Parameter, Reading, Flag)>,
    /// Rows of the present hour, last first.
    ready: Vec<Row>,
}

/// One station on its way through the hours.
#[derive(Debug)]
struct StationRun {
    station: Station,
    code: Arc<str>,
    site: SiteAir,
    cabin: Cabin,
    next: usize,
}

impl Iterator for Simulation {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        loop {
            if let Some(row) = self.ready.pop() {
                return Some(row);
            }
            let run = match &mut self.run {
                Some(run) if run.next < self.air.len() => run,
                _ => {
                    self.run = Some(self.runs.next()?);
                    continue;
                }
            };
            let air = &self.air[run.next];
            run.next += 1;
            let sample = run.site.step(&self.model, air);
            run.cabin.read(&air.hour, &sample, &mut self.hour);
            let day = air.hour.start.date();
            if day < self.from || !run.station.in_force(day) {
                continue;
            }
            let hour_end = air.hour.start.saturating_add(1.hour());
            self.ready.extend(self.hour.drain(..).rev().map(|(parameter, value, flag)| Row {
                station: Arc::clone(&run.code),
                hour_end,
                parameter,
                value,
                flag,
            }));
        }
    }
}
