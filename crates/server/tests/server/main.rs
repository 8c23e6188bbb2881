//! The program from outside: its commands, its HTTP interface, a city's first day. One binary,
//! because each test binary of this crate links the whole lake.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod assess;
mod first_day;
mod http;
