//! Rules for papers: links lead somewhere, the README shows the two commands, the glossary is a table.

use std::collections::BTreeSet;
use std::path::Path;

use super::{File, Finding};

/// The papers that show a newcomer the way in.
const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];
const COMMANDS: [&str; 2] = ["cargo xtask demo", "cargo xtask ci"];
const GLOSSARY: &str = "GLOSSARY.md";

/// Checks all papers of the repository.
pub(super) fn check(root: &Path, files: &[File], findings: &mut Vec<Finding>) {
    for file in files.iter().filter(|file| file.extension() == "md") {
        links(root, file, files, findings);
    }
    for name in READMES {
        let text = text_of(files, name);
        for command in COMMANDS {
            if !text.is_some_and(|text| text.contains(command)) {
                findings.push(Finding::new("readme", name, format!("does not show `{command}`")));
            }
        }
    }
    match text_of(files, GLOSSARY) {
        Some(text) => glossary(text, findings),
        None => findings.push(Finding::new("glossary", GLOSSARY, "is missing")),
    }
}

fn text_of<'a>(files: &'a [File], path: &str) -> Option<&'a str> {
    files.iter().find(|file| file.path == path)?.text.as_deref()
}

fn links(root: &Path, file: &File, files: &[File], findings: &mut Vec<Finding>) {
    let text = file.text.as_deref().unwrap_or_default();
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    for (line, target) in targets(text) {
        if target.contains("://") || target.starts_with("mailto:") {
            continue;
        }
        let (path, anchor) = match target.split_once('#') {
            Some((path, anchor)) => (path, Some(anchor)),
            None => (target.as_str(), None),
        };
        let path = if path.is_empty() { file.path.clone() } else { joined(folder, &path.replace("%20", " ")) };
        if !root.join(&path).exists() && !files.iter().any(|file| file.path == path) {
            let what = format!("the link `{target}` leads nowhere");
            findings.push(Finding::at_line("links", &file.path, line, what));
            continue;
        }
        if let (Some(anchor), Some(text)) = (anchor, text_of(files, &path))
            && extension_is_md(&path)
            && !headings(text).contains(anchor)
        {
            let what = format!("no heading of {path} is `#{anchor}`");
            findings.push(Finding::at_line("links", &file.path, line, what));
        }
    }
}

fn extension_is_md(path: &str) -> bool {
    super::extension(path) == "md"
}

/// `docs/develop` and `../a.md` make `docs/a.md`.
fn joined(folder: &str, path: &str) -> String {
    let whole = match path.strip_prefix('/') {
        Some(from_root) => from_root.to_owned(),
        None => format!("{folder}/{path}"),
    };
    let mut parts = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                // Above the root nothing is ours: kept, so that it is found missing.
                if parts.pop().is_none() {
                    parts.push("..");
                }
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The lines of a paper that are prose: no code block.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut code = false;
    text.lines().enumerate().filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        if fence {
            code = !code;
        }
        !fence && !code
    })
}

/// The targets of `[text](target)` and of `[name]: target`.
fn targets(text: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    for (number, line) in prose(text) {
        let line = without_code(line);
        for rest in line.split("](").skip(1) {
            if let Some((target, _)) = rest.split_once(')') {
                // `(target "title")`
                let target = target.split_whitespace().next().unwrap_or_default();
                out.push((number, target.trim_matches(['<', '>']).to_owned()));
            }
        }
        if let Some((name, target)) = line.split_once("]: ")
            && name.starts_with('[')
            && !name.starts_with("[^")
        {
            let target = target.split_whitespace().next().unwrap_or_default();
            out.push((number, target.to_owned()));
        }
    }
    out
}

/// A line without what stands between back-ticks.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// The anchors of a paper, as GitHub makes them of headings.
fn headings(text: &str) -> BTreeSet<String> {
    prose(text)
        .filter_map(|(_, line)| line.strip_prefix('#'))
        .map(|line| {
            line.trim_start_matches('#')
                .trim()
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect()
        })
        .collect()
}

