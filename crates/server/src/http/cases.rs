//! Screening cases: kept, listed, opened, replayed, judged by officials.

use super::gate::{App, Gate, KeepCases, ReadCases, SignJudgements};
use super::pages::PAPER_POLICY;
use super::params::{Body, Query};
use super::people::{Made, id_of, need_json, read_json, unkept};
use super::problem::{Problem, ProblemBody};
use super::routes::{BODY_BYTES, download};
use crate::office::today;
use crate::registry::cases::{KeptCase, KeptQuestion, ToKeep};
use crate::registry::{new_id, now, rfc3339};
use crate::zoning::answers::ScreeningAnswer;
use crate::zoning::desk::{Known, ScreenQuestion};
use crate::zoning::difference::{Difference, differences};
use crate::zoning::view::Sight;
use axum::Json;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use records::{About, Case, CaseFilter, CaseLine, Cursor, Hash, Moment, NewJudgement, OnceKey, Uuid};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use zoning::Verdict;

/// The largest question: a site of 200,000 vertices as text.
const QUESTION_BYTES: usize = 12 << 20;
/// Cases of a page.
pub(super) const PAGE: usize = 200;
/// The longest title.
const TITLE_CHARS: usize = 200;

/// All operations, each in the description.
pub(super) fn described() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(cases, keep))
        .routes(routes!(case))
        .routes(routes!(answer))
        .routes(routes!(replay))
        .routes(routes!(report))
        .routes(routes!(judge))
        .routes(routes!(revoke))
}

/// The key of a request that may be sent twice and must be done once.
fn once_key(headers: &HeaderMap, subject: &str, uri: &Uri, body: &[u8]) -> Result<OnceKey, Problem> {
    let key = headers.get("idempotency-key").map(|key| key.to_str().unwrap_or_default()).unwrap_or_default();
    let fits = (8..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if !fits {
        let wrong = (
            "请求头 Idempotency-Key 应为 8 到 128 个可见 ASCII 字符。",
            "The header Idempotency-Key must be 8 to 128 visible ASCII characters.",
        );
        return Err(Problem::bad("Idempotency-Key", None, wrong));
    }
    let mut asked = format!("{} {}\n", Method::POST, uri.path()).into_bytes();
    asked.extend_from_slice(body);
    Ok(OnceKey { subject: subject.to_owned(), key: key.to_owned(), request: Hash::of(&asked) })
}

/// A question to be kept.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it describes the body; the title is taken out before the question is read strictly")]
struct Keeping {
    /// What it is about, at most 200 characters.
    title: String,
    #[schema(inline)]
    #[serde(flatten)]
    question: ScreenQuestion,
}

/// The title and the question of a body.
fn keeping(body: &[u8]) -> Result<(String, ScreenQuestion), Problem> {
    let wrong = |error: serde_json::Error| {
        let (zh, en) = (format!("请求内容无法读取：{error}。"), format!("The body cannot be read: {error}."));
        Problem::bad("body", None, (&zh, &en))
    };
    let mut fields: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(body).map_err(wrong)?;
    let title = fields.remove("title").and_then(|title| title.as_str().map(|title| title.trim().to_owned()));
    let title = title.filter(|title| (1..=TITLE_CHARS).contains(&title.chars().count())).ok_or_else(|| {
        Problem::bad("title", None, ("标题应有 1 到 200 个字符。", "The title must have 1 to 200 characters."))
    })?;
    Ok((title, serde_json::from_value(fields.into()).map_err(wrong)?))
}

#[utoipa::path(post, path = "/zoning/cases", tag = "zoning", summary = "研判并保存",
    params(("Idempotency-Key" = String, Header, description = "同一请求重发只办一次 A request that is sent twice is done once")),
    request_body = Keeping,
    responses((status = 201, body = KeptCase),
        (status = 422, description = "幂等键已用于别的请求 The key was used for another request", body = ProblemBody, content_type = "application/problem+json")),
    security(("operator" = [])))]
