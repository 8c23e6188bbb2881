//! Looking for values that make conditions true: witnesses of conflicts, and proofs that a condition never holds.
//!
//! Facts and predicates are given the values at which something can change (constants of the conditions and their
//! neighbours), one after another; a condition that is already decided cuts the search. What is found is true by
//! evaluation. Only [`Found::Never`] needs care: it is a proof when every number is compared with constants alone.

use crate::Number;
use crate::expr::{Answer, Inputs, Node, PredicateCall, Program, Truth, truth};
use crate::facts::FactType;
use crate::ruleset::RuleSet;
use crate::value::{Record, Value};
use std::collections::BTreeSet;

/// Evaluations that one search may make.
const STEPS_MAX: usize = 4_000;
/// Values tried for one fact.
const VALUES_MAX: usize = 24;

/// Something that a search gives values to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Var {
    Fact(u16),
    Predicate(u16),
}

/// A value for it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Given {
    Fact(Value),
    Answer(Answer),
}

/// What a search came to.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Found {
    /// These values make all conditions true.
    Witness(Vec<(Var, Given)>),
    /// Nothing does.
    Never,
    /// It was too much to look through.
    Unclear,
}

/// Facts and answers under construction.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    pub(crate) facts: Vec<Option<Value>>,
    pub(crate) answers: Vec<Answer>,
}

impl Sheet {
    pub(crate) fn empty(rules: &RuleSet) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "interned as u16")]
        let unknown = |number: usize| Answer::Unknown(crate::expr::Gap::Predicate(number as u16));
        Self {
            facts: vec![None; rules.dictionary.facts().len()],
            answers: (0..rules.vocabulary.predicates.len()).map(unknown).collect(),
        }
    }

    pub(crate) fn inputs(&self) -> Inputs<'_> {
        Inputs { facts: &self.facts, states: &[], answers: &self.answers, local: &[] }
    }

    pub(crate) fn set(&mut self, var: Var, given: Option<&Given>) {
        match (var, given) {
            (Var::Fact(slot), Some(Given::Fact(value))) => self.facts[usize::from(slot)] = Some(value.clone()),
            (Var::Fact(slot), _) => self.facts[usize::from(slot)] = None,
            (Var::Predicate(number), Some(Given::Answer(answer))) => self.answers[usize::from(number)] = *answer,
            (Var::Predicate(number), _) => {
                self.answers[usize::from(number)] = Answer::Unknown(crate::expr::Gap::Predicate(number));
            }
        }
    }
}

/// Values that make every condition true, starting from what the sheet knows.
pub(crate) fn witness(rules: &RuleSet, programs: &[&Program], sheet: &mut Sheet) -> Found {
    let vars: BTreeSet<Var> = programs
        .iter()
        .flat_map(|program| program.facts().map(Var::Fact).chain(program.predicates().map(Var::Predicate)))
        .filter(|var| match var {
            Var::Fact(slot) => sheet.facts[usize::from(*slot)].is_none(),
            Var::Predicate(number) => matches!(sheet.answers[usize::from(*number)], Answer::Unknown(_)),
        })
        .collect();
    let choices: Vec<(Var, Vec<Given>)> = vars.into_iter().map(|var| (var, candidates(rules, programs, var))).collect();
    let mut steps = 0;
    let mut path = Vec::new();
    match search(programs, sheet, &choices, &mut path, &mut steps) {
        true => Found::Witness(path),
        false if steps >= STEPS_MAX || programs.iter().any(|program| compares_sums(program)) => Found::Unclear,
        false => Found::Never,
    }
}

fn search(
    programs: &[&Program],
    sheet: &mut Sheet,
    choices: &[(Var, Vec<Given>)],
    path: &mut Vec<(Var, Given)>,
    steps: &mut usize,
) -> bool {
    *steps += 1;
    if *steps >= STEPS_MAX {
        return false;
    }
    let mut open = false;
    for program in programs {
        match truth(program, &sheet.inputs()) {
            Truth::False => return false,
            Truth::Unknown => open = true,
            Truth::True => {}
        }
    }
    if !open {
        return true;
    }
    let Some(((var, values), rest)) = choices.split_first() else { return false };
    for value in values {
        sheet.set(*var, Some(value));
        path.push((*var, value.clone()));
        if search(programs, sheet, rest, path, steps) {
            return true;
        }
        path.pop();
    }
    sheet.set(*var, None);
    false
}

