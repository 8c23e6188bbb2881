//! What a source gives without the noise around it: GB 12348 5.7.

use super::energy::{energy_of, level_of};
use crate::origin::measured;
use crate::{LoadError, Measured, NormFile, Origin};
use serde::Deserialize;
use toml::Spanned;

/// The level of the source alone: `10·lg(10^(0.1·Lm) − 10^(0.1·Lb))`, in dB.
///
/// `None` when the background is as loud as what was measured.
///
/// ```
/// use norms::{Measured, noise::without_background};
/// let source = without_background(Measured::whole(62), Measured::whole(57)).unwrap();
/// assert_eq!(source.rounded(1).to_string(), "60.3");
/// assert_eq!(without_background(Measured::whole(57), Measured::whole(57)), None);
/// ```
#[must_use]
pub fn without_background(measured: Measured, background: Measured) -> Option<Measured> {
    level_of(energy_of(measured.to_f64()) - energy_of(background.to_f64()))
}

/// What the table of corrections gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BackgroundCorrected {
    /// The level as measured: the background is far enough below.
    AsMeasured(Measured),
    /// The level less the correction.
    Corrected(Measured),
    /// The background is too near; it must be made quieter and the noise measured again.
    TooNear,
}

/// The table of corrections by the difference between what was measured and the background: GB 12348-2008 表4.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackgroundTable {
    /// Above this difference nothing is corrected, in dB.
    pub none_above: Measured,
    /// Below this difference no result is given, in dB.
    pub refused_below: Measured,
    /// Digits to which a difference in between is rounded before it is looked up.
    pub difference_decimals: u8,
    rows: Vec<CorrectionRow>,
    /// Where it comes from.
    pub origin: Origin,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CorrectionRow {
    #[serde(deserialize_with = "measured")]
    from: Measured,
    #[serde(deserialize_with = "measured")]
    to: Measured,
    #[serde(deserialize_with = "measured")]
    minus: Measured,
}

impl BackgroundTable {
    /// Corrects a level, both in dB.
    #[must_use]
    pub fn correct(&self, measured: Measured, background: Measured) -> BackgroundCorrected {
        let difference = Measured::from_parts(measured.parts().saturating_sub(background.parts()));
        if difference > self.none_above {
            return BackgroundCorrected::AsMeasured(measured);
        }
        if difference < self.refused_below {
            return BackgroundCorrected::TooNear;
        }
        let rounded = difference.rounded(self.difference_decimals).ratio();
        match self.rows.iter().find(|row| rounded <= row.to.ratio()) {
            Some(row) => BackgroundCorrected::Corrected(Measured::from_parts(measured.parts() - row.minus.parts())),
            None => BackgroundCorrected::AsMeasured(measured),
        }
    }
}

/// The table as a file writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BackgroundRows {
    #[serde(deserialize_with = "measured")]
    none_above: Measured,
    #[serde(deserialize_with = "measured")]
    refused_below: Measured,
    difference_decimals: u8,
    rows: Spanned<Vec<CorrectionRow>>,
    origin: Origin,
}

impl BackgroundRows {
    /// Rows follow each other from the refused difference to the one that needs nothing, and correct less and less.
    pub(super) fn check(self, file: &NormFile) -> Result<BackgroundTable, LoadError> {
        let rows = self.rows.get_ref();
        // One unit of the last digit to which differences are rounded.
        let step = Measured::whole(1).parts() / 10_i64.pow(u32::from(self.difference_decimals.min(9)));
        let gapless = rows.windows(2).all(|pair| pair[0].to.parts() + step == pair[1].from.parts());
        let falling = rows.windows(2).all(|pair| pair[0].minus > pair[1].minus);
        let ends = rows.first().is_some_and(|row| row.from == self.refused_below)
            && rows.last().is_some_and(|row| row.to == self.none_above && row.minus >= Measured::ZERO);
        if self.difference_decimals > 3 || !gapless || !falling || !ends || rows.iter().any(|row| row.from > row.to) {
            return Err(file.error_at(
                Some(self.rows.span()),
                "背景修正的差值须首尾相接，修正值递减",
                "differences follow each other without a gap and corrections fall",
            ));
        }
        Ok(BackgroundTable {
            none_above: self.none_above,
            refused_below: self.refused_below,
            difference_decimals: self.difference_decimals,
            rows: self.rows.into_inner(),
            origin: self.origin,
        })
    }
}
