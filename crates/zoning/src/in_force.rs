//! The rules as they stand on one day: which are in force, what each rests on, what that leaves of its effect.

use crate::citation::{Basis, Cite};
use crate::clause::{Applies, Effect, Rule};
use crate::ruleset::RuleSet;
use crate::table::Row;
use crate::verdict::RuleKey;
use norms::{Day, Term};
use std::collections::HashMap;

/// A clause on the day.
#[derive(Clone, Debug)]
pub(crate) struct ClauseState {
    pub(crate) in_force: bool,
    /// Its effect: a ban without a basis and a rule whose basis is gone are questions for an official.
    pub(crate) effect: Effect,
    /// Whether some article still carries it.
    pub(crate) carried: bool,
    pub(crate) unverified: bool,
    /// What each of its articles is worth.
    pub(crate) bases: Vec<Basis>,
}

/// A cell of `cite` on the day.
#[derive(Clone, Debug)]
pub(crate) struct CellState {
    pub(crate) carried: bool,
    pub(crate) unverified: bool,
    pub(crate) bases: Vec<Basis>,
}

/// A rule set on one day. Made once for many projects.
#[derive(Clone, Debug)]
pub struct InForce<'r> {
    pub(crate) rules: &'r RuleSet,
    pub(crate) day: Day,
    pub(crate) edition_in_force: bool,
    pub(crate) clauses: Vec<ClauseState>,
    pub(crate) cells: HashMap<u32, CellState>,
}

impl RuleSet {
    /// The rules as they stand on a day, in an edition with its own term.
    ///
    /// When the day is outside the edition, or no rule is in force, every answer needs information (`edition`).
    #[must_use]
    pub fn on(&self, day: Day, edition: Term) -> InForce<'_> {
        let clauses: Vec<ClauseState> = self.rules.iter().map(|rule| self.clause_state(rule, day)).collect();
        let cells = self.tables.cites.iter().map(|(cell, cites)| {
            let bases: Vec<Basis> = cites.iter().map(|cite| self.citations.basis(cite, day)).collect();
            let (carried, unverified) = weigh(&bases);
            (*cell, CellState { carried, unverified, bases })
        });
        let some_in_force = clauses.iter().any(|state| state.in_force) || !self.tables.rows.is_empty();
        let edition_in_force = edition.contains(day) && some_in_force;
        InForce { rules: self, day, edition_in_force, cells: cells.collect(), clauses }
    }

    fn clause_state(&self, rule: &Rule, day: Day) -> ClauseState {
        let set = self.sets[usize::from(rule.set)].term;
        // A rule that the day of submission picks is weighed for each project.
        let own = rule.applies == Applies::Submitted || rule.effective.contains(day);
        let bases: Vec<Basis> = rule.cites.iter().map(|cite| self.citations.basis(cite, day)).collect();
        let (carried, unverified) = weigh(&bases);
        let uncited = rule.cites.is_empty();
        let carried = carried || (uncited && rule.effect != Effect::Prohibit);
        let effect = if carried { rule.effect } else { Effect::Review };
        ClauseState { in_force: set.contains(day) && own, effect, carried, unverified, bases }
    }
}

/// Whether some basis carries, and whether none of those that do is free of doubt.
fn weigh(bases: &[Basis]) -> (bool, bool) {
    let carrying = || bases.iter().filter(|basis| basis.carries());
    (carrying().next().is_some(), carrying().any(Basis::is_unverified))
}

impl InForce<'_> {
    /// The day.
    #[must_use]
    pub const fn day(&self) -> Day {
        self.day
    }

    /// What a row does on the day.
    pub(crate) fn row_effect(&self, row: &Row) -> Effect {
        let carried = match self.cells.get(&row.cite) {
            Some(state) => state.carried,
            None => row.effect != Effect::Prohibit,
        };
        if carried { row.effect } else { Effect::Review }
    }

    /// The articles of a rule with what each is worth on the day.
    pub(crate) fn bases(&self, key: RuleKey) -> Vec<(&Cite, &Basis)> {
        match key {
            RuleKey::Clause(number) => {
                let cites = &self.rules.rules[number as usize].cites;
                cites.iter().zip(&self.clauses[number as usize].bases).collect()
            }
            RuleKey::Row(number) => {
                let cell = self.rules.tables.rows[number as usize].cite;
                let cites = self.rules.tables.cites.get(&cell);
                let bases = self.cells.get(&cell).map(|state| &state.bases);
                cites.into_iter().flatten().zip(bases.into_iter().flatten()).collect()
            }
        }
    }

    /// Whether a rule rests on a successor that nobody verified.
    pub(crate) fn is_unverified(&self, key: RuleKey) -> bool {
        match key {
            RuleKey::Clause(number) => self.clauses[number as usize].unverified,
            RuleKey::Row(number) => {
                let cell = self.rules.tables.rows[number as usize].cite;
                self.cells.get(&cell).is_some_and(|state| state.unverified)
            }
        }
    }
}
