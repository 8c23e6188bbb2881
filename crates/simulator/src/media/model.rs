//! `media.toml`: levels, causes, campaigns, works.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::civil::Date;
use serde::Deserialize;

use super::{Medium, Place};
use crate::Error;
use crate::dice::Dice;
use crate::model::{day, within, wrong};

/// What the other media of a city are drawn from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediaModel {
    /// Seed of the demonstration city as shipped.
    pub seed: u64,
    first_year: i16,
    last_year: i16,
    rain: Rain,
    campaign: Vec<Campaign>,
    pub(super) noise: Noise,
    pub(super) litter: Litter,
    cause: Vec<Cause>,
    pub(super) works: Vec<Works>,
    pub(super) visits: Visits,
    pub(super) intake: Intake,
}

/// Rain of a mean year and how much months differ from it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rain {
    /// Mean of each month, mm.
    month_mm: [f64; 12],
    /// Standard deviation of the logarithm of a month.
    spread: f64,
}

/// When places are visited: once in each window of months, on some day of the month.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Round {
    /// First and last month of each visit in a year.
    pub(super) months: Vec<[i8; 2]>,
    /// First and last day of the month.
    pub(super) days: [i8; 2],
    /// The years with visits; none named: every year.
    #[serde(default)]
    pub(super) years: Vec<i16>,
}

/// Samples that are taken in one medium and analysed for the same items.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Campaign {
    medium: Medium,
    pub(super) round: Round,
    pub(super) items: Vec<Item>,
}

/// One or more parameters with the same level.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Item {
    pub(super) parameters: Vec<String>,
    /// The one kind of place where it is measured; none: at all.
    #[serde(default)]
    pub(super) only: Option<String>,
    /// Middle value without any cause.
    pub(super) level: f64,
    /// Standard deviation of the logarithm from sample to sample.
    pub(super) spread: f64,
    /// The same from place to place.
    #[serde(default)]
    pub(super) site: f64,
    /// Amplitude of the year in the logarithm.
    #[serde(default)]
    pub(super) season: f64,
    /// Month of the maximum.
    #[serde(default)]
    pub(super) peak: f64,
    /// Power of the month's rain against the mean month.
    #[serde(default)]
    pub(super) rain: f64,
    /// Digits behind the point.
    pub(super) decimals: u8,
    /// Detection limit.
    #[serde(default)]
    pub(super) detection: Option<f64>,
}

/// Levels of noise.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Noise {
    pub(super) parameter: String,
    pub(super) round: Round,
    /// Hour of the day at which 24 hours begin.
    pub(super) begins: i8,
    /// Hours of the day that count as night here: the first, and the one after the last.
    night: [u8; 2],
    /// Levels of zones without any cause, dB(A).
    pub(super) zone: BTreeMap<String, DayNight>,
    /// What each hour of the day is above or below that, dB.
    pub(super) shape: [f64; 24],
    /// Standard deviation from place to place, dB.
    pub(super) site: f64,
    /// The same from visit to visit, dB.
    pub(super) visit: f64,
    /// The same from hour to hour, dB.
    pub(super) spread: f64,
    pub(super) decimals: u8,
}

/// Levels by day and by night, dB(A).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DayNight {
    day: f64,
    night: f64,
}

impl Noise {
    /// The level of a zone in an hour of the day, without site and chance; none for a zone that the model does not have.
    pub(super) fn level(&self, zone: &str, hour: u8) -> Option<f64> {
        let levels = self.zone.get(zone)?;
        let level = if is_between(self.night, hour) { levels.night } else { levels.day };
        Some(level + self.shape[usize::from(hour)])
    }
}

/// Whether an hour of the day lies in a range that may go over midnight.
fn is_between([from, to]: [u8; 2], hour: u8) -> bool {
    if from <= to { (from..to).contains(&hour) } else { hour >= from || hour < to }
}

/// Litter along the shore.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Litter {
    pub(super) round: Round,
    /// Parameter of the area of all patches, m², and that of the length walked, km.
    pub(super) area: Item,
    pub(super) length: String,
    pub(super) length_decimals: u8,
    /// Length of each section, km.
    pub(super) shore_km: BTreeMap<String, f64>,
}

/// Something that raises or lowers values at some places for some time.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cause {
    /// What it is; for readers of the model.
    #[serde(rename = "zh")]
    _zh: String,
    #[serde(rename = "en")]
    _en: String,
    on: Places,
    /// First day; none: since ever.
    #[serde(default, deserialize_with = "day_if_any")]
    from: Option<Date>,
    /// Day after the last; none: it goes on.
    #[serde(default, deserialize_with = "day_if_any")]
    to: Option<Date>,
    /// Hours of the day, the first and the one after the last; none: all day.
    #[serde(default)]
    hours: Option<[u8; 2]>,
    /// Factors by parameter; of noise on the energy of the sound.
    factors: BTreeMap<String, f64>,
}

