//! The operations of the interface. Each takes a [`Gate`], without which there is no way to the office.

use super::gate::{App, Gate, ImportTables, ReadOpenData};
use super::params::{Body, Name, Query};
use super::problem::Problem;
use crate::answers::{
    Card, FigureDetail, FigureRows, Figures, Frames, ImportReport, Layers, Legend, Meta, MonthDays, NormList, Series,
    Sources, StartState, StationHits, StationsAt, Summary,
};
use axum::Json;
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The largest file that comes in.
pub(super) const IMPORT_BYTES: usize = 64 << 20;
/// The largest body of anything else.
pub(super) const BODY_BYTES: usize = 16 << 10;
/// The longest span to play.
const FRAME_DAYS: i32 = 31;
/// The longest span of a series.
const SERIES_DAYS: i32 = 366;
/// The most rows of a page.
const PAGE_ROWS: usize = 1000;
/// The rows of a page when nobody says.
const USUAL_ROWS: usize = 100;
/// The most series in one answer.
const SERIES: usize = 40;
/// What can be played.
const FRAMES_OF: [&str; 7] = ["aqi", "SO2", "NO2", "PM10", "PM2_5", "CO", "O3"];

type Open = Gate<ReadOpenData>;
type Answer<T> = Result<Json<T>, Problem>;

/// All operations, each in the description.
pub(super) fn described(head: OpenApi) -> OpenApiRouter<App> {
    let v1 = OpenApiRouter::new()
        .routes(routes!(meta))
        .routes(routes!(legend))
        .routes(routes!(layers))
        .routes(routes!(base_map))
        .routes(routes!(stations_at))
        .routes(routes!(frames))
        .routes(routes!(search))
        .routes(routes!(card))
        .routes(routes!(hours))
        .routes(routes!(days))
        .routes(routes!(figures))
        .routes(routes!(figure))
        .routes(routes!(figure_rows))
        .routes(routes!(summary))
        .routes(routes!(norms))
        .routes(routes!(start))
        .routes(routes!(sources))
        .routes(routes!(import))
        .merge(super::people::described())
        .merge(super::cases::described())
        .merge(super::editions::described())
        .merge(super::objections::described())
        .merge(super::zoning::described());
    OpenApiRouter::with_openapi(head).nest("/api/v1", v1)
}

#[utoipa::path(get, path = "/meta", tag = "city", summary = "城市、时段与来访者", responses((status = 200, body = Meta)))]
async fn meta(gate: Open, uri: Uri) -> Answer<Meta> {
    Query::read(&uri, &[])?;
    Ok(Json(gate.office().meta(gate.visitor()).await?))
}

#[utoipa::path(get, path = "/legend/air", tag = "air", summary = "空气质量指数图例",
    params(("day" = Option<String>, Query, description = "哪一天的标准 The norm of which day", example = "2022-03-05")),
    responses((status = 200, body = Legend)))]
async fn legend(gate: Open, uri: Uri) -> Answer<Legend> {
    let query = Query::read(&uri, &["day"])?;
    Ok(Json(gate.office().legend(query.day("day")?).await?))
}

#[utoipa::path(get, path = "/layers", tag = "city", summary = "地图图层", responses((status = 200, body = Layers)))]
async fn layers(gate: Open, uri: Uri) -> Answer<Layers> {
    Query::read(&uri, &[])?;
    Ok(Json(gate.office().layers().await?))
}

#[utoipa::path(get, path = "/geo/base", tag = "city", summary = "示意底图（GeoJSON）",
    responses((status = 200, body = Object, description = "GeoJSON FeatureCollection, WGS 84")))]
async fn base_map(gate: Open, uri: Uri) -> Answer<serde_json::Value> {
    Query::read(&uri, &[])?;
    Ok(Json(gate.office().base_map().await?))
}

#[utoipa::path(get, path = "/air/stations", tag = "air", summary = "某一小时的全部站点（GeoJSON）",
    params(("at" = Option<String>, Query, description = "时段的结束，缺省为最新 End of the hour, the newest by default",
        example = "2022-03-05T15:00:00+08:00")),
    responses((status = 200, body = StationsAt)))]
async fn stations_at(gate: Open, uri: Uri) -> Answer<StationsAt> {
    let query = Query::read(&uri, &["at"])?;
    Ok(Json(gate.office().stations_at(query.hour("at")?).await?))
}

#[utoipa::path(get, path = "/air/frames", tag = "air", summary = "逐时播放，最长 31 天",
    params(
        ("from" = String, Query, description = "第一个小时的结束 End of the first hour", example = "2022-03-05T01:00:00+08:00"),
        ("to" = String, Query, description = "最后一个小时的结束 End of the last hour", example = "2022-03-06T00:00:00+08:00"),
        ("what" = Option<String>, Query, description = "aqi（缺省）、SO2、NO2、PM10、PM2_5、CO、O3", example = "aqi")),
    responses((status = 200, body = Frames)))]
