//! Editions of the zoning map: draft → checked → published → withdrawn, and which one was in force on a day as it was
//! known at a time.
//!
//! An edition's row never changes; its steps are only added. Each step carries the content hash and the term that
//! held from then on, so the newest step at or before T is what was known at T (two times: the days of the term are
//! valid time, the moment of the step is recorded time).

use crate::value::{Row, values_of};
use crate::write::{short, text};
use crate::{Hash, Moment, ROWS_MAX, Records, RecordsError, Refusal, Write};
use norms::{Day, Term};
use serde_json::json;
use uuid::Uuid;

/// Where an edition stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EditionState {
    /// Imported; may be imported again.
    Draft,
    /// Its checks are done; a second person may publish it.
    Checked,
    /// In force in its term.
    Published,
    /// No longer in force; what was judged by it stays.
    Withdrawn,
}

impl EditionState {
    /// The word in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Checked => "checked",
            Self::Published => "published",
            Self::Withdrawn => "withdrawn",
        }
    }

    fn parse(word: &str) -> Result<Self, RecordsError> {
        [Self::Draft, Self::Checked, Self::Published, Self::Withdrawn]
            .into_iter()
            .find(|state| state.word() == word)
            .ok_or_else(|| RecordsError::damaged(format!("an edition's state '{word}' is none")))
    }
}

/// A step in the life of an edition, and what held from then on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditionStep {
    /// Its number within the edition, from 1.
    pub step: i64,
    /// Where it led.
    pub state: EditionState,
    /// The hash of the edition's folder.
    pub content: Hash,
    /// The days in which it is in force once it is published.
    pub term: Term,
    /// When this was recorded.
    pub at: Moment,
    /// Who did it.
    pub by: String,
    /// Why, in words; may be empty.
    pub reason: String,
    /// The impact run that was looked at before publishing.
    pub impact: Option<Uuid>,
}

/// An edition with its newest step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edition {
    /// Its id, as its folder says.
    pub id: String,
    /// The city.
    pub city: String,
    /// Its name.
    pub title: String,
    /// Where it stands.
    pub now: EditionStep,
}

/// An edition to be kept.
#[derive(Clone, Debug)]
pub struct NewEdition<'a> {
    /// Its id, as its folder says.
    pub id: &'a str,
    /// The city.
    pub city: &'a str,
    /// Its name.
    pub title: &'a str,
    /// The hash of its folder.
    pub content: Hash,
    /// The days in which it is to be in force.
    pub term: Term,
}

/// Whether a second person must publish.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FourEyes {
    /// Who imported or checked an edition may not publish it.
    Required,
    /// One person plays every part of the demo city. The audit says so.
    WaivedForDemo,
    /// There is no account yet: the console plays every part. The audit says so.
    WaivedWithoutAccounts,
}

macro_rules! select_newest {
    // The newest step of each edition that was recorded by $1.
    ($rest:literal) => {
        concat!(
            "SELECT e.id, e.city, e.title, s.step, s.state, s.content_hash, s.from_day, s.to_day, s.at, s.by_actor, \
             s.reason, s.impact_run FROM edition e JOIN edition_step s ON s.edition = e.id \
             WHERE s.step = (SELECT max(n.step) FROM edition_step n WHERE n.edition = e.id AND n.at <= $1) ",
            $rest
        )
    };
}

impl EditionStep {
    fn from_row(row: &mut Row) -> Result<Self, RecordsError> {
        Ok(Self {
            step: row.take()?,
            state: EditionState::parse(&row.take::<String>()?)?,
            content: row.take()?,
            term: Term { from: row.take()?, to: row.take()? },
            at: row.take()?,
            by: row.take()?,
            reason: row.take()?,
            impact: row.take()?,
        })
    }
}

impl Edition {
    fn from_row(mut row: Row) -> Result<Self, RecordsError> {
        Ok(Self { id: row.take()?, city: row.take()?, title: row.take()?, now: EditionStep::from_row(&mut row)? })
    }
}

/// Later than any step.
const EVER: Moment = Moment::from_micros(i64::MAX);

impl Records {
    /// An edition as it stands.
    ///
    /// # Errors
    ///
    /// [`RecordsError::Missing`].
    pub async fn edition(&self, id: &str) -> Result<Edition, RecordsError> {
        let row = self.store.row(select_newest!("AND e.id = $2"), values_of![EVER, id]).await?;
        Edition::from_row(row.ok_or_else(|| RecordsError::missing("edition", id))?)
    }

