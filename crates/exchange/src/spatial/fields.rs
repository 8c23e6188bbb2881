//! What a column means, by the names that it goes under: aliases are data.

use std::collections::HashMap;

/// Bytes of a field name in a shapefile.
const CUT_BYTES: usize = 10;

/// Why a table of aliases cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FieldError {
    /// A row does not fit.
    #[error("第{line}行：{reason} / line {line}: {reason}")]
    Row {
        /// Line, from 1.
        line: u64,
        /// Why.
        reason: String,
    },
}

/// The table of aliases, `alias,meaning[,…]`.
///
/// ```
/// use exchange::FieldAliases;
/// let aliases = FieldAliases::read("alias,meaning\n环境管控单元编码,code\nHJZHGKDYMC,name\n")?;
/// assert_eq!(aliases.meaning("环境管控单元编码\n"), Some("code"));
/// assert_eq!(aliases.meaning("hjzhgkdymc"), Some("name"));
/// assert_eq!(aliases.meaning("环境管控单"), Some("code")); // ten bytes of GBK
/// assert_eq!(aliases.meaning("颜色"), None);
/// # Ok::<(), exchange::FieldError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct FieldAliases {
    /// Alias in its plain form → meaning.
    exact: HashMap<String, String>,
    /// What is left of an alias after ten bytes → meaning, when all aliases that are cut so mean the same.
    cut: HashMap<String, Option<String>>,
    /// Meaning → kind of its values: `text`, `number` or `code`.
    kinds: HashMap<String, String>,
}

impl FieldAliases {
    /// Reads `alias,meaning[,kind]`; further columns are for readers of the file. Lines with `#` are remarks. A meaning
    /// is an alias of itself.
    ///
    /// # Errors
    /// When a row has no alias or meaning, or an alias has two meanings.
    pub fn read(text: &str) -> Result<Self, FieldError> {
        let mut aliases = Self::default();
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).flexible(true).from_reader(text.as_bytes());
        for record in reader.records() {
            let record = record.map_err(|error| FieldError::Row {
                line: error.position().map_or(0, csv::Position::line),
                reason: error.to_string(),
            })?;
            let line = record.position().map_or(0, csv::Position::line);
            let (Some(alias), Some(meaning)) = (record.get(0), record.get(1).map(str::trim)) else {
                return Err(FieldError::Row { line, reason: "alias,meaning".to_owned() });
            };
            let plain = plain(alias);
            if plain.is_empty() || meaning.is_empty() {
                return Err(FieldError::Row { line, reason: "alias,meaning".to_owned() });
            }
            if let Some(kind) = record.get(2).map(str::trim).filter(|kind| !kind.is_empty()) {
                aliases.kinds.insert(meaning.to_owned(), kind.to_owned());
            }
            aliases.exact.entry(meaning.to_lowercase()).or_insert_with(|| meaning.to_owned());
            for cut in cuts(&plain) {
                let known = aliases.cut.entry(cut).or_insert_with(|| Some(meaning.to_owned()));
                if known.as_deref() != Some(meaning) {
                    *known = None;
                }
            }
            if let Some(before) = aliases.exact.insert(plain, meaning.to_owned())
                && before != meaning
            {
                return Err(FieldError::Row { line, reason: format!("{alias}: {before} ≠ {meaning}") });
            }
        }
        Ok(aliases)
    }

    /// What a header means. Case, blanks, line ends and a cut at ten bytes do not matter; a cut name that could be two
    /// things means nothing.
    #[must_use]
    pub fn meaning(&self, header: &str) -> Option<&str> {
        let plain = plain(header);
        match self.exact.get(&plain) {
            Some(meaning) => Some(meaning),
            None => self.cut.get(&plain).and_then(Option::as_deref),
        }
    }

    /// What kind of value a meaning has: `text`, `number` or `code`.
    #[must_use]
    pub fn kind(&self, meaning: &str) -> Option<&str> {
        self.kinds.get(meaning).map(String::as_str)
    }

    /// The column that means this; the first, when several do.
    #[must_use]
    pub fn column(&self, headers: &[String], meaning: &str) -> Option<usize> {
        headers.iter().position(|header| self.meaning(header) == Some(meaning))
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace() && *c != '\u{feff}' && *c != '\0').flat_map(char::to_lowercase).collect()
}

/// What ten bytes of UTF-8 and of GBK leave of a longer name.
fn cuts(name: &str) -> Vec<String> {
    let mut cuts = Vec::new();
    let (mut utf8, mut gbk) = (0, 0);
    let mut kept = [String::new(), String::new()];
    for letter in name.chars() {
        utf8 += letter.len_utf8();
        gbk += if letter.is_ascii() { 1 } else { 2 };
        if utf8 <= CUT_BYTES {
            kept[0].push(letter);
        }
        if gbk <= CUT_BYTES {
            kept[1].push(letter);
        }
    }
    for part in kept {
        if part.len() < name.len() && !cuts.contains(&part) {
            cuts.push(part);
        }
    }
    cuts
}
