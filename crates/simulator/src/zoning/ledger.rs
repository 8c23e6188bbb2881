//! Headroom and states of units, each with the day on which it was told.

use super::File;
use super::files::csv_line;
use super::model::LedgerModel;
use super::units::{Change, Unit};
use crate::dice::Dice;

/// First days of the quarters.
const QUARTERS: [&str; 4] = ["01-01", "04-01", "07-01", "10-01"];

/// `ledger.csv` and `status.csv`.
pub(super) fn make(model: &LedgerModel, units: &[Unit], seed: u64) -> [File; 2] {
    let mut ledger = String::from("unit,pollutant,year,remaining,as_of\n");
    let mut status = String::from("unit,fact,value,as_of\n");
    for unit in units {
        // Who was split or merged keeps the account of the first parent.
        let account = match unit.change {
            Change::Split | Change::Merged => unit.parents.first().unwrap_or(&unit.code),
            Change::None | Change::Moved => &unit.code,
        };
        let mut dice = Dice::new(seed, &format!("ledger {account}"));
        let known = !dice.chance(model.missing);
        for (pollutant, most) in &model.pollutant {
            let mut left = most * dice.uniform();
            for year in &model.years {
                if known {
                    let cells =
                        [&unit.code, pollutant, &year.to_string(), &format!("{left:.2}"), &format!("{year}-01-01")];
                    ledger.push_str(&csv_line(&cells.map(String::as_str)));
                }
                left *= dice.between(0.7, 1.0);
            }
        }
        let lot = dice.uniform();
        if lot < model.water_unknown {
            continue;
        }
        let compliant = lot >= model.water_unknown + model.water_bad;
        for year in &model.years {
            for quarter in QUARTERS {
                let told = [&unit.code, "water_unit_compliant", &compliant.to_string(), &format!("{year}-{quarter}")];
                status.push_str(&csv_line(&told));
            }
        }
    }
    [("ledger.csv", ledger), ("status.csv", status)]
        .map(|(path, text)| File { path: path.to_owned(), bytes: text.into_bytes() })
}
