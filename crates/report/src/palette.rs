//! The colours of emphasis, as `rrggbb`. The sign of [`Emphasis::sign`] always stands beside them.

use crate::Emphasis;

/// Colours of an emphasis.
pub(crate) struct Dress {
    /// Of words and edges; dark enough on its own paper and on white.
    pub(crate) ink: &'static str,
    /// Of the paper below.
    pub(crate) paper: &'static str,
    /// The name of its class in HTML.
    pub(crate) class: &'static str,
}

/// The colours of an emphasis.
pub(crate) const fn dress(emphasis: Emphasis) -> Dress {
    let (ink, paper, class) = match emphasis {
        Emphasis::Plain => ("1f2328", "f4f4f1", "plain"),
        Emphasis::Good => ("1a6b33", "e6f4ea", "good"),
        Emphasis::Caution => ("8a4b00", "fff1d6", "caution"),
        Emphasis::Bad => ("b3261e", "fde7e5", "bad"),
        Emphasis::Unknown => ("46526a", "eaedf2", "unknown"),
    };
    Dress { ink, paper, class }
}
