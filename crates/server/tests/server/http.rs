//! The HTTP interface from outside: who may do what, what bad requests get, how slow askers end.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::semicolon_if_nothing_returned,
    reason = "a test that cannot go on fails"
)]

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use server::data_folder::{DataFolder, Elsewhere, Kind};
use server::norm_files::Library;
use server::office::Office;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tower::ServiceExt;

const CODE: &str = "right-code";
/// What the public may not do: every other operation is open.
const NOT_FOR_THE_PUBLIC: [&str; 23] = [
    "get /api/v1/accounts",
    "post /api/v1/accounts",
    "post /api/v1/accounts/{id}/disabled",
    "post /api/v1/accounts/{id}/password",
    "post /api/v1/accounts/{id}/roles",
    "post /api/v1/imports",
    "post /api/v1/session/password",
    "get /api/v1/zoning/cases",
    "post /api/v1/zoning/cases",
    "get /api/v1/zoning/cases/{id}",
    "get /api/v1/zoning/cases/{id}/answer",
    "post /api/v1/zoning/cases/{id}/judgements",
    "get /api/v1/zoning/cases/{id}/replay",
    "get /api/v1/zoning/cases/{id}/report",
    "post /api/v1/zoning/editions/{edition}/end",
    "get /api/v1/zoning/editions/{edition}/history",
    "post /api/v1/zoning/editions/{edition}/publication",
    "post /api/v1/zoning/editions/{edition}/withdrawal",
    "get /api/v1/zoning/follow-ups",
    "post /api/v1/zoning/follow-ups",
    "post /api/v1/zoning/judgements/{id}/revocation",
    "get /api/v1/zoning/objections",
    "post /api/v1/zoning/objections/{id}/answer",
];
/// What needs an account of one's own.
const NOT_FOR_THE_OPERATOR: [&str; 3] = [
    "post /api/v1/session/password",
    "post /api/v1/zoning/cases/{id}/judgements",
    "post /api/v1/zoning/judgements/{id}/revocation",
];

/// An empty real city; it lies in the folder as long as that lives.
struct City {
    office: Arc<Office>,
    _folder: tempfile::TempDir,
}

impl City {
    async fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::load(None).unwrap();
        let norms = Arc::new(norms::Norms::load(&library.files).unwrap());
        let data = DataFolder::create(&folder.path().join("data"), Kind::Real, "xiamen", Elsewhere::default(), norms)
            .await
            .unwrap();
        let office = Office::open(data, Arc::new(library)).await.unwrap();
        Self { office: Arc::new(office), _folder: folder }
    }

    fn router(&self) -> Router {
        server::http::router(Arc::clone(&self.office), CODE)
    }

    /// Serves on a free port until the test ends.
    async fn serve(&self) -> SocketAddr {
        let (tell, told) = tokio::sync::oneshot::channel();
        let office = Arc::clone(&self.office);
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        tokio::spawn(server::http::serve(office, listen, CODE.to_owned(), |address| tell.send(address).unwrap()));
        told.await.unwrap()
    }
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// A problem in both languages that says nothing of our inside.
    fn is_problem(&self, what: &str) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{what}");
        let body = self.json();
        assert_eq!(body["status"], self.status.as_u16(), "{what}");
        for field in ["type", "title", "title_en", "detail", "detail_en", "instance"] {
            assert!(body[field].as_str().is_some_and(|text| !text.is_empty()), "{what}: {field}");
        }
        assert!(
            body["title"].as_str().unwrap().chars().any(|c| c > '\u{2e80}')
                && body["title_en"].as_str().unwrap().is_ascii()
        );
        let text = String::from_utf8_lossy(&self.body).to_lowercase();
        for inside in [".rs", "panicked", "datafusion", "select ", "/root", "/tmp", "serde"] {
            assert!(!text.contains(inside), "{what} tells of {inside}: {text}");
        }
    }
}

async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, 256 << 20).await.unwrap().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

