//! OGC API – Features, Part 1: Core (17-069r4): the units and layers of every edition as collections of features.
//!
//! Answers are JSON or a plain page, by `f` or by `Accept`. What marks an edition as made up stands in every answer
//! about it. Every handler takes a [`Gate`]; layers that are protected are not there for the public.

mod description;
mod page;
mod query;

use super::allow::Role;
use super::gate::{App, Gate, ReadOpenData};
use super::params::Query;
use super::problem::Problem;
use crate::office::Office;
use crate::zoning::features::{self, Collection, Ready, Shelf};
use crate::zoning::view::Sight;
use axum::body::Body;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use exchange::FieldAliases;
use futures::StreamExt;
use query::{Question, RESERVED};
use serde_json::{Map, Value, json};
use std::sync::Arc;

const JSON: &str = "application/json";
const GEOJSON: &str = "application/geo+json";
const SCHEMA: &str = "application/schema+json";
const OPENAPI: &str = "application/vnd.oai.openapi+json;version=3.0";
const HTML: &str = "text/html";
const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
const QUERYABLES: &str = "http://www.opengis.net/def/rel/ogc/1.0/queryables";
/// What this interface conforms to.
const CLASSES: [&str; 6] = [
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
];
/// Bytes of features after which a part of an answer is sent.
const PART_BYTES: usize = 256 << 10;
/// The most features of a page that is read by people.
const HTML_FEATURES: usize = 100;

type Open = Gate<ReadOpenData>;
type Named<T> = Result<Path<T>, PathRejection>;

/// The routes below `/ogc`.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/ogc", get(landing))
        .route("/ogc/", get(landing))
        .route("/ogc/conformance", get(conformance))
        .route("/ogc/api", get(api))
        .route("/ogc/collections", get(collections))
        .route("/ogc/collections/{id}", get(collection))
        .route("/ogc/collections/{id}/queryables", get(queryables))
        .route("/ogc/collections/{id}/schema", get(schema))
        .route("/ogc/collections/{id}/items", get(items))
        .route("/ogc/collections/{id}/items/{feature}", get(item))
        .route("/ogc/{*rest}", get(nothing))
        .layer(Extension(Arc::new(Shelf::default())))
}

/// In which form an answer goes out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    Json,
    Html,
}

/// What was called, and how the answer speaks of it.
struct Call {
    base: String,
    path: String,
    pairs: Vec<(String, String)>,
    form: Form,
}

impl Call {
    fn read(uri: &Uri, headers: &HeaderMap) -> Result<Self, Problem> {
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let form = match pairs.iter().find(|(name, value)| name == "f" && !value.trim().is_empty()) {
            Some((_, value)) => match value.trim() {
                "json" => Form::Json,
                "html" => Form::Html,
                other => {
                    let (zh, en) = ("参数 f 应为 json 或 html。", "The parameter “f” must be json or html.");
                    return Err(Problem::bad("f", Some(other), (zh, en)));
                }
            },
            None => accepted(headers).ok_or_else(not_acceptable)?,
        };
        Ok(Self { base: base(headers), path: uri.path().to_owned(), pairs, form })
    }

    fn href(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The address of this call with some parameters instead of its own.
    fn again(&self, others: &[(&str, String)]) -> String {
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.pairs.iter().filter(|(name, _)| !others.iter().any(|(other, _)| other == name)) {
            text.append_pair(name, value);
        }
        for (name, value) in others.iter().filter(|(_, value)| !value.is_empty()) {
            text.append_pair(name, value);
        }
        let (text, path) = (text.finish(), self.path.strip_prefix("/ogc").unwrap_or_default());
        if text.is_empty() { self.href(path) } else { format!("{}?{text}", self.href(path)) }
    }

    /// Links to this answer and to its other form.
    fn own_links(&self, json: &str) -> Vec<Value> {
        let link = |form: Form| {
            let (f, kind) = if form == Form::Json { ("json", json) } else { ("html", HTML) };
            let (rel, title) = if form == self.form {
                ("self", "本文档 This document")
            } else {
                ("alternate", "另一格式 Another form")
            };
            link(&self.again(&[("f", f.to_owned())]), rel, kind, title)
        };
        vec![link(Form::Json), link(Form::Html)]
    }

    /// The answer in the form that was asked for.
    fn answer(&self, kind: &'static str, title: &str, answer: &Value) -> Response {
        match self.form {
            Form::Json => sent(kind, answer.to_string().into()),
            Form::Html => sent("text/html; charset=utf-8", page::page(title, answer).into()),
        }
    }
}

fn link(href: &str, rel: &str, kind: &str, title: &str) -> Value {
    json!({ "href": href, "rel": rel, "type": kind, "title": title })
}

fn sent(kind: &'static str, body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::VARY, HeaderValue::from_static("accept, cookie")),
    ];
    (headers, body).into_response()
}

