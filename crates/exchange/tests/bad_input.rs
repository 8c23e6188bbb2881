//! What strangers may send to hurt: each is refused within a second and 200 MB, by a finding in Chinese and English that
//! names the line or the feature where there is one.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, missing_docs)]

use datafusion::arrow::array::{ArrayRef, BinaryArray, StringArray};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::file::metadata::KeyValue;
use exchange::{
    DeclaredCrs, Feature, FeatureTable, Findings, FlatBatch, FlatFile, ReadOptions, Source, read_features,
    write_geopackage,
};
use sqlx::Connection as _;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

/// Seconds of processor time; on a shared machine the wall clock tells of others.
const SECONDS_MAX: f64 = 1.0;
const MEGABYTES_MAX: f64 = 200.0;
const MB: usize = 1 << 20;

/// A file, and which of these findings it must get, at which line or feature.
struct Case {
    what: &'static str,
    name: &'static str,
    content: Vec<u8>,
    codes: &'static [&'static str],
    line: Option<u64>,
}

fn case(
    what: &'static str,
    name: &'static str,
    content: impl Into<Vec<u8>>,
    codes: &'static [&'static str],
    line: Option<u64>,
) -> Case {
    Case { what, name, content: content.into(), codes, line }
}

fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn megabytes(key: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(key)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

fn refuse(case: &Case) {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let (memory, seconds) = (megabytes("VmRSS"), processor_seconds());
    let mut findings = Findings::new();
    let source = Source::Bytes { name: case.name, content: &case.content };
    let table = read_features(&source, &ReadOptions::default(), &mut findings);
    let (seconds, memory) = (processor_seconds() - seconds, megabytes("VmHWM") - memory);
    println!("{:40} {seconds:5.2} s {memory:6.1} MB  {:?}", case.what, findings.counts());
    let finding = findings.kept().iter().find(|finding| case.codes.contains(&finding.code));
    let finding = finding.unwrap_or_else(|| panic!("{}: {:?}", case.what, findings.kept()));
    for words in [&finding.message_zh, &finding.action_zh] {
        assert!(words.chars().any(|c| c > '\u{3000}'), "{}: {words}", case.what);
    }
    assert!(finding.message_en.is_ascii() && !finding.message_en.starts_with("something is wrong"), "{}", case.what);
    assert_eq!(finding.line, case.line, "{}: {finding:?}", case.what);
    match table {
        Err(_) => {}
        // A bad shape in a good file is a feature without a shape, or a line that is left out.
        Ok(table) => {
            let empty = table.features.iter().any(|feature| feature.shape.is_none());
            let left_out = table.features.iter().all(|feature| feature.line != case.line);
            assert!((empty || left_out) && case.line.is_some(), "{} was taken", case.what);
        }
    }
    assert!(seconds < SECONDS_MAX, "{} took {seconds} s", case.what);
    assert!(memory < MEGABYTES_MAX, "{} took {memory} MB", case.what);
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/zoning/formats").join(name)).unwrap()
}

fn bent(mut bytes: Vec<u8>, at: usize, with: &[u8]) -> Vec<u8> {
    bytes[at..at + with.len()].copy_from_slice(with);
    bytes
}

fn zip_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, content) in entries {
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn link() -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.add_symlink("a.shp", "/etc/passwd", zip::write::SimpleFileOptions::default()).unwrap();
    writer.finish().unwrap().into_inner()
}

/// The directory's entry of a one-entry archive, with other bytes at an offset.
fn directory_bent(archive: Vec<u8>, at: usize, with: &[u8]) -> Vec<u8> {
    let entry = archive.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    bent(archive, entry + at, with)
}

