//! From judged days to a month or a year: means, percentiles, good days, composite index, ranking.

use super::{AirDay, AirRules, Pollutant, Statistic};
use crate::{Day, Month, Ratio, Rounded};

/// A month, a year or several months.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PeriodKind {
    /// A month.
    Month(Month),
    /// A year.
    Year(i32),
    /// Several months in a row, first and last.
    Months(Month, Month),
}

impl PeriodKind {
    /// Its last day, whose editions judge the period.
    #[must_use]
    pub fn last_day(self) -> Day {
        let next = match self {
            Self::Month(month) => Month(month.0 + 1),
            Self::Year(year) => Month((year + 1) * 12),
            Self::Months(_, last) => Month(last.0 + 1),
        };
        Day(next.first().0 - 1)
    }
}

/// The statistics of a period; `None` where there are too few days.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AirPeriod {
    /// Means of the daily values, for the pollutants that have one.
    pub mean: [Option<Rounded>; Pollutant::COUNT],
    /// The pollutant's percentile of the daily values.
    pub percentile: [Option<Rounded>; Pollutant::COUNT],
    /// Days with an index.
    pub valid_days: u32,
    /// Of these, days with an index up to 100.
    pub good_days: u32,
    /// Of these, days with an index up to 50.
    pub excellent_days: u32,
    /// Good days by valid days.
    pub good_ratio: Option<Rounded>,
    /// The composite index, when none of its items is missing.
    pub composite: Option<Rounded>,
}

/// Judges a period from its days, in order of time. `rules` are those of the period's last day; `is_dust` names the
/// sand-dust days, which are taken out of the statistics that the edition says and stay in the good days.
#[must_use]
pub fn judge_period(
    kind: PeriodKind,
    days: &[AirDay],
    rules: AirRules<'_>,
    is_dust: impl Fn(Day) -> bool,
) -> AirPeriod {
    let statistics = rules.statistics;
    let mut period = AirPeriod {
        mean: [None; Pollutant::COUNT],
        percentile: [None; Pollutant::COUNT],
        valid_days: 0,
        good_days: 0,
        excellent_days: 0,
        good_ratio: None,
        composite: None,
    };
    for day in days {
        let Some(aqi) = day.indexed.aqi else { continue };
        period.valid_days += 1;
        period.good_days += u32::from(aqi <= statistics.good_to);
        period.excellent_days += u32::from(aqi <= statistics.excellent_to);
    }
    period.good_ratio = Ratio::new(i128::from(period.good_days), 1)
        .over_count(u64::from(period.valid_days))
        .map(|ratio| ratio.rounded(statistics.ratio_decimals));
    for pollutant in Pollutant::ALL {
        let number = pollutant.number();
        if !enough_days(kind, days, pollutant, rules) {
            continue;
        }
        let values = |without_dust: bool| -> Vec<i64> {
            days.iter()
                .filter(|day| !(without_dust && is_dust(day.day)))
                .filter_map(|day| day.indexed.concentration[number])
                .collect()
        };
        let (from, to) = (rules.index.decimals[number], statistics.decimals[number]);
        if statistics.with_mean.contains(pollutant) {
            period.mean[number] = mean(&values(statistics.dust_from_mean.contains(pollutant)), from, to);
        }
        let mut sorted = values(statistics.dust_from_percentile.contains(pollutant));
        sorted.sort_unstable();
        period.percentile[number] = percentile(&sorted, statistics.percentile[number], from, to);
    }
    period.composite = composite_index(&period, rules);
    period
}

/// GB 3095 table 4: enough daily values in the period, and in a year enough in each of its months.
fn enough_days(kind: PeriodKind, days: &[AirDay], pollutant: Pollutant, rules: AirRules<'_>) -> bool {
    let validity = &rules.limits.validity;
    let (first, last) = match kind {
        PeriodKind::Month(month) => (month, month),
        PeriodKind::Year(year) => (Month(year * 12), Month(year * 12 + 11)),
        PeriodKind::Months(first, last) => (first, last),
    };
    let mut by_month = vec![0_u32; (last.0 - first.0 + 1).max(0) as usize];
    for day in days.iter().filter(|day| day.indexed.concentration[pollutant.number()].is_some()) {
        if let Some(count) = by_month.get_mut((day.day.month().0 - first.0) as usize) {
            *count += 1;
        }
    }
    let number_of = |place: usize| Month(first.0 + place as i32).number();
    let months_have_enough =
        by_month.iter().enumerate().all(|(place, count)| *count >= validity.days_min_of_month(number_of(place)));
    let year_has_enough =
        !matches!(kind, PeriodKind::Year(_)) || by_month.iter().sum::<u32>() >= validity.year_days_min;
    months_have_enough && year_has_enough
}

/// The mean of values in units of the `from`-th decimal, rounded once to `to` decimals.
#[must_use]
pub fn mean(values: &[i64], from: u8, to: u8) -> Option<Rounded> {
    let sum: i128 = values.iter().map(|&value| i128::from(value)).sum();
    let ratio = Ratio::new(sum, 10_i128.pow(u32::from(from))).over_count(values.len() as u64)?;
    Some(ratio.rounded(to))
}

/// The percentile `p` of ascending values in units of the `from`-th decimal, rounded once to `to` decimals.
///
/// HJ 663-2013 附录A: `k = 1 + (n − 1)·p/100`, `s = ⌊k⌋`, `m = X(s) + (X(s+1) − X(s))·(k − s)`.
///
/// ```
/// use norms::air::percentile;
/// let p = percentile(&[4, 8, 15, 16, 23, 42], 90, 0, 1);
/// assert_eq!(p.unwrap().to_string(), "32.5");
/// ```
#[must_use]
pub fn percentile(ascending: &[i64], p: u32, from: u8, to: u8) -> Option<Rounded> {
    let last = ascending.len().checked_sub(1)?;
    let hundredths = last * p.min(100) as usize;
    let (below, part) = (hundredths / 100, hundredths % 100);
    let low = i128::from(ascending[below]);
    let high = i128::from(ascending[(below + 1).min(last)]);
    let times_hundred = low * 100 + (high - low) * part as i128;
    Some(Ratio::new(times_hundred, 100 * 10_i128.pow(u32::from(from))).rounded(to))
}

/// The composite index of a period (环办监测〔2018〕19号): each statistic by its limit, rounded, then added.
#[must_use]
pub fn composite_index(period: &AirPeriod, rules: AirRules<'_>) -> Option<Rounded> {
    let composite = rules.composite;
    let mut units = 0;
    for item in &composite.items {
        let number = item.pollutant.number();
        let value = match item.statistic {
            Statistic::Mean => period.mean[number],
            Statistic::Percentile => period.percentile[number],
        }?;
        let limit = rules.phase.limit(item.pollutant.name(), item.limit, composite.grade)?;
        units += value.ratio().over(limit)?.rounded(composite.item_decimals).units * i64::from(item.weight);
    }
    Some(Rounded { units, decimals: composite.item_decimals })
}

/// Ranks in ascending order; equal values share a rank and the next one is skipped: 1, 1, 3.
///
/// ```
/// assert_eq!(norms::air::rank_ascending(&[2.4, 2.1, 2.4, 3.0]), [2, 1, 2, 4]);
/// ```
#[must_use]
pub fn rank_ascending<T: PartialOrd>(values: &[T]) -> Vec<usize> {
    values.iter().map(|value| 1 + values.iter().filter(|other| *other < value).count()).collect()
}
