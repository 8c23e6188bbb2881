//! Business records in SQLite or PostgreSQL, with a hash-chained audit.
//!
//! A [`Records`] is a database. Reading is a method of it. Writing happens in a unit of work, [`Write`]: what it
//! writes, its audit events and its outbox rows become true together at [`Write::commit`], or not at all.
//!
//! | module | holds |
//! | --- | --- |
//! | `store`, `value`, `migrations` | two databases behind one door; the schema's history |
//! | `write` | the unit of work |
//! | `audit`, `outbox`, `once`, `numbers` | what every part rests on: the chain, what goes to the lake, idempotency, numbers |
//! | `accounts`, `password`, `sign_in`, `sessions`, `secret` | who may come in |
//! | `editions`, `cases`, `judgements`, `objections`, `follow_ups`, `impacts` | zoning control |
//!
//! This crate reads no clock and rolls no dice: an [`Act`] brings the time, ids are UUIDv7 of the caller, and salts and
//! tokens are made of [`Chance`] that the caller draws. So a test can say what happens when, and a retried request can
//! keep its ids. It judges nothing, and it does not know the lake.
//!
//! ```
//! # async fn example() -> Result<(), records::RecordsError> {
//! use records::{Act, Limits, Moment, Records, Verdict};
//! let records = Records::open("sqlite:/srv/yundang/records.sqlite", Limits::default()).await?;
//! let mut write = records.begin(Act::new("lin", Moment::from_micros(1_767_240_000_000_000))).await?;
//! write.note("export", "figure", "F119", &serde_json::json!({ "rows": 12 })).await?;
//! write.commit().await?;
//! assert!(matches!(records.verify(&[]).await?, Verdict::Whole(_)));
//! # Ok(())
//! # }
//! ```

mod accounts;
mod audit;
mod cases;
mod editions;
mod error;
mod follow_ups;
mod hash;
mod impacts;
mod judgements;
mod limits;
mod migrations;
mod moment;
mod numbers;
mod objections;
mod once;
mod outbox;
mod password;
mod secret;
mod sessions;
mod sign_in;
mod store;
mod value;
mod write;

pub use accounts::{Account, KeptPassword, NewAccount};
pub use audit::{BODY_BYTES_MAX, Event, Fault, GENESIS, Link, Verdict};
pub use cases::{Case, CaseFilter, CaseLine, Cursor, GeometryForm, NewCase};
pub use editions::{Edition, EditionState, EditionStep, FourEyes, NewEdition};
pub use error::{RecordsError, Refusal};
pub use follow_ups::{FollowUp, FollowUpFilter};
pub use hash::Hash;
pub use impacts::{ImpactRun, NewImpactRun};
pub use judgements::{About, Judgement, NewJudgement};
pub use limits::{DOCUMENT_BYTES_MAX, Limits, ROWS_MAX};
pub use migrations::NEWEST;
pub use moment::{Act, Moment, Span};
pub use numbers::NumberPattern;
pub use objections::{NewObjection, Objection, ObjectionState};
pub use once::{Answer, OnceKey};
pub use outbox::Told;
pub use password::{Hardness, PasswordFault, password_faults};
pub use secret::{Chance, Token};
pub use sessions::Session;
pub use sign_in::{Password, SignIn};
pub use uuid::Uuid;
pub use write::Write;

use std::path::Path;
use std::sync::Arc;
use store::Store;

/// A database of business records. Cloning it is cheap and opens nothing.
#[derive(Clone, Debug)]
pub struct Records {
    store: Arc<Store>,
    limits: Limits,
}

impl Records {
    /// Opens `sqlite:PATH` (made when it is not there) or `postgres://…`, checks the settings that durability rests
    /// on, and brings the schema up to date.
    ///
    /// # Errors
    ///
    /// When the address is neither, a setting cannot be had, the database is newer than this program, or it fails.
    pub async fn open(address: &str, limits: Limits) -> Result<Self, RecordsError> {
        Self::open_at(address, limits, NEWEST).await
    }

    /// Opens a SQLite file, made when it is not there.
    ///
    /// # Errors
    ///
    /// As [`Records::open`].
    pub async fn open_file(path: &Path, limits: Limits) -> Result<Self, RecordsError> {
        Ok(Self { store: Arc::new(Store::open_file(path, &limits, NEWEST).await?), limits })
    }

    /// Opens with the schema of an older program: to prove that what it wrote can be brought up to date.
    #[doc(hidden)]
    pub async fn open_at(address: &str, limits: Limits, migration: i64) -> Result<Self, RecordsError> {
        Ok(Self { store: Arc::new(Store::open(address, &limits, migration).await?), limits })
    }

    /// Begins a unit of work, once the one before has ended.
    ///
    /// # Errors
    ///
    /// [`RecordsError::Busy`] when that takes longer than [`Limits::wait`]; [`Refusal::Field`] when nobody acts.
    pub async fn begin(&self, act: Act) -> Result<Write, RecordsError> {
        write::text("actor", &act.actor)?;
        write::short("origin", &act.origin)?;
        Ok(Write::new(self.store.begin().await?, act))
    }

    /// The limits it was opened with.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Closes every connection once its work has ended.
    pub async fn close(&self) {
        self.store.close().await;
    }
}
