//! The styles of a paper, by GB/T 9704: 3号仿宋 text of 22 lines a page, first lines set in by two characters.

use super::fonts::{FANGSONG, HEITI, KAITI, LATIN, SONGTI, XIAOBIAOSONG};
use super::parts::{DECLARATION, W};
use crate::markup::Markup;

/// How a paragraph style looks. Sizes are half points, distances twentieths of a point.
struct Look {
    id: &'static str,
    name: &'static str,
    next: &'static str,
    font: &'static str,
    size: u16,
    bold: bool,
    /// Distance of lines: exact, or 0 for what the font needs.
    line: u16,
    before: u16,
    after: u16,
    /// Hundredths of a character that the first line is set in by.
    first: u16,
    align: &'static str,
    keep_next: bool,
    outline: Option<u8>,
}

const TEXT: Look = Look {
    id: "Text",
    name: "Body Text",
    next: "Text",
    font: FANGSONG,
    size: 32,
    bold: false,
    line: 579,
    before: 0,
    after: 0,
    first: 200,
    align: "both",
    keep_next: false,
    outline: None,
};

const fn heading(id: &'static str, name: &'static str, font: &'static str, bold: bool, outline: u8) -> Look {
    Look { id, name, font, bold, keep_next: true, outline: Some(outline), align: "left", ..TEXT }
}

const SMALL: Look = Look { size: 21, line: 0, first: 0, before: 20, after: 20, align: "left", ..TEXT };

const LOOKS: [Look; 16] = [
    Look {
        id: "Title",
        name: "Title",
        font: XIAOBIAOSONG,
        size: 44,
        line: 640,
        before: 240,
        after: 200,
        first: 0,
        align: "center",
        keep_next: true,
        ..TEXT
    },
    Look {
        id: "Subtitle",
        name: "Subtitle",
        font: KAITI,
        first: 0,
        after: 160,
        align: "center",
        keep_next: true,
        ..TEXT
    },
    Look { id: "Number", name: "Paper Number", next: "Title", align: "right", size: 28, ..SMALL },
    Look { id: "Notice", name: "Notice", font: HEITI, size: 24, align: "center", before: 60, after: 60, ..SMALL },
    heading("Heading1", "heading 1", HEITI, false, 0),
    heading("Heading2", "heading 2", KAITI, false, 1),
    heading("Heading3", "heading 3", FANGSONG, true, 2),
    heading("Heading4", "heading 4", FANGSONG, false, 3),
    TEXT,
    Look { id: "Cell", name: "Table Text", next: "Cell", ..SMALL },
    Look { id: "CellHead", name: "Table Head", font: HEITI, align: "center", ..SMALL },
    Look { id: "Tree", name: "Tree Text", next: "Tree", size: 24, ..SMALL },
    Look { id: "Note", name: "Note Text", next: "Note", size: 24, align: "both", ..SMALL },
    Look {
        id: "Picture",
        name: "Picture",
        next: "Caption",
        align: "center",
        before: 120,
        after: 60,
        keep_next: true,
        ..SMALL
    },
    Look { id: "Caption", name: "caption", font: HEITI, align: "center", before: 60, after: 120, size: 24, ..SMALL },
    Look { id: "Signature", name: "Signature", next: "Signature", align: "left", keep_next: true, ..TEXT },
];

