//! The trace of a verdict: every rule with the value at every node, where each value came from, and what it rests on.
//!
//! It is written with a stable order of keys and can be replayed: [`Trace::replay`] computes the verdict again from
//! the leaves alone.

use crate::citation::{Basis, Cite};
use crate::clause::{Conf, Dimension, Effect, Rank};
use crate::expr::{Answer, Gap, Node, Out, PredicateCall, Program, Truth, eval};
use crate::facts::{Answerer, FactType};
use crate::ground::{Ground, UnitPiece};
use crate::surroundings::is_state;
use crate::value::{Record, Value};
use crate::verdict::{Heard, Laid, Outcome, Piece, Project, RuleKey, Screened, Surroundings, Verdict};
use crate::{Boundary, InForce};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A verdict with everything that led to it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Trace {
    /// Version of this engine.
    pub engine: String,
    /// Id of the edition of the map.
    pub edition: String,
    /// SHA-256 over all rules, tables, facts and citations.
    pub rules_hash: String,
    /// The day as of which was judged.
    pub as_of: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The best that can still come.
    pub best: Verdict,
    /// The worst that can still come.
    pub worst: Verdict,
    /// Ids of the rules that make the verdict.
    pub deciding: Vec<String>,
    /// What is not known.
    pub missing: Vec<String>,
    /// What is missing beside the rules: `edition`, `crs`, `units`, `list:<unit>`, `rules`.
    pub absent: Vec<String>,
    /// Whether a rule that decides rests on a successor that nobody verified.
    pub unverified_basis: bool,
    /// Control units met.
    pub units: Vec<UnitPiece>,
    /// The known facts.
    pub facts: BTreeMap<String, Json>,
    /// What the map said about the layers that rules ask.
    pub layers: BTreeMap<String, crate::ground::LayerFinding>,
    /// Newest day of the ledger that was read.
    pub ledger_as_of: Option<String>,
    /// Newest day of the unit states that were read.
    pub status_as_of: Option<String>,
    /// Every clause, in order of the files.
    pub rules: Vec<RuleTrace>,
    /// Every row of a table that is hit or open.
    pub rows: Vec<RowTrace>,
    /// How many rows are not applicable.
    pub rows_not_applicable: usize,
    /// Rules that contradict one another here: the ban wins.
    pub conflicts: Vec<(String, String)>,
}

/// What one clause said, in one control unit when it holds there alone.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RuleTrace {
    /// Its id.
    pub id: String,
    /// In plain words.
    pub title: String,
    /// Kind of requirement.
    pub dimension: Dimension,
    /// Who set it.
    pub rank: Rank,
    /// Its effect as written.
    pub effect: Effect,
    /// Its effect on the day: `review` when its basis is gone.
    pub effect_now: Effect,
    /// The control unit, when the answer is that of one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unit: Option<String>,
    /// `prohibited`, `needs_information(prohibit)`, `not_applicable`, …
    pub outcome: String,
    /// Why it is not applicable, when that is not its condition: `not_in_force`, `existing`, `scope.unit`, …
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub reason: String,
    /// Scope, term and existing plants: name and value.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub guards: Vec<GuardTrace>,
    /// Its condition.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub when: Option<NodeTrace>,
    /// Rules that set it aside where they apply.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub exceptions: Vec<GuardTrace>,
    /// What it demands.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub must: Vec<MustTrace>,
    /// What is not known.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub missing: Vec<String>,
    /// What it rests on.
    pub cites: Vec<CiteTrace>,
    /// What the official decides.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub question: String,
    /// What holds.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub say: String,
    /// How sure we are of the clause.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub conf: Option<Conf>,
    /// Remark.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub note: String,
    /// File it stands in.
    pub file: String,
    /// Line of its head.
    pub line: u64,
}

/// Something beside the condition that must hold; unknown is null.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GuardTrace {
    /// Name, or id of the exception.
    pub name: String,
    /// Whether it holds.
    pub value: Option<bool>,
}

/// One demand of a clause.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct MustTrace {
    /// In plain words.
    pub say: String,
    /// What proves it.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub evidence: String,
    /// Its condition; none when it could not be read.
    pub node: Option<NodeTrace>,
}

/// An article and what it is worth on the day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CiteTrace {
    /// The article.
    pub cite: Cite,
    /// What it is worth.
    pub basis: Basis,
}

