//! The text of a paper, block by block.

use super::parts::{DECLARATION, R, W};
use super::table;
use crate::code::Cells;
use crate::markup::Markup;
use crate::numbering::Numbering;
use crate::palette::dress;
use crate::{
    Block, Branch, Document, Emphasis, Inline, LinkTarget, MapSketch, Notice, ReportError, Runs, SignatureLine, Spot,
    legible, tree,
};

/// Twentieths of a point between the margins: 156 mm.
pub(super) const WIDTH: u32 = 8_844;
/// English metric units of a millimetre.
const EMU: f64 = 36_000.0;
/// Millimetres of a picture: as wide as the text, and at most so high that its caption stays with it.
const PICTURE_MM: (f64, f64) = (155.0, 185.0);
/// Millimetres of a QR code.
const CODE_MM: f64 = 32.0;
/// Twentieths of a point for a level of a tree.
const TREE_STEP: usize = 360;

/// What the text needs beside it.
pub(super) enum Relation {
    /// A picture of the package, from 1.
    Image(usize),
    /// An address.
    Link(LinkTarget),
}

/// The text of a paper and what it refers to.
pub(super) struct Body {
    pub(super) xml: String,
    /// In the order of their ids, `rId1` first.
    pub(super) relations: Vec<Relation>,
    /// PNG files.
    pub(super) images: Vec<Vec<u8>>,
}

/// A text that is being written.
pub(super) struct Writer {
    pub(super) out: Markup,
    relations: Vec<Relation>,
    images: Vec<Vec<u8>>,
    numbering: Option<Numbering>,
    figures: u32,
    tables: u32,
}

/// Writes the text of a document.
pub(super) fn body(document: &Document) -> Result<Body, ReportError> {
    let mut writer = Writer {
        out: Markup::beginning(DECLARATION),
        relations: Vec::new(),
        images: Vec::new(),
        numbering: document.numbered.then(Numbering::default),
        figures: 0,
        tables: 0,
    };
    let spaces = [
        ("xmlns:w", W),
        ("xmlns:r", R),
        ("xmlns:wp", "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"),
        ("xmlns:a", "http://schemas.openxmlformats.org/drawingml/2006/main"),
        ("xmlns:pic", "http://schemas.openxmlformats.org/drawingml/2006/picture"),
    ];
    writer.out.open("w:document", &spaces).open("w:body", &[]);
    writer.head(document);
    for (index, block) in document.blocks.iter().enumerate() {
        writer.block(block, Spot { block: index + 1, row: None })?;
    }
    section(!document.notices.is_empty(), &mut writer.out);
    Ok(Body { xml: writer.out.finish(), relations: writer.relations, images: writer.images })
}

/// A4 with the margins of GB/T 9704: 37, 26, 35 and 28 mm.
fn section(with_header: bool, out: &mut Markup) {
    out.within("w:sectPr", &[], |out| {
        if with_header {
            out.empty("w:headerReference", &[("w:type", "default"), ("r:id", "rIdHeaderOdd")]);
            out.empty("w:headerReference", &[("w:type", "even"), ("r:id", "rIdHeaderEven")]);
        }
        out.empty("w:footerReference", &[("w:type", "default"), ("r:id", "rIdFooterOdd")]);
        out.empty("w:footerReference", &[("w:type", "even"), ("r:id", "rIdFooterEven")]);
        out.empty("w:pgSz", &[("w:w", "11906"), ("w:h", "16838")]);
        out.empty(
            "w:pgMar",
            &[
                ("w:top", "2098"),
                ("w:right", "1474"),
                ("w:bottom", "1984"),
                ("w:left", "1588"),
                ("w:header", "1134"),
                ("w:footer", "1190"),
                ("w:gutter", "0"),
            ],
        );
    });
}

impl Writer {
    fn head(&mut self, document: &Document) {
        if let Some(number) = &document.number {
            self.line("Number", &format!("编号：{number}"));
        }
        self.line("Title", &document.title);
        for line in document.subtitle.iter().chain(&document.issuer) {
            self.line("Subtitle", line);
        }
        for Notice { emphasis, text } in &document.notices {
            self.boxed("Notice", *emphasis, &[Runs::from(text.as_str())], None);
        }
    }