/// The style sheet.
pub(super) fn styles() -> String {
    let mut out = Markup::beginning(DECLARATION);
    out.open("w:styles", &[("xmlns:w", W)]);
    out.within("w:docDefaults", &[], |out| {
        out.within("w:rPrDefault", &[], |out| {
            out.within("w:rPr", &[], |out| {
                fonts(FANGSONG, out);
                out.empty("w:sz", &[("w:val", "32")]).empty("w:szCs", &[("w:val", "32")]);
                out.empty("w:lang", &[("w:val", "en-US"), ("w:eastAsia", "zh-CN"), ("w:bidi", "ar-SA")]);
            });
        });
        out.open("w:pPrDefault", &[]).close();
    });
    out.within("w:style", &[("w:type", "paragraph"), ("w:default", "1"), ("w:styleId", "Normal")], |out| {
        out.empty("w:name", &[("w:val", "Normal")]).empty("w:qFormat", &[]);
        out.within("w:pPr", &[], |out| {
            out.empty("w:widowControl", &[]);
        });
    });
    LOOKS.iter().for_each(|look| paragraph(look, &mut out));
    edge("Header", "header", "center", 18, &mut out);
    edge("Footer", "footer", "left", 28, &mut out);
    let link = [("w:type", "character"), ("w:styleId", "Hyperlink")];
    out.within("w:style", &link, |out| {
        out.empty("w:name", &[("w:val", "Hyperlink")]).empty("w:uiPriority", &[("w:val", "99")]);
        out.within("w:rPr", &[], |out| {
            out.empty("w:color", &[("w:val", "0b57a4")]).empty("w:u", &[("w:val", "single")]);
        });
    });
    let grid = [("w:type", "table"), ("w:default", "1"), ("w:styleId", "Grid")];
    out.within("w:style", &grid, |out| {
        out.empty("w:name", &[("w:val", "Table Grid")]).empty("w:uiPriority", &[("w:val", "39")]);
        out.within("w:tblPr", &[], |out| {
            out.empty("w:tblInd", &[("w:w", "0"), ("w:type", "dxa")]);
            out.within("w:tblBorders", &[], |out| {
                for side in ["w:top", "w:left", "w:bottom", "w:right", "w:insideH", "w:insideV"] {
                    let thin = [("w:val", "single"), ("w:sz", "4"), ("w:space", "0"), ("w:color", "808080")];
                    out.empty(side, &thin);
                }
            });
            out.within("w:tblCellMar", &[], |out| {
                for side in ["w:left", "w:right"] {
                    out.empty(side, &[("w:w", "85"), ("w:type", "dxa")]);
                }
            });
        });
    });
    out.finish()
}

fn paragraph(look: &Look, out: &mut Markup) {
    out.within("w:style", &[("w:type", "paragraph"), ("w:styleId", look.id)], |out| {
        out.empty("w:name", &[("w:val", look.name)]).empty("w:basedOn", &[("w:val", "Normal")]);
        out.empty("w:next", &[("w:val", look.next)]).empty("w:qFormat", &[]);
        out.within("w:pPr", &[], |out| {
            if look.keep_next {
                out.empty("w:keepNext", &[]).empty("w:keepLines", &[]);
            }
            let (before, after, line) = (look.before.to_string(), look.after.to_string(), look.line.to_string());
            let mut spacing = vec![("w:before", before.as_str()), ("w:after", &after)];
            if look.line > 0 {
                spacing.extend([("w:line", line.as_str()), ("w:lineRule", "exact")]);
            }
            out.empty("w:spacing", &spacing);
            if look.first > 0 {
                // For word processors that do not count characters, the same as a length.
                let length = (u32::from(look.first) * u32::from(look.size) / 10).to_string();
                out.empty("w:ind", &[("w:firstLine", &length), ("w:firstLineChars", &look.first.to_string())]);
            }
            out.empty("w:jc", &[("w:val", look.align)]);
            if let Some(level) = look.outline {
                out.empty("w:outlineLvl", &[("w:val", &level.to_string())]);
            }
        });
        out.within("w:rPr", &[], |out| {
            fonts(look.font, out);
            if look.bold {
                out.empty("w:b", &[]).empty("w:bCs", &[]);
            }
            let size = look.size.to_string();
            out.empty("w:sz", &[("w:val", &size)]).empty("w:szCs", &[("w:val", &size)]);
        });
    });
}

/// The style of what stands above or below the text.
fn edge(id: &'static str, name: &'static str, align: &'static str, size: u16, out: &mut Markup) {
    let look = Look { id, name, next: id, font: SONGTI, size, align, before: 0, after: 0, ..SMALL };
    paragraph(&look, out);
}

fn fonts(east_asia: &str, out: &mut Markup) {
    let faces = [("w:ascii", LATIN), ("w:hAnsi", LATIN), ("w:eastAsia", east_asia), ("w:cs", LATIN)];
    out.empty("w:rFonts", &faces);
}
