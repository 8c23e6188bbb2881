//! Files that GDAL, GeoPandas and ezdxf wrote, and files that want to hurt.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use exchange::{
    DeclaredCrs, FeatureTable, FieldAliases, Findings, FlatBatch, FlatFile, Limits, ReadOptions, Source, SpatialError,
    read_features, write_flatgeobuf, write_geojson, write_geopackage,
};
use geo::{Area, CoordsIter, Geometry, MapCoords};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const FORMATS: [&str; 12] = [
    "parcels.geojson",
    "parcels.gpkg",
    "parcels.fgb",
    "parcels.parquet",
    "parcels-utf8.zip",
    "parcels-gbk.shp",
    "parcels.csv",
    "parcels.xlsx",
    "parcels.txt",
    "parcels-4490.gpkg",
    "parcels.kml",
    "parcels.kmz",
];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/zoning/formats").join(name)
}

fn aliases() -> FieldAliases {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../norms/zoning/fields.csv");
    FieldAliases::read(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn read(name: &str) -> (FeatureTable, Findings) {
    let mut findings = Findings::new();
    let table = read_features(&Source::File(&fixture(name)), &ReadOptions::default(), &mut findings);
    (table.unwrap_or_else(|error| panic!("{name}: {error} {:?}", findings.kept())), findings)
}

fn refused(name: &str, content: &[u8]) -> &'static str {
    let mut findings = Findings::new();
    let source = Source::Bytes { name, content };
    match read_features(&source, &ReadOptions::default(), &mut findings) {
        Err(SpatialError::Refused { code, .. }) => {
            let finding = findings.kept().last().unwrap();
            assert_eq!(finding.code, code);
            assert_ne!(finding.message_en, "something is wrong with the input", "{code} has no words");
            code
        }
        other => panic!("{name}: {other:?}"),
    }
}

/// Value of a field by its meaning, ordered by code.
fn column(table: &FeatureTable, meaning: &str) -> Vec<String> {
    let aliases = aliases();
    let code = aliases.column(&table.fields, "code").or_else(|| table.field("id")).unwrap();
    let column = aliases.column(&table.fields, meaning).or_else(|| table.field(meaning)).unwrap();
    let mut rows: Vec<_> = table.features.iter().map(|f| (f.values[code].clone(), f.values[column].clone())).collect();
    rows.sort();
    rows.into_iter().map(|(_, value)| value).collect()
}

/// Shapes by code, single parts as such, in millimetres of EPSG:4548.
fn shapes(table: &FeatureTable) -> Vec<(String, f64, usize)> {
    let aliases = aliases();
    let code = aliases.column(&table.fields, "code").or_else(|| table.field("id")).unwrap();
    let crs = table.crs.known().unwrap().unwrap_or("EPSG:4548".parse().unwrap());
    let plane = "EPSG:4548".parse().unwrap();
    let mut rows: Vec<_> = table
        .features
        .iter()
        .map(|feature| {
            let shape = feature.shape.as_ref().unwrap();
            let shape: Geometry<f64> = shape.try_map_coords(|point| crs.carry(&plane, point)).unwrap();
            (feature.values[code].clone(), (shape.unsigned_area() * 1000.0).round() / 1000.0, shape.coords_count())
        })
        .collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows
}

#[test]
fn every_format_says_the_same() {
    let (first, _) = read(FORMATS[0]);
    assert_eq!(shapes(&first).iter().map(|row| row.2).collect::<Vec<_>>(), [5, 12, 9]);
    for name in FORMATS {
        let (table, findings) = read(name);
        assert_eq!(column(&table, "name"), ["集美后溪工业集中区", "灌口重点管控单元", "杏林湾一般管控单元"], "{name}");
        for (here, there) in shapes(&table).iter().zip(shapes(&first)) {
            assert_eq!((&here.0, here.2), (&there.0, there.2), "{name}");
            // A grid of 1e-9 degrees along a boundary of 400 m.
            assert!((here.1 - there.1).abs() < 0.02, "{name}: {here:?} {there:?}");
        }
        if name != "parcels.txt" {
            assert_eq!(column(&table, "class"), ["2", "2", "3"], "{name}");
            assert_eq!(column(&table, "declared_area"), ["0.9925", "2.8489", "1.433"], "{name}");
        }
        let expected = match name {
            "parcels.csv" | "parcels.xlsx" => DeclaredCrs::Undeclared,
            "parcels.txt" => DeclaredCrs::Epsg(4527),
            "parcels-4490.gpkg" => DeclaredCrs::Epsg(4490),
            "parcels.kml" | "parcels.kmz" => DeclaredCrs::Epsg(4326),
            _ => DeclaredCrs::Epsg(4548),
        };
        assert_eq!(table.crs, expected, "{name}");
        let said: Vec<_> = findings.counts().keys().copied().collect();
        let expected: &[&str] = match name {
            "parcels-gbk.shp" => &["encoding_chosen"],
            // The third parcel has two outer rings under numbers 1 and 2.
            "parcels.txt" => &["ring_order"],
            _ => &[],
        };
        assert_eq!(said, expected, "{name}: {:?}", findings.kept());
    }
}

#[test]
fn exact_coordinates_come_through() {
    let (first, _) = read(FORMATS[0]);
    for name in ["parcels.gpkg", "parcels.parquet", "parcels-utf8.zip", "parcels.csv", "parcels.xlsx"] {
        let (table, _) = read(name);
        for (here, there) in table.features.iter().zip(&first.features) {
            let mut here: Vec<_> = here.shape.as_ref().unwrap().coords_iter().map(|c| (c.x, c.y)).collect();
            let mut there: Vec<_> = there.shape.as_ref().unwrap().coords_iter().map(|c| (c.x, c.y)).collect();
            here.sort_by(|a, b| a.partial_cmp(b).unwrap());
            there.sort_by(|a, b| a.partial_cmp(b).unwrap());
            here.dedup();
            there.dedup();
            assert_eq!(here, there, "{name}");
        }
    }
}

#[test]
fn lines_in_wgs84_lie_where_gdal_put_them() {
    let (lines, findings) = read("parcels.geojsonl");
    assert_eq!((lines.features.len(), findings.total()), (3, 0));
    assert_eq!(lines.crs, DeclaredCrs::Undeclared);
    let point = lines.features[0].shape.as_ref().unwrap().coords_iter().next().unwrap();
    assert_eq!((point.x, point.y), (118.105_054_9, 24.507_970_1));
    assert_eq!(lines.features[2].line, Some(3));
}

#[test]
fn drawings_keep_layers_and_refuse_blocks() {
    let (table, findings) = read("parcels.dxf");
    let layers: Vec<_> = table.features.iter().map(|feature| feature.values[0].as_str()).collect();
    assert_eq!(layers, ["ZH35021120001", "ZH35021120002", "ZH35021120002", "ZH35021130001", "ZH35021130001", "圆"]);
    assert_eq!(findings.counts().get("dxf_block"), Some(&1));
    let circle = table.features[5].shape.as_ref().unwrap().unsigned_area();
    assert!((circle / (std::f64::consts::PI * 1e4) - 1.0).abs() < 2e-4);
    let (first, _) = read(FORMATS[0]);
    assert_eq!(
        table.features[0].shape.as_ref().unwrap().unsigned_area(),
        first.features[0].shape.as_ref().unwrap().unsigned_area()
    );
}

#[test]
fn what_is_written_reads_back() {
    let (table, _) = read("parcels.geojson");
    let folder = tempfile::tempdir().unwrap();
    let geojson = folder.path().join("a.geojson");
    let fgb = folder.path().join("a.fgb");
    let gpkg = folder.path().join("a.gpkg");
    write_geojson(&table, std::fs::File::create(&geojson).unwrap()).unwrap();
    write_flatgeobuf(&table, "parcels", std::fs::File::create(&fgb).unwrap()).unwrap();
    write_geopackage(&table, "parcels", &gpkg).unwrap();
    if let Some(keep) = std::env::var_os("KEEP_WRITTEN") {
        for file in [&geojson, &fgb, &gpkg] {
            std::fs::copy(file, Path::new(&keep).join(file.file_name().unwrap())).unwrap();
        }
    }
    for file in [geojson, fgb, gpkg] {
        let mut findings = Findings::new();
        let mut back = read_features(&Source::File(&file), &ReadOptions::default(), &mut findings).unwrap();
        back.features.sort_by(|a, b| a.values.cmp(&b.values));
        assert_eq!(back.fields, table.fields);
        assert_eq!(back.crs, table.crs);
        let mut there = table.features.clone();
        there.sort_by(|a, b| a.values.cmp(&b.values));
        for (here, there) in back.features.iter().zip(&there) {
            assert_eq!((&here.values, &here.shape), (&there.values, &there.shape), "{}", file.display());
        }
    }
}

#[test]
fn flat_batches_hold_the_same_shapes() {
    for name in FORMATS {
        let mut findings = Findings::new();
        let file = FlatFile::open(&fixture(name), &mut findings).unwrap();
        let mut shapes = Vec::new();
        let work = |batch: &FlatBatch| (0..batch.len()).map(|n| batch.geometry(n)).collect::<Vec<_>>();
        file.for_each(2, &mut findings, work, |batch| shapes.extend(batch)).unwrap();
        let (table, _) = read(name);
        let there: Vec<_> = table.features.into_iter().map(|feature| feature.shape).collect();
        assert_eq!(shapes, there, "{name}");
    }
}

/// Nothing that is cut, bent or mixed makes a panic, and nothing takes long.
#[test]
fn damaged_files_are_refused_or_read_but_never_panic() {
    let seed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    println!("seed {seed}");
    let mut state = seed | 1;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for name in FORMATS.iter().chain(&["parcels.dxf", "parcels.geojsonl"]) {
        let whole = std::fs::read(fixture(name)).unwrap();
        let rounds = if name.ends_with(".gpkg") { 30 } else { 150 };
        for round in 0..rounds {
            let mut content = whole.clone();
            if round % 3 == 0 {
                content.truncate(random() as usize % content.len());
            } else {
                for _ in 0..=random() % 8 {
                    let at = random() as usize % content.len();
                    content[at] ^= 1 << (random() % 8);
                }
            }
            let start = Instant::now();
            let mut findings = Findings::new();
            let source = Source::Bytes { name, content: &content };
            let _ = read_features(&source, &ReadOptions::default(), &mut findings);
            assert!(start.elapsed() < Duration::from_secs(5), "{name} round {round}");
        }
    }
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

#[test]
fn bombs_and_tricks_are_refused_at_once() {
    let zeros = vec![0u8; 49 << 20];
    let start = Instant::now();
    assert_eq!(refused("a.zip", &zip_of(&[("a.shp", &zeros)])), "zip_ratio");
    assert_eq!(refused("a.zip", &zip_of(&[("b.zip", b"PK")])), "zip_nested");
    assert_eq!(refused("a.zip", &zip_of(&[("../a.shp", b"")])), "zip_path");
    assert_eq!(refused("a.zip", &zip_of(&[("/etc/a.shp", b"")])), "zip_path");
    assert_eq!(refused("a.zip", &zip_of(&[("C:\\a.shp", b"")])), "zip_path");
    assert_eq!(refused("a.zip", &zip_of(&[("readme.md", b"hello")])), "zip_empty");
    assert_eq!(refused("a.zip", &zip_of(&[("a.geojson", b"{}"), ("b.geojson", b"{}")])), "layers_many");
    let many: Vec<String> = (0..2000).map(|n| format!("{n}.txt")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert_eq!(refused("a.zip", &zip_of(&many)), "zip_entries");
    assert_eq!(refused("a.zip", b"PK\x03\x04 nothing"), "zip_form");
    assert_eq!(refused("a.dwg", b"AC1015"), "format_unknown");
    assert_eq!(refused("a.gpkg", b"SQLite format 3\0"), "gpkg_form");
    assert_eq!(refused("a.parquet", b"PAR1"), "parquet_form");
    assert_eq!(refused("a.csv", b"id,name\n1,a\n"), "shape_columns_missing");
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

#[test]
fn lies_about_lengths() {
    let shp = std::fs::read(fixture("parcels-gbk.shp")).unwrap();
    let dbf = std::fs::read(fixture("parcels-gbk.dbf")).unwrap();
    let pack = |shp: &[u8], dbf: &[u8]| refused("a.zip", &zip_of(&[("a.shp", shp), ("a.dbf", dbf)]));
    let bent = |bytes: &[u8], at: usize, with: [u8; 4]| {
        let mut bytes = bytes.to_vec();
        bytes[at..at + 4].copy_from_slice(&with);
        bytes
    };
    assert_eq!(pack(&shp, &bent(&dbf, 4, [0, 0, 0, 0x80])), "dbf_records");
    assert_eq!(pack(&bent(&shp, 24, [0x7f, 0, 0, 0]), &dbf), "shp_length");
    assert_eq!(pack(&bent(&shp, 104, [0x7f, 0, 0, 0]), &dbf), "shp_length");
    assert_eq!(pack(&shp[..shp.len() - 8], &dbf), "shp_length");
}

#[test]
fn ten_million_vertices_are_refused_within_a_second() {
    // A polygon of ten million vertices would be 160 MB of WKB: an upload of that size is refused by its bytes. What
    // fits into the bytes is refused by its vertices.
    let mut text = String::from(r#"{"type":"Feature","geometry":{"type":"LineString","coordinates":["#);
    while text.len() < 49 << 20 {
        text.push_str("[1,2],");
    }
    text.push_str("[1,2]]}}");
    let start = Instant::now();
    assert_eq!(refused("a.geojson", text.as_bytes()), "vertices_many");
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    text.push_str(&" ".repeat(2 << 20));
    assert_eq!(refused("a.geojson", text.as_bytes()), "file_large");
    let limits = Limits::default();
    assert_eq!((limits.bytes, limits.vertices), (50 << 20, 200_000));
}

#[test]
fn not_a_number_names_the_feature() {
    let shp = std::fs::read(fixture("parcels-gbk.shp")).unwrap();
    let mut bent = shp.clone();
    // The first vertex of the first record: file header, record header, type, box, counts, one part.
    bent[100 + 8 + 48..100 + 8 + 56].copy_from_slice(&f64::NAN.to_le_bytes());
    let mut findings = Findings::new();
    let content = zip_of(&[("a.shp", &bent), ("a.dbf", &std::fs::read(fixture("parcels-gbk.dbf")).unwrap())]);
    let table =
        read_features(&Source::Bytes { name: "a.zip", content: &content }, &ReadOptions::default(), &mut findings);
    assert_eq!(table.unwrap().features[0].shape, None);
    let finding = findings.kept().iter().find(|finding| finding.code == "coordinate_form").unwrap();
    assert_eq!(finding.line, Some(1));
}

#[test]
fn a_sheet_that_is_empty_up_to_its_corner_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "wkt").unwrap();
    sheet.write_string(1_048_575, 0, "POINT (118 24)").unwrap();
    book.save(&path).unwrap();
    let mut findings = Findings::new();
    let table = read_features(&Source::File(&path), &ReadOptions::default(), &mut findings).unwrap();
    assert_eq!(table.features[0].line, Some(1_048_576));
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "wkt").unwrap();
    sheet.write_string(1_048_575, 16_383, "x").unwrap();
    let content = book.save_to_buffer().unwrap();
    assert_eq!(refused("a.xlsx", &content), "file_form");
}

#[test]
fn undeclared_stays_undeclared_until_somebody_says() {
    let text = br#"{"type":"Point","coordinates":[118.1,24.5]}"#;
    let source = Source::Bytes { name: "a.json", content: text };
    let read = |crs: Option<&str>| {
        let options = ReadOptions { crs: crs.map(str::to_owned), ..ReadOptions::default() };
        read_features(&source, &options, &mut Findings::new()).unwrap().crs
    };
    assert_eq!(read(None), DeclaredCrs::Undeclared);
    assert_eq!(read(Some("EPSG:4490")), DeclaredCrs::Epsg(4490));
    assert_eq!(read(Some("GCJ-02")), DeclaredCrs::Named("GCJ-02".to_owned()));
}
