//! Made-up comparison cities, so that a rank can be computed where no table of real cities is at hand.

use crate::Model;
use crate::dice::Dice;
use crate::row::Reading;

/// Composite index of one comparison city in one year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparisonRow {
    /// The year.
    pub year: i16,
    /// Anonymous name, `对照城市001` and on; the number says nothing about the rank.
    pub city: String,
    /// Composite index with two decimals.
    pub index: Reading,
}

/// Draws the indices of the comparison cities, year by year and in the order of their names.
///
/// Each city keeps its place from year to year but for a small change. They are drawn from the
/// model's `comparison` table alone and know nothing of the simulated city.
///
/// ```
/// let model = simulator::Model::parse(include_str!("../../../cities/xiamen/demo/model.toml"))?;
/// let rows = simulator::comparison_cities(&model);
/// assert_eq!(rows[0].city, "对照城市001");
/// assert_eq!(rows[0].index.to_string().len(), "3.70".len());
/// # Ok::<(), simulator::Error>(())
/// ```
#[must_use]
pub fn comparison_cities(model: &Model) -> Vec<ComparisonRow> {
    let table = &model.comparison;
    let mut dice = Dice::new(table.seed, "comparison cities");
    let places: Vec<f64> = (0..table.cities).map(|_| table.spread * dice.normal()).collect();
    let mut rows = Vec::new();
    for year in &table.years {
        for (place, number) in places.iter().zip(1..) {
            let mut index = year.mean + place + table.change_spread * dice.normal();
            let [low, high] = table.range;
            // Beyond the range the draw is folded back, not piled up at the edge.
            if index < low {
                index = 2.0 * low - index;
            }
            if index > high {
                index = 2.0 * high - index;
            }
            rows.push(ComparisonRow {
                year: year.year,
                city: format!("对照城市{number:03}"),
                index: Reading::round(index.clamp(low, high), 2),
            });
        }
    }
    rows
}
