//! Clauses: one rule each, with its condition, what it does, and what it rests on.

use crate::citation::Cite;
use crate::expr::{self, Program, Vocabulary};
use crate::facts::Dictionary;
use crate::finding::{RuleFile, RuleFinding, error};
use norms::{Day, Term};
use toml::Spanned;

/// The kind of requirement.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Dimension {
    /// 空间布局约束
    Spatial,
    /// 污染物排放管控
    Emission,
    /// 环境风险防控
    Risk,
    /// 资源开发效率
    Resource,
    /// 管理程序
    Procedure,
}

/// Who set the rule, from the whole country down.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Rank {
    /// 国家
    National,
    /// 省
    Province,
    /// 市
    City,
    /// A class of units.
    Class,
    /// A park.
    Park,
    /// A control unit.
    Unit,
}

impl Rank {
    /// Higher sets the floor for lower; parks and units stand side by side.
    #[must_use]
    pub const fn level(self) -> u8 {
        match self {
            Self::National => 5,
            Self::Province => 4,
            Self::City => 3,
            Self::Class => 2,
            Self::Park | Self::Unit => 1,
        }
    }
}

/// What a rule does when its condition holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// The project may not stand here.
    Prohibit,
    /// The project must meet conditions.
    Require,
    /// An official must look.
    Review,
    /// Another procedure applies.
    Procedure,
    /// The project is welcome; cancels nothing.
    Encourage,
}

impl Effect {
    /// Its word in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Prohibit => "prohibit",
            Self::Require => "require",
            Self::Review => "review",
            Self::Procedure => "procedure",
            Self::Encourage => "encourage",
        }
    }

    pub(crate) fn by_word(word: &str) -> Option<Self> {
        let all = [Self::Prohibit, Self::Require, Self::Review, Self::Procedure, Self::Encourage];
        all.into_iter().find(|effect| effect.word() == word)
    }
}

/// Which date of the project picks the edition of a rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Applies {
    /// The day of submission.
    Submitted,
    /// The day of decision, which is the as-of date.
    #[default]
    Decided,
}

/// How sure we are of a clause: found, from knowledge, or modelled.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Deserialize, serde::Serialize)]
pub enum Conf {
    /// Found in a public source.
    F,
    /// From knowledge; not verified.
    K,
    /// Modelled; numbers are made up.
    M,
}

/// Where a rule holds, beside its condition. Empty parts say nothing.
#[derive(Clone, PartialEq, Debug, Default, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scope {
    /// Codes of control units.
    pub units: Vec<String>,
    /// Classes of control units: `priority`, `key`, `general`.
    pub classes: Vec<String>,
    /// Parks, each the layer `park:<key>`.
    pub parks: Vec<String>,
    /// The element it is about; a label that narrows nothing.
    pub element: String,
}

/// A condition that a project must meet.
#[derive(Clone, PartialEq, Debug)]
pub struct Must {
    /// Its condition; none when it could not be read.
    pub(crate) expr: Option<Program>,
    /// Its text.
    pub source: String,
    /// In plain words.
    pub say: String,
    /// What proves it: `permit`, `commitment`, `survey`.
    pub evidence: String,
}

/// A project with answers and what the rule makes of it.
#[derive(Clone, PartialEq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The rule, in a file of examples.
    #[serde(default)]
    pub rule: String,
    /// `hit`, `miss`, `unknown`, or other words.
    pub name: String,
    /// Facts by name.
    #[serde(default)]
    pub facts: toml::Table,
    /// Predicates by `call:key`, such as `touches:redline`.
    #[serde(default)]
    pub answers: toml::Table,
    /// The outcome, such as `prohibited` or `needs_information(prohibit)`.
    pub expect: String,
    /// What is missing, when that is to be checked.
    pub missing: Option<Vec<String>>,
}

/// One clause.
#[derive(Clone, PartialEq, Debug)]
pub struct Rule {
    /// Stable, never used again.
    pub id: String,
    /// In plain words.
    pub title: String,
    /// Kind of requirement.
    pub dimension: Dimension,
    /// Who set it.
    pub rank: Rank,
    /// What it does.
    pub effect: Effect,
    /// Where it holds.
    pub scope: Scope,
    pub(crate) when: Option<Program>,
    /// Text of its condition.
    pub when_source: String,
    /// What a project must meet, for `require`.
    pub must: Vec<Must>,
    /// What the official decides, for `review`.
    pub question: String,
    /// What holds, for `procedure` and `encourage`.
    pub say: String,
    /// Remark.
    pub note: String,
    /// Rules that, where they apply, set this one aside.
    pub unless_rule: Vec<String>,
    pub(crate) exceptions: Vec<u32>,
    /// Days in which it is in force.
    pub effective: Term,
    /// Which date picks.
    pub applies: Applies,
    /// What it rests on.
    pub cites: Vec<Cite>,
    /// How sure we are.
    pub conf: Option<Conf>,
    /// Whether it speaks of existing plants.
    pub existing: bool,
    /// Number of its rule set.
    pub(crate) set: u16,
    /// Numbers of the predicates that ask whether a park of its scope is touched.
    pub(crate) parks: Vec<u16>,
    /// Whether the answer may differ between control units.
    pub(crate) by_unit: bool,
    /// File it stands in.
    pub file: String,
    /// Line of its head.
    pub line: u64,
}

