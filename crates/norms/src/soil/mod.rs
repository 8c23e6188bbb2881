//! Judgement of soil: GB 36600 for land that is built on, GB 15618 for land that is farmed.
//!
//! Both have a screening value, below which the risk may be neglected, and for most items a control value, above
//! which it may not be accepted. Values are in mg/kg of dry soil and compared unrounded. A value on a bound is on its
//! better side. What was not detected is for the caller to turn into a value.

mod construction;
mod farmland;
mod verdict;

pub use construction::{LandClass, LandClassRule, SoilConstruction};
pub use farmland::{FarmlandUse, SoilFarmland};
pub use verdict::{SoilItem, SoilJudged, SoilLabel, SoilLimits, SoilUnjudged, SoilValue, SoilVerdict};

use crate::{Dated, LoadError, NormFile, Term};

/// The dated tables of soil.
#[derive(Clone, Debug, Default)]
pub struct SoilNorms {
    /// GB 36600.
    pub construction: Dated<SoilConstruction>,
    /// GB 15618.
    pub farmland: Dated<SoilFarmland>,
}

impl SoilNorms {
    /// Reads a file when its schema is one of this medium; `false` when it is not.
    pub(crate) fn read(&mut self, schema: &str, term: Term, file: &NormFile) -> Result<bool, LoadError> {
        match schema {
            "soil-construction/1" => self.construction.add_of(file, term, SoilConstruction::load(file)?)?,
            "soil-farmland/1" => self.farmland.add_of(file, term, SoilFarmland::load(file)?)?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}
