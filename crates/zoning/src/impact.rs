//! What a change of rules does: whose verdict changes, and which words changed.

use crate::clause::Rule;
use crate::ruleset::RuleSet;
use crate::verdict::{Project, Surroundings, Verdict};
use crate::{Facts, InForce, Judgements};
use norms::Day;
use std::collections::{BTreeMap, HashMap};

/// One project that is judged twice. Facts are read by each rule set's own dictionary.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// Its id.
    pub id: &'a str,
    /// Facts and ground under the old rules.
    pub before: (&'a Facts, &'a crate::ground::Ground),
    /// Facts and ground under the new rules.
    pub after: (&'a Facts, &'a crate::ground::Ground),
    /// Determinations on file.
    pub judgements: &'a Judgements,
    /// When it was submitted.
    pub submitted: Option<Day>,
}

/// A project whose verdict changes.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Changed {
    /// Its id.
    pub id: String,
    /// The verdict under the old rules.
    pub before: Verdict,
    /// The verdict under the new rules.
    pub after: Verdict,
    /// The rules that made the old verdict.
    pub deciding_before: Vec<String>,
    /// The rules that make the new verdict.
    pub deciding_after: Vec<String>,
}

/// Who changes.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct Impact {
    /// How many were judged.
    pub projects: usize,
    /// How many go from one verdict to another, those that stay included.
    pub counts: BTreeMap<String, usize>,
    /// Those that change.
    pub changed: Vec<Changed>,
}

impl Impact {
    /// Judges one more project under both and notes whether it changes.
    pub fn add(
        &mut self,
        old: (&InForce<'_>, Surroundings<'_>),
        new: (&InForce<'_>, Surroundings<'_>),
        project: Judged<'_>,
    ) {
        let on = |(facts, ground): (_, _)| Project {
            facts,
            ground,
            judgements: project.judgements,
            submitted: project.submitted,
            crs_declared: true,
        };
        let before = old.0.screen(on(project.before), old.1);
        let after = new.0.screen(on(project.after), new.1);
        self.projects += 1;
        *self.counts.entry(format!("{} → {}", before.verdict, after.verdict)).or_default() += 1;
        if before.verdict != after.verdict {
            self.changed.push(Changed {
                id: project.id.to_owned(),
                before: before.verdict,
                after: after.verdict,
                deciding_before: before.deciding(),
                deciding_after: after.deciding(),
            });
        }
    }
}

/// One part of a text that changed.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Piece {
    /// Stands in both.
    Same(String),
    /// Stands in the old one.
    Removed(String),
    /// Stands in the new one.
    Added(String),
}

/// What happened to a rule.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(tag = "change", rename_all = "lowercase")]
pub enum RuleChange {
    /// It is new.
    Added {
        /// Its id.
        id: String,
        /// Its text.
        text: String,
    },
    /// It is gone.
    Removed {
        /// Its id.
        id: String,
        /// Its text.
        text: String,
    },
    /// It says something else.
    Altered {
        /// Its id.
        id: String,
        /// What it says, with what changed.
        text: Vec<Piece>,
    },
}

impl RuleChange {
    /// The id of the rule.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Added { id, .. } | Self::Removed { id, .. } | Self::Altered { id, .. } => id,
        }
    }
}

/// How many characters a text may have for a diff by characters; longer ones are shown whole.
const DIFF_CHARS_MAX: usize = 2_000;

impl RuleSet {
    /// What changed from these rules to others: clauses and rows by id, added, removed or altered.
    #[must_use]
    pub fn diff(&self, other: &Self) -> Vec<RuleChange> {
        let texts = |rules: &Self| rules.clause_texts().chain(rules.row_texts()).collect();
        changes(&texts(self), texts(other))
    }

