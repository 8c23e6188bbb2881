//! What the law says a value, a term or an amount must be: dated data, and the arithmetic over it.
//!
//! The tables are files that somebody else reads; this crate is handed their text, checks it, and judges.
//! It holds exact arithmetic ([`Measured`], [`Ratio`], [`Rounded`]), days and hours of Beijing time
//! ([`Day`], [`Hour`]), dated editions ([`Instrument`], [`Origin`]), and the judgement of ambient air ([`air`]),
//! [`noise`], [`soil`], [`discharge`], marine [`litter`] and greenhouse gases ([`ghg`]).
//!
//! It knows no file, socket, clock or random source. Every edition is valid over `[from, to)`, and the
//! judged day picks it.

pub mod air;
mod catalogue;
pub mod classes;
pub mod discharge;
mod edition;
mod finding;
pub mod ghg;
pub mod groundwater;
pub mod litter;
mod load;
mod measure;
pub mod noise;
mod origin;
mod parameter;
pub mod sea;
pub mod soil;
pub mod surface_water;
mod time;
mod unit;
mod words;

pub use catalogue::{Entry, Norms};
pub use edition::{Confidence, Dated, Instrument, Term};
pub use finding::{Finding, FindingCode, Severity};
pub use load::{LoadError, NormFile};
pub use measure::{Mean, Measured, Ratio, Rounded, div_half_even};
pub use origin::Origin;
pub use parameter::{Parameter, Parameters};
pub use time::{Day, Hour, Moment, Month, TimeError};
pub use unit::Units;
pub use words::Words;
