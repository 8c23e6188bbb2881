//! The words and shapes of an answer: what the page shows of facts, questions, rules and remedies.

use super::answers::{
    Citation, CitationState, ClauseChange, FactField, FactOption, OpenQuestion, RuleAnswer, RulePlace, Saying,
    SayingState, SiteSize, TreeNode, UnitChange,
};
use serde_json::{Value, json};
use zoning::crs::{Crs, Zone};
use zoning::lineage;
use zoning::shape::{Parts, Shape};
use zoning::{
    Answerer, Basis, Change, Choice, Cite, CiteTrace, Dictionary, Fact, FactType, Field, GuardTrace, MustTrace,
    NodeTrace, Piece, Question, RuleChange, RuleTrace, Trace,
};

/// The outcome of a rule that does not apply.
const NOT_APPLICABLE: &str = "not_applicable";

/// A fact as a field of the form.
pub(super) fn fact(fact: &Fact) -> FactField {
    FactField {
        name: fact.name.clone(),
        question_zh: fact.question_zh.clone(),
        question_en: fact.question_en.clone(),
        who_zh: Some(who(fact.answer).to_owned()),
        evidence_zh: Some(fact.evidence.clone()),
        ..typed(&fact.kind)
    }
}

fn field(field: &Field) -> FactField {
    FactField {
        name: field.name.clone(),
        question_zh: field.zh.clone(),
        question_en: field.en.clone(),
        ..typed(&field.kind)
    }
}

/// What a type says about a field that has no name yet.
fn typed(kind: &FactType) -> FactField {
    let (word, unit, options, fields) = match kind {
        FactType::Bool => ("bool", "", Vec::new(), Vec::new()),
        FactType::Decimal { unit } => ("number", &**unit, Vec::new(), Vec::new()),
        FactType::Enum { values, .. } => ("enum", "", values.iter().map(option).collect(), Vec::new()),
        FactType::Code => ("industry", "", Vec::new(), Vec::new()),
        FactType::Date => ("date", "", Vec::new(), Vec::new()),
        FactType::Text => ("text", "", Vec::new(), Vec::new()),
        FactType::List { of } => return FactField { kind: "list".to_owned(), ..typed(of) },
        FactType::Records { fields } => ("records", "", Vec::new(), fields.iter().map(field).collect()),
    };
    FactField {
        name: String::new(),
        kind: word.to_owned(),
        unit: unit.to_owned(),
        question_zh: String::new(),
        question_en: String::new(),
        who_zh: None,
        evidence_zh: None,
        options,
        fields,
    }
}

fn option(choice: &Choice) -> FactOption {
    FactOption { value: choice.value.clone(), zh: choice.zh.clone(), en: choice.en.clone() }
}

/// Who may answer, in words.
pub(super) const fn who(answer: Answerer) -> &'static str {
    match answer {
        Answerer::Applicant => "申请人",
        Answerer::Official => "主管人员",
        Answerer::Status => "监测",
    }
}

/// A question as the page asks it.
pub(super) fn question(one: Question) -> OpenQuestion {
    OpenQuestion {
        kind: question_kind(&one).to_owned(),
        fact: one.fact.unwrap_or_else(|| one.missing.clone()),
        missing: one.missing,
        question_zh: one.question_zh,
        question_en: one.question_en,
        who_zh: who(one.answer).to_owned(),
        evidence_zh: one.evidence,
        rules: one.rules,
        can_prohibit: one.can_prohibit,
    }
}

/// What a question is about: `fact`, `layer`, `judge`, `crs`, `edition` or `other`.
fn question_kind(question: &Question) -> &'static str {
    if question.fact.is_some() {
        return "fact";
    }
    match question.missing.split(':').next().unwrap_or_default() {
        "touches" | "inside" | "overlap_ratio" | "dist_m" | "touches_outfall" => "layer",
        "judge" => "judge",
        "crs" => "crs",
        "edition" => "edition",
        _ => "other",
    }
}

