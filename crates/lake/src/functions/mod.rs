//! Functions that questions may use beside those of SQL: Beijing time, and the judgements of the norms.
//!
//! The judgements are those of the crate `norms`: nothing is computed here that it does not compute. Values come in as
//! numbers and are taken for the decimals that they stand for; results that a standard rounds come out as the number
//! nearest to the rounded decimal.

mod air;
mod statistics;
mod time;

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{AggregateUDF, ScalarUDF};
use datafusion::prelude::SessionContext;
use norms::Norms;
use std::sync::Arc;

/// What `yundang sql --functions` says about one function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FunctionDoc {
    /// Its name.
    pub name: &'static str,
    /// Its arguments, in order.
    pub arguments: &'static str,
    /// What it gives, in Chinese.
    pub meaning_zh: &'static str,
    /// What it gives, in English.
    pub meaning_en: &'static str,
    /// The clause that it follows; empty when it follows none.
    pub clause: &'static str,
    /// A question that runs.
    pub example: &'static str,
    /// What the example gives.
    pub gives: &'static str,
}

/// All functions of ours, in order of name within their group.
#[must_use]
pub fn functions_doc() -> Vec<FunctionDoc> {
    [time::DOC, air::DOC, statistics::DOC].concat()
}

/// Registers the functions of time, which need no norms.
pub(crate) fn register_time(context: &SessionContext) {
    for function in time::functions() {
        context.register_udf(function);
    }
}

/// Registers the judgements, bound to the norms that are in force by date.
pub fn register_functions(context: &SessionContext, norms: &Arc<Norms>) {
    let scalars: Vec<ScalarUDF> = air::functions(norms);
    for function in scalars {
        context.register_udf(function);
    }
    let aggregates: Vec<AggregateUDF> = statistics::functions();
    for function in aggregates {
        context.register_udaf(function);
    }
}

/// A column of numbers, from any type that can be one.
fn numbers(array: &ArrayRef) -> Result<datafusion::arrow::array::Float64Array> {
    Ok(cast(array, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
}

fn counts(array: &ArrayRef) -> Result<datafusion::arrow::array::Int64Array> {
    Ok(cast(array, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
}

fn texts(array: &ArrayRef) -> Result<datafusion::arrow::array::StringArray> {
    Ok(cast(array, &DataType::Utf8)?.as_string::<i32>().clone())
}

/// The digits behind the point that a caller asks for.
fn decimals(count: i64) -> Result<u8> {
    u8::try_from(count)
        .ok()
        .filter(|&count| count <= 9)
        .ok_or_else(|| wrong(format!("{count} decimals; 0 to 9 are possible")))
}

fn wrong(why: impl Into<String>) -> DataFusionError {
    DataFusionError::Execution(why.into())
}

/// The number of a column at a row, where it has one.
fn at<A: Array>(array: &A, row: usize) -> Option<usize> {
    array.is_valid(row).then_some(row)
}
