//! The plane of an edition, in which its areas are official and everything is computed.

use anyhow::bail;
use exchange::edition::EditionFiles;
use geo::Coord;
use zoning::crs::{Crs, CrsFault, Strip, Zone};

/// Farther than this from the central meridian, in degrees, a city belongs to another zone: half a strip for its own
/// zone, and a whole one more for a city that keeps the zone of its neighbour.
const OFF_MERIDIAN_MAX: f64 = 4.5;

/// The plane of an edition: the `area_crs` of its head; else its own system when that is a plane; else the 3° zone
/// whose meridian is nearest to its first shape. Nothing is assumed where none of these tells it.
pub(super) fn plane_of(files: &EditionFiles) -> anyhow::Result<Zone> {
    let head = &files.head;
    let crs: Crs = head.crs.parse().map_err(|fault: CrsFault| {
        anyhow::anyhow!("edition.toml [crs]: {}，{} / {fault}, {}", fault.zh(), fault.action_zh(), fault.action_en())
    })?;
    let place = place_of(files, crs);
    if !head.area_crs.is_empty() {
        let Some(zone) = head.area_zone() else {
            bail!(
                "edition.toml [area_crs]: “{}”不是2000国家大地坐标系3度带投影（EPSG:4513—4554）/ is no 3-degree \
                 Gauss–Krüger zone of CGCS2000 (EPSG:4513–4554)",
                head.area_crs
            );
        };
        if let Some(place) = place.filter(|place| (place.x - zone.central_meridian()).abs() > OFF_MERIDIAN_MAX) {
            bail!(
                "edition.toml [area_crs]: {}的中央经线为{}°，而版本位于东经{:.2}° / its central meridian is {}°, but \
                 the edition lies at {:.2}° E",
                head.area_crs,
                zone.central_meridian(),
                place.x,
                zone.central_meridian(),
                place.x
            );
        }
        return Ok(zone);
    }
    if let Crs::Gauss(zone) = crs {
        return Ok(zone);
    }
    let Some(place) = place else {
        bail!(
            "edition.toml: 版本中没有图形，无法判断面积所用的3度带，请写明area_crs，如EPSG:4548 / the edition holds \
             no shape to tell its 3-degree zone by; name it as area_crs, such as EPSG:4548"
        );
    };
    let nearest = (place.x / 3.0).round();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates on what is no longitude")]
    let number = nearest as u8;
    let Some(zone) = Zone::new(Strip::Three, number, false) else {
        bail!(
            "({}, {}): 不在中国范围内，没有3度带，请核对crs / lies outside of China and in no 3-degree zone; check crs",
            place.x,
            place.y
        );
    };
    Ok(zone)
}

/// Where the edition lies: the middle of its first shape.
fn place_of(files: &EditionFiles, crs: Crs) -> Option<Coord<f64>> {
    let tables = files.units.iter().chain(&files.outline).chain(files.layers.iter().map(|layer| &layer.table));
    tables.into_iter().find_map(|table| {
        let own = table.crs.known().ok().flatten().unwrap_or(crs);
        table.features.iter().filter_map(|feature| feature.shape.as_ref()).find_map(|shape| {
            let center = geo::Centroid::centroid(shape)?;
            own.to_geographic(center.into()).ok()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use exchange::edition::EditionHead;
    use exchange::{DeclaredCrs, Feature, FeatureTable};

    fn edition(crs: &str, area_crs: &str, at: Option<(f64, f64)>) -> EditionFiles {
        let head = EditionHead { crs: crs.to_owned(), area_crs: area_crs.to_owned(), ..EditionHead::default() };
        let units = at.map(|(x, y)| FeatureTable {
            crs: DeclaredCrs::of_text(crs),
            features: vec![Feature {
                number: 1,
                line: None,
                values: Vec::new(),
                shape: Some(geo::Rect::new((x, y), (x + 0.001, y + 0.001)).to_polygon().into()),
            }],
            ..FeatureTable::default()
        });
        EditionFiles { head, units, ..EditionFiles::default() }
    }

    #[test]
    fn the_head_decides_then_the_own_plane_then_the_nearest_meridian() {
        let xiamen = Some((118.1, 24.5));
        for (crs, area_crs, at, epsg) in [
            ("EPSG:4490", "EPSG:4548", xiamen, 4548),
            ("EPSG:4490", "EPSG:4527", xiamen, 4527),
            // A city may keep the zone of its neighbour.
            ("EPSG:4490", "4549", xiamen, 4549),
            ("EPSG:4490", "EPSG:4548", None, 4548),
            ("EPSG:4549", "EPSG:4548", Some((400_000.0, 2_710_000.0)), 4548),
            ("EPSG:4549", "", Some((400_000.0, 2_710_000.0)), 4549),
            ("EPSG:4490", "", xiamen, 4548),
            ("EPSG:4490", "", Some((119.3, 26.1)), 4549),
            ("EPSG:4490", "", Some((87.6, 43.8)), 4538),
        ] {
            let zone = plane_of(&edition(crs, area_crs, at)).unwrap();
            assert_eq!(zone.epsg(), epsg, "{crs} {area_crs} {at:?}");
        }
    }

    #[test]
    fn what_is_no_plane_of_the_city_is_refused_in_both_languages() {
        let xiamen = Some((118.1, 24.5));
        for (crs, area_crs, at, zh, en) in [
            ("EPSG:4490", "EPSG:4490", xiamen, "不是2000国家大地坐标系3度带", "no 3-degree"),
            // Six degrees wide.
            ("EPSG:4490", "EPSG:4508", xiamen, "不是2000国家大地坐标系3度带", "no 3-degree"),
            ("EPSG:4490", "EPSG:2360", xiamen, "不是2000国家大地坐标系3度带", "no 3-degree"),
            ("EPSG:4490", "EPSG:4541", xiamen, "中央经线", "central meridian"),
            ("EPSG:4490", "", None, "写明area_crs", "name it as area_crs"),
            ("EPSG:4490", "", Some((11.6, 48.1)), "不在中国范围内", "outside of China"),
        ] {
            let error = plane_of(&edition(crs, area_crs, at)).unwrap_err().to_string();
            assert!(error.contains(zh) && error.contains(en), "{crs} {area_crs} {at:?}: {error}");
        }
    }
}
