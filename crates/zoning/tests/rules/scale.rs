//! A city of 107,713 access conditions: loading, screening, lint with planted faults, and what each costs.

use crate::city::{Chance, file, files, unit};
use crate::readings::benign;
use norms::Term;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::Instant;
use zoning::{Known, LintKind, RuleFile, RuleSet, Verdict};

const ROWS: usize = 107_713;
const UNITS: usize = 134;
const DAY: &str = "2026-08-01";

fn unit_code(number: usize) -> String {
    format!("ZH350203{}{:04}", number % 3 + 1, number + 1)
}

/// Rows that say nothing twice and contradict nothing: one industry, one effect and one demand each.
fn table() -> String {
    let mut text = String::from("unit,industry_prefix,process,kind,effect,say,cite\n");
    for number in 0..ROWS {
        let (unit, place) = (number % UNITS, number / UNITS);
        let effect = ["prohibit", "require", "review", "encourage"][place % 4];
        let code = format!("C{:04}", 1310 + place);
        writeln!(text, "{},{code},,,{effect},要求{place},条例 第{}条", unit_code(unit), place % 40 + 1).unwrap();
    }
    text
}

fn city(extra: &str) -> (RuleSet, usize) {
    let mut wanted = files(vec![file("testdata/zoning/rules-sample.toml")]);
    wanted.tables = vec![RuleFile::new("tables/city.csv", table() + extra)];
    let (rules, findings) = RuleSet::load(&wanted);
    let errors = findings.iter().filter(|finding| finding.code != "vague_words").count();
    (rules, errors)
}

#[test]
fn lint_finds_exactly_what_was_planted() {
    let (a, b) = (unit_code(0), unit_code(1));
    let extra = format!(
        "{a},C1310,,new,encourage,欢迎,甲\n{a},C131,,,require,另一要求,甲\n{a},C1310,,expand,review,复核,甲\n\
         {a},C1311,,,require,要求1,条例 第2条\n{b},C9999,,,review,无此行业,甲\n{b},C1500,,,review,无依据,\n\
         {b},C1501,,,review,依据已废止,旧规\n{b},C1311,coating,,require,要求1,甲\n"
    );
    let mut wanted = files(vec![file("testdata/zoning/rules-sample.toml")]);
    wanted.tables = vec![RuleFile::new("tables/city.csv", table() + &extra)];
    wanted.citations.push(RuleFile::new(
        "c.csv",
        "doc,clause,from,to,successor_doc,successor_clause,verified,note\n旧规,,,2020-01-01,,,,\n",
    ));
    let (rules, _) = RuleSet::load(&wanted);
    let industries: BTreeSet<String> = (0..ROWS / UNITS + 1).map(|place| format!("C{:04}", 1310 + place)).collect();
    let start = Instant::now();
    let lint = rules.lint(DAY.parse().unwrap(), Known { industries: Some(&industries), ..Known::default() });
    let seconds = start.elapsed().as_secs_f64();
    eprintln!("lint of {} conditions: {seconds:.2} s", rules.len());
    let first = ROWS + 2;
    let planted = |line: usize| format!("city:{}", first + line);
    let (overruled, own): (Vec<_>, Vec<_>) =
        lint.findings.iter().partition(|finding| finding.kind == LintKind::Overruled);
    // The sample forbids these industries in the whole city; the rows welcome them in each of their units.
    let welcome = |place: &usize| {
        place % 4 == 3 && {
            let code = format!("C{:04}", 1310 + place);
            ["C1713", "C191"].iter().any(|prefix| code.starts_with(prefix))
        }
    };
    let expected = (0..ROWS).filter(|number| welcome(&(number / UNITS))).count();
    let met: usize = overruled.iter().map(|finding| 1 + finding.more).sum();
    assert!(met == expected && met > overruled.len(), "{met} {expected} {}", overruled.len());
    let found: Vec<(LintKind, String)> = own.iter().map(|f| (f.kind, f.rule.clone())).collect();
    assert_eq!(
        found,
        [
            (LintKind::Conflict, planted(0)),
            (LintKind::Dead, planted(2)),
            (LintKind::Dead, planted(4)),
            (LintKind::Duplicate, planted(3)),
            (LintKind::Overlap, planted(7)),
            (LintKind::Uncited, planted(5)),
            (LintKind::Repealed, planted(6)),
        ],
        "{:#?}",
        lint.findings
    );
    let witness = &lint.findings[0].witness;
    assert_eq!((&witness["industry"], &witness["kind"]), (&json!("C1310"), &json!("new")));
    assert!(seconds < 60.0);
}

