//! Judgement of groundwater: classes of GB/T 14848.

use crate::classes::{ClassTable, Classified, Reading, WaterBody};
use crate::{Confidence, Instrument, LoadError, NormFile};
use serde::Deserialize;

/// One edition of GB/T 14848.
#[derive(Clone, Debug)]
pub struct GroundwaterStandard {
    /// The instrument.
    pub instrument: Instrument,
    /// Common items.
    pub classes: ClassTable,
    /// Which points are good.
    pub good: GoodRule,
}

/// Which points are good.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoodRule {
    /// The worst class that counts as good.
    pub class: u8,
    /// Where it comes from.
    pub source: String,
    /// How sure we are of it.
    pub confidence: Confidence,
}

impl GroundwaterStandard {
    /// Judges a well by its worst item. `None` without any.
    #[must_use]
    pub fn well(&self, readings: &[(usize, Reading)]) -> Option<Classified> {
        self.classes.judge(WaterBody::River, readings.iter().copied())
    }

    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        #[derive(Deserialize)]
        struct Table {
            instrument: Instrument,
            good: GoodRule,
        }
        let table: Table = file.table()?;
        Ok(Self { instrument: table.instrument, classes: ClassTable::load(file)?, good: table.good })
    }
}
