//! Exact decimals: tonnes, metres and decibels compare at a limit as they are written, never as binary floats.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// Digits behind the point that an input may have.
const DECIMALS_MAX: u32 = 12;
/// Digits that an input may have in all.
const DIGITS_MAX: usize = 28;

/// An exact decimal number, `mantissa × 10^-decimals`, without trailing zeros behind the point.
///
/// ```
/// use zoning::Number;
/// let offset: Number = "3.0".parse().unwrap();
/// let growth: Number = "1.5".parse().unwrap();
/// assert_eq!(growth.checked_mul(Number::whole(2)), Some(offset));
/// assert!("1e999".parse::<Number>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Number {
    mantissa: i128,
    decimals: u32,
}

/// Why a text is no number of ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NumberError {
    /// Not a decimal number.
    #[error("not a decimal number")]
    Form,
    /// More digits than are kept exactly.
    #[error("more than 28 digits, or more than 12 behind the point")]
    Digits,
}

impl Number {
    /// Zero.
    pub const ZERO: Self = Self { mantissa: 0, decimals: 0 };

    /// A whole number.
    #[must_use]
    pub const fn whole(value: i64) -> Self {
        Self { mantissa: value as i128, decimals: 0 }
    }

    /// `mantissa × 10^-decimals`.
    #[must_use]
    pub fn new(mantissa: i128, decimals: u32) -> Self {
        let mut number = Self { mantissa, decimals };
        while number.decimals > 0 && number.mantissa % 10 == 0 {
            number.mantissa /= 10;
            number.decimals -= 1;
        }
        number
    }

    /// A measured length or share, rounded to `decimals` digits; none for NaN, infinities and what is too large.
    #[must_use]
    pub fn from_f64(value: f64, decimals: u32) -> Option<Self> {
        let scaled = (value * 10f64.powi(decimals.cast_signed())).round_ties_even();
        #[expect(clippy::cast_possible_truncation, reason = "finite and below 1e18")]
        (scaled.is_finite() && scaled.abs() < 1e18).then(|| Self::new(scaled as i128, decimals))
    }

    /// The nearest binary float.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.mantissa as f64 / 10f64.powi(self.decimals.cast_signed())
    }

    /// Whether it is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    /// The sum, unless it is too large to be exact.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let decimals = self.decimals.max(other.decimals);
        let sum = self.at(decimals)?.checked_add(other.at(decimals)?)?;
        Some(Self::new(sum, decimals))
    }

    /// The difference, unless it is too large to be exact.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.checked_add(other.negated())
    }

    /// The product, unless it is too large to be exact.
    #[must_use]
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        Some(Self::new(self.mantissa.checked_mul(other.mantissa)?, self.decimals + other.decimals))
    }

    /// The quotient rounded away from zero to `decimals` digits; none when dividing by zero or too large.
    pub(crate) fn div_outward(self, by: Self, decimals: u32) -> Option<Self> {
        if by.mantissa == 0 {
            return None;
        }
        let shift = 10i128.checked_pow((by.decimals + decimals).checked_sub(self.decimals)?)?;
        let top = self.mantissa.checked_mul(shift)?;
        let (quotient, rest) = (top / by.mantissa, top % by.mantissa);
        let outward = if (top < 0) == (by.mantissa < 0) { 1 } else { -1 };
        Some(Self::new(quotient + if rest == 0 { 0 } else { outward }, decimals))
    }

    /// With the other sign.
    #[must_use]
    pub const fn negated(self) -> Self {
        // Inputs have at most 28 digits and operations are checked, so that `i128::MIN` does not occur.
        Self { mantissa: self.mantissa.saturating_neg(), decimals: self.decimals }
    }

    /// The mantissa at a number of decimals that is no smaller than its own.
    fn at(self, decimals: u32) -> Option<i128> {
        self.mantissa.checked_mul(10i128.checked_pow(decimals - self.decimals)?)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.decimals == other.decimals {
            return self.mantissa.cmp(&other.mantissa);
        }
        let decimals = self.decimals.max(other.decimals);
        match (self.at(decimals), other.at(decimals)) {
            (Some(a), Some(b)) => a.cmp(&b),
            // Only the one with fewer decimals can overflow; then it is the larger in size.
            (None, _) => self.mantissa.cmp(&0),
            (_, None) => 0.cmp(&other.mantissa),
        }
    }
}

impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().map_err(|_| NumberError::Form)?),
            None => (text, 0),
        };
        let unsigned = digits.strip_prefix(['-', '+']).unwrap_or(digits);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let empty = whole.is_empty() || (fraction.is_empty() && unsigned.contains('.'));
        if empty || !plain(whole) || !plain(fraction) {
            return Err(NumberError::Form);
        }
        let fraction = fraction.trim_end_matches('0');
        let whole = whole.trim_start_matches('0');
        if whole.len() + fraction.len() > DIGITS_MAX || !(-40..=40).contains(&exponent) {
            return Err(NumberError::Digits);
        }
        let mut mantissa: i128 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            mantissa = mantissa * 10 + i128::from(digit - b'0');
        }
        if digits.starts_with('-') {
            mantissa = -mantissa;
        }
        let decimals = i32::try_from(fraction.len()).map_err(|_| NumberError::Digits)? - exponent;
        if decimals < 0 && mantissa != 0 {
            let factor = 10i128.checked_pow(decimals.unsigned_abs()).ok_or(NumberError::Digits)?;
            mantissa = mantissa.checked_mul(factor).ok_or(NumberError::Digits)?;
        }
        let number = Self::new(mantissa, decimals.max(0).unsigned_abs());
        let too_large = number.mantissa.unsigned_abs() >= 10u128.pow(28);
        if too_large || number.decimals > DECIMALS_MAX { Err(NumberError::Digits) } else { Ok(number) }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = self.mantissa.unsigned_abs().to_string();
        let decimals = self.decimals as usize;
        if decimals == 0 {
            return write!(f, "{sign}{digits}");
        }
        let digits = format!("{digits:0>width$}", width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

impl serde::Serialize for Number {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Number {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn numbers_are_what_is_written() {
        for (text, shown) in [("0", "0"), ("-0.50", "-0.5"), ("007", "7"), ("1e3", "1000"), ("1.5e-2", "0.015")] {
            assert_eq!(n(text).to_string(), shown);
        }
        for bad in ["", ".", "1.", ".5", "1,000", "NaN", "0x1", "1e99", "1 ", "--1", "0.0000000000001"] {
            assert!(bad.parse::<Number>().is_err(), "{bad}");
        }
        assert_eq!(n("0.1").checked_add(n("0.2")), Some(n("0.3")));
        assert!(n("2.9") < n("3") && n("-3") < n("-2.9"));
        assert!(n("9999999999999999999999999999") > n("0.000000000001"));
        assert!(n("-9999999999999999999999999999") < n("0.000000000001"));
        let large = n("9999999999999999999999999999");
        assert_eq!(large.checked_mul(large), None, "no wrong product");
        assert_eq!(n("1").div_outward(n("3"), 2), Some(n("0.34")));
        assert_eq!(n("-1").div_outward(n("3"), 2), Some(n("-0.34")));
        assert_eq!(n("6").div_outward(n("2"), 2), Some(n("3")));
    }
}
