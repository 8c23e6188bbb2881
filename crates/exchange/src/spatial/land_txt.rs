//! 国土勘测定界 TXT: sections, a head line for each parcel that ends in `@`, and its points by ring.
//!
//! The file calls north X and east Y. Which column is which is decided by magnitude and, when it is not the usual
//! order, said. Only CGCS2000 is taken: older datums need a transformation that is not public.

use super::crs_text::DeclaredCrs;
use super::limits::Refusal;
use super::{Collector, FeatureTable, ReadOptions, rings};
use crate::{Findings, Place};
use geo::{Area, Coord, Geometry, LineString, MultiLineString, MultiPoint, Polygon};
use std::collections::BTreeMap;

/// Declared and computed area may differ by this share, or by half the last digit that is declared.
const AREA_SHARE: f64 = 1e-4;
const SQUARE_METRES_PER_HECTARE: f64 = 10_000.0;

struct Parcel {
    line: u64,
    declared_points: Option<usize>,
    declared_area: String,
    kind: String,
    /// id, name, kind, sheet, use, land class, area as they stand.
    values: Vec<String>,
    /// Line, ring number and the two numbers as they stand.
    points: Vec<(u64, u32, f64, f64)>,
}

pub(crate) fn read(content: &[u8], options: &ReadOptions, findings: &mut Findings) -> Result<FeatureTable, Refusal> {
    let (text, encoding) = decode(content);
    let text = plain(&text);
    let mut keys: BTreeMap<String, String> = BTreeMap::new();
    let mut parcels: Vec<Parcel> = Vec::new();
    let mut section = String::new();
    let mut points = 0u64;
    for (number, line) in text.split('\n').enumerate() {
        let (number, line) = (number as u64 + 1, line.trim());
        if line.is_empty() {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            name.trim().clone_into(&mut section);
        } else if section == "属性描述" {
            if let Some((key, value)) = line.split_once('=') {
                keys.insert(key.trim().to_owned(), value.trim().to_owned());
            }
        } else if section == "地块坐标" {
            match line.split_once('@') {
                Some((head, _)) => parcels.push(read_head(head, number)?),
                None => {
                    let parcel = parcels.last_mut().ok_or_else(|| Refusal::file("land_head", line).at(Some(number)))?;
                    points += 1;
                    if points > options.limits.vertices {
                        let limit = format!("> {}", options.limits.vertices);
                        return Err(Refusal::file("vertices_many", &limit).at(Some(number)));
                    }
                    parcel.points.push(read_point(line, number)?);
                }
            }
        }
    }
    if parcels.is_empty() {
        return Err(Refusal::file("land_form", "[地块坐标]"));
    }
    if let Some(unit) = keys.get("计量单位").filter(|unit| !matches!(unit.as_str(), "米" | "m" | "M" | "")) {
        return Err(Refusal::file("land_unit", unit).field("计量单位"));
    }
    let order = axis_order(&parcels)?;
    if order == Order::EastFirst {
        findings.report("axes_swapped", Place { value: "X = 东 / east, Y = 北 / north", ..Place::default() });
    }
    let easts = parcels.iter().flat_map(|parcel| &parcel.points).map(|&(line, _, a, b)| (line, order.east(a, b)));
    let crs = declared(&keys, easts)?;
    let mut collector = Collector::new(options, findings);
    for parcel in parcels {
        let shape = shape(&parcel, order, &mut collector);
        collector.push(Some(parcel.line), parcel.values, shape)?;
    }
    Ok(FeatureTable {
        crs,
        fields: ["id", "name", "kind", "sheet", "use", "land_class", "area_ha"].map(str::to_owned).to_vec(),
        features: collector.features,
        name: String::new(),
        encoding: Some(encoding),
    })
}

fn decode(content: &[u8]) -> (String, String) {
    if let Some((encoding, bom)) = encoding_rs::Encoding::for_bom(content) {
        let (text, _) = encoding.decode_without_bom_handling(&content[bom..]);
        return (text.into_owned(), format!("{} (byte order mark)", encoding.name()));
    }
    match std::str::from_utf8(content) {
        Ok(text) => (text.to_owned(), "UTF-8 (bytes: strict UTF-8)".to_owned()),
        Err(_) => {
            let (text, _) = encoding_rs::GB18030.decode_without_bom_handling(content);
            (text.into_owned(), "gb18030 (bytes: not UTF-8)".to_owned())
        }
    }
}

/// Full-width marks and digits as plain ones, one kind of line end.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| match c {
            '\r' => '\n',
            '【' | '［' => '[',
            '】' | '］' => ']',
            '\u{3000}' => ' ',
            // ！ to ～ stand 0xFEE0 above their plain forms.
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            other => other,
        })
        .collect()
}

