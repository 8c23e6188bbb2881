//! The instant that a file says it was made at.

use serde::{Deserialize, Serialize};

/// An instant in UTC as `YYYY-MM-DDTHH:MM:SSZ`, given by whoever makes the paper.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Stamp(String);

/// Why a text is no instant.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("时间须写作 2026-01-01T00:00:00Z / an instant is written as 2026-01-01T00:00:00Z: {0}")]
pub struct StampError(String);

impl Stamp {
    /// Reads an instant.
    ///
    /// # Errors
    /// When it is not written as `YYYY-MM-DDTHH:MM:SSZ` or no calendar has it.
    pub fn parse(text: &str) -> Result<Self, StampError> {
        let fault = || StampError(text.chars().take(40).collect());
        let form = b"0000-00-00T00:00:00Z";
        let bytes = text.as_bytes();
        let fits = bytes.len() == form.len()
            && bytes.iter().zip(form).all(|(&b, &f)| if f == b'0' { b.is_ascii_digit() } else { b == f });
        if !fits {
            return Err(fault());
        }
        let number = |from: usize, to: usize| {
            bytes[from..to].iter().fold(0_u32, |value, digit| value * 10 + u32::from(digit - b'0'))
        };
        let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => 0,
        };
        let lawful = (1..=days).contains(&day) && number(11, 13) < 24 && number(14, 16) < 60 && number(17, 19) < 60;
        if lawful { Ok(Self(text.to_owned())) } else { Err(fault()) }
    }

    /// The instant as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Stamp {
    type Error = StampError;

    fn try_from(text: String) -> Result<Self, StampError> {
        Self::parse(&text)
    }
}

impl From<Stamp> for String {
    fn from(stamp: Stamp) -> Self {
        stamp.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_one_of_the_calendar() {
        for good in ["2026-11-24T00:00:00Z", "2024-02-29T23:59:59Z", "2000-02-29T00:00:00Z"] {
            assert_eq!(Stamp::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "2026-11-24",
            "2026-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01 00:00:00Z",
            "２026-01-01T00:0Z",
        ] {
            assert!(Stamp::parse(bad).is_err(), "{bad}");
        }
    }
}
