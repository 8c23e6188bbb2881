//! The other media of the made-up city: rivers, sources, the sea, noise, wells, soil, outfalls, litter on the shore.
//!
//! [`simulate`] visits every [`Place`] of the register as `cities/xiamen/demo/media.toml` says and writes down what was
//! measured. A value is the level of its item, times what causes do at that place and time, times season, rain of the
//! month, the place itself and chance; then the instrument rounds it, or finds nothing above its detection limit.
//! Causes have dates: a village whose waste water runs into a brook until its sewer is built. What a year comes to is
//! left to who judges it.
//!
//! | file | holds |
//! | --- | --- |
//! | `place.rs` | the register of places |
//! | `model.rs` | `media.toml`, read and checked |
//! | `visits.rs` | when a place is visited |
//! | `sample.rs` | what a laboratory finds in a sample |
//! | `noise.rs`, `litter.rs` | 24 hours of levels, a walk along a shore |
//! | `works.rs` | works, visits and intake: entries whose sums are figures |
//!
//! **Everything is invented** and must be stored as `source = simulated`.
//!
//! ```
//! use simulator::media::{MediaModel, places, simulate};
//!
//! let model = MediaModel::parse(include_str!("../../../../cities/xiamen/demo/media.toml"))?;
//! let places = places(include_str!("../../../../cities/xiamen/demo/places.csv"))?;
//! let wells: Vec<_> = places.into_iter().filter(|place| place.kind == "well").collect();
//! let rows: Vec<_> = simulate(&model, &wells, model.seed, 2021..=2022)?.collect();
//!
//! let cyanide = rows.iter().find(|row| &*row.parameter == "CN").expect("it was looked for");
//! assert_eq!((cyanide.flag.letter(), cyanide.period.name()), ("L", "instant"));
//! # Ok::<(), simulator::Error>(())
//! ```

mod litter;
mod model;
mod noise;
mod place;
mod sample;
mod visits;
mod works;

use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::civil::DateTime;

pub use model::MediaModel;
pub use place::{Medium, Place, places};
pub use works::{WorkEntry, worklog};

use crate::{Error, Reading};
use model::Scene;

/// Over what a value is a mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Period {
    /// A sample or survey: the time is that of sampling.
    Instant,
    /// An hour: the time is its end.
    Hour,
}

impl Period {
    /// Returns the word of tables, `instant` or `hour`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Period::Instant => "instant",
            Period::Hour => "hour",
        }
    }
}

/// Whether there was anything to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Found {
    /// The value was measured; written as nothing.
    Measured,
    /// Less than can be detected: the value is the detection limit.
    BelowDetection,
}

impl Found {
    /// Returns the letter of the flag column, empty or `L`.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Found::Measured => "",
            Found::BelowDetection => "L",
        }
    }
}

/// One simulated value. Its unit is that of the parameter in `norms/parameters.csv` for the medium of the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaRow {
    /// Code of the place.
    pub station: Arc<str>,
    /// Beijing local time: of sampling, or the end of the hour.
    pub time: DateTime,
    /// Over what the value is a mean.
    pub period: Period,
    /// Code of the parameter, as in `norms/parameters.csv`.
    pub parameter: Arc<str>,
    /// The value, or the detection limit.
    pub value: Reading,
    /// Whether it is a detection limit.
    pub flag: Found,
}

/// Simulates whole calendar years at places, in the order given; rows of a place come by time.
///
/// A value depends on seed, model, place and time of visit alone: neither on the other places nor on the years asked for.
///
/// # Errors
/// [`Error::Years`] for years that the model does not cover, [`Error::StationTwice`], and [`Error::Model`] where the
/// model says nothing of a place: no campaign for its medium, no level for its noise zone, no length of its shore.
pub fn simulate<'a>(
    model: &'a MediaModel,
    places: &'a [Place],
    seed: u64,
    years: RangeInclusive<i16>,
) -> Result<impl Iterator<Item = MediaRow> + 'a, Error> {
    model.covers(&years)?;
    place::check_codes(places)?;
    for place in places {
        model.knows(place)?;
    }
    let scene = Scene::new(model, seed);
    Ok(places.iter().flat_map(move |place| rows_of(&scene, place, years.clone())))
}

fn rows_of(scene: &Scene<'_>, place: &Place, years: RangeInclusive<i16>) -> Vec<MediaRow> {
    match place.medium {
        Medium::Noise => noise::rows(scene, place, years),
        Medium::Litter => litter::rows(scene, place, years),
        _ => sample::rows(scene, place, years),
    }
}
