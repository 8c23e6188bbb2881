//! Judgement of the sea: classes of GB 3097, points and regions by HJ 442.10, eutrophication.

use crate::classes::{ClassTable, Classified, Exceeding, MainPollutants, Reading, WaterBody};
use crate::surface_water::{UpTo, word_of};
use crate::{Confidence, Dated, Day, Instrument, LoadError, Measured, NormFile, Ratio, Term};
use serde::Deserialize;

/// The dated tables of the sea.
#[derive(Clone, Debug, Default)]
pub struct SeaNorms {
    /// GB 3097.
    pub standard: Dated<SeaStandard>,
    /// HJ 442.10.
    pub evaluation: Dated<SeaEvaluation>,
}

/// One edition of GB 3097.
#[derive(Clone, Debug)]
pub struct SeaStandard {
    /// The instrument.
    pub instrument: Instrument,
    /// Table 1.
    pub classes: ClassTable,
}

/// One edition of the rules by which points and regions are judged.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeaEvaluation {
    #[serde(rename = "schema")]
    _schema: String,
    /// The instrument.
    pub instrument: Instrument,
    /// Points.
    pub point: PointRule,
    /// Main pollutants.
    pub main_pollutants: MainPollutants,
    /// Regions.
    pub region: RegionRule,
    /// Eutrophication.
    pub eutrophication: Eutrophication,
}

/// Which points are good.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointRule {
    /// The worst class that counts as good (优良).
    pub good_class: u8,
    /// The clause.
    pub source: String,
    /// How sure we are of it.
    pub confidence: Confidence,
}

/// How regions are graded by the shares of their points.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionRule {
    /// Grades in the order in which they are tried.
    pub grades: Vec<RegionGrade>,
    /// The clause.
    pub source: String,
    /// How sure we are of it.
    pub confidence: Confidence,
    /// What a user should know.
    pub note: String,
}

/// A grade of a region.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionGrade {
    /// Its word.
    pub grade: String,
    /// In English.
    pub grade_en: String,
    any: Vec<Shares>,
}

/// Bounds of shares in per cent, all of which hold: of class 1, of classes 1 and 2, of 1 to 3, of what meets none.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shares {
    one_from: Option<i64>,
    two_from: Option<i64>,
    two_below: Option<i64>,
    three_from: Option<i64>,
    worse_to: Option<i64>,
    worse_above: Option<i64>,
}

/// The index of eutrophication: the product of three items over a divisor.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Eutrophication {
    /// Its items, mg/L.
    pub items: Vec<String>,
    divisor: f64,
    /// Digits of the index.
    pub decimals: u8,
    none_below: f64,
    none: String,
    grades: Vec<UpTo>,
    worst: String,
    /// The clause.
    pub source: String,
    /// How sure we are of it.
    pub confidence: Confidence,
    /// What a user should know.
    pub note: String,
}

/// The editions that judge one day.
#[derive(Clone, Copy, Debug)]
pub struct SeaRules<'a> {
    /// GB 3097.
    pub standard: &'a SeaStandard,
    /// HJ 442.10.
    pub evaluation: &'a SeaEvaluation,
}

/// A judged point.
#[derive(Clone, PartialEq, Debug)]
pub struct Point<'a> {
    /// Class and the items that set it.
    pub classified: Classified,
    /// Main pollutants.
    pub exceeding: Vec<Exceeding>,
    /// The index of eutrophication and its word, when its items are there.
    pub eutrophication: Option<(Ratio, &'a str)>,
}

impl SeaNorms {
    /// Takes a file in when its schema is one of the sea.
    pub(crate) fn read(&mut self, schema: &str, term: Term, file: &NormFile) -> Result<bool, LoadError> {
        match schema {
            "sea/1" => self.standard.add_of(file, term, SeaStandard::load(file)?)?,
            "sea-evaluation/1" => self.evaluation.add_of(file, term, SeaEvaluation::load(file)?)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The editions in force on a day; `None` when one is missing.
    #[must_use]
    pub fn on(&self, day: Day) -> Option<SeaRules<'_>> {
        Some(SeaRules { standard: self.standard.on(day)?, evaluation: self.evaluation.on(day)? })
    }
}

impl<'a> SeaRules<'a> {
    /// Judges a point by its worst item. `None` without any.
    #[must_use]
    pub fn point(&self, readings: &[(usize, Reading)]) -> Option<Point<'a>> {
        let classes = &self.standard.classes;
        let classified = classes.judge(WaterBody::River, readings.iter().copied())?;
        let exceeding = classes.exceeding(&self.evaluation.main_pollutants, WaterBody::River, readings);
        Some(Point { classified, exceeding, eutrophication: self.eutrophication(readings) })
    }

    /// The index of eutrophication and its word; `None` when an item is missing.
    #[must_use]
    pub fn eutrophication(&self, readings: &[(usize, Reading)]) -> Option<(Ratio, &'a str)> {
        let rule = &self.evaluation.eutrophication;
        let mut index = Measured::from_f64(rule.divisor).map(|divisor| Ratio::new(1, 1).over(divisor.ratio()))??;
        for item in &rule.items {
            let number = self.standard.classes.number(item)?;
            let value = readings.iter().find(|(other, _)| *other == number).map(|(_, reading)| reading.value())?;
            index = index.times(value.ratio());
        }
        let word = word_of(index.to_f64(), (rule.none_below, &rule.none), &rule.grades, &rule.worst);
        Some((index, word))
    }

    /// The grade of a region by the shares of its points in classes 1 to 4 and behind, in per cent.
    ///
    /// `None` when no row of the rule holds.
    #[must_use]
    pub fn region(&self, shares: [Ratio; 5]) -> Option<&'a RegionGrade> {
        let [one, two, three, _, worse] = shares;
        let (two, three) = (one.plus(two), one.plus(two).plus(three));
        let share = |points: i64| Ratio::new(i128::from(points), 1);
        let holds = |bounds: &Shares| {
            bounds.one_from.is_none_or(|from| one >= share(from))
                && bounds.two_from.is_none_or(|from| two >= share(from))
                && bounds.two_below.is_none_or(|below| two < share(below))
                && bounds.three_from.is_none_or(|from| three >= share(from))
                && bounds.worse_to.is_none_or(|to| worse <= share(to))
                && bounds.worse_above.is_none_or(|above| worse > share(above))
        };
        self.evaluation.region.grades.iter().find(|grade| grade.any.iter().any(holds))
    }
}

impl SeaStandard {
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        #[derive(Deserialize)]
        struct Table {
            instrument: Instrument,
        }
        let table: Table = file.table()?;
        Ok(Self { instrument: table.instrument, classes: ClassTable::load(file)? })
    }
}

impl SeaEvaluation {
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let evaluation: Self = file.table()?;
        if evaluation.eutrophication.divisor <= 0.0
            || !evaluation.eutrophication.grades.is_sorted_by(|a, b| a.to < b.to)
        {
            return Err(file.error(
                "divisor",
                "富营养化的除数或界限有误",
                "the divisor or the bounds of eutrophication are wrong",
            ));
        }
        Ok(evaluation)
    }
}
