//! Limits of noise at a boundary: GB 12348 (plants), GB 22337 (shops and venues), GB 12523 (building sites).

use super::background::BackgroundRows;
use super::zones::{LimitsTable, check_night_max};
use super::{BackgroundTable, NightMax, NightMaxKind, NoisePeriod, NoiseZone, ZoneLimits};
use crate::origin::measured;
use crate::{Instrument, LoadError, Measured, NormFile, Origin};
use serde::Deserialize;
use toml::Spanned;

/// A kind of room: A is slept in, B is used by day (GB 22337-2008 表2, GB 12348-2008 表2).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
pub enum Room {
    /// For sleep.
    A,
    /// For the day.
    B,
}

/// Measuring inside where the boundary leaves no room to measure outside.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndoorMinus {
    /// By how much the limit is lower inside, in dB.
    #[serde(deserialize_with = "measured")]
    pub minus: Measured,
    /// Where it comes from.
    pub origin: Origin,
}

/// One edition of a standard of limits at a boundary.
#[derive(Clone, Debug)]
pub struct NoiseEmission {
    /// The instrument.
    pub instrument: Instrument,
    /// Name of the standard without its year, such as `GB12348`.
    pub standard: String,
    /// Limits by the zone in which the boundary lies.
    pub limits: ZoneLimits,
    /// Single noises at night.
    pub night_max: Vec<NightMax>,
    /// Measuring inside instead of outside.
    pub indoor: Option<IndoorMinus>,
    structure_borne: Option<StructureBorne>,
    /// Corrections for the background.
    pub background: Option<BackgroundTable>,
}

impl NoiseEmission {
    /// The rule for a kind of single noise at night.
    #[must_use]
    pub fn night_max(&self, kind: NightMaxKind) -> Option<&NightMax> {
        self.night_max.iter().find(|rule| rule.kind == kind)
    }

    /// The limit when a boundary is measured inside, in dB; `None` when the standard knows no such way.
    #[must_use]
    pub fn indoor_limit(&self, zone: NoiseZone, period: NoisePeriod) -> Option<Measured> {
        let indoor = self.indoor.as_ref()?;
        Some(Measured::from_parts(self.limits.limit(zone, period).parts() - indoor.minus.parts()))
    }

    /// The limit of noise that comes through the building into a room, in dB, and where it comes from.
    #[must_use]
    pub fn structure_borne_limit(
        &self,
        zone: NoiseZone,
        room: Room,
        period: NoisePeriod,
    ) -> Option<(Measured, &Origin)> {
        let table = self.structure_borne.as_ref()?;
        let row = table.rows.iter().find(|row| row.room == room && row.zones.contains(&zone))?;
        let limit = match period {
            NoisePeriod::Day => row.day,
            NoisePeriod::Night => row.night,
        };
        Some((limit, &table.origin))
    }

    /// Reads a `noise-emission/1` file.
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let table: Table = file.table()?;
        if let Some(structure_borne) = &table.structure_borne {
            check_rooms(file, structure_borne)?;
        }
        if let Some(indoor) = table.indoor.as_ref().filter(|indoor| indoor.get_ref().minus < Measured::ZERO) {
            return Err(file.error_at(Some(indoor.span()), "室内限值不高于室外", "inside is no louder than outside"));
        }
        Ok(Self {
            standard: table.standard,
            limits: table.limits.check(file)?,
            night_max: check_night_max(file, table.night_max)?,
            indoor: table.indoor.map(Spanned::into_inner),
            structure_borne: table.structure_borne.map(Spanned::into_inner),
            background: table.background.map(|rows| rows.check(file)).transpose()?,
            instrument: table.instrument,
        })
    }
}

/// Every zone has both rooms once, and the night is no louder than the day.
fn check_rooms(file: &NormFile, table: &Spanned<StructureBorne>) -> Result<(), LoadError> {
    for zone in NoiseZone::ALL {
        for room in [Room::A, Room::B] {
            let rows = table.get_ref().rows.iter().filter(|row| row.room == room && row.zones.contains(&zone));
            if rows.count() != 1 {
                let (zh, en) = (
                    format!("{}类区{room:?}类房间的限值须有且只有一条", zone.name()),
                    format!("zone {} room {room:?} has one row", zone.name()),
                );
                return Err(file.error_at(Some(table.span()), &zh, &en));
            }
        }
    }
    if table.get_ref().rows.iter().any(|row| row.night > row.day) {
        return Err(file.error_at(Some(table.span()), "夜间限值高于昼间", "the night is above the day"));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "read by the catalogue")]
    schema: String,
    instrument: Instrument,
    standard: String,
    limits: LimitsTable,
    #[serde(default)]
    night_max: Vec<NightMax>,
    indoor: Option<Spanned<IndoorMinus>>,
    structure_borne: Option<Spanned<StructureBorne>>,
    background: Option<BackgroundRows>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StructureBorne {
    origin: Origin,
    rows: Vec<RoomRow>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoomRow {
    zones: Vec<NoiseZone>,
    room: Room,
    #[serde(deserialize_with = "measured")]
    day: Measured,
    #[serde(deserialize_with = "measured")]
    night: Measured,
}
