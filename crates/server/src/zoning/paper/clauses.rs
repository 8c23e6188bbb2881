//! Clause by clause: what is demanded, what the project does, whether that is in keeping.

use super::words::{PaperWords, said};
use super::{CasePaper, Materials, percent};
use crate::zoning::answers::{Citation, CitationState, RuleAnswer, SayingState};
use report::{Block, Column, Emphasis, Inline, Row, Runs};
use zoning::{Conf, Dimension};

/// Rows of one table; those that do not decide and are further back are counted.
const ROWS_MAX: usize = 40;
const DIMENSIONS: [(Dimension, &str); 5] = [
    (Dimension::Spatial, "spatial"),
    (Dimension::Emission, "emission"),
    (Dimension::Risk, "risk"),
    (Dimension::Resource, "resource"),
    (Dimension::Procedure, "procedure"),
];

pub(super) fn section(case: &CasePaper<'_>) -> Vec<Block> {
    let answer = case.answer;
    let mut blocks = vec![Block::heading(1, "与管控要求的符合性")];
    let unsure = |rule: &RuleAnswer| matches!(rule.conf, Some(Conf::K | Conf::M));
    if answer.rules.iter().any(unsure) {
        blocks.push(Block::note(Emphasis::Caution, case.view.paper.memory.as_str()));
    }
    blocks.push(Block::heading(2, "各单元共同的要求"));
    let common = |rule: &&RuleAnswer| !answer.units.iter().any(|unit| rule.unit.as_deref() == Some(unit.code.as_str()));
    blocks.extend(dimensions(case, "", &answer.rules.iter().filter(common).collect::<Vec<_>>()));
    for unit in &answer.units {
        let class = unit.class_name_zh.as_deref().unwrap_or_default();
        blocks.push(Block::heading(2, format!("{} {}", unit.code, unit.name)));
        blocks.push(Block::paragraph(format!("{class}，占用地的 {}。", percent(unit.share))));
        let own = answer.rules.iter().filter(|rule| rule.unit.as_deref() == Some(unit.code.as_str()));
        blocks.extend(dimensions(case, &unit.code, &own.collect::<Vec<_>>()));
    }
    blocks.push(Block::paragraph(format!("另有 {} 条条款和准入条件与本项目无关，未列。", answer.not_applicable)));
    blocks
}

/// The dimensions one after another; those without a clause are named together.
fn dimensions(case: &CasePaper<'_>, unit: &str, rules: &[&RuleAnswer]) -> Vec<Block> {
    let (mut blocks, mut silent) = (Vec::new(), Vec::new());
    for (dimension, id) in DIMENSIONS {
        let name = case.view.dimensions.iter().find(|one| one.id == id).map(|one| one.name_zh.as_str());
        let name = name.unwrap_or_else(|| said(&case.view.paper.dimensions, id));
        let own: Vec<&RuleAnswer> = rules.iter().copied().filter(|rule| rule.dimension == dimension).collect();
        let lists = case.materials.lists.iter().find(|(code, _)| code == unit).map(|(_, lists)| lists.as_slice());
        let text = lists.unwrap_or_default().iter().find(|one| one.id == id).map(|one| one.text.as_str());
        let text = text.filter(|text| !text.is_empty());
        if own.is_empty() && text.is_none() {
            if dimension != Dimension::Procedure {
                silent.push(name);
            }
            continue;
        }
        blocks.push(Block::heading(3, name));
        blocks.extend(text.map(|text| Block::paragraph(vec![Inline::strong("清单原文："), Inline::text(text)])));
        if !own.is_empty() {
            blocks.extend(table(&own, case.materials, &case.view.paper));
        }
    }
    if !silent.is_empty() {
        blocks.push(Block::paragraph(format!("{}：没有涉及本项目的条款。", silent.join("、"))));
    }
    blocks
}

fn table(rules: &[&RuleAnswer], materials: &Materials, words: &PaperWords) -> Vec<Block> {
    let rows = rules.iter().take(ROWS_MAX).map(|rule| row(rule, materials, words));
    let mut blocks = vec![Block::Table {
        caption: None,
        columns: vec![Column::new("管控要求", 44), Column::new("本项目情况", 36), Column::new("符合性", 20)],
        rows: rows.collect(),
    }];
    let rest = rules.len().saturating_sub(ROWS_MAX);
    if rest > 0 {
        blocks.push(Block::paragraph(format!("另有 {rest} 条，见案卷。")));
    }
    blocks
}

