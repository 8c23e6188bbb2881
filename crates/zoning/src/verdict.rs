//! From facts, ground and rules to one of six verdicts, with its interval and what is missing.
//!
//! Every rule is evaluated; the stricter wins. Nothing unknown is silently allowed.

use crate::answers::{self, Boundary};
use crate::clause::{Applies, Effect, Existing, Rule, class_digit};
use crate::expr::{self, Answer, Gap, Inputs, PredicateCall, Truth};
use crate::facts::Facts;
use crate::ground::{Ground, UnitPiece};
use crate::ruleset::{Lists, RuleSet};
use crate::surroundings::{Judgements, Ledger, Status};
use crate::table::{RowGaps, Subject};
use crate::value::Value;
use crate::{Basis, InForce};
use norms::Day;
use std::fmt;

/// May the project stand here?
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// No rule speaks against it, and every rule is decided.
    Allowed,
    /// It may, under conditions that are met.
    AllowedWithConditions,
    /// An official must decide.
    NeedsJudgement,
    /// A condition is not met.
    RestrictedUnmet,
    /// Something that matters is not known.
    NeedsInformation,
    /// It may not.
    Prohibited,
}

impl Verdict {
    /// All six, the most favourable first.
    pub const ALL: [Self; 6] = [
        Self::Allowed,
        Self::AllowedWithConditions,
        Self::NeedsJudgement,
        Self::RestrictedUnmet,
        Self::NeedsInformation,
        Self::Prohibited,
    ];

    /// Its word in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Allowed => "ALLOWED",
            Self::AllowedWithConditions => "ALLOWED_WITH_CONDITIONS",
            Self::NeedsJudgement => "NEEDS_JUDGEMENT",
            Self::RestrictedUnmet => "RESTRICTED_UNMET",
            Self::NeedsInformation => "NEEDS_INFORMATION",
            Self::Prohibited => "PROHIBITED",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What one rule says about a project.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Outcome {
    /// Its condition does not hold.
    NotApplicable,
    /// It welcomes the project.
    Encouraged,
    /// Another procedure applies.
    Procedure,
    /// Its conditions are all met.
    Conditional,
    /// It is hit and leaves the decision to an official.
    NeedsJudgement,
    /// Only an official can tell whether it is hit.
    AwaitsJudgement(Effect),
    /// It is not known whether it is hit, or whether its conditions are met.
    NeedsInformation(Effect),
    /// One of its conditions is not met.
    Unmet,
    /// It forbids the project.
    Prohibited,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotApplicable => f.write_str("not_applicable"),
            Self::Encouraged => f.write_str("encouraged"),
            Self::Procedure => f.write_str("procedure"),
            Self::Conditional => f.write_str("conditional"),
            Self::NeedsJudgement => f.write_str("needs_judgement"),
            Self::AwaitsJudgement(effect) => write!(f, "needs_judgement({})", effect.word()),
            Self::NeedsInformation(effect) => write!(f, "needs_information({})", effect.word()),
            Self::Unmet => f.write_str("unmet"),
            Self::Prohibited => f.write_str("prohibited"),
        }
    }
}

/// A clause or a row of a table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RuleKey {
    /// Number of the clause.
    Clause(u32),
    /// Number of the row.
    Row(u32),
}

/// One project as it is handed in.
#[derive(Clone, Copy, Debug)]
pub struct Project<'a> {
    /// What is known about it.
    pub facts: &'a Facts,
    /// What the map says.
    pub ground: &'a Ground,
    /// What officials determined.
    pub judgements: &'a Judgements,
    /// When it was submitted, if known.
    pub submitted: Option<Day>,
    /// Whether its coordinates came with a declared system.
    pub crs_declared: bool,
}

/// What units have left and how they stand.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// What is left.
    pub ledger: &'a Ledger,
    /// How they stand.
    pub status: &'a Status,
}

/// One rule's outcome in one piece of the project.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Heard {
    pub(crate) key: RuleKey,
    pub(crate) outcome: Outcome,
    /// The piece, when the answer is that of one control unit.
    pub(crate) piece: Option<u16>,
    /// Best and worst that can come of it.
    pub(crate) span: (Verdict, Verdict),
}

/// Something missing that belongs to no rule.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Absent {
    /// The edition is not in force on the day.
    Edition,
    /// The coordinate system was not declared.
    Crs,
    /// No control unit is hit, or the pieces are not the whole project.
    Units,
    /// A unit has no access list.
    List(String),
    /// Some file of rules could not be read.
    Rules,
}

impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edition => f.write_str("edition"),
            Self::Crs => f.write_str("crs"),
            Self::Units => f.write_str("units"),
            Self::List(unit) => write!(f, "list:{unit}"),
            Self::Rules => f.write_str("rules"),
        }
    }
}

/// A piece of the project in one control unit, with what holds there alone.
#[derive(Clone, Debug)]
pub(crate) struct Piece<'a> {
    /// Its place among the units of the ground.
    pub(crate) place: u16,
    pub(crate) unit: Option<&'a UnitPiece>,
    /// Whether the project is in the unit at all: unknown for slivers.
    pub(crate) present: Truth,
    pub(crate) gap: Gap,
    pub(crate) states: Vec<(u16, Option<Value>)>,
    pub(crate) local: Vec<(u16, Answer)>,
}

/// A project laid out for evaluation.
#[derive(Clone, Debug)]
pub(crate) struct Laid<'a> {
    pub(crate) law: &'a InForce<'a>,
    pub(crate) project: Project<'a>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) pieces: Vec<Piece<'a>>,
    pub(crate) absent: Vec<Absent>,
}

/// The verdict with everything that decided it.
#[derive(Clone, Debug)]
pub struct Screened<'a> {
    rules: &'a RuleSet,
    /// The verdict.
    pub verdict: Verdict,
    /// The best that can still come.
    pub best: Verdict,
    /// The worst that can still come.
    pub worst: Verdict,
    /// Every outcome that is not `not_applicable`.
    pub(crate) heard: Vec<Heard>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) absent: Vec<Absent>,
    pub(crate) units: Vec<&'a str>,
    /// Whether a rule that decides rests on a successor that nobody verified.
    pub unverified_basis: bool,
}

impl<'a> Laid<'a> {
    pub(crate) fn new(
        law: &'a InForce<'a>,
        project: Project<'a>,
        around: Surroundings<'_>,
        boundary: Boundary,
    ) -> Self {
        let rules = law.rules;
        let predicates = rules.vocabulary.predicates.iter().enumerate();
        #[expect(clippy::cast_possible_truncation, reason = "interned as u16")]
        let answers = predicates
            .map(|(number, predicate)| {
                answers::answer(number as u16, predicate, project.ground, project.judgements, boundary)
            })
            .collect();
        let mut absent = Vec::new();
        if !law.edition_in_force {
            absent.push(Absent::Edition);
        }
        if !project.crs_declared {
            absent.push(Absent::Crs);
        }
        if rules.incomplete {
            absent.push(Absent::Rules);
        }
        let whole = project.ground.tiled && project.ground.units.iter().any(|unit| !unit.sliver);
        if !whole {
            absent.push(Absent::Units);
        }
        for unit in &project.ground.units {
            let listed = match &rules.lists {
                Lists::City => true,
                Lists::Tables => rules.tables.has_unit(&unit.code),
                Lists::Units(units) => units.contains(&unit.code),
            };
            if !listed && !unit.sliver {
                absent.push(Absent::List(unit.code.clone()));
            }
        }
        let mut pieces: Vec<Piece<'a>> = project
            .ground
            .units
            .iter()
            .enumerate()
            .filter_map(|(n, unit)| piece(law, project, around, n, unit))
            .collect();
        if !whole {
            // What is not tiled may lie in any unit.
            pieces.push(Piece {
                place: u16::MAX,
                unit: None,
                present: Truth::Unknown,
                gap: Gap::Units,
                states: around.status.on("", law.day),
                local: Vec::new(),
            });
        }
        Self { law, project, answers, pieces, absent }
    }

