//! Follow-up evaluations: how a unit did in a year, as indicators. A correction is a new revision.

use crate::limits::document;
use crate::value::{Row, values_of};
use crate::write::text;
use crate::{Cursor, Moment, ROWS_MAX, Records, RecordsError, Refusal, Write};
use serde_json::json;
use uuid::Uuid;

/// The follow-up evaluation of a unit in a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// Its id.
    pub id: Uuid,
    /// The city.
    pub city: String,
    /// The unit's code.
    pub unit: String,
    /// The year.
    pub year: u32,
    /// Its revision, from 1.
    pub revision: i64,
    /// The indicators, as a JSON object.
    pub indicators: String,
    /// When it was recorded.
    pub at: Moment,
    /// Who recorded it.
    pub by: String,
}

impl FollowUp {
    fn from_row(mut row: Row) -> Result<Self, RecordsError> {
        Ok(Self {
            id: row.take()?,
            city: row.take()?,
            unit: row.take()?,
            year: row.take()?,
            revision: row.take()?,
            indicators: row.take()?,
            at: row.take()?,
            by: row.take()?,
        })
    }
}

/// Which evaluations are wanted. Empty fields ask nothing.
#[derive(Clone, Debug, Default)]
pub struct FollowUpFilter {
    /// The year.
    pub year: Option<u32>,
    /// The unit's code.
    pub unit: Option<String>,
}

impl Records {
    /// The newest revisions of a city's evaluations, those entered last first, after a cursor; at most `limit`, never
    /// more than [`ROWS_MAX`]. One that is corrected meanwhile goes to the front.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn follow_ups(
        &self,
        city: &str,
        filter: &FollowUpFilter,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Vec<FollowUp>, RecordsError> {
        let sql = "SELECT id, city, unit, year, revision, indicators, at, by_actor FROM follow_up f \
                   WHERE city = $1 AND ($2 IS NULL OR year = $2) AND ($3 IS NULL OR unit = $3) \
                   AND ($4 IS NULL OR (at, id) < ($4, $5)) AND revision = (SELECT max(n.revision) FROM follow_up n \
                   WHERE n.city = f.city AND n.unit = f.unit AND n.year = f.year) ORDER BY at DESC, id DESC LIMIT $6";
        let values = values_of![
            city,
            filter.year,
            filter.unit.as_deref(),
            after.map(|cursor| cursor.at),
            after.map(|cursor| cursor.id),
            limit.min(ROWS_MAX)
        ];
        let rows = self.store.rows(sql, values).await?;
        rows.into_iter().map(FollowUp::from_row).collect()
    }
}

impl FollowUp {
    /// The cursor after this evaluation.
    #[must_use]
    pub const fn cursor(&self) -> Cursor {
        Cursor { at: self.at, id: self.id }
    }
}

impl Write {
    /// Keeps a follow-up evaluation, or a new revision of it; gives the revision.
    ///
    /// # Errors
    ///
    /// [`Refusal::Field`] when the indicators are no JSON object; [`Refusal::Exists`] when the id is taken.
    pub async fn add_follow_up(
        &mut self,
        id: Uuid,
        city: &str,
        unit: &str,
        year: u32,
        indicators: &str,
    ) -> Result<i64, RecordsError> {
        text("city", city)?;
        text("unit", unit)?;
        document("indicators", indicators.as_bytes())?;
        let parsed: serde_json::Value = serde_json::from_str(indicators).unwrap_or_default();
        if !parsed.is_object() {
            return Err(
                Refusal::Field { field: "indicators", zh: "须为 JSON 对象", en: "must be a JSON object" }.into()
            );
        }
        if self.row("SELECT id FROM follow_up WHERE id = $1", values_of![id]).await?.is_some() {
            return Err(Refusal::Exists { kind: "follow_up", id: id.to_string() }.into());
        }
        let last = "SELECT max(revision) FROM follow_up WHERE city = $1 AND unit = $2 AND year = $3";
        let last: Option<i64> = self.one(last, values_of![city, unit, year]).await?.flatten();
        let revision = last.unwrap_or(0) + 1;
        let (now, actor) = (self.now(), self.actor());
        self.run(
            "INSERT INTO follow_up (id, city, unit, year, revision, indicators, at, by_actor) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            values_of![id, city, unit, year, revision, indicators, now, actor],
        )
        .await?;
        let body = json!({ "city": city, "unit": unit, "year": year, "revision": revision, "indicators": parsed });
        self.tell("follow_up.add", "follow_up", &id.to_string(), &body).await?;
        Ok(revision)
    }
}