async fn keep(
    gate: Gate<KeepCases>,
    uri: Uri,
    headers: HeaderMap,
    body: Body<QUESTION_BYTES>,
) -> Result<Response, Problem> {
    Query::read(&uri, &[])?;
    need_json(&headers)?;
    let key = once_key(&headers, gate.visitor().actor(), &uri, &body.0)?;
    let registry = gate.registry();
    if let Some(before) = registry.records().answer_of(&key, now()).await? {
        return Ok(created(before));
    }
    let (title, question) = keeping(&body.0)?;
    let office = gate.shared();
    let question = KeptQuestion::of(question);
    let asked = question.question().map_err(|error| Problem::failed(&error))?;
    let judged = blocking(move || office.zoning().judged(&asked, &Known::default(), Sight::Staff)).await??;
    let rules = &gate.office().pack().cases;
    let ends = gate.office().zoning().ends(&judged.edition_id);
    let valid_until = rules.valid_until(judged.as_of, ends);
    let case = ToKeep { title, question, judged, valid_until };
    let kept = registry.keep_case(&case, rules, &key, gate.act()).await.map_err(refused)?;
    Ok(created(kept))
}

/// Runs arithmetic beside the threads that answer requests.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::failed(&error))
}

fn refused(error: anyhow::Error) -> Problem {
    match error.downcast::<records::RecordsError>() {
        Ok(error) => error.into(),
        Err(error) => Problem::failed(&format_args!("{error:#}")),
    }
}

fn created(answer: records::Answer) -> Response {
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    (StatusCode::CREATED, kind, answer.body).into_response()
}

/// A case in a list.
#[derive(Debug, Serialize, ToSchema)]
struct CaseItem {
    /// Its id.
    id: String,
    /// Its number.
    number: String,
    /// What it is about.
    title: String,
    /// The edition that was asked.
    edition: String,
    /// The day whose law was asked.
    as_of: String,
    /// The verdict.
    verdict: String,
    /// The verdict in words, Chinese.
    verdict_zh: Option<String>,
    /// The verdict in words, English.
    verdict_en: Option<String>,
    /// Codes of the units that the site lies in.
    units: Vec<String>,
    /// The day from which on it no longer holds.
    valid_until: Option<String>,
    /// Whether it holds today: its days are not over and its edition is in force.
    valid: bool,
    /// When it was kept (RFC 3339, +08:00).
    at: String,
    /// Who kept it: the login.
    by: String,
    /// The person's name; null when no account has that login.
    by_name: Option<String>,
}

/// Cases.
#[derive(Debug, Serialize, ToSchema)]
struct CaseList {
    /// Newest first.
    items: Vec<CaseItem>,
    /// Cursor of the next page.
    next: Option<String>,
}

/// Logins and the names of the people behind them.
type Names = BTreeMap<String, String>;

fn item<D>(gate: &Gate<D>, line: &CaseLine, names: &Names) -> CaseItem
where
    D: super::gate::ToOffice,
{
    let desk = gate.office().zoning();
    let today = today();
    let verdict: Option<Verdict> = serde_json::from_value(line.verdict.as_str().into()).ok();
    let words = verdict.and_then(|verdict| desk.view().verdict(verdict));
    CaseItem {
        id: line.id.to_string(),
        number: line.number.clone(),
        title: line.title.clone(),
        edition: line.edition.clone(),
        as_of: line.as_of.to_string(),
        verdict: line.verdict.clone(),
        verdict_zh: words.map(|words| words.name_zh.clone()),
        verdict_en: words.map(|words| words.name_en.clone()),
        units: line.units.clone(),
        valid_until: line.valid_until.map(|day| day.to_string()),
        valid: line.valid_until.is_none_or(|until| today < until) && desk.is_in_force(&line.edition, today),
        at: rfc3339(line.at),
        by_name: names.get(&line.by).cloned(),
        by: line.by.clone(),
    }
}

#[utoipa::path(get, path = "/zoning/cases", tag = "zoning", summary = "已保存的研判",
    params(
        ("verdict" = Option<String>, Query, description = "结论 Verdict", example = "ALLOWED"),
        ("unit" = Option<String>, Query, description = "单元代码 Unit code", example = "ZH35020320001"),
        ("edition" = Option<String>, Query, description = "版本 Edition", example = "xm-2026"),
        ("q" = Option<String>, Query, description = "编号、标题、单元中的文字 Text in number, title, units", example = "电镀"),
        ("mine" = Option<String>, Query, description = "true：只看自己的 Only one's own", example = "true"),
        ("limit" = Option<usize>, Query, description = "最多 200 At most 200", example = 50),
        ("cursor" = Option<String>, Query, description = "上一页的 next The next of the page before")),
    responses((status = 200, body = CaseList)), security(("operator" = [])))]
