//! Examples of rules: a project in a few words and what the rule makes of it, run by every check.

use crate::clause::Example;
use crate::expr::{Answer, Gap, PredicateCall};
use crate::facts::Facts;
use crate::finding::{RuleFinding, error};
use crate::ground::Ground;
use crate::ruleset::RuleSet;
use crate::surroundings::{Judgements, Ledger, Status};
use crate::verdict::{Laid, Outcome, Project, Surroundings};
use crate::{Boundary, Number};
use norms::{Day, Term};

impl RuleSet {
    /// Runs the examples of every rule. Each is judged by the rule's condition alone, without its scope of units and
    /// without its dates.
    pub(crate) fn run_examples(&self, findings: &mut Vec<RuleFinding>) {
        for (example, file, line) in &self.examples {
            if let Err((zh, en)) = self.run_example(example) {
                let field = format!("{}.example.{}", example.rule, example.name);
                findings.push(error("example_failed", file, Some(*line), &field, &example.expect, &zh, &en));
            }
        }
    }

    fn run_example(&self, example: &Example) -> Result<(), (String, String)> {
        let said = |text: String| (text.clone(), text);
        let number = self.rules.iter().position(|rule| rule.id == example.rule);
        let number = number.ok_or_else(|| said(format!("没有规则 {} / there is no such rule", example.rule)))?;
        let object = serde_json::to_value(&example.facts).unwrap_or_default();
        let object = object.as_object().cloned().unwrap_or_default();
        if let Some(name) = object.keys().find(|name| self.dictionary.get(name).is_none()) {
            return Err(said(format!("事实字典中没有“{name}” / the fact “{name}” is not known")));
        }
        let facts = Facts::from_json(&self.dictionary, &object)
            .map_err(|errors| said(errors.first().map(ToString::to_string).unwrap_or_default()))?;
        let (outcome, missing) = self.answer_alone(number, &facts, &example.answers).map_err(said)?;
        if outcome.to_string() != example.expect {
            let zh = format!("结果为 {outcome}，与示例不符");
            return Err((zh, format!("the outcome is {outcome}")));
        }
        match &example.missing {
            Some(wanted) if *wanted != missing => {
                Err(said(format!("缺失项为 {missing:?} / what is missing is {missing:?}")))
            }
            _ => Ok(()),
        }
    }

    fn answer_alone(
        &self,
        number: usize,
        facts: &Facts,
        given: &toml::Table,
    ) -> Result<(Outcome, Vec<String>), String> {
        // A copy of the clauses that holds whatever the day and the unit.
        let mut alone = Self {
            dictionary: self.dictionary.clone(),
            vocabulary: self.vocabulary.clone(),
            rules: self.rules.clone(),
            sets: self.sets.clone(),
            kind: self.kind,
            ..Self::default()
        };
        let rule = alone.rules.get_mut(number).ok_or("no rule")?;
        (rule.by_unit, rule.effective) = (false, Term::default());
        let effect = rule.effect;
        let mut law = alone.on(Day(0), Term::default());
        law.clauses.iter_mut().for_each(|state| state.in_force = true);
        law.clauses[number].effect = effect;
        let (ground, judgements) = (Ground::default(), Judgements::default());
        let (ledger, status) = (Ledger::default(), Status::default());
        let project = Project { facts, ground: &ground, judgements: &judgements, submitted: None, crs_declared: true };
        let around = Surroundings { ledger: &ledger, status: &status };
        let mut laid = Laid::new(&law, project, around, Boundary::Drawn);
        for (name, value) in given {
            let place = self
                .vocabulary
                .predicates
                .iter()
                .position(|p| name.split_once(':').is_some_and(|(call, key)| p.call.name() == call && p.key == key))
                .ok_or_else(|| format!("没有规则用到 {name} / no rule asks {name}"))?;
            laid.answers[place] = answer_of(value, place, self.vocabulary.predicates[place].call)
                .ok_or_else(|| format!("{name} 的答案类型不对 / the answer to {name} is of the wrong type"))?;
        }
        let mut gaps: Vec<Gap> = Vec::new();
        #[expect(clippy::cast_possible_truncation, reason = "clauses are thousands")]
        let (outcome, _) = laid.clause(number as u32, None, &mut gaps);
        let mut missing: Vec<String> = gaps.iter().map(|gap| self.gap_name(*gap, &[])).collect();
        missing.sort_unstable();
        missing.dedup();
        Ok((outcome, missing))
    }
}

fn answer_of(value: &toml::Value, place: usize, call: PredicateCall) -> Option<Answer> {
    let is_number = matches!(call, PredicateCall::DistM | PredicateCall::OverlapRatio | PredicateCall::Headroom);
    match value {
        toml::Value::Boolean(value) if !is_number => Some(Answer::Bool(*value)),
        toml::Value::Integer(value) if is_number => Some(Answer::Number(Number::whole(*value))),
        toml::Value::Float(value) if is_number => Number::from_f64(*value, 6).map(Answer::Number),
        toml::Value::String(text) if text == "sliver" => {
            Some(Answer::Unknown(Gap::Boundary(u16::try_from(place).ok()?)))
        }
        toml::Value::String(text) if is_number => text.parse().ok().map(Answer::Number),
        _ => None,
    }
}
