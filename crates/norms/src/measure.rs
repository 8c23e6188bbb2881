//! Exact numbers: measured values, their means, and rounding by GB/T 8170.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// Parts of one unit in a [`Measured`].
const PARTS: i64 = 1_000_000_000;

/// A measured value, exact to 10⁻⁹ of its unit; up to ±9.2·10⁹ units.
///
/// Files carry decimal text or binary floats. Both become the decimal number that was meant, so that a value
/// on a limit compares as on the limit.
///
/// ```
/// use norms::Measured;
/// let from_text: Measured = "0.3".parse().unwrap();
/// assert_eq!(Measured::from_f64(0.1 + 0.2), Some(from_text));
/// assert_eq!(from_text.to_string(), "0.3");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Measured(i64);

impl Measured {
    /// Zero.
    pub const ZERO: Self = Self(0);

    /// A whole number of units. Saturates outside ±9.2·10⁹.
    #[must_use]
    pub const fn whole(units: i64) -> Self {
        Self(units.saturating_mul(PARTS))
    }

    /// A whole number of tenths, the resolution of almost every air value.
    #[must_use]
    pub const fn tenths(tenths: i64) -> Self {
        Self(tenths.saturating_mul(PARTS / 10))
    }

    /// The number of 10⁻⁹ parts.
    #[must_use]
    pub const fn parts(self) -> i64 {
        self.0
    }

    /// From a number of 10⁻⁹ parts.
    #[must_use]
    pub const fn from_parts(parts: i64) -> Self {
        Self(parts)
    }

    /// The decimal that a binary float stands for; `None` for NaN, infinities and numbers out of range.
    #[must_use]
    pub fn from_f64(value: f64) -> Option<Self> {
        let tenths = value * 10.0;
        let nearest = tenths.round();
        // A float that is the closest one to a whole number of tenths was written as that number.
        if nearest.abs() < 1e9 && nearest / 10.0 == value {
            #[expect(clippy::cast_possible_truncation, reason = "below 1e9 and whole")]
            return Some(Self(nearest as i64 * (PARTS / 10)));
        }
        let parts = value * 1e9;
        if !parts.is_finite() || parts.abs() >= 9.2e18 {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "range was checked")]
        Some(Self(parts.round() as i64))
    }

    /// The nearest binary float, for output that has no decimal type.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / PARTS as f64
    }

    /// The product, to the nearest 10⁻⁹; `None` out of range.
    ///
    /// ```
    /// use norms::Measured;
    /// let in_mg = Measured::whole(650).times("0.001".parse().unwrap());
    /// assert_eq!(in_mg, "0.65".parse().ok());
    /// ```
    #[must_use]
    pub fn times(self, factor: Self) -> Option<Self> {
        let parts = div_half_even(i128::from(self.0) * i128::from(factor.0), i128::from(PARTS));
        i64::try_from(parts).ok().map(Self)
    }

    /// What stands in a mean for a value below this detection limit: half of it (环办监测〔2017〕51号, from
    /// memory; decision 0012).
    ///
    /// ```
    /// use norms::Measured;
    /// let limit: Measured = "0.01".parse().unwrap();
    /// assert_eq!(limit.below_detection().to_string(), "0.005");
    /// ```
    #[must_use]
    pub const fn below_detection(self) -> Self {
        Self(self.0 / 2)
    }

    /// The exact ratio of this value.
    #[must_use]
    pub fn ratio(self) -> Ratio {
        Ratio::new(i128::from(self.0), i128::from(PARTS))
    }

    /// Rounded half to even (GB/T 8170-2008 3.2) to `decimals` places.
    ///
    /// ```
    /// use norms::Measured;
    /// let rounded = |text: &str, decimals| text.parse::<Measured>().unwrap().rounded(decimals).to_string();
    /// assert_eq!(rounded("60.5", 0), "60");
    /// assert_eq!(rounded("0.75", 1), "0.8");
    /// ```
    #[must_use]
    pub fn rounded(self, decimals: u8) -> Rounded {
        self.ratio().rounded(decimals)
    }
}

impl FromStr for Measured {
    type Err = ();