    /// The piece of a heard outcome.
    pub(crate) fn piece_at(&self, place: Option<u16>) -> Option<&Piece<'a>> {
        self.pieces.iter().find(|piece| Some(piece.place) == place)
    }

    pub(crate) fn inputs<'s>(&'s self, piece: Option<&'s Piece<'a>>) -> Inputs<'s> {
        Inputs {
            facts: &self.project.facts.values,
            states: piece.map_or(&[], |piece| &piece.states),
            answers: &self.answers,
            local: piece.map_or(&[], |piece| &piece.local),
        }
    }

    /// Whether the project is where a clause holds, and who it is for, beside its condition.
    pub(crate) fn guards(
        &self,
        number: u32,
        piece: Option<&Piece<'a>>,
        found: &mut dyn FnMut(&'static str, Truth, Gap),
    ) {
        let rule = &self.law.rules.rules[number as usize];
        if rule.by_unit
            && let Some(piece) = piece
        {
            let truth = match piece.unit {
                Some(unit) if !in_scope(rule, unit) => Truth::False,
                None if rule.scope.units.is_empty() && rule.scope.classes.is_empty() => Truth::True,
                _ => piece.present,
            };
            found("scope.unit", truth, piece.gap);
        }
        if !rule.parks.is_empty() {
            let mut gap = Gap::Units;
            let each = rule.parks.iter().map(|number| match self.inputs(piece).answer(*number) {
                Answer::Bool(value) => Truth::from(value),
                Answer::Unknown(open) => {
                    gap = open;
                    Truth::Unknown
                }
                Answer::Number(_) => Truth::Unknown,
            });
            let truth = expr::fold(each, Truth::True);
            found("scope.parks", truth, gap);
        }
        if self.law.rules.sets[usize::from(rule.set)].existing == Existing::Declared && !rule.existing {
            let slot = self.law.rules.kind;
            let kind = slot.and_then(|slot| self.inputs(piece).fact(slot));
            let truth = match kind {
                Some(Value::Text(kind)) => Truth::from(kind.as_ref() != "existing"),
                _ => Truth::Unknown,
            };
            found("existing", truth, slot.map_or(Gap::Broken(number), Gap::Fact));
        }
        if rule.applies == Applies::Submitted {
            let term = rule.effective;
            let truth = match self.project.submitted {
                Some(day) => Truth::from(term.contains(day)),
                None if term.from.is_none() && term.to.is_none_or(|to| self.law.day < to) => Truth::True,
                // Nobody submits after the decision.
                None if term.from.is_some_and(|from| from > self.law.day) => Truth::False,
                None => Truth::Unknown,
            };
            found("effective", truth, Gap::Submitted);
        }
    }

    /// Whether a clause is hit. Its gaps are added when that is unknown.
    pub(crate) fn hit(&self, number: u32, piece: Option<&Piece<'a>>, found: Option<&mut Vec<Gap>>) -> Truth {
        let rule = &self.law.rules.rules[number as usize];
        let inputs = self.inputs(piece);
        let mut truth = Truth::True;
        let mut open = Vec::new();
        self.guards(number, piece, &mut |_, guard, gap| {
            truth = expr::fold([truth, guard].into_iter(), Truth::False);
            if guard == Truth::Unknown {
                open.push(gap);
            }
        });
        if truth == Truth::False {
            return truth;
        }
        let when = rule.when.as_ref().map_or(Truth::Unknown, |program| expr::truth(program, &inputs));
        truth = expr::fold([truth, when].into_iter(), Truth::False);
        for other in &rule.exceptions {
            if truth != Truth::False {
                let excepted = if self.law.clauses[*other as usize].in_force {
                    self.hit(*other, piece, None)
                } else {
                    Truth::False
                };
                truth = expr::fold([truth, !excepted].into_iter(), Truth::False);
            }
        }
        if let (Truth::Unknown, Some(found)) = (truth, found) {
            found.append(&mut open);
            match &rule.when {
                Some(program) if when == Truth::Unknown => expr::gaps(program, program.root, &inputs, None, found),
                Some(_) => {}
                None => found.push(Gap::Broken(number)),
            }
            for other in &rule.exceptions {
                if self.law.clauses[*other as usize].in_force {
                    self.hit(*other, piece, Some(found));
                }
            }
        }
        truth
    }

    /// What a clause says in one piece, with what is missing.
    pub(crate) fn clause(
        &self,
        number: u32,
        piece: Option<&Piece<'a>>,
        gaps: &mut Vec<Gap>,
    ) -> (Outcome, (Verdict, Verdict)) {
        let rule = &self.law.rules.rules[number as usize];
        let effect = self.law.clauses[number as usize].effect;
        let before = gaps.len();
        match self.hit(number, piece, Some(gaps)) {
            Truth::False => (Outcome::NotApplicable, (Verdict::Allowed, Verdict::Allowed)),
            Truth::Unknown => {
                let worst = if effect == Effect::Require { self.conditions(rule, piece).1.1 } else { worst_of(effect) };
                let only_officials = gaps[before..].iter().all(|gap| self.is_official(*gap));
                let outcome =
                    if only_officials { Outcome::AwaitsJudgement(effect) } else { Outcome::NeedsInformation(effect) };
                (outcome, (Verdict::Allowed, worst))
            }
            Truth::True if effect == Effect::Require => {
                let (outcome, span) = self.conditions(rule, piece);
                if outcome == Outcome::NeedsInformation(Effect::Require) {
                    self.condition_gaps(rule, number, piece, gaps);
                }
                (outcome, span)
            }
            Truth::True => certain(effect),
        }
    }

    /// What the conditions of a `require` clause come to once it is hit.
    fn conditions(&self, rule: &Rule, piece: Option<&Piece<'a>>) -> (Outcome, (Verdict, Verdict)) {
        let inputs = self.inputs(piece);
        let each = rule.must.iter().map(|must| must.expr.as_ref().map_or(Truth::Unknown, |p| expr::truth(p, &inputs)));
        match expr::fold(each, Truth::False) {
            Truth::True => (Outcome::Conditional, (Verdict::AllowedWithConditions, Verdict::AllowedWithConditions)),
            Truth::False => (Outcome::Unmet, (Verdict::RestrictedUnmet, Verdict::RestrictedUnmet)),
            Truth::Unknown => {
                let span = (Verdict::AllowedWithConditions, Verdict::RestrictedUnmet);
                (Outcome::NeedsInformation(Effect::Require), span)
            }
        }
    }

    fn condition_gaps(&self, rule: &Rule, number: u32, piece: Option<&Piece<'a>>, gaps: &mut Vec<Gap>) {
        let inputs = self.inputs(piece);
        for must in &rule.must {
            match &must.expr {
                Some(program) if expr::truth(program, &inputs) == Truth::Unknown => {
                    expr::gaps(program, program.root, &inputs, None, gaps);
                }
                Some(_) => {}
                None => gaps.push(Gap::Broken(number)),
            }
        }
    }

    /// Whether only a named official can close a gap.
    pub(crate) fn is_official(&self, gap: Gap) -> bool {
        match gap {
            Gap::Boundary(_) | Gap::UnitBoundary(_) => true,
            Gap::Predicate(number) => {
                self.law.rules.vocabulary.predicates[usize::from(number)].call == PredicateCall::Judge
            }
            _ => false,
        }
    }

    /// Hears every clause and every row.
    pub(crate) fn hear(&self, found: &mut dyn FnMut(Heard, &[Gap])) {
        let mut gaps = Vec::new();
        for (number, state) in self.law.clauses.iter().enumerate() {
            if !state.in_force {
                continue;
            }
            #[expect(clippy::cast_possible_truncation, reason = "clauses are thousands")]
            let number = number as u32;
            let key = RuleKey::Clause(number);
            if self.law.rules.rules[number as usize].by_unit {
                for piece in &self.pieces {
                    gaps.clear();
                    let (outcome, span) = self.clause(number, Some(piece), &mut gaps);
                    found(Heard { key, outcome, piece: Some(piece.place), span }, &gaps);
                }
            } else {
                gaps.clear();
                let (outcome, span) = self.clause(number, None, &mut gaps);
                found(Heard { key, outcome, piece: None, span }, &gaps);
            }
        }
        self.hear_rows(found);
    }

    fn hear_rows(&self, found: &mut dyn FnMut(Heard, &[Gap])) {
        let rules = self.law.rules;
        if rules.tables.rows.is_empty() {
            return;
        }
        let inputs = self.inputs(None);
        let text = |slot: Option<u16>| match slot.and_then(|slot| inputs.fact(slot)) {
            Some(Value::Text(text)) => Some(text.as_ref()),
            _ => None,
        };
        let processes = match rules.processes.and_then(|slot| inputs.fact(slot)) {
            Some(Value::List(items)) => Some(items.as_slice()),
            _ => None,
        };
        let subject = Subject { industry: text(rules.industry), kind: text(rules.kind), processes };
        self.rows_of(0, None, &subject, found);
        for piece in &self.pieces {
            let number = piece.unit.and_then(|unit| rules.tables.texts.number(&unit.code));
            if let Some(number) = number.filter(|number| *number != 0) {
                self.rows_of(number, Some(piece), &subject, found);
            }
        }
    }

    fn rows_of(
        &self,
        unit: u32,
        piece: Option<&Piece<'a>>,
        subject: &Subject<'_>,
        found: &mut dyn FnMut(Heard, &[Gap]),
    ) {
        let rules = self.law.rules;
        let sliver = piece.filter(|piece| piece.present == Truth::Unknown);
        rules.tables.visit(unit, subject, &mut |number, truth, open| {
            let row = &rules.tables.rows[number as usize];
            let effect = self.law.row_effect(row);
            let mut gaps = [Gap::Units; 4];
            let count = row_gaps(rules, open, sliver.map(|piece| piece.gap), &mut gaps);
            let (outcome, span) = if truth == Truth::True && sliver.is_none() {
                certain(effect)
            } else {
                let only_officials = gaps[..count].iter().all(|gap| self.is_official(*gap));
                let worst = if effect == Effect::Require { Verdict::AllowedWithConditions } else { worst_of(effect) };
                let outcome =
                    if only_officials { Outcome::AwaitsJudgement(effect) } else { Outcome::NeedsInformation(effect) };
                (outcome, (Verdict::Allowed, worst))
            };
            let piece = piece.map(|piece| piece.place);
            found(Heard { key: RuleKey::Row(number), outcome, piece, span }, &gaps[..count]);
        });
    }

    /// The verdict.
    pub(crate) fn screen(&self) -> Screened<'a> {
        let mut heard = Vec::new();
        let mut gaps: Vec<Gap> = Vec::new();
        if self.law.edition_in_force {
            self.hear(&mut |one, open| {
                if one.outcome != Outcome::NotApplicable {
                    heard.push(one);
                    for gap in open {
                        if !gaps.contains(gap) {
                            gaps.push(*gap);
                        }
                    }
                }
            });
        }
        let verdict = conclude(heard.iter().map(|one| one.outcome), !self.absent.is_empty());
        let (best, worst) = interval(&heard, &self.absent);
        gaps.sort_unstable();
        let mut screened = Screened {
            rules: self.law.rules,
            verdict,
            best,
            worst,
            heard,
            gaps,
            absent: self.absent.clone(),
            units: self.project.ground.units.iter().map(|unit| unit.code.as_str()).collect(),
            unverified_basis: false,
        };
        let unverified = screened.deciding_keys().any(|key| self.law.is_unverified(key));
        screened.unverified_basis = unverified;
        screened
    }
}

