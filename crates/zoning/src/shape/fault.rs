//! What is wrong with a shape: a stable code, where, and words in both languages.

use thiserror::Error;

/// Why a shape cannot be used.
#[derive(Clone, PartialEq, Debug, Error)]
pub enum ShapeFault {
    /// No part, or only empty ones.
    #[error("the shape is empty")]
    Empty,
    /// A coordinate is NaN or infinite.
    #[error("the coordinate ({x}, {y}) is no finite number")]
    NotFinite {
        /// As read.
        x: f64,
        /// As read.
        y: f64,
    },
    /// More vertices than allowed.
    #[error("{count} vertices, at most {limit} are allowed")]
    TooManyVertices {
        /// What was counted until it was enough.
        count: usize,
        /// The limit.
        limit: usize,
    },
    /// A ring with fewer than three different points, or a line with fewer than two.
    #[error("part {part}, ring {ring}: too few different points")]
    TooFewPoints {
        /// Number of the part, from 1.
        part: usize,
        /// Number of the ring, 1 is the shell.
        ring: usize,
    },
    /// A boundary crosses or runs along itself or another of the same shape.
    #[error("part {part}, ring {ring}: the boundary crosses itself at ({x}, {y})")]
    Crosses {
        /// Number of the part, from 1.
        part: usize,
        /// Number of the ring, 1 is the shell.
        ring: usize,
        /// Where.
        x: f64,
        /// Where.
        y: f64,
    },
    /// Edges lie over one another so densely that checking them would take too long.
    #[error("the boundary is too entangled to be checked")]
    Entangled,
    /// A hole lies outside its shell or in another hole.
    #[error("part {part}, ring {ring}: the hole at ({x}, {y}) lies outside its shell")]
    HoleOutside {
        /// Number of the part, from 1.
        part: usize,
        /// Number of the ring.
        ring: usize,
        /// A point of it.
        x: f64,
        /// A point of it.
        y: f64,
    },
    /// Two parts lie in one another.
    #[error("part {part} lies in another part, at ({x}, {y})")]
    PartsOverlap {
        /// Number of the part, from 1.
        part: usize,
        /// A point of it.
        x: f64,
        /// A point of it.
        y: f64,
    },
    /// Points, lines and areas in one shape.
    #[error("points, lines and areas are mixed in one shape")]
    Mixed,
    /// A width was given for something else than a line.
    #[error("a corridor width was given, but the shape is no line")]
    CorridorOfNoLine,
    /// A width that is none.
    #[error("the corridor width {width} is not above 0 and at most {limit} m")]
    CorridorWidth {
        /// As given.
        width: f64,
        /// The limit.
        limit: f64,
    },
    /// Text that is no well-known text.
    #[error("no well-known text at character {at}: {what}")]
    Wkt {
        /// Number of the byte, from 1.
        at: usize,
        /// What was expected.
        what: &'static str,
    },
}