/// Which places a cause acts on: those that fit all that is said.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Places {
    medium: Medium,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    waterbodies: Vec<String>,
    #[serde(default)]
    programme: Option<String>,
    #[serde(default)]
    stations: Vec<String>,
}

impl Places {
    fn hold(&self, place: &Place) -> bool {
        let among = |names: &[String], name: &str| names.is_empty() || names.iter().any(|one| one == name);
        self.medium == place.medium
            && self.kind.as_ref().is_none_or(|kind| *kind == place.kind)
            && among(&self.waterbodies, &place.waterbody)
            && self.programme.as_ref().is_none_or(|programme| place.is_in(programme))
            && among(&self.stations, &place.station)
    }
}

/// Works of one kind: the total is given, the single works are made up.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Works {
    pub(super) kind: String,
    pub(super) unit: String,
    /// Sum of all works, in the unit.
    pub(super) total: f64,
    pub(super) decimals: u8,
    pub(super) count: usize,
    #[serde(deserialize_with = "day")]
    pub(super) from: Date,
    #[serde(deserialize_with = "day")]
    pub(super) to: Date,
    /// What a single work is called, with a place for its district and number.
    pub(super) subjects: Vec<String>,
}

/// Visits of outfalls.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Visits {
    pub(super) kind: String,
    pub(super) unit: String,
    /// Visits of each year.
    pub(super) by_year: Vec<YearVisits>,
    /// Kind of entry and unit of the checks in dry weather, and the programme of the outfalls that have them.
    pub(super) dry_kind: String,
    pub(super) dry_unit: String,
    pub(super) dry_programme: String,
    /// Since when nothing runs out of them in dry weather.
    #[serde(deserialize_with = "day")]
    pub(super) dry_since: Date,
    /// What ran out before, m³/d.
    pub(super) dry_before: f64,
}

/// How many visits one year has.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct YearVisits {
    pub(super) year: i16,
    pub(super) count: usize,
}

/// Water taken from drinking-water sources.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Intake {
    pub(super) kind: String,
    pub(super) unit: String,
    /// Mean of a day by source, in the unit.
    pub(super) day: BTreeMap<String, f64>,
    /// Amplitude of the year, as a part of the mean; most in the middle of summer.
    pub(super) season: f64,
    pub(super) spread: f64,
}

impl MediaModel {
    /// Reads and checks the text of a `media.toml`.
    ///
    /// # Errors
    /// [`Error::Toml`] with line and column where the text is no such file; [`Error::Model`] with the path of the entry
    /// where a value makes no sense.
    pub fn parse(text: &str) -> Result<MediaModel, Error> {
        let model: MediaModel = toml::from_str(text)?;
        model.check()?;
        Ok(model)
    }

    /// Returns the first and the last year that can be simulated.
    #[must_use]
    pub const fn years(&self) -> RangeInclusive<i16> {
        self.first_year..=self.last_year
    }

    pub(super) fn campaign(&self, medium: Medium) -> Option<&Campaign> {
        self.campaign.iter().find(|campaign| campaign.medium == medium)
    }

    pub(super) fn covers(&self, years: &RangeInclusive<i16>) -> Result<(), Error> {
        if *years.start() >= self.first_year && *years.end() <= self.last_year {
            return Ok(());
        }
        let (first, last) = (self.first_year, self.last_year);
        Err(Error::Years { from: *years.start(), to: *years.end(), first, last })
    }

    /// Checks that the model says what is measured at a place.
    pub(super) fn knows(&self, place: &Place) -> Result<(), Error> {
        let (known, at) = match place.medium {
            Medium::Noise => (self.noise.zone.contains_key(&place.function_class), "noise.zone"),
            Medium::Litter => (self.litter.shore_km.contains_key(&*place.station), "litter.shore_km"),
            medium => (self.campaign(medium).is_some(), "campaign"),
        };
        if known { Ok(()) } else { Err(wrong(at, format!("says nothing of {}", place.station))) }
    }