async fn cases(gate: Gate<ReadCases>, uri: Uri) -> Result<Response, Problem> {
    let query = Query::read(&uri, &["verdict", "unit", "edition", "q", "mine", "limit", "cursor"])?;
    let text = |name: &str| query.text(name).map(|text| text.map(str::to_owned));
    let mine = query.one_of("mine", &["true", "false"])? == Some("true");
    let filter = CaseFilter {
        verdict: text("verdict")?,
        unit: text("unit")?,
        by: mine.then(|| gate.visitor().actor().to_owned()),
        edition: text("edition")?,
        text: text("q")?,
    };
    let limit = query.number("limit", PAGE)?.unwrap_or(50);
    let after = query.text("cursor")?.map(cursor).transpose()?;
    let most = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let mut lines = gate.registry().records().cases(&filter, after, most).await?;
    let more = lines.len() > limit;
    lines.truncate(limit);
    let next = lines.last().filter(|_| more).map(|line| next_of(line.cursor()));
    let names = gate.registry().records().names_of(lines.iter().map(|line| line.by.as_str())).await?;
    Ok(unkept(Json(CaseList { items: lines.iter().map(|line| item(&gate, line, &names)).collect(), next })))
}

/// The text of a cursor.
pub(super) fn next_of(cursor: Cursor) -> String {
    format!("{}.{}", cursor.at.micros(), cursor.id)
}

/// The cursor of a text.
pub(super) fn cursor(text: &str) -> Result<Cursor, Problem> {
    let parts = text.split_once('.').and_then(|(at, id)| Some((at.parse().ok()?, id.parse().ok()?)));
    let wrong = ("不是上一页给出的 next。", "It is no next of a page before.");
    let (at, id) = parts.ok_or_else(|| Problem::bad("cursor", Some(text), wrong))?;
    Ok(Cursor { at: Moment::from_micros(at), id })
}

/// A signed judgement.
#[derive(Debug, Serialize, ToSchema)]
struct JudgementLine {
    /// Its id.
    id: String,
    /// On which question; null for the whole case.
    key: Option<String>,
    /// Who signed.
    official: String,
    /// By which office or article.
    authority: String,
    /// `true` or `false` on a question; free words on the whole case.
    value: String,
    /// Why.
    reason: String,
    /// When (RFC 3339, +08:00).
    at: String,
    /// The account.
    by: String,
    /// When it was revoked.
    revoked_at: Option<String>,
}

/// A case with everything that is on record of it.
#[derive(Debug, Serialize, ToSchema)]
struct CaseDetail {
    #[serde(flatten)]
    item: CaseItem,
    /// Name and version of the engine.
    engine: String,
    /// Hash of the edition.
    edition_hash: String,
    /// Hash of the answer.
    answer_hash: String,
    /// The question.
    request: ScreenQuestion,
    /// The answer as it was given.
    answer: ScreeningAnswer,
    /// Officials' judgements, oldest first.
    judgements: Vec<JudgementLine>,
}

#[utoipa::path(get, path = "/zoning/cases/{id}", tag = "zoning", summary = "一个研判案件",
    params(("id" = String, Path, description = "案件 Case")), responses((status = 200, body = CaseDetail)),
    security(("operator" = [])))]
async fn case(gate: Gate<ReadCases>, Path(id): Path<String>, uri: Uri) -> Result<Response, Problem> {
    Query::read(&uri, &[])?;
    let case = gate.registry().records().case(id_of(&id)?).await?;
    let judgements = gate.registry().records().judgements_of_case(case.line.id).await?;
    let names = gate.registry().records().names_of([case.line.by.as_str()]).await?;
    let detail = CaseDetail {
        item: item(&gate, &case.line, &names),
        engine: case.engine.clone(),
        edition_hash: case.edition_hash.to_string(),
        answer_hash: case.answer_hash.to_string(),
        request: KeptQuestion::of_case(&case).question().map_err(|error| Problem::failed(&error))?,
        answer: answer_of(&case)?,
        judgements: judgements.into_iter().map(judgement_line).collect(),
    };
    Ok(unkept(Json(detail)))
}

fn answer_of(case: &Case) -> Result<ScreeningAnswer, Problem> {
    serde_json::from_slice(&case.answer).map_err(|error| Problem::failed(&error))
}

fn judgement_line(one: records::Judgement) -> JudgementLine {
    let key = match one.about {
        About::KeyInCase(key, _) | About::Key(key) => Some(key),
        About::Case(_) => None,
    };
    JudgementLine {
        id: one.id.to_string(),
        key,
        official: one.official,
        authority: one.authority,
        value: one.value,
        reason: one.reason,
        at: rfc3339(one.at),
        by: one.by,
        revoked_at: one.revoked_at.map(rfc3339),
    }
}

