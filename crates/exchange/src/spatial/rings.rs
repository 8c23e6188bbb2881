//! Rings to polygons: closing, the least number of points, holes by orientation.

use super::limits::Refusal;
use geo::{Area, BoundingRect, Contains, Coord, LineString, MultiPolygon, Polygon, Rect};

/// A ring, closed when it was not; repeated neighbours stay.
pub(crate) fn ring(mut points: Vec<Coord<f64>>) -> Result<LineString<f64>, Refusal> {
    if let (Some(&first), Some(&last)) = (points.first(), points.last())
        && first != last
    {
        points.push(first);
    }
    if points.len() < 4 {
        return Err(Refusal::shape("ring_short", &format!("{} points", points.len())));
    }
    Ok(LineString(points))
}

/// A polygon of an outer ring and its holes; none when there is no ring.
pub(crate) fn polygon(rings: Vec<Vec<Coord<f64>>>) -> Result<Option<Polygon<f64>>, Refusal> {
    let mut rings = rings.into_iter().map(ring);
    let Some(outer) = rings.next() else { return Ok(None) };
    Ok(Some(Polygon::new(outer?, rings.collect::<Result<_, _>>()?)))
}

/// The polygons of a bag of rings of which the outer ones run clockwise, as in a shapefile. A hole belongs to the
/// smallest outer ring round it; one without any stands as an outer ring. Also tells how many such there were.
pub(crate) fn by_orientation(rings: Vec<Vec<Coord<f64>>>) -> Result<(MultiPolygon<f64>, usize), Refusal> {
    let mut outers: Vec<(Polygon<f64>, Rect<f64>, f64)> = Vec::new();
    let mut holes = Vec::new();
    for points in rings {
        let polygon = Polygon::new(ring(points)?, Vec::new());
        let Some(rect) = polygon.bounding_rect() else { continue };
        let area = polygon.signed_area();
        if area < 0.0 { outers.push((polygon, rect, -area)) } else { holes.push((polygon, rect, area)) }
    }
    let mut order: Vec<usize> = (0..outers.len()).collect();
    order.sort_by(|&a, &b| outers[a].2.total_cmp(&outers[b].2));
    let mut strays = Vec::new();
    for (hole, rect, area) in holes {
        let home = order.iter().copied().find(|&n| {
            let (outer, around, size) = &outers[n];
            *size >= area && encloses(around, &rect) && holds(outer, &hole)
        });
        match home {
            Some(n) => {
                let (_, interior) = (hole.exterior(), hole.exterior().clone());
                outers[n].0.interiors_push(interior);
            }
            None => strays.push(hole),
        }
    }
    let stray_count = strays.len();
    let mut polygons: Vec<_> = outers.into_iter().map(|(polygon, ..)| polygon).collect();
    polygons.extend(strays);
    Ok((MultiPolygon(polygons), stray_count))
}

fn encloses(outer: &Rect<f64>, inner: &Rect<f64>) -> bool {
    outer.min().x <= inner.min().x
        && outer.min().y <= inner.min().y
        && outer.max().x >= inner.max().x
        && outer.max().y >= inner.max().y
}

/// Whether a ring lies in another: told by its first vertex that is not on the other's edge, else by a point within.
pub(crate) fn holds(outer: &Polygon<f64>, inner: &Polygon<f64>) -> bool {
    let shell = Polygon::new(outer.exterior().clone(), Vec::new());
    let clear = inner.exterior().0.iter().find(|point| !shell.exterior().contains(*point));
    match clear {
        Some(point) => shell.contains(point),
        None => true,
    }
}