    /// What changed between clauses, and how many rows of tables did. Rows are counted alone: a hundred thousand texts
    /// are told apart in a tenth of the time that their pieces take.
    #[must_use]
    pub fn diff_clauses(&self, other: &Self) -> (Vec<RuleChange>, usize) {
        let clauses = changes(&self.clause_texts().collect(), other.clause_texts().collect());
        let rows = |rules: &Self| rules.row_texts().collect::<HashMap<_, _>>();
        let (old, new) = (rows(self), rows(other));
        let gone = old.iter().filter(|(id, text)| new.get(*id) != Some(text)).count();
        (clauses, gone + new.keys().filter(|id| !old.contains_key(*id)).count())
    }

    fn clause_texts(&self) -> impl Iterator<Item = (String, String)> {
        self.rules.iter().map(|rule| (rule.id.clone(), clause_text(rule)))
    }

    fn row_texts(&self) -> impl Iterator<Item = (String, String)> {
        let tables = &self.tables;
        tables.rows.iter().map(|row| {
            // Rows without an id are known by what they say, since lines move.
            let cell = |number: u32| tables.texts.get(number);
            let (unit, code) = (cell(row.unit), crate::table::unpack(row.prefix));
            let (process, kind) = (cell(row.processes), cell(row.kinds));
            let text =
                format!("{unit},{code},{process},{kind},{},{},{}", row.effect.word(), cell(row.say), cell(row.cite));
            let id = if row.id == 0 {
                format!("{unit},{code},{process},{kind},{}", row.effect.word())
            } else {
                cell(row.id).to_owned()
            };
            (id, text)
        })
    }
}

/// What changed between texts by id: those of the old ones first.
fn changes(old: &BTreeMap<String, String>, new: BTreeMap<String, String>) -> Vec<RuleChange> {
    let mut changes = Vec::new();
    for (id, text) in old {
        match new.get(id) {
            None => changes.push(RuleChange::Removed { id: id.clone(), text: text.clone() }),
            Some(after) if after != text => {
                changes.push(RuleChange::Altered { id: id.clone(), text: pieces(text, after) });
            }
            Some(_) => {}
        }
    }
    let added = new.into_iter().filter(|(id, _)| !old.contains_key(id));
    changes.extend(added.map(|(id, text)| RuleChange::Added { id, text }));
    changes
}

fn clause_text(rule: &Rule) -> String {
    let mut lines = vec![rule.title.clone(), format!("{}: {}", rule.effect.word(), rule.when_source)];
    lines.extend(rule.must.iter().map(|must| format!("must {} — {}", must.source, must.say)));
    lines.extend([&rule.question, &rule.say].into_iter().filter(|text| !text.is_empty()).cloned());
    lines.extend(rule.cites.iter().map(|cite| format!("{} {}", cite.label(), cite.text).trim().to_owned()));
    lines.join("\n")
}

/// The parts of two texts, character by character, by the longest common subsequence.
fn pieces(old: &str, new: &str) -> Vec<Piece> {
    let (a, b): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    if a.len() > DIFF_CHARS_MAX || b.len() > DIFF_CHARS_MAX {
        return vec![Piece::Removed(old.to_owned()), Piece::Added(new.to_owned())];
    }
    let width = b.len() + 1;
    let mut common = vec![0u16; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            common[i * width + j] = if a[i] == b[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let mut found: Vec<Piece> = Vec::new();
    let mut put = |piece: fn(String) -> Piece, letter: char| {
        let fresh = piece(letter.to_string());
        match (found.last_mut(), &fresh) {
            (Some(Piece::Same(text)), Piece::Same(_))
            | (Some(Piece::Removed(text)), Piece::Removed(_))
            | (Some(Piece::Added(text)), Piece::Added(_)) => text.push(letter),
            _ => found.push(fresh),
        }
    };
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        let both = i < a.len() && j < b.len();
        if both && a[i] == b[j] {
            put(Piece::Same, a[i]);
            (i, j) = (i + 1, j + 1);
        } else if j == b.len() || (both && common[(i + 1) * width + j] >= common[i * width + j + 1]) {
            put(Piece::Removed, a[i]);
            i += 1;
        } else {
            put(Piece::Added, b[j]);
            j += 1;
        }
    }
    found
}
