//! The paper about a screening case: 与生态环境分区管控符合性分析, clause by clause in the four dimensions.
//!
//! A pure function from values to a [`report::Document`]: the same case gives the same bytes. What the program says
//! stands beside what an official signed; neither changes the other.

mod clauses;
mod facts;
mod words;

pub use facts::{ToldFact, told};
pub use words::{OutcomeWords, PaperWords};

use super::answers::{MetLayer, MetUnit, ScreeningAnswer, UnitDimension};
use super::view::View;
use report::{
    Align, Block, Column, Document, Emphasis, Fact, Inline, LinkTarget, MapSketch, Notice, Row, Runs, SignatureLine,
    Stamp,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use zoning::Verdict;
use zoning::ground::Meeting;

/// A case with everything that its paper shows.
#[derive(Clone, Copy, Debug)]
pub struct CasePaper<'a> {
    /// The number that people see.
    pub number: &'a str,
    /// What the project is called.
    pub title: &'a str,
    /// When the case was made, Beijing time, as people write it.
    pub issued_at: &'a str,
    /// The same instant in UTC, for the file's own date.
    pub made_at: Option<&'a Stamp>,
    /// Who made the case.
    pub by: &'a str,
    /// The bureau.
    pub issuer: &'a str,
    /// The answer on record.
    pub answer: &'a ScreeningAnswer,
    /// Hash of the answer's bytes.
    pub answer_hash: &'a str,
    /// What was asked and told.
    pub materials: &'a Materials,
    /// What officials signed, the oldest first.
    pub judgements: &'a [SignedJudgement],
    /// Address of the case.
    pub link: &'a str,
    /// Last day on which the answer may be relied on; none when only a change of edition ends it.
    pub valid_until: Option<&'a str>,
    /// Names and colours of the map.
    pub view: &'a View,
}

/// What a paper shows beside the answer.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Materials {
    /// The facts of the project.
    pub facts: Vec<ToldFact>,
    /// The texts of the units' own lists, by unit code.
    pub lists: Vec<(String, Vec<UnitDimension>)>,
    /// What is not known, in words.
    pub missing: BTreeMap<String, String>,
    /// The map; none when it cannot be drawn.
    pub map: Option<MapSketch>,
}

impl Materials {
    fn missing_in_words(&self, missing: &[String]) -> Vec<String> {
        missing.iter().map(|one| self.missing.get(one).unwrap_or(one).clone()).collect()
    }
}

/// A determination that a named official signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedJudgement {
    /// The key that rules asked for; none when it is about the case as a whole.
    pub key: Option<String>,
    /// Who signed.
    pub official: String,
    /// By which authority.
    pub authority: String,
    /// What was decided.
    pub value: String,
    /// Why.
    pub reason: String,
    /// When, Beijing time.
    pub at: String,
    /// When it was revoked, if it was.
    pub revoked_at: Option<String>,
}

impl SignedJudgement {
    const fn holds_for_the_case(&self) -> bool {
        self.key.is_none() && self.revoked_at.is_none()
    }
}

/// The paper of a case.
#[must_use]
pub fn paper(case: &CasePaper<'_>) -> Document {
    let words = &case.view.paper;
    let signed = case.judgements.iter().any(SignedJudgement::holds_for_the_case);
    let mut paper = Document::new(words.title.as_str());
    paper.subtitle = Some(case.title.to_owned());
    paper.number = Some(case.number.to_owned());
    paper.issuer = Some(case.issuer.to_owned());
    paper.made_at = case.made_at.cloned();
    if case.answer.marked.synthetic {
        paper.notices.push(Notice::new(Emphasis::Caution, words.synthetic.as_str()));
    }
    let standing = if signed { (Emphasis::Plain, &words.signed) } else { (Emphasis::Unknown, &words.draft) };
    paper.notices.push(Notice::new(standing.0, standing.1.as_str()));
    let sections = [
        verdict,
        signatures_given,
        project,
        site,
        clauses::section,
        layers,
        assessed,
        unknown,
        changes,
        validity,
        check,
    ];
    for section in sections {
        paper.blocks.extend(section(case));
    }
    paper
}

