//! Objections to data, and the yearly follow-up of units.

use super::cases::{PAGE, cursor, next_of};
use super::gate::{App, DecideObjections, Gate, KeepCases, KeepObjections, ReadCases, ReadObjections};
use super::params::{Body, Query};
use super::people::{Made, id_of, read_json, unkept};
use super::problem::{Problem, ProblemBody};
use super::routes::BODY_BYTES;
use crate::registry::{new_id, rfc3339};
use axum::Json;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use records::{FollowUpFilter, NewObjection, ObjectionState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Objections of one answer.
const ROWS: u32 = 500;
/// The longest text of an objection.
const TEXT_CHARS: usize = 2_000;
/// The longest contact.
const CONTACT_CHARS: usize = 200;
/// The years that can be followed up.
const YEARS: std::ops::RangeInclusive<u32> = 2000..=2199;

/// All operations, each in the description.
pub(super) fn described() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(objections, object))
        .routes(routes!(answer_objection))
        .routes(routes!(follow_ups, follow_up))
}

/// What is wrong with the data of an edition.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Objecting {
    /// The edition.
    edition: String,
    /// Key of the layer; `units` for the units themselves.
    layer: String,
    /// Id of the feature; empty when it is about the layer, or about something that is not there.
    #[serde(default)]
    feature: String,
    /// What is wrong, at most 2,000 characters.
    text: String,
    /// How whoever objects wants to be answered, at most 200 characters; only officers see it.
    #[serde(default)]
    contact: String,
}

#[utoipa::path(post, path = "/zoning/objections", tag = "zoning", summary = "对数据提出异议（任何人）", request_body = Objecting,
    responses((status = 201, body = Made),
        (status = 429, description = "一小时内过多 Too many within an hour", body = ProblemBody, content_type = "application/problem+json")))]
async fn object(
    gate: Gate<KeepObjections>,
    uri: Uri,
    headers: HeaderMap,
    body: Body<BODY_BYTES>,
) -> Result<(StatusCode, Json<Made>), Problem> {
    Query::read(&uri, &[])?;
    let entered: Objecting = read_json(&headers, &body.0)?;
    for (field, text, most) in [("text", &entered.text, TEXT_CHARS), ("contact", &entered.contact, CONTACT_CHARS)] {
        if text.chars().count() > most {
            let (zh, en) = (format!("最多 {most} 个字符。"), format!("At most {most} characters."));
            return Err(Problem::bad(field, None, (&zh, &en)));
        }
    }
    if gate.visitor().person().is_none() {
        gate.strangers().come(gate.peer()).map_err(too_many)?;
    }
    let objection = NewObjection {
        id: new_id(),
        edition: &entered.edition,
        layer: &entered.layer,
        feature: &entered.feature,
        text: &entered.text,
        contact: &entered.contact,
    };
    let mut write = gate.registry().records().begin(gate.act()).await?;
    write.file_objection(&objection).await?;
    write.commit().await?;
    Ok((StatusCode::CREATED, Json(Made { id: objection.id.to_string() })))
}

fn too_many(seconds: u64) -> Problem {
    let minutes = seconds.div_ceil(60);
    let (zh, en) =
        (format!("提交得太多，请 {minutes} 分钟后再试。"), format!("Too many; try again in {minutes} minutes."));
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-objections", ("提交得太多", "Too many"), (&zh, &en))
        .with(header::RETRY_AFTER, HeaderValue::from(seconds))
}

/// An objection as it stands.
#[derive(Debug, Serialize, ToSchema)]
struct ObjectionLine {
    /// Its id.
    id: String,
    /// The edition.
    edition: String,
    /// Key of the layer.
    layer: String,
    /// Id of the feature; may be empty.
    feature: String,
    /// Its name in the edition; null when there is none.
    feature_name: Option<String>,
    /// What is wrong.
    text: String,
    /// How they want to be answered; may be empty.
    contact: String,
    /// When it was filed (RFC 3339, +08:00).
    at: String,
    /// Who filed it; `public` for nobody in particular.
    by: String,
    /// `filed`, `accepted`, `rejected`, `corrected`.
    state: String,
    /// The reason of the last step.
    reason: String,
    /// When the last step was taken (RFC 3339, +08:00).
    state_at: String,
    /// Who took it.
    state_by: String,
}