fn request(method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let method = method.to_uppercase();
    let mut request = Request::builder().method(&*method).uri(uri).header("host", "127.0.0.1:8080");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

async fn get(router: &Router, uri: &str) -> Answer {
    send(router, request("get", uri, &[], "")).await
}

async fn sign_in(router: &Router, code: &str) -> Answer {
    let body = serde_json::json!({ "code": code }).to_string();
    send(router, request("post", "/api/v1/session", &[("content-type", "application/json")], &body)).await
}

fn cookie_of(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

/// Every operation of the description as method and path with the examples filled in.
fn operations() -> Vec<(String, String, String)> {
    let api: Value = serde_json::from_str(&server::http::openapi_json()).unwrap();
    let mut found = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in
            item.as_object().unwrap().iter().filter(|(_, value)| value["operationId"].is_string())
        {
            let (mut filled, mut query) = (path.clone(), Vec::new());
            for parameter in operation["parameters"].as_array().unwrap_or(&Vec::new()) {
                let name = parameter["name"].as_str().unwrap();
                let example = &parameter["example"];
                let example = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
                match parameter["in"].as_str().unwrap() {
                    "path" => filled = filled.replace(&format!("{{{name}}}"), &example),
                    _ if example != "null" => {
                        query.push(format!("{name}={}", example.replace('+', "%2B").replace("洪文", "x")))
                    }
                    _ => {}
                }
            }
            found.push((method.clone(), path.clone(), format!("{filled}?{}", query.join("&"))));
        }
    }
    assert!(found.len() >= 20, "the description has all operations");
    found
}

#[tokio::test]
async fn each_operation_is_open_or_on_the_list() {
    let city = City::empty().await;
    let (mut closed, mut personal) = (Vec::new(), Vec::new());
    for (method, path, uri) in operations() {
        let router = city.router();
        let public = send(&router, request(&method, &uri, &[], "")).await;
        assert_ne!(public.status, StatusCode::INTERNAL_SERVER_ERROR, "{method} {uri}");
        if public.status == StatusCode::UNAUTHORIZED || public.status == StatusCode::FORBIDDEN {
            public.is_problem(&uri);
            closed.push(format!("{method} {path}"));
        }
        let cookie = cookie_of(&sign_in(&router, CODE).await);
        let operator = send(&router, request(&method, &uri, &[("cookie", &cookie)], "")).await;
        assert_ne!(operator.status, StatusCode::INTERNAL_SERVER_ERROR, "operator: {method} {uri}");
        if [401, 403].contains(&operator.status.as_u16()) {
            operator.is_problem(&uri);
            personal.push(format!("{method} {path}"));
        }
        let made_up = send(&router, request(&method, &uri, &[("cookie", "yundang_session=00")], "")).await;
        assert_eq!(made_up.status, public.status, "a made-up session is no session: {method} {uri}");
    }
    closed.sort_by_key(|operation| operation.split(' ').nth(1).map(str::to_owned));
    assert_eq!(closed, NOT_FOR_THE_PUBLIC);
    assert_eq!(personal, NOT_FOR_THE_OPERATOR);
}

#[tokio::test]
async fn bad_queries_are_problems_in_both_languages() {
    let city = City::empty().await;
    let router = city.router();
    let cookie = cookie_of(&sign_in(&router, CODE).await);
    let get = async |uri: &str| send(&router, request("get", uri, &[("cookie", &cookie)], "")).await;
    let mut bad = 0;
    for (method, _, uri) in operations().into_iter().filter(|(method, ..)| method == "get") {
        let (path, query) = uri.split_once('?').unwrap();
        let asked = get(&format!("{path}?nonsense=1")).await;
        assert_eq!(asked.status, StatusCode::BAD_REQUEST, "{method} {path}");
        asked.is_problem(path);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let name = pair.split('=').next().unwrap();
            let long = "9".repeat(600);
            for value in
                ["%00", "%FF%FE", "'%20OR%201=1--", "-1", "99999999999999999999", "NaN", "%3Cscript%3E", "../..", &long]
            {
                let others = query.split('&').filter(|other| !other.starts_with(&format!("{name}=")));
                let query: Vec<_> = others.map(str::to_owned).chain([format!("{name}={value}")]).collect();
                let answer = get(&format!("{path}?{}", query.join("&"))).await;
                assert!(answer.status.as_u16() < 500, "{path} {name}={value}: {}", answer.status);
                if answer.status.is_client_error() {
                    bad += 1;
                    answer.is_problem(&format!("{path} {name}={value}"));
                }
            }
        }
    }
    assert!(bad > 80, "only {bad} were refused");
}

