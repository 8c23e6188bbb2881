//! What is wrong with rules as a whole: contradictions, dead and double conditions, missing and repealed bases.
//!
//! Two conditions meet when their scopes, industries, processes and kinds can hold together.
//!
//! | finding | says |
//! | --- | --- |
//! | `conflict` | a ban and a welcome or an easier procedure meet; with a project that is hit by both |
//! | `dead` | a condition can never hold, or a ban holds wherever it does, so that it decides nothing |
//! | `duplicate` | same condition, same effect, same words |
//! | `overlap` | same effect and same words, conditions that meet and differ, or a clause and a row of another width |
//! | `uncited` | no basis |
//! | `repealed` | a basis that is gone on the day, without a successor |
//! | `overruled` | a clause and a row of another width meet, one a ban, the other a welcome or an easier procedure: the ban wins there |
//!
//! Clauses contradict one another only where they share a scope and a subject: an industry, a fact or a layer. A clause
//! and a row of a table are compared where both speak of an industry and some unit is in both scopes.

mod clauses_and_rows;

use crate::clause::{Effect, Rule};
use crate::expr::Answer;
use crate::ruleset::RuleSet;
use crate::search::{Found, Given, Sheet, Var, witness};
use crate::table::{Row, unpack};
use crate::value::Value;
use crate::verdict::RuleKey;
use norms::{Day, Term};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Findings of one kind that are told; the rest is counted.
const SHOWN_MAX: usize = 10_000;

/// A kind of finding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LintKind {
    /// Contradiction.
    Conflict,
    /// Never decides anything.
    Dead,
    /// Said twice.
    Duplicate,
    /// Said twice at two widths.
    Overlap,
    /// No basis.
    Uncited,
    /// A basis that is gone.
    Repealed,
    /// A welcome that a ban of another width takes back in part.
    Overruled,
}

/// One finding: the rule, the other one if it takes two, and why.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct LintFinding {
    /// What kind.
    pub kind: LintKind,
    /// The rule.
    pub rule: String,
    /// The other rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
    /// File of the rule.
    pub file: String,
    /// Its line.
    pub line: u64,
    /// Why, in Chinese.
    pub reason_zh: String,
    /// Why, in English.
    pub reason_en: String,
    /// A project that is hit by both, for conflicts: facts and predicates by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub witness: BTreeMap<String, serde_json::Value>,
    /// Further rows of the same condition that the same is to be said of.
    #[serde(skip_serializing_if = "is_none")]
    pub more: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_none(more: &usize) -> bool {
    *more == 0
}

/// Everything that was found.
#[derive(Clone, PartialEq, Debug, Default, serde::Serialize)]
pub struct Lint {
    /// The first ones of each kind, in order of the files.
    pub findings: Vec<LintFinding>,
    /// How many there are of each kind.
    pub counts: BTreeMap<LintKind, usize>,
}

/// What is known beside the rules.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// Every unit of the edition.
    pub units: Option<&'a BTreeSet<String>>,
    /// Every full industry code.
    pub industries: Option<&'a BTreeSet<String>>,
    /// Key of each park → the units it lies in. Without it a park may lie in any.
    pub parks: Option<&'a BTreeMap<String, BTreeSet<String>>>,
}

impl RuleSet {
    /// Whether some clause holds in a park alone.
    #[must_use]
    pub fn names_parks(&self) -> bool {
        self.rules.iter().any(|rule| !rule.scope.parks.is_empty())
    }

    /// Looks through all rules as they stand on a day.
    #[must_use]
    pub fn lint(&self, day: Day, known: Known<'_>) -> Lint {
        let mut lint = Linter { rules: self, lint: Lint::default() };
        lint.clauses();
        lint.bases(day);
        lint.rows(known);
        lint.clauses_and_rows(known);
        lint.lint
            .findings
            .sort_by(|a, b| (a.kind, &a.file, a.line, &a.other).cmp(&(b.kind, &b.file, b.line, &b.other)));
        lint.lint
    }
}

struct Linter<'r> {
    rules: &'r RuleSet,
    lint: Lint,
}

type Words = (&'static str, &'static str);
type Witness = BTreeMap<String, serde_json::Value>;

