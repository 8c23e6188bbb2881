//! Three-valued evaluation after Kleene: what is not known stays unknown unless it cannot matter.
//!
//! Values first, without allocation; the set of what is missing only for what stayed unknown.

use super::program::{Gap, Node, Program};
use crate::Number;
use crate::value::{Record, Value};
use norms::Day;

/// Yes, no, or not known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Truth {
    False,
    True,
    Unknown,
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}

/// The answer to a predicate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Answer {
    Unknown(Gap),
    Bool(bool),
    Number(Number),
}

/// The value of a node.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Out<'a> {
    Unknown,
    Bool(bool),
    Number(Number),
    Text(&'a str),
    Date(Day),
    List(&'a [Value]),
    Records(&'a [Record]),
}

impl<'a> From<&'a Value> for Out<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => Self::Number(*number),
            Value::Text(text) => Self::Text(text),
            Value::Date(day) => Self::Date(*day),
            Value::List(items) => Self::List(items),
            Value::Records(records) => Self::Records(records),
        }
    }
}

impl From<Truth> for Out<'_> {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::True => Self::Bool(true),
            Truth::False => Self::Bool(false),
            Truth::Unknown => Self::Unknown,
        }
    }
}

/// Everything that conditions read about one project, in one control unit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inputs<'a> {
    pub(crate) facts: &'a [Option<Value>],
    /// States of the control unit, in place of facts.
    pub(crate) states: &'a [(u16, Option<Value>)],
    pub(crate) answers: &'a [Answer],
    /// Answers that hold in this control unit alone.
    pub(crate) local: &'a [(u16, Answer)],
}

impl<'a> Inputs<'a> {
    pub(crate) fn fact(&self, slot: u16) -> Option<&'a Value> {
        let state = self.states.iter().find(|(other, _)| *other == slot);
        match state {
            Some((_, value)) => value.as_ref(),
            None => self.facts.get(usize::from(slot)).and_then(Option::as_ref),
        }
    }

    pub(crate) fn answer(&self, number: u16) -> Answer {
        let local = self.local.iter().find(|(other, _)| *other == number);
        let answer = local.map(|(_, answer)| *answer);
        answer
            .or_else(|| self.answers.get(usize::from(number)).copied())
            .unwrap_or(Answer::Unknown(Gap::Predicate(number)))
    }
}

/// Whether a condition holds.
pub(crate) fn truth(program: &Program, inputs: &Inputs<'_>) -> Truth {
    as_truth(eval(program, program.root, inputs, None))
}

fn as_truth(out: Out<'_>) -> Truth {
    match out {
        Out::Bool(value) => value.into(),
        _ => Truth::Unknown,
    }
}

/// The value of a node.
pub(crate) fn eval<'a>(program: &'a Program, node: u32, inputs: &Inputs<'a>, item: Option<&'a Record>) -> Out<'a> {
    let child = |node: u32| eval(program, node, inputs, item);
    let known = |value: Option<&'a Value>| value.map_or(Out::Unknown, Out::from);
    match &program.nodes[node as usize] {
        Node::Const(value) => value.into(),
        Node::Fact(slot) => known(inputs.fact(*slot)),
        Node::Field(_, place) => known(item.and_then(|item| item.0.get(usize::from(*place))?.as_ref())),
        Node::And(parts) => fold(parts.iter().map(|part| as_truth(child(*part))), Truth::False).into(),
        Node::Or(parts) => fold(parts.iter().map(|part| as_truth(child(*part))), Truth::True).into(),
        Node::Not(inner) => (!as_truth(child(*inner))).into(),
        Node::Negative(inner) => match child(*inner) {
            Out::Number(number) => Out::Number(number.negated()),
            _ => Out::Unknown,
        },
        Node::Arith(operation, a, b) => match (child(*a), child(*b)) {
            (Out::Number(a), Out::Number(b)) => operation.apply(a, b).map_or(Out::Unknown, Out::Number),
            _ => Out::Unknown,
        },
        Node::Order(order, a, b) => {
            let ordering = match (child(*a), child(*b)) {
                (Out::Number(a), Out::Number(b)) => a.cmp(&b),
                (Out::Text(a), Out::Text(b)) => a.cmp(b),
                (Out::Bool(a), Out::Bool(b)) => a.cmp(&b),
                (Out::Date(a), Out::Date(b)) => a.cmp(&b),
                _ => return Out::Unknown,
            };
            Out::Bool(order.holds(ordering))
        }
        Node::InSet(a, values) => match child(*a) {
            Out::Unknown => Out::Unknown,
            value => Out::Bool(values.iter().any(|other| Out::from(other) == value)),
        },
        Node::InList(a, list) => match (child(*a), child(*list)) {
            (Out::Unknown, _) => Out::Unknown,
            (value, Out::List(items)) => Out::Bool(items.iter().any(|other| Out::from(other) == value)),
            _ => Out::Unknown,
        },
        Node::Under(code, prefixes) => match child(*code) {
            Out::Text(code) => under(code, prefixes).into(),
            _ => Out::Unknown,
        },
        Node::Exists(list, predicate) => quantified(program, *list, *predicate, inputs, item, Truth::True),
        Node::All(list, predicate) => quantified(program, *list, *predicate, inputs, item, Truth::False),
        Node::Predicate(number) => match inputs.answer(*number) {
            Answer::Unknown(_) => Out::Unknown,
            Answer::Bool(value) => Out::Bool(value),
            Answer::Number(number) => Out::Number(number),
        },
    }
}

