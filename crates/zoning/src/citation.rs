//! Instruments of law with their dates and successors: which article carries a rule on a day.

use crate::finding::{RuleFile, RuleFinding, error};
use norms::{Day, Term};
use std::collections::HashMap;

/// Successors that are followed one after another at most.
const CHAIN_MAX: usize = 16;

/// An article that a rule rests on.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Cite {
    /// The instrument, such as `水污染防治法`.
    pub doc: String,
    /// The article, such as `第65条`; empty for the instrument as a whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub clause: String,
    /// Its words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The rule file itself says that it was repealed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repealed: bool,
    /// The rule file itself names what replaced it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<Box<Cite>>,
}

impl Cite {
    /// The articles named in one text, such as `大气污染防治法 第38条;国发〔2018〕24号`.
    ///
    /// ```
    /// let cites = zoning::Cite::parse("水污染防治法 第65条;国发〔2018〕24号");
    /// assert_eq!((cites[0].doc.as_str(), cites[0].clause.as_str()), ("水污染防治法", "第65条"));
    /// assert_eq!((cites[1].doc.as_str(), cites[1].clause.as_str()), ("国发〔2018〕24号", ""));
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Vec<Self> {
        let parts = text.split([';', '；']).map(str::trim).filter(|part| !part.is_empty());
        parts
            .map(|part| {
                let (doc, clause) = match part.rsplit_once(char::is_whitespace) {
                    Some((doc, clause)) if clause.starts_with('第') => (doc.trim(), clause),
                    _ => (part, ""),
                };
                Self { doc: doc.to_owned(), clause: clause.to_owned(), ..Self::default() }
            })
            .collect()
    }

    /// Instrument and article on one line.
    #[must_use]
    pub fn label(&self) -> String {
        if self.clause.is_empty() { self.doc.clone() } else { format!("{} {}", self.doc, self.clause) }
    }
}

/// What an article is worth on a day.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Basis {
    /// Nothing is recorded against it.
    InForce,
    /// It was not yet in force.
    NotYet {
        /// First day in force.
        from: String,
    },
    /// Another article replaced it.
    Succeeded {
        /// Day of the repeal, when recorded.
        on: String,
        /// What replaced it.
        by: Cite,
        /// Whether somebody compared the two texts.
        verified: bool,
    },
    /// It was repealed, and nothing is recorded that replaced it.
    Repealed {
        /// Day of the repeal, when recorded.
        on: String,
    },
}

impl Basis {
    /// Whether a rule may still rest on it.
    #[must_use]
    pub const fn carries(&self) -> bool {
        matches!(self, Self::InForce | Self::Succeeded { .. })
    }

    /// Whether it rests on a successor that nobody verified.
    #[must_use]
    pub const fn is_unverified(&self) -> bool {
        matches!(self, Self::Succeeded { verified: false, .. })
    }
}

#[derive(Clone, Debug, Default)]
struct Entry {
    term: Term,
    successor: Option<Cite>,
    verified: bool,
}

type Key = (String, String);

/// All recorded instruments.
#[derive(Clone, Debug, Default)]
pub struct Citations {
    entries: HashMap<Key, Vec<Entry>>,
}

#[derive(serde::Deserialize)]
struct Row {
    doc: String,
    #[serde(default)]
    clause: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    successor_doc: String,
    #[serde(default)]
    successor_clause: String,
    #[serde(default)]
    verified: String,
}

impl Citations {
    /// Reads `doc,clause,from,to,successor_doc,successor_clause,verified,note` tables; what a later file says about an
    /// article replaces what an earlier one said. Successors that lead back are an error.
    #[must_use]
    pub fn load(files: &[RuleFile]) -> (Self, Vec<RuleFinding>) {
        let mut citations = Self::default();
        let mut findings = Vec::new();
        let mut lines = HashMap::new();
        for file in files {
            citations.read(file, &mut lines, &mut findings);
        }
        citations.break_cycles(&lines, &mut findings);
        (citations, findings)
    }

