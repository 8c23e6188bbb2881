//! What is still worth asking: the missing facts that can change the verdict, the most telling first.
//!
//! A fact is asked only when it stands in a rule whose outcome can still change the verdict, in a part of the
//! condition that is not decided, and when some value of it, with some values of the others, changes the outcome of
//! that rule. The last is proved by trying the values at which the condition can change; where these are too many,
//! the fact is asked. What a rule demands is asked once it is known that the rule is hit. After each answer the
//! list is made again.

use crate::clause::Effect;
use crate::expr::{Answer, Gap, Inputs, Node, Out, PredicateCall, Program, Truth, eval, truth};
use crate::facts::{Answerer, FactType, Facts};
use crate::search::{Given, Sheet, Var, candidates};
use crate::value::Record;
use crate::verdict::{Heard, Laid, Outcome, Piece, Project, RuleKey, Surroundings, Verdict};
use crate::{Boundary, InForce};
use std::collections::{BTreeMap, BTreeSet};

/// Evaluations that one proof about one rule may make.
const TRIALS_MAX: usize = 5_000;
/// Ways to fill in what is missing for which the verdict as a whole is looked at.
const WAYS_MAX: usize = 250;

/// Something worth asking.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct Question {
    /// What is missing, as in [`crate::Screened::missing`]; fields of records as `item.<field>`.
    pub missing: String,
    /// The fact to be filled in, when it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fact: Option<String>,
    /// The question, in Chinese.
    pub question_zh: String,
    /// The question, in English.
    pub question_en: String,
    /// Who may answer.
    pub answer: Answerer,
    /// What proves the answer.
    pub evidence: String,
    /// Heading in forms.
    pub group: String,
    /// Rules that wait for it.
    pub rules: Vec<String>,
    /// Whether an answer can prohibit the project.
    pub can_prohibit: bool,
}

/// What waits for one gap.
#[derive(Default)]
struct Waiting {
    rules: BTreeSet<RuleKey>,
    can_prohibit: bool,
}

impl InForce<'_> {
    /// What is worth asking about a project, the most telling first.
    #[must_use]
    pub fn questions(&self, project: Project<'_>, around: Surroundings<'_>) -> Vec<Question> {
        let laid = Laid::new(self, project, around, Boundary::Drawn);
        let screened = laid.screen();
        let mut questions: Vec<Question> =
            screened.absent.iter().map(|absent| plain(&absent.to_string(), Answerer::Official)).collect();
        if screened.verdict == Verdict::Prohibited || !self.edition_in_force {
            return questions.into_iter().filter(|question| question.missing == "edition").collect();
        }
        let unmet = screened.heard.iter().any(|one| one.outcome == Outcome::Unmet);
        let judged = screened.heard.iter().any(|one| one.outcome == Outcome::NeedsJudgement);
        let mut waiting: BTreeMap<Gap, Waiting> = BTreeMap::new();
        let mut mattering: BTreeSet<RuleKey> = BTreeSet::new();
        laid.hear(&mut |heard, gaps| {
            if !matters(&heard, unmet, judged) {
                return;
            }
            mattering.insert(heard.key);
            let open: Vec<Gap> = match heard.key {
                RuleKey::Row(_) => gaps.to_vec(),
                RuleKey::Clause(number) => {
                    let piece = laid.piece_at(heard.piece);
                    laid.telling_gaps(number, piece, gaps)
                }
            };
            for gap in open {
                let entry = waiting.entry(gap).or_default();
                entry.rules.insert(heard.key);
                entry.can_prohibit |= heard.span.1 == Verdict::Prohibited;
            }
        });
        laid.keep_proved(&mut waiting, &mattering);
        let mut found: Vec<(Question, Gap)> =
            waiting.into_iter().map(|(gap, waiting)| (laid.question(gap, &waiting), gap)).collect();
        found.sort_by_key(|(question, gap)| {
            (!question.can_prohibit, std::cmp::Reverse(question.rules.len()), question.answer, *gap)
        });
        for (question, _) in found {
            if !questions.iter().any(|other| other.missing == question.missing) {
                questions.push(question);
            }
        }
        questions
    }
}

