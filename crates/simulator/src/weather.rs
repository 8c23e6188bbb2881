//! The weather of the town, hour by hour: regimes that follow each other, events that push in.
//!
//! A regime (north-east monsoon, cold surge, subtropical high …) lasts for some days and sets the
//! means; wind, cloud and temperature wander around them. Typhoons and sand-dust intrusions are
//! laid down for each year first and push the regime of the hour aside.

use std::f64::consts::TAU;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Weekday, date};

use crate::dice::{Dice, Wander};
use crate::model::{Model, Monthly, Year};

/// Hours before the first year in which the weather settles.
const SPIN_UP_HOURS: i64 = 240;

/// Hours owed to a regime that make it e times as likely to be the next.
const OWED_HOURS: f64 = 36.0;

/// Weather of one hour.
#[derive(Debug, Clone)]
pub(crate) struct Hour {
    /// Start of the hour, Beijing time.
    pub(crate) start: DateTime,
    pub(crate) hour: usize,
    pub(crate) weekend: bool,
    /// Place in the year for monthly values: month 0 to 11 and the way to the next, 0 to 1.
    pub(crate) season: Season,
    /// Index into the years of the model.
    pub(crate) year: usize,
    pub(crate) regime: usize,
    pub(crate) typhoon: bool,
    /// °C.
    pub(crate) temperature: f64,
    /// %.
    pub(crate) humidity: f64,
    /// m/s.
    pub(crate) wind: f64,
    /// Degrees, where it comes from.
    pub(crate) wind_from: f64,
    /// mm.
    pub(crate) rain: f64,
    /// Light for photochemistry: 1 is the clear noon of midsummer.
    pub(crate) light: f64,
    /// Height of the mixed layer, m.
    pub(crate) mixing: f64,
    /// PM10 that a dust intrusion adds, µg/m³.
    pub(crate) sand: f64,
}

impl Hour {
    /// Part of the town's air that leaves in the hour.
    pub(crate) fn air_change(&self, model: &Model) -> f64 {
        (self.wind + 0.4) * 3.6 / model.climate.town_length
    }
}

/// A place in the year, for values that are given by month.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Season {
    month: usize,
    next: usize,
    way: f64,
}

impl Season {
    fn of(day: Date) -> Season {
        let month = usize::from(day.month().unsigned_abs()) - 1;
        let way = (f64::from(day.day()) - 0.5) / f64::from(day.days_in_month()) - 0.5;
        if way < 0.0 {
            Season { month: (month + 11) % 12, next: month, way: way + 1.0 }
        } else {
            Season { month, next: (month + 1) % 12, way }
        }
    }

    pub(crate) fn of_monthly(self, values: &Monthly) -> f64 {
        values[self.month] * (1.0 - self.way) + values[self.next] * self.way
    }
}

/// An event with its first hour, its length and its strength.
struct Event {
    start: DateTime,
    hours: f64,
    regime: usize,
    /// Peak of the dust, µg/m³; 0 for others.
    sand: f64,
    typhoon: bool,
}

impl Event {
    /// How far the event is at the hour, 0 to 1; none outside.
    fn way(&self, at: DateTime) -> Option<f64> {
        let hours = hours_between(self.start, at) as f64;
        (0.0..self.hours).contains(&hours).then_some(hours / self.hours)
    }
}

