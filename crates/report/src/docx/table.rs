//! Tables.

use super::body::{Look, WIDTH, Writer, coloured};
use crate::check::{SHORT_ROWS, is_long};
use crate::markup::Markup;
use crate::palette::dress;
use crate::{Align, Column, Emphasis, Fact, Row, Runs};

/// Width of the column that holds the signs of rows.
const SIGNS: u32 = 400;
const LABELS: &str = "f2f2ef";

/// A table with a header that is repeated on every page.
pub(super) fn table(writer: &mut Writer, columns: &[Column], rows: &[Row]) {
    let signs = rows.iter().any(|row| row.emphasis != Emphasis::Plain);
    let room = if signs { WIDTH - SIGNS } else { WIDTH };
    let mut widths = shared(room, &columns.iter().map(|column| column.share).collect::<Vec<_>>());
    if signs {
        widths.insert(0, SIGNS);
    }
    begin(&widths, &mut writer.out);
    row(writer, RowKind::Head, |writer| {
        let mut widths = widths.iter();
        let head = Look::style("CellHead").aligned("center").kept(!rows.is_empty());
        if signs {
            cell(writer, widths.next(), Some(LABELS), |writer| writer.paragraph(&head, &Runs::default()));
        }
        for column in columns {
            cell(writer, widths.next(), Some(LABELS), |writer| {
                writer.paragraph(&head, &column.name.as_str().into());
            });
        }
    });
    let short = rows.len() <= SHORT_ROWS && !rows.iter().any(|row| is_long(&row.cells));
    for (index, Row { emphasis, cells }) in rows.iter().enumerate() {
        let keep = short && index + 1 < rows.len();
        let paper = (*emphasis != Emphasis::Plain).then(|| dress(*emphasis).paper);
        row(writer, kind(cells), |writer| {
            let mut widths = widths.iter();
            if signs {
                cell(writer, widths.next(), paper, |writer| sign(*emphasis, &mut writer.out));
            }
            for (runs, column) in cells.iter().zip(columns) {
                let align = match column.align {
                    Align::Start => "left",
                    Align::Centre => "center",
                    Align::End => "right",
                };
                let look = Look::style("Cell").aligned(align).kept(keep);
                cell(writer, widths.next(), paper, |writer| writer.paragraph(&look, runs));
            }
        });
    }
    end(&mut writer.out);
}

/// Names and values in two columns.
pub(super) fn facts(writer: &mut Writer, rows: &[Fact]) {
    if rows.is_empty() {
        return;
    }
    let widths = shared(WIDTH, &[27, 73]);
    begin(&widths, &mut writer.out);
    let short = rows.len() <= SHORT_ROWS && !rows.iter().any(|fact| is_long(std::slice::from_ref(&fact.value)));
    for (index, Fact { name, value }) in rows.iter().enumerate() {
        let look = Look::style("Cell").kept(short && index + 1 < rows.len());
        row(writer, kind(std::slice::from_ref(value)), |writer| {
            cell(writer, widths.first(), Some(LABELS), |writer| {
                writer.paragraph(&look, &name.as_str().into());
            });
            cell(writer, widths.get(1), None, |writer| writer.paragraph(&look, value));
        });
    }
    end(&mut writer.out);
}

/// Divides a width by shares, without losing a unit.
fn shared(width: u32, shares: &[u16]) -> Vec<u32> {
    let whole: u64 = shares.iter().map(|share| u64::from((*share).max(1))).sum::<u64>().max(1);
    let edge = |sum: u64| u32::try_from(u64::from(width) * sum / whole).unwrap_or(width);
    let mut sum = 0;
    shares
        .iter()
        .map(|share| {
            let left = edge(sum);
            sum += u64::from((*share).max(1));
            edge(sum) - left
        })
        .collect()
}

fn begin(widths: &[u32], out: &mut Markup) {
    out.open("w:tbl", &[]);
    out.within("w:tblPr", &[], |out| {
        out.empty("w:tblStyle", &[("w:val", "Grid")]);
        out.empty("w:tblW", &[("w:w", &WIDTH.to_string()), ("w:type", "dxa")]);
        out.empty("w:tblLayout", &[("w:type", "fixed")]);
    });
    out.within("w:tblGrid", &[], |out| {
        for width in widths {
            out.empty("w:gridCol", &[("w:w", &width.to_string())]);
        }
    });
}

/// Closes a table; two tables must not touch, or word processors make them one.
fn end(out: &mut Markup) {
    out.close();
    out.within("w:p", &[], |out| {
        out.within("w:pPr", &[], |out| {
            out.empty("w:spacing", &[("w:before", "0"), ("w:after", "0"), ("w:line", "160"), ("w:lineRule", "exact")]);
        });
    });
}

/// What a page break may do to a row.
#[derive(Clone, Copy)]
enum RowKind {
    /// It stands on every page.
    Head,
    /// It stays in one piece.
    Whole,
    /// It is too long to stay in one piece.
    Long,
}

fn kind(cells: &[Runs]) -> RowKind {
    if is_long(cells) { RowKind::Long } else { RowKind::Whole }
}

fn row(writer: &mut Writer, kind: RowKind, cells: impl FnOnce(&mut Writer)) {
    writer.out.open("w:tr", &[]);
    writer.out.within("w:trPr", &[], |out| {
        if !matches!(kind, RowKind::Long) {
            out.empty("w:cantSplit", &[]);
        }
        if matches!(kind, RowKind::Head) {
            out.empty("w:tblHeader", &[]);
        }
    });
    cells(writer);
    writer.out.close();
}

fn cell(writer: &mut Writer, width: Option<&u32>, paper: Option<&str>, content: impl FnOnce(&mut Writer)) {
    writer.out.open("w:tc", &[]);
    writer.out.within("w:tcPr", &[], |out| {
        let width = width.map(u32::to_string).unwrap_or_default();
        out.empty("w:tcW", &[("w:w", &width), ("w:type", "dxa")]);
        if let Some(paper) = paper {
            out.empty("w:shd", &[("w:val", "clear"), ("w:color", "auto"), ("w:fill", paper)]);
        }
        out.empty("w:vAlign", &[("w:val", "center")]);
    });
    content(writer);
    writer.out.close();
}

fn sign(emphasis: Emphasis, out: &mut Markup) {
    out.within("w:p", &[], |out| {
        out.within("w:pPr", &[], |out| {
            out.empty("w:pStyle", &[("w:val", "Cell")]).empty("w:jc", &[("w:val", "center")]);
        });
        if emphasis != Emphasis::Plain {
            coloured(out, emphasis, emphasis.sign());
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_fill_the_page() {
        for shares in [vec![1, 1, 1], vec![0, 0], vec![7, 11, 13, 65_535], vec![1; 40]] {
            let widths = shared(WIDTH, &shares);
            assert_eq!(widths.iter().sum::<u32>(), WIDTH, "{shares:?}");
        }
        assert_eq!(shared(100, &[1, 3]), [25, 75]);
    }
}
