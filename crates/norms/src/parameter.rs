//! What is measured: names, aliases, units, digits.

use crate::{LoadError, Measured, NormFile};
use std::collections::HashMap;

/// One thing that is measured.
#[derive(Clone, PartialEq, Eq, Debug, serde::Deserialize)]
pub struct Parameter {
    /// Our name, such as `PM2_5`.
    pub parameter: String,
    /// Its media, joined with `;`: `air`, `surface_water`, `sea`, `groundwater` and others; `column` for the roles of
    /// columns in any of them.
    pub medium: String,
    /// Group within the medium; `wrong_form` for names that are measured in another form than the norms want.
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

impl Parameter {
    /// Whether it is measured in a medium.
    #[must_use]
    pub fn is_of(&self, medium: &str) -> bool {
        self.medium.split(';').any(|one| one == medium)
    }
}

/// All parameters, found in their medium by any of their names without case.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    list: Vec<Parameter>,
    by_name: HashMap<String, Vec<(String, usize)>>,
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
            let names = std::iter::once(row.parameter.as_str()).chain(row.aliases.split(';'));
            for (name, medium) in
                names.filter(|n| !n.is_empty()).flat_map(|n| row.medium.split(';').map(move |m| (n, m)))
            {
                let known = parameters.by_name.entry(fold(name)).or_default();
                // A role of columns holds in every medium.
                let clash = |other: &String| other == medium || other == COLUMN || medium == COLUMN;
                if known.iter().any(|(other, of)| *of != number && clash(other)) {
                    return Err(LoadError {
                        line: number + 2,
                        ..file.error("aliases", &format!("名称“{name}”重复"), &format!("the name “{name}” is taken"))
                    });
                }
                if !known.iter().any(|(other, _)| other == medium) {
                    known.push((medium.to_owned(), number));
                }
            }
            parameters.list.push(row);
        }
        Ok(parameters)
    }

    /// The parameter that a name or alias means in a medium, or the role of columns that it names; without case.
    #[must_use]
    pub fn find(&self, medium: &str, name: &str) -> Option<&Parameter> {
        let known = self.by_name.get(&fold(name))?;
        known.iter().find(|(of, _)| of == medium || of == COLUMN).map(|(_, number)| &self.list[*number])
    }

    /// All parameters in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = &Parameter> {
        self.list.iter()
    }
}

/// The medium of the rows that name roles of columns.
const COLUMN: &str = "column";

fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}

fn measured<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Measured, D::Error> {
    use serde::{Deserialize, de::Error};
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|()| D::Error::custom(format!("“{text}” is no number")))
}
