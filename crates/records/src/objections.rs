//! Objections to data: somebody says that a feature of a layer is wrong, and is answered.

use crate::value::{Row, values_of};
use crate::write::{short, text};
use crate::{Moment, ROWS_MAX, Records, RecordsError, Refusal, Write};
use serde_json::json;
use uuid::Uuid;

/// Where an objection stands: filed → accepted → corrected, or filed → rejected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ObjectionState {
    /// Not answered yet.
    Filed,
    /// Right; the data are to be corrected in a coming edition.
    Accepted,
    /// Not right, for the reason given.
    Rejected,
    /// Corrected in an edition.
    Corrected,
}

impl ObjectionState {
    /// The word in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Corrected => "corrected",
        }
    }

    /// The state of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Filed, Self::Accepted, Self::Rejected, Self::Corrected].into_iter().find(|state| state.word() == word)
    }

    fn parse(word: &str) -> Result<Self, RecordsError> {
        Self::of_word(word).ok_or_else(|| RecordsError::damaged(format!("an objection's state '{word}' is none")))
    }

    /// The state from which a step leads here.
    const fn from(self) -> Option<Self> {
        match self {
            Self::Filed => None,
            Self::Accepted | Self::Rejected => Some(Self::Filed),
            Self::Corrected => Some(Self::Accepted),
        }
    }
}

/// An objection to be kept. Who objects is the actor of the unit of work.
#[derive(Clone, Debug)]
pub struct NewObjection<'a> {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// The edition.
    pub edition: &'a str,
    /// The key of the layer; `units` for the units themselves.
    pub layer: &'a str,
    /// The feature's id; empty when it is about the layer, or about something that is not there.
    pub feature: &'a str,
    /// What is wrong, in the words of who objects.
    pub text: &'a str,
    /// How they want to be answered; may be empty. It is in no event.
    pub contact: &'a str,
}

/// An objection as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// Its id.
    pub id: Uuid,
    /// The edition.
    pub edition: String,
    /// The key of the layer.
    pub layer: String,
    /// The feature's id; may be empty.
    pub feature: String,
    /// What is wrong.
    pub text: String,
    /// How they want to be answered; may be empty.
    pub contact: String,
    /// When it was filed.
    pub at: Moment,
    /// Who filed it.
    pub by: String,
    /// Where it stands.
    pub state: ObjectionState,
    /// The reason of the last step.
    pub reason: String,
    /// When the last step was taken.
    pub state_at: Moment,
    /// Who took it.
    pub state_by: String,
}

macro_rules! select_objection {
    ($rest:literal) => {
        concat!(
            "SELECT o.id, o.edition, o.layer, o.feature, o.text, o.contact, o.at, o.by_actor, s.state, s.reason, \
             s.at AS state_at, s.by_actor AS state_by FROM objection o JOIN objection_step s ON s.objection = o.id \
             WHERE s.step = (SELECT max(n.step) FROM objection_step n WHERE n.objection = o.id) ",
            $rest
        )
    };
}

impl Objection {
    fn from_row(mut row: Row) -> Result<Self, RecordsError> {
        Ok(Self {
            id: row.take()?,
            edition: row.take()?,
            layer: row.take()?,
            feature: row.take()?,
            text: row.take()?,
            contact: row.take()?,
            at: row.take()?,
            by: row.take()?,
            state: ObjectionState::parse(&row.take::<String>()?)?,
            reason: row.take()?,
            state_at: row.take()?,
            state_by: row.take()?,
        })
    }
}

impl Records {
    /// An objection as it stands.
    ///
    /// # Errors
    ///
    /// [`RecordsError::Missing`].
    pub async fn objection(&self, id: Uuid) -> Result<Objection, RecordsError> {
        let row = self.store.row(select_objection!("AND o.id = $1"), values_of![id]).await?;
        Objection::from_row(row.ok_or_else(|| RecordsError::missing("objection", &id))?)
    }

    /// Objections, newest first, to one edition and of one state if they are named.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn objections(
        &self,
        edition: Option<&str>,
        state: Option<ObjectionState>,
        limit: u32,
    ) -> Result<Vec<Objection>, RecordsError> {
        let sql = select_objection!(
            "AND ($1 IS NULL OR o.edition = $1) AND ($2 IS NULL OR s.state = $2) ORDER BY o.at DESC, o.id DESC LIMIT $3"
        );
        let state = state.map(ObjectionState::word);
        let rows = self.store.rows(sql, values_of![edition, state, limit.min(ROWS_MAX)]).await?;
        rows.into_iter().map(Objection::from_row).collect()
    }
}

impl Write {
    /// Files an objection.
    ///
    /// # Errors
    ///
    /// [`RecordsError::Missing`] when the edition is not there; [`Refusal::Field`]; [`Refusal::Exists`].
    pub async fn file_objection(&mut self, objection: &NewObjection<'_>) -> Result<(), RecordsError> {
        text("layer", objection.layer)?;
        short("feature", objection.feature)?;
        text("text", objection.text)?;
        short("contact", objection.contact)?;
        self.edition_now(objection.edition).await?;
        if self.row("SELECT id FROM objection WHERE id = $1", values_of![objection.id]).await?.is_some() {
            return Err(Refusal::Exists { kind: "objection", id: objection.id.to_string() }.into());
        }
        let (now, actor) = (self.now(), self.actor());
        self.run(
            "INSERT INTO objection (id, edition, layer, feature, text, contact, at, by_actor) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            values_of![
                objection.id,
                objection.edition,
                objection.layer,
                objection.feature,
                objection.text,
                objection.contact,
                now,
                actor
            ],
        )
        .await?;
        self.objection_step(objection.id, 1, ObjectionState::Filed, "").await
    }

    /// Takes the next step of an objection, for a reason that the one who objected will read.
    ///
    /// # Errors
    ///
    /// [`RecordsError::Missing`]; [`Refusal::State`] when no step leads there; [`Refusal::Field`] without a reason.
    pub async fn answer_objection(
        &mut self,
        id: Uuid,
        state: ObjectionState,
        reason: &str,
    ) -> Result<(), RecordsError> {
        text("reason", reason)?;
        let row = self
            .row(
                "SELECT state, step FROM objection_step WHERE objection = $1 ORDER BY step DESC LIMIT 1",
                values_of![id],
            )
            .await?;
        let mut row = row.ok_or_else(|| RecordsError::missing("objection", &id))?;
        let now = ObjectionState::parse(&row.take::<String>()?)?;
        let last: i64 = row.take()?;
        if state.from() != Some(now) {
            let wanted = state.from().map_or("nothing", ObjectionState::word);
            return Err(Refusal::State { kind: "objection", id: id.to_string(), state: now.word(), wanted }.into());
        }
        self.objection_step(id, last + 1, state, reason).await
    }

    async fn objection_step(
        &mut self,
        id: Uuid,
        step: i64,
        state: ObjectionState,
        reason: &str,
    ) -> Result<(), RecordsError> {
        let (now, actor) = (self.now(), self.actor());
        self.run(
            "INSERT INTO objection_step (objection, step, state, reason, at, by_actor) VALUES ($1, $2, $3, $4, $5, $6)",
            values_of![id, step, state.word(), reason, now, actor],
        )
        .await?;
        // The words of a citizen stay in the records; the lake needs what became of them.
        let body = json!({ "state": state.word(), "reason": reason });
        self.tell("objection.step", "objection", &id.to_string(), &body).await?;
        Ok(())
    }
}
