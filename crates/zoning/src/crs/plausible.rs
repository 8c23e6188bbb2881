//! Whether declared coordinates can be meant so, and what else they could be. Nothing is ever changed here.

use geo::Coord;

use super::{Crs, Strip, Zone};
use crate::plane::Bounds;

/// Metres around the city that still count as the city.
pub const MARGIN_M: f64 = 50_000.0;
const METRES_PER_DEGREE: f64 = 111_320.0;

/// The box of a city in CGCS2000 degrees.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CityFrame {
    inner: Bounds,
    outer: Bounds,
}

/// A way to read coordinates that leads into the city.
#[derive(Clone, PartialEq, Debug)]
pub struct Candidate {
    /// The system.
    pub crs: Crs,
    /// Whether x and y would have to be exchanged first.
    pub swapped: bool,
    /// The test that suggests it, in Chinese.
    pub test_zh: String,
    /// The test, in English.
    pub test_en: String,
}

/// What is to be said about declared, or undeclared, coordinates.
#[derive(Clone, PartialEq, Debug)]
pub enum Reading {
    /// As declared they lie in the city or within 50 km.
    Plausible,
    /// As declared they lie elsewhere; these readings would lie in the city.
    Outside(Vec<Candidate>),
    /// No system was declared; these readings would lie in the city. A question, never a guess.
    Undeclared(Vec<Candidate>),
}

impl CityFrame {
    /// The frame of a city from its box in degrees.
    #[must_use]
    pub fn new(degrees: Bounds) -> Self {
        let dy = MARGIN_M / METRES_PER_DEGREE;
        let dx = dy / degrees.center().y.to_radians().cos().max(0.05);
        let outer = Bounds {
            min: Coord { x: degrees.min.x - dx, y: degrees.min.y - dy },
            max: Coord { x: degrees.max.x + dx, y: degrees.max.y + dy },
        };
        Self { inner: degrees, outer }
    }

    /// Judges the box of some coordinates under the declared system, if any.
    #[must_use]
    pub fn read(&self, given: &Bounds, declared: Option<Crs>) -> Reading {
        match declared {
            Some(crs) if self.holds(given, crs, false, &self.outer) => Reading::Plausible,
            Some(crs) => {
                let mut all = self.candidates(given);
                all.retain(|candidate| candidate.crs != crs || candidate.swapped);
                Reading::Outside(all)
            }
            None => Reading::Undeclared(self.candidates(given)),
        }
    }

    /// Every reading that leads into the city or within 50 km, likely ones first.
    #[must_use]
    pub fn candidates(&self, given: &Bounds) -> Vec<Candidate> {
        let mut found: Vec<(bool, Candidate)> = Vec::new();
        for swapped in [false, true] {
            for crs in self.systems() {
                // Exchanged degrees of shifted systems say no more than exchanged degrees.
                if swapped && matches!(crs, Crs::Gcj02 | Crs::Bd09 | Crs::WebMercator | Crs::Wgs84) {
                    continue;
                }
                if self.holds(given, crs, swapped, &self.outer) {
                    let far = !self.holds(given, crs, swapped, &self.inner);
                    found.push((far, candidate(crs, swapped)));
                }
            }
        }
        found.sort_by_key(|(far, candidate)| (*far, candidate.swapped));
        found.into_iter().map(|(_, candidate)| candidate).collect()
    }

    /// Systems in which coordinates of this city come.
    fn systems(&self) -> Vec<Crs> {
        let mut all = vec![Crs::Cgcs2000, Crs::Wgs84, Crs::Gcj02, Crs::Bd09, Crs::WebMercator];
        let middle = self.inner.center().x;
        for (strip, width) in [(Strip::Three, 3.0), (Strip::Six, 6.0)] {
            for number in 13..=45 {
                for prefixed in [true, false] {
                    let zone = Zone::new(strip, number, prefixed);
                    let near = zone.filter(|zone| (zone.central_meridian() - middle).abs() <= width);
                    all.extend(near.map(Crs::Gauss));
                }
            }
        }
        all
    }

    fn holds(&self, given: &Bounds, crs: Crs, swapped: bool, frame: &Bounds) -> bool {
        let corners = [given.min, given.max].map(|c| if swapped { Coord { x: c.y, y: c.x } } else { c });
        !given.is_empty() && corners.iter().all(|c| crs.to_geographic(*c).is_ok_and(|g| frame.holds(g)))
    }
}

fn candidate(crs: Crs, swapped: bool) -> Candidate {
    let name = crs.name();
    let (test_zh, test_en) = if swapped {
        (
            format!("交换两个坐标后按 {name} 读取，落在本市范围内：坐标顺序可能颠倒"),
            format!("with x and y exchanged and read as {name} it lies in the city: the axes may be swapped"),
        )
    } else {
        match crs {
            Crs::Gauss(zone) => (
                format!(
                    "按 {name}（{}° 中央经线，{}）读取，落在本市范围内",
                    zone.central_meridian(),
                    if zone.prefixed() { "横坐标带带号" } else { "横坐标不带带号" }
                ),
                format!(
                    "read as {name} (central meridian {}°, easting {} zone number) it lies in the city",
                    zone.central_meridian(),
                    if zone.prefixed() { "with" } else { "without" }
                ),
            ),
            _ => (format!("按 {name} 读取，落在本市范围内"), format!("read as {name} it lies in the city")),
        }
    };
    Candidate { crs, swapped, test_zh, test_en }
}
