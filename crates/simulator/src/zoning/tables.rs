//! Decision tables: conditions by unit and industry, and the faults that are planted among them.
//!
//! Without the planted faults no two rows can hold for one project, each can hold, and each has a basis. So whoever
//! looks for conflicting, dead, doubled or baseless rows must find the planted ones and no other.

use super::files::csv_line;
use super::industry::{Industries, Industry};
use super::model::TableModel;
use super::units::{Change, Unit};
use super::{Error, File};
use crate::dice::Dice;
use std::collections::BTreeMap;

/// What a row does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Prohibit,
    Require,
    Review,
    Encourage,
}

impl Effect {
    const fn word(self) -> &'static str {
        match self {
            Effect::Prohibit => "prohibit",
            Effect::Require => "require",
            Effect::Review => "review",
            Effect::Encourage => "encourage",
        }
    }
}

/// A planted fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// A ban and an encouragement for the same projects.
    Conflict,
    /// No project has an industry that begins with this code.
    DeadIndustry,
    /// A demand on projects that a wider row forbids.
    DeadShadowed,
    /// The same condition and effect again.
    Duplicate,
    /// No basis is cited.
    Uncited,
    /// The basis was repealed and has no successor.
    Repealed,
}

impl Fault {
    const fn words(self) -> [&'static str; 2] {
        match self {
            Fault::Conflict => ["conflict", "prohibits and encourages the same projects"],
            Fault::DeadIndustry => ["dead", "no class of GB/T 4754 begins with this code"],
            Fault::DeadShadowed => ["dead", "the wider row prohibits all that this row could meet"],
            Fault::Duplicate => ["duplicate", "same condition and effect as the other row"],
            Fault::Uncited => ["uncited", "no basis is cited"],
            Fault::Repealed => ["repealed", "the cited document was repealed and has no successor"],
        }
    }
}

#[derive(Debug, Clone)]
struct Row {
    unit: usize,
    prefix: String,
    name: String,
    process: &'static str,
    kind: &'static str,
    effect: Effect,
    /// Number of the clause in the invented list; none: uncited.
    clause: Option<usize>,
    repealed: bool,
    fault: Option<Fault>,
}

impl Row {
    fn say(&self) -> String {
        let kind = match self.kind {
            "new" => "新建",
            "expand" => "扩建",
            _ => "新改扩建",
        };
        let name = &self.name;
        match self.effect {
            Effect::Prohibit => format!("禁止{kind}{name}（模拟）"),
            Effect::Require => format!("{kind}{name}须落实清洁生产与达标排放要求（模拟）"),
            Effect::Review => format!("{kind}{name}是否与单元功能相容（模拟）"),
            Effect::Encourage => format!("鼓励{kind}{name}（模拟）"),
        }
    }

    fn cite(&self, list: &str) -> String {
        match (self.clause, self.repealed) {
            (None, _) => String::new(),
            (Some(clause), false) => format!("{list} 第{clause}条"),
            (Some(clause), true) => format!("{REPEALED} 第{clause}条"),
        }
    }
}

/// The invented document that was repealed without a successor.
pub(super) const REPEALED: &str = "厦门市行业准入暂行名录（模拟，已废止）";

/// The invented list that the rows of an edition cite.
pub(super) fn list(edition: &str) -> String {
    format!("厦门市生态环境准入清单（模拟，{edition}）")
}

const PROCESSES: [&str; 3] = ["coating", "electroplating", "printing"];

