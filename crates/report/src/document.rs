//! The model of a document: values in an order, and what they are.

use serde::{Deserialize, Serialize};

use crate::{LinkTarget, MapSketch, Stamp};

/// A paper. The same document gives the same bytes, whenever and wherever it is written.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Document {
    /// What it is called.
    pub title: String,
    /// A line below the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// Its number in the bureau's pattern.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Who issues it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The instant that the file says it was made at. None: the file says nothing. It is never the clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_at: Option<Stamp>,
    /// What must be seen on every page: 演示数据, 仅供参考.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
    /// Whether headings are numbered 一、（一）1.（1）.
    #[serde(default)]
    pub numbered: bool,
    /// What it says.
    pub blocks: Vec<Block>,
}

impl Document {
    /// An empty document with numbered headings.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), numbered: true, ..Self::default() }
    }

    /// Adds a block at the end.
    pub fn push(&mut self, block: Block) {
        self.blocks.push(block);
    }
}

/// A sentence that stands below the title and at the head of every page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Notice {
    /// How it is dressed.
    pub emphasis: Emphasis,
    /// What it says, in a few words.
    pub text: String,
}

impl Notice {
    /// A notice.
    #[must_use]
    pub fn new(emphasis: Emphasis, text: impl Into<String>) -> Self {
        Self { emphasis, text: text.into() }
    }
}

/// How a thing stands out. Each has a colour and a sign, so that a paper without colour says the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Emphasis {
    /// Like the text around it.
    #[default]
    Plain,
    /// In order: √.
    Good,
    /// In order if something is done: △.
    Caution,
    /// Not in order: ×.
    Bad,
    /// Not known: ？.
    Unknown,
}

impl Emphasis {
    /// The sign that stands for the colour; empty for plain.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => "√",
            Self::Caution => "△",
            Self::Bad => "×",
            Self::Unknown => "？",
        }
    }
}

/// A piece of a line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Inline {
    /// Text as it is.
    Text {
        /// The words.
        text: String,
    },
    /// Text that is strong.
    Strong {
        /// The words.
        text: String,
    },
    /// Text that is marked with a colour and its sign.
    Marked {
        /// The words.
        text: String,
        /// Which colour.
        emphasis: Emphasis,
    },
    /// Text that leads to an address.
    Link {
        /// The words.
        text: String,
        /// Where it leads.
        target: LinkTarget,
    },
}

impl Inline {
    /// Text as it is.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

    /// Text that is strong.
    #[must_use]
    pub fn strong(text: impl Into<String>) -> Self {
        Self::Strong { text: text.into() }
    }

    /// Text that is marked.
    #[must_use]
    pub fn marked(emphasis: Emphasis, text: impl Into<String>) -> Self {
        Self::Marked { text: text.into(), emphasis }
    }

    /// Text that leads to an address.
    #[must_use]
    pub fn link(text: impl Into<String>, target: LinkTarget) -> Self {
        Self::Link { text: text.into(), target }
    }

    /// The words, without their dress.
    #[must_use]
    pub fn words(&self) -> &str {
        match self {
            Self::Text { text } | Self::Strong { text } | Self::Marked { text, .. } | Self::Link { text, .. } => text,
        }
    }
}

/// A line: pieces one after another. Made from a `&str`, a `String` or pieces.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Runs(pub Vec<Inline>);

impl From<&str> for Runs {
    fn from(text: &str) -> Self {
        Self(vec![Inline::text(text)])
    }
}

impl From<String> for Runs {
    fn from(text: String) -> Self {
        Self(vec![Inline::text(text)])
    }
}

impl From<Inline> for Runs {
    fn from(inline: Inline) -> Self {
        Self(vec![inline])
    }
}

impl From<Vec<Inline>> for Runs {
    fn from(inlines: Vec<Inline>) -> Self {
        Self(inlines)
    }
}

impl<const N: usize> From<[Inline; N]> for Runs {
    fn from(inlines: [Inline; N]) -> Self {
        Self(inlines.into())
    }
}

/// How deep a heading is; below level 4 there is none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct HeadingLevel(u8);

impl HeadingLevel {
    /// The deepest level.
    pub const DEEPEST: u8 = 4;

    /// The level nearest to `level` that there is.
    #[must_use]
    pub fn nearest(level: u8) -> Self {
        Self(level.clamp(1, Self::DEEPEST))
    }

    /// 1 to 4.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl From<HeadingLevel> for u8 {
    fn from(level: HeadingLevel) -> Self {
        level.0
    }
}

impl TryFrom<u8> for HeadingLevel {
    type Error = String;

    fn try_from(level: u8) -> Result<Self, String> {
        if (1..=Self::DEEPEST).contains(&level) {
            Ok(Self(level))
        } else {
            Err(format!("标题层级为 1 至 4，得到 {level} / a heading level is 1 to 4, not {level}"))
        }
    }
}

