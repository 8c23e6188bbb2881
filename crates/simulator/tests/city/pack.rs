//! The files of the city pack that belong to the demonstration: outlines, register, comparison cities.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use simulator::comparison_cities;

type Point = (f64, f64);

/// One feature: role, code, name, polygons of rings.
struct Shape {
    role: String,
    code: String,
    name: String,
    polygons: Vec<Vec<Vec<Point>>>,
}

fn shapes() -> Vec<Shape> {
    let text = include_str!("../../../../cities/xiamen/districts.geojson");
    let file: Value = serde_json::from_str(text).unwrap();
    let word = |feature: &Value, key: &str| feature["properties"][key].as_str().unwrap_or_default().to_owned();
    let point = |value: &Value| (value[0].as_f64().unwrap(), value[1].as_f64().unwrap());
    let ring = |value: &Value| value.as_array().unwrap().iter().map(point).collect();
    let polygon = |value: &Value| value.as_array().unwrap().iter().map(ring).collect();
    file["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|feature| {
            let coordinates = &feature["geometry"]["coordinates"];
            let polygons = match feature["geometry"]["type"].as_str().unwrap() {
                "Polygon" => vec![polygon(coordinates)],
                _ => coordinates.as_array().unwrap().iter().map(polygon).collect(),
            };
            Shape { role: word(feature, "role"), code: word(feature, "code"), name: word(feature, "name_zh"), polygons }
        })
        .collect()
}

fn area(ring: &[Point]) -> f64 {
    ring.windows(2).map(|pair| pair[0].0 * pair[1].1 - pair[1].0 * pair[0].1).sum::<f64>() / 2.0
}

fn crosses(one: &[Point], other: &[Point]) -> bool {
    let side = |a: Point, b: Point, c: Point| (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0);
    let (a, b, c, d) = (one[0], one[1], other[0], other[1]);
    side(a, b, c) * side(a, b, d) < 0.0 && side(c, d, a) * side(c, d, b) < 0.0
}

fn contains(ring: &[Point], point: Point) -> bool {
    ring.windows(2).fold(false, |inside, pair| {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let hit = (y0 > point.1) != (y1 > point.1) && point.0 < (x1 - x0) * (point.1 - y0) / (y1 - y0) + x0;
        inside != hit
    })
}

#[test]
fn rings_are_closed_simple_and_right_handed() {
    for shape in shapes() {
        for polygon in &shape.polygons {
            for (number, ring) in polygon.iter().enumerate() {
                assert_eq!(ring.first(), ring.last(), "{}", shape.name);
                assert!((4..=120).contains(&ring.len()), "{}", shape.name);
                assert_eq!(area(ring) > 0.0, number == 0, "{} ring {number}", shape.name);
                let distinct: HashSet<_> = ring.iter().map(|point| (point.0.to_bits(), point.1.to_bits())).collect();
                assert_eq!(distinct.len(), ring.len() - 1, "{}", shape.name);
                let edges: Vec<&[Point]> = ring.windows(2).collect();
                for (index, edge) in edges.iter().enumerate() {
                    assert!(edges[index + 1..].iter().all(|other| !crosses(edge, other)), "{}", shape.name);
                }
            }
        }
    }
}

/// Sea, neighbouring land and districts cover the sheet once: every edge inside it has two sides.
#[test]
fn neighbours_share_their_edges() {
    let mut sides: HashMap<[u64; 4], i32> = HashMap::new();
    let (mut covered, mut sheet) = (0.0, [f64::MAX, f64::MAX, f64::MIN, f64::MIN]);
    for shape in shapes().iter().filter(|shape| shape.role != "island") {
        for ring in shape.polygons.iter().flatten() {
            covered += area(ring);
            for pair in ring.windows(2) {
                let [(x0, y0), (x1, y1)] = [pair[0], pair[1]];
                sheet = [sheet[0].min(x0), sheet[1].min(y0), sheet[2].max(x0), sheet[3].max(y0)];
                let key = |ax: f64, ay: f64, bx: f64, by: f64| [ax.to_bits(), ay.to_bits(), bx.to_bits(), by.to_bits()];
                *sides.entry(key(x0, y0, x1, y1)).or_default() += 1;
                *sides.entry(key(x1, y1, x0, y0)).or_default() -= 1;
            }
        }
    }
    let on_the_rim = |x: f64, y: f64| x == sheet[0] || x == sheet[2] || y == sheet[1] || y == sheet[3];
    for (edge, sum) in sides {
        let [x0, y0, x1, y1] = edge.map(f64::from_bits);
        assert!(sum == 0 || on_the_rim(x0, y0) && on_the_rim(x1, y1), "edge {x0},{y0} {x1},{y1}");
    }
    assert!((covered - (sheet[2] - sheet[0]) * (sheet[3] - sheet[1])).abs() < 1e-9);
}

#[test]
fn there_are_six_districts_two_islands_and_the_sea() {
    let shapes = shapes();
    let names = |role: &str| -> Vec<&str> {
        shapes.iter().filter(|shape| shape.role == role).map(|shape| shape.name.as_str()).collect()
    };
    assert_eq!(names("district").len(), 6);
    assert_eq!(names("island"), ["厦门岛", "鼓浪屿"]);
    assert_eq!(names("sea").len(), 1);
    let city = include_str!("../../../../cities/xiamen/city.toml");
    for shape in shapes.iter().filter(|shape| shape.role == "district") {
        assert!(city.contains(&format!("code = \"{}\"\nname_zh = \"{}\"", shape.code, shape.name)), "{}", shape.name);
    }
}

#[test]
fn every_station_lies_in_its_district() {
    let shapes = shapes();
    for line in include_str!("../../../../cities/xiamen/demo/stations.csv").lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let point = (fields[7].parse().unwrap(), fields[8].parse().unwrap());
        let home: Vec<&str> = shapes
            .iter()
            .filter(|shape| shape.role == "district" && shape.polygons.iter().any(|one| contains(&one[0], point)))
            .map(|shape| shape.code.as_str())
            .collect();
        assert_eq!(home, [fields[4]], "{}", fields[0]);
        // Only the national stations count, and only they are real.
        assert_eq!(fields[6] == "national", fields[9] == "1", "{}", fields[0]);
        assert_eq!(fields[6] == "national", fields[12] != "simulated", "{}", fields[0]);
    }
}

#[test]
fn comparison_cities_are_the_draw_of_the_model() {
    let rows = comparison_cities(&crate::judge::model());
    let drawn: Vec<String> =
        rows.iter().map(|row| format!("{},{},{},simulated", row.year, row.city, row.index)).collect();
    let file = include_str!("../../../../cities/xiamen/demo/city_index.csv");
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(lines[0], "period,city,index,source");
    assert_eq!(lines[1..], drawn);

    for year in [2021, 2022] {
        let mut values: Vec<f64> = rows.iter().filter(|row| row.year == year).map(|row| row.index.to_f64()).collect();
        values.sort_by(f64::total_cmp);
        assert_eq!(values.len(), 167);
        assert!((2.0..2.6).contains(&values[0]) && (5.2..5.8).contains(&values[166]));
        assert!((3.5..4.0).contains(&values[83]), "{}", values[83]);
    }
}