/// The paper as data: the answer with its number, its standing and what was signed.
#[must_use]
pub fn paper_json(case: &CasePaper<'_>) -> Value {
    let judgements = case.judgements.iter().map(|one| {
        json!({
            "key": one.key, "official": one.official, "authority": one.authority, "value": one.value, "reason": one.reason,
            "at": one.at, "revoked_at": one.revoked_at,
        })
    });
    json!({
        "number": case.number, "title": case.title, "issued_at": case.issued_at, "by": case.by, "issuer": case.issuer,
        "link": case.link, "valid_until": case.valid_until, "answer_hash": case.answer_hash,
        "signed": case.judgements.iter().any(SignedJudgement::holds_for_the_case),
        "notice_zh": paper(case).notices.iter().map(|notice| notice.text.as_str()).collect::<Vec<_>>(),
        "facts": case.materials.facts.iter().map(facts::json).collect::<Vec<_>>(),
        "judgements": judgements.collect::<Vec<_>>(), "answer": case.answer,
    })
}

fn word(case: &CasePaper<'_>, verdict: Verdict) -> Inline {
    let name = case.view.verdict(verdict).map_or_else(|| verdict.word().to_owned(), |words| words.name_zh.clone());
    Inline::marked(case.view.paper.emphasis(verdict), name)
}

fn verdict(case: &CasePaper<'_>) -> Vec<Block> {
    let (answer, words) = (case.answer, &case.view.paper);
    let mut said = vec![
        Inline::text(format!(
            "依据{}（{}）和 {} 有效的条款，本项目的系统研判意见为",
            answer.edition.title_zh, answer.edition.id, answer.as_of
        )),
        word(case, answer.verdict),
        Inline::text("。"),
    ];
    said.extend(answer.sentence_zh.as_deref().map(Inline::text));
    let mut rows = vec![Fact::new("结论", word(case, answer.verdict))];
    if answer.best != answer.worst {
        rows.push(Fact::new("最好情形", word(case, answer.best)));
        rows.push(Fact::new("最差情形", word(case, answer.worst)));
    }
    let deciding: Vec<&str> =
        answer.rules.iter().filter(|rule| rule.deciding).map(|rule| rule.title.as_str()).collect();
    if !deciding.is_empty() {
        rows.push(Fact::new("决定结论的条款", clauses::some(&deciding, 8)));
    }
    rows.push(Fact::new("研判时间", case.issued_at));
    rows.push(Fact::new("提出人", case.by));
    let mut blocks = vec![Block::heading(1, "研判结论"), Block::paragraph(said), Block::facts(rows)];
    if answer.unverified_basis {
        blocks.push(Block::note(Emphasis::Caution, words.unverified.as_str()));
    }
    blocks
}

fn signatures_given(case: &CasePaper<'_>) -> Vec<Block> {
    let words = &case.view.paper;
    let mut blocks = vec![Block::heading(1, "签发意见")];
    if !case.judgements.iter().any(SignedJudgement::holds_for_the_case) {
        blocks.push(Block::note(Emphasis::Unknown, words.unsigned.as_str()));
    }
    for one in case.judgements {
        let about = one.key.clone().unwrap_or_else(|| "本案".to_owned());
        let named = case.view.verdicts.iter().find(|words| words.verdict.word() == one.value);
        let value = named.map_or(one.value.as_str(), |words| words.name_zh.as_str());
        let mut rows = vec![
            Fact::new("事项", about),
            Fact::new("意见", Inline::strong(value)),
            Fact::new("理由", one.reason.as_str()),
            Fact::new("签发人", one.official.as_str()),
            Fact::new("职权依据", one.authority.as_str()),
            Fact::new("签发时间", one.at.as_str()),
        ];
        rows.extend(
            one.revoked_at.as_ref().map(|at| Fact::new("撤销时间", Inline::marked(Emphasis::Bad, at.as_str()))),
        );
        blocks.push(Block::facts(rows));
    }
    if !case.judgements.is_empty() {
        blocks.push(Block::paragraph(words.beside.as_str()));
    }
    blocks
}