/// Whether the outcome of an open rule can still change the verdict.
fn matters(heard: &Heard, unmet: bool, judged: bool) -> bool {
    match heard.outcome {
        Outcome::NeedsInformation(Effect::Prohibit | Effect::Review) | Outcome::AwaitsJudgement(Effect::Prohibit) => {
            true
        }
        Outcome::NeedsInformation(_) => !unmet,
        // Once an official must decide anyway, only what can end as unmet or prohibited makes a difference.
        Outcome::AwaitsJudgement(_) => !unmet && (!judged || heard.span.1 > Verdict::NeedsJudgement),
        _ => false,
    }
}

fn plain(missing: &str, answer: Answerer) -> Question {
    let (zh, en) = match missing.split(':').next().unwrap_or_default() {
        "crs" => ("坐标采用哪个坐标系（如 CGCS2000、EPSG:4548）？", "Which coordinate system are the coordinates in?"),
        "units" => {
            ("项目范围是否完整落在管控单元内？请核对边界。", "Does the project lie in control units as a whole?")
        }
        "edition" => ("该日期没有生效的版本。", "No edition is in force on that day."),
        "list" => ("该单元的准入清单尚未载入。", "The access list of that unit is not loaded."),
        "submitted" => ("项目何时提交？", "When was the project submitted?"),
        "touches" | "inside" | "overlap_ratio" | "dist_m" => {
            ("该图层在项目处没有完整数据，请补充调查。", "The layer has no complete data here; a survey is needed.")
        }
        "touches_outfall" => ("排污口位于何处（坐标）？", "Where is the outfall?"),
        "headroom" => ("单元剩余允许排放量是多少？", "What has the control unit left?"),
        "judge" => ("须由指定人员研判。", "A named official must determine this."),
        _ => ("规则无法读取，请联系管理单位。", "A rule could not be read."),
    };
    Question {
        missing: missing.to_owned(),
        fact: None,
        question_zh: zh.to_owned(),
        question_en: en.to_owned(),
        answer,
        evidence: String::new(),
        group: String::new(),
        rules: Vec::new(),
        can_prohibit: true,
    }
}

