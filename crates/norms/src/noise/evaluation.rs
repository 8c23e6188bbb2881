//! Grades of regional and road noise and the rules of statistics: HJ 640.

use super::NoisePeriod;
use crate::origin::{Number, measured, plain};
use crate::{Instrument, LoadError, Measured, NormFile, Origin, Ratio};
use serde::Deserialize;
use toml::Spanned;

/// One edition of HJ 640.
#[derive(Clone, Debug)]
pub struct NoiseEvaluation {
    /// The instrument.
    pub instrument: Instrument,
    /// Grades of regional noise.
    pub regional: GradeScale,
    /// Grades of road noise.
    pub road: GradeScale,
    /// The day-night level.
    pub day_night: DayNightRule,
    /// Statistics of levels.
    pub levels: LevelRules,
    /// Digits of a share in percent.
    pub rate_decimals: u8,
    /// Where the share of point-periods comes from.
    pub rate_origin: Origin,
}

/// How the night counts in the day-night level.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayNightRule {
    /// By how much the night is heard louder, in dB.
    #[serde(deserialize_with = "measured")]
    pub night_addition: Measured,
    /// Where it comes from.
    pub origin: Origin,
}

/// By what the sum of squares is divided.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Deviation {
    /// The count less one.
    Sample,
    /// The count.
    Population,
}

/// Which statistics of levels are given.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelRules {
    /// N of the levels that are exceeded N % of the time.
    pub exceeded_percent: Vec<u8>,
    /// The standard deviation.
    pub deviation: Deviation,
    /// Digits when reported.
    pub decimals: u8,
    /// Where they come from.
    pub origin: Origin,
}

/// Grades from best to worst with their bounds by day and by night.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GradeScale {
    /// The grades.
    pub grades: Vec<Grade>,
    /// Bounds by day.
    pub day: Bounds,
    /// Bounds by night.
    pub night: Bounds,
}

/// One grade.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grade {
    /// The standard's name, such as 一级.
    pub name_zh: String,
    /// The standard's word, such as 好.
    pub label_zh: String,
    /// English word.
    pub label_en: String,
}

/// Upper bounds of all grades but the last, in dB; a level on a bound belongs to the better grade.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// The bounds.
    pub upper: Vec<Measured>,
    /// Where they come from.
    pub origin: Origin,
}

/// A level with its grade.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Graded<'a> {
    /// Number of the grade, from 1.
    pub number: usize,
    /// The grade.
    pub grade: &'a Grade,
    /// Where the bounds come from.
    pub origin: &'a Origin,
}

impl GradeScale {
    /// The grade of a mean level, which is compared unrounded (HJ 640-2012 表1, 表2).
    #[must_use]
    pub fn grade(&self, period: NoisePeriod, level: Ratio) -> Graded<'_> {
        let bounds = match period {
            NoisePeriod::Day => &self.day,
            NoisePeriod::Night => &self.night,
        };
        let number = bounds.upper.iter().filter(|upper| level > upper.ratio()).count();
        Graded { number: number + 1, grade: &self.grades[number], origin: &bounds.origin }
    }
}

/// A stretch of road with its level.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RoadSection {
    /// Length that the point stands for, in km.
    pub length: Measured,
    /// Equivalent level, in dB.
    pub level: Measured,
}

/// The mean level of the points of a grid, arithmetic (HJ 640-2012 表1): `S = Σ L / n`, in dB.
///
/// ```
/// use norms::{Measured, noise::regional_mean};
/// let mean = regional_mean(&[Measured::whole(54), Measured::whole(55)]).unwrap();
/// assert_eq!(mean.rounded(1).to_string(), "54.5");
/// ```
#[must_use]
pub fn regional_mean(levels: &[Measured]) -> Option<Ratio> {
    let sum: i128 = levels.iter().map(|level| i128::from(level.parts())).sum();
    Ratio::new(sum, i128::from(Measured::whole(1).parts())).over_count(levels.len() as u64)
}

/// The mean level of roads, weighted by length (HJ 640-2012 表2): `L = Σ l·L / Σ l`, in dB.
///
/// `None` without sections, for a length that is not positive, and when numbers are beyond reason.
///
/// ```
/// use norms::{Measured, noise::{RoadSection, road_mean}};
/// let section = |length, level| RoadSection { length: Measured::tenths(length), level: Measured::tenths(level) };
/// let mean = road_mean(&[section(12, 684), section(8, 710), section(20, 665)]).unwrap();
/// assert_eq!(mean.rounded(2).to_string(), "67.97");
/// ```
#[must_use]
pub fn road_mean(sections: &[RoadSection]) -> Option<Ratio> {
    let (mut sum, mut lengths) = (0_i128, 0_i128);
    for section in sections {
        if section.length <= Measured::ZERO {
            return None;
        }
        let length = i128::from(section.length.parts());
        sum = sum.checked_add(length.checked_mul(i128::from(section.level.parts()))?)?;
        lengths = lengths.checked_add(length)?;
    }
    let lengths = lengths.checked_mul(i128::from(Measured::whole(1).parts()))?;
    (lengths > 0).then(|| Ratio::new(sum, lengths))
}

impl NoiseEvaluation {
    /// Reads a `noise-evaluation/1` file.
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let table: Table = file.table()?;
        let levels = table.levels.get_ref();
        if levels.exceeded_percent.iter().any(|percent| !(1..100).contains(percent)) || levels.decimals > 6 {
            let (zh, en) = ("百分数在1到99之间，位数不超过6", "1 to 99 percent, at most 6 decimals");
            return Err(file.error_at(Some(table.levels.span()), zh, en));
        }
        if table.functional_zone.rate_decimals > 6 {
            return Err(file.error("rate_decimals", "位数不超过6", "at most 6 decimals"));
        }
        Ok(Self {
            regional: table.regional.check(file)?,
            road: table.road.check(file)?,
            day_night: table.day_night,
            levels: table.levels.into_inner(),
            rate_decimals: table.functional_zone.rate_decimals,
            rate_origin: table.functional_zone.origin,
            instrument: table.instrument,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "read by the catalogue")]
    schema: String,
    instrument: Instrument,
    regional: ScaleTable,
    road: ScaleTable,
    functional_zone: FunctionalZone,
    day_night: DayNightRule,
    levels: Spanned<LevelRules>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FunctionalZone {
    rate_decimals: u8,
    origin: Origin,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScaleTable {
    grades: Vec<Grade>,
    day: BoundsTable,
    night: BoundsTable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BoundsTable {
    upper: Spanned<Vec<Number>>,
    origin: Origin,
}

impl ScaleTable {
    fn check(self, file: &NormFile) -> Result<GradeScale, LoadError> {
        let grades = self.grades.len();
        let bounds = |table: BoundsTable| {
            let upper = plain(table.upper.get_ref());
            if upper.len() + 1 != grades || !upper.windows(2).all(|pair| pair[0] < pair[1]) {
                let (zh, en) =
                    ("上限须严格递增，比等级少一个", "bounds rise strictly and are one fewer than the grades");
                return Err(file.error_at(Some(table.upper.span()), zh, en));
            }
            Ok(Bounds { upper, origin: table.origin })
        };
        Ok(GradeScale { day: bounds(self.day)?, night: bounds(self.night)?, grades: self.grades })
    }
}