fn project(case: &CasePaper<'_>) -> Vec<Block> {
    let mut blocks = vec![Block::heading(1, "项目情况"), Block::facts([Fact::new("项目名称", case.title)])];
    blocks.extend(facts::tables(&case.materials.facts));
    blocks
}

fn site(case: &CasePaper<'_>) -> Vec<Block> {
    let (answer, words) = (case.answer, &case.view.paper);
    let size = &answer.geometry;
    let mut rows = vec![Fact::new("坐标系", size.crs.as_deref().unwrap_or("未申报"))];
    if let Some(area) = size.area_plane_m2 {
        rows.push(Fact::new("用地面积", format!("{} 公顷（{area:.2} m²，高斯—克吕格平面）", hectares(area))));
    }
    if let Some(area) = size.area_ellipsoid_m2 {
        rows.push(Fact::new("椭球面积", format!("{} 公顷（对照，不作为认定面积）", hectares(area))));
    }
    rows.extend(size.length_m.map(|length| Fact::new("线路长度", format!("{length:.2} m"))));
    if size.kind == "point" {
        rows.push(Fact::new("图形", "点（没有面积）"));
    }
    let mut blocks = vec![Block::heading(1, "用地与管控单元"), Block::facts(rows)];
    if size.crs.is_none() {
        blocks.push(Block::note(Emphasis::Unknown, words.undeclared.as_str()));
        return blocks;
    }
    let long = size.kind == "line";
    blocks.push(Block::Table {
        caption: Some("涉及的环境管控单元".to_owned()),
        columns: vec![
            Column::new("单元编码", 24),
            Column::new("单元名称", 30),
            Column::new("类别", 16),
            Column::new(if long { "长度（m）" } else { "面积（公顷）" }, 14).aligned(Align::End),
            Column::new("占比", 10).aligned(Align::End),
            Column::new("说明", 16),
        ],
        rows: answer.units.iter().map(|unit| unit_row(unit, long, words)).collect(),
    });
    if !answer.tiled {
        blocks.push(Block::note(Emphasis::Caution, words.untiled.as_str()));
    }
    blocks.push(match &case.materials.map {
        Some(sketch) => Block::Map { sketch: sketch.clone(), caption: words.map.clone() },
        None => Block::note(Emphasis::Unknown, words.map_missing.as_str()),
    });
    blocks
}

fn unit_row(unit: &MetUnit, long: bool, words: &PaperWords) -> Row {
    let size = if long { format!("{:.2}", unit.size) } else { hectares(unit.size) };
    let remark = if unit.sliver { words.sliver.as_str() } else { "" };
    let class = unit.class_name_zh.as_deref().unwrap_or(&unit.class);
    let emphasis = if unit.sliver { Emphasis::Caution } else { Emphasis::Plain };
    Row::new(emphasis, [unit.code.as_str(), &unit.name, class, &size, &percent(unit.share), remark])
}

fn layers(case: &CasePaper<'_>) -> Vec<Block> {
    let words = &case.view.paper;
    if case.answer.geometry.crs.is_none() {
        return Vec::new();
    }
    let rows = case.answer.layers.iter().map(|layer| layer_row(layer, words));
    vec![
        Block::heading(1, "涉及的要素图层"),
        Block::Table {
            caption: None,
            columns: vec![
                Column::new("图层", 28),
                Column::new("关系", 16),
                Column::new("面积、长度或距离", 22).aligned(Align::End),
                Column::new("占比", 12).aligned(Align::End),
                Column::new("精度", 12).aligned(Align::End),
                Column::new("覆盖", 14),
            ],
            rows: rows.collect(),
        },
    ]
}