#[utoipa::path(get, path = "/zoning/cases/{id}/answer", tag = "zoning", summary = "当时给出的回答，逐字节",
    params(("id" = String, Path, description = "案件 Case")), responses((status = 200, body = ScreeningAnswer)),
    security(("operator" = [])))]
async fn answer(gate: Gate<ReadCases>, Path(id): Path<String>, uri: Uri) -> Result<Response, Problem> {
    Query::read(&uri, &[])?;
    let case = gate.registry().records().case(id_of(&id)?).await?;
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    Ok(unkept((kind, case.answer)))
}

/// A case asked again: by the law that it was judged by, and by today's.
#[derive(Debug, Serialize, ToSchema)]
struct Replay {
    /// Whether the same question gave the same bytes.
    same: bool,
    /// Hash of the answer that was given.
    answer_hash: String,
    /// Hash of the answer now; null when it cannot be asked again.
    again_hash: Option<String>,
    /// The engine then.
    engine: String,
    /// The engine now.
    engine_now: String,
    /// The edition.
    edition: String,
    /// Why it is not the same, Chinese.
    reason_zh: Option<String>,
    /// Why it is not the same, English.
    reason_en: Option<String>,
    /// What today's edition says, with what officials determined since.
    today: Today,
    /// What today's edition says differently.
    changes: Vec<Difference>,
}

/// A verdict by today's edition.
#[derive(Debug, Serialize, ToSchema)]
struct Today {
    /// The edition.
    edition: String,
    /// Today.
    as_of: String,
    /// The verdict.
    verdict: String,
    /// The best that can still come.
    best: String,
    /// The worst that can still come.
    worst: String,
}

#[utoipa::path(get, path = "/zoning/cases/{id}/replay", tag = "zoning", summary = "重放：当时的版本与今天的版本",
    params(("id" = String, Path, description = "案件 Case")), responses((status = 200, body = Replay)),
    security(("operator" = [])))]
async fn replay(gate: Gate<ReadCases>, Path(id): Path<String>, uri: Uri) -> Result<Response, Problem> {
    Query::read(&uri, &[])?;
    let registry = gate.registry();
    let case = registry.records().case(id_of(&id)?).await?;
    // The term of the edition as it was known when the case was kept: what was recorded later does not change it.
    let known_then = registry.records().editions(registry.city(), case.line.at).await?;
    let term = known_then.into_iter().find(|edition| edition.id == case.line.edition).map(|edition| edition.now.term);
    let determined = registry.determined(case.line.id).await?;
    let question = KeptQuestion::of_case(&case).question().map_err(|error| Problem::failed(&error))?;
    let stored = answer_of(&case)?;
    let office = gate.shared();
    let replayed = blocking(move || {
        let desk = office.zoning();
        let again = desk.judged(&question, &Known { term, ..Known::default() }, Sight::Staff);
        let by_today = ScreenQuestion { edition: None, as_of: None, ..question };
        let now = desk.judged(&by_today, &Known { judgements: determined, term: None }, Sight::Staff)?;
        Ok::<_, crate::zoning::desk::DeskError>((again, now))
    });
    let (again, by_today) = replayed.await??;
    let again_bytes = again.as_ref().ok().and_then(|judged| serde_json::to_vec(&judged.answer).ok());
    let again_hash = again_bytes.as_deref().map(Hash::of);
    let same = again_hash == Some(case.answer_hash);
    let reason = if same { None } else { Some(why_not(&case, again.as_ref().ok())) };
    let now = &by_today.answer;
    Ok(unkept(Json(Replay {
        same,
        answer_hash: case.answer_hash.to_string(),
        again_hash: again_hash.map(|hash| hash.to_string()),
        engine: case.engine.clone(),
        engine_now: now.engine.clone(),
        edition: case.line.edition.clone(),
        reason_zh: reason.map(|reason| reason.0.to_owned()),
        reason_en: reason.map(|reason| reason.1.to_owned()),
        today: Today {
            edition: now.edition.id.clone(),
            as_of: now.as_of.clone(),
            verdict: now.verdict.word().to_owned(),
            best: now.best.word().to_owned(),
            worst: now.worst.word().to_owned(),
        },
        changes: differences(&stored, now),
    })))
}

fn why_not(case: &Case, again: Option<&crate::zoning::desk::Judged>) -> (&'static str, &'static str) {
    match again {
        None => ("这个版本的文件不在这里了。", "The folder of this edition is no longer here."),
        Some(judged) if judged.edition_hash != case.edition_hash.to_string() => {
            ("这个版本的文件已被改动，内容哈希不同。", "The folder of this edition was changed: its hash differs.")
        }
        Some(judged) if judged.answer.engine != case.engine => {
            ("研判引擎的版本不同。", "The version of the engine differs.")
        }
        Some(_) => ("显示用的文字表已改动。", "The tables of words that answers show were changed."),
    }
}

