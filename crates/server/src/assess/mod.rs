//! Reading tables, judging them, writing the judgements.

mod air;
mod groups;

pub use air::{AirAssessment, AirLevel, GroupBy, assess_air};
