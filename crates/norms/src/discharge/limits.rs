//! Limits of concentrations by standard, table, grade or fuel, and parameter.

use super::oxygen::OxygenTable;
use super::{Judgement, NotJudged, OnlineMedium, OxygenRule, at_reference_oxygen};
use crate::origin::{Number, measured, never_falls};
use crate::{Day, Instrument, LoadError, Measured, NormFile, Origin, Term};
use serde::Deserialize;
use toml::Spanned;

/// What a value must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bound {
    /// No more than this.
    AtMost(Measured),
    /// Between these, both lawful.
    Within(Measured, Measured),
    /// Absent: what cannot be detected is given as zero.
    NotDetected,
}

impl Bound {
    /// Whether a value is lawful; both are taken unrounded.
    #[must_use]
    pub fn allows(self, value: Measured) -> bool {
        match self {
            Self::AtMost(limit) => value <= limit,
            Self::Within(least, most) => (least..=most).contains(&value),
            Self::NotDetected => value == Measured::ZERO,
        }
    }
}

/// What a limit is looked up by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Outlet<'a> {
    /// Table of the standard, such as `table1`.
    pub table: &'a str,
    /// Grade or fuel, such as `1A` or `coal`.
    pub column: &'a str,
    /// When the plant was built.
    pub built: Option<Day>,
    /// Temperature of the water, in °C.
    pub water_temperature: Option<Measured>,
    /// Oxygen in the dry gas, in percent.
    pub oxygen: Option<Measured>,
}

/// One edition of a standard of limits.
#[derive(Clone, Debug)]
pub struct DischargeLimits {
    /// The instrument.
    pub instrument: Instrument,
    /// Name of the standard without its year, such as `GB18918`.
    pub standard: String,
    /// What flows out: waste water or flue gas.
    pub medium: OnlineMedium,
    /// Its tables.
    pub tables: Vec<DischargeTable>,
    /// At which oxygen the limits of a gas hold.
    pub oxygen: Option<OxygenRule>,
    /// What must be taken out of the water, where that is the rule.
    pub removals: Vec<Removal>,
}

/// One table of limits.
#[derive(Clone, Debug)]
pub struct DischargeTable {
    /// Short name.
    pub id: String,
    /// What it is for, in Chinese.
    pub title_zh: String,
    /// What it is for, in English.
    pub title_en: String,
    /// Over what a value is a mean, such as `day`; `column` when the columns tell, empty when it was not read.
    pub averaging: String,
    /// Its columns.
    pub columns: Vec<DischargeColumn>,
    limits: Vec<Limit>,
}

/// A column of a table: a grade or a fuel.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DischargeColumn {
    /// Short name.
    pub id: String,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// A least removal instead of a limit, where the inflow is strong.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Removal {
    /// Grade.
    pub column: String,
    /// Parameter.
    pub parameter: String,
    /// For an inflow above this, in mg/L.
    #[serde(deserialize_with = "measured")]
    pub inflow_above: Measured,
    /// More than so much must be taken out, in percent.
    #[serde(deserialize_with = "measured")]
    pub removal_above: Measured,
    /// Where it comes from.
    pub origin: Origin,
}

#[derive(Clone, Debug)]
struct Limit {
    parameter: String,
    unit: String,
    by_column: Vec<Option<Bound>>,
    cold: Option<Cold>,
    built: Term,
    origin: Origin,
}

/// Laxer limits while the water is cold.
#[derive(Clone, Debug)]
struct Cold {
    at_most: Measured,
    by_column: Vec<Option<Bound>>,
}

/// The bounds that may hold: the second one when the temperature of the water is not known.
struct Applying<'a> {
    bound: Bound,
    or_in_the_cold: Option<Bound>,
    origin: &'a Origin,
}

impl DischargeLimits {
    /// The limit that holds at an outlet, in the unit of [`Self::unit`].
    ///
    /// # Errors
    /// When there is none, or what it depends on is not known.
    pub fn bound(&self, outlet: &Outlet<'_>, parameter: &str) -> Result<(Bound, &Origin), NotJudged> {
        let applying = self.applying(outlet, parameter)?;
        match applying.or_in_the_cold {
            Some(_) => Err(NotJudged::WaterTemperatureUnknown),
            None => Ok((applying.bound, applying.origin)),
        }
    }

    /// The unit of a limit.
    #[must_use]
    pub fn unit(&self, table: &str, parameter: &str) -> Option<&str> {
        let limits = &self.table(table)?.limits;
        limits.iter().find(|limit| limit.parameter == parameter).map(|limit| limit.unit.as_str())
    }

    /// A table by its short name.
    #[must_use]
    pub fn table(&self, id: &str) -> Option<&DischargeTable> {
        self.tables.iter().find(|table| table.id == id)
    }

