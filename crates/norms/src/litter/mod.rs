//! Marine litter: densities from surveys, size classes, the clean-coast index.
//!
//! Lengths of shore are km along the shore, areas of litter m², tracks km. Densities are exact fractions; a survey
//! that covers a stretch of shore twice is refused and not added up.

mod density;
mod tables;

pub use density::{LitterError, ShoreSegment, change_percent, count_density, shoreline_cover};
pub use tables::{CleanCoastIndex, LitterBand, LitterDensity, LitterSize, LitterTables, LitterWord};

use crate::Dated;

/// The dated tables of marine litter.
#[derive(Clone, Debug, Default)]
pub struct LitterNorms {
    /// Sizes, categories and densities.
    pub tables: Dated<LitterTables>,
    /// The clean-coast index.
    pub clean_coast: Dated<CleanCoastIndex>,
}
