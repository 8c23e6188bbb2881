//! Vector tiles (MVT 2.1) of one layer: cut from geometries in Web Mercator, thinned to what a screen can show.

use geo::{BoundingRect, Coord, Geometry, LineString, MultiLineString, MultiPolygon, Polygon, Rect};
use geozero::ToMvt;
use geozero::mvt::{Message, Tile, tile};

/// Units of a tile's side.
const EXTENT: u32 = 4096;
/// How far beyond its edge a tile is drawn, as a share of its side.
const BUFFER: f64 = 1.0 / 64.0;
/// Half of the side of the world in metres.
const WORLD: f64 = 20_037_508.342_789_244;
/// The finest zoom that is served.
pub const ZOOM_MAX: u8 = 20;

/// A feature ready to be drawn.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// Code or number.
    pub id: String,
    /// Name.
    pub name: String,
    /// Class of a unit.
    pub class: Option<u8>,
    bounds: Rect<f64>,
    shape: Geometry<f64>,
}

impl Drawn {
    /// From longitude and latitude; none when it cannot be drawn.
    #[must_use]
    pub fn new(id: String, name: String, class: Option<u8>, degrees: &Geometry<f64>) -> Option<Self> {
        use geo::MapCoords;
        let shape = degrees.map_coords(mercator);
        Some(Self { id, name, class, bounds: shape.bounding_rect()?, shape })
    }

    /// West, south, east and north in degrees.
    #[must_use]
    pub fn degrees(&self) -> [f64; 4] {
        let back = |c: Coord<f64>| {
            let lat =
                (2.0 * (c.y / WORLD * std::f64::consts::PI).exp().atan() - std::f64::consts::FRAC_PI_2).to_degrees();
            (c.x / WORLD * 180.0, lat)
        };
        let ((west, south), (east, north)) = (back(self.bounds.min()), back(self.bounds.max()));
        [west, south, east, north]
    }
}

fn mercator(c: Coord<f64>) -> Coord<f64> {
    let y = c.y.clamp(-85.0, 85.0).to_radians();
    Coord {
        x: c.x / 180.0 * WORLD,
        y: ((std::f64::consts::FRAC_PI_4 + y / 2.0).tan()).ln() / std::f64::consts::PI * WORLD,
    }
}

/// The tile of a layer at z/x/y; empty when nothing lies there, none when there is no such tile.
#[must_use]
pub fn tile(layer: &str, features: &[Drawn], z: u8, x: u32, y: u32) -> Option<Vec<u8>> {
    let count = 1u32.checked_shl(u32::from(z)).filter(|count| z <= ZOOM_MAX && x < *count && y < *count)?;
    let side = 2.0 * WORLD / f64::from(count);
    let (left, top) = (f64::from(x) * side - WORLD, WORLD - f64::from(y) * side);
    let (right, bottom) = (left + side, top - side);
    let edge = side * BUFFER;
    let window = Rect::new(Coord { x: left - edge, y: bottom - edge }, Coord { x: right + edge, y: top + edge });
    let step = side / f64::from(EXTENT) * 4.0;
    let keys = ["id", "name", "class"].map(str::to_owned).to_vec();
    let mut drawn =
        tile::Layer { version: 2, name: layer.to_owned(), extent: Some(EXTENT), keys, ..tile::Layer::default() };
    for (number, feature) in features.iter().enumerate() {
        let Some(cut) = meets(&feature.bounds, &window).then(|| cut(&feature.shape, &window, step)).flatten() else {
            continue;
        };
        let Ok(mut made) = cut.to_mvt(EXTENT, left, bottom, right, top) else { continue };
        if made.geometry.is_empty() {
            continue;
        }
        made.id = Some(number as u64 + 1);
        let mut tag = |key: u32, value: tile::Value| {
            made.tags.extend([key, drawn.values.len() as u32]);
            drawn.values.push(value);
        };
        tag(0, tile::Value { string_value: Some(feature.id.clone()), ..tile::Value::default() });
        tag(1, tile::Value { string_value: Some(feature.name.clone()), ..tile::Value::default() });
        if let Some(class) = feature.class {
            tag(2, tile::Value { string_value: Some(class.to_string()), ..tile::Value::default() });
        }
        drawn.features.push(made);
    }
    let layers = if drawn.features.is_empty() { Vec::new() } else { vec![drawn] };
    Some(Tile { layers }.encode_to_vec())
}

fn meets(a: &Rect<f64>, b: &Rect<f64>) -> bool {
    a.min().x <= b.max().x && b.min().x <= a.max().x && a.min().y <= b.max().y && b.min().y <= a.max().y
}

