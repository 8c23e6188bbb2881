//! Verdicts: the question, the answer, and what keeps it answerable.

use super::assessments::assessments;
use super::{Answer, Desk, DeskError, HITS_MAX, Open, reading};
use crate::office::today;
use crate::zoning::answers::{
    EditionName, FactDictionary, FactGroup, IndustryHits, MetLayer, MetUnit, NearestChange, RuleTree, ScreeningAnswer,
    ToleranceAnswer, Traces,
};
use crate::zoning::form;
use crate::zoning::industry::{self, Industry};
use crate::zoning::veil::Veil;
use crate::zoning::view::Sight;
use norms::{Day, Term};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use zoning::crs::Crs;
use zoning::ground::{Coverage, Ground, Meeting, UnitPiece};
use zoning::shape::Shape;
use zoning::{Change, Facts, Judgements, Project, Surroundings, Trace, Verdict};

/// Rules that an answer lists beside those that decide.
const RULES_SHOWN_MAX: usize = 500;

/// A question about a site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScreenQuestion {
    /// Id of the edition; the one in force on the day by default.
    #[serde(default)]
    pub edition: Option<String>,
    /// The day whose law is asked, today by default.
    #[serde(default)]
    pub as_of: Option<String>,
    /// Coordinate system of the geometry; without one the answer is that it is needed.
    #[serde(default)]
    pub crs: Option<String>,
    /// GeoJSON geometry, or `{"wkt": "…"}`.
    #[schema(value_type = Object)]
    pub geometry: Value,
    /// Whole width in metres of the ground that a line takes, as a road or a pipeline; a line alone has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corridor_m: Option<f64>,
    /// Place of the outfall, in the same system.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub outfall: Option<Value>,
    /// What is known, by name.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub facts: serde_json::Map<String, Value>,
}

/// What the records add to a question.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// What officials determined.
    pub judgements: Judgements,
    /// The days of the edition as they were known at some time; as they are known now by default.
    pub term: Option<Term>,
}

/// An answer with what is needed to keep it and to give it again.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Id of the edition.
    pub edition_id: String,
    /// Hash of its content.
    pub edition_hash: String,
    /// The day whose law was asked.
    pub as_of: Day,
    /// The answer. The same question of the same edition, judgements and engine gives the same bytes.
    pub answer: ScreeningAnswer,
    /// Codes of the units that the site lies in, in the order of the answer.
    pub units: Vec<String>,
    /// The site on the edition's plane; none when its coordinate system was not declared.
    pub site: Option<Shape>,
    /// How the rules came to it.
    pub trace: Trace,
}

impl Desk {
    /// The fact dictionary as a form.
    ///
    /// # Errors
    /// When there is no such edition.
    pub fn facts(&self, id: &str, sight: Sight) -> Answer<FactDictionary> {
        let open = self.find(id, sight)?;
        let mut groups: Vec<FactGroup> = Vec::new();
        for fact in open.edition.rules.dictionary().facts() {
            let described = form::fact(fact);
            match groups.iter_mut().find(|group| group.id == fact.group) {
                Some(group) => group.facts.push(described),
                None => groups.push(FactGroup {
                    id: fact.group.clone(),
                    name_zh: fact.group.clone(),
                    name_en: fact.group.clone(),
                    facts: vec![described],
                }),
            }
        }
        Ok(FactDictionary { groups, marked: self.mark(Some(open)) })
    }

    /// Industries by code, name or initials of their pinyin.
    #[must_use]
    pub fn industries(&self, text: &str) -> IndustryHits {
        let wanted = text.trim().to_lowercase();
        let hits = self.industries.iter().filter(|one| industry::matches(&wanted, &one.code, &one.name));
        let mut items: Vec<&Industry> = hits.take(500).collect();
        items.sort_by_key(|one| (std::cmp::Reverse(one.code.len()), one.name.chars().count()));
        items.truncate(HITS_MAX);
        IndustryHits { items: items.into_iter().map(Into::into).collect(), synthetic: false }
    }

