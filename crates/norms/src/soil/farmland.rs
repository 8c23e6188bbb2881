//! Soil of land that is farmed: GB 15618.

use super::verdict::check_labels;
use super::{SoilJudged, SoilLabel, SoilLimits, SoilValue};
use crate::origin::{Number, plain};
use crate::{Instrument, LoadError, Measured, NormFile, Origin};
use serde::Deserialize;
use toml::Spanned;

/// What grows on the land.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FarmlandUse {
    /// Paddy (水田).
    Paddy,
    /// Orchard (果园).
    Orchard,
    /// Anything else (其他).
    Other,
    /// Paddy in turn with dry land (水旱轮作), judged by the stricter screening value.
    Rotation,
}

/// One edition of GB 15618.
#[derive(Clone, Debug)]
pub struct SoilFarmland {
    /// The instrument.
    pub instrument: Instrument,
    /// What verdicts mean.
    pub labels: Vec<SoilLabel>,
    ph_upper: Vec<Measured>,
    rotation: Vec<FarmlandUse>,
    screening: Vec<Screening>,
    control: Vec<Control>,
}

#[derive(Clone, Debug)]
struct Screening {
    parameter: String,
    uses: Vec<FarmlandUse>,
    by_ph: Vec<Measured>,
    origin: Origin,
}

#[derive(Clone, Debug)]
struct Control {
    parameter: String,
    by_ph: Vec<Measured>,
}

/// One number for every pH, or one for each bin.
fn at(by_ph: &[Measured], bin: usize) -> Option<Measured> {
    if let [same] = by_ph { Some(*same) } else { by_ph.get(bin).copied() }
}

impl SoilFarmland {
    /// The limits of an item in soil of a pH and use (GB 15618-2018 表1-3).
    #[must_use]
    pub fn limits(&self, ph: Measured, land: FarmlandUse, parameter: &str) -> Option<SoilLimits<'_>> {
        let bin = self.ph_upper.iter().filter(|upper| ph > **upper).count();
        let of_use = |land: &FarmlandUse| {
            let row = self
                .screening
                .iter()
                .find(|row| row.parameter == parameter && (row.uses.is_empty() || row.uses.contains(land)))?;
            Some((at(&row.by_ph, bin)?, &row.origin))
        };
        let (screening, origin) = match land {
            FarmlandUse::Rotation => self.rotation.iter().filter_map(of_use).min_by_key(|(limit, _)| *limit),
            one => of_use(&one),
        }?;
        let control = self.control.iter().find(|row| row.parameter == parameter);
        let control = control.and_then(|row| at(&row.by_ph, bin));
        Some(SoilLimits { screening, control, spares_background: false, origin })
    }

    /// Judges the values of a sample (GB 15618-2018 表1-3).
    #[must_use]
    pub fn judge<'a>(&'a self, ph: Measured, land: FarmlandUse, values: &[SoilValue<'a>]) -> SoilJudged<'a> {
        SoilJudged::of(values, |parameter| self.limits(ph, land, parameter))
    }

    /// Reads a `soil-farmland/1` file.
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let table: Table = file.table()?;
        let ph_upper = plain(table.ph.upper.get_ref());
        if !ph_upper.windows(2).all(|pair| pair[0] < pair[1]) {
            return Err(file.error_at(Some(table.ph.upper.span()), "pH上限须严格递增", "bounds of pH rise strictly"));
        }
        let by_ph = |limits: &Spanned<Vec<Number>>| {
            let numbers = plain(limits.get_ref());
            let fits = numbers.len() == 1 || numbers.len() == ph_upper.len() + 1;
            if !fits || numbers.iter().any(|number| *number <= Measured::ZERO) {
                let (zh, en) = ("限值须为正数，一个或每个pH区间一个", "one positive number, or one for each bin of pH");
                return Err(file.error_at(Some(limits.span()), zh, en));
            }
            Ok(numbers)
        };
        let mut control = Vec::new();
        for row in &table.control.values {
            control.push(Control { parameter: row.parameter.get_ref().clone(), by_ph: by_ph(&row.limits)? });
        }
        let mut screening: Vec<Screening> = Vec::new();
        for group in &table.screening {
            for row in &group.values {
                let span = || Some(row.parameter.span());
                let parameter = row.parameter.get_ref();
                let shares = |other: &Screening| {
                    let all = other.uses.is_empty() || row.uses.is_empty();
                    &other.parameter == parameter && (all || other.uses.iter().any(|land| row.uses.contains(land)))
                };
                if screening.iter().any(shares) {
                    return Err(file.error_at(span(), "项目在同一用途下重复", "the item stands twice for one use"));
                }
                let numbers = by_ph(&row.limits)?;
                let strict = control
                    .iter()
                    .filter(|control| &control.parameter == parameter)
                    .any(|control| (0..=ph_upper.len()).any(|bin| at(&control.by_ph, bin) < at(&numbers, bin)));
                if strict {
                    return Err(file.error_at(
                        span(),
                        "管制值低于筛选值",
                        "a control value is below the screening value",
                    ));
                }
                let origin = group.origin.clone();
                screening.push(Screening {
                    parameter: parameter.clone(),
                    uses: row.uses.clone(),
                    by_ph: numbers,
                    origin,
                });
            }
        }
        let orphan = |row: &&ControlRow| !screening.iter().any(|other| &other.parameter == row.parameter.get_ref());
        if let Some(row) = table.control.values.iter().find(orphan) {
            return Err(file.error_at(Some(row.parameter.span()), "没有相应的筛选值", "it has no screening value"));
        }
        Ok(Self {
            labels: check_labels(file, table.label)?,
            rotation: table.rotation.stricter_of,
            instrument: table.instrument,
            ph_upper,
            screening,
            control,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "read by the catalogue")]
    schema: String,
    instrument: Instrument,
    ph: PhTable,
    rotation: Rotation,
    label: Vec<SoilLabel>,
    screening: Vec<ScreeningTable>,
    control: ControlTable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PhTable {
    upper: Spanned<Vec<Number>>,
    #[expect(dead_code, reason = "for the reader of the file")]
    origin: Origin,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotation {
    stricter_of: Vec<FarmlandUse>,
    #[expect(dead_code, reason = "for the reader of the file")]
    origin: Origin,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScreeningTable {
    #[expect(dead_code, reason = "for the reader of the file")]
    group: String,
    origin: Origin,
    values: Vec<ScreeningRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScreeningRow {
    parameter: Spanned<String>,
    #[expect(dead_code, reason = "for the reader of the file")]
    name_zh: String,
    #[expect(dead_code, reason = "for the reader of the file")]
    name_en: String,
    #[serde(default)]
    uses: Vec<FarmlandUse>,
    limits: Spanned<Vec<Number>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ControlTable {
    #[expect(dead_code, reason = "for the reader of the file")]
    origin: Origin,
    values: Vec<ControlRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ControlRow {
    parameter: Spanned<String>,
    limits: Spanned<Vec<Number>>,
}
