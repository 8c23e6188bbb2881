//! Edition folders: by any format one hash, all or nothing, by hand too.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use exchange::edition::{self, EditionError};
use exchange::{FieldAliases, Findings};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn aliases() -> FieldAliases {
    FieldAliases::read(&std::fs::read_to_string(root().join("norms/zoning/fields.csv")).unwrap()).unwrap()
}

/// A manifest whose units and one layer come from a fixture.
fn manifest(folder: &Path, fixture: &str, more: &str) -> PathBuf {
    let file = root().join("testdata/zoning/formats").join(fixture).display().to_string();
    let text = format!(
        "id = \"xm-test\"\ncity = 350200\ncrs = \"EPSG:4490\"\nfrom = 2026-01-01\nrules = \"rules\"\ntables = [\"tables\"]\nfacts = \"facts.toml\"\n\
         units = {{ file = \"{file}\", crs = \"EPSG:4548\" }}\n{more}\n\
         [[layer]]\nkey = \"park:jimei-houxi\"\nfile = \"{file}\"\ncrs = \"EPSG:4548\"\ncomplete = true\naccuracy_m = 0.5\nsource = \"示例\"\n"
    );
    for (name, text) in [
        ("rules/a.toml", "[[rule]]\r\nid = \"R01\"\r\n"),
        ("tables/b.csv", "unit,industry_prefix,effect\nZH35021120001,C3360,prohibit\n"),
        ("facts.toml", "[kind]\ntype = \"enum\"\n"),
    ] {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let path = folder.join("manifest.toml");
    std::fs::write(&path, text).unwrap();
    path
}

fn build(fixture: &str, folder: &Path) -> Result<edition::BuildReport, (EditionError, Findings)> {
    let mut findings = Findings::new();
    let report = edition::build(&manifest(folder, fixture, ""), &folder.join("out"), &aliases(), &mut findings);
    report.map_err(|error| (error, findings))
}

#[test]
fn one_hash_whatever_the_format() {
    let (mut hashes, mut types) = (BTreeSet::new(), BTreeSet::new());
    for fixture in [
        "parcels.geojson",
        "parcels.gpkg",
        "parcels.fgb",
        "parcels.parquet",
        "parcels-utf8.zip",
        "parcels-gbk.shp",
        "parcels.csv",
        "parcels.xlsx",
        "parcels-4490.gpkg",
        "parcels.kml",
        "parcels.kmz",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let report = build(fixture, folder.path())
            .unwrap_or_else(|(error, findings)| panic!("{fixture}: {error} {:?}", findings.kept()));
        assert_eq!((report.units, report.rules), (3, 1));
        assert_eq!(report.tables, [("b.csv".to_owned(), 1)]);
        let mut findings = Findings::new();
        let read = edition::read(&report.folder, &aliases(), &mut findings).unwrap();
        assert_eq!(findings.total(), 0, "{fixture}: {:?}", findings.kept());
        assert_eq!(read.hash.whole, report.hash, "{fixture}");
        assert_eq!(read.layers[0].entry.key, "park:jimei-houxi");
        let units = read.units.as_ref().unwrap();
        let fields = &units.fields;
        let numbers = (0..fields.len()).filter(|at| units.holds_numbers(*at, &aliases())).map(|at| fields[at].clone());
        types.insert(numbers.collect::<BTreeSet<String>>());
        assert!(["code", "name", "class"].iter().all(|name| fields.iter().any(|field| field == name)), "{fields:?}");
        hashes.insert(report.hash);
    }
    assert_eq!(hashes.len(), 1, "{hashes:?}");
    assert_eq!(types.len(), 1, "{types:?}");
    let numbers: Vec<&str> = types.iter().flatten().map(String::as_str).collect();
    assert_eq!(numbers, ["class", "declared_area"]);
}

#[test]
fn a_built_folder_that_was_touched_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let report = build("parcels.geojson", folder.path()).unwrap();
    let units = report.folder.join("units.geojson");
    let text = std::fs::read_to_string(&units).unwrap();
    std::fs::write(&units, text.replace("灌口", "灌囗")).unwrap();
    let mut findings = Findings::new();
    edition::read(&report.folder, &aliases(), &mut findings).unwrap();
    assert_eq!(findings.counts().get("edition_changed"), Some(&1));
}