/// What was assessed once for the area.
fn assessed(case: &CasePaper<'_>) -> Vec<Block> {
    let words = &case.view.paper;
    let facts = case.answer.assessments.iter().map(|one| {
        let days = [one.from.as_deref().unwrap_or("—"), one.to.as_deref().unwrap_or("—")];
        let term = words.assessment_term.replace("{from}", days[0]).replace("{to}", days[1]);
        let standing = if one.valid {
            Inline::marked(Emphasis::Good, term)
        } else {
            Inline::marked(Emphasis::Unknown, format!("{term}（{}）", words.assessment_over))
        };
        Block::facts([
            Fact::new("区域", one.name.as_str()),
            Fact::new("有效期", standing),
            Fact::new("可免于开展", one.exempt.join("；")),
            Fact::new("共享的成果", one.studies.join("；")),
        ])
    });
    let facts: Vec<Block> = facts.collect();
    if facts.is_empty() {
        return facts;
    }
    std::iter::once(Block::heading(1, "区域评估")).chain(facts).collect()
}

fn layer_row(layer: &MetLayer, words: &PaperWords) -> Row {
    let unknown = layer.coverage != zoning::ground::Coverage::Complete;
    let emphasis = match layer.meeting {
        _ if unknown => Emphasis::Unknown,
        Meeting::Sliver => Emphasis::Caution,
        _ => Emphasis::Plain,
    };
    let size = match layer.meeting {
        Meeting::Apart => layer.distance_m.map_or_else(|| "—".to_owned(), |metres| format!("相距 {metres:.1} m")),
        _ if layer.area_m2 > 0.0 => format!("{} 公顷", hectares(layer.area_m2)),
        _ if layer.length_m > 0.0 => format!("{:.2} m", layer.length_m),
        _ => "—".to_owned(),
    };
    // Names often begin with the layer's own title.
    let short = |name: &str| name.strip_prefix(layer.title_zh.as_str()).unwrap_or(name).trim().to_owned();
    let features: Vec<String> =
        layer.features.iter().map(|one| short(&one.name)).filter(|name| !name.is_empty()).collect();
    let name = if features.is_empty() || layer.meeting == Meeting::Apart {
        layer.title_zh.clone()
    } else {
        format!("{}\n{}", layer.title_zh, clauses::some(&features, 3))
    };
    let share = if layer.meeting == Meeting::Apart { "—".to_owned() } else { percent(layer.share) };
    let coverage = words.coverage(layer.coverage);
    let coverage: Runs = if unknown { Inline::marked(Emphasis::Unknown, coverage).into() } else { coverage.into() };
    let cells: [Runs; 6] = [
        name.into(),
        words.meeting(layer).into(),
        size.into(),
        share.into(),
        format!("±{} m", layer.accuracy_m).into(),
        coverage,
    ];
    Row::new(emphasis, cells)
}

fn unknown(case: &CasePaper<'_>) -> Vec<Block> {
    let answer = case.answer;
    let mut blocks = vec![Block::heading(1, "未知事项")];
    if answer.questions.is_empty() && answer.missing.is_empty() {
        blocks.push(Block::paragraph("没有会改变结论的未知事项。"));
        return blocks;
    }
    if !answer.questions.is_empty() {
        let rows = answer.questions.iter().map(|one| {
            let (emphasis, weight) = if one.can_prohibit {
                (Emphasis::Unknown, "可致禁止")
            } else {
                (Emphasis::Plain, "可改变结论")
            };
            Row::new(emphasis, [one.question_zh.as_str(), &one.who_zh, &one.evidence_zh, weight])
        });
        blocks.push(Block::Table {
            caption: Some("须补充的信息（答复后可改变结论）".to_owned()),
            columns: vec![
                Column::new("问题", 46),
                Column::new("由谁答复", 14),
                Column::new("证明材料", 24),
                Column::new("影响", 16),
            ],
            rows: rows.collect(),
        });
    }
    if answer.questions.is_empty() {
        blocks.push(Block::paragraph(format!(
            "尚有 {} 项未知，答复后均不会改变结论：{}。",
            answer.missing.len(),
            clauses::some(&case.materials.missing_in_words(&answer.missing), 12)
        )));
    }
    blocks
}

