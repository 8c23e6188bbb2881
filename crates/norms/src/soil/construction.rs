//! Soil of land that is built on: GB 36600.

use super::verdict::check_labels;
use super::{SoilJudged, SoilLabel, SoilLimits, SoilValue};
use crate::origin::Number;
use crate::{Instrument, LoadError, Measured, NormFile, Origin};
use serde::Deserialize;
use std::collections::BTreeSet;
use toml::Spanned;

/// How near people live to the soil: GB 36600-2018 4.1.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LandClass {
    /// Homes, schools, hospitals, playgrounds.
    First,
    /// Industry, trade, roads, offices, parks.
    Second,
}

impl LandClass {
    /// All of them, in the order of the columns.
    pub const ALL: [Self; 2] = [Self::First, Self::Second];
}

/// Which land belongs to a class.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LandClassRule {
    /// The class.
    pub class: LandClass,
    /// Chinese name.
    pub name_zh: String,
    /// Uses that belong to it, with their codes.
    pub uses_zh: String,
    /// Whether land with an unclear use is judged by it.
    pub unclear_use: bool,
    /// Where it comes from.
    pub origin: Origin,
}

/// One edition of GB 36600.
#[derive(Clone, Debug)]
pub struct SoilConstruction {
    /// The instrument.
    pub instrument: Instrument,
    /// What the classes of land are.
    pub land: Vec<LandClassRule>,
    /// What verdicts mean.
    pub labels: Vec<SoilLabel>,
    items: Vec<Item>,
    spared: BTreeSet<String>,
}

#[derive(Clone, Debug)]
struct Item {
    parameter: String,
    screening: [Measured; 2],
    control: Option<[Measured; 2]>,
    origin: Origin,
}

impl SoilConstruction {
    /// The limits of an item on a class of land.
    #[must_use]
    pub fn limits(&self, land: LandClass, parameter: &str) -> Option<SoilLimits<'_>> {
        let item = self.items.iter().find(|item| item.parameter == parameter)?;
        Some(SoilLimits {
            screening: item.screening[land as usize],
            control: item.control.map(|control| control[land as usize]),
            spares_background: self.spared.contains(parameter),
            origin: &item.origin,
        })
    }

    /// Judges the values of a sample (GB 36600-2018 表1, 表2).
    #[must_use]
    pub fn judge<'a>(&'a self, land: LandClass, values: &[SoilValue<'a>]) -> SoilJudged<'a> {
        SoilJudged::of(values, |parameter| self.limits(land, parameter))
    }

    /// Names of all items, in the order of the table.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.items.iter().map(|item| item.parameter.as_str())
    }

    /// Reads a `soil-construction/1` file.
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let table: Table = file.table()?;
        let mut items: Vec<Item> = Vec::new();
        for group in table.items {
            for row in group.values {
                let span = row.parameter.span();
                let parameter = row.parameter.into_inner();
                if items.iter().any(|item| item.parameter == parameter) {
                    return Err(file.error_at(Some(span), "项目重复", "the item stands twice"));
                }
                let screening = row.screening.map(|number| number.0);
                let control = row.control.map(|control| control.map(|number| number.0));
                let rises = |pair: [Measured; 2]| pair[0] > Measured::ZERO && pair[0] <= pair[1];
                let above = |control: [Measured; 2]| control[0] >= screening[0] && control[1] >= screening[1];
                if !rises(screening) || !control.is_none_or(|control| rises(control) && above(control)) {
                    let zh = "限值须为正数；第二类不低于第一类，管制值不低于筛选值";
                    let en = "limits are positive; the second class is no stricter, control is no lower than screening";
                    return Err(file.error_at(Some(span), zh, en));
                }
                items.push(Item { parameter, screening, control, origin: group.origin.clone() });
            }
        }
        for class in LandClass::ALL {
            if table.land.iter().filter(|rule| rule.class == class).count() != 1 {
                let en = format!("the class {class:?} has one entry");
                return Err(file.error("land", &format!("用地类别{class:?}须有且只有一条"), &en));
            }
        }
        if table.land.iter().filter(|rule| rule.unclear_use).count() != 1 {
            return Err(file.error("unclear_use", "用途不明的用地须归入一类", "unclear uses belong to one class"));
        }
        let unknown = |name: &&String| !items.iter().any(|item| &&item.parameter == name);
        if let Some(name) = table.background.parameters.iter().find(unknown) {
            return Err(file.error("background", &format!("没有项目{name}"), &format!("there is no item {name}")));
        }
        Ok(Self {
            labels: check_labels(file, table.label)?,
            land: table.land,
            spared: table.background.parameters.into_iter().collect(),
            instrument: table.instrument,
            items,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "read by the catalogue")]
    schema: String,
    instrument: Instrument,
    land: Vec<LandClassRule>,
    label: Vec<SoilLabel>,
    background: Background,
    items: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Background {
    parameters: Vec<String>,
    #[expect(dead_code, reason = "for the reader of the file")]
    origin: Origin,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    #[expect(dead_code, reason = "for the reader of the file")]
    group: String,
    origin: Origin,
    values: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    parameter: Spanned<String>,
    #[expect(dead_code, reason = "for the reader of the file")]
    name_zh: String,
    #[expect(dead_code, reason = "for the reader of the file")]
    name_en: String,
    screening: [Number; 2],
    control: Option<[Number; 2]>,
}
