//! Greenhouse gases: factors of fuels, electricity and energy, and the inventory of a city.
//!
//! Every factor carries where it comes from and how sure we are, and an inventory keeps it beside every line. The
//! factors of electricity are those *of* a year, published later; a year without a notice has none, and nobody is
//! handed that of another year.

mod fuel;
mod grid;
mod inventory;

pub use fuel::{CoalEquivalents, Fuel, FuelFactors, FuelUnit};
pub use grid::{GridArea, GridFactors};
pub use inventory::{
    ActivityUnit, Factor, Inventory, InventoryError, InventoryLine, LineEmission, SectorEmission, inventory,
};

use crate::{Dated, Day, LoadError, NormFile, Term};
use std::collections::BTreeMap;

/// The tables of greenhouse gases.
#[derive(Clone, Debug, Default)]
pub struct GhgNorms {
    /// Factors of fuels.
    pub fuels: Dated<FuelFactors>,
    /// Factors by tonnes of standard coal.
    pub coal_equivalents: Dated<CoalEquivalents>,
    /// Factors of electricity by the year that they are of.
    pub grid: BTreeMap<i32, GridFactors>,
}

impl GhgNorms {
    /// Reads a file when its schema is one of this medium; `false` when it is not.
    pub(crate) fn read(&mut self, schema: &str, term: Term, file: &NormFile) -> Result<bool, LoadError> {
        match schema {
            "ghg-fuel/1" => self.fuels.add_of(file, term, FuelFactors::load(file)?)?,
            "ghg-coal-equivalent/1" => {
                self.coal_equivalents.add_of(file, term, CoalEquivalents::load(file)?)?;
            }
            "ghg-grid/1" => {
                let factors = GridFactors::load(file)?;
                let year = factors.year;
                if self.grid.insert(year, factors).is_some() {
                    return Err(file.error("year", "该年的因子重复", "the factors of this year stand twice"));
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The factor of a fuel on a day.
    #[must_use]
    pub fn fuel_factor(&self, day: Day, fuel: &str) -> Option<Factor> {
        self.fuels.on(day)?.factor(fuel)
    }

    /// The factor of electricity of a year.
    #[must_use]
    pub fn grid_factor(&self, year: i32, area: GridArea<'_>) -> Option<Factor> {
        self.grid.get(&year)?.factor(area)
    }
}
