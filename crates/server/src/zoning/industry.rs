//! The classification of industries, GB/T 4754-2017.

use super::answers::IndustryHit;
use crate::norm_files::Library;
use pinyin::ToPinyin;
use std::collections::{BTreeMap, BTreeSet};

/// A class of the classification.
#[derive(Clone, Debug)]
pub struct Industry {
    /// Code with its letter, such as `C3360`.
    pub code: String,
    /// Name.
    pub name: String,
    /// Names of the classes above it, from the section down.
    pub path: String,
}

impl From<&Industry> for IndustryHit {
    fn from(one: &Industry) -> Self {
        Self { code: one.code.clone(), name: one.name.clone(), path: one.path.clone() }
    }
}

/// All classes, in the order of the standard.
#[must_use]
pub fn all(library: &Library) -> Vec<Industry> {
    let table = library.files.iter().find(|file| file.path == "catalogues/gbt4754_2017.csv");
    let mut reader = csv::Reader::from_reader(table.map_or("", |file| file.text.as_str()).as_bytes());
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut found = Vec::new();
    for row in reader.records().filter_map(Result::ok) {
        let (code, name) = (row.get(0).unwrap_or_default(), row.get(4).unwrap_or_default());
        if !code.is_ascii() || code.is_empty() {
            continue;
        }
        let above = (1..code.len()).filter_map(|length| names.get(&code[..length])).map(String::as_str);
        found.push(Industry {
            code: code.to_owned(),
            name: name.to_owned(),
            path: above.collect::<Vec<_>>().join(" › "),
        });
        names.insert(code.to_owned(), name.to_owned());
    }
    found
}

/// Every code of four digits with its letter, such as `C3360`.
#[must_use]
pub fn codes(library: &Library) -> BTreeSet<String> {
    all(library).into_iter().map(|one| one.code).filter(|code| code.len() == 5).collect()
}

/// Whether a search in lower case finds something by its code, its name, or the initials of its pinyin.
#[must_use]
pub fn matches(wanted: &str, code: &str, name: &str) -> bool {
    if code.to_lowercase().contains(wanted) || name.to_lowercase().contains(wanted) {
        return true;
    }
    wanted.len() > 1 && wanted.bytes().all(|byte| byte.is_ascii_lowercase()) && initials(name).contains(wanted)
}

fn initials(name: &str) -> String {
    name.chars()
        .filter_map(|c| match c.to_pinyin() {
            Some(pinyin) => pinyin.first_letter().chars().next(),
            None => c.is_ascii_alphanumeric().then(|| c.to_ascii_lowercase()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn industries_are_found_by_code_name_and_initials() {
        let library = Library::load(None).unwrap();
        let found = |wanted: &str| -> Vec<String> {
            all(&library).into_iter().filter(|one| matches(wanted, &one.code, &one.name)).map(|one| one.code).collect()
        };
        assert!(found("c3360").contains(&"C3360".to_owned()));
        assert!(found("金属表面处理").contains(&"C3360".to_owned()));
        assert!(found("jsbmcl").contains(&"C3360".to_owned()));
        assert_eq!(codes(&library).len(), 1381);
        let one = all(&library).into_iter().find(|one| one.code == "C3360").unwrap();
        assert!(one.path.starts_with("制造业 › "), "{}", one.path);
    }
}
