//! Verdicts, and what led to them.

use super::Marked;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use zoning::ground::{Coverage, FeatureHit, LayerFinding, Meeting};
use zoning::{Dimension, Effect, Rank, Verdict};

/// May this project stand here? The same question of the same edition gives the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScreeningAnswer {
    /// The edition that was asked.
    pub edition: EditionName,
    /// The day whose law was asked.
    pub as_of: String,
    /// Name and version of the engine.
    pub engine: String,
    /// `PROHIBITED`, `NEEDS_INFORMATION`, `RESTRICTED_UNMET`, `NEEDS_JUDGEMENT`, `ALLOWED_WITH_CONDITIONS` or `ALLOWED`.
    #[schema(value_type = String)]
    pub verdict: Verdict,
    /// The best that can still come.
    #[schema(value_type = String)]
    pub best: Verdict,
    /// The worst that can still come.
    #[schema(value_type = String)]
    pub worst: Verdict,
    /// The verdict in a few words, Chinese.
    pub verdict_zh: Option<String>,
    /// The verdict in a few words, English.
    pub verdict_en: Option<String>,
    /// What it means, Chinese.
    pub sentence_zh: Option<String>,
    /// What it means, English.
    pub sentence_en: Option<String>,
    /// The verdict within the accuracy of the layers.
    pub tolerance: ToleranceAnswer,
    /// The site and its size.
    pub geometry: SiteSize,
    /// Control units met, the largest share first.
    pub units: Vec<MetUnit>,
    /// Whether the shares of the units are the whole site.
    pub tiled: bool,
    /// Layers that the site meets, and those that rules ask and cannot be sure of or measure to.
    pub layers: Vec<MetLayer>,
    /// Area assessments (区域评估 “一本制”) whose area holds the whole site; absent when there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assessments: Vec<AreaAssessment>,
    /// What each rule says, those that decide first; rules that do not apply are counted below.
    pub rules: Vec<RuleAnswer>,
    /// How many rules and rows do not apply.
    pub not_applicable: usize,
    /// What is worth asking, the most telling first.
    pub questions: Vec<OpenQuestion>,
    /// Everything that is not known.
    pub missing: Vec<String>,
    /// Whether a rule that decides rests on a successor that nobody verified.
    pub unverified_basis: bool,
    /// Changes that would help, each screened again.
    pub nearest: Vec<NearestChange>,
    /// True when none helps.
    pub nearest_none: bool,
    /// Newest day of the ledger that was read.
    pub ledger_as_of: Option<String>,
    /// Newest day of the unit states that were read.
    pub status_as_of: Option<String>,
    /// Whether any of it is made up.
    #[serde(flatten)]
    pub marked: Marked,
}

/// The edition that an answer rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EditionName {
    /// Its id.
    pub id: String,
    /// Chinese title.
    pub title_zh: String,
    /// English title.
    pub title_en: String,
    /// Hash of its content.
    pub hash: String,
}

/// The verdict when every layer is drawn back or pushed out by its accuracy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ToleranceAnswer {
    /// Drawn back.
    #[schema(value_type = String)]
    pub minus: Verdict,
    /// As drawn.
    #[schema(value_type = String)]
    pub zero: Verdict,
    /// Pushed out.
    #[schema(value_type = String)]
    pub plus: Verdict,
    /// Whether they differ.
    pub survey_needed: bool,
}

/// The site and its size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SiteSize {
    /// `point`, `line` or `area`.
    pub kind: String,
    /// Area on the edition's plane, the official one.
    pub area_plane_m2: Option<f64>,
    /// Area on the ellipsoid, for control.
    pub area_ellipsoid_m2: Option<f64>,
    /// Length of a line.
    pub length_m: Option<f64>,
    /// Declared coordinate system.
    pub crs: Option<String>,
}

