//! Values of a sample beside their screening and control values.

use crate::{LoadError, Measured, NormFile, Origin, Ratio};
use serde::Deserialize;

/// Where a value stands, from good to bad.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SoilVerdict {
    /// Not above the screening value.
    BelowScreening,
    /// Above the screening value and not above the control value, if there is one.
    Between,
    /// Above the control value.
    AboveControl,
}

impl SoilVerdict {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::BelowScreening, Self::Between, Self::AboveControl];
}

/// What a verdict means by an edition.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoilLabel {
    /// The verdict.
    pub verdict: SoilVerdict,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// One value of a sample.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SoilValue<'a> {
    /// The parameter, such as `Cd`.
    pub parameter: &'a str,
    /// In mg/kg.
    pub value: Measured,
    /// The natural background of the place, in mg/kg, when it is known.
    pub background: Option<Measured>,
}

/// The limits of one item in one case, in mg/kg.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SoilLimits<'a> {
    /// Screening value.
    pub screening: Measured,
    /// Control value; some items have none.
    pub control: Option<Measured>,
    /// Whether a value up to the natural background is not counted.
    pub spares_background: bool,
    /// Where the screening value comes from.
    pub origin: &'a Origin,
}

/// A value that was judged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SoilItem<'a> {
    /// The parameter.
    pub parameter: &'a str,
    /// The value, in mg/kg.
    pub value: Measured,
    /// Its limits.
    pub limits: SoilLimits<'a>,
    /// Where it stands.
    pub verdict: SoilVerdict,
    /// Above the screening value, but no higher than the natural background: it does not count.
    pub within_background: bool,
}

impl SoilItem<'_> {
    /// The value by the screening value.
    #[must_use]
    pub fn ratio_to_screening(&self) -> Option<Ratio> {
        self.value.ratio().over(self.limits.screening.ratio())
    }

    /// The value by the control value.
    #[must_use]
    pub fn ratio_to_control(&self) -> Option<Ratio> {
        self.value.ratio().over(self.limits.control?.ratio())
    }
}

/// Why a value was not judged.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SoilUnjudged {
    /// The edition has no limit for it.
    NoLimit,
    /// It is below zero.
    Negative,
}

/// A sample that was judged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SoilJudged<'a> {
    /// Items in the order in which they came.
    pub items: Vec<SoilItem<'a>>,
    /// What could not be judged.
    pub unjudged: Vec<(&'a str, SoilUnjudged)>,
}

impl<'a> SoilJudged<'a> {
    /// The worst verdict of the items that count; `None` when nothing was judged.
    #[must_use]
    pub fn verdict(&self) -> Option<SoilVerdict> {
        let standing = |item: &SoilItem<'_>| {
            if item.within_background { SoilVerdict::BelowScreening } else { item.verdict }
        };
        self.items.iter().map(standing).max()
    }

    /// The item that decides: of those with the worst verdict the one that is the most times its screening value.
    ///
    /// `None` when no item that counts is above its screening value.
    #[must_use]
    pub fn deciding(&self) -> Option<&SoilItem<'a>> {
        let counts = |item: &&SoilItem<'_>| !item.within_background && item.verdict > SoilVerdict::BelowScreening;
        self.items.iter().filter(counts).max_by_key(|item| (item.verdict, item.ratio_to_screening()))
    }

    /// Judges values by the limits that `limits` gives.
    pub(super) fn of(values: &[SoilValue<'a>], limits: impl Fn(&str) -> Option<SoilLimits<'a>>) -> Self {
        let mut judged = Self { items: Vec::new(), unjudged: Vec::new() };
        for value in values {
            if value.value < Measured::ZERO {
                judged.unjudged.push((value.parameter, SoilUnjudged::Negative));
                continue;
            }
            match limits(value.parameter) {
                Some(limits) => judged.items.push(item(value, limits)),
                None => judged.unjudged.push((value.parameter, SoilUnjudged::NoLimit)),
            }
        }
        judged
    }
}

fn item<'a>(value: &SoilValue<'a>, limits: SoilLimits<'a>) -> SoilItem<'a> {
    let verdict = if value.value <= limits.screening {
        SoilVerdict::BelowScreening
    } else if limits.control.is_some_and(|control| value.value > control) {
        SoilVerdict::AboveControl
    } else {
        SoilVerdict::Between
    };
    let within_background = limits.spares_background
        && verdict > SoilVerdict::BelowScreening
        && value.background.is_some_and(|background| value.value <= background);
    SoilItem { parameter: value.parameter, value: value.value, limits, verdict, within_background }
}

/// Every verdict has its words once.
pub(super) fn check_labels(file: &NormFile, labels: Vec<SoilLabel>) -> Result<Vec<SoilLabel>, LoadError> {
    for verdict in SoilVerdict::ALL {
        if labels.iter().filter(|label| label.verdict == verdict).count() != 1 {
            let (zh, en) = (format!("结论{verdict:?}须有且只有一条说明"), format!("{verdict:?} has one label"));
            return Err(file.error("label", &zh, &en));
        }
    }
    Ok(labels)
}
