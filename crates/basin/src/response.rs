//! How a cloud passes a place: the answer of a path of reaches to one unit of mass.
//!
//! In a uniform river of velocity `u` and dispersion `D` the mean concentration of the cross-section at distance `x` after
//! an instantaneous release of mass `M` is `M / Q · g(t)` with `Q = A u` and
//!
//! ```text
//! g(t) = u / √(4π D t) · exp(-(x - u t)² / 4Dt) = exp(-(T - t)² / 4bt) / √(4π b t),   T = x / u,   b = D / u²
//! ```
//!
//! Its Laplace transform is `1/w`, `w = √(1 + 4Ds/u²)`, times a factor for each metre of way, an inverse Gaussian. Where
//! unlike reaches join, concentration and flux go on without a jump, so that part of a cloud is thrown back:
//! [`Stretch::thrown_back`]. Transforms multiply, so cumulants add; a [`Wave`] has the form above with a delay in front, and
//! takes over the mean, the variance and the third cumulant. On a uniform path it is the formula above, to rounding.

use crate::series::Series;

/// Cumulants of the time of passage, and what the way leaves of the mass.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Passing {
    mean: f64,
    variance: f64,
    third: f64,
    /// Natural logarithm of the share that decay leaves.
    log_kept: f64,
    /// Time that the water takes for the way, without what joints and ends do.
    travel: f64,
}

/// A stretch in which velocity, dispersion and decay are the same everywhere. SI units.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Stretch {
    pub(crate) velocity: f64,
    pub(crate) dispersion: f64,
    pub(crate) decay: f64,
}

impl Stretch {
    /// First-order decay tilts an inverse Gaussian into another one, that of this velocity.
    fn tilted_velocity(self) -> f64 {
        (self.velocity * self.velocity + 4.0 * self.dispersion * self.decay).sqrt()
    }

    /// `D / u²`, by the tilted velocity.
    fn spread(self) -> f64 {
        self.dispersion / self.tilted_velocity().powi(2)
    }

    /// What passing `metres` of it does.
    pub(crate) fn along(self, metres: f64) -> Passing {
        let tilted = self.tilted_velocity();
        let (time, spread) = (metres / tilted, self.spread());
        Passing {
            mean: time,
            variance: 2.0 * spread * time,
            third: 12.0 * spread * spread * time,
            log_kept: -2.0 * self.decay * metres / (tilted + self.velocity),
            travel: time,
        }
    }

    /// `w = √(1 + 4D(k + s)/u²)`.
    fn root(self) -> Series {
        let steep = 4.0 * self.dispersion / (self.velocity * self.velocity);
        Series::root(1.0 + steep * self.decay, steep)
    }

    /// What the point of release does: `1/w`.
    pub(crate) fn release(self) -> Passing {
        Passing::of(Series::ONE / self.root())
    }

    /// How much a wave that was thrown back has lost against the one that came, over `metres` of way and back.
    pub(crate) fn way_back(self, metres: f64) -> Series {
        (self.root() * (-self.velocity * metres / self.dispersion)).exp()
    }

    /// Flux by concentration, by half the flow, at the upper end of a stretch at which `back` comes up.
    pub(crate) fn admits(self, back: Series) -> Series {
        let root = self.root();
        (Series::ONE + root + (Series::ONE - root) * back) / (Series::ONE + back)
    }

    /// The part of a wave that is thrown back at the lower end of a stretch, where what lies below admits so much.
    pub(crate) fn thrown_back(self, admitted: Series) -> Series {
        let root = self.root();
        (Series::ONE + root - admitted) / (admitted - Series::ONE + root)
    }
}

impl Passing {
    /// A factor that takes no way.
    pub(crate) fn of(factor: Series) -> Self {
        let [log_kept, first, second, third] = factor.ln().0;
        Self { mean: -first, variance: 2.0 * second, third: -6.0 * third, log_kept, travel: 0.0 }
    }

    pub(crate) fn then(self, next: Self) -> Self {
        Self {
            mean: self.mean + next.mean,
            variance: self.variance + next.variance,
            third: self.third + next.third,
            log_kept: self.log_kept + next.log_kept,
            travel: self.travel + next.travel,
        }
    }

