//! The readings of single clauses in RULES §5, coverage, slivers, units, and the tolerance of boundaries.

use crate::city::{Case, UNIT, file, files, finding, judgement, sample, unit};
use norms::Term;
use serde_json::{Value as Json, json};
use zoning::ground::{Coverage, Meeting};
use zoning::{JudgementTable, Outcome, RuleFile, RuleSet, Status, Verdict};

const DAY: &str = "2026-08-01";

/// A project that no sample clause speaks against.
pub(crate) fn benign(rules: &RuleSet) -> Case {
    let mut case = Case::default();
    for fact in rules.dictionary().facts() {
        let value = match serde_json::to_value(fact).unwrap()["type"].as_str().unwrap() {
            "bool" => json!(fact.name == "water_unit_compliant"),
            "decimal" => json!(u8::from(fact.name == "low_voc_share")),
            "list" | "records" => json!([]),
            "code" => json!("I6510"),
            _ => match fact.name.as_str() {
                "kind" => json!("new"),
                "building_use" => json!("office"),
                "land_use_to" => json!("industrial"),
                _ => json!("none"),
            },
        };
        case.facts.insert(fact.name.clone(), value);
    }
    for layer in rules.layers_used() {
        case.answers.insert(format!("touches:{layer}"), json!(false));
    }
    for layer in rules.outfall_layers() {
        case.answers.insert(format!("touches_outfall:{layer}"), json!(false));
    }
    case.answers.insert("headroom:voc".into(), json!(1000));
    case.answers.insert("headroom:cod".into(), json!(1000));
    case
}

fn verdict(rules: &RuleSet, case: &Case) -> (Verdict, Vec<String>, Vec<String>) {
    let built = case.build(rules.dictionary(), DAY);
    let law = rules.on(DAY.parse().unwrap(), Term::default());
    let screened = built.screen(&law);
    (screened.verdict, screened.deciding(), screened.missing())
}

fn with(case: &Case, facts: &[(&str, Json)], answers: &[(&str, Json)]) -> Case {
    let mut case = case.clone();
    for (name, value) in facts {
        case.facts.insert((*name).into(), value.clone());
    }
    for (name, value) in answers {
        case.answers.insert((*name).into(), value.clone());
    }
    case
}

#[test]
fn rules_5_readings() {
    let rules = sample();
    let base = benign(&rules);
    assert_eq!(verdict(&rules, &base).0, Verdict::Allowed);
    assert_eq!(verdict(&rules, &Case::default()).0, Verdict::NeedsInformation, "nothing known");
    let built_up = ("touches:urban_builtup", json!(true));
    let boilers = |item: Json| with(&base, &[("boilers", json!([item]))], std::slice::from_ref(&built_up));
    let small = verdict(&rules, &boilers(json!({"fuel": "coal", "t_h": 20})));
    assert_eq!((small.0, small.1), (Verdict::NeedsJudgement, vec!["R07".to_owned()]));
    let open = verdict(&rules, &boilers(json!({"fuel": "coal"})));
    assert_eq!((open.0, open.2), (Verdict::NeedsInformation, vec!["item.t_h".to_owned()]));
    assert_eq!(verdict(&rules, &boilers(json!({"fuel": "coal", "t_h": 40}))).0, Verdict::Allowed);
    let voc = |offset: &str| with(&base, &[("delta_voc_t", json!("1.5")), ("offset_voc_t", json!(offset))], &[]);
    assert_eq!(verdict(&rules, &voc("2.9")).0, Verdict::RestrictedUnmet);
    assert_eq!(verdict(&rules, &voc("2.999999999999")).0, Verdict::RestrictedUnmet);
    assert_eq!(verdict(&rules, &voc("3.0")).0, Verdict::AllowedWithConditions);
    let mut houxi = with(&base, &[("industry", json!("C3360"))], &[("touches:park:jimei-houxi", json!(true))]);
    houxi.answers.remove("touches:redline");
    assert_eq!(verdict(&rules, &houxi).0, Verdict::Prohibited, "a sure ban dominates what is unknown");
    let mut quasi = with(&base, &[], &[("touches:water_source_quasi", json!(true))]);
    let before = verdict(&rules, &quasi);
    assert_eq!((before.0, before.2), (Verdict::NeedsJudgement, vec!["judge:serious_water_polluter".to_owned()]));
    quasi.judged.insert("serious_water_polluter".into(), true);
    assert_eq!(verdict(&rules, &quasi).0, Verdict::Prohibited);
    let mut no_red_line = base.clone();
    no_red_line.answers.remove("touches:redline");
    let hole = verdict(&rules, &no_red_line);
    assert_eq!(hole, (Verdict::NeedsInformation, vec!["R01".to_owned()], vec!["touches:redline".to_owned()]));
}

