//! When something happens, and who does it. Both come in from the caller: this crate reads no clock.

use norms::Day;

/// An instant, in microseconds since 1970-01-01T00:00Z.
///
/// ```
/// use records::Moment;
/// let noon = Moment::from_micros(1_767_240_000_000_000);
/// assert_eq!(noon.beijing(), "2026-01-01T12:00:00");
/// assert_eq!(noon.beijing_day().to_string(), "2026-01-01");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Moment(i64);

/// A length of time in microseconds, never below zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Span(i64);

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
/// Beijing is eight hours ahead of UTC; records begin after its last summer time (1991).
const BEIJING: i64 = 8 * 3_600 * SECOND;

impl Moment {
    /// The instant so many microseconds after 1970-01-01T00:00Z.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00Z.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The instant a span later.
    #[must_use]
    pub const fn after(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// The instant a span earlier.
    #[must_use]
    pub const fn before(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }

    /// The day of the Beijing calendar.
    #[must_use]
    pub fn beijing_day(self) -> Day {
        let days = self.0.saturating_add(BEIJING).div_euclid(DAY);
        Day(i32::try_from(days).unwrap_or(if days < 0 { i32::MIN / 2 } else { i32::MAX / 2 }))
    }

    /// `YYYY-MM-DDTHH:MM:SS` of Beijing time.
    #[must_use]
    pub fn beijing(self) -> String {
        let second = self.0.saturating_add(BEIJING).rem_euclid(DAY) / SECOND;
        let (hour, minute) = (second / 3_600, second / 60 % 60);
        format!("{}T{hour:02}:{minute:02}:{:02}", self.beijing_day(), second % 60)
    }
}

impl Span {
    /// So many seconds.
    #[must_use]
    pub const fn seconds(seconds: u32) -> Self {
        Self(seconds as i64 * SECOND)
    }

    /// So many minutes.
    #[must_use]
    pub const fn minutes(minutes: u32) -> Self {
        Self(minutes as i64 * 60 * SECOND)
    }

    /// So many hours.
    #[must_use]
    pub const fn hours(hours: u32) -> Self {
        Self(hours as i64 * 3_600 * SECOND)
    }

    /// So many days of 24 hours.
    #[must_use]
    pub const fn days(days: u32) -> Self {
        Self(days as i64 * DAY)
    }
}

/// Who does something, from where, and when. Every unit of work has one; it stands in the audit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Act {
    /// The login of an account, or the name of a service; `public` for nobody in particular.
    pub actor: String,
    /// The network address or device it came from; empty for the program itself.
    pub origin: String,
    /// When.
    pub now: Moment,
}

impl Act {
    /// An act of the program itself or of a person at its console.
    #[must_use]
    pub fn new(actor: impl Into<String>, now: Moment) -> Self {
        Self { actor: actor.into(), origin: String::new(), now }
    }

    /// The same from a network address or device.
    #[must_use]
    pub fn from(mut self, origin: impl Into<String>) -> Self {
        self.origin = origin.into();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_changes_at_beijing_midnight() {
        let before = Moment::from_micros(1_767_196_799_999_999);
        assert_eq!(before.beijing(), "2025-12-31T23:59:59");
        assert_eq!(before.after(Span::seconds(1)).beijing_day().to_string(), "2026-01-01");
        assert_eq!(Moment::from_micros(-1).beijing(), "1970-01-01T07:59:59");
        let _ = (Moment::from_micros(i64::MAX).beijing(), Moment::from_micros(i64::MIN).beijing());
    }
}
