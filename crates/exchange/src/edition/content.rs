//! The content of an edition in canonical form, and its hash.
//!
//! Coordinates are CGCS2000 longitude and latitude on a grid; rings start at their least corner, shells run
//! anticlockwise and holes clockwise; parts, holes, lines and features are in a fixed order; attributes stand under
//! their meanings, empty ones not at all; text files have one kind of line end.

use super::{ContentHash, EditionFiles, LayerEntry};
use crate::spatial::{FeatureTable, number_text};
use geo::{Coord, Geometry, LineString, Polygon};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use zoning::crs::Crs;

/// Grid of longitude and latitude, in degrees: about a tenth of a millimetre.
pub const GRID_DEGREES: f64 = 1e-9;
/// Grid of plane coordinates, in metres.
pub const GRID_METRES: f64 = 1e-4;

type Corner = (i64, i64);
/// Makes the canonical bytes of a part.
type Canonical<'a> = Box<dyn Fn() -> Vec<u8> + Sync + 'a>;

pub(crate) fn hash(files: &EditionFiles) -> ContentHash {
    let mut tasks: Vec<(String, Canonical<'_>)> = Vec::new();
    let head = &files.head;
    tasks.push((
        "head".to_owned(),
        Box::new(move || {
            let day = |day: Option<norms::Day>| day.map_or_else(String::new, |day| day.to_string());
            let crs = head.crs.parse::<Crs>().map_or_else(|_| head.crs.clone(), |crs| crs.name());
            let parts = [&head.id, &head.city, &crs, &day(head.from), &day(head.to), &head.title_zh, &head.title_en];
            let mut bytes = Vec::new();
            parts.iter().for_each(|part| push_text(part, &mut bytes));
            bytes.push(u8::from(head.synthetic));
            // An edition that says nothing keeps the hash that it had before this could be said.
            if !head.area_crs.is_empty() {
                let plane = head.area_zone().map_or_else(|| head.area_crs.clone(), |zone| Crs::Gauss(zone).name());
                push_text(&plane, &mut bytes);
            }
            bytes
        }),
    ));
    for (name, table) in [("units", &files.units), ("outline", &files.outline)] {
        if let Some(table) = table {
            tasks.push((name.to_owned(), Box::new(move || canonical(table))));
        }
    }
    for layer in &files.layers {
        tasks.push((
            format!("layer/{}", layer.entry.key),
            Box::new(move || {
                let mut bytes = entry_bytes(&layer.entry);
                bytes.extend(canonical(&layer.table));
                match &layer.coverage {
                    Some(coverage) => bytes.extend(canonical(coverage)),
                    None => bytes.push(0),
                }
                bytes
            }),
        ));
    }
    let texts = files.rules.iter().map(|text| (format!("rules/{}", text.name), text));
    let texts = texts.chain(files.tables.iter().map(|text| (format!("tables/{}", text.name), text)));
    for (name, text) in texts.chain(files.others.iter().map(|(name, text)| (name.clone(), text))) {
        tasks.push((name, Box::new(move || format!("{}\n", text.text.trim_end_matches('\n')).into_bytes())));
    }
    let threads = std::thread::available_parallelism().map_or(2, usize::from).clamp(1, 8);
    let next = std::sync::atomic::AtomicUsize::new(0);
    let parts: BTreeMap<String, String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut done = Vec::new();
                    while let Some((name, bytes)) = tasks.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                        done.push((name.clone(), hex(&Sha256::digest(bytes()))));
                    }
                    done
                })
            })
            .collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).flatten().collect()
    });
    let mut whole = Sha256::new();
    whole.update(b"edition content 1\n");
    for (name, part) in &parts {
        whole.update(format!("{name} {part}\n"));
    }
    ContentHash { whole: hex(&whole.finalize()), parts }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A text with its length before it, so that no two lists of texts look alike.
fn push_text(text: &str, bytes: &mut Vec<u8>) {
    bytes.extend((text.len() as u64).to_le_bytes());
    bytes.extend(text.as_bytes());
}

fn entry_bytes(entry: &LayerEntry) -> Vec<u8> {
    let mut bytes = Vec::new();
    let accuracy = number_text(entry.accuracy_m);
    for part in [&entry.title_zh, &entry.title_en, &entry.group, &entry.style, &accuracy, &entry.source, &entry.period]
    {
        push_text(part, &mut bytes);
    }
    bytes.extend([u8::from(entry.complete), u8::from(entry.touch_counts)]);
    bytes
}

/// The features of a table: each as its attributes by name and its shape, in order of code, then of content.
fn canonical(table: &FeatureTable) -> Vec<u8> {
    let crs = table.crs.known().ok().flatten();
    let code = table.field("code");
    let mut order: Vec<usize> = (0..table.fields.len()).collect();
    order.sort_by(|&a, &b| table.fields[a].cmp(&table.fields[b]));
    let mut features: Vec<(&str, Vec<u8>)> = table
        .features
        .iter()
        .map(|feature| {
            let mut bytes = Vec::new();
            for &column in &order {
                let value = feature.values[column].trim();
                if !value.is_empty() {
                    push_text(table.fields[column].trim(), &mut bytes);
                    push_text(value, &mut bytes);
                }
            }
            bytes.push(0xff);
            if let Some(shape) = &feature.shape {
                push_shape(shape, crs, &mut bytes);
            }
            (code.map_or("", |code| feature.values[code].as_str()), bytes)
        })
        .collect();
    features.sort_unstable();
    let mut bytes = Vec::with_capacity(features.iter().map(|(_, feature)| feature.len() + 8).sum::<usize>() + 8);
    bytes.extend((features.len() as u64).to_le_bytes());
    for (_, feature) in features {
        bytes.extend((feature.len() as u64).to_le_bytes());
        bytes.extend(feature);
    }
    bytes
}

