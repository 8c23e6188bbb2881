//! Tables of classes: a value falls into the first class whose limit it meets (GB 3838, GB 3097, GB/T 14848).

use crate::origin::{Number, plain};
use crate::{LoadError, Mean, Measured, NormFile, Ratio};
use serde::Deserialize;
use std::collections::HashSet;
use toml::Spanned;

/// What is known of an item in a sample or period.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reading {
    /// A value, or the mean of several in which half the detection limit stands for a value below it.
    Mean(Mean),
    /// Nothing but values below detection; the highest detection limit.
    Below(Measured),
}

impl Reading {
    /// One number for it, to 10⁻⁹: the mean, or half the detection limit.
    #[must_use]
    pub fn value(self) -> Measured {
        match self {
            Self::Mean(mean) => mean.ratio().to_measured(),
            Self::Below(limit) => limit.below_detection(),
        }
    }
}

impl From<Measured> for Reading {
    fn from(value: Measured) -> Self {
        Self::Mean(value.into())
    }
}

/// River or lake: some limits differ.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WaterBody {
    /// Flowing water.
    #[default]
    River,
    /// Lakes and reservoirs that are not like rivers.
    Lake,
}

impl WaterBody {
    /// `river` or `lake`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::River => "river",
            Self::Lake => "lake",
        }
    }

    /// That of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::River, Self::Lake].into_iter().find(|body| body.name() == name)
    }
}

/// One item of a table of classes.
#[derive(Clone, PartialEq, Debug)]
pub struct ClassItem {
    /// Its parameter, such as `CODMn`.
    pub parameter: String,
    /// Chinese name as printed.
    pub name_zh: String,
    /// Whether it is judged in lakes alone.
    pub lake_only: bool,
    limits: Limits,
    limits_lake: Option<Limits>,
}

/// The limits of the classes from the best on. Classes behind the last row are met by any value when the table is open.
#[derive(Clone, PartialEq, Debug)]
enum Limits {
    AtMost(Vec<Measured>),
    AtLeast(Vec<Measured>),
    Above(Vec<Measured>),
    Within(Vec<[Measured; 2]>),
}

/// What is wrong with an item, in Chinese and English.
type Wrong = (&'static str, &'static str);

impl Limits {
    fn of_row(row: &ItemRow, at_most: Option<&Vec<Number>>) -> Result<Self, Wrong> {
        match (at_most, &row.at_least, &row.above, &row.within) {
            (Some(limits), None, None, None) => rising(limits).map(Self::AtMost),
            (None, Some(limits), None, None) => falling(limits).map(Self::AtLeast),
            (None, None, Some(limits), None) => falling(limits).map(Self::Above),
            (None, None, None, Some(ranges)) => widening(ranges).map(Self::Within),
            _ => {
                Err(("须有 at_most、at_least、above、within 之一", "one of at_most, at_least, above, within is wanted"))
            }
        }
    }

    const fn rows(&self) -> usize {
        match self {
            Self::AtMost(limits) | Self::AtLeast(limits) | Self::Above(limits) => limits.len(),
            Self::Within(ranges) => ranges.len(),
        }
    }

    /// How many classes a value fails.
    fn failed(&self, value: Mean) -> usize {
        let behind = |found: Option<usize>| found.unwrap_or(self.rows());
        match self {
            Self::AtMost(limits) => behind(limits.iter().position(|&limit| value <= limit)),
            Self::AtLeast(limits) => behind(limits.iter().position(|&limit| value >= limit)),
            Self::Above(limits) => behind(limits.iter().position(|&limit| value > limit)),
            Self::Within(ranges) => behind(ranges.iter().position(|&[low, high]| value >= low && value <= high)),
        }
    }
}

fn rising(limits: &[Number]) -> Result<Vec<Measured>, Wrong> {
    let limits = plain(limits);
    if limits.is_sorted() {
        Ok(limits)
    } else {
        Err(("限值须逐类不减", "limits must not fall from class to class"))
    }
}

