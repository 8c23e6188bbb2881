//! Clauses beside rows of tables: contradictions, bans that overrule a welcome of another width, and doubles.

use super::{Known, LintKind, Linter, Witness, incompatible};
use crate::clause::{Effect, Rule, class_digit};
use crate::codes::CodeBook;
use crate::expr::{Node, Order, Program};
use crate::search::{Found, Given, Sheet, Var, witness};
use crate::table::{Row, unpack};
use crate::value::Value;
use crate::verdict::RuleKey;
use std::collections::{BTreeSet, HashMap};

/// How the scopes of a clause and of a row lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Width {
    /// Both hold for the same unit, or both for any.
    Same,
    /// Some unit is in both.
    Other,
    /// None is.
    Apart,
}

/// A condition that a row could say: an industry, kinds and processes; an empty set is any.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Cell {
    prefixes: BTreeSet<String>,
    kinds: BTreeSet<String>,
    processes: BTreeSet<String>,
}

/// What tells rows apart that a clause meets in the same way.
type Condition = (u64, u32, u32);

impl Linter<'_> {
    pub(super) fn clauses_and_rows(&mut self, known: Known<'_>) {
        let rules = self.rules;
        let Some(industry) = rules.industry else { return };
        let classes = self.classes_of_units();
        for (number, rule) in rules.rules.iter().enumerate() {
            let Some(when) = &rule.when else { continue };
            if !when.facts().any(|slot| slot == industry) {
                continue;
            }
            let cell = self.cell(when, rule);
            let clause = RuleKey::Clause(u32::try_from(number).unwrap_or(u32::MAX));
            let widths: HashMap<u32, Width> =
                classes.iter().map(|(unit, class)| (*unit, self.width(rule, *unit, *class, known))).collect();
            // Thousands of rows differ in nothing but their unit and words.
            let mut searched: HashMap<Condition, Option<Witness>> = HashMap::new();
            let mut overruled: HashMap<Condition, Option<usize>> = HashMap::new();
            for (place, row) in rules.tables.rows.iter().enumerate() {
                let width = widths.get(&row.unit).copied().unwrap_or(Width::Apart);
                if width == Width::Apart || row.prefix & 0xff == 0 {
                    continue;
                }
                let key = RuleKey::Row(u32::try_from(place).unwrap_or(u32::MAX));
                if let Some(cell) = &cell
                    && self.is_double(rule, cell, row)
                {
                    self.tell_double(key, clause, width);
                }
                if !incompatible(rule.effect, row.effect) || (width == Width::Other && !names(when, row)) {
                    continue;
                }
                let condition = (row.prefix, row.kinds, row.processes);
                let found = searched.entry(condition).or_insert_with(|| self.row_in_clause(when, row, industry));
                let Some(project) = found else { continue };
                let mut project = project.clone();
                if row.unit != 0 {
                    project.insert("unit".to_owned(), rules.tables.texts.get(row.unit).into());
                }
                if width == Width::Same {
                    let words = ("禁止与鼓励（或简化程序）并存", "a ban meets a welcome or an easier procedure");
                    self.tell(LintKind::Conflict, key, Some(clause), words, project);
                } else if let Some(told) = overruled.get(&condition) {
                    let finding = told.and_then(|told| self.lint.findings.get_mut(told));
                    finding.into_iter().for_each(|finding| finding.more += 1);
                } else {
                    let words = (
                        "鼓励（或简化程序）在部分情形下为另一范围的禁止所排除，从严执行",
                        "a ban of another width takes back a welcome or an easier procedure in part: the stricter holds",
                    );
                    let before = self.lint.findings.len();
                    self.tell(LintKind::Overruled, key, Some(clause), words, project);
                    overruled.insert(condition, (self.lint.findings.len() > before).then_some(before));
                }
            }
        }
    }

    fn tell_double(&mut self, row: RuleKey, clause: RuleKey, width: Width) {
        let (kind, words) = if width == Width::Same {
            (LintKind::Duplicate, ("条件与效果与条款相同", "same condition and effect as the clause"))
        } else {
            let words = ("条款已在另一范围内规定同样的条件与效果", "a clause of another width says the same");
            (LintKind::Overlap, words)
        };
        self.tell(kind, row, Some(clause), words, Witness::new());
    }

    /// Units that rows name, 0 for any, with the class that is in their code.
    fn classes_of_units(&self) -> HashMap<u32, Option<u8>> {
        let (tables, book) = (&self.rules.tables, CodeBook::default());
        let units: BTreeSet<u32> = tables.rows.iter().map(|row| row.unit).collect();
        let class = |unit| book.parse(tables.texts.get(unit)).ok().map(|code| code.class().digit());
        units.into_iter().map(|unit| (unit, class(unit))).collect()
    }

    /// How the scope of a clause lies to that of the rows of a unit, 0 for those of any.
    fn width(&self, rule: &Rule, unit: u32, class: Option<u8>, known: Known<'_>) -> Width {
        let scope = &rule.scope;
        let narrowed = !scope.classes.is_empty() || !scope.parks.is_empty();
        if unit == 0 {
            return if scope.units.is_empty() && !narrowed { Width::Same } else { Width::Other };
        }
        let code = self.rules.tables.texts.get(unit);
        let named = scope.units.iter().any(|one| one == code);
        // A code that cannot be read may be of any class.
        let of_class = scope.classes.is_empty()
            || class.is_none_or(|class| scope.classes.iter().any(|one| class_digit(one) == Some(class)));
        let lies_in =
            |park: &String| known.parks.is_none_or(|parks| parks.get(park).is_some_and(|in_| in_.contains(code)));
        let of_park = scope.parks.is_empty() || scope.parks.iter().any(lies_in);
        match (named, scope.units.is_empty()) {
            _ if !(of_class && of_park) => Width::Apart,
            (true, _) if scope.parks.is_empty() => Width::Same,
            (true, _) | (_, true) => Width::Other,
            _ => Width::Apart,
        }
    }

    /// A clause's condition as a row would say it; none when no row could.
    fn cell(&self, when: &Program, rule: &Rule) -> Option<Cell> {
        let node = |number: &u32| &when.nodes[*number as usize];
        let is = |number: &u32, slot: Option<u16>| matches!(node(number), Node::Fact(fact) if Some(*fact) == slot);
        let process = |number: &u32| match node(number) {
            Node::InList(item, list) if is(list, self.rules.processes) => text_of(node(item)),
            _ => None,
        };
        let root = [when.root];
        let parts: &[u32] = match node(&when.root) {
            Node::And(parts) => parts,
            _ => &root,
        };
        let mut cell = Cell::default();
        for part in parts {
            let (set, values): (&mut BTreeSet<String>, BTreeSet<String>) = match node(part) {
                // The scope says so already.
                Node::Predicate(number) if rule.parks.contains(number) => continue,
                Node::Under(fact, prefixes) if is(fact, self.rules.industry) => {
                    (&mut cell.prefixes, prefixes.iter().map(ToString::to_string).collect())
                }
                Node::InSet(fact, values) if is(fact, self.rules.kind) => {
                    (&mut cell.kinds, values.iter().map(text).collect::<Option<_>>()?)
                }
                Node::Order(Order::Equal, fact, value) if is(fact, self.rules.kind) => {
                    (&mut cell.kinds, BTreeSet::from([text_of(node(value))?]))
                }
                Node::InList(..) => (&mut cell.processes, BTreeSet::from([process(part)?])),
                Node::Or(either) => (&mut cell.processes, either.iter().map(process).collect::<Option<_>>()?),
                _ => return None,
            };
            // Two parts about one thing are narrower than either.
            if !set.is_empty() || values.is_empty() {
                return None;
            }
            *set = values;
        }
        Some(cell).filter(|cell| !cell.prefixes.is_empty())
    }

    /// Whether a row says what a clause says; what a welcome or a ban is called does not matter.
    fn is_double(&self, rule: &Rule, cell: &Cell, row: &Row) -> bool {
        let tables = &self.rules.tables;
        let say = tables.texts.get(row.say);
        let same = |set: u32, values: &BTreeSet<String>| {
            let members = if set == 0 { &[] } else { tables.members(set) };
            members.iter().map(|one| tables.texts.get(*one)).collect::<BTreeSet<_>>()
                == values.iter().map(String::as_str).collect()
        };
        rule.effect == row.effect
            && cell.prefixes.contains(&unpack(row.prefix))
            && same(row.kinds, &cell.kinds)
            && same(row.processes, &cell.processes)
            && match row.effect {
                Effect::Prohibit | Effect::Encourage => true,
                Effect::Require => rule.must.iter().any(|must| must.say == say),
                Effect::Review => rule.question == say,
                Effect::Procedure => rule.say == say,
            }
    }

    /// A project that is hit by a clause and by a row.
    fn row_in_clause(&self, when: &Program, row: &Row, industry: u16) -> Option<Witness> {
        let tables = &self.rules.tables;
        let code = unpack(row.prefix);
        let prefixes = when.nodes.iter().filter_map(|node| match node {
            Node::Under(_, prefixes) => Some(prefixes),
            _ => None,
        });
        // The clause may speak of a narrower industry than the row.
        let narrower = prefixes.flatten().filter(|prefix| prefix.starts_with(&code)).map(AsRef::as_ref);
        let codes: BTreeSet<&str> = narrower.chain([code.as_str()]).collect();
        // An empty cell is any: what the clause then asks is searched for.
        let members = |set: u32| -> Vec<Option<&str>> {
            if set == 0 {
                vec![None]
            } else {
                tables.members(set).iter().map(|one| Some(tables.texts.get(*one))).collect()
            }
        };
        for code in codes {
            for kind in members(row.kinds) {
                for process in members(row.processes) {
                    let mut given = vec![(Var::Fact(industry), Value::Text(format!("{code:0<5}").into()))];
                    let text = |text: &str| Value::Text(text.into());
                    given.extend(self.rules.kind.zip(kind).map(|(slot, kind)| (Var::Fact(slot), text(kind))));
                    let list = |process| Value::List(vec![text(process)]);
                    let processes = self.rules.processes.zip(process);
                    given.extend(processes.map(|(slot, process)| (Var::Fact(slot), list(process))));
                    let given: Vec<(Var, Given)> =
                        given.into_iter().map(|(var, value)| (var, Given::Fact(value))).collect();
                    let mut sheet = Sheet::empty(self.rules);
                    given.iter().for_each(|(var, value)| sheet.set(*var, Some(value)));
                    if let Found::Witness(found) = witness(self.rules, &[when], &mut sheet) {
                        return Some(self.named(&given.into_iter().chain(found).collect::<Vec<_>>()));
                    }
                }
            }
        }
        None
    }
}

/// Whether a clause names the industry of a row, a wider or a narrower one. What holds for any industry overrules rows
/// of all of them, and says nothing about one.
fn names(when: &Program, row: &Row) -> bool {
    let code = unpack(row.prefix);
    let named = |prefix: &str| prefix.starts_with(&code) || code.starts_with(prefix);
    when.nodes.iter().any(|node| match node {
        Node::Under(_, prefixes) => prefixes.iter().any(|prefix| named(prefix)),
        _ => false,
    })
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.to_string()),
        _ => None,
    }
}

fn text_of(node: &Node) -> Option<String> {
    match node {
        Node::Const(value) => text(value),
        _ => None,
    }
}