fn row(rule: &RuleAnswer, materials: &Materials, words: &PaperWords) -> Row {
    let outcome = words.outcome(&rule.outcome);
    let emphasis = outcome.map(|one| one.emphasis).unwrap_or_default();
    let name = outcome.map_or(rule.outcome.as_str(), |one| one.name.as_str());
    let rank = said(&words.ranks, rank(rule));
    let mut demand = vec![Inline::strong(rule.title.as_str()), Inline::text(format!("\n{}（{rank}级）", rule.id))];
    let conf = said(&words.conf, rule.conf.map_or("F", conf));
    if !conf.is_empty() {
        demand.push(Inline::text("　"));
        demand.push(Inline::marked(Emphasis::Caution, conf));
    }
    demand.extend(cite(&rule.cite, words));
    let mut result = vec![Inline::marked(emphasis, name)];
    if rule.deciding {
        result.push(Inline::text("\n决定结论"));
    }
    let cells: [Runs; 3] = [demand.into(), found(rule, materials, words).into(), result.into()];
    Row::new(if rule.deciding { emphasis } else { Emphasis::Plain }, cells)
}

/// What was found: each demand with its state, else the sentence of the outcome; then what is not known.
fn found(rule: &RuleAnswer, materials: &Materials, words: &PaperWords) -> Vec<Inline> {
    let outcome = words.outcome(&rule.outcome);
    let mut lines: Vec<Vec<Inline>> = rule
        .says
        .iter()
        .map(|saying| {
            vec![match saying.state {
                SayingState::Met => Inline::marked(Emphasis::Good, format!("已满足：{}", saying.text)),
                SayingState::Unmet => Inline::marked(Emphasis::Bad, format!("未满足：{}", saying.text)),
                SayingState::Unknown => Inline::text(saying.text.as_str()),
            }]
        })
        .collect();
    let judged = rule.says.iter().any(|saying| saying.state != SayingState::Unknown);
    if !judged {
        lines.extend(outcome.map(|one| vec![Inline::text(one.found.as_str())]));
    }
    if !rule.question.is_empty() && rule.outcome.starts_with("needs_judgement") {
        lines.push(vec![Inline::text(format!("研判事项：{}", rule.question))]);
    }
    if !rule.missing.is_empty() {
        lines.push(vec![Inline::text(format!("尚不明确：{}", some(&materials.missing_in_words(&rule.missing), 4)))]);
    }
    let mut runs = Vec::new();
    for (number, line) in lines.into_iter().enumerate() {
        if number > 0 {
            runs.push(Inline::text("\n"));
        }
        runs.extend(line);
    }
    runs
}

/// The articles, what they are worth, and what replaced them.
fn cite(cite: &Citation, words: &PaperWords) -> Vec<Inline> {
    let named = format!("{} {}", cite.doc, cite.clause).trim().to_owned();
    if named.is_empty() {
        return vec![Inline::text("\n"), Inline::marked(Emphasis::Caution, "没有依据")];
    }
    let mut runs = vec![Inline::text(format!("\n依据：{named}"))];
    if !cite.text.is_empty() {
        runs.push(Inline::text(format!("：“{}”", cite.text)));
    }
    let state = words.cite(cite.state);
    if cite.state == CitationState::InForce {
        runs.push(Inline::text(format!("（{state}）")));
    } else {
        runs.push(Inline::text("\n"));
        let by = cite.successor.as_ref().map(|by| format!("：{by}")).unwrap_or_default();
        runs.push(Inline::marked(Emphasis::Caution, format!("{state}{by}")));
        if !cite.verified {
            runs.push(Inline::text("\n"));
            runs.push(Inline::marked(Emphasis::Caution, said(&words.cites, "unverified")));
        }
    }
    runs
}

const fn rank(rule: &RuleAnswer) -> &'static str {
    match rule.rank {
        zoning::Rank::National => "national",
        zoning::Rank::Province => "province",
        zoning::Rank::City => "city",
        zoning::Rank::Class => "class",
        zoning::Rank::Park => "park",
        zoning::Rank::Unit => "unit",
    }
}

const fn conf(conf: Conf) -> &'static str {
    match conf {
        Conf::F => "F",
        Conf::K => "K",
        Conf::M => "M",
    }
}

/// The first of some words, and how many there are in all.
pub(super) fn some<T: AsRef<str>>(all: &[T], most: usize) -> String {
    let named = all.iter().take(most).map(AsRef::as_ref).collect::<Vec<_>>().join("；");
    if all.len() > most { format!("{named} 等 {} 项", all.len()) } else { named }
}
