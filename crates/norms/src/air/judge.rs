//! From hours to the judged hour and the judged day, of a station or of a city as the mean of its stations.

use super::hours::Cells;
use super::index::rounded_units;
use super::{AirNorms, AirRules, Averaging, Cell, Indexed, Level, Pollutant, Practice, StationHours};
use crate::{Day, Hour, Ratio};

/// A judged hour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AirHour {
    /// The hour.
    pub hour: Hour,
    /// Concentrations and indices.
    pub indexed: Indexed,
}

/// A judged day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AirDay {
    /// The day.
    pub day: Day,
    /// Concentrations and indices.
    pub indexed: Indexed,
}

/// A mean as sum of cells and count; the scale of the cells is known to whoever holds it.
#[derive(Clone, Copy, Debug)]
struct Mean {
    sum: i64,
    count: i64,
    scale: i64,
}

impl Mean {
    fn above(self, other: Self) -> bool {
        debug_assert_eq!(self.scale, other.scale);
        self.sum * other.count > other.sum * self.count
    }

    fn units(self, decimals: u8) -> i64 {
        rounded_units(self.sum, self.count, self.scale, decimals)
    }

    fn ratio(self) -> Ratio {
        Ratio::new(i128::from(self.sum), i128::from(self.count * self.scale))
    }
}

/// The means of one station's day before rounding.
#[derive(Clone, Copy, Default)]
struct DayMeans {
    mean: [Option<Mean>; Pollutant::COUNT],
    max_8h: Option<Mean>,
    max_1h: [Option<Mean>; Pollutant::COUNT],
}

impl DayMeans {
    fn of<C: Cell>(cells: &[C; 24 * Pollutant::COUNT], rules: AirRules<'_>) -> Self {
        let mut sums = [0_i64; Pollutant::COUNT];
        let mut counts = [0_i64; Pollutant::COUNT];
        let mut highest = [i64::MIN; Pollutant::COUNT];
        for row in cells.as_chunks::<{ Pollutant::COUNT }>().0 {
            for pollutant in 0..Pollutant::COUNT {
                let there = row[pollutant] != C::MISSING;
                let value: i64 = if there { row[pollutant].into() } else { 0 };
                sums[pollutant] += value;
                counts[pollutant] += i64::from(there);
                highest[pollutant] = highest[pollutant].max(if there { value } else { i64::MIN });
            }
        }
        let hours_min = i64::from(rules.limits.validity.day_hours_min);
        let mut means = Self::default();
        for pollutant in 0..Pollutant::COUNT {
            let (sum, count) = (sums[pollutant], counts[pollutant]);
            if count >= hours_min {
                means.mean[pollutant] = Some(Mean { sum, count, scale: C::SCALE });
            }
            if count > 0 {
                means.max_1h[pollutant] = Some(Mean { sum: highest[pollutant], count: 1, scale: C::SCALE });
            }
        }
        means.max_8h = day_max_8h(cells, rules);
        means
    }

    fn at(&self, pollutant: Pollutant, averaging: Averaging) -> Option<Mean> {
        match averaging {
            Averaging::Day => self.mean[pollutant.number()],
            Averaging::DayMax8h if pollutant == Pollutant::O3 => self.max_8h,
            Averaging::DayMax1h => self.max_1h[pollutant.number()],
            _ => None,
        }
    }
}

/// The highest 8-hour mean of ozone in a day (HJ 663 6.1.2): windows of which enough hours are there, enough of them in
/// the day; with fewer only a maximum above the limit counts.
fn day_max_8h<C: Cell>(cells: &[C; 24 * Pollutant::COUNT], rules: AirRules<'_>) -> Option<Mean> {
    let ozone = &rules.statistics.ozone;
    let hours_min = i64::from(rules.limits.validity.window_hours_min);
    // Running sums and counts: window (end - length, end] is a difference.
    let (mut sums, mut counts) = ([0_i64; 25], [0_i64; 25]);
    for (hour, row) in cells.as_chunks::<{ Pollutant::COUNT }>().0.iter().enumerate() {
        let value = row[Pollutant::O3.number()];
        let there = value != C::MISSING;
        sums[hour + 1] = sums[hour] + if there { value.into() } else { 0 };
        counts[hour + 1] = counts[hour] + i64::from(there);
    }
    let mut windows = 0;
    let mut highest: Option<Mean> = None;
    for end in ozone.window_end_first..=ozone.window_end_last {
        let start = end - ozone.window_hours;
        let count = counts[end] - counts[start];
        if count < hours_min {
            continue;
        }
        windows += 1;
        let mean = Mean { sum: sums[end] - sums[start], count, scale: C::SCALE };
        if highest.is_none_or(|highest| mean.above(highest)) {
            highest = Some(mean);
        }
    }
    let highest = highest?;
    if windows >= ozone.windows_min {
        return Some(highest);
    }
    let decimals = rules.statistics.decimals[Pollutant::O3.number()];
    let limit = rules.phase.limit(Pollutant::O3.name(), super::LimitKind::DayMax8h, ozone.exception_above_grade)?;
    (highest.ratio().rounded(decimals).ratio() > limit).then_some(highest)
}

