//! Areas that follow no mesh: blobs round a place, strips along a way. Simple by their making.

use super::place::{Place, Polygon, Ring, doubled_area};
use crate::dice::Dice;

/// Corners of a blob by its radius: one in about `CORNER_M` of its border, between the two bounds.
const CORNER_M: f64 = 25.0;
const CORNERS: [f64; 2] = [12.0, 240.0];

/// A wobbling circle: every ray from the middle meets its border once.
pub(super) fn blob(middle: Place, radius_m: f64, dice: &mut Dice) -> Polygon {
    let waves: Vec<(f64, f64, f64)> = (2..7)
        .map(|wave| {
            let wave = f64::from(wave);
            (wave, dice.between(0.0, 0.28) / wave, dice.between(0.0, std::f64::consts::TAU))
        })
        .collect();
    ring(middle, radius_m, &waves)
}

/// Blobs of one shape about one middle, each inside the next: radii ascend.
pub(super) fn nested(middle: Place, radii_m: &[f64], dice: &mut Dice) -> Vec<Polygon> {
    let wave = (3.0, dice.between(0.05, 0.12), dice.between(0.0, std::f64::consts::TAU));
    radii_m.iter().map(|radius| ring(middle, *radius, &[wave])).collect()
}

fn ring(middle: Place, radius_m: f64, waves: &[(f64, f64, f64)]) -> Polygon {
    let corners = (std::f64::consts::TAU * radius_m / CORNER_M).clamp(CORNERS[0], CORNERS[1]) as u32;
    let points = (0..corners).map(|corner| {
        let angle = std::f64::consts::TAU * f64::from(corner) / f64::from(corners);
        let wobble: f64 = waves.iter().map(|(wave, height, turn)| height * (wave * angle + turn).cos()).sum();
        let radius = radius_m * (1.0 + wobble);
        middle.moved(radius * angle.cos(), radius * angle.sin())
    });
    Polygon { rings: vec![points.collect()] }
}

/// A ribbon from `start` towards `heading` (degrees, 0 = east): it sways, but never turns back.
pub(super) fn strip(start: Place, heading: f64, length_m: f64, width_m: f64, dice: &mut Dice) -> Polygon {
    let step = 60.0;
    let (sin, cos) = heading.to_radians().sin_cos();
    let sway = dice.between(150.0, 500.0);
    let (period, turn) = (dice.between(1800.0, 4200.0), dice.between(0.0, std::f64::consts::TAU));
    let (mut left, mut right) = (Ring::new(), Ring::new());
    let steps = (length_m / step).max(2.0) as u32;
    for index in 0..=steps {
        let along = f64::from(index) * step;
        let aside = sway * ((std::f64::consts::TAU * along / period + turn).sin() - turn.sin());
        let half = width_m / 2.0 * (1.0 + 0.3 * dice.between(-1.0, 1.0));
        let at = |aside: f64| start.moved(along * cos - aside * sin, along * sin + aside * cos);
        left.push(at(aside + half));
        right.push(at(aside - half));
    }
    right.extend(left.into_iter().rev());
    if doubled_area(&right) < 0 {
        right.reverse();
    }
    Polygon { rings: vec![right] }
}
