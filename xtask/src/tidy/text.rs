//! Rules for every text: names, words, length, white space, size.

use super::{File, Finding};

/// Lines of a source file at most: one idea a file.
const LINES_MAX: usize = 900;

/// Bytes of a file in git at most.
const BYTES_MAX: u64 = 2_000_000;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 7] = ["util", "utils", "common", "manager", "helper", "helpers", "misc"];

/// Texts that are written by hand here, so that their white space is ours.
const WRITTEN: [&str; 19] = [
    "rs",
    "ts",
    "mts",
    "js",
    "mjs",
    "vue",
    "css",
    "html",
    "json",
    "toml",
    "md",
    "yml",
    "yaml",
    "sh",
    "py",
    "sql",
    "editorconfig",
    "gitignore",
    "gitattributes",
];

/// Checks one file.
pub(super) fn check(file: &File, findings: &mut Vec<Finding>) {
    if file.bytes > BYTES_MAX {
        let what = format!("{} bytes; at most {BYTES_MAX} belong into git", file.bytes);
        findings.push(Finding::new("size", &file.path, what));
    }
    name(file, findings);
    let Some(text) = file.text.as_deref() else {
        return;
    };
    words(&file.path, text, findings);
    length(file, text, findings);
    white_space(file, text, findings);
}

fn is_source(file: &File) -> bool {
    matches!(file.extension(), "rs" | "ts" | "mts" | "js" | "mjs" | "vue" | "css" | "py" | "sql")
}

/// From outside or made by a program: kept as it came.
fn is_foreign(path: &str) -> bool {
    path.starts_with("testdata/") || path.contains("/testdata/") || path.ends_with(".snap")
}

fn is_lock(path: &str) -> bool {
    path.ends_with("Cargo.lock") || path.ends_with("package-lock.json")
}

fn name(file: &File, findings: &mut Vec<Finding>) {
    if !is_source(file) {
        return;
    }
    for part in file.path.split('/') {
        let stem = part.split('.').next().unwrap_or_default().to_lowercase();
        let last = stem.rsplit(['_', '-']).next().unwrap_or_default();
        if EMPTY_NAMES.contains(&last) {
            let what = format!("`{part}` says nothing about what is inside: name it after its noun");
            findings.push(Finding::new("names", &file.path, what));
        }
    }
}

/// Words that have no business in the product, in pieces, so that this file does not hold them.
struct Needles {
    /// Whole words, in any case.
    words: Vec<String>,
    /// Whole words, in this case.
    cased: Vec<String>,
    /// Starts of absolute paths of one machine.
    paths: Vec<String>,
    /// Hosts of package registries.
    hosts: Vec<String>,
}

impl Needles {
    fn new() -> Self {
        let join = |parts: &[&str]| parts.concat();
        Self {
            words: vec![
                join(&["ag", "ent"]),
                join(&["ag", "ents"]),
                join(&["sub", "ag", "ent"]),
                join(&["session ", "transcript"]),
                join(&["language ", "model"]),
                join(&["chat", "bot"]),
            ],
            cased: vec![join(&["LL", "M"]), join(&["LL", "Ms"])],
            paths: vec![
                join(&["/wo", "rk/"]),
                join(&["/fa", "rm/"]),
                join(&["/ro", "ot/"]),
                join(&["/tmp/", "contract"]),
                join(&["../", "sha", "red/"]),
            ],
            hosts: vec![
                join(&["crates", ".io"]),
                join(&["pypi", ".org"]),
                join(&["python", "hosted.org"]),
                join(&["npm", "js.org"]),
                join(&["npm", "js.com"]),
            ],
        }
    }
}

fn words(path: &str, text: &str, findings: &mut Vec<Finding>) {
    let needles = Needles::new();
    for (number, line) in text.lines().enumerate() {
        let mut report = |rule, what: String| {
            findings.push(Finding::at_line(rule, path, number, what));
        };
        let lower = line.to_lowercase();
        // A lock file names the packages of others; where they come from is the registry's default.
        if is_lock(path) {
            if lower.contains("\"resolved\"") {
                report("hosts", "a lock file names no download addresses".to_owned());
            }
            continue;
        }
        for word in &needles.words {
            if whole_words(&lower, word).any(|at| !lower[..at].ends_with(USER)) {
                report("words", format!("`{word}` has no place in the product"));
            }
        }
        for word in &needles.cased {
            if whole_words(line, word).next().is_some() {
                report("words", format!("`{word}` has no place in the product"));
            }
        }
        for start in &needles.paths {
            let is_start = |at: usize| {
                line[..at]
                    .chars()
                    .next_back()
                    .is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '.' | '/' | '_' | '-' | '~' | '}' | ')'))
            };
            if line.match_indices(start.as_str()).any(|(at, _)| is_start(at)) {
                report("paths", format!("`{start}` is a path of one machine"));
            }
        }
        for host in &needles.hosts {
            if lower.contains(host.as_str()) {
                report("hosts", format!("`{host}` is the host of a package registry"));
            }
        }
    }
}