/// Objections.
#[derive(Debug, Serialize, ToSchema)]
struct ObjectionList {
    /// Newest first, at most 500.
    items: Vec<ObjectionLine>,
}

#[utoipa::path(get, path = "/zoning/objections", tag = "zoning", summary = "数据异议",
    params(
        ("edition" = Option<String>, Query, description = "版本 Edition", example = "xm-2026"),
        ("state" = Option<String>, Query, description = "filed、accepted、rejected、corrected", example = "filed")),
    responses((status = 200, body = ObjectionList)), security(("operator" = [])))]
async fn objections(gate: Gate<ReadObjections>, uri: Uri) -> Result<Response, Problem> {
    let query = Query::read(&uri, &["edition", "state"])?;
    let state =
        query.one_of("state", &["filed", "accepted", "rejected", "corrected"])?.and_then(ObjectionState::of_word);
    let list = gate.registry().records().objections(query.text("edition")?, state, ROWS).await?;
    let desk = gate.office().zoning();
    let line = |objection: records::Objection| ObjectionLine {
        feature_name: desk.feature_name(&objection.edition, &objection.layer, &objection.feature),
        id: objection.id.to_string(),
        edition: objection.edition,
        layer: objection.layer,
        feature: objection.feature,
        text: objection.text,
        contact: objection.contact,
        at: rfc3339(objection.at),
        by: objection.by,
        state: objection.state.word().to_owned(),
        reason: objection.reason,
        state_at: rfc3339(objection.state_at),
        state_by: objection.state_by,
    };
    Ok(unkept(Json(ObjectionList { items: list.into_iter().map(line).collect() })))
}

/// The next step of an objection.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answering {
    /// `accepted`, `rejected`, `corrected`.
    state: String,
    /// Why; whoever objected will read it.
    reason: String,
}

#[utoipa::path(post, path = "/zoning/objections/{id}/answer", tag = "zoning", summary = "答复数据异议",
    params(("id" = String, Path, description = "异议 Objection")), request_body = Answering,
    responses((status = 204, description = "已记录 Recorded"),
        (status = 409, description = "当前状态不能这样做 Not from this state", body = ProblemBody, content_type = "application/problem+json")),
    security(("operator" = [])))]
