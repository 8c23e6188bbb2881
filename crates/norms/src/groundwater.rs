//! Judgement of groundwater: classes of GB/T 14848.

use crate::classes::{ClassTable, Classified, Reading, WaterBody};
use crate::{Instrument, LoadError, NormFile};
use serde::Deserialize;

/// One edition of GB/T 14848.
#[derive(Clone, Debug)]
pub struct GroundwaterStandard {
    /// The instrument.
    pub instrument: Instrument,
    /// Common items.
    pub classes: ClassTable,
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
        }
        let table: Table = file.table()?;
        Ok(Self { instrument: table.instrument, classes: ClassTable::load(file)? })
    }
}