fn piece<'a>(
    law: &InForce<'a>,
    project: Project<'a>,
    around: Surroundings<'_>,
    number: usize,
    unit: &'a UnitPiece,
) -> Option<Piece<'a>> {
    let present = if unit.sliver {
        match project.judgements.0.get(&format!("boundary:unit:{}", unit.code)) {
            Some(judgement) if !judgement.value => return None,
            Some(_) => Truth::True,
            None => Truth::Unknown,
        }
    } else {
        Truth::True
    };
    let headroom = |number: &u16| {
        let pollutant = &law.rules.vocabulary.predicates[usize::from(*number)].key;
        let left = around.ledger.remaining(&unit.code, pollutant, law.day);
        (*number, left.map_or(Answer::Unknown(Gap::Predicate(*number)), |(left, _)| Answer::Number(left)))
    };
    Some(Piece {
        place: u16::try_from(number).unwrap_or(u16::MAX),
        unit: Some(unit),
        present,
        gap: Gap::UnitBoundary(u32::try_from(number).unwrap_or(u32::MAX)),
        states: around.status.on(&unit.code, law.day),
        local: law.rules.headrooms.iter().map(headroom).collect(),
    })
}

fn in_scope(rule: &Rule, unit: &UnitPiece) -> bool {
    let units = rule.scope.units.is_empty() || rule.scope.units.contains(&unit.code);
    let classes = &rule.scope.classes;
    units && (classes.is_empty() || classes.iter().any(|class| class_digit(class) == Some(unit.class)))
}