#[utoipa::path(get, path = "/zoning/cases/{id}/report", tag = "zoning", summary = "研判意见书",
    params(
        ("id" = String, Path, description = "案件 Case"),
        ("format" = Option<String>, Query, description = "docx（缺省）、html、json", example = "docx")),
    responses((status = 200, content(
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (String = "text/html"), (ScreeningAnswer = "application/json")))),
    security(("operator" = [])))]
async fn report(gate: Gate<ReadCases>, Path(id): Path<String>, uri: Uri) -> Result<Response, Problem> {
    let query = Query::read(&uri, &["format"])?;
    let format = query.one_of("format", &["docx", "html", "json"])?.unwrap_or("docx").to_owned();
    let records = gate.registry().records();
    let case = records.case(id_of(&id)?).await?;
    let judgements = records.judgements_of_case(case.line.id).await?;
    // Whoever kept it under the one-time code has no account; then the paper says so.
    let by = records.account_of(&case.line.by).await.map_or_else(|_| case.line.by.clone(), |who| who.display_name);
    let office = gate.shared();
    let name = format!("{}.{format}", case.line.id);
    let paper = blocking(move || office.case_paper(&case, &by, judgements, &format)).await?;
    let (kind, bytes) = paper.map_err(|error| Problem::failed(&format_args!("{error:#}")))?;
    let mut response = download(kind, &name, bytes);
    if kind.starts_with("text/html") {
        response.headers_mut().remove(header::CONTENT_DISPOSITION);
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, PAPER_POLICY);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// What an official determines.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Judging {
    /// On which question of the case, as `missing` names it; null for the whole case.
    #[serde(default)]
    key: Option<String>,
    /// `true` or `false` on a question; free words on the whole case.
    value: String,
    /// Why.
    reason: String,
    /// By which office or article.
    authority: String,
}

#[utoipa::path(post, path = "/zoning/cases/{id}/judgements", tag = "zoning", summary = "签署人工认定",
    params(("id" = String, Path, description = "案件 Case")), request_body = Judging,
    responses((status = 201, body = Made)), security(("operator" = [])))]
async fn judge(
    gate: Gate<SignJudgements>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Body<BODY_BYTES>,
) -> Result<(StatusCode, Json<Made>), Problem> {
    Query::read(&uri, &[])?;
    let case: Uuid = id_of(&id)?;
    let entered: Judging = read_json(&headers, &body.0)?;
    let key = entered.key.as_deref().map(|key| key.trim_start_matches("judge:").trim().to_owned());
    if key.is_some() && !matches!(entered.value.as_str(), "true" | "false") {
        let wrong = ("对问题的认定应为 true 或 false。", "On a question it must be true or false.");
        return Err(Problem::bad("value", Some(&entered.value), wrong));
    }
    let person = gate.visitor().person().ok_or_else(Problem::sign_in_first)?;
    let records = gate.registry().records();
    let edition = records.case(case).await?.line.edition;
    let judgement = NewJudgement {
        id: new_id(),
        edition: &edition,
        about: key.map_or(About::Case(case), |key| About::KeyInCase(key, case)),
        official: &person.session.account.display_name,
        authority: &entered.authority,
        value: &entered.value,
        reason: &entered.reason,
    };
    let mut write = records.begin(gate.act()).await?;
    write.add_judgement(&judgement).await?;
    write.commit().await?;
    Ok((StatusCode::CREATED, Json(Made { id: judgement.id.to_string() })))
}

/// Why a judgement no longer stands.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Revoking {
    /// Why.
    reason: String,
}

#[utoipa::path(post, path = "/zoning/judgements/{id}/revocation", tag = "zoning", summary = "撤销人工认定",
    params(("id" = String, Path, description = "认定 Judgement")), request_body = Revoking,
    responses((status = 204, description = "已撤销 Revoked")), security(("operator" = [])))]
async fn revoke(
    gate: Gate<SignJudgements>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Body<BODY_BYTES>,
) -> Result<StatusCode, Problem> {
    Query::read(&uri, &[])?;
    let id = id_of(&id)?;
    let entered: Revoking = read_json(&headers, &body.0)?;
    let mut write = gate.registry().records().begin(gate.act()).await?;
    write.revoke_judgement(id, &entered.reason).await?;
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