impl ShapeFault {
    /// Short stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "shape_empty",
            Self::NotFinite { .. } => "shape_not_finite",
            Self::TooManyVertices { .. } => "shape_vertices",
            Self::TooFewPoints { .. } => "shape_too_few_points",
            Self::Crosses { .. } => "shape_crosses",
            Self::Entangled => "shape_entangled",
            Self::HoleOutside { .. } => "shape_hole_outside",
            Self::PartsOverlap { .. } => "shape_parts_overlap",
            Self::Mixed => "shape_mixed",
            Self::CorridorOfNoLine => "corridor_of_no_line",
            Self::CorridorWidth { .. } => "corridor_width",
            Self::Wkt { .. } => "wkt_form",
        }
    }

    /// What is wrong, in Chinese. [`ToString`] gives the English.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Empty => "图形为空".to_owned(),
            Self::NotFinite { x, y } => format!("坐标 ({x}, {y}) 不是有限数"),
            Self::TooManyVertices { count, limit } => format!("顶点 {count} 个，最多允许 {limit} 个"),
            Self::TooFewPoints { part, ring } => format!("第 {part} 部分第 {ring} 环：不同的点太少"),
            Self::Crosses { part, ring, x, y } => format!("第 {part} 部分第 {ring} 环：边界在 ({x}, {y}) 处自相交"),
            Self::Entangled => "边界过于缠绕，无法检查".to_owned(),
            Self::HoleOutside { part, ring, x, y } => {
                format!("第 {part} 部分第 {ring} 环：位于 ({x}, {y}) 的内环不在外环之内")
            }
            Self::PartsOverlap { part, x, y } => format!("第 {part} 部分在 ({x}, {y}) 处落入另一部分之内"),
            Self::Mixed => "同一图形中混有点、线、面".to_owned(),
            Self::CorridorOfNoLine => "给了廊道宽度，但图形不是线".to_owned(),
            Self::CorridorWidth { width, limit } => format!("廊道宽度 {width} 不在 0 至 {limit} 米之间"),
            Self::Wkt { at, what } => format!("第 {at} 个字符处不是合法的 WKT（{what}）"),
        }
    }

    /// What to do, in Chinese.
    #[must_use]
    pub fn action_zh(&self) -> &'static str {
        match self {
            Self::Empty => "请补充图形",
            Self::NotFinite { .. } => "请改正坐标",
            Self::TooManyVertices { .. } | Self::Entangled => "请抽稀或分块后再提交",
            Self::TooFewPoints { .. } => "面至少需要三个不同的点，线至少两个",
            Self::Crosses { .. } => "请修正边界，或同意自动修复",
            Self::HoleOutside { .. } | Self::PartsOverlap { .. } => "请检查环的归属，或同意自动修复",
            Self::Mixed => "请将点、线、面分开提交",
            Self::CorridorOfNoLine => "请只为线状工程填写廊道宽度",
            Self::CorridorWidth { .. } => "请以米填写用地总宽度（两侧合计）",
            Self::Wkt { .. } => "请按 WKT 书写，例如 POLYGON((x y,x y,x y,x y))",
        }
    }

    /// What to do, in English.
    #[must_use]
    pub fn action_en(&self) -> &'static str {
        match self {
            Self::Empty => "give a shape",
            Self::NotFinite { .. } => "correct the coordinate",
            Self::TooManyVertices { .. } | Self::Entangled => "simplify it, or give it in pieces",
            Self::TooFewPoints { .. } => "an area needs three different points, a line two",
            Self::Crosses { .. } => "correct the boundary, or agree to a repair",
            Self::HoleOutside { .. } | Self::PartsOverlap { .. } => {
                "check which ring belongs where, or agree to a repair"
            }
            Self::Mixed => "give points, lines and areas apart",
            Self::CorridorOfNoLine => "give a corridor width for lines only",
            Self::CorridorWidth { .. } => "give the whole width of the ground in metres, both sides together",
            Self::Wkt { .. } => "write well-known text, such as POLYGON((x y,x y,x y,x y))",
        }
    }

    /// Whether [`super::Consent::Repair`] would mend it.
    #[must_use]
    pub fn repairable(&self) -> bool {
        matches!(self, Self::Crosses { .. } | Self::HoleOutside { .. } | Self::PartsOverlap { .. })
    }
}

/// What was put right or noticed while a shape was checked.
#[derive(Clone, PartialEq, Debug)]
pub enum ShapeNote {
    /// Points that repeat the one before were left out.
    RepeatedPoints {
        /// How many.
        count: usize,
    },
    /// Rings that ran the other way were turned.
    Turned {
        /// How many.
        count: usize,
    },
    /// Boundaries touch themselves or one another, without crossing.
    Touches {
        /// Where, first of them.
        x: f64,
        /// Where, first of them.
        y: f64,
    },
    /// Crossings were repaired with consent.
    Repaired {
        /// Places of the first crossings, at most ten.
        places: Vec<(f64, f64)>,
        /// Sum of the rings' areas before, in squared units of the coordinates.
        area_before: f64,
        /// Area after.
        area_after: f64,
        /// Parts after.
        parts_after: usize,
    },
}

impl ShapeNote {
    /// Short stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::RepeatedPoints { .. } => "shape_repeated_points",
            Self::Turned { .. } => "shape_turned",
            Self::Touches { .. } => "shape_touches",
            Self::Repaired { .. } => "shape_repaired",
        }
    }

    /// In Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::RepeatedPoints { count } => format!("已去除重复点 {count} 个"),
            Self::Turned { count } => format!("已调整 {count} 个环的方向"),
            Self::Touches { x, y } => format!("边界在 ({x}, {y}) 处自接触但未相交"),
            Self::Repaired { places, area_before, area_after, parts_after } => format!(
                "经同意修复自相交 {} 处；面积由 {area_before} 变为 {area_after}，共 {parts_after} 部分",
                places.len()
            ),
        }
    }

    /// In English.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Self::RepeatedPoints { count } => format!("{count} repeated points were left out"),
            Self::Turned { count } => format!("{count} rings were turned"),
            Self::Touches { x, y } => format!("the boundary touches itself at ({x}, {y}) without crossing"),
            Self::Repaired { places, area_before, area_after, parts_after } => format!(
                "{} crossings were repaired with consent; the area went from {area_before} to {area_after}, {parts_after} parts",
                places.len()
            ),
        }
    }
}