/// `absorbing` when any part is that, unknown when any part is unknown, else the opposite.
pub(crate) fn fold(parts: impl Iterator<Item = Truth>, absorbing: Truth) -> Truth {
    let mut result = !absorbing;
    for part in parts {
        if part == absorbing {
            return absorbing;
        }
        if part == Truth::Unknown {
            result = Truth::Unknown;
        }
    }
    result
}

/// Whether a code lies below one of the prefixes. A code that is shorter than a prefix it begins is not known enough.
pub(crate) fn under(code: &str, prefixes: &[Box<str>]) -> Truth {
    let below = |prefix: &str| {
        if code.starts_with(prefix) {
            Truth::True
        } else if prefix.starts_with(code) {
            Truth::Unknown
        } else {
            Truth::False
        }
    };
    fold(prefixes.iter().map(|prefix| below(prefix)), Truth::True)
}

fn quantified<'a>(
    program: &'a Program,
    list: u32,
    predicate: u32,
    inputs: &Inputs<'a>,
    item: Option<&'a Record>,
    absorbing: Truth,
) -> Out<'a> {
    match eval(program, list, inputs, item) {
        Out::Records(records) => {
            let each = records.iter().map(|record| as_truth(eval(program, predicate, inputs, Some(record))));
            fold(each, absorbing).into()
        }
        _ => Out::Unknown,
    }
}

/// Adds what keeps a node from being known: the gaps of its parts, except that `and` and `or` which are decided
/// need nothing. The whole counts only when the condition itself is unknown.
pub(crate) fn gaps<'a>(
    program: &'a Program,
    node: u32,
    inputs: &Inputs<'a>,
    item: Option<&'a Record>,
    found: &mut Vec<Gap>,
) {
    match &program.nodes[node as usize] {
        Node::Const(_) => {}
        Node::Fact(slot) => {
            if inputs.fact(*slot).is_none() {
                found.push(Gap::Fact(*slot));
            }
        }
        Node::Field(fact, place) => {
            if item.and_then(|item| item.0.get(usize::from(*place))?.as_ref()).is_none() {
                found.push(Gap::Item(*fact, *place));
            }
        }
        Node::And(parts) | Node::Or(parts) => {
            if eval(program, node, inputs, item) == Out::Unknown {
                for part in parts {
                    gaps(program, *part, inputs, item, found);
                }
            }
        }
        Node::Not(inner) | Node::Negative(inner) | Node::InSet(inner, _) => {
            gaps(program, *inner, inputs, item, found);
        }
        Node::Under(inner, _) => {
            gaps(program, *inner, inputs, item, found);
            // A code that is not given to its last digit is known, but not well enough.
            if eval(program, node, inputs, item) == Out::Unknown {
                match &program.nodes[*inner as usize] {
                    Node::Fact(slot) => found.push(Gap::Fact(*slot)),
                    Node::Field(fact, place) => found.push(Gap::Item(*fact, *place)),
                    _ => {}
                }
            }
        }
        Node::Arith(_, a, b) => {
            let before = found.len();
            gaps(program, *a, inputs, item, found);
            gaps(program, *b, inputs, item, found);
            if found.len() == before && eval(program, node, inputs, item) == Out::Unknown {
                found.push(Gap::Overflow);
            }
        }
        Node::Order(_, a, b) | Node::InList(a, b) => {
            gaps(program, *a, inputs, item, found);
            gaps(program, *b, inputs, item, found);
        }
        Node::Exists(list, predicate) | Node::All(list, predicate) => {
            gaps(program, *list, inputs, item, found);
            if let Out::Records(records) = eval(program, *list, inputs, item) {
                for record in records {
                    gaps(program, *predicate, inputs, Some(record), found);
                }
            }
        }
        Node::Predicate(number) => {
            if let Answer::Unknown(gap) = inputs.answer(*number) {
                found.push(gap);
            }
        }
    }
}