fn row_gaps(rules: &RuleSet, open: RowGaps, sliver: Option<Gap>, gaps: &mut [Gap; 4]) -> usize {
    let fact = |slot: Option<u16>| slot.map(Gap::Fact);
    let parts = [
        open.industry.then(|| fact(rules.industry)).flatten(),
        open.kind.then(|| fact(rules.kind)).flatten(),
        open.processes.then(|| fact(rules.processes)).flatten(),
        sliver,
    ];
    let mut count = 0;
    for gap in parts.into_iter().flatten() {
        gaps[count] = gap;
        count += 1;
    }
    count
}

/// The outcome of a rule that is surely hit.
pub(crate) const fn certain(effect: Effect) -> (Outcome, (Verdict, Verdict)) {
    match effect {
        Effect::Prohibit => (Outcome::Prohibited, (Verdict::Prohibited, Verdict::Prohibited)),
        Effect::Require => (Outcome::Conditional, (Verdict::AllowedWithConditions, Verdict::AllowedWithConditions)),
        Effect::Review => (Outcome::NeedsJudgement, (Verdict::NeedsJudgement, Verdict::NeedsJudgement)),
        Effect::Procedure => (Outcome::Procedure, (Verdict::Allowed, Verdict::Allowed)),
        Effect::Encourage => (Outcome::Encouraged, (Verdict::Allowed, Verdict::Allowed)),
    }
}

