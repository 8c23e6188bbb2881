//! Zoning control as a user calls it: editions, projects with expected verdicts, planted faults, overlays, resumed runs.

use super::program::{read, yundang};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The made-up map, written once for all tests of a process.
pub(super) struct Map {
    folder: tempfile::TempDir,
    planted: BTreeMap<String, String>,
}

impl Map {
    /// The folder that holds a folder for each edition.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

pub(super) static MAP: LazyLock<Map> = LazyLock::new(|| {
    let text = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let model = simulator::zoning::Model::parse(&text("cities/xiamen/demo/zoning.toml")).unwrap();
    let (outline, industries) = (text("cities/xiamen/districts.geojson"), text("norms/catalogues/gbt4754_2017.csv"));
    let citations = text("cities/xiamen/zoning/citations.csv");
    let files: BTreeMap<String, String> = ["rules.toml", "rules-2021.toml", "rules-2026.toml"]
        .into_iter()
        .map(|name| (name.to_owned(), text(&format!("cities/xiamen/zoning/{name}"))))
        .collect();
    let rules = |name: &str| files.get(name).map(String::as_str);
    let sources =
        simulator::zoning::Sources { outline: &outline, industries: &industries, citations: &citations, rules: &rules };
    let folder = tempfile::tempdir().unwrap();
    let mut planted = BTreeMap::new();
    for edition in simulator::zoning::make(&model, sources, model.seed).unwrap() {
        for file in &edition.files {
            let path = folder.path().join(&edition.id).join(&file.path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &file.bytes).unwrap();
        }
        planted.insert(edition.id, edition.planted);
    }
    Map { folder, planted }
});

/// Lays the editions of the made-up map into a folder, one folder each.
pub(crate) fn editions_into(folder: &Path) {
    for (id, file) in
        MAP.planted.keys().flat_map(|id| files_below(&MAP.folder.path().join(id)).map(move |file| (id, file)))
    {
        let target = folder.join(id).join(file.strip_prefix(MAP.folder.path().join(id)).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(&file, target).unwrap();
    }
}

fn files_below(folder: &Path) -> Box<dyn Iterator<Item = PathBuf>> {
    Box::new(std::fs::read_dir(folder).unwrap().flat_map(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() { files_below(&path) } else { Box::new(std::iter::once(path)) as Box<dyn Iterator<Item = _>> }
    }))
}

/// The folder with the editions of the made-up map.
pub(crate) fn map_folder() -> &'static Path {
    MAP.folder.path()
}

fn edition(id: &str) -> String {
    MAP.folder.path().join(id).display().to_string()
}

fn screen(id: &str, projects: &Path, as_of: &str, output: &Path, more: &[&str]) -> Output {
    let (edition, projects, output) = (edition(id), projects.display().to_string(), output.display().to_string());
    let mut arguments =
        vec!["screen", "--edition", &edition, "--projects", &projects, "--as-of", as_of, "--output", &output];
    arguments.extend(more);
    yundang(&arguments)
}

#[test]
fn two_hundred_projects_get_the_verdicts_of_an_independent_reader() {
    let folder = root().join("testdata/zoning/projects-200");
    let expected = read(folder.join("expected.csv"));
    let out = tempfile::tempdir().unwrap();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for id in ["xm-2021", "xm-2026"] {
        let of_edition: BTreeMap<&str, _> =
            expected.iter().filter(|row| row["edition"] == id).map(|row| (row["id"].as_str(), row)).collect();
        let as_of = of_edition.values().next().unwrap()["as_of"].clone();
        let answer = out.path().join("verdicts.csv");
        let run = screen(id, &folder.join("projects.geojson"), &as_of, &answer, &[]);
        assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
        let rows = read(&answer);
        assert_eq!(rows.len(), 200);
        for row in &rows {
            let truth = of_edition[row["id"].as_str()];
            assert_eq!(row["verdict"], truth["verdict"], "{} {id}: {}", row["id"], truth["derivation"]);
            let set = |text: &str| text.split(';').map(str::to_owned).collect::<BTreeSet<_>>();
            assert_eq!(set(&row["units"]), set(&truth["units"]), "{} {id}", row["id"]);
            *seen.entry(row["verdict"].clone()).or_default() += 1;
        }
    }
    assert!(seen.len() == 6 && seen.values().all(|count| *count >= 20), "{seen:?}");
}