#[test]
fn a_hole_in_the_coverage_is_unknown_and_a_sliver_is_for_an_official() {
    let rules = sample();
    let law = rules.on(DAY.parse().unwrap(), Term::default());
    let mut built = benign(&rules).build(rules.dictionary(), DAY);
    let layer = |built: &mut crate::city::Built, coverage, meeting| {
        let red = built.ground.layers.get_mut("redline").unwrap();
        (red.coverage, red.meeting) = (coverage, meeting);
    };
    layer(&mut built, Coverage::Partial, Meeting::Solid);
    assert_eq!(built.screen(&law).verdict, Verdict::NeedsInformation);
    layer(&mut built, Coverage::Complete, Meeting::Sliver);
    assert_eq!(built.screen(&law).verdict, Verdict::NeedsJudgement);
    assert_eq!(built.screen(&law).missing(), ["judge:boundary:redline"]);
    assert_eq!((built.screen(&law).best, built.screen(&law).worst), (Verdict::Allowed, Verdict::Prohibited));
    built.judgements.0.insert("boundary:redline".into(), judgement(true));
    assert_eq!(built.screen(&law).verdict, Verdict::Prohibited);
    built.judgements.0.insert("boundary:redline".into(), judgement(false));
    assert_eq!(built.screen(&law).verdict, Verdict::Allowed);
    layer(&mut built, Coverage::Complete, Meeting::Boundary);
    assert_eq!(built.screen(&law).verdict, Verdict::Allowed);
    built.ground.layers.get_mut("redline").unwrap().touch_counts = true;
    assert_eq!(built.screen(&law).verdict, Verdict::Prohibited);
}

#[test]
fn rules_3_5_nothing_is_allowed_outside_units_or_without_crs_or_edition() {
    let rules = sample();
    let law = rules.on(DAY.parse().unwrap(), Term::default());
    let base = benign(&rules).build(rules.dictionary(), DAY);
    let mut built = benign(&rules).build(rules.dictionary(), DAY);
    built.ground.tiled = false;
    let screened = built.screen(&law);
    assert_eq!((screened.verdict, screened.worst), (Verdict::NeedsInformation, Verdict::Prohibited));
    assert!(screened.missing().contains(&"units".to_owned()));
    let trace = law.trace(built.project(), built.around(), "e");
    assert_eq!(trace.replay(), Verdict::NeedsInformation);
    built.ground.units.clear();
    assert_eq!(built.screen(&law).verdict, Verdict::NeedsInformation);
    let mut project = base.project();
    project.crs_declared = false;
    let screened = law.screen(project, base.around());
    assert_eq!((screened.verdict, screened.missing()), (Verdict::NeedsInformation, vec!["crs".to_owned()]));
    let past = rules.on("2022-06-01".parse().unwrap(), Term::default());
    let screened = base.screen(&past);
    assert_eq!((screened.verdict, screened.missing()), (Verdict::NeedsInformation, vec!["edition".to_owned()]));
    let term = Term { from: None, to: norms::Day::from_ymd(2026, 8, 1) };
    assert_eq!(base.screen(&rules.on(DAY.parse().unwrap(), term)).verdict, Verdict::NeedsInformation);
    let none = RuleSet::load(&files(Vec::new())).0;
    let law = none.on(DAY.parse().unwrap(), Term::default());
    assert_eq!(base.screen(&law).verdict, Verdict::NeedsInformation, "no rule, no allowance");
    let broken =
        RuleSet::load(&files(vec![file("testdata/zoning/rules-sample.toml"), RuleFile::new("b.toml", "rule = 1")]));
    assert!(broken.1.iter().any(|finding| finding.code == "toml_form"));
    assert_eq!(base.screen(&broken.0.on(DAY.parse().unwrap(), Term::default())).missing(), ["rules"]);
}

