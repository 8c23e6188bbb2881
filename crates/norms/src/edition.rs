//! Instruments of law and the time in which each is in force.

use crate::{Day, LoadError, NormFile};
use serde::{Deserialize, Deserializer};

/// How sure we are that a table says what the instrument says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Not checked against the text; shown as such wherever it is used.
    Memory,
    /// Read in the instrument or a faithful copy.
    Verified,
}

/// The days `[from, to)` in which something is in force; an open side has no limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Term {
    /// First day.
    pub from: Option<Day>,
    /// First day after.
    pub to: Option<Day>,
}

impl Term {
    /// Whether a day lies in it.
    ///
    /// ```
    /// use norms::{Day, Term};
    /// let until_march = Term { from: None, to: Day::from_ymd(2026, 3, 1) };
    /// assert!(until_march.contains("2026-02-28".parse().unwrap()));
    /// assert!(!until_march.contains("2026-03-01".parse().unwrap()));
    /// ```
    #[inline]
    #[must_use]
    pub fn contains(self, day: Day) -> bool {
        self.from.is_none_or(|from| day >= from) && self.to.is_none_or(|to| day < to)
    }

    /// Whether two terms share a day.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        let starts_before_end = |a: Self, b: Self| match (a.from, b.to) {
            (Some(from), Some(to)) => from < to,
            _ => true,
        };
        starts_before_end(self, other) && starts_before_end(other, self)
    }
}

/// A standard, rule or notice, and where our table of it comes from.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
    /// Name in outputs, such as `HJ633-2012`.
    pub id: String,
    /// Chinese title.
    pub title_zh: String,
    /// English title.
    pub title_en: String,
    /// First day in force; none when it reaches back without limit.
    #[serde(default, deserialize_with = "day")]
    pub from: Option<Day>,
    /// First day no longer in force.
    #[serde(default, deserialize_with = "day")]
    pub to: Option<Day>,
    /// Clauses that the table follows.
    pub source: String,
    /// How sure we are of it.
    pub confidence: Confidence,
    /// Where the text was read.
    #[serde(default)]
    pub found_in: String,
    /// What a user should know.
    #[serde(default)]
    pub note: String,
}

impl Instrument {
    /// The days in which it is in force.
    #[must_use]
    pub const fn term(&self) -> Term {
        Term { from: self.from, to: self.to }
    }
}

/// Editions of one table, at most one in force on any day.
#[derive(Clone, Debug)]
pub struct Dated<T>(Vec<(Term, T)>);

impl<T> Default for Dated<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Dated<T> {
    /// Adds an edition.
    ///
    /// # Errors
    /// Gives it back when its term overlaps that of another.
    pub fn add(&mut self, term: Term, edition: T) -> Result<(), T> {
        if self.0.iter().any(|(other, _)| other.overlaps(term)) {
            return Err(edition);
        }
        self.0.push((term, edition));
        self.0.sort_by_key(|(term, _)| term.from);
        Ok(())
    }

    /// Adds the edition that a file holds.
    ///
    /// # Errors
    /// When its term overlaps that of another.
    pub(crate) fn add_of(&mut self, file: &NormFile, term: Term, edition: T) -> Result<(), LoadError> {
        self.add(term, edition).map_err(|_| overlap(file))
    }

    /// The edition in force on a day.
    #[inline]
    #[must_use]
    pub fn on(&self, day: Day) -> Option<&T> {
        self.number_on(day).map(|number| &self.0[number].1)
    }

    /// The number of the edition in force on a day, in order of time.
    #[inline]
    #[must_use]
    pub fn number_on(&self, day: Day) -> Option<usize> {
        self.0.iter().position(|(term, _)| term.contains(day))
    }

    /// All editions in order of time.
    pub fn iter(&self) -> impl Iterator<Item = &(Term, T)> {
        self.0.iter()
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Two editions are in force on one day.
pub(crate) fn overlap(file: &NormFile) -> LoadError {
    file.error("instrument", "与另一版本的有效期重叠", "its term overlaps that of another edition")
}

/// Reads a TOML date as a day.
pub(crate) fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Day>, D::Error> {
    use serde::de::Error;
    let datetime = toml::value::Datetime::deserialize(deserializer)?;
    let date = datetime.date.ok_or_else(|| D::Error::custom("a date such as 2026-03-01 is wanted"))?;
    Day::from_ymd(i32::from(date.year), u32::from(date.month), u32::from(date.day))
        .map(Some)
        .ok_or_else(|| D::Error::custom("no such date"))
}
