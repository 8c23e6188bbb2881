//! Judgement of what enterprises discharge: limits of water and gas, rates by height of the stack, on-line data.
//!
//! Concentrations are mg/L in water and mg/m³ in dry gas at 273 K and 101.325 kPa, unless a table says otherwise;
//! they are compared unrounded. Means and converted values are taken to the nearest 10⁻⁹. Every answer says whether
//! the outlet complies, is above the limit, or why nobody can tell ([`Outcome`]); the table's [`Origin`] goes with it.
//!
//! A pH is never averaged here: how HJ 355 wants it done was not read.

mod limits;
mod online;
mod outcome;
mod oxygen;
mod rates;
mod transmission;

pub use limits::{Bound, DischargeColumn, DischargeLimits, DischargeTable, Outlet, Removal};
pub use online::{
    Averaged, CaptureRule, DayNeeds, FlagStanding, HourValue, MonthNeeds, OnlineFlag, OnlineFlags, OnlineMedium,
    OnlineValidity, Substitution, capture_percent,
};
pub use outcome::{Judgement, NotJudged, Outcome};
pub use oxygen::{OxygenRule, at_reference_oxygen, emission_rate};
pub use rates::{LowStack, NearBuildings, RateFrom, RateLimit, Stack, StackItem, StackRates};
pub use transmission::{Transmission, TransmissionCounts, TransmissionRule, TransmissionTarget, transmission};

#[cfg(doc)]
use crate::Origin;
use crate::edition::overlap;
use crate::{Dated, Day, LoadError, NormFile, Term};
use std::collections::BTreeMap;

/// The dated tables of discharge.
#[derive(Clone, Debug, Default)]
pub struct DischargeNorms {
    /// Limits of concentrations by name of the standard, such as `GB18918`.
    pub limits: BTreeMap<String, Dated<DischargeLimits>>,
    /// Limits of rates by name of the standard, such as `GB16297`.
    pub rates: BTreeMap<String, Dated<StackRates>>,
    /// How much on-line data a mean needs: HJ 75 and HJ 76 for gas, HJ 355 and HJ 356 for water.
    pub online: BTreeMap<OnlineMedium, Dated<OnlineValidity>>,
    /// Flags of on-line data; a protocol is picked by what the data logger speaks, not by the day.
    pub flags: Vec<OnlineFlags>,
    /// 传输有效率.
    pub transmission: Dated<TransmissionRule>,
}

impl DischargeNorms {
    /// Reads a file when its schema is one of this medium; `false` when it is not.
    pub(crate) fn read(&mut self, schema: &str, term: Term, file: &NormFile) -> Result<bool, LoadError> {
        match schema {
            "discharge-limits/1" => {
                let edition = DischargeLimits::load(file)?;
                let editions = self.limits.entry(edition.standard.clone()).or_default();
                editions.add_of(file, term, edition)?;
            }
            "stack-rates/1" => {
                let edition = StackRates::load(file)?;
                let editions = self.rates.entry(edition.standard.clone()).or_default();
                editions.add_of(file, term, edition)?;
            }
            "online-validity/1" => {
                let edition = OnlineValidity::load(file)?;
                let editions = self.online.entry(edition.medium).or_default();
                editions.add_of(file, term, edition)?;
            }
            "online-flags/1" => {
                let flags = OnlineFlags::load(file)?;
                if self.flags_of(&flags.instrument.id).is_some() {
                    return Err(overlap(file));
                }
                self.flags.push(flags);
            }
            "online-transmission/1" => self.transmission.add_of(file, term, TransmissionRule::load(file)?)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The edition of a standard of concentrations in force on a day.
    #[must_use]
    pub fn limits_on(&self, standard: &str, day: Day) -> Option<&DischargeLimits> {
        self.limits.get(standard)?.on(day)
    }

    /// The edition of a standard of rates in force on a day.
    #[must_use]
    pub fn rates_on(&self, standard: &str, day: Day) -> Option<&StackRates> {
        self.rates.get(standard)?.on(day)
    }

    /// The edition of the validity of on-line data in force on a day.
    #[must_use]
    pub fn online_on(&self, medium: OnlineMedium, day: Day) -> Option<&OnlineValidity> {
        self.online.get(&medium)?.on(day)
    }

    /// The flags of a protocol, by the id of its instrument, such as `HJ212-2017`.
    #[must_use]
    pub fn flags_of(&self, protocol: &str) -> Option<&OnlineFlags> {
        self.flags.iter().find(|flags| flags.instrument.id == protocol)
    }
}
