//! The docx as a package: readable by others, whole, always the same.

use std::io::{Cursor, Read as _};
use std::time::{Duration, Instant};

use report::{
    Align, Block, Branch, Column, Document, Emphasis, Extent, Legend, MapError, MapLayer, MapSketch, Place,
    ReportError, Row, Shape, to_docx, to_html,
};

use crate::sample;

/// The parts of a package by name.
pub(crate) fn parts(docx: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
    (0..zip.len())
        .map(|index| {
            let mut file = zip.by_index(index).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            (file.name().unwrap().to_string(), content)
        })
        .collect()
}

/// Fails unless a text is well-formed XML: one root, balanced, escaped, without forbidden characters.
/// Gives the text between the tags.
pub(crate) fn well_formed(xml: &str) -> String {
    let body = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n").unwrap();
    let mut open: Vec<&str> = Vec::new();
    let mut words = String::new();
    let mut rest = body;
    let mut roots = 0;
    while !rest.is_empty() {
        let at = rest.find('<').unwrap_or(rest.len());
        let text = &rest[..at];
        assert!(text.is_empty() || !open.is_empty(), "text outside the root: {text:?}");
        words.push_str(&plain(text));
        if at == rest.len() {
            break;
        }
        let end = at + rest[at..].find('>').expect("a tag ends");
        let tag = &rest[at + 1..end];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else {
            roots += usize::from(open.is_empty());
            let inner = tag.trim_end_matches('/');
            let name = inner.split(' ').next().unwrap();
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == ':'), "{name:?}");
            let mut keys: Vec<&str> =
                inner.split('"').step_by(2).map(str::trim).filter(|key| !key.is_empty()).collect();
            inner.split('"').skip(1).step_by(2).for_each(|value| drop(plain(value)));
            keys.sort_unstable();
            assert!(keys.windows(2).all(|pair| pair[0] != pair[1]), "twice the same attribute: {tag}");
            if !tag.ends_with('/') {
                open.push(name);
            }
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty() && roots == 1, "{open:?} {roots}");
    words
}

/// Escaped text as it was.
fn plain(escaped: &str) -> String {
    for c in escaped.chars() {
        let lawful = matches!(c, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
        assert!(lawful && !matches!(c, '<' | '>'), "{c:?} in {escaped:?}");
    }
    for piece in escaped.split('&').skip(1) {
        assert!(["amp;", "lt;", "gt;", "quot;", "#39;"].iter().any(|name| piece.starts_with(name)), "&{piece}");
    }
    let back = escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    back.replace("&amp;", "&")
}

#[test]
fn the_same_document_is_the_same_bytes() {
    let paper = sample::paper();
    let (docx, html) = (to_docx(&paper).unwrap(), to_html(&paper).unwrap());
    // Another thread, after other papers, later.
    std::thread::sleep(Duration::from_millis(2_100));
    let again = std::thread::spawn(move || {
        to_docx(&Document::new("another")).unwrap();
        let paper = sample::paper();
        (to_docx(&paper).unwrap(), to_html(&paper).unwrap())
    });
    assert!((docx, html) == again.join().unwrap());
}

#[test]
fn every_part_is_well_formed_and_none_is_empty() {
    let docx = to_docx(&sample::paper()).unwrap();
    let parts = parts(&docx);
    assert_eq!(parts[0].0, "[Content_Types].xml", "readers look for it first");
    for (name, content) in &parts {
        assert!(content.len() > 60, "{name} is empty");
        if name.ends_with(".png") {
            assert!(content.starts_with(b"\x89PNG\r\n\x1a\n"), "{name}");
        } else {
            well_formed(std::str::from_utf8(content).unwrap());
        }
    }
    let text = |name: &str| {
        let part = parts.iter().find(|part| part.0 == name).unwrap_or_else(|| panic!("{name} is missing"));
        String::from_utf8(part.1.clone()).unwrap()
    };
    // What is referred to is there, and what is there is declared.
    let relations = text("word/_rels/document.xml.rels");
    for target in relations.split("Target=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(
            target.starts_with("https://") || parts.iter().any(|part| part.0 == format!("word/{target}")),
            "{target}"
        );
    }
    let document = text("word/document.xml");
    for id in document.split("r:id=\"").chain(document.split("r:embed=\"")).skip(1) {
        if let Some((id, _)) = id.split_once('"').filter(|(id, _)| id.starts_with("rId")) {
            assert!(relations.contains(&format!("Id=\"{id}\"")), "{id}");
        }
    }
    let types = text("[Content_Types].xml");
    for (name, _) in &parts {
        let by_ending = name.ends_with(".rels") || name.ends_with(".png") || name == "[Content_Types].xml";
        assert!(by_ending || types.contains(&format!("PartName=\"/{name}\"")), "{name}");
    }
    let styles = text("word/styles.xml");
    for style in document.split("Style w:val=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(styles.contains(&format!("w:styleId=\"{style}\"")), "{style}");
    }
}

