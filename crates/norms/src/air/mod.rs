//! Judgement of ambient air: GB 3095 limits and validity, HJ 633 index, HJ 663 statistics, composite index and ranking.
//!
//! Hours go into [`StationHours`]; [`judge_hours`], [`judge_day`] and [`judge_period`] turn them into what is
//! published. One station is a city with one member. Which edition judges is decided by the day ([`AirNorms::on`]).

mod hours;
mod index;
mod judge;
mod limits;
mod period;
mod pollutant;
mod statistics;

pub use hours::{Cell, NotWhole, Put, Slot, StationHours, TENTHS_FINE, TENTHS_MISSING};
pub use index::{AirIndex, Averaging, Category, Column, Indexed, Level, Practice, Report, Use};
pub use judge::{AirDay, AirHour, judge_day, judge_days, judge_hour, judge_hours};
pub use limits::{AirLimits, LimitKind, LimitPhase, State, Validity};
pub use period::{AirPeriod, PeriodKind, composite_index, judge_period, mean, percentile, rank_ascending};
pub use pollutant::{Pollutant, PollutantSet};
pub use statistics::{AirStatistics, Composite, CompositeItem, Ozone, Statistic};

use crate::{Dated, Day};

/// The dated tables of ambient air.
#[derive(Clone, Debug, Default)]
pub struct AirNorms {
    /// HJ 633.
    pub index: Dated<AirIndex>,
    /// GB 3095.
    pub limits: Dated<AirLimits>,
    /// HJ 663.
    pub statistics: Dated<AirStatistics>,
    /// Composite index and ranking.
    pub composite: Dated<Composite>,
}

/// The editions that judge one day.
#[derive(Clone, Copy, Debug)]
pub struct AirRules<'a> {
    /// HJ 633.
    pub index: &'a AirIndex,
    /// GB 3095.
    pub limits: &'a AirLimits,
    /// The phase of GB 3095 in force.
    pub phase: &'a LimitPhase,
    /// HJ 663.
    pub statistics: &'a AirStatistics,
    /// Composite index.
    pub composite: &'a Composite,
}

impl AirNorms {
    /// The editions in force on a day; `None` when one is missing.
    #[must_use]
    pub fn on(&self, day: Day) -> Option<AirRules<'_>> {
        let limits = self.limits.on(day)?;
        Some(AirRules {
            index: self.index.on(day)?,
            limits,
            phase: limits.phases.on(day)?,
            statistics: self.statistics.on(day)?,
            composite: self.composite.on(day)?,
        })
    }
}
