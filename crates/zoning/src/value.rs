//! Values of facts, as projects give them.

use crate::Number;
use crate::facts::FactType;
use norms::Day;

/// A known value. What is unknown has none.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// An exact decimal in the fact's unit.
    Number(Number),
    /// A word of an enum, a code, or text.
    Text(Box<str>),
    /// A day.
    Date(Day),
    /// Some values.
    List(Vec<Value>),
    /// Some things with fields.
    Records(Vec<Record>),
}

/// One thing of a list, such as a boiler: a value for each declared field, empty when unknown.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Record(pub Vec<Option<Value>>);

impl Value {
    /// As JSON; numbers are text, so that they stay exact.
    #[must_use]
    pub fn to_json(&self, kind: &FactType) -> serde_json::Value {
        use serde_json::Value as Json;
        match (self, kind) {
            (Self::Bool(value), _) => Json::Bool(*value),
            (Self::Number(number), _) => Json::String(number.to_string()),
            (Self::Text(text), _) => Json::String(text.to_string()),
            (Self::Date(day), _) => Json::String(day.to_string()),
            (Self::List(items), FactType::List { of }) => items.iter().map(|item| item.to_json(of)).collect(),
            (Self::List(items), _) => items.iter().map(|item| item.to_json(&FactType::Text)).collect(),
            (Self::Records(records), FactType::Records { fields }) => {
                let object = |record: &Record| -> Json {
                    let known = fields.iter().zip(&record.0);
                    Json::Object(
                        known.filter_map(|(f, v)| Some((f.name.clone(), v.as_ref()?.to_json(&f.kind)))).collect(),
                    )
                };
                records.iter().map(object).collect()
            }
            (Self::Records(_), _) => Json::Null,
        }
    }
}