fn read_head(head: &str, line: u64) -> Result<Parcel, Refusal> {
    let mut cells: Vec<&str> = head.split(',').map(str::trim).collect();
    // The comma before the mark.
    if cells.last() == Some(&"") {
        cells.pop();
    }
    if cells.len() < 5 {
        return Err(Refusal::file("land_head", head).at(Some(line)));
    }
    // A name may hold commas: what stands after it is counted from the end.
    let kind_at = cells.iter().rposition(|cell| matches!(*cell, "点" | "线" | "面")).filter(|&at| at >= 4);
    let kind_at = kind_at.ok_or_else(|| Refusal::file("land_head", head).at(Some(line)).field("图形属性"))?;
    let after = |n: usize| cells.get(kind_at + n).copied().unwrap_or_default().to_owned();
    let declared_points = match cells[0] {
        "" => None,
        text => Some(text.parse().map_err(|_| Refusal::file("land_head", text).at(Some(line)).field("界址点数"))?),
    };
    let kind = cells[kind_at].to_owned();
    let name = cells[3..kind_at].join(",");
    let values = vec![cells[2].to_owned(), name, kind.clone(), after(1), after(2), after(3), cells[1].to_owned()];
    Ok(Parcel { line, declared_points, declared_area: cells[1].to_owned(), kind, values, points: Vec::new() })
}

fn read_point(line: &str, number: u64) -> Result<(u64, u32, f64, f64), Refusal> {
    let bad = |field: &str| Refusal::file("land_point", line).at(Some(number)).field(field);
    let cells: Vec<&str> = line.split(',').map(str::trim).collect();
    let &[_, ring, x, y, ..] = cells.as_slice() else { return Err(bad("点号,圈号,X,Y")) };
    let ring = ring.parse().map_err(|_| bad("圈号"))?;
    let number_of = |text: &str, field| text.parse::<f64>().ok().filter(|v| v.is_finite()).ok_or_else(|| bad(field));
    Ok((number, ring, number_of(x, "X")?, number_of(y, "Y")?))
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Order {
    NorthFirst,
    EastFirst,
}

impl Order {
    const fn east(self, first: f64, second: f64) -> f64 {
        match self {
            Self::NorthFirst => second,
            Self::EastFirst => first,
        }
    }

    const fn coord(self, first: f64, second: f64) -> Coord<f64> {
        match self {
            Self::NorthFirst => Coord { x: second, y: first },
            Self::EastFirst => Coord { x: first, y: second },
        }
    }
}

/// Northings of China have seven digits, eastings six, or eight with their zone.
fn axis_order(parcels: &[Parcel]) -> Result<Order, Refusal> {
    let is_north = |value: f64| (1.9e6..6.1e6).contains(&value);
    let is_east = |value: f64| (5e4..9.9e5).contains(&value) || (1.3e7..4.6e7).contains(&value);
    let mut order = None;
    for &(line, _, first, second) in parcels.iter().flat_map(|parcel| &parcel.points) {
        let here = if is_north(first) && is_east(second) {
            Order::NorthFirst
        } else if is_east(first) && is_north(second) {
            Order::EastFirst
        } else {
            return Err(Refusal::file("land_magnitude", &format!("{first},{second}")).at(Some(line)));
        };
        if *order.get_or_insert(here) != here {
            return Err(Refusal::file("land_magnitude", &format!("{first},{second}")).at(Some(line)));
        }
    }
    Ok(order.unwrap_or(Order::NorthFirst))
}

/// The coordinate system by the head of the file and the zone that stands before the eastings.
fn declared(keys: &BTreeMap<String, String>, easts: impl Iterator<Item = (u64, f64)>) -> Result<DeclaredCrs, Refusal> {
    let datum = keys.get("坐标系").map(String::as_str).unwrap_or_default();
    let old = datum.contains("80") || datum.contains("西安") || datum.contains("54") || datum.contains("北京");
    if old && !datum.contains("2000") {
        return Err(Refusal::file("datum_transform", datum).field("坐标系"));
    }
    let number = |key: &str| -> Option<u32> {
        let text = keys.get(key)?;
        text.chars().filter(char::is_ascii_digit).collect::<String>().parse().ok()
    };
    let declared_zone = number("带号");
    let mut prefix = None;
    for (line, east) in easts {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "magnitudes were checked")]
        let zone = (east / 1e6) as u32;
        let zone_here = (zone > 0).then_some(zone);
        let zone = *prefix.get_or_insert(zone_here);
        if zone != zone_here || zone.is_some_and(|zone| declared_zone.is_some_and(|declared| declared != zone)) {
            let value = format!("带号={} Y={east}", declared_zone.map_or_else(String::new, |zone| zone.to_string()));
            return Err(Refusal::file("zone_disagrees", &value).at(Some(line)).field("带号"));
        }
    }
    if !(datum.contains("2000") || datum.to_ascii_uppercase().contains("CGCS")) {
        return Ok(if datum.is_empty() { DeclaredCrs::Undeclared } else { DeclaredCrs::Named(datum.to_owned()) });
    }
    let prefix = prefix.flatten();
    let Some(zone) = declared_zone.or(prefix) else { return Ok(DeclaredCrs::Undeclared) };
    let degrees = number("几度分带").unwrap_or(3);
    Ok(match (degrees, prefix.is_some(), zone) {
        (3, true, 25..=45) => DeclaredCrs::Epsg(4513 + zone - 25),
        (3, false, 25..=45) => DeclaredCrs::Epsg(4534 + zone - 25),
        (6, true, 13..=23) => DeclaredCrs::Epsg(4491 + zone - 13),
        (6, false, 13..=23) => DeclaredCrs::Epsg(4502 + zone - 13),
        _ => return Err(Refusal::file("zone_disagrees", &format!("{degrees}° {zone}")).field("带号")),
    })
}

