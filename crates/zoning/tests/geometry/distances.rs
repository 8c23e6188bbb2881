//! Distances of the map are plane distances over the scale at the project. Against geodesics on the ellipsoid they are
//! within 0.5 m up to 5 km, and within 1:10,000 beyond, anywhere in the city. On the plane of the neighbouring zone,
//! whose meridian is farther away, the second is 1:5,000.

use geo::{Coord, LineString, Polygon};
use zoning::crs::{Crs, Zone};
use zoning::measure::ellipsoid_distance;
use zoning::shape::{Consent, Shape, ShapeLimits};
use zoning::siting::{EditionMap, FeatureSource, LayerSource, Tolerances, Wanted};

use super::tilings::Chance;

/// Xiamen with its bays, in degrees.
const WEST_SOUTH: (f64, f64) = (117.88, 24.38);
const EAST_NORTH: (f64, f64) = (118.48, 24.92);
const NEAR_M: f64 = 5_000.0;
const OFF_NEAR_M: f64 = 0.5;
const OFF_FAR_SHARE: f64 = 1e-4;
const OFF_FAR_SHARE_NEXT_ZONE: f64 = 2e-4;

fn somewhere(chance: &mut Chance) -> Coord<f64> {
    Coord { x: chance.between(WEST_SOUTH.0, EAST_NORTH.0), y: chance.between(WEST_SOUTH.1, EAST_NORTH.1) }
}

/// The distance that the map tells from a place to a shape, both in degrees.
fn told(zone: Zone, from: Coord<f64>, to: geo::Geometry<f64>) -> f64 {
    let plane = |geometry: geo::Geometry<f64>| {
        let shape = Shape::check(geometry, ShapeLimits::MAP, Consent::Refuse).unwrap().shape;
        Crs::Cgcs2000.carry_shape(&Crs::Gauss(zone), &shape).unwrap()
    };
    let feature = FeatureSource { id: "1".to_owned(), name: String::new(), shape: plane(to) };
    let layer = LayerSource {
        key: "layer".to_owned(),
        accuracy_m: 0.0,
        touch_counts: false,
        complete: true,
        coverage: None,
        features: vec![feature],
    };
    let map = EditionMap::new(Some(zone), Vec::new(), vec![layer], Tolerances::default());
    let ground = map.ground(&plane(geo::Point::from(from).into()), None, &Wanted::default());
    ground.layers["layer"].distance_m.unwrap()
}

/// The shortest geodesic from a place to the corners and edges of a ring: each edge is halved towards its nearest
/// place, which is one only on an edge as short as these.
fn geodesic_to(from: Coord<f64>, zone: Zone, ring: &[Coord<f64>]) -> f64 {
    let edges = ring.windows(2).map(|edge| {
        // An edge is straight on the plane.
        let (a, b) = (zone.forward(edge[0]).unwrap(), zone.forward(edge[1]).unwrap());
        let at = |t: f64| {
            let place = zone.inverse(Coord { x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t }).unwrap();
            ellipsoid_distance(from, place)
        };
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..60 {
            let (left, right) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
            if at(left) < at(right) { high = right } else { low = left }
        }
        at(f64::midpoint(low, high))
    });
    edges.fold(f64::INFINITY, f64::min)
}

#[derive(Default)]
struct Worst {
    near_m: f64,
    far_share: f64,
    pairs: [usize; 2],
}

impl Worst {
    fn take(&mut self, told: f64, true_m: f64) {
        let off = (told - true_m).abs();
        if true_m <= NEAR_M {
            self.near_m = self.near_m.max(off);
            self.pairs[0] += 1;
        } else {
            self.far_share = self.far_share.max(off / true_m);
            self.pairs[1] += 1;
        }
    }

    fn hold(&self, what: &str, far_share: f64) {
        println!(
            "{what}: {} pairs up to 5 km off by at most {:.3} m, {} beyond by at most 1:{:.0}",
            self.pairs[0],
            self.near_m,
            self.pairs[1],
            1.0 / self.far_share
        );
        assert!(self.pairs[0] > 100 && self.pairs[1] > 100);
        assert!(self.near_m < OFF_NEAR_M && self.far_share < far_share, "{what}");
    }
}

#[test]
fn distances_between_points_are_those_of_the_ellipsoid() {
    let seed = super::sizes::seed();
    let mut chance = Chance(seed);
    // The zone of the city, and its neighbour, whose meridian is farther.
    for (number, far_share) in [(39, OFF_FAR_SHARE), (40, OFF_FAR_SHARE_NEXT_ZONE)] {
        let zone = Zone::new(zoning::crs::Strip::Three, number, false).unwrap();
        let mut worst = Worst::default();
        let corners = [WEST_SOUTH, EAST_NORTH, (WEST_SOUTH.0, EAST_NORTH.1), (EAST_NORTH.0, WEST_SOUTH.1)];
        for from in corners.map(Coord::from) {
            for to in corners.map(Coord::from).into_iter().filter(|to| *to != from) {
                worst.take(told(zone, from, geo::Point::from(to).into()), ellipsoid_distance(from, to));
            }
        }
        for pair in 0..2_000 {
            let from = somewhere(&mut chance);
            let to = if pair % 2 == 0 {
                somewhere(&mut chance)
            } else {
                Coord { x: from.x + chance.between(-0.04, 0.04), y: from.y + chance.between(-0.04, 0.04) }
            };
            worst.take(told(zone, from, geo::Point::from(to).into()), ellipsoid_distance(from, to));
        }
        worst.hold(&format!("points, zone {number}"), far_share);
    }
}

#[test]
fn distances_to_areas_are_those_of_the_ellipsoid() {
    let seed = super::sizes::seed();
    let mut chance = Chance(seed);
    let zone = Zone::from_epsg(4548).unwrap();
    let mut worst = Worst::default();
    while worst.pairs.iter().any(|count| *count <= 150) {
        let from = somewhere(&mut chance);
        let middle = if worst.pairs[0] > worst.pairs[1] {
            somewhere(&mut chance)
        } else {
            Coord { x: from.x + chance.between(-0.05, 0.05), y: from.y + chance.between(-0.05, 0.05) }
        };
        let size = 10.0_f64.powf(chance.between(-4.0, -1.5));
        let corner = |turn: f64| Coord { x: middle.x + size * turn.cos(), y: middle.y + size * turn.sin() };
        let first = chance.between(0.0, 2.0);
        let ring = [corner(first), corner(first + 1.8), corner(first + 4.0), corner(first)];
        let inside = geo::Contains::contains(&Polygon::new(LineString(ring.to_vec()), Vec::new()), &from);
        if !inside {
            let area = Polygon::new(LineString(ring.to_vec()), Vec::new());
            worst.take(told(zone, from, area.into()), geodesic_to(from, zone, &ring));
        }
    }
    worst.hold("areas", OFF_FAR_SHARE);
}
