//! What a laboratory finds in a sample.

use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::civil::{Date, DateTime};

use super::model::{Item, Scene};
use super::visits::visits;
use super::{Found, MediaRow, Period, Place};
use crate::Reading;

/// Samples are taken between these hours.
const HOURS: [f64; 2] = [8.0, 17.0];

pub(super) fn rows(scene: &Scene<'_>, place: &Place, years: RangeInclusive<i16>) -> Vec<MediaRow> {
    let Some(campaign) = scene.model.campaign(place.medium) else { return Vec::new() };
    let mut rows = Vec::new();
    for day in visits(scene, place, &campaign.round, years) {
        let time = time_of(scene, place, day);
        let here = campaign.items.iter().filter(|item| item.only.as_ref().is_none_or(|kind| *kind == place.kind));
        for (item, parameter) in here.flat_map(|item| item.parameters.iter().map(move |one| (item, one))) {
            rows.push(row(scene, place, time, item, parameter));
        }
    }
    rows
}

/// When somebody came on a day: in steps of five minutes.
pub(super) fn time_of(scene: &Scene<'_>, place: &Place, day: Date) -> DateTime {
    let mut dice = scene.dice(&format!("hour {} {day}", place.station));
    let steps = dice.between(HOURS[0] * 12.0, HOURS[1] * 12.0) as i16;
    day.at((steps / 12) as i8, (steps % 12 * 5) as i8, 0, 0)
}

pub(super) fn row(scene: &Scene<'_>, place: &Place, time: DateTime, item: &Item, parameter: &str) -> MediaRow {
    let value = scene.value(place, time.date(), time.hour().unsigned_abs(), item, parameter);
    let limit = item.detection.filter(|limit| value < *limit);
    MediaRow {
        station: Arc::clone(&place.station),
        time,
        period: Period::Instant,
        parameter: parameter.into(),
        value: Reading::round(limit.unwrap_or(value), item.decimals),
        flag: if limit.is_some() { Found::BelowDetection } else { Found::Measured },
    }
}