fn shape(parcel: &Parcel, order: Order, collector: &mut Collector<'_>) -> Result<Option<Geometry<f64>>, Refusal> {
    let count = parcel.points.len();
    let mut lists: Vec<(u32, Vec<Coord<f64>>)> = Vec::new();
    let mut closings = 0;
    for &(line, ring, first, second) in &parcel.points {
        let at = order.coord(first, second);
        let point = collector.budget.vertex(at.x, at.y).map_err(|refusal| refusal.at(Some(line)))?;
        match lists.last_mut().filter(|(number, _)| *number == ring) {
            Some((_, list)) => list.push(point),
            None => lists.push((ring, vec![point])),
        }
    }
    for (_, list) in &lists {
        closings += usize::from(list.len() > 1 && list.first() == list.last());
    }
    // Some count the point that closes a ring, some do not.
    if let Some(declared) = parcel.declared_points
        && declared != count
        && declared != count - closings
    {
        return Err(Refusal::shape("land_count", &format!("{declared} ≠ {count}")).field("界址点数"));
    }
    if lists.is_empty() {
        return Ok(None);
    }
    let lists = lists.into_iter().map(|(_, list)| list);
    match parcel.kind.as_str() {
        "点" => Ok(Some(Geometry::MultiPoint(MultiPoint(lists.flatten().map(geo::Point::from).collect())))),
        "线" => {
            let lines: Vec<LineString<f64>> = lists.map(LineString).collect();
            if lines.iter().any(|line| line.0.len() < 2) {
                return Err(Refusal::shape("line_short", "1 point"));
            }
            Ok(Some(Geometry::MultiLineString(MultiLineString(lines))))
        }
        _ => {
            let rings = lists.map(rings::ring).collect::<Result<Vec<_>, _>>()?;
            let polygons = nest(rings);
            if polygons.len() > 1 {
                let place = Place { line: Some(parcel.line), field: "圈号", value: &parcel.values[0] };
                collector.findings.report("ring_order", place);
            }
            let area: f64 = polygons.iter().map(Area::unsigned_area).sum();
            check_area(&parcel.declared_area, area)?;
            let mut polygons = polygons;
            Ok(match (polygons.len(), polygons.pop()) {
                (1, Some(one)) => Some(Geometry::Polygon(one)),
                (_, last) => {
                    polygons.extend(last);
                    Some(Geometry::MultiPolygon(geo::MultiPolygon(polygons)))
                }
            })
        }
    }
}

/// The first ring is the outer one, those in it are its holes; one outside is another part of the parcel.
fn nest(rings: Vec<LineString<f64>>) -> Vec<Polygon<f64>> {
    let mut polygons: Vec<Polygon<f64>> = Vec::new();
    for ring in rings {
        let alone = Polygon::new(ring.clone(), Vec::new());
        match polygons.iter_mut().find(|outer| rings::holds(outer, &alone)) {
            Some(outer) => outer.interiors_push(ring),
            None => polygons.push(alone),
        }
    }
    polygons
}