    /// The editions of a city, as was known at a time, in the order of their ids.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn editions(&self, city: &str, known_at: Moment) -> Result<Vec<Edition>, RecordsError> {
        let sql = select_newest!("AND e.city = $2 ORDER BY e.id LIMIT $3");
        let rows = self.store.rows(sql, values_of![known_at, city, ROWS_MAX]).await?;
        rows.into_iter().map(Edition::from_row).collect()
    }

    /// Every step of an edition, oldest first.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn edition_steps(&self, id: &str) -> Result<Vec<EditionStep>, RecordsError> {
        let sql = "SELECT step, state, content_hash, from_day, to_day, at, by_actor, reason, impact_run \
                   FROM edition_step WHERE edition = $1 ORDER BY step";
        let rows = self.store.rows(sql, values_of![id]).await?;
        rows.into_iter().map(|mut row| EditionStep::from_row(&mut row)).collect()
    }

    /// The edition that was in force in a city on a day, as was known at a time. None is an answer: nothing unknown
    /// is allowed by it.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn in_force(&self, city: &str, day: Day, known_at: Moment) -> Result<Option<Edition>, RecordsError> {
        let sql = select_newest!("AND e.city = $2 AND s.state = 'published'");
        let rows = self.store.rows(sql, values_of![known_at, city]).await?;
        let editions = rows.into_iter().map(Edition::from_row).collect::<Result<Vec<_>, _>>()?;
        Ok(editions.into_iter().find(|edition| edition.now.term.contains(day)))
    }
}

impl Write {
    /// Keeps a draft. The same id again replaces the content and term of an edition that is not published yet; it is
    /// a draft again.
    ///
    /// # Errors
    ///
    /// [`Refusal::State`] when it was published or withdrawn, [`Refusal::Exists`] when the id is another city's,
    /// [`Refusal::Field`].
    pub async fn import_edition(&mut self, edition: &NewEdition<'_>) -> Result<(), RecordsError> {
        text("id", edition.id)?;
        text("city", edition.city)?;
        short("title", edition.title)?;
        proper(edition.term)?;
        let (now, actor) = (self.now(), self.actor());
        match self.edition_now(edition.id).await {
            Ok(before) if before.city != edition.city || before.title != edition.title => {
                return Err(Refusal::Exists { kind: "edition", id: before.id }.into());
            }
            Ok(before) => before.must_be(&[EditionState::Draft, EditionState::Checked], "draft, checked")?,
            Err(RecordsError::Missing { .. }) => {
                self.run(
                    "INSERT INTO edition (id, city, title, at, by_actor) VALUES ($1, $2, $3, $4, $5)",
                    values_of![edition.id, edition.city, edition.title, now, actor],
                )
                .await?;
            }
            Err(error) => return Err(error),
        }
        self.edition_step(edition.id, EditionState::Draft, edition.content, edition.term, "", None, "edition.import")
            .await
    }

    /// Says that the checks of a draft are done.
    ///
    /// # Errors
    ///
    /// [`Refusal::State`] when it is no draft; [`Refusal::Field`] when the folder that was checked is not the one
    /// that was imported.
    pub async fn check_edition(&mut self, id: &str, checked: Hash, report: &str) -> Result<(), RecordsError> {
        short("report", report)?;
        let edition = self.edition_now(id).await?;
        edition.must_be(&[EditionState::Draft], "draft")?;
        if edition.now.content != checked {
            return Err(Refusal::Field {
                field: "content",
                zh: "与导入的内容不一致:请重新导入",
                en: "differs from what was imported: import it again",
            }
            .into());
        }
        self.edition_step(id, EditionState::Checked, checked, edition.now.term, report, None, "edition.check").await
    }

    /// Publishes a checked edition: from now on it is in force in its term.
    ///
    /// # Errors
    ///
    /// [`Refusal::State`]; [`Refusal::FourEyes`] when the same person imported or checked this content;
    /// [`Refusal::Overlap`] when another published edition of the city has a day in common (see
    /// [`Write::end_edition`]); [`RecordsError::Missing`] when the impact run is not there or not of this edition.
    pub async fn publish_edition(
        &mut self,
        id: &str,
        four_eyes: FourEyes,
        impact: Option<Uuid>,
    ) -> Result<(), RecordsError> {
        let edition = self.edition_now(id).await?;
        edition.must_be(&[EditionState::Checked], "checked")?;
        if let Some(run) = impact {
            let sql = "SELECT id FROM impact_run WHERE id = $1 AND to_edition = $2";
            self.row(sql, values_of![run, id]).await?.ok_or_else(|| RecordsError::missing("impact_run", &run))?;
        }
        if four_eyes == FourEyes::Required {
            let sql =
                "SELECT step FROM edition_step WHERE edition = $1 AND by_actor = $2 AND content_hash = $3 LIMIT 1";
            let actor = self.actor();
            if self.row(sql, values_of![id, &actor, edition.now.content]).await?.is_some() {
                return Err(Refusal::FourEyes { edition: id.to_owned(), actor }.into());
            }
        }
        let published = select_newest!("AND e.city = $2 AND e.id <> $3 AND s.state = 'published'");
        for row in self.rows(published, values_of![EVER, &edition.city, id]).await? {
            let other = Edition::from_row(row)?;
            if other.now.term.overlaps(edition.now.term) {
                return Err(Refusal::Overlap { edition: id.to_owned(), other: other.id }.into());
            }
        }
        let reason = match four_eyes {
            FourEyes::Required => "",
            FourEyes::WaivedForDemo => "演示:一人兼任 / demo: one person plays every part",
            FourEyes::WaivedWithoutAccounts => {
                "尚无账号:由控制台一人办理 / no account yet: the console plays every part"
            }
        };
        let (content, term) = (edition.now.content, edition.now.term);
        self.edition_step(id, EditionState::Published, content, term, reason, impact, "edition.publish").await
    }

