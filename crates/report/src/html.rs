//! A document as one page of HTML: no script, nothing fetched, made for paper and readable on a phone.

mod sheet;

use crate::check::{SHORT_ROWS, check, is_long};
use crate::code::Cells;
use crate::map::{Legend, swatch, to_svg};
use crate::markup::Markup;
use crate::numbering::Numbering;
use crate::palette::dress;
use crate::{
    Align, Block, Branch, Column, Document, Emphasis, Fact, Inline, MapSketch, ReportError, Row, Runs, SignatureLine,
    Spot, tree,
};

/// What the page may load: nothing but its own style sheet.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'";

/// Writes a document as one self-contained page of HTML.
///
/// Printed on A4 it has the margins of GB/T 9704, page numbers, and the notices at the head of every page.
///
/// # Errors
/// When a table, code or map of the document cannot be written; the error says which block.
pub fn to_html(document: &Document) -> Result<String, ReportError> {
    check(document)?;
    let mut page = Page {
        out: Markup::beginning("<!doctype html>\n"),
        numbering: document.numbered.then(Numbering::default),
        figures: 0,
        tables: 0,
    };
    page.out.open("html", &[("lang", "zh-CN")]);
    page.out.within("head", &[], |out| head(document, out));
    page.out.ours("\n").open("body", &[]).open("main", &[]).ours("\n");
    page.title(document);
    for (index, block) in document.blocks.iter().enumerate() {
        page.block(block, Spot { block: index + 1, row: None })?;
        page.out.ours("\n");
    }
    page.out.close().close().close().ours("\n");
    Ok(page.out.finish())
}