/// A shape moved on the plane: metres, and degrees from north, clockwise.
pub(super) fn moved(shape: &Shape, metres: f64, bearing: f64) -> Option<Shape> {
    let (east, north) = (metres * bearing.to_radians().sin(), metres * bearing.to_radians().cos());
    shape.carried(|c| Ok::<_, ()>(geo::Coord { x: c.x + east, y: c.y + north })).ok()
}

/// A remedy as a word and sentences.
pub(super) fn change(change: &Change, dictionary: &Dictionary) -> (&'static str, String, String) {
    match change {
        Change::Adjust { adjustments } => {
            let (zh, en): (Vec<_>, Vec<_>) = adjustments
                .iter()
                .map(|one| {
                    let (zh, en) = dictionary.get(&one.fact).map_or((one.fact.as_str(), one.fact.as_str()), |fact| {
                        (fact.question_zh.as_str(), fact.question_en.as_str())
                    });
                    let unit = if one.unit == "1" { "" } else { one.unit.as_str() };
                    (
                        format!("{zh} 由 {} 改为 {} {unit}", one.from, one.to),
                        format!("{en} from {} to {} {unit}", one.from, one.to),
                    )
                })
                .unzip();
            ("offset", zh.join("；"), en.join("; "))
        }
        Change::Drop { fact, items } => {
            let items: Vec<String> =
                items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect();
            ("drop", format!("去掉 {fact}：{}", items.join("、")), format!("drop {} of {fact}", items.join(", ")))
        }
        Change::Move { metres, bearing } => {
            const WINDS_ZH: [&str; 8] = ["北", "东北", "东", "东南", "南", "西南", "西", "西北"];
            const WINDS_EN: [&str; 8] =
                ["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"];
            let wind = usize::from(bearing / 45) % 8;
            (
                "move",
                format!("向{}移动 {metres} 米", WINDS_ZH[wind]),
                format!("move {metres} m to the {}", WINDS_EN[wind]),
            )
        }
    }
}

/// Sizes of the site on the edition's plane and on the ellipsoid.
pub(super) fn geometry(given: &Shape, plane: Option<&Shape>, crs: Option<&Crs>, zone: Zone) -> SiteSize {
    let (mut area, mut control, mut length) = (None, None, None);
    match plane.map(Shape::parts) {
        Some(Parts::Areas(areas)) => {
            area = Some(zoning::measure::plane_area(areas));
            control = zoning::measure::area_control(&zone, areas).ok().map(|control| control.ellipsoid_m2);
        }
        Some(Parts::Lines(lines)) => length = Some(zoning::measure::plane_length(lines)),
        _ => {}
    }
    let kind = match given.parts() {
        Parts::Points(_) => "point",
        Parts::Lines(_) => "line",
        Parts::Areas(_) => "area",
    };
    SiteSize {
        kind: kind.to_owned(),
        area_plane_m2: area,
        area_ellipsoid_m2: control,
        length_m: length,
        crs: crs.map(Crs::name),
    }
}

/// What each rule says, those that decide first; rules that do not apply are counted elsewhere.
pub(super) fn rules(trace: &Trace, most: usize) -> Vec<RuleAnswer> {
    let deciding = |id: &str| trace.deciding.iter().any(|one| one == id);
    let clauses = trace.rules.iter().filter(|rule| rule.outcome != NOT_APPLICABLE).map(|rule| RuleAnswer {
        id: rule.id.clone(),
        title: rule.title.clone(),
        dimension: rule.dimension,
        rank: rule.rank,
        effect: rule.effect_now,
        outcome: rule.outcome.clone(),
        deciding: deciding(&rule.id),
        unit: rule.unit.clone(),
        cite: cite(&rule.cites),
        conf: rule.conf,
        says: says(rule),
        question: rule.question.clone(),
        missing: rule.missing.clone(),
        at: RulePlace { file: rule.file.clone(), line: rule.line },
        has_tree: true,
    });
    let rows = trace.rows.iter().filter(|row| row.outcome != NOT_APPLICABLE).map(|row| RuleAnswer {
        id: row.id.clone(),
        title: row.say.clone(),
        dimension: row.dimension,
        rank: row.rank,
        effect: row.effect_now,
        outcome: row.outcome.clone(),
        deciding: deciding(&row.id),
        unit: Some(row.unit.clone()),
        cite: cite(&row.cites),
        conf: None,
        says: Vec::new(),
        question: String::new(),
        missing: row.missing.clone(),
        at: RulePlace { file: row.file.clone(), line: u64::from(row.line) },
        has_tree: false,
    });
    let mut all: Vec<RuleAnswer> = clauses.chain(rows).collect();
    all.sort_by_key(|rule| (!rule.deciding, rule.missing.is_empty()));
    all.truncate(most);
    all
}

