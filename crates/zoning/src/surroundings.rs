//! What screening reads beside the project: what units have left, how they stand, what officials determined.
//!
//! All are snapshots that somebody hands in; screening reads and never reserves.

use crate::Number;
use crate::facts::{Answerer, Dictionary, FactType, Facts};
use crate::finding::{RuleFile, RuleFinding, error};
use crate::value::Value;
use norms::Day;
use std::collections::{BTreeMap, HashMap};

/// What is left of each pollutant in each control unit: `unit,pollutant,year,remaining,as_of`, in t/a.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Unit → pollutant → year, day, remaining.
    left: HashMap<String, HashMap<String, Vec<Balance>>>,
    position: Option<Day>,
}

#[derive(Clone, Copy, Debug)]
struct Balance {
    year: i32,
    as_of: Day,
    remaining: Number,
}

/// States of control units from monitoring: `unit,fact,value,as_of`.
#[derive(Clone, Debug, Default)]
pub struct Status {
    states: HashMap<String, Vec<State>>,
    position: Option<Day>,
}

#[derive(Clone, Debug)]
struct State {
    slot: u16,
    as_of: Day,
    value: Option<Value>,
    valid_days: Option<i32>,
}

/// A named official's determination.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Judgement {
    /// What was determined.
    pub value: bool,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub date: String,
}

/// Determinations on file for one project, by key: that of `judge('key')`, `boundary:<layer>` or
/// `boundary:unit:<code>`.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Judgements(pub BTreeMap<String, Judgement>);

/// Determinations of many projects: `project,key,value,by,reason,date[,until]`.
#[derive(Clone, Debug, Default)]
pub struct JudgementTable {
    rows: HashMap<String, Vec<Filed>>,
}

/// One determination on file.
#[derive(Clone, Debug)]
struct Filed {
    key: String,
    judgement: Judgement,
    date: Day,
    until: Option<Day>,
}

/// Rows of a table as maps from header to cell, with their line.
fn rows(file: &RuleFile, code: &'static str, findings: &mut Vec<RuleFinding>) -> Vec<(u64, HashMap<String, String>)> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(file.text.as_bytes());
    let headers = reader.headers().cloned().unwrap_or_default();
    let mut found = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                let clean = |header: &str| header.trim_start_matches('\u{feff}').to_owned();
                let cells = headers.iter().map(clean).zip(record.iter().map(str::to_owned));
                found.push((line, cells.collect()));
            }
            Err(problem) => {
                let line = problem.position().map(csv::Position::line);
                findings.push(error(code, &file.path, line, "", "", "此行无法读取", &problem.to_string()));
            }
        }
    }
    found
}

fn cell<'a>(row: &'a HashMap<String, String>, name: &str) -> &'a str {
    row.get(name).map_or("", String::as_str)
}

impl Ledger {
    /// Reads a snapshot; bad rows become findings.
    #[must_use]
    pub fn load(file: &RuleFile) -> (Self, Vec<RuleFinding>) {
        let mut ledger = Self::default();
        let mut findings = Vec::new();
        for (line, row) in rows(file, "ledger_form", &mut findings) {
            let parsed = (cell(&row, "year").parse(), cell(&row, "remaining").parse(), cell(&row, "as_of").parse());
            if let (Ok(year), Ok(remaining), Ok(as_of)) = parsed {
                ledger.put(cell(&row, "unit"), cell(&row, "pollutant"), year, remaining, as_of);
            } else {
                let (zh, en) =
                    ("台账行须有 year、remaining（t/a）、as_of", "a row has year, remaining in t/a and as_of");
                findings.push(error("ledger_form", &file.path, Some(line), "", "", zh, en));
            }
        }
        (ledger, findings)
    }

    /// Adds one balance, in t/a. An empty unit is the whole city.
    pub fn put(&mut self, unit: &str, pollutant: &str, year: i32, remaining: Number, as_of: Day) {
        let unit = self.left.entry(unit.to_owned()).or_default();
        unit.entry(pollutant.to_owned()).or_default().push(Balance { year, as_of, remaining });
        self.position = self.position.max(Some(as_of));
    }

    /// The newest balance of a pollutant in a unit that is known on a day, for the year of that day.
    #[must_use]
    pub fn remaining(&self, unit: &str, pollutant: &str, day: Day) -> Option<(Number, Day)> {
        let of = |unit: &str| {
            let balances = self.left.get(unit)?.get(pollutant)?;
            let known = balances.iter().filter(|balance| balance.year == day.year() && balance.as_of <= day);
            known.max_by_key(|balance| balance.as_of).map(|balance| (balance.remaining, balance.as_of))
        };
        of(unit).or_else(|| of(""))
    }

    /// The newest day that some balance tells of.
    #[must_use]
    pub const fn position(&self) -> Option<Day> {
        self.position
    }
}

