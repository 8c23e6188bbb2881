//! Every limit and every span of the records, in one place.

use crate::password::Hardness;
use crate::{Refusal, Span};
use std::time::Duration;

/// What a deployment may set. The defaults are those of a city bureau.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long a unit of work waits for the one before.
    pub wait: Duration,
    /// Connections for reading.
    pub readers: u32,
    /// Failed tries on one login within [`Limits::tries_window`] until it is locked.
    pub tries_max: u32,
    /// Failed tries from one network address within the window until it is locked: an office shares an address.
    pub tries_of_origin_max: u32,
    /// In which time tries count.
    pub tries_window: Span,
    /// How long a lock lasts after the last counted try.
    pub lock: Span,
    /// A session ends when nothing came for so long.
    pub session_idle: Span,
    /// A session ends after so long, whatever comes.
    pub session_absolute: Span,
    /// When something came is noted no more often than this.
    pub session_touch: Span,
    /// How hard a password is to guess from its hash.
    pub hardness: Hardness,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wait: Duration::from_secs(10),
            readers: 4,
            tries_max: 5,
            tries_of_origin_max: 50,
            tries_window: Span::minutes(15),
            lock: Span::minutes(15),
            session_idle: Span::minutes(30),
            session_absolute: Span::hours(12),
            session_touch: Span::minutes(1),
            hardness: Hardness::default(),
        }
    }
}

/// Rows of one answer at most, whatever was asked for.
pub const ROWS_MAX: u32 = 1_000;

/// Bytes of a document (facts, geometry, answer, report) at most.
pub const DOCUMENT_BYTES_MAX: usize = 64 << 20;

/// A document that is not too large to keep.
pub(crate) fn document(field: &'static str, bytes: &[u8]) -> Result<(), Refusal> {
    if bytes.len() > DOCUMENT_BYTES_MAX {
        return Err(Refusal::Field { field, zh: "超过 64 MB", en: "is larger than 64 MB" });
    }
    Ok(())
}