/// How many rules and rows do not apply.
pub(super) fn not_applicable(trace: &Trace) -> usize {
    trace.rules.iter().filter(|rule| rule.outcome == NOT_APPLICABLE).count() + trace.rows_not_applicable
}

/// The demands of a rule, or the lines of what it says.
fn says(rule: &RuleTrace) -> Vec<Saying> {
    if rule.must.is_empty() {
        let lines = rule.say.split('\n').filter(|line| !line.is_empty());
        return lines.map(|line| Saying { text: line.to_owned(), state: SayingState::Unknown }).collect();
    }
    let state = |node: Option<&NodeTrace>| match node.map(|node| &node.value) {
        Some(Value::Bool(true)) => SayingState::Met,
        Some(Value::Bool(false)) => SayingState::Unmet,
        _ => SayingState::Unknown,
    };
    rule.must.iter().map(|must| Saying { text: must.say.clone(), state: state(must.node.as_ref()) }).collect()
}

/// The articles of a rule as one: several are named together, and the least sure of them says how sure all are.
fn cite(cites: &[CiteTrace]) -> Citation {
    let named = |cite: &Cite| format!("{} {}", cite.doc, cite.clause).trim().to_owned();
    let (doc, clause) = match cites {
        [one] => (one.cite.doc.clone(), one.cite.clause.clone()),
        all => (all.iter().map(|one| named(&one.cite)).collect::<Vec<_>>().join("；"), String::new()),
    };
    let text =
        cites.iter().map(|one| one.cite.text.as_str()).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("；");
    let successors: Vec<String> = cites
        .iter()
        .filter_map(|one| match &one.basis {
            Basis::Succeeded { by, .. } => Some(named(by)),
            _ => None,
        })
        .collect();
    let any = |test: fn(&Basis) -> bool| cites.iter().any(|one| test(&one.basis));
    let state = if any(|basis| matches!(basis, Basis::Repealed { .. })) {
        CitationState::Repealed
    } else if !successors.is_empty() {
        CitationState::Superseded
    } else if any(|basis| matches!(basis, Basis::NotYet { .. })) {
        CitationState::NotYet
    } else {
        CitationState::InForce
    };
    let unverified = any(|basis| matches!(basis, Basis::Succeeded { verified: false, .. }));
    Citation {
        doc,
        clause,
        text,
        state,
        verified: !unverified,
        successor: (!successors.is_empty()).then(|| successors.join("；")),
    }
}

/// A condition with the value of each part, as the page draws it.
fn tree(node: &NodeTrace) -> TreeNode {
    TreeNode {
        text: node.text.clone(),
        value: node.value.clone(),
        source: (!node.source.is_empty()).then(|| node.source.clone()),
        missing: Some(node.missing.clone()),
        children: node.parts.iter().map(tree).collect(),
    }
}

/// A rule's whole explanation: where it holds, when it is hit, what it then asks.
pub(super) fn explanation(rule: &RuleTrace) -> TreeNode {
    let plain = |text: &str, value: Value, children: Vec<TreeNode>| TreeNode {
        text: text.to_owned(),
        value,
        source: None,
        missing: None,
        children,
    };
    let guard = |guard: &GuardTrace| plain(&guard.name, guard.value.into(), Vec::new());
    let must = |must: &MustTrace| {
        let value = must.node.as_ref().map_or(Value::Null, |node| node.value.clone());
        plain(&must.say, value, must.node.iter().map(tree).collect())
    };
    let guards = rule.guards.iter().map(guard);
    let musts = rule.must.iter().map(must);
    let excepted = rule.exceptions.iter().map(guard);
    let children = guards.chain(rule.when.iter().map(tree)).chain(musts).chain(excepted).collect();
    plain(&rule.title, rule.outcome.as_str().into(), children)
}

