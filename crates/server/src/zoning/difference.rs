//! What two answers to one question say differently: yesterday's edition and today's, before a judgement and after.

use super::answers::ScreeningAnswer;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// One thing that the two say differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    /// `edition`, `verdict`, `best`, `worst`, `unit`, `layer`, `rule` or `question`.
    pub what: String,
    /// Of which unit, layer, rule or fact; empty where there is only one.
    pub id: String,
    /// Its name.
    pub title: String,
    /// What the first says; null when it does not speak of it.
    pub from: Option<String>,
    /// What the second says.
    pub to: Option<String>,
}

/// Everything that the second answer says differently from the first, in the order of `what` above.
#[must_use]
pub fn differences(first: &ScreeningAnswer, second: &ScreeningAnswer) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut single = |what: &str, from: &str, to: &str| {
        if from != to {
            let (from, to) = (Some(from.to_owned()), Some(to.to_owned()));
            found.push(Difference { what: what.to_owned(), id: String::new(), title: String::new(), from, to });
        }
    };
    single("edition", &first.edition.hash, &second.edition.hash);
    single("verdict", first.verdict.word(), second.verdict.word());
    single("best", first.best.word(), second.best.word());
    single("worst", first.worst.word(), second.worst.word());
    for (what, said) in [("unit", units as Said), ("layer", layers), ("rule", rules), ("question", questions)] {
        found.extend(differing(what, said(first), said(second)));
    }
    found
}

/// By id: a name, and what is said of it.
type Things = BTreeMap<String, (String, String)>;
type Said = fn(&ScreeningAnswer) -> Things;

fn differing(what: &str, first: Things, mut second: Things) -> Vec<Difference> {
    let mut found = Vec::new();
    for (id, (title, from)) in first {
        let to = second.remove(&id).map(|(_, to)| to);
        if to.as_deref() != Some(&*from) {
            found.push(Difference { what: what.to_owned(), id, title, from: Some(from), to });
        }
    }
    let new = second.into_iter();
    found.extend(new.map(|(id, (title, to))| Difference {
        what: what.to_owned(),
        id,
        title,
        from: None,
        to: Some(to),
    }));
    found
}

fn units(answer: &ScreeningAnswer) -> Things {
    let share = |share: f64| format!("{:.2}%", share * 100.0);
    answer.units.iter().map(|unit| (unit.code.clone(), (unit.name.clone(), share(unit.share)))).collect()
}

fn layers(answer: &ScreeningAnswer) -> Things {
    let said = answer.layers.iter().map(|layer| {
        let met = word(&layer.meeting);
        (layer.key.clone(), (layer.title_zh.clone(), format!("{met} {:.0} m²", layer.area_m2)))
    });
    said.collect()
}

fn rules(answer: &ScreeningAnswer) -> Things {
    answer.rules.iter().map(|rule| (rule.id.clone(), (rule.title.clone(), rule.outcome.clone()))).collect()
}

fn questions(answer: &ScreeningAnswer) -> Things {
    let asked = answer.questions.iter();
    asked.map(|one| (one.fact.clone(), (one.question_zh.clone(), "open".to_owned()))).collect()
}

/// A word of a list as it stands in answers.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}
