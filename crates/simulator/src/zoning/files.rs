//! The map as files: GeoJSON and CSV, marked as simulated in each.

use super::layers::Layer;
use super::mesh::Mesh;
use super::model::{EditionModel, Model};
use super::outline::Outline;
use super::place::Polygon;
use super::units::Unit;
use super::{CITY, File};
use std::fmt::Write;

/// Words of the classes.
const CLASSES: [[&str; 2]; 3] =
    [["优先保护单元", "priority protection"], ["重点管控单元", "key control"], ["一般管控单元", "general control"]];

/// A string as JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A CSV line.
pub(super) fn csv_line(cells: &[&str]) -> String {
    let mut line = String::new();
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            line.push(',');
        }
        if cell.contains([',', '"', '\n']) {
            line.push('"');
            line.push_str(&cell.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(cell);
        }
    }
    line.push('\n');
    line
}

fn write_polygon(text: &mut String, polygon: &Polygon) {
    text.push('[');
    for (index, ring) in polygon.rings.iter().enumerate() {
        text.push_str(if index > 0 { ",[" } else { "[" });
        for place in ring.iter().chain(ring.first()) {
            text.push('[');
            place.write(text, ',');
            text.push_str("],");
        }
        text.pop();
        text.push(']');
    }
    text.push(']');
}

/// One feature: properties as key and JSON text.
fn write_feature(text: &mut String, properties: &[(&str, String)], polygons: &[&Polygon]) {
    text.push_str("{\"type\":\"Feature\",\"properties\":{");
    for (index, (key, value)) in properties.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}\"{key}\":{value}", if index > 0 { "," } else { "" });
    }
    text.push_str("},\"geometry\":");
    if let [polygon] = polygons {
        text.push_str("{\"type\":\"Polygon\",\"coordinates\":");
        write_polygon(text, polygon);
    } else {
        text.push_str("{\"type\":\"MultiPolygon\",\"coordinates\":[");
        for (index, polygon) in polygons.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            write_polygon(text, polygon);
        }
        text.push(']');
    }
    text.push_str("}}");
}

fn collection(model: &Model, name: &str, features: &[String]) -> Vec<u8> {
    let mut text = format!(
        "{{\"type\":\"FeatureCollection\",\"name\":{},\"crs\":{{\"type\":\"name\",\"properties\":{{\"name\":\"urn:ogc:def:crs:EPSG::4490\"}}}},\"source\":\"simulated\",\"synthetic\":true,\"notice_zh\":{},\"notice_en\":{},\n\"features\":[\n",
        quoted(name),
        quoted(&model.notice_zh),
        quoted(&model.notice_en)
    );
    text.push_str(&features.join(",\n"));
    text.push_str("\n]}\n");
    text.into_bytes()
}

/// `units.geojson`.
pub(super) fn units(model: &Model, outline: &Outline, mesh: &Mesh, units: &[Unit]) -> File {
    let feature = |unit: &Unit| {
        let district = &outline.districts[unit.owner.district];
        let [class_zh, class_en] = CLASSES[usize::from(unit.class) - 1];
        let (ground_zh, ground_en) = if unit.owner.sea { ("海域", "sea") } else { ("陆域", "land") };
        let serial = unit.serial;
        let name_zh = format!("{}{ground_zh}{class_zh}{serial}（模拟）", district.name_zh);
        let name_en = format!("{} {ground_en} {class_en} unit {serial} (simulated)", district.name_en);
        let polygons = unit.polygons(mesh);
        let mut text = String::new();
        let mut properties = vec![
            ("code", quoted(&unit.code)),
            ("name", quoted(&name_zh)),
            ("name_en", quoted(&name_en)),
            ("class", unit.class.to_string()),
            ("county", quoted(&district.code)),
            ("county_name", quoted(&district.name_zh)),
            ("ground", quoted(ground_en)),
            ("parents", quoted(&unit.parents.join(";"))),
            ("change", quoted(unit.change.word())),
            ("source", quoted("simulated")),
        ];
        let said = model.text.iter().find(|said| (said.class, said.sea) == (unit.class, unit.owner.sea));
        if let Some(said) = said {
            properties.extend([
                ("spatial", quoted(&said.spatial)),
                ("emission", quoted(&said.emission)),
                ("risk", quoted(&said.risk)),
                ("resource", quoted(&said.resource)),
            ]);
        }
        write_feature(&mut text, &properties, &polygons.iter().collect::<Vec<_>>());
        text
    };
    let bytes =
        collection(model, "管控单元（模拟） control units (simulated)", &units.iter().map(feature).collect::<Vec<_>>());
    File { path: "units.geojson".to_owned(), bytes }
}

/// The name of a layer's file.
pub(super) fn layer_file(key: &str) -> String {
    format!("layers/{}.geojson", key.replace(':', "__"))
}

