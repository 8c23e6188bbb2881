//! Judgement of surface water: classes of GB 3838, sections, rivers and lakes by 环办〔2011〕22号, the index of cities.

use crate::classes::{ClassTable, Classified, Exceeding, MainPollutants, Reading, WaterBody};
use crate::{Confidence, Dated, Day, Instrument, LoadError, Mean, Measured, NormFile, Ratio, Rounded, Term};
use serde::Deserialize;

/// The dated tables of surface water.
#[derive(Clone, Debug, Default)]
pub struct SurfaceWaterNorms {
    /// GB 3838.
    pub standard: Dated<SurfaceWaterStandard>,
    /// 环办〔2011〕22号.
    pub evaluation: Dated<SurfaceWaterEvaluation>,
    /// The index of cities.
    pub index: Dated<CityWaterIndex>,
}

/// One edition of GB 3838.
#[derive(Clone, Debug)]
pub struct SurfaceWaterStandard {
    /// The instrument.
    pub instrument: Instrument,
    /// Table 1.
    pub classes: ClassTable,
    /// The other way to meet class I of dissolved oxygen.
    pub saturation: Option<Saturation>,
    /// Items of drinking-water sources (tables 2 and 3), met or not.
    pub drinking: Vec<DrinkingItem>,
}

/// A measured saturation that also meets class I.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saturation {
    /// The item, dissolved oxygen.
    pub parameter: String,
    /// The parameter that carries the measured saturation, %.
    pub measured_as: String,
    /// Least saturation, %.
    pub at_least: i64,
}

/// An item of a drinking-water source beside the classes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DrinkingItem {
    /// Chinese name as printed.
    pub name_zh: String,
    /// Highest value, mg/L.
    pub at_most: Measured,
    /// The table of the standard.
    pub source: String,
}

/// One edition of the rules by which sections, rivers and lakes are judged.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurfaceWaterEvaluation {
    #[serde(rename = "schema")]
    _schema: String,
    /// The instrument.
    pub instrument: Instrument,
    /// Which items make the class.
    pub section: SectionRule,
    /// States with their colours, best first.
    pub state: Vec<WaterState>,
    #[serde(rename = "state_colors")]
    _state_colors: Cited,
    /// Main pollutants.
    pub main_pollutants: MainPollutants,
    /// Rivers and basins.
    pub river: RiverRule,
    /// How many months a year needs.
    pub statistics: YearRule,
    /// Trophic state of lakes.
    pub trophic: TrophicRule,
    /// Words of change.
    pub change: ChangeRule,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cited {
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "confidence")]
    _confidence: Confidence,
}

/// Which items of the standard make the class of a section.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionRule {
    /// Items that take no part.
    pub left_out: Vec<String>,
    /// The clause.
    pub source: String,
    /// How sure we are of it.
    pub confidence: Confidence,
}

/// A state of water quality.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaterState {
    /// The worst class that still has it.
    pub class_to: u8,
    /// The word of the rule.
    pub state: String,
    /// In English.
    pub state_en: String,
    /// The colour's name in the rule.
    pub color_zh: String,
    /// The colour that we draw.
    pub color: String,
}

/// How rivers and basins are judged.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiverRule {
    /// From so many sections on shares are judged; with fewer, means of items.
    pub sections_min: usize,
    /// The worst class that counts as good.
    pub good_class: u8,
    /// Share of good sections of 优, per cent.
    pub excellent_from: i64,
    /// Share of good sections of 良好, per cent.
    pub good_from: i64,
    /// Share of sections worse than all classes of 中度污染, per cent.
    pub moderate_from: i64,
    /// Share of sections worse than all classes of 重度污染, per cent.
    pub heavy_from: i64,
    /// The clause.
    pub source: String,
    /// How sure we are of it.
    pub confidence: Confidence,
    /// What a user should know.
    pub note: String,
}

/// How many months a year needs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearRule {
    /// Least months where water freezes or runs dry.
    pub year_months_min: u32,
    /// The clause.
    pub source: String,
    /// How sure we are of it.
    pub confidence: Confidence,
    /// What a user should know.
    pub note: String,
}

