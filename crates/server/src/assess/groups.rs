//! Which stations are judged together: each for itself, or those of a city that are evaluated.

use crate::import::says_no;
use exchange::{Findings, GatheredHours, Place, StationKey, TextTable};
use norms::Parameters;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

/// What the file of stations says of one of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Registered {
    pub(super) city: String,
    pub(super) evaluated: bool,
}

/// The column of a name or of one of its aliases, without case.
pub(super) fn find_column(header: &[String], name: &str, parameters: &Parameters) -> Option<usize> {
    let plain = header.iter().position(|column| column.trim().eq_ignore_ascii_case(name));
    let is_alias = |column: &String| parameters.find("column", column).is_some_and(|found| found.parameter == name);
    plain.or_else(|| header.iter().position(is_alias))
}

/// Reads a file of stations: `station,city[,evaluated]`; other columns are passed over.
pub(super) fn read_register(
    path: &str,
    among_ints: bool,
    parameters: &Parameters,
    findings: &mut Findings,
) -> anyhow::Result<HashMap<StationKey, Registered>> {
    findings.set_file(path);
    let mut table = TextTable::open(Path::new(path), findings)?;
    let find = |name: &str| find_column(table.header(), name, parameters);
    let (station, city, evaluated) = (find("station"), find("city"), find("evaluated"));
    let mut register = HashMap::new();
    let (Some(station), Some(city)) = (station, city) else {
        let header = table.header().join(",");
        findings.report("header_missing", Place { line: Some(1), field: "station,city", value: &header });
        return Ok(register);
    };
    let mut cells = csv::StringRecord::new();
    while let Some(line) = table.next_row(&mut cells, findings) {
        let name = cells[station].trim();
        if name.is_empty() {
            findings.report("station_missing", Place { line: Some(line), field: "station", value: "" });
            continue;
        }
        let evaluated = evaluated.is_none_or(|column| !says_no(&cells[column]));
        let city = cells[city].trim().to_owned();
        register.insert(StationKey::like(name, among_ints), Registered { city, evaluated });
    }
    Ok(register)
}

/// Station numbers with the name under which they are judged, in order of the names.
pub(super) fn by_station(gathered: &GatheredHours) -> Vec<(StationKey, Vec<usize>)> {
    let sorted: BTreeMap<&StationKey, usize> = gathered.keys().iter().zip(0..).collect();
    sorted.into_iter().map(|(key, number)| (key.clone(), vec![number])).collect()
}

/// The evaluated stations of each city, in order of the cities. Stations without a city are findings.
pub(super) fn by_city(
    gathered: &GatheredHours,
    register: &HashMap<StationKey, Registered>,
    findings: &mut Findings,
) -> Vec<(StationKey, Vec<usize>)> {
    let mut cities: BTreeMap<String, BTreeSet<(StationKey, usize)>> = BTreeMap::new();
    for (number, key) in gathered.keys().iter().enumerate() {
        let registered = register.get(key);
        if registered.is_some_and(|registered| !registered.evaluated) {
            continue;
        }
        let city = registered.map(|registered| registered.city.as_str()).filter(|city| !city.is_empty());
        match city.or_else(|| gathered.city(number)) {
            Some(city) => {
                cities.entry(city.to_owned()).or_default().insert((key.clone(), number));
            }
            None => findings.report("city_missing", Place { line: None, field: "city", value: &key.to_string() }),
        }
    }
    let members = |set: BTreeSet<(StationKey, usize)>| set.into_iter().map(|(_, number)| number).collect();
    cities.into_iter().map(|(city, set)| (StationKey::Text(city.into()), members(set))).collect()
}
