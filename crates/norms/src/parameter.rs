//! What is measured: names, aliases, units, digits.

use crate::{LoadError, Measured, NormFile};
use std::collections::HashMap;

/// One thing that is measured.
#[derive(Clone, PartialEq, Eq, Debug, serde::Deserialize)]
pub struct Parameter {
    /// Our name, such as `PM2_5`.
    pub parameter: String,
    /// Medium: `air`, later `water` and others; `column` for the roles of columns.
    pub medium: String,
    /// Group within the medium.
    pub group: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Unit.
    pub unit: String,
    /// Digits behind the point when reported.
    pub decimals: u8,
    /// Below this a value is taken for an error, in `unit`.
    #[serde(deserialize_with = "measured")]
    pub plausible_min: Measured,
    /// Above this a value is taken for an error, in `unit`.
    #[serde(deserialize_with = "measured")]
    pub plausible_max: Measured,
    /// Other names in files, joined with `;`.
    pub aliases: String,
    /// Remark.
    pub note: String,
}

/// All parameters, found by any of their names without case.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    list: Vec<Parameter>,
    by_name: HashMap<String, usize>,
}

impl Parameters {
    /// Reads `parameters.csv`.
    ///
    /// # Errors
    /// When a row cannot be read or a name stands twice, with its line.
    pub fn load(file: &NormFile) -> Result<Self, LoadError> {
        let mut parameters = Self::default();
        let mut reader = csv::Reader::from_reader(file.text.as_bytes());
        for row in reader.deserialize::<Parameter>() {
            let row = row.map_err(|error| {
                let line = error.position().map_or(0, |position| position.line() as usize);
                LoadError { line, ..file.error("parameter", "参数表的这一行无法读取", &error.to_string()) }
            })?;
            let number = parameters.list.len();
            for name in std::iter::once(row.parameter.as_str()).chain(row.aliases.split(';')).filter(|n| !n.is_empty())
            {
                let previous = parameters.by_name.insert(fold(name), number);
                if previous.is_some_and(|previous| previous != number) {
                    return Err(LoadError {
                        line: number + 2,
                        ..file.error("aliases", &format!("名称“{name}”重复"), &format!("the name “{name}” is taken"))
                    });
                }
            }
            parameters.list.push(row);
        }
        Ok(parameters)
    }

    /// The parameter of a name or alias, without case.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Parameter> {
        self.by_name.get(&fold(name)).map(|&number| &self.list[number])
    }

    /// All parameters in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = &Parameter> {
        self.list.iter()
    }
}

fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}

fn measured<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Measured, D::Error> {
    use serde::{Deserialize, de::Error};
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|()| D::Error::custom(format!("“{text}” is no number")))
}
