//! Words of files and what they mean, by the role of their column.

use crate::{LoadError, NormFile};
use std::collections::HashMap;

/// What words mean, found without case.
///
/// ```
/// # use norms::{NormFile, Words};
/// let file = NormFile { path: "words.csv".into(), text: "role,word,means\nkind,湖库,lake\n".into() };
/// let words = Words::load(&file).unwrap();
/// assert_eq!(words.means("kind", " 湖库 "), Some("lake"));
/// assert_eq!(words.means("land_use", "湖库"), None);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Words(HashMap<(String, String), String>);

#[derive(serde::Deserialize)]
struct Row {
    role: String,
    word: String,
    means: String,
}

impl Words {
    /// Reads `words.csv`.
    ///
    /// # Errors
    /// When a row cannot be read or a word stands twice, with its line.
    pub fn load(file: &NormFile) -> Result<Self, LoadError> {
        let mut words = HashMap::new();
        let mut reader = csv::Reader::from_reader(file.text.as_bytes());
        for (number, row) in reader.deserialize::<Row>().enumerate() {
            let row = row.map_err(|error| {
                let line = error.position().map_or(0, |position| position.line() as usize);
                LoadError { line, ..file.error("word", "词语表的这一行无法读取", &error.to_string()) }
            })?;
            if words.insert((row.role.clone(), fold(&row.word)), row.means).is_some() {
                let word = row.word;
                let twice =
                    file.error("word", &format!("词语“{word}”重复"), &format!("the word “{word}” stands twice"));
                return Err(LoadError { line: number + 2, ..twice });
            }
        }
        Ok(Self(words))
    }

    /// What a word in a column of a role means.
    #[must_use]
    pub fn means(&self, role: &str, word: &str) -> Option<&str> {
        self.0.get(&(role.to_owned(), fold(word))).map(String::as_str)
    }
}

fn fold(word: &str) -> String {
    word.trim().to_lowercase()
}