/// The part of a shape in a window, thinned; none when nothing is left.
fn cut(shape: &Geometry<f64>, window: &Rect<f64>, step: f64) -> Option<Geometry<f64>> {
    let polygon = |polygon: &Polygon<f64>| -> Option<Polygon<f64>> {
        let shell = ring(polygon.exterior(), window, step)?;
        let holes = polygon.interiors().iter().filter_map(|hole| ring(hole, window, step)).collect();
        Some(Polygon::new(shell, holes))
    };
    match shape {
        Geometry::Polygon(one) => polygon(one).map(Geometry::Polygon),
        Geometry::MultiPolygon(all) => {
            let parts: Vec<_> = all.iter().filter_map(polygon).collect();
            (!parts.is_empty()).then_some(Geometry::MultiPolygon(MultiPolygon(parts)))
        }
        Geometry::LineString(line) => Some(Geometry::LineString(thinned(&line.0, step, false))),
        Geometry::MultiLineString(lines) => {
            let lines = lines.iter().map(|line| thinned(&line.0, step, false)).collect();
            Some(Geometry::MultiLineString(MultiLineString(lines)))
        }
        other => Some(other.clone()),
    }
}

/// A ring cut to a window side by side (Sutherland–Hodgman), then thinned; none when too little is left.
fn ring(ring: &LineString<f64>, window: &Rect<f64>, step: f64) -> Option<LineString<f64>> {
    let (min, max) = (window.min(), window.max());
    let mut points: Vec<Coord<f64>> = ring.0.split_last().map(|(_, rest)| rest.to_vec()).unwrap_or_default();
    /// Which coordinate a side bounds, where, and on which hand the inside lies.
    type Side = (fn(Coord<f64>) -> f64, f64, f64);
    let sides: [Side; 4] =
        [(|c| c.x, min.x, 1.0), (|c| c.x, max.x, -1.0), (|c| c.y, min.y, 1.0), (|c| c.y, max.y, -1.0)];
    for (along, limit, sign) in sides {
        let beyond = |c: Coord<f64>| (along(c) - limit) * sign;
        if points.iter().all(|c| beyond(*c) >= 0.0) {
            continue;
        }
        let mut kept = Vec::with_capacity(points.len());
        for (number, &b) in points.iter().enumerate() {
            let a = points[(number + points.len() - 1) % points.len()];
            let (at, bt) = (beyond(a), beyond(b));
            if (at >= 0.0) != (bt >= 0.0) {
                let share = at / (at - bt);
                kept.push(a + (b - a) * share);
            }
            if bt >= 0.0 {
                kept.push(b);
            }
        }
        points = kept;
    }
    points.extend(points.first().copied());
    let line = thinned(&points, step, true);
    (line.0.len() >= 4).then_some(line)
}

/// Without points that lie nearer to the one before than a screen can show.
fn thinned(points: &[Coord<f64>], step: f64, closed: bool) -> LineString<f64> {
    let mut kept: Vec<Coord<f64>> = Vec::with_capacity(points.len());
    for (number, point) in points.iter().enumerate() {
        let near = kept.last().is_some_and(|last| (last.x - point.x).abs() < step && (last.y - point.y).abs() < step);
        if !near || number + 1 == points.len() {
            kept.push(*point);
        }
    }
    if closed && kept.len() > 1 && kept.first() != kept.last() {
        kept.push(kept[0]);
    }
    LineString(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, side: f64) -> Geometry<f64> {
        let ring = vec![(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)];
        Geometry::Polygon(Polygon::new(LineString::from(ring), Vec::new()))
    }

    #[test]
    fn a_tile_holds_what_lies_in_it() {
        let inside = Drawn::new("a".into(), "甲".into(), Some(1), &square(118.0, 24.4, 0.1)).unwrap();
        let far = Drawn::new("b".into(), "乙".into(), None, &square(10.0, 10.0, 0.1)).unwrap();
        // Web Mercator tile 10/847/440 covers 117.77–118.13° E, 24.21–24.53° N.
        let bytes = tile("units", &[inside, far], 10, 847, 440).unwrap();
        let read = Tile::decode(bytes.as_slice()).unwrap();
        assert_eq!(read.layers.len(), 1);
        assert_eq!(read.layers[0].features.len(), 1);
        assert_eq!(read.layers[0].values[0].string_value.as_deref(), Some("a"));
        assert!(tile("units", &[], 3, 8, 0).is_none());
        assert!(tile("units", &[], 3, 7, 0).unwrap().is_empty());
    }

    #[test]
    fn a_ring_is_cut_to_its_window() {
        let Geometry::Polygon(big) = square(0.0, 0.0, 10.0) else { unreachable!() };
        let window = Rect::new(Coord { x: 4.0, y: 4.0 }, Coord { x: 20.0, y: 6.0 });
        let cut = ring(big.exterior(), &window, 0.0).unwrap();
        let area = geo::Area::unsigned_area(&Polygon::new(cut, Vec::new()));
        assert!((area - 12.0).abs() < 1e-9, "{area}");
    }
}