/// The trophic index of lakes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrophicRule {
    /// Items with their coefficients.
    pub items: Vec<TrophicItem>,
    /// Below this index a lake is poor.
    pub poor_below: f64,
    /// Its word.
    pub poor: String,
    /// Grades with their upper bounds.
    pub grades: Vec<UpTo>,
    /// The word above the last.
    pub worst: String,
    /// The clause.
    pub source: String,
    /// How sure we are of it.
    pub confidence: Confidence,
}

/// One item of the trophic index: 10·(a + b·ln x), weighted by r².
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrophicItem {
    /// Its parameter.
    pub parameter: String,
    /// The unit of x.
    pub unit: String,
    /// Constant.
    pub a: f64,
    /// Factor of the logarithm.
    pub b: f64,
    /// Squared correlation with chlorophyll.
    pub r2: f64,
}

/// A grade up to and including a bound.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpTo {
    /// Its word.
    pub grade: String,
    /// Highest value.
    pub to: f64,
}

/// The word of a value: `low` below the first bound, then the first grade whose bound holds it, else `worst`.
pub(crate) fn word_of<'a>(value: f64, low: (f64, &'a str), grades: &'a [UpTo], worst: &'a str) -> &'a str {
    if value < low.0 {
        return low.1;
    }
    grades.iter().find(|grade| value <= grade.to).map_or(worst, |grade| &grade.grade)
}

/// The words of change.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeRule {
    /// Classes of some change.
    pub some_classes: u8,
    /// Classes of a clear change.
    pub clear_classes: u8,
    /// Points above which a river changes somewhat.
    pub some_points: i64,
    /// Points above which it changes clearly.
    pub clear_points: i64,
    /// The clause.
    pub source: String,
    /// How sure we are of it.
    pub confidence: Confidence,
}

/// How water changed since another period.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// 明显好转.
    ClearlyBetter,
    /// 有所好转.
    Better,
    /// 无明显变化.
    Same,
    /// 有所下降.
    Worse,
    /// 明显下降.
    ClearlyWorse,
}

impl ChangeRule {
    /// The change of a section from one class to another.
    #[must_use]
    pub const fn of_classes(&self, before: u8, now: u8) -> Change {
        let steps = before.abs_diff(now);
        match (now < before, steps >= self.clear_classes, steps >= self.some_classes) {
            (true, true, _) => Change::ClearlyBetter,
            (true, _, true) => Change::Better,
            (false, true, _) => Change::ClearlyWorse,
            (false, _, true) => Change::Worse,
            _ => Change::Same,
        }
    }

    /// The change of a river by X, the change of the share of good sections less that of those worse than all classes,
    /// in percentage points.
    #[must_use]
    pub fn of_shares(&self, x: Ratio) -> Change {
        let points = |points: i64| Ratio::new(i128::from(points), 1);
        if x > points(self.clear_points) {
            Change::ClearlyBetter
        } else if x > points(self.some_points) {
            Change::Better
        } else if x < points(-self.clear_points) {
            Change::ClearlyWorse
        } else if x < points(-self.some_points) {
            Change::Worse
        } else {
            Change::Same
        }
    }
}