    /// Plain decimal text with an optional sign and exponent; digits beyond the ninth decimal are rounded half to even.
    fn from_str(text: &str) -> Result<Self, ()> {
        let bytes = text.as_bytes();
        let (negative, digits) = match bytes.first() {
            Some(b'-') => (true, &bytes[1..]),
            Some(b'+') => (false, &bytes[1..]),
            _ => (false, bytes),
        };
        if digits.iter().any(|b| matches!(b, b'e' | b'E')) {
            let value: f64 = text.parse().map_err(|_| ())?;
            return Self::from_f64(value).ok_or(());
        }
        let (mut parts, mut decimals, mut seen_dot, mut seen_digit) = (0_i64, 0_u32, false, false);
        // The tenth decimal, and whether anything stands behind it.
        let (mut tenth, mut more) = (None, false);
        for &byte in digits {
            match byte {
                b'.' if !seen_dot => seen_dot = true,
                b'0'..=b'9' => {
                    seen_digit = true;
                    if decimals == 9 {
                        match tenth {
                            None => tenth = Some(byte - b'0'),
                            Some(_) => more |= byte != b'0',
                        }
                        continue;
                    }
                    parts = parts.checked_mul(10).and_then(|p| p.checked_add(i64::from(byte - b'0'))).ok_or(())?;
                    decimals += u32::from(seen_dot);
                }
                _ => return Err(()),
            }
        }
        if !seen_digit {
            return Err(());
        }
        let parts = parts.checked_mul(10_i64.pow(9 - decimals)).ok_or(())?;
        let up = tenth > Some(5) || (tenth == Some(5) && (more || parts % 2 == 1));
        let parts = parts + i64::from(up);
        Ok(Self(if negative { -parts } else { parts }))
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let (whole, parts) = (magnitude / PARTS as u64, magnitude % PARTS as u64);
        let sign = if self.0 < 0 { "-" } else { "" };
        if parts == 0 {
            return write!(f, "{sign}{whole}");
        }
        let digits = format!("{parts:09}");
        write!(f, "{sign}{whole}.{}", digits.trim_end_matches('0'))
    }
}

/// An exact fraction, for means and quotients that are rounded or compared later.
///
/// ```
/// use norms::Ratio;
/// let third = Ratio::new(1, 3);
/// assert!(third > Ratio::new(333, 1000));
/// assert_eq!(third.rounded(4).to_string(), "0.3333");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Ratio {
    numerator: i128,
    denominator: i128,
}

impl Ratio {
    /// `numerator / denominator`, reduced.
    ///
    /// # Panics
    /// When the denominator is zero: a caller divides by a count that it has checked.
    #[must_use]
    pub fn new(numerator: i128, denominator: i128) -> Self {
        assert!(denominator != 0, "a ratio needs a denominator");
        let divisor = gcd(numerator.unsigned_abs(), denominator.unsigned_abs()).max(1);
        #[expect(clippy::cast_possible_wrap, reason = "a divisor of an i128 other than its minimum fits")]
        let divisor = divisor as i128 * denominator.signum();
        Self { numerator: numerator / divisor, denominator: denominator / divisor }
    }

    /// Numerator and denominator, which is above zero, in lowest terms.
    pub(crate) const fn fraction(self) -> (i128, i128) {
        (self.numerator, self.denominator)
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self::new(
            self.numerator * other.denominator + other.numerator * self.denominator,
            self.denominator * other.denominator,
        )
    }

    /// The quotient by another ratio; `None` when that is zero.
    #[must_use]
    pub fn over(self, other: Self) -> Option<Self> {
        (other.numerator != 0)
            .then(|| Self::new(self.numerator * other.denominator, self.denominator * other.numerator))
    }

    /// The product.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        // Reduced crosswise first, so that products stay small.
        let (one, two) = (Self::new(self.numerator, other.denominator), Self::new(other.numerator, self.denominator));
        Self::new(one.numerator * two.numerator, one.denominator * two.denominator)
    }

    /// To the nearest 10⁻⁹ of a unit, half to even; saturates outside ±9.2·10⁹.
    #[must_use]
    pub fn to_measured(self) -> Measured {
        let parts = div_half_even(self.numerator * i128::from(PARTS), self.denominator);
        let end = if parts < 0 { i64::MIN } else { i64::MAX };
        Measured(i64::try_from(parts).unwrap_or(end))
    }

    /// The quotient by a count; `None` when that is zero.
    #[must_use]
    pub fn over_count(self, count: u64) -> Option<Self> {
        (count != 0).then(|| Self::new(self.numerator, self.denominator * i128::from(count)))
    }

    /// Rounded half to even (GB/T 8170-2008 3.2) to `decimals` places.
    #[must_use]
    pub fn rounded(self, decimals: u8) -> Rounded {
        let scaled = self.numerator * 10_i128.pow(u32::from(decimals));
        let units = div_half_even(scaled, self.denominator);
        Rounded { units: i64::try_from(units).unwrap_or(i64::MAX), decimals }
    }

    /// The nearest binary float.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }
}

impl PartialEq for Ratio {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Ratio {}
impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.numerator * other.denominator).cmp(&(other.numerator * self.denominator))
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// `numerator / denominator` to the nearest whole number, half to even. The denominator is positive.
///
/// ```
/// assert_eq!(norms::div_half_even(5, 2), 2);
/// assert_eq!(norms::div_half_even(7, 2), 4);
/// assert_eq!(norms::div_half_even(-5, 2), -2);
/// ```
#[must_use]
pub fn div_half_even(numerator: i128, denominator: i128) -> i128 {
    debug_assert!(denominator > 0);
    let quotient = numerator.div_euclid(denominator);
    let twice = numerator.rem_euclid(denominator) * 2;
    match twice.cmp(&denominator) {
        Ordering::Less => quotient,
        Ordering::Greater => quotient + 1,
        Ordering::Equal => quotient + (quotient & 1),
    }
}

