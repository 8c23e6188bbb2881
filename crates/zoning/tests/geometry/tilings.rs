//! A made city that its units tile: pieces add up, nothing depends on how a shape is written down, faults are found.

use geo::{BooleanOps, Coord, LineString, MultiPolygon, Polygon};
use zoning::ground::{Coverage, Ground, Meeting};
use zoning::lineage::{Change, LineageRules, lineage};
use zoning::measure::plane_area;
use zoning::overlay::{ParcelScratch, Parcels, PointScratch, Points, Rings};
use zoning::shape::{Consent, Shape, ShapeLimits};
use zoning::siting::{Detail, EditionMap, FeatureSource, LayerSource, Tolerances, UnitSource, Wanted};
use zoning::topology::{FaultKind, Gravity, TopologyRules, check_layer, check_units};

/// A small generator, so that a seed is all that a failure needs.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }

    pub(crate) fn below(&mut self, count: usize) -> usize {
        (self.next() * count as f64) as usize
    }
}

const EAST: f64 = 590_000.0;
const NORTH: f64 = 2_700_000.0;
const CELL: f64 = 4_000.0;

/// Cells of a wavy grid, with common borders of `bends` points that leave the straight line by at most a fifth of the
/// way to the nearer corner, so that borders never cross.
pub(crate) fn tiling(chance: &mut Chance, columns: usize, rows: usize, bends: usize) -> Vec<MultiPolygon<f64>> {
    let corner = |c: usize, r: usize| Coord { x: EAST + CELL * c as f64, y: NORTH + CELL * r as f64 };
    let mut border = |from: Coord<f64>, to: Coord<f64>, straight: bool| -> Vec<Coord<f64>> {
        let inner = (1..=bends).map(|k| {
            let t = k as f64 / (bends + 1) as f64;
            let off = if straight { 0.0 } else { chance.between(-0.2, 0.2) * t.min(1.0 - t) * CELL };
            let (dx, dy) = (to.x - from.x, to.y - from.y);
            Coord { x: from.x + dx * t - dy / CELL * off, y: from.y + dy * t + dx / CELL * off }
        });
        std::iter::once(from).chain(inner.collect::<Vec<_>>()).collect()
    };
    let level: Vec<Vec<_>> = (0..=rows)
        .map(|r| (0..columns).map(|c| border(corner(c, r), corner(c + 1, r), r == 0 || r == rows)).collect())
        .collect();
    let upright: Vec<Vec<_>> = (0..rows)
        .map(|r| (0..=columns).map(|c| border(corner(c, r), corner(c, r + 1), c == 0 || c == columns)).collect())
        .collect();
    let back = |line: &Vec<Coord<f64>>, from: Coord<f64>| -> Vec<Coord<f64>> {
        std::iter::once(from).chain(line[1..].iter().rev().copied()).collect()
    };
    let mut cells = Vec::new();
    for r in 0..rows {
        for c in 0..columns {
            let mut ring = level[r][c].clone();
            ring.extend(&upright[r][c + 1]);
            ring.extend(back(&level[r + 1][c], corner(c + 1, r + 1)));
            ring.extend(back(&upright[r][c], corner(c, r + 1)));
            ring.push(ring[0]);
            cells.push(MultiPolygon(vec![Polygon::new(LineString(ring), Vec::new())]));
        }
    }
    cells
}

pub(crate) fn frame(columns: usize, rows: usize) -> MultiPolygon<f64> {
    let (w, h) = (CELL * columns as f64, CELL * rows as f64);
    let at = |x, y| Coord { x: EAST + x, y: NORTH + y };
    let ring = vec![at(0.0, 0.0), at(w, 0.0), at(w, h), at(0.0, h), at(0.0, 0.0)];
    MultiPolygon(vec![Polygon::new(LineString(ring), Vec::new())])
}

/// A star-shaped parcel around a place.
pub(crate) fn blob(chance: &mut Chance, at: Coord<f64>, radius: f64, count: usize) -> Polygon<f64> {
    let turn = chance.between(0.0, 6.0);
    let mut ring: Vec<Coord<f64>> = (0..count)
        .map(|k| {
            let angle = turn + std::f64::consts::TAU * k as f64 / count as f64;
            let r = radius * chance.between(0.4, 1.0);
            Coord { x: at.x + r * angle.cos(), y: at.y + r * angle.sin() }
        })
        .collect();
    ring.push(ring[0]);
    Polygon::new(LineString(ring), Vec::new())
}

fn shape(area: Polygon<f64>) -> Shape {
    Shape::check(area.into(), ShapeLimits::UPLOAD, Consent::Refuse).unwrap().shape
}

