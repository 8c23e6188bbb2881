//! The services of Yundang and its command line: every door through which people and programs come in.
//!
//! This crate wires the others together and judges nothing itself. Modules: [`assess`] reads tables and writes
//! judgements, [`norm_files`] finds the tables of norms, [`cli`] is the contract of the command line.

pub mod air_view;
pub mod answers;
pub mod assess;
pub mod city;
pub mod cli;
pub mod data_folder;
pub mod demo;
pub mod figures;
pub mod http;
pub mod import;
mod media_view;
pub mod norm_files;
pub mod office;
pub mod registry;
pub mod zoning;

pub use cli::run;
