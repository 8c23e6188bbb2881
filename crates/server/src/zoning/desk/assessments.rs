//! Area assessments (区域评估 “一本制”): what was assessed once for an area and need not be done again inside.
//!
//! A layer holds them when its features have the columns `assessment_from`, `assessment_to` and `exempt` or `studies`,
//! lists joined with `;`.

use super::Open;
use crate::zoning::answers::AreaAssessment;
use crate::zoning::view::{Sight, View};
use norms::Day;
use zoning::ground::Ground;

/// The assessments whose area holds the whole site. A site that reaches out of its area, or lies in two, has none: what
/// was studied does not cover it.
pub(super) fn assessments(open: &Open, ground: &Ground, day: Day, view: &View, sight: Sight) -> Vec<AreaAssessment> {
    let layers = open.edition.files.layers.iter().filter(|layer| view.shows(&layer.entry.key, sight));
    let holding = layers.filter_map(|layer| {
        let table = &layer.table;
        let column = |name: &str| table.field(name);
        let (from, to) = (column("assessment_from")?, column("assessment_to")?);
        let finding = ground.layers.get(&layer.entry.key)?;
        let [hit] = finding.features.as_slice() else { return None };
        if !finding.inside {
            return None;
        }
        let named = [column("code"), column("id")];
        let row = table.features.iter().find(|row| {
            let number = row.number.to_string();
            let mut names = named.iter().flatten().filter_map(|column| row.values.get(*column));
            names.any(|name| *name == hit.id) || number == hit.id
        })?;
        let text = |column: Option<usize>| column.and_then(|column| row.values.get(column)).map_or("", String::as_str);
        let list = |name: &str| {
            let parts = text(column(name)).split([';', '；']).map(str::trim).filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect::<Vec<_>>()
        };
        let days = [from, to].map(|column| text(Some(column)).parse::<Day>().ok());
        let valid = matches!(days, [Some(from), Some(to)] if (from..to).contains(&day));
        let [from, to] = days.map(|day| day.map(|day| day.to_string()));
        Some(AreaAssessment {
            layer: layer.entry.key.clone(),
            id: hit.id.clone(),
            name: hit.name.clone(),
            from,
            to,
            valid,
            exempt: list("exempt"),
            studies: list("studies"),
        })
    });
    holding.collect()
}
