//! How much data an hour and a day of noise need, and in which weather they may be taken: HJ 906, GB 3096.

use crate::origin::measured;
use crate::{Instrument, LoadError, Measured, NormFile, Origin};
use serde::Deserialize;
use toml::Spanned;

/// One edition of HJ 906.
#[derive(Clone, Debug)]
pub struct NoiseValidity {
    /// The instrument.
    pub instrument: Instrument,
    /// Valid minutes that an hour needs.
    pub hour_minutes_min: u32,
    /// Valid hours that the Ld of a day needs.
    pub day_hours_min: u32,
    /// Valid hours that the Ln of a night needs.
    pub night_hours_min: u32,
    /// Where the counts come from.
    pub counts_origin: Origin,
    /// Highest wind, in m/s.
    pub wind_max: Measured,
    /// Whether rain, snow and thunder forbid measuring.
    pub dry_only: bool,
    /// Where the rule on weather comes from.
    pub weather_origin: Origin,
}

impl NoiseValidity {
    /// Whether an hour has enough valid minutes.
    #[must_use]
    pub const fn hour_counts(&self, valid_minutes: u32) -> bool {
        valid_minutes >= self.hour_minutes_min
    }

    /// Whether noise may be measured: wind in m/s, and whether it rains, snows or thunders.
    #[must_use]
    pub fn weather_allows(&self, wind: Measured, rain_snow_or_thunder: bool) -> bool {
        wind <= self.wind_max && !(self.dry_only && rain_snow_or_thunder)
    }

    /// Reads a `noise-validity/1` file.
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let table: Table = file.table()?;
        let counts = table.counts.get_ref();
        let sound = (1..=60).contains(&counts.hour_minutes_min)
            && (1..=24).contains(&counts.day_hours_min)
            && (1..=24).contains(&counts.night_hours_min);
        if !sound {
            let (zh, en) = ("最少分钟数在1到60之间，最少小时数在1到24之间", "1 to 60 minutes and 1 to 24 hours");
            return Err(file.error_at(Some(table.counts.span()), zh, en));
        }
        let weather = table.weather;
        Ok(Self {
            hour_minutes_min: counts.hour_minutes_min,
            day_hours_min: counts.day_hours_min,
            night_hours_min: counts.night_hours_min,
            counts_origin: counts.origin.clone(),
            wind_max: weather.wind_max,
            dry_only: weather.dry_only,
            weather_origin: weather.origin,
            instrument: table.instrument,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "read by the catalogue")]
    schema: String,
    instrument: Instrument,
    counts: Spanned<Counts>,
    weather: Weather,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Counts {
    hour_minutes_min: u32,
    day_hours_min: u32,
    night_hours_min: u32,
    origin: Origin,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Weather {
    #[serde(deserialize_with = "measured")]
    wind_max: Measured,
    dry_only: bool,
    origin: Origin,
}
