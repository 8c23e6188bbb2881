//! The nearest change that would let a project through: more offset, less emission, a process dropped, a move.
//!
//! Every change is screened again before it is given. What does not help is not given.

use crate::expr::{Inputs, Node, Order, Out, Program, Truth, eval, truth};
use crate::facts::{Adjustable, FactType, Facts};
use crate::ground::Ground;
use crate::value::Value;
use crate::verdict::{Laid, Project, RuleKey, Surroundings, Verdict};
use crate::{Boundary, InForce, Number};

/// Rounds of adjusting one number after another.
const ROUNDS_MAX: usize = 12;
/// Items of one list that are tried alone.
const ITEMS_TRIED_MAX: usize = 50;
/// Bearings in which a move is tried.
const BEARINGS: [u16; 8] = [0, 45, 90, 135, 180, 225, 270, 315];
/// The farthest move that is tried, in metres.
const MOVE_MAX_M: u32 = 5_000;

/// One number changed.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Adjustment {
    /// The fact.
    pub fact: String,
    /// Its value now.
    pub from: Number,
    /// Its value then.
    pub to: Number,
    /// The unit of both.
    pub unit: String,
}

/// A change that helps.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Change {
    /// Numbers changed.
    Adjust {
        /// All of them together.
        adjustments: Vec<Adjustment>,
    },
    /// Items of a list dropped.
    Drop {
        /// The fact.
        fact: String,
        /// The items.
        items: Vec<serde_json::Value>,
    },
    /// The whole project moved.
    Move {
        /// How far.
        metres: u32,
        /// Where to: degrees from north, clockwise.
        bearing: u16,
    },
}

/// A change with the verdict that it leads to.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Remedy {
    /// What to change.
    pub change: Change,
    /// The verdict then, as screened.
    pub verdict: Verdict,
}

/// A project moved: metres and bearing to the ground that it then has; none where that cannot be told.
pub type Mover<'m> = &'m dyn Fn(f64, f64) -> Option<Ground>;

/// Screens a project without the items of a list that are named as gone.
type Attempt<'t> = &'t dyn Fn(&dyn Fn(usize) -> bool) -> Option<Verdict>;

