//! Limits, data validity and state of the gas: GB 3095.

use crate::{Confidence, Dated, Day, Instrument, LoadError, Measured, NormFile, Ratio, Term};
use serde::Deserialize;
use toml::Spanned;

/// One edition of GB 3095.
#[derive(Clone, Debug)]
pub struct AirLimits {
    /// The instrument.
    pub instrument: Instrument,
    /// Limits by phase.
    pub phases: Dated<LimitPhase>,
    /// How much data a statistic needs.
    pub validity: Validity,
    /// Temperature and pressure at which concentrations are given.
    pub states: Dated<State>,
}

/// The limits of one phase.
#[derive(Clone, Debug)]
pub struct LimitPhase {
    /// `transition`, `final`, or empty when the edition knows no phases.
    pub name: String,
    limits: Vec<LimitRow>,
}

/// Over which time a limit holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    /// Annual mean.
    Year,
    /// 24-hour mean.
    Day,
    /// 1-hour mean.
    Hour,
    /// Day's highest 8-hour mean.
    #[serde(rename = "day_max_8h")]
    DayMax8h,
    /// Quarterly mean.
    Quarter,
}

impl LimitPhase {
    /// The limit of a parameter at grade 1 or 2, in the unit of the parameter.
    #[must_use]
    pub fn limit(&self, parameter: &str, kind: LimitKind, grade: usize) -> Option<Ratio> {
        let row = self.limits.iter().find(|row| row.parameter.get_ref() == parameter)?;
        let grades = match kind {
            LimitKind::Year => &row.year,
            LimitKind::Day => &row.day,
            LimitKind::Hour => &row.hour,
            LimitKind::DayMax8h => &row.day_max_8h,
            LimitKind::Quarter => &row.quarter,
        };
        let limit = *grades.as_ref()?.get(grade.checked_sub(1)?)?;
        Measured::from_f64(limit).map(Measured::ratio)
    }
}

/// How many values a mean needs: GB 3095 table 4.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validity {
    /// Minutes in an hour.
    pub hour_minutes_min: u32,
    /// Hours in a day's mean.
    pub day_hours_min: u32,
    /// Hours in an 8-hour mean.
    pub window_hours_min: u32,
    /// Days in a month.
    pub month_days_min: u32,
    /// Days in a February.
    pub february_days_min: u32,
    /// Days in a year.
    pub year_days_min: u32,
    /// Clause.
    pub source: String,
    /// How sure we are.
    pub confidence: Confidence,
    /// Remark.
    #[serde(default)]
    pub note: String,
}

impl Validity {
    /// Days that a month of number 1-12 needs.
    #[must_use]
    pub const fn days_min_of_month(&self, number: u32) -> u32 {
        if number == 2 { self.february_days_min } else { self.month_days_min }
    }
}

/// Temperature and pressure at which concentrations are given.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// First day.
    #[serde(default, deserialize_with = "crate::edition::day")]
    pub from: Option<Day>,
    /// First day after.
    #[serde(default, deserialize_with = "crate::edition::day")]
    pub to: Option<Day>,
    /// For gases.
    pub gases: String,
    /// For particles.
    pub particles: String,
    /// Clause.
    pub source: String,
    /// How sure we are.
    pub confidence: Confidence,
    /// Remark.
    #[serde(default)]
    pub note: String,
}

impl AirLimits {
    /// Reads an `air-limits/1` file.
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let table: Table = file.table()?;
        let overlap = |name: &str| file.error(name, "有效期重叠", "terms overlap");
        let mut phases = Dated::default();
        for phase in table.limits {
            for row in &phase.values {
                let grades = [&row.year, &row.day, &row.hour, &row.day_max_8h, &row.quarter];
                if grades.into_iter().flatten().flatten().any(|limit| !limit.is_finite() || *limit <= 0.0) {
                    return Err(file.error_at(
                        Some(row.parameter.span()),
                        "限值须为正数",
                        "a limit is a positive number",
                    ));
                }
            }
            let term = Term { from: phase.from, to: phase.to };
            phases.add(term, LimitPhase { name: phase.phase, limits: phase.values }).map_err(|_| overlap("limits"))?;
        }
        let mut states = Dated::default();
        for state in table.state {
            states.add(Term { from: state.from, to: state.to }, state).map_err(|_| overlap("state"))?;
        }
        if table.validity.day_hours_min == 0 || table.validity.window_hours_min == 0 {
            return Err(file.error("validity", "最少小时数须大于0", "the least number of hours is above 0"));
        }
        Ok(Self { instrument: table.instrument, phases, validity: table.validity, states })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "read by the catalogue")]
    schema: String,
    instrument: Instrument,
    limits: Vec<PhaseTable>,
    validity: Validity,
    state: Vec<State>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "source and confidence are for the reader of the file")]
struct PhaseTable {
    #[serde(default)]
    phase: String,
    #[serde(default, deserialize_with = "crate::edition::day")]
    from: Option<Day>,
    #[serde(default, deserialize_with = "crate::edition::day")]
    to: Option<Day>,
    source: String,
    confidence: Confidence,
    values: Vec<LimitRow>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitRow {
    parameter: Spanned<String>,
    #[expect(dead_code, reason = "for the reader of the file")]
    unit: String,
    year: Option<[f64; 2]>,
    day: Option<[f64; 2]>,
    hour: Option<[f64; 2]>,
    day_max_8h: Option<[f64; 2]>,
    quarter: Option<[f64; 2]>,
}