fn falling(limits: &[Number]) -> Result<Vec<Measured>, Wrong> {
    let limits = plain(limits);
    let fits = limits.is_sorted_by(|a, b| a >= b);
    if fits { Ok(limits) } else { Err(("限值须逐类不增", "limits must not rise from class to class")) }
}

fn widening(ranges: &[[Number; 2]]) -> Result<Vec<[Measured; 2]>, Wrong> {
    let ranges: Vec<[Measured; 2]> = ranges.iter().map(|range| range.map(|number| number.0)).collect();
    let wider = |a: &[Measured; 2], b: &[Measured; 2]| b[0] <= a[0] && a[1] <= b[1];
    if ranges.iter().all(|[low, high]| low < high) && ranges.is_sorted_by(wider) {
        Ok(ranges)
    } else {
        Err(("范围须逐类扩大", "ranges must hold one another from class to class"))
    }
}

impl ClassItem {
    fn limits(&self, body: WaterBody) -> &Limits {
        match (&self.limits_lake, body) {
            (Some(limits), WaterBody::Lake) => limits,
            _ => &self.limits,
        }
    }

    /// The class of a reading, from 1; one behind the last when no class is met.
    ///
    /// What lies below detection has the class of its detection limit, and the best one where the best class is
    /// "not detected" (a limit of zero).
    #[must_use]
    pub fn class(&self, body: WaterBody, reading: Reading) -> u8 {
        let limits = self.limits(body);
        let failed = match (reading, limits) {
            (Reading::Mean(mean), limits) => limits.failed(mean),
            (Reading::Below(_), Limits::AtMost(at_most)) if at_most.first() == Some(&Measured::ZERO) => 0,
            (Reading::Below(limit), limits) => limits.failed(limit.into()),
        };
        failed as u8 + 1
    }

    /// The limit that a class has as one number; none where it is a range or has no limit.
    #[must_use]
    pub fn limit(&self, body: WaterBody, class: u8) -> Option<Measured> {
        match self.limits(body) {
            Limits::AtMost(limits) | Limits::AtLeast(limits) | Limits::Above(limits) => {
                limits.get(usize::from(class.checked_sub(1)?)).copied()
            }
            Limits::Within(_) => None,
        }
    }

    /// By which multiple of the limit a value is above it: (C − S) / S; none where more is better, or below it.
    #[must_use]
    pub fn exceedance(&self, body: WaterBody, class: u8, reading: Reading) -> Option<Ratio> {
        let Limits::AtMost(limits) = self.limits(body) else { return None };
        let limit = *limits.get(usize::from(class.checked_sub(1)?))?;
        let value = match reading {
            Reading::Mean(mean) => mean.ratio(),
            Reading::Below(limit) => limit.ratio(),
        };
        let multiple = value.over(limit.ratio())?.plus(Ratio::new(-1, 1));
        (multiple > Ratio::new(0, 1)).then_some(multiple)
    }

    /// The comparison that gives a class, for people: `6.9 > 6` or `6.9 ≤ 10`.
    #[must_use]
    pub fn comparison(&self, body: WaterBody, class: u8) -> String {
        let at = |limits: &[Measured], number: usize| limits.get(number).map(Measured::to_string);
        let number = usize::from(class) - 1;
        let better = |number: usize| number.checked_sub(1);
        let one_sided = |limits: &[Measured], met: &str, failed: &str| {
            let left = better(number).and_then(|better| at(limits, better)).map(|limit| format!("{failed} {limit}"));
            let right = at(limits, number).map(|limit| format!("{met} {limit}"));
            [left, right].into_iter().flatten().collect::<Vec<_>>().join(", ")
        };
        match self.limits(body) {
            Limits::AtMost(limits) => one_sided(limits, "≤", ">"),
            Limits::AtLeast(limits) => one_sided(limits, "≥", "<"),
            Limits::Above(limits) => one_sided(limits, ">", "≤"),
            Limits::Within(ranges) => match ranges.get(number).or(ranges.last()) {
                Some([low, high]) if number < ranges.len() => format!("{low}–{high}"),
                Some([low, high]) => format!("< {low} / > {high}"),
                None => String::new(),
            },
        }
    }
}