fn push_shape(shape: &Geometry<f64>, crs: Option<Crs>, bytes: &mut Vec<u8>) {
    // A coordinate that the system cannot hold stands as it is: the file is wrong, and its hash its own.
    let corner = |point: &Coord<f64>| -> Corner {
        let place = crs.and_then(|crs| crs.to_geographic(*point).ok()).unwrap_or(*point);
        #[expect(clippy::cast_possible_truncation, reason = "saturates on what no map holds")]
        let step = |value: f64| (value / GRID_DEGREES).round() as i64;
        (step(place.x), step(place.y))
    };
    let line = |line: &LineString<f64>| -> Vec<Corner> {
        let mut corners: Vec<Corner> = line.0.iter().map(corner).collect();
        corners.dedup();
        if corners.last() < corners.first() {
            corners.reverse();
        }
        corners
    };
    let polygon = |polygon: &Polygon<f64>| -> Vec<Vec<Corner>> {
        let ring = |ring: &LineString<f64>, shell| canonical_ring(ring.0.iter().map(corner).collect(), shell);
        let mut holes: Vec<_> = polygon.interiors().iter().filter_map(|hole| ring(hole, false)).collect();
        holes.sort_unstable();
        ring(polygon.exterior(), true).into_iter().chain(holes).collect()
    };
    let (kind, mut parts): (u8, Vec<Vec<Vec<Corner>>>) = match shape {
        Geometry::Point(point) => (1, vec![vec![vec![corner(&point.0)]]]),
        Geometry::MultiPoint(points) => (1, points.0.iter().map(|point| vec![vec![corner(&point.0)]]).collect()),
        Geometry::LineString(one) => (2, vec![vec![line(one)]]),
        Geometry::MultiLineString(lines) => (2, lines.0.iter().map(|one| vec![line(one)]).collect()),
        Geometry::Polygon(one) => (3, vec![polygon(one)]),
        Geometry::MultiPolygon(polygons) => (3, polygons.0.iter().map(polygon).collect()),
        // The readers make none of the other kinds.
        _ => (0, Vec::new()),
    };
    parts.sort_unstable();
    bytes.push(kind);
    bytes.extend((parts.len() as u64).to_le_bytes());
    for part in parts {
        bytes.extend((part.len() as u64).to_le_bytes());
        for ring in part {
            bytes.extend((ring.len() as u64).to_le_bytes());
            for (x, y) in ring {
                bytes.extend(x.to_le_bytes());
                bytes.extend(y.to_le_bytes());
            }
        }
    }
}

/// A ring without repeated corners and without the one that closes it, from its least corner, in its direction; none
/// when nothing is left of it on the grid.
fn canonical_ring(mut corners: Vec<Corner>, shell: bool) -> Option<Vec<Corner>> {
    corners.dedup();
    while corners.len() > 1 && corners.first() == corners.last() {
        corners.pop();
    }
    if corners.len() < 3 {
        return None;
    }
    let turn: i128 = (0..corners.len())
        .map(|n| {
            let ((ax, ay), (bx, by)) = (corners[n], corners[(n + 1) % corners.len()]);
            i128::from(ax) * i128::from(by) - i128::from(bx) * i128::from(ay)
        })
        .sum();
    if (turn > 0) != shell {
        corners.reverse();
    }
    let least = *corners.iter().min()?;
    // A corner that a ring passes twice gives several starts: the least sequence counts.
    let starts = (0..corners.len()).filter(|&n| corners[n] == least);
    let rotated = |start: usize| corners[start..].iter().chain(&corners[..start]).copied();
    let start = starts.min_by(|&a, &b| rotated(a).cmp(rotated(b)))?;
    corners.rotate_left(start);
    Some(corners)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::{DeclaredCrs, Feature};

    fn table(texts: &[&str]) -> FeatureTable {
        let read = |text: &str| {
            let mut budget = crate::spatial::limits::Budget::new(crate::spatial::Limits::default());
            crate::spatial::wkt::read_wkt(text, &mut budget).unwrap()
        };
        FeatureTable {
            crs: DeclaredCrs::Epsg(4490),
            fields: vec!["name".to_owned()],
            features: (1..)
                .zip(texts)
                .map(|(number, text)| Feature { number, line: None, values: vec![String::new()], shape: read(text) })
                .collect(),
            ..FeatureTable::default()
        }
    }

    #[test]
    fn order_start_and_direction_do_not_matter() {
        let one = canonical(&table(&[
            "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 1 2, 2 2, 2 1, 1 1), (5 5, 5 6, 6 6, 5 5))",
            "LINESTRING (1 2, 3 4)",
        ]));
        let other = canonical(&table(&[
            "LINESTRING (3 4, 1.0000000001 2)",
            "MULTIPOLYGON (((9 9, 9 0, 9 0, 0 0, 0 9, 9 9), (5 5, 6 6, 5 6, 5 5), (2 2, 1 2, 1 1, 2 1, 2 2)))",
        ]));
        assert_eq!(one, other);
        let moved = canonical(&table(&[
            "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 1 2, 2 2, 2 1, 1 1), (5 5, 5 6, 6 6.000000002, 5 5))",
            "LINESTRING (1 2, 3 4)",
        ]));
        assert_ne!(one, moved);
    }

    #[test]
    fn a_ring_that_passes_its_least_corner_twice() {
        let ring = |corners: &[Corner]| canonical_ring(corners.to_vec(), true);
        let eight = [(0, 0), (4, -1), (4, 1), (0, 0), (1, 4), (-0, 5)];
        let mut turned = eight;
        turned.rotate_left(3);
        assert_eq!(ring(&eight), ring(&turned));
    }
}
