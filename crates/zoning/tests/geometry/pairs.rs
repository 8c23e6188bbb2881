//! GEOS as oracle: relations, shared areas, distances and inner lengths of pairs of shapes.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;
use zoning::ground::{Coverage, LayerFinding, Meeting};
use zoning::shape::{Consent, Parts, Shape, ShapeLimits, wkt};
use zoning::siting::{EditionMap, FeatureSource, LayerSource, Tolerances, Wanted};

fn shape(text: &Value) -> Shape {
    let geometry = wkt::read(text.as_str().unwrap(), ShapeLimits::UPLOAD).unwrap();
    Shape::check(geometry, ShapeLimits::UPLOAD, Consent::Refuse).unwrap_or_else(|f| panic!("{f:?} {text}")).shape
}

fn finding(a: &Shape, b: Shape) -> LayerFinding {
    let layer = LayerSource {
        key: "b".to_owned(),
        accuracy_m: 0.0,
        touch_counts: true,
        complete: true,
        coverage: b.areas().cloned(),
        features: vec![FeatureSource { id: "1".to_owned(), name: String::new(), shape: b }],
    };
    let map = EditionMap::new(None, Vec::new(), vec![layer], Tolerances { grid_m: 0.0, ..Tolerances::default() });
    map.ground(a, None, &Wanted::default()).layers.remove("b").unwrap()
}

/// What the matrix of DE-9IM says: do interiors meet, does the first touch the second, is it covered by it.
fn relations(matrix: &str) -> (bool, bool, bool) {
    let m: Vec<bool> = matrix.chars().map(|c| c != 'F').collect();
    (m[0], m[0] || m[1] || m[3] || m[4], !m[2] && !m[5])
}

fn compare(row: &Value) -> Result<(), String> {
    let (a, b) = (shape(&row["a"]), shape(&row["b"]));
    let number = |key: &str| row[key].as_f64().unwrap();
    let bounds = a.bounds();
    let ours = finding(&a, b);
    let (interiors, meets, covered) = relations(row["relate"].as_str().unwrap());
    let fail = |what: &str| Err(format!("{what}: {ours:?}\n{row}"));

    // Rounding of a sum over strips of the smaller area's box; coordinates of 1e6 have a last place of 1e-10.
    let last_place = bounds.max.x.abs().max(bounds.max.y.abs()) * f64::EPSILON;
    let around = bounds.width() + bounds.height();
    let bound = 1e-12 * around * around + 64.0 * last_place * around;
    if (ours.area_m2 - number("area")).abs() > bound {
        return fail("area");
    }
    if meets != (ours.meeting != Meeting::Apart) {
        return fail("they share a point");
    }
    let tiny = matches!(a.parts(), Parts::Areas(_)) && number("area") <= bound;
    if interiors != matches!(ours.meeting, Meeting::Solid | Meeting::Sliver) && !tiny {
        return fail("interiors meet");
    }
    let share_missing = match a.parts() {
        Parts::Areas(areas) => geo::Area::unsigned_area(areas) - number("area"),
        _ => 1.0,
    };
    if covered != ours.inside && share_missing > bound {
        return fail("inside");
    }
    if covered && ours.coverage != Coverage::Complete {
        return fail("coverage");
    }
    if (ours.distance_m.unwrap() - number("distance")).abs() > 1e-9 + 4.0 * last_place {
        return fail("distance");
    }
    if let Some(inner) = row.get("inner").and_then(Value::as_f64)
        && (ours.length_m - inner).abs() > 1e-9 * around + 1e3 * last_place
    {
        return fail("length");
    }
    Ok(())
}

fn compare_all(lines: impl BufRead) -> usize {
    let mut count = 0;
    let mut failures = Vec::new();
    for line in lines.lines() {
        count += 1;
        failures.extend(compare(&serde_json::from_str(&line.unwrap()).unwrap()).err());
    }
    let first = failures.first().cloned().unwrap_or_default();
    assert!(failures.is_empty(), "{} of {count} differ; first: {first}", failures.len());
    count
}

#[test]
fn stored_pairs_are_as_geos_says() {
    let file = std::fs::File::open(super::testdata("pairs.jsonl.gz")).unwrap();
    assert_eq!(compare_all(BufReader::new(flate2::read::GzDecoder::new(file))), 6_000);
}

/// Set `YUNDANG_PYTHON` to a Python that can import shapely.
#[test]
fn fresh_pairs_are_as_geos_says() {
    let python = std::env::var("YUNDANG_PYTHON").ok().filter(|python| {
        Command::new(python).args(["-c", "import shapely"]).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
    });
    let Some(python) = python else {
        println!("skipped: YUNDANG_PYTHON names no Python with shapely");
        return;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/oracles/geos_pairs.py");
    let wanted = super::sizes::size("zoning_geos_pairs");
    let (seed, count) = (super::sizes::seed().to_string(), wanted.to_string());
    let mut child = Command::new(python).args([script, &seed, &count]).stdout(Stdio::piped()).spawn().unwrap();
    assert_eq!(compare_all(BufReader::new(child.stdout.take().unwrap())), wanted);
    assert!(child.wait().unwrap().success());
}