const fn worst_of(effect: Effect) -> Verdict {
    match effect {
        Effect::Prohibit => Verdict::Prohibited,
        Effect::Require => Verdict::RestrictedUnmet,
        Effect::Review => Verdict::NeedsJudgement,
        Effect::Procedure | Effect::Encourage => Verdict::Allowed,
    }
}

/// The verdict from the outcomes of all rules: the first that holds.
pub(crate) fn conclude(outcomes: impl Iterator<Item = Outcome>, absent: bool) -> Verdict {
    let mut prohibited = false;
    let mut open_ban = absent;
    let mut unmet = false;
    let mut open = false;
    let mut judgement = false;
    let mut conditional = false;
    for outcome in outcomes {
        match outcome {
            Outcome::Prohibited => prohibited = true,
            Outcome::NeedsInformation(Effect::Prohibit | Effect::Review) => open_ban = true,
            Outcome::NeedsInformation(_) => open = true,
            Outcome::Unmet => unmet = true,
            Outcome::NeedsJudgement | Outcome::AwaitsJudgement(_) => judgement = true,
            Outcome::Conditional => conditional = true,
            Outcome::NotApplicable | Outcome::Procedure | Outcome::Encouraged => {}
        }
    }
    if prohibited {
        Verdict::Prohibited
    } else if open_ban {
        Verdict::NeedsInformation
    } else if unmet {
        Verdict::RestrictedUnmet
    } else if open {
        Verdict::NeedsInformation
    } else if judgement {
        Verdict::NeedsJudgement
    } else if conditional {
        Verdict::AllowedWithConditions
    } else {
        Verdict::Allowed
    }
}

/// The best and the worst that can come once everything is known.
pub(crate) fn interval(heard: &[Heard], absent: &[Absent]) -> (Verdict, Verdict) {
    let best = heard.iter().map(|one| one.span.0).max().unwrap_or(Verdict::Allowed);
    let worst = heard.iter().map(|one| one.span.1).max().unwrap_or(Verdict::Allowed);
    (best, if absent.is_empty() { worst } else { Verdict::Prohibited })
}

impl Screened<'_> {
    /// Whether an outcome is one of those that make the verdict.
    fn decides(&self, outcome: Outcome) -> bool {
        match self.verdict {
            Verdict::Prohibited => outcome == Outcome::Prohibited,
            Verdict::RestrictedUnmet => outcome == Outcome::Unmet,
            Verdict::NeedsJudgement => matches!(outcome, Outcome::NeedsJudgement | Outcome::AwaitsJudgement(_)),
            Verdict::AllowedWithConditions => outcome == Outcome::Conditional,
            Verdict::Allowed => false,
            Verdict::NeedsInformation => matches!(outcome, Outcome::NeedsInformation(_)),
        }
    }

    pub(crate) fn deciding_keys(&self) -> impl Iterator<Item = RuleKey> {
        self.heard.iter().filter(|one| self.decides(one.outcome)).map(|one| one.key)
    }

    /// Ids of the rules that make the verdict, in order of the files, each once.
    #[must_use]
    pub fn deciding(&self) -> Vec<String> {
        let mut keys: Vec<RuleKey> = self.deciding_keys().collect();
        keys.sort_unstable();
        keys.dedup();
        keys.into_iter().map(|key| self.rules.rule_id(key)).collect()
    }

    /// What is not known, by name, sorted, each once.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let gaps = self.gaps.iter().map(|gap| self.rules.gap_name(*gap, &self.units));
        let mut names: Vec<String> = self.absent.iter().map(ToString::to_string).chain(gaps).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Codes of the units that the project meets, largest piece first.
    #[must_use]
    pub fn units(&self) -> &[&str] {
        &self.units
    }

    /// Every outcome that is not `not_applicable`: rule, outcome, unit when it holds there alone.
    pub fn outcomes(&self) -> impl Iterator<Item = (String, Outcome, Option<&str>)> {
        self.heard.iter().map(|one| {
            let unit = one.piece.and_then(|place| self.units.get(usize::from(place)).copied());
            (self.rules.rule_id(one.key), one.outcome, unit)
        })
    }
}

