//! Agreement with the reference evaluator on the vectors of `testdata/zoning`.

use crate::city::{Case, file, files, sample};
use norms::Term;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use zoning::{RuleFile, RuleSet};

const DAY: &str = "2026-08-01";

#[derive(serde::Deserialize)]
struct Line {
    rules: Option<String>,
    rules_text: Option<String>,
    #[serde(default)]
    facts: serde_json::Map<String, Json>,
    #[serde(default)]
    answers: BTreeMap<String, Json>,
    #[serde(default)]
    judged: BTreeMap<String, bool>,
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    outcomes: BTreeMap<String, Vec<Json>>,
}

#[test]
fn rules_3_agrees_with_the_reference_on_every_vector() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/zoning/rules-vectors.jsonl.gz");
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let mut rules = RuleSet::default();
    let mut verdicts: BTreeMap<String, usize> = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let line: Line = serde_json::from_str(line).unwrap();
        if line.rules.is_some() {
            rules = sample();
            continue;
        }
        if let Some(text) = line.rules_text {
            let (loaded, findings) = RuleSet::load(&files(vec![RuleFile::new("random.toml", text.as_str())]));
            assert!(findings.is_empty(), "{findings:?}\n{text}");
            rules = loaded;
            continue;
        }
        let case = Case { facts: line.facts, answers: line.answers, judged: line.judged };
        let built = case.build(rules.dictionary(), DAY);
        let law = rules.on(DAY.parse().unwrap(), Term::default());
        let screened = built.screen(&law);
        assert_eq!(screened.verdict.word(), line.verdict, "line {}: {case:?}", number + 1);
        let outcomes: BTreeMap<String, String> =
            screened.outcomes().map(|(id, outcome, _)| (id, outcome.to_string())).collect();
        let wanted: BTreeMap<String, String> = line
            .outcomes
            .iter()
            .map(|(id, told)| (id.clone(), told[0].as_str().unwrap().to_owned()))
            // The reference has no word of its own for a welcome that is hit.
            .filter(|(id, _)| outcomes.get(id).is_none_or(|outcome| outcome != "encouraged"))
            .collect();
        let outcomes: BTreeMap<String, String> =
            outcomes.into_iter().filter(|(_, outcome)| outcome != "encouraged").collect();
        assert_eq!(outcomes, wanted, "line {}", number + 1);
        // Missing sets of everything that is open.
        let open = line.outcomes.values().filter(|told| told[0].as_str().unwrap().contains('('));
        let missing: BTreeSet<&str> =
            open.filter_map(|told| told.get(1)?.as_array()).flatten().filter_map(Json::as_str).collect();
        let found = screened.missing();
        assert_eq!(found.iter().map(String::as_str).collect::<BTreeSet<_>>(), missing, "line {}", number + 1);
        let trace = law.trace(built.project(), built.around(), "e");
        assert_eq!(trace.replay(), screened.verdict, "line {}", number + 1);
        *verdicts.entry(line.verdict).or_default() += 1;
    }
    eprintln!("{verdicts:?}");
    assert!(verdicts.len() == 6 && verdicts.values().all(|count| *count >= 500), "{verdicts:?}");
}

#[test]
fn the_sample_loads_unchanged_with_its_two_warnings() {
    let mut wanted = files(vec![file("testdata/zoning/rules-sample.toml")]);
    wanted.examples = vec![file("testdata/zoning/rules-sample.examples.toml")];
    let (rules, findings) = RuleSet::load(&wanted);
    let found: Vec<_> = findings.iter().map(|f| (f.code, f.field.as_str())).collect();
    assert_eq!(found, [("vague_words", "R01.title"), ("vague_words", "R15.title")], "{findings:#?}");
    assert_eq!(rules.clauses().len(), 30);
    assert!(rules.layers_used().contains("park:jimei-houxi"));
    assert_eq!(rules.distance_layers()["river_controlled"], Some(1000.0));
    assert_eq!(rules.distance_layers()["sensitive_receptor"], Some(500.0));
    assert_eq!(rules.outfall_layers().len(), 3);
}

#[test]
fn an_example_that_says_otherwise_is_found() {
    let mut wanted = files(vec![file("testdata/zoning/rules-sample.toml")]);
    let text = file("testdata/zoning/rules-sample.examples.toml").text.replace("\"unmet\"", "\"conditional\"");
    wanted.examples = vec![RuleFile::new("e.toml", text)];
    let (_, findings) = RuleSet::load(&wanted);
    assert!(findings.iter().any(|f| f.code == "example_failed" && f.field.starts_with("R10") && f.line.is_some()));
}
