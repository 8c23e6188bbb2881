//! Days, months and hours of Beijing time. Plain counts, so that a hundred million of them cost nothing.

use std::fmt;

/// A civil day of Beijing time, counted from 1970-01-01.
///
/// ```
/// use norms::Day;
/// let day: Day = "2022-02-28".parse().unwrap();
/// assert_eq!(day.next().to_string(), "2022-03-01");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Day(pub i32);

/// A civil month, counted from January of year 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Month(pub i32);

/// One hour of Beijing time, named by its START and counted from 1970-01-01T00:00.
///
/// Files and answers label an hour by its END; an hour belongs to the day, month, year and edition in which it starts.
///
/// ```
/// use norms::Hour;
/// let last_of_year = Hour::ending("2022-01-01T00:00").unwrap();
/// assert_eq!(last_of_year.day().to_string(), "2021-12-31");
/// assert_eq!(last_of_year.end_label(), "2022-01-01T00:00");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Hour(pub i32);

/// One second of Beijing time, counted from 1970-01-01T00:00:00. A sample belongs to the day in which it was taken.
///
/// ```
/// use norms::Moment;
/// let noon: Moment = "2022-03-05 12:00:30".parse().unwrap();
/// assert_eq!((noon.label().as_str(), noon.day().to_string().as_str()), ("2022-03-05T12:00", "2022-03-05"));
/// assert_eq!("2022-03-05T24:00".parse(), "2022-03-06".parse::<Moment>());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Moment(pub i64);

impl Moment {
    /// The instant, in microseconds since 1970-01-01T00:00Z.
    ///
    /// ```
    /// use norms::Moment;
    /// let midnight: Moment = "2022-01-01T00:00".parse().unwrap();
    /// assert_eq!(midnight.micros_utc(), 1_640_966_400_000_000);
    /// assert_eq!(Moment::from_micros_utc(1_640_966_400_000_000), midnight);
    /// ```
    #[must_use]
    pub const fn micros_utc(self) -> i64 {
        (self.0 - 8 * 3_600) * 1_000_000
    }

    /// The second in which an instant lies, in microseconds since 1970-01-01T00:00Z.
    #[must_use]
    pub const fn from_micros_utc(micros: i64) -> Self {
        Self(micros.div_euclid(1_000_000) + 8 * 3_600)
    }

    /// The day in which it lies.
    #[inline]
    #[must_use]
    pub const fn day(self) -> Day {
        Day(self.0.div_euclid(86_400) as i32)
    }

    /// `YYYY-MM-DDTHH:MM`.
    #[must_use]
    pub fn label(self) -> String {
        let minute = self.0.rem_euclid(86_400) / 60;
        format!("{}T{:02}:{:02}", self.day(), minute / 60, minute % 60)
    }
}

impl std::str::FromStr for Moment {
    type Err = TimeError;

    /// A day with an optional time such as `2022-01-01T13:05`, `2022-01-01 13:05:00` or `2022-01-01T24:00`.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let (day, second) = parse_moment(text)?;
        Ok(Self(i64::from(day.0) * 86_400 + i64::from(second)))
    }
}

/// Why a text is no time of ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TimeError {
    /// Not `YYYY-MM-DD` with an optional `THH:MM[:SS]`.
    #[error("not an ISO 8601 date or time")]
    Form,
    /// The month, day, hour or minute does not exist.
    #[error("no such date or time")]
    Range,
    /// An offset other than that of Beijing.
    #[error("an offset from UTC other than +08:00")]
    Offset,
    /// Minutes or seconds where an hour was wanted.
    #[error("not on the full hour")]
    NotOnTheHour,
}