    /// Judges a value as it was measured: a gas is first converted to the reference oxygen of its column.
    ///
    /// Without a temperature of the water a value still complies with the stricter limit or breaks the laxer one.
    #[must_use]
    pub fn judge(&self, outlet: &Outlet<'_>, parameter: &str, value: Measured) -> Judgement<'_> {
        if value < Measured::ZERO {
            return Judgement::not(NotJudged::Negative, value);
        }
        let applying = match self.applying(outlet, parameter) {
            Ok(applying) => applying,
            Err(reason) => return Judgement::not(reason, value),
        };
        let value = match self.converted(outlet, parameter, value) {
            Ok(value) => value,
            Err(reason) => return Judgement::not(reason, value),
        };
        match applying.or_in_the_cold {
            Some(cold) if !applying.bound.allows(value) => {
                if cold.allows(value) {
                    Judgement::not(NotJudged::WaterTemperatureUnknown, value)
                } else {
                    Judgement::of(value, cold, applying.origin)
                }
            }
            _ => Judgement::of(value, applying.bound, applying.origin),
        }
    }

    /// A concentration at the reference oxygen of the column; as it is where none is set.
    ///
    /// # Errors
    /// When the oxygen is not known or that of air.
    pub fn converted(&self, outlet: &Outlet<'_>, parameter: &str, value: Measured) -> Result<Measured, NotJudged> {
        let Some(rule) = &self.oxygen else { return Ok(value) };
        let Some(&reference) = rule.reference.get(outlet.column) else { return Ok(value) };
        if !rule.parameters.iter().any(|name| name == parameter) {
            return Ok(value);
        }
        at_reference_oxygen(value, outlet.oxygen.ok_or(NotJudged::OxygenUnknown)?, reference, rule.air)
    }

    /// The rule of removal of a grade and parameter for an inflow, in mg/L.
    #[must_use]
    pub fn removal(&self, column: &str, parameter: &str, inflow: Measured) -> Option<&Removal> {
        self.removals
            .iter()
            .find(|rule| rule.column == column && rule.parameter == parameter && inflow > rule.inflow_above)
    }

    fn applying(&self, outlet: &Outlet<'_>, parameter: &str) -> Result<Applying<'_>, NotJudged> {
        let table = self.table(outlet.table).ok_or(NotJudged::NoTable)?;
        let column = table.columns.iter().position(|column| column.id == outlet.column).ok_or(NotJudged::NoColumn)?;
        let mut rows = table.limits.iter().filter(|limit| limit.parameter == parameter).peekable();
        rows.peek().ok_or(NotJudged::NoLimit)?;
        let limit = match outlet.built {
            Some(built) => rows.find(|limit| limit.built.contains(built)).ok_or(NotJudged::NoLimit)?,
            None => rows.find(|limit| limit.built == Term::default()).ok_or(NotJudged::BuiltUnknown)?,
        };
        let bound = limit.by_column[column].ok_or(NotJudged::NoLimit)?;
        let cold = limit.cold.as_ref().and_then(|cold| Some((cold.at_most, cold.by_column[column]?)));
        let (bound, or_in_the_cold) = match (cold, outlet.water_temperature) {
            (None, _) => (bound, None),
            (Some((at_most, cold)), Some(temperature)) => (if temperature <= at_most { cold } else { bound }, None),
            (Some((_, cold)), None) => (bound, Some(cold)),
        };
        Ok(Applying { bound, or_in_the_cold, origin: &limit.origin })
    }

    /// Reads a `discharge-limits/1` file.
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let table: Table = file.table()?;
        let mut tables: Vec<DischargeTable> = Vec::new();
        for entry in table.table {
            let id = entry.id.get_ref();
            if tables.iter().any(|other| &other.id == id) {
                return Err(file.error_at(Some(entry.id.span()), "表名重复", "the table stands twice"));
            }
            tables.push(entry.check(file)?);
        }
        let known = |column: &str| tables.iter().any(|table| table.columns.iter().any(|other| other.id == column));
        let oxygen = match table.oxygen {
            None => None,
            Some(oxygen) => {
                let span = Some(oxygen.span());
                let wrong = || {
                    file.error_at(
                        span.clone(),
                        "基准含氧量须低于空气且列名存在",
                        "the reference oxygen is below that of air and of a known column",
                    )
                };
                let rule = oxygen.into_inner().check().ok_or_else(wrong)?;
                if !rule.reference.keys().all(|column| known(column)) {
                    return Err(wrong());
                }
                Some(rule)
            }
        };
        if let Some(removal) = table.removal.iter().find(|removal| !known(&removal.column)) {
            let column = &removal.column;
            return Err(file.error("removal", &format!("没有级别{column}"), &format!("there is no grade {column}")));
        }
        Ok(Self {
            instrument: table.instrument,
            standard: table.standard,
            medium: table.medium,
            tables,
            oxygen,
            removals: table.removal,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "read by the catalogue")]
    schema: String,
    instrument: Instrument,
    standard: String,
    medium: OnlineMedium,
    table: Vec<TableEntry>,
    oxygen: Option<Spanned<OxygenTable>>,
    #[serde(default)]
    removal: Vec<Removal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableEntry {
    id: Spanned<String>,
    title_zh: String,
    title_en: String,
    #[serde(default)]
    averaging: String,
    unit: String,
    /// Whether columns go from strict to lax, as grades do and fuels do not.
    ordered: bool,
    columns: Vec<DischargeColumn>,
    origin: Origin,
    values: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    parameter: Spanned<String>,
    unit: Option<String>,
    max: Option<Vec<Entry>>,
    within: Option<[Number; 2]>,
    #[serde(default)]
    not_detected: bool,
    cold: Option<ColdRow>,
    #[serde(default, deserialize_with = "crate::edition::day")]
    built_from: Option<Day>,
    #[serde(default, deserialize_with = "crate::edition::day")]
    built_to: Option<Day>,
    origin: Option<Origin>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColdRow {
    at_most: Number,
    max: Vec<Entry>,
}

/// A limit, or `none` where a column has none.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Entry {
    Limit(Number),
    Word(String),
}

impl TableEntry {
    fn check(self, file: &NormFile) -> Result<DischargeTable, LoadError> {
        let mut limits: Vec<Limit> = Vec::new();
        for row in self.values {
            let span = row.parameter.span();
            let fail = |(zh, en): (&str, &str)| file.error_at(Some(span.clone()), zh, en);
            let by_column = row.bounds(self.columns.len()).map_err(fail)?;
            let cold = match &row.cold {
                None => None,
                Some(cold) => Some(cold_of(cold, &by_column).map_err(fail)?),
            };
            let falls = |bounds: &[Option<Bound>]| {
                let limits = bounds.iter().flatten().filter_map(|bound| match bound {
                    Bound::AtMost(limit) => Some(*limit),
                    _ => None,
                });
                !never_falls(limits)
            };
            if self.ordered && (falls(&by_column) || cold.as_ref().is_some_and(|cold| falls(&cold.by_column))) {
                return Err(fail(("限值从严到宽不得降低", "limits never fall from strict to lax")));
            }
            let built = Term { from: row.built_from, to: row.built_to };
            if built.from.zip(built.to).is_some_and(|(from, to)| from >= to) {
                return Err(fail(("建设时间段为空", "the time of building is empty")));
            }
            let parameter = row.parameter.into_inner();
            if limits.iter().any(|limit| limit.parameter == parameter && limit.built.overlaps(built)) {
                return Err(fail(("项目在同一建设时间重复", "the parameter stands twice for one time of building")));
            }
            limits.push(Limit {
                parameter,
                unit: row.unit.unwrap_or_else(|| self.unit.clone()),
                by_column,
                cold,
                built,
                origin: row.origin.unwrap_or_else(|| self.origin.clone()),
            });
        }
        Ok(DischargeTable {
            id: self.id.into_inner(),
            title_zh: self.title_zh,
            title_en: self.title_en,
            averaging: self.averaging,
            columns: self.columns,
            limits,
        })
    }
}

impl Row {
    fn bounds(&self, columns: usize) -> Result<Vec<Option<Bound>>, (&'static str, &'static str)> {
        match (&self.max, &self.within, self.not_detected) {
            (Some(max), None, false) => by_column(max, columns),
            (None, Some([least, most]), false) if least < most => {
                Ok(vec![Some(Bound::Within(least.0, most.0)); columns])
            }
            (None, None, true) => Ok(vec![Some(Bound::NotDetected); columns]),
            _ => {
                Err(("须且只能写max、within（递增）或not_detected之一", "one of max, within (rising) and not_detected"))
            }
        }
    }
}

fn by_column(entries: &[Entry], columns: usize) -> Result<Vec<Option<Bound>>, (&'static str, &'static str)> {
    if entries.len() != columns {
        return Err(("限值个数与列数不符", "there are as many limits as columns"));
    }
    let bound = |entry: &Entry| match entry {
        Entry::Limit(Number(limit)) if *limit > Measured::ZERO => Ok(Some(Bound::AtMost(*limit))),
        Entry::Word(word) if word == "none" => Ok(None),
        _ => Err(("限值须为正数或none", "a limit is a positive number or none")),
    };
    entries.iter().map(bound).collect()
}

/// The limits of cold water stand where the others stand, and are no stricter.
fn cold_of(cold: &ColdRow, warm: &[Option<Bound>]) -> Result<Cold, (&'static str, &'static str)> {
    let bounds = by_column(&cold.max, warm.len())?;
    let laxer = warm.iter().zip(&bounds).all(|pair| match pair {
        (Some(Bound::AtMost(warm)), Some(Bound::AtMost(cold))) => cold >= warm,
        (None, None) => true,
        _ => false,
    });
    if laxer {
        Ok(Cold { at_most: cold.at_most.0, by_column: bounds })
    } else {
        Err(("低温限值不得严于常温限值", "limits in the cold are no stricter"))
    }
}