/// The first row of a unit and industry, and a second one for other projects.
fn pair(unit: usize, class: u8, industry: &Industry, dice: &mut Dice) -> [Row; 2] {
    use Effect::{Encourage, Prohibit, Require, Review};
    let lot = dice.uniform();
    let pick = |shares: [(Effect, f64); 3]| {
        let mut left = lot;
        let found = shares.iter().find(|(_, share)| {
            left -= share;
            left < 0.0
        });
        found.unwrap_or(&shares[2]).0
    };
    let (first, second) = match (class, industry.hazard) {
        (1, 3) => (Prohibit, if lot < 0.5 { Prohibit } else { Review }),
        (1, 2) => (pick([(Prohibit, 0.6), (Review, 0.2), (Require, 0.2)]), Require),
        (1, 1) => (pick([(Prohibit, 0.12), (Require, 0.6), (Encourage, 0.28)]), Require),
        (1, _) => (pick([(Require, 0.2), (Encourage, 0.8), (Encourage, 0.0)]), Encourage),
        (2, 3) => (pick([(Require, 0.65), (Review, 0.2), (Prohibit, 0.15)]), Require),
        (2, 2) => (pick([(Require, 0.75), (Review, 0.1), (Encourage, 0.15)]), Require),
        (2, 1) => (pick([(Require, 0.45), (Encourage, 0.5), (Review, 0.05)]), Require),
        (_, 3) => (pick([(Review, 0.45), (Prohibit, 0.35), (Require, 0.2)]), Review),
        (_, 2) => (pick([(Require, 0.6), (Review, 0.25), (Encourage, 0.15)]), Require),
        _ => (pick([(Encourage, 0.85), (Require, 0.15), (Encourage, 0.0)]), Encourage),
    };
    let process = if second == Require && dice.chance(0.35) {
        PROCESSES[(dice.uniform() * PROCESSES.len() as f64) as usize]
    } else {
        ""
    };
    let row = |process, kind, effect| Row {
        unit,
        prefix: industry.code.clone(),
        name: industry.name.clone(),
        process,
        kind,
        effect,
        clause: None,
        repealed: false,
        fault: None,
    };
    [row("", "new", first), row(process, "expand", second)]
}

/// The tables of an edition, one file for each district, and the list of planted faults.
pub(super) struct Tables {
    pub(super) files: Vec<File>,
    /// `fault,table,line,other_line,unit,industry_prefix,process,kind,effect,why`.
    pub(super) planted: String,
}

/// Makes the tables. `later`: rows that the edition makes stricter, by their share.
pub(super) fn make(
    model: &TableModel,
    industries: &Industries,
    units: &[Unit],
    edition: &str,
    later: f64,
    seed: u64,
) -> Result<Tables, Error> {
    let faults = model.planted;
    let added = faults.conflict + faults.dead + faults.duplicate;
    let pairs = units.len() * industries.chosen.len();
    let seconds = model.conditions.checked_sub(pairs + added).filter(|seconds| *seconds <= pairs).ok_or_else(|| {
        let why = format!("{} is not between {} and {}", model.conditions, pairs + added, 2 * pairs + added);
        Error::Model { at: "tables.conditions".to_owned(), why }
    })?;
    let mut drawn: Vec<(f64, [Row; 2])> = Vec::with_capacity(pairs);
    for (index, unit) in units.iter().enumerate() {
        // Who was split or merged keeps the list of the first parent.
        let list = match unit.change {
            Change::Split | Change::Merged => unit.parents.first().unwrap_or(&unit.code),
            Change::None | Change::Moved => &unit.code,
        };
        let mut dice = Dice::new(seed, &format!("table {list}"));
        let mut changes = Dice::new(seed, &format!("table {list} {edition}"));
        for industry in &industries.chosen {
            let mut rows = pair(index, unit.class, industry, &mut dice);
            if changes.chance(later) {
                rows[0].effect = match rows[0].effect {
                    Effect::Encourage => Effect::Require,
                    Effect::Require => Effect::Review,
                    Effect::Review | Effect::Prohibit => Effect::Prohibit,
                };
            }
            drawn.push((dice.uniform(), rows));
        }
    }
    let mut order: Vec<usize> = (0..drawn.len()).collect();
    order.sort_by(|a, b| drawn[*a].0.total_cmp(&drawn[*b].0).then(a.cmp(b)));
    let mut twice = vec![false; drawn.len()];
    for index in order.into_iter().take(seconds) {
        twice[index] = true;
    }
    let mut groups: Vec<Vec<Row>> = Vec::with_capacity(drawn.len());
    for ((lot, [mut first, second]), twice) in drawn.into_iter().zip(&twice) {
        // A row that stands alone may hold for every kind; a ban is for the new.
        if !twice && first.effect != Effect::Prohibit && lot > 0.9 {
            first.kind = "";
        }
        groups.push(if *twice { vec![first, second] } else { vec![first] });
    }
    for (clause, row) in (1..).zip(groups.iter_mut().flatten()) {
        row.clause = Some(clause);
    }
    plant(model, industries, &mut groups, &mut Dice::new(seed, &format!("faults {edition}")));
    Ok(written(units, groups, edition))
}

