//! One cell of a table as a measured value.

use norms::Measured;

/// What a cell says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CellValue {
    /// No value.
    None,
    /// A measured value.
    Value(Measured),
    /// Below a detection limit, written `<0.01` or `0.01L`.
    BelowDetection(Measured),
    /// Not a number.
    Bad,
}

impl CellValue {
    /// One number for it, in the unit of the cell: half the detection limit stands for what lies below it.
    #[must_use]
    pub const fn value(self) -> Option<Measured> {
        match self {
            Self::Value(value) => Some(value),
            Self::BelowDetection(limit) => Some(limit.below_detection()),
            Self::None | Self::Bad => None,
        }
    }

    /// The same in another unit.
    #[must_use]
    pub fn times(self, factor: Measured) -> Self {
        match self {
            _ if factor == Measured::whole(1) => self,
            Self::Value(value) => value.times(factor).map_or(Self::Bad, Self::Value),
            Self::BelowDetection(limit) => limit.times(factor).map_or(Self::Bad, Self::BelowDetection),
            Self::None | Self::Bad => self,
        }
    }
}

/// Whether a cell stands for no value: empty, `NA`, a dash or an asterisk.
#[must_use]
pub fn is_no_value(text: &str) -> bool {
    matches!(text, "" | "NA" | "na" | "N/A" | "NaN" | "nan" | "null" | "NULL" | "-" | "--" | "—" | "——" | "*")
}

/// Reads one cell.
///
/// ```
/// use exchange::{CellValue, read_value};
/// use norms::Measured;
/// assert_eq!(read_value(" 0.7 "), CellValue::Value(Measured::tenths(7)));
/// assert_eq!(read_value("<0.5"), CellValue::BelowDetection(Measured::from_parts(500_000_000)));
/// assert_eq!(read_value("—"), CellValue::None);
/// assert_eq!(read_value("seven"), CellValue::Bad);
/// ```
#[must_use]
pub fn read_value(text: &str) -> CellValue {
    let text = text.trim();
    if is_no_value(text) {
        return CellValue::None;
    }
    let limit = text.strip_prefix(['<', '\u{ff1c}']).or_else(|| text.strip_suffix(['L', 'l']));
    match (text.parse(), limit.map(|limit| limit.trim().parse())) {
        (Ok(value), _) => CellValue::Value(value),
        (_, Some(Ok(limit))) => CellValue::BelowDetection(limit),
        _ => CellValue::Bad,
    }
}
