//! Corridors of lines against GEOS, and what a corridor must be whatever the line.

use geo::Area;
use zoning::measure::plane_area;
use zoning::shape::{Consent, Shape, ShapeFault, ShapeLimits, wkt};

/// Ours may differ by this share of the area.
const SHARE: f64 = 1e-3;

fn shape(text: &str) -> Shape {
    let geometry = wkt::read(text, ShapeLimits::UPLOAD).unwrap();
    Shape::check(geometry, ShapeLimits::UPLOAD, Consent::Refuse).unwrap().shape
}

#[test]
fn corridors_are_as_large_as_those_of_geos() {
    let text = std::fs::read_to_string(super::testdata("corridors.jsonl")).unwrap();
    let (mut worst, mut count, mut bad) = (0.0_f64, 0, Vec::new());
    for line in text.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let (width, area) = (row["width"].as_f64().unwrap(), row["area"].as_f64().unwrap());
        let corridor = shape(row["wkt"].as_str().unwrap()).corridor(width).unwrap();
        let off = plane_area(corridor.areas().unwrap()) / area - 1.0;
        if off.abs() >= SHARE {
            bad.push(format!("{off:e} of {area}: {line}"));
        }
        worst = worst.max(off.abs());
        count += 1;
    }
    println!("{count} corridors, worst {worst:e}");
    assert!(bad.is_empty(), "{}", bad.join("\n"));
    assert_eq!(count, 250);
}

#[test]
fn a_straight_corridor_is_length_times_width_and_has_flat_ends() {
    let corridor = shape("LINESTRING(600000 2710000, 600300 2710400)").corridor(12.0).unwrap();
    let areas = corridor.areas().unwrap();
    assert!((areas.unsigned_area() - 500.0 * 12.0).abs() < 0.01);
    assert_eq!(areas.0[0].exterior().0.len(), 5);
}

#[test]
fn a_ring_road_leaves_its_middle_free() {
    let corridor = shape("LINESTRING(0 0, 100 0, 100 100, 0 100, 0 0)").corridor(10.0).unwrap();
    let areas = corridor.areas().unwrap();
    assert_eq!((areas.0.len(), areas.0[0].interiors().len()), (1, 1));
    // The hole is 90 m wide.
    let hole = geo::Polygon::new(areas.0[0].interiors()[0].clone(), Vec::new()).unsigned_area();
    assert!((hole - 8_100.0).abs() < 0.5, "{hole}");
}

#[test]
fn what_has_no_corridor_is_refused() {
    let line = shape("LINESTRING(0 0, 100 0)");
    for width in [0.0, -3.0, f64::NAN, f64::INFINITY, 2_000.1] {
        let faults = line.corridor(width).unwrap_err();
        assert!(matches!(faults[..], [ShapeFault::CorridorWidth { .. }]), "{width}");
    }
    for text in ["POINT(0 0)", "POLYGON((0 0, 1 0, 1 1, 0 0))"] {
        assert_eq!(shape(text).corridor(5.0).unwrap_err(), [ShapeFault::CorridorOfNoLine]);
    }
}