/// One row of a table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RowTrace {
    /// Its id, or file and line.
    pub id: String,
    /// The control unit; empty for any.
    pub unit: String,
    /// The industry; empty for any.
    pub industry_prefix: String,
    /// Its effect as written.
    pub effect: Effect,
    /// Its effect on the day.
    pub effect_now: Effect,
    /// Kind of requirement.
    pub dimension: Dimension,
    /// Who set it.
    pub rank: Rank,
    /// What it said.
    pub outcome: String,
    /// In words.
    pub say: String,
    /// What is not known.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub missing: Vec<String>,
    /// What it rests on.
    pub cites: Vec<CiteTrace>,
    /// File it stands in.
    pub file: String,
    /// Line.
    pub line: u32,
}

/// A node of a condition with its value; unknown is null.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct NodeTrace {
    /// Its text in the rule.
    pub text: String,
    /// What it does: `and`, `<`, `fact`, `touches`, …
    pub op: String,
    /// Type of the value.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its value; numbers are text, so that they stay exact.
    pub value: Json,
    /// Unit of the value.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub unit: String,
    /// Who said so: `applicant`, `official`, `status`, `layer:<key>@<edition>`, `ledger`.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub source: String,
    /// What is not known here.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub missing: String,
    /// Constants that it compares with.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub with: Vec<Json>,
    /// Its parts.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub parts: Vec<NodeTrace>,
}

impl InForce<'_> {
    /// The verdict with its trace. `edition` is the id of the map's edition.
    #[must_use]
    pub fn trace(&self, project: Project<'_>, around: Surroundings<'_>, edition: &str) -> Trace {
        let laid = Laid::new(self, project, around, Boundary::Drawn);
        let screened = laid.screen();
        let tracer = Tracer { laid: &laid, edition };
        let rules = self.rules;
        let used = rules.layers_used();
        let layers = project.ground.layers.iter().filter(|(key, _)| used.contains(key.as_str()));
        let rows = tracer.rows();
        Trace {
            engine: format!("zoning {}", env!("CARGO_PKG_VERSION")),
            edition: edition.to_owned(),
            rules_hash: rules.hash().to_owned(),
            as_of: self.day.to_string(),
            verdict: screened.verdict,
            best: screened.best,
            worst: screened.worst,
            deciding: screened.deciding(),
            missing: screened.missing(),
            absent: screened.absent.iter().map(ToString::to_string).collect(),
            unverified_basis: screened.unverified_basis,
            units: project.ground.units.clone(),
            facts: project.facts.to_json(&rules.dictionary),
            layers: layers.map(|(key, finding)| (key.clone(), finding.clone())).collect(),
            ledger_as_of: around.ledger.position().map(|day| day.to_string()),
            status_as_of: around.status.position().map(|day| day.to_string()),
            rules: tracer.clauses(),
            rows_not_applicable: rules.tables.rows.len().saturating_sub(rows.len()),
            rows,
            conflicts: conflicts(&screened),
        }
    }
}

/// Bans that are hit together with a welcome or an easier procedure.
fn conflicts(screened: &Screened<'_>) -> Vec<(String, String)> {
    let of = |wanted: &[Outcome]| -> Vec<String> {
        let mut ids: Vec<String> =
            screened.outcomes().filter(|(_, outcome, _)| wanted.contains(outcome)).map(|(id, _, _)| id).collect();
        ids.dedup();
        ids
    };
    let bans = of(&[Outcome::Prohibited]);
    let eased = of(&[Outcome::Encouraged, Outcome::Procedure]);
    bans.iter().flat_map(|ban| eased.iter().map(|ease| (ban.clone(), ease.clone()))).collect()
}

struct Tracer<'l, 'a> {
    laid: &'l Laid<'a>,
    edition: &'l str,
}

impl<'l, 'a> Tracer<'l, 'a> {
    fn clauses(&self) -> Vec<RuleTrace> {
        let law = self.laid.law;
        let mut traces = Vec::new();
        for (number, state) in law.clauses.iter().enumerate() {
            #[expect(clippy::cast_possible_truncation, reason = "clauses are thousands")]
            let number = number as u32;
            if !state.in_force || !law.edition_in_force {
                let mut trace = self.head(number, Outcome::NotApplicable, None);
                "not_in_force".clone_into(&mut trace.reason);
                traces.push(trace);
            } else if law.rules.rules[number as usize].by_unit {
                traces.extend(self.laid.pieces.iter().map(|piece| self.clause(number, Some(piece))));
            } else {
                traces.push(self.clause(number, None));
            }
        }
        traces
    }

