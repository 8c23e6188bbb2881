//! A unit of work: what it writes, its audit events and its outbox rows become true together, or not at all.

use crate::store::Transaction;
use crate::value::{FromValue, Row, Value, values_of};
use crate::{Act, Hash, Moment, RecordsError, Refusal, audit};
use serde_json::Value as Json;

/// A unit of work. Nothing of it is seen by others, or survives, before [`Write::commit`] has returned.
///
/// There is one at a time: [`crate::Records::begin`] waits for the one before. Whatever takes long (judging, hashing,
/// reading files) is done before it begins. Dropping it rolls back.
///
/// After a refusal nothing of the refused step was written, and the unit can go on. After a failure of the database
/// it can only be dropped; `commit` answers [`RecordsError::Broken`].
#[derive(Debug)]
#[must_use = "a unit of work that is not committed is rolled back"]
pub struct Write {
    transaction: Transaction,
    act: Act,
    broken: bool,
}

/// The longest text of a name, login, code or reason, in bytes.
pub(crate) const TEXT_BYTES_MAX: usize = 16_384;

impl Write {
    pub(crate) fn new(transaction: Transaction, act: Act) -> Self {
        Self { transaction, act, broken: false }
    }

    /// Makes everything of this unit true and durable.
    ///
    /// # Errors
    ///
    /// When it fails nothing was written, or, if the connection broke at that moment, the caller does not know:
    /// an idempotency key tells on the next try.
    pub async fn commit(self) -> Result<(), RecordsError> {
        if self.broken {
            return Err(RecordsError::Broken);
        }
        self.transaction.commit().await
    }

    /// Undoes everything of this unit, and waits until it is undone.
    ///
    /// # Errors
    ///
    /// When the connection is gone; then the database undoes it.
    pub async fn roll_back(self) -> Result<(), RecordsError> {
        self.transaction.roll_back().await
    }

    /// Who does this, from where, and when.
    #[must_use]
    pub const fn act(&self) -> &Act {
        &self.act
    }

    pub(crate) const fn now(&self) -> Moment {
        self.act.now
    }

    pub(crate) fn actor(&self) -> String {
        self.act.actor.clone()
    }

    pub(crate) async fn run(&mut self, sql: &'static str, values: Vec<Value>) -> Result<u64, RecordsError> {
        let done = self.transaction.run(sql, values).await;
        self.broken |= done.as_ref().is_err_and(|error| error.refusal().is_none());
        done
    }

    pub(crate) async fn rows(&mut self, sql: &'static str, values: Vec<Value>) -> Result<Vec<Row>, RecordsError> {
        let rows = self.transaction.rows(sql, values).await;
        self.broken |= rows.as_ref().is_err_and(|error| error.refusal().is_none());
        rows
    }

    pub(crate) async fn row(&mut self, sql: &'static str, values: Vec<Value>) -> Result<Option<Row>, RecordsError> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// The first column of the first row.
    pub(crate) async fn one<T: FromValue>(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<T>, RecordsError> {
        self.row(sql, values).await?.map(|mut row| row.take()).transpose()
    }

    /// Adds an event to the audit and nothing else: for what the caller does beside the records, such as an export
    /// or reading what is protected. The body may hold no secret.
    ///
    /// Gives the number of the event.
    ///
    /// # Errors
    ///
    /// When a name is empty or too long, or the database fails.
    pub async fn note(&mut self, action: &str, kind: &str, id: &str, body: &Json) -> Result<i64, RecordsError> {
        text("action", action)?;
        text("kind", kind)?;
        let body = body.to_string();
        if body.len() > audit::BODY_BYTES_MAX {
            return Err(Refusal::Field { field: "body", zh: "过长", en: "is too long" }.into());
        }
        let last = self.row("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", vec![]).await?;
        let (seq, previous) = match last {
            Some(mut row) => (row.take::<i64>()? + 1, row.take::<Hash>()?),
            None => (1, audit::GENESIS),
        };
        let event = audit::Event {
            seq,
            at: self.now(),
            actor: self.actor(),
            origin: self.act.origin.clone(),
            action: action.to_owned(),
            kind: kind.to_owned(),
            id: id.to_owned(),
            body,
            previous,
        };
        let hash = event.hash();
        self.run(
            "INSERT INTO audit (seq, at, actor, origin, action, object_kind, object_id, body, previous, hash) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            values_of![
                seq,
                event.at,
                event.actor,
                event.origin,
                event.action,
                event.kind,
                event.id,
                event.body,
                event.previous,
                hash
            ],
        )
        .await?;
        Ok(seq)
    }

    /// Adds an event to the audit and to the outbox, from where it goes into the lake. No sealed field may be in it.
    ///
    /// Gives the number of the audit event.
    ///
    /// # Errors
    ///
    /// As [`Write::note`].
    pub async fn tell(&mut self, action: &str, kind: &str, id: &str, body: &Json) -> Result<i64, RecordsError> {
        let seq = self.note(action, kind, id, body).await?;
        let last: Option<i64> = self.one("SELECT max(position) FROM outbox", vec![]).await?.flatten();
        self.run(
            "INSERT INTO outbox (position, audit, at, kind, object_kind, object_id, body) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values_of![last.unwrap_or(0) + 1, seq, self.now(), action, kind, id, body.to_string()],
        )
        .await?;
        Ok(seq)
    }
}

/// A text that must say something, and not too much.
pub(crate) fn text(field: &'static str, value: &str) -> Result<(), Refusal> {
    if value.trim().is_empty() {
        return Err(Refusal::Field { field, zh: "不能为空", en: "is empty" });
    }
    short(field, value)
}

/// A text that may be empty.
pub(crate) fn short(field: &'static str, value: &str) -> Result<(), Refusal> {
    if value.len() > TEXT_BYTES_MAX {
        return Err(Refusal::Field { field, zh: "过长", en: "is too long" });
    }
    if value.contains('\0') {
        return Err(Refusal::Field { field, zh: "含有空字符", en: "contains a NUL character" });
    }
    Ok(())
}