impl Linter<'_> {
    fn tell(
        &mut self,
        kind: LintKind,
        rule: RuleKey,
        other: Option<RuleKey>,
        (zh, en): Words,
        witness: BTreeMap<String, serde_json::Value>,
    ) {
        let count = self.lint.counts.entry(kind).or_default();
        *count += 1;
        if *count > SHOWN_MAX {
            return;
        }
        let (file, line) = self.rules.place(rule);
        self.lint.findings.push(LintFinding {
            kind,
            rule: self.rules.rule_id(rule),
            other: other.map(|other| self.rules.rule_id(other)),
            file,
            line,
            reason_zh: zh.to_owned(),
            reason_en: en.to_owned(),
            witness,
            more: 0,
        });
    }

    fn clauses(&mut self) {
        let rules = self.rules;
        let key = |number: usize| RuleKey::Clause(u32::try_from(number).unwrap_or(u32::MAX));
        for (number, rule) in rules.rules.iter().enumerate() {
            if let Some(when) = &rule.when
                && witness(rules, &[when], &mut Sheet::empty(rules)) == Found::Never
            {
                self.tell(
                    LintKind::Dead,
                    key(number),
                    None,
                    ("条件永不成立", "its condition never holds"),
                    BTreeMap::new(),
                );
            }
            for (earlier, other) in rules.rules[..number].iter().enumerate() {
                if rule.effect == other.effect && rule.when_source == other.when_source && same_scope(rule, other) {
                    let same = rule.must.iter().map(|m| &m.source).eq(other.must.iter().map(|m| &m.source));
                    let kind = if same { LintKind::Duplicate } else { LintKind::Overlap };
                    self.tell(
                        kind,
                        key(number),
                        Some(key(earlier)),
                        ("条件与效果相同", "same condition and effect"),
                        BTreeMap::new(),
                    );
                }
                if let Some(project) = self.contradiction(rule, other) {
                    let words = ("禁止与鼓励（或简化程序）并存", "a ban meets a welcome or an easier procedure");
                    self.tell(LintKind::Conflict, key(number), Some(key(earlier)), words, project);
                }
            }
        }
    }

    fn contradiction(&self, a: &Rule, b: &Rule) -> Option<BTreeMap<String, serde_json::Value>> {
        if !(incompatible(a.effect, b.effect) && same_scope(a, b)) {
            return None;
        }
        let (first, second) = (a.when.as_ref()?, b.when.as_ref()?);
        let kind = self.rules.kind;
        let subject = |program: &crate::expr::Program| -> BTreeSet<Var> {
            let facts = program.facts().filter(|slot| Some(*slot) != kind).map(Var::Fact);
            facts.chain(program.predicates().map(Var::Predicate)).collect()
        };
        if subject(first).is_disjoint(&subject(second)) {
            return None;
        }
        match witness(self.rules, &[first, second], &mut Sheet::empty(self.rules)) {
            Found::Witness(values) => Some(self.named(&values)),
            _ => None,
        }
    }

    fn named(&self, values: &[(Var, Given)]) -> BTreeMap<String, serde_json::Value> {
        let name = |(var, given): &(Var, Given)| match (var, given) {
            (Var::Fact(slot), Given::Fact(value)) => {
                let fact = &self.rules.dictionary.facts()[usize::from(*slot)];
                Some((fact.name.clone(), value.to_json(&fact.kind)))
            }
            (Var::Predicate(number), Given::Answer(answer)) => {
                let predicate = &self.rules.vocabulary.predicates[usize::from(*number)];
                let value = match answer {
                    Answer::Bool(value) => serde_json::Value::Bool(*value),
                    Answer::Number(number) => serde_json::Value::String(number.to_string()),
                    Answer::Unknown(_) => serde_json::Value::Null,
                };
                Some((format!("{}:{}", predicate.call.name(), predicate.key), value))
            }
            _ => None,
        };
        values.iter().filter_map(name).collect()
    }

    fn bases(&mut self, day: Day) {
        let rules = self.rules;
        let law = rules.on(day, Term::default());
        let uncited = ("没有依据", "it cites no basis");
        let repealed = ("依据已失效且未登记替代条款", "its basis is gone and nothing is recorded that replaced it");
        for (number, state) in law.clauses.iter().enumerate() {
            let key = RuleKey::Clause(u32::try_from(number).unwrap_or(u32::MAX));
            if rules.rules[number].cites.is_empty() {
                self.tell(LintKind::Uncited, key, None, uncited, BTreeMap::new());
            } else if !state.carried {
                self.tell(LintKind::Repealed, key, None, repealed, BTreeMap::new());
            }
        }
        for (number, row) in rules.tables.rows.iter().enumerate() {
            let key = RuleKey::Row(u32::try_from(number).unwrap_or(u32::MAX));
            if row.cite == 0 {
                self.tell(LintKind::Uncited, key, None, uncited, BTreeMap::new());
            } else if law.cells.get(&row.cite).is_some_and(|state| !state.carried) {
                self.tell(LintKind::Repealed, key, None, repealed, BTreeMap::new());
            }
        }
    }

    fn rows(&mut self, known: Known<'_>) {
        let rules = self.rules;
        self.unreachable_rows(known);
        let mut by_unit: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (number, row) in rules.tables.rows.iter().enumerate() {
            by_unit.entry(row.unit).or_default().push(u32::try_from(number).unwrap_or(u32::MAX));
        }
        let everywhere = by_unit.get(&0).cloned().unwrap_or_default();
        for (unit, own) in &by_unit {
            let wide: &[u32] = if *unit == 0 { &[] } else { &everywhere };
            self.unit_rows(own, wide);
        }
    }

    fn unreachable_rows(&mut self, known: Known<'_>) {
        let rules = self.rules;
        for (number, row) in rules.tables.rows.iter().enumerate() {
            let prefix = unpack(row.prefix);
            let no_industry = known.industries.is_some_and(|codes| {
                !prefix.is_empty() && codes.range(prefix.clone()..).next().is_none_or(|code| !code.starts_with(&prefix))
            });
            let no_unit =
                known.units.is_some_and(|units| row.unit != 0 && !units.contains(rules.tables.texts.get(row.unit)));
            let key = RuleKey::Row(u32::try_from(number).unwrap_or(u32::MAX));
            if no_industry {
                self.tell(LintKind::Dead, key, None, ("没有这样的行业", "there is no such industry"), BTreeMap::new());
            }
            if no_unit {
                self.tell(LintKind::Dead, key, None, ("没有这样的单元", "there is no such unit"), BTreeMap::new());
            }
        }
    }

    /// Looks at the rows of one unit, among themselves and beside the rows for any unit.
    fn unit_rows(&mut self, own: &[u32], wide: &[u32]) {
        let rules = self.rules;
        let row = |number: u32| &rules.tables.rows[number as usize];
        let mut by_prefix: HashMap<u64, Vec<u32>> = HashMap::new();
        for number in own.iter().chain(wide) {
            by_prefix.entry(row(*number).prefix).or_default().push(*number);
        }
        for &number in own {
            let mine = row(number);
            let code = unpack(mine.prefix);
            let mut shadow: Option<u32> = None;
            // Rows whose industry is that of this one or wider: each pair is met once.
            for length in 0..=code.len() {
                let Some(others) = by_prefix.get(&crate::table::pack(&code[..length])) else { continue };
                for &other in others.iter().filter(|other| **other != number) {
                    let same_width = length == code.len();
                    let first_of_pair = !same_width || other < number || row(other).unit != mine.unit;
                    self.pair(number, other, first_of_pair, &mut shadow);
                }
            }
            if let Some(other) = shadow {
                let words = ("已被更宽的禁止性条件覆盖", "a wider ban holds wherever it does");
                self.tell(LintKind::Dead, RuleKey::Row(number), Some(RuleKey::Row(other)), words, BTreeMap::new());
            }
        }
        self.wide_narrower(own, wide);
    }

    /// One row beside another whose industry is the same or wider.
    fn pair(&mut self, number: u32, other: u32, first_of_pair: bool, shadow: &mut Option<u32>) {
        let rules = self.rules;
        let (a, b) = (&rules.tables.rows[number as usize], &rules.tables.rows[other as usize]);
        let tables = &rules.tables;
        let meet = |x: u32, y: u32| {
            x == 0 || y == 0 || tables.members(x).iter().any(|member| tables.members(y).contains(member))
        };
        if !(meet(a.processes, b.processes) && meet(a.kinds, b.kinds)) {
            return;
        }
        let covers = |wide: u32, narrow: u32| {
            wide == 0
                || (narrow != 0 && tables.members(narrow).iter().all(|member| tables.members(wide).contains(member)))
        };
        let b_covers_a = covers(b.processes, a.processes) && covers(b.kinds, a.kinds);
        let a_covers_b = covers(a.processes, b.processes) && covers(a.kinds, b.kinds);
        let identical = b_covers_a && a_covers_b && a.prefix == b.prefix && a.unit == b.unit;
        let none = BTreeMap::new;
        if incompatible(a.effect, b.effect) {
            if first_of_pair {
                let words = ("禁止与鼓励（或简化程序）并存", "a ban meets a welcome or an easier procedure");
                let project = self.row_witness(a, b);
                self.tell(LintKind::Conflict, RuleKey::Row(number), Some(RuleKey::Row(other)), words, project);
            }
        } else if identical {
            if first_of_pair && a.effect == b.effect && a.say == b.say {
                let words = ("条件、效果与表述相同", "same condition, effect and words");
                self.tell(LintKind::Duplicate, RuleKey::Row(number), Some(RuleKey::Row(other)), words, none());
            } else if b.effect == Effect::Prohibit
                && b.cite != 0
                && matches!(a.effect, Effect::Require | Effect::Review)
            {
                shadow.get_or_insert(other);
            }
        } else if b.effect == Effect::Prohibit
            && b.cite != 0
            && b_covers_a
            && matches!(a.effect, Effect::Prohibit | Effect::Require | Effect::Review)
        {
            shadow.get_or_insert(other);
        } else if first_of_pair
            && a.effect == b.effect
            && a.say == b.say
            && a.say != 0
            && !(a.effect == Effect::Prohibit && a_covers_b && a.prefix == b.prefix)
        {
            let words = ("同一要求在重叠的范围内重复", "the same demand stands twice, at scopes that meet");
            self.tell(LintKind::Overlap, RuleKey::Row(number), Some(RuleKey::Row(other)), words, none());
        }
    }

    /// Conflicts between a wide industry in this unit and a narrower one for any unit.
    fn wide_narrower(&mut self, own: &[u32], wide: &[u32]) {
        let rules = self.rules;
        let row = |number: u32| &rules.tables.rows[number as usize];
        for &other in wide {
            let code = unpack(row(other).prefix);
            for &number in own {
                let mine = unpack(row(number).prefix);
                if mine.len() < code.len()
                    && code.starts_with(&mine)
                    && incompatible(row(number).effect, row(other).effect)
                {
                    self.pair(other, number, true, &mut None);
                }
            }
        }
    }

    fn row_witness(&self, a: &Row, b: &Row) -> BTreeMap<String, serde_json::Value> {
        let tables = &self.rules.tables;
        let longer = if a.prefix & 0xff >= b.prefix & 0xff { a } else { b };
        let mut project = BTreeMap::new();
        let text = |text: &str| serde_json::Value::String(text.to_owned());
        let unit = if a.unit == 0 { b.unit } else { a.unit };
        if unit != 0 {
            project.insert("unit".to_owned(), text(tables.texts.get(unit)));
        }
        let code = unpack(longer.prefix);
        if !code.is_empty() {
            project.insert("industry".to_owned(), text(&code));
        }
        let common = |x: u32, y: u32| match (x, y) {
            (0, 0) => None,
            (0, set) | (set, 0) => tables.members(set).first(),
            (x, y) => tables.members(x).iter().find(|member| tables.members(y).contains(member)),
        };
        if let Some(kind) = common(a.kinds, b.kinds) {
            project.insert("kind".to_owned(), text(tables.texts.get(*kind)));
        }
        if let Some(process) = common(a.processes, b.processes) {
            project.insert("processes".to_owned(), serde_json::json!([tables.texts.get(*process)]));
        }
        project
    }
}

