//! The tables of a lake: columns, partitions, keys, properties.
//!
//! Columns are only ever added. `yundang.schemaVersion` is a table property; a lake with a higher one is not opened.

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use deltalake::kernel::{DataType as DeltaType, PrimitiveType, StructField};
use std::sync::{Arc, LazyLock};

/// The version of the columns below.
pub const SCHEMA_VERSION: u32 = 2;

/// The table property that holds [`SCHEMA_VERSION`].
pub(crate) const SCHEMA_VERSION_KEY: &str = "yundang.schemaVersion";

/// The tables of a lake.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Table {
    /// The newest value of every key.
    Observation,
    /// Values that were replaced, or that came from a source of lower precedence.
    ObservationHistory,
    /// The register of stations with dates in force.
    Station,
    /// Indices of cities, for ranking.
    CityIndex,
    /// Published facts that other bodies state.
    Evidence,
    /// What stations are held to, with dates in force.
    Target,
    /// Work that was done, entry by entry.
    Worklog,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Count,
    YesNo,
    Instant,
    Date,
}

impl Kind {
    fn arrow(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Number => DataType::Float64,
            Self::Count => DataType::Int32,
            Self::YesNo => DataType::Boolean,
            Self::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Date => DataType::Date32,
        }
    }

    fn delta(self) -> DeltaType {
        DeltaType::Primitive(match self {
            Self::Text => PrimitiveType::String,
            Self::Number => PrimitiveType::Double,
            Self::Count => PrimitiveType::Integer,
            Self::YesNo => PrimitiveType::Boolean,
            Self::Instant => PrimitiveType::Timestamp,
            Self::Date => PrimitiveType::Date,
        })
    }
}

