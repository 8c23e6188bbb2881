//! The lake: Delta tables of observations and registers on a folder or in a bucket, and read-only questions over them.
//!
//! # What is here
//!
//! | module | is |
//! |---|---|
//! | [`Location`], `durable` | where a lake lies; a folder whose writes are synced before they return |
//! | [`Table`], [`Period`] | the tables: columns, partitions, properties; averaging periods |
//! | [`ObservationRows`], [`Batch`], [`Lake::write_observations`], `revision` | writing: revisions, precedence, exactly once |
//! | [`Station`], [`Target`], [`CityIndex`], [`Evidence`], [`WorklogEntry`] | the small tables, put by key |
//! | [`Judged`], [`Session::with_judged`] | judgements beside the tables of a session, as the table `judged` |
//! | [`Pin`], [`Lake::compact`], [`Lake::vacuum`] | versions that stay readable, and files that stay few |
//! | [`Session`], [`Answer`], `guard`, `provider` | one SELECT over one version of every table, within limits |
//! | [`functions_doc`], [`register_functions`] | Beijing time and the judgements of the norms in SQL |
//!
//! # Invariants
//!
//! - Nothing else names `deltalake` or `object_store`; of the other crates only `exchange` names `datafusion`.
//! - A write that returned is on the disk: data files first, then the log entry, each synced, with their folders.
//! - One batch is one commit of `observation`. A batch that was committed is never taken again, and rows that say what
//!   is there change nothing, whatever batch brings them.
//! - Every value that was ever shown is in `observation` or in `observation_history`, once, with its revision.
//! - `time` is the instant at the END of an averaging period; `month` is the Beijing month in which it STARTS.
//! - A pinned version stays readable. Logs are never cleaned. Columns are only added.
//! - A question reads files that a snapshot names, and nothing else.
//!
//! The crate does not know what a value means: units, limits and plausibility are checked before rows come here.
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! use lake::{Batch, Lake, Limits, Location, Observation, ObservationRows, Precedence};
//!
//! let folder = tempfile::tempdir().unwrap();
//! let lake = Lake::create(&Location::parse(folder.path().to_str().unwrap())?).await?;
//! let mut rows = ObservationRows::new();
//! rows.push(Observation {
//!     city: "350200", medium: "air", station: "1286A", parameter: "PM2_5", period: "hour",
//!     time: 1_643_644_800_000_000, value: Some(17.0), flag: "",
//! });
//! let batch = Batch::once("first", "simulated", "2022-02-01T00:05:00+08:00".parse().unwrap());
//! let report = lake.write_observations(&rows, &batch, &Precedence::flat()).await?;
//! assert_eq!(report.new, 1);
//!
//! let session = lake.session(Limits::FREE).await?;
//! let rows = session.select("SELECT month, beijing(time), value FROM observation").await?.rows().await?;
//! let texts: Vec<String> = rows[0].iter().map(ToString::to_string).collect();
//! assert_eq!(texts, ["2022-01", "2022-02-01T00:00", "17"]);
//! # Ok::<(), lake::LakeError>(())
//! # }).unwrap();
//! ```

mod answer;
mod durable;
mod error;
mod files;
mod functions;
mod guard;
mod judged;
mod lake;
mod location;
mod maintain;
mod period;
mod pins;
mod precedence;
mod provider;
mod register;
mod revision;
mod rows;
mod session;
mod tables;
mod versions;
mod write;

pub use answer::{Answer, Cell, CellKind, cells};
pub use error::{LakeError, Refusal};
pub use functions::{FunctionDoc, functions_doc, register_functions};
pub use guard::SQL_BYTES_MAX;
pub use judged::Judged;
pub use lake::Lake;
pub use location::Location;
pub use maintain::{CompactReport, VacuumReport};
pub use period::Period;
pub use pins::Pin;
pub use precedence::{Precedence, Ranks};
pub use register::{CityIndex, Evidence, RegisterReport, Station, Target, WorklogEntry};
pub use rows::{Observation, ObservationRows, TextId};
pub use session::{Limits, Parameter, Session};
pub use tables::{SCHEMA_VERSION, Table};
pub use versions::{Versions, VersionsError};
pub use write::{Batch, WriteReport};