/// Where the interface stands for the asker, as a whole address when the request tells.
fn base(headers: &HeaderMap) -> String {
    let plain = |host: &&str| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte));
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).filter(plain);
    let encrypted = headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https");
    let scheme = if encrypted { "https" } else { "http" };
    host.filter(|host| !host.is_empty()).map_or_else(|| "/ogc".to_owned(), |host| format!("{scheme}://{host}/ogc"))
}

/// The form that `Accept` likes best; JSON when it likes both alike, none when it takes neither.
fn accepted(headers: &HeaderMap) -> Option<Form> {
    let values: Vec<&str> = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    if values.iter().all(|value| value.trim().is_empty()) {
        return Some(Form::Json);
    }
    let (mut json, mut html) = (0.0_f64, 0.0_f64);
    for kind in values.iter().flat_map(|value| value.split(',')) {
        let mut parts = kind.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let quality = parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
        match name.as_str() {
            "text/html" | "application/xhtml+xml" | "text/*" => html = html.max(quality),
            "*/*" => (json, html) = (json.max(quality), html.max(quality)),
            name if name == "application/*" || name.ends_with("json") => json = json.max(quality),
            _ => {}
        }
    }
    if json <= 0.0 && html <= 0.0 { None } else { Some(if html > json { Form::Html } else { Form::Json }) }
}

fn not_acceptable() -> Problem {
    let detail = (
        "这里只有 JSON 和 HTML：请用参数 f=json 或 f=html，或改正 Accept。",
        "There is JSON and HTML here: say f=json or f=html, or correct Accept.",
    );
    Problem::new(StatusCode::NOT_ACCEPTABLE, "not-acceptable", ("没有所要的格式", "Not acceptable"), detail)
}

fn no_such() -> Problem {
    Problem::not_found((
        "没有这个要素集、要素或地址。要素集见 /ogc/collections。",
        "There is no such collection, feature or address. See /ogc/collections for the collections.",
    ))
}

async fn nothing(_: Open) -> Problem {
    no_such()
}

/// A part of an address as it stands in one.
fn part(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn sight(gate: &Open) -> Sight {
    if gate.role() == Role::Public { Sight::Public } else { Sight::Staff }
}

/// Does work that counts where it does not hold up the others.
async fn work<T: Send + 'static>(
    office: &Arc<Office>,
    question: impl FnOnce(&Office) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let office = Arc::clone(office);
    tokio::task::spawn_blocking(move || question(&office)).await.map_err(|error| Problem::failed(&error))?
}

fn aliases(office: &Office) -> Result<FieldAliases, Problem> {
    crate::zoning::edition::aliases(office.library()).map_err(|error| Problem::failed(&format!("{error:#}")))
}

