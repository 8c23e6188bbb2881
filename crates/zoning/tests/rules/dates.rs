//! Dates: repeals, successors, terms of rules, existing plants, exceptions; and what a check must find.

use crate::city::{Case, file, files};
use norms::Term;
use serde_json::json;
use zoning::{Basis, RuleFile, RuleSet, Verdict};

const HEAD: &str = "doc,clause,from,to,successor_doc,successor_clause,verified,note\n";

fn rule(effect: &str, more: &str) -> String {
    let must = if effect == "require" { "must = [{ expr = \"industrial\", say = \"s\" }]\n" } else { "" };
    format!(
        "[[rule]]\nid = \"A\"\ndimension = \"spatial\"\nrank = \"city\"\neffect = \"{effect}\"\nwhen = \"two_high\"\nquestion = \"q\"\n{must}{more}\n"
    )
}

fn load(rules: &str, citations: &str) -> (RuleSet, Vec<zoning::RuleFinding>) {
    let mut wanted = files(vec![RuleFile::new("r.toml", rules)]);
    wanted.citations.push(RuleFile::new("citations.csv", format!("{HEAD}{citations}")));
    RuleSet::load(&wanted)
}

fn verdict_of(rules: &RuleSet, day: &str, facts: serde_json::Value) -> (Verdict, bool) {
    let case = Case { facts: facts.as_object().unwrap().clone(), ..Case::default() };
    let built = case.build(rules.dictionary(), day);
    let law = rules.on(day.parse().unwrap(), Term::default());
    let screened = built.screen(&law);
    assert_eq!(law.trace(built.project(), built.around(), "e").replay(), screened.verdict);
    (screened.verdict, screened.unverified_basis)
}

fn hit(rules: &RuleSet, day: &str) -> (Verdict, bool) {
    verdict_of(rules, day, json!({"two_high": true}))
}

#[test]
fn rules_3_11_a_repeal_is_felt_on_its_day() {
    let (rules, findings) = load(&rule("prohibit", "cite = \"旧法 第1条\""), "旧法,,2010-01-01,2026-08-15,,,,\n");
    assert!(findings.is_empty());
    assert_eq!(hit(&rules, "2022-01-01").0, Verdict::Prohibited);
    assert_eq!(hit(&rules, "2026-08-14").0, Verdict::Prohibited, "the day before");
    assert_eq!(hit(&rules, "2026-08-15").0, Verdict::NeedsJudgement, "no basis, no demand");
    assert_eq!(hit(&rules, "2026-11-24").0, Verdict::NeedsJudgement);
    assert_eq!(hit(&rules, "2009-12-31").0, Verdict::NeedsJudgement, "not yet in force");
    let law = rules.on("2026-11-24".parse().unwrap(), Term::default());
    assert_eq!(law.to_review().map(|(rule, _)| rule.id.as_str()).collect::<Vec<_>>(), ["A"]);
    let before = rules.on("2026-08-14".parse().unwrap(), Term::default());
    assert_eq!(before.to_review().count(), 0);
}

#[test]
fn rules_3_11_a_successor_keeps_a_rule_in_force_and_is_marked_until_verified() {
    let row = |verified: &str| format!("旧法,第1条,,2026-08-15,新典,第9条,{verified},\n");
    let text = rule("prohibit", "cite = \"旧法 第1条\"");
    let (open, _) = load(&text, &row("false"));
    assert_eq!(hit(&open, "2026-08-14"), (Verdict::Prohibited, false));
    assert_eq!(hit(&open, "2026-08-15"), (Verdict::Prohibited, true));
    let (checked, _) = load(&text, &row("true"));
    assert_eq!(hit(&checked, "2026-08-15"), (Verdict::Prohibited, false));
    let built = Case { facts: json!({"two_high": true}).as_object().unwrap().clone(), ..Case::default() }
        .build(open.dictionary(), "2026-08-15");
    let law = open.on("2026-08-15".parse().unwrap(), Term::default());
    let trace = law.trace(built.project(), built.around(), "e");
    let cite = &trace.rules[0].cites[0];
    assert_eq!(cite.cite.label(), "旧法 第1条", "both articles are shown");
    assert!(matches!(&cite.basis, Basis::Succeeded { by, .. } if by.label() == "新典 第9条"));
}

