//! Samples and the periods over which they are judged.

use norms::{Day, Moment, Month};
use std::fmt;

/// What is judged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Level {
    /// Every sample by itself.
    Sample,
    /// The mean of every day.
    Day,
    /// The mean of every month.
    Month,
    /// The mean of every quarter.
    Quarter,
    /// The mean of the months of every year.
    Year,
}

/// A sample's time, or a period. Years come from [`Period::year`] of months.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Period {
    Sample(Moment),
    Day(Day),
    Month(Month),
    /// Its first month.
    Quarter(Month),
    Year(i32),
}

impl Level {
    /// The period in which samples are put together; for a year its months.
    pub(crate) fn period(self, moment: Moment) -> Period {
        match self {
            Self::Sample => Period::Sample(moment),
            Self::Day => Period::Day(moment.day()),
            Self::Month | Self::Year => Period::Month(moment.day().month()),
            Self::Quarter => {
                let month = moment.day().month();
                Period::Quarter(Month(month.0 - month.0.rem_euclid(3)))
            }
        }
    }
}

impl Period {
    /// The day whose edition judges it.
    pub(crate) fn last_day(self) -> Day {
        match self {
            Self::Sample(moment) => moment.day(),
            Self::Day(day) => day,
            Self::Month(month) => Day(Month(month.0 + 1).first().0 - 1),
            Self::Quarter(month) => Day(Month(month.0 + 3).first().0 - 1),
            Self::Year(year) => Day(Month((year + 1) * 12).first().0 - 1),
        }
    }

    /// The year in which it lies.
    pub(crate) fn year(self) -> Self {
        Self::Year(self.last_day().year())
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sample(moment) => f.write_str(&moment.label()),
            Self::Day(day) => day.fmt(f),
            Self::Month(month) => month.fmt(f),
            Self::Quarter(month) => write!(f, "{:04}-Q{}", month.year(), month.number() / 3 + 1),
            Self::Year(year) => write!(f, "{year:04}"),
        }
    }
}