/// `layers/<key>.geojson`.
pub(super) fn layer(model: &Model, layer: &Layer) -> File {
    let feature = |area: &super::layers::Area| {
        let mut text = String::new();
        let mut properties = vec![
            ("id", quoted(&area.id)),
            ("name", quoted(&format!("{} {}（模拟）", layer.title_zh, area.id))),
            ("source", quoted("simulated")),
        ];
        if let Some(assessment) = &layer.declared.assessment {
            properties.extend([
                ("assessment_from", quoted(&assessment.from)),
                ("assessment_to", quoted(&assessment.to)),
                ("exempt", quoted(&assessment.exempt.join(";"))),
                ("studies", quoted(&assessment.studies.join(";"))),
            ]);
        }
        write_feature(&mut text, &properties, &[&area.polygon]);
        text
    };
    let bytes = collection(model, &layer.key, &layer.areas.iter().map(feature).collect::<Vec<_>>());
    File { path: layer_file(&layer.key), bytes }
}

/// `coverage/<key>.geojson`, and the city's `outline.geojson`.
pub(super) fn coverage(model: &Model, path: &str, name: &str, polygons: &[Polygon]) -> File {
    let mut text = String::new();
    let properties = [("id", quoted(name)), ("source", quoted("simulated"))];
    write_feature(&mut text, &properties, &polygons.iter().collect::<Vec<_>>());
    File { path: path.to_owned(), bytes: collection(model, name, &[text]) }
}

/// `layers.csv`.
pub(super) fn layer_list(layers: &[Layer]) -> File {
    let mut text =
        String::from("key,file,coverage,complete,accuracy_m,touch_counts,source,title_zh,title_en,group,style\n");
    for layer in layers {
        let declared = &layer.declared;
        text.push_str(&csv_line(&[
            &layer.key,
            &layer_file(&layer.key),
            &format!("coverage/{}.geojson", declared.coverage),
            &declared.complete.to_string(),
            &declared.accuracy_m.to_string(),
            &declared.touch_counts.to_string(),
            "simulated",
            &layer.title_zh,
            &layer.title_en,
            &declared.group,
            &declared.style,
        ]));
    }
    File { path: "layers.csv".to_owned(), bytes: text.into_bytes() }
}

/// `edition.toml`.
pub(super) fn edition(model: &Model, edition: &EditionModel, seed: u64) -> File {
    let to = edition.to.map_or_else(String::new, |to| format!("to = {to}\n"));
    let text = format!(
        "# {}\n# {}\nid = {}\ncity = \"{CITY}\"\ntitle_zh = {}\ntitle_en = {}\ncrs = \"EPSG:4490\"\narea_crs = \"EPSG:4548\"\nfrom = {}\n{to}synthetic = true\nsource = \"simulated\"\nseed = {seed}\nnotice_zh = {}\nnotice_en = {}\n",
        model.notice_zh,
        model.notice_en,
        quoted(&edition.id),
        quoted(&edition.title_zh),
        quoted(&edition.title_en),
        edition.from,
        quoted(&model.notice_zh),
        quoted(&model.notice_en),
    );
    File { path: "edition.toml".to_owned(), bytes: text.into_bytes() }
}

/// The manifest from which the folder of an edition can be built anew; it lies beside the folder.
pub(super) fn manifest(model: &Model, edition: &EditionModel, layers: &[Layer]) -> String {
    let id = &edition.id;
    let to = edition.to.map_or_else(String::new, |to| format!("to = {to}\n"));
    let mut text = format!(
        "# {}\n# {}\nid = {}\ncity = \"{CITY}\"\ncrs = \"EPSG:4490\"\nfrom = {}\n{to}title_zh = {}\ntitle_en = {}\nsynthetic = true\nunits = \"{id}/units.geojson\"\noutline = \"{id}/outline.geojson\"\nrules = \"{id}/rules\"\ntables = \"{id}/tables\"\nledger = \"{id}/ledger.csv\"\nstatus = \"{id}/status.csv\"\ncitations = \"{id}/citations.csv\"\n",
        model.notice_zh,
        model.notice_en,
        quoted(id),
        edition.from,
        quoted(&edition.title_zh),
        quoted(&edition.title_en),
    );
    for layer in layers {
        let declared = &layer.declared;
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n[[layer]]\nkey = {}\nfile = {}\ncoverage = {}\ncomplete = {}\naccuracy_m = {:?}\ntouch_counts = {}\nsource = \"simulated\"\ntitle_zh = {}\ntitle_en = {}\ngroup = {}\nstyle = {}\n",
            quoted(&layer.key),
            quoted(&format!("{id}/{}", layer_file(&layer.key))),
            quoted(&format!("{id}/coverage/{}.geojson", declared.coverage)),
            declared.complete,
            declared.accuracy_m,
            declared.touch_counts,
            quoted(&layer.title_zh),
            quoted(&layer.title_en),
            quoted(&declared.group),
            quoted(&declared.style),
        );
    }
    text
}
