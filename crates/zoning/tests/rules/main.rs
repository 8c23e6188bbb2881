//! Proofs about the rule half: agreement with the reference, soundness, replay, dates, lint.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "tests say what they expect bluntly"
)]

#[path = "../../../../tests/sizes.rs"]
mod sizes;

mod advice;
mod agreement;
mod city;
mod dates;
mod oracle;
mod readings;
mod scale;
mod soundness;
