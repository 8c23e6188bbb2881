//! The figure catalogue: what each published number means, for which period, how it is rounded, compared and said.
//!
//! A figure is a file entry ([`Definition`]); a summary is sentences with figures in them ([`SummarySection`]). SQL is
//! held as text and never run here; what a value is made of comes in as plain values ([`direction`], [`say`]).

mod catalogue;
mod period;
mod sentence;

pub use catalogue::{Catalogue, Class, Comparison, Definition, Paragraph, SummarySection, TextTemplate, ValueRule};
pub use period::{Period, PeriodError};
pub use sentence::{Direction, Piece, Said, direction, pieces, say, say_directions};
