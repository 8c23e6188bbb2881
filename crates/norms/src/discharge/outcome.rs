//! What a judgement of a discharge says.

use super::Bound;
use crate::{Measured, Origin, Ratio, div_half_even};

/// Whether a discharge is lawful.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Not above the limit.
    Compliant,
    /// Above the limit.
    Exceeded {
        /// By how many times the limit the value is above it (超标倍数); none for ranges and for what must be absent.
        times: Option<Ratio>,
    },
    /// Nobody can tell.
    NotJudged(NotJudged),
}

/// Why nobody can tell.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotJudged {
    /// The standard has no such table.
    NoTable,
    /// The table has no such grade or fuel.
    NoColumn,
    /// The table sets no limit for the parameter in this column.
    NoLimit,
    /// The limit depends on when the plant was built.
    BuiltUnknown,
    /// The limit depends on the temperature of the water.
    WaterTemperatureUnknown,
    /// The limit holds at a reference oxygen, and the oxygen was not measured.
    OxygenUnknown,
    /// The oxygen is below zero, or so near that of air that nothing was burnt.
    OxygenOutOfRange,
    /// The value is below zero.
    Negative,
    /// The stack has no height, or one that no stack has.
    HeightOutOfRange,
    /// The numbers are too large to calculate with.
    OutOfRange,
    /// Too few valid values.
    TooFewValues,
}

impl NotJudged {
    /// Why, in Chinese.
    #[must_use]
    pub const fn message_zh(self) -> &'static str {
        match self {
            Self::NoTable => "标准中没有该表",
            Self::NoColumn => "表中没有该级别或燃料",
            Self::NoLimit => "该项目在此无限值",
            Self::BuiltUnknown => "缺少建设时间，无法确定限值",
            Self::WaterTemperatureUnknown => "缺少水温，无法确定限值",
            Self::OxygenUnknown => "缺少含氧量，无法折算",
            Self::OxygenOutOfRange => "含氧量为负或接近空气，无法折算",
            Self::Negative => "数值为负",
            Self::HeightOutOfRange => "排气筒高度不合理",
            Self::OutOfRange => "数值过大，无法计算",
            Self::TooFewValues => "有效数据不足",
        }
    }

    /// Why, in English.
    #[must_use]
    pub const fn message_en(self) -> &'static str {
        match self {
            Self::NoTable => "the standard has no such table",
            Self::NoColumn => "the table has no such grade or fuel",
            Self::NoLimit => "the parameter has no limit here",
            Self::BuiltUnknown => "the limit depends on when the plant was built",
            Self::WaterTemperatureUnknown => "the limit depends on the temperature of the water",
            Self::OxygenUnknown => "the oxygen is not known, so nothing can be converted",
            Self::OxygenOutOfRange => "the oxygen is below zero or that of air",
            Self::Negative => "the value is below zero",
            Self::HeightOutOfRange => "no stack has this height",
            Self::OutOfRange => "the numbers are too large",
            Self::TooFewValues => "there are too few valid values",
        }
    }
}

/// An outcome with what it rests on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Judgement<'a> {
    /// The outcome.
    pub outcome: Outcome,
    /// The value that was compared, after conversion; in the unit of the limit.
    pub value: Measured,
    /// What it was compared with.
    pub bound: Option<Bound>,
    /// Where the limit comes from.
    pub origin: Option<&'a Origin>,
}

impl<'a> Judgement<'a> {
    /// Nobody can tell.
    pub(super) const fn not(reason: NotJudged, value: Measured) -> Self {
        Self { outcome: Outcome::NotJudged(reason), value, bound: None, origin: None }
    }

    /// A value beside its bound.
    pub(super) fn of(value: Measured, bound: Bound, origin: &'a Origin) -> Self {
        let outcome = if bound.allows(value) {
            Outcome::Compliant
        } else {
            let times = match bound {
                Bound::AtMost(limit) => over(value, limit),
                Bound::Within(..) | Bound::NotDetected => None,
            };
            Outcome::Exceeded { times }
        };
        Self { outcome, value, bound: Some(bound), origin: Some(origin) }
    }
}

/// `(value − limit) / limit`.
fn over(value: Measured, limit: Measured) -> Option<Ratio> {
    let more = i128::from(value.parts()) - i128::from(limit.parts());
    (limit > Measured::ZERO).then(|| Ratio::new(more, i128::from(limit.parts())))
}

/// `numerator / denominator` in 10⁻⁹ parts, to the nearest; `None` out of range or for a denominator of zero or less.
pub(super) fn nearest(numerator: i128, denominator: i128) -> Option<Measured> {
    if denominator <= 0 {
        return None;
    }
    i64::try_from(div_half_even(numerator, denominator)).ok().map(Measured::from_parts)
}
