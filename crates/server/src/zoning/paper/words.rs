//! The words of the paper, from the city pack.

use crate::zoning::answers::{CitationState, MetLayer};
use report::Emphasis;
use serde::Deserialize;
use std::collections::BTreeMap;
use zoning::Verdict;
use zoning::ground::{Coverage, Meeting};

/// `zoning/paper.toml` of a city pack.
#[derive(Clone, Debug, Default, Deserialize)]
#[expect(missing_docs, reason = "each is a sentence of the paper, named by where it stands; the file shows them")]
pub struct PaperWords {
    pub title: String,
    pub synthetic: String,
    pub draft: String,
    pub signed: String,
    pub unsigned: String,
    pub beside: String,
    pub unverified: String,
    pub memory: String,
    pub untiled: String,
    pub sliver: String,
    pub survey: String,
    pub steady: String,
    pub undeclared: String,
    pub nothing_near: String,
    pub nearest: String,
    pub until_edition: String,
    pub until_day: String,
    pub validity: String,
    pub assessment_term: String,
    pub assessment_over: String,
    pub map: String,
    pub map_notice: String,
    pub map_missing: String,
    pub site: String,
    pub link: String,
    pub signatures: Vec<String>,
    pub dimensions: BTreeMap<String, String>,
    #[serde(rename = "outcome")]
    pub outcomes: Vec<OutcomeWords>,
    pub verdict_emphasis: BTreeMap<String, Emphasis>,
    pub ranks: BTreeMap<String, String>,
    pub cites: BTreeMap<String, String>,
    pub meetings: BTreeMap<String, String>,
    pub coverages: BTreeMap<String, String>,
    pub conf: BTreeMap<String, String>,
    pub missing: BTreeMap<String, String>,
}

/// How a clause comes out, in words.
#[derive(Clone, Debug, Deserialize)]
pub struct OutcomeWords {
    /// The engine's word, without what stands in brackets behind it.
    pub word: String,
    /// What stands in the last column.
    pub name: String,
    /// How it stands out.
    pub emphasis: Emphasis,
    /// What was found, when the clause itself does not say more.
    pub found: String,
}

impl PaperWords {
    /// Reads the table.
    ///
    /// # Errors
    /// When it is none, or a word is missing.
    pub fn read(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The words of an outcome such as `needs_information(prohibit)`.
    pub(super) fn outcome(&self, outcome: &str) -> Option<&OutcomeWords> {
        let word = outcome.split('(').next().unwrap_or_default();
        self.outcomes.iter().find(|one| one.word == word)
    }

    pub(super) fn emphasis(&self, verdict: Verdict) -> Emphasis {
        self.verdict_emphasis.get(verdict.word()).copied().unwrap_or_default()
    }

    pub(super) fn cite(&self, state: CitationState) -> &str {
        let word = match state {
            CitationState::InForce => "in_force",
            CitationState::Superseded => "superseded",
            CitationState::Repealed => "repealed",
            CitationState::NotYet => "not_yet",
        };
        said(&self.cites, word)
    }

    pub(super) fn meeting(&self, layer: &MetLayer) -> &str {
        let word = match layer.meeting {
            _ if layer.inside => "inside",
            Meeting::Apart => "apart",
            Meeting::Boundary => "boundary",
            Meeting::Sliver => "sliver",
            Meeting::Solid => "solid",
        };
        said(&self.meetings, word)
    }

    pub(super) fn coverage(&self, coverage: Coverage) -> &str {
        let word = match coverage {
            Coverage::None => "none",
            Coverage::Partial => "partial",
            Coverage::Complete => "complete",
        };
        said(&self.coverages, word)
    }
}

/// What a word is called; the word itself when nothing is said of it.
pub(super) fn said<'a>(words: &'a BTreeMap<String, String>, word: &'a str) -> &'a str {
    words.get(word).map_or(word, String::as_str)
}
