//! Reading tables, judging them, writing the judgements.

mod air;
mod groups;
mod periods;
mod water;

pub use air::{AirAssessment, AirLevel, GroupBy, assess_air};
pub use periods::Level;
pub use water::{Water, WaterAssessment, assess_water};
