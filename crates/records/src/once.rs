//! Idempotency keys: a request that is sent twice is done once.
//!
//! The check, the work and the kept answer are one unit of work, and there is one unit of work at a time: of two
//! requests with one key the second finds the answer of the first, or, if the first failed, does the work.

use crate::value::values_of;
use crate::write::text;
use crate::{Hash, Moment, Records, RecordsError, Refusal, Span, Write};
use serde_json::json;

/// A key as a client sent it. Keys of different subjects never meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnceKey {
    /// Who sent it: the login of an account or the name of a service.
    pub subject: String,
    /// The key.
    pub key: String,
    /// The hash of the request: of method, path and body.
    pub request: Hash,
}

/// An answer that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status, as the door that gave it counts.
    pub status: u32,
    /// The bytes.
    pub body: Vec<u8>,
}

impl Records {
    /// The answer that a key was given, if it was: to look before long work. Whoever then does the work asks again in
    /// its unit of work ([`Write::seen`]).
    ///
    /// # Errors
    ///
    /// [`Refusal::KeyReused`] when the key was used for another request.
    pub async fn answer_of(&self, key: &OnceKey, now: Moment) -> Result<Option<Answer>, RecordsError> {
        let row = self.store.row(SEEN, values_of![&key.subject, &key.key, now]).await?;
        row.map(|row| same_request(row, key)).transpose()
    }
}

const SEEN: &str = "SELECT request_hash, status, answer FROM idempotency \
                    WHERE subject = $1 AND key = $2 AND expires_at > $3";

fn same_request(mut row: crate::value::Row, key: &OnceKey) -> Result<Answer, RecordsError> {
    if row.take::<Hash>()? != key.request {
        return Err(Refusal::KeyReused { key: key.key.clone() }.into());
    }
    Ok(Answer { status: row.take()?, body: row.take()? })
}

impl Write {
    /// The answer that a key was given, if it was. None: do the work in this unit, then [`Write::keep_answer`].
    ///
    /// # Errors
    ///
    /// [`Refusal::KeyReused`] when the key was used for another request; [`Refusal::Field`] when it says nothing.
    pub async fn seen(&mut self, key: &OnceKey) -> Result<Option<Answer>, RecordsError> {
        text("subject", &key.subject)?;
        text("key", &key.key)?;
        let row = self.row(SEEN, values_of![&key.subject, &key.key, self.now()]).await?;
        row.map(|row| same_request(row, key)).transpose()
    }

    /// Keeps the answer to a key for a span, seven days by custom, in the unit that did the work.
    ///
    /// # Errors
    ///
    /// [`Refusal::Exists`] when the key has an answer already.
    pub async fn keep_answer(&mut self, key: &OnceKey, answer: &Answer, keep: Span) -> Result<(), RecordsError> {
        if self.seen(key).await?.is_some() {
            return Err(Refusal::Exists { kind: "answer", id: key.key.clone() }.into());
        }
        let now = self.now();
        // What has expired makes room for the same key.
        self.run("DELETE FROM idempotency WHERE subject = $1 AND key = $2", values_of![&key.subject, &key.key]).await?;
        self.run(
            "INSERT INTO idempotency (subject, key, request_hash, status, answer, at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values_of![
                &key.subject,
                &key.key,
                key.request,
                answer.status,
                answer.body.as_slice(),
                now,
                now.after(keep)
            ],
        )
        .await?;
        Ok(())
    }

    /// Removes answers whose time is over; gives how many.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn forget_answers(&mut self) -> Result<u64, RecordsError> {
        let gone = self.run("DELETE FROM idempotency WHERE expires_at <= $1", values_of![self.now()]).await?;
        if gone > 0 {
            self.note("idempotency.forget", "idempotency", "", &json!({ "answers": gone })).await?;
        }
        Ok(gone)
    }
}
