//! The operations of zoning control.

use super::allow::Role;
use super::caching::coding;
use super::gate::{App, Gate, ReadOpenData};
use super::params::{Body, Query};
use super::problem::Problem;
use crate::zoning::answers::{
    EditionComparison, EditionList, FactDictionary, Identified, IndustryHits, ScreeningAnswer, SiteReading, Traces,
    UnitCard, UnitConditions, ZoneHits, ZoneLayers,
};
use crate::zoning::desk::{Desk, DeskError, ScreenQuestion};
use crate::zoning::view::Sight;
use axum::Json;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use zoning::shape::Consent;

/// The largest question: a site of 200,000 vertices as text.
const QUESTION_BYTES: usize = 12 << 20;
/// The largest upload of a site.
const READING_BYTES: usize = 50 << 20;
/// The most conditions of a page.
const CONDITIONS: usize = 500;

type Open = Gate<ReadOpenData>;
type Answer<T> = Result<Json<T>, Problem>;

/// All operations, each in the description.
pub(super) fn described() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(editions))
        .routes(routes!(layers))
        .routes(routes!(tile))
        .routes(routes!(search))
        .routes(routes!(unit))
        .routes(routes!(conditions))
        .routes(routes!(identify))
        .routes(routes!(facts))
        .routes(routes!(industries))
        .routes(routes!(readings))
        .routes(routes!(screen))
        .routes(routes!(trace))
        .routes(routes!(compare))
}

/// Runs a question that counts where it does not hold up the others.
async fn ask<T: Serialize + Send + 'static>(
    gate: Open,
    question: impl FnOnce(&Desk, Sight) -> Result<T, DeskError> + Send + 'static,
) -> Answer<T> {
    let (office, sight) = (gate.shared(), sight(&gate));
    let asked = tokio::task::spawn_blocking(move || question(office.zoning(), sight)).await;
    asked.map_err(|error| Problem::failed(&error))?.map(Json).map_err(Problem::from)
}

/// What the sender may see.
fn sight(gate: &Open) -> Sight {
    if gate.role() == Role::Public { Sight::Public } else { Sight::Staff }
}

#[utoipa::path(get, path = "/zoning/editions", tag = "zoning", summary = "分区管控的版本",
    responses((status = 200, body = EditionList)))]
async fn editions(gate: Open, uri: Uri) -> Answer<EditionList> {
    Query::read(&uri, &[])?;
    Ok(Json(gate.office().zoning().editions(sight(&gate))))
}

#[utoipa::path(get, path = "/zoning/editions/{edition}/layers", tag = "zoning", summary = "一个版本的图层",
    params(("edition" = String, Path, description = "版本 Edition", example = "xm-2026")),
    responses((status = 200, body = ZoneLayers)))]
async fn layers(gate: Open, Path(edition): Path<String>, uri: Uri) -> Answer<ZoneLayers> {
    Query::read(&uri, &[])?;
    Ok(Json(gate.office().zoning().layers(&edition, sight(&gate))?))
}

#[utoipa::path(get, path = "/zoning/editions/{edition}/tiles/{key}/{z}/{x}/{y}", tag = "zoning", summary = "矢量瓦片（MVT）",
    params(
        ("edition" = String, Path, description = "版本 Edition", example = "xm-2026"),
        ("key" = String, Path, description = "图层，或 units Layer, or units", example = "units"),
        ("z" = u8, Path, description = "级别 Zoom", example = 10),
        ("x" = u32, Path, description = "列 Column", example = 847),
        ("y" = u32, Path, description = "行 Row", example = 440)),
    responses((status = 200, body = Vec<u8>, content_type = "application/vnd.mapbox-vector-tile")))]
async fn tile(
    gate: Open,
    Path((edition, key, z, x, y)): Path<(String, String, u8, u32, u32)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Query::read(&uri, &[])?;
    let (office, sight) = (gate.shared(), sight(&gate));
    let made = tokio::task::spawn_blocking(move || office.zoning().tile(&edition, &key, (z, x, y), sight)).await;
    let tile = made.map_err(|error| Problem::failed(&error))?.map_err(Problem::from)?;
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/vnd.mapbox-vector-tile"));
    if coding(&headers) == "gzip" {
        let coded = (header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        return Ok(([kind, coded], tile.gzip.clone()).into_response());
    }
    Ok(([kind], tile.plain.clone()).into_response())
}

#[utoipa::path(get, path = "/zoning/editions/{edition}/search", tag = "zoning", summary = "按代码、名称或拼音首字母查找",
    params(
        ("edition" = String, Path, description = "版本 Edition", example = "xm-2026"),
        ("q" = Option<String>, Query, description = "最多 100 个字符 At most 100 characters", example = "红线")),
    responses((status = 200, body = ZoneHits)))]