fn check_area(declared: &str, area: f64) -> Result<(), Refusal> {
    let Ok(hectares) = declared.parse::<f64>() else { return Ok(()) };
    if hectares == 0.0 {
        return Ok(());
    }
    let decimals = declared.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    #[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "few decimals")]
    let last_digit = 0.5 * 10f64.powi(-(decimals.min(12) as i32));
    let computed = area / SQUARE_METRES_PER_HECTARE;
    if (computed - hectares).abs() > (AREA_SHARE * computed).max(last_digit * 1.000_001) {
        return Err(Refusal::shape("land_area", &format!("{declared} ≠ {computed:.4} ha")).field("地块面积"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "[属性描述]\n坐标系=2000国家大地坐标系\n几度分带=3\n投影类型=高斯克吕格\n计量单位=米\n带号=39\n转换参数=,,,,,,\n[地块坐标]\n";

    fn table(text: &str) -> (Result<FeatureTable, Refusal>, Findings) {
        let mut findings = Findings::new();
        let table = read(text.as_bytes(), &ReadOptions::default(), &mut findings);
        (table, findings)
    }

    fn square(head: &str) -> String {
        format!(
            "{HEAD}{head}\nJ1,1,2712000,39512000\nJ2,1,2712000,39512100\nJ3,1,2712100,39512100\nJ4,1,2712100,39512000\nJ1,1,2712000,39512000\n"
        )
    }

    #[test]
    fn north_is_x_and_a_name_holds_commas() {
        let (read, findings) = table(&square("5,1.0000,1,后溪,二期,面,G50,工业,0601,@"));
        let table = read.unwrap();
        assert_eq!(findings.total(), 0);
        assert_eq!(table.crs, DeclaredCrs::Epsg(4527));
        assert_eq!(table.features[0].values[..3], ["1", "后溪,二期", "面"]);
        let Some(Geometry::Polygon(polygon)) = &table.features[0].shape else { panic!() };
        assert_eq!(polygon.exterior().0[1], Coord { x: 39_512_100.0, y: 2_712_000.0 });
    }

    #[test]
    fn gbk_full_width_and_crlf_say_the_same() {
        let text = square("5,1.0000,1,后溪,面,,,,@");
        let wide = text.replace(',', "，").replace('[', "【").replace(']', "】").replace('\n', "\r\n");
        let (bytes, _, _) = encoding_rs::GB18030.encode(&wide);
        let mut findings = Findings::new();
        let read = read(&bytes, &ReadOptions::default(), &mut findings).unwrap();
        assert_eq!(read.features, table(&text).0.unwrap().features);
    }

    #[test]
    fn swapped_columns_are_said() {
        let text =
            format!("{HEAD}3,,1,a,面,,,,@\nJ1,1,39512000,2712000\nJ2,1,39512100,2712000\nJ3,1,39512100,2712100\n");
        let (read, findings) = table(&text);
        let Some(Geometry::Polygon(polygon)) = &read.unwrap().features[0].shape else { panic!() };
        assert_eq!(polygon.exterior().0[0], Coord { x: 39_512_000.0, y: 2_712_000.0 });
        assert_eq!(findings.counts().get("axes_swapped"), Some(&1));
    }

    #[test]
    fn what_disagrees_is_refused() {
        let good = square("5,1.0000,1,a,面,,,,@");
        for (text, code) in [
            (good.replace("2000国家大地坐标系", "1980西安坐标系"), "datum_transform"),
            (good.replace("2000国家大地坐标系", "北京54"), "datum_transform"),
            (good.replace("带号=39", "带号=40"), "zone_disagrees"),
            (good.replace("计量单位=米", "计量单位=公里"), "land_unit"),
            (good.replace("J2,1,2712000", "J2,1,27x"), "land_point"),
            (good.replace("J2,1,2712000", "J2,1,118.2"), "land_magnitude"),
            (good.replace(",面,", ",?,"), "land_head"),
            (HEAD.to_owned(), "land_form"),
            (String::new(), "land_form"),
        ] {
            assert_eq!(table(&text).0.unwrap_err().code, code, "{text}");
        }
        let (_, findings) = table(&square("5,1.0002,1,a,面,,,,@"));
        assert_eq!(findings.counts().get("land_area"), Some(&1));
        let (_, findings) = table(&square("7,1.0000,1,a,面,,,,@"));
        assert_eq!(findings.counts().get("land_count"), Some(&1));
        assert_eq!(table(&square("4,1.00005,1,a,面,,,,@")).1.total(), 0);
    }

    #[test]
    fn the_second_ring_is_a_hole() {
        let text = square("9,0.9900,1,a,面,,,,@")
            + "J5,2,2712010,39512010\nJ6,2,2712020,39512010\nJ7,2,2712020,39512020\nJ8,2,2712010,39512020\n";
        let (read, findings) = table(&text);
        let Some(Geometry::Polygon(polygon)) = &read.unwrap().features[0].shape else { panic!("{findings:?}") };
        assert_eq!(polygon.interiors().len(), 1);
    }
}