/// A control unit that the site meets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MetUnit {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// `1` 优先, `2` 重点, `3` 一般.
    pub class: String,
    /// Shared area in m² or length in m; 0 for points.
    pub size: f64,
    /// Share of the site.
    pub share: f64,
    /// Whether it is less than the sources can tell.
    pub sliver: bool,
    /// Chinese name of the class.
    pub class_name_zh: Option<String>,
    /// English name of the class.
    pub class_name_en: Option<String>,
}

/// An area assessment: projects inside share its studies and are spared steps while it is valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AreaAssessment {
    /// Key of the layer.
    pub layer: String,
    /// Its code or number.
    pub id: String,
    /// Its name.
    pub name: String,
    /// First day on which it is valid; null when the data do not say so.
    pub from: Option<String>,
    /// First day on which it no longer is.
    pub to: Option<String>,
    /// Whether it is valid on the day that was asked; what has no first and last day is not.
    pub valid: bool,
    /// What projects inside are spared.
    pub exempt: Vec<String>,
    /// Studies that they share.
    pub studies: Vec<String>,
}

/// What a layer says about the site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MetLayer {
    /// Its key.
    pub key: String,
    /// Chinese title.
    pub title_zh: String,
    /// English title.
    pub title_en: String,
    /// `none`, `partial` or `complete`: how well it is known there.
    #[schema(value_type = String)]
    pub coverage: Coverage,
    /// `apart`, `boundary`, `sliver` or `solid`.
    #[schema(value_type = String)]
    pub meeting: Meeting,
    /// Whether the whole site lies in it.
    pub inside: bool,
    /// Shared area, m².
    pub area_m2: f64,
    /// Shared length, for lines.
    pub length_m: f64,
    /// Shared share of the site.
    pub share: f64,
    /// Nearest distance, 0 when they meet; null when the layer is empty.
    pub distance_m: Option<f64>,
    /// How far the site reaches into it.
    pub depth_m: f64,
    /// When inside: least distance to its edge.
    pub margin_m: f64,
    /// When not inside: how far the site reaches out of it.
    pub protrusion_m: f64,
    /// Width of a sliver, else 0.
    pub sliver_width_m: f64,
    /// Positional accuracy of the layer.
    pub accuracy_m: f64,
    /// Whether a shared boundary counts as touching.
    pub touch_counts: bool,
    /// Its features met, the largest share first; when apart, the nearest one.
    pub features: Vec<MetFeature>,
}

/// A feature that the site meets, or the nearest one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MetFeature {
    /// Its code or number.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Shared area, m².
    pub area_m2: f64,
    /// Shared length, for lines.
    pub length_m: f64,
}

impl MetLayer {
    /// What a layer with a key and titles says.
    #[must_use]
    pub fn new(key: &str, title_zh: &str, title_en: &str, finding: &LayerFinding) -> Self {
        let feature = |hit: &FeatureHit| MetFeature {
            id: hit.id.clone(),
            name: hit.name.clone(),
            area_m2: hit.area_m2,
            length_m: hit.length_m,
        };
        Self {
            key: key.to_owned(),
            title_zh: title_zh.to_owned(),
            title_en: title_en.to_owned(),
            coverage: finding.coverage,
            meeting: finding.meeting,
            inside: finding.inside,
            area_m2: finding.area_m2,
            length_m: finding.length_m,
            share: finding.share,
            distance_m: finding.distance_m,
            depth_m: finding.depth_m,
            margin_m: finding.margin_m,
            protrusion_m: finding.protrusion_m,
            sliver_width_m: finding.sliver_width_m,
            accuracy_m: finding.accuracy_m,
            touch_counts: finding.touch_counts,
            features: finding.features.iter().map(feature).collect(),
        }
    }
}