    /// A verdict with everything that a person needs to follow it; nothing is stored.
    ///
    /// # Errors
    /// When the question is wrong.
    pub fn screen(&self, question: &ScreenQuestion, sight: Sight) -> Answer<ScreeningAnswer> {
        self.judged(question, &Known::default(), sight).map(|judged| judged.answer)
    }

    /// The trace of one rule or of all.
    ///
    /// # Errors
    /// When the question is wrong.
    pub fn trace(&self, question: &ScreenQuestion, rule: Option<&str>, sight: Sight) -> Answer<Traces> {
        let judged = self.judged(question, &Known::default(), sight)?;
        let wanted = judged.trace.rules.iter().filter(|one| rule.is_none_or(|rule| one.id == rule));
        let rules = wanted.map(|one| RuleTree { id: one.id.clone(), tree: form::explanation(one) }).collect();
        Ok(Traces { rules, marked: judged.answer.marked })
    }

    /// A verdict with what is needed to keep it, under what officials determined.
    ///
    /// # Errors
    /// When the question is wrong.
    pub fn judged(&self, question: &ScreenQuestion, known: &Known, sight: Sight) -> Answer<Judged> {
        let day = match question.as_of.as_deref() {
            None | Some("") => today(),
            Some(text) => text
                .parse()
                .map_err(|_| DeskError::Bad("as_of", format!("“{text}”不是日期"), format!("“{text}” is no date")))?,
        };
        let open = match &question.edition {
            Some(id) => self.find(id, sight)?,
            None => self.asked(day)?,
        };
        let edition = &open.edition;
        let dictionary = edition.rules.dictionary();
        let facts = Facts::from_json(dictionary, &question.facts).map_err(|errors| {
            let words = errors.iter().map(|error| {
                (format!("{}：{}", error.field, error.message_zh), format!("{}: {}", error.field, error.message_en))
            });
            DeskError::all("facts", words)
        })?;
        let shape = reading::geometry(&question.geometry)?;
        let outfall = question.outfall.as_ref().map(reading::geometry).transpose()?;
        let crs = match question.crs.as_deref() {
            None | Some("") => None,
            Some(text) => Some(text.parse::<Crs>().map_err(|fault| {
                DeskError::Bad(
                    "crs",
                    format!("{}，{}", fault.zh(), fault.action_zh()),
                    format!("{fault}, {}", fault.action_en()),
                )
            })?),
        };
        let plane = crs.as_ref().map(|crs| open.site(crs, &shape, question.corridor_m)).transpose()?;
        let ground = match (&crs, &plane) {
            (Some(crs), Some(site)) => {
                let outfall = outfall.as_ref().map(|outfall| open.on_plane(crs, outfall)).transpose()?;
                open.ground(site, outfall.as_ref(), &open.everything)
            }
            _ => Ground::default(),
        };
        let law = self.law(open, day, known.term.unwrap_or_else(|| self.term(edition)));
        let project = Project {
            facts: &facts,
            ground: &ground,
            judgements: &known.judgements,
            submitted: None,
            crs_declared: crs.is_some(),
        };
        let around = Surroundings { ledger: &edition.ledger, status: &edition.status };
        let mut trace = law.trace(project, around, edition.id());
        let veil = self.veil(open, sight);
        let still = veil.decided_by_hidden(&trace);
        veil.trace(&mut trace);
        let tolerance = law.tolerance(project, around);
        let mover = |metres: f64, bearing: f64| {
            let moved = form::moved(plane.as_ref()?, metres, bearing)?;
            Some(edition.map.ground(&moved, None, &edition.wanted))
        };
        let remedies = law.remedies(project, around, Some(&mover));
        let told = remedies.iter().filter(|remedy| !(still && matches!(remedy.change, Change::Move { .. })));
        let nearest = told.map(|remedy| {
            let (kind, text_zh, text_en) = form::change(&remedy.change, dictionary);
            let (text_zh, text_en) = veil.texts((text_zh, text_en));
            NearestChange { kind: kind.to_owned(), text_zh, text_en, verdict: remedy.verdict }
        });
        let words = self.view.verdict(trace.verdict);
        let head = &edition.files.head;
        let answer = ScreeningAnswer {
            edition: EditionName {
                id: edition.id().to_owned(),
                title_zh: head.title_zh.clone(),
                title_en: head.title_en.clone(),
                hash: edition.files.hash.whole.clone(),
            },
            as_of: day.to_string(),
            engine: trace.engine.clone(),
            verdict: trace.verdict,
            best: trace.best,
            worst: trace.worst,
            verdict_zh: words.map(|words| words.name_zh.clone()),
            verdict_en: words.map(|words| words.name_en.clone()),
            sentence_zh: words.map(|words| words.sentence_zh.clone()),
            sentence_en: words.map(|words| words.sentence_en.clone()),
            tolerance: ToleranceAnswer {
                minus: tolerance.shrunk,
                zero: tolerance.drawn,
                plus: tolerance.grown,
                survey_needed: tolerance.within_tolerance,
            },
            geometry: form::geometry(plane.as_ref().unwrap_or(&shape), plane.as_ref(), crs.as_ref(), edition.zone),
            units: ground.units.iter().map(|unit| self.piece(unit)).collect(),
            tiled: ground.tiled,
            layers: self.layers_met(open, &ground, sight),
            assessments: assessments(open, &ground, day, &self.view, sight),
            rules: form::rules(&trace, RULES_SHOWN_MAX),
            not_applicable: form::not_applicable(&trace),
            questions: veil.questions(law.questions(project, around).into_iter().map(form::question).collect()),
            missing: trace.missing.clone(),
            unverified_basis: trace.unverified_basis,
            nearest: nearest.collect(),
            nearest_none: remedies.is_empty()
                && matches!(trace.verdict, Verdict::Prohibited | Verdict::RestrictedUnmet),
            ledger_as_of: trace.ledger_as_of.clone(),
            status_as_of: trace.status_as_of.clone(),
            marked: self.mark(Some(open)),
        };
        Ok(Judged {
            edition_id: answer.edition.id.clone(),
            edition_hash: answer.edition.hash.clone(),
            as_of: day,
            units: answer.units.iter().map(|unit| unit.code.clone()).collect(),
            site: plane,
            answer,
            trace,
        })
    }

