//! Emission factors of electricity by year and area.

use super::{ActivityUnit, Factor};
use crate::origin::measured;
use crate::{Instrument, LoadError, Measured, NormFile, Origin};
use serde::Deserialize;
use toml::Spanned;

/// Whose electricity it is; which of them an inventory takes is an assumption that it records.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum GridArea<'a> {
    /// The country.
    National,
    /// The country without non-fossil electricity that was traded.
    NationalWithoutTradedNonFossil,
    /// The country, fossil electricity alone.
    NationalFossil,
    /// A regional grid, such as 华东.
    Region(&'a str),
    /// A province, such as 福建.
    Province(&'a str),
}

impl GridArea<'_> {
    fn is(self, row: &Row) -> bool {
        match self {
            Self::National => row.kind == Kind::National,
            Self::NationalWithoutTradedNonFossil => row.kind == Kind::NationalWithoutTradedNonFossil,
            Self::NationalFossil => row.kind == Kind::NationalFossil,
            Self::Region(name) => row.kind == Kind::Region && row.area.get_ref() == name,
            Self::Province(name) => row.kind == Kind::Province && row.area.get_ref() == name,
        }
    }
}

/// The factors of one year.
#[derive(Clone, Debug)]
pub struct GridFactors {
    /// The instrument.
    pub instrument: Instrument,
    /// The year that they are of.
    pub year: i32,
    groups: Vec<Group>,
}

impl GridFactors {
    /// The factor of an area, in t of CO2 by MWh.
    #[must_use]
    pub fn factor(&self, area: GridArea<'_>) -> Option<Factor> {
        let in_group =
            |group: &Group| Some((group.values.iter().find(|row| area.is(row))?.clone(), group.origin.clone()));
        let (row, origin) = self.groups.iter().find_map(in_group)?;
        Some(Factor {
            name_zh: format!("电力（{}）", row.area.get_ref()),
            // kg by kWh is t by MWh.
            value: row.value.ratio(),
            unit: ActivityUnit::MegawattHour,
            year: Some(self.year),
            origin,
        })
    }

    /// Reads a `ghg-grid/1` file.
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let table: Table = file.table()?;
        let mut seen: Vec<&Row> = Vec::new();
        for row in table.factors.iter().flat_map(|group| &group.values) {
            let span = Some(row.area.span());
            if seen.iter().any(|other| other.kind == row.kind && other.area == row.area) {
                return Err(file.error_at(span, "地区重复", "the area stands twice"));
            }
            if row.value <= Measured::ZERO || row.value > Measured::whole(2) {
                return Err(file.error_at(span, "因子须在0到2之间", "a factor is above 0 and at most 2"));
            }
            seen.push(row);
        }
        if !seen.iter().any(|row| row.kind == Kind::National) {
            return Err(file.error("factors", "缺少全国因子", "the factor of the country is missing"));
        }
        Ok(Self { instrument: table.instrument, year: table.year, groups: table.factors })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "read by the catalogue")]
    schema: String,
    instrument: Instrument,
    year: i32,
    factors: Vec<Group>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    origin: Origin,
    values: Vec<Row>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    kind: Kind,
    area: Spanned<String>,
    #[serde(deserialize_with = "measured")]
    value: Measured,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    National,
    NationalWithoutTradedNonFossil,
    NationalFossil,
    Region,
    Province,
}
