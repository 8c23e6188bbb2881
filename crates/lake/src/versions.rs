//! Which version of each table somebody read: the position of an answer, and the way back to it.

use crate::{Lake, LakeError, Table};
use deltalake::DeltaTable;
use deltalake::logstore::commit_uri_from_version;
use object_store::ObjectStoreExt;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// The version of each table. A table that was not there yet has none.
///
/// ```
/// use lake::{Table, Versions};
/// let versions: Versions = "observation@12;station@3".parse().unwrap();
/// assert_eq!(versions.of(Table::Station), Some(3));
/// assert_eq!(versions.to_string(), "observation@12;station@3");
/// assert!("weather@1".parse::<Versions>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Versions(BTreeMap<String, u64>);

impl Versions {
    /// The version of a table.
    #[must_use]
    pub fn of(&self, table: Table) -> Option<u64> {
        self.0.get(table.name()).copied()
    }
}

impl FromIterator<(Table, u64)> for Versions {
    fn from_iter<I: IntoIterator<Item = (Table, u64)>>(versions: I) -> Self {
        Self(versions.into_iter().map(|(table, version)| (table.name().to_owned(), version)).collect())
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (table, version)) in self.0.iter().enumerate() {
            write!(f, "{}{table}@{version}", if number == 0 { "" } else { ";" })?;
        }
        Ok(())
    }
}

/// A text that is no position.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("'{0}' is no table with its version, such as observation@12")]
pub struct VersionsError(String);

impl FromStr for Versions {
    type Err = VersionsError;

    fn from_str(text: &str) -> Result<Self, VersionsError> {
        let one = |part: &str| {
            let (name, version) = part.split_once('@')?;
            Some((Table::named(name)?, version.parse().ok()?))
        };
        text.split(';').map(|part| one(part).ok_or_else(|| VersionsError(part.to_owned()))).collect()
    }
}

impl Lake {
    /// The newest version of every table.
    ///
    /// # Errors
    /// When a log cannot be read.
    pub async fn versions(&self) -> Result<Versions, LakeError> {
        let mut versions = Vec::with_capacity(Table::ALL.len());
        for table in Table::ALL {
            versions.push((table, self.version(table).await?));
        }
        Ok(versions.into_iter().collect())
    }

    /// The versions that were the newest at an instant, by the times that the commits themselves name.
    ///
    /// # Errors
    /// When a log cannot be read.
    pub async fn versions_at(&self, at: jiff::Timestamp) -> Result<Versions, LakeError> {
        let mut versions = Vec::with_capacity(Table::ALL.len());
        for table in Table::ALL {
            let delta = self.newest(table).await?;
            // The first version that is later than the instant, by halves.
            let (mut low, mut high) = (0, crate::lake::version(&delta) + 1);
            while low < high {
                let middle = low + (high - low) / 2;
                if committed_at(table, &delta, middle).await? <= at.as_millisecond() {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            versions.extend(low.checked_sub(1).map(|version| (table, version)));
        }
        Ok(versions.into_iter().collect())
    }
}

/// When a version was committed, milliseconds since 1970-01-01T00:00Z.
async fn committed_at(table: Table, delta: &DeltaTable, version: u64) -> Result<i64, LakeError> {
    let path = commit_uri_from_version(Some(version));
    let what = || format!("reading {path} of {}", table.name());
    let store = delta.object_store();
    let bytes = store.get(&path).await.map_err(LakeError::storage(what()))?.bytes().await;
    let bytes = bytes.map_err(LakeError::storage(what()))?;
    let lines = bytes.split(|byte| *byte == b'\n');
    let time = lines.filter_map(|line| serde_json::from_slice::<serde_json::Value>(line).ok()).find_map(|action| {
        let info = action.get("commitInfo")?;
        info.get("timestamp")?.as_i64()
    });
    // Another writer may leave the time out; then the store knows when it was written.
    match time {
        Some(time) => Ok(time),
        None => {
            let found = store.head(&path).await.map_err(LakeError::storage(what()))?;
            Ok(found.last_modified.timestamp_millis())
        }
    }
}