/// A shape as a GeoJSON geometry.
pub(super) fn geojson(shape: &geo::Geometry<f64>) -> Value {
    use geo::{Geometry, LineString, Polygon};
    let line = |line: &LineString<f64>| line.0.iter().map(|c| json!([c.x, c.y])).collect::<Vec<_>>();
    let area =
        |area: &Polygon<f64>| std::iter::once(area.exterior()).chain(area.interiors()).map(line).collect::<Vec<_>>();
    match shape {
        Geometry::Point(point) => json!({ "type": "Point", "coordinates": [point.x(), point.y()] }),
        Geometry::MultiPoint(points) => {
            json!({ "type": "MultiPoint", "coordinates": points.iter().map(|point| [point.x(), point.y()]).collect::<Vec<_>>() })
        }
        Geometry::LineString(one) => json!({ "type": "LineString", "coordinates": line(one) }),
        Geometry::MultiLineString(lines) => {
            json!({ "type": "MultiLineString", "coordinates": lines.iter().map(line).collect::<Vec<_>>() })
        }
        Geometry::Polygon(one) => json!({ "type": "Polygon", "coordinates": area(one) }),
        Geometry::MultiPolygon(areas) => {
            json!({ "type": "MultiPolygon", "coordinates": areas.iter().map(area).collect::<Vec<_>>() })
        }
        _ => Value::Null,
    }
}

/// What became of some units, as a row.
pub(super) fn unit_change(change: &lineage::Change) -> UnitChange {
    use lineage::Change::{Gone, Merged, Moved, New, Redrawn, Same, Split};
    let one = |code: &String| vec![code.clone()];
    let (kind, from, to, area_m2) = match change {
        Same { old, new } => ("same", one(old), one(new), 0.0),
        Moved { old, new, lost_m2, won_m2 } => ("moved", one(old), one(new), lost_m2 + won_m2),
        Split { old, new } => ("split", one(old), new.clone(), 0.0),
        Merged { old, new } => ("merged", old.clone(), one(new), 0.0),
        Redrawn { old, new } => ("moved", old.clone(), new.clone(), 0.0),
        Gone { old } => ("gone", one(old), Vec::new(), 0.0),
        New { new } => ("new", Vec::new(), one(new), 0.0),
    };
    UnitChange { kind: kind.to_owned(), from, to, area_m2 }
}

/// What happened to a clause, as a row with both texts.
pub(super) fn rule_change(change: &RuleChange) -> ClauseChange {
    let side = |text: &[Piece], skip: fn(&Piece) -> bool| -> String {
        let kept = text.iter().filter(|piece| !skip(piece)).map(|piece| match piece {
            Piece::Same(text) | Piece::Removed(text) | Piece::Added(text) => text.as_str(),
        });
        kept.collect()
    };
    let (kind, from, to) = match change {
        RuleChange::Added { text, .. } => ("added", None, Some(text.clone())),
        RuleChange::Removed { text, .. } => ("removed", Some(text.clone()), None),
        RuleChange::Altered { text, .. } => {
            let from = side(text, |piece| matches!(piece, Piece::Added(_)));
            ("changed", Some(from), Some(side(text, |piece| matches!(piece, Piece::Removed(_)))))
        }
    };
    ClauseChange { id: change.id().to_owned(), kind: kind.to_owned(), from_text: from, to_text: to }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_to_the_east_adds_to_x() {
        let there = moved(&Shape::point(1.0, 2.0).unwrap(), 10.0, 90.0).unwrap();
        assert!((there.bounds().min.x - 11.0).abs() < 1e-9 && (there.bounds().min.y - 2.0).abs() < 1e-9);
    }
}