impl Day {
    /// The day of a year, month (1-12) and day of month, when it exists.
    #[must_use]
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        let month_start = Month::from_ym(year, month)?;
        (1..=month_start.days()).contains(&day).then(|| Self(month_start.first().0 + day as i32 - 1))
    }

    /// Year, month (1-12) and day of month.
    #[inline]
    #[must_use]
    pub fn ymd(self) -> (i32, u32, u32) {
        // Days from civil, after H. Hinnant: eras of 400 years that begin on 1 March.
        let z = self.0 + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = doy - (153 * mp + 2) / 5 + 1;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        let year = yoe + era * 400 + i32::from(month <= 2);
        (year, month as u32, day as u32)
    }

    /// The month it lies in.
    #[inline]
    #[must_use]
    pub fn month(self) -> Month {
        let (year, month, _) = self.ymd();
        Month(year * 12 + month as i32 - 1)
    }

    /// The year it lies in.
    #[must_use]
    pub fn year(self) -> i32 {
        self.ymd().0
    }

    /// The day after.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// Its hour number `0..24`.
    #[inline]
    #[must_use]
    pub const fn hour(self, hour: i32) -> Hour {
        Hour(self.0 * 24 + hour)
    }
}

impl std::str::FromStr for Day {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let (day, rest) = parse_day(text.as_bytes())?;
        if rest.is_empty() { Ok(day) } else { Err(TimeError::Form) }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl Month {
    /// The month of a year, 1-12.
    #[must_use]
    pub fn from_ym(year: i32, month: u32) -> Option<Self> {
        ((1..=12).contains(&month) && (-9999..=9999).contains(&year)).then(|| Self(year * 12 + month as i32 - 1))
    }

    /// Its year.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// Its number in the year, 1-12.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0.rem_euclid(12) as u32 + 1
    }

    /// Its first day.
    #[must_use]
    pub fn first(self) -> Day {
        let (year, month) = (self.year(), self.number() as i32);
        let y = if month <= 2 { year - 1 } else { year };
        let era = y.div_euclid(400);
        let yoe = y.rem_euclid(400);
        let doy = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5;
        let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
        Day(era * 146_097 + doe - 719_468)
    }

    /// The number of its days.
    #[must_use]
    pub fn days(self) -> u32 {
        (Self(self.0 + 1).first().0 - self.first().0) as u32
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.number())
    }
}

impl Hour {
    /// The hour that ENDS at a local time text such as `2022-01-01T13:00`, `2022-01-01 13:00:00` or `2022-01-01T24:00`.
    ///
    /// # Errors
    /// When the text is no full hour of Beijing time.
    pub fn ending(text: &str) -> Result<Self, TimeError> {
        Self::starting(text).map(|hour| Self(hour.0 - 1))
    }

    /// The hour that STARTS at a local time text.
    ///
    /// # Errors
    /// When the text is no full hour of Beijing time.
    pub fn starting(text: &str) -> Result<Self, TimeError> {
        let (day, second) = parse_moment(text)?;
        if second % 3_600 != 0 {
            return Err(TimeError::NotOnTheHour);
        }
        Ok(day.hour(second / 3_600))
    }

    /// The day in which it starts.
    #[inline]
    #[must_use]
    pub const fn day(self) -> Day {
        Day(self.0.div_euclid(24))
    }

    /// Its number in the day, `0..24`; hour 0 runs from 00:00 to 01:00.
    #[inline]
    #[must_use]
    pub const fn of_day(self) -> usize {
        self.0.rem_euclid(24) as usize
    }

    /// The label of its end, `YYYY-MM-DDTHH:MM` in Beijing time.
    #[must_use]
    pub fn end_label(self) -> String {
        let end = Self(self.0 + 1);
        format!("{}T{:02}:00", end.day(), end.of_day())
    }

    /// The instant of its end, in microseconds since 1970-01-01T00:00Z.
    #[must_use]
    pub const fn end_micros_utc(self) -> i64 {
        (self.0 as i64 + 1 - 8) * 3_600_000_000
    }

    /// The hour that ends at an instant in microseconds since 1970-01-01T00:00Z, when that is a full hour.
    #[must_use]
    pub fn from_end_micros_utc(micros: i64) -> Option<Self> {
        let hours = micros / 3_600_000_000;
        (micros % 3_600_000_000 == 0).then(|| i32::try_from(hours + 8 - 1).ok().map(Self)).flatten()
    }
}