/// What one rule says about the project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleAnswer {
    /// Its id.
    pub id: String,
    /// In plain words.
    pub title: String,
    /// `spatial`, `emission`, `risk`, `resource` or `procedure`.
    #[schema(value_type = String)]
    pub dimension: Dimension,
    /// Who set it: `national`, `province`, `city`, `class`, `park` or `unit`.
    #[schema(value_type = String)]
    pub rank: Rank,
    /// Its effect on the day: `prohibit`, `require`, `review`, `procedure` or `encourage`.
    #[schema(value_type = String)]
    pub effect: Effect,
    /// `prohibited`, `unmet`, `conditional`, `needs_judgement`, `needs_information(prohibit)`, …
    pub outcome: String,
    /// Whether it makes the verdict.
    pub deciding: bool,
    /// The unit that it speaks of; null or empty for all.
    pub unit: Option<String>,
    /// What it rests on.
    pub cite: Citation,
    /// How sure the clause is: `F` found, `K` from knowledge, `M` made up; null for rows of tables.
    #[schema(value_type = Option<String>)]
    pub conf: Option<zoning::Conf>,
    /// What it demands or says.
    pub says: Vec<Saying>,
    /// What an official decides.
    pub question: String,
    /// What is not known.
    pub missing: Vec<String>,
    /// Where it stands.
    pub at: RulePlace,
    /// Whether its trace has a tree.
    pub has_tree: bool,
}

/// One demand of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Saying {
    /// In words.
    pub text: String,
    /// `met`, `unmet` or `unknown`.
    #[schema(value_type = String)]
    pub state: SayingState,
}

/// Whether a demand is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SayingState {
    /// It is.
    Met,
    /// It is not.
    Unmet,
    /// That is not known.
    Unknown,
}

/// The articles that a rule rests on, named together; the least sure of them says how sure all are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Citation {
    /// The instrument.
    pub doc: String,
    /// The article.
    pub clause: String,
    /// Its words.
    pub text: String,
    /// `in_force`, `superseded`, `repealed` or `not_yet`.
    #[schema(value_type = String)]
    pub state: CitationState,
    /// Whether somebody compared a successor with what it replaced.
    pub verified: bool,
    /// What replaced it.
    pub successor: Option<String>,
}

/// What an article is worth on the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CitationState {
    /// Nothing is recorded against it.
    InForce,
    /// Another article replaced it.
    Superseded,
    /// It was repealed, and nothing replaced it.
    Repealed,
    /// It was not yet in force.
    NotYet,
}

/// Where a rule stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RulePlace {
    /// File.
    pub file: String,
    /// Line.
    pub line: u64,
}

/// Something worth asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenQuestion {
    /// The fact to be filled in, or what is missing.
    pub fact: String,
    /// What is missing, as rules name it.
    pub missing: String,
    /// `fact`, `layer`, `judge`, `crs`, `edition` or `other`.
    pub kind: String,
    /// The question, Chinese.
    pub question_zh: String,
    /// The question, English.
    pub question_en: String,
    /// Who may answer.
    pub who_zh: String,
    /// What proves the answer.
    pub evidence_zh: String,
    /// Rules that wait for it.
    pub rules: Vec<String>,
    /// Whether an answer can prohibit the project.
    pub can_prohibit: bool,
}

/// A change that would help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NearestChange {
    /// `move`, `offset` or `drop`.
    pub kind: String,
    /// What to change, Chinese.
    pub text_zh: String,
    /// What to change, English.
    pub text_en: String,
    /// The verdict then, as screened.
    #[schema(value_type = String)]
    pub verdict: Verdict,
}

/// How rules came to what they say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Traces {
    /// The rules asked for.
    pub rules: Vec<RuleTree>,
    /// Whether any of it is made up.
    #[serde(flatten)]
    pub marked: Marked,
}

/// How one rule came to what it says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RuleTree {
    /// Its id.
    pub id: String,
    /// The explanation.
    pub tree: TreeNode,
}

/// A part of a condition with its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TreeNode {
    /// Its text.
    pub text: String,
    /// Its value; null when it is not known or withheld.
    pub value: Value,
    /// Who said so; `protected` where the value is withheld, because it tells of a protected layer.
    pub source: Option<String>,
    /// What is not known here; absent where nothing can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    /// Its parts.
    #[schema(no_recursion)]
    pub children: Vec<TreeNode>,
}
