//! Sessions: held at the server, known to the browser by a token of which only the hash is kept here.

use crate::accounts::Account;
use crate::secret::Token;
use crate::sign_in::SignIn;
use crate::value::{Row, values_of};
use crate::{Moment, ROWS_MAX, Records, RecordsError, Refusal, Span, Write};
use serde_json::json;
use uuid::Uuid;

/// A session that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id, for lists; it opens nothing.
    pub id: Uuid,
    /// Whose it is.
    pub account: Account,
    /// The network address of the sign-in.
    pub origin: String,
    /// What the browser said it is.
    pub device: String,
    /// When it began.
    pub created_at: Moment,
    /// When something last came, to the minute.
    pub seen_at: Moment,
    /// When it ends whatever comes.
    pub expires_at: Moment,
}

macro_rules! select_session {
    ($rest:literal) => {
        concat!(
            "SELECT s.id, a.id AS account, a.login, a.display_name, a.district, a.roles, a.disabled, a.must_change, \
             a.created_at AS made_at, a.created_by, s.origin, s.device, s.created_at, s.seen_at, s.expires_at \
             FROM session s JOIN user_account a ON a.id = s.account \
             WHERE s.ended_at IS NULL AND s.expires_at > $1 AND s.seen_at > $2 AND a.disabled = 0 ",
            $rest
        )
    };
}

impl Session {
    fn from_row(mut row: Row) -> Result<Self, RecordsError> {
        Ok(Self {
            id: row.take()?,
            account: Account::from_row(&mut row)?,
            origin: row.take()?,
            device: row.take()?,
            created_at: row.take()?,
            seen_at: row.take()?,
            expires_at: row.take()?,
        })
    }
}

impl Records {
    /// The session of a token, and notes that something came (no more often than once a minute; not in the audit).
    ///
    /// # Errors
    ///
    /// [`Refusal::SessionEnded`] when it is unknown, ended, idle or too old, or its account is disabled.
    pub async fn session(&self, token: &Token, now: Moment) -> Result<Session, RecordsError> {
        let idle = now.before(self.limits.session_idle);
        let row = self.store.row(select_session!("AND s.token_hash = $3"), values_of![now, idle, token.hash()]).await?;
        let mut session = Session::from_row(row.ok_or(Refusal::SessionEnded)?)?;
        if session.seen_at <= now.before(self.limits.session_touch) {
            let sql = "UPDATE session SET seen_at = $2 WHERE id = $1 AND seen_at < $2";
            let touched = async {
                let mut transaction = self.store.begin().await?;
                transaction.run(sql, values_of![session.id, now]).await?;
                transaction.commit().await
            };
            match touched.await {
                Ok(()) => session.seen_at = now,
                // The next request notes it.
                Err(RecordsError::Busy { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(session)
    }

    /// The sessions of an account that have not ended, newest first.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn sessions_of(&self, account: Uuid, now: Moment) -> Result<Vec<Session>, RecordsError> {
        let idle = now.before(self.limits.session_idle);
        let sql = select_session!("AND s.account = $3 ORDER BY s.created_at DESC, s.id DESC LIMIT $4");
        let rows = self.store.rows(sql, values_of![now, idle, account, ROWS_MAX]).await?;
        rows.into_iter().map(Session::from_row).collect()
    }
}

impl Write {
    pub(crate) async fn add_session(
        &mut self,
        account: Account,
        sign_in: &SignIn<'_>,
        token: &Token,
        absolute: Span,
    ) -> Result<Session, RecordsError> {
        let now = self.now();
        // What a browser says of itself is shown in a list; it need not be long.
        let device: String = sign_in.device.chars().filter(|c| !c.is_control()).take(200).collect();
        let session = Session {
            id: sign_in.id,
            account,
            origin: sign_in.origin.to_owned(),
            device,
            created_at: now,
            seen_at: now,
            expires_at: now.after(absolute),
        };
        self.run(
            "INSERT INTO session (id, token_hash, account, origin, device, created_at, seen_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $6, $7)",
            values_of![
                session.id,
                token.hash(),
                session.account.id,
                &session.origin,
                &session.device,
                now,
                session.expires_at
            ],
        )
        .await?;
        let body = json!({ "session": session.id.to_string(), "roles": session.account.roles });
        self.note("sign_in", "account", &session.account.id.to_string(), &body).await?;
        Ok(session)
    }

    /// Ends the session of a token: signing out. An unknown token is no error.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn sign_out(&mut self, token: &Token) -> Result<(), RecordsError> {
        self.end_token(token, "signed out").await
    }

    pub(crate) async fn end_token(&mut self, token: &Token, why: &'static str) -> Result<(), RecordsError> {
        let live = "SELECT id FROM session WHERE token_hash = $1 AND ended_at IS NULL";
        match self.one::<Uuid>(live, values_of![token.hash()]).await? {
            Some(id) => self.end_session(id, why).await,
            None => Ok(()),
        }
    }

    /// Ends a session by its id.
    ///
    /// # Errors
    ///
    /// [`RecordsError::Missing`] when there is none that has not ended.
    pub async fn end_session(&mut self, id: Uuid, why: &str) -> Result<(), RecordsError> {
        let sql = "UPDATE session SET ended_at = $2, ended_why = $3 WHERE id = $1 AND ended_at IS NULL";
        if self.run(sql, values_of![id, self.now(), why]).await? == 0 {
            return Err(RecordsError::missing("session", &id));
        }
        self.note("session.end", "session", &id.to_string(), &json!({ "why": why })).await?;
        Ok(())
    }

    /// Ends every session of an account but one; gives how many.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn end_sessions(&mut self, account: Uuid, but: Option<Uuid>, why: &str) -> Result<u64, RecordsError> {
        let but = but.map(|id| id.to_string()).unwrap_or_default();
        let sql =
            "UPDATE session SET ended_at = $3, ended_why = $4 WHERE account = $1 AND id <> $2 AND ended_at IS NULL";
        let ended = self.run(sql, values_of![account, but, self.now(), why]).await?;
        if ended > 0 {
            let body = json!({ "why": why, "sessions": ended });
            self.note("session.end_all", "account", &account.to_string(), &body).await?;
        }
        Ok(ended)
    }

    /// Removes sessions that ended or expired before a span; gives how many.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn forget_sessions(&mut self, older: Span) -> Result<u64, RecordsError> {
        let before = self.now().before(older);
        let gone = self.run("DELETE FROM session WHERE expires_at <= $1 OR ended_at <= $1", values_of![before]).await?;
        if gone > 0 {
            self.note("session.forget", "session", "", &json!({ "sessions": gone })).await?;
        }
        Ok(gone)
    }
}
