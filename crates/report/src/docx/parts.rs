//! The parts of the package around the text.

use super::body::{Body, Relation};
use crate::markup::Markup;
use crate::palette::dress;
use crate::{Document, Notice};

pub(super) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
pub(super) const W: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
pub(super) const R: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";

/// Ids of the relations that every paper has.
const FIXED: [(&str, &str, &str); 5] = [
    ("rIdStyles", "styles", "styles.xml"),
    ("rIdSettings", "settings", "settings.xml"),
    ("rIdFonts", "fontTable", "fontTable.xml"),
    ("rIdFooterOdd", "footer", "footer1.xml"),
    ("rIdFooterEven", "footer", "footer2.xml"),
];
const HEADERS: [(&str, &str, &str); 2] =
    [("rIdHeaderOdd", "header", "header1.xml"), ("rIdHeaderEven", "header", "header2.xml")];

pub(super) fn content_types(with_header: bool) -> String {
    let mut out = Markup::beginning(DECLARATION);
    out.open("Types", &[("xmlns", "http://schemas.openxmlformats.org/package/2006/content-types")]);
    let by_ending = [
        ("rels", "application/vnd.openxmlformats-package.relationships+xml"),
        ("xml", "application/xml"),
        ("png", "image/png"),
    ];
    for (ending, kind) in by_ending {
        out.empty("Default", &[("Extension", ending), ("ContentType", kind)]);
    }
    let mut part = |name: &str, kind: &str| {
        out.empty("Override", &[("PartName", name), ("ContentType", kind)]);
    };
    part("/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml");
    part("/docProps/app.xml", "application/vnd.openxmlformats-officedocument.extended-properties+xml");
    part("/word/document.xml", &format!("{WORD}.document.main+xml"));
    let headers = if with_header { HEADERS.as_slice() } else { &[] };
    for (_, kind, file) in FIXED.iter().chain(headers) {
        part(&format!("/word/{file}"), &format!("{WORD}.{kind}+xml"));
    }
    out.finish()
}

pub(super) fn package_relations() -> String {
    let mut out = Markup::beginning(DECLARATION);
    out.open("Relationships", &[("xmlns", RELATIONS)]);
    let core = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties";
    let relations = [
        ("rId1", format!("{R}/officeDocument"), "word/document.xml"),
        ("rId2", core.to_owned(), "docProps/core.xml"),
        ("rId3", format!("{R}/extended-properties"), "docProps/app.xml"),
    ];
    for (id, kind, target) in &relations {
        out.empty("Relationship", &[("Id", id), ("Type", kind), ("Target", target)]);
    }
    out.finish()
}

pub(super) fn relations(with_header: bool, body: &Body) -> String {
    let mut out = Markup::beginning(DECLARATION);
    out.open("Relationships", &[("xmlns", RELATIONS)]);
    let headers = if with_header { HEADERS.as_slice() } else { &[] };
    for (id, kind, target) in FIXED.iter().chain(headers) {
        out.empty("Relationship", &[("Id", id), ("Type", &format!("{R}/{kind}")), ("Target", target)]);
    }
    for (index, relation) in body.relations.iter().enumerate() {
        let id = format!("rId{}", index + 1);
        match relation {
            Relation::Image(number) => {
                let target = format!("media/image{number}.png");
                out.empty("Relationship", &[("Id", &id), ("Type", &format!("{R}/image")), ("Target", &target)]);
            }
            Relation::Link(target) => {
                let kind = format!("{R}/hyperlink");
                let attributes =
                    [("Id", id.as_str()), ("Type", &kind), ("Target", target.as_str()), ("TargetMode", "External")];
                out.empty("Relationship", &attributes);
            }
        }
    }
    out.finish()
}

