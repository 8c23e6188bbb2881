//! The answers of zoning control, one Rust type for each JSON shape.
//!
//! The names here are the names on the wire; the front end's `web/src/api/zoningTypes.ts` says the same by hand.
//! Lengths are metres, areas m² of the edition's plane, shares 0 to 1, days `YYYY-MM-DD`. A value that is not known is
//! `null`.

mod comparison;
mod form;
mod map;
mod screening;

pub use comparison::*;
pub use form::*;
pub use map::*;
pub use screening::*;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const NOTICE_ZH: &str = "模拟数据：界线、单元、图层和准入条件由程序生成，不是真实管控成果，不得作为任何依据。";
const NOTICE_EN: &str =
    "Simulated data: borders, units, layers and conditions are made by a program and evidence of nothing.";

/// Whether an answer rests on made-up data, and the sentences that say so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Marked {
    /// True when any of it is made up.
    pub synthetic: bool,
    /// Notice to show, Chinese; absent when nothing is made up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice_zh: Option<String>,
    /// Notice to show, English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice_en: Option<String>,
}

impl Marked {
    /// The mark of made-up data, or of other data.
    #[must_use]
    pub fn new(synthetic: bool) -> Self {
        let notice = |text: &str| synthetic.then(|| text.to_owned());
        Self { synthetic, notice_zh: notice(NOTICE_ZH), notice_en: notice(NOTICE_EN) }
    }
}