impl InForce<'_> {
    /// Changes that turn PROHIBITED or RESTRICTED_UNMET into something better than both, each screened again. An
    /// empty list: there is none among the changes that were tried.
    #[must_use]
    pub fn remedies(&self, project: Project<'_>, around: Surroundings<'_>, mover: Option<Mover<'_>>) -> Vec<Remedy> {
        let now = self.screen(project, around);
        if !matches!(now.verdict, Verdict::Prohibited | Verdict::RestrictedUnmet) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for direction in [Adjustable::Up, Adjustable::Down] {
            found.extend(self.adjusted(project, around, direction));
        }
        found.extend(self.dropped(project, around));
        found.extend(mover.and_then(|mover| self.moved(project, around, mover)));
        found
    }

    fn accept(&self, project: Project<'_>, around: Surroundings<'_>) -> Option<Verdict> {
        let verdict = self.screen(project, around).verdict;
        (verdict <= Verdict::NeedsJudgement).then_some(verdict)
    }

    /// Numbers changed in one direction until no rule that decides speaks against the project.
    fn adjusted(&self, project: Project<'_>, around: Surroundings<'_>, direction: Adjustable) -> Option<Remedy> {
        let mut facts = project.facts.clone();
        let mut touched: Vec<u16> = Vec::new();
        for _ in 0..ROUNDS_MAX {
            let trial = Project { facts: &facts, ..project };
            if let Some(verdict) = self.accept(trial, around) {
                let adjustments = touched.iter().filter_map(|slot| self.adjustment(*slot, project.facts, &facts));
                let adjustments: Vec<Adjustment> = adjustments.collect();
                return (!adjustments.is_empty()).then_some(Remedy { change: Change::Adjust { adjustments }, verdict });
            }
            let (slot, value) = self.next_adjustment(trial, around, direction)?;
            facts.values[usize::from(slot)] = Some(Value::Number(value));
            if !touched.contains(&slot) {
                touched.push(slot);
            }
        }
        None
    }

    fn adjustment(&self, slot: u16, before: &Facts, after: &Facts) -> Option<Adjustment> {
        let fact = &self.rules.dictionary.facts()[usize::from(slot)];
        let number = |facts: &Facts| match facts.values.get(usize::from(slot)) {
            Some(Some(Value::Number(number))) => Some(*number),
            _ => None,
        };
        let unit = match &fact.kind {
            FactType::Decimal { unit } => unit.to_string(),
            _ => String::new(),
        };
        Some(Adjustment { fact: fact.name.clone(), from: number(before)?, to: number(after)?, unit })
    }

    /// The least change of one number that settles the first part of a deciding rule that can be settled so.
    fn next_adjustment(
        &self,
        project: Project<'_>,
        around: Surroundings<'_>,
        direction: Adjustable,
    ) -> Option<(u16, Number)> {
        let laid = Laid::new(self, project, around, Boundary::Drawn);
        let screened = laid.screen();
        for heard in screened.heard.iter().filter(|one| one.span.0 >= Verdict::RestrictedUnmet) {
            let RuleKey::Clause(number) = heard.key else { continue };
            let rule = &self.rules.rules[number as usize];
            let piece = laid.piece_at(heard.piece);
            let inputs = laid.inputs(piece);
            let demands = rule.must.iter().filter_map(|must| must.expr.as_ref()).map(|program| (program, Truth::True));
            // Meet what is demanded, or else fall out of the condition.
            for (program, wanted) in demands.chain(rule.when.iter().map(|program| (program, Truth::False))) {
                if truth(program, &inputs) == wanted {
                    continue;
                }
                if let Some(found) = self.settle(program, wanted, &inputs, direction) {
                    return Some(found);
                }
            }
        }
        None
    }

    /// The least change of one adjustable number after which a condition is as wanted.
    fn settle(
        &self,
        program: &Program,
        wanted: Truth,
        inputs: &Inputs<'_>,
        direction: Adjustable,
    ) -> Option<(u16, Number)> {
        let mut best: Option<(Number, u16, Number)> = None;
        let mut settled_in_part: Option<(u16, Number)> = None;
        for (slot, node) in program.facts().flat_map(|slot| (0..program.nodes.len()).map(move |node| (slot, node))) {
            let fact = &self.rules.dictionary.facts()[usize::from(slot)];
            let Some(Value::Number(now)) = inputs.fact(slot) else { continue };
            let Node::Order(order, a, b) = &program.nodes[node] else { continue };
            if fact.adjustable != Some(direction) {
                continue;
            }
            for value in limits(program, (*order, *a, *b), slot, inputs, fact.step) {
                let helps = if direction == Adjustable::Up { value > *now } else { value < *now };
                let Some(size) = value.checked_sub(*now).map(|d| if d.is_negative() { d.negated() } else { d }) else {
                    continue;
                };
                if !helps {
                    continue;
                }
                if truth_with(program, inputs, slot, value) == wanted {
                    if best.is_none_or(|(least, ..)| size < least) {
                        best = Some((size, slot, value));
                    }
                } else if settled_in_part.is_none() {
                    // One of several comparisons that must change together.
                    let part = u32::try_from(node).unwrap_or(u32::MAX);
                    let turned = node_with(program, part, inputs, slot, value) != eval_bool(program, part, inputs);
                    if turned {
                        settled_in_part = Some((slot, value));
                    }
                }
            }
        }
        best.map(|(_, slot, value)| (slot, value)).or(settled_in_part)
    }

    /// The fewest items of one list whose removal helps.
    fn dropped(&self, project: Project<'_>, around: Surroundings<'_>) -> Vec<Remedy> {
        let mut found = Vec::new();
        for (slot, fact) in self.rules.dictionary.facts().iter().enumerate() {
            let Some(Some(list)) = project.facts.values.get(slot) else { continue };
            let length = match list {
                Value::List(items) => items.len(),
                Value::Records(records) => records.len(),
                _ => 0,
            };
            let attempt = |gone: &dyn Fn(usize) -> bool| {
                let mut facts = project.facts.clone();
                facts.values[slot] = Some(without(list, gone));
                self.accept(Project { facts: &facts, ..project }, around)
            };
            let items = list.to_json(&fact.kind);
            let item = |place: usize| items.get(place).cloned().unwrap_or_default();
            let single =
                (0..length.min(ITEMS_TRIED_MAX)).find_map(|place| Some((place, attempt(&|other| other == place)?)));
            let remedy = match single {
                Some((place, verdict)) => Some((vec![item(place)], verdict)),
                None if length > 1 => self
                    .several(length, &attempt)
                    .map(|(gone, verdict)| (gone.into_iter().map(item).collect(), verdict)),
                None => None,
            };
            if let Some((items, verdict)) = remedy {
                found.push(Remedy { change: Change::Drop { fact: fact.name.clone(), items }, verdict });
            }
        }
        found
    }

    /// Starts with all items gone and takes back what need not go.
    fn several(&self, length: usize, attempt: Attempt<'_>) -> Option<(Vec<usize>, Verdict)> {
        let mut verdict = attempt(&|_| true)?;
        let mut gone = vec![true; length];
        for place in 0..length.min(ITEMS_TRIED_MAX) {
            gone[place] = false;
            match attempt(&|other| gone[other]) {
                Some(better) => verdict = better,
                None => gone[place] = true,
            }
        }
        Some(((0..length).filter(|place| gone[*place]).collect(), verdict))
    }

    /// The shortest move in one of eight directions, to the metre.
    fn moved(&self, project: Project<'_>, around: Surroundings<'_>, mover: Mover<'_>) -> Option<Remedy> {
        let attempt = |metres: u32, bearing: u16| {
            let ground = mover(f64::from(metres), f64::from(bearing))?;
            self.accept(Project { ground: &ground, ..project }, around)
        };
        let mut best: Option<(u32, u16, Verdict)> = None;
        for bearing in BEARINGS {
            let mut short = 0;
            let mut metres = 10;
            while metres <= MOVE_MAX_M && best.is_none_or(|(least, ..)| short < least) {
                if let Some(mut verdict) = attempt(metres, bearing) {
                    let mut long = metres;
                    while long - short > 1 {
                        let middle = short + (long - short) / 2;
                        match attempt(middle, bearing) {
                            Some(nearer) => (long, verdict) = (middle, nearer),
                            None => short = middle,
                        }
                    }
                    if best.is_none_or(|(least, ..)| long < least) {
                        best = Some((long, bearing, verdict));
                    }
                    break;
                }
                short = metres;
                metres *= 2;
            }
        }
        best.map(|(metres, bearing, verdict)| Remedy { change: Change::Move { metres, bearing }, verdict })
    }
}

