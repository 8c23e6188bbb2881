//! Random samples of every medium beside `tests/oracles/media.py`, which works the rules out once more with fractions.

use super::program::{read, yundang};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

type Row = BTreeMap<String, String>;

/// Cells agree as text, as one of several right texts, or as numbers to 10⁻⁹ of themselves.
fn agree(ours: &str, wanted: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    let near = |(a, b): (f64, f64)| (a - b).abs() <= 1e-9 * b.abs().max(1.0);
    wanted.split('|').any(|wanted| wanted == ours) || number(ours).zip(number(wanted)).is_some_and(near)
}

/// Rows by the columns that name them.
fn by_key(rows: Vec<Row>, key: &[&str]) -> BTreeMap<Vec<String>, Row> {
    let count = rows.len();
    let named: BTreeMap<Vec<String>, Row> =
        rows.into_iter().map(|row| (key.iter().map(|column| row[*column].clone()).collect(), row)).collect();
    assert_eq!(named.len(), count, "a row stands twice");
    named
}

/// Set `YUNDANG_PYTHON` to a Python from 3.11 on.
#[test]
fn random_media_agree_with_plain_fractions() {
    let Ok(python) = std::env::var("YUNDANG_PYTHON") else {
        println!("skipped: YUNDANG_PYTHON names no Python");
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (seed, samples) = (super::sizes::seed().to_string(), super::sizes::size("media_oracle_samples").to_string());
    let made = Command::new(python)
        .arg(root.join("tests/oracles/media.py"))
        .arg(root.join("norms"))
        .args([&folder.path().display().to_string(), &seed, &samples])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut compared = 0;
    for run in read(path("runs.csv")) {
        let (medium, level) = (run["medium"].as_str(), run["level"].as_str());
        let (input, output) = (path(&format!("{medium}.csv")), path("out.csv"));
        let ended = yundang(&["assess", medium, "--input", &input, "--output", &output, "--level", level]);
        let told = String::from_utf8_lossy(&ended.stderr);
        // Findings are for what lacks or proves nothing; none is of a value that was not read.
        assert!(matches!(ended.status.code(), Some(0 | 1)), "{told}");
        assert!(!["value_", "time_", "row_", "header", "column_"].iter().any(|code| told.contains(code)), "{told}");
        let key: Vec<&str> = run["key"].split(';').collect();
        let mut ours = by_key(read(&output), &key);
        for (name, wanted) in by_key(read(path(&format!("{medium}-{level}.want.csv"))), &key) {
            let Some(row) = ours.remove(&name) else { panic!("{medium} {level}: no row {name:?}, wanted {wanted:?}") };
            for (column, cell) in &wanted {
                assert!(agree(&row[column], cell), "{medium} {level} {column}\nours {row:?}\nwant {wanted:?}");
            }
            compared += 1;
        }
        assert!(ours.is_empty(), "{medium} {level}: not wanted {:?}", ours.first_key_value());
    }
    println!("{compared} answers compared");
}