/// Whether a condition compares numbers with something that is no constant.
fn compares_sums(program: &Program) -> bool {
    program.nodes.iter().any(|node| matches!(node, Node::Arith(..)))
        || program.nodes.iter().any(|node| match node {
            Node::Order(_, a, b) => {
                let open = |node: u32| {
                    matches!(program.nodes[node as usize], Node::Fact(_) | Node::Predicate(_) | Node::Field(..))
                };
                open(*a) && open(*b)
            }
            Node::Exists(..) | Node::All(..) => true,
            _ => false,
        })
}

/// Every constant of the conditions.
fn constants<'p>(programs: &[&'p Program]) -> impl Iterator<Item = &'p Value> {
    let nodes: Vec<&'p Node> = programs.iter().flat_map(|program| program.nodes.iter()).collect();
    nodes.into_iter().flat_map(|node| match node {
        Node::Const(value) => std::slice::from_ref(value),
        Node::InSet(_, values) => values,
        _ => &[],
    })
}

/// The values at which something can change.
pub(crate) fn candidates(rules: &RuleSet, programs: &[&Program], var: Var) -> Vec<Given> {
    match var {
        Var::Predicate(number) => match rules.vocabulary.predicates[usize::from(number)].call {
            PredicateCall::DistM | PredicateCall::Headroom | PredicateCall::OverlapRatio => {
                numbers(programs).into_iter().map(|number| Given::Answer(Answer::Number(number))).collect()
            }
            _ => [true, false].map(|value| Given::Answer(Answer::Bool(value))).to_vec(),
        },
        Var::Fact(slot) => {
            let kind = &rules.dictionary.facts()[usize::from(slot)].kind;
            values(kind, programs).into_iter().map(Given::Fact).collect()
        }
    }
}

fn values(kind: &FactType, programs: &[&Program]) -> Vec<Value> {
    let text = |text: &str| Value::Text(text.into());
    let texts = || {
        constants(programs).filter_map(|value| match value {
            Value::Text(text) => Some(text.as_ref()),
            _ => None,
        })
    };
    let mut found = match kind {
        FactType::Bool => vec![Value::Bool(true), Value::Bool(false)],
        FactType::Decimal { .. } => numbers(programs).into_iter().map(Value::Number).collect(),
        FactType::Enum { values, open: false } => values.iter().map(|choice| text(&choice.value)).collect(),
        FactType::Enum { .. } | FactType::Text => texts().chain([""]).map(text).collect(),
        FactType::Code => {
            let prefixes = programs.iter().flat_map(|program| &program.nodes).filter_map(|node| match node {
                Node::Under(_, prefixes) => Some(prefixes.iter().map(AsRef::as_ref).collect::<Vec<&str>>()),
                _ => None,
            });
            let full = |prefix: &str| text(&format!("{prefix:0<5}"));
            let codes = prefixes.flatten().map(full);
            codes.chain(texts().filter(|text| crate::expr_code_prefix(text)).map(full)).chain([text("T9600")]).collect()
        }
        FactType::Date => {
            let days = constants(programs).filter_map(|value| match value {
                Value::Date(day) => Some(*day),
                _ => None,
            });
            days.flat_map(|day| [norms::Day(day.0 - 1), day, day.next()]).map(Value::Date).collect()
        }
        FactType::List { of } => {
            let items = values(of, programs);
            let all = Value::List(items.clone());
            [Value::List(Vec::new()), all]
                .into_iter()
                .chain(items.into_iter().map(|item| Value::List(vec![item])))
                .collect()
        }
        FactType::Records { fields } => {
            let mut records = vec![Record(Vec::new())];
            for field in fields.iter() {
                let options = values(&field.kind, programs);
                records = records
                    .iter()
                    .flat_map(|record| {
                        options
                            .iter()
                            .take(6)
                            .map(|option| Record(record.0.iter().cloned().chain([Some(option.clone())]).collect()))
                    })
                    .take(VALUES_MAX)
                    .collect();
            }
            let single = records.into_iter().map(|record| Value::Records(vec![record]));
            single.chain([Value::Records(Vec::new())]).collect()
        }
    };
    let mut unique: Vec<Value> = Vec::new();
    for value in found.drain(..) {
        if !unique.contains(&value) && unique.len() < VALUES_MAX {
            unique.push(value);
        }
    }
    unique
}

fn numbers(programs: &[&Program]) -> Vec<Number> {
    let step = Number::new(1, 6);
    let limits = constants(programs).filter_map(|value| match value {
        Value::Number(number) => Some(*number),
        _ => None,
    });
    let near = limits.flat_map(|limit| [Some(limit), limit.checked_sub(step), limit.checked_add(step)]).flatten();
    let mut found: Vec<Number> = near.chain([Number::ZERO, Number::whole(1), Number::whole(1_000)]).collect();
    found.sort_unstable();
    found.dedup();
    found
}
