//! The audit: every event carries the hash of the one before, so that no past event can change unseen.
//!
//! An event's hash is SHA-256 over the hash before it, as 32 bytes, and then over its fields, each as its length
//! (8 bytes, big-endian) and its bytes. Whoever removes the LAST events leaves a chain without a fault; against that
//! the head of the chain is written down elsewhere ([`Records::audit_head`]) and handed to [`Records::verify`].

use crate::value::{Row, values_of};
use crate::{Hash, Moment, Records, RecordsError};
use sha2::{Digest, Sha256};

/// What stands before the first event.
pub const GENESIS: Hash = Hash([0; 32]);

/// The longest body of an event, in bytes.
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// Events that are read at once.
const PAGE: i64 = 250;

/// One event of the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number, from 1 without a gap.
    pub seq: i64,
    /// When.
    pub at: Moment,
    /// Who.
    pub actor: String,
    /// From which network address or device; empty for the program itself.
    pub origin: String,
    /// What was done, such as `edition.publish`.
    pub action: String,
    /// To which kind of thing.
    pub kind: String,
    /// To which one.
    pub id: String,
    /// What there is to say about it, as JSON.
    pub body: String,
    /// The hash of the event before.
    pub previous: Hash,
}

/// A point of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Number of the event; 0 before the first one.
    pub seq: i64,
    /// Its hash.
    pub hash: Hash,
}

/// What checking the chain found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every link holds, up to this one.
    Whole(Link),
    /// The first broken link. Every event before it is as it was written.
    Broken {
        /// The number of the first event that is not as it was written or not there.
        seq: i64,
        /// What is wrong with it.
        fault: Fault,
    },
}

/// What can be wrong with a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A field of the event was changed.
    Changed,
    /// The event does not name the one before: that one or this one was replaced.
    Unchained,
    /// The event is not there.
    Absent,
    /// The event is there and is not the one that was written down elsewhere.
    Replaced,
}

impl Fault {
    /// What is wrong, in Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Changed => "内容被改动",
            Self::Unchained => "与前一条不衔接",
            Self::Absent => "缺失",
            Self::Replaced => "与另行记下的校验值不符",
        }
    }

    /// What is wrong, in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Changed => "was changed",
            Self::Unchained => "does not follow the one before",
            Self::Absent => "is absent",
            Self::Replaced => "is not the one that was written down elsewhere",
        }
    }
}

impl Event {
    /// The hash that stands beside the event and in the next one.
    #[must_use]
    pub fn hash(&self) -> Hash {
        let mut digest = Sha256::new();
        digest.update(self.previous.0);
        let mut field = |bytes: &[u8]| {
            digest.update((bytes.len() as u64).to_be_bytes());
            digest.update(bytes);
        };
        field(&self.seq.to_be_bytes());
        field(&self.at.micros().to_be_bytes());
        for text in [&self.actor, &self.origin, &self.action, &self.kind, &self.id, &self.body] {
            field(text.as_bytes());
        }
        Hash(digest.finalize().into())
    }

    fn from_row(mut row: Row) -> Result<(Self, Hash), RecordsError> {
        let event = Self {
            seq: row.take()?,
            at: row.take()?,
            actor: row.take()?,
            origin: row.take()?,
            action: row.take()?,
            kind: row.take()?,
            id: row.take()?,
            body: row.take()?,
            previous: row.take()?,
        };
        Ok((event, row.take()?))
    }
}

impl Records {
    /// Events after a number, in order; at most `limit`.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn audit_after(&self, seq: i64, limit: u32) -> Result<Vec<Event>, RecordsError> {
        let rows = self.audit_page(seq, i64::from(limit)).await?;
        rows.into_iter().map(|row| Ok(Event::from_row(row)?.0)).collect()
    }

    /// What was done to one thing, oldest first; at most `limit` events.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn audit_of(&self, kind: &str, id: &str, limit: u32) -> Result<Vec<Event>, RecordsError> {
        let sql = "SELECT seq, at, actor, origin, action, object_kind, object_id, body, previous, hash FROM audit \
                   WHERE object_kind = $1 AND object_id = $2 ORDER BY seq LIMIT $3";
        let rows = self.store.rows(sql, values_of![kind, id, limit]).await?;
        rows.into_iter().map(|row| Ok(Event::from_row(row)?.0)).collect()
    }

    /// The last link: what is written down elsewhere, so that later nobody can cut the end off.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn audit_head(&self) -> Result<Link, RecordsError> {
        match self.store.row("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", vec![]).await? {
            Some(mut row) => Ok(Link { seq: row.take()?, hash: row.take()? }),
            None => Ok(Link { seq: 0, hash: GENESIS }),
        }
    }

    /// Recomputes the whole chain and names the first link that does not hold. `written_down` are heads that were
    /// kept elsewhere; the chain must still contain them.
    ///
    /// # Errors
    ///
    /// When the database cannot be read. A broken chain is no error but an answer.
    pub async fn verify(&self, written_down: &[Link]) -> Result<Verdict, RecordsError> {
        let mut last = Link { seq: 0, hash: GENESIS };
        loop {
            let rows = self.audit_page(last.seq, PAGE).await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                let seq = last.seq + 1;
                let broken = |fault| Ok(Verdict::Broken { seq, fault });
                // A hash that is no hash, or a number that is a text, was not written here.
                let Ok((event, hash)) = Event::from_row(row) else {
                    return broken(Fault::Changed);
                };
                if event.seq != seq {
                    return broken(Fault::Absent);
                }
                if event.previous != last.hash {
                    return broken(Fault::Unchained);
                }
                if event.hash() != hash {
                    return broken(Fault::Changed);
                }
                if written_down.iter().any(|link| link.seq == seq && link.hash != hash) {
                    return broken(Fault::Replaced);
                }
                last = Link { seq, hash };
            }
        }
        let cut = written_down.iter().any(|link| link.seq > last.seq);
        Ok(if cut { Verdict::Broken { seq: last.seq + 1, fault: Fault::Absent } } else { Verdict::Whole(last) })
    }

    async fn audit_page(&self, after: i64, limit: i64) -> Result<Vec<Row>, RecordsError> {
        let sql = "SELECT seq, at, actor, origin, action, object_kind, object_id, body, previous, hash FROM audit \
                   WHERE seq > $1 ORDER BY seq LIMIT $2";
        self.store.rows(sql, values_of![after, limit]).await
    }
}