#[test]
fn the_sample_rests_on_unverified_successors_since_the_code() {
    let rules = RuleSet::load(&files(vec![file("testdata/zoning/rules-sample.toml")])).0;
    let water = json!({"kind": "new", "water_supply_facility": false});
    let mut case = Case { facts: water.as_object().unwrap().clone(), ..Case::default() };
    case.answers.insert("touches:water_source_1".into(), json!(true));
    for (day, unverified) in [("2026-08-14", false), ("2026-11-24", true)] {
        let built = case.build(rules.dictionary(), day);
        let law = rules.on(day.parse().unwrap(), Term::default());
        let screened = built.screen(&law);
        assert_eq!((screened.verdict, screened.unverified_basis), (Verdict::Prohibited, unverified), "{day}");
    }
}

#[test]
fn the_rule_file_itself_may_tell_of_a_repeal() {
    let gone = "cite = { doc = \"旧法\", clause = \"第1条\", repealed = true }";
    let (rules, findings) = load(&rule("prohibit", gone), "");
    assert_eq!(findings.iter().map(|f| f.code).collect::<Vec<_>>(), ["basis_repealed"]);
    assert_eq!(hit(&rules, "2026-01-01").0, Verdict::NeedsJudgement);
    let moved = "cite = { doc = \"旧法\", repealed = true, successor = \"新典 第9条\" }";
    let (rules, findings) = load(&rule("prohibit", moved), "");
    assert!(findings.is_empty());
    assert_eq!(hit(&rules, "2026-01-01"), (Verdict::Prohibited, true));
    let (rules, findings) = load(&rule("prohibit", ""), "");
    assert_eq!(findings.iter().map(|f| f.code).collect::<Vec<_>>(), ["prohibit_uncited"]);
    assert_eq!(hit(&rules, "2026-01-01").0, Verdict::NeedsJudgement, "no ban without a basis");
    let (rules, findings) = load(&rule("require", ""), "");
    assert!(findings.is_empty());
    assert_eq!(hit(&rules, "2026-01-01").0, Verdict::NeedsInformation);
}

#[test]
fn a_rule_holds_in_its_term_by_the_date_it_names() {
    let term = "cite = \"甲\"\neffective = { from = 2026-01-01, to = \"2027-01-01\" }";
    let always = "\n[[rule]]\nid = \"B\"\ndimension = \"spatial\"\nrank = \"city\"\neffect = \"encourage\"\nwhen = \"two_high\"\nsay = \"s\"\n";
    let (rules, findings) = load(&(rule("prohibit", term) + always), "");
    assert!(findings.is_empty(), "{findings:?}");
    let days = ["2025-12-31", "2026-01-01", "2026-12-31", "2027-01-01"];
    use Verdict::{Allowed, NeedsInformation, Prohibited};
    assert_eq!(days.map(|day| hit(&rules, day).0), [Allowed, Prohibited, Prohibited, Allowed]);
    let (rules, _) = load(&(rule("prohibit", &format!("{term}\napplies = \"submitted\"")) + always), "");
    assert_eq!(days.map(|day| hit(&rules, day).0), [Allowed, NeedsInformation, NeedsInformation, NeedsInformation]);
    let built = Case { facts: json!({"two_high": true}).as_object().unwrap().clone(), ..Case::default() }
        .build(rules.dictionary(), "2027-03-01");
    let law = rules.on("2027-03-01".parse().unwrap(), Term::default());
    for (submitted, verdict) in [("2026-12-31", Prohibited), ("2027-01-01", Allowed)] {
        let mut project = built.project();
        project.submitted = submitted.parse().ok();
        assert_eq!(law.screen(project, built.around()).verdict, verdict, "{submitted}");
    }
}

