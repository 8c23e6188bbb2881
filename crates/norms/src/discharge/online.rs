//! On-line data: flags, and from minutes to hours, days and months: HJ 75 and HJ 76 for gas, HJ 355 and HJ 356 for water.

use super::outcome::nearest;
use crate::origin::measured;
use crate::{Instrument, LoadError, Measured, Month, NormFile, Origin, Ratio};
use serde::Deserialize;
use toml::Spanned;

/// What flows out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OnlineMedium {
    /// Flue gas.
    Gas,
    /// Waste water.
    Water,
}

/// How many hours a day's mean needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DayNeeds {
    /// So many.
    Hours(u32),
    /// So many percent of the hours in which something was discharged.
    Percent(u32),
}

/// How many days a month's mean needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MonthNeeds {
    /// In most months.
    pub days_min: u32,
    /// In February.
    pub february_days_min: u32,
}

/// Which share of a quarter's hours must have data.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaptureRule {
    /// At least this, in percent.
    #[serde(deserialize_with = "measured")]
    pub percent_min: Measured,
    /// Where it comes from.
    pub origin: Origin,
}

/// What stands in for missing hours in an amount; a concentration is never replaced.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Substitution {
    /// For a share of hours with data of at least this, in percent.
    #[serde(deserialize_with = "measured")]
    pub capture_from: Measured,
    /// And below this, in percent; without it there is no upper end.
    #[serde(default, deserialize_with = "crate::origin::measured_if_any")]
    pub capture_below: Option<Measured>,
    /// For gaps longer than this, in hours.
    #[serde(default)]
    pub hours_above: u32,
    /// For gaps up to this, in hours; without it there is no upper end.
    pub hours_to: Option<u32>,
    /// The highest of so many valid hours before stands in.
    pub highest_of_hours: u32,
    /// Where it comes from.
    pub origin: Origin,
}

/// One edition of how much on-line data a mean needs.
#[derive(Clone, Debug)]
pub struct OnlineValidity {
    /// The instrument.
    pub instrument: Instrument,
    /// Gas or water.
    pub medium: OnlineMedium,
    /// Valid minutes that an hour needs.
    pub hour_minutes_min: u32,
    /// Hours that a day needs.
    pub day: DayNeeds,
    /// Days that a month needs, where there is a rule.
    pub month: Option<MonthNeeds>,
    /// Whether a day's mean is weighted by flow.
    pub by_flow: bool,
    /// Whether values below zero are no values.
    pub negative_invalid: bool,
    /// Where these come from.
    pub origin: Origin,
    /// Share of hours with data.
    pub capture: Option<CaptureRule>,
    /// What stands in for missing hours.
    pub substitutions: Vec<Substitution>,
}

/// A mean, or how much is missing for one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Averaged {
    /// There is enough.
    Mean {
        /// To the nearest 10⁻⁹.
        value: Measured,
        /// How many values it is of.
        count: u32,
    },
    /// There is too little.
    TooFew {
        /// Valid values.
        have: u32,
        /// Needed.
        need: u32,
    },
    /// The numbers are too large to calculate with.
    OutOfRange,
}

impl Averaged {
    /// The mean, if there is one.
    #[must_use]
    pub const fn value(self) -> Option<Measured> {
        match self {
            Self::Mean { value, .. } => Some(value),
            Self::TooFew { .. } | Self::OutOfRange => None,
        }
    }
}

/// The mean of an hour with what flowed in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HourValue {
    /// Concentration.
    pub value: Measured,
    /// Flow, in any unit that all hours share.
    pub flow: Option<Measured>,
}

impl OnlineValidity {
    /// The mean of an hour from its valid minutes (HJ 76-2017 附录B, HJ 355-2019).
    #[must_use]
    pub fn hour_mean(&self, minutes: impl IntoIterator<Item = Measured>) -> Averaged {
        mean(minutes.into_iter().filter(|value| self.is_value(*value)), self.hour_minutes_min)
    }

