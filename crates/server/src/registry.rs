//! The registry: the business records of one city, with the clock and the chance of this machine.
//!
//! `records` reads no clock and rolls no dice; this is the one place that gives it both.

pub mod cases;
pub mod editions;

use crate::data_folder::{DataFolder, Kind};
use records::{Act, Chance, FourEyes, Limits, Moment, Records, RecordsError, Uuid};
use sha2::{Digest, Sha256};
use std::path::Path;

/// The file of the records in a data folder, when they lie there.
const FILE: &str = "records.sqlite";

/// The records of one city.
#[derive(Debug)]
pub struct Registry {
    records: Records,
    city: String,
    demo: bool,
}

impl Registry {
    /// Opens the records of a data folder: its own file, or the database that it names.
    ///
    /// # Errors
    /// When they cannot be opened or brought up to date.
    pub async fn open(folder: &DataFolder) -> Result<Self, RecordsError> {
        let limits = Limits::default();
        let records = match &folder.records {
            Some(address) => Records::open(address, limits).await?,
            None => Records::open_file(&folder.root.join(FILE), limits).await?,
        };
        Ok(Self { records, city: folder.pack.city.code.clone(), demo: folder.kind == Kind::Demo })
    }

    /// Opens the records that lie beside editions which belong to no data folder.
    ///
    /// # Errors
    /// As [`Registry::open`].
    pub async fn of_shelf(shelf: &Path, city: &str) -> Result<Self, RecordsError> {
        let records = Records::open_file(&shelf.join(FILE), Limits::default()).await?;
        Ok(Self { records, city: city.to_owned(), demo: false })
    }

    /// The records.
    #[must_use]
    pub const fn records(&self) -> &Records {
        &self.records
    }

    /// Code of the city.
    #[must_use]
    pub fn city(&self) -> &str {
        &self.city
    }

    /// Something that somebody does now.
    #[must_use]
    pub fn act(&self, actor: &str) -> Act {
        Act::new(actor, now())
    }

    /// Whether a second person must publish: always where there are accounts, never in the demo city.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub async fn four_eyes(&self) -> Result<FourEyes, RecordsError> {
        if self.demo {
            return Ok(FourEyes::WaivedForDemo);
        }
        Ok(if self.records.has_accounts().await? { FourEyes::Required } else { FourEyes::WaivedWithoutAccounts })
    }
}

/// Now.
#[must_use]
pub fn now() -> Moment {
    Moment::from_micros(jiff::Timestamp::now().as_microsecond())
}

/// An instant as answers say it: RFC 3339, Beijing time.
#[must_use]
pub fn rfc3339(at: Moment) -> String {
    format!("{}+08:00", at.beijing())
}

/// Chance from the system's source.
#[must_use]
pub fn chance() -> Chance {
    // Each of the ids holds 122 bits of the system's chance; their digest holds 256.
    let mut hash = Sha256::new();
    for _ in 0..3 {
        hash.update(Uuid::new_v4().as_bytes());
    }
    Chance(hash.finalize().into())
}

/// A new id, in the order of time.
#[must_use]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_not_repeated() {
        assert_ne!(chance().0, chance().0);
        assert!(new_id() < new_id());
    }
}
