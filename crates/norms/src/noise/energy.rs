//! Means of levels by energy.

use super::DayNight;
use crate::Measured;

/// The energy of a level, by that of 0 dB.
pub(super) fn energy_of(level_db: f64) -> f64 {
    10_f64.powf(0.1 * level_db)
}

/// The level of an energy, to the nearest 10⁻⁹ dB; `None` for none.
pub(super) fn level_of(energy: f64) -> Option<Measured> {
    if energy > 0.0 { Measured::from_f64(10.0 * energy.log10()) } else { None }
}

/// The equivalent level of levels that stand for equal times: `10·lg(mean(10^(0.1·L)))`, in dB (GB 3096-2008 3).
///
/// The Ld and Ln of a day are such means of its hours, and those of a year of its days (HJ 640-2012 6).
///
/// ```
/// use norms::{Measured, noise::energy_mean};
/// let mean = energy_mean([60, 70].map(Measured::whole)).unwrap();
/// assert_eq!(mean.rounded(1).to_string(), "67.4");
/// assert_eq!(energy_mean([Measured::whole(60); 16]), Some(Measured::whole(60)));
/// assert_eq!(energy_mean([]), None);
/// ```
#[must_use]
pub fn energy_mean(levels: impl IntoIterator<Item = Measured>) -> Option<Measured> {
    let (mut energy, mut count) = (0.0, 0_u32);
    for level in levels {
        energy += energy_of(level.to_f64());
        count += 1;
    }
    if count == 0 { None } else { level_of(energy / f64::from(count)) }
}

/// The day-night level from Ld and Ln, the night heard louder by `night_addition` (HJ 640-2012 6), all in dB.
///
/// ```
/// use norms::{Measured, noise::{DayNight, day_night_level}};
/// let hours = DayNight::new(6, 22).unwrap();
/// let ldn = day_night_level(Measured::whole(60), Measured::whole(50), hours, Measured::whole(10));
/// assert_eq!(ldn, Some(Measured::whole(60)));
/// ```
#[must_use]
pub fn day_night_level(ld: Measured, ln: Measured, hours: DayNight, night_addition: Measured) -> Option<Measured> {
    let (day, night) = (f64::from(hours.day_hours()), f64::from(hours.night_hours()));
    let night_energy = energy_of(ln.to_f64() + night_addition.to_f64());
    level_of((day * energy_of(ld.to_f64()) + night * night_energy) / (day + night))
}
