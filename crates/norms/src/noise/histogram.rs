//! One-second levels of any length of time in one small table.

use super::energy::{energy_of, level_of};
use super::{Deviation, LevelRules};
use crate::Measured;
use std::ops::Range;
use std::sync::LazyLock;

/// The lowest level that is held, in tenths of a dB. No meter reads less.
const LOWEST_TENTHS: i32 = -200;
/// The highest level that is held, in tenths of a dB. Air carries no louder sound.
const HIGHEST_TENTHS: i32 = 2000;
/// One for each tenth.
const BINS: usize = (HIGHEST_TENTHS - LOWEST_TENTHS + 1) as usize;

/// The energy of every bin.
static ENERGIES: LazyLock<Box<[f64]>> =
    LazyLock::new(|| (0..BINS).map(|bin| energy_of(f64::from(tenths_of(bin)) / 10.0)).collect());

/// Counts of levels by tenths of a dB: the equivalent level and every order statistic of any number of values.
///
/// Values with one decimal are held exactly; others are taken to the nearest tenth. Histograms of parts add up to that
/// of the whole, bit for bit. Levels outside of −20 to 200 dB are counted apart and take part in nothing.
///
/// ```
/// use norms::{Measured, noise::LevelHistogram};
/// let mut levels = LevelHistogram::new();
/// for tenths in [600, 700] {
///     levels.push_tenths(tenths);
/// }
/// assert_eq!(levels.leq().unwrap().rounded(1).to_string(), "67.4");
/// assert_eq!(levels.exceeded(50), Some(Measured::whole(70)));
/// levels.clear();
/// assert_eq!(levels.leq(), None);
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LevelHistogram {
    counts: Box<[u64; BINS]>,
    /// The first bin that may hold something; all before it are empty.
    first: usize,
    /// The last such bin.
    last: usize,
    refused: u64,
}

/// Statistics of levels, in dB (GB 3096-2008 3, HJ 640).
#[derive(Clone, PartialEq, Debug)]
pub struct LevelStatistics {
    /// How many levels.
    pub count: u64,
    /// Equivalent level.
    pub leq: Measured,
    /// N and the level that is exceeded N % of the time.
    pub exceeded: Vec<(u8, Measured)>,
    /// Highest.
    pub max: Measured,
    /// Lowest.
    pub min: Measured,
    /// Standard deviation; none of a single level by the count less one.
    pub deviation: Option<f64>,
}

impl Default for LevelHistogram {
    fn default() -> Self {
        Self::new()
    }
}

impl LevelHistogram {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self { counts: Box::new([0; BINS]), first: BINS - 1, last: 0, refused: 0 }
    }

    /// Counts a level, in tenths of a dB.
    #[inline]
    pub fn push_tenths(&mut self, tenths: i16) {
        // A level below the lowest becomes a number beyond every bin.
        let bin = (i32::from(tenths) - LOWEST_TENTHS) as usize;
        let Some(count) = self.counts.get_mut(bin) else {
            self.refused += 1;
            return;
        };
        *count += 1;
        self.first = self.first.min(bin);
        self.last = self.last.max(bin);
    }

    /// Counts many levels, in tenths of a dB.
    pub fn extend_tenths(&mut self, tenths: &[i16]) {
        for &tenths in tenths {
            self.push_tenths(tenths);
        }
    }

    /// Counts a level in dB at its nearest tenth; NaN is refused.
    #[inline]
    pub fn push(&mut self, level_db: f32) {
        let tenths = (level_db * 10.0).round();
        if tenths >= LOWEST_TENTHS as f32 && tenths <= HIGHEST_TENTHS as f32 {
            self.push_tenths(tenths as i16);
        } else {
            self.refused += 1;
        }
    }

    /// Adds the counts of another.
    pub fn merge(&mut self, other: &Self) {
        for bin in other.used() {
            self.counts[bin] += other.counts[bin];
        }
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.refused += other.refused;
    }

    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        let used = self.used();
        self.counts[used].fill(0);
        (self.first, self.last, self.refused) = (BINS - 1, 0, 0);
    }

    /// How many levels were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts[self.used()].iter().sum()
    }

    /// How many were outside of the range.
    #[must_use]
    pub const fn refused(&self) -> u64 {
        self.refused
    }

    /// The equivalent level, in dB: `10·lg(mean(10^(0.1·L)))`.
    #[must_use]
    pub fn leq(&self) -> Option<Measured> {
        let energies = &ENERGIES[self.used()];
        let (mut energy, mut count) = (0.0, 0);
        for (of_bin, weight) in self.counts[self.used()].iter().zip(energies) {
            energy += *of_bin as f64 * weight;
            count += of_bin;
        }
        if count == 0 { None } else { level_of(energy / count as f64) }
    }

    /// The level that is exceeded `percent` of the time, in dB: number `⌊percent·n/100⌋`, at least 1, from the highest
    /// (100 levels: L10 is the tenth).
    #[must_use]
    pub fn exceeded(&self, percent: u8) -> Option<Measured> {
        let number = u128::from(self.count()) * u128::from(percent) / 100;
        let mut seen = 0_u128;
        let bin = self.used().rev().find(|&bin| {
            seen += u128::from(self.counts[bin]);
            seen >= number.max(1)
        })?;
        Some(level_at(bin))
    }

    /// The highest level, in dB.
    #[must_use]
    pub fn max(&self) -> Option<Measured> {
        self.used().rev().find(|&bin| self.counts[bin] > 0).map(level_at)
    }

    /// The lowest level, in dB.
    #[must_use]
    pub fn min(&self) -> Option<Measured> {
        self.used().find(|&bin| self.counts[bin] > 0).map(level_at)
    }

    /// The standard deviation, in dB; from exact sums.
    #[must_use]
    pub fn deviation(&self, deviation: Deviation) -> Option<f64> {
        let (mut count, mut sum, mut squares) = (0_i128, 0_i128, 0_i128);
        for bin in self.used() {
            let (of_bin, tenths) = (i128::from(self.counts[bin]), i128::from(tenths_of(bin)));
            count += of_bin;
            sum += of_bin * tenths;
            squares += of_bin * tenths * tenths;
        }
        let divisor = match deviation {
            Deviation::Sample => count - 1,
            Deviation::Population => count,
        };
        (divisor > 0).then(|| ((count * squares - sum * sum) as f64 / count as f64 / divisor as f64).sqrt() / 10.0)
    }

    /// All statistics that the edition lists; `None` when nothing was counted.
    #[must_use]
    pub fn statistics(&self, rules: &LevelRules) -> Option<LevelStatistics> {
        let exceeded = |&percent: &u8| Some((percent, self.exceeded(percent)?));
        Some(LevelStatistics {
            count: self.count(),
            leq: self.leq()?,
            exceeded: rules.exceeded_percent.iter().filter_map(exceeded).collect(),
            max: self.max()?,
            min: self.min()?,
            deviation: self.deviation(rules.deviation),
        })
    }

    /// The bins that may hold something; empty when nothing was counted.
    const fn used(&self) -> Range<usize> {
        if self.first > self.last { 0..0 } else { self.first..self.last + 1 }
    }
}

const fn tenths_of(bin: usize) -> i32 {
    bin as i32 + LOWEST_TENTHS
}

fn level_at(bin: usize) -> Measured {
    Measured::tenths(i64::from(tenths_of(bin)))
}
