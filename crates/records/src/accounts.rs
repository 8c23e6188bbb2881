//! Accounts: who may sign in, and as what. No account is ever removed: the audit names it.

use crate::password;
use crate::secret::{Chance, Token};
use crate::value::{Row, values_of};
use crate::write::text;
use crate::{Moment, ROWS_MAX, Records, RecordsError, Refusal, Span, Write};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// An account as it is shown: without its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: Uuid,
    /// What is typed to sign in; lower case, unique, never changed.
    pub login: String,
    /// The person's name.
    pub display_name: String,
    /// The district of the person's post; empty for the whole city.
    pub district: String,
    /// The roles, sorted.
    pub roles: Vec<String>,
    /// Whether it may not sign in.
    pub disabled: bool,
    /// Whether the password must be changed before anything else.
    pub must_change: bool,
    /// When it was made.
    pub created_at: Moment,
    /// Who made it.
    pub created_by: String,
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// What is typed to sign in: 2 to 64 letters, digits or `. _ - @`.
    pub login: String,
    /// The person's name.
    pub display_name: String,
    /// The district of the person's post; empty for the whole city.
    pub district: String,
    /// The roles.
    pub roles: Vec<String>,
    /// The password.
    pub password: KeptPassword,
    /// Whether the password must be changed at the first sign-in.
    pub must_change: bool,
}

/// A password that kept the rules and was hashed ([`Records::keep_password`]).
#[derive(Clone)]
pub struct KeptPassword(String);

impl std::fmt::Debug for KeptPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeptPassword(…)")
    }
}

macro_rules! select_account {
    ($rest:literal) => {
        concat!(
            "SELECT id, login, display_name, district, roles, disabled, must_change, created_at, created_by \
             FROM user_account ",
            $rest
        )
    };
}

impl Account {
    pub(crate) fn from_row(row: &mut Row) -> Result<Self, RecordsError> {
        Ok(Self {
            id: row.take()?,
            login: row.take()?,
            display_name: row.take()?,
            district: row.take()?,
            roles: serde_json::from_str(&row.take::<String>()?)
                .map_err(|_| RecordsError::damaged("an account's roles are no list"))?,
            disabled: row.take()?,
            must_change: row.take()?,
            created_at: row.take()?,
            created_by: row.take()?,
        })
    }
}

/// A login as it is compared: trimmed and in lower case.
pub(crate) fn normal(login: &str) -> String {
    login.trim().to_lowercase()
}

fn checked_login(login: &str) -> Result<String, Refusal> {
    let login = normal(login);
    let fits = |c: char| c.is_alphanumeric() || ".-_@".contains(c);
    if !(2..=64).contains(&login.chars().count()) || !login.chars().all(fits) {
        return Err(Refusal::Field {
            field: "login",
            zh: "须为 2 至 64 个字母、数字或 . _ - @",
            en: "must be 2 to 64 letters, digits or . _ - @",
        });
    }
    Ok(login)
}

fn checked_roles(roles: &[String]) -> Result<Vec<String>, Refusal> {
    let mut roles = roles.to_vec();
    roles.sort();
    roles.dedup();
    roles.iter().try_for_each(|role| text("roles", role))?;
    Ok(roles)
}

impl Records {
    /// Checks a new password by the rules and hashes it. Do this before a unit of work begins: it takes long.
    ///
    /// # Errors
    ///
    /// [`Refusal::Password`] with every rule that it breaks.
    pub async fn keep_password(
        &self,
        password: &str,
        login: &str,
        display_name: &str,
        salt: &Chance,
    ) -> Result<KeptPassword, RecordsError> {
        password::check(password, &normal(login), display_name)?;
        Ok(KeptPassword(self.limits.hardness.hash(password, salt).await?))
    }

    /// Whether there is any account.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn has_accounts(&self) -> Result<bool, RecordsError> {
        Ok(self.store.row("SELECT id FROM user_account LIMIT 1", vec![]).await?.is_some())
    }

    /// An account by its id.
    ///
    /// # Errors
    ///
    /// [`RecordsError::Missing`].
    pub async fn account(&self, id: Uuid) -> Result<Account, RecordsError> {
        let row = self.store.row(select_account!("WHERE id = $1"), values_of![id]).await?;
        Account::from_row(&mut row.ok_or_else(|| RecordsError::missing("account", &id))?)
    }

    /// An account by its login.
    ///
    /// # Errors
    ///
    /// [`RecordsError::Missing`].
    pub async fn account_of(&self, login: &str) -> Result<Account, RecordsError> {
        let row = self.store.row(select_account!("WHERE login = $1"), values_of![normal(login)]).await?;
        Account::from_row(&mut row.ok_or_else(|| RecordsError::missing("account", login))?)
    }

    /// The names of the people behind some actors, by login. An actor without an account, such as the console, has none.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn names_of<'a>(
        &self,
        actors: impl IntoIterator<Item = &'a str>,
    ) -> Result<BTreeMap<String, String>, RecordsError> {
        let mut names = BTreeMap::new();
        let actors: BTreeSet<&str> = actors.into_iter().collect();
        for actor in actors {
            let sql = "SELECT display_name FROM user_account WHERE login = $1";
            if let Some(mut row) = self.store.row(sql, values_of![actor]).await? {
                names.insert(actor.to_owned(), row.take()?);
            }
        }
        Ok(names)
    }

    /// Accounts in the order of their logins, after one of them; empty for the first page.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn accounts(&self, after_login: &str, limit: u32) -> Result<Vec<Account>, RecordsError> {
        let sql = select_account!("WHERE login > $1 ORDER BY login LIMIT $2");
        let rows = self.store.rows(sql, values_of![after_login, limit.min(ROWS_MAX)]).await?;
        rows.into_iter().map(|mut row| Account::from_row(&mut row)).collect()
    }
}