    fn block(&mut self, block: &Block, spot: Spot) -> Result<(), ReportError> {
        match block {
            Block::Heading { level, text } => {
                let number = self.numbering.as_mut().map(|numbering| numbering.next(*level)).unwrap_or_default();
                let style = ["Heading1", "Heading2", "Heading3", "Heading4"][usize::from(level.get()) - 1];
                self.line(style, &format!("{number}{text}"));
            }
            Block::Paragraph { runs } => self.paragraph(&Look::style("Text"), runs),
            Block::Facts { rows } => table::facts(self, rows),
            Block::Table { caption, columns, rows } => {
                if let Some(caption) = caption {
                    self.tables += 1;
                    let text = format!("表 {}　{caption}", self.tables);
                    self.paragraph(&Look { keep_next: true, ..Look::style("Caption") }, &text.into());
                }
                table::table(self, columns, rows);
            }
            Block::Tree { branches } => self.tree(branches),
            Block::Map { sketch, caption } => self.map(sketch, caption, spot)?,
            Block::Note { emphasis, title, paragraphs } => {
                self.boxed("Note", *emphasis, paragraphs, title.as_deref());
            }
            Block::PageBreak => {
                self.out.within("w:p", &[], |out| {
                    out.within("w:r", &[], |out| {
                        out.empty("w:br", &[("w:type", "page")]);
                    });
                });
            }
            Block::Signatures { lines } => self.signatures(lines),
            Block::Code { text, caption } => {
                let fault = || ReportError::Code { spot, found: text.len(), max: Block::CODE_BYTES_MAX };
                let cells = Cells::of(text).ok_or_else(fault)?;
                self.picture(cells.png(), CODE_MM, CODE_MM, text);
                self.line("Caption", caption);
            }
        }
        Ok(())
    }

    fn line(&mut self, style: &'static str, text: &str) {
        self.paragraph(&Look::style(style), &text.into());
    }

    /// A paragraph.
    pub(super) fn paragraph(&mut self, look: &Look, runs: &Runs) {
        self.out.open("w:p", &[]);
        look.write(&mut self.out);
        self.runs(runs);
        self.out.close();
    }

    fn runs(&mut self, runs: &Runs) {
        for inline in &runs.0 {
            match inline {
                Inline::Text { text } => run(&mut self.out, text, |_| {}),
                Inline::Strong { text } => run(&mut self.out, text, |out| {
                    out.empty("w:b", &[]).empty("w:bCs", &[]);
                }),
                Inline::Marked { text, emphasis } => marked(&mut self.out, *emphasis, text),
                Inline::Link { text, target } => {
                    let id = self.relate(Relation::Link(target.clone()));
                    self.out.within("w:hyperlink", &[("r:id", &id), ("w:history", "1")], |out| {
                        run(out, text, |out| {
                            out.empty("w:rStyle", &[("w:val", "Hyperlink")]);
                        });
                    });
                }
            }
        }
    }

    fn tree(&mut self, branches: &[Branch]) {
        for line in tree::lines(branches) {
            let sign = if line.branch.emphasis == Emphasis::Plain { "·" } else { line.branch.emphasis.sign() };
            self.out.open("w:p", &[]);
            let left = (line.level + 1) * TREE_STEP;
            Look { hanging: Some((left, TREE_STEP)), ..Look::style("Tree") }.write(&mut self.out);
            coloured(&mut self.out, line.branch.emphasis, sign);
            self.out.within("w:r", &[], |out| {
                out.empty("w:tab", &[]);
            });
            if let Some(words) = line.depth_words {
                run(&mut self.out, &words, |_| {});
            }
            self.runs(&line.branch.runs);
            self.out.close();
        }
    }

