//! Tests of papers as they leave this crate.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod attacks;
mod golden;
mod package;
mod sample;