/// Makes the weather from the first hour of the model's first year up to `end`.
pub(crate) fn weather(model: &Model, seed: u64, end: DateTime) -> Vec<Hour> {
    let mut dice = Dice::new(seed, "weather");
    let events = events(model, seed);
    let climate = &model.climate;
    let first = date(*model.years().start(), 1, 1).at(0, 0, 0, 0);
    let mut start = first.saturating_sub(SPIN_UP_HOURS.hours());
    let mut hours = Vec::with_capacity(usize::try_from(hours_between(first, end)).unwrap_or(0));

    let mut shares = vec![0.0; model.regime.len()];
    let mut owed = shares.clone();
    let mut regime = 0;
    let mut regime_left = 0.0;
    let mut rain_left = 0.0;
    let (mut heat, mut mixing) = (0.0, climate.mixing_night);
    let (mut wind_east, mut wind_north, mut cloud) = (0.0, 0.0, 0.5);
    let mut east_wander = Wander::new(9.0, &mut dice);
    let mut north_wander = Wander::new(9.0, &mut dice);
    let mut cloud_wander = Wander::new(10.0, &mut dice);
    let mut temperature_wander = Wander::new(40.0, &mut dice);
    let mut humidity_wander = Wander::new(20.0, &mut dice);

    while start < end {
        let day = start.date();
        let season = Season::of(day);
        let year_index = model.year.iter().position(|year| year.year == day.year()).unwrap_or(0);
        let year = &model.year[year_index];
        let summer = summer_part(day);

        // Each regime is owed its share of the hours; what it is owed makes its return likelier, so
        // that a year differs from another by what the model says more than by luck.
        let mut total = 0.0;
        for (share, regime) in shares.iter_mut().zip(&model.regime) {
            let anomaly = year.regime_weight.get(&regime.id).copied().unwrap_or(1.0);
            *share = season.of_monthly(&regime.weight) * regime.hours * anomaly;
            total += *share;
        }
        for (owed, share) in owed.iter_mut().zip(&shares) {
            *owed += share / total;
        }
        owed[regime] -= 1.0;
        regime_left -= 1.0;
        if regime_left <= 0.0 {
            let likely = model
                .regime
                .iter()
                .zip(&shares)
                .zip(&owed)
                .map(|((regime, share), owed)| share / regime.hours * (owed / OWED_HOURS).clamp(-3.0, 3.0).exp());
            regime = dice.pick(likely);
            // Never shorter than a third of the mean: weather of one hour is no weather.
            let mean = model.regime[regime].hours;
            regime_left = mean / 3.0 + dice.exponential(mean * 2.0 / 3.0);
        }
        let (mut now, mut sand, mut typhoon) = (regime, 0.0, false);
        for event in &events {
            if let Some(way) = event.way(start) {
                now = event.regime;
                typhoon |= event.typhoon;
                sand += event.sand * rise_and_fall(way);
            }
        }
        let kind = &model.regime[now];

        // Wind: towards the mean of the regime within some hours, with gusts.
        let from = kind.wind_from.to_radians();
        wind_east += 0.2 * (-kind.wind * from.sin() - wind_east);
        wind_north += 0.2 * (-kind.wind * from.cos() - wind_north);
        let mut east = wind_east + kind.wind_spread * east_wander.step(&mut dice);
        let mut north = wind_north + kind.wind_spread * north_wander.step(&mut dice);

        // Cloud, sun and heat.
        let shift = year.summer_cloud * summer;
        cloud += 0.15 * ((kind.cloud + shift).clamp(0.02, 1.0) - cloud);
        let cover = (cloud + 0.18 * cloud_wander.step(&mut dice)).clamp(0.0, 1.0);
        let hour = usize::from(start.hour().unsigned_abs());
        let height = sun_height(climate.latitude, climate.longitude, day, hour as f64 + 0.5);
        let light = (height * (1.0 - 0.72 * cover.powf(1.6))).max(0.0);
        heat += 0.35 * (light - heat);

        // Sea breeze: against a weak wind, by day from the sea, by night faintly from the land.
        let calm = (1.0 - east.hypot(north) / 8.0).max(0.0);
        let breeze = climate.sea_breeze * calm * if heat > 0.1 { heat } else { -0.25 };
        let breeze_from = climate.sea_breeze_from.to_radians();
        east -= breeze * breeze_from.sin();
        north -= breeze * breeze_from.cos();
        let wind = east.hypot(north).max(0.3);
        let wind_from = (-east).atan2(-north).to_degrees().rem_euclid(360.0);

        // Rain: spells of some hours.
        rain_left -= 1.0;
        let chance = kind.rain_chance * year.rain * (0.5 + cover) * if heat > 0.4 { 1.3 } else { 0.9 };
        if rain_left <= 0.0 && dice.chance(chance) {
            rain_left = 1.0 + dice.exponential(2.5);
        }
        let rain = if rain_left > 0.0 { dice.exponential(kind.rain) } else { 0.0 };
        let wet = if rain > 0.1 { 1.0 } else { 0.0 };

        let usual = season.of_monthly(&climate.temperature);
        let day_wave = (TAU * (hour as f64 - 14.0) / 24.0).cos();
        let temperature = usual
            + kind.temperature
            + year.summer_temperature * summer
            + season.of_monthly(&climate.temperature_spread) * temperature_wander.step(&mut dice)
            + climate.temperature_amplitude * (1.0 - 0.65 * cover) * day_wave
            - 1.2 * wet;
        let humidity = (season.of_monthly(&climate.humidity) + kind.humidity - 9.0 * (1.0 - 0.6 * cover) * day_wave
            + 6.0 * humidity_wander.step(&mut dice)
            + 12.0 * wet)
            .clamp(22.0, 100.0);

        let target = (climate.mixing_night + climate.mixing_sun * heat + climate.mixing_wind * wind) * kind.mixing;
        mixing += 0.45 * (target - mixing);

        if start >= first {
            let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
            hours.push(Hour {
                start,
                hour,
                weekend,
                season,
                year: year_index,
                regime: now,
                typhoon,
                temperature,
                humidity,
                wind,
                wind_from,
                rain,
                light,
                mixing: mixing.max(80.0),
                sand,
            });
        }
        start = start.saturating_add(1.hour());
    }
    hours
}