#[test]
fn another_reader_finds_the_same_words() {
    let paper = sample::paper();
    let read = docx_rs::read_docx(&to_docx(&paper).unwrap()).unwrap();
    let tables = read.document.children.iter().filter(|child| matches!(child, docx_rs::DocumentChild::Table(_)));
    assert_eq!(tables.count(), 3);
    let words: String = read
        .document
        .children
        .iter()
        .filter_map(|child| match child {
            docx_rs::DocumentChild::Paragraph(paragraph) => Some(paragraph.raw_text() + "\n"),
            _ => None,
        })
        .collect();
    for expected in
        ["生态环境分区管控选址研判意见\n", "一、研判结论\n", "（一）基本情况\n", "× 禁止准入", "图 1　", "签发人："]
    {
        assert!(words.contains(expected), "{expected} is not in {words}");
    }
    assert_eq!(read.images.len(), 2, "map and code");
}

#[test]
fn no_entry_has_a_date() {
    let docx = to_docx(&sample::paper()).unwrap();
    let mut zip = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
    for index in 0..zip.len() {
        let file = zip.by_index(index).unwrap();
        assert_eq!(file.last_modified(), Some(zip::DateTime::DEFAULT), "{:?}", file.name());
    }
    let core = crate::golden::part(&to_docx(&Document::new("x")).unwrap(), "docProps/core.xml");
    assert!(!core.contains("dcterms:created"), "{core}");
}