#[test]
fn all_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (error, findings) = build("absent.geojson", folder.path()).unwrap_err();
    assert!(matches!(error, EditionError::Refused { .. }));
    assert_eq!(findings.counts().get("edition_file_missing"), Some(&2));
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name == "out" || name.to_string_lossy().starts_with(".edition")), "{left:?}");
    build("parcels.geojson", folder.path()).unwrap();
    let (_, findings) = build("parcels.geojson", folder.path()).unwrap_err();
    assert_eq!(findings.counts().get("output_exists"), Some(&1));
}

/// What stands in a folder beside the manifest and its parts.
fn left_behind(folder: &Path) -> Vec<String> {
    let names =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.filter(|name| name == "out" || name.starts_with(".edition")).collect()
}

#[test]
fn one_bad_layer_leaves_nothing_and_is_named() {
    let square = |crs: &str, ring: &str| {
        format!(
            r#"{{"type":"FeatureCollection",{crs}"features":[{{"type":"Feature","properties":{{"code":"A"}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}]}}"#
        )
    };
    let good = "[[118,24],[118.1,24],[118.1,24.1],[118,24]]";
    let named = |name: &str| format!(r#""crs":{{"type":"name","properties":{{"name":"{name}"}}}},"#);
    let fgb = std::fs::read(root().join("testdata/zoning/formats/parcels.fgb")).unwrap();
    for (what, file, content, crs, code) in [
        (
            "crosses itself",
            "bad.geojson",
            square("", "[[118,24],[118.1,24.1],[118.1,24],[118,24.1],[118,24]]").into_bytes(),
            "EPSG:4490",
            "shape_invalid",
        ),
        ("an old datum", "bad.geojson", square(&named("EPSG:4610"), good).into_bytes(), "EPSG:4490", "datum_transform"),
        ("an unknown system", "bad.geojson", square("", good).into_bytes(), "EPSG:32650", "crs_unknown"),
        (
            "degrees called metres",
            "bad.geojson",
            square("", "[[118,91],[118.1,24],[118.1,24.1],[118,91]]").into_bytes(),
            "EPSG:4490",
            "crs_outside",
        ),
        ("no JSON", "bad.geojson", b"{".to_vec(), "EPSG:4490", "json_form"),
        ("cut", "bad.fgb", fgb[..fgb.len() / 2].to_vec(), "EPSG:4548", "fgb_form"),
        (
            "no shape",
            "bad.geojson",
            br#"{"type":"Feature","properties":{"code":"A"},"geometry":null}"#.to_vec(),
            "EPSG:4490",
            "shape_missing",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(file), content).unwrap();
        let path = manifest(folder.path(), "parcels.geojson", "");
        let layer = format!("[[layer]]\nkey = \"redline\"\nfile = \"{file}\"\ncrs = \"{crs}\"\n");
        std::fs::write(&path, std::fs::read_to_string(&path).unwrap() + &layer).unwrap();
        let mut findings = Findings::new();
        let built = edition::build(&path, &folder.path().join("out"), &aliases(), &mut findings);
        assert!(matches!(built, Err(EditionError::Refused { .. })), "{what}: {built:?}");
        assert_eq!(left_behind(folder.path()), [""; 0], "{what}");
        let finding = findings.kept().iter().find(|finding| finding.code == code);
        let finding = finding.unwrap_or_else(|| panic!("{what}: {:?}", findings.kept()));
        assert!(finding.file.ends_with(file), "{what}: {finding:?}");
    }
}

#[test]
fn every_alias_of_a_field_is_understood() {
    let text = std::fs::read_to_string(root().join("norms/zoning/fields.csv")).unwrap();
    let mut seen = BTreeSet::new();
    for row in text.lines().filter(|line| !line.starts_with('#')).skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let (alias, meaning, kind) = (cells[0], cells[1], cells[2]);
        let folder = tempfile::tempdir().unwrap();
        let value = if kind == "number" { "2.50" } else { " 甲 " };
        let units = format!(
            r#"{{"type":"Feature","properties":{{"{}":"{value}"}},"geometry":{{"type":"Polygon","coordinates":[[[118,24],[118.1,24],[118.1,24.1],[118,24]]]}}}}"#,
            alias.to_lowercase()
        );
        std::fs::write(folder.path().join("units.geojson"), units).unwrap();
        let path = folder.path().join("manifest.toml");
        let text = "id = \"a\"\ncrs = \"EPSG:4490\"\nfrom = 2026-01-01\nunits = { file = \"units.geojson\", crs = \"EPSG:4490\" }\n";
        std::fs::write(&path, text).unwrap();
        let mut findings = Findings::new();
        let report = edition::build(&path, &folder.path().join("out"), &aliases(), &mut findings)
            .unwrap_or_else(|error| panic!("{alias}: {error} {:?}", findings.kept()));
        assert!(!findings.counts().contains_key("field_unknown"), "{alias}: {:?}", findings.kept());
        let units = edition::read(&report.folder, &aliases(), &mut Findings::new()).unwrap().units.unwrap();
        assert_eq!(units.fields, [meaning], "{alias}");
        assert_eq!(units.features[0].values, [if kind == "number" { "2.5" } else { "甲" }], "{alias}");
        seen.insert(meaning.to_owned());
    }
    assert!(seen.len() > 20 && seen.contains("code") && seen.contains("subtype"), "{seen:?}");
}