    fn head(&self, number: u32, outcome: Outcome, piece: Option<&Piece<'a>>) -> RuleTrace {
        let law = self.laid.law;
        let rule = &law.rules.rules[number as usize];
        RuleTrace {
            id: rule.id.clone(),
            title: rule.title.clone(),
            dimension: rule.dimension,
            rank: rule.rank,
            effect: rule.effect,
            effect_now: law.clauses[number as usize].effect,
            unit: piece.and_then(|piece| piece.unit).map(|unit| unit.code.clone()),
            outcome: outcome.to_string(),
            reason: String::new(),
            guards: Vec::new(),
            when: None,
            exceptions: Vec::new(),
            must: Vec::new(),
            missing: Vec::new(),
            cites: self.cites(RuleKey::Clause(number)),
            question: rule.question.clone(),
            say: rule.say.clone(),
            conf: rule.conf,
            note: rule.note.clone(),
            file: rule.file.clone(),
            line: rule.line,
        }
    }

    fn cites(&self, key: RuleKey) -> Vec<CiteTrace> {
        let bases = self.laid.law.bases(key);
        bases.into_iter().map(|(cite, basis)| CiteTrace { cite: cite.clone(), basis: basis.clone() }).collect()
    }

    fn clause(&self, number: u32, piece: Option<&'l Piece<'a>>) -> RuleTrace {
        let law = self.laid.law;
        let rule = &law.rules.rules[number as usize];
        let mut gaps = Vec::new();
        let (outcome, _) = self.laid.clause(number, piece, &mut gaps);
        let mut trace = self.head(number, outcome, piece);
        self.laid.guards(number, piece, &mut |name, truth, _| {
            trace.guards.push(GuardTrace { name: name.to_owned(), value: known(truth) });
        });
        let failed = trace.guards.iter().find(|guard| guard.value == Some(false));
        trace.reason = failed.map(|guard| guard.name.clone()).unwrap_or_default();
        trace.when = rule.when.as_ref().map(|program| self.node(program, program.root, piece, None));
        let in_force = |other: &&u32| law.clauses[**other as usize].in_force;
        for other in rule.exceptions.iter().filter(in_force) {
            let value = known(self.laid.hit(*other, piece, None));
            trace.exceptions.push(GuardTrace { name: law.rules.rules[*other as usize].id.clone(), value });
        }
        // What a clause demands is told only where the clause is hit or may be.
        if outcome != Outcome::NotApplicable {
            let must = rule.must.iter().map(|must| MustTrace {
                say: must.say.clone(),
                evidence: must.evidence.clone(),
                node: must.expr.as_ref().map(|program| self.node(program, program.root, piece, None)),
            });
            trace.must = must.collect();
        }
        trace.missing = self.names(&gaps);
        trace
    }