/// The HTTP header of that name is no one's helper.
const USER: [char; 2] = ['-', '_'];

fn whole_words<'a>(line: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let part = |c: char| c.is_ascii_alphanumeric();
    line.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let before = line[..*at].chars().next_back().is_none_or(|c| !part(c));
        let after = line[at + word.len()..].chars().next().is_none_or(|c| !part(c));
        before && after
    })
}

fn length(file: &File, text: &str, findings: &mut Vec<Finding>) {
    let made = text.lines().take(5).any(|line| line.to_lowercase().contains("generated"));
    let lines = text.lines().count();
    if lines > LINES_MAX && matches!(file.extension(), "rs" | "ts" | "vue") && !made {
        let what = format!("{lines} lines; at most {LINES_MAX}: which second idea is in here?");
        findings.push(Finding::new("length", &file.path, what));
    }
}

fn white_space(file: &File, text: &str, findings: &mut Vec<Finding>) {
    let written = WRITTEN.contains(&file.extension()) || file.path == ".ci/run";
    if !written || is_foreign(&file.path) || is_lock(&file.path) {
        return;
    }
    for (number, line) in text.split('\n').enumerate() {
        let mut report = |what| findings.push(Finding::at_line("white space", &file.path, number, what));
        if line.contains('\t') {
            report("a tab");
        }
        if line.ends_with([' ', '\r']) {
            report("white space at the end of the line");
        }
    }
    if !text.is_empty() && !text.ends_with('\n') {
        findings.push(Finding::new("white space", &file.path, "no line end at the end"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<&'static str> {
        let mut findings = Vec::new();
        check(&File::of(path, text), &mut findings);
        findings.iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn names_say_what_is_inside() {
        assert_eq!(found("crates/lake/src/utils.rs", ""), ["names"]);
        assert_eq!(found("crates/lake/tests/common/mod.rs", ""), ["names"]);
        assert_eq!(found("web/src/date-helpers.ts", ""), ["names"]);
        assert!(found("web/src/air/legend.ts", "").is_empty());
        assert!(found("docs/common.md", "").is_empty());
    }

    #[test]
    fn words_of_the_workshop_stay_out() {
        let needles = Needles::new();
        for word in needles.words.iter().chain(&needles.cased) {
            assert_eq!(found("README.md", &format!("an {word}, once\n")), ["words"], "{word}");
        }
        let word = &needles.words[0];
        assert!(found("a.rs", &format!("\"user-{word}\"\n")).is_empty(), "a header of HTTP");
        assert!(found("a.md", &format!("re{word}s and {word}ure\n")).is_empty(), "part of a word");
        assert!(found("a.md", "sign in: a session of eight hours\n").is_empty());
    }

    #[test]
    fn paths_of_one_machine_stay_out() {
        let needles = Needles::new();
        for path in &needles.paths {
            assert_eq!(found("a.md", &format!("see `{path}x`\n")), ["paths"], "{path}");
        }
        let path = &needles.paths[0];
        assert!(found("a.md", &format!("https://mee.gov.cn{path}x and $HOME{path}\n")).is_empty());
    }

    #[test]
    fn hosts_of_registries_stay_out() {
        for host in &Needles::new().hosts {
            assert_eq!(found("a.md", &format!("from https://{host}/x\n")), ["hosts"]);
            assert!(found("Cargo.lock", &format!("\"registry+{host}\"\n")).is_empty());
        }
        assert_eq!(found("web/package-lock.json", "\"resolved\": \"https://a.b/c.tgz\"\n"), ["hosts"]);
    }

    #[test]
    fn files_have_one_idea_and_fit_into_git() {
        assert_eq!(found("crates/a/src/lib.rs", &"//\n".repeat(901)), ["length"]);
        assert!(found("web/src/types.ts", &format!("// generated\n{}", "//\n".repeat(901))).is_empty());
        assert!(found("norms/a.csv", &"1\n".repeat(901)).is_empty());
        assert_eq!(found("testdata/a.csv", &"1\n".repeat(1_000_001)), ["size"]);
    }

    #[test]
    fn white_space_is_plain() {
        assert_eq!(found("a.rs", "\tx\n"), ["white space"]);
        assert_eq!(found("a.md", "x \n"), ["white space"]);
        assert_eq!(found("a.ts", "x"), ["white space"]);
        assert_eq!(found("a.toml", "x\r\n"), ["white space"]);
        assert!(found("testdata/a.csv", "x \t").is_empty());
        assert!(found("crates/a/tests/snapshots/a.snap", "x \n").is_empty());
    }
}