fn layer(key: &str, coverage: &MultiPolygon<f64>, areas: Vec<MultiPolygon<f64>>) -> LayerSource {
    let feature = |(number, area): (usize, MultiPolygon<f64>)| FeatureSource {
        id: number.to_string(),
        name: String::new(),
        shape: Shape::check(area.into(), ShapeLimits::MAP, Consent::Refuse).unwrap().shape,
    };
    LayerSource {
        key: key.to_owned(),
        accuracy_m: 1.0,
        touch_counts: true,
        complete: true,
        coverage: Some(coverage.clone()),
        features: areas.into_iter().enumerate().map(feature).collect(),
    }
}

fn map(units: &[MultiPolygon<f64>], layers: Vec<LayerSource>) -> EditionMap {
    let unit = |(number, areas): (usize, &MultiPolygon<f64>)| UnitSource {
        code: format!("ZH3502032{number:04}"),
        name: String::new(),
        class: 2,
        areas: areas.clone(),
    };
    EditionMap::new(None, units.iter().enumerate().map(unit).collect(), layers, Tolerances::default())
}

fn near(a: f64, b: f64, slack: f64) -> bool {
    (a - b).abs() <= slack
}

fn same(one: &Ground, other: &Ground, slack: f64) {
    assert_eq!(one.units.len(), other.units.len());
    for (p, q) in one.units.iter().zip(&other.units) {
        assert!(p.code == q.code && near(p.size, q.size, slack), "{p:?} {q:?}");
    }
    for (key, p) in &one.layers {
        let q = &other.layers[key];
        assert!(p.meeting == q.meeting && p.inside == q.inside && p.coverage == q.coverage, "{p:?} {q:?}");
        assert!(near(p.area_m2, q.area_m2, slack), "{p:?} {q:?}");
        assert!(near(p.distance_m.unwrap(), q.distance_m.unwrap(), 1e-6), "{p:?} {q:?}");
    }
}

#[test]
fn pieces_add_up_and_writing_changes_nothing() {
    let mut chance = Chance(super::sizes::seed());
    let (columns, rows) = (6, 5);
    let units = tiling(&mut chance, columns, rows, 40);
    let city = frame(columns, rows);
    let red: Vec<_> = (0..6)
        .map(|k| {
            let at = Coord { x: EAST + 3_000.0 + 3_500.0 * f64::from(k), y: NORTH + 9_000.0 };
            MultiPolygon(vec![blob(&mut chance, at, 1_500.0, 60)])
        })
        .collect();
    let edition = map(&units, vec![layer("red", &city, red.clone())]);
    let mut short = 0;
    for _ in 0..super::sizes::size("zoning_tilings") {
        let at = Coord { x: EAST + chance.between(2e3, 22e3), y: NORTH + chance.between(2e3, 18e3) };
        let radius = 10.0_f64.powf(chance.between(0.5, 3.2));
        let count = 3 + chance.below(30);
        let parcel = blob(&mut chance, at, radius, count);
        let area = plane_area(&MultiPolygon(vec![parcel.clone()]));
        let ground = edition.ground(&shape(parcel.clone()), None, &Wanted::default());
        let sum: f64 = ground.units.iter().map(|piece| piece.size).sum();
        assert!(ground.tiled && near(sum, area, 1e-9 * area), "{sum} of {area}");
        assert_eq!(ground.layers["red"].coverage, Coverage::Complete);
        let whole: f64 = red.iter().map(|one| plane_area(&one.intersection(&parcel))).sum();
        assert!(near(ground.layers["red"].area_m2, whole, 0.2), "{whole} {:?}", ground.layers["red"]);

        // Another first vertex, another direction.
        let mut ring = parcel.exterior().0.clone();
        ring.pop();
        let by = chance.below(ring.len());
        ring.rotate_left(by);
        if chance.next() < 0.5 {
            ring.reverse();
        }
        let turned = Polygon::new(LineString(ring), Vec::new());
        same(&ground, &edition.ground(&shape(turned), None, &Wanted::default()), 1e-9 * area.max(1.0));

        // Bulk detail decides the same and never tells more than the truth.
        let quick = edition.ground(&shape(parcel), None, &Wanted { detail: Detail::Decision, ..Wanted::default() });
        let (full, quick) = (&ground.layers["red"], &quick.layers["red"]);
        assert_eq!((full.meeting, full.inside, full.share), (quick.meeting, quick.inside, quick.share));
        for (full, quick) in [(full.depth_m, quick.depth_m), (full.protrusion_m, quick.protrusion_m)] {
            assert!(quick <= full * 1.06 + 0.03, "{full} {quick} {ground:?}");
            short += usize::from(quick < 5.0 && !near(quick, full, 0.05 + 0.15 * full));
        }
    }
    assert!(short * 100 <= super::sizes::size("zoning_tilings"), "{short} fall short");
}