/// The head of a file of rules.
#[derive(Clone, PartialEq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleSetHead {
    #[serde(default)]
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) edition: String,
    pub(crate) effective_from: Option<toml::Value>,
    pub(crate) effective_to: Option<toml::Value>,
    #[serde(default)]
    pub(crate) default: String,
    #[serde(default)]
    pub(crate) existing: Existing,
    pub(crate) lists: Option<toml::Value>,
    #[serde(default, rename = "note")]
    _note: String,
}

/// Which rules speak of existing plants (`kind = existing`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Existing {
    /// The condition of a rule decides alone.
    #[default]
    ByCondition,
    /// Only rules that say `existing = true` or name `'existing'` in their condition.
    Declared,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFileBody {
    ruleset: Option<RuleSetHead>,
    #[serde(default)]
    rule: Vec<Spanned<RawRule>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: String,
    #[serde(default)]
    title: String,
    dimension: Dimension,
    rank: Rank,
    effect: Effect,
    #[serde(default)]
    scope: Scope,
    when: Spanned<String>,
    #[serde(default)]
    must: Vec<RawMust>,
    #[serde(default)]
    question: String,
    #[serde(default)]
    say: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    unless_rule: Vec<String>,
    #[serde(default)]
    effective: RawTerm,
    #[serde(default)]
    applies: Applies,
    cite: Option<RawCites>,
    conf: Option<Conf>,
    existing: Option<bool>,
    #[serde(default)]
    example: Vec<Spanned<Example>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMust {
    expr: Spanned<String>,
    #[serde(default)]
    say: String,
    #[serde(default)]
    evidence: String,
}

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTerm {
    from: Option<toml::Value>,
    to: Option<toml::Value>,
}

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum RawCites {
    Text(String),
    One(RawCite),
    Many(Vec<RawCites>),
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCite {
    doc: String,
    #[serde(default)]
    clause: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    repealed: bool,
    successor: Option<Box<RawCites>>,
}

impl RawCites {
    fn cites(self) -> Vec<Cite> {
        match self {
            Self::Text(text) => Cite::parse(&text),
            Self::One(raw) => {
                let successor = raw.successor.and_then(|raw| raw.cites().into_iter().next()).map(Box::new);
                vec![Cite { doc: raw.doc, clause: raw.clause, text: raw.text, repealed: raw.repealed, successor }]
            }
            Self::Many(many) => many.into_iter().flat_map(Self::cites).collect(),
        }
    }
}

/// The clauses of one file.
#[derive(Default)]
pub(crate) struct Clauses {
    pub(crate) head: Option<RuleSetHead>,
    pub(crate) rules: Vec<Rule>,
    /// Examples with the line of their head.
    pub(crate) examples: Vec<(Example, u64)>,
}

/// Reads a file of rules. A rule whose condition cannot be read stays, as one that is never known.
pub(crate) fn read(
    file: &RuleFile,
    set: u16,
    dictionary: &Dictionary,
    vocabulary: &mut Vocabulary,
    findings: &mut Vec<RuleFinding>,
) -> Clauses {
    let body: RuleFileBody = match toml::from_str(&file.text) {
        Ok(body) => body,
        Err(problem) => {
            findings.push(file.toml_error(&problem));
            return Clauses::default();
        }
    };
    let mut clauses = Clauses { head: body.ruleset, ..Clauses::default() };
    for raw in body.rule {
        let line = file.line_at(raw.span().start);
        let mut raw = raw.into_inner();
        for example in raw.example.drain(..) {
            let at = file.line_at(example.span().start);
            clauses.examples.push((Example { rule: raw.id.clone(), ..example.into_inner() }, at));
        }
        clauses.rules.push(rule_of(file, set, line, raw, dictionary, vocabulary, findings));
    }
    clauses
}

/// Reads a file of examples: `[[example]]` with `rule`.
pub(crate) fn read_examples(file: &RuleFile, findings: &mut Vec<RuleFinding>) -> Vec<(Example, u64)> {
    #[derive(serde::Deserialize)]
    struct Body {
        #[serde(default)]
        example: Vec<Spanned<Example>>,
    }
    match toml::from_str::<Body>(&file.text) {
        Ok(body) => body
            .example
            .into_iter()
            .map(|example| {
                let line = file.line_at(example.span().start);
                (example.into_inner(), line)
            })
            .collect(),
        Err(problem) => {
            findings.push(file.toml_error(&problem));
            Vec::new()
        }
    }
}

fn rule_of(
    file: &RuleFile,
    set: u16,
    line: u64,
    raw: RawRule,
    dictionary: &Dictionary,
    vocabulary: &mut Vocabulary,
    findings: &mut Vec<RuleFinding>,
) -> Rule {
    let mut compile = |text: &Spanned<String>, field: &str, findings: &mut Vec<RuleFinding>| {
        expr::compile(text.get_ref(), dictionary, vocabulary)
            .map_err(|problem| {
                let breaks = text.get_ref().get(..problem.at).unwrap_or_default().matches('\n').count() as u64;
                // A line break behind the opening quotes of a long text is not part of it.
                let opening = file.text.get(text.span().start..).unwrap_or_default().trim_start_matches(['"', '\'']);
                let dropped = opening.starts_with(['\n', '\r']) && !text.get_ref().starts_with(['\n', '\r']);
                let at = file.line_at(text.span().start) + breaks + u64::from(dropped);
                let field = format!("{}.{field}", raw.id);
                let value = text.get_ref().get(problem.at..).unwrap_or_default();
                findings.push(error("expression", &file.path, Some(at), &field, value, &problem.zh, &problem.en));
            })
            .ok()
    };
    let when = compile(&raw.when, "when", findings);
    let must: Vec<Must> = raw
        .must
        .iter()
        .map(|must| Must {
            expr: compile(&must.expr, "must", findings),
            source: must.expr.get_ref().clone(),
            say: must.say.clone(),
            evidence: must.evidence.clone(),
        })
        .collect();
    let park = |key: &String| vocabulary.intern(expr::PredicateCall::Touches, &format!("park:{key}"));
    let parks: Vec<u16> = raw.scope.parks.iter().filter_map(park).collect();
    let mut problem = |code, field: &str, value: &str, zh: &str, en: &str| {
        let field = format!("{}.{field}", raw.id);
        findings.push(error(code, &file.path, Some(line), &field, value, zh, en));
    };
    for class in &raw.scope.classes {
        if class_digit(class).is_none() {
            problem("scope", "scope.classes", class, "单元类别应为 priority、key 或 general", "no class of units");
        }
    }
    if (raw.effect == Effect::Require) == must.is_empty() {
        let (zh, en) = ("effect = require 须有 must，其他效果不得有", "`require` has `must`, nothing else has");
        problem("must", "must", "", zh, en);
    }
    let mut day = |value: &Option<toml::Value>, field: &str| {
        let day = value.as_ref().map(day_of);
        if day == Some(None) {
            problem("effective", field, "", "应为日期，如 2026-01-01", "a date such as 2026-01-01 is wanted");
        }
        day.flatten()
    };
    let effective =
        Term { from: day(&raw.effective.from, "effective.from"), to: day(&raw.effective.to, "effective.to") };
    let names_existing = |program: &Program| {
        program.nodes.iter().any(|node| match node {
            expr::Node::Const(crate::value::Value::Text(text)) => text.as_ref() == "existing",
            expr::Node::InSet(_, values) => {
                values.iter().any(|v| matches!(v, crate::value::Value::Text(text) if text.as_ref() == "existing"))
            }
            _ => false,
        })
    };
    Rule {
        existing: raw.existing.unwrap_or_else(|| when.as_ref().is_some_and(names_existing)),
        id: raw.id,
        title: raw.title,
        dimension: raw.dimension,
        rank: raw.rank,
        effect: raw.effect,
        by_unit: !raw.scope.units.is_empty() || !raw.scope.classes.is_empty(),
        scope: raw.scope,
        when,
        when_source: raw.when.into_inner(),
        must,
        question: raw.question,
        say: raw.say,
        note: raw.note,
        unless_rule: raw.unless_rule,
        exceptions: Vec::new(),
        effective,
        applies: raw.applies,
        cites: raw.cite.map(RawCites::cites).unwrap_or_default(),
        conf: raw.conf,
        set,
        parks,
        file: file.path.clone(),
        line,
    }
}

/// A date of TOML, or a text that is one.
pub(crate) fn day_of(value: &toml::Value) -> Option<Day> {
    match value {
        toml::Value::Datetime(datetime) => {
            let date = datetime.date?;
            Day::from_ymd(i32::from(date.year), u32::from(date.month), u32::from(date.day))
        }
        toml::Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// The digit of a class of units in their codes.
pub(crate) fn class_digit(class: &str) -> Option<u8> {
    match class {
        "priority" | "优先" | "1" => Some(1),
        "key" | "重点" | "2" => Some(2),
        "general" | "一般" | "3" => Some(3),
        _ => None,
    }
}
