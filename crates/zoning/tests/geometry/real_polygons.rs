//! 43,286 real polygons load, index and answer as GEOS does.

use std::collections::BTreeMap;
use std::io::Read;

use geo::{Coord, LineString, MultiPolygon, Polygon};
use zoning::overlay::{ParcelScratch, Parcels, PointScratch, Points, Rings};
use zoning::shape::{Consent, Shape, ShapeFault, ShapeLimits, ShapeNote};
use zoning::siting::{EditionMap, FeatureSource, LayerSource, Tolerances, UnitSource, Wanted};

use super::tilings::Chance;

const LAYERS: [(&str, usize); 2] = [("lsoa", 34_753), ("ward", 8_533)];
const POINTS: usize = 20_000;
/// Shared areas may differ by this, in square degrees: about ten square metres over all that a ward shares.
const NEAR: f64 = 1e-9;

struct Stream(std::vec::IntoIter<u8>);

impl Stream {
    fn next(&mut self) -> u64 {
        let (mut value, mut shift) = (0, 0);
        for byte in self.0.by_ref() {
            value |= u64::from(byte & 127) << shift;
            shift += 7;
            if byte < 128 {
                return value;
            }
        }
        panic!("the stream ended early")
    }

    fn count(&mut self) -> usize {
        self.next() as usize
    }

    fn signed(&mut self) -> i64 {
        let value = self.next();
        (value >> 1) as i64 ^ -((value & 1) as i64)
    }
}

/// The layers as they are in `polygons.bin.gz`, which lies there in three pieces.
fn layers() -> Vec<Vec<MultiPolygon<f64>>> {
    let piece = |n: u8| std::fs::read(super::testdata(&format!("polygons-uk/polygons.bin.gz.{n}"))).unwrap();
    let packed = [1, 2, 3].map(piece).concat();
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
    let mut rest = bytes.as_slice();
    let mut stream = || {
        let (length, tail) = rest.split_first_chunk::<4>().unwrap();
        let (stream, tail) = tail.split_at(u32::from_le_bytes(*length) as usize);
        rest = tail;
        Stream(Vec::from(stream).into_iter())
    };
    LAYERS.iter().map(|_| layer(stream(), stream(), stream())).collect()
}

fn layer(mut tree: Stream, mut xs: Stream, mut ys: Stream) -> Vec<MultiPolygon<f64>> {
    let read_ring = |tree: &mut Stream| (0..tree.count()).map(|_| tree.signed()).collect::<Vec<_>>();
    let read_polygon = |tree: &mut Stream| (0..tree.count()).map(|_| read_ring(tree)).collect::<Vec<_>>();
    let features: Vec<Vec<Vec<Vec<i64>>>> =
        (0..tree.count()).map(|_| (0..tree.count()).map(|_| read_polygon(&mut tree)).collect()).collect();
    let (mut x, mut y) = (0, 0);
    let mut step = || {
        x += xs.signed();
        y += ys.signed();
        Coord { x: x as f64 / 1e5, y: y as f64 / 1e5 }
    };
    let arcs: Vec<Vec<Coord<f64>>> = (0..tree.count()).map(|_| (0..tree.count()).map(|_| step()).collect()).collect();
    let ring = |refs: &Vec<i64>| {
        let mut corners = Vec::new();
        for arc in refs {
            let along = &arcs[arc.unsigned_abs() as usize - 1];
            if *arc > 0 {
                corners.extend(&along[..along.len() - 1]);
            } else {
                corners.extend(along[1..].iter().rev());
            }
        }
        corners.extend(corners.first().copied());
        LineString(corners)
    };
    let polygon = |rings: &Vec<Vec<i64>>| Polygon::new(ring(&rings[0]), rings[1..].iter().map(ring).collect());
    features.iter().map(|polygons| MultiPolygon(polygons.iter().map(polygon).collect())).collect()
}