const fn incompatible(a: Effect, b: Effect) -> bool {
    matches!(
        (a, b),
        (Effect::Prohibit, Effect::Encourage | Effect::Procedure)
            | (Effect::Encourage | Effect::Procedure, Effect::Prohibit)
    )
}

fn same_scope(a: &Rule, b: &Rule) -> bool {
    let meet = |x: &[String], y: &[String]| x == y || x.iter().any(|one| y.contains(one));
    meet(&a.scope.units, &b.scope.units)
        && meet(&a.scope.classes, &b.scope.classes)
        && meet(&a.scope.parks, &b.scope.parks)
}

impl RuleSet {
    /// File and line of a rule.
    #[must_use]
    pub fn place(&self, key: RuleKey) -> (String, u64) {
        match key {
            RuleKey::Clause(number) => {
                self.rules.get(number as usize).map(|rule| (rule.file.clone(), rule.line)).unwrap_or_default()
            }
            RuleKey::Row(number) => {
                let row = self.tables.rows.get(number as usize);
                row.map(|row| (self.tables.files[usize::from(row.file)].clone(), u64::from(row.line)))
                    .unwrap_or_default()
            }
        }
    }

    /// A value of a fact as people write it.
    #[must_use]
    pub fn show(&self, fact: &str, value: &Value) -> serde_json::Value {
        self.dictionary.get(fact).map_or(serde_json::Value::Null, |fact| value.to_json(&fact.kind))
    }
}