impl Write {
    /// Offers the first account to whoever knows a code, for a span. A new offer ends the one before.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFirst`] when there is an account.
    pub async fn offer_first_account(&mut self, code: &Token, span: Span) -> Result<(), RecordsError> {
        self.no_account_yet().await?;
        let now = self.now();
        self.run("DELETE FROM one_time_code WHERE purpose = 'first-account'", vec![]).await?;
        self.run(
            "INSERT INTO one_time_code (purpose, code_hash, made_at, expires_at) VALUES ('first-account', $1, $2, $3)",
            values_of![code.hash(), now, now.after(span)],
        )
        .await?;
        self.note("account.offer_first", "account", "", &json!({})).await?;
        Ok(())
    }

    /// Makes the first account for whoever knows the code. The code is used up.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFirst`], [`Refusal::Code`], and those of [`Write::add_account`].
    pub async fn claim_first_account(&mut self, code: &Token, account: &NewAccount) -> Result<(), RecordsError> {
        self.no_account_yet().await?;
        let used = self
            .one::<i64>(
                "SELECT made_at FROM one_time_code \
                 WHERE purpose = 'first-account' AND code_hash = $1 AND expires_at > $2",
                values_of![code.hash(), self.now()],
            )
            .await?;
        if used.is_none() {
            return Err(Refusal::Code.into());
        }
        self.add_account(account).await?;
        self.run("DELETE FROM one_time_code WHERE purpose = 'first-account'", vec![]).await?;
        Ok(())
    }

    async fn no_account_yet(&mut self) -> Result<(), RecordsError> {
        match self.row("SELECT id FROM user_account LIMIT 1", vec![]).await? {
            Some(_) => Err(Refusal::NotFirst.into()),
            None => Ok(()),
        }
    }

    /// Makes an account.
    ///
    /// # Errors
    ///
    /// [`Refusal::Exists`] when the login is taken, [`Refusal::Field`].
    pub async fn add_account(&mut self, account: &NewAccount) -> Result<(), RecordsError> {
        let login = checked_login(&account.login)?;
        let roles = checked_roles(&account.roles)?;
        text("display_name", &account.display_name)?;
        let taken = "SELECT id FROM user_account WHERE login = $1 OR id = $2";
        if self.row(taken, values_of![&login, account.id]).await?.is_some() {
            return Err(Refusal::Exists { kind: "account", id: login }.into());
        }
        let (now, actor) = (self.now(), self.actor());
        self.run(
            "INSERT INTO user_account (id, login, display_name, district, roles, password_hash, disabled, must_change, \
             created_at, created_by, changed_at) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $8)",
            values_of![
                account.id,
                &login,
                &account.display_name,
                &account.district,
                json!(roles).to_string(),
                &account.password.0,
                account.must_change,
                now,
                actor
            ],
        )
        .await?;
        let body = json!({ "login": login, "roles": roles, "district": account.district });
        self.note("account.add", "account", &account.id.to_string(), &body).await?;
        Ok(())
    }

    /// Gives an account other roles and ends its sessions: what it may do is settled when it signs in.
    ///
    /// # Errors
    ///
    /// [`RecordsError::Missing`], [`Refusal::Field`].
    pub async fn set_roles(&mut self, account: Uuid, roles: &[String]) -> Result<(), RecordsError> {
        let roles = checked_roles(roles)?;
        let before: String = self
            .one("SELECT roles FROM user_account WHERE id = $1", values_of![account])
            .await?
            .ok_or_else(|| RecordsError::missing("account", &account))?;
        let sql = "UPDATE user_account SET roles = $2, changed_at = $3 WHERE id = $1";
        self.run(sql, values_of![account, json!(roles).to_string(), self.now()]).await?;
        self.end_sessions(account, None, "roles").await?;
        let before: serde_json::Value = serde_json::from_str(&before).unwrap_or_default();
        let body = json!({ "before": before, "after": roles });
        self.note("account.roles", "account", &account.to_string(), &body).await?;
        Ok(())
    }

    /// Disables an account and ends its sessions, or enables it again.
    ///
    /// # Errors
    ///
    /// [`RecordsError::Missing`].
    pub async fn set_disabled(&mut self, account: Uuid, disabled: bool) -> Result<(), RecordsError> {
        let sql = "UPDATE user_account SET disabled = $2, changed_at = $3 WHERE id = $1";
        if self.run(sql, values_of![account, disabled, self.now()]).await? == 0 {
            return Err(RecordsError::missing("account", &account));
        }
        if disabled {
            self.end_sessions(account, None, "disabled").await?;
        }
        let action = if disabled { "account.disable" } else { "account.enable" };
        self.note(action, "account", &account.to_string(), &json!({})).await?;
        Ok(())
    }

    /// Gives an account a new password and ends its sessions but the one that is named. `must_change`: the password
    /// was chosen by somebody else.
    ///
    /// Whether the old password was right is asked before, by [`Records::confirm_password`].
    ///
    /// # Errors
    ///
    /// [`RecordsError::Missing`].
    pub async fn set_password(
        &mut self,
        account: Uuid,
        password: &KeptPassword,
        must_change: bool,
        keep_session: Option<Uuid>,
    ) -> Result<(), RecordsError> {
        let sql = "UPDATE user_account SET password_hash = $2, must_change = $3, changed_at = $4 WHERE id = $1";
        if self.run(sql, values_of![account, &password.0, must_change, self.now()]).await? == 0 {
            return Err(RecordsError::missing("account", &account));
        }
        self.end_sessions(account, keep_session, "password").await?;
        self.note("account.password", "account", &account.to_string(), &json!({ "must_change": must_change })).await?;
        Ok(())
    }
}
