//! The conditions of decision tables one by one, as people look them up: by control unit and industry.

use crate::clause::Effect;
use crate::ruleset::RuleSet;
use crate::table::unpack;
use std::collections::BTreeSet;

/// One access condition of a table. Empty parts mean any.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Condition {
    /// Its id.
    pub id: String,
    /// Beginning of the industry code, such as `C33`.
    pub industry_prefix: String,
    /// Processes, joined with `;`.
    pub process: String,
    /// Kinds of project, joined with `;`.
    pub kind: String,
    /// What it does.
    pub effect: Effect,
    /// What it says.
    pub say: String,
    /// What it rests on.
    pub cite: String,
    /// File.
    pub file: String,
    /// Line.
    pub line: u32,
}

impl Condition {
    /// Whether it can concern an industry.
    #[must_use]
    pub fn concerns(&self, industry: &str) -> bool {
        industry.starts_with(&self.industry_prefix)
    }
}

impl RuleSet {
    /// The conditions that hold in a unit, in order of their files.
    pub fn conditions_of<'a>(&'a self, unit: &str) -> impl Iterator<Item = Condition> + 'a {
        let number = self.tables.texts.number(unit);
        let rows = self.tables.rows.iter().filter(move |row| row.unit == 0 || Some(row.unit) == number);
        rows.map(|row| Condition {
            id: self.tables.row_id(row),
            industry_prefix: unpack(row.prefix),
            process: self.tables.texts.get(row.processes).to_owned(),
            kind: self.tables.texts.get(row.kinds).to_owned(),
            effect: row.effect,
            say: self.tables.texts.get(row.say).to_owned(),
            cite: self.tables.texts.get(row.cite).to_owned(),
            file: self.tables.files.get(usize::from(row.file)).cloned().unwrap_or_default(),
            line: row.line,
        })
    }

    /// Beginnings of industry codes that tables name.
    #[must_use]
    pub fn industries(&self) -> BTreeSet<String> {
        let packed: BTreeSet<u64> =
            self.tables.rows.iter().map(|row| row.prefix).filter(|prefix| prefix & 0xff != 0).collect();
        packed.into_iter().map(unpack).collect()
    }
}
