//! The rules of the house as code: `cargo xtask tidy`, and a test, so that no rule is hidden in CI.

mod arrows;
mod data;
mod docs;
mod features;
mod rust;
mod text;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::tools;

/// One broken rule at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) rule: &'static str,
    /// `path` or `path:line`, from the root of the workspace.
    pub(crate) at: String,
    pub(crate) what: String,
}

impl Finding {
    fn new(rule: &'static str, at: impl Into<String>, what: impl Into<String>) -> Self {
        Self { rule, at: at.into(), what: what.into() }
    }

    /// At a line of a file, counted from 0 as iterators do.
    fn at_line(rule: &'static str, path: &str, line: usize, what: impl Into<String>) -> Self {
        Self::new(rule, format!("{path}:{}", line + 1), what)
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} ({})", self.at, self.what, self.rule)
    }
}

/// A file that git keeps, or would keep.
pub(crate) struct File {
    /// From the root of the workspace, with `/`.
    pub(crate) path: String,
    pub(crate) bytes: u64,
    /// Absent when the file is no UTF-8 text.
    pub(crate) text: Option<String>,
}

impl File {
    fn extension(&self) -> &str {
        extension(&self.path)
    }

    #[cfg(test)]
    fn of(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), bytes: text.len() as u64, text: Some(text.to_owned()) }
    }
}

fn extension(path: &str) -> &str {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// Runs all rules as a command.
pub(crate) fn run() -> Result<ExitCode> {
    let findings = check(&tools::root())?;
    findings.iter().for_each(|finding| println!("{finding}"));
    println!("tidy: {} findings", findings.len());
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs all rules as a step of CI.
pub(crate) fn check_and_print(root: &Path) -> Result<()> {
    let findings = check(root)?;
    findings.iter().for_each(|finding| println!("{finding}"));
    if !findings.is_empty() {
        bail!("cargo xtask tidy: {} findings", findings.len());
    }
    Ok(())
}

/// Runs all rules.
pub(crate) fn check(root: &Path) -> Result<Vec<Finding>> {
    let files = files(root)?;
    let mut findings = Vec::new();
    for file in &files {
        text::check(file, &mut findings);
        data::check(file, &mut findings);
        rust::check(file, &mut findings);
    }
    docs::check(root, &files, &mut findings);
    data::check_lock(&files, &mut findings);
    arrows::check(&tools::metadata(root)?, &mut findings)?;
    features::check(root, &mut findings)?;
    generated_are_fresh(root, &files, &mut findings)?;
    findings.sort_by(|a, b| a.at.cmp(&b.at));
    Ok(findings)
}

/// Compares the committed API document with what the program prints, when the program is built and current.
///
/// A test of the server compares them always; this says it sooner.
fn generated_are_fresh(root: &Path, files: &[File], findings: &mut Vec<Finding>) -> Result<()> {
    const DOCUMENT: &str = "openapi/yundang.json";
    let Some(committed) = files.iter().find(|file| file.path == DOCUMENT) else {
        return Ok(());
    };
    let program = tools::program(root)?;
    let changed = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
    let newest_source = files
        .iter()
        .filter(|file| file.path.starts_with("crates/") && file.extension() == "rs")
        .filter_map(|file| changed(&root.join(&file.path)))
        .max();
    if !program.exists() || changed(&program) < newest_source {
        return Ok(());
    }
    let printed = tools::output(Command::new(program).arg("openapi"))?;
    if committed.text.as_deref().map(str::trim) != Some(String::from_utf8_lossy(&printed).trim()) {
        findings.push(Finding::new(
            "generated",
            DOCUMENT,
            "is not what `yundang openapi` prints: run `cargo xtask bless`",
        ));
    }
    Ok(())
}

/// Reads every file that git keeps or would keep; without git, every file that is no product of a build.
fn files(root: &Path) -> Result<Vec<File>> {
    let mut paths = match listed_by_git(root) {
        Some(paths) => paths,
        None => {
            let mut paths = Vec::new();
            walk(root, "", &mut paths)?;
            paths
        }
    };
    paths.sort();
    paths.dedup();
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        let full = root.join(&path);
        // Removed but not yet committed, or a link.
        if !full.symlink_metadata().is_ok_and(|data| data.is_file()) {
            continue;
        }
        let content = std::fs::read(&full).with_context(|| path.clone())?;
        files.push(File {
            path,
            bytes: content.len() as u64,
            text: String::from_utf8(content).ok().filter(|text| !text.contains('\0')),
        });
    }
    Ok(files)
}

fn listed_by_git(root: &Path) -> Option<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let names = output.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    output.status.success().then(|| names.map(|name| String::from_utf8_lossy(name).into_owned()).collect())
}

fn walk(root: &Path, below: &str, paths: &mut Vec<String>) -> Result<()> {
    const SKIPPED: [&str; 6] = [".git", "target", "node_modules", "dist", "yundang-data", ".venv"];
    for entry in std::fs::read_dir(root.join(below))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if SKIPPED.contains(&name.as_str()) {
            continue;
        }
        let path: PathBuf = Path::new(below).join(&name);
        let path = path.to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            walk(root, &path, paths)?;
        } else {
            paths.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_repository_is_tidy() {
        let findings = check(&tools::root()).unwrap();
        let lines: Vec<_> = findings.iter().map(ToString::to_string).collect();
        assert!(lines.is_empty(), "\n{}", lines.join("\n"));
    }

    #[test]
    fn without_git_the_folder_is_walked() {
        let root = tools::root().join("xtask");
        let mut paths = Vec::new();
        walk(&root, "", &mut paths).unwrap();
        assert!(paths.contains(&"src/tidy.rs".to_owned()));
    }
}
