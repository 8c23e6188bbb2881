//! Places and areas on a grid of 1e-9 degree: whole numbers, so that shared edges are shared exactly.

use std::fmt::Write;

/// Grid steps in a degree.
pub(super) const STEPS: f64 = 1e9;

/// Metres in a degree of latitude, and in one of longitude at the middle of the city. Good to some parts in a
/// thousand, which is enough for shapes that are invented; nothing is judged by them.
pub(super) const METRES: [f64; 2] = [101_270.0, 110_770.0];

/// A place in CGCS2000, in steps of 1e-9 degree: about a tenth of a millimetre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Longitude.
    pub x: i64,
    /// Latitude.
    pub y: i64,
}

impl Place {
    /// Returns the place nearest to a longitude and latitude in degrees.
    #[must_use]
    pub fn of_degrees(longitude: f64, latitude: f64) -> Place {
        Place { x: (longitude * STEPS).round() as i64, y: (latitude * STEPS).round() as i64 }
    }

    /// Longitude and latitude in degrees.
    #[must_use]
    pub fn degrees(self) -> [f64; 2] {
        [self.x as f64 / STEPS, self.y as f64 / STEPS]
    }

    /// The place some metres to the east and to the north, by the rough scale of this city.
    pub(super) fn moved(self, east_m: f64, north_m: f64) -> Place {
        Place {
            x: self.x + (east_m / METRES[0] * STEPS).round() as i64,
            y: self.y + (north_m / METRES[1] * STEPS).round() as i64,
        }
    }

    /// Rough distance in metres.
    pub(super) fn metres_to(self, other: Place) -> f64 {
        let east = (other.x - self.x) as f64 / STEPS * METRES[0];
        let north = (other.y - self.y) as f64 / STEPS * METRES[1];
        east.hypot(north)
    }

    /// Writes `longitude<separator>latitude` with up to nine decimals, exactly.
    pub(super) fn write(self, text: &mut String, separator: char) {
        for (index, value) in [self.x, self.y].into_iter().enumerate() {
            if index == 1 {
                text.push(separator);
            }
            let start = text.len();
            // Writing to a string cannot fail.
            let _ = write!(text, "{}.{:09}", value / 1_000_000_000, value.rem_euclid(1_000_000_000));
            while text.ends_with('0') && text.len() > start + 3 {
                text.pop();
            }
            if text.ends_with('.') {
                text.push('0');
            }
        }
    }
}

/// A closed line without its last point, which would be the first again.
pub(super) type Ring = Vec<Place>;

/// One outer ring, counter-clockwise, and its holes, clockwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Polygon {
    pub(super) rings: Vec<Ring>,
}

/// Twice the signed area; positive for a counter-clockwise ring.
pub(super) fn doubled_area(ring: &[Place]) -> i128 {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|(a, b)| i128::from(a.x) * i128::from(b.y) - i128::from(b.x) * i128::from(a.y)).sum()
}

/// Whether a place lies inside a ring (even-odd rule; the boundary may fall either way).
pub(super) fn within(place: Place, ring: &[Place]) -> bool {
    let mut inside = false;
    let next = ring.iter().cycle().skip(1);
    for (a, b) in ring.iter().zip(next) {
        if (a.y > place.y) != (b.y > place.y) {
            let run = i128::from(b.x - a.x) * i128::from(place.y - a.y);
            let rise = i128::from(b.y - a.y);
            let offset = i128::from(place.x - a.x) * rise;
            if (rise > 0) == (offset < run) {
                inside = !inside;
            }
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(side: i64) -> Ring {
        [(0, 0), (side, 0), (side, side), (0, side)].map(|(x, y)| Place { x, y }).to_vec()
    }

    #[test]
    fn a_square_has_its_area_and_inside() {
        assert_eq!(doubled_area(&square(4)), 32);
        assert!(within(Place { x: 1, y: 3 }, &square(4)));
        assert!(!within(Place { x: 5, y: 3 }, &square(4)));
        let mut turned = square(4);
        turned.reverse();
        assert_eq!(doubled_area(&turned), -32);
        assert!(within(Place { x: 1, y: 3 }, &turned));
    }

    #[test]
    fn degrees_are_written_exactly() {
        let written = |x, y| {
            let mut text = String::new();
            Place { x, y }.write(&mut text, ',');
            text
        };
        assert_eq!(written(118_000_000_001, 24_500_000_000), "118.000000001,24.5");
        assert_eq!(written(118_000_000_000, 24_000_000_010), "118.0,24.00000001");
        assert_eq!(Place::of_degrees(118.1, 24.5), Place { x: 118_100_000_000, y: 24_500_000_000 });
    }
}
