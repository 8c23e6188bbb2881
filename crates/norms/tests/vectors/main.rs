//! The worked examples of the standards and of published bulletins, against the shipped tables.
//! Tests are named after the clause that they prove.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod air;
mod carbon;
mod discharge;
mod litter;
mod noise;
mod soil;
mod water;

use norms::{NormFile, Norms};
use std::path::Path;

fn shipped() -> Norms {
    Norms::load(&files()).expect("the shipped tables are whole")
}

fn files() -> Vec<NormFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../norms");
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
                files.push(NormFile { path: name, text: std::fs::read_to_string(&path).unwrap() });
            }
        }
    }
    files
}

/// The error of the shipped tables after one text in one file became another.
fn refused(path: &str, text: &str, lie: &str) -> norms::LoadError {
    let mut files = files();
    let file = files.iter_mut().find(|file| file.path == path).unwrap();
    assert!(file.text.contains(text), "{path} has no “{text}”");
    file.text = file.text.replacen(text, lie, 1);
    let mut errors = Norms::load(&files).expect_err(lie);
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!(errors[0].file, path);
    errors.remove(0)
}
