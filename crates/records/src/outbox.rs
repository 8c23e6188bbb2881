//! The outbox: what happened, in the order in which it became true, for whoever carries it into the lake.
//!
//! A row is written in the transaction of what it tells. Positions have no gaps and follow the order of commits, so
//! a reader that has seen position n has seen everything up to n.

use crate::value::values_of;
use crate::{Moment, Records, RecordsError};

/// One row of the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its position, from 1 without a gap.
    pub position: i64,
    /// Number of the audit event that tells the same.
    pub audit: i64,
    /// When.
    pub at: Moment,
    /// What happened, such as `edition.publish`.
    pub kind: String,
    /// To which kind of thing.
    pub object_kind: String,
    /// To which one.
    pub object_id: String,
    /// What there is to say about it, as JSON. No sealed field is in it.
    pub body: String,
}

impl Records {
    /// Rows after a position, in order; at most `limit`.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn outbox_after(&self, position: i64, limit: u32) -> Result<Vec<Told>, RecordsError> {
        let sql = "SELECT position, audit, at, kind, object_kind, object_id, body FROM outbox \
                   WHERE position > $1 ORDER BY position LIMIT $2";
        let rows = self.store.rows(sql, values_of![position, limit]).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(Told {
                    position: row.take()?,
                    audit: row.take()?,
                    at: row.take()?,
                    kind: row.take()?,
                    object_kind: row.take()?,
                    object_id: row.take()?,
                    body: row.take()?,
                })
            })
            .collect()
    }
}