#[test]
fn clauses_that_contradict_one_another_come_with_a_project() {
    let rule = |id: &str, effect: &str, when: &str| {
        format!(
            "[[rule]]\nid = \"{id}\"\ndimension = \"spatial\"\nrank = \"city\"\neffect = \"{effect}\"\nwhen = \"{when}\"\ncite = \"甲\"\nsay = \"s\"\n"
        )
    };
    let text = rule("A", "prohibit", "under(industry,'C26') and risk_q > 3")
        + &rule("B", "encourage", "under(industry,'C2614') and risk_q < 4 and touches('park')")
        + &rule("C", "encourage", "under(industry,'C2614') and risk_q < 3")
        + &rule("D", "review", "risk_q > 3 and risk_q <= 3").replace("say =", "question =")
        + &rule("E", "encourage", "under(industry,'C33')");
    let (rules, findings) = RuleSet::load(&files(vec![RuleFile::new("l.toml", text)]));
    assert!(findings.is_empty(), "{findings:?}");
    let lint = rules.lint(DAY.parse().unwrap(), Known::default());
    let found: Vec<_> = lint.findings.iter().map(|f| (f.kind, f.rule.as_str(), f.other.as_deref())).collect();
    assert_eq!(found, [(LintKind::Conflict, "B", Some("A")), (LintKind::Dead, "D", None)]);
    assert_eq!(lint.findings[0].witness["touches:park"], json!(true));
    let sample = RuleSet::load(&files(vec![file("testdata/zoning/rules-sample.toml")])).0;
    let lint = sample.lint(DAY.parse().unwrap(), Known::default());
    assert!(lint.findings.is_empty(), "{:#?}", lint.findings);
}

#[test]
fn a_clause_and_a_row_that_contradict_come_with_a_project() {
    let rule = |id: &str, scope: &str, when: &str| {
        format!(
            "[[rule]]\nid = \"{id}\"\ndimension = \"spatial\"\nrank = \"unit\"\neffect = \"prohibit\"\n{scope}\nwhen = \"{when}\"\ncite = \"甲\"\n"
        )
    };
    let scope = format!("scope = {{ units = [\"{}\"] }}", unit_code(0));
    let text = rule("A", &scope, "under(industry,'C2614') and kind in ['new','expand'] and risk_q > 3")
        + &rule("B", "", "under(industry,'C33') and 'coating' in processes")
        + &rule("C", "", "touches('redline')");
    let (a, b) = (unit_code(0), unit_code(1));
    let rows = format!(
        "unit,industry_prefix,process,kind,effect,say,cite\n\
         {a},C26,,expand,encourage,同单元同行业,甲\n\
         {b},C26,,expand,encourage,另一单元,甲\n\
         {a},C2614,,rebuild,encourage,另一类型,甲\n\
         {a},C27,,new,encourage,另一行业,甲\n\
         {a},C2614,,new,require,并不矛盾,甲\n\
         ,C336,cleaning;coating,,procedure,全市,甲\n\
         ,C337,cleaning,,procedure,另一工艺,甲\n"
    );
    let mut wanted = files(vec![RuleFile::new("l.toml", text)]);
    wanted.tables = vec![RuleFile::new("tables/t.csv", rows)];
    let (rules, findings) = RuleSet::load(&wanted);
    assert!(findings.is_empty(), "{findings:?}");
    let lint = rules.lint(DAY.parse().unwrap(), Known::default());
    let found: Vec<_> = lint.findings.iter().map(|f| (f.kind, f.rule.as_str(), f.other.as_deref())).collect();
    assert_eq!(found, [(LintKind::Conflict, "t:2", Some("A")), (LintKind::Conflict, "t:7", Some("B"))]);
    let witness = &lint.findings[0].witness;
    assert_eq!(
        (&witness["industry"], &witness["kind"], &witness["unit"]),
        (&json!("C2614"), &json!("expand"), &json!(a))
    );
    assert!(witness["risk_q"].as_str().unwrap().parse::<f64>().unwrap() > 3.0, "{witness:?}");
    assert_eq!(lint.findings[1].witness["processes"], json!(["coating"]));
}

