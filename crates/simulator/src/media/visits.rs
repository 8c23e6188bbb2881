//! When a place is visited.

use std::ops::RangeInclusive;

use jiff::civil::Date;

use super::Place;
use super::model::{Round, Scene};

/// The days on which a place is visited in some years, one for each window of months, while it is in force.
pub(super) fn visits(scene: &Scene<'_>, place: &Place, round: &Round, years: RangeInclusive<i16>) -> Vec<Date> {
    let asked = years.filter(|year| round.years.is_empty() || round.years.contains(year));
    asked
        .flat_map(|year| round.months.iter().map(move |months| (year, *months)))
        .filter_map(|(year, [first, last])| {
            let mut dice = scene.dice(&format!("visit {} {year} {first}", place.station));
            let mut whole = |low: i8, high: i8| dice.between(f64::from(low), f64::from(high) + 1.0).floor() as i8;
            let (month, day) = (whole(first, last), whole(round.days[0], round.days[1]));
            Date::new(year, month, day).ok()
        })
        .filter(|day| place.in_force(*day))
        .collect()
}
