//! A verdict computed again from its trace alone, leaf by leaf.

use crate::Number;
use crate::clause::Effect;
use crate::expr::{Arith, Order, Truth, fold, under};
use crate::trace::{NodeTrace, RowTrace, RuleTrace, Trace};
use crate::verdict::{Outcome, Verdict, certain, conclude};
use serde_json::Value as Json;

impl Trace {
    /// The verdict that follows from the leaves of this trace: the values of facts and predicates, scopes, dates and
    /// exceptions. It reads neither the verdict nor the value of any node that has parts.
    #[must_use]
    pub fn replay(&self) -> Verdict {
        let rules = self.rules.iter().filter(|rule| rule.reason != "not_in_force").map(rule);
        let rows = self.rows.iter().map(row);
        conclude(rules.chain(rows), !self.absent.is_empty())
    }
}

fn rule(trace: &RuleTrace) -> Outcome {
    let beside = trace.guards.iter().map(|guard| truth_of(guard.value));
    let when = trace.when.as_ref().map_or(Truth::Unknown, truth);
    let not_excepted = trace.exceptions.iter().map(|exception| !truth_of(exception.value));
    let hit = fold(beside.chain([when]).chain(not_excepted), Truth::False);
    match hit {
        Truth::False => Outcome::NotApplicable,
        Truth::Unknown => open(trace.effect_now, &trace.missing),
        Truth::True if trace.effect_now == Effect::Require => {
            let each = trace.must.iter().map(|must| must.node.as_ref().map_or(Truth::Unknown, truth));
            match fold(each, Truth::False) {
                Truth::True => Outcome::Conditional,
                Truth::False => Outcome::Unmet,
                Truth::Unknown => Outcome::NeedsInformation(Effect::Require),
            }
        }
        Truth::True => certain(trace.effect_now).0,
    }
}

fn row(trace: &RowTrace) -> Outcome {
    if trace.missing.is_empty() { certain(trace.effect_now).0 } else { open(trace.effect_now, &trace.missing) }
}

fn open(effect: Effect, missing: &[String]) -> Outcome {
    if missing.iter().all(|name| name.starts_with("judge:")) {
        Outcome::AwaitsJudgement(effect)
    } else {
        Outcome::NeedsInformation(effect)
    }
}

const fn truth_of(value: Option<bool>) -> Truth {
    match value {
        Some(true) => Truth::True,
        Some(false) => Truth::False,
        None => Truth::Unknown,
    }
}

fn truth(node: &NodeTrace) -> Truth {
    truth_of(value(node).as_bool())
}

/// The value of a node from its parts; of a leaf, as told.
fn value(node: &NodeTrace) -> Json {
    let parts = || node.parts.iter();
    let truths = |absorbing: Truth| from_truth(fold(parts().map(truth), absorbing));
    let numbers = || -> Option<(Number, Number)> {
        let [a, b] = node.parts.as_slice() else { return None };
        Some((value(a).as_str()?.parse().ok()?, value(b).as_str()?.parse().ok()?))
    };
    let arith = |operation: Arith| {
        let result = numbers().and_then(|(a, b)| operation.apply(a, b));
        result.map_or(Json::Null, |number| Json::String(number.to_string()))
    };
    match node.op.as_str() {
        "and" => truths(Truth::False),
        "or" => truths(Truth::True),
        "not" => from_truth(!node.parts.first().map_or(Truth::Unknown, truth)),
        "negative" => match node.parts.first().and_then(|part| value(part).as_str()?.parse::<Number>().ok()) {
            Some(number) => Json::String(number.negated().to_string()),
            None => Json::Null,
        },
        "+" => arith(Arith::Add),
        "-" => arith(Arith::Sub),
        "*" => arith(Arith::Mul),
        "==" => compare(node, Order::Equal),
        "!=" => compare(node, Order::Unequal),
        "<" => compare(node, Order::Less),
        "<=" => compare(node, Order::AtMost),
        ">" => compare(node, Order::More),
        ">=" => compare(node, Order::AtLeast),
        "in" => match node.parts.first().map(value) {
            None | Some(Json::Null) => Json::Null,
            Some(found) => Json::Bool(node.with.contains(&found)),
        },
        "in_list" => match (node.parts.first().map(value), node.parts.get(1).map(value)) {
            (Some(found), Some(Json::Array(items))) if !found.is_null() => Json::Bool(items.contains(&found)),
            _ => Json::Null,
        },
        "under" => match node.parts.first().map(value) {
            Some(Json::String(code)) => {
                let prefixes: Vec<Box<str>> = node.with.iter().filter_map(|p| Some(p.as_str()?.into())).collect();
                from_truth(under(&code, &prefixes))
            }
            _ => Json::Null,
        },
        "exists" | "all" => {
            let absorbing = if node.op == "exists" { Truth::True } else { Truth::False };
            match node.parts.split_first() {
                Some((list, items)) if !list.value.is_null() => from_truth(fold(items.iter().map(truth), absorbing)),
                _ => Json::Null,
            }
        }
        _ => node.value.clone(),
    }
}

fn from_truth(truth: Truth) -> Json {
    match truth {
        Truth::True => Json::Bool(true),
        Truth::False => Json::Bool(false),
        Truth::Unknown => Json::Null,
    }
}

fn compare(node: &NodeTrace, order: Order) -> Json {
    let [a, b] = node.parts.as_slice() else { return Json::Null };
    let ordering = match (value(a), value(b)) {
        (Json::Bool(a), Json::Bool(b)) => a.cmp(&b),
        (Json::String(x), Json::String(y)) => {
            let numbers = a.kind == "number" || b.kind == "number";
            match (numbers, x.parse::<Number>(), y.parse::<Number>()) {
                (true, Ok(x), Ok(y)) => x.cmp(&y),
                (true, ..) => return Json::Null,
                (false, ..) => x.cmp(&y),
            }
        }
        _ => return Json::Null,
    };
    Json::Bool(order.holds(ordering))
}