    /// What somebody is not told of an edition's layers.
    pub(super) fn veil(&self, open: &Open, sight: Sight) -> Veil {
        Veil::new(&self.view, open.edition.files.layers.iter().map(|layer| &layer.entry), sight)
    }

    fn piece(&self, unit: &UnitPiece) -> MetUnit {
        let class = self.view.class(unit.class);
        MetUnit {
            code: unit.code.clone(),
            name: unit.name.clone(),
            class: unit.class.to_string(),
            size: unit.size,
            share: unit.share,
            sliver: unit.sliver,
            class_name_zh: class.map(|class| class.name_zh.clone()),
            class_name_en: class.map(|class| class.name_en.clone()),
        }
    }

    /// Layers that the site meets, and those that rules ask and cannot be sure of or measure to.
    fn layers_met(&self, open: &Open, ground: &Ground, sight: Sight) -> Vec<MetLayer> {
        let used = open.edition.rules.layers_used();
        let distances = open.edition.rules.distance_layers();
        let shown = open.edition.files.layers.iter().filter(|layer| self.view.shows(&layer.entry.key, sight));
        let met = shown.filter_map(|layer| {
            let key = layer.entry.key.as_str();
            let finding = ground.layers.get(key)?;
            let asked = used.contains(key) && (finding.coverage != Coverage::Complete || distances.contains_key(key));
            let told = finding.meeting != Meeting::Apart || asked;
            told.then(|| MetLayer::new(key, &layer.entry.title_zh, &layer.entry.title_en, finding))
        });
        met.collect()
    }
}