#[test]
fn moving_the_whole_world_changes_nothing() {
    let mut chance = Chance(super::sizes::seed());
    let units = tiling(&mut chance, 3, 3, 10);
    // A power of two far away: coordinates lose bits, areas must not.
    let moved = |areas: &MultiPolygon<f64>, dx: f64| {
        use geo::MapCoords;
        areas.map_coords(|c| Coord { x: c.x + dx, y: c.y })
    };
    let dx = 39_000_000.0;
    let far: Vec<_> = units.iter().map(|unit| moved(unit, dx)).collect();
    let (here, there) = (map(&units, Vec::new()), map(&far, Vec::new()));
    for _ in 0..200 {
        let at = Coord { x: EAST + chance.between(2e3, 10e3), y: NORTH + chance.between(2e3, 10e3) };
        let parcel = MultiPolygon(vec![blob(&mut chance, at, 900.0, 25)]);
        let shift = moved(&parcel, dx).0.remove(0);
        let p = here.ground(&shape(parcel.0[0].clone()), None, &Wanted::default());
        let q = there.ground(&shape(shift), None, &Wanted::default());
        same(&p, &q, 1e-3);
    }
}

#[test]
fn gaps_overlaps_and_slivers_are_found_with_their_size_and_place() {
    let mut chance = Chance(super::sizes::seed());
    let units = tiling(&mut chance, 5, 4, 60);
    let city = frame(5, 4);
    let rules = TopologyRules::default();
    let clean = check_units(&units, &city, &rules);
    assert!(clean.faults.is_empty() && clean.publishable(), "{:?}", clean.faults);
    assert!(near(clean.units_m2, clean.city_m2, 1e-3));

    // A notch of a triangle in a border point: base 2 d, height h.
    let notched = |area: f64, outwards: bool| {
        let mut units = units.clone();
        let mut ring = units[6].0[0].exterior().0.clone();
        let (p, q) = (ring[20], ring[21]);
        let length = (q.x - p.x).hypot(q.y - p.y);
        let h = 2.0 * area / length * if outwards { 1.0 } else { -1.0 };
        let middle = Coord {
            x: f64::midpoint(p.x, q.x) + (q.y - p.y) / length * h,
            y: f64::midpoint(p.y, q.y) - (q.x - p.x) / length * h,
        };
        ring.insert(21, middle);
        units[6] = MultiPolygon(vec![Polygon::new(LineString(ring), Vec::new())]);
        (check_units(&units, &city, &rules), middle)
    };
    for (outwards, kind) in [(false, FaultKind::Gap), (true, FaultKind::Overlap)] {
        for (area, gravity) in [(2.0, Gravity::Blocks), (0.5, Gravity::Warns)] {
            let (found, place) = notched(area, outwards);
            assert_eq!(found.faults.len(), 1, "{found:?}");
            let fault = &found.faults[0];
            assert_eq!((fault.kind, fault.gravity), (kind, gravity));
            assert!(near(fault.area_m2, area, 0.02) && fault.width_m < 0.1, "{fault:?}");
            assert!(near(fault.x, place.x, 60.0) && near(fault.y, place.y, 60.0), "{fault:?} {place:?}");
            assert_eq!(found.publishable(), gravity != Gravity::Blocks);
        }
        let (found, _) = notched(0.005, outwards);
        assert!(found.faults.is_empty() && found.ignored > 0);
    }

    let mut short = units.clone();
    short.remove(7);
    let found = check_units(&short, &city, &rules);
    assert!(found.faults.len() == 1 && found.faults[0].kind == FaultKind::Gap);
    let small = frame(5, 3);
    let found = check_units(&units, &small, &rules);
    assert!(found.faults.iter().all(|fault| fault.kind == FaultKind::Outside) && found.faults.len() >= 5);

    let twice = vec![units[3].clone(), units[9].clone(), units[3].clone()];
    let found = check_layer(&twice, &rules);
    assert!(found.faults.len() == 1 && found.faults[0].areas == [0, 2]);
}

