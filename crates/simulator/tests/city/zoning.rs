//! The made-up map: does it have the size that it says, does it tile, does it say that it is made up?

use simulator::zoning::{Edition, Form, Model, Projects, Sources, make};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

fn rules(name: &str) -> Option<&'static str> {
    match name {
        "rules.toml" => Some(include_str!("../../../../cities/xiamen/zoning/rules.toml")),
        "rules-2021.toml" => Some(include_str!("../../../../cities/xiamen/zoning/rules-2021.toml")),
        "rules-2026.toml" => Some(include_str!("../../../../cities/xiamen/zoning/rules-2026.toml")),
        _ => None,
    }
}

fn sources() -> Sources<'static> {
    Sources {
        outline: include_str!("../../../../cities/xiamen/districts.geojson"),
        industries: include_str!("../../../../norms/catalogues/gbt4754_2017.csv"),
        citations: include_str!("../../../../cities/xiamen/zoning/citations.csv"),
        rules: &rules,
    }
}

fn model() -> Model {
    Model::parse(include_str!("../../../../cities/xiamen/demo/zoning.toml")).unwrap()
}

static SHIPPED: LazyLock<Vec<Edition>> = LazyLock::new(|| make(&model(), sources(), model().seed).unwrap());

fn text<'a>(edition: &'a Edition, path: &str) -> &'a str {
    let file = edition.files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no {path}"));
    std::str::from_utf8(&file.bytes).unwrap()
}

fn json(edition: &Edition, path: &str) -> serde_json::Value {
    serde_json::from_str(text(edition, path)).unwrap()
}

type Corner = (String, String);

/// Directed edges of all rings of a file, as written.
fn edges(value: &serde_json::Value) -> Vec<(Corner, Corner)> {
    fn rings(value: &serde_json::Value, found: &mut Vec<(Corner, Corner)>) {
        let Some(items) = value.as_array() else { return };
        let corner = |point: &serde_json::Value| (point[0].to_string(), point[1].to_string());
        if items.first().is_some_and(|first| first[0].is_number()) {
            found.extend(items.windows(2).map(|pair| (corner(&pair[0]), corner(&pair[1]))));
        } else {
            items.iter().for_each(|item| rings(item, found));
        }
    }
    let mut found = Vec::new();
    for feature in value["features"].as_array().unwrap() {
        rings(&feature["geometry"]["coordinates"], &mut found);
    }
    found
}

#[test]
fn the_map_has_the_published_size() {
    for edition in SHIPPED.iter() {
        let units = json(edition, "units.geojson");
        let codes: HashSet<&str> = units["features"]
            .as_array()
            .unwrap()
            .iter()
            .map(|unit| unit["properties"]["code"].as_str().unwrap())
            .collect();
        assert_eq!(codes.len(), 134, "{}", edition.id);
        assert!(codes.iter().all(|code| code.len() == 13 && code.starts_with("ZH3502")));
        assert_eq!(text(edition, "layers.csv").lines().count() - 1, 240);
        let manifest: toml::Table = edition.manifest.parse().unwrap();
        assert_eq!(manifest["layer"].as_array().unwrap().len(), 240);
        let rows: Vec<&str> = edition
            .files
            .iter()
            .filter(|file| file.path.starts_with("tables/"))
            .flat_map(|file| std::str::from_utf8(&file.bytes).unwrap().lines().skip(1))
            .collect();
        assert_eq!(rows.len(), 107_713);
        let catalogue = sources().industries;
        let known: HashSet<&str> = catalogue.lines().filter_map(|line| line.split(',').next()).collect();
        let prefixes: HashSet<&str> = rows.iter().filter_map(|row| row.split(',').nth(1)).collect();
        assert_eq!(prefixes.intersection(&known).count(), 437);
        assert!(rows.iter().all(|row| row.split(',').next().is_some_and(|unit| codes.contains(unit))));
    }
}

#[test]
fn units_share_every_edge_with_a_neighbour_or_the_outline() {
    for edition in SHIPPED.iter() {
        let drawn = edges(&json(edition, "units.geojson"));
        let all: HashSet<_> = drawn.iter().cloned().collect();
        assert_eq!(all.len(), drawn.len(), "an edge belongs to one unit");
        let outline: HashSet<_> = edges(&json(edition, "outline.geojson")).into_iter().collect();
        for (from, to) in &drawn {
            let inner = all.contains(&(to.clone(), from.clone()));
            assert_ne!(inner, outline.contains(&(from.clone(), to.clone())), "{}: {from:?} {to:?}", edition.id);
        }
        assert!(outline.is_subset(&all));
    }
}

#[test]
fn every_file_says_that_it_is_made_up() {
    for edition in SHIPPED.iter() {
        for file in edition.files.iter().filter(|file| file.path.ends_with(".geojson")) {
            let head: String = String::from_utf8_lossy(&file.bytes).chars().take(600).collect();
            let told = ["\"source\":\"simulated\"", "\"synthetic\":true", "模拟", "Simulated"];
            assert!(told.iter().all(|word| head.contains(word)), "{}", file.path);
        }
        assert!(text(edition, "edition.toml").contains("\nsynthetic = true\n"));
        assert!(text(edition, "layers.csv").lines().skip(1).all(|line| line.contains(",simulated,")));
        let tables = edition.files.iter().filter(|file| file.path.starts_with("tables/"));
        for table in tables {
            let rows = std::str::from_utf8(&table.bytes).unwrap();
            assert!(rows.lines().skip(1).all(|row| row.contains("（模拟）")), "{}", table.path);
        }
    }
}