#[test]
fn clauses_of_every_width_are_compared_with_rows() {
    let rule = |id: &str, effect: &str, scope: &str, when: &str, words: &str| {
        format!(
            "[[rule]]\nid = \"{id}\"\ndimension = \"spatial\"\nrank = \"unit\"\neffect = \"{effect}\"\n{scope}\nwhen = \"{when}\"\ncite = \"甲\"\n{words}\n"
        )
    };
    // Classes 1, 2 and 3.
    let (a, b, c) = (unit_code(0), unit_code(1), unit_code(2));
    let text = rule("CITY", "prohibit", "", "under(industry,'C26') and risk_q > 3", "")
        + &rule("CLASS", "prohibit", "scope = { classes = [\"key\"] }", "under(industry,'C31')", "")
        + &rule(
            "PARK",
            "encourage",
            "scope = { parks = [\"p\"] }",
            "touches('park:p') and under(industry,'C33')",
            "say = \"s\"",
        )
        + &rule(
            "UNIT",
            "prohibit",
            &format!("scope = {{ units = [\"{a}\"] }}"),
            "kind in ['new','expand'] and under(industry,'C28','C29') and ('coating' in processes or 'printing' in processes)",
            "",
        )
        + &rule(
            "MUST",
            "require",
            "",
            "under(industry,'C35') and kind == 'new'",
            "must = [{ expr = \"risk_q < 1\", say = \"低风险\" }]",
        );
    let rows = format!(
        "unit,industry_prefix,process,kind,effect,say,cite\n\
         {a},C2614,,new,encourage,全市条款,甲\n\
         {b},C2614,,new,encourage,全市条款,甲\n\
         {b},C2614,,expand,encourage,另一类型,甲\n\
         {b},C311,,new,encourage,本类单元,甲\n\
         {c},C311,,new,encourage,另一类单元,甲\n\
         {a},C336,,new,prohibit,园区不在此单元,甲\n\
         {c},C336,,new,prohibit,园区在此单元,甲\n\
         {a},C28,printing;coating,expand;new,prohibit,同条款,甲\n\
         {b},C28,printing;coating,expand;new,prohibit,另一单元,甲\n\
         {a},C29,printing,expand;new,prohibit,另一工艺,甲\n\
         {b},C31,,,prohibit,本类已禁,甲\n\
         {c},C35,,new,require,低风险,甲\n\
         ,C35,,new,require,另一要求,甲\n\
         ,C35,,new,require,低风险,甲\n"
    );
    let mut wanted = files(vec![RuleFile::new("l.toml", text)]);
    wanted.tables = vec![RuleFile::new("tables/t.csv", rows)];
    let (rules, findings) = RuleSet::load(&wanted);
    assert!(findings.is_empty() && rules.names_parks(), "{findings:?}");
    let parks = BTreeMap::from([("p".to_owned(), BTreeSet::from([c.clone()]))]);
    let found = |known: Known<'_>| {
        let lint = rules.lint(DAY.parse().unwrap(), known);
        let told = lint.findings.iter().map(|f| (f.kind, f.rule.clone(), f.other.clone().unwrap_or_default(), f.more));
        told.filter(|(_, _, other, _)| !other.starts_with("t:")).collect::<Vec<_>>()
    };
    let named = |kind, row: &str, clause: &str, more| (kind, row.to_owned(), clause.to_owned(), more);
    let expected = vec![
        named(LintKind::Duplicate, "t:9", "UNIT", 0),
        named(LintKind::Duplicate, "t:15", "MUST", 0),
        named(LintKind::Overlap, "t:12", "CLASS", 0),
        named(LintKind::Overlap, "t:13", "MUST", 0),
        named(LintKind::Overruled, "t:2", "CITY", 1),
        named(LintKind::Overruled, "t:4", "CITY", 0),
        named(LintKind::Overruled, "t:5", "CLASS", 0),
        named(LintKind::Overruled, "t:8", "PARK", 0),
    ];
    assert_eq!(found(Known { parks: Some(&parks), ..Known::default() }), expected);
    // Where nobody knows where the park lies, it may lie in any unit.
    let mut wider = expected;
    wider[7] = named(LintKind::Overruled, "t:7", "PARK", 1);
    assert_eq!(found(Known::default()), wider);
}

