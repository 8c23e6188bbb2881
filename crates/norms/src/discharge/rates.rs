//! Rates of emission by height of the stack: GB 16297.

use super::outcome::nearest;
use super::{Bound, Judgement, NotJudged};
use crate::origin::{Number, measured, measured_if_any};
use crate::{Instrument, LoadError, Measured, NormFile, Origin};
use serde::Deserialize;
use toml::Spanned;

/// Higher than any stack, in mm: heights above it are errors.
const HEIGHT_MM_MAX: i64 = 1_000_000;

/// One edition of a standard of rates.
#[derive(Clone, Debug)]
pub struct StackRates {
    /// The instrument.
    pub instrument: Instrument,
    /// Name of the standard without its year, such as `GB16297`.
    pub standard: String,
    /// Grades, in the order of the columns.
    pub grades: Vec<String>,
    /// Power of the height beyond the ends of the table.
    pub exponent: u32,
    /// Low stacks.
    pub low_stack: LowStack,
    /// Stacks that do not stand out.
    pub near_buildings: NearBuildings,
    /// Items.
    pub items: Vec<StackItem>,
    /// Where rates and their rules come from.
    pub origin: Origin,
}

/// New stacks that are too low.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LowStack {
    /// Below this height, in m.
    #[serde(deserialize_with = "measured")]
    pub below: Measured,
    /// The rate is multiplied by this.
    #[serde(deserialize_with = "measured")]
    pub factor: Measured,
}

/// Stacks that do not stand out above the buildings around.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NearBuildings {
    /// By how many m a stack must be higher.
    #[serde(deserialize_with = "measured")]
    pub above_by: Measured,
    /// Than the buildings within so many m.
    #[serde(deserialize_with = "measured")]
    pub within: Measured,
    /// Otherwise the rate is multiplied by this.
    #[serde(deserialize_with = "measured")]
    pub factor: Measured,
}

/// One item of the standard.
#[derive(Clone, Debug)]
pub struct StackItem {
    /// The parameter.
    pub parameter: String,
    /// Name with its case, in Chinese.
    pub name_zh: String,
    /// Highest concentration in the stack, in mg/m³.
    pub concentration: Measured,
    /// Highest concentration outside the fence, in [`Self::fugitive_unit`].
    pub fugitive: Option<Measured>,
    /// Unit of the fugitive limit.
    pub fugitive_unit: String,
    /// Heights in m, rising, with the rate of each grade in kg/h.
    rates: Vec<(Measured, Vec<Measured>)>,
}

/// A stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stack {
    /// Height, in m.
    pub height: Measured,
    /// Whether it is a new source.
    pub is_new: bool,
    /// Whether it stands out above the buildings around, as [`NearBuildings`] wants.
    pub stands_out: bool,
}

/// How a rate was found.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RateFrom {
    /// In the table.
    Table,
    /// Between two heights of the table.
    Between,
    /// Above the highest.
    Above,
    /// Below the lowest.
    Below,
}

/// The highest rate of a stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RateLimit {
    /// In kg/h, to the nearest 10⁻⁹.
    pub rate: Measured,
    /// How it was found.
    pub from: RateFrom,
    /// Whether it was lowered because a new stack is too low.
    pub low: bool,
    /// Whether it was lowered because the stack does not stand out.
    pub near: bool,
}

impl StackRates {
    /// An item by its parameter.
    #[must_use]
    pub fn item(&self, parameter: &str) -> Option<&StackItem> {
        self.items.iter().find(|item| item.parameter == parameter)
    }

    /// The highest rate of a stack (GB 16297-1996 7, 附录B): between two heights linear, beyond the ends by a power of
    /// the height; lowered for a new stack that is too low and for one that does not stand out, by both if both hold.
    ///
    /// # Errors
    /// When there is no such item or grade, or no stack has this height.
    pub fn rate_limit(&self, parameter: &str, grade: &str, stack: Stack) -> Result<RateLimit, NotJudged> {
        let item = self.item(parameter).ok_or(NotJudged::NoLimit)?;
        let column = self.grades.iter().position(|other| other == grade).ok_or(NotJudged::NoColumn)?;
        let height = stack.height.rounded(3).units;
        if !(1..=HEIGHT_MM_MAX).contains(&height) {
            return Err(NotJudged::HeightOutOfRange);
        }
        let (mut numerator, mut denominator, from) =
            item.rate(column, height, self.exponent).ok_or(NotJudged::OutOfRange)?;
        let low = stack.is_new && stack.height < self.low_stack.below;
        let near = !stack.stands_out;
        let lowered = [(low, self.low_stack.factor), (near, self.near_buildings.factor)];
        for (_, factor) in lowered.into_iter().filter(|(applies, _)| *applies) {
            let (parts, whole) = reduced(i128::from(factor.parts()), i128::from(Measured::whole(1).parts()));
            numerator = numerator.checked_mul(parts).ok_or(NotJudged::OutOfRange)?;
            denominator = denominator.checked_mul(whole).ok_or(NotJudged::OutOfRange)?;
        }
        let rate = nearest(numerator, denominator).ok_or(NotJudged::OutOfRange)?;
        Ok(RateLimit { rate, from, low, near })
    }