/// Name, kind, may be empty.
type Column = (&'static str, Kind, bool);

const OBSERVATION: &[Column] = &[
    ("city", Kind::Text, false),
    ("month", Kind::Text, false),
    ("medium", Kind::Text, false),
    ("station", Kind::Text, false),
    ("parameter", Kind::Text, false),
    ("period", Kind::Text, false),
    ("time", Kind::Instant, false),
    ("value", Kind::Number, true),
    ("flag", Kind::Text, false),
    ("source", Kind::Text, false),
    ("revision", Kind::Count, false),
    ("batch", Kind::Text, false),
    ("recorded_at", Kind::Instant, false),
];

const STATION: &[Column] = &[
    ("city", Kind::Text, false),
    ("station", Kind::Text, false),
    ("name_zh", Kind::Text, false),
    ("name_en", Kind::Text, false),
    ("district", Kind::Text, false),
    ("medium", Kind::Text, false),
    ("kind", Kind::Text, false),
    ("lon", Kind::Number, true),
    ("lat", Kind::Number, true),
    ("evaluated", Kind::YesNo, false),
    ("valid_from", Kind::Date, true),
    ("valid_to", Kind::Date, true),
    ("source", Kind::Text, false),
];

const CITY_INDEX: &[Column] = &[
    ("city", Kind::Text, false),
    ("period", Kind::Text, false),
    ("city_name", Kind::Text, false),
    ("value", Kind::Number, true),
    ("source", Kind::Text, false),
];

const EVIDENCE: &[Column] = &[
    ("city", Kind::Text, false),
    ("figure", Kind::Text, false),
    ("period", Kind::Text, false),
    ("value", Kind::Text, false),
    ("issuer", Kind::Text, false),
    ("document", Kind::Text, false),
    ("date", Kind::Date, true),
    ("source_text", Kind::Text, false),
    ("source", Kind::Text, false),
];

const TARGET: &[Column] = &[
    ("city", Kind::Text, false),
    ("station", Kind::Text, false),
    ("function_class", Kind::Text, false),
    ("waterbody", Kind::Text, false),
    ("programmes", Kind::Text, false),
    ("valid_from", Kind::Date, true),
    ("valid_to", Kind::Date, true),
    ("source", Kind::Text, false),
];

const WORKLOG: &[Column] = &[
    ("city", Kind::Text, false),
    ("entry", Kind::Text, false),
    ("kind", Kind::Text, false),
    ("subject", Kind::Text, false),
    ("date", Kind::Date, false),
    ("quantity", Kind::Number, true),
    ("unit", Kind::Text, false),
    ("note", Kind::Text, false),
    ("source", Kind::Text, false),
];

impl Table {
    /// All tables. Those after the first five came with schema version 2; opening an older lake makes them.
    pub const ALL: [Self; 7] = [
        Self::Observation,
        Self::ObservationHistory,
        Self::Station,
        Self::CityIndex,
        Self::Evidence,
        Self::Target,
        Self::Worklog,
    ];

    /// The schema version that brought it.
    pub(crate) const fn since(self) -> u32 {
        match self {
            Self::Observation | Self::ObservationHistory | Self::Station | Self::CityIndex | Self::Evidence => 1,
            Self::Target | Self::Worklog => 2,
        }
    }

    /// Its name in SQL and its folder in the lake.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Observation => "observation",
            Self::ObservationHistory => "observation_history",
            Self::Station => "station",
            Self::CityIndex => "city_index",
            Self::Evidence => "evidence",
            Self::Target => "target",
            Self::Worklog => "worklog",
        }
    }

    /// The table of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// What one row is, in words.
    pub(crate) const fn comment(self) -> &'static str {
        match self {
            Self::Observation => {
                "One measured value: the newest revision of (city, medium, station, parameter, period, time). \
                 time is the instant at the END of the averaging period; month is the Beijing month in which it starts."
            }
            Self::ObservationHistory => "Revisions that observation no longer shows, or never did.",
            Self::Station => "A station between two dates; key (city, station, valid_from).",
            Self::CityIndex => "The index of a city in a period; key (city, period, city_name).",
            Self::Evidence => "A figure that another body published; key (city, figure, period).",
            Self::Target => {
                "What a station is held to between two dates: function class or zone, water body, programmes joined \
                 with ';' that count it; key (city, station, valid_from)."
            }
            Self::Worklog => "Work done on a day: kind, subject, quantity; key (city, kind, entry).",
        }
    }

    const fn columns(self) -> &'static [Column] {
        match self {
            Self::Observation | Self::ObservationHistory => OBSERVATION,
            Self::Station => STATION,
            Self::CityIndex => CITY_INDEX,
            Self::Evidence => EVIDENCE,
            Self::Target => TARGET,
            Self::Worklog => WORKLOG,
        }
    }

    /// How many columns, from the left, are partition columns.
    pub(crate) const fn partition_width(self) -> usize {
        match self {
            Self::Observation | Self::ObservationHistory => 2,
            Self::Station | Self::CityIndex | Self::Evidence | Self::Target | Self::Worklog => 1,
        }
    }

    /// The partition columns.
    pub(crate) fn partition_columns(self) -> Vec<&'static str> {
        self.columns()[..self.partition_width()].iter().map(|column| column.0).collect()
    }

    /// All columns, the partition columns first.
    #[must_use]
    pub fn schema(self) -> SchemaRef {
        static SCHEMAS: LazyLock<[SchemaRef; 7]> = LazyLock::new(|| Table::ALL.map(|table| arrow(table.columns())));
        Arc::clone(&SCHEMAS[self as usize])
    }

    /// The columns that stand in the data files.
    pub(crate) fn file_schema(self) -> SchemaRef {
        static SCHEMAS: LazyLock<[SchemaRef; 7]> =
            LazyLock::new(|| Table::ALL.map(|table| arrow(&table.columns()[table.partition_width()..])));
        Arc::clone(&SCHEMAS[self as usize])
    }

    /// The columns by which the rows of a file are sorted.
    pub(crate) const fn sort_columns(self) -> &'static [&'static str] {
        match self {
            Self::Observation | Self::ObservationHistory => {
                &["station", "parameter", "time", "period", "medium", "revision"]
            }
            Self::Station | Self::Target => &["station", "valid_from"],
            Self::CityIndex => &["period", "city_name"],
            Self::Evidence => &["figure", "period"],
            Self::Worklog => &["kind", "entry"],
        }
    }

    /// The columns, beside the city, that name a row of a register.
    pub(crate) const fn register_key(self) -> &'static [&'static str] {
        self.sort_columns()
    }

    pub(crate) fn delta_columns(self) -> Vec<StructField> {
        self.columns().iter().map(|(name, kind, empty)| StructField::new(*name, kind.delta(), *empty)).collect()
    }

    pub(crate) fn properties() -> [(&'static str, String); 5] {
        [
            (SCHEMA_VERSION_KEY, SCHEMA_VERSION.to_string()),
            // The log is the history of the lake: it is never cleaned, whatever program opens the table.
            ("delta.enableExpiredLogCleanup", "false".to_owned()),
            ("delta.logRetentionDuration", "interval 36500 days".to_owned()),
            ("delta.deletedFileRetentionDuration", "interval 30 days".to_owned()),
            ("delta.checkpointInterval", "20".to_owned()),
        ]
    }
}

fn arrow(columns: &[Column]) -> SchemaRef {
    Arc::new(Schema::new(
        columns.iter().map(|(name, kind, empty)| Field::new(*name, kind.arrow(), *empty)).collect::<Vec<_>>(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn city_leads_every_partition_and_names_are_found_again() {
        for table in Table::ALL {
            assert_eq!(table.partition_columns()[0], "city");
            assert_eq!(Table::named(table.name()), Some(table));
            assert_eq!(table.schema().fields().len(), table.file_schema().fields().len() + table.partition_width());
            for column in table.sort_columns() {
                assert!(table.file_schema().field_with_name(column).is_ok(), "{column}");
            }
        }
    }
}
