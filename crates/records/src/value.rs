//! The three kinds of value that both databases keep alike, and the rows they come back in.

use crate::{Hash, Moment, RecordsError};
use norms::Day;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column, Row as _, TypeInfo, ValueRef};
use uuid::Uuid;

/// A parameter of a statement. The kind is known even when there is no value, because PostgreSQL wants it.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

macro_rules! values {
    ($($from:ty => |$it:ident| $value:expr;)*) => {
        $(impl From<$from> for Value {
            fn from($it: $from) -> Self { $value }
        })*
    };
}

values! {
    i64 => |it| Self::Int(Some(it));
    Option<u32> => |it| Self::Int(it.map(i64::from));
    u32 => |it| Self::Int(Some(i64::from(it)));
    bool => |it| Self::Int(Some(i64::from(it)));
    Moment => |it| Self::Int(Some(it.micros()));
    Option<Moment> => |it| Self::Int(it.map(Moment::micros));
    &str => |it| Self::Text(Some(it.to_owned()));
    &String => |it| Self::Text(Some(it.clone()));
    String => |it| Self::Text(Some(it));
    Option<&str> => |it| Self::Text(it.map(str::to_owned));
    Option<String> => |it| Self::Text(it);
    Uuid => |it| Self::Text(Some(it.to_string()));
    Option<Uuid> => |it| Self::Text(it.map(|id| id.to_string()));
    Hash => |it| Self::Text(Some(it.to_string()));
    Day => |it| Self::Text(Some(it.to_string()));
    Option<Day> => |it| Self::Text(it.map(|day| day.to_string()));
    &[u8] => |it| Self::Bytes(Some(it.to_vec()));
    Vec<u8> => |it| Self::Bytes(Some(it));
}

/// The parameters of a statement, in order.
macro_rules! values_of {
    ($($value:expr),* $(,)?) => { vec![$(crate::value::Value::from($value)),*] };
}
pub(crate) use values_of;

/// A row, read from its first column to its last.
#[derive(Debug)]
pub(crate) struct Row {
    cells: std::vec::IntoIter<(String, Value)>,
}

impl Row {
    pub(crate) fn from_sqlite(row: &SqliteRow) -> Result<Self, RecordsError> {
        let mut cells = Vec::with_capacity(row.len());
        for at in 0..row.len() {
            let kind = row.try_get_raw(at)?;
            let value = match (kind.is_null(), kind.type_info().name()) {
                // What is not there can be read as any kind.
                (true, _) => Value::Int(None),
                (_, "INTEGER" | "INT8" | "INT4") => Value::Int(Some(row.try_get_unchecked(at)?)),
                (_, "TEXT") => Value::Text(Some(row.try_get_unchecked(at)?)),
                (_, "BLOB") => Value::Bytes(Some(row.try_get_unchecked(at)?)),
                (_, other) => return Err(strange(row.column(at).name(), other)),
            };
            cells.push((row.column(at).name().to_owned(), value));
        }
        Ok(Self { cells: cells.into_iter() })
    }

    pub(crate) fn from_postgres(row: &PgRow) -> Result<Self, RecordsError> {
        let mut cells = Vec::with_capacity(row.len());
        for at in 0..row.len() {
            let value = match row.column(at).type_info().name() {
                "INT8" => Value::Int(row.try_get(at)?),
                "TEXT" | "VARCHAR" | "NAME" => Value::Text(row.try_get(at)?),
                "BYTEA" => Value::Bytes(row.try_get(at)?),
                other => return Err(strange(row.column(at).name(), other)),
            };
            cells.push((row.column(at).name().to_owned(), value));
        }
        Ok(Self { cells: cells.into_iter() })
    }

    /// The next column as the type that is wanted.
    pub(crate) fn take<T: FromValue>(&mut self) -> Result<T, RecordsError> {
        let (column, value) = self.cells.next().ok_or_else(|| RecordsError::damaged("a row has too few columns"))?;
        T::from_value(value)
            .ok_or_else(|| RecordsError::damaged(format!("column '{column}' holds an impossible value")))
    }
}

fn strange(column: &str, kind: &str) -> RecordsError {
    RecordsError::damaged(format!("column '{column}' holds a value of kind {kind}"))
}

/// What a column can be read as.
pub(crate) trait FromValue: Sized {
    fn from_value(value: Value) -> Option<Self>;
}

impl FromValue for i64 {
    fn from_value(value: Value) -> Option<Self> {
        if let Value::Int(value) = value { value } else { None }
    }
}

impl FromValue for u32 {
    fn from_value(value: Value) -> Option<Self> {
        i64::from_value(value)?.try_into().ok()
    }
}

impl FromValue for u64 {
    fn from_value(value: Value) -> Option<Self> {
        i64::from_value(value)?.try_into().ok()
    }
}

impl FromValue for bool {
    fn from_value(value: Value) -> Option<Self> {
        match i64::from_value(value)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl FromValue for String {
    fn from_value(value: Value) -> Option<Self> {
        if let Value::Text(value) = value { value } else { None }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: Value) -> Option<Self> {
        if let Value::Bytes(value) = value { value } else { None }
    }
}

impl FromValue for Moment {
    fn from_value(value: Value) -> Option<Self> {
        i64::from_value(value).map(Self::from_micros)
    }
}

impl FromValue for Day {
    fn from_value(value: Value) -> Option<Self> {
        String::from_value(value)?.parse().ok()
    }
}

impl FromValue for Uuid {
    fn from_value(value: Value) -> Option<Self> {
        String::from_value(value)?.parse().ok()
    }
}

impl FromValue for Hash {
    fn from_value(value: Value) -> Option<Self> {
        Self::parse(&String::from_value(value)?)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Int(None) | Value::Text(None) | Value::Bytes(None) => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}
