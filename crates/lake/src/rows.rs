//! Observations on their way into the lake: columns of numbers with a pool of texts beside them.

use crate::{LakeError, Period};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type, TimeUnit, TimestampMicrosecondType};
use std::collections::HashMap;
use std::sync::Arc;

/// A text in the pool of an [`ObservationRows`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TextId(pub(crate) u32);

/// Texts that occur often, each kept once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    names: Vec<Arc<str>>,
    ids: HashMap<Arc<str>, u32>,
}

impl Texts {
    pub(crate) fn id(&mut self, text: &str) -> u32 {
        if let Some(&id) = self.ids.get(text) {
            return id;
        }
        let id = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let name: Arc<str> = text.into();
        self.names.push(Arc::clone(&name));
        self.ids.insert(name, id);
        id
    }

    pub(crate) fn name(&self, id: u32) -> &str {
        &self.names[id as usize]
    }

    /// The texts in order of their bytes, and the place of each id in that order.
    pub(crate) fn ranked(&self) -> (Vec<Arc<str>>, Vec<u32>) {
        let mut order: Vec<u32> = (0..self.names.len() as u32).collect();
        order.sort_unstable_by(|&a, &b| self.names[a as usize].cmp(&self.names[b as usize]));
        let mut rank = vec![0; order.len()];
        for (place, &id) in order.iter().enumerate() {
            rank[id as usize] = place as u32;
        }
        (order.iter().map(|&id| Arc::clone(&self.names[id as usize])).collect(), rank)
    }
}

/// One observation, as [`ObservationRows::push`] takes it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Observation<'a> {
    /// Code of the city, such as `350200`.
    pub city: &'a str,
    /// `air`, `surface-water`, …
    pub medium: &'a str,
    /// The station's code.
    pub station: &'a str,
    /// The parameter's code in `norms/parameters.csv`.
    pub parameter: &'a str,
    /// The averaging period: see [`Period::parse`].
    pub period: &'a str,
    /// The END of the period, microseconds since 1970-01-01T00:00Z.
    pub time: i64,
    /// The value in the unit of the norm; none when the source says that there is none.
    pub value: Option<f64>,
    /// Empty when valid.
    pub flag: &'a str,
}

/// Many observations, column by column. Texts are pooled, so that a row costs 48 bytes.
///
/// ```
/// use lake::{Observation, ObservationRows};
/// let mut rows = ObservationRows::new();
/// rows.push(Observation {
///     city: "350200", medium: "air", station: "1286A", parameter: "PM2_5", period: "hour",
///     time: 1_643_644_800_000_000, value: Some(17.0), flag: "",
/// });
/// assert_eq!(rows.len(), 1);
/// ```
#[derive(Clone, Debug, Default)]
pub struct ObservationRows {
    pub(crate) texts: Texts,
    pub(crate) city: Vec<u32>,
    pub(crate) medium: Vec<u32>,
    pub(crate) station: Vec<u32>,
    pub(crate) parameter: Vec<u32>,
    pub(crate) period: Vec<u32>,
    pub(crate) time: Vec<i64>,
    pub(crate) value: Vec<Option<f64>>,
    pub(crate) flag: Vec<u32>,
}

impl ObservationRows {
    /// No rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.time.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// The id of a text in the pool; the way to add many rows without looking each text up again.
    pub fn text(&mut self, text: &str) -> TextId {
        TextId(self.texts.id(text))
    }

    /// Adds a row.
    pub fn push(&mut self, row: Observation<'_>) {
        let of = [row.city, row.medium, row.station, row.parameter, row.period, row.flag].map(|text| self.text(text));
        let [city, medium, station, parameter, period, flag] = of;
        self.push_ids([city, medium, station, parameter, period], row.time, row.value, flag);
    }

    /// Adds a row whose texts are in the pool: city, medium, station, parameter, period; then time, value and flag.
    pub fn push_ids(&mut self, names: [TextId; 5], time: i64, value: Option<f64>, flag: TextId) {
        let [city, medium, station, parameter, period] = names;
        self.city.push(city.0);
        self.medium.push(medium.0);
        self.station.push(station.0);
        self.parameter.push(parameter.0);
        self.period.push(period.0);
        self.time.push(time);
        self.value.push(value);
        self.flag.push(flag.0);
    }