    /// Ends the term of a published edition earlier, so that another can follow. What was known before stays known.
    ///
    /// # Errors
    ///
    /// [`Refusal::State`]; [`Refusal::Field`] when the day is not within its term.
    pub async fn end_edition(&mut self, id: &str, to: Day, reason: &str) -> Result<(), RecordsError> {
        text("reason", reason)?;
        let edition = self.edition_now(id).await?;
        edition.must_be(&[EditionState::Published], "published")?;
        let term = Term { from: edition.now.term.from, to: Some(to) };
        if edition.now.term.to.is_some_and(|end| to > end) {
            return Err(Refusal::Field { field: "to", zh: "晚于原截止日", en: "is after the end of the term" }.into());
        }
        proper(term)?;
        self.edition_step(id, EditionState::Published, edition.now.content, term, reason, None, "edition.end").await
    }

    /// Withdraws an edition: it is in force on no day, as known from now on.
    ///
    /// # Errors
    ///
    /// [`Refusal::State`] when it is withdrawn already; [`Refusal::Field`] without a reason.
    pub async fn withdraw_edition(&mut self, id: &str, reason: &str) -> Result<(), RecordsError> {
        text("reason", reason)?;
        let edition = self.edition_now(id).await?;
        let before_last = [EditionState::Draft, EditionState::Checked, EditionState::Published];
        edition.must_be(&before_last, "draft, checked, published")?;
        let (content, term) = (edition.now.content, edition.now.term);
        self.edition_step(id, EditionState::Withdrawn, content, term, reason, None, "edition.withdraw").await
    }

    pub(crate) async fn edition_now(&mut self, id: &str) -> Result<Edition, RecordsError> {
        let row = self.row(select_newest!("AND e.id = $2"), values_of![EVER, id]).await?;
        Edition::from_row(row.ok_or_else(|| RecordsError::missing("edition", id))?)
    }

    #[allow(clippy::too_many_arguments, reason = "one row, one argument a column")]
    async fn edition_step(
        &mut self,
        id: &str,
        state: EditionState,
        content: Hash,
        term: Term,
        reason: &str,
        impact: Option<Uuid>,
        action: &str,
    ) -> Result<(), RecordsError> {
        let last: Option<(i64, i64)> = self
            .row("SELECT step, at FROM edition_step WHERE edition = $1 ORDER BY step DESC LIMIT 1", values_of![id])
            .await?
            .map(|mut row| Ok::<_, RecordsError>((row.take()?, row.take()?)))
            .transpose()?;
        // Recorded time never runs backward, whatever the clock does: else a step could hide the one after it.
        let at = last.map_or(self.now(), |(_, at)| self.now().max(Moment::from_micros(at)));
        let step = last.map_or(0, |(step, _)| step) + 1;
        let actor = self.actor();
        self.run(
            "INSERT INTO edition_step (edition, step, state, content_hash, from_day, to_day, at, by_actor, reason, \
             impact_run) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            values_of![id, step, state.word(), content, term.from, term.to, at, actor, reason, impact],
        )
        .await?;
        let day = |day: Option<Day>| day.map(|day| day.to_string());
        let body = json!({
            "state": state.word(), "content": content.to_string(), "from": day(term.from), "to": day(term.to),
            "reason": reason, "impact_run": impact.map(|id| id.to_string()),
        });
        self.tell(action, "edition", id, &body).await?;
        Ok(())
    }
}

impl Edition {
    fn must_be(&self, states: &[EditionState], wanted: &'static str) -> Result<(), Refusal> {
        if states.contains(&self.now.state) {
            return Ok(());
        }
        Err(Refusal::State { kind: "edition", id: self.id.clone(), state: self.now.state.word(), wanted })
    }
}

fn proper(term: Term) -> Result<(), Refusal> {
    match (term.from, term.to) {
        (Some(from), Some(to)) if from >= to => {
            Err(Refusal::Field { field: "term", zh: "截止日须晚于起始日", en: "must end after it begins" })
        }
        _ => Ok(()),
    }
}
