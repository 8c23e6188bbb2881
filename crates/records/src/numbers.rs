//! Numbers that people see, in the bureau's own patterns and without gaps.

use crate::value::values_of;
use crate::write::text;
use crate::{RecordsError, Refusal, Write};

/// A pattern such as `厦环研〔{year}〕{n:5}号`: `{year}` is the Beijing year, `{n}` or `{n:WIDTH}` counts from 1 in
/// each year, filled with zeros to a width up to 12. `{n}` stands exactly once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberPattern {
    before: String,
    width: usize,
    after: String,
}

impl NumberPattern {
    /// Reads a pattern.
    ///
    /// ```
    /// assert!(records::NumberPattern::parse("XM-{year}-{n:5}").is_ok());
    /// assert!(records::NumberPattern::parse("XM-{year}").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`Refusal::Field`] when `{n}` does not stand once, or something else stands in braces.
    pub fn parse(pattern: &str) -> Result<Self, RecordsError> {
        let wrong = || Refusal::Field {
            field: "number pattern",
            zh: "须恰好含一个 {n} 或 {n:位数},另可含 {year}",
            en: "must hold exactly one {n} or {n:WIDTH}, and may hold {year}",
        };
        text("number pattern", pattern)?;
        let start = pattern.find("{n").ok_or_else(wrong)?;
        let end = start + pattern[start..].find('}').ok_or_else(wrong)?;
        let width = match &pattern[start + 2..end] {
            "" => 1,
            width => width.strip_prefix(':').and_then(|width| width.parse().ok()).ok_or_else(wrong)?,
        };
        let (before, after) = (pattern[..start].to_owned(), pattern[end + 1..].to_owned());
        let braces = [&before, &after].map(|text| text.replace("{year}", "").contains(['{', '}']));
        if width > 12 || braces.contains(&true) {
            return Err(wrong().into());
        }
        Ok(Self { before, width, after })
    }
}

impl Write {
    /// The next number of a pattern, taken in this unit of work: rolled back, it is taken again.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn next_number(&mut self, pattern: &NumberPattern) -> Result<String, RecordsError> {
        let year = format!("{:04}", self.now().beijing_day().year());
        let before = pattern.before.replace("{year}", &year);
        let after = pattern.after.replace("{year}", &year);
        let series = format!("{before}{{n}}{after}");
        let last: Option<i64> =
            self.one("SELECT last FROM number_series WHERE series = $1", values_of![&series]).await?;
        let next = last.unwrap_or(0) + 1;
        let sql = if last.is_some() {
            "UPDATE number_series SET last = $2 WHERE series = $1"
        } else {
            "INSERT INTO number_series (series, last) VALUES ($1, $2)"
        };
        self.run(sql, values_of![&series, next]).await?;
        Ok(format!("{before}{next:0width$}{after}", width = pattern.width))
    }
}
