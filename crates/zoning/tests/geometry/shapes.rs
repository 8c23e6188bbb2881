//! Checks of shapes: what is refused and where, what is repaired, what only touches.

use geo::{Coord, Geometry, LineString, Polygon};
use zoning::shape::{Consent, Shape, ShapeFault, ShapeLimits, ShapeNote, wkt};

fn check(text: &str, consent: Consent) -> Result<(Shape, Vec<ShapeNote>), Vec<ShapeFault>> {
    let geometry = wkt::read(text, ShapeLimits::UPLOAD)?;
    Shape::check(geometry, ShapeLimits::UPLOAD, consent).map(|checked| (checked.shape, checked.notes))
}

fn fault(text: &str) -> ShapeFault {
    check(text, Consent::Refuse).unwrap_err().swap_remove(0)
}

#[test]
fn crossings_are_refused_with_their_place_and_repaired_with_consent() {
    let bow_tie = "POLYGON((0 0,2 2,2 0,0 2,0 0))";
    assert_eq!(fault(bow_tie), ShapeFault::Crosses { part: 1, ring: 1, x: 1.0, y: 1.0 });
    let (shape, notes) = check(bow_tie, Consent::Repair).unwrap();
    assert_eq!(shape.areas().unwrap().0.len(), 2);
    assert!(matches!(&notes[..], [.., ShapeNote::Repaired { parts_after: 2, places, .. }] if places == &[(1.0, 1.0)]));
    // What was repaired passes.
    assert!(Shape::check(shape.geometry(), ShapeLimits::UPLOAD, Consent::Refuse).is_ok());
}

#[test]
fn what_is_wrong_is_named() {
    assert!(matches!(fault("POLYGON((0 0,4 0,4 0,0 0))"), ShapeFault::TooFewPoints { part: 1, ring: 1 }));
    assert!(matches!(fault("LINESTRING(1 1,1 1)"), ShapeFault::TooFewPoints { .. }));
    assert!(matches!(fault("POINT(nan 1)"), ShapeFault::NotFinite { .. }));
    assert!(matches!(fault("POLYGON((0 0,9 0,9 inf,0 0))"), ShapeFault::NotFinite { .. }));
    assert!(matches!(fault("POLYGON EMPTY"), ShapeFault::Empty));
    let hole = "POLYGON((0 0,4 0,4 4,0 4,0 0),(5 5,6 5,6 6,5 6,5 5))";
    assert!(matches!(fault(hole), ShapeFault::HoleOutside { ring: 2, .. }));
    let nested = "POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,8 1,8 8,1 8,1 1),(2 2,3 2,3 3,2 3,2 2))";
    assert!(matches!(fault(nested), ShapeFault::HoleOutside { .. }));
    let parts = "MULTIPOLYGON(((0 0,9 0,9 9,0 9,0 0)),((1 1,2 1,2 2,1 2,1 1)))";
    assert!(matches!(fault(parts), ShapeFault::PartsOverlap { part: 2, .. }));
    let twice = "MULTIPOLYGON(((0 0,9 0,9 9,0 9,0 0)),((0 0,9 0,9 9,0 9,0 0)))";
    assert!(matches!(fault(twice), ShapeFault::Crosses { .. } | ShapeFault::PartsOverlap { .. }));
    // A spike runs back along itself.
    assert!(matches!(fault("POLYGON((0 0,4 0,4 4,4 8,4 4,0 4,0 0))"), ShapeFault::Crosses { .. }));
    for text in ["POLYGON((0 0,1 0,1 1,0 0)", "POLYGON", "CIRCLE(0 0)", "POINT(1 2) x", "POINT(1)", "POINT(a b)", ""] {
        let fault = fault(text);
        assert!(matches!(fault, ShapeFault::Wkt { .. }), "{text}: {fault:?}");
        assert!(!fault.zh().is_empty() && !fault.to_string().is_empty());
    }
}