/// The index by which cities are ranked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CityWaterIndex {
    #[serde(rename = "schema")]
    _schema: String,
    /// The instrument.
    pub instrument: Instrument,
    index: IndexRule,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IndexRule {
    class: u8,
    inverted: Vec<String>,
    range: RangeItem,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RangeItem {
    parameter: String,
    low: f64,
    middle: f64,
    high: f64,
}

impl CityWaterIndex {
    /// The index of one item: C / S, inverted for oxygen, the distance from the middle for pH.
    ///
    /// ```
    /// # use norms::{NormFile, Norms};
    /// # let file = |path: &str, text: &str| NormFile { path: path.into(), text: text.into() };
    /// # let files = [
    /// #     file("parameters.csv", include_str!("../../../norms/parameters.csv")),
    /// #     file("a.toml", include_str!("../../../norms/gb3838/2002.toml")),
    /// #     file("b.toml", include_str!("../../../norms/surface-water/cwqi-2017.toml")),
    /// # ];
    /// # let norms = Norms::load(&files).unwrap();
    /// let day = "2022-06-01".parse().unwrap();
    /// let (standard, index) = (norms.surface_water.standard.on(day).unwrap(), norms.surface_water.index.on(day).unwrap());
    /// let ph = standard.classes.number("pH").unwrap();
    /// let value: norms::Measured = "8.2".parse().unwrap();
    /// assert!((index.item(&standard.classes, Default::default(), ph, value.into()).unwrap() - 0.60).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn item(&self, classes: &ClassTable, body: WaterBody, number: usize, value: Mean) -> Option<f64> {
        let (item, rule) = (&classes.items[number], &self.index);
        let value = value.ratio();
        if item.parameter == rule.range.parameter {
            let RangeItem { low, middle, high, .. } = rule.range;
            let value = value.to_f64();
            return Some(if value <= middle {
                (middle - value) / (middle - low)
            } else {
                (value - middle) / (high - middle)
            });
        }
        let limit = item.limit(body, rule.class)?.ratio();
        if rule.inverted.contains(&item.parameter) { limit.over(value) } else { value.over(limit) }.map(Ratio::to_f64)
    }

    /// The sum over items.
    #[must_use]
    pub fn sum(&self, classes: &ClassTable, body: WaterBody, means: &[(usize, Mean)]) -> f64 {
        means.iter().filter_map(|&(number, mean)| self.item(classes, body, number, mean)).sum()
    }

    /// The index of a city from its rivers and lakes, weighted by their sections and points; none without either.
    #[must_use]
    pub fn city(&self, rivers: (f64, u32), lakes: (f64, u32)) -> Option<f64> {
        let count = rivers.1 + lakes.1;
        (count > 0).then(|| (rivers.0 * f64::from(rivers.1) + lakes.0 * f64::from(lakes.1)) / f64::from(count))
    }
}

/// The editions that judge one day.
#[derive(Clone, Copy, Debug)]
pub struct SurfaceWaterRules<'a> {
    /// GB 3838.
    pub standard: &'a SurfaceWaterStandard,
    /// 环办〔2011〕22号.
    pub evaluation: &'a SurfaceWaterEvaluation,
}

/// A judged section or lake point.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Section {
    /// Class and the items that set it.
    pub classified: Classified,
    /// Main pollutants.
    pub exceeding: Vec<Exceeding>,
}

/// A judged river or basin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct River<'a> {
    /// State.
    pub state: &'a WaterState,
    /// The class, with fewer sections than shares need.
    pub class: Option<u8>,
    /// Good sections, those worse than all classes, all.
    pub counts: [usize; 3],
}

impl SurfaceWaterNorms {
    /// Takes a file in when its schema is one of surface water.
    pub(crate) fn read(&mut self, schema: &str, term: Term, file: &NormFile) -> Result<bool, LoadError> {
        match schema {
            "surface-water/1" => self.standard.add_of(file, term, SurfaceWaterStandard::load(file)?)?,
            "surface-water-evaluation/1" => self.evaluation.add_of(file, term, SurfaceWaterEvaluation::load(file)?)?,
            "surface-water-index/1" => self.index.add_of(file, term, CityWaterIndex::load(file)?)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The editions in force on a day; `None` when one is missing.
    #[must_use]
    pub fn on(&self, day: Day) -> Option<SurfaceWaterRules<'_>> {
        Some(SurfaceWaterRules { standard: self.standard.on(day)?, evaluation: self.evaluation.on(day)? })
    }
}

impl<'a> SurfaceWaterRules<'a> {
    /// Whether an item makes the class.
    #[must_use]
    pub fn counts(&self, number: usize) -> bool {
        !self.evaluation.section.left_out.contains(&self.standard.classes.items[number].parameter)
    }