#[test]
fn rules_3_10_existing_plants_meet_only_rules_that_speak_of_them_where_that_is_declared() {
    let plant = json!({"two_high": true, "kind": "existing"});
    let plain = rule("prohibit", "cite = \"甲\"");
    let (by_condition, _) = load(&plain, "");
    assert_eq!(verdict_of(&by_condition, "2026-01-01", plant.clone()).0, Verdict::Prohibited, "as in the reference");
    let declared = format!("[ruleset]\nexisting = \"declared\"\n{plain}");
    let (declared_set, findings) = load(&declared, "");
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!(verdict_of(&declared_set, "2026-01-01", plant.clone()).0, Verdict::Allowed);
    assert_eq!(verdict_of(&declared_set, "2026-01-01", json!({"two_high": true})).0, Verdict::NeedsInformation);
    assert_eq!(
        verdict_of(&declared_set, "2026-01-01", json!({"two_high": true, "kind": "new"})).0,
        Verdict::Prohibited
    );
    let (speaks, _) = load(&format!("{declared}existing = true\n"), "");
    assert_eq!(verdict_of(&speaks, "2026-01-01", plant).0, Verdict::Prohibited);
}

#[test]
fn rules_3_7_exceptions_are_written_cited_and_of_no_lower_rank() {
    let exception = |rank: &str, cite: &str| {
        let base = rule("prohibit", "cite = \"甲\"\nunless_rule = [\"E\"]");
        format!(
            "{base}\n[[rule]]\nid = \"E\"\ndimension = \"spatial\"\nrank = \"{rank}\"\neffect = \"procedure\"\nwhen = \"national_major_project\"\nsay = \"s\"\n{cite}\n"
        )
    };
    let (rules, findings) = load(&exception("city", "cite = \"乙\""), "");
    assert!(findings.is_empty());
    let at = |major: serde_json::Value| {
        verdict_of(&rules, "2026-01-01", json!({"two_high": true, "national_major_project": major})).0
    };
    assert_eq!(at(json!(true)), Verdict::Allowed);
    assert_eq!(at(json!(false)), Verdict::Prohibited);
    assert_eq!(at(json!(null)), Verdict::NeedsInformation);
    let codes = |text: &str| load(text, "").1.iter().map(|f| f.code).collect::<Vec<_>>();
    assert_eq!(codes(&exception("unit", "cite = \"乙\"")), ["exception_rank"]);
    assert_eq!(codes(&exception("city", "")), ["exception_uncited"]);
    assert_eq!(codes(&rule("prohibit", "cite = \"甲\"\nunless_rule = [\"Z\"]")), ["exception_unknown"]);
    assert_eq!(codes(&rule("prohibit", "cite = \"甲\"\nunless_rule = [\"A\"]")), ["exception_cycle"]);
    assert_eq!(codes(&(rule("review", "") + &rule("review", ""))), ["rule_twice"]);
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let bad = |when: &str| {
        let text = format!(
            "\n[[rule]]\nid = \"A\"\ndimension = \"spatial\"\nrank = \"city\"\neffect = \"review\"\nwhen = \"\"\"\n{when}\"\"\"\nquestion = \"q\"\n"
        );
        let (rules, findings) = load(&text, "");
        assert_eq!(verdict_of(&rules, "2026-01-01", json!({})).0, Verdict::NeedsInformation, "never absent");
        let finding = findings.into_iter().next().unwrap();
        (finding.line.unwrap(), finding.message_zh)
    };
    let cases = [
        ("two_hihg", 8, "事实字典中没有"),
        ("two_high and\nrisk_q > delta_voc_t", 9, "单位不一致"),
        ("delta_voc_t * delta_cod_t > 1", 8, "单位不一致"),
        ("delta_voc_t + 1 > noise_day_db", 8, "单位不一致"),
        ("kind == 'nwe'", 8, "枚举没有值"),
        ("kind < 'new'", 8, "类型"),
        ("touches('a','b')", 8, "需要一个带引号的名称"),
        ("under(industry)", 8, "参数个数"),
        ("under(kind,'C')", 8, "行业代码"),
        ("exists(boilers, two_high)", 8, "没有字段"),
        ("exists(processes, true)", 8, "记录列表"),
        ("exists(boilers, touches('a'))", 8, "不能用空间"),
        ("risk_q / 2 > 1", 8, "除法"),
        ("1 < risk_q < 2", 8, "连写"),
        ("risk_q", 8, "是非值"),
        ("two_high and", 8, "不完整"),
        ("risk_q > 1..2", 8, "不是十进制数"),
        ("two_high &", 8, "不认识的字符"),
        ("kind == 'new", 8, "结束引号"),
    ];
    for (when, line, words) in cases {
        let found = bad(when);
        assert_eq!(found.0, line, "{when}: {found:?}");
        assert!(found.1.contains(words), "{when}: {found:?}");
    }
    let deep = "(".repeat(5_000) + "two_high" + &")".repeat(5_000);
    assert!(bad(&deep).1.contains("60"));
    assert!(bad(&("not ".repeat(3_000) + "two_high")).1.contains("60"));
    assert!(bad(&format!("{} > 1", vec!["risk_q"; 900].join("+"))).1.contains("60"));
    assert!(bad(&format!("risk_q > {}1", "-".repeat(2_000))).1.contains("60"));
    assert!(bad(&format!("risk_q in [{}]", vec!["1"; 3_000].join(","))).1.contains("2000"));
    assert!(bad(&vec!["two_high"; 3_000].join(" and ")).1.contains("KiB"));
}

