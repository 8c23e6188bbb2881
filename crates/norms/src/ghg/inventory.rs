//! The inventory of a city: activities times factors, by sector.

use crate::{Confidence, Measured, Origin, Ratio, div_half_even};

/// In what an activity is counted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivityUnit {
    /// Tonnes of fuel or product.
    Tonne,
    /// 10⁴ m³ of gas.
    TenThousandCubicMetres,
    /// MWh of electricity.
    MegawattHour,
    /// Tonnes of standard coal.
    TonneOfStandardCoal,
}

/// An emission factor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Factor {
    /// Of what, in Chinese.
    pub name_zh: String,
    /// t of CO2 by unit.
    pub value: Ratio,
    /// The unit.
    pub unit: ActivityUnit,
    /// The year that it is of, when it is of one.
    pub year: Option<i32>,
    /// Where it comes from.
    pub origin: Origin,
}

impl Factor {
    /// The emission of an activity, in t of CO2 to the nearest 10⁻⁹; `None` out of range.
    #[must_use]
    pub fn emission(&self, amount: Measured) -> Option<Measured> {
        let (numerator, denominator) = self.value.fraction();
        let emission = div_half_even(numerator.checked_mul(i128::from(amount.parts()))?, denominator);
        i64::try_from(emission).ok().map(Measured::from_parts)
    }
}

/// One activity of a sector.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InventoryLine {
    /// Sector, such as `industry`; net electricity and process emissions are sectors too.
    pub sector: String,
    /// How much; below zero for electricity that was sold.
    pub amount: Measured,
    /// In what it is counted.
    pub unit: ActivityUnit,
    /// Its factor.
    pub factor: Factor,
}

/// A line with its emission.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LineEmission {
    /// The line, with the factor, its source and confidence.
    pub line: InventoryLine,
    /// In t of CO2.
    pub emission: Measured,
}

/// The sum of a sector.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SectorEmission {
    /// The sector.
    pub sector: String,
    /// In t of CO2.
    pub emission: Measured,
    /// That of its least sure factor.
    pub confidence: Confidence,
}

/// An inventory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inventory {
    /// Lines in the order in which they came.
    pub lines: Vec<LineEmission>,
    /// Sectors in the order of their first lines.
    pub sectors: Vec<SectorEmission>,
    /// In t of CO2.
    pub total: Measured,
}

/// Why there is no inventory. The number is the place of the line, from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InventoryError {
    /// The activity is counted in another unit than the factor.
    #[error("第{0}行的单位与因子不符 / line {0} is not in the unit of its factor")]
    Unit(usize),
    /// The numbers are too large to calculate with.
    #[error("第{0}行数值过大 / the numbers of line {0} are too large")]
    OutOfRange(usize),
}

/// Adds up activities times factors: `E = Σ amount · factor`, by sector and in all, in t of CO2.
///
/// Energy that was used as material must be taken out before, and power and heat counted with who makes them or with
/// who uses them, not with both. Sinks take no part.
///
/// # Errors
/// When a line is not in the unit of its factor, or numbers are beyond reason.
pub fn inventory(lines: Vec<InventoryLine>) -> Result<Inventory, InventoryError> {
    let mut made = Inventory { lines: Vec::new(), sectors: Vec::new(), total: Measured::ZERO };
    for (number, line) in lines.into_iter().enumerate() {
        if line.unit != line.factor.unit {
            return Err(InventoryError::Unit(number));
        }
        let too_large = InventoryError::OutOfRange(number);
        let emission = line.factor.emission(line.amount).ok_or(too_large)?;
        made.total = plus(made.total, emission).ok_or(too_large)?;
        let confidence = line.factor.origin.confidence;
        match made.sectors.iter_mut().find(|sector| sector.sector == line.sector) {
            Some(sector) => {
                sector.emission = plus(sector.emission, emission).ok_or(too_large)?;
                sector.confidence = sector.confidence.min(confidence);
            }
            None => made.sectors.push(SectorEmission { sector: line.sector.clone(), emission, confidence }),
        }
        made.lines.push(LineEmission { line, emission });
    }
    Ok(made)
}

impl Inventory {
    /// The confidence of its least sure factor; `None` when it is empty.
    #[must_use]
    pub fn confidence(&self) -> Option<Confidence> {
        self.sectors.iter().map(|sector| sector.confidence).min()
    }
}

fn plus(a: Measured, b: Measured) -> Option<Measured> {
    a.parts().checked_add(b.parts()).map(Measured::from_parts)
}