    /// Judges a rate, in kg/h.
    #[must_use]
    pub fn judge_rate(&self, parameter: &str, grade: &str, stack: Stack, rate: Measured) -> Judgement<'_> {
        match self.rate_limit(parameter, grade, stack) {
            _ if rate < Measured::ZERO => Judgement::not(NotJudged::Negative, rate),
            Ok(limit) => Judgement::of(rate, Bound::AtMost(limit.rate), &self.origin),
            Err(reason) => Judgement::not(reason, rate),
        }
    }

    /// Judges a concentration in the stack, in mg/m³.
    #[must_use]
    pub fn judge_concentration(&self, parameter: &str, value: Measured) -> Judgement<'_> {
        self.judge_at_most(parameter, value, |item| Some(item.concentration))
    }

    /// Judges the highest concentration outside the fence, in the unit of the item.
    #[must_use]
    pub fn judge_fugitive(&self, parameter: &str, value: Measured) -> Judgement<'_> {
        self.judge_at_most(parameter, value, |item| item.fugitive)
    }

    fn judge_at_most(
        &self,
        parameter: &str,
        value: Measured,
        limit: impl Fn(&StackItem) -> Option<Measured>,
    ) -> Judgement<'_> {
        match self.item(parameter).and_then(limit) {
            _ if value < Measured::ZERO => Judgement::not(NotJudged::Negative, value),
            Some(limit) => Judgement::of(value, Bound::AtMost(limit), &self.origin),
            None => Judgement::not(NotJudged::NoLimit, value),
        }
    }

    /// Reads a `stack-rates/1` file.
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let table: Table = file.table()?;
        let is_share = |factor: Measured| factor > Measured::ZERO && factor <= Measured::whole(1);
        if !is_share(table.low_stack.factor) || !is_share(table.near_buildings.factor) {
            return Err(file.error("factor", "系数须在0到1之间", "a factor is above 0 and at most 1"));
        }
        if !(1..=3).contains(table.exponent.get_ref()) {
            return Err(file.error_at(Some(table.exponent.span()), "指数须为1到3", "the power is 1 to 3"));
        }
        let mut items: Vec<StackItem> = Vec::new();
        for item in table.item {
            let span = item.parameter.span();
            if items.iter().any(|other| &other.parameter == item.parameter.get_ref()) {
                return Err(file.error_at(Some(span), "项目重复", "the item stands twice"));
            }
            items.push(item.check(file, table.grades.len())?);
        }
        Ok(Self {
            instrument: table.instrument,
            standard: table.standard,
            grades: table.grades,
            exponent: table.exponent.into_inner(),
            low_stack: table.low_stack,
            near_buildings: table.near_buildings,
            items,
            origin: table.origin,
        })
    }
}

impl StackItem {
    /// The rate at a height in mm, as parts in a fraction.
    fn rate(&self, column: usize, height: i64, exponent: u32) -> Option<(i128, i128, RateFrom)> {
        let height = i128::from(height);
        let mm = |place: usize| i128::from(self.rates[place].0.rounded(3).units);
        let parts = |place: usize| i128::from(self.rates[place].1[column].parts());
        let last = self.rates.len() - 1;
        let beyond = |place: usize, from| {
            let (high, low) = reduced(height, mm(place));
            Some((parts(place).checked_mul(high.checked_pow(exponent)?)?, low.checked_pow(exponent)?, from))
        };
        if height < mm(0) {
            return beyond(0, RateFrom::Below);
        }
        if height > mm(last) {
            return beyond(last, RateFrom::Above);
        }
        let above = (0..=last).find(|&place| mm(place) >= height)?;
        if mm(above) == height {
            return Some((parts(above), 1, RateFrom::Table));
        }
        let below = above.checked_sub(1)?;
        let width = mm(above) - mm(below);
        let rise = (parts(above) - parts(below)) * (height - mm(below));
        Some((parts(below) * width + rise, width, RateFrom::Between))
    }
}

/// A fraction of positive whole numbers in lowest terms.
fn reduced(numerator: i128, denominator: i128) -> (i128, i128) {
    let (mut a, mut b) = (numerator, denominator);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    let divisor = a.max(1);
    (numerator / divisor, denominator / divisor)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "read by the catalogue")]
    schema: String,
    instrument: Instrument,
    standard: String,
    grades: Vec<String>,
    exponent: Spanned<u32>,
    origin: Origin,
    low_stack: LowStack,
    near_buildings: NearBuildings,
    item: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    parameter: Spanned<String>,
    name_zh: String,
    #[serde(deserialize_with = "measured")]
    concentration: Measured,
    #[serde(default, deserialize_with = "measured_if_any")]
    fugitive: Option<Measured>,
    fugitive_unit: String,
    rates: Spanned<Vec<Vec<Number>>>,
}

impl Item {
    /// Heights rise, and so do rates with the height and from grade to grade.
    fn check(self, file: &NormFile, grades: usize) -> Result<StackItem, LoadError> {
        let rows = self.rates.get_ref();
        let numbers = |row: &Vec<Number>| row.iter().map(|number| number.0).collect::<Vec<_>>();
        let rows: Vec<Vec<Measured>> = rows.iter().map(numbers).collect();
        let whole = !rows.is_empty() && rows.iter().all(|row| row.len() == grades + 1 && row[0] > Measured::ZERO);
        let rising = whole
            && rows.windows(2).all(|pair| pair[0].iter().zip(&pair[1]).all(|(low, high)| low < high))
            && rows.iter().all(|row| row[1] > Measured::ZERO && row[1..].is_sorted());
        let in_range = rows.iter().all(|row| row[0].parts() % 1_000_000 == 0 && row[0] <= Measured::whole(1000));
        if !rising || !in_range || self.concentration <= Measured::ZERO {
            let en = "heights and rates rise, each height has a rate for every grade";
            return Err(file.error_at(Some(self.rates.span()), "高度与速率须递增，每个高度各级都有速率", en));
        }
        Ok(StackItem {
            parameter: self.parameter.into_inner(),
            name_zh: self.name_zh,
            concentration: self.concentration,
            fugitive: self.fugitive,
            fugitive_unit: self.fugitive_unit,
            rates: rows.into_iter().map(|row| (row[0], row[1..].to_vec())).collect(),
        })
    }
}