#[test]
fn two_fields_of_one_meaning_are_one() {
    let folder = tempfile::tempdir().unwrap();
    let units = r#"{"type":"Feature","properties":{"管控单元名称":"甲","name":"乙"},"geometry":{"type":"Polygon","coordinates":[[[118,24],[118.1,24],[118.1,24.1],[118,24]]]}}"#;
    std::fs::write(folder.path().join("u.geojson"), units).unwrap();
    let path = folder.path().join("manifest.toml");
    std::fs::write(
        &path,
        "id = \"a\"\ncrs = \"EPSG:4490\"\nfrom = 2026-01-01\nunits = { file = \"u.geojson\", crs = \"EPSG:4490\" }\n",
    )
    .unwrap();
    let mut findings = Findings::new();
    let report = edition::build(&path, &folder.path().join("out"), &aliases(), &mut findings).unwrap();
    assert_eq!(findings.counts().get("field_twice"), Some(&1));
    let units = edition::read(&report.folder, &aliases(), &mut Findings::new()).unwrap().units.unwrap();
    assert_eq!((units.fields, &units.features[0].values[..]), (vec!["name".to_owned()], &["甲".to_owned()][..]));
}

/// Decision tables come from offices as CSV in any Chinese encoding, or as a workbook: the same edition.
#[test]
fn lists_come_as_csv_or_workbook() {
    let rows =
        [["unit", "industry_prefix", "effect"], ["ZH35021120001", "C3360", "禁止"], ["ZH35021120002", "C26", "限制"]];
    let text = rows.map(|row| row.join(",")).join("\n") + "\n";
    let mut hashes = BTreeSet::new();
    for form in ["utf8", "bom", "xlsx"] {
        let folder = tempfile::tempdir().unwrap();
        let path = manifest(folder.path(), "parcels.geojson", "");
        std::fs::remove_file(folder.path().join("tables/b.csv")).unwrap();
        match form {
            "xlsx" => {
                let mut book = rust_xlsxwriter::Workbook::new();
                let sheet = book.add_worksheet();
                for (r, row) in (0..).zip(rows) {
                    for (c, cell) in (0..).zip(row) {
                        sheet.write_string(r, c, cell).unwrap();
                    }
                }
                book.save(folder.path().join("tables/b.xlsx")).unwrap();
                let text = std::fs::read_to_string(&path).unwrap();
                std::fs::write(&path, text.replace("[\"tables\"]", "[\"tables/b.xlsx\"]")).unwrap();
            }
            "bom" => {
                std::fs::write(folder.path().join("tables/b.csv"), format!("\u{feff}{}", text.replace('\n', "\r\n")))
                    .unwrap();
            }
            _ => std::fs::write(folder.path().join("tables/b.csv"), &text).unwrap(),
        }
        let mut findings = Findings::new();
        let report = edition::build(&path, &folder.path().join("out"), &aliases(), &mut findings)
            .unwrap_or_else(|error| panic!("{form}: {error} {:?}", findings.kept()));
        assert_eq!(report.tables, [("b.csv".to_owned(), 2)], "{form}");
        hashes.insert(report.hash);
    }
    assert_eq!(hashes.len(), 1, "{hashes:?}");
}