async fn search(gate: Open, Path(edition): Path<String>, uri: Uri) -> Answer<ZoneHits> {
    let query = Query::read(&uri, &["q"])?;
    let text = query.text("q")?.unwrap_or_default().to_owned();
    ask(gate, move |desk, sight| desk.search(&edition, &text, sight)).await
}

#[utoipa::path(get, path = "/zoning/editions/{edition}/units/{code}", tag = "zoning", summary = "管控单元卡片",
    params(
        ("edition" = String, Path, description = "版本 Edition", example = "xm-2026"),
        ("code" = String, Path, description = "单元代码 Unit code", example = "ZH35020320001")),
    responses((status = 200, body = UnitCard)))]
async fn unit(gate: Open, Path((edition, code)): Path<(String, String)>, uri: Uri) -> Answer<UnitCard> {
    Query::read(&uri, &[])?;
    ask(gate, move |desk, sight| desk.unit(&edition, &code, sight)).await
}

#[utoipa::path(get, path = "/zoning/editions/{edition}/units/{code}/conditions", tag = "zoning", summary = "单元的准入条件",
    params(
        ("edition" = String, Path, description = "版本 Edition", example = "xm-2026"),
        ("code" = String, Path, description = "单元代码 Unit code", example = "ZH35020320001"),
        ("industry" = Option<String>, Query, description = "行业代码 Industry code", example = "C3360"),
        ("limit" = Option<usize>, Query, description = "最多 500 At most 500", example = 100),
        ("cursor" = Option<String>, Query, description = "上一页的 next The next of the page before")),
    responses((status = 200, body = UnitConditions)))]
async fn conditions(gate: Open, Path((edition, code)): Path<(String, String)>, uri: Uri) -> Answer<UnitConditions> {
    let query = Query::read(&uri, &["industry", "limit", "cursor"])?;
    let limit = query.number("limit", CONDITIONS)?.unwrap_or(100);
    let from = query.number("cursor", usize::from(u16::MAX) * 64)?.unwrap_or(0);
    let industry = query.text("industry")?.map(str::to_owned);
    ask(gate, move |desk, sight| desk.conditions(&edition, &code, industry.as_deref(), (from, limit), sight)).await
}

#[utoipa::path(get, path = "/zoning/editions/{edition}/identify", tag = "zoning", summary = "一个位置上有什么",
    params(
        ("edition" = String, Path, description = "版本 Edition", example = "xm-2026"),
        ("lon" = f64, Query, description = "经度，CGCS2000 Longitude", example = 118.1),
        ("lat" = f64, Query, description = "纬度 Latitude", example = 24.5)),
    responses((status = 200, body = Identified)))]
async fn identify(gate: Open, Path(edition): Path<String>, uri: Uri) -> Answer<Identified> {
    let query = Query::read(&uri, &["lon", "lat"])?;
    let number = |name: &str| {
        let text = query.need(name)?;
        text.parse::<f64>()
            .ok()
            .filter(|value| value.is_finite() && value.abs() <= 180.0)
            .ok_or_else(|| Problem::bad(name, Some(text), ("应为十进制度。", "must be decimal degrees.")))
    };
    let (lon, lat) = (number("lon")?, number("lat")?);
    ask(gate, move |desk, sight| desk.identify(&edition, lon, lat, sight)).await
}

#[utoipa::path(get, path = "/zoning/editions/{edition}/facts", tag = "zoning", summary = "事实字典（表单）",
    params(("edition" = String, Path, description = "版本 Edition", example = "xm-2026")),
    responses((status = 200, body = FactDictionary)))]
async fn facts(gate: Open, Path(edition): Path<String>, uri: Uri) -> Answer<FactDictionary> {
    Query::read(&uri, &[])?;
    Ok(Json(gate.office().zoning().facts(&edition, sight(&gate))?))
}

#[utoipa::path(get, path = "/zoning/industries", tag = "zoning", summary = "查找行业（GB/T 4754-2017）",
    params(("q" = Option<String>, Query, description = "代码、名称或拼音首字母 Code, name or initials", example = "金属表面")),
    responses((status = 200, body = IndustryHits)))]