/// A table of classes.
#[derive(Clone, Debug)]
pub struct ClassTable {
    /// The words of the classes from the best on, and of what meets none.
    pub words: Vec<String>,
    /// The items, in the order of the standard.
    pub items: Vec<ClassItem>,
}

/// The class of a sample or period, and what set it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Classified {
    /// The worst class, from 1.
    pub class: u8,
    /// Numbers of the items that have it, in the order of the standard.
    pub deciding: Vec<usize>,
}

impl ClassTable {
    /// The number of an item.
    #[must_use]
    pub fn number(&self, parameter: &str) -> Option<usize> {
        self.items.iter().position(|item| item.parameter == parameter)
    }

    /// The word of a class; that of what meets none for all behind the last.
    ///
    /// # Panics
    /// Never: a table without words is not loaded.
    #[must_use]
    pub fn word(&self, class: u8) -> &str {
        let number = usize::from(class.max(1)) - 1;
        &self.words[number.min(self.words.len() - 1)]
    }

    /// The class that a word means: as printed, in Latin letters (`III`, `劣V`), or a number; with or without 类.
    #[must_use]
    pub fn class_of(&self, word: &str) -> Option<u8> {
        const LATIN: [(&str, &str); 5] = [("Ⅰ", "I"), ("Ⅱ", "II"), ("Ⅲ", "III"), ("Ⅳ", "IV"), ("Ⅴ", "V")];
        let plain = |word: &str| {
            let word = word.trim().trim_end_matches('类').trim_start_matches('第').to_uppercase();
            LATIN.iter().fold(word, |word, (roman, latin)| word.replace(roman, latin))
        };
        let wanted = plain(word);
        let found = self.words.iter().position(|known| plain(known) == wanted);
        let number = wanted.parse::<usize>().ok().filter(|number| (1..=self.words.len()).contains(number));
        found.map(|place| place + 1).or(number).map(|class| class as u8)
    }

    /// Single-factor judgement: the worst class of the items; those of lakes alone are passed over in a river. `None`
    /// without any reading.
    #[must_use]
    pub fn judge(&self, body: WaterBody, readings: impl IntoIterator<Item = (usize, Reading)>) -> Option<Classified> {
        let mut worst = Classified { class: 0, deciding: Vec::new() };
        for (number, reading) in readings {
            if self.items[number].lake_only && body == WaterBody::River {
                continue;
            }
            let class = self.items[number].class(body, reading);
            if class > worst.class {
                worst = Classified { class, deciding: vec![number] };
            } else if class == worst.class {
                worst.deciding.push(number);
            }
        }
        (worst.class > 0).then_some(worst)
    }

    /// The items worse than a class, worst first (main pollutants).
    #[must_use]
    pub fn exceeding(&self, rule: &MainPollutants, body: WaterBody, readings: &[(usize, Reading)]) -> Vec<Exceeding> {
        let mut found: Vec<(bool, u8, Option<Ratio>, usize)> = Vec::new();
        for &(number, reading) in readings {
            let item = &self.items[number];
            let class = item.class(body, reading);
            if class <= rule.worse_than {
                continue;
            }
            let plain = !rule.without_multiple.contains(&item.parameter);
            let multiple = plain.then(|| item.exceedance(body, rule.worse_than, reading)).flatten();
            found.push((!rule.first.contains(&item.parameter), class, multiple, number));
        }
        let none = Ratio::new(-1, 1);
        found.sort_by(|a, b| {
            let worse = b.1.cmp(&a.1);
            a.0.cmp(&b.0).then(worse).then(b.2.unwrap_or(none).cmp(&a.2.unwrap_or(none))).then(a.3.cmp(&b.3))
        });
        found.truncate(rule.count);
        let exceeding = |(_, class, multiple, item): (bool, u8, Option<Ratio>, usize)| Exceeding {
            item,
            class,
            multiple: multiple.map(|multiple| multiple.rounded(rule.decimals).to_string()),
        };
        found.into_iter().map(exceeding).collect()
    }