#[test]
fn rows_decide_like_rules_and_cost_microseconds() {
    let start = Instant::now();
    let (rules, errors) = city("");
    eprintln!("load of {} rules: {:.3} s", rules.len(), start.elapsed().as_secs_f64());
    assert_eq!((rules.len(), errors), (ROWS + 30, 0));
    let law = rules.on(DAY.parse().unwrap(), Term::default());
    let mut case = benign(&rules);
    let mut built = case.build(rules.dictionary(), DAY);
    built.ground.units = vec![unit(&unit_code(5))];
    for pollutant in ["voc", "cod"] {
        built.ledger.put(&unit_code(5), pollutant, 2026, "10".parse().unwrap(), DAY.parse().unwrap());
    }
    assert_eq!(built.screen(&law).verdict, Verdict::Allowed);
    let mut verdicts = BTreeMap::new();
    for place in 0..40 {
        case.facts.insert("industry".into(), json!(format!("C{:04}", 1310 + place)));
        built.facts = zoning::Facts::from_json(rules.dictionary(), &case.facts).unwrap();
        let screened = built.screen(&law);
        assert_eq!(screened.outcomes().filter(|(id, ..)| id.starts_with("city")).count(), 1);
        *verdicts.entry(screened.verdict).or_insert(0) += 1;
    }
    assert_eq!(verdicts.len(), 4, "{verdicts:?}");
    built.facts.set(rules.dictionary(), "industry", None);
    let open = built.screen(&law);
    assert_eq!((open.verdict, open.missing()), (Verdict::NeedsInformation, vec!["industry".to_owned()]));
    let mut chance = Chance(1);
    let cases: Vec<_> = (0..200)
        .map(|_| {
            case.facts.insert("industry".into(), json!(format!("C{:04}", 1310 + chance.below(700))));
            zoning::Facts::from_json(rules.dictionary(), &case.facts).unwrap()
        })
        .collect();
    let start = Instant::now();
    let mut sum = 0;
    for _ in 0..20 {
        for facts in &cases {
            let project = zoning::Project { facts, ..built.project() };
            sum += law.screen(project, built.around()).verdict as usize;
        }
    }
    let micros = start.elapsed().as_secs_f64() * 1e6 / (20.0 * cases.len() as f64);
    let start = Instant::now();
    for facts in cases.iter().take(50) {
        let project = zoning::Project { facts, ..built.project() };
        sum += serde_json::to_string(&law.trace(project, built.around(), "e")).unwrap().len();
    }
    let traced = start.elapsed().as_secs_f64() * 1e6 / 50.0;
    eprintln!("verdict {micros:.1} µs, with trace as JSON {traced:.0} µs ({sum})");
}