fn changes(case: &CasePaper<'_>) -> Vec<Block> {
    let (answer, words) = (case.answer, &case.view.paper);
    if answer.nearest.is_empty() && !answer.nearest_none {
        return Vec::new();
    }
    let mut blocks = vec![Block::heading(1, "可行的调整")];
    if answer.nearest_none {
        blocks.push(Block::paragraph(words.nothing_near.as_str()));
        return blocks;
    }
    blocks.push(Block::paragraph(words.nearest.as_str()));
    let rows = answer.nearest.iter().map(|one| {
        let cells: [Runs; 2] = [one.text_zh.as_str().into(), word(case, one.verdict).into()];
        Row::new(words.emphasis(one.verdict), cells)
    });
    blocks.push(Block::Table {
        caption: None,
        columns: vec![Column::new("调整", 72), Column::new("调整后的结论", 28)],
        rows: rows.collect(),
    });
    blocks
}

fn validity(case: &CasePaper<'_>) -> Vec<Block> {
    let (answer, words) = (case.answer, &case.view.paper);
    let until =
        case.valid_until.map_or_else(|| words.until_edition.clone(), |day| words.until_day.replace("{day}", day));
    let mut rows = vec![
        Fact::new("界线内缩时", word(case, answer.tolerance.minus)),
        Fact::new("按图所示", word(case, answer.tolerance.zero)),
        Fact::new("界线外扩时", word(case, answer.tolerance.plus)),
        Fact::new("有效期", until),
    ];
    rows.extend(answer.ledger_as_of.as_ref().map(|day| Fact::new("允许排放量台账", format!("截至 {day}"))));
    rows.extend(answer.status_as_of.as_ref().map(|day| Fact::new("单元环境状况", format!("截至 {day}"))));
    let (emphasis, sentence) = if answer.tolerance.survey_needed {
        (Emphasis::Caution, &words.survey)
    } else {
        (Emphasis::Plain, &words.steady)
    };
    vec![
        Block::heading(1, "精度与效力"),
        Block::facts(rows),
        Block::note(emphasis, sentence.as_str()),
        Block::paragraph(words.validity.as_str()),
    ]
}

fn check(case: &CasePaper<'_>) -> Vec<Block> {
    let (answer, words) = (case.answer, &case.view.paper);
    let signed = case.judgements.iter().rev().find(|one| one.holds_for_the_case());
    let mut lines: Vec<SignatureLine> = words.signatures.iter().map(SignatureLine::blank).collect();
    if let (Some(signed), [.., name, day]) = (signed, lines.as_mut_slice()) {
        name.value = Some(signed.official.clone());
        day.value = Some(signed.at.clone());
    }
    let mut blocks = vec![Block::Signatures { lines }, Block::heading(1, "核验")];
    let address: Runs = match LinkTarget::parse(case.link) {
        Ok(target) => Inline::link(case.link, target).into(),
        Err(_) => case.link.into(),
    };
    if !case.link.is_empty() && case.link.len() <= Block::CODE_BYTES_MAX {
        blocks.push(Block::Code { text: case.link.to_owned(), caption: words.link.clone() });
    }
    blocks.push(Block::facts([
        Fact::new("案卷地址", address),
        Fact::new("版本校验值", answer.edition.hash.as_str()),
        Fact::new("答复校验值", case.answer_hash),
        Fact::new("研判引擎", answer.engine.as_str()),
    ]));
    blocks
}

/// Hectares with four decimals, as reports have them.
fn hectares(m2: f64) -> String {
    format!("{:.4}", m2 / 10_000.0)
}

/// A share in per cent; a share that is not whole never looks whole, and one that is there never looks like none.
fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if share > 1.0 - 1e-9 {
        return "100%".to_owned();
    }
    if percent > 0.0 && percent < 0.01 {
        return "<0.01%".to_owned();
    }
    if percent < 100.0 && percent > 99.99 {
        return ">99.99%".to_owned();
    }
    format!("{percent:.2}%")
}
