//! Hiding facts never gives a better verdict; the order of rules never matters; bytes are the same.

use crate::city::{Case, Chance, file, files};
use crate::sizes::{seed, size};
use norms::Term;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use zoning::{RuleFile, RuleSet, Verdict};

const DAY: &str = "2026-08-01";

fn sample_with_table() -> RuleSet {
    let mut wanted = files(vec![file("testdata/zoning/rules-sample.toml")]);
    let table = "unit,industry_prefix,process,kind,effect,say,cite\n\
        ZH35020320001,C33,coating,,require,废气收集,甲\nZH35020320001,C2614,,new,prohibit,禁,甲\n\
        ,D44,,expand;rebuild,review,复核,甲\nZH35020320001,,electroplating,,prohibit,禁,\n";
    wanted.tables = vec![RuleFile::new("tables/t.csv", table)];
    RuleSet::load(&wanted).0
}

/// A random project; `hot` is the share of what speaks against it.
pub(crate) fn project(chance: &mut Chance, rules: &RuleSet, hot: f64) -> Case {
    let mut case = Case::default();
    for fact in rules.dictionary().facts() {
        let shape = serde_json::to_value(fact).unwrap();
        let name = fact.name.as_str();
        let value = match (shape["type"].as_str().unwrap(), name) {
            ("bool", "water_unit_compliant") => json!(!chance.is(hot)),
            ("bool", _) => json!(chance.is(hot)),
            ("code", _) => {
                json!(chance.pick(&["C3360", "C2614", "H6210", "I6510", "I6510", "C1713", "D4417", "C26", "C"]))
            }
            ("enum", "kind") => json!(chance.pick(&["new", "rebuild", "expand", "existing"])),
            ("enum", "building_use") => json!(chance.pick(&["residential", "mixed", "office", "office"])),
            ("enum", "land_use_to") => json!(chance.pick(&["residential", "industrial", "industrial"])),
            ("enum", "rinse_method") => json!(chance.pick(&["single", "counter_current"])),
            ("enum", _) => json!(chance.pick(&["none", "passed"])),
            ("list", _) => {
                let all = ["coating", "electroplating", "printing"];
                json!(all.iter().filter(|_| chance.is(hot)).collect::<Vec<_>>())
            }
            ("records", _) => {
                let number = if chance.is(hot) { 1 + chance.below(2) } else { 0 };
                let boiler = |chance: &mut Chance| json!({"fuel": chance.pick(&["coal", "gas"]), "t_h": chance.pick(&["5", "35", "40"])});
                Json::Array((0..number).map(|_| boiler(chance)).collect())
            }
            (_, "low_voc_share") => json!(chance.pick(&["0.7", "0.6", "0.1"])),
            _ if name.starts_with("offset") => json!(chance.pick(&["0", "3", "10"])),
            _ if name.ends_with("_db") => json!(chance.pick(&["40", "55", "60"])),
            _ => json!(if chance.is(hot) { chance.pick(&["1.5", "2", "60"]) } else { "0" }),
        };
        case.facts.insert(fact.name.clone(), value);
    }
    let distances = rules.distance_layers();
    for layer in rules.layers_used() {
        if distances.contains_key(layer) {
            let metres = if chance.is(hot) { 50.0 } else { 5000.0 };
            case.answers.insert(format!("dist_m:{layer}"), json!(metres));
        } else {
            let call = if ["chem_park", "centralised_zone", "regional_assessment"].contains(&layer) {
                "inside"
            } else {
                "touches"
            };
            case.answers.insert(format!("{call}:{layer}"), json!(chance.is(hot)));
        }
    }
    for layer in rules.outfall_layers() {
        case.answers.insert(format!("touches_outfall:{layer}"), json!(chance.is(hot)));
    }
    for pollutant in ["voc", "cod"] {
        case.answers.insert(format!("headroom:{pollutant}"), json!(100));
    }
    if chance.is(0.5) {
        case.judged.insert("serious_water_polluter".into(), chance.is(0.5));
    }
    case
}