    fn read(&mut self, file: &RuleFile, lines: &mut HashMap<Key, (String, u64)>, findings: &mut Vec<RuleFinding>) {
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(file.text.as_bytes());
        let mut fresh: HashMap<Key, Vec<Entry>> = HashMap::new();
        let headers = reader.headers().cloned().unwrap_or_default();
        for record in reader.records() {
            let line = record.as_ref().ok().and_then(csv::StringRecord::position).map(csv::Position::line);
            let row = record.and_then(|record| record.deserialize::<Row>(Some(&headers)));
            let entry = row.map_err(|problem| ("row", problem.to_string())).and_then(|row| entry_of(&row));
            match entry {
                Ok((key, entry)) => {
                    lines.insert(key.clone(), (file.path.clone(), line.unwrap_or_default()));
                    fresh.entry(key).or_default().push(entry);
                }
                Err((field, en)) => {
                    let zh = "条文登记行无法读取：须有 doc，日期如 2026-08-15，verified 为 true/false";
                    findings.push(error("citation_form", &file.path, line, field, "", zh, &en));
                }
            }
        }
        self.entries.extend(fresh);
    }

    /// Finds successors that lead back to where they started, and cuts them.
    fn break_cycles(&mut self, lines: &HashMap<Key, (String, u64)>, findings: &mut Vec<RuleFinding>) {
        let mut keys: Vec<Key> = self.entries.keys().cloned().collect();
        keys.sort();
        for start in keys {
            let mut at = start.clone();
            for _ in 0..CHAIN_MAX {
                let next = self.find(&at.0, &at.1).and_then(|entries| entries.last()?.successor.clone());
                let Some(next) = next else { break };
                at = (next.doc, next.clause);
                if at == start {
                    let place = lines.get(&start);
                    let (zh, en) = ("替代关系成环", "successors lead back to where they started");
                    let (file, line) = place.map_or(("", None), |(file, line)| (file.as_str(), Some(*line)));
                    findings.push(error("citation_cycle", file, line, "successor_doc", &start.0, zh, en));
                    for entry in self.entries.get_mut(&start).into_iter().flatten() {
                        entry.successor = None;
                    }
                    break;
                }
            }
        }
    }

    fn find(&self, doc: &str, clause: &str) -> Option<&Vec<Entry>> {
        let of = |clause: &str| self.entries.get(&(doc.to_owned(), clause.to_owned()));
        of(clause).or_else(|| of(""))
    }

    /// What an article is worth on a day. What nobody recorded counts as in force.
    #[must_use]
    pub fn basis(&self, cite: &Cite, day: Day) -> Basis {
        if cite.repealed {
            let on = String::new();
            return match &cite.successor {
                Some(by) => Basis::Succeeded { on, by: by.as_ref().clone(), verified: false },
                None => Basis::Repealed { on },
            };
        }
        let mut at = cite.clone();
        let mut replaced: Option<(String, bool)> = None;
        for _ in 0..CHAIN_MAX {
            let state = self.find(&at.doc, &at.clause).map(|entries| state_on(entries, day));
            match state {
                None | Some(State::InForce) => {
                    return match replaced {
                        None => Basis::InForce,
                        Some((on, verified)) => Basis::Succeeded { on, by: at, verified },
                    };
                }
                // A successor that is not in force yet carries nothing.
                Some(State::NotYet(_)) if replaced.is_some() => break,
                Some(State::NotYet(from)) => return Basis::NotYet { from: from.to_string() },
                Some(State::Ended(to, entry)) => {
                    let (on, verified) = replaced.take().unwrap_or_else(|| (to.to_string(), true));
                    let Some(next) = &entry.successor else { return Basis::Repealed { on } };
                    replaced = Some((on, verified && entry.verified));
                    at = next.clone();
                }
            }
        }
        Basis::Repealed { on: replaced.map(|(on, _)| on).unwrap_or_default() }
    }
}

enum State<'a> {
    InForce,
    NotYet(Day),
    Ended(Day, &'a Entry),
}

