//! What the map and the officials answer to the predicates of the rules.

use crate::Number;
use crate::expr::{Answer, Gap, Predicate, PredicateCall};
use crate::ground::{Coverage, Ground, LayerFinding, Meeting};
use crate::surroundings::Judgements;

/// Digits behind the point that are kept of lengths in metres: a micrometre.
const METRE_DECIMALS: u32 = 6;
/// Digits behind the point that are kept of shares.
const SHARE_DECIMALS: u32 = 9;
/// Farther than anything, in metres: the distance to a layer that holds no area.
const FARTHEST_M: i64 = 1_000_000_000_000;

/// How boundaries are taken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Boundary {
    /// Every layer drawn back by its accuracy.
    Shrunk,
    /// As drawn.
    Drawn,
    /// Every layer pushed out by its accuracy.
    Grown,
}

/// The answer to one predicate, without `headroom`, which depends on the unit.
pub(crate) fn answer(
    number: u16,
    predicate: &Predicate,
    ground: &Ground,
    judgements: &Judgements,
    boundary: Boundary,
) -> Answer {
    let unknown = Answer::Unknown(Gap::Predicate(number));
    let key = predicate.key.as_str();
    let determined = |key: &str| judgements.0.get(key).map(|judgement| judgement.value);
    let finding = match predicate.call {
        PredicateCall::Headroom => return unknown,
        PredicateCall::Judge => return determined(key).map_or(unknown, Answer::Bool),
        PredicateCall::TouchesOutfall => ground.outfall.as_ref().and_then(|layers| layers.get(key)),
        _ => ground.layers.get(key),
    };
    let Some(finding) = finding.filter(|finding| finding.coverage == Coverage::Complete) else { return unknown };
    match predicate.call {
        PredicateCall::Touches | PredicateCall::TouchesOutfall => {
            let determination = || {
                let outfall = if predicate.call == PredicateCall::Touches { "" } else { "outfall:" };
                determined(&format!("boundary:{outfall}{key}"))
            };
            match touches(finding, boundary) {
                Some(touches) => Answer::Bool(touches),
                None => determination().map_or(Answer::Unknown(Gap::Boundary(number)), Answer::Bool),
            }
        }
        PredicateCall::Inside => Answer::Bool(inside(finding, boundary)),
        PredicateCall::OverlapRatio => Number::from_f64(finding.share, SHARE_DECIMALS).map_or(unknown, Answer::Number),
        PredicateCall::DistM => distance(finding, boundary).map_or(unknown, Answer::Number),
        PredicateCall::Headroom | PredicateCall::Judge => unknown,
    }
}

/// Whether a project touches a layer; none for a sliver, which an official must look at.
fn touches(finding: &LayerFinding, boundary: Boundary) -> Option<bool> {
    let accuracy = finding.accuracy_m;
    match (boundary, finding.meeting) {
        (Boundary::Shrunk, _) if accuracy > 0.0 => Some(finding.depth_m > accuracy),
        (Boundary::Grown, _) if accuracy > 0.0 => Some(finding.distance_m.is_some_and(|distance| distance <= accuracy)),
        (_, Meeting::Apart) => Some(false),
        (_, Meeting::Boundary) => Some(finding.touch_counts),
        (_, Meeting::Sliver) => None,
        (_, Meeting::Solid) => Some(true),
    }
}

fn inside(finding: &LayerFinding, boundary: Boundary) -> bool {
    let accuracy = finding.accuracy_m;
    match boundary {
        Boundary::Shrunk if accuracy > 0.0 => finding.inside && finding.margin_m >= accuracy,
        Boundary::Grown if accuracy > 0.0 => {
            let near = finding.distance_m.is_some_and(|distance| distance <= accuracy);
            finding.inside || (near && finding.protrusion_m <= accuracy)
        }
        _ => finding.inside,
    }
}

fn distance(finding: &LayerFinding, boundary: Boundary) -> Option<Number> {
    let Some(metres) = finding.distance_m else { return Some(Number::whole(FARTHEST_M)) };
    let shift = match boundary {
        Boundary::Shrunk => finding.accuracy_m,
        Boundary::Drawn => 0.0,
        Boundary::Grown => -finding.accuracy_m,
    };
    // NaN stays NaN here, and so unknown.
    let metres = metres + shift;
    Number::from_f64(if metres < 0.0 { 0.0 } else { metres }, METRE_DECIMALS)
}
