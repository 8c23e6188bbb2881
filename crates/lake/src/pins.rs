//! Pins: versions of all tables that must stay readable for ever, such as those behind a signed report.
//!
//! A pin is one small file in the lake's `pins/` folder, created and never changed, so that two programs never write
//! over each other. [`Lake::vacuum`](crate::Lake::vacuum) keeps every file that a pinned version names.

use crate::lake::aside;
use crate::rows::fnv;
use crate::{Lake, LakeError, Table, Versions};
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use serde::{Deserialize, Serialize};

const FOLDER: &str = "pins";

/// Versions of all tables that are kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// Made of the time and the reason; also the name of the file.
    pub id: String,
    /// Why it is kept, in the words of who pinned it.
    pub reason: String,
    /// When it was pinned, as handed in.
    #[serde(with = "instant")]
    pub at: jiff::Timestamp,
    /// What is kept.
    pub versions: Versions,
}

impl Pin {
    /// The version of a table. A table that is younger than the pin has none.
    #[must_use]
    pub fn version(&self, table: Table) -> Option<u64> {
        self.versions.of(table)
    }
}

impl Lake {
    /// Pins the newest versions of all tables.
    ///
    /// The same reason and time give the same pin: pinning again returns what was pinned first.
    ///
    /// # Errors
    /// When the pin cannot be written.
    pub async fn pin(&self, reason: &str, at: jiff::Timestamp) -> Result<Pin, LakeError> {
        let versions = self.versions().await?;
        let stamp = at.strftime("%Y%m%dT%H%M%SZ");
        let id = format!("{stamp}-{:08x}", fnv(reason.as_bytes()) as u32);
        let pin = Pin { id: id.clone(), reason: reason.to_owned(), at, versions };
        let bytes = serde_json::to_vec_pretty(&pin)
            .map_err(|error| LakeError::BadPin { pin: id.clone(), why: error.to_string() })?;
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.inner.location.root().put_opts(&self.pin_path(&id), bytes.into(), options).await {
            Ok(_) => Ok(pin),
            Err(object_store::Error::AlreadyExists { .. }) => {
                let found = self.read_pin(&self.pin_path(&id)).await?;
                if found.reason == reason && found.at == at {
                    Ok(found)
                } else {
                    Err(LakeError::BadPin { pin: id, why: "another reason has the same id".into() })
                }
            }
            Err(error) => Err(LakeError::storage(format!("writing pin {id}"))(error)),
        }
    }

    /// All pins, in order of time.
    ///
    /// # Errors
    /// When one cannot be read: then nothing may be vacuumed.
    pub async fn pins(&self) -> Result<Vec<Pin>, LakeError> {
        let folder = aside(&self.inner.location, FOLDER);
        let found: Vec<_> = self
            .inner
            .location
            .root()
            .list(Some(&folder))
            .try_collect()
            .await
            .map_err(LakeError::storage("listing pins"))?;
        let mut pins = Vec::with_capacity(found.len());
        for object in found {
            pins.push(self.read_pin(&object.location).await?);
        }
        pins.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        Ok(pins)
    }

    async fn read_pin(&self, path: &Path) -> Result<Pin, LakeError> {
        let what = || format!("reading pin {path}");
        let object = self.inner.location.root().get(path).await.map_err(LakeError::storage(what()))?;
        let bytes = object.bytes().await.map_err(LakeError::storage(what()))?;
        serde_json::from_slice(&bytes)
            .map_err(|error| LakeError::BadPin { pin: path.to_string(), why: error.to_string() })
    }

    fn pin_path(&self, id: &str) -> Path {
        aside(&self.inner.location, &format!("{FOLDER}/{id}.json"))
    }
}

/// Instants as RFC 3339 text.
mod instant {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(at: &jiff::Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(at)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<jiff::Timestamp, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