impl Laid<'_> {
    fn question(&self, gap: Gap, waiting: &Waiting) -> Question {
        let rules = self.law.rules;
        let units: Vec<&str> = self.project.ground.units.iter().map(|unit| unit.code.as_str()).collect();
        let name = rules.gap_name(gap, &units);
        let mut question = match gap {
            Gap::Fact(slot) | Gap::Item(slot, _) => {
                let fact = &rules.dictionary.facts()[usize::from(slot)];
                let field = match (&fact.kind, gap) {
                    (FactType::Records { fields }, Gap::Item(_, place)) => fields.get(usize::from(place)),
                    _ => None,
                };
                let told = |question: &str, label: Option<&str>| match label {
                    Some(label) if !label.is_empty() => format!("{question}（{label}）"),
                    _ => question.to_owned(),
                };
                Question {
                    fact: Some(fact.name.clone()),
                    question_zh: told(&fact.question_zh, field.map(|field| field.zh.as_str())),
                    question_en: told(&fact.question_en, field.map(|field| field.en.as_str())),
                    evidence: fact.evidence.clone(),
                    group: fact.group.clone(),
                    ..plain(&name, fact.answer)
                }
            }
            Gap::Submitted => plain(&name, Answerer::Applicant),
            Gap::Predicate(number) => {
                let call = rules.vocabulary.predicates[usize::from(number)].call;
                let outfall = call == PredicateCall::TouchesOutfall && self.project.ground.outfall.is_none();
                plain(&name, if outfall { Answerer::Applicant } else { Answerer::Official })
            }
            _ => plain(&name, Answerer::Official),
        };
        question.rules = waiting.rules.iter().map(|key| rules.rule_id(*key)).collect();
        question.can_prohibit = waiting.can_prohibit;
        question
    }

    /// Where little is missing, looks at all ways to fill it in and drops what never changes the verdict.
    fn keep_proved(&self, waiting: &mut BTreeMap<Gap, Waiting>, open: &BTreeSet<RuleKey>) {
        let rules = self.law.rules;
        let mut programs: Vec<&Program> = Vec::new();
        for key in open {
            match key {
                RuleKey::Clause(number) => {
                    let rule = &rules.rules[*number as usize];
                    if !rule.exceptions.is_empty() || !rule.parks.is_empty() {
                        return;
                    }
                    programs.extend(rule.when.iter().chain(rule.must.iter().filter_map(|must| must.expr.as_ref())));
                }
                RuleKey::Row(_) => return,
            }
        }
        let is_plain = |gap: &Gap| match gap {
            Gap::Fact(slot) => self.project.facts.values.get(usize::from(*slot)).is_some_and(Option::is_none),
            Gap::Predicate(number) => !rules.headrooms.contains(number),
            _ => false,
        };
        if !waiting.keys().all(is_plain) {
            return;
        }
        // Everything unknown that these rules read, what they demand under an open condition included.
        let facts = programs.iter().flat_map(|program| program.facts()).map(Gap::Fact).filter(is_plain);
        let predicates = programs.iter().flat_map(|program| program.predicates());
        let unanswered = |number: &u16| self.answers[usize::from(*number)] == Answer::Unknown(Gap::Predicate(*number));
        let predicates = predicates.filter(unanswered).map(Gap::Predicate);
        let unknown: BTreeSet<Gap> = facts.chain(predicates).collect();
        let mut choices = Vec::new();
        let mut ways = 1usize;
        for gap in unknown {
            let var = match gap {
                Gap::Fact(slot) => Var::Fact(slot),
                Gap::Predicate(number) if is_plain(&gap) => Var::Predicate(number),
                _ => return,
            };
            let values = candidates(rules, &programs, var);
            ways = ways.saturating_mul(values.len() + 1);
            choices.push((gap, var, values));
        }
        if ways > WAYS_MAX {
            return;
        }
        waiting.retain(|gap, _| self.changes_verdict(*gap, &choices, ways));
    }

    fn changes_verdict(&self, target: Gap, choices: &[(Gap, Var, Vec<Given>)], ways: usize) -> bool {
        let mut sheet = Sheet { facts: self.project.facts.values.clone(), answers: self.answers.clone() };
        for way in 0..ways {
            let mut rest = way;
            let mut chosen: Option<(Var, &[Given])> = None;
            for (gap, var, values) in choices {
                let pick = rest % (values.len() + 1);
                rest /= values.len() + 1;
                sheet.set(*var, pick.checked_sub(1).map(|pick| &values[pick]));
                if *gap == target && pick == 0 {
                    chosen = Some((*var, values));
                }
            }
            // Ways in which it is unknown, beside those that differ in it alone.
            let Some((var, values)) = chosen else { continue };
            let before = self.verdict_of(&sheet);
            for value in values {
                sheet.set(var, Some(value));
                if self.verdict_of(&sheet) != before {
                    return true;
                }
            }
        }
        false
    }

    fn verdict_of(&self, sheet: &Sheet) -> Verdict {
        let facts = Facts { values: sheet.facts.clone() };
        let laid = Laid {
            law: self.law,
            project: Project { facts: &facts, ..self.project },
            answers: sheet.answers.clone(),
            pieces: self.pieces.clone(),
            absent: self.absent.clone(),
        };
        laid.screen().verdict
    }

    /// The gaps of a clause that can change its outcome.
    fn telling_gaps(&self, number: u32, piece: Option<&Piece<'_>>, gaps: &[Gap]) -> Vec<Gap> {
        let rule = &self.law.rules.rules[number as usize];
        let inputs = self.inputs(piece);
        let programs = || rule.when.iter().chain(rule.must.iter().filter_map(|must| must.expr.as_ref()));
        let mut open = Vec::new();
        for program in programs() {
            undecided(program, program.root, &inputs, None, &mut open);
        }
        // Exceptions, scopes and dates are few and always worth asking; facts of the condition are looked at.
        let by_condition = |gap: &Gap| {
            matches!(gap, Gap::Fact(_) | Gap::Item(..) | Gap::Predicate(_))
                && rule.exceptions.is_empty()
                && rule.parks.is_empty()
        };
        let telling = |gap: &&Gap| {
            !by_condition(gap)
                || (open.contains(gap) && self.can_change(&programs().collect::<Vec<_>>(), &inputs, **gap))
        };
        gaps.iter().filter(telling).copied().collect()
    }

    /// Whether some value changes whether some condition holds, for some values of the others; true when not proved.
    fn can_change(&self, programs: &[&Program], inputs: &Inputs<'_>, gap: Gap) -> bool {
        let rules = self.law.rules;
        let target = match gap {
            Gap::Fact(slot) if inputs.fact(slot).is_none() => Var::Fact(slot),
            Gap::Predicate(number) => Var::Predicate(number),
            _ => return true,
        };
        let mut sheet = Sheet::empty(rules);
        let mut others: BTreeSet<Var> = BTreeSet::new();
        for program in programs {
            for slot in program.facts() {
                match inputs.fact(slot) {
                    Some(value) => sheet.facts[usize::from(slot)] = Some(value.clone()),
                    None => drop(others.insert(Var::Fact(slot))),
                }
            }
            for number in program.predicates() {
                let answer = inputs.answer(number);
                sheet.answers[usize::from(number)] = answer;
                if matches!(answer, Answer::Unknown(_)) {
                    others.insert(Var::Predicate(number));
                }
            }
        }
        others.remove(&target);
        let values = candidates(rules, programs, target);
        let choices: Vec<_> = others.into_iter().map(|var| (var, candidates(rules, programs, var))).collect();
        let combinations =
            choices.iter().try_fold(1usize, |product, (_, values)| product.checked_mul(values.len() + 1));
        let trials = combinations.and_then(|product| product.checked_mul(values.len() + 1));
        if trials.is_none_or(|trials| trials > TRIALS_MAX) {
            return true;
        }
        let state = |sheet: &Sheet| -> Vec<Truth> { programs.iter().map(|p| truth(p, &sheet.inputs())).collect() };
        for combination in 0..combinations.unwrap_or(0) {
            let mut rest = combination;
            for (var, options) in &choices {
                let pick = rest % (options.len() + 1);
                rest /= options.len() + 1;
                sheet.set(*var, pick.checked_sub(1).map(|pick| &options[pick]));
            }
            sheet.set(target, None);
            let before = state(&sheet);
            for value in &values {
                sheet.set(target, Some(value));
                if state(&sheet) != before {
                    return true;
                }
            }
        }
        false
    }
}

