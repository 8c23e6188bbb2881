//! The air quality index: HJ 633.

use super::{Pollutant, PollutantSet};
use crate::{Instrument, LoadError, NormFile, div_half_even};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// Over which hours a concentration is taken.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Averaging {
    /// The hour.
    Hour,
    /// The 8 hours that end with the hour.
    #[serde(rename = "moving_8h")]
    Moving8h,
    /// The 24 hours that end with the hour.
    #[serde(rename = "moving_24h")]
    Moving24h,
    /// The day's mean of hours.
    Day,
    /// The day's highest 8-hour mean.
    #[serde(rename = "day_max_8h")]
    DayMax8h,
    /// The day's highest hour.
    #[serde(rename = "day_max_1h")]
    DayMax1h,
}

/// What is reported on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Real-time report of an hour.
    Hour,
    /// Daily report.
    Day,
}

/// Whose reading of the rules is followed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Practice {
    /// As the national platform published.
    Platform,
    /// As the text of the standard says.
    Text,
}

/// One edition of HJ 633.
#[derive(Clone, Debug)]
pub struct AirIndex {
    /// The instrument.
    pub instrument: Instrument,
    /// Digits to which each pollutant is rounded before its index is taken.
    pub decimals: [u8; Pollutant::COUNT],
    /// Columns of breakpoints.
    pub columns: Vec<Column>,
    /// Categories from best to worst.
    pub categories: Vec<Category>,
    /// Which averages count in which report.
    pub reports: Vec<Report>,
    /// An incomplete index is published above this; never when `None`.
    pub publish_incomplete_above: Option<u16>,
    /// Up to this index no primary pollutant is named.
    pub primary_above: u16,
    /// The lowest index.
    pub aqi_min: u16,
}

/// One column of the breakpoint table, turned into the index of every rounded concentration.
#[derive(Clone, Debug)]
pub struct Column {
    /// Name such as `PM2_5_24h`.
    pub name: String,
    /// The pollutant.
    pub pollutant: Pollutant,
    /// Breakpoints as the standard prints them, in the unit of the pollutant.
    pub breakpoints: Vec<i64>,
    by_units: Vec<u16>,
    above: Option<u16>,
}

impl Column {
    /// The individual index of a concentration rounded to the edition's digits, in units of the last digit.
    ///
    /// `IAQI = (IAQIhi − IAQIlo) / (BPhi − BPlo) · (C − BPlo) + IAQIlo`, rounded up (HJ 633 式（1）).
    /// `None` for a negative concentration and where the standard computes none.
    #[inline]
    #[must_use]
    pub fn iaqi(&self, units: i64) -> Option<u16> {
        match usize::try_from(units) {
            Ok(units) => self.by_units.get(units).copied().or(self.above),
            Err(_) => None,
        }
    }
}

/// One pollutant in a report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Use {
    /// The pollutant.
    pub pollutant: Pollutant,
    /// Its averaging.
    pub averaging: Averaging,
    /// Number of its column.
    pub column: usize,
    /// What is used where the column computes no index.
    pub instead: Option<(Averaging, usize)>,
}

/// Which averages count at one level in one practice.
#[derive(Clone, Debug)]
pub struct Report {
    /// Level.
    pub level: Level,
    /// Practice.
    pub practice: Practice,
    /// Whether it is used when nobody asks for another.
    pub default: bool,
    /// The pollutants, in the usual order; ozone may come twice.
    pub uses: Vec<Use>,
}

/// A category of the index.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// 1 (best) to 6.
    pub level: u8,
    /// Lowest index.
    pub aqi_from: u16,
    /// Highest index.
    pub aqi_to: u16,
    /// The standard's word.
    pub category: String,
    /// English word.
    pub category_en: String,
    /// The standard's word for the level.
    pub level_zh: String,
    /// The standard's word for the colour.
    pub color_zh: String,
    /// Official colour.
    pub hex: String,
}

/// An hour or day with its indices. Concentrations are in units of the edition's last digit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Indexed {
    /// Rounded concentrations.
    pub concentration: [Option<i64>; Pollutant::COUNT],
    /// Individual indices.
    pub iaqi: [Option<u16>; Pollutant::COUNT],
    /// The index that the edition's completeness rule publishes.
    pub aqi: Option<u16>,
    /// The highest individual index of what is there.
    pub aqi_available: Option<u16>,
    /// Pollutants that share the highest index, when it is above 50.
    pub primary: PollutantSet,
    /// Pollutants without an individual index.
    pub missing: PollutantSet,
}

impl AirIndex {
    /// The report of a level in a practice; the edition's own default when it has no such practice or none is asked for.
    #[must_use]
    pub fn report(&self, level: Level, practice: Option<Practice>) -> Option<&Report> {
        let of_level = || self.reports.iter().filter(|report| report.level == level);
        of_level().find(|report| Some(report.practice) == practice).or_else(|| of_level().find(|report| report.default))
    }