#[test]
fn layers_that_the_edition_does_not_have_are_named() {
    let mut wanted = files(vec![RuleFile::new("r.toml", rule("review", "").replace("two_high", "touches('redlnie')"))]);
    wanted.layers = Some(["redline".to_owned()].into());
    let (_, findings) = RuleSet::load(&wanted);
    assert_eq!(findings.iter().map(|f| (f.code, f.value.as_str())).collect::<Vec<_>>(), [("layer_unknown", "redlnie")]);
}

#[test]
fn facts_of_a_wrong_kind_are_errors_and_never_unknown() {
    let rules = RuleSet::load(&files(Vec::new())).0;
    let cell = |name: &str, text: &str| zoning::Facts::from_cells(rules.dictionary(), [(name, text)]);
    for (name, text) in [
        ("kind", "neu"),
        ("industry", "3"),
        ("industry", "D3360"),
        ("industry", "C33601"),
        ("two_high", "maybe"),
        ("delta_voc_t", "1,5"),
        ("delta_voc_t", "1.5 kg/a"),
        ("delta_voc_t", "NaN"),
        ("processes", "coating"),
        ("processes", "[1]"),
        ("boilers", "[{\"fule\":\"coal\"}]"),
        ("boilers", "[{\"t_h\":\"ten\"}]"),
        ("boilers", "{}"),
    ] {
        let errors = cell(name, text).unwrap_err();
        assert!(errors[0].field.starts_with(name), "{name} {text}: {errors:?}");
    }
    let known = |name: &str, text: &str| {
        cell(name, text).unwrap().to_json(rules.dictionary()).get(name).cloned().unwrap_or_default()
    };
    assert_eq!(known("industry", "3360"), json!("C3360"), "the letter comes from the division");
    assert_eq!(known("industry", " c3360 "), json!("C3360"));
    assert_eq!(known("kind", "新建"), json!("new"));
    assert_eq!(known("delta_voc_t", "1.50 t/a"), json!("1.5"));
    assert_eq!(known("two_high", "True"), json!(true));
    assert_eq!(known("two_high", " "), json!(null), "empty is unknown");
    assert_eq!(known("boilers", "[{\"fuel\":\"coal\",\"t_h\":null}]"), json!([{"fuel": "coal"}]));
    assert_eq!(known("processes", "[]"), json!([]), "an empty list is known");
}