    /// The mean of a day from its valid hours, of which `hours_due` were due while something was discharged.
    ///
    /// Where the edition weights by flow it is `Σ C·Q / Σ Q`, hours without a flow of zero or less left out; when an
    /// hour does not know its flow it is the arithmetic mean of all.
    #[must_use]
    pub fn day_mean(&self, hours: &[HourValue], hours_due: u32) -> Averaged {
        let need = match self.day {
            DayNeeds::Hours(least) => least,
            DayNeeds::Percent(percent) => (u64::from(hours_due) * u64::from(percent)).div_ceil(100).max(1) as u32,
        };
        let valid = || hours.iter().filter(|hour| self.is_value(hour.value));
        if !self.by_flow || valid().any(|hour| hour.flow.is_none()) {
            return mean(valid().map(|hour| hour.value), need);
        }
        let flowed = valid().filter_map(|hour| Some((hour.value, hour.flow.filter(|flow| *flow > Measured::ZERO)?)));
        weighted(flowed, need)
    }

    /// The mean of a month from its valid days; `None` when the edition has no rule for months.
    #[must_use]
    pub fn month_mean(&self, month: Month, days: impl IntoIterator<Item = Measured>) -> Option<Averaged> {
        let needs = self.month?;
        let need = if month.number() == 2 { needs.february_days_min } else { needs.days_min };
        Some(mean(days.into_iter().filter(|value| self.is_value(*value)), need))
    }

    /// What stands in for a gap of hours, at a share of hours with data in percent (HJ 75-2017 表4, 表5).
    #[must_use]
    pub fn substitution(&self, capture_percent: Ratio, gap_hours: u32) -> Option<&Substitution> {
        self.substitutions.iter().find(|rule| {
            capture_percent >= rule.capture_from.ratio()
                && rule.capture_below.is_none_or(|below| capture_percent < below.ratio())
                && gap_hours > rule.hours_above
                && rule.hours_to.is_none_or(|to| gap_hours <= to)
        })
    }

    fn is_value(&self, value: Measured) -> bool {
        !self.negative_invalid || value >= Measured::ZERO
    }

    /// Reads an `online-validity/1` file.
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let table: Table = file.table()?;
        let rules = table.validity.get_ref();
        let fail = |zh: &str, en: &str| Err(file.error_at(Some(table.validity.span()), zh, en));
        let day = match (rules.day_hours_min, rules.day_percent_min) {
            (Some(hours), None) if (1..=24).contains(&hours) => DayNeeds::Hours(hours),
            (None, Some(percent)) if (1..=100).contains(&percent) => DayNeeds::Percent(percent),
            _ => {
                return fail(
                    "日有效须写小时数（1-24）或百分数（1-100）之一",
                    "a day needs 1 to 24 hours or 1 to 100 percent",
                );
            }
        };
        if !(1..=60).contains(&rules.hour_minutes_min) {
            return fail("最少分钟数在1到60之间", "an hour needs 1 to 60 minutes");
        }
        let month_fits =
            |month: MonthNeeds| (1..=31).contains(&month.days_min) && (1..=29).contains(&month.february_days_min);
        if !table.month.is_none_or(month_fits) {
            return Err(file.error("month", "最少天数超出当月", "a month has no such number of days"));
        }
        for (number, rule) in table.substitution.iter().enumerate() {
            if table.substitution[..number].iter().any(|other| overlap(rule, other)) || is_empty(rule) {
                let en = "substitutions are for different shares and gaps";
                return Err(file.error("substitution", "替代规则的捕集率与时长不得重叠或为空", en));
            }
        }
        Ok(Self {
            medium: table.medium,
            hour_minutes_min: rules.hour_minutes_min,
            day,
            month: table.month,
            by_flow: rules.day_by_flow,
            negative_invalid: rules.negative_invalid,
            origin: rules.origin.clone(),
            capture: table.capture,
            substitutions: table.substitution,
            instrument: table.instrument,
        })
    }
}

fn is_empty(rule: &Substitution) -> bool {
    rule.capture_below.is_some_and(|below| below <= rule.capture_from)
        || rule.hours_to.is_some_and(|to| to <= rule.hours_above)
}

