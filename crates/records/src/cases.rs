//! Screening cases: what was asked, by which edition and engine, and what was answered, to the byte and for ever.

use crate::limits::document;
use crate::value::{Row, values_of};
use crate::write::{short, text};
use crate::{Hash, Moment, ROWS_MAX, Records, RecordsError, Refusal, Write};
use norms::Day;
use serde_json::json;
use uuid::Uuid;

/// How a geometry is written down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GeometryForm {
    /// Well-known binary.
    Wkb,
    /// GeoJSON text.
    GeoJson,
}

impl GeometryForm {
    const fn word(self) -> &'static str {
        match self {
            Self::Wkb => "wkb",
            Self::GeoJson => "geojson",
        }
    }
}

/// A case to be kept. Every byte stays as it is handed over.
#[derive(Clone, Debug)]
pub struct NewCase<'a> {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// The number that people see ([`Write::next_number`]).
    pub number: &'a str,
    /// The edition that it was judged by.
    pub edition: &'a str,
    /// The hash of that edition's folder as it was judged by; must be the one that is on record.
    pub edition_hash: Hash,
    /// Name and version of the engine.
    pub engine: &'a str,
    /// The day as of which it was judged.
    pub as_of: Day,
    /// What the project is called.
    pub title: &'a str,
    /// The facts, as JSON.
    pub facts: &'a str,
    /// How the geometry is written down.
    pub geometry_form: GeometryForm,
    /// The geometry.
    pub geometry: &'a [u8],
    /// The verdict's word.
    pub verdict: &'a str,
    /// The units it lies in.
    pub units: &'a [String],
    /// The answer.
    pub answer: &'a [u8],
    /// The last day on which the answer may be relied on; none when only a change of edition ends it.
    pub valid_until: Option<Day>,
    /// More words by which it is found: place, industry, applicant.
    pub words: &'a str,
}

/// A case as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseLine {
    /// Its id.
    pub id: Uuid,
    /// The number that people see.
    pub number: String,
    /// What the project is called.
    pub title: String,
    /// The edition that it was judged by.
    pub edition: String,
    /// The day as of which it was judged.
    pub as_of: Day,
    /// The verdict's word.
    pub verdict: String,
    /// The units it lies in, sorted.
    pub units: Vec<String>,
    /// The last day on which the answer may be relied on.
    pub valid_until: Option<Day>,
    /// When it was made.
    pub at: Moment,
    /// Who made it.
    pub by: String,
}

/// A case with everything that is needed to judge it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What lists show.
    pub line: CaseLine,
    /// The hash of the edition's folder as it was judged by.
    pub edition_hash: Hash,
    /// Name and version of the engine.
    pub engine: String,
    /// The facts, as JSON.
    pub facts: String,
    /// How the geometry is written down.
    pub geometry_form: GeometryForm,
    /// The geometry.
    pub geometry: Vec<u8>,
    /// The answer: the bytes that were given.
    pub answer: Vec<u8>,
    /// Their hash.
    pub answer_hash: Hash,
}

/// Which cases are wanted. Empty fields ask nothing.
#[derive(Clone, Debug, Default)]
pub struct CaseFilter {
    /// The verdict's word.
    pub verdict: Option<String>,
    /// A unit that it lies in.
    pub unit: Option<String>,
    /// Who made it.
    pub by: Option<String>,
    /// The edition that it was judged by.
    pub edition: Option<String>,
    /// Text within its number, title or words, in any case.
    pub text: Option<String>,
}

/// Where a page ends: the time and id of its last case. The next page begins after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Time of the last case.
    pub at: Moment,
    /// Its id.
    pub id: Uuid,
}

impl CaseLine {
    /// The cursor after this line.
    #[must_use]
    pub const fn cursor(&self) -> Cursor {
        Cursor { at: self.at, id: self.id }
    }

    fn from_row(row: &mut Row) -> Result<Self, RecordsError> {
        Ok(Self {
            id: row.take()?,
            number: row.take()?,
            title: row.take()?,
            edition: row.take()?,
            as_of: row.take()?,
            verdict: row.take()?,
            valid_until: row.take()?,
            at: row.take()?,
            by: row.take()?,
            units: Vec::new(),
        })
    }
}

impl Records {
    /// A case with the bytes that were answered.
    ///
    /// # Errors
    ///
    /// [`RecordsError::Missing`]; [`RecordsError::Damaged`] when the answer is not what was given.
    pub async fn case(&self, id: Uuid) -> Result<Case, RecordsError> {
        let sql = "SELECT id, number, title, edition, as_of, verdict, valid_until, at, by_actor, edition_hash, engine, \
                   facts, geometry_form, geometry, answer, answer_hash FROM screening_case WHERE id = $1";
        let row = self.store.row(sql, values_of![id]).await?;
        let mut row = row.ok_or_else(|| RecordsError::missing("case", &id))?;
        let mut line = CaseLine::from_row(&mut row)?;
        line.units = self.units_of(id).await?;
        let case = Case {
            line,
            edition_hash: row.take()?,
            engine: row.take()?,
            facts: row.take()?,
            geometry_form: match row.take::<String>()?.as_str() {
                "wkb" => GeometryForm::Wkb,
                "geojson" => GeometryForm::GeoJson,
                other => return Err(RecordsError::damaged(format!("a geometry's form '{other}' is none"))),
            },
            geometry: row.take()?,
            answer: row.take()?,
            answer_hash: row.take()?,
        };
        if Hash::of(&case.answer) != case.answer_hash {
            return Err(RecordsError::damaged(format!("the answer of case '{id}' is not the one that was given")));
        }
        Ok(case)
    }