/// A part of a document.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    /// A heading.
    Heading {
        /// How deep.
        level: HeadingLevel,
        /// Its words, without a number.
        text: String,
    },
    /// A paragraph of the text, its first line set in by two characters.
    Paragraph {
        /// Its pieces.
        runs: Runs,
    },
    /// Names and values in two columns.
    Facts {
        /// The rows.
        rows: Vec<Fact>,
    },
    /// A table whose header stands on every page.
    Table {
        /// What stands above it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<String>,
        /// Its columns, at least one.
        columns: Vec<Column>,
        /// Its rows, with as many cells as there are columns.
        rows: Vec<Row>,
    },
    /// A tree as its lines from top to bottom, each with its depth.
    Tree {
        /// The lines.
        branches: Vec<Branch>,
    },
    /// A map.
    Map {
        /// What is on it.
        sketch: MapSketch,
        /// What stands below it.
        caption: String,
    },
    /// A box with something to know.
    Note {
        /// How it is dressed.
        emphasis: Emphasis,
        /// Its first line, strong.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// Its paragraphs.
        paragraphs: Vec<Runs>,
    },
    /// What follows begins on a new page.
    PageBreak,
    /// Lines to sign.
    Signatures {
        /// The lines.
        lines: Vec<SignatureLine>,
    },
    /// A QR code.
    Code {
        /// What it holds, at most [`crate::Block::CODE_BYTES_MAX`] bytes.
        text: String,
        /// What stands below it.
        caption: String,
    },
}

impl Block {
    /// Bytes that a QR code may hold: more cannot be read from paper of its size.
    pub const CODE_BYTES_MAX: usize = 500;

    /// A heading; a level out of reach becomes the nearest one.
    #[must_use]
    pub fn heading(level: u8, text: impl Into<String>) -> Self {
        Self::Heading { level: HeadingLevel::nearest(level), text: text.into() }
    }

    /// A paragraph.
    #[must_use]
    pub fn paragraph(runs: impl Into<Runs>) -> Self {
        Self::Paragraph { runs: runs.into() }
    }

    /// Names and values.
    #[must_use]
    pub fn facts(rows: impl IntoIterator<Item = Fact>) -> Self {
        Self::Facts { rows: rows.into_iter().collect() }
    }

    /// A box.
    #[must_use]
    pub fn note(emphasis: Emphasis, text: impl Into<Runs>) -> Self {
        Self::Note { emphasis, title: None, paragraphs: vec![text.into()] }
    }
}

/// A name and its value.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Fact {
    /// What it is.
    pub name: String,
    /// What it is worth.
    pub value: Runs,
}

impl Fact {
    /// A name and its value.
    #[must_use]
    pub fn new(name: impl Into<String>, value: impl Into<Runs>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// Where the words of a column stand.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// At the start of the line.
    #[default]
    Start,
    /// In the middle.
    Centre,
    /// At the end of the line, as numbers do.
    End,
}

/// A column of a table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Column {
    /// Its head.
    pub name: String,
    /// Its share of the width, against the shares of the others; 0 counts as 1.
    pub share: u16,
    /// Where its words stand.
    #[serde(default)]
    pub align: Align,
}

impl Column {
    /// A column whose words stand at the start.
    #[must_use]
    pub fn new(name: impl Into<String>, share: u16) -> Self {
        Self { name: name.into(), share, align: Align::Start }
    }

    /// The same column with its words elsewhere.
    #[must_use]
    pub fn aligned(mut self, align: Align) -> Self {
        self.align = align;
        self
    }
}

/// A row of a table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Row {
    /// How it stands out.
    #[serde(default)]
    pub emphasis: Emphasis,
    /// Its cells.
    pub cells: Vec<Runs>,
}

impl Row {
    /// A row.
    #[must_use]
    pub fn new<C: Into<Runs>>(emphasis: Emphasis, cells: impl IntoIterator<Item = C>) -> Self {
        Self { emphasis, cells: cells.into_iter().map(Into::into).collect() }
    }
}

/// A line of a tree. A tree is flat here, so that no depth can break a stack.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Branch {
    /// 0 is a root. A line that is deeper than the one above by more than one is drawn one deeper.
    pub depth: u16,
    /// How it stands out.
    #[serde(default)]
    pub emphasis: Emphasis,
    /// What it says.
    pub runs: Runs,
}

impl Branch {
    /// A line of a tree.
    #[must_use]
    pub fn new(depth: u16, emphasis: Emphasis, runs: impl Into<Runs>) -> Self {
        Self { depth, emphasis, runs: runs.into() }
    }
}

/// A line to sign: 签发人, 日期.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignatureLine {
    /// Who or what.
    pub label: String,
    /// What is already known; none leaves a line to write on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl SignatureLine {
    /// A line to write on.
    #[must_use]
    pub fn blank(label: impl Into<String>) -> Self {
        Self { label: label.into(), value: None }
    }

    /// A line that is filled in.
    #[must_use]
    pub fn filled(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: Some(value.into()) }
    }
}
