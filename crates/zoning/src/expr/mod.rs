//! Conditions as text: a small part of the Common Expression Language, typed, with units and three-valued logic.
//!
//! ```text
//! touches('redline') and kind in ['new','expand'] and not (limited_human_activity == true)
//! offset_voc_t >= 2 * delta_voc_t
//! exists(boilers, fuel == 'coal' and t_h < 35)
//! ```
//! `and or not`, comparisons, `in`, `+ - *`, the calls `under exists all touches inside overlap_ratio dist_m
//! touches_outfall headroom judge`. Inside `exists` and `all` names are fields of the item and nothing else.

mod eval;
mod lexer;
mod parser;
mod program;
mod typer;

pub(crate) use typer::is_code_prefix;

pub(crate) use eval::{Answer, Inputs, Out, Truth, eval, fold, gaps, truth, under};
pub(crate) use program::{Arith, Gap, Node, Order, Program, Vocabulary};
pub use program::{Predicate, PredicateCall};

use crate::facts::Dictionary;

/// Bytes that one expression may have.
pub(crate) const EXPRESSION_BYTES_MAX: usize = 16 * 1024;
/// Nodes that one expression may have.
pub(crate) const NODES_MAX: usize = 2_000;
/// How deep an expression may nest.
pub(crate) const DEPTH_MAX: usize = 60;

/// What is wrong with an expression, and where.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{at}: {zh} / {en}")]
pub(crate) struct ExprError {
    /// Byte of the expression.
    pub(crate) at: usize,
    /// In Chinese.
    pub(crate) zh: String,
    /// In English.
    pub(crate) en: String,
}

impl ExprError {
    fn new(at: usize, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { at, zh: zh.into(), en: en.into() }
    }
}

/// Reads, types and compiles a condition.
///
/// # Errors
/// The first thing that is wrong: a form, an unknown name, a unit, a number of arguments, a limit.
pub(crate) fn compile(
    source: &str,
    dictionary: &Dictionary,
    vocabulary: &mut Vocabulary,
) -> Result<Program, ExprError> {
    let tree = parser::parse(source)?;
    typer::compile(source, &tree, dictionary, vocabulary)
}
