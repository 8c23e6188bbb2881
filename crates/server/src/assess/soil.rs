//! `yundang assess soil`: samples beside the screening and control values of GB 36600 and GB 15618 (DESIGN §6).

use super::Samples;
use super::explain::Explanations;
use super::register::register_of;
use exchange::{ColumnKind, ColumnSpec, Findings, Place, SampleOptions, TableWriter, read_samples};
use norms::soil::{FarmlandUse, LandClass, SoilJudged, SoilValue, SoilVerdict};
use norms::{Day, Measured, Moment, Norms, Origin};
use serde_json::json;
use std::collections::BTreeMap;

/// The acidity that picks the column of farmland.
const ACIDITY: &str = "pH";
const DECIMALS: u8 = 2;

/// What a sample's ground is used for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Land {
    Construction(LandClass),
    Farmland(FarmlandUse),
}

impl Land {
    fn of(norms: &Norms, word: &str) -> Option<Self> {
        Some(match norms.words.means("land_use", word)? {
            "class1" => Self::Construction(LandClass::First),
            "class2" => Self::Construction(LandClass::Second),
            "paddy" => Self::Farmland(FarmlandUse::Paddy),
            "orchard" => Self::Farmland(FarmlandUse::Orchard),
            "rotation" => Self::Farmland(FarmlandUse::Rotation),
            "other" => Self::Farmland(FarmlandUse::Other),
            _ => return None,
        })
    }
}

/// One sample.
#[derive(Default)]
struct Sample {
    land: Option<Land>,
    /// Whether its use was said, known or not.
    land_said: bool,
    line: u64,
    values: Vec<Option<Measured>>,
}

/// Judges a table. Tells whether an answer was written: not with `strict` and errors, nor when nothing could be read.
///
/// # Errors
/// When reading or writing fails.
pub fn assess_soil(run: &Samples, norms: &Norms, findings: &mut Findings) -> anyhow::Result<bool> {
    let register = register_of(run.stations.as_deref(), &["land_use"], &[], &norms.parameters, findings)?;
    let mut items: Vec<&str> =
        norms.parameters.iter().filter(|of| of.is_of("soil")).map(|of| of.parameter.as_str()).collect();
    items.sort_by_key(|item| *item != ACIDITY);
    let options = SampleOptions {
        input: &run.input,
        format: run.input_format,
        medium: "soil",
        items: &items,
        default: None,
        words: &["land_use"],
    };
    let mut samples: BTreeMap<(String, Moment), Sample> = BTreeMap::new();
    let stations = read_samples(options, &norms.parameters, &norms.units, findings, |stations, row, findings| {
        let key = &stations.keys()[row.station];
        let sample = samples.entry((key.to_string(), row.moment)).or_insert_with(|| Sample {
            land: None,
            land_said: false,
            line: row.line,
            values: vec![None; items.len()],
        });
        let said = Some((row.words[0], Some(row.line))).filter(|(word, _)| !word.is_empty());
        if let Some((word, line)) = said.or_else(|| register.word(key, "land_use")).filter(|_| sample.land.is_none()) {
            sample.land_said = true;
            sample.land = Land::of(norms, word);
            if sample.land.is_none() {
                findings.report("land_use_unknown", Place { line, field: "land_use", value: word });
            }
        }
        for &(item, cell) in row.cells {
            let Some(value) = cell.value() else { continue };
            if let Some(before) = sample.values[item].replace(value) {
                sample.values[item] = Some(before);
                let code = if before == value { "row_twice" } else { "row_conflict" };
                let shown = format!("{key} {} {}", row.moment.label(), items[item]);
                findings.report(code, Place { line: Some(row.line), field: items[item], value: &shown });
            }
        }
    })?;
    if (stations.keys().is_empty() || run.strict) && findings.has_errors() {
        return Ok(false);
    }
    let text = |name: &str| ColumnSpec::new(name, ColumnKind::Text);
    let mut columns = ["sample", "time", "edition", "result", "deciding"].map(text).to_vec();
    columns.push(ColumnSpec::new("ratio", ColumnKind::Number));
    let mut writer = TableWriter::create(&run.output, run.output_format, columns)?;
    let mut explanations = Explanations::create(run.explain.as_deref())?;
    for ((name, moment), sample) in &samples {
        let place = |field| Place { line: Some(sample.line), field, value: name };
        let Some(land) = sample.land else {
            if !sample.land_said {
                findings.report("land_use_missing", place("land_use"));
            }
            continue;
        };
        let acidity = sample.values[0];
        if matches!(land, Land::Farmland(_)) && acidity.is_none() {
            findings.report("acidity_missing", place(ACIDITY));
            continue;
        }
        let values: Vec<SoilValue<'_>> = items
            .iter()
            .zip(&sample.values)
            .skip(1)
            .filter_map(|(parameter, value)| Some(SoilValue { parameter, value: (*value)?, background: None }))
            .collect();
        let Some((edition, judged)) = judged(norms, moment.day(), land, acidity, &values) else {
            findings.report("edition_missing", place("time"));
            continue;
        };
        let Some(verdict) = judged.verdict() else { continue };
        let highest = judged.items.iter().max_by_key(|item| item.ratio_to_screening());
        let deciding = judged.deciding().or(highest);
        let time = moment.label();
        [name, &time, edition, word(verdict)].into_iter().for_each(|text| writer.text(text));
        writer.text(deciding.map_or("", |item| item.parameter));
        writer
            .number(deciding.and_then(norms::soil::SoilItem::ratio_to_screening).map(|ratio| ratio.rounded(DECIMALS)));
        writer.end_row()?;
        explanations.add(|| {
            let items = judged.items.iter().map(|item| {
                let Origin { source, confidence, .. } = item.limits.origin;
                json!({
                    "parameter": item.parameter,
                    "value": item.value.to_string(),
                    "unit": "mg/kg",
                    "screening": item.limits.screening.to_string(),
                    "control": item.limits.control.map(|control| control.to_string()),
                    "result": word(item.verdict),
                    "source": source,
                    "confidence": confidence,
                })
            });
            json!({
                "sample": name,
                "time": time,
                "edition": edition,
                "norms": norms.hash,
                "result": word(verdict),
                "deciding": deciding.map(|item| item.parameter),
                "acidity": acidity.map(|acidity| acidity.to_string()),
                "items": items.collect::<Vec<_>>(),
                "unjudged": judged.unjudged.iter().map(|(parameter, why)| json!([parameter, why])).collect::<Vec<_>>(),
            })
        })?;
    }
    if run.strict && findings.has_errors() {
        return Ok(false);
    }
    writer.finish()?;
    explanations.finish()?;
    Ok(true)
}

fn judged<'a>(
    norms: &'a Norms,
    day: Day,
    land: Land,
    acidity: Option<Measured>,
    values: &[SoilValue<'a>],
) -> Option<(&'a str, SoilJudged<'a>)> {
    match land {
        Land::Construction(class) => {
            let edition = norms.soil.construction.on(day)?;
            Some((&edition.instrument.id, edition.judge(class, values)))
        }
        Land::Farmland(land) => {
            let edition = norms.soil.farmland.on(day)?;
            Some((&edition.instrument.id, edition.judge(acidity?, land, values)))
        }
    }
}

const fn word(verdict: SoilVerdict) -> &'static str {
    match verdict {
        SoilVerdict::BelowScreening => "below_screening",
        SoilVerdict::Between => "between",
        SoilVerdict::AboveControl => "above_control",
    }
}