    /// Judges a section by its worst item (22号文 二(一)1). Items that take no part are passed over; `saturation` is a
    /// measured saturation of oxygen, %. `None` without any item that counts.
    #[must_use]
    pub fn section(
        &self,
        body: WaterBody,
        readings: &[(usize, Reading)],
        saturation: Option<Measured>,
    ) -> Option<Section> {
        let classes = &self.standard.classes;
        let saturated = |number: usize| {
            let rule = self.standard.saturation.as_ref();
            rule.zip(saturation).is_some_and(|(rule, measured)| {
                rule.parameter == classes.items[number].parameter && measured >= Measured::whole(rule.at_least)
            })
        };
        let counting: Vec<(usize, Reading)> = readings
            .iter()
            .filter(|(number, _)| self.counts(*number))
            .map(|&(number, reading)| {
                let best = classes.items[number].limit(body, 1).filter(|_| saturated(number));
                (number, best.map_or(reading, Reading::from))
            })
            .collect();
        let classified = classes.judge(body, counting.iter().copied())?;
        let exceeding = classes.exceeding(&self.evaluation.main_pollutants, body, &counting);
        Some(Section { classified, exceeding })
    }

    /// The state of a class.
    #[must_use]
    pub fn state(&self, class: u8) -> Option<&'a WaterState> {
        self.evaluation.state.iter().find(|state| class <= state.class_to)
    }

    /// Judges a river or basin (22号文 二(一)2): by the means of items with few sections, else by shares. `None` without a
    /// judged section.
    #[must_use]
    pub fn river(&self, sections: &[Vec<(usize, Reading)>]) -> Option<River<'a>> {
        let rule = &self.evaluation.river;
        let judged: Vec<u8> = sections
            .iter()
            .filter_map(|readings| self.section(WaterBody::River, readings, None))
            .map(|section| section.classified.class)
            .collect();
        if judged.len() >= rule.sections_min {
            return self.river_of_classes(&judged);
        }
        let mut means = vec![Mean::default(); self.standard.classes.items.len()];
        for &(number, reading) in sections.iter().flatten() {
            means[number].add(reading.value());
        }
        let readings: Vec<(usize, Reading)> = means
            .into_iter()
            .enumerate()
            .filter(|(_, mean)| mean.count() > 0)
            .map(|(number, mean)| (number, Reading::Mean(mean)))
            .collect();
        let class = self.section(WaterBody::River, &readings, None)?.classified.class;
        let counts = self.counts_of(&judged);
        Some(River { state: self.state(class)?, class: Some(class), counts })
    }

    /// Judges a river by the classes of its sections, by shares alone. `None` without any.
    #[must_use]
    pub fn river_of_classes(&self, classes: &[u8]) -> Option<River<'a>> {
        let counts = self.counts_of(classes);
        let [good, worst, all] = counts;
        self.state_of_shares(percent(good, all)?, percent(worst, all)?).map(|state| River {
            state,
            class: None,
            counts,
        })
    }

    fn counts_of(&self, classes: &[u8]) -> [usize; 3] {
        let good = classes.iter().filter(|class| **class <= self.evaluation.river.good_class).count();
        let behind = self.standard.classes.words.len();
        let worst = classes.iter().filter(|class| usize::from(**class) >= behind).count();
        [good, worst, classes.len()]
    }

    /// The state of a river whose sections are good and worse than all classes to these shares, in per cent.
    #[must_use]
    pub fn state_of_shares(&self, good: Ratio, worst: Ratio) -> Option<&'a WaterState> {
        let rule = &self.evaluation.river;
        let share = |points: i64| Ratio::new(i128::from(points), 1);
        let number = if good >= share(rule.excellent_from) {
            0
        } else if good >= share(rule.good_from) {
            1
        } else if worst < share(rule.moderate_from) {
            2
        } else if worst < share(rule.heavy_from) {
            3
        } else {
            4
        };
        self.evaluation.state.get(number)
    }

    /// The trophic index of a lake and its word; `None` unless all items are there and above zero. Values in the units of
    /// the rule, in the order of its items.
    #[must_use]
    pub fn trophic(&self, values: &[f64]) -> Option<(f64, &'a str)> {
        let rule = &self.evaluation.trophic;
        if values.len() != rule.items.len() || values.iter().any(|value| *value <= 0.0 || !value.is_finite()) {
            return None;
        }
        let weights: f64 = rule.items.iter().map(|item| item.r2).sum();
        let one = |(item, value): (&TrophicItem, &f64)| item.r2 / weights * 10.0 * (item.a + item.b * value.ln());
        let index: f64 = rule.items.iter().zip(values).map(one).sum();
        Some((index, word_of(index, (rule.poor_below, &rule.poor), &rule.grades, &rule.worst)))
    }
}