    /// The column of a name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The category of an index.
    #[must_use]
    pub fn category(&self, aqi: u16) -> Option<&Category> {
        self.categories.iter().find(|category| aqi <= category.aqi_to)
    }

    /// The indices of one report. `concentration` gives the rounded concentration of a pollutant at an averaging,
    /// in units of the edition's last digit.
    pub fn judge(
        &self,
        report: &Report,
        mut concentration: impl FnMut(Pollutant, Averaging) -> Option<i64>,
    ) -> Indexed {
        let mut indexed = Indexed::default();
        let mut seen = PollutantSet::default();
        for entry in &report.uses {
            let number = entry.pollutant.number();
            // The averaging that comes first is the one that is shown; another of the same pollutant gives an index alone.
            let is_first = !seen.contains(entry.pollutant);
            seen.insert(entry.pollutant);
            let Some(units) = concentration(entry.pollutant, entry.averaging) else { continue };
            if units < 0 {
                continue;
            }
            if is_first {
                indexed.concentration[number] = Some(units);
            }
            let iaqi = self.columns[entry.column].iaqi(units).or_else(|| {
                let (averaging, column) = entry.instead?;
                self.columns[column].iaqi(concentration(entry.pollutant, averaging)?)
            });
            indexed.iaqi[number] = indexed.iaqi[number].max(iaqi);
        }
        self.summarise(&mut indexed);
        indexed
    }

    fn summarise(&self, indexed: &mut Indexed) {
        let highest = indexed.iaqi.iter().flatten().max().copied();
        for pollutant in Pollutant::ALL {
            let iaqi = indexed.iaqi[pollutant.number()];
            if iaqi.is_none() {
                indexed.missing.insert(pollutant);
            } else if iaqi == highest && highest > Some(self.primary_above) {
                indexed.primary.insert(pollutant);
            }
        }
        indexed.aqi_available = highest.map(|aqi| aqi.max(self.aqi_min));
        let published = indexed.missing.is_empty()
            || self.publish_incomplete_above.is_some_and(|limit| indexed.aqi_available > Some(limit));
        indexed.aqi = indexed.aqi_available.filter(|_| published);
    }

    /// Reads an `air-index/1` file.
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let table: Table = file.table()?;
        let fail = |span, zh: &str, en: &str| Err(file.error_at(Some(span), zh, en));
        let steps = table.index.iaqi.get_ref();
        if !steps.windows(2).all(|pair| pair[0] < pair[1]) {
            return fail(table.index.iaqi.span(), "分指数须严格递增", "the indices rise strictly");
        }
        let mut decimals = [0; Pollutant::COUNT];
        for pollutant in Pollutant::ALL {
            let Some(&digits) = table.index.decimals.get_ref().get(pollutant.name()) else {
                return fail(
                    table.index.decimals.span(),
                    &format!("缺少{}的修约位数", pollutant.name()),
                    &format!("no decimals for {}", pollutant.name()),
                );
            };
            if digits > 3 {
                return fail(table.index.decimals.span(), "修约位数最多3位", "at most 3 decimals");
            }
            decimals[pollutant.number()] = digits;
        }
        let mut columns: Vec<Column> = Vec::new();
        for column in &table.column {
            let name = column.name.get_ref();
            let Some(pollutant) = name.rsplit_once('_').and_then(|(stem, _)| Pollutant::from_name(stem)) else {
                return fail(column.name.span(), "列名不是“污染物_时段”", "the name is not POLLUTANT_PERIOD");
            };
            if columns.iter().any(|other| &other.name == name) {
                return fail(column.name.span(), "列名重复", "the name is taken");
            }
            let breakpoints = column.breakpoints.get_ref();
            let ascending = breakpoints.first() == Some(&0)
                && breakpoints.windows(2).all(|pair| pair[0] < pair[1])
                && (2..=steps.len()).contains(&breakpoints.len())
                && breakpoints.last() <= Some(&100_000);
            if !ascending {
                return fail(
                    column.breakpoints.span(),
                    "断点须从0起严格递增，且不多于分指数个数",
                    "breakpoints start at 0, rise strictly and are no more than the indices",
                );
            }
            let above = match &column.above {
                None => Some(steps[breakpoints.len() - 1]),
                Some(above) => match above.get_ref() {
                    Above::Iaqi(iaqi) => Some(*iaqi),
                    Above::Word(word) if word == "not_computed" => None,
                    Above::Word(_) => {
                        return fail(above.span(), "只能是分指数或not_computed", "an index or not_computed is wanted");
                    }
                },
            };
            let by_units = tabulate(breakpoints, steps, 10_i64.pow(u32::from(decimals[pollutant.number()])));
            columns.push(Column { name: name.clone(), pollutant, breakpoints: breakpoints.clone(), by_units, above });
        }
        let find = |name: &Spanned<String>| {
            columns.iter().position(|column| &column.name == name.get_ref()).ok_or_else(|| {
                file.error_at(
                    Some(name.span()),
                    &format!("没有断点列{}", name.get_ref()),
                    &format!("there is no column {}", name.get_ref()),
                )
            })
        };
        let mut reports = Vec::new();
        for report in &table.report {
            let mut uses = Vec::new();
            for entry in &report.uses {
                let Some(pollutant) = Pollutant::from_name(entry.parameter.get_ref()) else {
                    return fail(entry.parameter.span(), "不是六项污染物之一", "none of the six pollutants");
                };
                let instead = match &entry.instead {
                    Some(instead) => Some((instead.averaging, find(&instead.column)?)),
                    None => None,
                };
                uses.push(Use { pollutant, averaging: entry.averaging, column: find(&entry.column)?, instead });
            }
            reports.push(Report { level: report.level, practice: report.practice, default: report.default, uses });
        }
        for level in [Level::Hour, Level::Day] {
            if !reports.iter().any(|report| report.level == level && report.default) {
                return Err(file.error(
                    "report",
                    &format!("{level:?}: 没有默认的报告"),
                    &format!("{level:?}: no report is the default"),
                ));
            }
        }
        let gapless = table.category.windows(2).all(|pair| pair[0].aqi_to + 1 == pair[1].aqi_from);
        if table.category.is_empty() || !gapless {
            return Err(file.error("category", "类别须首尾相接", "categories follow each other without a gap"));
        }
        let publish_incomplete_above = match table.completeness.publish_incomplete_above.get_ref() {
            Above::Iaqi(limit) => Some(*limit),
            Above::Word(word) if word == "never" => None,
            Above::Word(_) => {
                return fail(
                    table.completeness.publish_incomplete_above.span(),
                    "只能是指数或never",
                    "an index or never is wanted",
                );
            }
        };
        Ok(Self {
            instrument: table.instrument,
            decimals,
            columns,
            categories: table.category,
            reports,
            publish_incomplete_above,
            primary_above: table.index.primary_above,
            aqi_min: table.index.aqi_min,
        })
    }
}