fn state_on(entries: &[Entry], day: Day) -> State<'_> {
    if entries.iter().any(|entry| entry.term.contains(day)) {
        return State::InForce;
    }
    let ended = entries.iter().filter_map(|entry| Some((entry.term.to.filter(|to| *to <= day)?, entry)));
    if let Some((to, entry)) = ended.max_by_key(|(to, _)| *to) {
        return State::Ended(to, entry);
    }
    let first = entries.iter().filter_map(|entry| entry.term.from).min();
    first.map_or(State::InForce, State::NotYet)
}

fn entry_of(row: &Row) -> Result<(Key, Entry), (&'static str, String)> {
    if row.doc.is_empty() {
        return Err(("doc", "the instrument is missing".to_owned()));
    }
    let day = |text: &str, field: &'static str| {
        (!text.is_empty()).then(|| text.parse::<Day>().map_err(|problem| (field, problem.to_string()))).transpose()
    };
    let term = Term { from: day(&row.from, "from")?, to: day(&row.to, "to")? };
    if matches!((term.from, term.to), (Some(from), Some(to)) if from >= to) {
        return Err(("to", "`to` is not after `from`".to_owned()));
    }
    let verified = match row.verified.to_ascii_lowercase().as_str() {
        "" | "false" | "0" | "否" => false,
        "true" | "1" | "是" => true,
        other => return Err(("verified", format!("“{other}” is neither true nor false"))),
    };
    let successor = (!row.successor_doc.is_empty()).then(|| Cite {
        doc: row.successor_doc.clone(),
        clause: row.successor_clause.clone(),
        ..Cite::default()
    });
    Ok(((row.doc.clone(), row.clause.clone()), Entry { term, successor, verified }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(text: &str) -> (Citations, Vec<RuleFinding>) {
        let head = "doc,clause,from,to,successor_doc,successor_clause,verified,note\n";
        Citations::load(&[RuleFile::new("citations.csv", format!("{head}{text}"))])
    }

    fn on(citations: &Citations, text: &str, day: &str) -> Basis {
        citations.basis(&Cite::parse(text)[0], day.parse().unwrap())
    }

    #[test]
    fn a_repeal_takes_effect_on_its_day() {
        let (map, findings) = map(
            "甲法,,2018-01-01,2026-08-15,新典,,false,\n乙法,,,2026-08-15,,,,\n乙法,第2条,,2026-08-15,新典,第9条,true,\n",
        );
        assert!(findings.is_empty());
        assert_eq!(on(&map, "甲法 第1条", "2026-08-14"), Basis::InForce);
        assert!(on(&map, "甲法 第1条", "2026-08-15").is_unverified());
        assert!(matches!(on(&map, "甲法 第1条", "2017-12-31"), Basis::NotYet { .. }));
        assert_eq!(on(&map, "乙法 第1条", "2026-08-15"), Basis::Repealed { on: "2026-08-15".into() });
        let Basis::Succeeded { by, verified, .. } = on(&map, "乙法 第2条", "2027-01-01") else { panic!() };
        assert_eq!((by.label().as_str(), verified), ("新典 第9条", true));
        assert_eq!(on(&map, "没有登记的文件", "2022-01-01"), Basis::InForce);
    }

    #[test]
    fn chains_are_followed_and_cycles_are_errors() {
        let (chain, findings) = map("甲,,,2010-01-01,乙,,true,\n乙,,,2020-01-01,丙,,false,\n丙,,2020-01-01,,,,,\n");
        assert!(findings.is_empty());
        let Basis::Succeeded { by, verified, on } = on(&chain, "甲", "2021-01-01") else { panic!() };
        assert_eq!((by.doc.as_str(), verified, on.as_str()), ("丙", false, "2010-01-01"));
        let (cycle, findings) = map("甲,,,2010-01-01,乙,,,\n乙,,,2011-01-01,甲,,,\n");
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].code, findings[0].line), ("citation_cycle", Some(3)));
        assert!(!self::on(&cycle, "甲", "2021-01-01").carries());
        let (_, findings) = map("甲,,today,,,,,\n,,,,,,,\n");
        assert_eq!(findings.len(), 2);
    }
}