/// The unknown leaves below a node that are not cut off by anything decided.
fn undecided<'a>(program: &'a Program, node: u32, inputs: &Inputs<'a>, item: Option<&'a Record>, found: &mut Vec<Gap>) {
    if eval(program, node, inputs, item) != Out::Unknown {
        return;
    }
    let mut below = |node: u32| undecided(program, node, inputs, item, found);
    match &program.nodes[node as usize] {
        Node::Const(_) => {}
        Node::Fact(slot) => found.push(Gap::Fact(*slot)),
        Node::Field(fact, place) => found.push(Gap::Item(*fact, *place)),
        Node::Predicate(number) => found.push(Gap::Predicate(*number)),
        Node::And(parts) | Node::Or(parts) => parts.iter().for_each(|part| below(*part)),
        Node::Not(inner) | Node::Negative(inner) | Node::InSet(inner, _) => below(*inner),
        Node::Arith(_, a, b) | Node::Order(_, a, b) | Node::InList(a, b) => {
            below(*a);
            below(*b);
        }
        Node::Under(inner, _) => match &program.nodes[*inner as usize] {
            // A code that is not given to its last digit.
            Node::Fact(slot) => found.push(Gap::Fact(*slot)),
            Node::Field(fact, place) => found.push(Gap::Item(*fact, *place)),
            _ => below(*inner),
        },
        Node::Exists(list, predicate) | Node::All(list, predicate) => match eval(program, *list, inputs, item) {
            Out::Records(records) => {
                for record in records {
                    undecided(program, *predicate, inputs, Some(record), found);
                }
            }
            _ => below(*list),
        },
    }
}