/// The index of every concentration from 0 to the last breakpoint, in steps of the last digit.
fn tabulate(breakpoints: &[i64], steps: &[u16], units_per_one: i64) -> Vec<u16> {
    let last = breakpoints[breakpoints.len() - 1] * units_per_one;
    let mut segment = 1;
    (0..=last)
        .map(|units| {
            while units > breakpoints[segment] * units_per_one {
                segment += 1;
            }
            let (low, high) = (breakpoints[segment - 1], breakpoints[segment]);
            let (from, to) = (i64::from(steps[segment - 1]), i64::from(steps[segment]));
            let rise = (to - from) * (units - low * units_per_one);
            let run = (high - low) * units_per_one;
            u16::try_from(from + (rise + run - 1) / run).unwrap_or(u16::MAX)
        })
        .collect()
}

/// Rounds the quotient of a sum of cells by `count · scale` to `decimals`, in units of the last digit.
#[inline]
pub(super) fn rounded_units(sum: i64, count: i64, scale: i64, decimals: u8) -> i64 {
    let numerator = sum * 10_i64.pow(u32::from(decimals));
    let denominator = count * scale;
    let quotient = numerator.div_euclid(denominator);
    let twice = numerator.rem_euclid(denominator) * 2;
    debug_assert_eq!(
        i128::from(quotient + i64::from(twice > denominator || (twice == denominator && quotient & 1 == 1))),
        div_half_even(i128::from(numerator), i128::from(denominator))
    );
    quotient + i64::from(twice > denominator || (twice == denominator && quotient & 1 == 1))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "read by the catalogue")]
    schema: String,
    instrument: Instrument,
    index: IndexTable,
    column: Vec<ColumnTable>,
    report: Vec<ReportTable>,
    completeness: Completeness,
    category: Vec<Category>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IndexTable {
    iaqi: Spanned<Vec<u16>>,
    aqi_min: u16,
    decimals: Spanned<BTreeMap<String, u8>>,
    #[expect(dead_code, reason = "for the reader of the file")]
    decimals_confidence: String,
    primary_above: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnTable {
    name: Spanned<String>,
    breakpoints: Spanned<Vec<i64>>,
    above: Option<Spanned<Above>>,
    #[expect(dead_code, reason = "for the reader of the file")]
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Above {
    Iaqi(u16),
    Word(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "source and confidence are for the reader of the file")]
struct ReportTable {
    level: Level,
    practice: Practice,
    #[serde(default)]
    default: bool,
    source: String,
    confidence: crate::Confidence,
    uses: Vec<UseTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UseTable {
    parameter: Spanned<String>,
    averaging: Averaging,
    column: Spanned<String>,
    instead: Option<InsteadTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InsteadTable {
    averaging: Averaging,
    column: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "source, confidence and note are for the reader of the file")]
struct Completeness {
    publish_incomplete_above: Spanned<Above>,
    source: String,
    confidence: crate::Confidence,
    #[serde(default)]
    note: String,
}
