//! Which stations are judged together: each for itself, or those of a city that are evaluated.

use super::register::Register;
use crate::import::says_no;
use exchange::{Findings, GatheredHours, Place, StationKey};
use std::collections::{BTreeMap, BTreeSet};

/// Station numbers with the name under which they are judged, in order of the names.
pub(super) fn by_station(gathered: &GatheredHours) -> Vec<(StationKey, Vec<usize>)> {
    let sorted: BTreeMap<&StationKey, usize> = gathered.keys().iter().zip(0..).collect();
    sorted.into_iter().map(|(key, number)| (key.clone(), vec![number])).collect()
}

/// The evaluated stations of each city, in order of the cities. Stations without a city are findings.
pub(super) fn by_city(
    gathered: &GatheredHours,
    register: &Register,
    findings: &mut Findings,
) -> Vec<(StationKey, Vec<usize>)> {
    let mut cities: BTreeMap<String, BTreeSet<(StationKey, usize)>> = BTreeMap::new();
    for (number, key) in gathered.keys().iter().enumerate() {
        if register.word(key, "evaluated").is_some_and(|(word, _)| says_no(word)) {
            continue;
        }
        match register.word(key, "city").map(|(city, _)| city).or_else(|| gathered.city(number)) {
            Some(city) => {
                cities.entry(city.to_owned()).or_default().insert((key.clone(), number));
            }
            None => findings.report("city_missing", Place { line: None, field: "city", value: &key.to_string() }),
        }
    }
    let members = |set: BTreeSet<(StationKey, usize)>| set.into_iter().map(|(_, number)| number).collect();
    cities.into_iter().map(|(city, set)| (StationKey::Text(city.into()), members(set))).collect()
}
