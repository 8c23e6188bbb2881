//! The shifted systems of Chinese web maps: GCJ-02 and BD-09, by the formulas in public use.
//!
//! The forward formulas are closed; the inverses are iterated until they return where they came from.

use geo::Coord;
use std::f64::consts::PI;

/// Krasovsky's ellipsoid, which the shift is computed on.
const A: f64 = 6_378_245.0;
const E2: f64 = 0.006_693_421_622_965_943;

/// Outside this box web maps do not shift.
fn shifts_here(g: Coord<f64>) -> bool {
    (72.004..=137.8347).contains(&g.x) && (0.8293..=55.8271).contains(&g.y)
}

/// GCJ-02 of a longitude and latitude.
#[must_use]
pub fn gcj02(g: Coord<f64>) -> Coord<f64> {
    if !shifts_here(g) {
        return g;
    }
    let (x, y) = (g.x - 105.0, g.y - 35.0);
    let wave =
        |u: f64, first: f64, second: f64, c: f64, d: f64| c * (u / first * PI).sin() + d * (u / second * PI).sin();
    let short = 20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin();
    let root = x.abs().sqrt();
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + (short + wave(y, 1.0, 3.0, 20.0, 40.0) + wave(y, 12.0, 30.0, 160.0, 320.0)) * 2.0 / 3.0;
    let east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + (short + wave(x, 1.0, 3.0, 20.0, 40.0) + wave(x, 12.0, 30.0, 150.0, 300.0)) * 2.0 / 3.0;
    let latitude = g.y.to_radians();
    let w2 = 1.0 - E2 * latitude.sin().powi(2);
    let w = w2.sqrt();
    let meridian = A * (1.0 - E2) / (w2 * w);
    let normal = A / w * latitude.cos();
    Coord { x: g.x + (east / normal).to_degrees(), y: g.y + (north / meridian).to_degrees() }
}

/// The longitude and latitude that GCJ-02 shifts to `c`; none when the iteration does not settle.
#[must_use]
pub fn gcj02_to_geographic(c: Coord<f64>) -> Option<Coord<f64>> {
    settle(c, gcj02)
}

/// BD-09 of a GCJ-02 coordinate.
#[must_use]
pub fn bd09(c: Coord<f64>) -> Coord<f64> {
    let turn = PI * 3_000.0 / 180.0;
    let radius = c.x.hypot(c.y) + 0.000_02 * (c.y * turn).sin();
    let angle = c.y.atan2(c.x) + 0.000_003 * (c.x * turn).cos();
    Coord { x: radius * angle.cos() + 0.0065, y: radius * angle.sin() + 0.006 }
}

/// The GCJ-02 coordinate that Baidu shifts to `c`.
#[must_use]
pub fn bd09_to_gcj02(c: Coord<f64>) -> Option<Coord<f64>> {
    settle(c, bd09)
}

/// Finds what `shift` carries to `target`, by fixed-point iteration: both shifts are nearly constant nearby.
fn settle(target: Coord<f64>, shift: impl Fn(Coord<f64>) -> Coord<f64>) -> Option<Coord<f64>> {
    let mut guess = target;
    for _ in 0..60 {
        let there = shift(guess);
        let miss = Coord { x: target.x - there.x, y: target.y - there.y };
        guess = Coord { x: guess.x + miss.x, y: guess.y + miss.y };
        if miss.x.abs() < 1e-13 * 360.0 && miss.y.abs() < 1e-13 * 360.0 {
            return Some(guess);
        }
    }
    let there = shift(guess);
    // A nanodegree is a tenth of a millimetre.
    ((target.x - there.x).abs() < 1e-9 && (target.y - there.y).abs() < 1e-9).then_some(guess)
}
