//! The states of zoning editions: their history, and publishing, ending, withdrawing them.

use super::gate::{App, DecideEditions, Gate, ReadEditions};
use super::params::{Body, Query};
use super::people::{read_json, unkept};
use super::problem::{Problem, ProblemBody};
use super::routes::BODY_BYTES;
use crate::registry::rfc3339;
use axum::Json;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use norms::Day;
use records::RecordsError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// All operations, each in the description.
pub(super) fn described() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(history))
        .routes(routes!(publish))
        .routes(routes!(end))
        .routes(routes!(withdraw))
}

/// A step of an edition.
#[derive(Debug, Serialize, ToSchema)]
struct StepLine {
    /// 1, 2, 3 …
    step: i64,
    /// `draft`, `checked`, `published`, `withdrawn`.
    state: String,
    /// First day of its term.
    from: Option<String>,
    /// Day after the last of its term.
    to: Option<String>,
    /// When (RFC 3339, +08:00).
    at: String,
    /// Who.
    by: String,
    /// Why, or the report of the checks.
    reason: String,
    /// Hash of the folder.
    hash: String,
    /// The impact analysis that was attached.
    impact: Option<String>,
}

/// The history of an edition.
#[derive(Debug, Serialize, ToSchema)]
struct History {
    /// Oldest first.
    items: Vec<StepLine>,
}

#[utoipa::path(get, path = "/zoning/editions/{edition}/history", tag = "zoning", summary = "版本状态的历史",
    params(("edition" = String, Path, description = "版本 Edition", example = "xm-2026")),
    responses((status = 200, body = History)), security(("operator" = [])))]
async fn history(gate: Gate<ReadEditions>, Path(edition): Path<String>, uri: Uri) -> Result<Response, Problem> {
    Query::read(&uri, &[])?;
    let steps = gate.registry().records().edition_steps(&edition).await?;
    if steps.is_empty() {
        return Err(RecordsError::Missing { kind: "edition", id: edition }.into());
    }
    let day = |day: Option<Day>| day.map(|day| day.to_string());
    let line = |step: records::EditionStep| StepLine {
        step: step.step,
        state: step.state.word().to_owned(),
        from: day(step.term.from),
        to: day(step.term.to),
        at: rfc3339(step.at),
        by: step.by,
        reason: step.reason,
        hash: step.content.to_string(),
        impact: step.impact.map(|id| id.to_string()),
    };
    Ok(unkept(Json(History { items: steps.into_iter().map(line).collect() })))
}

/// What stands beside a publication.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Publishing {
    /// Id of the impact analysis to be attached.
    #[serde(default)]
    impact: Option<String>,
}

#[utoipa::path(post, path = "/zoning/editions/{edition}/publication", tag = "zoning", summary = "发布已审核的版本（须由另一人）",
    params(("edition" = String, Path, description = "版本 Edition", example = "xm-2026")), request_body = Publishing,
    responses((status = 204, description = "已发布 Published"),
        (status = 403, description = "须由另一人发布 A second person must publish", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "状态不对，或与已发布版本重叠 Not in this state, or another edition is in force", body = ProblemBody, content_type = "application/problem+json")),
    security(("operator" = [])))]
async fn publish(
    gate: Gate<DecideEditions>,
    Path(edition): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Body<BODY_BYTES>,
) -> Result<StatusCode, Problem> {
    Query::read(&uri, &[])?;
    let entered: Publishing = read_json(&headers, &body.0)?;
    let impact = entered.impact.as_deref().map(super::people::id_of).transpose()?;
    gate.registry().publish(&edition, gate.act(), impact).await?;
    look_again(&gate).await
}

/// The end of a term.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Ending {
    /// The day after the last one.
    to: String,
    /// Why.
    reason: String,
}

#[utoipa::path(post, path = "/zoning/editions/{edition}/end", tag = "zoning", summary = "终止已发布的版本",
    params(("edition" = String, Path, description = "版本 Edition", example = "xm-2026")), request_body = Ending,
    responses((status = 204, description = "已记录 Recorded")), security(("operator" = [])))]
async fn end(
    gate: Gate<DecideEditions>,
    Path(edition): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Body<BODY_BYTES>,
) -> Result<StatusCode, Problem> {
    Query::read(&uri, &[])?;
    let entered: Ending = read_json(&headers, &body.0)?;
    let wrong = ("应为日期，如 2027-01-01。", "It must be a day such as 2027-01-01.");
    let to: Day = entered.to.parse().map_err(|_| Problem::bad("to", Some(&entered.to), wrong))?;
    let mut write = gate.registry().records().begin(gate.act()).await?;
    write.end_edition(&edition, to, &entered.reason).await?;
    write.commit().await?;
    look_again(&gate).await
}

/// Why an edition is withdrawn.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Withdrawing {
    /// Why.
    reason: String,
}

#[utoipa::path(post, path = "/zoning/editions/{edition}/withdrawal", tag = "zoning", summary = "撤回版本",
    params(("edition" = String, Path, description = "版本 Edition", example = "xm-2026")), request_body = Withdrawing,
    responses((status = 204, description = "已记录 Recorded")), security(("operator" = [])))]
async fn withdraw(
    gate: Gate<DecideEditions>,
    Path(edition): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Body<BODY_BYTES>,
) -> Result<StatusCode, Problem> {
    Query::read(&uri, &[])?;
    let entered: Withdrawing = read_json(&headers, &body.0)?;
    let mut write = gate.registry().records().begin(gate.act()).await?;
    write.withdraw_edition(&edition, &entered.reason).await?;
    write.commit().await?;
    look_again(&gate).await
}

/// The next question is answered by what was just recorded.
async fn look_again(gate: &Gate<DecideEditions>) -> Result<StatusCode, Problem> {
    gate.office().look_at_editions().await.map_err(|error| Problem::failed(&format!("{error:#}")))?;
    Ok(StatusCode::NO_CONTENT)
}
