//! The answers of the HTTP interface, one Rust type for each JSON shape.
//!
//! The names here are the names on the wire; the front end's `web/src/api/types.ts` says the same by hand. Times are
//! RFC 3339 text with `+08:00` and name the END of the averaging hour. A missing value is `null`, never a number.

mod air;
mod figures;
mod service;

pub use air::*;
pub use figures::*;
pub use service::*;
