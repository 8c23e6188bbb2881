//! Marine litter: densities from surveys, size classes, the clean-coast index.
//!
//! Lengths of shore are km along the shore, areas of litter m², tracks km. Densities are exact fractions; a survey
//! that covers a stretch of shore twice is refused and not added up.

mod density;
mod tables;

pub use density::{LitterError, ShoreSegment, change_percent, count_density, shoreline_cover};
pub use tables::{CleanCoastIndex, LitterBand, LitterDensity, LitterSize, LitterTables, LitterWord};

use crate::{Dated, LoadError, NormFile, Term};

/// The dated tables of marine litter.
#[derive(Clone, Debug, Default)]
pub struct LitterNorms {
    /// Sizes, categories and densities.
    pub tables: Dated<LitterTables>,
    /// The clean-coast index.
    pub clean_coast: Dated<CleanCoastIndex>,
}

impl LitterNorms {
    /// Reads a file when its schema is one of this medium; `false` when it is not.
    pub(crate) fn read(&mut self, schema: &str, term: Term, file: &NormFile) -> Result<bool, LoadError> {
        match schema {
            "litter/1" => self.tables.add_of(file, term, LitterTables::load(file)?)?,
            "litter-index/1" => self.clean_coast.add_of(file, term, CleanCoastIndex::load(file)?)?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}