impl RuleSet {
    /// The id of a clause or row.
    #[must_use]
    pub fn rule_id(&self, key: RuleKey) -> String {
        match key {
            RuleKey::Clause(number) => self.rules.get(number as usize).map_or_else(String::new, |rule| rule.id.clone()),
            RuleKey::Row(number) => {
                self.tables.rows.get(number as usize).map_or_else(String::new, |row| self.tables.row_id(row))
            }
        }
    }

    /// How a gap is called in answers.
    pub(crate) fn gap_name(&self, gap: Gap, units: &[&str]) -> String {
        let fact = |slot: u16| self.dictionary.facts().get(usize::from(slot));
        let predicate = |number: u16| &self.vocabulary.predicates[usize::from(number)];
        match gap {
            Gap::Fact(slot) => fact(slot).map_or_else(String::new, |fact| fact.name.clone()),
            Gap::Item(slot, place) => match fact(slot).map(|fact| &fact.kind) {
                Some(crate::facts::FactType::Records { fields }) => {
                    fields.get(usize::from(place)).map_or_else(String::new, |field| format!("item.{}", field.name))
                }
                _ => String::new(),
            },
            Gap::Predicate(number) => {
                let predicate = predicate(number);
                format!("{}:{}", predicate.call.name(), predicate.key)
            }
            Gap::Boundary(number) => {
                let predicate = predicate(number);
                let outfall = if predicate.call == PredicateCall::TouchesOutfall { "outfall:" } else { "" };
                format!("judge:boundary:{outfall}{}", predicate.key)
            }
            Gap::UnitBoundary(place) => {
                format!("judge:boundary:unit:{}", units.get(place as usize).copied().unwrap_or_default())
            }
            Gap::Submitted => "submitted".to_owned(),
            Gap::Units => "units".to_owned(),
            Gap::Broken(number) => format!("rule:{}", self.rule_id(RuleKey::Clause(number))),
            Gap::Overflow => "overflow".to_owned(),
        }
    }
}

impl<'r> InForce<'r> {
    /// The verdict on a project.
    #[must_use]
    pub fn screen<'s>(&'s self, project: Project<'s>, around: Surroundings<'_>) -> Screened<'s> {
        self.screen_at(project, around, Boundary::Drawn)
    }

    /// The verdict with boundaries drawn back or pushed out by their accuracy.
    #[must_use]
    pub fn screen_at<'s>(&'s self, project: Project<'s>, around: Surroundings<'_>, boundary: Boundary) -> Screened<'s> {
        Laid::new(self, project, around, boundary).screen()
    }

    /// The verdict with boundaries drawn back, as drawn, and pushed out; whether they differ, so that a survey is
    /// needed.
    #[must_use]
    pub fn tolerance(&self, project: Project<'_>, around: Surroundings<'_>) -> Tolerance {
        let at = |boundary| self.screen_at(project, around, boundary).verdict;
        let (shrunk, drawn, grown) = (at(Boundary::Shrunk), at(Boundary::Drawn), at(Boundary::Grown));
        Tolerance { shrunk, drawn, grown, within_tolerance: shrunk != drawn || drawn != grown }
    }

    /// Clauses that lost their basis by the day and are therefore questions for an official, with their bases.
    pub fn to_review(&self) -> impl Iterator<Item = (&Rule, &[Basis])> {
        let lost = self.clauses.iter().zip(&self.rules.rules).filter(|(state, _)| state.in_force && !state.carried);
        lost.map(|(state, rule)| (rule, state.bases.as_slice()))
    }
}

/// The verdict at −accuracy, 0 and +accuracy of every layer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Tolerance {
    /// Every layer drawn back.
    pub shrunk: Verdict,
    /// As drawn.
    pub drawn: Verdict,
    /// Every layer pushed out.
    pub grown: Verdict,
    /// Whether they differ: a survey is needed.
    pub within_tolerance: bool,
}
