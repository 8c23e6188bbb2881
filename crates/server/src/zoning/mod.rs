//! Zoning control at its doors: editions from folders, projects from files, screening in bulk, overlays.
//!
//! `zoning` judges and `exchange` reads; this module carries what the one gives to the other.

pub mod answers;
pub mod desk;
pub mod difference;
pub mod edition;
pub(crate) mod features;
pub(crate) mod form;
pub mod industry;
pub mod overlay;
pub mod paper;
mod plane;
pub mod project;
pub mod screen;
pub mod tiles;
mod veil;
pub mod view;

pub use edition::Edition;
