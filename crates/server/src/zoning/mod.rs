//! Zoning control at its doors: editions from folders, projects from files, screening in bulk, overlays.
//!
//! `zoning` judges and `exchange` reads; this module carries what the one gives to the other.

pub mod desk;
pub mod edition;
pub(crate) mod form;
pub mod industry;
pub mod overlay;
pub mod project;
pub mod screen;
pub mod tiles;
pub mod view;

pub use edition::Edition;