/// Lays down the typhoons and dust intrusions of every year, each in its own part of the season.
fn events(model: &Model, seed: u64) -> Vec<Event> {
    let mut events = Vec::new();
    for year in &model.year {
        let mut dice = Dice::new(seed, &format!("events {}", year.year));
        let typhoon = &model.typhoon;
        let regimes = (model.regime_index(&typhoon.before), model.regime_index(&typhoon.during));
        for start in spread(year, typhoon.season, year.typhoons, &mut dice) {
            let before = dice.between(typhoon.before_hours[0], typhoon.before_hours[1]).round();
            let during = dice.between(typhoon.during_hours[0], typhoon.during_hours[1]);
            let landfall = start.saturating_add((before as i64).hours());
            let (Some(calm), Some(storm)) = regimes else {
                continue;
            };
            events.push(Event { start, hours: before, regime: calm, sand: 0.0, typhoon: false });
            events.push(Event { start: landfall, hours: during, regime: storm, sand: 0.0, typhoon: true });
        }
        let dust = &model.dust_event;
        for start in spread(year, dust.season, year.dust_events, &mut dice) {
            let hours = dice.between(dust.hours[0], dust.hours[1]);
            let sand = dice.between(dust.peak[0], dust.peak[1]);
            let Some(regime) = model.regime_index(&dust.regime) else {
                continue;
            };
            events.push(Event { start, hours, regime, sand, typhoon: false });
        }
    }
    events
}

/// Spreads `count` starts over a season: one in each of as many equal parts.
fn spread(year: &Year, season: [[i8; 2]; 2], count: u32, dice: &mut Dice) -> Vec<DateTime> {
    let day = |[month, day]: [i8; 2]| Date::new(year.year, month, day).ok().map(|day| day.at(0, 0, 0, 0));
    let (Some(first), Some(last)) = (day(season[0]), day(season[1])) else {
        return Vec::new();
    };
    let part = hours_between(first, last) as f64 / f64::from(count.max(1));
    (0..count)
        .map(|index| {
            let hours = (f64::from(index) + dice.between(0.05, 0.75)) * part;
            first.saturating_add((hours as i64).hours())
        })
        .collect()
}

pub(crate) fn hours_between(from: DateTime, to: DateTime) -> i64 {
    to.duration_since(from).as_hours()
}

/// A hump over 0 to 1: quick up, slow down.
fn rise_and_fall(way: f64) -> f64 {
    (way / 0.3).min((1.0 - way) / 0.7).clamp(0.0, 1.0)
}

/// Part of the year in which the summer's anomaly holds: June to October, fading in and out.
fn summer_part(day: Date) -> f64 {
    let of_year = f64::from(day.day_of_year());
    ((of_year - 140.0) / 25.0).min((312.0 - of_year) / 25.0).clamp(0.0, 1.0)
}

/// Sine of the sun's height, 0 below the horizon, at Beijing clock time.
fn sun_height(latitude: f64, longitude: f64, day: Date, clock: f64) -> f64 {
    let declination = (23.44_f64).to_radians() * (TAU * (f64::from(day.day_of_year()) - 81.0) / 365.0).sin();
    let solar = clock + (longitude - 120.0) / 15.0;
    let angle = TAU * (solar - 12.0) / 24.0;
    let (sin, cos) = latitude.to_radians().sin_cos();
    (sin * declination.sin() + cos * declination.cos() * angle.cos()).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monthly_values_meet_in_mid_month() {
        let values = [1.0, 3.0, 5.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 7.0];
        let on = |month, day| Season::of(date(2022, month, day)).of_monthly(&values);
        assert!((on(2, 14) - 3.0).abs() < 0.05);
        assert!((on(1, 31) - 2.0).abs() < 0.05);
        assert!((on(1, 1) - 4.0).abs() < 0.12);
    }

    #[test]
    fn the_sun_stands_highest_at_noon_in_june() {
        let at = |month, clock| sun_height(24.5, 118.1, date(2022, month, 21), clock);
        assert!(at(6, 12.1) > 0.99);
        assert!((0.65..0.7).contains(&at(12, 12.1)));
        assert_eq!(at(6, 2.0), 0.0);
    }
}