fn without(list: &Value, gone: &dyn Fn(usize) -> bool) -> Value {
    fn keep<T: Clone>(items: &[T], gone: &dyn Fn(usize) -> bool) -> Vec<T> {
        items.iter().enumerate().filter(|(place, _)| !gone(*place)).map(|(_, item)| item.clone()).collect()
    }
    match list {
        Value::List(items) => Value::List(keep(items, gone)),
        Value::Records(records) => Value::Records(keep(records, gone)),
        other => other.clone(),
    }
}

/// The values of a fact at which a comparison changes, solved exactly where both sides are linear in it; where the
/// exact value has no end, the next one that the fact's step can tell.
fn limits(
    program: &Program,
    (order, a, b): (Order, u32, u32),
    slot: u16,
    inputs: &Inputs<'_>,
    step: Number,
) -> Vec<Number> {
    let difference = |value: Number| -> Option<Number> {
        let side = |node: u32| number_with(program, node, inputs, slot, value);
        side(a)?.checked_sub(side(b)?)
    };
    let solve = || -> Option<Vec<Number>> {
        let (at_0, at_1, at_2) =
            (difference(Number::ZERO)?, difference(Number::whole(1))?, difference(Number::whole(2))?);
        let slope = at_1.checked_sub(at_0)?;
        let is_linear = at_2.checked_sub(at_1)? == slope && slope != Number::ZERO;
        if !is_linear {
            return None;
        }
        let root = at_0.negated().div_outward(slope, 6)?;
        let exact = difference(root)? == Number::ZERO;
        let near = [Some(root), root.checked_add(step), root.checked_sub(step)];
        let skip_root = exact && matches!(order, Order::Unequal);
        Some(near.into_iter().flatten().filter(|value| !(skip_root && *value == root)).collect())
    };
    solve().unwrap_or_default()
}

fn override_with<'a>(inputs: &Inputs<'a>, states: &'a [(u16, Option<Value>)]) -> Inputs<'a> {
    Inputs { states, ..*inputs }
}

fn states_with(inputs: &Inputs<'_>, slot: u16, value: Number) -> Vec<(u16, Option<Value>)> {
    let first = (slot, Some(Value::Number(value)));
    std::iter::once(first).chain(inputs.states.iter().cloned()).collect()
}

fn number_with(program: &Program, node: u32, inputs: &Inputs<'_>, slot: u16, value: Number) -> Option<Number> {
    let states = states_with(inputs, slot, value);
    match eval(program, node, &override_with(inputs, &states), None) {
        Out::Number(number) => Some(number),
        _ => None,
    }
}

fn truth_with(program: &Program, inputs: &Inputs<'_>, slot: u16, value: Number) -> Truth {
    let states = states_with(inputs, slot, value);
    truth(program, &override_with(inputs, &states))
}

fn node_with(program: &Program, node: u32, inputs: &Inputs<'_>, slot: u16, value: Number) -> Option<bool> {
    let states = states_with(inputs, slot, value);
    eval_bool(program, node, &override_with(inputs, &states))
}

fn eval_bool(program: &Program, node: u32, inputs: &Inputs<'_>) -> Option<bool> {
    match eval(program, node, inputs, None) {
        Out::Bool(value) => Some(value),
        _ => None,
    }
}