pub(super) fn core(document: &Document) -> String {
    let mut out = Markup::beginning(DECLARATION);
    out.open(
        "cp:coreProperties",
        &[
            ("xmlns:cp", "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"),
            ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
            ("xmlns:dcterms", "http://purl.org/dc/terms/"),
            ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
        ],
    );
    out.leaf("dc:title", &[], &document.title);
    if let Some(number) = &document.number {
        out.leaf("dc:identifier", &[], number);
    }
    if let Some(issuer) = &document.issuer {
        out.leaf("dc:creator", &[], issuer);
    }
    if !document.notices.is_empty() {
        out.leaf("dc:description", &[], &joined(&document.notices));
    }
    out.leaf("dc:language", &[], "zh-CN");
    if let Some(stamp) = &document.made_at {
        for name in ["dcterms:created", "dcterms:modified"] {
            out.leaf(name, &[("xsi:type", "dcterms:W3CDTF")], stamp.as_str());
        }
    }
    out.finish()
}

pub(super) fn app() -> String {
    let mut out = Markup::beginning(DECLARATION);
    let kind = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties";
    out.open("Properties", &[("xmlns", kind)]).leaf("Application", &[], "Yundang");
    out.finish()
}

pub(super) fn settings() -> String {
    let mut out = Markup::beginning(DECLARATION);
    out.open("w:settings", &[("xmlns:w", W)]);
    out.empty("w:zoom", &[("w:percent", "100")]);
    out.empty("w:defaultTabStop", &[("w:val", "420")]);
    out.empty("w:evenAndOddHeaders", &[]);
    out.empty("w:characterSpacingControl", &[("w:val", "compressPunctuation")]);
    out.within("w:compat", &[], |out| {
        let mode =
            [("w:name", "compatibilityMode"), ("w:uri", "http://schemas.microsoft.com/office/word"), ("w:val", "15")];
        out.empty("w:compatSetting", &mode);
    });
    out.empty("w:themeFontLang", &[("w:val", "en-US"), ("w:eastAsia", "zh-CN")]);
    out.finish()
}

/// The notices, at the head of every page.
pub(super) fn header(notices: &[Notice]) -> String {
    let mut out = Markup::beginning(DECLARATION);
    out.open("w:hdr", &[("xmlns:w", W)]).open("w:p", &[]);
    out.within("w:pPr", &[], |out| {
        out.empty("w:pStyle", &[("w:val", "Header")]);
    });
    for (index, notice) in notices.iter().enumerate() {
        if index > 0 {
            run(&mut out, "808080", "　·　");
        }
        run(&mut out, dress(notice.emphasis).ink, &notice.text.replace('\n', " "));
    }
    out.finish()
}

fn run(out: &mut Markup, colour: &str, text: &str) {
    out.within("w:r", &[], |out| {
        out.within("w:rPr", &[], |out| {
            out.empty("w:color", &[("w:val", colour)]);
        });
        out.leaf("w:t", &[("xml:space", "preserve")], text);
    });
}

/// The page number between dashes, on the outer side.
pub(super) fn footer(side: &str) -> String {
    let mut out = Markup::beginning(DECLARATION);
    out.open("w:ftr", &[("xmlns:w", W)]).open("w:p", &[]);
    out.within("w:pPr", &[], |out| {
        out.empty("w:pStyle", &[("w:val", "Footer")]);
        // One character from the edge of the text.
        out.empty("w:ind", &[("w:left", "280"), ("w:right", "280")]);
        out.empty("w:jc", &[("w:val", side)]);
    });
    let dash = |out: &mut Markup, text: &str| {
        out.within("w:r", &[], |out| {
            out.leaf("w:t", &[("xml:space", "preserve")], text);
        });
    };
    dash(&mut out, "— ");
    out.within("w:fldSimple", &[("w:instr", " PAGE ")], |out| {
        out.within("w:r", &[], |out| {
            out.leaf("w:t", &[], "1");
        });
    });
    dash(&mut out, " —");
    out.finish()
}

/// All notices in one line.
fn joined(notices: &[Notice]) -> String {
    notices.iter().map(|notice| notice.text.as_str()).collect::<Vec<_>>().join(" · ")
}
