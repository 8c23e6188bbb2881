//! Registers of stations: words of the columns that a judgement asks for, by station.

use exchange::{Findings, Place, StationKey, TextTable};
use norms::Parameters;
use std::collections::HashMap;
use std::path::Path;

/// What a register says of its stations.
#[derive(Debug, Default)]
pub(super) struct Register {
    roles: Vec<String>,
    /// Words in the order of the roles, and the line. A name that is a number is there as text and as number.
    stations: HashMap<StationKey, (Vec<String>, u64)>,
}

impl Register {
    /// The word of a role and its line; none where the register says nothing.
    pub(super) fn word(&self, station: &StationKey, role: &str) -> Option<(&str, Option<u64>)> {
        let (words, line) = self.stations.get(station)?;
        let place = self.roles.iter().position(|known| known == role)?;
        let word = words[place].as_str();
        (!word.is_empty()).then_some((word, Some(*line)))
    }

    /// Whether any station has a word of a role.
    pub(super) fn has(&self, role: &str) -> bool {
        let place = self.roles.iter().position(|known| known == role);
        place.is_some_and(|place| self.stations.values().any(|(words, _)| !words[place].is_empty()))
    }
}

/// The column of a name or of one of its aliases, without case.
pub(super) fn find_column(header: &[String], name: &str, parameters: &Parameters) -> Option<usize> {
    let plain = header.iter().position(|column| column.trim().eq_ignore_ascii_case(name));
    let is_alias = |column: &String| parameters.find("column", column).is_some_and(|found| found.parameter == name);
    plain.or_else(|| header.iter().position(is_alias))
}

/// Reads a register; an empty one without a path. Columns that no role names are passed over; without a station or one
/// of the roles of `needed` it says nothing.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn register_of(
    path: Option<&str>,
    roles: &[&str],
    needed: &[&str],
    parameters: &Parameters,
    findings: &mut Findings,
) -> anyhow::Result<Register> {
    let mut register = Register { roles: roles.iter().map(|role| (*role).to_owned()).collect(), ..Register::default() };
    let Some(path) = path else { return Ok(register) };
    findings.set_file(path);
    let mut table = TextTable::open(Path::new(path), findings)?;
    let find = |name: &str| find_column(table.header(), name, parameters);
    let columns: Vec<Option<usize>> = roles.iter().map(|role| find(role)).collect();
    let Some(station) = find("station").filter(|_| needed.iter().all(|role| find(role).is_some())) else {
        let wanted = [&["station"], needed].concat().join(",");
        let header = table.header().join(",");
        findings.report("header_missing", Place { line: Some(1), field: &wanted, value: &header });
        return Ok(register);
    };
    let mut cells = csv::StringRecord::new();
    while let Some(line) = table.next_row(&mut cells, findings) {
        let name = cells[station].trim();
        if name.is_empty() {
            findings.report("station_missing", Place { line: Some(line), field: "station", value: "" });
            continue;
        }
        let word = |column: &Option<usize>| column.map_or("", |column| cells[column].trim()).to_owned();
        let words: Vec<String> = columns.iter().map(word).collect();
        for among_ints in [true, false] {
            register.stations.insert(StationKey::like(name, among_ints), (words.clone(), line));
        }
    }
    Ok(register)
}
