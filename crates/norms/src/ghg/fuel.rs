//! Emission factors of fuels and of energy in standard coal.

use super::{ActivityUnit, Factor};
use crate::origin::measured;
use crate::{Instrument, LoadError, Measured, NormFile, Origin, Ratio};
use serde::Deserialize;
use toml::Spanned;

/// By what a fuel is measured.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
pub enum FuelUnit {
    /// Kilogram.
    #[serde(rename = "kg")]
    Kilogram,
    /// Cubic metre.
    #[serde(rename = "m3")]
    CubicMetre,
}

/// One edition of the factors of fuels.
#[derive(Clone, Debug)]
pub struct FuelFactors {
    /// The instrument.
    pub instrument: Instrument,
    /// Mass of CO2 by mass of carbon, as a fraction.
    co2_by_carbon: [u32; 2],
    /// The fuels.
    pub fuels: Vec<Fuel>,
    /// Where the numbers come from.
    pub origin: Origin,
}

/// One fuel.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fuel {
    /// Short name.
    pub id: String,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// By what it is measured.
    pub per: FuelUnit,
    /// Net calorific value, in kJ by unit.
    #[serde(deserialize_with = "measured")]
    pub ncv: Measured,
    /// Standard coal, in kg by unit.
    #[serde(deserialize_with = "measured")]
    pub kgce: Measured,
    /// Carbon, in tC/TJ.
    #[serde(deserialize_with = "measured")]
    pub carbon: Measured,
    /// Share of the carbon that is oxidised.
    #[serde(deserialize_with = "measured")]
    pub oxidation: Measured,
    /// The factor as the table prints it, in kg of CO2 by unit.
    pub printed: String,
}

impl FuelFactors {
    /// A fuel by its short name.
    #[must_use]
    pub fn fuel(&self, id: &str) -> Option<&Fuel> {
        self.fuels.iter().find(|fuel| fuel.id == id)
    }

    /// The factor `EF = NCV · CC · OF · 44/12` of a fuel, unrounded: t of CO2 by t, or by 10⁴ m³ of a gas.
    #[must_use]
    pub fn factor(&self, id: &str) -> Option<Factor> {
        let fuel = self.fuel(id)?;
        let by_unit = factor_of(fuel, self.co2_by_carbon)?;
        let (unit, times) = match fuel.per {
            FuelUnit::Kilogram => (ActivityUnit::Tonne, 1),
            // kg by m³ is t by 10³ m³.
            FuelUnit::CubicMetre => (ActivityUnit::TenThousandCubicMetres, 10),
        };
        let value = by_unit.over(Ratio::new(1, times))?;
        Some(Factor { name_zh: fuel.zh.clone(), value, unit, year: None, origin: self.origin.clone() })
    }

    /// Reads a `ghg-fuel/1` file.
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let table: Table = file.table()?;
        let fraction = table.co2_by_carbon.get_ref();
        if fraction.contains(&0) {
            return Err(file.error_at(Some(table.co2_by_carbon.span()), "须为正数", "both are positive"));
        }
        let mut fuels: Vec<Fuel> = Vec::new();
        for fuel in table.fuel {
            let (span, fuel) = (Some(fuel.span()), fuel.into_inner());
            if fuels.iter().any(|other| other.id == fuel.id) {
                return Err(file.error_at(span, "燃料重复", "the fuel stands twice"));
            }
            let positive =
                [fuel.ncv, fuel.kgce, fuel.carbon, fuel.oxidation].iter().all(|number| *number > Measured::ZERO);
            if !positive || fuel.oxidation > Measured::whole(1) {
                let en = "numbers are positive, and no more than all carbon is oxidised";
                return Err(file.error_at(span, "数值须为正，氧化率不超过1", en));
            }
            let decimals = fuel.printed.split_once('.').map_or(0, |(_, digits)| digits.len());
            let factor =
                factor_of(&fuel, *fraction).filter(|_| decimals <= 9).map(|factor| factor.rounded(decimals as u8));
            if factor.map(|factor| factor.to_string()).as_ref() != Some(&fuel.printed) {
                let computed = factor.map_or_else(String::new, |factor| factor.to_string());
                let (zh, en) = (
                    format!("“{}”的因子按热值、含碳量和氧化率为{computed}", fuel.zh),
                    format!("the factor of {} is {computed} by heat, carbon and oxidation", fuel.id),
                );
                return Err(file.error_at(span, &zh, &en));
            }
            fuels.push(fuel);
        }
        Ok(Self { co2_by_carbon: *fraction, fuels, origin: table.origin, instrument: table.instrument })
    }
}

/// kg of CO2 by unit: kJ · tC/TJ = 10⁻⁶ kg of carbon. `None` out of range.
fn factor_of(fuel: &Fuel, co2_by_carbon: [u32; 2]) -> Option<Ratio> {
    let heat_and_carbon = fuel.ncv.ratio().over(Ratio::new(1, 1).over(fuel.carbon.ratio())?)?;
    let oxidised = heat_and_carbon.over(Ratio::new(1, 1).over(fuel.oxidation.ratio())?)?;
    let [co2, carbon] = co2_by_carbon.map(i128::from);
    oxidised.over(Ratio::new(carbon * 1_000_000, co2))
}

/// One edition of factors by tonnes of standard coal.
#[derive(Clone, Debug)]
pub struct CoalEquivalents {
    /// The instrument.
    pub instrument: Instrument,
    factors: Vec<CoalEquivalent>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CoalEquivalent {
    id: String,
    zh: String,
    #[expect(dead_code, reason = "for the reader of the file")]
    en: String,
    #[serde(deserialize_with = "measured")]
    value: Measured,
    origin: Origin,
}

impl CoalEquivalents {
    /// The factor of a kind of energy, in t of CO2 by t of standard coal.
    #[must_use]
    pub fn factor(&self, id: &str) -> Option<Factor> {
        let factor = self.factors.iter().find(|factor| factor.id == id)?;
        Some(Factor {
            name_zh: factor.zh.clone(),
            value: factor.value.ratio(),
            unit: ActivityUnit::TonneOfStandardCoal,
            year: None,
            origin: factor.origin.clone(),
        })
    }

    /// Reads a `ghg-coal-equivalent/1` file.
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let table: CoalTable = file.table()?;
        for (number, factor) in table.factor.iter().enumerate() {
            let twice = table.factor[..number].iter().any(|other| other.id == factor.id);
            if twice || factor.value <= Measured::ZERO {
                let en = format!("{} stands once with a positive factor", factor.id);
                return Err(file.error("factor", &format!("“{}”须有且只有一个正的因子", factor.zh), &en));
            }
        }
        Ok(Self { instrument: table.instrument, factors: table.factor })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "read by the catalogue")]
    schema: String,
    instrument: Instrument,
    co2_by_carbon: Spanned<[u32; 2]>,
    origin: Origin,
    fuel: Vec<Spanned<Fuel>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CoalTable {
    #[expect(dead_code, reason = "read by the catalogue")]
    schema: String,
    instrument: Instrument,
    factor: Vec<CoalEquivalent>,
}
