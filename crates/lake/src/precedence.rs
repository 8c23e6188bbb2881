//! Which source may replace the value of which: a dated table.

use norms::{Day, Term};
use std::collections::BTreeMap;

/// The precedence of sources, by the day on which an observation starts.
///
/// The table is data (`norms/precedence/*.toml`) that somebody else reads; a day without an edition lets every
/// source replace every other.
#[derive(Clone, Debug, Default)]
pub struct Precedence {
    editions: Vec<(Term, Ranks)>,
}

/// The ranks of one edition: a value is replaced by one of the same or of a higher rank.
#[derive(Clone, Debug, Default)]
pub struct Ranks {
    /// Rank by name of the source.
    pub by_source: BTreeMap<String, i32>,
    /// Rank of every other source.
    pub other: i32,
}

impl Precedence {
    /// Every source may replace every other: the newest writer wins.
    #[must_use]
    pub fn flat() -> Self {
        Self::default()
    }

    /// Adds an edition.
    ///
    /// # Errors
    /// Gives it back when its term overlaps that of another.
    pub fn add(&mut self, term: Term, ranks: Ranks) -> Result<(), Ranks> {
        if self.editions.iter().any(|(other, _)| other.overlaps(term)) {
            return Err(ranks);
        }
        self.editions.push((term, ranks));
        Ok(())
    }

    /// The rank of a source for an observation that starts on a day.
    ///
    /// ```
    /// use lake::{Precedence, Ranks};
    /// let mut precedence = Precedence::flat();
    /// let by_source = [("review".to_owned(), 40)].into();
    /// precedence.add(norms::Term::default(), Ranks { by_source, other: 20 }).unwrap();
    /// let day = "2022-01-31".parse().unwrap();
    /// assert!(precedence.rank("review", day) > precedence.rank("gateway", day));
    /// ```
    #[must_use]
    pub fn rank(&self, source: &str, day: Day) -> i32 {
        let edition = self.editions.iter().find(|(term, _)| term.contains(day));
        edition.map_or(0, |(_, ranks)| ranks.by_source.get(source).copied().unwrap_or(ranks.other))
    }
}