#[tokio::test]
async fn limits_on_spans_names_and_bodies_hold() {
    let router = City::empty().await.router();
    let frames = "/api/v1/air/frames?from=2022-01-01T01:00:00%2B08:00&to=";
    let hours = "/api/v1/stations/1286A/hours?from=2022-01-01T01:00:00%2B08:00&to=";
    for (uri, status) in [
        (format!("{frames}2022-02-01T02:00:00%2B08:00"), 400),
        (format!("{frames}2021-12-31T02:00:00%2B08:00"), 400),
        (format!("{frames}2022-02-01T01:00:00%2B08:00&what=PM2.5"), 400),
        (format!("{hours}2023-01-02T02:00:00%2B08:00"), 400),
        (format!("/api/v1/stations?q={}", "a".repeat(101)), 400),
        ("/api/v1/figures/F047/rows?period=2022&limit=1001".to_owned(), 400),
        ("/api/v1/figures/F047/rows?period=2022&limit=0".to_owned(), 400),
        ("/api/v1/figures".to_owned(), 400),
        (format!("/api/v1/stations/{}/card", "a".repeat(65)), 404),
        ("/api/v1/stations/%FF/card".to_owned(), 404),
        ("/api/v1/stations/nobody/card".to_owned(), 404),
        ("/api/v1/no/such".to_owned(), 404),
        ("/api".to_owned(), 404),
    ] {
        let answer = get(&router, &uri).await;
        assert_eq!(answer.status.as_u16(), status, "{uri}");
        answer.is_problem(&uri);
    }
    for (method, uri, status) in [("post", "/api/v1/meta", 405), ("get", "/api/v1/imports", 405), ("put", "/map", 405)]
    {
        let answer = send(&router, request(method, uri, &[], "")).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {uri}");
        assert!(!answer.header("allow").is_empty());
        answer.is_problem(uri);
    }
    let json = ("content-type", "application/json");
    for (kind, body, status) in [
        (json, " ".repeat((16 << 10) + 1), 413),
        (json, "{".to_owned(), 400),
        (json, "{\"code\":\"a\",\"role\":\"operator\"}".to_owned(), 400),
        (("content-type", "text/plain"), "{\"code\":\"a\"}".to_owned(), 415),
    ] {
        let answer = send(&router, request("post", "/api/v1/session", &[kind], &body)).await;
        assert_eq!(answer.status.as_u16(), status);
        answer.is_problem("session");
    }
}

#[tokio::test]
async fn an_answer_known_already_is_not_sent_again() {
    let router = City::empty().await.router();
    let first = get(&router, "/api/v1/norms").await;
    let tag = first.header("etag").to_owned();
    assert!(first.status == 200 && tag.starts_with('"'), "a strong tag: {tag}");
    assert_eq!(first.header("cache-control"), "no-cache");
    let ask = |uri: &str, headers: &[(&str, &str)]| request("get", uri, headers, "");
    let again = send(&router, ask("/api/v1/norms", &[("if-none-match", &tag)])).await;
    assert!(again.status == 304 && again.body.is_empty() && again.header("etag") == tag);
    assert_eq!(send(&router, ask("/api/v1/start", &[("if-none-match", &tag)])).await.status, 200, "other path");
    let zipped = send(&router, ask("/api/v1/norms", &[("if-none-match", &tag), ("accept-encoding", "gzip")])).await;
    assert_eq!(
        (zipped.status.as_u16(), zipped.header("content-encoding")),
        (200, "gzip"),
        "other bytes have another tag"
    );
    let cookie = cookie_of(&sign_in(&router, CODE).await);
    let operator = send(&router, ask("/api/v1/norms", &[("if-none-match", &tag), ("cookie", &cookie)])).await;
    assert_eq!(operator.status, 200, "another asker");
    let problem = send(&router, ask("/api/v1/norms?x=1", &[("if-none-match", &tag)])).await;
    assert_eq!((problem.status.as_u16(), problem.header("etag")), (400, ""));
}

