//! The `cel` crate as an oracle where everything is known.

use crate::city::{Chance, file, files};
use crate::sizes::{seed, size};
use crate::soundness::project;
use norms::Term;
use serde_json::{Value as Json, json};
use zoning::RuleSet;

const DAY: &str = "2026-08-01";

/// Our syntax in that of the Common Expression Language.
fn to_cel(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        if first == '\'' {
            let end = rest[1..].find('\'').unwrap() + 2;
            out += &rest[..end];
            rest = &rest[end..];
        } else if first.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            let number = &rest[..end];
            out += &if number.contains('.') { number.to_owned() } else { format!("{number}.0") };
            rest = &rest[end..];
        } else if word > 0 {
            out += match &rest[..word] {
                "and" => "&&",
                "or" => "||",
                "not" => "!",
                name => name,
            };
            rest = &rest[word..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    // `not x` binds weaker than comparisons with us and stronger in CEL; the sample writes parentheses or names.
    out.replace("! ", "!")
        .replace("exists(boilers, ", "boilers.exists(b, ")
        .replace("fuel", "b.fuel")
        .replace("t_h", "b.t_h")
}

#[test]
fn rules_1_cel_agrees_when_everything_is_known() {
    let rules = RuleSet::load(&files(vec![file("testdata/zoning/rules-sample.toml")])).0;
    let law = rules.on(DAY.parse().unwrap(), Term::default());
    let env = std::sync::Arc::new(cel::Env::stdlib());
    let sources: Vec<(String, String)> = rules
        .clauses()
        .iter()
        .map(|rule| {
            let mut text = to_cel(&rule.when_source);
            // Calls become names, since their answers are values here.
            for call in ["touches_outfall", "touches", "inside", "dist_m", "headroom", "judge"] {
                while let Some(at) = text.find(&format!("{call}('")) {
                    let end = at + text[at..].find(')').unwrap() + 1;
                    let key: String = text[at..end].chars().filter(char::is_ascii_alphanumeric).collect();
                    text.replace_range(at..end, &format!("q_{key}"));
                }
            }
            while let Some(at) = text.find("under(industry,") {
                let end = at + text[at..].find(')').unwrap() + 1;
                let inner = text[at + "under(industry,".len()..end - 1].to_owned();
                let each: Vec<String> =
                    inner.split(',').map(|prefix| format!("industry.startsWith({prefix})")).collect();
                text.replace_range(at..end, &format!("({})", each.join(" || ")));
            }
            (rule.id.clone(), text)
        })
        .collect();
    let programs: Vec<_> = sources
        .iter()
        .map(|(id, text)| (id, env.compile(text).unwrap_or_else(|problem| panic!("{id} {text}: {problem}"))))
        .collect();
    let mut chance = Chance(seed());
    let mut hits = 0;
    for _ in 0..size("zoning_cel_projects") {
        let mut case = project(&mut chance, &rules, 0.5);
        case.judged.insert("serious_water_polluter".into(), chance.is(0.5));
        if case.facts["industry"].as_str().unwrap().len() < 5 {
            case.facts.insert("industry".into(), json!("I6510"));
        }
        let built = case.build(rules.dictionary(), DAY);
        let screened = built.screen(&law);
        let applicable: Vec<String> = screened.outcomes().map(|(id, ..)| id).collect();
        let mut context = cel::Context::with_env(env.clone());
        for (name, value) in &case.facts {
            bind(&mut context, rules.dictionary(), name, value);
        }
        for (name, value) in &case.answers {
            let key: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
            bind_plain(&mut context, &format!("q_{key}"), value);
        }
        for (name, value) in &case.judged {
            let key: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
            context.add_variable_from_value(format!("q_judge{key}"), *value);
        }
        for (id, program) in &programs {
            let value = program.execute(&context).unwrap_or_else(|problem| panic!("{id}: {problem}"));
            let hit = value == cel::Value::Bool(true);
            hits += usize::from(hit);
            assert_eq!(hit, applicable.contains(id), "{id}: {case:?}");
        }
    }
    assert!(hits > 100);
}

fn bind_plain(context: &mut cel::Context<'_, '_>, name: &str, value: &Json) {
    match value {
        Json::Bool(value) => context.add_variable_from_value(name.to_owned(), *value),
        other => context.add_variable_from_value(name.to_owned(), other.as_f64().unwrap()),
    }
}

fn bind(context: &mut cel::Context<'_, '_>, dictionary: &zoning::Dictionary, name: &str, value: &Json) {
    let decimal = matches!(dictionary.get(name).unwrap().kind, zoning::FactType::Decimal { .. });
    match value {
        Json::Bool(value) => context.add_variable_from_value(name.to_owned(), *value),
        Json::String(text) if decimal => context.add_variable_from_value(name.to_owned(), text.parse::<f64>().unwrap()),
        Json::String(text) => context.add_variable_from_value(name.to_owned(), text.clone()),
        Json::Array(items) if name == "boilers" => {
            let list: Vec<cel::Value> = items
                .iter()
                .map(|item| {
                    let mut map: std::collections::HashMap<String, cel::Value> = std::collections::HashMap::new();
                    map.insert("fuel".into(), item["fuel"].as_str().unwrap().to_owned().into());
                    map.insert("t_h".into(), item["t_h"].as_str().unwrap().parse::<f64>().unwrap().into());
                    map.into()
                })
                .collect();
            context.add_variable_from_value(name.to_owned(), list);
        }
        Json::Array(items) => {
            let list: Vec<cel::Value> = items.iter().map(|item| item.as_str().unwrap().to_owned().into()).collect();
            context.add_variable_from_value(name.to_owned(), list);
        }
        other => panic!("{name}: {other}"),
    }
}
