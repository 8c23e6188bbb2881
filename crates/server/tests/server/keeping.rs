//! What is kept: accounts, cases, replays, judgements, objections, editions; each through its door.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use serde_json::{Value, json};
use server::data_folder::{DataFolder, Elsewhere, Kind};
use server::norm_files::Library;
use server::office::Office;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tower::ServiceExt;

const CODE: &str = "right-code";
const PASSWORD: &str = "seven wet ducks";
const NEW_PASSWORD: &str = "eight dry geese";

/// Lays the made-up editions of the demo city into a data folder.
fn lay_editions(data: &Path) {
    crate::zoning::editions_into(&data.join("zoning"));
}

struct City {
    root: PathBuf,
    _folder: tempfile::TempDir,
}

impl City {
    async fn new(kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("data");
        let library = Library::load(None).unwrap();
        let norms = Arc::new(norms::Norms::load(&library.files).unwrap());
        let data = DataFolder::create(&root, kind, "xiamen", Elsewhere::default(), norms).await.unwrap();
        data.complete().unwrap();
        lay_editions(&root);
        Self { root, _folder: folder }
    }

    async fn open(&self) -> Desk {
        let library = Library::load(None).unwrap();
        let norms = Arc::new(norms::Norms::load(&library.files).unwrap());
        let data = DataFolder::open(&self.root, norms).await.unwrap();
        let office = Arc::new(Office::open(data, Arc::new(library)).await.unwrap());
        Desk { router: server::http::router(Arc::clone(&office), CODE), cookie: String::new() }
    }
}

/// Somebody at a desk, signed in or not.
#[derive(Clone)]
struct Desk {
    router: Router,
    cookie: String,
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&self.body)))
    }

    fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        if self.body.is_empty() { Value::Null } else { self.json() }
    }
}

impl Desk {
    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Answer {
        let mut request =
            Request::builder().method(method).uri(format!("/api/v1{path}")).header("cookie", &self.cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            None => Body::empty(),
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
        };
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 64 << 20).await.unwrap().to_vec();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], None).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask("POST", path, &[], Some(body)).await
    }

    async fn signed_in(&self, body: Value) -> Self {
        let answer = self.post("/session", body).await;
        assert!(matches!(answer.status, 200 | 204), "{}", String::from_utf8_lossy(&answer.body));
        let cookie = answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        Self { router: self.router.clone(), cookie }
    }

    async fn operator(&self) -> Self {
        self.signed_in(json!({ "code": CODE })).await
    }

    /// A new person with roles, who has changed the password that the operator chose.
    async fn person(&self, operator: &Self, login: &str, name: &str, roles: &[&str]) -> Self {
        let account = json!({ "login": login, "display_name": name, "roles": roles, "password": PASSWORD });
        operator.post("/accounts", account).await.expect(201);
        let first = self.signed_in(json!({ "login": login, "password": PASSWORD })).await;
        let change = json!({ "old": PASSWORD, "new": NEW_PASSWORD });
        first.post("/session/password", change).await.expect(204);
        self.signed_in(json!({ "login": login, "password": NEW_PASSWORD })).await
    }
}

/// A site in the city, and facts that leave something open.
fn site() -> Value {
    let ring = json!([[118.05, 24.6], [118.052, 24.6], [118.052, 24.602], [118.05, 24.602], [118.05, 24.6]]);
    json!({ "crs": "EPSG:4490", "geometry": { "type": "Polygon", "coordinates": [ring] },
            "facts": { "industry": "C3360" }, "as_of": "2026-06-30" })
}

fn titled(title: &str) -> Value {
    let mut body = site();
    body["title"] = title.into();
    body
}

