//! Judgement of noise: GB 3096 zones, HJ 640 statistics and grades, HJ 906 validity, limits at a boundary.
//!
//! Levels are A-weighted, in dB, as [`Measured`]: an energy mean is computed in binary floats and then taken to the
//! nearest 10⁻⁹ dB, so that a mean of equal levels is that level and compares as on the limit. Levels are compared
//! with limits unrounded; none of the tables says that a level is rounded first.
//!
//! One-second levels go into a [`LevelHistogram`]; hours into a [`NoiseDay`]; days into [`ZoneTallies`]. Nothing here
//! knows who made the noise.

mod background;
mod day;
mod emission;
mod energy;
mod evaluation;
mod histogram;
mod validity;
mod zones;

pub use background::{BackgroundCorrected, BackgroundTable, without_background};
pub use day::{NoiseDay, PointPeriods, ZoneTallies};
pub use emission::{IndoorMinus, NoiseEmission, Room};
pub use energy::{day_night_level, energy_mean};
pub use evaluation::{
    Bounds, DayNightRule, Deviation, Grade, GradeScale, Graded, LevelRules, NoiseEvaluation, RoadSection,
    regional_mean, road_mean,
};
pub use histogram::{LevelHistogram, LevelStatistics};
pub use validity::NoiseValidity;
pub use zones::{
    DayNight, LevelJudged, NightMax, NightMaxKind, NoisePeriod, NoiseZone, NoiseZones, ZoneException, ZoneLimits,
};

#[cfg(doc)]
use crate::Measured;
use crate::{Dated, Day, LoadError, NormFile, Term};
use std::collections::BTreeMap;

/// The dated tables of noise.
#[derive(Clone, Debug, Default)]
pub struct NoiseNorms {
    /// GB 3096.
    pub zones: Dated<NoiseZones>,
    /// HJ 640.
    pub evaluation: Dated<NoiseEvaluation>,
    /// HJ 906.
    pub validity: Dated<NoiseValidity>,
    /// Limits at a boundary by name of the standard: `GB12348`, `GB22337`, `GB12523`.
    pub emission: BTreeMap<String, Dated<NoiseEmission>>,
}

/// The editions that judge the noise of one day.
#[derive(Clone, Copy, Debug)]
pub struct NoiseRules<'a> {
    /// GB 3096.
    pub zones: &'a NoiseZones,
    /// HJ 640.
    pub evaluation: &'a NoiseEvaluation,
    /// HJ 906.
    pub validity: &'a NoiseValidity,
}

impl NoiseNorms {
    /// Reads a file when its schema is one of this medium; `false` when it is not.
    pub(crate) fn read(&mut self, schema: &str, term: Term, file: &NormFile) -> Result<bool, LoadError> {
        match schema {
            "noise-zones/1" => self.zones.add_of(file, term, NoiseZones::load(file)?)?,
            "noise-evaluation/1" => self.evaluation.add_of(file, term, NoiseEvaluation::load(file)?)?,
            "noise-validity/1" => self.validity.add_of(file, term, NoiseValidity::load(file)?)?,
            "noise-emission/1" => {
                let edition = NoiseEmission::load(file)?;
                let editions = self.emission.entry(edition.standard.clone()).or_default();
                editions.add_of(file, term, edition)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The editions in force on a day; `None` when one is missing.
    #[must_use]
    pub fn on(&self, day: Day) -> Option<NoiseRules<'_>> {
        Some(NoiseRules {
            zones: self.zones.on(day)?,
            evaluation: self.evaluation.on(day)?,
            validity: self.validity.on(day)?,
        })
    }

    /// The edition of a standard of limits at a boundary, such as `GB12348`.
    #[must_use]
    pub fn emission_on(&self, standard: &str, day: Day) -> Option<&NoiseEmission> {
        self.emission.get(standard)?.on(day)
    }
}
