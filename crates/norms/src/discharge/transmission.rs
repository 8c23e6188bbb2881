//! 传输有效率: how much of the data that is due arrives and is valid.

use crate::origin::measured;
use crate::{Instrument, LoadError, Measured, NormFile, Origin, Ratio};
use serde::Deserialize;

/// One edition of the rule on effective transmission.
#[derive(Clone, Debug)]
pub struct TransmissionRule {
    /// The instrument.
    pub instrument: Instrument,
    /// Targets, from the lowest to the highest; the last one holds.
    pub targets: Vec<TransmissionTarget>,
    /// Days in which missing data may be mended.
    pub repair_days: u32,
    /// Day of the following month by which vouchers are handed in.
    pub vouchers_day: u32,
    /// Where the definition comes from.
    pub origin: Origin,
}

/// A target.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransmissionTarget {
    /// Effective transmission in percent, at least.
    #[serde(deserialize_with = "measured")]
    pub percent_min: Measured,
    /// Where it comes from.
    pub origin: Origin,
}

/// What was due, what came, and what of it is valid. Times in which nothing was discharged, and that were reported,
/// are not due.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TransmissionCounts {
    /// Data that the platform should have received.
    pub due: u32,
    /// Data that it received.
    pub received: u32,
    /// Hourly data that were due.
    pub hours_due: u32,
    /// Hourly data that are valid.
    pub hours_valid: u32,
}

/// Rates, in percent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Transmission {
    /// 数据传输率.
    pub transmission: Ratio,
    /// 数据有效率.
    pub validity: Ratio,
    /// 传输有效率: their product.
    pub effective: Ratio,
}

/// The rates of counts; `None` when nothing was due, or more came than was due.
///
/// ```
/// use norms::discharge::{TransmissionCounts, transmission};
/// let counts = TransmissionCounts { due: 100, received: 98, hours_due: 100, hours_valid: 95 };
/// assert_eq!(transmission(counts).unwrap().effective.rounded(1).to_string(), "93.1");
/// ```
#[must_use]
pub fn transmission(counts: TransmissionCounts) -> Option<Transmission> {
    let TransmissionCounts { due, received, hours_due, hours_valid } = counts;
    if due == 0 || hours_due == 0 || received > due || hours_valid > hours_due {
        return None;
    }
    let [due, received, hours_due, hours_valid] = [due, received, hours_due, hours_valid].map(i128::from);
    Some(Transmission {
        transmission: Ratio::new(100 * received, due),
        validity: Ratio::new(100 * hours_valid, hours_due),
        effective: Ratio::new(100 * received * hours_valid, due * hours_due),
    })
}

impl TransmissionRule {
    /// The target that holds: the last one.
    #[must_use]
    pub fn target(&self) -> Option<&TransmissionTarget> {
        self.targets.last()
    }

    /// Reads an `online-transmission/1` file.
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let table: Table = file.table()?;
        let rising = table.target.windows(2).all(|pair| pair[0].percent_min < pair[1].percent_min);
        let most = table.target.last().map(|target| target.percent_min);
        if !rising || most.is_none_or(|most| most > Measured::whole(100)) {
            return Err(file.error("target", "目标须递增且不超过100%", "targets rise and are at most 100 %"));
        }
        Ok(Self {
            instrument: table.instrument,
            targets: table.target,
            repair_days: table.mending.repair_days,
            vouchers_day: table.mending.vouchers_day,
            origin: table.mending.origin,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "read by the catalogue")]
    schema: String,
    instrument: Instrument,
    mending: Mending,
    target: Vec<TransmissionTarget>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mending {
    repair_days: u32,
    vouchers_day: u32,
    origin: Origin,
}