#[test]
fn lint_finds_exactly_what_was_planted() {
    let folder = tempfile::tempdir().unwrap();
    for (id, planted) in &MAP.planted {
        let output = folder.path().join("lint.jsonl");
        let run = yundang(&[
            "rules",
            "lint",
            &edition(id),
            "--as-of",
            "2026-06-30",
            "--output",
            &output.display().to_string(),
        ]);
        assert_eq!(run.status.code(), Some(1));
        let told = std::fs::read_to_string(&output).unwrap();
        let told: Vec<serde_json::Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        // A clause for the whole city takes back in part what rows of single units welcome; nobody planted that.
        let (overruled, own): (Vec<_>, Vec<_>) = told.into_iter().partition(|value| value["kind"] == "overruled");
        let found: BTreeSet<(String, String, u64)> = own
            .iter()
            .map(|value| {
                let file =
                    Path::new(value["file"].as_str().unwrap()).file_name().unwrap().to_string_lossy().into_owned();
                (value["kind"].as_str().unwrap().to_owned(), file, value["line"].as_u64().unwrap())
            })
            .collect();
        let mut planted_rows = csv::Reader::from_reader(planted.as_bytes());
        let expected: BTreeSet<(String, String, u64)> = planted_rows
            .records()
            .map(|row| {
                let row = row.unwrap();
                (row[0].to_owned(), row[1].trim_start_matches("tables/").to_owned(), row[2].parse().unwrap())
            })
            .collect();
        assert_eq!(found, expected, "{id}");
        let mut rows: BTreeMap<&str, u64> = BTreeMap::new();
        for finding in &overruled {
            *rows.entry(finding["other"].as_str().unwrap()).or_default() += 1 + finding["more"].as_u64().unwrap_or(0);
        }
        let tables = files_below(&MAP.folder.path().join(id).join("tables"));
        let welcome: Vec<_> = tables.flat_map(read).filter(|row| row["effect"] == "encourage").collect();
        let meets = |industries: &[&str], kinds: &[&str]| {
            let meets = |row: &&BTreeMap<String, String>| {
                industries.iter().any(|industry| row["industry_prefix"].starts_with(industry))
                    && (kinds.is_empty() || row["kind"].is_empty() || kinds.contains(&row["kind"].as_str()))
            };
            welcome.iter().filter(meets).count() as u64
        };
        for (rule, industries, kinds) in [
            ("R14", &["H62"][..], &["new", "rebuild", "expand"][..]),
            ("R18", &["C25", "C26"], &["new"]),
            ("R19", &["C26"], &["new", "expand"]),
            ("R20", &["C1713", "C191", "C221"], &["new", "expand"]),
            ("R27", &["D4417", "N7820"], &[]),
        ] {
            assert_eq!(rows.remove(rule).unwrap_or(0), meets(industries, kinds), "{id}: {rule}");
        }
        // Only rows of units that the park lies in.
        let in_park = rows.remove("R12").unwrap_or(0);
        assert!(in_park < meets(&["C3360"], &[]) && rows.is_empty(), "{id}: {in_park} {rows:?}");
    }
}

