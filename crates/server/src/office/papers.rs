//! Papers about cases.

use super::Office;
use crate::registry::cases::KeptQuestion;
use crate::zoning::answers::ScreeningAnswer;
use crate::zoning::paper::{CasePaper, SignedJudgement, paper, paper_json};
use anyhow::Context;
use norms::Day;
use records::{About, Case, Moment};
use report::Stamp;

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

impl Office {
    /// The paper of a case as `docx`, `html` or, for any other word, `json`: its media type and its bytes, which are the
    /// same whenever the same is on record. `by` is the name of whoever kept the case.
    ///
    /// # Errors
    /// When the records hold what this program never wrote, or the paper cannot be written.
    pub(crate) fn case_paper(
        &self,
        case: &Case,
        by: &str,
        judgements: Vec<records::Judgement>,
        format: &str,
    ) -> anyhow::Result<(&'static str, Vec<u8>)> {
        let answer: ScreeningAnswer = serde_json::from_slice(&case.answer).context("answer of a case")?;
        let question = KeptQuestion::of_case(case).question()?;
        let materials = self.zoning().materials(&question, &answer).map_err(|error| anyhow::anyhow!("{error:?}"))?;
        let judgements: Vec<SignedJudgement> = judgements.into_iter().map(signed).collect();
        let last_day = case.line.valid_until.map(|until| Day(until.0 - 1).to_string());
        let link = format!("{}/zoning?case={}", self.address(), case.line.id);
        let stamp = stamp_of(case.line.at)?;
        let told = CasePaper {
            number: &case.line.number,
            title: &case.line.title,
            issued_at: &minute(case.line.at),
            made_at: Some(&stamp),
            by,
            issuer: &self.pack().city.bureau_zh,
            answer: &answer,
            answer_hash: &case.answer_hash.to_string(),
            materials: &materials,
            judgements: &judgements,
            link: &link,
            valid_until: last_day.as_deref(),
            view: self.zoning().view(),
        };
        Ok(match format {
            "docx" => (DOCX, report::to_docx(&paper(&told))?),
            "html" => ("text/html; charset=utf-8", report::to_html(&paper(&told))?.into_bytes()),
            _ => ("application/json", serde_json::to_vec_pretty(&paper_json(&told))?),
        })
    }
}

fn signed(one: records::Judgement) -> SignedJudgement {
    let key = match one.about {
        About::KeyInCase(key, _) | About::Key(key) => Some(key),
        About::Case(_) => None,
    };
    SignedJudgement {
        key,
        official: one.official,
        authority: one.authority,
        value: one.value,
        reason: one.reason,
        at: minute(one.at),
        revoked_at: one.revoked_at.map(minute),
    }
}

/// `YYYY-MM-DD HH:MM` of Beijing time.
fn minute(at: Moment) -> String {
    at.beijing().replace('T', " ").chars().take(16).collect()
}

fn stamp_of(at: Moment) -> anyhow::Result<Stamp> {
    let instant = jiff::Timestamp::from_microsecond(at.micros())?;
    Ok(Stamp::parse(&instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())?)
}