#[tokio::test]
async fn people_come_in_with_a_password_of_their_own() {
    let city = City::new(Kind::Real).await;
    let public = city.open().await;
    assert_eq!(public.get("/accounts").await.status, 401);
    let operator = public.operator().await;
    let weak = json!({ "login": "lin", "display_name": "林青", "roles": ["officer"], "password": "short" });
    let weak = operator.post("/accounts", weak).await;
    assert_eq!(weak.status, 422);
    assert!(weak.json()["findings"][0]["message_zh"].as_str().unwrap().contains("12"));
    let odd = json!({ "login": "lin", "display_name": "林青", "roles": ["king"], "password": PASSWORD });
    assert_eq!(operator.post("/accounts", odd).await.status, 400);
    let account = json!({ "login": "Lin", "display_name": "林青", "roles": ["officer"], "password": PASSWORD });
    operator.post("/accounts", account.clone()).await.expect(201);
    assert_eq!(operator.post("/accounts", account).await.status, 409, "the login is taken");

    assert_eq!(public.post("/session", json!({ "login": "lin", "password": "wrong" })).await.status, 401);
    let first = public.post("/session", json!({ "login": "lin", "password": PASSWORD })).await;
    assert!(first.headers["set-cookie"].to_str().unwrap().contains("HttpOnly"));
    assert_eq!(first.expect(200), json!({ "must_change": true }));
    let lin = public.signed_in(json!({ "login": "lin", "password": PASSWORD })).await;
    let refused = lin.get("/zoning/cases").await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.json()["type"], "/problems/password-change-needed");
    let change = |old: &str, new: &str| json!({ "old": old, "new": new });
    assert_eq!(lin.post("/session/password", change("wrong", NEW_PASSWORD)).await.status, 401);
    assert_eq!(lin.post("/session/password", change(PASSWORD, "12345678")).await.status, 422);
    lin.post("/session/password", change(PASSWORD, NEW_PASSWORD)).await.expect(204);
    let who = lin.get("/meta").await.expect(200)["user"].clone();
    assert_eq!(who["role"], "account");
    assert_eq!(who["who"]["display_name"], "林青");
    assert_eq!(who["may"], json!(["cases", "judge", "objections"]));
    lin.get("/zoning/cases").await.expect(200);

    let id = operator.get("/accounts").await.expect(200)["items"][0]["id"].as_str().unwrap().to_owned();
    operator.post(&format!("/accounts/{id}/disabled"), json!({ "disabled": true })).await.expect(204);
    assert_eq!(lin.get("/zoning/cases").await.status, 401, "the session ended");
    assert_eq!(public.post("/session", json!({ "login": "lin", "password": NEW_PASSWORD })).await.status, 403);
}

/// A road of about a kilometre whose ground is 40 m wide.
fn road() -> Value {
    json!({ "crs": "EPSG:4490", "geometry": { "type": "LineString", "coordinates": [[118.05, 24.6], [118.06, 24.6]] },
            "corridor_m": 40, "facts": { "industry": "C3360" }, "as_of": "2026-06-30" })
}

#[tokio::test]
async fn a_line_with_a_width_is_the_ground_it_takes() {
    let city = City::new(Kind::Demo).await;
    let operator = city.open().await.operator().await;
    let wide = operator.post("/zoning/screen", road()).await.expect(200);
    let mut thin = road();
    thin.as_object_mut().unwrap().remove("corridor_m");
    let thin = operator.post("/zoning/screen", thin).await.expect(200);
    assert_eq!((&wide["geometry"]["kind"], &thin["geometry"]["kind"]), (&json!("area"), &json!("line")));
    let (area, length) = (&wide["geometry"]["area_plane_m2"], &thin["geometry"]["length_m"]);
    let off = area.as_f64().unwrap() / (length.as_f64().unwrap() * 40.0) - 1.0;
    assert!(off.abs() < 1e-6, "{area} of {length}");

    for (field, value) in
        [("corridor_m", json!(0)), ("corridor_m", json!(1e9)), ("geometry", site()["geometry"].clone())]
    {
        let mut wrong = road();
        wrong[field] = value;
        let refused = operator.post("/zoning/screen", wrong).await;
        assert!((400..500).contains(&refused.status), "{field}");
        assert!(refused.json().to_string().contains("corridor_m"), "{field}: {}", refused.json());
    }

    let mut body = road();
    body["title"] = "村道".into();
    let keep = ("idempotency-key", "key-00000009");
    let kept = operator.ask("POST", "/zoning/cases", &[keep], Some(body)).await.expect(201);
    assert_eq!(kept["answer"]["geometry"], wide["geometry"]);
    let path = format!("/zoning/cases/{}", kept["id"].as_str().unwrap());
    let opened = operator.get(&path).await.expect(200);
    assert_eq!(opened["request"]["corridor_m"], 40.0);
    assert_eq!(operator.get(&format!("{path}/replay")).await.expect(200)["same"], true);
}

