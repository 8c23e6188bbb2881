//! Signing in: tries are counted before they are looked at, and an unknown login costs the same as a wrong password.

use crate::accounts::{Account, normal};
use crate::secret::{Chance, Token};
use crate::value::values_of;
use crate::{Act, Hash, Moment, Records, RecordsError, Refusal, Session, Span, Write};
use serde_json::json;
use uuid::Uuid;

/// A try to sign in. Ids and chance come from the caller.
#[derive(Clone, Debug)]
pub struct SignIn<'a> {
    /// What was typed as login.
    pub login: &'a str,
    /// What was typed as password.
    pub password: Password<'a>,
    /// The network address it comes from.
    pub origin: &'a str,
    /// What the browser says it is.
    pub device: &'a str,
    /// The token that the browser still holds: its session ends, so that a planted one is worth nothing.
    pub old: Option<&'a Token>,
    /// The id of this try; becomes the id of the session.
    pub id: Uuid,
    /// Chance for the new token.
    pub chance: &'a Chance,
}

/// A typed password; it does not show itself.
#[derive(Clone, Copy)]
pub struct Password<'a>(pub &'a str);

impl std::fmt::Debug for Password<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// What is known of an account while a try is looked at.
struct Candidate {
    account: Account,
    hash: String,
}

const CANDIDATE: &str = "SELECT id, login, display_name, district, roles, disabled, must_change, created_at, \
                         created_by, password_hash FROM user_account WHERE login = $1";

impl Records {
    /// Signs in: gives the session and its token, once.
    ///
    /// A try counts from before the password is looked at, so that many at a time gain nothing. Success forgets the
    /// tries on that login.
    ///
    /// # Errors
    ///
    /// [`Refusal::Credentials`] for a wrong password and for an unknown login, [`Refusal::Locked`] for both too,
    /// [`Refusal::Disabled`] when the password was right.
    pub async fn sign_in(&self, sign_in: &SignIn<'_>, now: Moment) -> Result<(Session, Token), RecordsError> {
        let login = normal(sign_in.login);
        let act = Act::new("public", now).from(sign_in.origin);
        let login_hash = Hash::of(login.as_bytes());

        let mut write = self.begin(act.clone()).await?;
        let last = write.count_try(login_hash, sign_in, &self.limits).await?;
        let candidate = write.candidate(&login).await?;
        write.commit().await?;

        let hash = candidate.as_ref().map(|candidate| candidate.hash.clone());
        let right = self.limits.hardness.matches(sign_in.password.0, hash).await?;

        let Some(candidate) = candidate.filter(|_| right) else {
            let id = match self.store.row("SELECT id FROM user_account WHERE login = $1", values_of![&login]).await? {
                Some(mut row) => row.take::<String>()?,
                None => String::new(),
            };
            let mut write = self.begin(act).await?;
            write.note("sign_in.refuse", "account", &id, &json!({ "locked": last })).await?;
            write.commit().await?;
            return Err(Refusal::Credentials.into());
        };

        let mut write = self.begin(Act::new(login.clone(), now).from(sign_in.origin)).await?;
        write.run("DELETE FROM sign_in_try WHERE login_hash = $1", values_of![login_hash]).await?;
        // What changed while the password was looked at counts.
        let fresh = write.candidate(&login).await?.filter(|fresh| fresh.hash == candidate.hash);
        let Some(fresh) = fresh.filter(|fresh| !fresh.account.disabled) else {
            write
                .note("sign_in.refuse", "account", &candidate.account.id.to_string(), &json!({ "disabled": true }))
                .await?;
            write.commit().await?;
            return Err(Refusal::Disabled.into());
        };
        if let Some(old) = sign_in.old {
            write.end_token(old, "rotated").await?;
        }
        let token = Token::new(sign_in.chance);
        let session = write.add_session(fresh.account, sign_in, &token, self.limits.session_absolute).await?;
        write.commit().await?;
        Ok((session, token))
    }