#[test]
fn touching_is_no_crossing() {
    let figure_eight = "POLYGON((0 0,2 0,2 2,4 2,4 4,2 4,2 2,0 2,0 0))";
    let (_, notes) = check(figure_eight, Consent::Refuse).unwrap();
    assert!(notes.iter().any(|note| matches!(note, ShapeNote::Touches { x: 2.0, y: 2.0 })), "{notes:?}");
    let side_by_side = "MULTIPOLYGON(((0 0,1 0,1 1,0 1,0 0)),((1 0,2 0,2 1,1 1,1 0)))";
    assert!(check(side_by_side, Consent::Refuse).is_ok());
    let hole_at_shell = "POLYGON((0 0,4 0,4 4,0 4,0 0),(0 0,2 1,1 2,0 0))";
    assert!(check(hole_at_shell, Consent::Refuse).is_ok());
}

#[test]
fn repeated_points_and_directions_are_put_right() {
    let (shape, notes) = check("POLYGON((0 0,0 0,0 4,4 4,4 4,4 0,0 0),(1 1,2 1,2 2,1 1))", Consent::Refuse).unwrap();
    assert_eq!(shape.wkt(), "POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,2 2,2 1,1 1))");
    assert_eq!(notes, [ShapeNote::RepeatedPoints { count: 2 }, ShapeNote::Turned { count: 2 }]);
}

#[test]
fn text_returns() {
    for text in [
        "POINT(1.5 -2)",
        "MULTIPOINT((1 2),(3 4))",
        "LINESTRING(0 0,0.1 0.30000000000000004)",
        "MULTILINESTRING((0 0,1 1),(2 2,3 3))",
        "POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,1 2,2 2,1 1))",
        "MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))",
    ] {
        assert_eq!(check(text, Consent::Refuse).unwrap().0.wkt(), text);
    }
    assert_eq!(check("Point Z (1 2 3)", Consent::Refuse).unwrap().0.wkt(), "POINT(1 2)");
    assert_eq!(check("multipoint(1 2, 3 4)", Consent::Refuse).unwrap().0.wkt(), "MULTIPOINT((1 2),(3 4))");
}

#[test]
fn a_large_ring_is_checked_in_a_moment_and_a_larger_one_refused() {
    let ring = |count: u32| {
        let step = std::f64::consts::TAU / f64::from(count);
        let points = (0..count).map(|k| {
            let (sin, cos) = (f64::from(k) * step).sin_cos();
            let radius = 5_000.0 + if k % 2 == 0 { 1.0 } else { 0.0 };
            Coord { x: 610_000.0 + radius * cos, y: 2_710_000.0 + radius * sin }
        });
        Geometry::Polygon(Polygon::new(LineString(points.collect()), Vec::new()))
    };
    let started = std::time::Instant::now();
    assert!(Shape::check(ring(199_000), ShapeLimits::UPLOAD, Consent::Refuse).is_ok());
    println!("199,000 vertices checked in {:?}", started.elapsed());
    let fault = Shape::check(ring(200_001), ShapeLimits::UPLOAD, Consent::Repair).unwrap_err().swap_remove(0);
    assert!(matches!(fault, ShapeFault::TooManyVertices { limit: 200_000, .. }));
    let text = format!("LINESTRING({})", vec!["1 2"; 200_001].join(","));
    assert!(matches!(wkt::read(&text, ShapeLimits::UPLOAD).unwrap_err()[0], ShapeFault::TooManyVertices { .. }));
}

#[test]
fn a_comb_of_long_needles_is_refused_in_a_moment() {
    let teeth = (0..99_000_u32).map(|k| {
        let (t, far) = (f64::from(k) * 1e-3, f64::from(k % 2) * 10_000.0);
        Coord { x: t + far, y: far - t }
    });
    let ring: Vec<Coord<f64>> = teeth.chain([Coord { x: 0.0, y: -1_000.0 }]).collect();
    let comb = Geometry::Polygon(Polygon::new(LineString(ring), Vec::new()));
    let started = std::time::Instant::now();
    let found = Shape::check(comb, ShapeLimits::UPLOAD, Consent::Repair);
    println!("a comb of 99,000 needles took {:?}", started.elapsed());
    assert!(matches!(found.unwrap_err()[..], [ShapeFault::Entangled | ShapeFault::Crosses { .. }]));
}