/// The same project with some answers hidden.
fn hide(chance: &mut Chance, case: &Case, share: f64) -> Case {
    let mut hidden = case.clone();
    hidden.facts.retain(|_, _| !chance.is(share));
    for value in hidden.facts.values_mut() {
        for item in value.as_array_mut().into_iter().flatten().filter_map(Json::as_object_mut) {
            item.retain(|_, _| !chance.is(share));
        }
    }
    if let Some(Json::String(code)) = hidden.facts.get_mut("industry")
        && chance.is(share)
    {
        code.truncate(3);
    }
    hidden.answers.retain(|_, _| !chance.is(share));
    hidden.judged.retain(|_, _| !chance.is(share));
    hidden
}

#[test]
fn rules_3_12_hiding_facts_never_gives_a_better_verdict() {
    let rules = sample_with_table();
    let law = rules.on(DAY.parse().unwrap(), Term::default());
    let cases = size("zoning_hidden_facts");
    let mut chance = Chance(seed());
    let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
    let mut masked: BTreeMap<Verdict, usize> = BTreeMap::new();
    let (mut done, mut tried) = (0, 0);
    while done < cases {
        tried += 1;
        assert!(tried < cases * 40, "verdicts do not balance: {counts:?}");
        let hot = [0.01, 0.03, 0.08, 0.25][chance.below(4)];
        let full = project(&mut chance, &rules, hot);
        let built = full.build(rules.dictionary(), DAY);
        let known = built.screen(&law);
        // Balanced: no verdict takes more than a third.
        let count = counts.entry(known.verdict).or_default();
        if *count > cases / 3 {
            continue;
        }
        *count += 1;
        done += 1;
        let share = [0.005, 0.02, 0.1, 0.3][chance.below(4)];
        let part = hide(&mut chance, &full, share);
        let built = part.build(rules.dictionary(), DAY);
        let hidden = built.screen(&law);
        *masked.entry(hidden.verdict).or_default() += 1;
        let definite =
            matches!(hidden.verdict, Verdict::Allowed | Verdict::AllowedWithConditions | Verdict::Prohibited);
        if definite {
            assert_eq!(hidden.verdict, known.verdict, "{full:?}\n{part:?}");
        }
        // What is known in full lies in the interval that was told before.
        for end in [known.best, known.worst] {
            assert!(hidden.best <= end && end <= hidden.worst, "{:?} {:?}", (hidden.best, hidden.worst), known.verdict);
        }
        if hidden.verdict != Verdict::NeedsInformation && hidden.verdict != Verdict::NeedsJudgement {
            assert!(hidden.verdict <= known.worst);
        }
    }
    eprintln!("known {counts:?}, hidden {masked:?}, tried {tried}");
    assert!(masked.len() == 6, "{masked:?}");
}

#[test]
fn rules_3_12_the_order_of_rules_never_matters_and_bytes_are_the_same() {
    let text = file("testdata/zoning/rules-sample.toml").text;
    let (head, body) = text.split_once("[[rule]]").unwrap();
    let mut parts: Vec<&str> = body.split("[[rule]]").collect();
    let rules = RuleSet::load(&files(vec![RuleFile::new("r.toml", text.as_str())])).0;
    let mut chance = Chance(seed());
    for _ in 0..5 {
        for place in (1..parts.len()).rev() {
            parts.swap(place, chance.below(place + 1));
        }
        let shuffled = format!("{head}[[rule]]{}", parts.join("\n[[rule]]"));
        let other = RuleSet::load(&files(vec![RuleFile::new("r.toml", shuffled)])).0;
        let (law, other_law) =
            (rules.on(DAY.parse().unwrap(), Term::default()), other.on(DAY.parse().unwrap(), Term::default()));
        for _ in 0..60 {
            let full = project(&mut chance, &rules, 0.05);
            let case = hide(&mut chance, &full, 0.05);
            let built = case.build(rules.dictionary(), DAY);
            let (a, b) = (built.screen(&law), built.screen(&other_law));
            let sorted = |mut list: Vec<String>| {
                list.sort();
                list
            };
            assert_eq!((a.verdict, a.best, a.worst, a.missing()), (b.verdict, b.best, b.worst, b.missing()));
            assert_eq!(sorted(a.deciding()), sorted(b.deciding()));
            let bytes = || serde_json::to_string(&law.trace(built.project(), built.around(), "e")).unwrap();
            let first = bytes();
            assert_eq!(first, bytes());
            let read: zoning::Trace = serde_json::from_str(&first).unwrap();
            assert_eq!(read.replay(), a.verdict, "the trace alone gives the verdict");
        }
    }
}
