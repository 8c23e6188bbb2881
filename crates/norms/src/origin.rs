//! Where one table of a file comes from, and numbers of tables as exact decimals.

use crate::{Confidence, Measured};
use serde::{Deserialize, Deserializer, de::Error};

/// Where one table of a file comes from, and how sure we are of it.
///
/// A file names its instrument once; a table inside it that is surer or less sure than the rest says so here, and
/// whatever is judged by the table carries it on.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Clause or table of the instrument.
    pub source: String,
    /// How sure we are.
    pub confidence: Confidence,
    /// Where the text was read.
    #[serde(default)]
    pub found_in: String,
    /// What a user should know.
    #[serde(default)]
    pub note: String,
}

/// A number of a table, as the decimal that was written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Number(pub(crate) Measured);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        measured(deserializer).map(Self)
    }
}

/// Reads a TOML number as the decimal that was written.
pub(crate) fn measured<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Measured, D::Error> {
    let value = f64::deserialize(deserializer)?;
    Measured::from_f64(value).ok_or_else(|| D::Error::custom(format!("{value} is out of range")))
}

/// Reads a TOML number that may be left out.
pub(crate) fn measured_if_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Measured>, D::Error> {
    measured(deserializer).map(Some)
}

/// The numbers themselves.
pub(crate) fn plain(numbers: &[Number]) -> Vec<Measured> {
    numbers.iter().map(|number| number.0).collect()
}

/// Whether no value is below the one before it.
pub(crate) fn never_falls(values: impl IntoIterator<Item = Measured>) -> bool {
    values.into_iter().is_sorted()
}
