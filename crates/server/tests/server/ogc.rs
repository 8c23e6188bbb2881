//! OGC API – Features from outside: what the standard's abstract tests ask (17-069r4, annex A), windows against an
//! oracle of our own, and GDAL as a client.

use super::zoning::MAP;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use server::data_folder::{DataFolder, Elsewhere, Kind};
use server::norm_files::Library;
use server::office::Office;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;
use tower::ServiceExt;

const CODE: &str = "right-code";
const REDLINE: &str = "/ogc/collections/e-2026.redline";

/// A real, empty city with a map; it lies in the folder as long as that lives.
struct City {
    office: Arc<Office>,
    _folder: tempfile::TempDir,
}

impl City {
    /// With a map that `draw` writes into a folder.
    async fn with(draw: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::load(None).unwrap();
        let norms = Arc::new(norms::Norms::load(&library.files).unwrap());
        let root = folder.path().join("data");
        let data = DataFolder::create(&root, Kind::Real, "xiamen", Elsewhere::default(), norms).await.unwrap();
        draw(&root.join("zoning"));
        let office = Office::open(data, Arc::new(library)).await.unwrap();
        let registry = office.registry();
        for edition in office.zoning().opened() {
            registry.enter(edition, "console", "").await.unwrap();
            registry.publish(edition.id(), registry.act("console"), None).await.unwrap();
        }
        office.look_at_editions().await.unwrap();
        Self { office: Arc::new(office), _folder: folder }
    }

    async fn small() -> Self {
        Self::with(small_map).await
    }

    fn router(&self) -> Router {
        server::http::router(Arc::clone(&self.office), CODE)
    }
}

/// A number between 0 and 1 from a row of them that is always the same.
fn chance(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 11) as f64 / (1_u64 << 53) as f64
}

fn star(state: &mut u64, x: f64, y: f64, radius: f64) -> Vec<[f64; 2]> {
    let count = 5 + (chance(state) * 20.0) as usize;
    let mut ring: Vec<[f64; 2]> = (0..count)
        .map(|n| {
            let (turn, far) = (std::f64::consts::TAU * n as f64 / count as f64, radius * (0.3 + 0.7 * chance(state)));
            [x + far * turn.cos(), y + far * turn.sin()]
        })
        .collect();
    ring.push(ring[0]);
    ring
}