    /// Adds the rows of a record batch with columns `city, medium, station, parameter, period, time, value[, flag]`.
    ///
    /// Texts may be of any Arrow text type; `time` is a timestamp with zone, any other column is ignored.
    ///
    /// # Errors
    /// When a column is missing or of another type, or a cell other than `value` and `flag` is null.
    pub fn push_batch(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        let column = |name: &'static str, to: DataType| -> Result<ArrayRef, LakeError> {
            let array = batch
                .column_by_name(name)
                .ok_or_else(|| LakeError::BadColumn { column: name, why: "is missing".into() })?;
            cast(array, &to).map_err(|error| LakeError::BadColumn { column: name, why: error.to_string() })
        };
        let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        if let Some(array) = batch.column_by_name("time")
            && !matches!(array.data_type(), DataType::Timestamp(_, Some(_)))
        {
            let why = format!("is {}, not a timestamp with a zone", array.data_type());
            return Err(LakeError::BadColumn { column: "time", why });
        }
        let time = column("time", instant)?;
        let value = column("value", DataType::Float64)?;
        let names = ["city", "medium", "station", "parameter", "period"];
        let texts = names.map(|name| column(name, DataType::Utf8));
        let mut arrays = Vec::with_capacity(texts.len());
        for text in texts {
            arrays.push(text?);
        }
        for (name, array) in names.into_iter().zip(&arrays).chain([("time", &time)]) {
            if array.null_count() > 0 {
                return Err(LakeError::BadColumn { column: name, why: "has empty cells".into() });
            }
        }
        let flag = batch.column_by_name("flag").map(|_| column("flag", DataType::Utf8)).transpose()?;
        let (time, value) = (time.as_primitive::<TimestampMicrosecondType>(), value.as_primitive::<Float64Type>());
        for row in 0..batch.num_rows() {
            let text = |at: usize| arrays[at].as_string::<i32>().value(row);
            self.push(Observation {
                city: text(0),
                medium: text(1),
                station: text(2),
                parameter: text(3),
                period: text(4),
                time: time.value(row),
                value: value.is_valid(row).then(|| value.value(row)),
                flag: flag.as_ref().filter(|f| f.is_valid(row)).map_or("", |f| f.as_string::<i32>().value(row)),
            });
        }
        Ok(())
    }

    /// Checks every row and sorts the row numbers into partitions of city and month.
    pub(crate) fn partitions(&self) -> Result<Vec<(Partition, Vec<u32>)>, LakeError> {
        let mut found: HashMap<(u32, i32), Vec<u32>> = HashMap::new();
        let mut checked: HashMap<u32, Result<Period, ()>> = HashMap::new();
        let mut last = (u32::MAX, Period::Instant);
        for row in 0..self.len() {
            let id = self.period[row];
            if last.0 != id {
                let known = checked.entry(id).or_insert_with(|| Period::parse(self.texts.name(id)).ok_or(()));
                let period = known.map_err(|()| self.bad(row, "period", self.texts.name(id), "no averaging period"))?;
                last = (id, period);
            }
            self.check(row)?;
            let month = last.1.first_day(self.time[row]).month();
            found.entry((self.city[row], month.0)).or_default().push(row as u32);
        }
        for &(city, _) in found.keys() {
            let name = self.texts.name(city);
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
                let row = self.city.iter().position(|&id| id == city).unwrap_or_default();
                return Err(self.bad(row, "city", name, "a city code has only letters, digits, '-' and '_'"));
            }
        }
        let mut partitions: Vec<_> = found
            .into_iter()
            .map(|((city, month), rows)| {
                (Partition { city: self.texts.name(city).into(), month: norms::Month(month).to_string() }, rows)
            })
            .collect();
        partitions.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        Ok(partitions)
    }

    fn check(&self, row: usize) -> Result<(), LakeError> {
        /// 1900-01-01 and 2200-01-01.
        const SPAN: std::ops::Range<i64> = -2_208_988_800_000_000..7_258_118_400_000_000;
        if !SPAN.contains(&self.time[row]) {
            return Err(self.bad(
                row,
                "time",
                &self.time[row].to_string(),
                "outside 1900–2200; microseconds are wanted",
            ));
        }
        if let Some(value) = self.value[row]
            && !value.is_finite()
        {
            return Err(self.bad(row, "value", &value.to_string(), "no number"));
        }
        for (field, id) in
            [("station", self.station[row]), ("parameter", self.parameter[row]), ("medium", self.medium[row])]
        {
            if self.texts.name(id).is_empty() {
                return Err(self.bad(row, field, "", "is empty"));
            }
        }
        Ok(())
    }

    fn bad(&self, row: usize, field: &'static str, value: &str, why: &str) -> LakeError {
        LakeError::BadRow { row, field, value: value.to_owned(), why: why.to_owned() }
    }

    /// A number of the content, the same on every machine; a batch id is bound to it.
    #[must_use]
    pub fn fingerprint(&self) -> i64 {
        let text: Vec<u64> = self.texts.names.iter().map(|name| fnv(name.as_bytes())).collect();
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut mix = |word: u64| {
            hash = (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            hash ^= hash >> 29;
        };
        for row in 0..self.len() {
            for column in [&self.city, &self.medium, &self.station, &self.parameter, &self.period, &self.flag] {
                mix(text[column[row] as usize]);
            }
            mix(self.time[row] as u64);
            mix(self.value[row].map_or(u64::MAX, f64::to_bits));
        }
        (hash >> 1) as i64
    }
}

pub(crate) fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A city and a Beijing month.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Partition {
    pub(crate) city: Arc<str>,
    pub(crate) month: String,
}
