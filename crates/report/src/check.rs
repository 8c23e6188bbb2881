//! What a document must keep before anything is written.

use crate::{Block, Document, Inline, ReportError, Runs, Spot};

/// Columns that the width of a page can hold.
pub(crate) const COLUMNS_MAX: usize = 40;
/// Bytes of text that word processors still open.
pub(crate) const TEXT_BYTES_MAX: usize = 50_000_000;

/// Rows of a table that stays on one page.
pub(crate) const SHORT_ROWS: usize = 10;

/// Tells whether a row would not fit on a page in one piece.
pub(crate) fn is_long(cells: &[Runs]) -> bool {
    const BYTES_OF_HALF_A_PAGE: usize = 2_000;
    cells.iter().any(|runs| words(runs) > BYTES_OF_HALF_A_PAGE)
}

/// Checks a document: every fault of a table or code with its place.
pub(crate) fn check(document: &Document) -> Result<(), ReportError> {
    let mut found = 0;
    for (index, block) in document.blocks.iter().enumerate() {
        let spot = Spot { block: index + 1, row: None };
        match block {
            Block::Table { columns, rows, .. } => {
                if columns.is_empty() || columns.len() > COLUMNS_MAX {
                    return Err(ReportError::Columns { spot, found: columns.len(), max: COLUMNS_MAX });
                }
                for (row_index, row) in rows.iter().enumerate() {
                    if row.cells.len() != columns.len() {
                        let spot = Spot { row: Some(row_index + 1), ..spot };
                        return Err(ReportError::Cells { spot, columns: columns.len(), found: row.cells.len() });
                    }
                }
            }
            Block::Code { text, .. } if text.is_empty() || text.len() > Block::CODE_BYTES_MAX => {
                return Err(ReportError::Code { spot, found: text.len(), max: Block::CODE_BYTES_MAX });
            }
            _ => {}
        }
        found += bytes(block);
    }
    if found > TEXT_BYTES_MAX { Err(ReportError::Long { found, max: TEXT_BYTES_MAX }) } else { Ok(()) }
}

/// Bytes of what a block says.
fn bytes(block: &Block) -> usize {
    match block {
        Block::Heading { text, .. } => text.len(),
        Block::Paragraph { runs } => words(runs),
        Block::Facts { rows } => rows.iter().map(|fact| fact.name.len() + words(&fact.value)).sum(),
        Block::Table { caption, columns, rows } => {
            let head: usize = columns.iter().map(|column| column.name.len()).sum();
            let body: usize = rows.iter().flat_map(|row| &row.cells).map(words).sum();
            caption.as_ref().map_or(0, String::len) + head + body
        }
        Block::Tree { branches } => branches.iter().map(|branch| words(&branch.runs)).sum(),
        Block::Map { caption, .. } | Block::Code { caption, .. } => caption.len(),
        Block::Note { title, paragraphs, .. } => {
            title.as_ref().map_or(0, String::len) + paragraphs.iter().map(words).sum::<usize>()
        }
        Block::PageBreak => 0,
        Block::Signatures { lines } => {
            lines.iter().map(|line| line.label.len() + line.value.as_ref().map_or(0, String::len)).sum()
        }
    }
}

/// Bytes of a line.
fn words(runs: &Runs) -> usize {
    runs.0.iter().map(Inline::words).map(str::len).sum()
}
