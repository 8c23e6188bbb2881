//! Densities of litter and their change.

use crate::{Measured, Ratio};

/// A stretch of shore that was surveyed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ShoreSegment<'a> {
    /// The shore along which kilometres are counted.
    pub shore: &'a str,
    /// Where it begins, in km along the shore.
    pub from: Measured,
    /// Where it ends, in km along the shore.
    pub to: Measured,
    /// Area of all patches of litter on it, in m².
    pub litter_area: Measured,
}

/// Why a survey gives no density. Numbers are places in what was handed in, from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LitterError {
    /// Nothing was surveyed.
    #[error("没有调查岸段 / no segment was surveyed")]
    Empty,
    /// A segment ends where it begins, or before.
    #[error("第{0}个岸段长度不为正 / segment {0} has no length")]
    NoLength(usize),
    /// An area below zero.
    #[error("第{0}个岸段的垃圾面积为负 / segment {0} has an area below zero")]
    Negative(usize),
    /// Two segments share a part of the shore.
    #[error("第{0}个与第{1}个岸段重叠 / segments {0} and {1} overlap")]
    Overlap(usize, usize),
}

/// Litter along a shore (岸段漂浮垃圾分布密度): the area of all patches by the length of all segments, in m²/km.
///
/// # Errors
/// When nothing was surveyed, a segment has no length or an area below zero, or two segments share a part of a shore.
///
/// ```
/// use norms::{Measured, litter::{LitterError, ShoreSegment, shoreline_cover}};
/// let km = |from, to, area| ShoreSegment {
///     shore: "东岸", from: Measured::whole(from), to: Measured::whole(to), litter_area: Measured::whole(area),
/// };
/// assert_eq!(shoreline_cover(&[km(0, 2, 30), km(2, 5, 20)]).unwrap().rounded(1).to_string(), "10.0");
/// assert_eq!(shoreline_cover(&[km(0, 2, 30), km(1, 5, 20)]), Err(LitterError::Overlap(0, 1)));
/// ```
pub fn shoreline_cover(segments: &[ShoreSegment<'_>]) -> Result<Ratio, LitterError> {
    let (mut area, mut length) = (0_i128, 0_i128);
    for (number, segment) in segments.iter().enumerate() {
        if segment.from >= segment.to {
            return Err(LitterError::NoLength(number));
        }
        if segment.litter_area < Measured::ZERO {
            return Err(LitterError::Negative(number));
        }
        area += i128::from(segment.litter_area.parts());
        length += i128::from(segment.to.parts()) - i128::from(segment.from.parts());
    }
    let mut order: Vec<usize> = (0..segments.len()).collect();
    order.sort_by_key(|&number| (segments[number].shore, segments[number].from));
    for pair in order.windows(2) {
        let (before, after) = (&segments[pair[0]], &segments[pair[1]]);
        if before.shore == after.shore && after.from < before.to {
            return Err(LitterError::Overlap(pair[0].min(pair[1]), pair[0].max(pair[1])));
        }
    }
    if length == 0 { Err(LitterError::Empty) } else { Ok(Ratio::new(area, length)) }
}

/// Items by the area that was searched, length and width in km: items/km². `None` without an area.
///
/// ```
/// use norms::{Measured, litter::count_density};
/// let density = count_density(6, "2.5".parse().unwrap(), "0.1".parse().unwrap()).unwrap();
/// assert_eq!(density.rounded(0).to_string(), "24");
/// ```
#[must_use]
pub fn count_density(items: u64, length: Measured, width: Measured) -> Option<Ratio> {
    if length <= Measured::ZERO || width <= Measured::ZERO {
        return None;
    }
    let by_length = Ratio::new(i128::from(items), 1).over(length.ratio())?;
    by_length.over(width.ratio())
}

/// The change from one density to another, in percent of the first; `None` when the first is zero.
///
/// ```
/// use norms::{Ratio, litter::change_percent};
/// let change = change_percent(Ratio::new(40, 1), Ratio::new(30, 1)).unwrap();
/// assert_eq!(change.rounded(1).to_string(), "-25.0");
/// ```
#[must_use]
pub fn change_percent(before: Ratio, after: Ratio) -> Option<Ratio> {
    let hundred_times = after.over(before)?.over(Ratio::new(1, 100))?;
    Some(hundred_times.plus(Ratio::new(-100, 1)))
}