    /// The id of the case with a number.
    ///
    /// # Errors
    ///
    /// [`RecordsError::Missing`].
    pub async fn case_of_number(&self, number: &str) -> Result<Uuid, RecordsError> {
        let row = self.store.row("SELECT id FROM screening_case WHERE number = $1", values_of![number]).await?;
        row.ok_or_else(|| RecordsError::missing("case", number))?.take()
    }

    /// Cases, newest first, after a cursor; at most `limit`, never more than [`ROWS_MAX`]. Pages neither repeat nor
    /// leave out a case, whatever is added meanwhile.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn cases(
        &self,
        filter: &CaseFilter,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Vec<CaseLine>, RecordsError> {
        let sql = "SELECT c.id, c.number, c.title, c.edition, c.as_of, c.verdict, c.valid_until, c.at, c.by_actor \
                   FROM screening_case c \
                   WHERE ($1 IS NULL OR (c.at, c.id) < ($1, $2)) \
                   AND ($3 IS NULL OR c.verdict = $3) AND ($4 IS NULL OR c.by_actor = $4) \
                   AND ($5 IS NULL OR c.edition = $5) AND ($6 IS NULL OR c.search LIKE $6 ESCAPE '!') \
                   AND ($7 IS NULL OR EXISTS (SELECT 1 FROM case_unit u WHERE u.screening_case = c.id AND u.unit = $7)) \
                   ORDER BY c.at DESC, c.id DESC LIMIT $8";
        let rows = self
            .store
            .rows(
                sql,
                values_of![
                    after.map(|cursor| cursor.at),
                    after.map(|cursor| cursor.id),
                    filter.verdict.as_deref(),
                    filter.by.as_deref(),
                    filter.edition.as_deref(),
                    filter.text.as_deref().map(within),
                    filter.unit.as_deref(),
                    limit.min(ROWS_MAX)
                ],
            )
            .await?;
        let mut lines = Vec::with_capacity(rows.len());
        for mut row in rows {
            let mut line = CaseLine::from_row(&mut row)?;
            line.units = self.units_of(line.id).await?;
            lines.push(line);
        }
        Ok(lines)
    }

    async fn units_of(&self, case: Uuid) -> Result<Vec<String>, RecordsError> {
        let sql = "SELECT unit FROM case_unit WHERE screening_case = $1 ORDER BY unit";
        let rows = self.store.rows(sql, values_of![case]).await?;
        rows.into_iter().map(|mut row| row.take()).collect()
    }
}

/// The LIKE pattern for a text anywhere within; its own `%`, `_` and `!` mean themselves.
fn within(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

impl Write {
    /// Keeps a case. It can never be changed.
    ///
    /// # Errors
    ///
    /// [`RecordsError::Missing`] when the edition is not on record; [`Refusal::Field`] when its hash is not the one
    /// on record, or a document is too large; [`Refusal::Exists`] when the id or the number is taken.
    pub async fn add_case(&mut self, case: &NewCase<'_>) -> Result<Hash, RecordsError> {
        text("number", case.number)?;
        text("engine", case.engine)?;
        text("verdict", case.verdict)?;
        short("title", case.title)?;
        short("words", case.words)?;
        document("facts", case.facts.as_bytes())?;
        document("geometry", case.geometry)?;
        document("answer", case.answer)?;
        let mut units = case.units.to_vec();
        units.sort();
        units.dedup();
        units.iter().try_for_each(|unit| text("units", unit))?;
        let edition = self.edition_now(case.edition).await?;
        if edition.now.content != case.edition_hash {
            return Err(Refusal::Field {
                field: "edition_hash",
                zh: "与登记的版本内容不一致",
                en: "differs from the edition on record",
            }
            .into());
        }
        let taken = "SELECT id FROM screening_case WHERE id = $1 OR number = $2";
        if self.row(taken, values_of![case.id, case.number]).await?.is_some() {
            return Err(Refusal::Exists { kind: "case", id: case.number.to_owned() }.into());
        }
        let answer_hash = Hash::of(case.answer);
        let search = format!("{}\n{}\n{}", case.number, case.title, case.words).to_lowercase();
        let (now, actor) = (self.now(), self.actor());
        self.run(
            "INSERT INTO screening_case (id, number, edition, edition_hash, engine, as_of, title, facts, geometry_form, \
             geometry, verdict, answer, answer_hash, valid_until, search, at, by_actor) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
            values_of![
                case.id,
                case.number,
                case.edition,
                case.edition_hash,
                case.engine,
                case.as_of,
                case.title,
                case.facts,
                case.geometry_form.word(),
                case.geometry,
                case.verdict,
                case.answer,
                answer_hash,
                case.valid_until,
                search,
                now,
                actor
            ],
        )
        .await?;
        for unit in &units {
            let sql = "INSERT INTO case_unit (screening_case, unit) VALUES ($1, $2)";
            self.run(sql, values_of![case.id, unit]).await?;
        }
        let body = json!({
            "number": case.number, "edition": case.edition, "edition_hash": case.edition_hash.to_string(),
            "engine": case.engine, "as_of": case.as_of.to_string(), "verdict": case.verdict, "units": units,
            "facts_hash": Hash::of(case.facts.as_bytes()).to_string(),
            "geometry_hash": Hash::of(case.geometry).to_string(), "answer_hash": answer_hash.to_string(),
        });
        self.tell("case.add", "case", &case.id.to_string(), &body).await?;
        Ok(answer_hash)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn signs_of_a_pattern_mean_themselves() {
        assert_eq!(super::within("50%_A!"), "%50!%!_a!!%");
    }
}