fn head(document: &Document, out: &mut Markup) {
    out.empty("meta", &[("charset", "utf-8")]);
    out.empty("meta", &[("http-equiv", "Content-Security-Policy"), ("content", POLICY)]);
    out.empty("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
    out.empty("meta", &[("name", "robots"), ("content", "noindex")]);
    if let Some(issuer) = &document.issuer {
        out.empty("meta", &[("name", "author"), ("content", issuer)]);
    }
    if let Some(stamp) = &document.made_at {
        out.empty("meta", &[("name", "date"), ("content", stamp.as_str())]);
    }
    out.leaf("title", &[], &document.title);
    out.open("style", &[]).ours(&sheet::sheet(&document.notices)).close();
}

struct Page {
    out: Markup,
    numbering: Option<Numbering>,
    figures: u32,
    tables: u32,
}

impl Page {
    fn title(&mut self, document: &Document) {
        if let Some(number) = &document.number {
            self.out.leaf("p", &[("class", "number")], &format!("编号：{number}"));
        }
        self.out.leaf("h1", &[], &document.title);
        for line in document.subtitle.iter().chain(&document.issuer) {
            self.out.leaf("p", &[("class", "subtitle")], line);
        }
        for notice in &document.notices {
            let class = format!("notice {}", dress(notice.emphasis).class);
            self.out.within("p", &[("class", &class)], |out| {
                sign_before(notice.emphasis, out);
                out.text(&notice.text);
            });
        }
        self.out.ours("\n");
    }

    fn block(&mut self, block: &Block, spot: Spot) -> Result<(), ReportError> {
        match block {
            Block::Heading { level, text } => {
                let number = self.numbering.as_mut().map(|numbering| numbering.next(*level)).unwrap_or_default();
                let name = ["h2", "h3", "h4", "h5"][usize::from(level.get()) - 1];
                self.out.leaf(name, &[], &format!("{number}{text}"));
            }
            Block::Paragraph { runs } => {
                self.out.within("p", &[], |out| inlines(runs, out));
            }
            Block::Facts { rows } => facts(rows, &mut self.out),
            Block::Table { caption, columns, rows } => {
                let caption = caption.as_ref().map(|caption| {
                    self.tables += 1;
                    format!("表 {}　{caption}", self.tables)
                });
                table(caption.as_deref(), columns, rows, &mut self.out);
            }
            Block::Tree { branches } => grow(branches, &mut self.out),
            Block::Map { sketch, caption } => self.map(sketch, caption, spot)?,
            Block::Note { emphasis, title, paragraphs } => {
                let class = format!("note {}", dress(*emphasis).class);
                self.out.open("div", &[("class", &class), ("role", "note")]);
                if let Some(title) = title {
                    self.out.within("p", &[("class", "title")], |out| {
                        sign_before(*emphasis, out);
                        out.text(title);
                    });
                }
                for (index, runs) in paragraphs.iter().enumerate() {
                    self.out.within("p", &[], |out| {
                        if index == 0 && title.is_none() {
                            sign_before(*emphasis, out);
                        }
                        inlines(runs, out);
                    });
                }
                self.out.close();
            }
            Block::PageBreak => {
                self.out.empty("hr", &[("class", "break")]);
            }
            Block::Signatures { lines } => signatures(lines, &mut self.out),
            Block::Code { text, caption } => {
                let fault = || ReportError::Code { spot, found: text.len(), max: Block::CODE_BYTES_MAX };
                let svg = Cells::of(text).ok_or_else(fault)?.svg();
                self.out.within("figure", &[], |out| {
                    out.ours(&svg).leaf("figcaption", &[], caption);
                });
            }
        }
        Ok(())
    }

    fn map(&mut self, sketch: &MapSketch, caption: &str, spot: Spot) -> Result<(), ReportError> {
        let svg = sketch.svg(Legend::Apart).map_err(|fault| ReportError::Map { spot, fault })?;
        self.figures += 1;
        let caption = format!("图 {}　{caption}", self.figures);
        self.out.within("figure", &[], |out| {
            out.ours(&svg);
            if !sketch.layers.is_empty() {
                out.open("ul", &[("class", "legend")]);
                for layer in &sketch.layers {
                    out.within("li", &[], |out| {
                        out.ours(&to_svg(&swatch(layer), "")).leaf("span", &[], &layer.name);
                    });
                }
                out.close();
            }
            out.leaf("figcaption", &[], &caption);
        });
        Ok(())
    }
}

fn inlines(runs: &Runs, out: &mut Markup) {
    for inline in &runs.0 {
        match inline {
            Inline::Text { text } => {
                out.text(text);
            }
            Inline::Strong { text } => {
                out.leaf("strong", &[], text);
            }
            Inline::Marked { text, emphasis } => {
                out.within("mark", &[("class", dress(*emphasis).class)], |out| {
                    sign_before(*emphasis, out);
                    out.text(text);
                });
            }
            Inline::Link { text, target } => {
                out.leaf("a", &[("href", target.as_str()), ("rel", "noopener noreferrer")], text);
            }
        }
    }
}

fn sign_before(emphasis: Emphasis, out: &mut Markup) {
    if emphasis != Emphasis::Plain {
        out.text(emphasis.sign()).text(" ");
    }
}

fn facts(rows: &[Fact], out: &mut Markup) {
    if rows.is_empty() {
        return;
    }
    let short = rows.len() <= SHORT_ROWS && !rows.iter().any(|fact| is_long(std::slice::from_ref(&fact.value)));
    out.open("table", &[("class", if short { "facts short" } else { "facts" })]);
    out.within("colgroup", &[], |out| {
        out.empty("col", &[("style", "width:27%")]).empty("col", &[]);
    });
    out.open("tbody", &[]);
    for Fact { name, value } in rows {
        let class: &[(&str, &str)] = if is_long(std::slice::from_ref(value)) { &[("class", "long")] } else { &[] };
        out.within("tr", class, |out| {
            out.leaf("th", &[("scope", "row")], name);
            out.within("td", &[], |out| inlines(value, out));
        });
    }
    out.close().close();
}

fn table(caption: Option<&str>, columns: &[Column], rows: &[Row], out: &mut Markup) {
    let signs = rows.iter().any(|row| row.emphasis != Emphasis::Plain);
    out.open("div", &[("class", "scroll")]);
    let short = rows.len() <= SHORT_ROWS && !rows.iter().any(|row| is_long(&row.cells));
    let class = if short { "grid short" } else { "grid" };
    out.open("table", &[("class", class), ("style", &format!("--columns:{}", columns.len()))]);
    if let Some(caption) = caption {
        out.leaf("caption", &[], caption);
    }
    out.within("colgroup", &[], |out| {
        if signs {
            out.empty("col", &[("style", "width:1.8em")]);
        }
        let whole: u32 = columns.iter().map(|column| u32::from(column.share.max(1))).sum::<u32>().max(1);
        for column in columns {
            let thousandths = u32::from(column.share.max(1)) * 1_000 / whole;
            out.empty("col", &[("style", &format!("width:{}.{}%", thousandths / 10, thousandths % 10))]);
        }
    });
    out.open("thead", &[]).open("tr", &[]);
    if signs {
        out.leaf("th", &[("scope", "col"), ("aria-label", "标识")], "");
    }
    for column in columns {
        out.leaf("th", &[("scope", "col")], &column.name);
    }
    out.close().close().open("tbody", &[]);
    for Row { emphasis, cells } in rows {
        let mut class = match emphasis {
            Emphasis::Plain => String::new(),
            emphasis => dress(*emphasis).class.to_owned(),
        };
        if is_long(cells) {
            class.push_str(" long");
        }
        let class = class.trim_start();
        let attributes: &[(&str, &str)] = if class.is_empty() { &[] } else { &[("class", class)] };
        out.within("tr", attributes, |out| {
            if signs {
                let class = format!("sign {}", dress(*emphasis).class);
                out.leaf("td", &[("class", &class)], emphasis.sign());
            }
            for (runs, column) in cells.iter().zip(columns) {
                let class: &[(&str, &str)] = match column.align {
                    Align::Start => &[],
                    Align::Centre => &[("class", "centre")],
                    Align::End => &[("class", "end")],
                };
                out.within("td", class, |out| inlines(runs, out));
            }
        });
        out.ours("\n");
    }
    out.close().close().close();
}

fn grow(branches: &[Branch], out: &mut Markup) {
    let mut open = 0;
    for line in tree::lines(branches) {
        let wanted = line.level + 1;
        if wanted > open {
            let class: &[(&str, &str)] = if open == 0 { &[("class", "tree")] } else { &[] };
            out.open("ul", class);
            open += 1;
        } else {
            out.close();
            while open > wanted {
                out.close().close();
                open -= 1;
            }
        }
        out.open("li", &[]);
        let emphasis = line.branch.emphasis;
        let sign = if emphasis == Emphasis::Plain { "·" } else { emphasis.sign() };
        out.leaf("span", &[("class", &format!("sign {}", dress(emphasis).class))], sign);
        if let Some(words) = line.depth_words {
            out.text(&words);
        }
        inlines(&line.branch.runs, out);
    }
    for _ in 0..open {
        out.close().close();
    }
}

fn signatures(lines: &[SignatureLine], out: &mut Markup) {
    out.open("div", &[("class", "signatures")]);
    for SignatureLine { label, value } in lines {
        out.within("p", &[], |out| {
            out.text(label).text("：");
            match value {
                Some(value) => out.text(value),
                None => out.leaf("span", &[("class", "blank")], ""),
            };
        });
    }
    out.close();
}
