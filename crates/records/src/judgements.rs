//! Signed judgements: what a named official decided where the rules ask for a person. They stand beside the answer of
//! the program and never change it. A judgement belongs to an edition and ends with it.

use crate::value::{Row, values_of};
use crate::write::text;
use crate::{EditionState, Moment, ROWS_MAX, Records, RecordsError, Refusal, Write};
use norms::Day;
use serde_json::json;
use uuid::Uuid;

/// What a judgement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// One case as a whole.
    Case(Uuid),
    /// A key that rules ask for, in every case: `judge('serious_water_polluter')`.
    Key(String),
    /// A key, in one case.
    KeyInCase(String, Uuid),
}

impl About {
    fn key(&self) -> Option<&str> {
        match self {
            Self::Case(_) => None,
            Self::Key(key) | Self::KeyInCase(key, _) => Some(key),
        }
    }

    const fn case(&self) -> Option<Uuid> {
        match self {
            Self::Key(_) => None,
            Self::Case(case) | Self::KeyInCase(_, case) => Some(*case),
        }
    }
}

/// A judgement to be kept.
#[derive(Clone, Debug)]
pub struct NewJudgement<'a> {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// The edition in which it holds.
    pub edition: &'a str,
    /// What it is about.
    pub about: About,
    /// The official who signs.
    pub official: &'a str,
    /// By which authority.
    pub authority: &'a str,
    /// What was decided.
    pub value: &'a str,
    /// Why.
    pub reason: &'a str,
}

/// A judgement on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Its id.
    pub id: Uuid,
    /// The edition in which it holds.
    pub edition: String,
    /// What it is about.
    pub about: About,
    /// The official who signed.
    pub official: String,
    /// By which authority.
    pub authority: String,
    /// What was decided.
    pub value: String,
    /// Why.
    pub reason: String,
    /// When it was signed.
    pub at: Moment,
    /// Who entered it.
    pub by: String,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Moment>,
}

macro_rules! select_judgement {
    ($rest:literal) => {
        concat!(
            "SELECT j.id, j.edition, j.key, j.screening_case, j.official, j.authority, j.value, j.reason, j.at, \
             j.by_actor, r.at AS revoked_at FROM judgement j LEFT JOIN judgement_revoked r ON r.judgement = j.id ",
            $rest
        )
    };
}

impl Judgement {
    fn from_row(mut row: Row) -> Result<Self, RecordsError> {
        let (id, edition) = (row.take()?, row.take()?);
        let about = match (row.take()?, row.take()?) {
            (Some(key), Some(case)) => About::KeyInCase(key, case),
            (Some(key), None) => About::Key(key),
            (None, Some(case)) => About::Case(case),
            (None, None) => return Err(RecordsError::damaged("a judgement is about nothing")),
        };
        Ok(Self {
            id,
            edition,
            about,
            official: row.take()?,
            authority: row.take()?,
            value: row.take()?,
            reason: row.take()?,
            at: row.take()?,
            by: row.take()?,
            revoked_at: row.take()?,
        })
    }
}

impl Records {
    /// The judgements about a case, oldest first, revoked ones too.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn judgements_of_case(&self, case: Uuid) -> Result<Vec<Judgement>, RecordsError> {
        let sql = select_judgement!("WHERE j.screening_case = $1 ORDER BY j.at, j.id LIMIT $2");
        let rows = self.store.rows(sql, values_of![case, ROWS_MAX]).await?;
        rows.into_iter().map(Judgement::from_row).collect()
    }

    /// The judgement on a key that holds in an edition on a day: the newest that was not revoked, for the case if
    /// there is one, else for every case. None when the edition is not in force on that day: judgements end with it.
    ///
    /// # Errors
    ///
    /// [`RecordsError::Missing`] when the edition is not there.
    pub async fn judgement_on(
        &self,
        key: &str,
        case: Option<Uuid>,
        edition: &str,
        day: Day,
    ) -> Result<Option<Judgement>, RecordsError> {
        let standing = self.edition(edition).await?.now;
        if standing.state != EditionState::Published || !standing.term.contains(day) {
            return Ok(None);
        }
        let sql = select_judgement!(
            "WHERE j.edition = $1 AND j.key = $2 AND r.at IS NULL \
             AND (j.screening_case IS NULL OR j.screening_case = $3) \
             ORDER BY CASE WHEN j.screening_case IS NULL THEN 1 ELSE 0 END, j.at DESC, j.id DESC LIMIT 1"
        );
        self.store.row(sql, values_of![edition, key, case]).await?.map(Judgement::from_row).transpose()
    }
}