/// Two editions: one made up, with a term that ended; one real, with layers of every kind.
fn small_map(folder: &Path) {
    let write = |path: &str, text: String| {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let layer = |crs: &str, features: Vec<Value>| {
        let crs = json!({ "type": "name", "properties": { "name": format!("urn:ogc:def:crs:EPSG::{crs}") } });
        json!({ "type": "FeatureCollection", "crs": crs, "features": features }).to_string()
    };
    let feature = |properties: Value, geometry: Value| json!({ "type": "Feature", "properties": properties, "geometry": geometry });
    let area = |rings: Vec<Vec<[f64; 2]>>| json!({ "type": "Polygon", "coordinates": rings });
    let square = |x: f64, y: f64, side: f64| {
        area(vec![vec![[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]])
    };
    let units = || {
        let unit = |n: usize| {
            let code = format!("ZH350203{}{:04}", n % 3 + 1, n + 1);
            let properties = json!({ "code": code, "name": format!("单元{n}"), "class": n % 3 + 1, "风貌": "a&b <c>" });
            feature(properties, square(118.0 + n as f64 * 0.1, 24.5, 0.1))
        };
        layer("4490", (0..7).map(unit).collect())
    };
    for (id, more) in [
        ("e-2021", "from = 2021-01-01\nto = 2026-01-01\nsynthetic = true\ntitle_zh = \"旧版\"\ntitle_en = \"Old\"\n"),
        ("e-2026", "from = 2026-01-01\ntitle_zh = \"新版\"\ntitle_en = \"New\"\n"),
    ] {
        write(&format!("{id}/edition.toml"), format!("id = \"{id}\"\ncity = \"350200\"\ncrs = \"EPSG:4490\"\n{more}"));
        write(&format!("{id}/units.geojson"), units());
    }
    let mut state = 42;
    let stars = (0..137).map(|n| {
        let (x, y) = (118.0 + 0.5 * chance(&mut state), 24.4 + 0.3 * chance(&mut state));
        let shape = match n % 10 {
            0 => {
                let (one, other) = (star(&mut state, x, y, 0.02), star(&mut state, x + 0.1, y, 0.02));
                json!({ "type": "MultiPolygon", "coordinates": [[one], [other]] })
            }
            1 => {
                let hole: Vec<[f64; 2]> = [(-1, -1), (-1, 1), (1, 1), (1, -1), (-1, -1)]
                    .map(|(a, b)| [x + f64::from(a) * 0.03, y + f64::from(b) * 0.03])
                    .to_vec();
                let shell: Vec<[f64; 2]> = [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]
                    .map(|(a, b)| [x + f64::from(a) * 0.06, y + f64::from(b) * 0.06])
                    .to_vec();
                area(vec![shell, hole])
            }
            2 => json!({ "type": "Point", "coordinates": [x, y] }),
            3 => json!({ "type": "LineString", "coordinates": [[x, y], [x + 0.05, y + 0.04], [x, y + 0.08]] }),
            _ => area(vec![star(&mut state, x, y, 0.03)]),
        };
        feature(json!({ "id": format!("YS{n:03}"), "name": if n % 2 == 0 { "甲" } else { "乙" }, "limit": "x", "depth": f64::from(n) / 2.0, "plot": format!("{n:03}") }), shape)
    });
    write("e-2026/layers/redline.geojson", layer("4490", stars.collect()));
    let same = || feature(json!({ "id": "S", "name": "同" }), square(118.1, 24.5, 0.1));
    write("e-2026/layers/water_source_1.geojson", layer("4490", vec![same(), same()]));
    let plane = json!({ "type": "Point", "coordinates": [500_000.0, 2_710_000.0] });
    write("e-2026/layers/park__a.geojson", layer("4547", vec![feature(json!({ "id": "P" }), plane)]));
    let far = [("W", 179.5), ("E", -179.9), ("N", 0.0)];
    let far = far.map(|(id, x)| feature(json!({ "id": id }), json!({ "type": "Point", "coordinates": [x, 10.0] })));
    let nowhere = feature(json!({ "id": "X" }), Value::Null);
    write("e-2026/layers/far.geojson", layer("4490", far.into_iter().chain([nowhere]).collect()));
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn kind(&self) -> &str {
        self.headers.get("content-type").map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn is_problem(&self, status: u16, what: &str) {
        assert_eq!((self.status.as_u16(), self.kind()), (status, "application/problem+json"), "{what}");
        let body = self.json();
        for field in ["type", "title", "title_en", "detail", "detail_en", "instance"] {
            assert!(body[field].as_str().is_some_and(|text| !text.is_empty()), "{what}: {field}");
        }
    }
}

async fn ask(router: &Router, uri: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().uri(uri).header("host", "127.0.0.1:8080");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, 256 << 20).await.unwrap().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

/// An answer that is good, as JSON.
async fn read(router: &Router, uri: &str) -> Value {
    let answer = ask(router, uri, &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{uri}: {}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

/// The links of a kind, each with an address of ours, as path and type.
fn links(answer: &Value, rel: &str) -> Vec<(String, String)> {
    let links = answer["links"].as_array().unwrap().iter().filter(|link| link["rel"] == rel);
    let ours = |link: &Value| {
        let href = link["href"].as_str().unwrap().strip_prefix("http://127.0.0.1:8080").unwrap().to_owned();
        assert!(link["title"].as_str().is_some_and(|title| !title.is_empty()));
        (href, link["type"].as_str().unwrap().to_owned())
    };
    links.map(ours).collect()
}

fn ids(answer: &Value) -> Vec<String> {
    let features = answer["features"].as_array().unwrap();
    features.iter().map(|feature| feature["id"].as_str().map_or(feature["id"].to_string(), str::to_owned)).collect()
}

#[tokio::test]
async fn the_landing_page_leads_everywhere() {
    let router = City::small().await.router();
    let landing = read(&router, "/ogc").await;
    assert_eq!(landing, {
        let mut slash = read(&router, "/ogc/").await;
        slash["links"] = landing["links"].clone();
        slash
    });
    for rel in ["self", "alternate", "service-desc", "service-doc", "conformance", "data"] {
        let found = links(&landing, rel);
        assert_eq!(found.len(), 1, "{rel}");
        let (href, kind) = &found[0];
        let answer = ask(&router, href, &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{href}");
        assert!(answer.kind().starts_with(kind.as_str()), "{href}: {} is no {kind}", answer.kind());
    }
    let classes = read(&router, "/ogc/conformance").await;
    for class in ["core", "geojson", "html", "oas30"] {
        let class = format!("http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{class}");
        assert!(classes["conformsTo"].as_array().unwrap().contains(&class.into()));
    }
}

#[tokio::test]
async fn collections_say_where_when_and_whose() {
    let router = City::small().await.router();
    let all = read(&router, "/ogc/collections").await;
    assert_eq!((links(&all, "self").len(), links(&all, "alternate").len()), (1, 1));
    let listed = all["collections"].as_array().unwrap();
    let names: Vec<&str> = listed.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(names, ["e-2021.units", "e-2026.units", "e-2026.far", "e-2026.park:a", "e-2026.redline"]);
    for one in listed {
        let items = links(one, "items");
        let kinds: Vec<&str> = items.iter().map(|(_, kind)| kind.as_str()).collect();
        assert_eq!(kinds, ["application/geo+json", "text/html"]);
        assert_eq!((&one["itemType"], one["crs"][0].as_str().unwrap().contains("CRS84")), (&"feature".into(), true));
        let mut own = read(&router, &format!("/ogc/collections/{}", one["id"].as_str().unwrap())).await;
        assert_eq!((links(&own, "self").len(), links(&own, "alternate").len()), (1, 1));
        own["links"].as_array_mut().unwrap().drain(..2);
        assert_eq!(&own, one, "listed and alone it is the same");
    }
    let interval = |n: usize| &listed[n]["extent"]["temporal"]["interval"];
    assert_eq!(interval(0), &json!([["2021-01-01T00:00:00+08:00", "2025-12-31T23:59:59+08:00"]]));
    assert_eq!(interval(1), &json!([["2026-01-01T00:00:00+08:00", null]]));
    let bbox = listed[1]["extent"]["spatial"]["bbox"][0].as_array().unwrap();
    let apart = |(told, truth): (&Value, f64)| (told.as_f64().unwrap() - truth).abs() > 1e-12;
    assert!(bbox.len() == 4 && !bbox.iter().zip([118.0, 24.5, 118.7, 24.6]).any(apart), "{bbox:?}");
    assert_eq!(
        (&listed[0]["title"], &listed[0]["title_en"]),
        (&"管控单元（旧版）".into(), &"Control units (Old)".into())
    );
    // Only what is made up is marked, and is marked everywhere.
    for place in ["", "/items", "/items/ZH35020310001", "/schema", "/queryables"] {
        let old = read(&router, &format!("/ogc/collections/e-2021.units{place}")).await;
        assert!(old["synthetic"] == true && old["notice_zh"].is_string() && old["notice_en"].is_string(), "{place}");
        let new = read(&router, &format!("/ogc/collections/e-2026.units{place}")).await;
        assert!(new["synthetic"] == false && new["notice_zh"].is_null(), "{place}");
    }
    assert!(all["synthetic"] == true && read(&router, "/ogc").await["synthetic"] == true);
}

#[tokio::test]
async fn features_come_with_their_columns_and_links() {
    let router = City::small().await.router();
    let answer = ask(&router, "/ogc/collections/e-2026.units/items", &[]).await;
    assert_eq!((answer.status, answer.kind()), (StatusCode::OK, "application/geo+json"));
    let page = answer.json();
    assert_eq!(
        (&page["type"], &page["numberMatched"], &page["numberReturned"]),
        (&"FeatureCollection".into(), &7.into(), &7.into())
    );
    let stamp: jiff::Timestamp = page["timeStamp"].as_str().unwrap().parse().unwrap();
    assert!(jiff::Timestamp::now().as_second() - stamp.as_second() < 60);
    let first = &page["features"][0];
    let properties = json!({ "code": "ZH35020310001", "name": "单元0", "class": 1, "风貌": "a&b <c>" });
    assert_eq!((&first["id"], &first["properties"]), (&"ZH35020310001".into(), &properties));
    let one = ask(&router, "/ogc/collections/e-2026.units/items/ZH35020310001", &[]).await;
    assert_eq!((one.status, one.kind()), (StatusCode::OK, "application/geo+json"));
    let one = one.json();
    for member in ["type", "id", "geometry", "properties"] {
        assert_eq!(one[member], first[member], "{member}");
    }
    for rel in ["self", "alternate", "collection"] {
        let (href, kind) = links(&one, rel).remove(0);
        let there = ask(&router, &href, &[]).await;
        assert!(there.status == 200 && there.kind().starts_with(&kind), "{rel}: {href}");
    }
    // Where a name is not each feature's own, its number is its name.
    let park = read(&router, "/ogc/collections/e-2026.park:a/items").await;
    let place = park["features"][0]["geometry"]["coordinates"].as_array().unwrap();
    assert!((place[0].as_f64().unwrap() - 114.0).abs() < 1e-9, "carried from its plane: {park}");
}

#[tokio::test]
async fn the_public_sees_no_protected_layer_and_staff_does() {
    let router = City::small().await.router();
    let body = json!({ "code": CODE }).to_string();
    let sign_in =
        Request::post("/api/v1/session").header("content-type", "application/json").body(Body::from(body)).unwrap();
    let signed_in = router.clone().oneshot(sign_in).await.unwrap();
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let hidden = "/ogc/collections/e-2026.water_source_1";
    for place in ["", "/items", "/items/1", "/schema", "/queryables"] {
        ask(&router, &format!("{hidden}{place}"), &[]).await.is_problem(404, place);
        let staff = ask(&router, &format!("{hidden}{place}"), &[("cookie", &cookie)]).await;
        assert_eq!(staff.status, StatusCode::OK, "{place}");
    }
    for place in ["/ogc/collections", "/ogc/api"] {
        let public = String::from_utf8(ask(&router, place, &[]).await.body).unwrap();
        let staff = String::from_utf8(ask(&router, place, &[("cookie", &cookie)]).await.body).unwrap();
        assert!(!public.contains("water_source_1") && staff.contains("water_source_1"), "{place}");
    }
    let staff = ask(&router, &format!("{hidden}/items"), &[("cookie", &cookie)]).await.json();
    assert_eq!(staff["features"][1]["id"], 2, "a name that two features have is none");
}

#[tokio::test]
async fn what_is_not_understood_is_refused() {
    let router = City::small().await.router();
    for uri in [
        "/ogc?x=1",
        "/ogc/conformance?bbox=1,2,3,4",
        "/ogc/api?limit=1",
        "/ogc/collections?limit=1",
        "/ogc/collections/e-2026.redline?bbox=1,2,3,4",
        "/ogc/collections/e-2026.redline/items/YS001?limit=1",
        "/ogc/collections/e-2026.redline/items?unknown=1",
        "/ogc/collections/e-2026.redline/items?class=1",
        "/ogc/collections/e-2026.redline/items?limit=0",
        "/ogc/collections/e-2026.redline/items?limit=-1",
        "/ogc/collections/e-2026.redline/items?limit=ten",
        "/ogc/collections/e-2026.redline/items?offset=-1",
        "/ogc/collections/e-2026.redline/items?limit=1&limit=2",
        "/ogc/collections/e-2026.redline/items?bbox=1,2,3",
        "/ogc/collections/e-2026.redline/items?bbox=118,25,119,24",
        "/ogc/collections/e-2026.redline/items?bbox=a,b,c,d",
        "/ogc/collections/e-2026.redline/items?bbox=118,24,119,95",
        "/ogc/collections/e-2026.redline/items?datetime=yesterday",
        "/ogc/collections/e-2026.redline/items?datetime=2026-02-01T00:00:00Z/2026-01-01T00:00:00Z",
        "/ogc/collections/e-2026.units/items?class=one",
        "/ogc/collections/e-2026.redline/items?f=gml",
        "/ogc/collections?f=xml",
    ] {
        ask(&router, uri, &[]).await.is_problem(400, uri);
    }
    for uri in [
        "/ogc/nothing",
        "/ogc/collections/nothing",
        "/ogc/collections/e-2026.nothing/items",
        "/ogc/collections/e-2026.redline/items/nobody",
        "/ogc/collections/e-2026.redline/nothing",
        "/ogc/collections/%FF",
    ] {
        ask(&router, uri, &[]).await.is_problem(404, uri);
    }
    ask(&router, "/ogc", &[("accept", "image/png")]).await.is_problem(406, "image/png");
    let posted = Request::post("/ogc/collections").body(Body::empty()).unwrap();
    assert_eq!(router.clone().oneshot(posted).await.unwrap().status(), StatusCode::METHOD_NOT_ALLOWED);
    let beyond = read(&router, &format!("{REDLINE}/items?limit=99999999999999999999999")).await;
    assert_eq!(beyond["numberReturned"], 137, "a limit beyond the largest is the largest");
}

#[tokio::test]
async fn pages_hold_each_feature_once_and_lead_back() {
    let router = City::small().await.router();
    let usual = read(&router, &format!("{REDLINE}/items")).await;
    assert_eq!((usual["numberMatched"].as_u64(), usual["numberReturned"].as_u64()), (Some(137), Some(10)));
    for (query, matched) in [("limit=7", 137), ("limit=50&name=%E7%94%B2", 69), ("limit=1000", 137), ("limit=137", 137)]
    {
        let mut next = Some(format!("{REDLINE}/items?{query}"));
        let (mut seen, mut pages) = (Vec::new(), Vec::new());
        while let Some(uri) = next {
            let page = read(&router, &uri).await;
            assert_eq!(page["numberMatched"], matched, "{uri}");
            assert_eq!(page["features"].as_array().unwrap().len() as u64, page["numberReturned"].as_u64().unwrap());
            assert_eq!(links(&page, "prev").len(), usize::from(!pages.is_empty()));
            seen.extend(ids(&page));
            next = links(&page, "next").pop().map(|(href, _)| href);
            pages.push(page);
        }
        let different: BTreeSet<&String> = seen.iter().collect();
        assert_eq!((seen.len(), different.len()), (matched, matched), "{query}");
        for pair in pages.windows(2) {
            let (back, _) = links(&pair[1], "prev").pop().unwrap();
            assert_eq!(ids(&read(&router, &back).await), ids(&pair[0]), "{back}");
        }
    }
    let whole = format!("{REDLINE}/items?limit=1000");
    let zipped = ask(&router, &whole, &[("accept-encoding", "gzip")]).await;
    let mut text = String::new();
    flate2::read::GzDecoder::new(zipped.body.as_slice()).read_to_string(&mut text).unwrap();
    let zipped: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(zipped["features"], read(&router, &whole).await["features"], "compressed while it is written");
    let beyond = read(&router, &format!("{REDLINE}/items?offset=500")).await;
    assert_eq!((beyond["numberReturned"].as_u64(), links(&beyond, "next").len()), (Some(0), 0));
    let both = read(&router, &format!("{REDLINE}/items?name=%E7%94%B2&id=YS001")).await;
    assert_eq!(both["numberMatched"], 0, "both must hold");
    let class = read(&router, "/ogc/collections/e-2026.units/items?class=2").await;
    assert_eq!(class["numberMatched"], 2);
}

#[tokio::test]
async fn an_edition_that_is_not_in_force_has_no_features_then() {
    let router = City::small().await.router();
    for (datetime, old, new) in [
        ("2025-12-31T15:59:59Z", 7, 0),
        ("2025-12-31T16:00:00Z", 0, 7),
        ("2020-12-31T00:00:00Z", 0, 0),
        ("2025-06-01T00:00:00Z/2026-06-01T00:00:00Z", 7, 7),
        ("../2025-12-31T23:59:59%2B08:00", 7, 0),
        ("2026-01-01T00:00:00%2B08:00/..", 0, 7),
        ("2026-01-01T00:00:00%2B08:00/", 0, 7),
        ("2025-12-31", 7, 0),
    ] {
        for (id, count) in [("e-2021", old), ("e-2026", new)] {
            let page = read(&router, &format!("/ogc/collections/{id}.units/items?datetime={datetime}")).await;
            assert_eq!(page["numberMatched"], count, "{id} {datetime}");
        }
    }
}

type Ring = Vec<(f64, f64)>;

/// Areas, lines and points of a geometry, each as rings.
fn parts(geometry: &Value) -> (Vec<Vec<Ring>>, Vec<Ring>) {
    let point = |value: &Value| (value[0].as_f64().unwrap(), value[1].as_f64().unwrap());
    let ring = |value: &Value| value.as_array().unwrap().iter().map(point).collect::<Ring>();
    let area = |value: &Value| value.as_array().unwrap().iter().map(ring).collect::<Vec<Ring>>();
    let all = &geometry["coordinates"];
    match geometry["type"].as_str().unwrap() {
        "Point" => (Vec::new(), vec![vec![point(all)]]),
        "LineString" => (Vec::new(), vec![ring(all)]),
        "Polygon" => (vec![area(all)], Vec::new()),
        "MultiPolygon" => (all.as_array().unwrap().iter().map(area).collect(), Vec::new()),
        other => unreachable!("{other}"),
    }
}

/// Whether a geometry meets a window, by vertices, corners and crossing sides alone.
fn meets(geometry: &Value, [west, south, east, north]: [f64; 4]) -> bool {
    let inside = |(x, y): (f64, f64)| (west..=east).contains(&x) && (south..=north).contains(&y);
    let corners = [(west, south), (east, south), (east, north), (west, north)];
    let turn = |a: (f64, f64), b: (f64, f64), c: (f64, f64)| (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0);
    let cross = |a, b, c, d| turn(a, b, c) * turn(a, b, d) <= 0.0 && turn(c, d, a) * turn(c, d, b) <= 0.0;
    let touches = |ring: &Ring| {
        ring.iter().any(|point| inside(*point))
            || ring.windows(2).any(|side| (0..4).any(|n| cross(side[0], side[1], corners[n], corners[(n + 1) % 4])))
    };
    // Even-odd over all rings: in the shell and in no hole.
    let covers = |rings: &[Ring]| {
        let (x, y) = corners[0];
        let crossed = rings.iter().flat_map(|ring| ring.windows(2)).filter(|side| {
            let (a, b) = (side[0], side[1]);
            (a.1 > y) != (b.1 > y) && x < a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0)
        });
        crossed.count() % 2 == 1
    };
    let (areas, lines) = parts(geometry);
    lines.iter().any(touches) || areas.iter().any(|rings| rings.iter().any(touches) || covers(rings))
}

/// Whether the box around a geometry meets a window.
fn box_meets(geometry: &Value, [west, south, east, north]: [f64; 4]) -> bool {
    let (areas, lines) = parts(geometry);
    let points: Vec<&(f64, f64)> = areas.iter().flatten().chain(&lines).flatten().collect();
    let beyond = |all: &dyn Fn(&(f64, f64)) -> bool| points.iter().all(|point| all(point));
    !(beyond(&|p| p.0 < west) || beyond(&|p| p.0 > east) || beyond(&|p| p.1 < south) || beyond(&|p| p.1 > north))
}

#[tokio::test]
async fn a_window_selects_what_an_oracle_says() {
    let router = City::small().await.router();
    let all = read(&router, &format!("{REDLINE}/items?limit=1000")).await;
    let shapes: BTreeMap<String, &Value> =
        ids(&all).into_iter().zip(all["features"].as_array().unwrap().iter().map(|one| &one["geometry"])).collect();
    let (mut state, mut hits, mut boxes) = (7, 0, 0);
    for _ in 0..150 {
        let mut between = |from: f64, size: f64| from + size * chance(&mut state);
        let (x, y) = (between(117.95, 0.6), between(24.35, 0.4));
        let window = [x, y, x + between(0.0, 0.08), y + between(0.0, 0.08)];
        let text = window.map(|number| number.to_string());
        let bbox =
            if hits % 2 == 0 { text.join(",") } else { [&text[0], &text[1], "0", &text[2], &text[3], "9"].join(",") };
        let told: BTreeSet<String> =
            ids(&read(&router, &format!("{REDLINE}/items?limit=1000&bbox={bbox}")).await).into_iter().collect();
        let truth: BTreeSet<String> =
            shapes.iter().filter(|(_, shape)| meets(shape, window)).map(|(id, _)| id.clone()).collect();
        assert_eq!(told, truth, "{bbox}");
        hits += truth.len();
        boxes += shapes.values().filter(|shape| box_meets(shape, window)).count();
    }
    assert!(hits > 200 && boxes > hits + 30, "{hits} hits, {boxes} boxes: the windows prove something");
}

#[tokio::test]
async fn a_window_may_span_the_line_where_longitude_turns() {
    let router = City::small().await.router();
    // A feature without a place meets every window.
    for (bbox, expected) in [
        ("170,0,-170,20", vec!["W", "E", "X"]),
        ("179.6,0,-170,20", vec!["E", "X"]),
        ("-170,0,170,20", vec!["N", "X"]),
        ("-180,-90,180,90", vec!["W", "E", "N", "X"]),
        ("170,0,-5,-170,20,5", vec!["W", "E", "X"]),
        ("170,11,-170,20", vec!["X"]),
    ] {
        let page = read(&router, &format!("/ogc/collections/e-2026.far/items?bbox={bbox}")).await;
        assert_eq!(ids(&page), expected, "{bbox}");
    }
}

#[tokio::test]
async fn every_answer_is_a_page_too() {
    let router = City::small().await.router();
    let browser = [("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")];
    for uri in [
        "/ogc",
        "/ogc/conformance",
        "/ogc/api",
        "/ogc/collections",
        "/ogc/collections/e-2021.units",
        "/ogc/collections/e-2021.units/queryables",
        "/ogc/collections/e-2021.units/schema",
        "/ogc/collections/e-2021.units/items?limit=3",
        "/ogc/collections/e-2021.units/items/ZH35020310001",
    ] {
        let page = ask(&router, uri, &browser).await;
        assert_eq!((page.status, page.kind()), (StatusCode::OK, "text/html; charset=utf-8"), "{uri}");
        let text = String::from_utf8(page.body).unwrap();
        assert!(text.starts_with("<!doctype html>") && !text.contains("<c>"), "{uri}");
        if !uri.ends_with("conformance") && !uri.ends_with("api") {
            assert!(text.contains("模拟数据") && text.contains("Simulated data"), "{uri}");
        }
        let json = ask(&router, uri, &[("accept", "application/json")]).await;
        assert!(json.kind().contains("json"), "{uri}");
    }
    let items = ask(&router, "/ogc/collections/e-2021.units/items?limit=3&f=html", &[]).await;
    let text = String::from_utf8(items.body).unwrap();
    assert!(text.contains("a&amp;b &lt;c&gt;") && text.contains("rel=\"next\"") && text.contains("ZH35020330003"));
}

/// Every `$ref` of a document leads to something in it.
fn refs_lead_somewhere(document: &Value, at: &Value) {
    match at {
        Value::Object(members) => {
            if let Some(place) = members.get("$ref").and_then(Value::as_str) {
                assert!(document.pointer(place.strip_prefix('#').unwrap()).is_some(), "{place}");
            }
            members.values().for_each(|member| refs_lead_somewhere(document, member));
        }
        Value::Array(items) => items.iter().for_each(|item| refs_lead_somewhere(document, item)),
        _ => {}
    }
}

#[tokio::test]
async fn the_description_says_what_there_is() {
    let router = City::small().await.router();
    let answer = ask(&router, "/ogc/api", &[]).await;
    assert_eq!(answer.kind(), "application/vnd.oai.openapi+json;version=3.0");
    let api = answer.json();
    assert!(api["openapi"].as_str().unwrap().starts_with("3.0"));
    refs_lead_somewhere(&api, &api);
    let mut operations = BTreeSet::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        let uri = path.replace("{collectionId}", "e-2026.redline").replace("{featureId}", "YS001");
        let answer = ask(&router, &format!("/ogc{uri}"), &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(operations.insert(item["get"]["operationId"].as_str().unwrap().to_owned()), "{path}");
        let kinds = item["get"]["responses"]["200"]["content"].as_object().unwrap();
        assert!(kinds.contains_key(answer.kind()) && kinds.contains_key("text/html"), "{path}: {}", answer.kind());
    }
    assert_eq!(operations.len(), 8 + 5);
    let limit = &api["components"]["parameters"]["limit"]["schema"];
    assert_eq!((&limit["minimum"], &limit["maximum"], &limit["default"]), (&1.into(), &10_000.into(), &10.into()));
    // A column under the name of a parameter is none to ask by; the others are.
    let parameters = api["paths"]["/collections/e-2026.redline/items"]["get"]["parameters"].as_array().unwrap();
    let named: Vec<&str> = parameters
        .iter()
        .map(|one| api.pointer(&one["$ref"].as_str().unwrap()[1..]).unwrap()["name"].as_str().unwrap())
        .collect();
    assert_eq!(named, ["bbox", "datetime", "limit", "offset", "f", "depth", "id", "name", "plot"]);
    let queryables = read(&router, &format!("{REDLINE}/queryables")).await;
    let properties: Vec<&String> = queryables["properties"].as_object().unwrap().keys().collect();
    assert_eq!(properties, ["depth", "geometry", "id", "name", "plot"]);
}

#[tokio::test]
async fn a_column_is_of_numbers_where_all_its_values_are() {
    let router = City::small().await.router();
    let items = read(&router, &format!("{REDLINE}/items?limit=2")).await;
    let properties = &items["features"][1]["properties"];
    assert_eq!((&properties["depth"], &properties["plot"]), (&json!(0.5), &json!("001")));
    for (document, path) in [("queryables", "/properties"), ("schema", "/properties/properties/properties")] {
        let document = read(&router, &format!("{REDLINE}/{document}")).await;
        let all = document.pointer(path).unwrap();
        let kinds = ["depth", "plot", "name"].map(|name| all[name]["type"].as_str().unwrap());
        assert_eq!(kinds, ["number", "string", "string"]);
    }
    for (question, count) in [("depth=0.5", 1), ("depth=0.50", 1), ("plot=001", 1), ("plot=1", 0)] {
        assert_eq!(read(&router, &format!("{REDLINE}/items?{question}")).await["numberMatched"], count, "{question}");
    }
    let answer = ask(&router, &format!("{REDLINE}/items?depth=deep"), &[]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

/// The made-up map of Xiamen's size as a city, served until the test ends.
async fn served() -> (City, SocketAddr) {
    let city = City::with(|folder| {
        std::os::unix::fs::symlink(MAP.folder(), folder).unwrap();
    })
    .await;
    let (tell, told) = tokio::sync::oneshot::channel();
    let (office, listen) = (Arc::clone(&city.office), SocketAddr::from(([127, 0, 0, 1], 0)));
    tokio::spawn(server::http::serve(office, listen, CODE.to_owned(), |address| tell.send(address).unwrap()));
    let address = told.await.unwrap();
    (city, address)
}

/// Set `YUNDANG_PYTHON` to a Python that can import pyogrio and shapely.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gdal_reads_what_lies_in_the_files() {
    let python = std::env::var("YUNDANG_PYTHON").ok().filter(|python| {
        let import = ["-c", "import pyogrio, shapely; assert pyogrio.list_drivers()['OAPIF']"];
        Command::new(python).args(import).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    });
    let Some(python) = python else {
        println!("skipped: YUNDANG_PYTHON names no Python with pyogrio and shapely");
        return;
    };
    let (city, address) = served().await;
    // Ten features of a window, once the collection is ready.
    let window = "/ogc/collections/xm-2026.redline/items?bbox=118,24.5,118.2,24.8";
    let router = city.router();
    assert!(read(&router, window).await["numberMatched"].as_u64().unwrap() > 0);
    let begun = Instant::now();
    for _ in 0..20 {
        read(&router, window).await;
    }
    println!("ten features of a window: {:?}", begun.elapsed() / 20);

    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/oracles/oapif.py");
    let (seed, wanted) = (super::sizes::seed().to_string(), super::sizes::size("zoning_gdal_collections"));
    let count = wanted.to_string();
    let base = format!("http://{address}/ogc");
    let folder = MAP.folder().display().to_string();
    let output = tokio::task::spawn_blocking(move || {
        Command::new(python)
            .args([script, &base, &folder, "water_source_1,marine_species_reserve", &seed, &count])
            .output()
    });
    let output = output.await.unwrap().unwrap();
    let (told, why) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{why}");
    println!("{told}");
    let counts: Value = serde_json::from_str(&told).unwrap();
    assert!(
        counts["collections"].as_u64() > Some(400)
            && counts["read"].as_u64() > Some(40)
            && counts["hits"].as_u64() > Some(50),
        "{counts}"
    );
}
