//! Tables of marine litter.

use crate::origin::{Number, measured, measured_if_any, plain};
use crate::{Instrument, LoadError, Measured, NormFile, Origin, Ratio};
use serde::Deserialize;
use std::collections::BTreeSet;
use toml::Spanned;

/// One edition of the rules of monitoring.
#[derive(Clone, Debug)]
pub struct LitterTables {
    /// The instrument.
    pub instrument: Instrument,
    /// Sizes, from small to large.
    pub sizes: Vec<LitterSize>,
    /// Where the sizes come from.
    pub sizes_origin: Origin,
    /// What litter is made of.
    pub categories: Vec<LitterWord>,
    /// Where the categories come from.
    pub categories_origin: Origin,
    /// What is counted by what.
    pub densities: Vec<LitterDensity>,
}

/// A class of size.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LitterSize {
    /// Short name.
    pub id: String,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// Upper bound of its length, in cm; none for the largest.
    #[serde(default, deserialize_with = "measured_if_any")]
    pub upper: Option<Measured>,
    /// Whether the bound belongs to it.
    #[serde(default)]
    pub includes_upper: bool,
}

/// A word with its short name.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LitterWord {
    /// Short name.
    pub id: String,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// A density with its unit and how it is taken.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LitterDensity {
    /// Short name.
    pub id: String,
    /// How it is taken, in Chinese.
    pub zh: String,
    /// How it is taken, in English.
    pub en: String,
    /// Unit.
    pub unit: String,
    /// Where it comes from.
    pub origin: Origin,
}

impl LitterTables {
    /// The size of a piece of a length in cm; `None` below zero.
    #[must_use]
    pub fn size_of(&self, length: Measured) -> Option<&LitterSize> {
        let fits = |size: &&LitterSize| {
            size.upper.is_none_or(|upper| length < upper || (size.includes_upper && length == upper))
        };
        if length < Measured::ZERO { None } else { self.sizes.iter().find(fits) }
    }

    /// A density by its short name.
    #[must_use]
    pub fn density(&self, id: &str) -> Option<&LitterDensity> {
        self.densities.iter().find(|density| density.id == id)
    }

    /// Reads a `litter/1` file.
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let table: Table = file.table()?;
        let sizes = table.sizes.rows.get_ref();
        let bounded = sizes.split_last().is_some_and(|(last, others)| {
            last.upper.is_none() && others.iter().all(|size| size.upper > Some(Measured::ZERO))
        });
        if !bounded || !sizes[..sizes.len() - 1].windows(2).all(|pair| pair[0].upper < pair[1].upper) {
            let (zh, en) = ("上限须严格递增，最大一级无上限", "bounds rise strictly and the largest size has none");
            return Err(file.error_at(Some(table.sizes.rows.span()), zh, en));
        }
        let ids = table.categories.rows.iter().map(|word| &word.id);
        let mut seen = BTreeSet::new();
        let twice = ids.chain(table.density.iter().map(|density| &density.id)).find(|id| !seen.insert(*id));
        if let Some(id) = twice {
            return Err(file.error("density", &format!("“{id}”重复"), &format!("{id} stands twice")));
        }
        Ok(Self {
            sizes: table.sizes.rows.into_inner(),
            sizes_origin: table.sizes.origin,
            categories: table.categories.rows,
            categories_origin: table.categories.origin,
            densities: table.density,
            instrument: table.instrument,
        })
    }
}

/// One edition of the clean-coast index.
#[derive(Clone, Debug)]
pub struct CleanCoastIndex {
    /// The instrument.
    pub instrument: Instrument,
    /// Items by m² are multiplied by this.
    pub factor: Measured,
    upper: Vec<Measured>,
    bands: Vec<LitterBand>,
    /// Where it comes from.
    pub origin: Origin,
}

/// A band of the index.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LitterBand {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl CleanCoastIndex {
    /// The index of plastic items on an area in m², with its band; `None` without an area.
    #[must_use]
    pub fn index(&self, items: u64, area: Measured) -> Option<(Ratio, &LitterBand)> {
        if area <= Measured::ZERO {
            return None;
        }
        let numerator = i128::from(items).checked_mul(i128::from(self.factor.parts()))?;
        let index = Ratio::new(numerator, i128::from(area.parts()));
        let band = self.upper.iter().filter(|upper| index > upper.ratio()).count();
        Some((index, &self.bands[band]))
    }

    /// Reads a `litter-index/1` file.
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let table: IndexTable = file.table()?;
        let span = table.index.span();
        let index = table.index.into_inner();
        let upper = plain(&index.upper);
        let rising = upper.windows(2).all(|pair| pair[0] < pair[1]);
        if index.factor <= Measured::ZERO || upper.len() + 1 != index.bands.len() || !rising {
            let (zh, en) = ("上限须严格递增，比等级少一个", "bounds rise strictly and are one fewer than the bands");
            return Err(file.error_at(Some(span), zh, en));
        }
        Ok(Self { instrument: table.instrument, factor: index.factor, upper, bands: index.bands, origin: index.origin })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "read by the catalogue")]
    schema: String,
    instrument: Instrument,
    sizes: Sizes,
    categories: Categories,
    density: Vec<LitterDensity>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sizes {
    origin: Origin,
    rows: Spanned<Vec<LitterSize>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Categories {
    origin: Origin,
    rows: Vec<LitterWord>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IndexTable {
    #[expect(dead_code, reason = "read by the catalogue")]
    schema: String,
    instrument: Instrument,
    index: Spanned<IndexRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IndexRule {
    #[serde(deserialize_with = "measured")]
    factor: Measured,
    upper: Vec<Number>,
    bands: Vec<LitterBand>,
    origin: Origin,
}