/// Plants the faults, each in a group of its own.
fn plant(model: &TableModel, industries: &Industries, groups: &mut [Vec<Row>], dice: &mut Dice) {
    let faults = model.planted;
    let shadowed = faults.dead / 2;
    let wanted = [
        (Fault::Conflict, faults.conflict),
        (Fault::DeadShadowed, shadowed),
        (Fault::DeadIndustry, faults.dead - shadowed),
        (Fault::Duplicate, faults.duplicate),
        (Fault::Uncited, faults.uncited),
        (Fault::Repealed, faults.repealed),
    ];
    let mut absent = industries.absent.iter();
    for (fault, count) in wanted {
        let mut left = count;
        while left > 0 {
            let at = (dice.uniform() * groups.len() as f64) as usize;
            let group = &mut groups[at];
            if group.iter().any(|row| row.fault.is_some()) {
                continue;
            }
            let first = group[0].clone();
            let bans = first.effect == Effect::Prohibit;
            let marked = Row { fault: Some(fault), ..first };
            match fault {
                Fault::Conflict if bans => group.push(Row { effect: Effect::Encourage, ..marked }),
                Fault::DeadShadowed if bans => {
                    group.push(Row { effect: Effect::Require, process: PROCESSES[0], ..marked });
                }
                Fault::DeadIndustry => {
                    let Some(code) = absent.next() else { return };
                    let name = "名录外行业".to_owned();
                    group.push(Row { effect: Effect::Require, prefix: code.clone(), name, ..marked });
                }
                Fault::Duplicate => group.push(marked),
                // A ban without a basis would not load at all.
                Fault::Uncited if !bans => group[0] = Row { clause: None, ..marked },
                Fault::Repealed => group[0] = Row { repealed: true, ..marked },
                _ => continue,
            }
            left -= 1;
        }
    }
}

fn written(units: &[Unit], groups: Vec<Vec<Row>>, edition: &str) -> Tables {
    const HEAD: &str = "unit,industry_prefix,process,kind,effect,say,cite\n";
    let list = list(edition);
    let mut planted = String::from("fault,table,line,other_line,unit,industry_prefix,process,kind,effect,why\n");
    let mut tables: BTreeMap<&str, (usize, String)> = BTreeMap::new();
    for group in groups {
        let Some(unit) = group.first().map(|row| &units[row.unit]) else { continue };
        let district = &unit.code[2..8];
        let (line, text) = tables.entry(district).or_insert_with(|| (1, HEAD.to_owned()));
        let mut first_line = None;
        for row in group {
            *line += 1;
            let other = first_line.get_or_insert(*line);
            let cells = [
                &unit.code,
                row.prefix.as_str(),
                row.process,
                row.kind,
                row.effect.word(),
                &row.say(),
                &row.cite(&list),
            ];
            text.push_str(&csv_line(&cells));
            if let Some(fault) = row.fault {
                let [word, why] = fault.words();
                let other = match fault {
                    Fault::Conflict | Fault::DeadShadowed | Fault::Duplicate => other.to_string(),
                    _ => String::new(),
                };
                let table = format!("tables/{district}.csv");
                let at = [word, &table, &line.to_string(), &other];
                let row = [&unit.code, row.prefix.as_str(), row.process, row.kind, row.effect.word(), why];
                planted.push_str(&csv_line(&[&at[..], &row[..]].concat()));
            }
        }
    }
    let files = tables
        .into_iter()
        .map(|(district, (_, text))| File { path: format!("tables/{district}.csv"), bytes: text.into_bytes() })
        .collect();
    Tables { files, planted }
}