    /// `CODMn(0.15);DO`: items with their multiples.
    #[must_use]
    pub fn exceeding_text(&self, exceeding: &[Exceeding]) -> String {
        let one = |one: &Exceeding| {
            let name = &self.items[one.item].parameter;
            one.multiple.as_ref().map_or_else(|| name.clone(), |multiple| format!("{name}({multiple})"))
        };
        exceeding.iter().map(one).collect::<Vec<_>>().join(";")
    }

    /// Names of items, joined with `;`.
    #[must_use]
    pub fn names(&self, items: &[usize]) -> String {
        items.iter().map(|&item| self.items[item].parameter.as_str()).collect::<Vec<_>>().join(";")
    }

    /// Reads `[classes]` and `[table]` of a file.
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let table: Table = file.table()?;
        let mut words = table.classes.words;
        if words.is_empty() {
            return Err(file.error("words", "没有类别", "there is no class"));
        }
        let count = words.len();
        words.push(table.classes.worse);
        let (mut items, mut seen) = (Vec::new(), HashSet::new());
        for row in table.table.items {
            let span = row.span();
            let row = row.into_inner();
            let wrong = |(zh, en): Wrong| {
                let name = &row.parameter;
                file.error_at(Some(span.clone()), &format!("项目“{name}”：{zh}"), &format!("“{name}”: {en}"))
            };
            if !seen.insert(row.parameter.clone()) {
                return Err(wrong(("项目重复", "the item stands twice")));
            }
            let limits = Limits::of_row(&row, row.at_most.as_ref()).map_err(wrong)?;
            let lake = row.at_most_lake.as_ref().map(|lake| Limits::of_row(&row, Some(lake)).map_err(wrong));
            let limits_lake = lake.transpose()?;
            for limits in std::iter::once(&limits).chain(&limits_lake) {
                let fits = if row.rest_open { limits.rows() < count } else { limits.rows() == count };
                if !fits {
                    return Err(wrong(("每一类须有一个限值", "there must be one limit for each class")));
                }
            }
            items.push(ClassItem {
                parameter: row.parameter.clone(),
                name_zh: row.name_zh.clone(),
                lake_only: row.lake_only,
                limits,
                limits_lake,
            });
        }
        Ok(Self { words, items })
    }
}

/// How the main pollutants of a place are found.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MainPollutants {
    /// Items worse than this class.
    pub worse_than: u8,
    /// So many of them.
    pub count: usize,
    /// Digits of a multiple.
    pub decimals: u8,
    /// Items that come first of all.
    pub first: Vec<String>,
    /// Items without a multiple.
    pub without_multiple: Vec<String>,
    /// The clause.
    pub source: String,
    /// How sure we are of it.
    pub confidence: crate::Confidence,
    /// What a user should know.
    #[serde(default)]
    pub note: String,
}

/// An item worse than a class.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exceeding {
    /// Its number in the table.
    pub item: usize,
    /// Its class.
    pub class: u8,
    /// (C − S) / S, rounded; none for items without one.
    pub multiple: Option<String>,
}

#[derive(Deserialize)]
struct Table {
    classes: Words,
    table: Items,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    words: Vec<String>,
    worse: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Items {
    items: Vec<Spanned<ItemRow>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemRow {
    parameter: String,
    name_zh: String,
    at_most: Option<Vec<Number>>,
    at_most_lake: Option<Vec<Number>>,
    at_least: Option<Vec<Number>>,
    above: Option<Vec<Number>>,
    within: Option<Vec<[Number; 2]>>,
    #[serde(default)]
    rest_open: bool,
    #[serde(default)]
    lake_only: bool,
}
