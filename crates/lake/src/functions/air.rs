//! The index of ambient air: HJ 633, by edition or by day.

use super::{FunctionDoc, at, counts, decimals, numbers, texts, wrong};
use datafusion::arrow::array::{Array, ArrayRef, Float64Array, Int32Array, StringArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use norms::air::{AirIndex, Averaging, Indexed, Level, Pollutant};
use norms::{Day, Measured, Norms};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

const SIX: &str = "edition, so2, no2, pm10, pm2_5, co, o3_8h";

pub(super) const DOC: &[FunctionDoc] = &[
    FunctionDoc {
        name: "aqi",
        arguments: SIX,
        meaning_zh: "日空气质量指数（按该版本的完整性规定发布；缺项时可能为空）。edition 为版本号或日期",
        meaning_en: "Index of a day as the edition publishes it; empty when pollutants are missing. edition: its id, or a day",
        clause: "HJ 633 4.4",
        example: "SELECT aqi('2022-06-01', 6, 17, 38, 19, 0.5, 104)",
        gives: "54",
    },
    FunctionDoc {
        name: "aqi_available",
        arguments: SIX,
        meaning_zh: "已有污染物的最高分指数，不论是否齐全",
        meaning_en: "Highest individual index of the pollutants that are there",
        clause: "HJ 633 4.4",
        example: "SELECT aqi_available('2022-06-01', NULL, 17, 38, 19, NULL, 104)",
        gives: "54",
    },
    FunctionDoc {
        name: "category",
        arguments: "edition, aqi",
        meaning_zh: "空气质量类别",
        meaning_en: "Category of an index",
        clause: "HJ 633 4.5",
        example: "SELECT category('2022-06-01', 54)",
        gives: "良",
    },
    FunctionDoc {
        name: "iaqi",
        arguments: "edition, column, concentration",
        meaning_zh: "空气质量分指数。column 为断点列，如 PM2_5_24h",
        meaning_en: "Individual index of a concentration; column names the breakpoints, such as PM2_5_24h",
        clause: "HJ 633 式（1）",
        example: "SELECT iaqi('HJ633-2012', 'PM2_5_24h', 35)",
        gives: "50",
    },
    FunctionDoc {
        name: "primary_pollutants",
        arguments: SIX,
        meaning_zh: "日首要污染物，以逗号相连；指数不高于 50 时为空文本",
        meaning_en: "Primary pollutants of a day, joined with commas; an empty text at an index of 50 or less",
        clause: "HJ 633 4.6",
        example: "SELECT primary_pollutants('2022-06-01', 6, 17, 38, 19, 0.5, 104)",
        gives: "O3_8h",
    },
    FunctionDoc {
        name: "round_gbt8170",
        arguments: "value, decimals",
        meaning_zh: "数值修约：四舍六入五成双",
        meaning_en: "Rounds half to even",
        clause: "GB/T 8170-2008 3.2",
        example: "SELECT round_gbt8170(60.5, 0)",
        gives: "60",
    },
];

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Kind {
    Aqi,
    AqiAvailable,
    Category,
    Iaqi,
    PrimaryPollutants,
    Round,
}

pub(super) fn functions(norms: &Arc<Norms>) -> Vec<ScalarUDF> {
    let all = [Kind::Aqi, Kind::AqiAvailable, Kind::Category, Kind::Iaqi, Kind::PrimaryPollutants, Kind::Round];
    all.map(|kind| {
        let arguments = match kind {
            Kind::Aqi | Kind::AqiAvailable | Kind::PrimaryPollutants => 7,
            Kind::Iaqi => 3,
            Kind::Category | Kind::Round => 2,
        };
        let signature = Signature::any(arguments, Volatility::Immutable);
        ScalarUDF::new_from_impl(Air { kind, norms: Arc::clone(norms), signature })
    })
    .into()
}

#[derive(Debug)]
struct Air {
    kind: Kind,
    norms: Arc<Norms>,
    signature: Signature,
}

impl PartialEq for Air {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.norms.hash == other.norms.hash
    }
}

impl Eq for Air {}

impl Hash for Air {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.kind, &self.norms.hash).hash(state);
    }
}

