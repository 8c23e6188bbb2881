//! How large and how far: areas on the plane of a zone and on the ellipsoid, lengths on the ground.
//!
//! The plane area of the edition's Gauss–Krüger zone is the official one; the ellipsoidal one is its control:
//! the two must differ by the square of the zone's scale and by nothing else.

use geo::{Coord, LineString, MultiLineString, MultiPolygon};
use geographiclib_rs::{Geodesic, InverseGeodesic, PolygonArea, Winding};

use crate::crs::gauss::{A, F};
use crate::crs::{Crs, CrsFault, Zone};
use crate::plane::edge::doubled_area;

/// A sum that loses nothing to the size of its parts (Neumaier).
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    /// Adds a part.
    pub fn add(&mut self, part: f64) {
        let next = self.sum + part;
        self.lost += if self.sum.abs() >= part.abs() { (self.sum - next) + part } else { (part - next) + self.sum };
        self.sum = next;
    }

    /// The sum.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.sum + self.lost
    }
}

impl FromIterator<f64> for Sum {
    fn from_iter<I: IntoIterator<Item = f64>>(parts: I) -> Self {
        let mut sum = Self::default();
        parts.into_iter().for_each(|part| sum.add(part));
        sum
    }
}

/// Area on the plane, holes taken off, in squared units of the coordinates.
#[must_use]
pub fn plane_area(areas: &MultiPolygon<f64>) -> f64 {
    let mut sum = Sum::default();
    for area in areas {
        sum.add(ring_area(area.exterior()));
        area.interiors().iter().for_each(|hole| sum.add(-ring_area(hole)));
    }
    sum.value()
}

/// Compensated around the first point.
fn ring_area(ring: &LineString<f64>) -> f64 {
    let Some(&o) = ring.0.first() else { return 0.0 };
    let parts = ring.0.windows(2).map(|w| (w[0].x - o.x) * (w[1].y - o.y) - (w[1].x - o.x) * (w[0].y - o.y));
    (parts.collect::<Sum>().value() / 2.0).abs()
}

/// Length on the plane.
#[must_use]
pub fn plane_length(lines: &MultiLineString<f64>) -> f64 {
    let steps = lines.iter().flat_map(|line| line.0.windows(2));
    steps.map(|w| (w[1].x - w[0].x).hypot(w[1].y - w[0].y)).collect::<Sum>().value()
}

fn ellipsoid() -> Geodesic {
    Geodesic::new(A, F)
}

/// Area on the ellipsoid of CGCS2000 in m², from longitudes and latitudes in degrees (Karney's geodesic polygons).
#[must_use]
pub fn ellipsoid_area(degrees: &MultiPolygon<f64>) -> f64 {
    let geodesic = ellipsoid();
    let mut sum = Sum::default();
    for area in degrees {
        sum.add(geodesic_ring(&geodesic, area.exterior()));
        area.interiors().iter().for_each(|hole| sum.add(-geodesic_ring(&geodesic, hole)));
    }
    sum.value()
}

fn geodesic_ring(geodesic: &Geodesic, ring: &LineString<f64>) -> f64 {
    let winding = if doubled_area(&ring.0) > 0.0 { Winding::CounterClockwise } else { Winding::Clockwise };
    let mut polygon = PolygonArea::new(geodesic, winding);
    for point in ring.0.iter().skip(1) {
        polygon.add_point(point.y, point.x);
    }
    let (_, area, _) = polygon.compute(true);
    area.abs()
}

/// Distance on the ellipsoid of CGCS2000 in metres between two places in degrees.
#[must_use]
pub fn ellipsoid_distance(p: Coord<f64>, q: Coord<f64>) -> f64 {
    ellipsoid().inverse(p.y, p.x, q.y, q.x)
}

/// Length on the ellipsoid of lines in degrees.
#[must_use]
pub fn ellipsoid_length(degrees: &MultiLineString<f64>) -> f64 {
    let geodesic = ellipsoid();
    let steps = degrees.iter().flat_map(|line| line.0.windows(2));
    steps
        .map(|w| {
            let metres: f64 = geodesic.inverse(w[0].y, w[0].x, w[1].y, w[1].x);
            metres
        })
        .collect::<Sum>()
        .value()
}

/// Plane and ellipsoidal area of one area side by side.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct AreaControl {
    /// On the plane of the zone: the official figure, m².
    pub plane_m2: f64,
    /// On the ellipsoid, m².
    pub ellipsoid_m2: f64,
    /// Plane over ellipsoid, less one.
    pub excess: f64,
    /// What the zone's scale lets expect for it.
    pub expected: f64,
}

impl AreaControl {
    /// Whether both areas tell of the same ground: the excess is as expected within 10⁻⁵.
    #[must_use]
    pub fn agrees(&self) -> bool {
        (self.excess - self.expected).abs() < 1e-5
    }
}

/// Measures an area given on the plane of a zone both ways.
///
/// # Errors
///
/// When a coordinate is none of the zone.
pub fn area_control(zone: &Zone, plane: &MultiPolygon<f64>) -> Result<AreaControl, CrsFault> {
    use geo::MapCoords;
    let crs = Crs::Gauss(*zone);
    let degrees = plane.try_map_coords(|c| crs.to_geographic(c))?;
    let (plane_m2, ellipsoid_m2) = (plane_area(plane), ellipsoid_area(&degrees));
    Ok(AreaControl {
        plane_m2,
        ellipsoid_m2,
        excess: plane_m2 / ellipsoid_m2 - 1.0,
        expected: mean_excess(zone, plane),
    })
}

/// Mean of scale² − 1 over an area: scale² is nearly a parabola in the easting, whose mean over each triangle of a
/// fan is that over its three mid-sides.
fn mean_excess(zone: &Zone, plane: &MultiPolygon<f64>) -> f64 {
    let (mut weighted, mut whole) = (Sum::default(), Sum::default());
    let excess = |p: Coord<f64>, q: Coord<f64>| {
        let k = zone.scale(Coord { x: f64::midpoint(p.x, q.x), y: f64::midpoint(p.y, q.y) });
        k * k - 1.0
    };
    for area in plane {
        for (ring, shell) in std::iter::once((area.exterior(), true)).chain(area.interiors().iter().map(|r| (r, false)))
        {
            let Some(&o) = ring.0.first() else { continue };
            let turned = (doubled_area(&ring.0) > 0.0) != shell;
            for w in ring.0.windows(2) {
                let twice = (w[0].x - o.x) * (w[1].y - o.y) - (w[1].x - o.x) * (w[0].y - o.y);
                let part = if turned { -twice } else { twice };
                whole.add(part);
                weighted.add(part * (excess(o, w[0]) + excess(w[0], w[1]) + excess(w[1], o)) / 3.0);
            }
        }
    }
    weighted.value() / whole.value()
}