impl Status {
    /// Reads a snapshot; bad rows become findings. An empty value is unknown; an empty unit is the whole city.
    #[must_use]
    pub fn load(file: &RuleFile, dictionary: &Dictionary) -> (Self, Vec<RuleFinding>) {
        let mut status = Self::default();
        let mut findings = Vec::new();
        for (line, row) in rows(file, "status_form", &mut findings) {
            let name = cell(&row, "fact");
            let mut problem = |field: &str, zh: &str, en: &str| {
                findings.push(error("status_form", &file.path, Some(line), field, name, zh, en));
            };
            let Ok(as_of) = cell(&row, "as_of").parse::<Day>() else {
                problem("as_of", "应为日期，如 2026-03-01", "a date such as 2026-03-01 is wanted");
                continue;
            };
            let Some(fact) = dictionary.get(name).filter(|fact| fact.answer == Answerer::Status) else {
                let en = "the dictionary has no fact of this name with answer = \"status\"";
                problem("fact", "事实字典中没有 answer = \"status\" 的同名事实", en);
                continue;
            };
            match Facts::from_cells(dictionary, [(name, cell(&row, "value"))]) {
                Ok(facts) => status.put(
                    cell(&row, "unit"),
                    dictionary,
                    fact.name.as_str(),
                    facts.get(dictionary, name).cloned(),
                    as_of,
                ),
                Err(errors) => {
                    for wrong in errors {
                        problem("value", &wrong.message_zh, &wrong.message_en);
                    }
                }
            }
        }
        (status, findings)
    }

    fn put(&mut self, unit: &str, dictionary: &Dictionary, name: &str, value: Option<Value>, as_of: Day) {
        let Some(slot) = dictionary.slot(name) else { return };
        let valid_days = dictionary.facts()[slot].valid_days;
        let Ok(slot) = u16::try_from(slot) else { return };
        self.states.entry(unit.to_owned()).or_default().push(State { slot, as_of, value, valid_days });
        self.position = self.position.max(Some(as_of));
    }

    /// The states of a unit on a day: the newest of each fact that is known by then, unknown when too old.
    pub(crate) fn on(&self, unit: &str, day: Day) -> Vec<(u16, Option<Value>)> {
        let mut newest: BTreeMap<u16, (&State, bool)> = BTreeMap::new();
        for (own, code) in [(true, unit), (false, "")] {
            for state in self.states.get(code).into_iter().flatten().filter(|state| state.as_of <= day) {
                let better = newest
                    .get(&state.slot)
                    .is_none_or(|(other, other_own)| (own, state.as_of) > (*other_own, other.as_of));
                if better {
                    newest.insert(state.slot, (state, own));
                }
            }
        }
        let fresh = |state: &State| state.valid_days.is_none_or(|days| day.0 - state.as_of.0 <= days);
        newest.into_iter().map(|(slot, (state, _))| (slot, state.value.clone().filter(|_| fresh(state)))).collect()
    }

    /// The newest day that some state tells of.
    #[must_use]
    pub const fn position(&self) -> Option<Day> {
        self.position
    }
}

impl JudgementTable {
    /// Reads determinations; bad rows become findings. Each needs a name, a reason and a date.
    #[must_use]
    pub fn load(file: &RuleFile) -> (Self, Vec<RuleFinding>) {
        let mut table = Self::default();
        let mut findings = Vec::new();
        for (line, row) in rows(file, "judgement_form", &mut findings) {
            let value = match cell(&row, "value").to_ascii_lowercase().as_str() {
                "true" | "1" | "是" => Some(true),
                "false" | "0" | "否" => Some(false),
                _ => None,
            };
            let until = cell(&row, "until");
            let until = (!until.is_empty()).then(|| until.parse::<Day>());
            let named = ["project", "key", "by", "reason"].iter().all(|name| !cell(&row, name).is_empty());
            let (Some(value), Ok(date), true, Ok(until)) =
                (value, cell(&row, "date").parse::<Day>(), named, until.transpose())
            else {
                let zh = "研判须有 project、key、value、by、reason、date";
                let en = "a determination has project, key, value, by, reason and date";
                findings.push(error("judgement_form", &file.path, Some(line), "", "", zh, en));
                continue;
            };
            let text = |name: &str| cell(&row, name).to_owned();
            let judgement = Judgement { value, by: text("by"), reason: text("reason"), date: text("date") };
            let filed = Filed { key: text("key"), judgement, date, until };
            table.rows.entry(text("project")).or_default().push(filed);
        }
        (table, findings)
    }

    /// Those of one project that hold on a day: made by then, not yet expired, the newest of each key.
    #[must_use]
    pub fn of(&self, project: &str, day: Day) -> Judgements {
        let mut found: BTreeMap<String, (Day, Judgement)> = BTreeMap::new();
        for filed in self.rows.get(project).into_iter().flatten() {
            let holds = filed.date <= day && filed.until.is_none_or(|until| day < until);
            if holds && found.get(&filed.key).is_none_or(|(other, _)| *other <= filed.date) {
                found.insert(filed.key.clone(), (filed.date, filed.judgement.clone()));
            }
        }
        Judgements(found.into_iter().map(|(key, (_, judgement))| (key, judgement)).collect())
    }
}

/// Whether a fact of the dictionary is a state of control units.
pub(crate) fn is_state(dictionary: &Dictionary, slot: u16) -> bool {
    dictionary.facts().get(usize::from(slot)).is_some_and(|fact| fact.answer == Answerer::Status)
}

/// The words of a type, for forms.
#[must_use]
pub fn choices(kind: &FactType) -> &[crate::facts::Choice] {
    match kind {
        FactType::Enum { values, .. } => values,
        FactType::List { of } => choices(of),
        _ => &[],
    }
}