    fn names(&self, gaps: &[Gap]) -> Vec<String> {
        let units: Vec<&str> = self.laid.project.ground.units.iter().map(|unit| unit.code.as_str()).collect();
        let mut names: Vec<String> = gaps.iter().map(|gap| self.laid.law.rules.gap_name(*gap, &units)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn rows(&self) -> Vec<RowTrace> {
        let mut rows = Vec::new();
        if !self.laid.law.edition_in_force {
            return rows;
        }
        let tables = &self.laid.law.rules.tables;
        self.laid.hear(&mut |Heard { key, outcome, .. }, gaps| {
            let RuleKey::Row(number) = key else { return };
            let row = &tables.rows[number as usize];
            rows.push(RowTrace {
                id: tables.row_id(row),
                unit: tables.texts.get(row.unit).to_owned(),
                industry_prefix: crate::table::unpack(row.prefix),
                effect: row.effect,
                effect_now: self.laid.law.row_effect(row),
                dimension: row.dimension,
                rank: row.rank,
                outcome: outcome.to_string(),
                say: tables.texts.get(row.say).to_owned(),
                missing: self.names(gaps),
                cites: self.cites(key),
                file: tables.files[usize::from(row.file)].clone(),
                line: row.line,
            });
        });
        rows
    }

    fn node(&self, program: &Program, at: u32, piece: Option<&'l Piece<'a>>, item: Option<&Record>) -> NodeTrace {
        let rules = self.laid.law.rules;
        let inputs = self.laid.inputs(piece);
        let part = |node: u32| self.node(program, node, piece, item);
        let mut trace = NodeTrace {
            text: program.text(at).to_owned(),
            op: String::new(),
            kind: String::new(),
            value: Json::Null,
            unit: String::new(),
            source: String::new(),
            missing: String::new(),
            with: Vec::new(),
            parts: Vec::new(),
        };
        let (value, kind) = shown(eval(program, at, &inputs, item));
        (trace.value, trace.kind) = (value, kind.to_owned());
        let op = match &program.nodes[at as usize] {
            Node::Const(_) => "const",
            Node::Fact(slot) => {
                let fact = &rules.dictionary.facts()[usize::from(*slot)];
                if let FactType::Decimal { unit } = &fact.kind {
                    unit.as_ref().clone_into(&mut trace.unit);
                }
                match inputs.fact(*slot) {
                    None => trace.missing.clone_from(&fact.name),
                    Some(value) => {
                        trace.value = value.to_json(&fact.kind);
                        let state = inputs.states.iter().any(|(other, _)| other == slot);
                        trace.source = source_of(state, is_state(&rules.dictionary, *slot), fact.answer).to_owned();
                    }
                }
                "fact"
            }
            Node::Field(fact, place) => {
                if trace.value.is_null() {
                    trace.missing = rules.gap_name(Gap::Item(*fact, *place), &[]);
                }
                "field"
            }
            Node::And(parts) => {
                trace.parts = parts.iter().map(|node| part(*node)).collect();
                "and"
            }
            Node::Or(parts) => {
                trace.parts = parts.iter().map(|node| part(*node)).collect();
                "or"
            }
            Node::Not(inner) => {
                trace.parts = vec![part(*inner)];
                "not"
            }
            Node::Negative(inner) => {
                trace.parts = vec![part(*inner)];
                "negative"
            }
            Node::Arith(operation, a, b) => {
                trace.parts = vec![part(*a), part(*b)];
                operation.sign()
            }
            Node::Order(order, a, b) => {
                trace.parts = vec![part(*a), part(*b)];
                order.sign()
            }
            Node::InSet(a, values) => {
                trace.parts = vec![part(*a)];
                trace.with = values.iter().map(|value| shown(value.into()).0).collect();
                "in"
            }
            Node::InList(a, list) => {
                trace.parts = vec![part(*a), part(*list)];
                "in_list"
            }
            Node::Under(code, prefixes) => {
                trace.parts = vec![part(*code)];
                trace.with = prefixes.iter().map(|prefix| Json::String(prefix.to_string())).collect();
                "under"
            }
            Node::Exists(list, predicate) | Node::All(list, predicate) => {
                trace.parts = vec![part(*list)];
                if let Out::Records(records) = eval(program, *list, &inputs, item) {
                    let each = records.iter().map(|record| self.node(program, *predicate, piece, Some(record)));
                    trace.parts.extend(each);
                }
                if matches!(program.nodes[at as usize], Node::Exists(..)) { "exists" } else { "all" }
            }
            Node::Predicate(number) => {
                let predicate = &rules.vocabulary.predicates[usize::from(*number)];
                let names: Vec<String> = match inputs.answer(*number) {
                    Answer::Unknown(gap) => self.names(&[gap]),
                    _ => Vec::new(),
                };
                trace.missing = names.join(";");
                trace.source = match predicate.call {
                    PredicateCall::Headroom => "ledger".to_owned(),
                    PredicateCall::Judge => self.official(&predicate.key),
                    _ => format!("layer:{}@{}", predicate.key, self.edition),
                };
                trace.unit = match predicate.call {
                    PredicateCall::DistM => "m".to_owned(),
                    PredicateCall::Headroom => "t/a".to_owned(),
                    _ => String::new(),
                };
                predicate.call.name()
            }
        };
        op.clone_into(&mut trace.op);
        trace
    }

    fn official(&self, key: &str) -> String {
        match self.laid.project.judgements.0.get(key) {
            Some(judgement) => format!("official:{} {} {}", judgement.by, judgement.date, judgement.reason),
            None => "official".to_owned(),
        }
    }
}

const fn source_of(from_status: bool, is_state: bool, answer: Answerer) -> &'static str {
    match (from_status, is_state, answer) {
        (true, ..) => "status",
        (_, _, Answerer::Official) => "official",
        _ => "applicant",
    }
}

const fn known(truth: Truth) -> Option<bool> {
    match truth {
        Truth::True => Some(true),
        Truth::False => Some(false),
        Truth::Unknown => None,
    }
}

fn shown(out: Out<'_>) -> (Json, &'static str) {
    match out {
        Out::Unknown => (Json::Null, "unknown"),
        Out::Bool(value) => (Json::Bool(value), "bool"),
        Out::Number(number) => (Json::String(number.to_string()), "number"),
        Out::Text(text) => (Json::String(text.to_owned()), "text"),
        Out::Date(day) => (Json::String(day.to_string()), "date"),
        Out::List(items) => (items.iter().map(|item| Value::to_json(item, &FactType::Text)).collect(), "list"),
        Out::Records(records) => (Json::from(records.len()), "records"),
    }
}

/// The ground that a trace tells of, for replaying with other rules.
impl Trace {
    /// The units and layers as a ground, without the outfall.
    #[must_use]
    pub fn ground(&self) -> Ground {
        Ground {
            units: self.units.clone(),
            tiled: !self.absent.iter().any(|name| name == "units"),
            layers: self.layers.clone(),
            outfall: None,
        }
    }
}