#[test]
fn the_plane_of_areas_is_kept_and_checked() {
    let build = |area_crs: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = manifest(folder.path(), "parcels.geojson", area_crs);
        let mut findings = Findings::new();
        let built = edition::build(&path, &folder.path().join("out"), &aliases(), &mut findings);
        let head = built.map(|report| edition::read(&report.folder, &aliases(), &mut Findings::new()).unwrap());
        (head.map(|files| (files.head.area_crs, files.hash.whole)), findings)
    };
    let (plain, _) = build("");
    let (named, _) = build("area_crs = \"EPSG:4548\"");
    let (other_words, _) = build("area_crs = \"CGCS2000_3_Degree_GK_CM_117E\"");
    let (plain, named, other_words) = (plain.unwrap(), named.unwrap(), other_words.unwrap());
    assert_eq!((plain.0.as_str(), named.0.as_str()), ("", "EPSG:4548"));
    assert_eq!(named, other_words);
    assert_ne!(plain.1, named.1);
    for bad in ["EPSG:4490", "EPSG:4508", "EPSG:2360", "39"] {
        let (built, findings) = build(&format!("area_crs = \"{bad}\""));
        assert!(built.is_err() && findings.counts().contains_key("area_crs"), "{bad}: {:?}", findings.kept());
    }
}

#[test]
fn what_crosses_itself_is_repaired_only_with_consent() {
    let folder = tempfile::tempdir().unwrap();
    let bow = r#"{"type":"Feature","properties":{"code":"A"},"geometry":{"type":"Polygon","coordinates":[[[118,24],[118.1,24.1],[118.1,24],[118,24.1],[118,24]]]}}"#;
    std::fs::write(folder.path().join("bow.geojson"), bow).unwrap();
    for (repair, code) in [(false, "shape_invalid"), (true, "shape_repaired")] {
        let more = format!("outline = {{ file = \"bow.geojson\", crs = \"EPSG:4490\", repair = {repair} }}");
        let mut findings = Findings::new();
        let path = manifest(folder.path(), "parcels.geojson", &more);
        let built = edition::build(&path, &folder.path().join("out"), &aliases(), &mut findings);
        assert_eq!(built.is_ok(), repair, "{:?}", findings.kept());
        assert!(findings.counts().contains_key(code), "{:?}", findings.counts());
    }
}

