//! Impact runs: who would change verdict between two editions. One is named when an edition is published.

use crate::limits::document;
use crate::value::values_of;
use crate::write::text;
use crate::{Hash, Moment, Records, RecordsError, Refusal, Write};
use serde_json::json;
use uuid::Uuid;

/// An impact run to be kept.
#[derive(Clone, Debug)]
pub struct NewImpactRun<'a> {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// The edition before.
    pub from: &'a str,
    /// The edition after.
    pub to: &'a str,
    /// How many projects were judged by both.
    pub projects: u32,
    /// How many of them change verdict.
    pub changed: u32,
    /// The report, to the byte.
    pub report: &'a [u8],
}

/// An impact run on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImpactRun {
    /// Its id.
    pub id: Uuid,
    /// The edition before.
    pub from: String,
    /// The edition after.
    pub to: String,
    /// How many projects were judged by both.
    pub projects: u32,
    /// How many of them change verdict.
    pub changed: u32,
    /// The report: the bytes that were kept.
    pub report: Vec<u8>,
    /// When it was kept.
    pub at: Moment,
    /// Who kept it.
    pub by: String,
}

impl Records {
    /// An impact run with its report.
    ///
    /// # Errors
    ///
    /// [`RecordsError::Missing`]; [`RecordsError::Damaged`] when the report is not the one that was kept.
    pub async fn impact_run(&self, id: Uuid) -> Result<ImpactRun, RecordsError> {
        let sql = "SELECT id, from_edition, to_edition, projects, changed, report, at, by_actor, report_hash \
                   FROM impact_run WHERE id = $1";
        let row = self.store.row(sql, values_of![id]).await?;
        let mut row = row.ok_or_else(|| RecordsError::missing("impact_run", &id))?;
        let run = ImpactRun {
            id: row.take()?,
            from: row.take()?,
            to: row.take()?,
            projects: row.take()?,
            changed: row.take()?,
            report: row.take()?,
            at: row.take()?,
            by: row.take()?,
        };
        if Hash::of(&run.report) != row.take()? {
            return Err(RecordsError::damaged(format!("the report of impact run '{id}' is not the one that was kept")));
        }
        Ok(run)
    }
}

impl Write {
    /// Keeps an impact run.
    ///
    /// # Errors
    ///
    /// [`RecordsError::Missing`] when an edition is not there; [`Refusal::Field`]; [`Refusal::Exists`].
    pub async fn add_impact_run(&mut self, run: &NewImpactRun<'_>) -> Result<(), RecordsError> {
        document("report", run.report)?;
        for edition in [run.from, run.to] {
            text("edition", edition)?;
            self.edition_now(edition).await?;
        }
        if run.changed > run.projects {
            return Err(Refusal::Field { field: "changed", zh: "超过项目总数", en: "is more than all projects" }.into());
        }
        if self.row("SELECT id FROM impact_run WHERE id = $1", values_of![run.id]).await?.is_some() {
            return Err(Refusal::Exists { kind: "impact_run", id: run.id.to_string() }.into());
        }
        let hash = Hash::of(run.report);
        let (now, actor) = (self.now(), self.actor());
        self.run(
            "INSERT INTO impact_run (id, from_edition, to_edition, projects, changed, report, report_hash, at, by_actor) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            values_of![run.id, run.from, run.to, run.projects, run.changed, run.report, hash, now, actor],
        )
        .await?;
        let body = json!({
            "from": run.from, "to": run.to, "projects": run.projects, "changed": run.changed,
            "report_hash": hash.to_string(),
        });
        self.tell("impact.add", "impact_run", &run.id.to_string(), &body).await?;
        Ok(())
    }
}