#[tokio::test]
async fn a_case_is_kept_once_and_says_the_same_later() {
    let city = City::new(Kind::Demo).await;
    let public = city.open().await;
    assert_eq!(public.post("/zoning/cases", titled("电镀车间")).await.status, 401);
    let operator = public.operator().await;
    let keep = async |desk: &Desk, key: &str, body: Value| {
        desk.ask("POST", "/zoning/cases", &[("idempotency-key", key)], Some(body)).await
    };
    assert_eq!(operator.post("/zoning/cases", titled("电镀车间")).await.status, 400, "no key");
    assert_eq!(keep(&operator, "key-00000001", site()).await.status, 400, "no title");
    let mut odd = titled("x");
    odd["facst"] = json!({});
    assert_eq!(keep(&operator, "key-00000001", odd).await.status, 400, "an unknown field is not dropped");
    let first = keep(&operator, "key-00000001", titled("电镀车间")).await;
    let again = keep(&operator, "key-00000001", titled("电镀车间")).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.body, again.body, "done once");
    assert_eq!(keep(&operator, "key-00000001", titled("另一个")).await.status, 422, "the key is used");
    let kept = first.json();
    assert!(kept["number"].as_str().unwrap().ends_with("00001号"), "{}", kept["number"]);
    assert_eq!(kept["answer"]["synthetic"], true);
    let shown = operator.post("/zoning/screen", site()).await.expect(200);
    assert_eq!(kept["answer"]["verdict"], shown["verdict"]);

    let second = keep(&operator, "key-00000002", titled("第二个")).await.expect(201);
    assert!(second["number"].as_str().unwrap().ends_with("00002号"));
    let page = operator.get("/zoning/cases?limit=1").await.expect(200);
    assert!(page["items"][0]["by_name"].is_null(), "the console is nobody's account");
    assert!(page["items"][0]["at"].as_str().unwrap().ends_with("+08:00"));
    assert_eq!(page["items"][0]["title"], "第二个");
    assert_eq!(page["items"][0]["units"][0], second["answer"]["units"][0]["code"]);
    let next = page["next"].as_str().unwrap();
    let rest = operator.get(&format!("/zoning/cases?limit=1&cursor={next}")).await.expect(200);
    assert_eq!((&rest["items"][0]["title"], &rest["next"]), (&json!("电镀车间"), &Value::Null));
    let found = operator.get("/zoning/cases?q=%E7%94%B5%E9%95%80").await.expect(200);
    assert_eq!(found["items"].as_array().unwrap().len(), 1);

    let path = format!("/zoning/cases/{}", kept["id"].as_str().unwrap());
    let opened = operator.get(&path).await.expect(200);
    assert_eq!(opened["request"]["facts"], json!({ "industry": "C3360" }));
    assert_eq!(opened["answer"], kept["answer"]);
    let bytes = operator.get(&format!("{path}/answer")).await;
    assert_eq!(records::Hash::of(&bytes.body).to_string(), opened["answer_hash"].as_str().unwrap());

    let paper = async |desk: &Desk, format: &str| desk.get(&format!("{path}/report?format={format}")).await;
    let docx = paper(&operator, "docx").await;
    assert!(docx.status == 200 && docx.body.starts_with(b"PK") && docx.headers["cache-control"] == "no-store");
    assert_eq!(docx.body, paper(&operator, "docx").await.body, "the same bytes again");
    let page = paper(&operator, "html").await;
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("style-src 'unsafe-inline'"), "{policy}");
    let html = String::from_utf8(page.body).unwrap();
    assert!(html.contains(kept["number"].as_str().unwrap()) && html.contains("仅供参考"));
    assert_eq!(paper(&operator, "json").await.json()["answer"], kept["answer"]);
    assert_eq!(paper(&public, "html").await.status, 401);

    // Another program on the same folder says the same, byte for byte.
    let later = city.open().await.operator().await;
    let replay = later.get(&format!("{path}/replay")).await.expect(200);
    assert_eq!(replay["same"], true, "{replay}");
    assert_eq!(replay["answer_hash"], replay["again_hash"]);
    assert!(replay["today"]["edition"].is_string());
}