#[test]
fn the_editions_differ_where_the_model_says() {
    let [old, new] = &SHIPPED[..] else { panic!("two editions") };
    assert_ne!(text(old, "layers/redline.geojson"), text(new, "layers/redline.geojson"));
    assert_eq!(text(old, "layers/chem_park.geojson"), text(new, "layers/chem_park.geojson"));
    let mut changes: HashMap<String, usize> = HashMap::new();
    for unit in json(new, "units.geojson")["features"].as_array().unwrap() {
        *changes.entry(unit["properties"]["change"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    let model = model();
    assert_eq!(changes["split"], 2 * model.change.split);
    assert_eq!(changes["merged"], model.change.merged);
    assert_eq!(changes["moved"], 2 * model.change.moved);
    assert!(
        text(old, "edition.toml").contains("to = 2026-01-01")
            && text(new, "edition.toml").contains("from = 2026-01-01")
    );
}

/// Looks for the faults in its own way: rows by what they say, not by how they were made.
#[test]
fn the_planted_faults_are_there_and_no_other() {
    let known: HashSet<&str> = sources().industries.lines().filter_map(|line| line.split(',').next()).collect();
    for edition in SHIPPED.iter() {
        let mut found: HashSet<(String, String)> = HashSet::new();
        for table in edition.files.iter().filter(|file| file.path.starts_with("tables/")) {
            let rows: Vec<Vec<&str>> = std::str::from_utf8(&table.bytes)
                .unwrap()
                .lines()
                .skip(1)
                .map(|row| row.split(',').collect())
                .collect();
            let mut groups: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
            let mut note =
                |fault: &str, row: usize| found.insert((fault.to_owned(), format!("{}:{}", table.path, row + 2)));
            for (at, row) in rows.iter().enumerate() {
                groups.entry((row[0], row[1])).or_default().push(at);
                if !known.contains(row[1]) {
                    note("dead", at);
                }
                if row[6].is_empty() {
                    note("uncited", at);
                }
                if row[6].contains("已废止") {
                    note("repealed", at);
                }
            }
            for group in groups.values() {
                for (index, b) in group.iter().enumerate() {
                    for a in &group[..index] {
                        let (one, other) = (&rows[*a], &rows[*b]);
                        let meets = |column: usize| {
                            one[column].is_empty() || other[column].is_empty() || one[column] == other[column]
                        };
                        if !meets(2) || !meets(3) {
                            continue;
                        }
                        match (one[4], other[4]) {
                            _ if one[2..5] == other[2..5] => note("duplicate", *b),
                            ("prohibit", "encourage") => note("conflict", *b),
                            ("prohibit", "require") if !other[2].is_empty() => note("dead", *b),
                            other => panic!("rows {a} and {b} of {} meet: {other:?}", table.path),
                        };
                    }
                }
            }
        }
        let planted: HashSet<(String, String)> = edition
            .planted
            .lines()
            .skip(1)
            .map(|line| line.split(',').collect::<Vec<_>>())
            .map(|cells| (cells[0].to_owned(), format!("{}:{}", cells[1], cells[2])))
            .collect();
        assert_eq!(found, planted, "{}", edition.id);
        assert_eq!(planted.len(), 48);
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_another_map() {
    assert!(SHIPPED[..] == make(&model(), sources(), model().seed).unwrap()[..]);
    let other = make(&model(), sources(), 7).unwrap();
    assert_ne!(text(&SHIPPED[0], "units.geojson"), text(&other[0], "units.geojson"));
    let edges = edges(&json(&other[0], "units.geojson"));
    let all: HashSet<_> = edges.iter().cloned().collect();
    assert_eq!(all.len(), edges.len());
}

#[test]
fn a_bad_model_is_refused_with_its_place() {
    let good = include_str!("../../../../cities/xiamen/demo/zoning.toml");
    let refusal = |from: &str, to: &str| {
        let text = good.replacen(from, to, 1);
        assert_ne!(text, good);
        match Model::parse(&text) {
            Err(error) => error.to_string(),
            Ok(model) => make(&model, sources(), 1).unwrap_err().to_string(),
        }
    };
    assert!(refusal("cell = 0.004", "cell = 0.0").contains("cell"));
    assert!(refusal("priority = 7", "priority = 70").contains("350203"));
    assert!(refusal("conditions = 107713", "conditions = 9").contains("tables.conditions"));
    assert!(refusal("land = 12,", "land = 12000,").contains("too few"));
    assert!(refusal("\"C3360\", ", "\"C0000\", ").contains("C0000"));
    assert!(refusal("\"rules-2021.toml\"", "\"missing.toml\"").contains("missing.toml"));
    assert!(refusal("coverage = \"without-tongan\"", "coverage = \"nowhere\"").contains("coverage"));
}

#[test]
fn projects_come_by_number() {
    let projects = Projects::new(&model(), sources(), 1, 0.02).unwrap();
    let columns = |form| Projects::header(form).trim_end().split(',').count();
    for form in [Form::Points, Form::Mixed] {
        assert_eq!(projects.line(17, form), projects.line(17, form));
        assert_ne!(projects.line(17, form)[8..], projects.line(18, form)[8..]);
    }
    let line = projects.line(3, Form::Points);
    assert!(line.starts_with("S0000003,11"), "{line}");
    assert_eq!(columns(Form::Points), columns(Form::Mixed) + 1);
    let wkt: String = (0..200).map(|number| projects.line(number, Form::Mixed)).collect();
    assert!(["POINT (", "POLYGON ((", "LINESTRING ("].iter().all(|word| wkt.contains(word)));
}