    /// Paragraphs in one box.
    fn boxed(&mut self, style: &'static str, emphasis: Emphasis, paragraphs: &[Runs], title: Option<&str>) {
        let look = Look { boxed: Some(emphasis), ..Look::style(style) };
        let sign = emphasis.sign();
        let gap = if sign.is_empty() { "" } else { " " };
        if let Some(title) = title {
            let head = Runs::from(Inline::strong(format!("{sign}{gap}{title}")));
            self.paragraph(&Look { keep_next: true, ..look.clone() }, &head);
        }
        for (index, runs) in paragraphs.iter().enumerate() {
            if index == 0 && title.is_none() && !sign.is_empty() {
                let mut with_sign = vec![Inline::strong(format!("{sign} "))];
                with_sign.extend(runs.0.iter().cloned());
                self.paragraph(&look, &with_sign.into());
            } else {
                self.paragraph(&look, runs);
            }
        }
    }

    fn map(&mut self, sketch: &MapSketch, caption: &str, spot: Spot) -> Result<(), ReportError> {
        let (png, width, height) = sketch.picture().map_err(|fault| ReportError::Map { spot, fault })?;
        let scale = (PICTURE_MM.0 / width).min(PICTURE_MM.1 / height);
        self.picture(png, width * scale, height * scale, &format!("{caption}　{}", sketch.notice));
        self.figures += 1;
        let text = format!("图 {}　{caption}", self.figures);
        self.line("Caption", &text);
        Ok(())
    }

    /// A picture in a paragraph of its own.
    fn picture(&mut self, png: Vec<u8>, width_mm: f64, height_mm: f64, words: &str) {
        self.images.push(png);
        let number = self.images.len();
        let id = self.relate(Relation::Image(number));
        let (wide, high) = (emu(width_mm), emu(height_mm));
        let (number, name) = (number.to_string(), format!("图片 {number}"));
        let words = words.replace(['\n', '\t'], " ");
        self.out.open("w:p", &[]);
        Look::style("Picture").write(&mut self.out);
        self.out.open("w:r", &[]).open("w:drawing", &[]);
        let around = [("distT", "0"), ("distB", "0"), ("distL", "0"), ("distR", "0")];
        self.out.within("wp:inline", &around, |out| {
            out.empty("wp:extent", &[("cx", &wide), ("cy", &high)]);
            out.empty("wp:docPr", &[("id", &number), ("name", &name), ("descr", &words)]);
            let kind = "http://schemas.openxmlformats.org/drawingml/2006/picture";
            out.open("a:graphic", &[]).open("a:graphicData", &[("uri", kind)]).open("pic:pic", &[]);
            out.within("pic:nvPicPr", &[], |out| {
                out.empty("pic:cNvPr", &[("id", &number), ("name", &name)]).empty("pic:cNvPicPr", &[]);
            });
            out.within("pic:blipFill", &[], |out| {
                out.empty("a:blip", &[("r:embed", &id)]);
                out.open("a:stretch", &[]).empty("a:fillRect", &[]).close();
            });
            out.within("pic:spPr", &[], |out| {
                out.within("a:xfrm", &[], |out| {
                    out.empty("a:off", &[("x", "0"), ("y", "0")]).empty("a:ext", &[("cx", &wide), ("cy", &high)]);
                });
                out.open("a:prstGeom", &[("prst", "rect")]).empty("a:avLst", &[]).close();
            });
            out.close().close().close();
        });
        self.out.close().close().close();
    }

    fn signatures(&mut self, lines: &[SignatureLine]) {
        for (index, SignatureLine { label, value }) in lines.iter().enumerate() {
            self.out.open("w:p", &[]);
            // The right half of the page; the last line need not keep the next block.
            let keep_next = index + 1 < lines.len();
            Look { hanging: Some((4_200, 0)), keep_next, loose: !keep_next, ..Look::style("Signature") }
                .write(&mut self.out);
            run(&mut self.out, &format!("{label}："), |_| {});
            match value {
                Some(value) => run(&mut self.out, value, |_| {}),
                None => run(&mut self.out, &"\u{3000}".repeat(9), |out| {
                    out.empty("w:u", &[("w:val", "single")]);
                }),
            }
            self.out.close();
        }
    }

    fn relate(&mut self, relation: Relation) -> String {
        self.relations.push(relation);
        format!("rId{}", self.relations.len())
    }
}