#[tokio::test]
async fn a_code_opens_one_session_and_wrong_ones_lock_the_door() {
    let city = City::empty().await;
    let router = city.router();
    let opened = sign_in(&router, CODE).await;
    assert_eq!(opened.status, StatusCode::NO_CONTENT);
    let cookie = opened.header("set-cookie");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert_eq!(sign_in(&router, CODE).await.status, StatusCode::UNAUTHORIZED, "a code works once");
    let cookie = cookie_of(&opened);
    let role = async |cookie: &str| {
        send(&router, request("get", "/api/v1/meta", &[("cookie", cookie)], "")).await.json()["user"]["role"].clone()
    };
    assert_eq!(role(&cookie).await, "operator");
    let out = send(&router, request("delete", "/api/v1/session", &[("cookie", &cookie)], "")).await;
    assert!(out.status == 204 && out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(role(&cookie).await, "public", "the old cookie opens nothing");

    let router = city.router();
    for _ in 0..5 {
        assert_eq!(sign_in(&router, "wrong").await.status, StatusCode::UNAUTHORIZED);
    }
    let locked = sign_in(&router, CODE).await;
    assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(locked.header("retry-after").parse::<u64>().unwrap() > 800);
    locked.is_problem("locked");
}

#[tokio::test]
async fn another_site_changes_nothing() {
    let router = City::empty().await.router();
    let cookie = cookie_of(&sign_in(&router, CODE).await);
    let import = "/api/v1/imports?table=station&source=x&name=a.csv";
    for (name, value) in [
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        for (method, uri) in [("post", import), ("delete", "/api/v1/session"), ("post", "/api/v1/session")] {
            let answer = send(&router, request(method, uri, &[("cookie", &cookie), (name, value)], "")).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {uri} {name}: {value}");
            answer.is_problem(uri);
        }
    }
    let ours = [("cookie", &*cookie), ("origin", "http://127.0.0.1:8080"), ("sec-fetch-site", "same-origin")];
    // It comes as far as the file, which is empty.
    assert_eq!(send(&router, request("post", import, &ours, "")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn each_table_has_a_source_and_a_wrong_header_writes_nothing() {
    let city = City::empty().await;
    let router = city.router();
    let cookie = cookie_of(&sign_in(&router, CODE).await);
    let sources = get(&router, "/api/v1/sources").await.json();
    for table in ["station", "observation"] {
        let source = sources["items"].as_array().unwrap().iter().find(|item| item["table"] == table);
        let source = source.unwrap_or_else(|| panic!("nothing can be imported into {table}"))["id"].as_str().unwrap();
        let import = format!("/api/v1/imports?table={table}&source={source}&name=a.csv");
        let wrong = send(&router, request("post", &import, &[("cookie", &cookie)], "a,b\n1,2\n")).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        wrong.is_problem(table);
        let finding = &wrong.json()["findings"][0];
        assert_eq!((&finding["file"], &finding["line"]), (&"a.csv".into(), &1.into()));
        for field in ["message_zh", "message_en", "action_zh", "action_en"] {
            assert!(!finding[field].as_str().unwrap().is_empty(), "{table} {field}");
        }
    }
    let register = "station,name_zh,district,medium,kind,lon,lat,evaluated,from\n\
                    1286A,溪东,思明区,air,national,118.0966,24.4819,1,2016-01-01\n";
    let import = "/api/v1/imports?table=station&source=register&name=stations.csv";
    let taken = send(&router, request("post", import, &[("cookie", &cookie)], register)).await;
    assert_eq!((taken.status, &taken.json()["rows_new"]), (StatusCode::OK, &1.into()));
}

#[tokio::test]
async fn a_place_that_nobody_gave_is_not_zero() {
    let city = City::empty().await;
    let router = city.router();
    let cookie = cookie_of(&sign_in(&router, CODE).await);
    let import = "/api/v1/imports?table=station&source=register&name=stations.csv";
    let register = "station,name_zh,lon,lat\nX1,无坐标站,,\n";
    let taken = send(&router, request("post", import, &[("cookie", &cookie)], register)).await;
    assert_eq!(taken.status, StatusCode::OK);
    let card = get(&router, "/api/v1/stations/X1/card").await.json();
    assert!(card["station"]["lon"].is_null() && card["station"]["lat"].is_null(), "{card}");
    let all = get(&router, "/api/v1/air/stations").await.json();
    assert_eq!(all["features"][0]["properties"]["station"], "X1");
    assert!(all["features"][0]["geometry"].is_null(), "{all}");
    let hits = get(&router, "/api/v1/stations?q=X1").await.json();
    assert!(hits["items"][0]["station"] == "X1" && hits["items"][0]["lon"].is_null(), "{hits}");
}

#[tokio::test]
async fn pages_stay_within_their_folder() {
    let router = City::empty().await.router();
    for path in [
        "/..%2f..%2fCargo.toml",
        "/../../Cargo.toml",
        "/assets/..%2f..%2f..%2fCargo.toml",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/.gitkeep",
        "/assets%5c..%5c..",
        "//etc/passwd",
        "/%00",
        "/map/x?station=1286A",
    ] {
        let answer = get(&router, path).await;
        let text = String::from_utf8_lossy(&answer.body);
        assert!(!text.contains("[package]") && !text.contains("root:"), "{path}");
        assert!([200, 404, 503].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
        assert!(answer.header("content-security-policy").contains("default-src 'self'"), "{path}");
        assert_eq!(
            (answer.header("x-content-type-options"), answer.header("x-frame-options")),
            ("nosniff", "DENY"),
            "{path}"
        );
    }
    assert_eq!(get(&router, "/healthz").await.body, b"ok");
}

#[test]
fn the_description_is_the_committed_one() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/yundang.json");
    let committed = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        committed == server::http::openapi_json(),
        "the interface has changed: yundang openapi > openapi/yundang.json"
    );
    let api: Value = serde_json::from_str(&committed).unwrap();
    assert_eq!(api["openapi"], "3.1.0");
    for (_, item) in api["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values().filter(|value| value["operationId"].is_string()) {
            assert!(operation["summary"].is_string() && operation["responses"]["500"].is_object(), "{operation}");
        }
    }
}

#[tokio::test]
async fn only_this_machine_is_served() {
    let city = City::empty().await;
    let listen = "0.0.0.0:0".parse().unwrap();
    let refused =
        server::http::serve(Arc::clone(&city.office), listen, CODE.to_owned(), |_| ()).await.unwrap_err().to_string();
    assert!(refused.contains("本机") && refused.contains("this machine"), "{refused}");
}

/// The time until the other side closes, while one byte comes every half second.
async fn until_closed(address: SocketAddr, start: &str) -> Duration {
    let (begun, stream) = (Instant::now(), TcpStream::connect(address).await.unwrap());
    let (mut read, mut write) = stream.into_split();
    write.write_all(start.as_bytes()).await.unwrap();
    let drip = tokio::spawn(async move {
        while write.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    });
    let _ = tokio::time::timeout(Duration::from_secs(30), read.read_to_end(&mut Vec::new())).await;
    drip.abort();
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_headers_end_in_time_and_keep_nobody_out() {
    let city = City::empty().await;
    let address = city.serve().await;
    let starts = ["GET /api/v1/meta HTTP/1.1\r\nhost: x\r\nx-slow: ", "G"];
    let slow: Vec<_> = starts.into_iter().map(|start| tokio::spawn(until_closed(address, start))).collect();
    // More silent connections than there are places, of which the first ones just sit there.
    let mut crowd = Vec::new();
    for number in 0..600 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\n").await;
        crowd.push(stream);
        if number % 100 == 99 {
            assert_eq!(healthz(address).await, "HTTP/1.1 200 OK", "after {number} silent connections");
        }
    }
    for slow in slow {
        let took = slow.await.unwrap();
        assert!(took < Duration::from_secs(12), "closed after {took:?}");
    }
}

async fn healthz(address: SocketAddr) -> String {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(2), "answered after {:?}", begun.elapsed());
    text.lines().next().unwrap_or_default().to_owned()
}
