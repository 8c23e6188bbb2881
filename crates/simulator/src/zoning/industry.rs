//! The industries of the tables: four-digit classes of the real GB/T 4754 catalogue.

use super::Error;
use super::model::TableModel;
use crate::dice::Dice;
use std::collections::BTreeSet;

/// Of the industries, the part whose division has a hazard.
const HAZARDOUS_PART: f64 = 0.68;

/// A class (小类) of GB/T 4754.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Industry {
    /// Letter and four digits.
    pub(super) code: String,
    pub(super) name: String,
    /// 0 none, 1 light, 2 medium, 3 heavy: a part of the model, not of the catalogue.
    pub(super) hazard: u8,
}

/// The catalogue and what was chosen from it.
#[derive(Debug, Clone)]
pub(super) struct Industries {
    /// In the order of their codes.
    pub(super) chosen: Vec<Industry>,
    /// Codes that no prefix of the catalogue begins with.
    pub(super) absent: Vec<String>,
}

impl Industries {
    /// Reads `代码,级别,门类,数字代码,名称` and draws the industries of the tables.
    pub(super) fn draw(catalogue: &str, model: &TableModel, seed: u64) -> Result<Industries, Error> {
        let fault = |why: String| Error::Model { at: "GB/T 4754".to_owned(), why };
        let mut all = Vec::new();
        for line in catalogue.lines().skip(1) {
            let cells: Vec<&str> = line.splitn(5, ',').collect();
            if let [code, "小类", _, _, name] = cells[..] {
                let division = code.get(..3).unwrap_or(code);
                let hazard = model.hazard.get(division).copied().unwrap_or(0);
                all.push(Industry { code: code.to_owned(), name: name.to_owned(), hazard });
            }
        }
        let known: BTreeSet<&str> = all.iter().map(|industry| industry.code.as_str()).collect();
        if let Some(code) = model.always.iter().find(|code| !known.contains(code.as_str())) {
            return Err(fault(format!("has no class {code}")));
        }
        let absent = (1..100)
            .map(|number| format!("C{}{:02}", 13 + number % 30, 99 - number % 9))
            .filter(|code| !known.contains(code.as_str()))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();

        let mut dice = Dice::new(seed, "industries");
        let mut chosen: BTreeSet<Industry> =
            all.iter().filter(|industry| model.always.contains(&industry.code)).cloned().collect();
        let (mut hazardous, mut plain): (Vec<Industry>, Vec<Industry>) =
            all.into_iter().partition(|industry| industry.hazard > 0);
        let limit = (model.industries as f64 * HAZARDOUS_PART) as usize;
        for (pool, limit) in [(&mut hazardous, limit), (&mut plain, model.industries)] {
            while chosen.len() < limit && !pool.is_empty() {
                chosen.insert(pool.swap_remove((dice.uniform() * pool.len() as f64) as usize));
            }
        }
        if chosen.len() != model.industries {
            return Err(fault(format!("gave {} industries, not {}", chosen.len(), model.industries)));
        }
        Ok(Industries { chosen: chosen.into_iter().collect(), absent })
    }
}
