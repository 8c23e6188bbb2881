//! What a batch does to the rows of one partition: the rules of revisions, without any file.
//!
//! A row equal to the newest in value and flag changes nothing. A different one becomes the next revision and the
//! newest goes to the history, unless its source has a lower precedence: then it goes to the history itself. A row of
//! lower precedence that the history holds already as the newest of its source changes nothing.

use std::collections::BTreeMap;

/// The key of an observation within a partition. Texts are places in a sorted pool, so that keys sort as files do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Key {
    pub(crate) station: u32,
    pub(crate) parameter: u32,
    pub(crate) time: i64,
    pub(crate) period: u32,
    pub(crate) medium: u32,
}

/// A row of the lake.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Held {
    pub(crate) key: Key,
    pub(crate) value: Option<f64>,
    pub(crate) flag: u32,
    pub(crate) source: u32,
    pub(crate) revision: i32,
    pub(crate) batch: u32,
    pub(crate) recorded_at: i64,
}

impl Held {
    fn says_the_same(&self, other: &Self) -> bool {
        self.value == other.value && self.flag == other.flag
    }
}

/// What a batch did, in rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) new: usize,
    pub(crate) equal: usize,
    pub(crate) revised: usize,
    pub(crate) superseded: usize,
    pub(crate) repeated: usize,
}

/// What has to be written for one partition.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Rows to add to `observation`, in order of key.
    pub(crate) fresh: Vec<Held>,
    /// Places in `held` of the rows that are no longer the newest.
    pub(crate) replaced: Vec<usize>,
    /// Rows to add to `observation_history`, in order of key and revision.
    pub(crate) retired: Vec<Held>,
    pub(crate) counts: Counts,
}

/// Sorts the rows of a batch by key; of rows with one key the last wins. Returns how many were dropped.
pub(crate) fn last_wins(incoming: &mut Vec<Held>) -> usize {
    let before = incoming.len();
    // The sort is stable: rows of one key stay in the order in which they came.
    incoming.sort_by_key(|row| row.key);
    let mut kept: Vec<Held> = Vec::with_capacity(before);
    for row in incoming.drain(..) {
        match kept.last_mut() {
            Some(last) if last.key == row.key => *last = row,
            _ => kept.push(row),
        }
    }
    *incoming = kept;
    before - incoming.len()
}

/// The keys of incoming rows that are held with another value: for these the history has to be looked at.
pub(crate) fn disputed(incoming: &[Held], held: &[Held]) -> Vec<Key> {
    let mut keys = Vec::new();
    pair(incoming, held, |row, place| {
        if place.is_some_and(|at| !held[at].says_the_same(row)) {
            keys.push(row.key);
        }
    });
    keys
}

/// Decides about every incoming row. `incoming` and `held` are sorted and have unique keys; `history` has the retired
/// rows of every disputed key; `rank` is the precedence of a source for an observation.
pub(crate) fn decide(
    incoming: &[Held],
    held: &[Held],
    history: &BTreeMap<Key, Vec<Held>>,
    rank: impl Fn(u32, &Key) -> i32,
) -> Outcome {
    let mut outcome = Outcome::default();
    pair(incoming, held, |row, place| {
        let Some(at) = place else {
            outcome.counts.new += 1;
            outcome.fresh.push(Held { revision: 1, ..*row });
            return;
        };
        let newest = held[at];
        if newest.says_the_same(row) {
            outcome.counts.equal += 1;
            return;
        }
        let past = history.get(&row.key).map_or(&[][..], Vec::as_slice);
        let revision = 1 + past.iter().map(|old| old.revision).fold(newest.revision, i32::max);
        if rank(row.source, &row.key) < rank(newest.source, &row.key) {
            let of_source = past.iter().filter(|old| old.source == row.source).max_by_key(|old| old.revision);
            if of_source.is_some_and(|old| old.says_the_same(row)) {
                outcome.counts.equal += 1;
            } else {
                outcome.counts.superseded += 1;
                outcome.retired.push(Held { revision, ..*row });
            }
            return;
        }
        outcome.counts.revised += 1;
        // A crash after the history's commit leaves the newest row in both tables: it is not retired twice.
        if !past.iter().any(|old| old.revision == newest.revision) {
            outcome.retired.push(newest);
        }
        outcome.replaced.push(at);
        outcome.fresh.push(Held { revision, ..*row });
    });
    outcome.retired.sort_by_key(|row| (row.key, row.revision));
    outcome
}

/// Calls `with` for every incoming row and the place of its key in `held`; both are sorted by key.
fn pair(incoming: &[Held], held: &[Held], mut with: impl FnMut(&Held, Option<usize>)) {
    let mut at = 0;
    for row in incoming {
        while at < held.len() && held[at].key < row.key {
            at += 1;
        }
        with(row, (at < held.len() && held[at].key == row.key).then_some(at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(time: i64, value: f64, source: u32, revision: i32) -> Held {
        let key = Key { station: 0, parameter: 0, time, period: 0, medium: 0 };
        Held { key, value: Some(value), flag: 0, source, revision, batch: 0, recorded_at: 0 }
    }

    fn ranks(source: u32, _: &Key) -> i32 {
        source as i32
    }

    #[test]
    fn the_last_of_one_key_wins() {
        let mut rows = vec![row(2, 1.0, 0, 0), row(1, 1.0, 0, 0), row(2, 3.0, 0, 0)];
        assert_eq!(last_wins(&mut rows), 1);
        assert_eq!(rows, [row(1, 1.0, 0, 0), row(2, 3.0, 0, 0)]);
    }

    #[test]
    fn new_equal_revised_and_superseded() {
        let held = [row(1, 1.0, 5, 1), row(2, 2.0, 5, 3), row(3, 3.0, 5, 1)];
        let incoming = [row(0, 9.0, 5, 0), row(1, 1.0, 4, 0), row(2, 9.0, 5, 0), row(3, 9.0, 4, 0)];
        let outcome = decide(&incoming, &held, &BTreeMap::new(), ranks);
        assert_eq!(outcome.counts, Counts { new: 1, equal: 1, revised: 1, superseded: 1, repeated: 0 });
        assert_eq!(outcome.fresh, [row(0, 9.0, 5, 1), row(2, 9.0, 5, 4)]);
        assert_eq!(outcome.retired, [row(2, 2.0, 5, 3), row(3, 9.0, 4, 2)]);
        assert_eq!(outcome.replaced, [1]);
    }

    #[test]
    fn what_the_history_holds_is_not_retired_again() {
        let held = [row(1, 1.0, 5, 1)];
        let incoming = [row(1, 2.0, 5, 0)];
        let history = [(held[0].key, vec![held[0]])].into();
        let outcome = decide(&incoming, &held, &history, ranks);
        assert_eq!((outcome.fresh[0].revision, outcome.retired.len()), (2, 0));
        let late = [row(1, 7.0, 4, 0)];
        let history = [(held[0].key, vec![row(1, 7.0, 4, 2)])].into();
        assert_eq!(decide(&late, &held, &history, ranks).counts.equal, 1);
    }
}
