//! The answer to a question: record batches as they come, or plain cells.

use crate::session::{Limits, told};
use crate::{LakeError, Refusal};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Float64Type, Int64Type, SchemaRef, TimeUnit, TimestampMicrosecondType,
};
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use norms::Day;
use std::fmt;
use tokio::time::Instant;

/// Rows of an answer, batch by batch, until they or a limit end.
pub struct Answer {
    stream: SendableRecordBatchStream,
    deadline: Instant,
    limits: Limits,
    rows: usize,
    ended: bool,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("rows", &self.rows).field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Answer {
    pub(crate) fn new(stream: SendableRecordBatchStream, deadline: Instant, limits: Limits) -> Self {
        Self { stream, deadline, limits, rows: 0, ended: false }
    }

    /// The columns.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        self.stream.schema()
    }

    /// The names of the columns.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        self.schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    /// What each column holds.
    #[must_use]
    pub fn kinds(&self) -> Vec<CellKind> {
        let kind = |kind: &DataType| match kind {
            kind if kind.is_integer() => CellKind::Count,
            kind if kind.is_floating() => CellKind::Number,
            _ => CellKind::Other,
        };
        self.schema().fields().iter().map(|field| kind(field.data_type())).collect()
    }

    /// The next rows; `None` after the last.
    ///
    /// # Errors
    /// [`LakeError::Refused`] when a limit is reached: the rows given until then are right, and more exist.
    pub async fn next(&mut self) -> Option<Result<RecordBatch, LakeError>> {
        if self.ended {
            return None;
        }
        if self.rows >= self.limits.rows_max && self.rows > 0 {
            // One row more was asked for than is allowed: when it comes, the answer is not complete.
            self.ended = true;
            return match self.pull().await {
                Some(Ok(_)) => Some(Err(Refusal::Rows(self.limits.rows_max).into())),
                other => other,
            };
        }
        match self.pull().await {
            Some(Ok(batch)) => {
                let room = self.limits.rows_max - self.rows;
                if batch.num_rows() > room {
                    self.rows = self.limits.rows_max;
                    if room == 0 {
                        self.ended = true;
                        return Some(Err(Refusal::Rows(self.limits.rows_max).into()));
                    }
                    self.stream = Box::pin(datafusion::physical_plan::stream::RecordBatchStreamAdapter::new(
                        self.schema(),
                        futures::stream::iter([Ok(batch.slice(room, 1))]),
                    ));
                    return Some(Ok(batch.slice(0, room)));
                }
                self.rows += batch.num_rows();
                Some(Ok(batch))
            }
            other => {
                self.ended = true;
                other
            }
        }
    }

    async fn pull(&mut self) -> Option<Result<RecordBatch, LakeError>> {
        loop {
            return match tokio::time::timeout_at(self.deadline, self.stream.next()).await {
                Ok(Some(Ok(batch))) if batch.num_rows() == 0 => continue,
                Ok(Some(Ok(batch))) => Some(Ok(batch)),
                Ok(Some(Err(error))) => Some(Err(told(error, &self.limits))),
                Ok(None) => None,
                Err(_) => Some(Err(Refusal::Seconds(self.limits.seconds_max).into())),
            };
        }
    }

    /// All rows as record batches.
    ///
    /// # Errors
    /// As [`Self::next`]; the rows read until then are lost.
    pub async fn batches(mut self) -> Result<Vec<RecordBatch>, LakeError> {
        let mut batches = Vec::new();
        while let Some(batch) = self.next().await {
            batches.push(batch?);
        }
        Ok(batches)
    }

    /// All rows as cells.
    ///
    /// # Errors
    /// As [`Self::batches`].
    pub async fn rows(self) -> Result<Vec<Vec<Cell>>, LakeError> {
        let mut rows = Vec::new();
        for batch in self.batches().await? {
            rows.extend(cells(&batch)?);
        }
        Ok(rows)
    }
}

/// One value of an answer.
#[derive(Clone, PartialEq, Debug)]
pub enum Cell {
    /// No value.
    Empty,
    /// True or false.
    YesNo(bool),
    /// A whole number.
    Count(i64),
    /// A number.
    Number(f64),
    /// A text; a decimal is printed with all its digits.
    Text(String),
    /// A day.
    Day(Day),
    /// An instant, microseconds since 1970-01-01T00:00Z.
    Instant(i64),
    /// A local time without zone, microseconds since 1970-01-01T00:00.
    Local(i64),
}

/// What a column of an answer holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CellKind {
    /// Whole numbers.
    Count,
    /// Numbers.
    Number,
    /// What is printed: texts, days, times, yes or no.
    Other,
}