/// What marks answers about several collections: as soon as one is made up, all of it is.
fn marks(collections: &[Collection<'_>]) -> Map<String, Value> {
    let made_up = collections.iter().find(|one| one.marks.get("synthetic") == Some(&Value::Bool(true)));
    made_up.or(collections.first()).map(|one| one.marks.clone()).unwrap_or_default()
}

fn with(mut answer: Value, more: Map<String, Value>) -> Value {
    if let Value::Object(members) = &mut answer {
        members.extend(more);
    }
    answer
}

async fn landing(gate: Open, uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    Query::read(&uri, &["f"])?;
    let call = Call::read(&uri, &headers)?;
    let mut links = call.own_links(JSON);
    links.push(link(&call.href("/api?f=json"), "service-desc", OPENAPI, "接口说明 The description of the interface"));
    links.push(link(&call.href("/api?f=html"), "service-doc", HTML, "接口说明 The description of the interface"));
    links.push(link(&call.href("/conformance"), "conformance", JSON, "符合的标准 Conformance classes"));
    links.push(link(&call.href("/collections"), "data", JSON, "要素集 Collections"));
    let title = "筼筜 Yundang：生态环境分区管控 Zoning control";
    let description =
        "各版本的管控单元与图层（OGC API – Features）。Units and layers of every edition (OGC API – Features).";
    let answer = json!({ "title": title, "description": description, "links": links });
    let marks = marks(&features::collections(gate.office().zoning(), sight(&gate)));
    Ok(call.answer(JSON, title, &with(answer, marks)))
}

async fn conformance(_: Open, uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    Query::read(&uri, &["f"])?;
    let call = Call::read(&uri, &headers)?;
    let answer = json!({ "conformsTo": CLASSES, "links": call.own_links(JSON) });
    Ok(call.answer(JSON, "符合的标准 Conformance classes", &answer))
}

async fn api(
    gate: Open,
    Extension(shelf): Extension<Arc<Shelf>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Query::read(&uri, &["f"])?;
    let call = Call::read(&uri, &headers)?;
    let sight = sight(&gate);
    work(&gate.shared(), move |office| {
        let aliases = aliases(office)?;
        let collections = features::collections(office.zoning(), sight);
        let ready: Vec<Arc<Ready>> = collections.iter().map(|one| shelf.ready(one, &aliases)).collect();
        let described: Vec<_> =
            collections.iter().zip(&ready).map(|(one, ready)| (one, ready.columns.as_slice())).collect();
        let answer = description::description(&call.base, &described);
        Ok(call.answer(OPENAPI, "接口说明 The description of the interface", &answer))
    })
    .await
}

async fn collections(
    gate: Open,
    Extension(shelf): Extension<Arc<Shelf>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Query::read(&uri, &["f"])?;
    let call = Call::read(&uri, &headers)?;
    let sight = sight(&gate);
    work(&gate.shared(), move |office| {
        let aliases = aliases(office)?;
        let all = features::collections(office.zoning(), sight);
        let each: Vec<Value> = all.iter().map(|one| described(&call, one, &shelf.ready(one, &aliases))).collect();
        let answer = json!({ "links": call.own_links(JSON), "numberMatched": each.len(), "collections": each });
        Ok(call.answer(JSON, "要素集 Collections", &with(answer, marks(&all))))
    })
    .await
}

/// Asks one collection, made ready.
async fn of_one(
    gate: &Open,
    shelf: Arc<Shelf>,
    id: Named<String>,
    question: impl FnOnce(&Collection<'_>, Arc<Ready>) -> Result<Response, Problem> + Send + 'static,
) -> Result<Response, Problem> {
    let Path(id) = id.map_err(|_| no_such())?;
    let sight = sight(gate);
    work(&gate.shared(), move |office| {
        let one = features::collection(office.zoning(), sight, &id).ok_or_else(no_such)?;
        let ready = shelf.ready(&one, &aliases(office)?);
        question(&one, ready)
    })
    .await
}

async fn collection(
    gate: Open,
    Extension(shelf): Extension<Arc<Shelf>>,
    id: Named<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    of_one(&gate, shelf, id, move |one, ready| {
        Query::read(&uri, &["f"])?;
        let call = Call::read(&uri, &headers)?;
        let mut answer = described(&call, one, &ready);
        if let Some(Value::Array(links)) = answer.get_mut("links") {
            links.splice(0..0, call.own_links(JSON));
        }
        Ok(call.answer(JSON, one.titles().0, &answer))
    })
    .await
}

/// What is said about a collection.
fn described(call: &Call, one: &Collection<'_>, ready: &Ready) -> Value {
    let (id, (zh, en), head) = (one.id(), one.titles(), &one.edition.files.head);
    let place = call.href(&format!("/collections/{}", part(&id)));
    let day =
        |seconds: Option<i64>| seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok()).map(beijing);
    let (from, to) = one.term();
    // The interval of the standard has its end in it.
    let mut extent = json!({ "temporal": { "interval": [[day(from), day(to.map(|to| to - 1))]] } });
    if let Some(bounds) = ready.extent {
        let bbox = [bounds.min().x, bounds.min().y, bounds.max().x, bounds.max().y];
        extent["spatial"] = json!({ "bbox": [bbox], "crs": CRS84 });
    }
    let title = format!("{zh}（{}）", if head.title_zh.is_empty() { one.edition.id() } else { &head.title_zh });
    let title_en = format!("{en} ({})", if head.title_en.is_empty() { one.edition.id() } else { &head.title_en });
    let description = format!(
        "{title}。坐标为 CGCS2000 经纬度，作为 CRS84 给出。{title_en}. Coordinates are CGCS2000 longitude and latitude, given as CRS84."
    );
    let entry = one.entry.map(|entry| {
        json!({
            "group": entry.group, "source": entry.source, "period": entry.period, "complete": entry.complete,
            "accuracy_m": entry.accuracy_m,
        })
    });
    let answer = json!({
        "id": id, "title": title, "title_en": title_en, "description": description, "itemType": "feature", "extent": extent,
        "crs": [CRS84],
        "links": [
            link(&format!("{place}/items?f=json"), "items", GEOJSON, "要素 Features"),
            link(&format!("{place}/items?f=html"), "items", HTML, "要素 Features"),
            link(&format!("{place}/queryables?f=json"), QUERYABLES, SCHEMA, "可查询的属性 Queryables"),
            link(&format!("{place}/schema?f=json"), "describedby", SCHEMA, "要素的结构 Schema of the features"),
        ],
        "edition": one.edition.id(), "edition_hash": one.edition.files.hash.whole, "layer": one.key,
        "features": one.table.features.len(), "about": entry,
    });
    with(answer, one.marks.clone())
}

fn beijing(at: jiff::Timestamp) -> String {
    at.display_with_offset(jiff::tz::offset(8)).to_string()
}

async fn queryables(
    gate: Open,
    Extension(shelf): Extension<Arc<Shelf>>,
    id: Named<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    of_one(&gate, shelf, id, move |one, ready| {
        Query::read(&uri, &["f"])?;
        let call = Call::read(&uri, &headers)?;
        let place = call.href(&format!("/collections/{}/queryables", part(&one.id())));
        let answer = description::queryables(&place, one.titles().0, &ready.columns);
        Ok(call.answer(SCHEMA, one.titles().0, &with(answer, one.marks.clone())))
    })
    .await
}

async fn schema(
    gate: Open,
    Extension(shelf): Extension<Arc<Shelf>>,
    id: Named<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    of_one(&gate, shelf, id, move |one, ready| {
        Query::read(&uri, &["f"])?;
        let call = Call::read(&uri, &headers)?;
        let place = call.href(&format!("/collections/{}/schema", part(&one.id())));
        let answer = description::schema(&place, one.titles().0, &ready.columns, ready.naming());
        Ok(call.answer(SCHEMA, one.titles().0, &with(answer, one.marks.clone())))
    })
    .await
}

async fn items(
    gate: Open,
    Extension(shelf): Extension<Arc<Shelf>>,
    id: Named<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (office, sight) = (gate.shared(), sight(&gate));
    of_one(&gate, shelf, id, move |one, ready| {
        let known: Vec<&str> =
            RESERVED.into_iter().chain(ready.columns.iter().map(|column| column.name.as_str())).collect();
        let question = Question::read(&Query::read(&uri, &known)?, &ready)?;
        let call = Call::read(&uri, &headers)?;
        let in_time = question.time.is_none_or(|time| time.meets(one.term()));
        let matched = if in_time { ready.select(one.table, &question.wanted) } else { Vec::new() };
        let limit = if call.form == Form::Html { question.limit.min(HTML_FEATURES) } else { question.limit };
        let page: Vec<usize> = matched.iter().copied().skip(question.offset).take(limit).collect();
        let head = head_of(&call, one, &question, limit, (matched.len(), page.len()));
        if call.form == Form::Html {
            let mut text = start_of(&head);
            page.iter().enumerate().for_each(|(n, row)| push_row(one, &ready, *row, n == 0, &mut text));
            text.push_str("]}");
            let answer = serde_json::from_str(&text).map_err(|error| Problem::failed(&error))?;
            return Ok(call.answer(GEOJSON, one.titles().0, &answer));
        }
        let parts = Parts {
            office,
            sight,
            id: one.id(),
            hash: one.edition.files.hash.whole.clone(),
            ready,
            rows: page,
            sent: 0,
            start: Some(start_of(&head)),
        };
        // The layer that compresses asks once more after the end.
        Ok(sent(GEOJSON, Body::from_stream(futures::stream::unfold(parts, Parts::next).fuse())))
    })
    .await
}

/// The members of a page of features beside the features: how many, when, links, marks.
fn head_of(
    call: &Call,
    one: &Collection<'_>,
    question: &Question,
    limit: usize,
    (matched, returned): (usize, usize),
) -> Value {
    let mut links = call.own_links(GEOJSON);
    let page = |offset: usize, rel: &str, title: &str| {
        let f = if call.form == Form::Json { ("json", GEOJSON) } else { ("html", HTML) };
        let others = [("f", f.0.to_owned()), ("limit", limit.to_string()), ("offset", offset.to_string())];
        link(&call.again(&others), rel, f.1, title)
    };
    if question.offset.saturating_add(returned) < matched && returned > 0 {
        links.push(page(question.offset + returned, "next", "下一页 The next page"));
    }
    if question.offset > 0 {
        links.push(page(question.offset.min(matched).saturating_sub(limit), "prev", "上一页 The page before"));
    }
    let place = call.href(&format!("/collections/{}", part(&one.id())));
    links.push(link(&place, "collection", JSON, "要素集 The collection"));
    let now = jiff::Timestamp::from_second(jiff::Timestamp::now().as_second()).unwrap_or_default();
    let head = json!({
        "type": "FeatureCollection", "numberMatched": matched, "numberReturned": returned, "timeStamp": beijing(now),
        "links": links,
    });
    with(head, one.marks.clone())
}

/// The members of a page as text, up to its first feature.
fn start_of(head: &Value) -> String {
    let mut text = head.to_string();
    text.pop();
    text.push_str(",\"features\":[");
    text
}

fn push_row(one: &Collection<'_>, ready: &Ready, row: usize, first: bool, text: &mut String) {
    if let Some(feature) = one.table.features.get(row) {
        text.push_str(if first { "\n" } else { ",\n" });
        ready.push(feature, &Map::new(), text);
    }
}

/// A page of features that is written while it is sent.
struct Parts {
    office: Arc<Office>,
    sight: Sight,
    id: String,
    hash: String,
    ready: Arc<Ready>,
    rows: Vec<usize>,
    sent: usize,
    start: Option<String>,
}

impl Parts {
    async fn next(mut self) -> Option<(Result<String, std::io::Error>, Self)> {
        let first = self.start.is_some();
        if !first && self.sent == usize::MAX {
            return None;
        }
        let mut text = self.start.take().unwrap_or_default();
        // The edition is looked up for each part, so that a slow reader keeps none alive.
        let one = features::collection(self.office.zoning(), self.sight, &self.id)
            .filter(|one| one.edition.files.hash.whole == self.hash);
        let Some(one) = one else {
            self.sent = usize::MAX;
            let gone = std::io::Error::other("the edition has changed while it was read");
            return Some((Err(gone), self));
        };
        while let Some(row) = self.rows.get(self.sent).filter(|_| text.len() < PART_BYTES) {
            push_row(&one, &self.ready, *row, self.sent == 0, &mut text);
            self.sent += 1;
        }
        if self.sent >= self.rows.len() {
            text.push_str("]}\n");
            self.sent = usize::MAX;
        }
        drop(one);
        Some((Ok(text), self))
    }
}

async fn item(
    gate: Open,
    Extension(shelf): Extension<Arc<Shelf>>,
    names: Named<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path((id, name)) = names.map_err(|_| no_such())?;
    of_one(&gate, shelf, Ok(Path(id)), move |one, ready| {
        Query::read(&uri, &["f"])?;
        let call = Call::read(&uri, &headers)?;
        let row = ready.row(one.table, &name).and_then(|row| one.table.features.get(row)).ok_or_else(no_such)?;
        let place = call.href(&format!("/collections/{}", part(&one.id())));
        let mut links = call.own_links(GEOJSON);
        links.push(link(&place, "collection", JSON, "要素集 The collection"));
        let mut more = one.marks.clone();
        more.insert("links".to_owned(), Value::Array(links));
        let mut text = String::new();
        ready.push(row, &more, &mut text);
        match call.form {
            Form::Json => Ok(sent(GEOJSON, text.into())),
            Form::Html => {
                let answer = serde_json::from_str(&text).map_err(|error| Problem::failed(&error))?;
                Ok(call.answer(GEOJSON, one.titles().0, &answer))
            }
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_picks_a_form_or_none() {
        for (accept, form) in [
            ("", Some(Form::Json)),
            ("*/*", Some(Form::Json)),
            ("application/geo+json, application/json", Some(Form::Json)),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Some(Form::Html)),
            ("text/html;q=0.5, application/json;q=0.9", Some(Form::Json)),
            (OPENAPI, Some(Form::Json)),
            ("image/png", None),
            ("text/html;q=0", None),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_str(accept).unwrap())]);
            assert_eq!(accepted(&headers), form, "{accept}");
        }
        assert_eq!(accepted(&HeaderMap::new()), Some(Form::Json));
    }

    #[test]
    fn an_address_holds_the_host_when_it_is_one() {
        let with = |pairs: &[(&'static str, &'static str)]| {
            base(&pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect())
        };
        assert_eq!(with(&[("host", "127.0.0.1:80")]), "http://127.0.0.1:80/ogc");
        assert_eq!(with(&[("host", "a.cn"), ("x-forwarded-proto", "https")]), "https://a.cn/ogc");
        assert_eq!((with(&[]), with(&[("host", "a/b")])), ("/ogc".to_owned(), "/ogc".to_owned()));
        assert_eq!(part("xm-2026.park:a/b 园"), "xm-2026.park:a%2Fb%20%E5%9B%AD");
    }
}
