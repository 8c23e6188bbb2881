//! Screening cases: what is kept of one, and what it says later.

use super::{Registry, new_id};
use crate::zoning::answers::ScreeningAnswer;
use crate::zoning::desk::{Judged, ScreenQuestion};
use anyhow::Context;
use norms::Day;
use records::{
    About, Act, Answer, Case, GeometryForm, Hash, Judgement, NewCase, NumberPattern, OnceKey, RecordsError, Span, Uuid,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zoning::Judgements;

/// How long the answer to an idempotency key is kept.
const KEPT: Span = Span::days(7);

/// `zoning/cases.toml` of a city pack: how cases are numbered and how long they hold.
#[derive(Clone, Debug, Deserialize)]
pub struct CaseRules {
    /// Pattern of the numbers.
    pub number: String,
    /// Days after the day whose law was asked.
    pub valid_days: u16,
    /// How sure both are.
    pub confidence: String,
    /// Where they come from.
    pub source: String,
}

impl CaseRules {
    /// Reads the table.
    ///
    /// # Errors
    /// When it is none, or the pattern of the numbers is none.
    pub fn read(text: &str) -> anyhow::Result<Self> {
        let rules: Self = toml::from_str(text)?;
        NumberPattern::parse(&rules.number)?;
        Ok(rules)
    }

    /// The day from which on a case no longer holds.
    #[must_use]
    pub fn valid_until(&self, as_of: Day, edition_ends: Option<Day>) -> Day {
        let days = Day(as_of.0.saturating_add(i32::from(self.valid_days)));
        edition_ends.map_or(days, |end| days.min(end))
    }
}

/// The question of a case as the records keep it. It is judged as it is read back, so that it gives the same bytes
/// whenever it is read again.
#[derive(Clone, Debug)]
pub struct KeptQuestion {
    facts: String,
    geometry: Vec<u8>,
    edition: Option<String>,
    as_of: Option<String>,
}

/// The geometry of a case: GeoJSON, with what GeoJSON has no place for among the properties.
#[derive(Serialize, Deserialize)]
struct KeptGeometry {
    r#type: String,
    properties: KeptProperties,
    geometry: Value,
}

#[derive(Serialize, Deserialize)]
struct KeptProperties {
    crs: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    corridor_m: Option<f64>,
    outfall: Option<Value>,
}

impl KeptQuestion {
    /// What is kept of a question.
    #[must_use]
    pub fn of(question: ScreenQuestion) -> Self {
        let geometry = KeptGeometry {
            r#type: "Feature".to_owned(),
            properties: KeptProperties {
                crs: question.crs,
                corridor_m: question.corridor_m,
                outfall: question.outfall,
            },
            geometry: question.geometry,
        };
        Self {
            facts: Value::Object(question.facts).to_string(),
            geometry: json!(geometry).to_string().into_bytes(),
            edition: question.edition,
            as_of: question.as_of,
        }
    }

    /// The question of a case on record.
    #[must_use]
    pub fn of_case(case: &Case) -> Self {
        Self {
            facts: case.facts.clone(),
            geometry: case.geometry.clone(),
            edition: Some(case.line.edition.clone()),
            as_of: Some(case.line.as_of.to_string()),
        }
    }

    /// The question to be judged.
    ///
    /// # Errors
    /// When the records hold what this program never wrote.
    pub fn question(&self) -> anyhow::Result<ScreenQuestion> {
        let kept: KeptGeometry = serde_json::from_slice(&self.geometry).context("geometry of a case")?;
        Ok(ScreenQuestion {
            edition: self.edition.clone(),
            as_of: self.as_of.clone(),
            crs: kept.properties.crs,
            geometry: kept.geometry,
            corridor_m: kept.properties.corridor_m,
            outfall: kept.properties.outfall,
            facts: serde_json::from_str(&self.facts).context("facts of a case")?,
        })
    }
}

/// A case to be kept.
pub struct ToKeep {
    /// What it is about.
    pub title: String,
    /// Its question.
    pub question: KeptQuestion,
    /// What came of it.
    pub judged: Judged,
    /// The day from which on it no longer holds.
    pub valid_until: Day,
}

/// What whoever keeps a case hears.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
pub struct KeptCase {
    /// Its id.
    pub id: String,
    /// Its number in the bureau's pattern.
    pub number: String,
    /// The answer as it is kept.
    pub answer: ScreeningAnswer,
}

impl Registry {
    /// Keeps a case under an idempotency key, or gives the answer that the key was given before.
    ///
    /// # Errors
    /// When the records refuse or fail; when the edition is not on record.
    pub async fn keep_case(&self, case: &ToKeep, rules: &CaseRules, key: &OnceKey, act: Act) -> anyhow::Result<Answer> {
        let bytes = serde_json::to_vec(&case.judged.answer)?;
        let edition_hash = Hash::parse(&case.judged.edition_hash).context("hash of the edition")?;
        let verdict = case.judged.answer.verdict.word();
        let names = case.judged.answer.units.iter().map(|unit| format!("{} {}", unit.code, unit.name));
        let words = names.chain(case.judged.answer.verdict_zh.clone()).collect::<Vec<_>>().join("\n");
        let id = new_id();
        let mut write = self.records().begin(act).await?;
        if let Some(answer) = write.seen(key).await? {
            write.roll_back().await?;
            return Ok(answer);
        }
        let number = write.next_number(&NumberPattern::parse(&rules.number)?).await?;
        write
            .add_case(&NewCase {
                id,
                number: &number,
                edition: &case.judged.edition_id,
                edition_hash,
                engine: &case.judged.answer.engine,
                as_of: case.judged.as_of,
                title: &case.title,
                facts: &case.question.facts,
                geometry_form: GeometryForm::GeoJson,
                geometry: &case.question.geometry,
                verdict,
                units: &case.judged.units,
                answer: &bytes,
                valid_until: Some(case.valid_until),
                words: &words,
            })
            .await?;
        let kept = KeptCase { id: id.to_string(), number, answer: case.judged.answer.clone() };
        let answer = Answer { status: 201, body: serde_json::to_vec(&kept)? };
        write.keep_answer(key, &answer, KEPT).await?;
        write.commit().await?;
        Ok(answer)
    }

    /// What officials determined for a case, by key, and did not revoke.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub async fn determined(&self, case: Uuid) -> Result<Judgements, RecordsError> {
        let mut determined = Judgements::default();
        for one in self.records().judgements_of_case(case).await? {
            // The list is oldest first: the newest that stands takes the place.
            if let (About::KeyInCase(key, _), None, Some(value)) = (&one.about, one.revoked_at, yes_or_no(&one)) {
                let judgement = zoning::Judgement {
                    value,
                    by: one.official.clone(),
                    reason: one.reason.clone(),
                    date: one.at.beijing_day().to_string(),
                };
                determined.0.insert(key.clone(), judgement);
            }
        }
        Ok(determined)
    }
}