impl Cell {
    /// The text, when it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The number, when it is one.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Count(count) => Some(*count as f64),
            _ => None,
        }
    }

    /// The whole number, when it is one.
    #[must_use]
    pub const fn as_count(&self) -> Option<i64> {
        if let Self::Count(count) = self { Some(*count) } else { None }
    }
}

impl fmt::Display for Cell {
    /// Prints as CSV does: Beijing time `YYYY-MM-DDTHH:MM` (with seconds where there are any), shortest numbers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => Ok(()),
            Self::YesNo(yes) => f.write_str(if *yes { "1" } else { "0" }),
            Self::Count(count) => write!(f, "{count}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
            Self::Day(day) => write!(f, "{day}"),
            Self::Instant(micros) => local(f, micros + crate::period::BEIJING),
            Self::Local(micros) => local(f, *micros),
        }
    }
}

fn local(f: &mut fmt::Formatter<'_>, micros: i64) -> fmt::Result {
    const DAY: i64 = 86_400_000_000;
    let (day, rest) = (Day(micros.div_euclid(DAY) as i32), micros.rem_euclid(DAY));
    let (seconds, fraction) = (rest / 1_000_000, rest % 1_000_000);
    write!(f, "{day}T{:02}:{:02}", seconds / 3_600, seconds / 60 % 60)?;
    if seconds % 60 != 0 || fraction != 0 {
        write!(f, ":{:02}", seconds % 60)?;
    }
    if fraction != 0 {
        write!(f, ".{fraction:06}")?;
    }
    Ok(())
}

/// The rows of a batch as cells.
///
/// # Errors
/// When a column is of a type that has no cell, such as a map.
pub fn cells(batch: &RecordBatch) -> Result<Vec<Vec<Cell>>, LakeError> {
    let mut rows: Vec<Vec<Cell>> = vec![Vec::with_capacity(batch.num_columns()); batch.num_rows()];
    for column in batch.columns() {
        let read = reader(column).map_err(|error| LakeError::Query { source: Box::new(error.into()) })?;
        for (at, row) in rows.iter_mut().enumerate() {
            row.push(if column.is_null(at) { Cell::Empty } else { read(at) });
        }
    }
    Ok(rows)
}

type Read = Box<dyn Fn(usize) -> Cell>;

fn reader(column: &ArrayRef) -> Result<Read, datafusion::arrow::error::ArrowError> {
    let micros = |zone: Option<std::sync::Arc<str>>| DataType::Timestamp(TimeUnit::Microsecond, zone);
    Ok(match column.data_type() {
        DataType::Null => Box::new(|_| Cell::Empty),
        DataType::Boolean => {
            let array = column.as_boolean().clone();
            Box::new(move |at| Cell::YesNo(array.value(at)))
        }
        DataType::UInt64 => {
            let array = cast(column, &DataType::Utf8)?;
            Box::new(move |at| {
                let text = array.as_string::<i32>().value(at);
                text.parse().map_or_else(|_| Cell::Text(text.to_owned()), Cell::Count)
            })
        }
        kind if kind.is_integer() => {
            let array = cast(column, &DataType::Int64)?.as_primitive::<Int64Type>().clone();
            Box::new(move |at| Cell::Count(array.value(at)))
        }
        kind if kind.is_floating() => {
            let array = cast(column, &DataType::Float64)?.as_primitive::<Float64Type>().clone();
            Box::new(move |at| Cell::Number(array.value(at)))
        }
        DataType::Date32 | DataType::Date64 => {
            let array = cast(column, &DataType::Date32)?.as_primitive::<Date32Type>().clone();
            Box::new(move |at| Cell::Day(Day(array.value(at))))
        }
        DataType::Timestamp(_, None) => {
            let array = cast(column, &micros(None))?.as_primitive::<TimestampMicrosecondType>().clone();
            Box::new(move |at| Cell::Local(array.value(at)))
        }
        DataType::Timestamp(_, Some(_)) => {
            let array = cast(column, &micros(Some("UTC".into())))?.as_primitive::<TimestampMicrosecondType>().clone();
            Box::new(move |at| Cell::Instant(array.value(at)))
        }
        DataType::List(_) | DataType::LargeList(_) | DataType::Struct(_) => {
            let options = datafusion::arrow::util::display::FormatOptions::default();
            let mut texts = Vec::with_capacity(column.len());
            let formatter = datafusion::arrow::util::display::ArrayFormatter::try_new(column, &options)?;
            for at in 0..column.len() {
                texts.push(formatter.value(at).to_string());
            }
            Box::new(move |at| Cell::Text(texts[at].clone()))
        }
        _ => {
            let array = cast(column, &DataType::Utf8)?;
            Box::new(move |at| Cell::Text(array.as_string::<i32>().value(at).to_owned()))
        }
    })
}