#[tokio::test]
async fn a_site_that_crosses_itself_is_repaired_only_with_consent() {
    let city = City::new(Kind::Demo).await;
    let desk = city.open().await;
    let ring = [[118.1, 24.6], [118.11, 24.61], [118.11, 24.6], [118.1, 24.61], [118.1, 24.6]];
    let read = async |more: &str| {
        let corners = ring.map(|[x, y]| format!("{x} {y}")).join(", ");
        let text = json!({ "text": format!("POLYGON (({corners}))") });
        desk.post(&format!("/zoning/readings?crs=EPSG:4490{more}"), text).await
    };
    let drawn = read("").await.expect(200)["features"][0].clone();
    let said = |key: &str, words: &str| drawn[key].as_str().is_some_and(|text| text.contains(words));
    assert!(said("fault_zh", "自相交") && said("fault_en", "cross") && drawn["repairable"] == true, "{drawn}");
    assert!(drawn["repaired_zh"].is_null() && drawn["geometry"]["type"] == "Polygon", "as it was drawn: {drawn}");
    let mut question = site();
    question["geometry"] = drawn["geometry"].clone();
    let refused = desk.post("/zoning/screen", question.clone()).await;
    assert!(refused.status == 400 && String::from_utf8(refused.body).unwrap().contains("自相交"));
    let mended = read("&repair=true").await.expect(200)["features"][0].clone();
    assert!(mended["fault_zh"].is_null() && mended["repairable"] == false, "{mended}");
    assert!(mended["repaired_zh"].as_str().unwrap().contains("经同意修复自相交 1 处"), "{mended}");
    assert_eq!(mended["geometry"]["type"], "MultiPolygon");
    question["geometry"] = mended["geometry"].clone();
    desk.post("/zoning/screen", question).await.expect(200);
    read("&repair=yes").await.expect(400);
}

#[tokio::test]
async fn a_comparison_counts_the_rows_of_tables_and_shows_the_clauses() {
    let city = City::new(Kind::Demo).await;
    let desk = city.open().await;
    let begun = std::time::Instant::now();
    let told = desk.get("/zoning/compare?from=xm-2021&to=xm-2026").await.expect(200);
    println!("the first comparison: {:?}", begun.elapsed());
    // Rows are known by what they ask; what they say and cite may change.
    let rows = |id: &str| -> BTreeMap<String, String> {
        let tables = std::fs::read_dir(city.root.join("zoning").join(id).join("tables")).unwrap();
        let paths = tables.map(|entry| entry.unwrap().path());
        let rows = paths.flat_map(|path| {
            let rows: Vec<BTreeMap<String, String>> =
                csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect();
            rows
        });
        rows.map(|row| {
            let cell = |name: &str| row.get(name).cloned().unwrap_or_default();
            let asks = ["unit", "industry_prefix", "process", "kind", "effect"].map(cell).join(",");
            (asks, ["say", "cite"].map(cell).join(","))
        })
        .collect()
    };
    let (old, new) = (rows("xm-2021"), rows("xm-2026"));
    let gone = old.iter().filter(|(asks, says)| new.get(*asks) != Some(says)).count();
    let come = new.keys().filter(|asks| !old.contains_key(*asks)).count();
    assert_eq!(told["conditions_changed"], gone + come);
    let clauses = told["clauses"].as_array().unwrap();
    assert!(clauses.iter().any(|clause| clause["id"] == "R10" && clause["kind"] == "changed"), "{clauses:?}");
    assert!(clauses.iter().all(|clause| clause["id"].as_str().unwrap().starts_with('R')), "{clauses:?}");
}

