//! From hours to Ld, Ln and Ldn, and from days to the share of point-periods that comply: HJ 640 6.

use super::{DayNight, LevelJudged, NoisePeriod, NoiseRules, NoiseZone, day_night_level, energy_mean};
use crate::{Day, Hour, Measured, Ratio, Rounded};

/// Ld, Ln and Ldn of one day at one point, in dB; `None` where too few hours are valid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoiseDay {
    /// Level of the day.
    pub ld: Option<Measured>,
    /// Level of the night that begins on the day.
    pub ln: Option<Measured>,
    /// Day-night level, when both are there.
    pub ldn: Option<Measured>,
    /// Hours of day with a level.
    pub day_hours: u32,
    /// Hours of night with a level.
    pub night_hours: u32,
}

impl NoiseDay {
    /// Judges a day from the equivalent levels of its valid hours.
    ///
    /// Its night begins in the evening of the day and ends in the morning after (GB 3096-2008 3.4). `hours` are those
    /// of the standard (`rules.zones.hours`) or those that the local government set.
    #[must_use]
    pub fn of(day: Day, hours: DayNight, rules: NoiseRules<'_>, level: impl Fn(Hour) -> Option<Measured>) -> Self {
        let dawn = i32::from(hours.day().start);
        let dusk = i32::from(hours.day().end);
        let of =
            |range: std::ops::Range<i32>| -> Vec<Measured> { range.filter_map(|hour| level(day.hour(hour))).collect() };
        let (by_day, by_night) = (of(dawn..dusk), of(dusk..dawn + 24));
        let mean = |levels: &[Measured], least: u32| {
            if levels.len() >= least as usize { energy_mean(levels.iter().copied()) } else { None }
        };
        let ld = mean(&by_day, rules.validity.day_hours_min);
        let ln = mean(&by_night, rules.validity.night_hours_min);
        let addition = rules.evaluation.day_night.night_addition;
        let ldn = ld.zip(ln).and_then(|(ld, ln)| day_night_level(ld, ln, hours, addition));
        Self { ld, ln, ldn, day_hours: by_day.len() as u32, night_hours: by_night.len() as u32 }
    }

    /// Its level of a period beside the limit of a zone.
    #[must_use]
    pub fn judge(&self, rules: NoiseRules<'_>, zone: NoiseZone, period: NoisePeriod) -> Option<LevelJudged> {
        let level = match period {
            NoisePeriod::Day => self.ld,
            NoisePeriod::Night => self.ln,
        }?;
        Some(rules.zones.limits.judge(zone, period, level))
    }
}

/// Point-periods (点次) that were measured, and those of them that comply.
///
/// ```
/// use norms::noise::PointPeriods;
/// let of_a_quarter = PointPeriods { compliant: 151, monitored: 156 };
/// assert_eq!(of_a_quarter.rate_percent(1).unwrap().to_string(), "96.8");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PointPeriods {
    /// Those that comply.
    pub compliant: u64,
    /// All that were measured.
    pub monitored: u64,
}

impl PointPeriods {
    /// Counts one.
    pub fn add(&mut self, complies: bool) {
        self.compliant += u64::from(complies);
        self.monitored += 1;
    }

    /// The share that complies, in percent, rounded once; `None` when nothing was measured.
    #[must_use]
    pub fn rate_percent(self, decimals: u8) -> Option<Rounded> {
        let ratio = Ratio::new(i128::from(self.compliant) * 100, 1).over_count(self.monitored)?;
        Some(ratio.rounded(decimals))
    }
}

/// Point-periods of every zone, by day and by night: 点次达标率 (HJ 640-2012 6).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ZoneTallies([[PointPeriods; 2]; NoiseZone::COUNT]);

impl ZoneTallies {
    /// Counts the level of one point in one period.
    pub fn add(&mut self, zone: NoiseZone, period: NoisePeriod, judged: LevelJudged) {
        self.0[zone.number()][period as usize].add(judged.complies());
    }

    /// Those of a zone in a period.
    #[must_use]
    pub const fn of(&self, zone: NoiseZone, period: NoisePeriod) -> PointPeriods {
        self.0[zone.number()][period as usize]
    }

    /// Those of all zones in a period.
    #[must_use]
    pub fn total(&self, period: NoisePeriod) -> PointPeriods {
        self.0.iter().fold(PointPeriods::default(), |sum, zone| PointPeriods {
            compliant: sum.compliant + zone[period as usize].compliant,
            monitored: sum.monitored + zone[period as usize].monitored,
        })
    }
}