/// A day and the second in it; 86,400 for 24 o'clock. Parts of a second must be zero.
fn parse_moment(text: &str) -> Result<(Day, i32), TimeError> {
    let (day, rest) = parse_day(text.trim().as_bytes())?;
    let rest = match rest {
        [] => return Ok((day, 0)),
        [b'T' | b't' | b' ', clock @ ..] => clock,
        _ => return Err(TimeError::Form),
    };
    let (hour, mut rest) = digits(rest, 1, 2)?;
    let (mut minute, mut second) = (0, 0);
    if let [b':', tail @ ..] = rest {
        (minute, rest) = digits(tail, 2, 2)?;
        if let [b':', tail @ ..] = rest {
            (second, rest) = digits(tail, 2, 2)?;
            if let [b'.', tail @ ..] = rest {
                let zeros = tail.iter().take_while(|b| b.is_ascii_digit()).count();
                if tail[..zeros].iter().any(|&b| b != b'0') {
                    return Err(TimeError::NotOnTheHour);
                }
                rest = &tail[zeros..];
            }
        }
    }
    match rest {
        [] | b"+08:00" | b"+0800" | b"+08" => {}
        [b'Z' | b'z' | b'+' | b'-', ..] => return Err(TimeError::Offset),
        _ => return Err(TimeError::Form),
    }
    if hour > 24 || minute > 59 || second > 59 || (hour == 24 && (minute, second) != (0, 0)) {
        return Err(TimeError::Range);
    }
    Ok((day, hour * 3_600 + minute * 60 + second))
}

fn parse_day(text: &[u8]) -> Result<(Day, &[u8]), TimeError> {
    let (year, rest) = digits(text, 4, 4)?;
    let separator = *rest.first().ok_or(TimeError::Form)?;
    if !matches!(separator, b'-' | b'/') {
        return Err(TimeError::Form);
    }
    let (month, rest) = digits(&rest[1..], 1, 2)?;
    if rest.first() != Some(&separator) {
        return Err(TimeError::Form);
    }
    let (day, rest) = digits(&rest[1..], 1, 2)?;
    let day = Day::from_ymd(year, month as u32, day as u32).ok_or(TimeError::Range)?;
    Ok((day, rest))
}

/// Between `least` and `most` decimal digits as a number, and what follows them.
fn digits(text: &[u8], least: usize, most: usize) -> Result<(i32, &[u8]), TimeError> {
    let count = text.iter().take(most).take_while(|b| b.is_ascii_digit()).count();
    if count < least {
        return Err(TimeError::Form);
    }
    let number = text[..count].iter().fold(0, |n, b| n * 10 + i32::from(b - b'0'));
    Ok((number, &text[count..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_jiff_for_two_centuries() {
        let mut date = jiff::civil::date(1900, 1, 1);
        let mut day = Day::from_ymd(1900, 1, 1).unwrap();
        while date < jiff::civil::date(2100, 1, 1) {
            assert_eq!(day.ymd(), (i32::from(date.year()), date.month() as u32, date.day() as u32));
            assert_eq!(day.to_string(), date.to_string());
            assert_eq!(Day::from_ymd(day.year(), day.ymd().1, day.ymd().2), Some(day));
            date = date.tomorrow().unwrap();
            day = day.next();
        }
    }

    #[test]
    fn labels_of_the_end() {
        assert_eq!(Hour::ending("2022-01-01T24:00"), Hour::ending("2022-01-02 00:00:00"));
        assert_eq!(Hour::ending("2022/1/1 1:00").unwrap().of_day(), 0);
        assert_eq!(Hour::ending("2022-02-30T01:00"), Err(TimeError::Range));
        assert_eq!(Hour::ending("2022-01-01T01:30"), Err(TimeError::NotOnTheHour));
        assert_eq!(Hour::ending("2022-01-01T01:00Z"), Err(TimeError::Offset));
        assert_eq!(Hour::ending("2022-01-01T01:00+08:00").unwrap().end_label(), "2022-01-01T01:00");
        assert_eq!(Hour::ending("yesterday"), Err(TimeError::Form));
        let hour = Hour::ending("2022-01-01T08:00").unwrap();
        assert_eq!(hour.end_micros_utc(), 1_640_995_200_000_000);
        assert_eq!(Hour::from_end_micros_utc(1_640_995_200_000_000), Some(hour));
    }
}