/// The mean over stations, rounded once: one station is exact in 64 bits, more are added as fractions.
fn blend(means: impl Iterator<Item = Option<Mean>>, decimals: u8) -> Option<i64> {
    let mut there = means.flatten();
    let first = there.next()?;
    let Some(second) = there.next() else { return Some(first.units(decimals)) };
    let mut sum = first.ratio().plus(second.ratio());
    let mut count = 2;
    for mean in there {
        sum = sum.plus(mean.ratio());
        count += 1;
    }
    sum.over_count(count).map(|mean| mean.rounded(decimals).units)
}

/// Judges one day of a station, or of a city as the mean of its stations that are valid that day (HJ 663).
/// `None` when no edition is in force.
#[must_use]
pub fn judge_day(norms: &AirNorms, stations: &[&StationHours], day: Day, practice: Option<Practice>) -> Option<AirDay> {
    let rules = norms.on(day)?;
    let report = rules.index.report(Level::Day, practice)?;
    let means_of = |station: &StationHours| match station.day_cells(day) {
        Some((Cells::Tenths(block), number)) => DayMeans::of(block.day(number), rules),
        Some((Cells::Exact(block), number)) => DayMeans::of(block.day(number), rules),
        None => DayMeans::default(),
    };
    let decimals = &rules.index.decimals;
    let indexed = if let [station] = stations {
        let means = means_of(station);
        rules.index.judge(report, |pollutant, averaging| {
            means.at(pollutant, averaging).map(|mean| mean.units(decimals[pollutant.number()]))
        })
    } else {
        let means: Vec<DayMeans> = stations.iter().map(|station| means_of(station)).collect();
        rules.index.judge(report, |pollutant, averaging| {
            blend(means.iter().map(|means| means.at(pollutant, averaging)), decimals[pollutant.number()])
        })
    };
    Some(AirDay { day, indexed })
}

/// Judges every day on which a station of the group has a row. Days without an edition in force are left out.
#[must_use]
pub fn judge_days(norms: &AirNorms, stations: &[&StationHours], practice: Option<Practice>) -> Vec<AirDay> {
    if let [station] = stations {
        return judge_station_days(norms, station, practice);
    }
    let days = union(stations.iter().map(|station| station.days()));
    days.into_iter().filter_map(|day| judge_day(norms, stations, day, practice)).collect()
}

/// The same as [`judge_days`] for one station, without looking its blocks up again for each day.
fn judge_station_days(norms: &AirNorms, station: &StationHours, practice: Option<Practice>) -> Vec<AirDay> {
    let mut judged = Vec::new();
    for (month, cells) in station.blocks() {
        let first = month.first();
        for number in 0..month.days() as usize {
            let day = Day(first.0 + number as i32);
            if !cells.has_day(number) {
                continue;
            }
            let Some(rules) = norms.on(day) else { continue };
            let Some(report) = rules.index.report(Level::Day, practice) else { continue };
            let means = match cells {
                Cells::Tenths(block) => DayMeans::of(block.day(number), rules),
                Cells::Exact(block) => DayMeans::of(block.day(number), rules),
            };
            let indexed = rules.index.judge(report, |pollutant, averaging| {
                means.at(pollutant, averaging).map(|mean| mean.units(rules.index.decimals[pollutant.number()]))
            });
            judged.push(AirDay { day, indexed });
        }
    }
    judged
}

/// Judges every hour in which a station of the group has a row. Hours without an edition in force are left out.
///
/// A city's value is the mean of its stations' values of that hour; running means are taken per station first.
#[must_use]
pub fn judge_hours(norms: &AirNorms, stations: &[&StationHours], practice: Option<Practice>) -> Vec<AirHour> {
    let hours = union(stations.iter().map(|station| station.hours()));
    hours.into_iter().filter_map(|hour| judge_hour(norms, stations, hour, practice)).collect()
}

/// Judges one hour of a station or city, whether or not there is a row. `None` when no edition is in force.
#[must_use]
pub fn judge_hour(
    norms: &AirNorms,
    stations: &[&StationHours],
    hour: Hour,
    practice: Option<Practice>,
) -> Option<AirHour> {
    let rules = norms.on(hour.day())?;
    let report = rules.index.report(Level::Hour, practice)?;
    let indexed = rules.index.judge(report, |pollutant, averaging| {
        let means = stations.iter().map(|station| hour_mean(station, hour, pollutant, averaging, rules));
        blend(means, rules.index.decimals[pollutant.number()])
    });
    Some(AirHour { hour, indexed })
}

fn hour_mean(
    station: &StationHours,
    hour: Hour,
    pollutant: Pollutant,
    averaging: Averaging,
    rules: AirRules<'_>,
) -> Option<Mean> {
    let validity = &rules.limits.validity;
    let (length, least) = match averaging {
        Averaging::Hour => (1, 1),
        Averaging::Moving8h => (8, i64::from(validity.window_hours_min)),
        Averaging::Moving24h => (24, i64::from(validity.day_hours_min)),
        Averaging::Day | Averaging::DayMax8h | Averaging::DayMax1h => return None,
    };
    let (mut sum, mut count) = (0, 0);
    for back in 0..length {
        if let Some(value) = station.value(Hour(hour.0 - back), pollutant) {
            sum += value.parts();
            count += 1;
        }
    }
    (count >= least).then_some(Mean { sum, count, scale: <i64 as Cell>::SCALE })
}

/// The members of several ascending sequences, each once, ascending.
fn union<T: Ord + Copy>(sequences: impl Iterator<Item = impl Iterator<Item = T>>) -> Vec<T> {
    let mut all: Vec<T> = sequences.flatten().collect();
    all.sort_unstable();
    all.dedup();
    all
}
