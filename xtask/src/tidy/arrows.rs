//! Which crate may see which: the walls and the quarantines of ARCHITECTURE.md.

use anyhow::{Context, Result};
use serde_json::Value;

use super::Finding;

/// What each crate of ours may depend on, among ours. A crate that is not here may see nothing.
const ARROWS: [(&str, &[&str]); 15] = [
    ("norms", &[]),
    ("basin", &["norms"]),
    ("hj212", &[]),
    ("zoning", &["norms"]),
    ("casework", &["norms"]),
    ("accounts", &["norms"]),
    ("indicators", &["norms"]),
    ("lake", &["norms"]),
    ("records", &["casework", "accounts", "zoning", "norms"]),
    ("exchange", &["zoning", "norms"]),
    ("report", &["indicators", "norms"]),
    ("gateway", &["hj212", "lake", "records", "norms"]),
    ("simulator", &["norms", "hj212", "zoning", "casework", "accounts", "indicators"]),
    (
        "server",
        &[
            "norms",
            "basin",
            "hj212",
            "zoning",
            "casework",
            "accounts",
            "indicators",
            "lake",
            "records",
            "exchange",
            "report",
            "gateway",
            "simulator",
        ],
    ),
    ("xtask", &[]),
];

/// The crates that see no clock, file, socket or chance.
pub(super) const PURE: [&str; 8] =
    ["norms", "basin", "hj212", "zoning", "casework", "accounts", "indicators", "simulator"];

/// Sessions and tables in one, columns of files in the other.
pub(super) const DATAFUSION_OWNERS: &[&str] = &["lake", "exchange"];

/// Heavy libraries and the only crates that may name them. A library stands for its family:
/// `datafusion` also for `datafusion-common`.
pub(super) const QUARANTINES: [(&str, &[&str]); 12] = [
    ("datafusion", DATAFUSION_OWNERS),
    ("deltalake", &["lake"]),
    ("object_store", &["lake"]),
    // Always through DataFusion's re-exports, so that there is one version.
    ("arrow", &[]),
    ("parquet", &[]),
    ("axum", &["server"]),
    ("hyper", &["server"]),
    ("calamine", &["exchange"]),
    ("sqlx", &["records", "exchange"]),
    ("typst", &["report"]),
    ("docx-rs", &["report"]),
    ("clap", &["server"]),
];

/// Libraries that bring a clock, a file, a socket, a thread pool or chance.
const NOT_PURE: [&str; 14] = [
    "tokio",
    "async-std",
    "smol",
    "futures",
    "reqwest",
    "ureq",
    "tower",
    "rusqlite",
    "tempfile",
    "memmap2",
    "chrono",
    "getrandom",
    "fastrand",
    "uuid",
];

/// Chance with a seed from outside is what the simulator is made of; elsewhere it has no place.
const SEEDED: [&str; 2] = ["rand", "rand_chacha"];

/// Checks the dependencies that `cargo metadata --no-deps` tells.
pub(super) fn check(metadata: &Value, findings: &mut Vec<Finding>) -> Result<()> {
    let packages = metadata["packages"].as_array().context("cargo metadata without packages")?;
    let ours: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    for package in packages {
        let name = package["name"].as_str().context("a package without a name")?;
        let at = if name == "xtask" { "xtask/Cargo.toml".to_owned() } else { format!("crates/{name}/Cargo.toml") };
        let mut report = |rule, what| findings.push(Finding::new(rule, at.clone(), what));
        let Some((_, seen)) = ARROWS.iter().find(|(from, _)| *from == name) else {
            report("arrows", format!("`{name}` is not in the table of arrows of xtask tidy"));
            continue;
        };
        let manifest = package["manifest_path"].as_str().unwrap_or_default();
        if !manifest.ends_with(&at) {
            report("arrows", format!("the crate `{name}` is not in the folder of its name"));
        }
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let on = dependency["name"].as_str().context("a dependency without a name")?;
            let for_tests = dependency["kind"] == "dev";
            if ours.contains(&on) {
                if !for_tests && !seen.contains(&on) {
                    report("arrows", format!("`{name}` may not see `{on}`"));
                }
                continue;
            }
            if let Some((library, owners)) = quarantine(on)
                && !owners.contains(&name)
            {
                report("quarantine", format!("`{name}` may not name `{on}`: {}", owned(library, owners)));
            }
            if PURE.contains(&name) && !for_tests {
                if NOT_PURE.contains(&on) {
                    report("pure", format!("`{name}` is pure and may not depend on `{on}`"));
                }
                if SEEDED.contains(&on) && name != "simulator" {
                    report("pure", format!("`{name}` is pure and may not roll dice with `{on}`"));
                }
            }
        }
    }
    Ok(())
}

fn quarantine(library: &str) -> Option<(&'static str, &'static [&'static str])> {
    QUARANTINES.iter().copied().find(|(heavy, _)| {
        library.strip_prefix(heavy).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
    })
}

/// Says who owns a heavy library.
pub(super) fn owned(library: &str, owners: &[&str]) -> String {
    if owners.is_empty() {
        format!("no crate names `{library}`")
    } else {
        format!("`{library}` belongs to {}", owners.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(name: &str, dependencies: &[(&str, &str)]) -> Vec<String> {
        let dependencies: Vec<_> = dependencies
            .iter()
            .map(|(on, kind)| json!({"name": on, "kind": if kind.is_empty() { Value::Null } else { json!(kind) }}))
            .collect();
        let package = |name: &str, dependencies: Vec<Value>| json!({"name": name, "manifest_path": format!("/x/crates/{name}/Cargo.toml"), "dependencies": dependencies});
        let metadata = json!({"packages": [
            package(name, dependencies), package("lake", vec![]), package("norms", vec![]),
        ]});
        let mut findings = Vec::new();
        check(&metadata, &mut findings).unwrap();
        findings.iter().map(|finding| finding.rule.to_owned()).collect()
    }

    #[test]
    fn arrows_point_one_way() {
        assert!(found("indicators", &[("norms", "")]).is_empty());
        assert_eq!(found("indicators", &[("lake", "")]), ["arrows"]);
        assert_eq!(found("records", &[("lake", "")]), ["arrows"]);
        assert!(found("server", &[("lake", ""), ("norms", "")]).is_empty());
        assert!(found("indicators", &[("lake", "dev")]).is_empty(), "a test may look further");
        assert_eq!(found("newcomer", &[]), ["arrows"]);
    }

    #[test]
    fn heavy_libraries_stay_in_quarantine() {
        assert!(found("exchange", &[("datafusion", "")]).is_empty());
        assert_eq!(found("server", &[("datafusion", "")]), ["quarantine"]);
        assert_eq!(found("server", &[("datafusion-common", "")]), ["quarantine"]);
        assert_eq!(found("exchange", &[("deltalake", "dev")]), ["quarantine"]);
        assert_eq!(found("gateway", &[("axum", "")]), ["quarantine"]);
        assert_eq!(found("server", &[("sqlx", "")]), ["quarantine"]);
        assert!(found("server", &[("hyper-util", ""), ("arrowhead", "")]).is_empty());
    }

    #[test]
    fn pure_crates_see_no_runtime_and_no_chance() {
        assert_eq!(found("indicators", &[("tokio", "")]), ["pure"]);
        assert!(found("indicators", &[("tempfile", "dev")]).is_empty());
        assert_eq!(found("indicators", &[("rand", "")]), ["pure"]);
        assert!(found("simulator", &[("rand", "")]).is_empty());
    }
}