#[tokio::test]
async fn an_official_signs_and_revokes_and_the_case_stays_as_it_was() {
    let city = City::new(Kind::Real).await;
    let public = city.open().await;
    let operator = public.operator().await;
    let officer = public.person(&operator, "lin", "林青", &["officer"]).await;
    let key = [("idempotency-key", "key-00000001")];
    let refused = officer.ask("POST", "/zoning/cases", &key, Some(titled("x"))).await;
    assert_eq!(
        refused.status,
        404,
        "no edition is on record of this city yet: {}",
        String::from_utf8_lossy(&refused.body)
    );
    publish_all(&city, &public, &operator).await;
    let officer = city.open().await.signed_in(json!({ "login": "lin", "password": NEW_PASSWORD })).await;
    let kept = officer.ask("POST", "/zoning/cases", &key, Some(titled("某项目"))).await.expect(201);
    let path = format!("/zoning/cases/{}", kept["id"].as_str().unwrap());
    let judging = json!({ "key": null, "value": "同意选址", "reason": "经现场核实", "authority": "市生态环境局" });
    let operator = Desk { router: officer.router.clone(), cookie: String::new() }.operator().await;
    assert_eq!(operator.post(&format!("{path}/judgements"), judging.clone()).await.status, 403, "a code signs nothing");
    let signed = officer.post(&format!("{path}/judgements"), judging).await.expect(201);
    let odd = json!({ "key": "judge:x", "value": "大概", "reason": "a", "authority": "b" });
    assert_eq!(officer.post(&format!("{path}/judgements"), odd).await.status, 400);
    let mute = json!({ "key": null, "value": "同意", "reason": " ", "authority": "b" });
    assert_eq!(officer.post(&format!("{path}/judgements"), mute).await.status, 400, "without a reason");
    let opened = officer.get(&path).await.expect(200);
    assert_eq!(opened["judgements"][0]["official"], "林青");
    assert_eq!(opened["judgements"][0]["by"], "lin");
    let listed = &officer.get("/zoning/cases").await.expect(200)["items"][0];
    for case in [&opened, listed] {
        assert_eq!((&case["by"], &case["by_name"]), (&json!("lin"), &json!("林青")));
    }
    assert_eq!(opened["answer"], kept["answer"]);
    let revoke = format!("/zoning/judgements/{}/revocation", signed["id"].as_str().unwrap());
    officer.post(&revoke, json!({ "reason": "有误" })).await.expect(204);
    assert_eq!(officer.post(&revoke, json!({ "reason": "有误" })).await.status, 409, "only once");
    assert!(officer.get(&path).await.expect(200)["judgements"][0]["revoked_at"].is_string());
}