#[test]
fn thirty_pages_take_less_than_a_second() {
    let mut paper = sample::paper();
    for chapter in 0..10 {
        paper.push(Block::heading(1, format!("第{chapter}部分")));
        let rows = (0..40).map(|row| {
            let text = "新建、改建、扩建项目应当符合所在单元的准入要求。".repeat(2);
            Row::new(if row % 3 == 0 { Emphasis::Bad } else { Emphasis::Plain }, [format!("{row}"), text])
        });
        let columns = vec![Column::new("编号", 1).aligned(Align::End), Column::new("要求", 6)];
        paper.push(Block::Table { caption: None, columns, rows: rows.collect() });
        let branches = (0..40).map(|line| Branch::new(line % 5, Emphasis::Good, "比较的两边都已知，结果为真"));
        paper.push(Block::Tree { branches: branches.collect() });
        paper.push(Block::PageBreak);
    }
    let begun = Instant::now();
    let docx = to_docx(&paper).unwrap();
    let docx_time = begun.elapsed();
    let html = to_html(&paper).unwrap();
    println!("docx {docx_time:?} {} bytes, html {:?} {} bytes", docx.len(), begun.elapsed() - docx_time, html.len());
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[test]
fn faults_say_where_they_are() {
    let told = |block: Block| {
        let mut paper = Document::new("x");
        paper.push(Block::PageBreak);
        paper.push(block);
        assert_eq!(to_docx(&paper).unwrap_err(), to_html(&paper).unwrap_err());
        to_html(&paper).unwrap_err()
    };
    let table = |columns: usize, cells: usize| Block::Table {
        caption: None,
        columns: vec![Column::new("x", 1); columns],
        rows: vec![Row::new(Emphasis::Plain, vec!["y"; cells])],
    };
    assert!(
        matches!(told(table(2, 3)), ReportError::Cells { spot, columns: 2, found: 3 } if spot.to_string() == "#2:1")
    );
    assert!(matches!(told(table(0, 0)), ReportError::Columns { found: 0, .. }));
    assert!(matches!(told(table(41, 41)), ReportError::Columns { found: 41, .. }));
    let code = |text: &str| Block::Code { text: text.to_owned(), caption: String::new() };
    assert!(matches!(told(code("")), ReportError::Code { .. }));
    assert!(matches!(told(code(&"x".repeat(501))), ReportError::Code { .. }));

    let map = |extent: [f64; 4], shape: Shape| {
        let [west, south, east, north] = extent;
        let places = vec![Place { shape, label: None }];
        let layers = vec![MapLayer { name: "x".into(), fill: None, stroke: None, places }];
        let sketch = MapSketch { extent: Extent { west, south, east, north }, layers, notice: String::new() };
        Block::Map { sketch, caption: String::new() }
    };
    let point = |at| Shape::Point { at };
    for extent in [[0.0; 4], [1.0, 0.0, 0.0, 1.0], [0.0, 0.0, f64::NAN, 1.0], [0.0, 0.0, f64::INFINITY, 1.0]] {
        assert!(matches!(told(map(extent, point([0.0; 2]))), ReportError::Map { fault: MapError::Extent, .. }));
    }
    let fault = told(map([0.0, 0.0, 1.0, 1.0], point([f64::NAN, 0.0])));
    assert!(matches!(fault, ReportError::Map { fault: MapError::Coordinate { place: 1, .. }, .. }), "{fault}");
    let many = vec![[0.0; 2]; MapSketch::POINTS_MAX + 1];
    let fault = told(map([0.0, 0.0, 1.0, 1.0], Shape::Line { points: many }));
    assert!(fault.to_string().contains("2000000"), "{fault}");
}

#[test]
fn a_map_of_a_city_is_drawn_in_time() {
    // 134 areas of 3,000 points and one wild line, partly far outside.
    let ring = |cell: u32| {
        let (x, y) = (f64::from(cell % 12) * 4_000.0, f64::from(cell / 12) * 4_000.0);
        (0..3_000)
            .map(|step| {
                let angle = f64::from(step) / 3_000.0 * std::f64::consts::TAU;
                let radius = 2_000.0 + 150.0 * (angle * 40.0).sin();
                [x + radius * angle.cos(), y + radius * angle.sin()]
            })
            .collect::<Vec<_>>()
    };
    let places = (0..134)
        .map(|cell| Place { shape: Shape::Area { rings: vec![ring(cell)] }, label: Some(format!("单元{cell}")) })
        .collect();
    let wild = (0..50_000_u32).map(|step| {
        let at = f64::from(step.wrapping_mul(2_654_435_761) % 1_000) * 60.0;
        [at, f64::from(step.wrapping_mul(40_503) % 997) * 1e6]
    });
    let line = Place { shape: Shape::Line { points: wild.collect() }, label: None };
    let mut sketch = sample::sketch();
    sketch.extent = Extent { west: -3_000.0, south: -3_000.0, east: 48_000.0, north: 48_000.0 };
    sketch.layers[0].places = places;
    sketch.layers[3].places = vec![line];
    let begun = Instant::now();
    let png = sketch.png(Legend::Below).unwrap();
    let png_time = begun.elapsed();
    let svg = sketch.svg(Legend::Below).unwrap();
    println!("png {png_time:?} {} bytes, svg {:?} {} bytes", png.len(), begun.elapsed() - png_time, svg.len());
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
}