impl ScalarUDFImpl for Air {
    fn name(&self) -> &str {
        match self.kind {
            Kind::Aqi => "aqi",
            Kind::AqiAvailable => "aqi_available",
            Kind::Category => "category",
            Kind::Iaqi => "iaqi",
            Kind::PrimaryPollutants => "primary_pollutants",
            Kind::Round => "round_gbt8170",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(match self.kind {
            Kind::Aqi | Kind::AqiAvailable | Kind::Iaqi => DataType::Int32,
            Kind::Category | Kind::PrimaryPollutants => DataType::Utf8,
            Kind::Round => DataType::Float64,
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let scalar = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let result: ArrayRef = match self.kind {
            Kind::Aqi => {
                Arc::new(self.days(&arrays, |_, day| day.aqi.map(i32::from))?.into_iter().collect::<Int32Array>())
            }
            Kind::AqiAvailable => Arc::new(
                self.days(&arrays, |_, day| day.aqi_available.map(i32::from))?.into_iter().collect::<Int32Array>(),
            ),
            Kind::PrimaryPollutants => {
                let names = self.days(&arrays, |_, day| Some(day.primary.names(",", "O3_8h")))?;
                Arc::new(names.into_iter().collect::<StringArray>())
            }
            Kind::Category => Arc::new(self.categories(&arrays)?),
            Kind::Iaqi => Arc::new(self.iaqi(&arrays)?),
            Kind::Round => Arc::new(rounded(&arrays)?),
        };
        if scalar && result.len() == 1 {
            return Ok(ColumnarValue::Scalar(datafusion::common::ScalarValue::try_from_array(&result, 0)?));
        }
        Ok(ColumnarValue::Array(result))
    }
}

impl Air {
    /// The edition of an id such as `HJ633-2012`, or the one in force on a day.
    fn edition(&self, text: &str) -> Result<&AirIndex> {
        let editions = &self.norms.air.index;
        if let Ok(day) = text.get(..10).unwrap_or(text).parse::<Day>() {
            return editions.on(day).ok_or_else(|| wrong(format!("no edition of HJ 633 was in force on {day}")));
        }
        let mut all = editions.iter().map(|(_, edition)| edition);
        all.find(|edition| edition.instrument.id == text)
            .ok_or_else(|| wrong(format!("'{text}' is neither a day nor an edition such as HJ633-2012")))
    }

    /// Calls `with` for every row that has an edition; consecutive rows mostly share it.
    fn by_edition<T>(
        &self,
        editions: &ArrayRef,
        mut with: impl FnMut(&AirIndex, usize) -> Result<Option<T>>,
    ) -> Result<Vec<Option<T>>> {
        let editions = texts(editions)?;
        let mut last: Option<(&str, &AirIndex)> = None;
        (0..editions.len())
            .map(|row| {
                let Some(row) = at(&editions, row) else { return Ok(None) };
                let text = editions.value(row);
                let edition = match last {
                    Some((known, edition)) if known == text => edition,
                    _ => {
                        let edition = self.edition(text)?;
                        last = Some((text, edition));
                        edition
                    }
                };
                with(edition, row)
            })
            .collect()
    }

    fn days<T>(&self, arrays: &[ArrayRef], pick: impl Fn(&AirIndex, Indexed) -> Option<T>) -> Result<Vec<Option<T>>> {
        let six = arrays[1..].iter().map(numbers).collect::<Result<Vec<_>>>()?;
        self.by_edition(&arrays[0], |edition, row| {
            let Some(report) = edition.report(Level::Day, None) else { return Ok(None) };
            let day = edition.judge(report, |pollutant, averaging| {
                if !matches!(averaging, Averaging::Day | Averaging::DayMax8h) {
                    return None;
                }
                units(edition, pollutant, number(&six[pollutant.number()], row)?)
            });
            Ok(pick(edition, day))
        })
    }

    fn categories(&self, arrays: &[ArrayRef]) -> Result<StringArray> {
        let aqi = counts(&arrays[1])?;
        let names = self.by_edition(&arrays[0], |edition, row| {
            let index = at(&aqi, row).and_then(|row| u16::try_from(aqi.value(row)).ok());
            Ok(index.and_then(|index| edition.category(index)).map(|category| category.category.clone()))
        })?;
        Ok(names.into_iter().collect())
    }

    fn iaqi(&self, arrays: &[ArrayRef]) -> Result<Int32Array> {
        let (columns, values) = (texts(&arrays[1])?, numbers(&arrays[2])?);
        let indices = self.by_edition(&arrays[0], |edition, row| {
            let Some(name) = at(&columns, row).map(|row| columns.value(row)) else { return Ok(None) };
            let column = edition.column(name).ok_or_else(|| {
                let known: Vec<&str> = edition.columns.iter().map(|column| column.name.as_str()).collect();
                wrong(format!("{} has no column '{name}', but {}", edition.instrument.id, known.join(", ")))
            })?;
            let units = number(&values, row).and_then(|value| units(edition, column.pollutant, value));
            Ok(units.and_then(|units| column.iaqi(units)).map(i32::from))
        })?;
        Ok(indices.into_iter().collect())
    }
}

fn number(array: &Float64Array, row: usize) -> Option<f64> {
    at(array, row).map(|row| array.value(row))
}

/// A concentration in units of the last digit to which the edition rounds it.
fn units(edition: &AirIndex, pollutant: Pollutant, value: f64) -> Option<i64> {
    Some(Measured::from_f64(value)?.rounded(edition.decimals[pollutant.number()]).units)
}

fn rounded(arrays: &[ArrayRef]) -> Result<Float64Array> {
    let (values, digits) = (numbers(&arrays[0])?, counts(&arrays[1])?);
    (0..values.len())
        .map(|row| {
            let (Some(value), Some(row)) = (number(&values, row), at(&digits, row)) else { return Ok(None) };
            let digits = decimals(digits.value(row))?;
            Ok(Measured::from_f64(value).map(|value| value.rounded(digits).to_f64()))
        })
        .collect()
}
