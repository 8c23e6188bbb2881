//! Instants and Beijing time.

use super::{FunctionDoc, texts, wrong};
use crate::period::BEIJING;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, Date32Array, TimestampMicrosecondArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, TimeUnit, TimestampMicrosecondType};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use std::sync::Arc;

pub(super) const DOC: &[FunctionDoc] = &[
    FunctionDoc {
        name: "beijing",
        arguments: "time",
        meaning_zh: "时刻对应的北京时间（无时区）",
        meaning_en: "Beijing time of an instant, without zone",
        clause: "",
        example: "SELECT beijing(utc('2022-01-31T24:00'))",
        gives: "2022-02-01T00:00",
    },
    FunctionDoc {
        name: "beijing_date",
        arguments: "time",
        meaning_zh: "以该时刻为结束的小时或日所属的北京日期（按开始时刻计）",
        meaning_en: "Beijing day in which the hour or day starts that ends at an instant",
        clause: "",
        example: "SELECT beijing_date(utc('2022-02-01T00:00'))",
        gives: "2022-01-31",
    },
    FunctionDoc {
        name: "utc",
        arguments: "beijing_time",
        meaning_zh: "北京时间（文本或无时区时间）对应的时刻，用于与 time 列比较",
        meaning_en: "Instant of a Beijing time given as text or without zone, to compare with the column time",
        clause: "",
        example: "SELECT utc('2022-02-01 08:00')",
        gives: "2022-02-01T08:00",
    },
];

pub(super) fn functions() -> Vec<ScalarUDF> {
    [Kind::Beijing, Kind::BeijingDate, Kind::Utc]
        .map(|kind| ScalarUDF::new_from_impl(Time { kind, signature: Signature::any(1, Volatility::Immutable) }))
        .into()
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Kind {
    Beijing,
    BeijingDate,
    Utc,
}

#[derive(PartialEq, Eq, Hash, Debug)]
struct Time {
    kind: Kind,
    signature: Signature,
}

impl ScalarUDFImpl for Time {
    fn name(&self) -> &str {
        match self.kind {
            Kind::Beijing => "beijing",
            Kind::BeijingDate => "beijing_date",
            Kind::Utc => "utc",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(match self.kind {
            Kind::Beijing => DataType::Timestamp(TimeUnit::Microsecond, None),
            Kind::BeijingDate => DataType::Date32,
            Kind::Utc => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let scalar = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let result: ArrayRef = match self.kind {
            Kind::Beijing => Arc::new(map(&instants(&arrays[0])?, |time| time + BEIJING)),
            Kind::BeijingDate => {
                let hour = crate::Period::Fixed(1);
                Arc::new(instants(&arrays[0])?.iter().map(|t| t.map(|t| hour.first_day(t).0)).collect::<Date32Array>())
            }
            Kind::Utc => Arc::new(from_beijing(&arrays[0])?.with_timezone("UTC")),
        };
        if scalar && result.len() == 1 {
            return Ok(ColumnarValue::Scalar(datafusion::common::ScalarValue::try_from_array(&result, 0)?));
        }
        Ok(ColumnarValue::Array(result))
    }
}

fn map(times: &TimestampMicrosecondArray, with: impl Fn(i64) -> i64) -> TimestampMicrosecondArray {
    times.iter().map(|time| time.map(&with)).collect()
}

fn instants(array: &ArrayRef) -> Result<TimestampMicrosecondArray> {
    if !matches!(array.data_type(), DataType::Timestamp(_, Some(_)) | DataType::Null) {
        return Err(wrong(format!(
            "an instant is wanted, not {}; utc(…) makes one of Beijing time",
            array.data_type()
        )));
    }
    let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    Ok(cast(array, &utc)?.as_primitive::<TimestampMicrosecondType>().clone())
}

fn from_beijing(array: &ArrayRef) -> Result<TimestampMicrosecondArray> {
    match array.data_type() {
        DataType::Timestamp(_, None) | DataType::Date32 => {
            let local = cast(array, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
            Ok(map(local.as_primitive::<TimestampMicrosecondType>(), |time| time - BEIJING))
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => {
            texts(array)?.iter().map(|text| text.map(parse).transpose()).collect()
        }
        other => Err(wrong(format!("a Beijing time is wanted, not {other}"))),
    }
}

/// `YYYY-MM-DD`, with `THH:MM[:SS]` or a blank for the T; 24:00 is 00:00 of the next day.
fn parse(text: &str) -> Result<i64> {
    let bad = || wrong(format!("'{text}' is no Beijing time such as 2022-01-31T08:00"));
    let (text, add) = match text.strip_suffix("24:00").or_else(|| text.strip_suffix("24:00:00")) {
        Some(day) => (format!("{day}00:00"), 86_400_000_000),
        None => (text.to_owned(), 0),
    };
    let civil = text
        .parse::<jiff::civil::DateTime>()
        .or_else(|_| text.parse::<jiff::civil::Date>().map(|day| day.at(0, 0, 0, 0)))
        .map_err(|_| bad())?;
    let instant = jiff::tz::offset(8).to_timestamp(civil).map_err(|_| bad())?;
    Ok(instant.as_microsecond() + add)
}
