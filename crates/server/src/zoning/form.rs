//! The words and shapes of an answer: what the page shows of facts, questions, rules and remedies.

use serde_json::{Value, json};
use zoning::crs::{Crs, Zone};
use zoning::lineage;
use zoning::shape::{Parts, Shape};
use zoning::{
    Answerer, Basis, Change, Choice, Cite, CiteTrace, Dictionary, Fact, FactType, Field, NodeTrace, Piece, Question,
    RuleChange, RuleTrace, Trace,
};

/// A fact as a field of the form.
pub(super) fn fact(fact: &Fact) -> Value {
    let mut value = typed(&fact.kind);
    value["name"] = fact.name.as_str().into();
    value["question_zh"] = fact.question_zh.as_str().into();
    value["question_en"] = fact.question_en.as_str().into();
    value["who_zh"] = who(fact.answer).into();
    value["evidence_zh"] = fact.evidence.as_str().into();
    value
}

fn field(field: &Field) -> Value {
    let mut value = typed(&field.kind);
    value["name"] = field.name.as_str().into();
    value["question_zh"] = field.zh.as_str().into();
    value["question_en"] = field.en.as_str().into();
    value
}

fn choices(values: &[Choice]) -> Vec<Value> {
    values.iter().map(|choice| json!({ "value": choice.value, "zh": choice.zh, "en": choice.en })).collect()
}

fn typed(kind: &FactType) -> Value {
    match kind {
        FactType::Bool => json!({ "type": "bool", "unit": "", "options": [], "fields": [] }),
        FactType::Decimal { unit } => json!({ "type": "number", "unit": &**unit, "options": [], "fields": [] }),
        FactType::Enum { values, .. } => {
            json!({ "type": "enum", "unit": "", "options": choices(values), "fields": [] })
        }
        FactType::Code => json!({ "type": "industry", "unit": "", "options": [], "fields": [] }),
        FactType::Date => json!({ "type": "date", "unit": "", "options": [], "fields": [] }),
        FactType::Text => json!({ "type": "text", "unit": "", "options": [], "fields": [] }),
        FactType::List { of } => {
            let mut value = typed(of);
            value["type"] = "list".into();
            value
        }
        FactType::Records { fields } => {
            json!({ "type": "records", "unit": "", "options": [], "fields": fields.iter().map(field).collect::<Vec<_>>() })
        }
    }
}

/// Who may answer, in words.
pub(super) const fn who(answer: Answerer) -> &'static str {
    match answer {
        Answerer::Applicant => "申请人",
        Answerer::Official => "主管人员",
        Answerer::Status => "监测",
    }
}

/// What a question is about: `fact`, `layer`, `judge`, `crs`, `edition` or `other`.
pub(super) fn question_kind(question: &Question) -> &'static str {
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
pub(super) fn geometry(given: &Shape, plane: Option<&Shape>, crs: Option<&Crs>, zone: Zone) -> Value {
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
    json!({ "kind": kind, "area_plane_m2": area, "area_ellipsoid_m2": control, "length_m": length, "crs": crs.map(Crs::name) })
}

/// What each rule says, those that decide first; rules that do not apply are counted elsewhere.
pub(super) fn rules(trace: &Trace, most: usize) -> Vec<Value> {
    let deciding = |id: &str| trace.deciding.iter().any(|one| one == id);
    let clauses = trace.rules.iter().filter(|rule| rule.outcome != "not_applicable").map(|rule| {
        let says: Vec<Value> = if rule.must.is_empty() {
            rule.say.split('\n').filter(|say| !say.is_empty()).map(|say| json!({ "text": say, "state": "unknown" })).collect()
        } else {
            let state = |node: Option<&zoning::NodeTrace>| match node.map(|node| &node.value) {
                Some(Value::Bool(true)) => "met",
                Some(Value::Bool(false)) => "unmet",
                _ => "unknown",
            };
            rule.must.iter().map(|must| json!({ "text": must.say, "state": state(must.node.as_ref()) })).collect()
        };
        json!({
            "id": rule.id, "title": rule.title, "dimension": rule.dimension, "rank": rule.rank, "effect": rule.effect_now,
            "outcome": rule.outcome, "deciding": deciding(&rule.id), "unit": rule.unit, "cite": cite(&rule.cites), "conf": rule.conf,
            "says": says, "question": rule.question, "missing": rule.missing, "at": { "file": rule.file, "line": rule.line },
            "has_tree": true,
        })
    });
    let rows = trace.rows.iter().filter(|row| row.outcome != "not_applicable").map(|row| {
        json!({
            "id": row.id, "title": row.say, "dimension": row.dimension, "rank": row.rank, "effect": row.effect_now,
            "outcome": row.outcome, "deciding": deciding(&row.id), "unit": row.unit, "cite": cite(&row.cites), "conf": null,
            "says": [], "question": "", "missing": row.missing, "at": { "file": row.file, "line": row.line }, "has_tree": false,
        })
    });
    let mut all: Vec<Value> = clauses.chain(rows).collect();
    all.sort_by_key(|rule| (rule["deciding"] != true, rule["missing"].as_array().is_none_or(Vec::is_empty)));
    all.truncate(most);
    all
}

/// The articles of a rule as one: several are named together, and the least sure of them says how sure all are.
fn cite(cites: &[CiteTrace]) -> Value {
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
        "repealed"
    } else if !successors.is_empty() {
        "superseded"
    } else if any(|basis| matches!(basis, Basis::NotYet { .. })) {
        "not_yet"
    } else {
        "in_force"
    };
    let unverified = any(|basis| matches!(basis, Basis::Succeeded { verified: false, .. }));
    json!({
        "doc": doc, "clause": clause, "text": text, "state": state, "verified": !unverified,
        "successor": (!successors.is_empty()).then(|| successors.join("；")),
    })
}

/// A condition with the value of each part, as the page draws it.
pub(super) fn tree(node: &NodeTrace) -> Value {
    json!({
        "text": node.text, "value": node.value, "source": (!node.source.is_empty()).then_some(&node.source),
        "missing": node.missing, "children": node.parts.iter().map(tree).collect::<Vec<_>>(),
    })
}

/// A rule's whole explanation: where it holds, when it is hit, what it then asks.
pub(super) fn explanation(rule: &RuleTrace) -> Value {
    let guards = rule
        .guards
        .iter()
        .map(|guard| json!({ "text": guard.name, "value": guard.value, "source": null, "children": [] }));
    let when = rule.when.iter().map(tree);
    let musts = rule.must.iter().map(|must| {
        let children: Vec<Value> = must.node.iter().map(tree).collect();
        json!({ "text": must.say, "value": must.node.as_ref().map(|node| &node.value), "source": null, "children": children })
    });
    let excepted = rule
        .exceptions
        .iter()
        .map(|guard| json!({ "text": guard.name, "value": guard.value, "source": null, "children": [] }));
    let children: Vec<Value> = guards.chain(when).chain(musts).chain(excepted).collect();
    json!({ "text": rule.title, "value": rule.outcome, "source": null, "children": children })
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
pub(super) fn unit_change(change: &lineage::Change) -> Value {
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
    json!({ "kind": kind, "from": from, "to": to, "area_m2": area_m2 })
}

/// What happened to a clause, as a row with both texts.
pub(super) fn rule_change(change: &RuleChange) -> Value {
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
    json!({ "id": change.id(), "kind": kind, "from_text": from, "to_text": to })
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