fn overlap(a: &Substitution, b: &Substitution) -> bool {
    let below = |from: &Substitution, to: &Substitution| {
        to.capture_below.is_none_or(|below| from.capture_from < below)
            && to.hours_to.is_none_or(|hours| from.hours_above < hours)
    };
    below(a, b) && below(b, a)
}

fn mean(values: impl Iterator<Item = Measured>, need: u32) -> Averaged {
    weighted(values.map(|value| (value, Measured::whole(1))), need)
}

fn weighted(values: impl Iterator<Item = (Measured, Measured)>, need: u32) -> Averaged {
    let (mut sum, mut weights, mut have) = (Some(0_i128), 0_i128, 0);
    for (value, weight) in values {
        let product = i128::from(value.parts()) * i128::from(weight.parts());
        sum = sum.and_then(|sum| sum.checked_add(product));
        weights += i128::from(weight.parts());
        have += 1;
    }
    if have < need || have == 0 {
        return Averaged::TooFew { have, need: need.max(1) };
    }
    match sum.and_then(|sum| nearest(sum, weights)) {
        Some(value) => Averaged::Mean { value, count: have },
        None => Averaged::OutOfRange,
    }
}

/// The share of a quarter's hours that have data, in percent (HJ 75-2017 11.3): hours of the quarter less invalid ones
/// and those in which the plant stood still, by the hours in which it ran. `None` when it never ran.
///
/// ```
/// use norms::discharge::capture_percent;
/// assert_eq!(capture_percent(2184, 184, 184).unwrap().rounded(1).to_string(), "90.8");
/// assert_eq!(capture_percent(2184, 0, 2184), None);
/// ```
#[must_use]
pub fn capture_percent(quarter_hours: u32, invalid_hours: u32, stopped_hours: u32) -> Option<Ratio> {
    let ran = i128::from(quarter_hours) - i128::from(stopped_hours);
    (ran > 0).then(|| Ratio::new((ran - i128::from(invalid_hours)).max(0) * 100, ran))
}

/// Whether a value with a flag counts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FlagStanding {
    /// It does.
    Valid,
    /// It does not.
    Invalid,
    /// The protocol has no such flag.
    Unknown,
}

/// The flags of one protocol.
#[derive(Clone, Debug)]
pub struct OnlineFlags {
    /// The instrument.
    pub instrument: Instrument,
    /// The flags.
    pub flags: Vec<OnlineFlag>,
}

/// One flag.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnlineFlag {
    /// The letter.
    pub flag: String,
    /// What it means, in Chinese.
    pub zh: String,
    /// What it means, in English.
    pub en: String,
    /// Whether a value with it counts.
    pub valid: bool,
}

impl OnlineFlags {
    /// Whether a value with a flag counts (HJ 212-2017 表8).
    #[must_use]
    pub fn standing(&self, flag: &str) -> FlagStanding {
        match self.flags.iter().find(|other| other.flag == flag) {
            Some(flag) if flag.valid => FlagStanding::Valid,
            Some(_) => FlagStanding::Invalid,
            None => FlagStanding::Unknown,
        }
    }

    /// Reads an `online-flags/1` file.
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let table: FlagsTable = file.table()?;
        for (number, flag) in table.flag.iter().enumerate() {
            if table.flag[..number].iter().any(|other| other.flag == flag.flag) {
                let name = &flag.flag;
                return Err(file.error("flag", &format!("标记{name}重复"), &format!("the flag {name} stands twice")));
            }
        }
        Ok(Self { instrument: table.instrument, flags: table.flag })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FlagsTable {
    #[expect(dead_code, reason = "read by the catalogue")]
    schema: String,
    instrument: Instrument,
    flag: Vec<OnlineFlag>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "read by the catalogue")]
    schema: String,
    instrument: Instrument,
    medium: OnlineMedium,
    validity: Spanned<ValidityTable>,
    month: Option<MonthNeeds>,
    capture: Option<CaptureRule>,
    #[serde(default)]
    substitution: Vec<Substitution>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ValidityTable {
    hour_minutes_min: u32,
    day_hours_min: Option<u32>,
    day_percent_min: Option<u32>,
    day_by_flow: bool,
    negative_invalid: bool,
    origin: Origin,
}
