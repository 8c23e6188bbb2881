//! Power series in `s`, the variable of Laplace transforms, up to the third power: as far as cumulants are kept.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// Coefficients of 1, s, s², s³.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Series(pub(crate) [f64; 4]);

impl Series {
    pub(crate) const ONE: Self = Self([1.0, 0.0, 0.0, 0.0]);

    /// `√(a + c s)` for positive `a`.
    pub(crate) fn root(a: f64, c: f64) -> Self {
        let (root, h) = (a.sqrt(), c / a);
        Self([root, root * h / 2.0, -root * h * h / 8.0, root * h * h * h / 16.0])
    }

    pub(crate) fn exp(self) -> Self {
        let [c0, c1, c2, c3] = self.0;
        Self([1.0, c1, c2 + c1 * c1 / 2.0, c3 + c1 * c2 + c1 * c1 * c1 / 6.0]) * c0.exp()
    }

    /// The logarithm where the first coefficient is positive.
    pub(crate) fn ln(self) -> Self {
        let [_, c1, c2, c3] = self.0.map(|coefficient| coefficient / self.0[0]);
        Self([self.0[0].ln(), c1, c2 - c1 * c1 / 2.0, c3 - c1 * c2 + c1 * c1 * c1 / 3.0])
    }
}

impl Add for Series {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(std::array::from_fn(|n| self.0[n] + other.0[n]))
    }
}

impl Sub for Series {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Neg for Series {
    type Output = Self;

    fn neg(self) -> Self {
        self * -1.0
    }
}

impl Mul<f64> for Series {
    type Output = Self;

    fn mul(self, factor: f64) -> Self {
        Self(self.0.map(|coefficient| coefficient * factor))
    }
}

impl Mul for Series {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self(std::array::from_fn(|n| (0..=n).map(|k| self.0[k] * other.0[n - k]).sum()))
    }
}

impl Div for Series {
    type Output = Self;

    fn div(self, by: Self) -> Self {
        let mut quotient = [0.0; 4];
        for n in 0..4 {
            let known: f64 = (0..n).map(|k| quotient[k] * by.0[n - k]).sum();
            quotient[n] = (self.0[n] - known) / by.0[0];
        }
        Self(quotient)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the functions themselves, at a small `s`: what is left is the fourth power.
    #[test]
    fn series_are_the_functions_they_stand_for() {
        let at = |series: Series, s: f64| series.0.iter().rev().fold(0.0, |sum, coefficient| sum * s + coefficient);
        let s = 1e-3;
        let (one, two) = (Series([0.7, 0.3, -0.2, 0.5]), Series([2.0, -1.0, 0.4, 0.1]));
        let (a, b) = (at(one, s), at(two, s));
        let pairs = [
            (one * two, a * b),
            (one / two, a / b),
            (one - two, a - b),
            (one.exp(), a.exp()),
            (one.ln(), a.ln()),
            (Series::root(1.5, 4.0), (1.5 + 4.0 * s).sqrt()),
        ];
        for (series, expected) in pairs {
            assert!((at(series, s) - expected).abs() < 1e-10, "{series:?}");
        }
    }
}
