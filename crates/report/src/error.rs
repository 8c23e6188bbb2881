//! Why a document cannot be written, and where.

use std::fmt;

use crate::MapError;

/// The place of a fault in a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spot {
    /// Which block, from 1.
    pub block: usize,
    /// Which row of it, from 1.
    pub row: Option<usize>,
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.block)?;
        match self.row {
            Some(row) => write!(f, ":{row}"),
            None => Ok(()),
        }
    }
}

/// Why a document cannot be written.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum ReportError {
    /// A row has more or fewer cells than the table has columns.
    #[error(
        "第 {spot} 块的行有 {found} 格，表有 {columns} 列；请补齐 / block {spot}: the row has {found} cells, the table {columns} columns; make them equal"
    )]
    Cells {
        /// Where.
        spot: Spot,
        /// Columns of the table.
        columns: usize,
        /// Cells of the row.
        found: usize,
    },
    /// A table has no column, or more than a page can hold.
    #[error(
        "第 {spot} 块的表有 {found} 列，应为 1 至 {max} 列 / block {spot}: the table has {found} columns, it may have 1 to {max}"
    )]
    Columns {
        /// Where.
        spot: Spot,
        /// Columns of the table.
        found: usize,
        /// Columns at most.
        max: usize,
    },
    /// A QR code would be too dense to read from paper, or empty.
    #[error(
        "第 {spot} 块的二维码内容 {found} 字节，应为 1 至 {max} 字节；请用更短的链接 / block {spot}: the code holds {found} bytes, it may hold 1 to {max}; use a shorter link"
    )]
    Code {
        /// Where.
        spot: Spot,
        /// Bytes of its content.
        found: usize,
        /// Bytes at most.
        max: usize,
    },
    /// A map cannot be drawn.
    #[error("第 {spot} 块的图：{fault} / block {spot}, the map: {fault}")]
    Map {
        /// Where.
        spot: Spot,
        /// Why.
        fault: MapError,
    },
    /// The document says more than word processors open.
    #[error(
        "文档文字 {found} 字节，上限 {max}；请分册 / the document has {found} bytes of text, at most {max}; split it"
    )]
    Long {
        /// Bytes of text.
        found: usize,
        /// Bytes at most.
        max: usize,
    },
    /// The package could not be put together.
    #[error("文档打包失败 / the package could not be written: {0}")]
    Package(String),
}
