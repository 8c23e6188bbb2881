//! What was told about a project.

use report::{Block, Column, Emphasis, Row};
use serde_json::{Value, json};
use zoning::{Choice, Dictionary, FactType};

/// A fact of the project, as it was told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToldFact {
    /// Its name, as rules name it.
    pub name: String,
    /// Heading in forms.
    pub group: String,
    /// The question.
    pub question: String,
    /// The answer in words, with its unit.
    pub value: String,
    /// Who may answer.
    pub who: String,
}

/// What was told, in the order of the dictionary; what it does not know comes last, under its own name.
#[must_use]
pub fn told(dictionary: Option<&Dictionary>, facts: &serde_json::Map<String, Value>) -> Vec<ToldFact> {
    let dictionary = dictionary.map_or(&[][..], Dictionary::facts);
    let known = dictionary.iter().filter_map(|fact| {
        let value = facts.get(&fact.name).filter(|value| !value.is_null())?;
        Some(ToldFact {
            name: fact.name.clone(),
            group: fact.group.clone(),
            question: fact.question_zh.clone(),
            value: in_words(&fact.kind, value),
            who: crate::zoning::form::who(fact.answer).to_owned(),
        })
    });
    let strange = facts.iter().filter(|(name, _)| !dictionary.iter().any(|fact| fact.name == **name));
    let strange = strange.map(|(name, value)| ToldFact {
        name: name.clone(),
        group: "其他".to_owned(),
        question: name.clone(),
        value: plain(value),
        who: String::new(),
    });
    known.chain(strange).collect()
}

fn in_words(kind: &FactType, value: &Value) -> String {
    match (kind, value) {
        (_, Value::Bool(true)) => "是".to_owned(),
        (_, Value::Bool(false)) => "否".to_owned(),
        (FactType::Decimal { unit }, value) if &**unit != "1" => format!("{} {unit}", plain(value)),
        (FactType::Enum { values, .. }, Value::String(word)) => chosen(values, word),
        (FactType::List { .. } | FactType::Records { .. }, Value::Array(items)) if items.is_empty() => "无".to_owned(),
        (FactType::List { of }, Value::Array(items)) => {
            items.iter().map(|item| in_words(of, item)).collect::<Vec<_>>().join("、")
        }
        (FactType::Records { fields }, Value::Array(items)) => {
            let one = |item: &Value| {
                let told = fields.iter().filter_map(|field| {
                    let value = item.get(&field.name).filter(|value| !value.is_null())?;
                    Some(format!("{} {}", field.zh, in_words(&field.kind, value)))
                });
                told.collect::<Vec<_>>().join("，")
            };
            items.iter().map(one).collect::<Vec<_>>().join("\n")
        }
        (_, value) => plain(value),
    }
}

fn chosen(values: &[Choice], word: &str) -> String {
    let known = values.iter().find(|choice| choice.value == word);
    known.map_or_else(|| word.to_owned(), |choice| choice.zh.clone())
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// One table for each heading.
pub(super) fn tables(facts: &[ToldFact]) -> Vec<Block> {
    let mut groups: Vec<(&str, Vec<Row>)> = Vec::new();
    for fact in facts {
        let row = Row::new(Emphasis::Plain, [fact.question.as_str(), &fact.value, &fact.who]);
        match groups.iter_mut().find(|(name, _)| *name == fact.group) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((&fact.group, vec![row])),
        }
    }
    let table = |(name, rows): (&str, Vec<Row>)| Block::Table {
        caption: Some(name.to_owned()),
        columns: vec![Column::new("事项", 52), Column::new("填报", 28), Column::new("由谁填报", 20)],
        rows,
    };
    groups.into_iter().map(table).collect()
}

pub(super) fn json(fact: &ToldFact) -> Value {
    json!({ "name": fact.name, "group": fact.group, "question": fact.question, "value": fact.value, "who": fact.who })
}