async fn answer_objection(
    gate: Gate<DecideObjections>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Body<BODY_BYTES>,
) -> Result<StatusCode, Problem> {
    Query::read(&uri, &[])?;
    let id = id_of(&id)?;
    let entered: Answering = read_json(&headers, &body.0)?;
    let state = ObjectionState::of_word(&entered.state).filter(|state| *state != ObjectionState::Filed);
    let wrong = ("应为 accepted、rejected 或 corrected。", "It must be accepted, rejected or corrected.");
    let state = state.ok_or_else(|| Problem::bad("state", Some(&entered.state), wrong))?;
    let mut write = gate.registry().records().begin(gate.act()).await?;
    write.answer_objection(id, state, &entered.reason).await?;
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A yearly evaluation of a unit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FollowingUp {
    /// Code of the unit.
    unit: String,
    /// The year.
    year: u32,
    /// What was found, by name.
    #[schema(value_type = Object)]
    indicators: serde_json::Map<String, serde_json::Value>,
}

/// A yearly evaluation of a unit.
#[derive(Debug, Serialize, ToSchema)]
struct FollowUpLine {
    /// Code of the unit.
    unit: String,
    /// Its name in the newest edition; null when that has no such unit.
    unit_name: Option<String>,
    /// The year.
    year: u32,
    /// 1, and one more each time that it was evaluated again.
    revision: i64,
    /// What was found, by name.
    #[schema(value_type = Object)]
    indicators: serde_json::Value,
    /// When it was kept (RFC 3339, +08:00).
    at: String,
    /// Who kept it: the login.
    by: String,
    /// The person's name; null when no account has that login.
    by_name: Option<String>,
}

/// Follow-up evaluations.
#[derive(Debug, Serialize, ToSchema)]
struct FollowUpList {
    /// The newest revision of each, those entered last first.
    items: Vec<FollowUpLine>,
    /// Cursor of the next page.
    next: Option<String>,
}

fn a_year(year: u32) -> Result<u32, Problem> {
    let wrong = ("应为 2000 到 2199 的年份。", "It must be a year from 2000 to 2199.");
    YEARS.contains(&year).then_some(year).ok_or_else(|| Problem::bad("year", None, wrong))
}

#[utoipa::path(get, path = "/zoning/follow-ups", tag = "zoning", summary = "全市的年度跟踪评价",
    params(
        ("year" = Option<u32>, Query, description = "年份 Year", example = 2026),
        ("unit" = Option<String>, Query, description = "单元代码 Unit code", example = "ZH35020320001"),
        ("limit" = Option<usize>, Query, description = "最多 200 At most 200", example = 50),
        ("cursor" = Option<String>, Query, description = "上一页的 next The next of the page before")),
    responses((status = 200, body = FollowUpList)), security(("operator" = [])))]
async fn follow_ups(gate: Gate<ReadCases>, uri: Uri) -> Result<Response, Problem> {
    let query = Query::read(&uri, &["year", "unit", "limit", "cursor"])?;
    let year = query.number("year", 2199)?.and_then(|year| u32::try_from(year).ok()).map(a_year).transpose()?;
    let filter = FollowUpFilter { year, unit: query.text("unit")?.map(str::to_owned) };
    let limit = query.number("limit", PAGE)?.unwrap_or(50);
    let after = query.text("cursor")?.map(cursor).transpose()?;
    let most = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let registry = gate.registry();
    let mut list = registry.records().follow_ups(registry.city(), &filter, after, most).await?;
    let more = list.len() > limit;
    list.truncate(limit);
    let next = list.last().filter(|_| more).map(|line| next_of(line.cursor()));
    let names = registry.records().names_of(list.iter().map(|one| one.by.as_str())).await?;
    let desk = gate.office().zoning();
    let line = |one: records::FollowUp| FollowUpLine {
        unit_name: desk.unit_name(&one.unit),
        unit: one.unit,
        year: one.year,
        revision: one.revision,
        indicators: serde_json::from_str(&one.indicators).unwrap_or_default(),
        at: rfc3339(one.at),
        by_name: names.get(&one.by).cloned(),
        by: one.by,
    };
    Ok(unkept(Json(FollowUpList { items: list.into_iter().map(line).collect(), next })))
}

#[utoipa::path(post, path = "/zoning/follow-ups", tag = "zoning", summary = "登记年度跟踪评价", request_body = FollowingUp,
    responses((status = 201, body = Made)), security(("operator" = [])))]
async fn follow_up(
    gate: Gate<KeepCases>,
    uri: Uri,
    headers: HeaderMap,
    body: Body<BODY_BYTES>,
) -> Result<(StatusCode, Json<Made>), Problem> {
    Query::read(&uri, &[])?;
    let entered: FollowingUp = read_json(&headers, &body.0)?;
    let year = a_year(entered.year)?;
    let indicators = serde_json::Value::Object(entered.indicators).to_string();
    let registry = gate.registry();
    let (id, city) = (new_id(), registry.city());
    let mut write = registry.records().begin(gate.act()).await?;
    write.add_follow_up(id, city, &entered.unit, year, &indicators).await?;
    write.commit().await?;
    Ok((StatusCode::CREATED, Json(Made { id: id.to_string() })))
}