    /// Whether a password is that of an account: before it is changed, or before something that cannot be undone.
    /// Counts as a try and is locked as one.
    ///
    /// # Errors
    ///
    /// [`Refusal::Credentials`], [`Refusal::Locked`].
    pub async fn confirm_password(&self, sign_in: &SignIn<'_>, now: Moment) -> Result<(), RecordsError> {
        let login = normal(sign_in.login);
        let act = Act::new(login.clone(), now).from(sign_in.origin);
        let login_hash = Hash::of(login.as_bytes());
        let mut write = self.begin(act.clone()).await?;
        let last = write.count_try(login_hash, sign_in, &self.limits).await?;
        let candidate = write.candidate(&login).await?;
        write.commit().await?;
        let (id, hash) = candidate.map(|found| (found.account.id.to_string(), found.hash)).unzip();
        let right = self.limits.hardness.matches(sign_in.password.0, hash).await?;
        let mut write = self.begin(act).await?;
        if right {
            write.run("DELETE FROM sign_in_try WHERE login_hash = $1", values_of![login_hash]).await?;
        } else {
            let id = id.unwrap_or_default();
            write.note("sign_in.refuse", "account", &id, &json!({ "locked": last, "confirm": true })).await?;
        }
        write.commit().await?;
        if right { Ok(()) } else { Err(Refusal::Credentials.into()) }
    }
}

impl Write {
    async fn candidate(&mut self, login: &str) -> Result<Option<Candidate>, RecordsError> {
        let row = self.row(CANDIDATE, values_of![login]).await?;
        row.map(|mut row| Ok(Candidate { account: Account::from_row(&mut row)?, hash: row.take()? })).transpose()
    }

    /// Counts a try; tells whether it is the last before the lock closes.
    async fn count_try(
        &mut self,
        login_hash: Hash,
        sign_in: &SignIn<'_>,
        limits: &crate::Limits,
    ) -> Result<bool, RecordsError> {
        let now = self.now();
        // The newest try of a lock may be as old as the lock, and the oldest that closed it a window older.
        let forgotten = now.before(limits.lock).before(limits.tries_window);
        self.run("DELETE FROM sign_in_try WHERE at <= $1", values_of![forgotten]).await?;
        let by_login = "SELECT at FROM sign_in_try WHERE login_hash = $1 ORDER BY at DESC LIMIT $2";
        let tries = self.rows(by_login, values_of![login_hash, limits.tries_max]).await?;
        let tries = tries.into_iter().map(|mut row| row.take()).collect::<Result<Vec<Moment>, _>>()?;
        let by_origin = "SELECT at FROM sign_in_try WHERE origin = $1 ORDER BY at DESC LIMIT $2";
        let near = self.rows(by_origin, values_of![sign_in.origin, limits.tries_of_origin_max]).await?;
        let near = near.into_iter().map(|mut row| row.take()).collect::<Result<Vec<Moment>, _>>()?;
        let (window, lock) = (limits.tries_window, limits.lock);
        let locked = locked_until(&tries, limits.tries_max, window, lock).max(locked_until(
            &near,
            limits.tries_of_origin_max,
            window,
            lock,
        ));
        if let Some(until) = locked.filter(|until| *until > now) {
            return Err(Refusal::Locked { until }.into());
        }
        self.run(
            "INSERT INTO sign_in_try (id, login_hash, origin, at) VALUES ($1, $2, $3, $4)",
            values_of![sign_in.id, login_hash, sign_in.origin, now],
        )
        .await?;
        let mut tries = tries;
        tries.insert(0, now);
        tries.truncate(limits.tries_max as usize);
        Ok(locked_until(&tries, limits.tries_max, window, lock).is_some())
    }
}

/// Until when the newest tries, newest first, lock: when `max` of them lie within one window.
fn locked_until(newest: &[Moment], max: u32, window: Span, lock: Span) -> Option<Moment> {
    let (first, last) = (newest.first()?, newest.get(max.checked_sub(1)? as usize)?);
    (*last > first.before(window)).then(|| first.after(lock))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_tries_in_a_window_lock_and_four_do_not() {
        let at = |minutes: &[i64]| minutes.iter().map(|m| Moment::from_micros(m * 60_000_000)).collect::<Vec<_>>();
        let until = |minutes: &[i64]| locked_until(&at(minutes), 5, Span::minutes(15), Span::minutes(30));
        assert_eq!(until(&[4, 3, 2, 1]), None);
        assert_eq!(until(&[14, 3, 2, 1, 0]), Some(Moment::from_micros(44 * 60_000_000)));
        assert_eq!(until(&[15, 3, 2, 1, 0]), None, "the fifth lies outside the window");
        assert_eq!(locked_until(&[], 0, Span::minutes(1), Span::minutes(1)), None);
    }
}
