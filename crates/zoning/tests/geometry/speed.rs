//! How long questions take on a made city of full size. Measurements, not proofs:
//! `cargo test -p zoning --test geometry speed -- --ignored --nocapture`.

use geo::{Coord, MultiPolygon};
use zoning::overlay::{ParcelScratch, Parcels, PointScratch, Points, Rings};
use zoning::shape::{Consent, Shape, ShapeLimits};
use zoning::siting::{Choice, Detail, EditionMap, FeatureSource, LayerSource, Tolerances, UnitSource, Wanted};

use super::tilings::{Chance, blob, frame, tiling};

const LAYERS: usize = 240;

/// Processor time of this thread: times on a shared machine say little.
#[derive(Clone, Copy)]
struct Clock(u64);

impl Clock {
    fn read() -> u64 {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
        text.split(' ').next().unwrap().parse().unwrap()
    }

    fn now() -> Self {
        Self(Self::read())
    }

    fn seconds(self) -> f64 {
        (Self::read() - self.0) as f64 / 1e9
    }
}

/// 135 units of about 1,500 vertices, 240 layers of 24 areas with 100 vertices.
fn edition(chance: &mut Chance) -> EditionMap {
    let (columns, rows) = (15, 9);
    let units = tiling(chance, columns, rows, 375);
    let city = frame(columns, rows);
    let bounds = (590_000.0, 2_700_000.0, 60_000.0, 36_000.0);
    let mut area = |radius: f64| {
        let at = Coord { x: bounds.0 + chance.next() * bounds.2, y: bounds.1 + chance.next() * bounds.3 };
        let parcel = blob(chance, at, radius, 100);
        Shape::check(parcel.into(), ShapeLimits::MAP, Consent::Refuse).unwrap().shape
    };
    let layers = (0..LAYERS)
        .map(|number| LayerSource {
            key: format!("layer_{number}"),
            accuracy_m: 5.0,
            touch_counts: true,
            complete: true,
            coverage: Some(city.clone()),
            features: (0..24)
                .map(|id| FeatureSource { id: id.to_string(), name: String::new(), shape: area(2_000.0) })
                .collect(),
        })
        .collect();
    let unit = |(number, areas): (usize, MultiPolygon<f64>)| UnitSource {
        code: format!("ZH3502032{number:04}"),
        name: String::new(),
        class: 2,
        areas,
    };
    let started = Clock::now();
    let units = units.into_iter().enumerate().map(unit).collect();
    let map = EditionMap::new(zoning::crs::Zone::from_epsg(4548), units, layers, Tolerances::default());
    println!("edition prepared in {:.2} s", started.seconds());
    map
}

#[test]
#[ignore = "a measurement"]
fn speed_of_siting() {
    let mut chance = Chance(7);
    let map = edition(&mut chance);
    let parcels: Vec<Shape> = (0..4_000)
        .map(|_| {
            let at = Coord { x: 592_000.0 + chance.next() * 56_000.0, y: 2_702_000.0 + chance.next() * 32_000.0 };
            let count = 5 + chance.below(30);
            let radius = 10.0_f64.powf(chance.between(1.0, 2.7));
            let parcel = blob(&mut chance, at, radius, count);
            Shape::check(parcel.into(), ShapeLimits::UPLOAD, Consent::Refuse).unwrap().shape
        })
        .collect();
    let keys = (0..30).map(|n| (format!("layer_{}", n * 8), 0.0)).collect();
    let bulk = Wanted { layers: Choice::Keys(keys), detail: Detail::Decision, ..Wanted::default() };
    for (name, wanted, count) in [("bulk, 30 layers", &bulk, 4_000), ("full, 240 layers", &Wanted::default(), 400)] {
        let started = Clock::now();
        let mut slowest = 0.0_f64;
        let mut met = 0;
        for parcel in &parcels[..count] {
            let one = Clock::now();
            let ground = map.ground(parcel, None, wanted);
            met += ground.layers.values().filter(|layer| layer.share > 0.0).count();
            slowest = slowest.max(one.seconds());
        }
        let each = started.seconds() / count as f64;
        println!("{name}: {:.1} µs a project, slowest {:.2} ms, {met} layers met", each * 1e6, slowest * 1e3);
    }
}

#[test]
#[ignore = "a measurement"]
fn speed_of_overlay() {
    let mut chance = Chance(11);
    let (columns, rows) = (210, 210);
    let zones = tiling(&mut chance, columns, rows, 72);
    let side = 4_000.0 * columns as f64;
    let place =
        |chance: &mut Chance| Coord { x: 590_000.0 + chance.next() * side, y: 2_700_000.0 + chance.next() * side };
    let zones: Vec<Rings> = zones
        .iter()
        .map(|zone| {
            let mut rings = Rings::default();
            rings.push_areas(zone);
            rings
        })
        .collect();
    println!("{} zones, {} vertices", zones.len(), zones.iter().map(Rings::vertices).sum::<usize>());
    let at: Vec<Coord<f64>> = (0..1_000_000).map(|_| place(&mut chance)).collect();
    let (xs, ys): (Vec<f64>, Vec<f64>) = at.iter().map(|c| (c.x, c.y)).unzip();
    let started = Clock::now();
    let points = Points::new(&xs, &ys);
    let built = started.seconds();
    let mut scratch = PointScratch::default();
    let mut hits = 0;
    for zone in &zones {
        points.within(zone, &mut scratch, |_| hits += 1);
    }
    println!("points: index {built:.2} s, all {:.2} s, {hits} hits", started.seconds());

    let mut rings = Rings::default();
    let areas: Vec<Rings> = (0..100_000)
        .map(|_| {
            let count = 10 + chance.below(50);
            let center = place(&mut chance);
            let radius = 60.0 * 10.0_f64.powf(chance.between(0.0, 1.5));
            rings.clear();
            rings.push_areas(&MultiPolygon(vec![blob(&mut chance, center, radius, count)]));
            rings.clone()
        })
        .collect();
    let started = Clock::now();
    let mut parcels = Parcels::default();
    areas.iter().for_each(|area| parcels.push(area));
    parcels.finish();
    let built = started.seconds();
    let mut scratch = ParcelScratch::default();
    let (mut pairs, mut sum) = (0, 0.0);
    for zone in &zones {
        parcels.meeting(zone, &mut scratch, |_, area| {
            pairs += 1;
            sum += area;
        });
    }
    println!("parcels: index {built:.2} s, all {:.2} s, {pairs} pairs, {sum} m²", started.seconds());
}