#[test]
fn units_are_followed_from_edition_to_edition() {
    let mut chance = Chance(super::sizes::seed());
    let units = tiling(&mut chance, 4, 3, 20);
    let codes: Vec<String> = (0..units.len()).map(|n| format!("U{n}")).collect();
    let old: Vec<_> = codes.iter().map(String::as_str).zip(&units).collect();
    let same = lineage(&old, &old, &LineageRules::default());
    assert!(same.changes.iter().all(|change| matches!(change, Change::Same { old, new } if old == new)));
    let total: f64 = same.matrix.iter().map(|one| one.area_m2).sum();
    assert!(near(total, plane_area(&frame(4, 3)), 1e-3));

    // 0 and 1 merge; 5 is cut in two; 10 gives a strip to 11.
    let merged = units[0].union(&units[1]);
    let half = frame(4, 3).0[0].clone();
    let cut = {
        let west = EAST + 1.5 * CELL;
        let mut ring = half.exterior().0.clone();
        for c in &mut ring {
            c.x = c.x.min(west);
        }
        Polygon::new(LineString(ring), Vec::new())
    };
    let (left, right) = (units[5].intersection(&cut), units[5].difference(&cut));
    let strip = blob(&mut chance, Coord { x: EAST + 3.0 * CELL, y: NORTH + 2.5 * CELL }, 500.0, 12);
    let given = units[10].intersection(&strip);
    let (ten, eleven) = (units[10].difference(&given), units[11].union(&given));
    let mut new: Vec<(&str, &MultiPolygon<f64>)> = vec![("M", &merged), ("L", &left), ("R", &right)];
    new.extend(old.iter().copied().filter(|(code, _)| !["U0", "U1", "U5", "U10", "U11"].contains(code)));
    new.extend([("U10", &ten), ("U11", &eleven)]);
    let found = lineage(&old, &new, &LineageRules::default()).changes;
    let has = |wanted: &dyn Fn(&Change) -> bool| found.iter().filter(|change| wanted(change)).count();
    assert_eq!(has(&|c| matches!(c, Change::Merged { old, new } if old == &["U0", "U1"] && new == "M")), 1);
    assert_eq!(has(&|c| matches!(c, Change::Split { old, new } if old == "U5" && new.len() == 2)), 1);
    assert_eq!(has(&|c| matches!(c, Change::Moved { .. })), 2, "{found:?}");
    assert_eq!(has(&|c| matches!(c, Change::Same { .. })), 7, "{found:?}");
}

#[test]
fn overlay_says_what_siting_says() {
    let mut chance = Chance(super::sizes::seed());
    let units = tiling(&mut chance, 6, 5, 80);
    let edition = map(&units, Vec::new());
    let (mut xs, mut ys) = (Vec::new(), Vec::new());
    for _ in 0..3_000 {
        xs.push(EAST + chance.between(-1e3, 25e3));
        ys.push(NORTH + chance.between(-1e3, 21e3));
    }
    // Vertices of borders lie in no interior.
    for vertex in units[8].0[0].exterior().0.iter().take(50) {
        xs.push(vertex.x);
        ys.push(vertex.y);
    }
    xs.push(f64::NAN);
    ys.push(1.0);
    let points = Points::new(&xs, &ys);
    let mut parcels = Parcels::default();
    let mut shapes = Vec::new();
    let mut rings = Rings::default();
    for _ in 0..1_500 {
        let at = Coord { x: EAST + chance.between(-1e3, 25e3), y: NORTH + chance.between(-1e3, 21e3) };
        let (radius, count) = (10.0_f64.powf(chance.between(0.0, 3.8)), 3 + chance.below(150));
        let parcel = blob(&mut chance, at, radius, count);
        rings.clear();
        rings.push_areas(&MultiPolygon(vec![parcel.clone()]));
        parcels.push(&rings);
        shapes.push(shape(parcel));
    }
    parcels.finish();
    let (mut hits, mut pairs) = (Vec::new(), Vec::new());
    let (mut point_scratch, mut parcel_scratch) = (PointScratch::default(), ParcelScratch::default());
    for (zone, unit) in units.iter().enumerate() {
        rings.clear();
        rings.push_areas(unit);
        points.within(&rings, &mut point_scratch, |point| hits.push((point as usize, zone)));
        parcels.meeting(&rings, &mut parcel_scratch, |parcel, area| pairs.push((parcel as usize, zone, area)));
    }
    for (number, (x, y)) in xs.iter().zip(&ys).enumerate().filter(|(_, (x, _))| x.is_finite()) {
        let ground = edition.ground(&Shape::point(*x, *y).unwrap(), None, &Wanted::default());
        let inside: Vec<_> = hits.iter().filter(|hit| hit.0 == number).collect();
        let whole = ground.units.iter().filter(|piece| piece.share > 0.999).count();
        assert_eq!(inside.len(), if number < 3_000 { whole } else { 0 });
    }
    for (number, shape) in shapes.iter().enumerate() {
        let ground = edition.ground(shape, None, &Wanted::default());
        let found: Vec<_> = pairs.iter().filter(|pair| pair.0 == number && pair.2 > 0.0).collect();
        assert_eq!(found.len(), ground.units.len());
        for (_, zone, area) in found {
            let code = format!("ZH3502032{zone:04}");
            let piece = ground.units.iter().find(|piece| piece.code == code).unwrap();
            // Both sum signed parts as large as the parcel, so that neither knows a sliver better than some last places of
            // the parcel's area.
            let rounding = 16.0 * f64::EPSILON * plane_area(shape.areas().unwrap());
            assert!(near(piece.size, *area, 1e-9 * area + rounding), "{piece:?} {area}");
        }
    }
}