async fn frames(gate: Open, uri: Uri) -> Answer<Frames> {
    let query = Query::read(&uri, &["from", "to", "what"])?;
    let (from, to) = query.span(FRAME_DAYS)?;
    let what = query.one_of("what", &FRAMES_OF)?.unwrap_or("aqi");
    Ok(Json(gate.office().frames(from, to, what).await?))
}

#[utoipa::path(get, path = "/stations", tag = "air", summary = "按名称或代码查找站点",
    params(("q" = Option<String>, Query, description = "最多 100 个字符 At most 100 characters", example = "洪文")),
    responses((status = 200, body = StationHits)))]
async fn search(gate: Open, uri: Uri) -> Answer<StationHits> {
    let query = Query::read(&uri, &["q"])?;
    Ok(Json(gate.office().search(query.text("q")?.unwrap_or_default()).await?))
}

#[utoipa::path(get, path = "/stations/{station}/card", tag = "air", summary = "站点卡片",
    params(
        ("station" = String, Path, description = "站点代码 Station code", example = "1287A"),
        ("at" = Option<String>, Query, description = "时段的结束，缺省为最新 End of the hour, the newest by default",
            example = "2022-03-05T15:00:00+08:00")),
    responses((status = 200, body = Card)))]
async fn card(gate: Open, Name(station): Name, uri: Uri) -> Answer<Card> {
    let query = Query::read(&uri, &["at"])?;
    Ok(Json(gate.office().card(&station, query.hour("at")?).await?))
}

#[utoipa::path(get, path = "/stations/{station}/hours", tag = "air", summary = "站点小时序列，最长 366 天",
    params(
        ("station" = String, Path, description = "站点代码 Station code", example = "1287A"),
        ("from" = String, Query, description = "第一个小时的结束 End of the first hour", example = "2022-01-01T01:00:00+08:00"),
        ("to" = String, Query, description = "最后一个小时的结束 End of the last hour", example = "2023-01-01T00:00:00+08:00"),
        ("parameter" = Option<String>, Query, description = "以逗号分隔，缺省 PM2_5 Separated by commas, PM2_5 by default",
            example = "PM2_5,O3")),
    responses((status = 200, body = Series)))]
async fn hours(gate: Open, Name(station): Name, uri: Uri) -> Answer<Series> {
    let query = Query::read(&uri, &["from", "to", "parameter"])?;
    let (from, to) = query.span(SERIES_DAYS)?;
    let mut parameters = query.codes("parameter", SERIES)?;
    if parameters.is_empty() {
        parameters.push("PM2_5".to_owned());
    }
    Ok(Json(gate.office().hours(&station, from, to, &parameters).await?))
}

#[utoipa::path(get, path = "/stations/{station}/days", tag = "air", summary = "站点一个月的逐日评价",
    params(
        ("station" = String, Path, description = "站点代码 Station code", example = "1287A"),
        ("month" = String, Query, description = "月份 Month", example = "2022-03")),
    responses((status = 200, body = MonthDays)))]
async fn days(gate: Open, Name(station): Name, uri: Uri) -> Answer<MonthDays> {
    let query = Query::read(&uri, &["month"])?;
    Ok(Json(gate.office().days(&station, query.month("month")?).await?))
}

#[utoipa::path(get, path = "/figures", tag = "figures", summary = "一个时段的全部指标",
    params(("period" = String, Query, description = "时段 Period", example = "2022")),
    responses((status = 200, body = Figures)))]
async fn figures(gate: Open, uri: Uri) -> Answer<Figures> {
    let query = Query::read(&uri, &["period"])?;
    Ok(Json(gate.office().figures(query.period("period")?).await?))
}

#[utoipa::path(get, path = "/figures/{id}", tag = "figures", summary = "一个指标及其定义、依据与历年",
    params(
        ("id" = String, Path, description = "指标代码 Figure code", example = "F047"),
        ("period" = String, Query, description = "时段 Period", example = "2022")),
    responses((status = 200, body = FigureDetail)))]
async fn figure(gate: Open, Name(id): Name, uri: Uri) -> Answer<FigureDetail> {
    let query = Query::read(&uri, &["period"])?;
    Ok(Json(gate.office().figure(&id, query.period("period")?).await?))
}