#[test]
fn a_folder_by_hand_needs_only_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let square = |code: &str| {
        format!(
            r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"code":"{code}","name":"甲","class":2}},"geometry":{{"type":"Polygon","coordinates":[[[118,24],[118.1,24],[118.1,24.1],[118,24.1],[118,24]]]}}}}]}}"#
        )
    };
    write("edition.toml", "id = \"hand\"\ncity = \"350200\"\ncrs = \"EPSG:4490\"\nfrom = 2026-01-01\n");
    write("units.geojson", &square("ZH35021120001"));
    write("layers/park__jimei-houxi.geojson", &square("P"));
    write("layers/redline.geojson", &square("R"));
    write("elsewhere/fire.geojson", &square("F"));
    write(
        "layers.csv",
        "key,complete,accuracy_m,touch_counts,source,file\npark:jimei-houxi,true,0.5,,a,\nno_burn_zone,true,1,是,a,elsewhere/fire.geojson\nabsent,true,1,,a,\nbad,true,1,,a,../x.geojson\n",
    );
    write("rules/sample.toml", "[[rule]]\nid = \"R01\"\n");
    let mut findings = Findings::new();
    let files = edition::read(folder.path(), &aliases(), &mut findings).unwrap();
    let keys: Vec<_> = files.layers.iter().map(|layer| (layer.entry.key.as_str(), layer.entry.complete)).collect();
    assert_eq!(keys, [("no_burn_zone", true), ("park:jimei-houxi", true), ("redline", false)]);
    assert!(files.layers[0].entry.touch_counts);
    assert_eq!(files.units.unwrap().features[0].values, ["ZH35021120001", "甲", "2"]);
    let said: Vec<_> = findings.counts().keys().copied().collect();
    assert_eq!(said, ["edition_path", "layer_file_missing", "layer_undescribed"]);
    assert_eq!(files.tables, []);
}

/// The size of Xiamen: 134 units, 240 layers, 107,713 table rows.
#[test]
fn a_city_loads_quickly() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let collection = |count: usize, vertices: usize| {
        let mut text = String::from(r#"{"type":"FeatureCollection","features":["#);
        for n in 0..count {
            if n > 0 {
                text.push(',');
            }
            write!(text, r#"{{"type":"Feature","properties":{{"code":"ZH3502112{n:04}","name":"单元","class":2}},"geometry":{{"type":"Polygon","coordinates":[["#).unwrap();
            for k in 0..=vertices {
                let turn = std::f64::consts::TAU * (k % vertices) as f64 / vertices as f64;
                let (x, y) = (118.0 + 0.01 * n as f64 + 0.004 * turn.cos(), 24.0 + 0.004 * turn.sin());
                write!(text, "{}[{x:.9},{y:.9}]", if k > 0 { "," } else { "" }).unwrap();
            }
            text.push_str("]]}}");
        }
        text.push_str("]}");
        text
    };
    write("edition.toml", "id = \"big\"\ncity = \"350200\"\ncrs = \"EPSG:4490\"\nfrom = 2026-01-01\n");
    write("units.geojson", &collection(134, 1500));
    let layer = collection(20, 200);
    let mut entries = String::from("key,complete,accuracy_m\n");
    for n in 0..240 {
        write(&format!("layers/layer{n}.geojson"), &layer);
        writeln!(entries, "layer{n},true,1").unwrap();
    }
    write("layers.csv", &entries);
    let mut rows = String::from("unit,industry_prefix,process,kind,effect,say,cite\n");
    (0..107_713).for_each(|n| {
        writeln!(rows, "ZH3502112{:04},C{:04},,new,prohibit,禁止新建,市准入清单第{n}条", n % 134, n % 437).unwrap();
    });
    write("tables/city.csv", &rows);
    let start = Instant::now();
    let mut findings = Findings::new();
    let files = edition::read(folder.path(), &aliases(), &mut findings).unwrap();
    let took = start.elapsed();
    println!("read in {took:?}");
    assert_eq!(findings.total(), 0, "{:?}", findings.kept());
    assert_eq!((files.layers.len(), files.tables.len()), (240, 1));
    assert!(took.as_secs_f64() < 10.0, "{took:?}");
}