#[test]
fn coverage_accuracy_and_slivers_as_the_rules_need_them() {
    let at = |x: f64, y: f64| Coord { x: EAST + x, y: NORTH + y };
    let rect = |l: f64, b: f64, r: f64, t: f64| {
        Polygon::new(LineString(vec![at(l, b), at(r, b), at(r, t), at(l, t), at(l, b)]), Vec::new())
    };
    let multi = |p: Polygon<f64>| MultiPolygon(vec![p]);
    let surveyed = multi(rect(0.0, 0.0, 1_000.0, 1_000.0));
    // Two areas that touch along x = 200: one layer of 400 m × 200 m.
    let areas = vec![multi(rect(0.0, 0.0, 200.0, 200.0)), multi(rect(200.0, 0.0, 400.0, 200.0))];
    let edition = map(std::slice::from_ref(&surveyed), vec![layer("red", &surveyed, areas)]);
    let ask = |p: Polygon<f64>| edition.ground(&shape(p), None, &Wanted::default()).layers.remove("red").unwrap();

    let across = ask(rect(150.0, 50.0, 250.0, 150.0));
    assert!(across.inside && across.meeting == Meeting::Solid && near(across.share, 1.0, 1e-12));
    assert!(near(across.margin_m, 50.0, 1e-3), "the border between the two areas is none: {across:?}");
    assert!(near(across.depth_m, 100.0, 5.1) && across.features.len() == 2);

    let sliver = ask(rect(399.95, 50.0, 450.0, 150.0));
    assert_eq!(sliver.meeting, Meeting::Sliver);
    assert!(near(sliver.area_m2, 5.0, 1e-6) && near(sliver.sliver_width_m, 0.05, 1e-3), "{sliver:?}");
    assert!(near(sliver.depth_m, 0.05, 1e-6) && near(sliver.protrusion_m, 50.0, 2.6), "{sliver:?}");

    let beside = ask(rect(400.0, 50.0, 450.0, 150.0));
    assert!(beside.meeting == Meeting::Boundary && beside.area_m2 == 0.0 && beside.distance_m == Some(0.0));
    let away = ask(rect(430.0, 50.0, 450.0, 150.0));
    assert!(away.meeting == Meeting::Apart && near(away.distance_m.unwrap(), 30.0, 1e-9));
    assert_eq!(away.features[0].id, "1");

    assert_eq!(ask(rect(900.0, 500.0, 1_000.0, 600.0)).coverage, Coverage::Complete);
    assert_eq!(ask(rect(900.0, 500.0, 1_000.1, 600.0)).coverage, Coverage::Partial);
    assert_eq!(ask(rect(1_000.0, 500.0, 1_100.0, 600.0)).coverage, Coverage::Partial);
    assert_eq!(ask(rect(1_001.0, 500.0, 1_100.0, 600.0)).coverage, Coverage::None);

    // A distance rule of 300 m is answered only where 300 m around are surveyed.
    let keys = |reach| {
        let layers = zoning::siting::Choice::Keys([("red".to_owned(), reach), ("none".to_owned(), 0.0)].into());
        Wanted { layers, ..Wanted::default() }
    };
    let site = shape(rect(750.0, 500.0, 760.0, 510.0));
    let covered = |reach| edition.ground(&site, None, &keys(reach)).layers["red"].coverage;
    assert_eq!(
        (covered(0.0), covered(239.0), covered(241.0)),
        (Coverage::Complete, Coverage::Complete, Coverage::Partial)
    );
    assert!(!edition.ground(&site, None, &keys(0.0)).layers.contains_key("none"));
    assert!(edition.ground(&site, None, &keys(0.0)).outfall.is_none());
}