    fn check(&self) -> Result<(), Error> {
        if self.first_year > self.last_year {
            return Err(wrong("last_year", "lies before first_year"));
        }
        for mm in self.rain.month_mm {
            within("rain.month_mm", mm, f64::MIN_POSITIVE, 10_000.0)?;
        }
        let rounds = self.campaign.iter().map(|campaign| &campaign.round);
        for round in rounds.chain([&self.noise.round, &self.litter.round]) {
            check_round(round)?;
        }
        for item in self.campaign.iter().flat_map(|campaign| &campaign.items).chain([&self.litter.area]) {
            check_item(item)?;
        }
        within("noise.begins", f64::from(self.noise.begins), 0.0, 23.0)?;
        within("noise.decimals", f64::from(self.noise.decimals), 0.0, 9.0)?;
        within("litter.length_decimals", f64::from(self.litter.length_decimals), 0.0, 9.0)?;
        for km in self.litter.shore_km.values() {
            within("litter.shore_km", *km, f64::MIN_POSITIVE, 1000.0)?;
        }
        for factor in self.cause.iter().flat_map(|cause| cause.factors.values()) {
            within("cause.factors", *factor, f64::MIN_POSITIVE, 1e6)?;
        }
        for visits in &self.visits.by_year {
            let (first, last) = (f64::from(self.first_year), f64::from(self.last_year));
            within("visits.by_year", f64::from(visits.year), first, last)?;
            within("visits.by_year", visits.count as f64, 0.0, 100_000.0)?;
        }
        for works in &self.works {
            within("works.count", works.count as f64, 1.0, 10_000.0)?;
            within("works.decimals", f64::from(works.decimals), 0.0, 6.0)?;
            within("works.total", works.total, f64::MIN_POSITIVE, 1e9)?;
            if works.subjects.is_empty() || works.from >= works.to {
                return Err(wrong(format!("works.{}", works.kind), "needs subjects and days"));
            }
        }
        Ok(())
    }
}

fn check_round(round: &Round) -> Result<(), Error> {
    for [first, last] in &round.months {
        within("round.months", f64::from(*first), 1.0, f64::from(*last))?;
        within("round.months", f64::from(*last), 1.0, 12.0)?;
    }
    // Every month has 28 days.
    within("round.days", f64::from(round.days[0]), 1.0, f64::from(round.days[1]))?;
    within("round.days", f64::from(round.days[1]), 1.0, 28.0)
}

fn check_item(item: &Item) -> Result<(), Error> {
    let at = |field: &str| format!("items.{}.{field}", item.parameters.join("+"));
    within(&at("level"), item.level, f64::MIN_POSITIVE, 1e9)?;
    within(&at("spread"), item.spread, 0.0, 3.0)?;
    within(&at("decimals"), f64::from(item.decimals), 0.0, 9.0)?;
    within(&at("detection"), item.detection.unwrap_or(0.0), 0.0, 1e6)
}

fn day_if_any<'de, D: serde::Deserializer<'de>>(reader: D) -> Result<Option<Date>, D::Error> {
    day(reader).map(Some)
}

/// A model with its seed: what all places share.
pub(super) struct Scene<'m> {
    pub(super) model: &'m MediaModel,
    seed: u64,
}

impl<'m> Scene<'m> {
    pub(super) const fn new(model: &'m MediaModel, seed: u64) -> Scene<'m> {
        Scene { model, seed }
    }

    /// A stream of chance that belongs to its name alone.
    pub(super) fn dice(&self, name: &str) -> Dice {
        Dice::new(self.seed, &format!("media {name}"))
    }

    /// Rain of a month as a part of the mean month of the year.
    pub(super) fn wetness(&self, day: Date) -> f64 {
        let rain = &self.model.rain;
        let mean = rain.month_mm.iter().sum::<f64>() / 12.0;
        let month = rain.month_mm[usize::from(day.month().unsigned_abs()) - 1];
        let chance = self.dice(&format!("rain {}-{}", day.year(), day.month())).normal();
        month / mean * (rain.spread * chance).exp()
    }

    /// What all causes do to a parameter at a place on a day and in an hour of it.
    pub(super) fn factor(&self, place: &Place, day: Date, hour: u8, parameter: &str) -> f64 {
        let acts = |cause: &&Cause| {
            cause.from.is_none_or(|from| from <= day)
                && cause.to.is_none_or(|to| day < to)
                && cause.hours.is_none_or(|hours| is_between(hours, hour))
                && cause.on.hold(place)
        };
        let of_parameter = |cause: &Cause| cause.factors.get(parameter).copied();
        self.model.cause.iter().filter(acts).filter_map(of_parameter).product()
    }

    /// The value of an item in a sample, before it is read off.
    pub(super) fn value(&self, place: &Place, day: Date, hour: u8, item: &Item, parameter: &str) -> f64 {
        let station = &place.station;
        let site = self.dice(&format!("site {station} {parameter}")).normal();
        let chance = self.dice(&format!("sample {station} {day} {parameter}")).normal();
        let logarithm = item.site * site
            + item.spread * chance
            + item.season * season(day, item.peak)
            + item.rain * self.wetness(day).ln();
        item.level * self.factor(place, day, hour, parameter) * logarithm.exp()
    }
}

/// From 1 in the middle of the month of the maximum to -1 half a year later.
pub(super) fn season(day: Date, peak: f64) -> f64 {
    let of_year = f64::from(day.day_of_year() - 1) / f64::from(day.days_in_year());
    (std::f64::consts::TAU * (of_year - (peak - 0.5) / 12.0)).cos()
}
