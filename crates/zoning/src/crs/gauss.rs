//! The Gauss–Krüger projection of CGCS2000 in strips of 3° and 6°, both ways, by Krüger's series to the sixth power.

use geo::Coord;

/// Semi-major axis of CGCS2000 in metres.
pub const A: f64 = 6_378_137.0;
/// Flattening of CGCS2000.
pub const F: f64 = 1.0 / 298.257_222_101;

const N: f64 = F / (2.0 - F);
const FALSE_EASTING: f64 = 500_000.0;
/// Degrees off the central meridian up to which the series is used.
const OFF_MERIDIAN_MAX: f64 = 6.0;

/// Width of the strips.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Strip {
    /// Zones 25–45 with central meridians 75°–135°.
    Three,
    /// Zones 13–23 with central meridians 75°–135°.
    Six,
}

/// A Gauss–Krüger zone of CGCS2000.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Zone {
    strip: Strip,
    number: u8,
    prefixed: bool,
}

impl Zone {
    /// The zone with a number; `prefixed` when eastings carry it (39 500 000 on the central meridian).
    #[must_use]
    pub fn new(strip: Strip, number: u8, prefixed: bool) -> Option<Self> {
        let known = match strip {
            Strip::Three => (25..=45).contains(&number),
            Strip::Six => (13..=23).contains(&number),
        };
        known.then_some(Self { strip, number, prefixed })
    }

    /// The zone of an EPSG code from 4491 to 4554.
    #[must_use]
    pub fn from_epsg(code: u32) -> Option<Self> {
        let (strip, first, base, prefixed) = match code {
            4491..=4501 => (Strip::Six, 13, 4491, true),
            4502..=4512 => (Strip::Six, 13, 4502, false),
            4513..=4533 => (Strip::Three, 25, 4513, true),
            4534..=4554 => (Strip::Three, 25, 4534, false),
            _ => return None,
        };
        Self::new(strip, u8::try_from(code - base).ok()? + first, prefixed)
    }

    /// Its EPSG code.
    #[must_use]
    pub fn epsg(&self) -> u32 {
        let number = u32::from(self.number);
        match (self.strip, self.prefixed) {
            (Strip::Six, true) => 4491 + number - 13,
            (Strip::Six, false) => 4502 + number - 13,
            (Strip::Three, true) => 4513 + number - 25,
            (Strip::Three, false) => 4534 + number - 25,
        }
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> u8 {
        self.number
    }

    /// Its strip.
    #[must_use]
    pub fn strip(&self) -> Strip {
        self.strip
    }

    /// Whether eastings carry the number of the zone.
    #[must_use]
    pub fn prefixed(&self) -> bool {
        self.prefixed
    }

    /// Central meridian in degrees.
    #[must_use]
    pub fn central_meridian(&self) -> f64 {
        match self.strip {
            Strip::Three => f64::from(self.number) * 3.0,
            Strip::Six => f64::from(self.number) * 6.0 - 3.0,
        }
    }

    fn easting_offset(&self) -> f64 {
        FALSE_EASTING + if self.prefixed { f64::from(self.number) * 1e6 } else { 0.0 }
    }

    /// Easting and northing in metres; none beyond 6° off the central meridian or at the poles.
    #[must_use]
    pub fn forward(&self, g: Coord<f64>) -> Option<Coord<f64>> {
        let off = g.x - self.central_meridian();
        if off.abs() > OFF_MERIDIAN_MAX || g.y.abs() > 89.0 {
            return None;
        }
        let c = SERIES.forward(g.y.to_radians(), off.to_radians());
        Some(Coord { x: c.x + self.easting_offset(), y: c.y })
    }

    /// Longitude and latitude in degrees; none for what is no easting and northing of this zone.
    #[must_use]
    pub fn inverse(&self, c: Coord<f64>) -> Option<Coord<f64>> {
        let east = c.x - self.easting_offset();
        if east.abs() > 700_000.0 || c.y.abs() > 9_900_000.0 {
            return None;
        }
        let g = SERIES.inverse(east, c.y);
        let off = g.x.to_degrees();
        (off.abs() <= OFF_MERIDIAN_MAX).then(|| Coord { x: off + self.central_meridian(), y: g.y.to_degrees() })
    }

    /// Plane length over length on the ellipsoid at a place, 1 on the central meridian.
    #[must_use]
    pub fn scale(&self, c: Coord<f64>) -> f64 {
        let east = c.x - self.easting_offset();
        let latitude = SERIES.inverse(0.0, c.y).y;
        let e2 = F * (2.0 - F);
        let w2 = 1.0 - e2 * latitude.sin().powi(2);
        // The mean radius of curvature.
        let radius2 = A * A * (1.0 - e2) / (w2 * w2);
        let q = east * east / radius2;
        1.0 + q / 2.0 + q * q / 24.0
    }
}

/// The zone that a name such as `CGCS20003DEGREEGKZONE39` or `…CM117E` tells of (capitals, no blanks).
pub(super) fn zone_in_name(plain: &str) -> Option<Zone> {
    let strip = if plain.contains("6DEGREE") || plain.contains("6度") { Strip::Six } else { Strip::Three };
    let number_after = |mark: &str| -> Option<u32> {
        let (_, after) = plain.split_once(mark)?;
        let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        after[..end].parse().ok()
    };
    if let Some(number) = number_after("ZONE").or_else(|| number_after("带号")) {
        return Zone::new(strip, u8::try_from(number).ok()?, true);
    }
    let meridian = number_after("CM").or_else(|| number_after("中央经线"))?;
    let number = match strip {
        Strip::Three => (meridian % 3 == 0).then_some(meridian / 3)?,
        Strip::Six => (meridian % 6 == 3).then_some((meridian + 3) / 6)?,
    };
    Zone::new(strip, u8::try_from(number).ok()?, false)
}

/// Krüger's series: rectifying radius and coefficients of both directions.
struct Series {
    radius: f64,
    alpha: [f64; 6],
    beta: [f64; 6],
}

const SERIES: Series = Series::new();

impl Series {
    const fn new() -> Self {
        let n = N;
        let n2 = n * n;
        let n3 = n2 * n;
        let n4 = n3 * n;
        let n5 = n4 * n;
        let n6 = n5 * n;
        Self {
            radius: A / (1.0 + n) * (1.0 + n2 / 4.0 + n4 / 64.0 + n6 / 256.0),
            alpha: [
                n / 2.0 - n2 * 2.0 / 3.0 + n3 * 5.0 / 16.0 + n4 * 41.0 / 180.0 - n5 * 127.0 / 288.0
                    + n6 * 7_891.0 / 37_800.0,
                n2 * 13.0 / 48.0 - n3 * 3.0 / 5.0 + n4 * 557.0 / 1_440.0 + n5 * 281.0 / 630.0
                    - n6 * 1_983_433.0 / 1_935_360.0,
                n3 * 61.0 / 240.0 - n4 * 103.0 / 140.0 + n5 * 15_061.0 / 26_880.0 + n6 * 167_603.0 / 181_440.0,
                n4 * 49_561.0 / 161_280.0 - n5 * 179.0 / 168.0 + n6 * 6_601_661.0 / 7_257_600.0,
                n5 * 34_729.0 / 80_640.0 - n6 * 3_418_889.0 / 1_995_840.0,
                n6 * 212_378_941.0 / 319_334_400.0,
            ],
            beta: [
                n / 2.0 - n2 * 2.0 / 3.0 + n3 * 37.0 / 96.0 - n4 / 360.0 - n5 * 81.0 / 512.0
                    + n6 * 96_199.0 / 604_800.0,
                n2 / 48.0 + n3 / 15.0 - n4 * 437.0 / 1_440.0 + n5 * 46.0 / 105.0 - n6 * 1_118_711.0 / 3_870_720.0,
                n3 * 17.0 / 480.0 - n4 * 37.0 / 840.0 - n5 * 209.0 / 4_480.0 + n6 * 5_569.0 / 90_720.0,
                n4 * 4_397.0 / 161_280.0 - n5 * 11.0 / 504.0 - n6 * 830_251.0 / 7_257_600.0,
                n5 * 4_583.0 / 161_280.0 - n6 * 108_847.0 / 3_991_680.0,
                n6 * 20_648_693.0 / 638_668_800.0,
            ],
        }
    }

