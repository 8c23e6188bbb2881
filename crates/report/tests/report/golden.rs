//! The sample paper, part by part, as it was read and accepted.

use std::io::{Cursor, Read as _};

use report::{Block, Document, Legend, to_docx, to_html};

use crate::sample;

/// A part of a package as text.
pub(crate) fn part(docx: &[u8], name: &str) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
    let mut text = String::new();
    zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// The paper with a table short enough to be read.
fn short() -> Document {
    let mut paper = sample::paper();
    for block in &mut paper.blocks {
        if let Block::Table { rows, .. } = block {
            rows.truncate(5);
        }
    }
    paper
}

/// One element a line, so that a difference can be read.
fn lines(xml: &str) -> String {
    xml.replace("><", ">\n<")
}

#[test]
fn html() {
    insta::assert_snapshot!("html", to_html(&short()).unwrap());
}

#[test]
fn document_xml() {
    let docx = to_docx(&short()).unwrap();
    insta::assert_snapshot!("document", lines(&part(&docx, "word/document.xml")));
    insta::assert_snapshot!("relations", lines(&part(&docx, "word/_rels/document.xml.rels")));
    insta::assert_snapshot!("styles", lines(&part(&docx, "word/styles.xml")));
    insta::assert_snapshot!("core", lines(&part(&docx, "docProps/core.xml")));
}

#[test]
fn map() {
    insta::assert_snapshot!("map", sample::sketch().svg(Legend::Below).unwrap());
}

#[test]
fn json_has_a_fixed_order_and_comes_back() {
    let paper = short();
    let json = serde_json::to_string_pretty(&paper).unwrap();
    insta::assert_snapshot!("json", json);
    let back: Document = serde_json::from_str(&json).unwrap();
    assert_eq!(back, paper);
    assert_eq!(to_docx(&back).unwrap(), to_docx(&paper).unwrap());
    for bad in [
        r#"{"title":"x","blocks":[{"kind":"heading","level":5,"text":"x"}]}"#,
        r#"{"title":"x","made_at":"now","blocks":[]}"#,
        r#"{"title":"x","blocks":[{"kind":"paragraph","runs":[{"kind":"link","text":"x","target":"javascript:x"}]}]}"#,
        r#"{"title":"x","blocks":[{"kind":"markup","text":"<b>"}]}"#,
    ] {
        assert!(serde_json::from_str::<Document>(bad).is_err(), "{bad}");
    }
}
