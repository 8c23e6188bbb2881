//! Rules for data: norms have a source, sizes have a meaning, locks have no git.

use toml::{Table, Value};

use super::{File, Finding};

/// How sure we are of a number in a norm.
const CONFIDENCES: [&str; 2] = ["verified", "memory"];

/// Checks one file.
pub(super) fn check(file: &File, findings: &mut Vec<Finding>) {
    let Some(text) = file.text.as_deref() else {
        return;
    };
    let is_norm = file.path.starts_with("norms/") && file.extension() == "toml";
    let is_sizes = file.path == "tests/sizes.toml";
    if !is_norm && !is_sizes {
        return;
    }
    match text.parse::<Table>() {
        Ok(table) if is_norm => norm(&file.path, &table, findings),
        Ok(table) => sizes(&file.path, &table, findings),
        Err(error) => {
            let what = error.message().to_owned();
            findings.push(Finding::new("data", &file.path, what));
        }
    }
}

/// An instrument says where it comes from and how sure we are, and no part of it says less.
fn norm(path: &str, table: &Table, findings: &mut Vec<Finding>) {
    let sourced = |table: &Table| text(table, "source") && text(table, "confidence");
    let heads = table.values().filter_map(Value::as_table);
    if !sourced(table) && !heads.into_iter().any(sourced) {
        let what = "no `source` with `confidence` for the file as a whole";
        findings.push(Finding::new("norms", path, what));
    }
    confidences(path, table, findings);
}

fn text(table: &Table, key: &str) -> bool {
    table.get(key).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty())
}

/// Every `confidence` in the tree is one of the words that the pages know.
fn confidences(path: &str, table: &Table, findings: &mut Vec<Finding>) {
    for (key, value) in table {
        match value {
            Value::String(word) => {
                let tells = key == "confidence" || key.ends_with("_confidence");
                if tells && !CONFIDENCES.contains(&word.as_str()) {
                    let known = CONFIDENCES.join(" or ");
                    let what = format!("`{key}` is {known}, not \"{word}\"");
                    findings.push(Finding::new("norms", path, what));
                }
            }
            Value::Table(inner) => confidences(path, inner, findings),
            Value::Array(items) => {
                for inner in items.iter().filter_map(Value::as_table) {
                    confidences(path, inner, findings);
                }
            }
            _ => {}
        }
    }
}

/// Every proof says what it counts, and `full` is no less than `ci`.
fn sizes(path: &str, table: &Table, findings: &mut Vec<Finding>) {
    for (name, entry) in table {
        let size = |key| entry.get(key).and_then(Value::as_integer);
        let told = entry.as_table().is_some_and(|entry| text(entry, "what"));
        let sound = matches!((size("ci"), size("full")), (Some(ci), Some(full)) if 0 < ci && ci <= full);
        if !told || !sound {
            let what = format!("`{name}` needs `what`, `ci` above 0 and `full` of at least `ci`");
            findings.push(Finding::new("sizes", path, what));
        }
    }
}

/// Checks that every crate comes from the registry or from here.
pub(super) fn check_lock(files: &[File], findings: &mut Vec<Finding>) {
    let Some(lock) = files.iter().find(|file| file.path == "Cargo.lock") else {
        findings.push(Finding::new("lock", "Cargo.lock", "is missing: it belongs into git"));
        return;
    };
    for (number, line) in lock.text.as_deref().unwrap_or_default().lines().enumerate() {
        if line.starts_with("source = \"git+") {
            let what = "a crate from git cannot be fetched everywhere, nor kept";
            findings.push(Finding::at_line("lock", &lock.path, number, what));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        let mut findings = Vec::new();
        check(&File::of(path, text), &mut findings);
        findings.len()
    }

    #[test]
    fn norms_have_source_and_confidence() {
        let path = "norms/gb3095/2012.toml";
        let good = "[instrument]\nsource = \"GB 3095-2012\"\nconfidence = \"verified\"\n";
        assert_eq!(found(path, good), 0);
        assert_eq!(found(path, "source = \"a\"\nconfidence = \"memory\"\n"), 0);
        assert_eq!(found(path, "[instrument]\nsource = \"GB 3095-2012\"\n"), 1);
        assert_eq!(found(path, &format!("{good}[[x]]\nconfidence = \"sure\"\n")), 1);
        assert_eq!(found(path, &format!("{good}y = [{{ a_confidence = \"\" }}]\n")), 1);
        assert_eq!(found(path, "= 1"), 1, "a file that cannot be read is a finding");
        assert_eq!(found("cities/xiamen/city.toml", "a = 1\n"), 0);
    }

    #[test]
    fn sizes_mean_something() {
        let path = "tests/sizes.toml";
        assert_eq!(found(path, "[a]\nwhat = \"rows\"\nci = 1\nfull = 2\n"), 0);
        assert_eq!(found(path, "[a]\nwhat = \"rows\"\nci = 3\nfull = 2\n"), 1);
        assert_eq!(found(path, "[a]\nci = 1\nfull = 2\n"), 1);
        assert_eq!(found(path, "[a]\nwhat = \"rows\"\nci = 1\n"), 1);
    }

    #[test]
    fn a_crate_from_git_is_a_finding() {
        let mut findings = Vec::new();
        check_lock(&[File::of("Cargo.lock", "source = \"registry+x\"\n")], &mut findings);
        assert!(findings.is_empty());
        check_lock(&[File::of("Cargo.lock", "source = \"git+https://x\"\n")], &mut findings);
        check_lock(&[], &mut findings);
        assert_eq!(findings.len(), 2);
    }
}
