//! Reading tables, judging them, writing the judgements.

mod air;
mod discharge;
mod explain;
mod groups;
mod noise;
mod periods;
mod register;
mod soil;
mod water;

pub use air::{AirAssessment, AirLevel, GroupBy, assess_air};
pub use discharge::assess_discharge;
pub(crate) use discharge::judge_value;
pub use noise::assess_noise;
pub(crate) use noise::{DECIMALS as NOISE_DECIMALS, Point, days_of, periods_of};
pub use periods::Level;
pub(crate) use periods::Period;
pub use soil::assess_soil;
pub(crate) use water::{Values, judge_values, years_of};
pub use water::{Water, assess_water};

use exchange::{OutputFormat, StationKey, TableFormat};
use std::path::PathBuf;

/// One run of `yundang assess` over samples.
#[derive(Clone, Debug)]
pub struct Samples {
    /// Table of samples, or `-`.
    pub input: String,
    /// Its format, when its name does not tell.
    pub input_format: Option<TableFormat>,
    /// Target, or `-`.
    pub output: String,
    /// Its format.
    pub output_format: OutputFormat,
    /// Samples, or periods.
    pub level: Level,
    /// Register of stations, sections, points, outlets.
    pub stations: Option<String>,
    /// JSON lines that say how each result came about.
    pub explain: Option<PathBuf>,
    /// Write nothing when a row or value was left out.
    pub strict: bool,
}

/// The numbers of stations in the order of their keys.
fn in_order(keys: &[StationKey]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by(|a, b| keys[*a].cmp(&keys[*b]));
    order
}

/// `true` or `false`; empty where nobody can tell.
const fn yes_no(answer: Option<bool>) -> &'static str {
    match answer {
        Some(true) => "true",
        Some(false) => "false",
        None => "",
    }
}
