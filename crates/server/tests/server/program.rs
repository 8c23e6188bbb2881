//! The program as a user calls it, and folders of files for it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

/// The rows of a table by the names of its columns.
pub(crate) type Rows = Vec<BTreeMap<String, String>>;

pub(crate) fn yundang(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_yundang")).args(arguments).output().unwrap()
}

pub(crate) fn read(path: impl AsRef<Path>) -> Rows {
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}

/// A folder that goes away with the test.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The names of its files, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}
