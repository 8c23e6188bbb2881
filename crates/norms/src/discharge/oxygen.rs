//! Concentrations at the reference oxygen, and rates: HJ 75 附录C, GB 13271 5.2.

use super::NotJudged;
use super::outcome::nearest;
use crate::origin::{Number, measured};
use crate::{Measured, Origin};
use serde::Deserialize;
use std::collections::BTreeMap;

/// At which oxygen a standard's limits hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OxygenRule {
    /// Oxygen of air, in percent; from here on nothing is converted.
    pub air: Measured,
    /// Reference oxygen by column, in percent.
    pub reference: BTreeMap<String, Measured>,
    /// Parameters that are converted.
    pub parameters: Vec<String>,
    /// Where it comes from.
    pub origin: Origin,
}

/// The rule as a file writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OxygenTable {
    #[serde(deserialize_with = "measured")]
    air: Measured,
    reference: BTreeMap<String, Number>,
    parameters: Vec<String>,
    origin: Origin,
}

impl OxygenTable {
    /// `None` when a reference is not below that of air.
    pub(super) fn check(self) -> Option<OxygenRule> {
        let sound = |number: &Number| number.0 >= Measured::ZERO && number.0 < self.air;
        self.reference.values().all(sound).then(|| OxygenRule {
            air: self.air,
            reference: self.reference.into_iter().map(|(column, number)| (column, number.0)).collect(),
            parameters: self.parameters,
            origin: self.origin,
        })
    }
}

/// A concentration at the reference oxygen: `C = C′·(air − reference)/(air − oxygen)`, oxygen in percent.
///
/// # Errors
/// When the oxygen is below zero or not below that of air: nothing was burnt, and the result would have no bound.
///
/// ```
/// use norms::{Measured, discharge::{NotJudged, at_reference_oxygen}};
/// let (air, reference) = (Measured::whole(21), Measured::whole(9));
/// let converted = at_reference_oxygen(Measured::whole(80), Measured::tenths(125), reference, air).unwrap();
/// assert_eq!(converted.rounded(1).to_string(), "112.9");
/// let stopped = at_reference_oxygen(Measured::whole(80), air, reference, air);
/// assert_eq!(stopped, Err(NotJudged::OxygenOutOfRange));
/// ```
pub fn at_reference_oxygen(
    value: Measured,
    oxygen: Measured,
    reference: Measured,
    air: Measured,
) -> Result<Measured, NotJudged> {
    if oxygen < Measured::ZERO || oxygen >= air {
        return Err(NotJudged::OxygenOutOfRange);
    }
    let [value, oxygen, reference, air] = [value, oxygen, reference, air].map(|number| i128::from(number.parts()));
    nearest(value * (air - reference), air - oxygen).ok_or(NotJudged::OutOfRange)
}

/// The rate of emission in kg/h: concentration in mg/m³ as measured, flow in m³/h, both in the dry standard state.
///
/// ```
/// use norms::{Measured, discharge::emission_rate};
/// assert_eq!(emission_rate(Measured::whole(35), Measured::whole(200_000)), Some(Measured::whole(7)));
/// ```
#[must_use]
pub fn emission_rate(concentration: Measured, flow: Measured) -> Option<Measured> {
    const MG_PER_KG: i128 = 1_000_000;
    let scale = i128::from(Measured::whole(1).parts()) * MG_PER_KG;
    nearest(i128::from(concentration.parts()) * i128::from(flow.parts()), scale)
}
