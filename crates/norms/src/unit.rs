//! Units of files and what they are worth in the units of the norms.

use crate::{LoadError, Measured, NormFile};
use std::collections::HashMap;

/// Factors between units, found without case.
///
/// ```
/// # use norms::{NormFile, Units};
/// let file = NormFile { path: "units.csv".into(), text: "unit,means,factor\nµg/L,mg/L,0.001\n".into() };
/// let units = Units::load(&file).unwrap();
/// assert_eq!(units.factor("ΜG/L", "mg/L").unwrap().to_string(), "0.001");
/// assert_eq!(units.factor("mg/L", "mg/L").unwrap().to_string(), "1");
/// assert!(units.factor("mol/L", "mg/L").is_none());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Units(HashMap<(String, String), Measured>);

#[derive(serde::Deserialize)]
struct Row {
    unit: String,
    means: String,
    factor: String,
}

impl Units {
    /// Reads `units.csv`.
    ///
    /// # Errors
    /// When a row cannot be read or its factor is no number above zero, with its line.
    pub fn load(file: &NormFile) -> Result<Self, LoadError> {
        let mut units = HashMap::new();
        let mut reader = csv::Reader::from_reader(file.text.as_bytes());
        for row in reader.deserialize::<Row>() {
            let row = row.map_err(|error| {
                let line = error.position().map_or(0, |position| position.line() as usize);
                LoadError { line, ..file.error("unit", "单位表的这一行无法读取", &error.to_string()) }
            })?;
            let factor = row.factor.parse().ok().filter(|factor| *factor > Measured::ZERO);
            let factor = factor
                .ok_or_else(|| file.error(&row.unit, "换算系数不是正数", "the factor is no number above zero"))?;
            units.insert((fold(&row.unit), fold(&row.means)), factor);
        }
        Ok(Self(units))
    }

    /// What a value in `unit` is multiplied with to come into `wanted`; `None` when they are not known to go together.
    #[must_use]
    pub fn factor(&self, unit: &str, wanted: &str) -> Option<Measured> {
        let (unit, wanted) = (fold(unit), fold(wanted));
        if unit == wanted { Some(Measured::whole(1)) } else { self.0.get(&(unit, wanted)).copied() }
    }
}

/// The micro sign and the Greek letter are one.
fn fold(unit: &str) -> String {
    unit.trim().to_lowercase().replace('\u{b5}', "\u{3bc}")
}