#[test]
fn archives() {
    let shp = fixture("parcels-gbk.shp");
    let zeros = vec![0u8; 49 * MB];
    let many: Vec<String> = (0..60_000).map(|n| format!("{n}.prj")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
    let kml = b"<kml><Document/></kml>";
    for one in [
        case("a thousand to one", "a.zip", zip_of(&[("a.shp", &zeros)]), &["zip_ratio"], None),
        case("a thousand to one, as KMZ", "a.kmz", zip_of(&[("doc.kml", &zeros)]), &["zip_ratio"], None),
        case(
            "a thousand to one, as a workbook",
            "a.xlsx",
            zip_of(&[("xl/a", &zeros), ("xl/b", &zeros)]),
            &["zip_ratio"],
            None,
        ),
        case(
            "a bomb that says it is small",
            "a.zip",
            directory_bent(zip_of(&[("a.geojson", &zeros)]), 24, &100u32.to_le_bytes()),
            &["zip_form", "zip_ratio", "json_form"],
            None,
        ),
        case("an archive in the archive", "a.zip", zip_of(&[("b.ZIP", b"PK")]), &["zip_nested"], None),
        case("a KMZ in the archive", "a.zip", zip_of(&[("b.kmz", b"PK")]), &["zip_nested"], None),
        case("an archive in a KMZ", "a.kmz", zip_of(&[("doc.kml", kml), ("b.zip", b"PK")]), &["zip_nested"], None),
        case("60,000 entries", "a.zip", zip_of(&many), &["zip_entries"], None),
        case("60,000 entries, as a workbook", "a.xlsx", zip_of(&many), &["zip_entries"], None),
        case("a parent folder", "a.zip", zip_of(&[("../a.shp", &shp)]), &["zip_path"], None),
        case("a parent folder inside", "a.zip", zip_of(&[("x/../../a.shp", &shp)]), &["zip_path"], None),
        case("a parent folder of Windows", "a.zip", zip_of(&[("..\\a.shp", &shp)]), &["zip_path"], None),
        case("an absolute path", "a.zip", zip_of(&[("/etc/a.shp", &shp)]), &["zip_path"], None),
        case("a drive", "a.zip", zip_of(&[("C:\\a.shp", &shp)]), &["zip_path"], None),
        case("a link", "a.zip", link(), &["zip_path"], None),
        case("a parent folder in a KMZ", "a.kmz", zip_of(&[("../doc.kml", kml)]), &["zip_path"], None),
        case("two maps and no doc.kml", "a.kmz", zip_of(&[("a.kml", kml), ("b.kml", kml)]), &["layers_many"], None),
        case("no map", "a.kmz", zip_of(&[("a.geojson", b"{}")]), &["zip_empty"], None),
        case(
            "a password",
            "a.zip",
            directory_bent(zip_of(&[("a.shp", &shp)]), 8, &[1]),
            &["zip_locked", "zip_form"],
            None,
        ),
        case("cut", "a.zip", zip_of(&[("a.shp", &shp)])[..200].to_vec(), &["zip_form"], None),
    ] {
        refuse(&one);
    }
}

#[test]
fn lengths_that_lie() {
    let (shp, dbf) = (fixture("parcels-gbk.shp"), fixture("parcels-gbk.dbf"));
    let pack = |shp: Vec<u8>, dbf: Vec<u8>| zip_of(&[("a.shp", &shp), ("a.dbf", &dbf)]);
    let (fgb, big) = (fixture("parcels.fgb"), [0xff, 0xff, 0xff, 0x7f]);
    let header = u32::from_le_bytes(fgb[8..12].try_into().unwrap()) as usize;
    let parquet = fixture("parcels.parquet");
    let end = parquet.len();
    for one in [
        case(
            "shp: length of the file",
            "a.zip",
            pack(bent(shp.clone(), 24, &[0x7f, 0, 0, 0]), dbf.clone()),
            &["shp_length"],
            None,
        ),
        case(
            "shp: length of a record",
            "a.zip",
            pack(bent(shp.clone(), 104, &[0x7f, 0, 0, 0]), dbf.clone()),
            &["shp_length"],
            Some(1),
        ),
        case(
            "shp: number of parts",
            "a.zip",
            pack(bent(shp.clone(), 144, &big), dbf.clone()),
            &["shape_cut", "shp_length"],
            Some(1),
        ),
        case(
            "shp: number of points",
            "a.zip",
            pack(bent(shp.clone(), 148, &big), dbf.clone()),
            &["shape_cut", "shp_length"],
            Some(1),
        ),
        case(
            "shp: where a part begins",
            "a.zip",
            pack(bent(shp.clone(), 152, &big), dbf.clone()),
            &["shape_cut", "shape_form", "shp_length"],
            Some(1),
        ),
        case(
            "shp: no number",
            "a.zip",
            pack(bent(shp.clone(), 156, &f64::NAN.to_le_bytes()), dbf.clone()),
            &["coordinate_form"],
            Some(1),
        ),
        case(
            "shp: infinite",
            "a.zip",
            pack(bent(shp.clone(), 156, &f64::INFINITY.to_le_bytes()), dbf.clone()),
            &["coordinate_form"],
            Some(1),
        ),
        case("dbf: records", "a.zip", pack(shp.clone(), bent(dbf.clone(), 4, &big)), &["dbf_records"], None),
        case(
            "dbf: header",
            "a.zip",
            pack(shp.clone(), bent(dbf.clone(), 8, &[0xff, 0xff])),
            &["dbf_form", "dbf_records"],
            None,
        ),
        case("dbf: record", "a.zip", pack(shp, bent(dbf, 10, &[0xff, 0xff])), &["dbf_form", "dbf_records"], None),
        case("fgb: header", "a.fgb", bent(fgb.clone(), 8, &big), &["fgb_form"], None),
        case("fgb: a negative header", "a.fgb", bent(fgb.clone(), 8, &[0xff; 4]), &["fgb_form"], None),
        case("fgb: damage in the header", "a.fgb", bent(fgb.clone(), 12, &[0xff; 8]), &["fgb_form"], None),
        case("fgb: cut", "a.fgb", fgb[..12 + header + 8].to_vec(), &["fgb_form", "shape_cut"], None),
        case("parquet: footer", "a.parquet", bent(parquet.clone(), end - 8, &big), &["parquet_form"], None),
        case("parquet: cut", "a.parquet", parquet[..end - 20].to_vec(), &["parquet_form"], None),
        case("parquet: no metadata", "a.parquet", b"PAR1\0\0\0\0PAR1".to_vec(), &["parquet_form"], None),
    ] {
        refuse(&one);
    }
}

fn feature(geometry: &str) -> String {
    format!(r#"{{"type":"Feature","properties":{{"code":"A"}},"geometry":{geometry}}}"#)
}

fn collection(features: impl Iterator<Item = String>) -> String {
    let features: Vec<String> = features.collect();
    format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}", features.join(",\n"))
}

#[test]
fn geojson() {
    let good = || feature(r#"{"type":"Point","coordinates":[118,24]}"#);
    let lines = |bad: &str| format!("{}\n{}\n{}", good(), bad, good());
    let line_of = |coordinates: &str| feature(&format!(r#"{{"type":"LineString","coordinates":{coordinates}}}"#));
    let long = |value: &str, until: usize| {
        let mut text = String::from("[[1,2]");
        while text.len() < until {
            text.push_str(value);
        }
        text + "]"
    };
    let wide = (0..8_000).map(|n| format!("\"f{n}\":1")).collect::<Vec<_>>().join(",");
    let wide_then_long = format!("{{\"type\":\"Feature\",\"properties\":{{{wide}}},\"geometry\":null}}");
    let nothing = || r#"{"type":"Feature","properties":{},"geometry":null}"#.to_owned();
    let fields = (0..10_100).map(|n| format!("\"f{n}\":1")).collect::<Vec<_>>().join(",");
    let parts = format!(
        r#"{{"type":"GeometryCollection","geometries":[{}]}}"#,
        vec![r#"{"type":"Point","coordinates":[]}"#; 150_000].join(",")
    );
    for one in [
        case("no number", "a.geojsonl", lines(&line_of("[[NaN,24],[118,24]]")), &["json_form"], Some(2)),
        case(
            "infinite",
            "a.geojsonl",
            lines(&line_of("[[1e999,24],[118,24]]")),
            &["json_form", "coordinate_form"],
            Some(2),
        ),
        case("beyond any map", "a.geojsonl", lines(&line_of("[[1e12,24],[118,24]]")), &["coordinate_form"], Some(2)),
        case(
            "a position of text",
            "a.geojsonl",
            lines(&line_of("[[\"118\",24],[118,24]]")),
            &["coordinate_form", "json_form"],
            Some(2),
        ),
        case(
            "a ring of two",
            "a.geojsonl",
            lines(&feature(r#"{"type":"Polygon","coordinates":[[[1,2],[3,4]]]}"#)),
            &["ring_short"],
            Some(2),
        ),
        case("8 million vertices", "a.geojson", line_of(&long(",[1,2]", 49 * MB)), &["vertices_many"], Some(1)),
        case("51 MB", "a.geojson", " ".repeat(51 * MB), &["file_large"], None),
        case(
            "100,001 features",
            "a.geojson",
            collection((0..100_001).map(|_| nothing())),
            &["features_many"],
            Some(100_001),
        ),
        case(
            "10,100 fields",
            "a.geojson",
            format!("{{\"type\":\"Feature\",\"properties\":{{{fields}}},\"geometry\":null}}"),
            &["fields_many"],
            Some(1),
        ),
        case(
            "wide, then long",
            "a.geojson",
            collection(std::iter::once(wide_then_long).chain((0..90_000).map(|_| nothing()))),
            &["cells_many"],
            Some(313),
        ),
        case("150,000 empty parts", "a.geojson", feature(&parts), &["vertices_many"], Some(1)),
        case(
            "a text of 40 MB",
            "a.geojson",
            format!(r#"{{"type":"Feature","properties":{{"name":"{}"}},"geometry":null}}"#, "a".repeat(40 * MB)),
            &["value_long"],
            Some(1),
        ),
        case(
            "coordinates a million deep",
            "a.geojson",
            feature(&format!(r#"{{"type":"Polygon","coordinates":{}"#, "[".repeat(MB))),
            &["json_form", "shape_form"],
            Some(1),
        ),
        case(
            "attributes a million deep",
            "a.geojson",
            format!(r#"{{"type":"Feature","properties":{{"a":{}"#, "[".repeat(MB)),
            &["json_form"],
            Some(1),
        ),
        case(
            "unknown members a million deep",
            "a.geojson",
            format!(r#"{{"x":{}"#, r#"{"x":"#.repeat(MB / 5)),
            &["json_form"],
            Some(1),
        ),
        case(
            "collections in collections",
            "a.geojson",
            feature(&(r#"{"type":"GeometryCollection","geometries":["#.repeat(100_000))),
            &["json_form"],
            Some(1),
        ),
        case("cut", "a.geojson", &collection(std::iter::once(good()))[..120], &["json_form"], Some(2)),
        case("another thing", "a.geojson", r#"{"type":"Topology"}"#, &["json_form"], Some(1)),
        case("no JSON", "a.geojson", b"\x89PNG\r\n\x1a\n".to_vec(), &["encoding", "json_form"], Some(1)),
    ] {
        refuse(&one);
    }
}

#[test]
fn texts() {
    let kml = |body: &str| format!("<kml><Document>\n{body}\n</Document></kml>");
    let place = |coordinates: &str| {
        kml(&format!("<Placemark><LineString><coordinates>{coordinates}</coordinates></LineString></Placemark>"))
    };
    let laughs: String =
        (1..10).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))).collect();
    let attributes: String = (0..400_000).map(|n| format!(" a{n}=\"\"")).collect();
    let csv = |wkt: &str| format!("id,wkt\n1,POINT (118 24)\n2,\"{wkt}\"\n");
    let txt = |point: &str| {
        format!(
            "[属性描述]\n坐标系=2000国家大地坐标系\n几度分带=3\n计量单位=米\n带号=39\n[地块坐标]\n3,,1,a,面,,,,@\nJ1,1,2712000,39512000\n{point}\nJ3,1,2712100,39512100\n"
        )
    };
    for one in [
        case(
            "kml: a document type",
            "a.kml",
            format!("<!DOCTYPE kml [{laughs}]>{}", kml("&l9;")),
            &["xml_entity"],
            Some(1),
        ),
        case(
            "kml: a file as an entity",
            "a.kml",
            format!("<!DOCTYPE kml [<!ENTITY f SYSTEM \"file:///etc/passwd\">]>{}", kml("&f;")),
            &["xml_entity"],
            Some(1),
        ),
        case(
            "kml: an unknown entity",
            "a.kml",
            kml("<Placemark><name>&f;</name></Placemark>"),
            &["xml_entity"],
            Some(2),
        ),
        case("kml: a million deep", "a.kml", kml(&"<Folder>".repeat(MB)), &["kml_form"], Some(2)),
        case(
            "kml: 400,000 attributes",
            "a.kml",
            kml(&format!("<Placemark{attributes}><name>a</name></Placemark>")),
            &["shape_missing"],
            Some(2),
        ),
        case("kml: millions of vertices", "a.kml", place(&"118,24 ".repeat(6 * MB)), &["vertices_many"], Some(2)),
        case("kml: no number", "a.kml", place("118,24\nNaN,24 118,25"), &["coordinate_form"], Some(3)),
        case("kml: no such latitude", "a.kml", place("118,24\n118,91"), &["coordinate_form"], Some(3)),
        case(
            "kml: a text of 40 MB",
            "a.kml",
            kml(&format!("<Placemark><name>{}</name></Placemark>", "a".repeat(40 * MB))),
            &["value_long"],
            Some(2),
        ),
        case("kml: cut", "a.kml", "<kml><Document><Placemark>", &["kml_form"], Some(1)),
        case("kml: a page", "a.kml", "<html><script>alert(1)</script></html>", &["kml_form"], Some(1)),
        case(
            "wkt: no number",
            "a.csv",
            csv("LINESTRING (nan 24, 118 25)"),
            &["coordinate_form", "shape_form"],
            Some(3),
        ),
        case("wkt: infinite", "a.csv", csv("POINT (1e999 24)"), &["coordinate_form", "shape_form"], Some(3)),
        case(
            "wkt: a million deep",
            "a.csv",
            csv(&"GEOMETRYCOLLECTION(".repeat(50_000)),
            &["shape_form", "value_long"],
            Some(3),
        ),
        case(
            "wkt: millions of vertices",
            "a.csv",
            csv(&format!("LINESTRING ({}1 2)", "1 2,".repeat(10 * MB))),
            &["vertices_many", "value_long", "line_long"],
            Some(3),
        ),
        case("csv: no shapes", "a.csv", "id,name\n1,a\n", &["shape_columns_missing"], None),
        case("txt: no number", "a.txt", txt("J2,1,2712000,nan"), &["land_point"], Some(9)),
        case("txt: a word", "a.txt", txt("J2,1,2712000,3951x"), &["land_point"], Some(9)),
        case("txt: beyond China", "a.txt", txt("J2,1,2712000,1"), &["land_magnitude"], Some(9)),
        case(
            "txt: millions of vertices",
            "a.txt",
            txt(&"J2,1,2712000,39512100\n".repeat(MB)),
            &["vertices_many"],
            Some(200_008),
        ),
        case("dxf: binary", "a.dxf", b"AutoCAD Binary DXF\r\n\x1a\0".to_vec(), &["dxf_binary"], None),
        case("dxf: a group that is none", "a.dxf", "0\nSECTION\n2\nENTITIES\nx\n", &["dxf_form"], Some(5)),
    ] {
        refuse(&one);
    }
}

/// A geometry in little-endian WKB: its code and what follows.
fn wkb(code: u32, body: &[&[u8]]) -> Vec<u8> {
    [&[1][..], &code.to_le_bytes(), &body.concat()].concat()
}

fn ring(vertices: &[[f64; 2]]) -> Vec<u8> {
    let numbers = vertices.iter().flatten().flat_map(|number| number.to_le_bytes());
    (vertices.len() as u32).to_le_bytes().into_iter().chain(numbers).collect()
}

/// Bytes that lie about a shape, and what must be said of each.
fn wkb_that_lies() -> Vec<(&'static str, Vec<u8>, &'static [&'static str])> {
    let (one, two, big) = (1_u32.to_le_bytes(), 2_u32.to_le_bytes(), u32::MAX.to_le_bytes());
    let square = ring(&[[118.0, 24.0], [118.1, 24.0], [118.1, 24.1], [118.0, 24.0]]);
    let polygon = wkb(3, &[&one, &square]);
    let point = wkb(1, &[&118_f64.to_le_bytes(), &24_f64.to_le_bytes()]);
    let nested = (0..9).fold(polygon.clone(), |inner, _| wkb(7, &[&one, &inner]));
    let deep = (0..100_000).fold(Vec::new(), |mut bytes, _| {
        bytes.extend(wkb(7, &[&one]));
        bytes
    });
    let cut = ["shape_cut"].as_slice();
    let form = ["shape_form"].as_slice();
    vec![
        ("no byte", Vec::new(), cut),
        ("a byte order alone", vec![1], cut),
        ("a byte order that is none", bent(polygon.clone(), 0, &[7]), form),
        ("the other byte order", bent(polygon.clone(), 0, &[0]), &["shape_form", "shape_cut"]),
        (
            "the other byte order in a part",
            wkb(6, &[&one, &bent(polygon.clone(), 0, &[0])]),
            &["shape_form", "shape_cut"],
        ),
        ("a kind that is none", wkb(99, &[&one, &square]), form),
        ("a kind of 0", wkb(0, &[&one, &square]), form),
        ("a thousand that is none", wkb(4003, &[&one, &square]), form),
        ("a flag that is none", wkb(0x0100_0003, &[&one, &square]), form),
        ("a curve", wkb(10, &[&one, &polygon]), &["shape_curve"]),
        ("a triangle mesh", wkb(16, &[&one, &polygon]), &["shape_curve", "shape_form"]),
        ("more rings than there are", wkb(3, &[&two, &square]), cut),
        ("rings without end", wkb(3, &[&big, &square]), cut),
        ("vertices without end", wkb(3, &[&one, &big, &square[4..]]), cut),
        ("one vertex more", wkb(3, &[&one, &5_u32.to_le_bytes(), &square[4..]]), cut),
        ("one vertex less", wkb(3, &[&one, &3_u32.to_le_bytes(), &square[4..]]), form),
        ("fewer rings than there are", wkb(3, &[&0_u32.to_le_bytes(), &square]), form),
        ("parts without end", wkb(6, &[&big, &polygon]), cut),
        ("more parts than there are", wkb(6, &[&two, &polygon]), cut),
        ("fewer parts than there are", wkb(6, &[&one, &polygon, &polygon]), form),
        ("a point among polygons", wkb(6, &[&two, &polygon, &point]), form),
        ("a collection among polygons", wkb(6, &[&one, &wkb(7, &[&one, &polygon])]), form),
        ("points and areas together", wkb(7, &[&two, &polygon, &point]), &["shape_mixed"]),
        ("a height that is not there", wkb(1003, &[&one, &square]), cut),
        ("a system that is not there", wkb(0x2000_0001, &[&118_f64.to_le_bytes(), &24_f64.to_le_bytes()]), cut),
        ("nested too deep", nested, form),
        ("nested without end", deep, form),
        ("no number", wkb(1, &[&f64::NAN.to_le_bytes(), &24_f64.to_le_bytes()]), &["coordinate_form"]),
        ("infinite", wkb(3, &[&one, &bent(square.clone(), 4, &f64::INFINITY.to_le_bytes())]), &["coordinate_form"]),
        ("cut in a vertex", polygon[..polygon.len() - 3].to_vec(), cut),
        ("bytes behind the end", [polygon, b"more".to_vec()].concat(), form),
    ]
}

/// A sound shape, then those of `shapes`, as `write` lays them into a file.
fn file_of(name: &str, shapes: &[Vec<u8>], write: impl FnOnce(&Path, &[Vec<u8>])) -> (tempfile::TempDir, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let sound = wkb(1, &[&118_f64.to_le_bytes(), &24_f64.to_le_bytes()]);
    let all: Vec<Vec<u8>> = std::iter::once(sound).chain(shapes.iter().cloned()).collect();
    write(&path, &all);
    let content = std::fs::read(&path).unwrap();
    (folder, content)
}

fn geoparquet(path: &Path, shapes: &[Vec<u8>]) {
    let codes: Vec<String> = (0..shapes.len()).map(|n| format!("P{n}")).collect();
    let columns: [(&str, ArrayRef); 2] =
        [("code", Arc::new(StringArray::from(codes))), ("geometry", Arc::new(BinaryArray::from_iter_values(shapes)))];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(std::fs::File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    let geo = r#"{"version":"1.1.0","primary_column":"geometry","columns":{"geometry":{"encoding":"WKB","geometry_types":[]}}}"#;
    writer.append_key_value_metadata(KeyValue::new("geo".to_owned(), geo.to_owned()));
    writer.close().unwrap();
}

/// GeoPackage blobs as they stand.
fn geopackage(path: &Path, blobs: &[Vec<u8>]) {
    let feature = |number| Feature { number, line: None, values: vec![format!("P{number}")], shape: None };
    let table = FeatureTable {
        crs: DeclaredCrs::Epsg(4490),
        fields: vec!["code".to_owned()],
        features: (1..=blobs.len() as u64).map(feature).collect(),
        ..FeatureTable::default()
    };
    write_geopackage(&table, "site", path).unwrap();
    let run = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    run.block_on(async {
        let settings = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
        let mut db = sqlx::SqliteConnection::connect_with(&settings).await.unwrap();
        for (number, blob) in (1_i64..).zip(blobs) {
            let set = sqlx::query("UPDATE site SET geom = ?1 WHERE fid = ?2").bind(blob).bind(number);
            set.execute(&mut db).await.unwrap();
        }
        db.close().await.unwrap();
    });
}

/// A blob with the shortest head that a GeoPackage has.
fn blob(wkb: &[u8]) -> Vec<u8> {
    [b"GP\0\x01".as_slice(), &4490_u32.to_le_bytes(), wkb].concat()
}

#[test]
fn wkb_that_lies_in_geoparquet() {
    for (what, bytes, codes) in wkb_that_lies() {
        let (folder, content) = file_of("a.parquet", &[bytes], geoparquet);
        refuse(&case(what, "a.parquet", content, codes, Some(2)));
        // The reader of overlays is another one.
        let mut findings = Findings::new();
        let file = FlatFile::open(&folder.path().join("a.parquet"), &mut findings).unwrap();
        let mut shapes = Vec::new();
        let work = |batch: &FlatBatch| (0..batch.len()).map(|n| batch.geometry(n)).collect::<Vec<_>>();
        file.for_each(1, &mut findings, work, |batch| shapes.extend(batch)).unwrap();
        assert!(shapes.len() == 2 && shapes[0].is_some() && shapes[1].is_none(), "{what}: {shapes:?}");
        assert!(findings.kept().iter().any(|one| codes.contains(&one.code)), "{what}: {:?}", findings.kept());
    }
}

#[test]
fn wkb_that_lies_in_geopackage() {
    let sound = wkb(1, &[&118_f64.to_le_bytes(), &24_f64.to_le_bytes()]);
    let heads = [
        ("no magic", b"XX\0\x01".as_slice()),
        ("a later version", b"GP\x01\x01"),
        ("an envelope that is none", b"GP\0\x0b"),
        ("an extended geometry", b"GP\0\x21"),
    ];
    let heads = heads.map(|(what, head)| {
        let blob = [head, &4490_u32.to_le_bytes(), &sound].concat();
        (what, blob, ["shape_form"].as_slice())
    });
    // A head that promises an envelope of 64 bytes.
    let long = [b"GP\0\x09".as_slice(), &4490_u32.to_le_bytes(), &sound].concat();
    let short = (("an envelope that is not there"), long, ["shape_cut"].as_slice());
    let lies = wkb_that_lies().into_iter().map(|(what, bytes, codes)| (what, blob(&bytes), codes));
    for (what, bytes, codes) in lies.chain(heads).chain([short]) {
        let first_as_blob = |path: &Path, shapes: &[Vec<u8>]| geopackage(path, &[blob(&shapes[0]), shapes[1].clone()]);
        let (_folder, content) = file_of("a.gpkg", &[bytes], first_as_blob);
        refuse(&case(what, "a.gpkg", content, codes, Some(2)));
    }
}

#[test]
fn what_is_not_what_its_name_says() {
    let noise: Vec<u8> = (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for (name, codes) in [
        ("a.zip", &["zip_form"][..]),
        ("a.kmz", &["zip_form"]),
        ("a.xlsx", &["zip_form", "file_form"]),
        ("a.shp", &["shp_form", "shp_length"]),
        ("a.gpkg", &["gpkg_form"]),
        ("a.parquet", &["parquet_form"]),
        ("a.fgb", &["fgb_form"]),
        ("a.geojson", &["encoding"]),
        ("a.kml", &["encoding", "kml_form"]),
        ("a.dxf", &["dxf_form"]),
        ("a.txt", &["land_form"]),
        ("a.exe", &["format_unknown"]),
    ] {
        let mut findings = Findings::new();
        let source = Source::Bytes { name, content: &noise };
        assert!(read_features(&source, &ReadOptions::default(), &mut findings).is_err(), "{name}");
        assert!(findings.kept().iter().any(|finding| codes.contains(&finding.code)), "{name}: {:?}", findings.kept());
        assert!(
            read_features(&Source::Bytes { name, content: b"" }, &ReadOptions::default(), &mut findings).is_err(),
            "{name}"
        );
    }
}