/// How a paragraph differs from its style.
#[derive(Clone, Default)]
pub(super) struct Look {
    style: &'static str,
    keep_next: bool,
    /// Undoes what the style keeps together.
    loose: bool,
    boxed: Option<Emphasis>,
    /// Where lines begin, and by how much the first begins before that.
    hanging: Option<(usize, usize)>,
    align: Option<&'static str>,
}

impl Look {
    /// As the style says.
    pub(super) fn style(style: &'static str) -> Self {
        Self { style, ..Self::default() }
    }

    /// With its words elsewhere: `left`, `center`, `right`.
    pub(super) fn aligned(self, align: &'static str) -> Self {
        Self { align: Some(align), ..self }
    }

    /// On one page with the paragraph that follows.
    pub(super) fn kept(self, keep_next: bool) -> Self {
        Self { keep_next, ..self }
    }

    fn write(&self, out: &mut Markup) {
        out.within("w:pPr", &[], |out| {
            out.empty("w:pStyle", &[("w:val", self.style)]);
            if self.keep_next {
                out.empty("w:keepNext", &[]);
            } else if self.loose {
                out.empty("w:keepNext", &[("w:val", "0")]);
            }
            if let Some(emphasis) = self.boxed {
                let dress = dress(emphasis);
                out.within("w:pBdr", &[], |out| {
                    for side in ["w:top", "w:left", "w:bottom", "w:right"] {
                        let size = if side == "w:left" { "24" } else { "4" };
                        let edge = [("w:val", "single"), ("w:sz", size), ("w:space", "6"), ("w:color", dress.ink)];
                        out.empty(side, &edge);
                    }
                });
                out.empty("w:shd", &[("w:val", "clear"), ("w:color", "auto"), ("w:fill", dress.paper)]);
            }
            if let Some((left, hanging)) = self.hanging {
                let (left, hanging) = (left.to_string(), hanging.to_string());
                if hanging == "0" {
                    let none = [("w:left", left.as_str()), ("w:firstLine", "0"), ("w:firstLineChars", "0")];
                    out.empty("w:ind", &none);
                } else {
                    out.within("w:tabs", &[], |out| {
                        out.empty("w:tab", &[("w:val", "left"), ("w:pos", &left)]);
                    });
                    out.empty("w:ind", &[("w:left", &left), ("w:hanging", &hanging)]);
                }
            } else if self.boxed.is_some() {
                // The edge of the box stands on the edge of the text.
                out.empty("w:ind", &[("w:left", "140"), ("w:right", "140")]);
            }
            if let Some(align) = self.align {
                out.empty("w:jc", &[("w:val", align)]);
            }
        });
    }
}

/// Words with the colour and sign of an emphasis.
fn marked(out: &mut Markup, emphasis: Emphasis, text: &str) {
    let sign = emphasis.sign();
    let gap = if sign.is_empty() { "" } else { " " };
    coloured(out, emphasis, &format!("{sign}{gap}{text}"));
}

/// Words in the colour of an emphasis.
pub(super) fn coloured(out: &mut Markup, emphasis: Emphasis, text: &str) {
    run(out, text, |out| {
        if emphasis != Emphasis::Plain {
            out.empty("w:b", &[]).empty("w:bCs", &[]).empty("w:color", &[("w:val", dress(emphasis).ink)]);
        }
    });
}

/// A run; line feeds and tabs become breaks and tabs.
fn run(out: &mut Markup, text: &str, properties: impl FnOnce(&mut Markup)) {
    out.open("w:r", &[]);
    out.within("w:rPr", &[], properties);
    for (index, line) in legible(text).split('\n').enumerate() {
        if index > 0 {
            out.empty("w:br", &[]);
        }
        for (index, piece) in line.split('\t').enumerate() {
            if index > 0 {
                out.empty("w:tab", &[]);
            }
            if !piece.is_empty() {
                out.leaf("w:t", &[("xml:space", "preserve")], piece);
            }
        }
    }
    out.close();
}

fn emu(millimetres: f64) -> String {
    format!("{:.0}", millimetres * EMU)
}