/// Puts both editions on record as the operator would at the console, and publishes them by two people.
async fn publish_all(city: &City, public: &Desk, operator: &Desk) {
    let library = Library::load(None).unwrap();
    let norms = Arc::new(norms::Norms::load(&library.files).unwrap());
    let data = DataFolder::open(&city.root, norms).await.unwrap();
    let registry = server::registry::Registry::open(&data).await.unwrap();
    for id in ["xm-2021", "xm-2026"] {
        let mut findings = exchange::Findings::new();
        let edition =
            server::zoning::Edition::open(&city.root.join("zoning").join(id), &library, &mut findings).unwrap();
        registry.enter(&edition, "wang", "").await.unwrap();
    }
    let wang = public.person(operator, "wang", "王一", &["editor"]).await;
    let four_eyes = wang.post("/zoning/editions/xm-2026/publication", json!({})).await;
    assert_eq!(four_eyes.status, 403, "the one who checked does not publish");
    assert_eq!(four_eyes.json()["type"], "/problems/four-eyes");
    let chen = public.person(operator, "chen", "陈二", &["editor"]).await;
    for id in ["xm-2021", "xm-2026"] {
        chen.post(&format!("/zoning/editions/{id}/publication"), json!({})).await.expect(204);
    }
    let again = chen.post("/zoning/editions/xm-2026/publication", json!({})).await;
    assert_eq!(again.status, 409, "published already");
    let history = chen.get("/zoning/editions/xm-2026/history").await.expect(200);
    let states: Vec<&str> =
        history["items"].as_array().unwrap().iter().map(|step| step["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["draft", "checked", "published"]);
}

#[tokio::test]
async fn an_edition_counts_only_while_the_records_say_so() {
    let city = City::new(Kind::Real).await;
    let public = city.open().await;
    let list = public.get("/zoning/editions").await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 0, "the public sees no draft");
    assert_eq!(public.post("/zoning/screen", site()).await.status, 404);
    let operator = public.operator().await;
    let list = operator.get("/zoning/editions").await.expect(200);
    assert_eq!(list["items"][0]["state"], "draft");
    publish_all(&city, &public, &operator).await;
    let list = public.get("/zoning/editions").await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    let verdict = public.post("/zoning/screen", site()).await.expect(200);
    assert_eq!(verdict["edition"]["id"], "xm-2026");
    let withdraw = json!({ "reason": "界线有误" });
    operator.post("/zoning/editions/xm-2026/withdrawal", withdraw).await.expect(204);
    let none = public.post("/zoning/screen", site()).await;
    assert_ne!(none.json()["verdict"], "ALLOWED");
    assert!(none.status == 404 || none.json()["verdict"] == "NEEDS_INFORMATION", "{}", none.json());
}

#[tokio::test]
async fn anybody_may_object_to_data_and_is_answered() {
    let city = City::new(Kind::Demo).await;
    let public = city.open().await;
    let unit = public.post("/zoning/screen", site()).await.expect(200)["units"][0].clone();
    let objecting = json!({ "edition": "xm-2026", "layer": "units", "feature": unit["code"], "text": "界线压到已建厂房", "contact": "0592" });
    for _ in 0..5 {
        public.post("/zoning/objections", objecting.clone()).await.expect(201);
    }
    let sixth = public.post("/zoning/objections", objecting.clone()).await;
    assert_eq!(sixth.status, 429);
    assert!(sixth.headers.contains_key("retry-after"));
    assert_eq!(public.get("/zoning/objections?edition=xm-2026").await.status, 401);
    let operator = public.operator().await;
    let none = json!({ "edition": "xm-1900", "layer": "units", "text": "?" });
    assert!(matches!(operator.post("/zoning/objections", none).await.status, 404 | 429));
    let list = operator.get("/zoning/objections?edition=xm-2026&state=filed").await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 5);
    assert_eq!(list["items"][0]["contact"], "0592");
    assert!(unit["name"].is_string());
    assert_eq!(list["items"][0]["feature_name"], unit["name"]);
    let answer = format!("/zoning/objections/{}/answer", list["items"][0]["id"].as_str().unwrap());
    assert_eq!(operator.post(&answer, json!({ "state": "corrected", "reason": "已改" })).await.status, 409);
    operator.post(&answer, json!({ "state": "accepted", "reason": "属实" })).await.expect(204);
    operator.post(&answer, json!({ "state": "corrected", "reason": "下一版本已改" })).await.expect(204);
    let follow_up = json!({ "unit": "ZH35020320001", "year": 2026, "indicators": { "达标": true } });
    operator.post("/zoning/follow-ups", follow_up).await.expect(201);
    let measured = json!({ "unit": "ZH35020320001", "year": 2025, "indicators": { "PM2.5": 21.5 } });
    operator.post("/zoning/follow-ups", measured).await.expect(201);
    let list = operator.get("/zoning/follow-ups?year=2026").await.expect(200);
    assert_eq!(list["items"][0]["indicators"]["达标"], true);
    assert!(list["items"][0]["by_name"].is_null() && list["next"].is_null(), "the console is nobody's account");
    let first = operator.get("/zoning/follow-ups?limit=1").await.expect(200);
    assert_eq!((&first["items"][0]["year"], &first["items"][0]["indicators"]["PM2.5"]), (&json!(2025), &json!(21.5)));
    let next = format!("/zoning/follow-ups?limit=1&cursor={}", first["next"].as_str().unwrap());
    let second = operator.get(&next).await.expect(200);
    assert_eq!((&second["items"][0]["year"], &second["next"]), (&json!(2026), &serde_json::Value::Null));
    let other = operator.get("/zoning/follow-ups?unit=ZH35020320002").await.expect(200);
    assert_eq!(other["items"], json!([]));
    for wrong in ["year=1999", "cursor=x", "limit=201", "district=1"] {
        operator.get(&format!("/zoning/follow-ups?{wrong}")).await.expect(400);
    }
}