    /// The wave that has these cumulants.
    ///
    /// With `mean = delay + T + 2b`, `variance = 2bT + 8b²` and `third = 12b²T + 64b³`, `b` is the one real root of
    /// `16b³ + 6 variance b = third`. Where joints outweigh the way, that wave has next to no way `T` left and a peak
    /// without bound; then the variance is kept for half the way of the water and the third cumulant is given up, and last
    /// the variance for a delay that is not negative.
    pub(crate) fn wave(self, share: f64) -> Wave {
        let (mean, variance) = (self.mean, self.variance);
        let steep = (variance / 8.0).sqrt();
        let root = steep * 2.0 * ((self.third / (32.0 * steep.powi(3))).asinh() / 3.0).sinh();
        let least = self.travel / 2.0;
        let widest = ((least * least + 8.0 * variance).sqrt() - least) / 8.0;
        let spread = if root > 0.0 { root.min(widest) } else { widest };
        let travel = ((variance - 8.0 * spread * spread) / (2.0 * spread)).max(0.0);
        let delay = mean - travel - 2.0 * spread;
        let weight = share * self.log_kept.exp();
        // A way of one kind has no delay; what is left of one there is rounding.
        if delay >= -1e-9 * mean {
            return Wave { delay: delay.max(0.0), travel, spread, weight };
        }
        let spread = ((mean * mean + 4.0 * variance).sqrt() - mean) / 4.0;
        let spread = spread.min(mean / 2.0);
        Wave { delay: 0.0, travel: mean - 2.0 * spread, spread, weight }
    }
}

/// One cloud that passes a place; times in seconds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Wave {
    /// Before it nothing arrives.
    delay: f64,
    /// `T`, on top of the delay.
    travel: f64,
    /// `b`.
    spread: f64,
    /// Share of the released mass that passes.
    pub(crate) weight: f64,
}

impl Wave {
    /// Share of the mass that passes in a second, divided by how much water passes: `weight · g`. Per second.
    fn density(&self, at: f64) -> f64 {
        let t = at - self.delay;
        if t <= 0.0 {
            return 0.0;
        }
        let quad = 4.0 * self.spread * t;
        self.weight * (-(self.travel - t).powi(2) / quad).exp() / (std::f64::consts::PI * quad).sqrt()
    }

    /// `∫ g` up to a time and behind it, each to its own last digits.
    fn before_and_after(&self, at: f64) -> (f64, f64) {
        let t = at - self.delay;
        if t <= 0.0 {
            return (0.0, 1.0);
        }
        let root = (4.0 * self.spread * t).sqrt();
        let (a, b) = ((self.travel - t) / root, (self.travel + t) / root);
        let height = (-a * a).exp();
        let mirrored = height * erfcx(b);
        let before = if a > 0.0 { height * erfcx(a) - mirrored } else { libm::erfc(a) - mirrored };
        let after = if a > 0.0 { libm::erfc(-a) + mirrored } else { height * erfcx(-a) + mirrored };
        (before / 2.0, after / 2.0)
    }

    /// Like [`Wave::density`] for a release that is spread evenly over a time.
    pub(crate) fn rate(&self, at: f64, duration: f64) -> f64 {
        // So short beside the wave that only its middle counts, to 1e-12.
        if duration <= 1e-6 * self.width() {
            return self.density(at - duration / 2.0);
        }
        let (before, after) = self.before_and_after(at);
        let (before_start, after_start) = self.before_and_after(at - duration);
        let passed = if before_start < 0.5 { before - before_start } else { after_start - after };
        self.weight * passed.max(0.0) / duration
    }

    fn width(&self) -> f64 {
        (2.0 * self.spread * self.travel + 8.0 * self.spread * self.spread).sqrt()
    }

    /// Times between which all of it passes but `1e-16`, close where it bends.
    pub(crate) fn times(&self, duration: f64, times: &mut Vec<f64>) {
        for step in -STEPS..=STEPS {
            let z = f64::from(step) * (Z_MAX / f64::from(STEPS));
            let middle = self.travel + 2.0 * self.spread * z * z;
            let reach = (middle * middle - self.travel * self.travel).max(0.0).sqrt();
            let t = self.delay + if step < 0 { self.travel * self.travel / (middle + reach) } else { middle + reach };
            times.push(t);
            if duration > 0.0 {
                times.push(t + duration);
            }
        }
        let peak = self.delay + (self.spread * self.spread + self.travel * self.travel).sqrt() - self.spread;
        times.push(peak + duration / 2.0);
    }
}

