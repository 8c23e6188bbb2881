//! Averaging periods: how long each is, and the Beijing month in which it starts.

use norms::{Day, Month};

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Beijing is 8 hours ahead of UTC. (Summer time was kept in 1986–1991; no observation is that old.)
pub(crate) const BEIJING: i64 = 8 * HOUR;

/// The kind of an averaging period.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Period {
    /// A moment: it starts when it ends.
    Instant,
    /// A fixed number of microseconds.
    Fixed(i64),
    /// A number of calendar months: 1, 3 or 12.
    Months(i32),
}

impl Period {
    /// Reads `instant`, `minute`, `hour`, `day`, `month`, `quarter`, `year`, `<n>min`, `<n>h` or `<n>d`.
    ///
    /// ```
    /// use lake::Period;
    /// assert_eq!(Period::parse("8h"), Some(Period::Fixed(8 * 3_600_000_000)));
    /// assert_eq!(Period::parse("fortnight"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let count = |suffix: &str| {
            let number = text.strip_suffix(suffix)?;
            (number.len() <= 4 && number.bytes().all(|b| b.is_ascii_digit()))
                .then(|| number.parse::<i64>().ok().filter(|&n| n > 0))
                .flatten()
        };
        Some(match text {
            "instant" => Self::Instant,
            "minute" => Self::Fixed(MINUTE),
            "hour" => Self::Fixed(HOUR),
            "day" => Self::Fixed(DAY),
            "month" => Self::Months(1),
            "quarter" => Self::Months(3),
            "year" => Self::Months(12),
            _ => {
                if let Some(minutes) = count("min") {
                    Self::Fixed(minutes * MINUTE)
                } else if let Some(hours) = count("h") {
                    Self::Fixed(hours * HOUR)
                } else {
                    Self::Fixed(count("d")? * DAY)
                }
            }
        })
    }

    /// The Beijing day in which the period starts that ends at an instant (µs, UTC).
    ///
    /// ```
    /// use lake::Period;
    /// // The hour that ends at 2022-02-01T00:00 in Beijing belongs to January.
    /// let end = 1_643_644_800_000_000;
    /// assert_eq!(Period::parse("hour").unwrap().first_day(end).to_string(), "2022-01-31");
    /// assert_eq!(Period::parse("instant").unwrap().first_day(end).to_string(), "2022-02-01");
    /// assert_eq!(Period::parse("month").unwrap().first_day(end).to_string(), "2022-01-01");
    /// ```
    #[must_use]
    pub fn first_day(self, end_micros: i64) -> Day {
        let day = |local: i64| Day(local.div_euclid(DAY) as i32);
        let local = end_micros + BEIJING;
        match self {
            Self::Instant => day(local),
            Self::Fixed(length) => day(local - length),
            Self::Months(count) => Month(day(local - 1).month().0 - (count - 1)).first(),
        }
    }
}
