//! Which columns of a table hold numbers, told by their text alone, so that it is the same from every format.

use super::{FeatureTable, FieldAliases, number_text};

/// Digits of a number that no reader rounds.
const DIGITS_MAX: usize = 15;

impl FeatureTable {
    /// Whether a column holds numbers. What `fields.csv` says of its meaning counts; a column that it does not name
    /// does when it has a value and each value is a number as we write it: `12.5`, not `012.5`, `12.50`, `1e3` or one
    /// of more than 15 digits.
    ///
    /// ```
    /// use exchange::{Feature, FeatureTable, FieldAliases};
    /// let feature = |number, values: [&str; 2]| Feature { number, line: None, values: values.map(str::to_owned).into(), shape: None };
    /// let table = FeatureTable {
    ///     fields: vec!["depth".into(), "plot".into()],
    ///     features: vec![feature(1, ["1.5", "0203"]), feature(2, ["", "0204"])],
    ///     ..FeatureTable::default()
    /// };
    /// let aliases = FieldAliases::default();
    /// assert!(table.holds_numbers(0, &aliases));
    /// assert!(!table.holds_numbers(1, &aliases));
    /// ```
    #[must_use]
    pub fn holds_numbers(&self, column: usize, aliases: &FieldAliases) -> bool {
        let Some(name) = self.fields.get(column) else { return false };
        let values = || self.features.iter().filter_map(|feature| feature.values.get(column)).filter(|v| !v.is_empty());
        match aliases.kind(name) {
            Some("number") => values().all(|text| text.parse::<f64>().is_ok_and(f64::is_finite)),
            Some(_) => false,
            None => values().next().is_some() && values().all(|text| is_plain_number(text)),
        }
    }
}

/// Whether a text is a number that comes back the same.
fn is_plain_number(text: &str) -> bool {
    text.bytes().filter(u8::is_ascii_digit).count() <= DIGITS_MAX
        && text.parse::<f64>().is_ok_and(|value| value.is_finite() && number_text(value) == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_comes_back_the_same_is_a_number() {
        for text in ["0", "-7", "12.5", "0.001", "350203", "123456789012345"] {
            assert!(is_plain_number(text), "{text}");
        }
        for text in ["007", "-0", "+7", "7.0", "7.", ".5", "1e3", "1234567890123456", "inf", "NaN", " 7", "7 ", "７"] {
            assert!(!is_plain_number(text), "{text}");
        }
    }

    #[test]
    fn the_table_of_fields_wins() {
        let aliases = FieldAliases::read("alias,meaning,kind\nplot,plot,code\narea,area,number\n").unwrap();
        let table = |name: &str, values: &[&str]| FeatureTable {
            fields: vec![name.to_owned()],
            features: (1..)
                .zip(values)
                .map(|(number, value)| super::super::Feature {
                    number,
                    line: None,
                    values: vec![(*value).to_owned()],
                    shape: None,
                })
                .collect(),
            ..FeatureTable::default()
        };
        let holds = |name: &str, values: &[&str]| table(name, values).holds_numbers(0, &aliases);
        assert!(!holds("plot", &["1", "2"]) && holds("depth", &["1", "2"]));
        assert!(holds("area", &["1.50", ""]) && !holds("depth", &["1.50", ""]));
        assert!(holds("area", &[""]) && !holds("depth", &[""]), "nothing is known of an empty column");
        assert!(!holds("area", &["1", "x"]) && !holds("depth", &["1", "x"]));
        assert!(!table("depth", &["1"]).holds_numbers(1, &aliases));
    }
}