#[utoipa::path(get, path = "/figures/{id}/rows", tag = "figures", summary = "指标背后的记录，可下载 CSV、XLSX",
    params(
        ("id" = String, Path, description = "指标代码 Figure code", example = "F047"),
        ("period" = String, Query, description = "时段 Period", example = "2022"),
        ("limit" = Option<usize>, Query, description = "每页行数，1 到 1000 Rows of a page, 1 to 1000", example = 100),
        ("cursor" = Option<String>, Query, description = "上一页的 next The previous page's next"),
        ("format" = Option<String>, Query, description = "json（缺省）、csv、xlsx；文件含全部行 Files hold all rows", example = "json")),
    responses((status = 200, content(
        (FigureRows = "application/json"), (String = "text/csv"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
async fn figure_rows(gate: Open, Name(id): Name, uri: Uri) -> Result<Response, Problem> {
    let query = Query::read(&uri, &["period", "limit", "cursor", "format"])?;
    let period = query.period("period")?;
    let limit = query.number("limit", PAGE_ROWS)?.unwrap_or(USUAL_ROWS);
    let cursor = query.text("cursor")?;
    let format = query.one_of("format", &["json", "csv", "xlsx"])?.unwrap_or("json");
    if format == "json" {
        return Ok(Json(gate.office().figure_rows(&id, period, cursor, limit).await?).into_response());
    }
    let (header, rows) = gate.office().figure_rows_table(&id, period).await?;
    let (kind, bytes) = if format == "csv" {
        ("text/csv; charset=utf-8", csv_bytes(&header, &rows)?)
    } else {
        let book = exchange::write_xlsx(&header, &rows).map_err(|error| Problem::failed(&error))?;
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", book)
    };
    Ok(download(kind, &format!("{id}-{period}.{format}"), bytes))
}

pub(super) fn download(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let name: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect();
    let mut response = ([(header::CONTENT_TYPE, HeaderValue::from_static(kind))], bytes).into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// CSV that a spreadsheet opens in UTF-8, without a cell that it would take for a formula.
fn csv_bytes(header: &[String], rows: &[Vec<String>]) -> Result<Vec<u8>, Problem> {
    let failed = |error: csv::Error| Problem::failed(&error);
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(header).map_err(failed)?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| tame(cell))).map_err(failed)?;
    }
    writer.into_inner().map_err(|error| Problem::failed(&error))
}

/// A cell that begins like a formula and is no number gets an apostrophe, which spreadsheets show as text.
fn tame(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    if formula { format!("'{cell}") } else { cell.to_owned() }
}

#[utoipa::path(get, path = "/summary/air", tag = "figures", summary = "工作总结的大气部分",
    params(("period" = String, Query, description = "时段 Period", example = "2022")),
    responses((status = 200, body = Summary)))]
async fn summary(gate: Open, uri: Uri) -> Answer<Summary> {
    let query = Query::read(&uri, &["period"])?;
    Ok(Json(gate.office().summary(query.period("period")?).await?))
}

#[utoipa::path(get, path = "/norms", tag = "norms", summary = "所用标准及其可信度", responses((status = 200, body = NormList)))]
async fn norms(gate: Open, uri: Uri) -> Answer<NormList> {
    Query::read(&uri, &[])?;
    Ok(Json(gate.office().norms().await?))
}

#[utoipa::path(get, path = "/start", tag = "city", summary = "第一天的进度", responses((status = 200, body = StartState)))]
async fn start(gate: Open, uri: Uri) -> Answer<StartState> {
    Query::read(&uri, &[])?;
    Ok(Json(gate.office().start().await?))
}

#[utoipa::path(get, path = "/sources", tag = "operator", summary = "可导入的数据来源", responses((status = 200, body = Sources)))]
async fn sources(gate: Open, uri: Uri) -> Answer<Sources> {
    Query::read(&uri, &[])?;
    Ok(Json(gate.office().sources().await?))
}

#[utoipa::path(post, path = "/imports", tag = "operator", summary = "导入一个文件（csv、csv.gz、xlsx、parquet）",
    params(
        ("table" = String, Query, description = "station 或 observation", example = "observation"),
        ("source" = String, Query, description = "来源，见 /sources A source of /sources"),
        ("name" = String, Query, description = "文件名，扩展名决定格式 File name, its ending says the format", example = "hours.csv")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "文件内容，最大 64 MB The file, at most 64 MB"),
    responses((status = 200, body = ImportReport),
        (status = 422, description = "表头不对，一行也没有写入 The header is wrong, nothing was written", body = super::problem::ProblemBody, content_type = "application/problem+json")),
    security(("operator" = [])))]
async fn import(gate: Gate<ImportTables>, uri: Uri, body: Body<IMPORT_BYTES>) -> Answer<ImportReport> {
    let query = Query::read(&uri, &["table", "source", "name"])?;
    query.need("table")?;
    let table = query.one_of("table", &["station", "observation"])?.unwrap_or("observation");
    let (source, name) = (query.need("source")?.to_owned(), query.file_name("name")?);
    let office = gate.shared();
    // A sender that goes away must not cut an import in two: it runs to its end by itself.
    let work = tokio::spawn(async move { office.import(table, &source, &name, body.0.into()).await });
    Ok(Json(work.await.map_err(|error| Problem::failed(&error))??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        assert_eq!(tame("=1+1"), "'=1+1");
        assert_eq!(tame("@x"), "'@x");
        assert_eq!(tame("-1.5"), "-1.5");
        assert_eq!(tame("洪文"), "洪文");
        let bytes = csv_bytes(&["a".to_owned()], &[vec!["x,\"y\"".to_owned()]]).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), "\u{feff}a\n\"x,\"\"y\"\"\"\n");
    }
}
