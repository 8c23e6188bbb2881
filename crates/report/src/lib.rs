//! Documents: one model, written as docx and as print HTML.
//!
//! A [`Document`] is made of values: words, tables, trees, maps, codes. It holds no markup, and no value can become
//! markup: what a user typed is printed as it was typed. The writers decide how a paper looks; who makes a document
//! says only what is in it.
//!
//! ```
//! use report::{Block, Document, Fact, to_docx, to_html};
//!
//! let mut paper = Document::new("建设项目选址研判意见");
//! paper.number = Some("XM-2026-000123".into());
//! paper.push(Block::heading(1, "项目概况"));
//! paper.push(Block::facts([Fact::new("项目名称", "某电镀车间 <扩建>"), Fact::new("占地", "1.20 公顷")]));
//! assert!(to_html(&paper)?.contains("某电镀车间 &lt;扩建&gt;"));
//! assert_eq!(to_docx(&paper)?, to_docx(&paper)?, "the same document is the same bytes");
//! # Ok::<(), report::ReportError>(())
//! ```
//!
//! | file | holds |
//! | --- | --- |
//! | `document.rs` | the model: blocks, inlines, emphasis |
//! | `link.rs`, `stamp.rs` | addresses and instants that may stand in a paper |
//! | `legible.rs` | text made safe to print: controls and direction marks become visible |
//! | `check.rs`, `error.rs` | what a document must keep, and how a fault is said |
//! | `numbering.rs` | 一、（一）1.（1） |
//! | `markup.rs` | a writer of XML and HTML that escapes and balances by itself |
//! | `docx.rs`, `docx/` | WordprocessingML and its package |
//! | `html.rs`, `html/` | one self-contained page |
//! | `map.rs`, `map/` | a map as shapes; as SVG, as pixels |
//! | `png.rs`, `code.rs` | pixels as a file; QR codes |

mod check;
mod code;
mod document;
mod docx;
mod error;
mod html;
mod legible;
mod link;
mod map;
mod markup;
mod numbering;
mod palette;
mod png;
mod stamp;
mod tree;

pub use document::{
    Align, Block, Branch, Column, Document, Emphasis, Fact, HeadingLevel, Inline, Notice, Row, Runs, SignatureLine,
};
pub use docx::to_docx;
pub use error::{ReportError, Spot};
pub use html::to_html;
pub use legible::legible;
pub use link::{LinkError, LinkTarget};
pub use map::{Colour, Extent, Fill, Hatch, Legend, MapError, MapLayer, MapSketch, Place, Shape, Stroke};
pub use stamp::{Stamp, StampError};