/// `part` of `all` in per cent; none of nothing.
fn percent(part: usize, all: usize) -> Option<Ratio> {
    (all > 0).then(|| Ratio::new(part as i128 * 100, all as i128))
}

/// A share in per cent with so many decimals, half to even; none of nothing.
///
/// ```
/// assert_eq!(norms::surface_water::share(19, 22, 1).unwrap().to_string(), "86.4");
/// ```
#[must_use]
pub fn share(part: usize, all: usize, decimals: u8) -> Option<Rounded> {
    percent(part, all).map(|share| share.rounded(decimals))
}

impl SurfaceWaterStandard {
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let table: StandardTable = file.table()?;
        let classes = ClassTable::load(file)?;
        if let Some(saturation) = &table.saturation
            && classes.number(&saturation.parameter).is_none()
        {
            return Err(file.error(
                "measured_as",
                "饱和率的项目不在表中",
                "the item of the saturation is not in the table",
            ));
        }
        let mut drinking = Vec::new();
        for part in table.drinking {
            for item in part.items {
                let at_most = Measured::from_f64(item.at_most).filter(|limit| *limit > Measured::ZERO);
                let Some(at_most) = at_most else {
                    let name = item.name_zh;
                    return Err(file.error(
                        "items",
                        &format!("“{name}”的限值有误"),
                        &format!("the limit of “{name}” is wrong"),
                    ));
                };
                drinking.push(DrinkingItem { name_zh: item.name_zh, at_most, source: part.source.clone() });
            }
        }
        Ok(Self { instrument: table.instrument, classes, saturation: table.saturation, drinking })
    }
}

impl SurfaceWaterEvaluation {
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let evaluation: Self = file.table()?;
        let rising = evaluation.state.is_sorted_by(|a, b| a.class_to < b.class_to);
        // River states are named by their place: 优 良好 轻度 中度 重度.
        if evaluation.state.len() != 5 || !rising {
            return Err(file.error(
                "state",
                "须有逐级的五种状况",
                "five states are wanted, each worse than the one before",
            ));
        }
        let river = &evaluation.river;
        if river.good_from > river.excellent_from || river.moderate_from > river.heavy_from {
            return Err(file.error("excellent_from", "河流的界限次序有误", "the bounds of rivers are out of order"));
        }
        if !evaluation.trophic.grades.is_sorted_by(|a, b| a.to < b.to) {
            return Err(file.error("grades", "营养状态的界限须递增", "the bounds of trophic states must rise"));
        }
        Ok(evaluation)
    }
}

impl CityWaterIndex {
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let index: Self = file.table()?;
        let range = &index.index.range;
        if !(range.low < range.middle && range.middle < range.high) {
            return Err(file.error("range", "范围须低、中、高递增", "low, middle and high must rise"));
        }
        Ok(index)
    }
}

#[derive(Deserialize)]
struct StandardTable {
    instrument: Instrument,
    saturation: Option<Saturation>,
    #[serde(default)]
    drinking: Vec<DrinkingTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DrinkingTable {
    source: String,
    items: Vec<DrinkingRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DrinkingRow {
    name_zh: String,
    at_most: f64,
}
