//! A walk along a stretch of shore: its length and the area of all patches of litter.

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::model::Scene;
use super::sample::time_of;
use super::visits::visits;
use super::{Found, MediaRow, Period, Place};
use crate::Reading;

pub(super) fn rows(scene: &Scene<'_>, place: &Place, years: RangeInclusive<i16>) -> Vec<MediaRow> {
    let litter = &scene.model.litter;
    let Some(km) = litter.shore_km.get(&*place.station) else { return Vec::new() };
    let mut rows = Vec::new();
    for day in visits(scene, place, &litter.round, years) {
        let time = time_of(scene, place, day);
        let row = |parameter: &str, value: f64, decimals: u8| MediaRow {
            station: Arc::clone(&place.station),
            time,
            period: Period::Instant,
            parameter: parameter.into(),
            value: Reading::round(value, decimals),
            flag: Found::Measured,
        };
        for parameter in &litter.area.parameters {
            let by_km = scene.value(place, day, time.hour().unsigned_abs(), &litter.area, parameter);
            rows.push(row(parameter, by_km * km, litter.area.decimals));
        }
        rows.push(row(&litter.length, *km, litter.length_decimals));
    }
    rows
}
