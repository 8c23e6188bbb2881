//! 24 hours of levels at a point of a noise function zone.

use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::ToSpan;

use super::model::Scene;
use super::visits::visits;
use super::{Found, MediaRow, Period, Place};
use crate::Reading;

const HOURS: i32 = 24;

pub(super) fn rows(scene: &Scene<'_>, place: &Place, years: RangeInclusive<i16>) -> Vec<MediaRow> {
    let noise = &scene.model.noise;
    let site = noise.site * scene.dice(&format!("site {} noise", place.station)).normal();
    let mut rows = Vec::new();
    for day in visits(scene, place, &noise.round, years) {
        let mut dice = scene.dice(&format!("noise {} {day}", place.station));
        let visit = noise.visit * dice.normal();
        let begin = day.at(noise.begins, 0, 0, 0);
        for number in 0..HOURS {
            let start = begin.saturating_add(number.hours());
            let hour = start.hour().unsigned_abs();
            let Some(level) = noise.level(&place.function_class, hour) else { continue };
            let energy = scene.factor(place, start.date(), hour, &noise.parameter);
            let value = level + site + visit + noise.spread * dice.normal() + 10.0 * energy.log10();
            rows.push(MediaRow {
                station: Arc::clone(&place.station),
                time: start.saturating_add(1.hour()),
                period: Period::Hour,
                parameter: noise.parameter.as_str().into(),
                value: Reading::round(value, noise.decimals),
                flag: Found::Measured,
            });
        }
    }
    rows
}