async fn industries(gate: Open, uri: Uri) -> Answer<IndustryHits> {
    let query = Query::read(&uri, &["q"])?;
    Ok(Json(gate.office().zoning().industries(query.text("q")?.unwrap_or_default())))
}

/// Pasted coordinates.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Pasted {
    text: String,
}

#[utoipa::path(post, path = "/zoning/readings", tag = "zoning", summary = "读取场址文件或粘贴的坐标（不保存）",
    params(
        ("name" = Option<String>, Query, description = "文件名；没有则内容为 {\"text\": …} File name; without it the body is {\"text\": …}", example = "site.geojson"),
        ("crs" = Option<String>, Query, description = "声明的坐标系 Declared coordinate system", example = "EPSG:4490"),
        ("repair" = Option<String>, Query, description = "true：同意修复自相交的图形 Consent to repair shapes that cross themselves", example = "true")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "文件，最大 50 MB A file, at most 50 MB"),
    responses((status = 200, body = SiteReading)))]
async fn readings(gate: Open, uri: Uri, body: Body<READING_BYTES>) -> Answer<SiteReading> {
    let query = Query::read(&uri, &["name", "crs", "repair"])?;
    let agreed = query.one_of("repair", &["true", "false"])? == Some("true");
    let consent = if agreed { Consent::Repair } else { Consent::Refuse };
    let crs = query.text("crs")?.map(str::to_owned);
    let (name, content) = if query.text("name")?.is_some() {
        (query.file_name("name")?, body.0.to_vec())
    } else {
        let wrong = ("内容应为 {\"text\": \"坐标\"}。", "The body must be {\"text\": \"…\"}.");
        let pasted: Pasted = serde_json::from_slice(&body.0).map_err(|_| Problem::bad("text", None, wrong))?;
        ("pasted.csv".to_owned(), crate::zoning::desk::pasted(&pasted.text).into_bytes())
    };
    ask(gate, move |desk, _| desk.reading(&name, &content, crs.as_deref(), consent)).await
}

#[utoipa::path(post, path = "/zoning/screen", tag = "zoning", summary = "研判：项目能否在此建设（不保存）",
    request_body = ScreenQuestion,
    responses((status = 200, body = ScreeningAnswer)))]
async fn screen(gate: Open, uri: Uri, body: Body<QUESTION_BYTES>) -> Answer<ScreeningAnswer> {
    Query::read(&uri, &[])?;
    let question = question(&body.0)?;
    ask(gate, move |desk, sight| desk.screen(&question, sight)).await
}

#[utoipa::path(post, path = "/zoning/screen/trace", tag = "zoning", summary = "研判的逐条过程",
    params(("rule" = Option<String>, Query, description = "只要一条规则 One rule only", example = "R12")),
    request_body = ScreenQuestion,
    responses((status = 200, body = Traces)))]
async fn trace(gate: Open, uri: Uri, body: Body<QUESTION_BYTES>) -> Answer<Traces> {
    let query = Query::read(&uri, &["rule"])?;
    let rule = query.text("rule")?.map(str::to_owned);
    let question = question(&body.0)?;
    ask(gate, move |desk, sight| desk.trace(&question, rule.as_deref(), sight)).await
}

#[utoipa::path(get, path = "/zoning/compare", tag = "zoning", summary = "两个版本的差别",
    params(
        ("from" = String, Query, description = "旧版本 Older edition", example = "xm-2021"),
        ("to" = String, Query, description = "新版本 Newer edition", example = "xm-2026")),
    responses((status = 200, body = EditionComparison)))]
async fn compare(gate: Open, uri: Uri) -> Answer<EditionComparison> {
    let query = Query::read(&uri, &["from", "to"])?;
    let (from, to) = (query.need("from")?.to_owned(), query.need("to")?.to_owned());
    ask(gate, move |desk, sight| desk.compare(&from, &to, sight)).await
}

fn question(body: &[u8]) -> Result<ScreenQuestion, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        let (zh, en) = (format!("请求内容无法读取：{error}。"), format!("The body cannot be read: {error}."));
        Problem::bad("body", None, (&zh, &en))
    })
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::NotFound => {
                Self::not_found(("没有这个版本、图层、单元或瓦片。", "There is no such edition, layer, unit or tile."))
            }
            DeskError::Bad(field, zh, en) => Self::bad(field, None, (&zh, &en)),
            DeskError::Failed(error) => Self::failed(&format!("{error:#}")),
        }
    }
}
