//! The air of the town as one box: what the sources give off, what comes from afar, what is made.
//!
//! Each source fills a tracer that wind and the growing mixed layer dilute. Stations weigh the
//! tracers by their site ([`crate::chemistry`]).

use jiff::civil::{Date, DateTime};

use crate::dice::{Dice, Wander};
use crate::model::{Model, Window};
use crate::weather::{Hour, weather};

/// State of the town's air in one hour.
#[derive(Debug, Clone)]
pub(crate) struct Air {
    pub(crate) hour: Hour,
    /// Strength of each source in this hour; its long mean is near 1.
    pub(crate) activity: [f64; 5],
    /// Load of the air with each source's emission.
    pub(crate) tracers: [f64; 5],
    /// Secondary particles from afar, µg/m³.
    pub(crate) regional: f64,
    /// Secondary particles made in the town, µg/m³.
    pub(crate) secondary: f64,
    /// Carbon monoxide from afar, mg/m³.
    pub(crate) carbon_monoxide: f64,
    /// Coarse sea salt on the shore, µg/m³.
    pub(crate) sea_salt: f64,
    /// Ozone that comes with the air, near the ground, before it meets NO, ppb.
    pub(crate) ozone: f64,
    /// Ozone made in the town, ppb.
    pub(crate) ozone_made: f64,
    /// What rain has left of the particles, 0 to 1.
    pub(crate) unwashed: f64,
}

/// Makes the air of the town from the model's first hour up to `end`.
pub(crate) fn town(model: &Model, seed: u64, end: DateTime) -> Vec<Air> {
    let mut dice = Dice::new(seed, "town");
    let mut regional_wander = Wander::new(36.0, &mut dice);
    let mut ozone_wander = Wander::new(24.0, &mut dice);
    let mut activity_wander: [Wander; 5] = std::array::from_fn(|_| Wander::new(12.0, &mut dice));
    let profiles: Vec<([f64; 24], [f64; 24])> = model
        .sources()
        .map(|source| {
            let mean = source.hours.iter().sum::<f64>() / 24.0;
            (source.hours.map(|value| value / mean), source.weekend.map(|value| value / mean))
        })
        .collect();

    let background = &model.background;
    let chemistry = &model.chemistry;
    let mut tracers = [0.5; 5];
    let (mut secondary, mut ozone_made, mut unwashed) = (0.5, 0.0, 1.0_f64);
    let (mut regional_factor, mut ozone_factor) = (1.0, 1.0);
    let mut mixing_before = model.climate.mixing_night;

    let hours = weather(model, seed, end);
    let mut air = Vec::with_capacity(hours.len());
    for hour in hours {
        let year = &model.year[hour.year];
        let regime = &model.regime[hour.regime];
        let change = hour.air_change(model);
        let left = (-change).exp();
        let window = factors(&model.window, hour.start.date());

        unwashed += (1.0 - unwashed) / background.refill_hours;
        unwashed *= (-background.washout * hour.rain).exp();

        let emissions = year.emissions.array();
        let mut activity = [0.0; 5];
        for (index, source) in model.sources().enumerate() {
            let (working, weekend) = &profiles[index];
            let profile = if hour.weekend { weekend[hour.hour] } else { working[hour.hour] };
            let wander = (0.08 * activity_wander[index].step(&mut dice)).exp();
            activity[index] =
                profile * hour.season.of_monthly(&source.months) * emissions[index] * window[index] * wander;
        }
        // Wet ground raises no dust.
        activity[3] *= 0.25 + 0.75 * unwashed * unwashed;

        let growth = (mixing_before / hour.mixing).min(1.0);
        mixing_before = hour.mixing;
        for (tracer, strength) in tracers.iter_mut().zip(activity) {
            *tracer = *tracer * left * growth + strength * (500.0 / hour.mixing) * (1.0 - left) / change;
        }
        // Precursors of ozone and of secondary particles: traffic, industry and ships.
        let load = tracers[0] + tracers[1] + tracers[2];

        // Air from afar changes with the regime, but not from one hour to the next.
        regional_factor += 0.12 * (regime.regional - regional_factor);
        ozone_factor += 0.12 * (regime.ozone - ozone_factor);
        let usual = hour.season.of_monthly(&background.pm25);
        let spread = background.pm25_spread;
        let wander = (spread * regional_wander.step(&mut dice) - spread * spread / 2.0).exp();
        let brought = usual * regional_factor * wander * year.regional_pm;
        let regional = brought * unwashed;
        let carbon_monoxide = (hour.season.of_monthly(&background.co)
            + background.co_with_pm25 * (brought - usual * year.regional_pm))
            .max(0.12)
            * year.regional_co;

        let damp = if hour.humidity > 75.0 { 1.0 - hour.light } else { 0.0 };
        secondary = secondary * (-0.5 * change).exp() * growth.max(0.75) * (-background.washout * hour.rain).exp()
            + (chemistry.secondary_sun * hour.light + chemistry.secondary_damp * damp) * load;

        let warmth = (1.0 + chemistry.ozone_per_degree * (hour.temperature - 30.0)).max(0.05);
        let richness = load / (load + chemistry.ozone_half_load);
        ozone_made = ozone_made * chemistry.ozone_keep * (-0.5 * change).exp()
            + chemistry.ozone_rate * hour.light * warmth * richness * regime.photochemistry;
        let over_sea = hour.season.of_monthly(&background.ozone) * ozone_factor * year.regional_ozone
            + background.ozone_spread * ozone_wander.step(&mut dice);
        let shallow = (-(hour.mixing - model.climate.mixing_night).max(0.0) / 250.0).exp();
        let ground = 1.0 - chemistry.night_loss * shallow * (1.0 - hour.light) / (1.0 + hour.wind / 4.0);

        let onshore = (hour.wind_from - 110.0).to_radians().cos().max(0.3);
        let sea_salt = background.sea_salt * (hour.wind.min(15.0) / 5.0).powf(background.sea_salt_power) * onshore;

        air.push(Air {
            activity,
            tracers,
            regional,
            secondary,
            carbon_monoxide,
            sea_salt,
            ozone: over_sea.max(6.0) * ground,
            ozone_made,
            unwashed,
            hour,
        });
    }
    air
}

/// Product of all windows that hold on the day, for each source.
fn factors(windows: &[Window], day: Date) -> [f64; 5] {
    let mut product = [1.0; 5];
    for window in windows.iter().filter(|window| window.from <= day && day < window.to) {
        for (all, one) in product.iter_mut().zip(window.factors.array()) {
            *all *= one;
        }
    }
    product
}