    /// Easting from the central meridian and northing, from latitude and longitude off the meridian in radians.
    fn forward(&self, latitude: f64, off: f64) -> Coord<f64> {
        let tau = conformal(latitude.tan());
        let (sin, cos) = off.sin_cos();
        let xi = tau.atan2(cos);
        let eta = (sin / tau.hypot(cos)).asinh();
        let (mut north, mut east) = (xi, eta);
        for (order, alpha) in (1_u8..).zip(self.alpha) {
            let twice = 2.0 * f64::from(order);
            let (s, c) = (twice * xi).sin_cos();
            north += alpha * s * (twice * eta).cosh();
            east += alpha * c * (twice * eta).sinh();
        }
        Coord { x: self.radius * east, y: self.radius * north }
    }

    /// Longitude off the meridian (x) and latitude (y) in radians.
    fn inverse(&self, east: f64, north: f64) -> Coord<f64> {
        let (xi, eta) = (north / self.radius, east / self.radius);
        let (mut xi_0, mut eta_0) = (xi, eta);
        for (order, beta) in (1_u8..).zip(self.beta) {
            let twice = 2.0 * f64::from(order);
            let (s, c) = (twice * xi).sin_cos();
            xi_0 -= beta * s * (twice * eta).cosh();
            eta_0 -= beta * c * (twice * eta).sinh();
        }
        let (s, c) = xi_0.sin_cos();
        let tau_0 = s / eta_0.sinh().hypot(c);
        Coord { x: eta_0.sinh().atan2(c), y: geodetic(tau_0).atan() }
    }
}

/// Tangent of the conformal latitude from that of the geodetic one.
fn conformal(tau: f64) -> f64 {
    let e = (F * (2.0 - F)).sqrt();
    let root = tau.hypot(1.0);
    let sigma = (e * (e * tau / root).atanh()).sinh();
    tau * sigma.hypot(1.0) - sigma * root
}

/// The inverse of [`conformal`], by Newton's method.
fn geodetic(tau_0: f64) -> f64 {
    let e2 = F * (2.0 - F);
    let mut tau = tau_0 / (1.0 - e2);
    for _ in 0..8 {
        let guess = conformal(tau);
        let step = (tau_0 - guess) / guess.hypot(1.0) * (1.0 + (1.0 - e2) * tau * tau) / ((1.0 - e2) * tau.hypot(1.0));
        tau += step;
        if step.abs() <= 1e-15 * (1.0 + tau.abs()) {
            break;
        }
    }
    tau
}