/// What GEOS says: kind, layer, number, value.
fn answers() -> Vec<(String, usize, usize, String)> {
    let packed = std::fs::File::open(super::testdata("polygons-uk/answers.csv.gz")).unwrap();
    let mut table = csv::Reader::from_reader(flate2::read::GzDecoder::new(packed));
    let rows = table.records().map(|row| {
        let row = row.unwrap();
        let layer = LAYERS.iter().position(|(name, _)| *name == &row[1]).unwrap();
        (row[0].to_owned(), layer, row[2].parse().unwrap(), row[3].to_owned())
    });
    rows.collect()
}

fn rings(areas: &MultiPolygon<f64>) -> Rings {
    let mut rings = Rings::default();
    for area in areas {
        rings.push_ring(area.exterior().0.iter().map(|c| (c.x, c.y)), false);
        area.interiors().iter().for_each(|hole| rings.push_ring(hole.0.iter().map(|c| (c.x, c.y)), true));
    }
    rings
}

#[test]
fn real_polygons_answer_as_in_geos() {
    let layers = layers();
    let answers = answers();
    let of_kind = |kind: &'static str| answers.iter().filter(move |row| row.0 == kind);
    let vertices: usize = layers.iter().flatten().flat_map(MultiPolygon::iter).map(corners).sum();
    assert_eq!(layers.iter().map(Vec::len).collect::<Vec<_>>(), LAYERS.map(|(_, count)| count));
    assert_eq!(vertices, 2_926_306);

    // Which of them are sound. GEOS calls a ring that touches itself invalid; for us it is noted and taken.
    let invalid: BTreeMap<(usize, usize), &str> =
        of_kind("invalid").map(|row| ((row.1, row.2), row.3.as_str())).collect();
    assert_eq!(invalid.len(), 108);
    let mut shapes: Vec<Vec<Option<Shape>>> = layers.iter().map(|layer| vec![None; layer.len()]).collect();
    for (number, layer) in layers.iter().enumerate() {
        for (row, areas) in layer.iter().enumerate() {
            let reason = invalid.get(&(number, row)).copied();
            match Shape::check(areas.clone().into(), ShapeLimits::MAP, Consent::Refuse) {
                Ok(checked) if reason == Some("Ring Self-intersection") => {
                    let touches = checked.notes.iter().any(|note| matches!(note, ShapeNote::Touches { .. }));
                    assert!(touches, "{number} {row} touches itself");
                }
                Ok(checked) => {
                    assert_eq!(reason, None, "{number} {row}");
                    shapes[number][row] = Some(checked.shape);
                }
                Err(faults) => {
                    assert!(faults.iter().all(ShapeFault::repairable), "{number} {row}: {faults:?}");
                    assert_eq!(reason, Some("Self-intersection"), "{number} {row}: {faults:?}");
                    let mended = Shape::check(areas.clone().into(), ShapeLimits::MAP, Consent::Repair);
                    assert!(mended.is_ok(), "{number} {row}: {mended:?}");
                }
            }
        }
    }

    // Which points lie in which.
    let mut chance = Chance(43_286);
    let places: Vec<(f64, f64)> =
        (0..POINTS).map(|_| (-5.8 + 7.6 * chance.next(), 49.9 + 5.9 * chance.next())).collect();
    let (x, y): (Vec<f64>, Vec<f64>) = places.iter().copied().unzip();
    let points = Points::new(&x, &y);
    let mut hits: Vec<(usize, usize, usize)> = Vec::new();
    let mut scratch = PointScratch::default();
    for (number, layer) in shapes.iter().enumerate() {
        for (row, shape) in layer.iter().enumerate() {
            let Some(areas) = shape.as_ref().and_then(Shape::areas) else { continue };
            points.within(&rings(areas), &mut scratch, |point| hits.push((number, row, point as usize)));
        }
    }
    hits.sort_unstable();
    let mut expected: Vec<_> = of_kind("holds").map(|row| (row.1, row.2, row.3.parse().unwrap())).collect();
    expected.sort_unstable();
    assert_eq!(hits, expected);

    // How much wards share with the smaller areas.
    let mut parcels = Parcels::default();
    let empty = Rings::default();
    for shape in &shapes[0] {
        match shape.as_ref().and_then(Shape::areas) {
            Some(areas) => parcels.push(&rings(areas)),
            None => parcels.push(&empty),
        }
    }
    parcels.finish();
    let mut scratch = ParcelScratch::default();
    let mut shared = vec![(0_usize, 0.0_f64); shapes[1].len()];
    for (row, shape) in shapes[1].iter().enumerate() {
        let Some(areas) = shape.as_ref().and_then(Shape::areas) else { continue };
        parcels.meeting(&rings(areas), &mut scratch, |_, area| {
            shared[row].0 += 1;
            shared[row].1 += area;
        });
    }
    for row in of_kind("meets") {
        assert_eq!(shared[row.2].0, row.3.parse::<usize>().unwrap(), "ward {} meets", row.2);
    }
    let mut worst = 0.0_f64;
    for row in of_kind("shares") {
        worst = worst.max((shared[row.2].1 - row.3.parse::<f64>().unwrap()).abs());
    }
    let wards = of_kind("shares").count();
    assert_eq!(shared.iter().filter(|(count, _)| *count > 0).count(), wards);
    println!("{} hits; {wards} wards share areas within {worst:e} square degrees of GEOS", hits.len());
    assert!(worst < NEAR);

    // The same through an edition's map.
    let (units, features) = (unit_sources(&shapes[0]), feature_sources(&shapes[1]));
    let layer = LayerSource {
        key: "ward".to_owned(),
        accuracy_m: 0.0,
        touch_counts: false,
        complete: true,
        coverage: None,
        features,
    };
    let map = EditionMap::new(None, units, vec![layer], Tolerances::default());
    for (point, (x, y)) in places.iter().enumerate().step_by(20) {
        let ground = map.ground(&Shape::point(*x, *y).unwrap(), None, &Wanted::default());
        let of =
            |layer: usize| hits.iter().filter(move |hit| hit.0 == layer && hit.2 == point).map(|hit| hit.1.to_string());
        let found: Vec<String> = ground.units.iter().map(|unit| unit.code.clone()).collect();
        assert_eq!(found, of(0).collect::<Vec<_>>(), "units at {x} {y}");
        let finding = &ground.layers["ward"];
        let inside: Vec<String> = of(1).collect();
        assert_eq!(finding.distance_m == Some(0.0), !inside.is_empty(), "wards at {x} {y}");
        if !inside.is_empty() {
            let mut met: Vec<String> = finding.features.iter().map(|hit| hit.id.clone()).collect();
            met.sort_by_key(|id| id.parse::<usize>().unwrap());
            assert_eq!(met, inside, "wards at {x} {y}");
        }
    }
}

fn corners(polygon: &Polygon<f64>) -> usize {
    polygon.exterior().0.len() + polygon.interiors().iter().map(|ring| ring.0.len()).sum::<usize>()
}

fn unit_sources(shapes: &[Option<Shape>]) -> Vec<UnitSource> {
    let sound = shapes.iter().enumerate().filter_map(|(row, shape)| Some((row, shape.as_ref()?.areas()?)));
    sound
        .map(|(row, areas)| UnitSource { code: row.to_string(), name: String::new(), class: 1, areas: areas.clone() })
        .collect()
}

fn feature_sources(shapes: &[Option<Shape>]) -> Vec<FeatureSource> {
    let sound = shapes.iter().enumerate().filter_map(|(row, shape)| Some((row, shape.clone()?)));
    sound.map(|(row, shape)| FeatureSource { id: row.to_string(), name: String::new(), shape }).collect()
}