#[test]
fn an_undeclared_system_is_a_question_and_a_bad_row_is_a_row() {
    let folder = tempfile::tempdir().unwrap();
    let projects = folder.path().join("p.csv");
    let text = "id,lon,lat,industry,kind\nA,118.1,24.5,C3360,new\nB,,,C3360,new\nC,118.1,24.5,C3360,never\n";
    std::fs::write(&projects, text).unwrap();
    let answer = folder.path().join("a.csv");
    let run = screen("xm-2026", &projects, "2026-06-30", &answer, &[]);
    assert_eq!(run.status.code(), Some(1));
    let rows = read(&answer);
    assert_eq!((rows[0]["verdict"].as_str(), rows[0]["missing"].as_str()), ("NEEDS_INFORMATION", "crs"));
    assert_eq!(rows[1]["verdict"], "ERROR");
    assert!(rows[1]["missing"].contains("缺少图形"), "{:?}", rows[1]);
    assert!(rows[2]["verdict"] == "ERROR" && rows[2]["missing"].contains("kind"), "{:?}", rows[2]);
    let run = screen("xm-2026", &projects, "2026-06-30", &answer, &["--crs", "EPSG:4490"]);
    assert_eq!(run.status.code(), Some(1));
    assert_ne!(read(&answer)[0]["missing"], "crs");
    let before = screen("xm-2026", &projects, "2025-06-30", &answer, &["--crs", "EPSG:4490"]);
    assert_eq!(before.status.code(), Some(1));
    let row = &read(&answer)[0];
    assert!(row["verdict"] == "NEEDS_INFORMATION" && row["missing"].contains("edition"), "{row:?}");
}

#[test]
fn a_project_that_crosses_itself_is_repaired_only_with_consent() {
    let folder = tempfile::tempdir().unwrap();
    let ring = "[[118.10,24.60],[118.11,24.61],[118.11,24.60],[118.10,24.61],[118.10,24.60]]";
    let named = r#""crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4490"}},"#;
    let geojson = format!(
        r#"{{"type":"FeatureCollection",{named}"features":[{{"type":"Feature","properties":{{"id":"A","kind":"new"}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}]}}"#
    );
    let wkt = ring[1..ring.len() - 1].replace("],[", ";").replace(',', " ").replace(';', ",").replace(['[', ']'], "");
    let csv = format!("id,wkt,kind\nA,\"POLYGON (({wkt}))\",new\n");
    for (name, text) in [("p.geojson", geojson), ("p.csv", csv)] {
        let (projects, answer) = (folder.path().join(name), folder.path().join("a.csv"));
        std::fs::write(&projects, text).unwrap();
        let crs = ["--crs", "EPSG:4490"];
        let refused = screen("xm-2026", &projects, "2026-06-30", &answer, &crs);
        assert_eq!(refused.status.code(), Some(1), "{name}");
        let row = &read(&answer)[0];
        assert_eq!(row["verdict"], "ERROR", "{name}");
        assert!(row["missing"].contains("自相交") && row["missing"].contains("cross"), "{row:?}");
        let repaired = screen("xm-2026", &projects, "2026-06-30", &answer, &["--crs", "EPSG:4490", "--repair"]);
        let (row, said) = (&read(&answer)[0], String::from_utf8_lossy(&repaired.stderr).into_owned());
        assert!(row["verdict"] != "ERROR" && !row["units"].is_empty(), "{name}: {row:?}");
        assert!(said.contains("经同意修复了自相交的图形") && said.contains("as agreed"), "{name}: {said}");
    }
}

#[test]
fn a_resumed_run_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let projects = folder.path().join("p.csv");
    let mut text = String::from("id,lon,lat,kind\n");
    for n in 0..5000 {
        text += &format!("P{n},{},{},new\n", 118.0 + f64::from(n % 70) * 0.004, 24.45 + f64::from(n / 70) * 0.004);
    }
    std::fs::write(&projects, &text).unwrap();
    let whole = folder.path().join("whole.csv");
    let declared = ["--crs", "EPSG:4490"];
    assert_eq!(screen("xm-2026", &projects, "2026-06-30", &whole, &declared).status.code(), Some(0));
    // What an interrupted run leaves: the first batch, half of a row, and its mark.
    let answer = folder.path().join("a.csv");
    let written = std::fs::read_to_string(&whole).unwrap();
    let end: usize = written.split_inclusive('\n').take(1 + 4096).map(str::len).sum();
    std::fs::write(folder.path().join("a.csv.part"), &written[..end + 20]).unwrap();
    let mark = serde_json::json!({
        "edition": content_hash(), "as_of": "2026-06-30", "crs": "EPSG:4490", "projects_bytes": text.len(), "rows": 4096,
        "answer_bytes": end, "trace_bytes": 0,
    });
    std::fs::write(folder.path().join("a.csv.part.json"), mark.to_string()).unwrap();
    let run = screen("xm-2026", &projects, "2026-06-30", &answer, &["--crs", "EPSG:4490", "--resume"]);
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(std::fs::read_to_string(&answer).unwrap(), written);
    assert!(!folder.path().join("a.csv.part").exists() && !folder.path().join("a.csv.part.json").exists());
}