const Z_MAX: f64 = 6.0;
const STEPS: i32 = 24;

/// `exp(x²) · erfc(x)` for `x ≥ 0`.
fn erfcx(x: f64) -> f64 {
    if x < 25.0 {
        return (x * x).exp() * libm::erfc(x);
    }
    let y = 0.5 / (x * x);
    let series = 1.0 - y * (1.0 - 3.0 * y * (1.0 - 5.0 * y * (1.0 - 7.0 * y)));
    series / (x * std::f64::consts::PI.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uniform(distance: f64, stretch: Stretch, pieces: u32) -> Wave {
        let piece = stretch.along(distance / f64::from(pieces));
        let way = (0..pieces).fold(Passing::default(), |way, _| way.then(piece));
        stretch.release().then(way).wave(1.0)
    }

    #[test]
    fn a_uniform_path_is_the_formula_however_it_is_cut() {
        let stretch = Stretch { velocity: 0.5, dispersion: 20.0, decay: 1e-5 };
        for (distance, pieces) in [(500.0, 1), (500.0, 7), (20_000.0, 1), (20_000.0, 100)] {
            let wave = uniform(distance, stretch, pieces);
            for step in 1..400 {
                let t = distance / 0.5 * f64::from(step) / 100.0;
                let formula = 0.5 / (4.0 * std::f64::consts::PI * 20.0 * t).sqrt()
                    * (-(distance - 0.5 * t).powi(2) / (80.0 * t) - 1e-5 * t).exp();
                let got = wave.density(t);
                assert!((got - formula).abs() <= 1e-9 * formula + 1e-300, "{distance} {pieces} {t}: {got} {formula}");
            }
        }
    }

    #[test]
    fn a_long_release_is_the_integral_of_short_ones() {
        let wave = uniform(3_000.0, Stretch { velocity: 0.4, dispersion: 15.0, decay: 0.0 }, 3);
        for (at, duration) in [(6_000.0, 1_800.0), (7_500.0, 600.0), (12_000.0, 20_000.0), (20_000.0, 3_600.0)] {
            let pieces = 20_000;
            let width = duration / f64::from(pieces);
            let sum: f64 = (0..pieces).map(|n| wave.density(at - (f64::from(n) + 0.5) * width)).sum();
            let integral = sum * width / duration;
            let got = wave.rate(at, duration);
            assert!((got - integral).abs() <= 1e-7 * integral, "{at} {duration}: {got} {integral}");
        }
        let (short, middle) = (wave.rate(7_000.0, 1.0), wave.density(6_999.5));
        assert!((short - middle).abs() <= 1e-7 * middle);
    }

    /// Ogata and Banks hold the concentration at the start, we hold the mass that enters; the difference is the mirrored
    /// term, of the order of the square root of `D / (u x)`.
    #[test]
    fn the_front_of_a_release_without_end_is_that_of_ogata_and_banks() {
        let (u, d, x) = (0.5_f64, 5.0_f64, 10_000.0_f64);
        let wave = uniform(x, Stretch { velocity: u, dispersion: d, decay: 0.0 }, 10);
        for step in 50..150 {
            let t = x / u * f64::from(step) / 100.0;
            let root = 2.0 * (d * t).sqrt();
            let (a, b) = ((x - u * t) / root, (x + u * t) / root);
            let mirrored = (-a * a).exp() * erfcx(b) / 2.0;
            let banks = libm::erfc(a) / 2.0 + mirrored;
            let (before, after) = wave.before_and_after(t);
            assert!((before + 2.0 * mirrored - banks).abs() < 1e-12);
            assert!((before + after - 1.0).abs() < 1e-12);
            assert!((before - banks).abs() < (d / (u * x)).sqrt());
        }
    }

    #[test]
    fn the_scaled_error_function_joins() {
        for x in [0.0, 0.5, 3.0, 24.999, 25.001, 400.0] {
            let continued = (1..2_000).rev().fold(0.0, |below, n| f64::from(n) / 2.0 / (x + below));
            let expected = if x < 1.0 {
                (x * x).exp() * libm::erfc(x)
            } else {
                1.0 / (x + continued) / std::f64::consts::PI.sqrt()
            };
            assert!((erfcx(x) - expected).abs() < 1e-12 * expected, "{x}");
        }
    }
}
