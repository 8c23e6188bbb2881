//! The program from outside: its commands, its HTTP interface, a city's first day. One binary,
//! because each test binary of this crate links the whole lake.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test that cannot go on fails")]

mod air_proofs;
mod assess;
mod first_day;
mod http;
mod keeping;
mod media;
mod media_oracle;
mod ogc;
mod papers;
mod program;
#[path = "../../../../tests/sizes.rs"]
mod sizes;
mod zoning;