#[test]
fn rules_3_6_the_strictest_piece_wins_and_slivers_of_units_are_judged() {
    let text = "unit,industry_prefix,process,kind,effect,say,cite\nZH35020320002,I65,,,prohibit,禁,甲\n";
    let mut wanted = files(vec![file("testdata/zoning/rules-sample.toml")]);
    wanted.tables = vec![RuleFile::new("tables/t.csv", text)];
    let (rules, findings) = RuleSet::load(&wanted);
    assert_eq!(findings.len(), 2);
    let law = rules.on(DAY.parse().unwrap(), Term::default());
    let mut built = benign(&rules).build(rules.dictionary(), DAY);
    assert_eq!(built.screen(&law).verdict, Verdict::Allowed);
    built.ground.units.push(unit("ZH35020320002"));
    let day = DAY.parse().unwrap();
    for pollutant in ["voc", "cod"] {
        built.ledger.put("ZH35020320002", pollutant, 2026, "10".parse().unwrap(), day);
    }
    let screened = built.screen(&law);
    assert_eq!((screened.verdict, screened.deciding()), (Verdict::Prohibited, vec!["t:2".to_owned()]));
    let row = screened.outcomes().find(|(id, ..)| id == "t:2").unwrap();
    assert_eq!((row.1, row.2), (Outcome::Prohibited, Some("ZH35020320002")));
    built.ground.units[1].sliver = true;
    let screened = built.screen(&law);
    assert_eq!((screened.verdict, screened.worst), (Verdict::NeedsJudgement, Verdict::Prohibited));
    assert_eq!(screened.missing(), ["judge:boundary:unit:ZH35020320002"]);
    built.judgements.0.insert("boundary:unit:ZH35020320002".into(), judgement(false));
    assert_eq!(built.screen(&law).verdict, Verdict::Allowed);
    built.judgements.0.insert("boundary:unit:ZH35020320002".into(), judgement(true));
    assert_eq!(built.screen(&law).verdict, Verdict::Prohibited);
}

#[test]
fn states_of_units_come_from_monitoring_and_grow_stale() {
    let rules = sample();
    let law = rules.on(DAY.parse().unwrap(), Term::default());
    let case = with(&benign(&rules), &[("delta_cod_t", json!(1)), ("offset_cod_t", json!(1))], &[]);
    let mut built = case.build(rules.dictionary(), DAY);
    assert_eq!(built.screen(&law).verdict, Verdict::Allowed, "the project says that the water is in class");
    let state = |value: &str, as_of: &str| {
        let text = format!("unit,fact,value,as_of\n{UNIT},water_unit_compliant,{value},{as_of}\n");
        let (status, findings) = Status::load(&RuleFile::new("status.csv", text), rules.dictionary());
        assert!(findings.is_empty(), "{findings:?}");
        status
    };
    built.status = state("false", "2026-07-01");
    assert_eq!(built.screen(&law).verdict, Verdict::RestrictedUnmet, "monitoring knows better");
    assert_eq!(built.screen(&law).deciding(), ["R21"]);
    built.status = state("true", "2020-07-01");
    assert_eq!(built.screen(&law).verdict, Verdict::NeedsInformation, "a stale state is unknown, never compliant");
    built.status = state("false", "2026-08-02");
    assert_eq!(built.screen(&law).verdict, Verdict::Allowed, "nobody knows tomorrow's state");
}

#[test]
fn verdicts_within_the_accuracy_of_a_layer_say_so() {
    let rules = sample();
    let law = rules.on(DAY.parse().unwrap(), Term::default());
    let mut built = benign(&rules).build(rules.dictionary(), DAY);
    let mut red = finding();
    (red.accuracy_m, red.distance_m) = (5.0, Some(5.0));
    built.ground.layers.insert("redline".into(), red.clone());
    let near = law.tolerance(built.project(), built.around());
    assert_eq!((near.shrunk, near.drawn, near.grown), (Verdict::Allowed, Verdict::Allowed, Verdict::Prohibited));
    assert!(near.within_tolerance);
    red.distance_m = Some(5.1);
    built.ground.layers.insert("redline".into(), red.clone());
    assert!(!law.tolerance(built.project(), built.around()).within_tolerance);
    (red.meeting, red.distance_m, red.depth_m) = (Meeting::Solid, Some(0.0), 4.0);
    built.ground.layers.insert("redline".into(), red.clone());
    assert_eq!(law.tolerance(built.project(), built.around()).shrunk, Verdict::Allowed);
    red.depth_m = 5.5;
    built.ground.layers.insert("redline".into(), red);
    assert!(!law.tolerance(built.project(), built.around()).within_tolerance);
}

#[test]
fn determinations_need_a_name_and_a_reason_and_expire() {
    let text = "project,key,value,by,reason,date,until\np1,k,true,张,因为,2026-01-01,2026-06-01\np1,k,false,李,复核,2026-03-01,\np1,x,true,,无,2026-01-01,\n";
    let (table, findings) = JudgementTable::load(&RuleFile::new("judgements.csv", text));
    assert_eq!(findings.iter().map(|f| f.line).collect::<Vec<_>>(), [Some(4)]);
    let on = |day: &str| table.of("p1", day.parse().unwrap()).0.get("k").map(|judgement| judgement.value);
    assert_eq!((on("2025-12-31"), on("2026-02-01"), on("2026-07-01")), (None, Some(true), Some(false)));
}
