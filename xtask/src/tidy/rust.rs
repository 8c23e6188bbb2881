//! What the Rust of a crate may name: no clock or file in a pure crate, no foreign quarantine.

use super::arrows::{DATAFUSION_OWNERS, PURE, QUARANTINES, owned};
use super::{File, Finding};

/// Paths of the standard library that a pure crate may not name.
const NOT_PURE: [&str; 8] = [
    "std::fs",
    "std::net",
    "std::process",
    "std::env::var",
    "std::io::stdin",
    "std::io::stdout",
    "std::time::SystemTime",
    "std::time::Instant",
];

/// Calls that read a clock or roll an unseeded die, whatever path they were imported by.
const IMPURE_CALLS: [&str; 10] = [
    "SystemTime::now",
    "Instant::now",
    "Zoned::now",
    "Timestamp::now",
    "Date::now",
    "DateTime::now",
    "from_os_rng",
    "from_entropy",
    "thread_rng",
    "rand::rng()",
];

/// What DataFusion hands on.
const REEXPORTED: [&str; 2] = ["arrow", "parquet"];

/// Checks one source file of a crate; tests inside it and beside it may do more.
pub(super) fn check(file: &File, findings: &mut Vec<Finding>) {
    let Some(text) = file.text.as_deref() else {
        return;
    };
    let Some((name, inner)) = file.path.strip_prefix("crates/").and_then(|p| p.split_once('/')) else {
        return;
    };
    if !inner.starts_with("src/") || file.extension() != "rs" || inner.ends_with("/tests.rs") {
        return;
    }
    let code = code_lines(text);
    for (line, code) in &code {
        for (library, owners) in QUARANTINES {
            let module = library.replace('-', "_");
            // Nobody depends on these two; who has DataFusion has its re-exports of them.
            let owners = if REEXPORTED.contains(&library) { DATAFUSION_OWNERS } else { owners };
            if !owners.contains(&name) && names(code, &format!("{module}::")) {
                let what = format!("`{name}` names `{module}`: {}", owned(library, owners));
                findings.push(Finding::at_line("quarantine", &file.path, *line, what));
            }
        }
        if PURE.contains(&name) {
            for banned in NOT_PURE.iter().chain(&IMPURE_CALLS) {
                if names(code, banned) {
                    findings.push(not_pure(file, *line, name, banned));
                }
            }
        }
    }
    if PURE.contains(&name) {
        for (line, path) in imports(&code) {
            let short = NOT_PURE.iter().find(|banned| {
                path.strip_prefix(**banned).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
            });
            // A plain `use std::fs;` was found above; this finds `use std::{fs, …};`.
            if let Some(banned) = short
                && !code.iter().any(|(at, code)| *at == line && names(code, banned))
            {
                findings.push(not_pure(file, line, name, banned));
            }
        }
    }
}

fn not_pure(file: &File, line: usize, name: &str, banned: &str) -> Finding {
    let what = format!("`{name}` is pure and may not name `{banned}`: take it as a value");
    Finding::at_line("pure", &file.path, line, what)
}

/// The lines before the tests of a file, without comments.
fn code_lines(text: &str) -> Vec<(usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
        .map(|(number, line)| (number, line.split("//").next().unwrap_or_default()))
        .filter(|(_, line)| !line.trim().is_empty())
        .collect()
}

/// Tells whether `code` holds `path` as words of its own: `axum::` is not in `my_axum::`.
fn names(code: &str, path: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(path).any(|(at, _)| {
        let before = code[..at].chars().next_back().is_none_or(|c| !word(c));
        let after = path.ends_with(':') || code[at + path.len()..].chars().next().is_none_or(|c| !word(c));
        before && after
    })
}

/// All paths that `use` brings in, with the line where the statement starts.
fn imports(code: &[(usize, &str)]) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (number, line) in code {
        let line = line.trim();
        if open.is_none() {
            let line = line.strip_prefix("pub(crate) ").unwrap_or(line);
            let line = line.strip_prefix("pub ").unwrap_or(line);
            if let Some(rest) = line.strip_prefix("use ") {
                open = Some((*number, rest.to_owned()));
            }
        } else if let Some((_, statement)) = &mut open {
            statement.push_str(line);
        }
        if let Some((start, statement)) = open.take_if(|(_, statement)| statement.ends_with(';')) {
            let mut paths = Vec::new();
            expand("", statement.trim_end_matches(';'), &mut paths);
            out.extend(paths.into_iter().map(|path| (start, path)));
        }
    }
    out
}

/// Expands `std::{fs, time::{Instant, Duration}}` below `prefix`.
fn expand(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    let tree = tree.trim();
    let tree = tree.split_once(" as ").map_or(tree, |(path, alias)| {
        // `a::{b as c, d}` has its alias inside the group
        if alias.contains('}') { tree } else { path }
    });
    match tree.split_once('{') {
        Some((head, group)) => {
            let group = group.strip_suffix('}').unwrap_or(group);
            let prefix = format!("{prefix}{head}");
            let mut depth = 0_u32;
            let parts = group.split(|c| {
                match c {
                    '{' => depth += 1,
                    '}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                c == ',' && depth == 0
            });
            for part in parts.filter(|part| !part.trim().is_empty()) {
                expand(&prefix, part, paths);
            }
        }
        None => paths.push(format!("{prefix}{tree}").trim_end_matches("::self").to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let mut findings = Vec::new();
        check(&File::of(path, text), &mut findings);
        findings.iter().map(|finding| format!("{} {}", finding.rule, finding.at)).collect()
    }

    #[test]
    fn pure_crates_name_no_file_and_no_clock() {
        let path = "crates/norms/src/lib.rs";
        assert_eq!(found(path, "\nuse std::fs;"), ["pure crates/norms/src/lib.rs:2"]);
        assert_eq!(found(path, "let t = jiff::Zoned::now();").len(), 1);
        assert_eq!(found(path, "use std::{\n  collections::BTreeMap,\n  fs,\n};").len(), 1);
        assert_eq!(found(path, "use std::time::{Duration, Instant};").len(), 1);
        assert!(found(path, "use std::time::Duration; // not std::time::Instant").is_empty());
        assert!(found(path, "fn a() {}\n#[cfg(test)]\nmod tests { use std::fs; }").is_empty());
        assert!(found("crates/lake/src/lib.rs", "use std::fs;").is_empty());
        assert!(found("crates/norms/tests/all.rs", "use std::fs;").is_empty());
    }

    #[test]
    fn a_quarantine_is_not_named_through_a_back_door() {
        let path = "crates/server/src/api.rs";
        assert_eq!(found(path, "use lake::datafusion::prelude::*;").len(), 1);
        assert!(found(path, "use axum::Router;").is_empty());
        assert!(found(path, "let datafusion = 1; my_parquet::open();").is_empty());
        assert_eq!(found("crates/exchange/src/a.rs", "deltalake::open()").len(), 1);
        assert!(found("crates/exchange/src/a.rs", "datafusion::arrow::array::Array").is_empty());
    }

    #[test]
    fn trees_of_use_are_expanded() {
        let mut paths = Vec::new();
        expand("", "std::{fs::{self, File}, io as other, time::{Instant as I}}", &mut paths);
        assert_eq!(paths, ["std::fs", "std::fs::File", "std::io", "std::time::Instant"]);
    }
}
