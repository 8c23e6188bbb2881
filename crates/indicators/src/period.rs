//! Reporting periods: a year, a quarter, a month, or a run of months.

use norms::{Day, Month, air::PeriodKind};
use std::fmt;
use std::str::FromStr;

/// Whole months in a row.
///
/// ```
/// use indicators::Period;
/// let period: Period = "2022-Q1".parse().unwrap();
/// assert_eq!(period.first_day().to_string(), "2022-01-01");
/// assert_eq!(period.last_day().to_string(), "2022-03-31");
/// assert_eq!(period.year_before().to_string(), "2021-Q1");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Period {
    first: Month,
    last: Month,
}

/// A text that names no period.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "“{0}”不是时段，应如 2022、2022-Q1、2022-01、2022-01..2022-09 / “{0}” is no period such as 2022, 2022-Q1, 2022-01, 2022-01..2022-09"
)]
pub struct PeriodError(String);

impl Period {
    /// Its first day.
    #[must_use]
    pub fn first_day(self) -> Day {
        self.first.first()
    }

    /// Its last day.
    #[must_use]
    pub fn last_day(self) -> Day {
        Day(Month(self.last.0 + 1).first().0 - 1)
    }

    /// The same months a year earlier.
    #[must_use]
    pub const fn year_before(self) -> Self {
        Self { first: Month(self.first.0 - 12), last: Month(self.last.0 - 12) }
    }

    /// How the judgement of air sees it.
    #[must_use]
    pub fn kind(self) -> PeriodKind {
        if self.first == self.last {
            PeriodKind::Month(self.first)
        } else if self.is_year() {
            PeriodKind::Year(self.first.year())
        } else {
            PeriodKind::Months(self.first, self.last)
        }
    }

    const fn is_year(self) -> bool {
        self.first.number() == 1 && self.last.0 == self.first.0 + 11
    }

    const fn is_quarter(self) -> bool {
        self.first.number() % 3 == 1 && self.last.0 == self.first.0 + 2
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let bad = || PeriodError(text.chars().take(40).collect());
        let year = |text: &str| -> Option<i32> {
            (text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
        };
        let month = |text: &str| -> Option<Month> {
            let (years, months) = text.split_once('-')?;
            let number = (months.len() == 2).then(|| months.parse().ok()).flatten()?;
            Month::from_ym(year(years)?, number)
        };
        if let Some((from, to)) = text.split_once("..") {
            let (first, last) = (month(from).ok_or_else(bad)?, month(to).ok_or_else(bad)?);
            return if first <= last && last.0 - first.0 < 120 { Ok(Self { first, last }) } else { Err(bad()) };
        }
        if let Some(number) = year(text) {
            let first = Month::from_ym(number, 1).ok_or_else(bad)?;
            return Ok(Self { first, last: Month(first.0 + 11) });
        }
        if let Some((years, quarter)) = text.split_once("-Q") {
            let quarter: u32 = quarter.parse().ok().filter(|q| (1..=4).contains(q)).ok_or_else(bad)?;
            let first = year(years).and_then(|year| Month::from_ym(year, quarter * 3 - 2)).ok_or_else(bad)?;
            return Ok(Self { first, last: Month(first.0 + 2) });
        }
        let only = month(text).ok_or_else(bad)?;
        Ok(Self { first: only, last: only })
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_year() {
            write!(f, "{:04}", self.first.year())
        } else if self.is_quarter() {
            write!(f, "{:04}-Q{}", self.first.year(), self.last.number() / 3)
        } else if self.first == self.last {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}..{}", self.first, self.last)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_comes_out_as_it_went_in() {
        for text in ["2022", "2022-Q1", "2022-Q4", "2022-01", "2022-01..2022-09"] {
            assert_eq!(text.parse::<Period>().unwrap().to_string(), text);
        }
        assert_eq!("2022-01..2022-12".parse::<Period>().unwrap().to_string(), "2022");
        for bad in ["", "22", "2022-13", "2022-Q5", "2022-1", "2022-05..2022-01", "1990-01..2022-01", "2022; DROP"] {
            assert!(bad.parse::<Period>().is_err(), "{bad}");
        }
    }
}
