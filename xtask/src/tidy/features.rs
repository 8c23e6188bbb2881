//! One feature set: what tests add to the tree of dependencies must not change what was there.
//!
//! Cargo unites the features of what it builds together. If a test library switches on a feature of
//! a library that the program uses too, that library and all above it are built twice: once for
//! `cargo xtask demo`, once for the tests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;

use super::Finding;
use crate::tools;

/// Compares the tree of the program with the tree of the tests.
pub(super) fn check(root: &Path, findings: &mut Vec<Finding>) -> Result<()> {
    let tree = |edges: &str| -> Result<String> {
        let mut cargo = tools::cargo(root);
        cargo.args(["tree", "--quiet", "--workspace", "--edges", edges]);
        cargo.args(["--prefix", "none", "--format", "{p}|{f}"]);
        Ok(String::from_utf8_lossy(&tools::output(&mut cargo)?).into_owned())
    };
    compare(&tree("normal,build")?, &tree("normal,build,dev")?, findings);
    Ok(())
}

fn compare(program: &str, tests: &str, findings: &mut Vec<Finding>) {
    let program = feature_sets(program);
    for (package, sets) in feature_sets(tests) {
        let Some(before) = program.get(package) else {
            continue;
        };
        for set in sets.difference(before) {
            let what =
                format!("tests build `{package}` again with `{set}`: name these features in [workspace.dependencies]");
            findings.push(Finding::new("features", "Cargo.toml", what));
        }
    }
}

/// The feature sets of each package: a library may have one for the program and one for build scripts.
fn feature_sets(tree: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut out: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in tree.lines() {
        let line = line.trim_end_matches(" (*)");
        if let Some((package, features)) = line.split_once('|') {
            out.entry(package).or_default().insert(features);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_that_only_tests_switch_on_is_a_finding() {
        let mut findings = Vec::new();
        let program = "lake v0.1.0 (/x)|\nserde v1.0.1|derive,std\n";
        compare(program, "serde v1.0.1|derive,std (*)\ninsta v1.2.3|json\n", &mut findings);
        assert!(findings.is_empty(), "a new library is no finding: {findings:?}");
        compare(program, "serde v1.0.1|derive,rc,std\n", &mut findings);
        assert_eq!(findings.len(), 1);
    }
}
