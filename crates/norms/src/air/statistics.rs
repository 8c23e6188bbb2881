//! How days become a month or a year: HJ 663; composite index and ranking.

use super::{LimitKind, Pollutant, PollutantSet};
use crate::{Confidence, Instrument, LoadError, NormFile};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// One edition of HJ 663.
#[derive(Clone, Debug)]
pub struct AirStatistics {
    /// The instrument.
    pub instrument: Instrument,
    /// The day's highest 8-hour mean of ozone.
    pub ozone: Ozone,
    /// Digits of reported concentrations.
    pub decimals: [u8; Pollutant::COUNT],
    /// Digits of a reported ratio.
    pub ratio_decimals: u8,
    /// Percentile of daily values per pollutant, in percent.
    pub percentile: [u32; Pollutant::COUNT],
    /// Pollutants with an annual mean.
    pub with_mean: PollutantSet,
    /// Pollutants from whose mean sand-dust days are taken out.
    pub dust_from_mean: PollutantSet,
    /// Pollutants from whose percentile sand-dust days are taken out.
    pub dust_from_percentile: PollutantSet,
    /// Highest index of an excellent day.
    pub excellent_to: u16,
    /// Highest index of a good day.
    pub good_to: u16,
}

/// The day's highest 8-hour mean: HJ 663 6.1.2.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ozone {
    /// Hours in a window.
    pub window_hours: usize,
    /// First hour in which a window ends, 1-24.
    pub window_end_first: usize,
    /// Last hour in which a window ends.
    pub window_end_last: usize,
    /// Windows that a day needs.
    pub windows_min: u32,
    /// With fewer, a maximum above this grade of the daily limit still counts.
    pub exception_above_grade: usize,
    /// Clause.
    pub source: String,
    /// How sure we are.
    pub confidence: Confidence,
    /// Remark.
    #[serde(default)]
    pub note: String,
}

/// Which statistic of a period an item takes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Statistic {
    /// Mean of the days.
    Mean,
    /// The pollutant's percentile of the days.
    Percentile,
}

/// The composite index and the rule of ranking.
#[derive(Clone, Debug)]
pub struct Composite {
    /// The instrument.
    pub instrument: Instrument,
    /// Digits to which each item is rounded before it is added.
    pub item_decimals: u8,
    /// Grade of the limit.
    pub grade: usize,
    /// The items.
    pub items: Vec<CompositeItem>,
}

/// One item of the composite index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CompositeItem {
    /// The pollutant.
    pub pollutant: Pollutant,
    /// What is divided.
    pub statistic: Statistic,
    /// By which limit.
    pub limit: LimitKind,
    /// Times which weight.
    pub weight: u32,
}

impl AirStatistics {
    /// Reads an `air-statistics/1` file.
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let table: StatisticsTable = file.table()?;
        let ozone = table.ozone.get_ref();
        let in_day = ozone.window_hours >= 1
            && ozone.window_end_first >= ozone.window_hours
            && ozone.window_end_first <= ozone.window_end_last
            && ozone.window_end_last <= 24;
        if !in_day {
            return Err(file.error_at(
                Some(table.ozone.span()),
                "臭氧滑动窗口须在当日之内",
                "ozone windows lie within the day",
            ));
        }
        let mut decimals = [0; Pollutant::COUNT];
        let mut percentile = [0; Pollutant::COUNT];
        let mut with_mean = PollutantSet::default();
        for pollutant in Pollutant::ALL {
            let name = pollutant.name();
            let year = table.year.iter().find(|row| row.parameter.get_ref() == name).ok_or_else(|| {
                file.error("year", &format!("缺少{name}的年评价项目"), &format!("no annual statistics of {name}"))
            })?;
            if year.percentile > 100 {
                return Err(file.error_at(Some(year.parameter.span()), "百分位数不超过100", "at most 100 percent"));
            }
            percentile[pollutant.number()] = year.percentile;
            if year.mean {
                with_mean.insert(pollutant);
            }
            decimals[pollutant.number()] = *table.reporting.decimals.get(name).ok_or_else(|| {
                file.error("reporting", &format!("缺少{name}的位数"), &format!("no decimals for {name}"))
            })?;
        }
        let dust: PollutantSet = table.dust.parameters.iter().filter_map(|name| Pollutant::from_name(name)).collect();
        let of = |statistic| if table.dust.statistics.contains(&statistic) { dust } else { PollutantSet::default() };
        Ok(Self {
            ozone: ozone.clone(),
            decimals,
            ratio_decimals: table.reporting.ratio_decimals,
            percentile,
            with_mean,
            dust_from_mean: of(Statistic::Mean),
            dust_from_percentile: of(Statistic::Percentile),
            excellent_to: table.good_days.excellent_to,
            good_to: table.good_days.good_to,
            instrument: table.instrument,
        })
    }
}

impl Composite {
    /// Reads an `air-composite/1` file.
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let table: CompositeTable = file.table()?;
        let mut items = Vec::new();
        for item in table.composite.item {
            let Some(pollutant) = Pollutant::from_name(item.parameter.get_ref()) else {
                return Err(file.error_at(
                    Some(item.parameter.span()),
                    "不是六项污染物之一",
                    "none of the six pollutants",
                ));
            };
            items.push(CompositeItem { pollutant, statistic: item.statistic, limit: item.limit, weight: item.weight });
        }
        Ok(Self {
            instrument: table.instrument,
            item_decimals: table.composite.item_decimals,
            grade: table.composite.grade,
            items,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the schema is read by the catalogue, the percentile rule is for the reader")]
struct StatisticsTable {
    schema: String,
    instrument: Instrument,
    ozone: Spanned<Ozone>,
    reporting: Reporting,
    year: Vec<YearTable>,
    percentile_validity: PercentileValidity,
    dust: Dust,
    good_days: GoodDays,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "source and confidence are for the reader of the file")]
struct Reporting {
    decimals: BTreeMap<String, u8>,
    ratio_decimals: u8,
    source: String,
    confidence: Confidence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearTable {
    parameter: Spanned<String>,
    mean: bool,
    percentile: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "for the reader of the file")]
struct PercentileValidity {
    same_as_mean: bool,
    source: String,
    confidence: Confidence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "source and confidence are for the reader of the file")]
struct Dust {
    parameters: Vec<String>,
    statistics: Vec<Statistic>,
    source: String,
    confidence: Confidence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "source and confidence are for the reader of the file")]
struct GoodDays {
    excellent_to: u16,
    good_to: u16,
    source: String,
    confidence: Confidence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the schema is read by the catalogue, the ranking rule is for the reader")]
struct CompositeTable {
    schema: String,
    instrument: Instrument,
    composite: CompositeRule,
    ranking: Ranking,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "source and confidence are for the reader of the file")]
struct CompositeRule {
    item_decimals: u8,
    grade: usize,
    source: String,
    confidence: Confidence,
    item: Vec<ItemTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemTable {
    parameter: Spanned<String>,
    statistic: Statistic,
    limit: LimitKind,
    weight: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "for the reader of the file")]
struct Ranking {
    order: String,
    ties: String,
    source: String,
    confidence: Confidence,
}
