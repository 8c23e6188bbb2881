//! What can go wrong with a lake, and what a reader is refused.

use datafusion::error::DataFusionError;
use deltalake::DeltaTableError;
use std::fmt;

/// Why a lake could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LakeError {
    /// The location is neither a folder nor an S3 URL that can be used.
    #[error("'{location}' cannot hold a lake: {why}")]
    BadLocation {
        /// The location as given.
        location: String,
        /// What is wrong with it.
        why: String,
    },
    /// There is no lake at the location.
    #[error("there is no lake at '{location}': table '{table}' is missing")]
    NotALake {
        /// The location.
        location: String,
        /// The first table that is missing.
        table: &'static str,
    },
    /// There is one already.
    #[error("there is a lake at '{location}' already")]
    AlreadyALake {
        /// The location.
        location: String,
    },
    /// The table was written by a newer program, or changed by another one in a way that this one cannot read.
    #[error("table '{table}' cannot be used by this program: {why}")]
    Foreign {
        /// The table.
        table: &'static str,
        /// What it has that we do not know.
        why: String,
    },
    /// A row has a value that the table cannot take.
    #[error("row {row}: {field} = '{value}': {why}")]
    BadRow {
        /// Number of the row in what was handed over, from 0.
        row: usize,
        /// The column.
        field: &'static str,
        /// The value as text.
        value: String,
        /// What is wrong with it.
        why: String,
    },
    /// A record batch lacks a column or has it in another type.
    #[error("column '{column}': {why}")]
    BadColumn {
        /// The column.
        column: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A batch id was used before for other rows.
    #[error("batch '{batch}' was written before with other rows; a batch id names one set of rows for ever")]
    BatchReused {
        /// The batch id.
        batch: String,
    },
    /// Other writers were faster every time.
    #[error("table '{table}' was changed by other writers {attempts} times while a batch was being written")]
    Contended {
        /// The table.
        table: &'static str,
        /// How often we tried.
        attempts: usize,
    },
    /// A pin is unknown, or says something else than before.
    #[error("pin '{pin}': {why}")]
    BadPin {
        /// The pin's id.
        pin: String,
        /// What is wrong.
        why: String,
    },
    /// A question was refused.
    #[error("{0}")]
    Refused(Refusal),
    /// A question failed while it was being answered.
    #[error("the question failed: {source}")]
    Query {
        /// What the engine said.
        #[source]
        source: Box<DataFusionError>,
    },
    /// A Delta table could not be read or written.
    #[error("{what}: {source}")]
    Delta {
        /// What was being done, and to which table.
        what: String,
        /// What the table library said.
        #[source]
        source: Box<DeltaTableError>,
    },
    /// The folder or the object store failed.
    #[error("{what}: {source}")]
    Storage {
        /// What was being done, and to which object.
        what: String,
        /// What the store said.
        #[source]
        source: object_store::Error,
    },
    /// A data file could not be read or made.
    #[error("data file '{file}': {why}")]
    BadFile {
        /// The file, relative to its table.
        file: String,
        /// What is wrong.
        why: String,
    },
}

impl LakeError {
    /// Whether bytes may not have reached the disk: whoever acknowledges data must stop doing so.
    #[must_use]
    pub const fn is_io(&self) -> bool {
        matches!(self, Self::Storage { .. } | Self::Delta { .. })
    }

    pub(crate) fn delta(what: impl Into<String>) -> impl FnOnce(DeltaTableError) -> Self {
        let what = what.into();
        move |source| Self::Delta { what, source: Box::new(source) }
    }

    pub(crate) fn storage(what: impl Into<String>) -> impl FnOnce(object_store::Error) -> Self {
        let what = what.into();
        move |source| Self::Storage { what, source }
    }
}

impl From<Refusal> for LakeError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Why a question was not answered, as a sentence in Chinese and in English.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Refusal {
    /// The text is no SQL.
    NoSql(String),
    /// Not exactly one statement.
    Statements(usize),
    /// A statement that is not a SELECT.
    NotASelect(String),
    /// A construct that reaches outside, or that can run without end.
    Construct(String),
    /// A table that is not in the lake.
    UnknownTable(String),
    /// A function that is unknown or not offered.
    Function(String),
    /// The engine could not make sense of the question.
    Meaning(String),
    /// More rows than allowed; the rows up to the limit were given.
    Rows(usize),
    /// It took longer than allowed.
    Seconds(u64),
    /// It wanted more memory than allowed.
    Memory(usize),
}

impl Refusal {
    /// A short name of the kind of refusal, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoSql(_) => "sql_syntax",
            Self::Statements(_) => "sql_one_statement",
            Self::NotASelect(_) => "sql_select_only",
            Self::Construct(_) => "sql_construct",
            Self::UnknownTable(_) => "sql_unknown_table",
            Self::Function(_) => "sql_function",
            Self::Meaning(_) => "sql_meaning",
            Self::Rows(_) => "sql_row_limit",
            Self::Seconds(_) => "sql_time_limit",
            Self::Memory(_) => "sql_memory_limit",
        }
    }

    /// The sentence in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::NoSql(why) => format!("这不是可以理解的 SQL：{why}。"),
            Self::Statements(count) => format!("一次只能提交一条查询语句，这里有 {count} 条。"),
            Self::NotASelect(what) => format!("数据湖只读：只接受一条 SELECT，不接受 {what}。"),
            Self::Construct(what) => format!("查询中不允许使用 {what}。"),
            Self::UnknownTable(name) => {
                format!("没有名为“{name}”的表；可查询的表是 {}。", tables())
            }
            Self::Function(name) => format!("没有可用的函数“{name}”；函数清单见 yundang sql --functions。"),
            Self::Meaning(why) => format!("这条查询无法执行：{why}。"),
            Self::Rows(limit) => format!("结果超过 {limit} 行，只给出了前 {limit} 行；请加条件或 LIMIT。"),
            Self::Seconds(limit) => format!("查询超过 {limit} 秒，已停止；请缩小时间范围或加条件。"),
            Self::Memory(limit) => {
                format!("查询需要的内存超过 {} MB，已停止；请缩小时间范围或加条件。", limit / (1 << 20))
            }
        }
    }

    /// The sentence in English.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Self::NoSql(why) => format!("This is no SQL that can be understood: {why}."),
            Self::Statements(count) => format!("One statement at a time, please: there are {count} here."),
            Self::NotASelect(what) => format!("The lake is read-only: one SELECT is accepted, {what} is not."),
            Self::Construct(what) => format!("{what} is not allowed in a question."),
            Self::UnknownTable(name) => format!("There is no table '{name}'; the tables are {}.", tables()),
            Self::Function(name) => {
                format!("There is no function '{name}' to use; yundang sql --functions lists them.")
            }
            Self::Meaning(why) => format!("The question cannot be answered: {why}."),
            Self::Rows(limit) => {
                format!(
                    "There are more than {limit} rows, and the first {limit} were given; add a condition or a LIMIT."
                )
            }
            Self::Seconds(limit) => {
                format!(
                    "The question took longer than {limit} s and was stopped; ask for less time or add a condition."
                )
            }
            Self::Memory(limit) => {
                format!(
                    "The question wanted more than {} MB of memory and was stopped; ask for less time or add a condition.",
                    limit / (1 << 20)
                )
            }
        }
    }
}

fn tables() -> String {
    crate::Table::ALL.map(crate::Table::name).join(", ")
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en())
    }
}
