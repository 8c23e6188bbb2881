//! Means and percentiles of HJ 663 as aggregates, over exact decimals.

use super::{FunctionDoc, counts, decimals, numbers, wrong};
use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::datatypes::{DataType, Decimal128Type, Field, FieldRef, Int64Type};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Signature, TypeSignature, Volatility};
use norms::{Measured, Ratio, air};
use std::sync::Arc;

pub(super) const DOC: &[FunctionDoc] = &[
    FunctionDoc {
        name: "mean_hj663",
        arguments: "value, decimals",
        meaning_zh: "算术平均（聚合），按十进制精确求和后一次修约",
        meaning_en: "Arithmetic mean (aggregate): exact decimal sum, rounded once, half to even",
        clause: "HJ 663 5, GB/T 8170-2008 3.2",
        example: "SELECT mean_hj663(v, 0) FROM (VALUES (16), (17), (17), (20)) AS t(v)",
        gives: "18",
    },
    FunctionDoc {
        name: "percentile_hj663",
        arguments: "value, p[, decimals]",
        meaning_zh: "第 p 百分位数（聚合）；给出 decimals 时修约一次",
        meaning_en: "Percentile p (aggregate), a whole number from 0 to 100; rounded once when decimals are given",
        clause: "HJ 663 附录A",
        example: "SELECT percentile_hj663(v, 90) FROM (VALUES (4), (8), (15), (16), (23), (42)) AS t(v)",
        gives: "32.5",
    },
];

/// Digits of an unrounded result.
const EXACT: u8 = 9;
/// Parts of one unit, as in [`Measured`].
const PARTS: i128 = 1_000_000_000;

pub(super) fn functions() -> Vec<AggregateUDF> {
    let mean = Signature::any(2, Volatility::Immutable);
    let percentile = Signature::one_of(vec![TypeSignature::Any(2), TypeSignature::Any(3)], Volatility::Immutable);
    vec![
        AggregateUDF::new_from_impl(Statistic { percentile: false, signature: mean }),
        AggregateUDF::new_from_impl(Statistic { percentile: true, signature: percentile }),
    ]
}

#[derive(PartialEq, Eq, Hash, Debug)]
struct Statistic {
    percentile: bool,
    signature: Signature,
}

impl AggregateUDFImpl for Statistic {
    fn name(&self) -> &str {
        if self.percentile { "percentile_hj663" } else { "mean_hj663" }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(if self.percentile { Box::new(Percentile::default()) } else { Box::new(Mean::default()) })
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let field = |name: &str, kind: DataType| Arc::new(Field::new(format!("{}[{name}]", args.name), kind, true));
        let values = DataType::List(Arc::new(Field::new_list_field(DataType::Int64, true)));
        Ok(if self.percentile {
            vec![field("values", values), field("p", DataType::Int64), field("decimals", DataType::Int64)]
        } else {
            vec![
                field("sum", DataType::Decimal128(38, 9)),
                field("count", DataType::Int64),
                field("decimals", DataType::Int64),
            ]
        })
    }
}

/// The one value of a column that is the same in every row.
fn constant(known: &mut Option<i64>, column: &ArrayRef, name: &str) -> Result<()> {
    for value in counts(column)?.iter().flatten() {
        match known {
            None => *known = Some(value),
            Some(before) if *before == value => {}
            Some(before) => return Err(wrong(format!("{name} is {before} and {value}; it must be one number"))),
        }
    }
    Ok(())
}

fn parts(column: &ArrayRef, mut with: impl FnMut(i64)) -> Result<()> {
    for value in numbers(column)?.iter().flatten() {
        let measured = Measured::from_f64(value).ok_or_else(|| wrong(format!("{value} is out of range")))?;
        with(measured.parts());
    }
    Ok(())
}

#[derive(Debug, Default)]
struct Mean {
    sum: i128,
    count: i64,
    decimals: Option<i64>,
}

impl Accumulator for Mean {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        constant(&mut self.decimals, &columns[1], "decimals")?;
        let (sum, count) = (&mut self.sum, &mut self.count);
        parts(&columns[0], |value| {
            *sum += i128::from(value);
            *count += 1;
        })
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let digits = self.decimals.map_or(Ok(EXACT), decimals)?;
        let mean = u64::try_from(self.count).ok().and_then(|count| Ratio::new(self.sum, PARTS).over_count(count));
        Ok(ScalarValue::Float64(mean.map(|mean| mean.rounded(digits).to_f64())))
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![
            ScalarValue::Decimal128(Some(self.sum), 38, 9),
            ScalarValue::Int64(Some(self.count)),
            ScalarValue::Int64(self.decimals),
        ])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.sum += states[0].as_primitive::<Decimal128Type>().iter().flatten().sum::<i128>();
        self.count += states[1].as_primitive::<Int64Type>().iter().flatten().sum::<i64>();
        constant(&mut self.decimals, &states[2], "decimals")
    }
}

#[derive(Debug, Default)]
struct Percentile {
    values: Vec<i64>,
    p: Option<i64>,
    decimals: Option<i64>,
}

impl Accumulator for Percentile {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        constant(&mut self.p, &columns[1], "p")?;
        if let Some(column) = columns.get(2) {
            constant(&mut self.decimals, column, "decimals")?;
        }
        parts(&columns[0], |value| self.values.push(value))
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let Some(p) = self.p else { return Ok(ScalarValue::Float64(None)) };
        let p = u32::try_from(p)
            .ok()
            .filter(|p| *p <= 100)
            .ok_or_else(|| wrong(format!("p = {p}; 0 to 100 is possible")))?;
        let digits = self.decimals.map_or(Ok(EXACT), decimals)?;
        self.values.sort_unstable();
        Ok(ScalarValue::Float64(air::percentile(&self.values, p, 9, digits).map(norms::Rounded::to_f64)))
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.values.capacity() * size_of::<i64>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let values: Vec<ScalarValue> = self.values.iter().map(|&value| ScalarValue::Int64(Some(value))).collect();
        Ok(vec![
            ScalarValue::List(ScalarValue::new_list_nullable(&values, &DataType::Int64)),
            ScalarValue::Int64(self.p),
            ScalarValue::Int64(self.decimals),
        ])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for list in states[0].as_list::<i32>().iter().flatten() {
            self.values.extend(list.as_primitive::<Int64Type>().iter().flatten());
        }
        constant(&mut self.p, &states[1], "p")?;
        constant(&mut self.decimals, &states[2], "decimals")
    }
}