/// The content hash of the newer edition, as the program tells it.
fn content_hash() -> String {
    let output = yundang(&["edition", "diff", &edition("xm-2026"), &edition("xm-2026")]);
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    value["to"]["hash"].as_str().unwrap().to_owned()
}

#[test]
fn an_overlay_of_points_and_parcels() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let zones =
        file("zones.csv", "id,wkt\n7,\"POLYGON((0 0,2 0,2 2,0 2,0 0))\"\n8,\"POLYGON((2 0,4 0,4 2,2 2,2 0))\"\n");
    let points = file("points.csv", "id,x,y\na,1,1\nb,3,1\nc,2,1\nd,9,9\n");
    let parcels =
        file("parcels.csv", "id,wkt\nq,\"POLYGON((1 1,3 1,3 3,1 3,1 1))\"\nr,\"POLYGON((4 2,5 2,5 3,4 3,4 2))\"\n");
    let output = folder.path().join("pairs.csv").display().to_string();
    let run = yundang(&["overlay", "--zones", &zones, "--with", &points, "--output", &output]);
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(std::fs::read_to_string(&output).unwrap(), "zone,id\n7,a\n8,b\n");
    let run = yundang(&["overlay", "--zones", &zones, "--with", &parcels, "--areas", "--output", &output]);
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
    let pairs: Vec<(String, String, f64)> = read(&output)
        .into_iter()
        .map(|row| (row["zone"].clone(), row["id"].clone(), row["area"].parse().unwrap()))
        .collect();
    let expected = [("7", "q", 1.0), ("8", "q", 1.0), ("8", "r", 0.0)];
    assert_eq!(pairs, expected.map(|(zone, id, area)| (zone.to_owned(), id.to_owned(), area)));
}

#[test]
fn an_edition_is_published_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    editions_into(folder.path());
    let path = |id: &str| folder.path().join(id).display().to_string();
    let publish = yundang(&["edition", "publish", &path("xm-2026")]);
    assert_eq!(publish.status.code(), Some(0), "{}", String::from_utf8_lossy(&publish.stderr));
    assert_eq!(yundang(&["edition", "publish", &path("xm-2026")]).status.code(), Some(0), "once more changes nothing");
    // A unit less leaves a gap, and a gap blocks.
    let units = folder.path().join("xm-2021/units.geojson");
    let mut table: serde_json::Value = serde_json::from_slice(&std::fs::read(&units).unwrap()).unwrap();
    table["features"].as_array_mut().unwrap().remove(0);
    std::fs::write(&units, table.to_string()).unwrap();
    let refused = yundang(&["edition", "publish", &path("xm-2021")]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("topology_gap"));
    // Where there are accounts somebody must say who publishes, and nothing is laid before.
    let city = folder.path().join("city").display().to_string();
    assert_eq!(yundang(&["init", "--data", &city, "--city", "xiamen"]).status.code(), Some(0));
    let mut add = Command::new(env!("CARGO_BIN_EXE_yundang"))
        .args(["user", "add", "lin", "--name", "林青", "--role", "editor", "--data", &city])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut add.stdin.take().unwrap(), b"seven wet ducks\n").unwrap();
    assert!(add.wait().unwrap().success());
    let nobody = yundang(&["edition", "publish", &path("xm-2026"), "--data", &city]);
    assert_eq!(nobody.status.code(), Some(2), "{}", String::from_utf8_lossy(&nobody.stderr));
    assert!(!Path::new(&city).join("zoning").exists());
}