/// The mean of measured values, kept as their sum and count so that comparing needs no division.
///
/// ```
/// use norms::{Mean, Measured};
/// let mut mean = Mean::default();
/// for value in ["0.1", "0.2", "0.3"] {
///     mean.add(value.parse().unwrap());
/// }
/// assert!(mean <= "0.2".parse::<Measured>().unwrap());
/// assert_eq!(mean.ratio().rounded(3).to_string(), "0.200");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Mean {
    parts: i128,
    count: u32,
}

impl Mean {
    /// The mean of so many values when it is known already.
    #[must_use]
    pub fn of(mean: Measured, count: u32) -> Self {
        Self { parts: i128::from(mean.0) * i128::from(count), count }
    }

    /// Takes one more value in.
    #[inline]
    pub fn add(&mut self, value: Measured) {
        self.parts += i128::from(value.0);
        self.count += 1;
    }

    /// How many values there are.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.count
    }

    /// The exact mean; zero of nothing.
    #[must_use]
    pub fn ratio(self) -> Ratio {
        Ratio::new(self.parts, i128::from(PARTS) * i128::from(self.count.max(1)))
    }
}

impl From<Measured> for Mean {
    fn from(value: Measured) -> Self {
        Self::of(value, 1)
    }
}

impl PartialEq<Measured> for Mean {
    fn eq(&self, limit: &Measured) -> bool {
        self.partial_cmp(limit) == Some(Ordering::Equal)
    }
}

impl PartialOrd<Measured> for Mean {
    #[inline]
    fn partial_cmp(&self, limit: &Measured) -> Option<Ordering> {
        Some(self.parts.cmp(&(i128::from(limit.0) * i128::from(self.count))))
    }
}

/// A number rounded for publication: so many units of its last decimal place.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Rounded {
    /// The number without its decimal point.
    pub units: i64,
    /// Digits behind the decimal point.
    pub decimals: u8,
}

impl Rounded {
    /// The exact ratio of this number.
    #[must_use]
    pub fn ratio(self) -> Ratio {
        Ratio::new(i128::from(self.units), 10_i128.pow(u32::from(self.decimals)))
    }

    /// The nearest binary float.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.units as f64 / 10_f64.powi(i32::from(self.decimals))
    }
}

impl fmt::Display for Rounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = usize::from(self.decimals);
        if decimals == 0 {
            return write!(f, "{}", self.units);
        }
        let sign = if self.units < 0 { "-" } else { "" };
        let digits = format!("{:0width$}", self.units.unsigned_abs(), width = decimals + 1);
        let (whole, part) = digits.split_at(digits.len() - decimals);
        write!(f, "{sign}{whole}.{part}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_exact() {
        for text in ["0", "0.1", "60.11", "-3.5", "123456.789", "0.000000001"] {
            assert_eq!(text.parse::<Measured>().unwrap().to_string(), text);
        }
        for bad in ["", "-", ".", "1.2.3", "1,2", "NaN", "0x1", "99999999999999999999"] {
            assert!(bad.parse::<Measured>().is_err(), "{bad}");
        }
        assert_eq!("1e3".parse(), Ok(Measured::whole(1000)));
        assert_eq!("0.0000000005".parse::<Measured>().unwrap().parts(), 0);
        assert_eq!("0.00000000051".parse::<Measured>().unwrap().parts(), 1);
        assert_eq!("0.0000000015".parse::<Measured>().unwrap().parts(), 2);
    }

    proptest! {
        #[test]
        fn floats_and_text_agree(tenths in 0_i64..100_000, thousandths in 0_i64..10_000_000) {
            let value = tenths as f64 / 10.0;
            prop_assert_eq!(Measured::from_f64(value), Some(Measured::tenths(tenths)));
            let fine = thousandths as f64 / 1000.0;
            prop_assert_eq!(Measured::from_f64(fine), fine.to_string().parse().ok());
        }

        #[test]
        fn rounding_matches_decimal(units in -1_000_000_i64..1_000_000, from in 0_u8..6, to in 0_u8..6) {
            let exact = Ratio::new(i128::from(units), 10_i128.pow(u32::from(from)));
            let decimal = rust_decimal::Decimal::new(units, u32::from(from))
                .round_dp_with_strategy(u32::from(to), rust_decimal::RoundingStrategy::MidpointNearestEven);
            let ours: rust_decimal::Decimal = exact.rounded(to).to_string().parse().unwrap();
            prop_assert_eq!(ours, decimal);
        }
    }
}