/// What a judgement on a key says.
fn yes_or_no(judgement: &Judgement) -> Option<bool> {
    match judgement.value.as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_read_back_as_it_was_kept() {
        let question = |longitude: f64| ScreenQuestion {
            edition: Some("xm-2026".to_owned()),
            as_of: Some("2026-06-30".to_owned()),
            crs: Some("EPSG:4490".to_owned()),
            geometry: json!({ "type": "Point", "coordinates": [longitude, 24.123_456_789_012_345] }),
            corridor_m: Some(12.3),
            outfall: Some(json!({ "wkt": "POINT(118 24)" })),
            facts: json!({ "industry": "C3360", "b": 0.1 }).as_object().cloned().unwrap_or_default(),
        };
        let mut longitude = 118.0;
        for _ in 0..2_000 {
            longitude += 0.000_123_456_789;
            let kept = KeptQuestion::of(question(longitude));
            let once = kept.question().unwrap();
            let twice = KeptQuestion::of(once.clone()).question().unwrap();
            assert_eq!(once, kept.question().unwrap());
            assert_eq!(once.facts, twice.facts);
        }
    }

    #[test]
    fn a_case_holds_no_longer_than_its_edition() {
        let rules = CaseRules::read("number='A{n}'\nvalid_days=180\nconfidence='memory'\nsource=''").unwrap();
        let day = |text: &str| text.parse::<Day>().unwrap();
        assert_eq!(rules.valid_until(day("2026-01-01"), None), day("2026-06-30"));
        assert_eq!(rules.valid_until(day("2026-01-01"), Some(day("2026-03-01"))), day("2026-03-01"));
        assert!(CaseRules::read("number='A'\nvalid_days=1\nconfidence=''\nsource=''").is_err(), "no place to count");
    }
}
