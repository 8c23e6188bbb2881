//! What a lake promises, tested from outside.

#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

#[path = "lake/crash.rs"]
mod crash;
#[path = "lake/fixture.rs"]
mod fixture;
#[path = "lake/functions.rs"]
mod functions;
#[path = "lake/ground.rs"]
mod ground;
#[path = "lake/guard.rs"]
mod guard;
#[path = "lake/maintain.rs"]
mod maintain;
#[path = "lake/model.rs"]
mod model;
#[path = "lake/outside.rs"]
mod outside;
#[path = "lake/register.rs"]
mod register;
#[path = "../../../tests/sizes.rs"]
mod sizes;
#[path = "lake/speed.rs"]
mod speed;
#[path = "lake/write.rs"]
mod write;