/// A glossary is made of tables with a term in the first column, each term once, no empty cell.
fn glossary(text: &str, findings: &mut Vec<Finding>) {
    let mut terms = BTreeSet::new();
    let mut columns = None;
    for (number, line) in text.lines().enumerate() {
        let mut report = |what: String| findings.push(Finding::at_line("glossary", GLOSSARY, number, what));
        let Some(cells) = cells(line) else {
            columns = None;
            continue;
        };
        let Some(wanted) = columns else {
            columns = Some(cells.len());
            if cells.len() < 2 {
                report("a table of terms has a term and its meaning".to_owned());
            }
            continue;
        };
        if cells.iter().all(|cell| !cell.is_empty() && cell.chars().all(|c| matches!(c, '-' | ':'))) {
            continue;
        }
        if cells.len() != wanted {
            report(format!("{} cells; the table has {wanted} columns", cells.len()));
        } else if cells.iter().any(String::is_empty) {
            report("an empty cell".to_owned());
        }
        if let Some(term) = cells.first().filter(|term| !terms.insert((*term).clone())) {
            report(format!("the term `{term}` stands here twice"));
        }
    }
    if terms.is_empty() {
        findings.push(Finding::new("glossary", GLOSSARY, "has no table of terms"));
    }
}

/// The cells of a table row.
fn cells(line: &str) -> Option<Vec<String>> {
    let row = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let row = row.replace("\\|", "\u{1}");
    Some(row.split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD_GLOSSARY: &str =
        "# Terms\n\n| 中文 | term | meaning |\n|---|---|---|\n| 观测 | observation | a value |\n";

    fn found(papers: &[(&str, &str)]) -> Vec<String> {
        let mut files = vec![File::of(GLOSSARY, GOOD_GLOSSARY)];
        files.extend(READMES.map(|name| File::of(name, &COMMANDS.join("\n"))));
        for (path, text) in papers {
            files.retain(|file| file.path != *path);
            files.push(File::of(path, text));
        }
        let mut findings = Vec::new();
        check(Path::new("/nowhere"), &files, &mut findings);
        findings.iter().map(|finding| format!("{} {}", finding.rule, finding.at)).collect()
    }

    #[test]
    fn good_papers_have_no_findings() {
        assert!(found(&[]).is_empty());
    }

    #[test]
    fn links_lead_somewhere() {
        let good = "# A b\n[x](../README.md) [y](#a-b) [z](https://example.org) `[c](d)`\n```\n[e](f)\n```\n";
        assert!(found(&[("docs/a.md", good)]).is_empty());
        assert_eq!(found(&[("docs/a.md", "\n[x](README.md)\n")]), ["links docs/a.md:2"]);
        assert_eq!(found(&[("docs/a.md", "[x](#a-c)\n")]), ["links docs/a.md:1"]);
        assert_eq!(found(&[("docs/a.md", "[x](../README.md#none)\n")]), ["links docs/a.md:1"]);
        assert_eq!(found(&[("docs/a.md", "[x]: ../../b.md\n")]), ["links docs/a.md:1"]);
    }

    #[test]
    fn the_readme_shows_both_commands() {
        assert_eq!(found(&[("README.md", "cargo xtask demo\n")]), ["readme README.md"]);
    }

    #[test]
    fn the_glossary_is_a_table_of_terms() {
        assert_eq!(found(&[(GLOSSARY, "no table\n")]).len(), 1);
        let row = |row: &str| found(&[(GLOSSARY, &format!("{GOOD_GLOSSARY}{row}\n"))]).len();
        assert_eq!(row("| 标准 | norm | what the law says |"), 0);
        assert_eq!(row("| 标准 | norm |"), 1);
        assert_eq!(row("| 标准 | | what the law says |"), 1);
        assert_eq!(row("| 观测 | observation | again |"), 1);
        assert_eq!(row("| 或 | or | `a \\| b` |"), 0);
    }
}