impl Write {
    /// Keeps a signed judgement. A later one on the same matter takes its place; none is ever changed.
    ///
    /// # Errors
    ///
    /// [`RecordsError::Missing`] when the edition or the case is not there; [`Refusal::Field`] when it does not name
    /// official, authority, value and reason; [`Refusal::Exists`].
    pub async fn add_judgement(&mut self, judgement: &NewJudgement<'_>) -> Result<(), RecordsError> {
        for (field, value) in [
            ("official", judgement.official),
            ("authority", judgement.authority),
            ("value", judgement.value),
            ("reason", judgement.reason),
        ] {
            text(field, value)?;
        }
        if let Some(key) = judgement.about.key() {
            text("key", key)?;
        }
        self.edition_now(judgement.edition).await?;
        if let Some(case) = judgement.about.case() {
            let row = self.row("SELECT id FROM screening_case WHERE id = $1", values_of![case]).await?;
            row.ok_or_else(|| RecordsError::missing("case", &case))?;
        }
        if self.row("SELECT id FROM judgement WHERE id = $1", values_of![judgement.id]).await?.is_some() {
            return Err(Refusal::Exists { kind: "judgement", id: judgement.id.to_string() }.into());
        }
        let (now, actor) = (self.now(), self.actor());
        let (key, case) = (judgement.about.key(), judgement.about.case());
        self.run(
            "INSERT INTO judgement (id, edition, screening_case, key, official, authority, value, reason, at, by_actor) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            values_of![
                judgement.id,
                judgement.edition,
                case,
                key,
                judgement.official,
                judgement.authority,
                judgement.value,
                judgement.reason,
                now,
                actor
            ],
        )
        .await?;
        let body = json!({
            "edition": judgement.edition, "case": case.map(|case| case.to_string()), "key": key,
            "official": judgement.official, "authority": judgement.authority, "value": judgement.value,
            "reason": judgement.reason,
        });
        self.tell("judgement.add", "judgement", &judgement.id.to_string(), &body).await?;
        Ok(())
    }

    /// Revokes a judgement from now on.
    ///
    /// # Errors
    ///
    /// [`RecordsError::Missing`]; [`Refusal::State`] when it was revoked before; [`Refusal::Field`] without a reason.
    pub async fn revoke_judgement(&mut self, id: Uuid, reason: &str) -> Result<(), RecordsError> {
        text("reason", reason)?;
        let row = self.row(select_judgement!("WHERE j.id = $1"), values_of![id]).await?;
        let judgement = Judgement::from_row(row.ok_or_else(|| RecordsError::missing("judgement", &id))?)?;
        if judgement.revoked_at.is_some() {
            let id = id.to_string();
            return Err(Refusal::State { kind: "judgement", id, state: "revoked", wanted: "in force" }.into());
        }
        let (now, actor) = (self.now(), self.actor());
        self.run(
            "INSERT INTO judgement_revoked (judgement, reason, at, by_actor) VALUES ($1, $2, $3, $4)",
            values_of![id, reason, now, actor],
        )
        .await?;
        self.tell("judgement.revoke", "judgement", &id.to_string(), &json!({ "reason": reason })).await?;
        Ok(())
    }
}
