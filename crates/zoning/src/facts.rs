//! The fact dictionary: what a rule may ask about a project, in which unit, and who may answer.

use crate::Number;
use crate::finding::{RuleFile, RuleFinding, error};
use crate::value::{Record, Value};
use norms::Day;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Facts that a dictionary may hold.
const FACTS_MAX: usize = 4_096;
/// Items that a list or a list of records may hold.
pub(crate) const ITEMS_MAX: usize = 1_000;
/// Characters that a text may have.
const TEXT_CHARS_MAX: usize = 2_000;

/// A value of an enum with its labels.
#[derive(Clone, PartialEq, Eq, Debug, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The word in rules and files.
    pub value: String,
    /// What people see, in Chinese.
    pub zh: String,
    /// In English.
    #[serde(default)]
    pub en: String,
}

/// What kind of value a fact has.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum FactType {
    /// Yes or no.
    Bool,
    /// An exact decimal in a unit; `1` is a plain number.
    Decimal {
        /// The unit, such as `t/a`.
        #[serde(serialize_with = "shared")]
        unit: Arc<str>,
    },
    /// One of declared words.
    Enum {
        /// The words.
        #[serde(serialize_with = "shared")]
        values: Arc<[Choice]>,
        /// Whether other words are taken too.
        open: bool,
    },
    /// An industry code of GB/T 4754, such as `C3360`.
    Code,
    /// A day.
    Date,
    /// Free text.
    Text,
    /// Some values of one type.
    List {
        /// The type of the items.
        of: Box<FactType>,
    },
    /// Some things with fields, such as boilers.
    Records {
        /// Their fields, in order.
        #[serde(serialize_with = "shared")]
        fields: Arc<[Field]>,
    },
}

fn shared<T: serde::Serialize + ?Sized, S: serde::Serializer>(
    value: &Arc<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    value.as_ref().serialize(serializer)
}

/// A field of a record.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct Field {
    /// Name inside `exists(…)` and `all(…)`.
    pub name: String,
    /// Its type: no list.
    #[serde(flatten)]
    pub kind: FactType,
    /// Label in Chinese.
    pub zh: String,
    /// Label in English.
    pub en: String,
}

/// Who may answer a question.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Answerer {
    /// The applicant or its consultant.
    Applicant,
    /// A named official.
    Official,
    /// Monitoring: the state of the control unit, from `status.csv`.
    Status,
}

/// In which direction a number can be changed to help a project.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Adjustable {
    /// More helps, such as an offset.
    Up,
    /// Less helps, such as an emission.
    Down,
}

/// One fact of the dictionary.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct Fact {
    /// Name in rules and in the columns of project files.
    pub name: String,
    /// Its type and unit.
    #[serde(flatten)]
    pub kind: FactType,
    /// The question, in Chinese.
    pub question_zh: String,
    /// The question, in English.
    pub question_en: String,
    /// Who may answer.
    pub answer: Answerer,
    /// What proves the answer.
    pub evidence: String,
    /// Heading in forms.
    pub group: String,
    /// Whether and how the applicant can change it.
    pub adjustable: Option<Adjustable>,
    /// Least change that means anything, for numbers.
    pub step: Number,
    /// A status older than this many days is unknown.
    pub valid_days: Option<i32>,
}

/// Letter of a section of the industry classification with its range of divisions.
#[derive(Clone, PartialEq, Eq, Debug, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
struct Section {
    letter: String,
    from: u32,
    to: u32,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct DictionaryFile {
    #[serde(default, rename = "schema")]
    _schema: String,
    #[serde(default, rename = "source")]
    _source: String,
    #[serde(default, rename = "confidence")]
    _confidence: String,
    #[serde(default)]
    section: Vec<Section>,
    #[serde(default)]
    fact: Vec<toml::Spanned<RawFact>>,
}

#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFact {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    of: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    values: Vec<Choice>,
    #[serde(default)]
    open: bool,
    #[serde(default)]
    fields: Vec<RawField>,
    #[serde(default)]
    question_zh: String,
    #[serde(default)]
    question_en: String,
    answer: Option<Answerer>,
    #[serde(default)]
    evidence: String,
    #[serde(default)]
    group: String,
    adjustable: Option<Adjustable>,
    step: Option<String>,
    valid_days: Option<i32>,
}

#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    values: Vec<Choice>,
    #[serde(default)]
    open: bool,
    #[serde(default)]
    zh: String,
    #[serde(default)]
    en: String,
}

/// All facts that rules may name.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    facts: Vec<Fact>,
    by_name: HashMap<String, usize>,
    sections: Vec<Section>,
}

/// Why a value of a project cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, serde::Serialize)]
#[error("{field}: {message_zh} / {message_en}")]
pub struct FactError {
    /// Name of the fact, or `fact[3].field`.
    pub field: String,
    /// What stood there, cut to a readable length.
    pub value: String,
    /// What is wrong and what is wanted, in Chinese.
    pub message_zh: String,
    /// In English.
    pub message_en: String,
}

impl Dictionary {
    /// Reads dictionaries; a later file replaces facts of the same name of an earlier one.
    #[must_use]
    pub fn load(files: &[RuleFile]) -> (Self, Vec<RuleFinding>) {
        let mut dictionary = Self::default();
        let mut findings = Vec::new();
        for file in files {
            dictionary.read(file, &mut findings);
        }
        (dictionary, findings)
    }

    fn read(&mut self, file: &RuleFile, findings: &mut Vec<RuleFinding>) {
        let parsed: DictionaryFile = match toml::from_str(&file.text) {
            Ok(parsed) => parsed,
            Err(problem) => {
                findings.push(file.toml_error(&problem));
                return;
            }
        };
        if !parsed.section.is_empty() {
            self.sections = parsed.section;
        }
        let mut seen = std::collections::HashSet::new();
        for raw in parsed.fact {
            let line = file.line_at(raw.span().start);
            let raw = raw.into_inner();
            let mut report = |code, zh: String, en: String| {
                findings.push(error(code, &file.path, Some(line), &raw.name, "", &zh, &en));
            };
            if !seen.insert(raw.name.clone()) {
                report("fact_twice", "同一文件中事实重名".into(), "the fact stands twice in this file".into());
                continue;
            }
            match fact_of(&raw) {
                Ok(fact) => self.put(fact),
                Err((zh, en)) => report("fact_form", zh, en),
            }
        }
        if self.facts.len() > FACTS_MAX {
            self.facts.truncate(FACTS_MAX);
            self.by_name.retain(|_, slot| *slot < FACTS_MAX);
            let (zh, en) = ("事实字典超过 4096 项", "the dictionary holds more than 4096 facts");
            findings.push(error("facts_many", &file.path, None, "fact", "", zh, en));
        }
    }

    fn put(&mut self, fact: Fact) {
        if let Some(&slot) = self.by_name.get(&fact.name) {
            self.facts[slot] = fact;
        } else {
            self.by_name.insert(fact.name.clone(), self.facts.len());
            self.facts.push(fact);
        }
    }

    /// All facts, in order of their files.
    #[must_use]
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// A fact by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Fact> {
        self.slot(name).map(|slot| &self.facts[slot])
    }

    /// The place of a fact in [`Facts`].
    pub(crate) fn slot(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// An industry code with its section letter, or why it is none.
    fn code(&self, text: &str) -> Result<String, (String, String)> {
        let wrong = || {
            (
                "行业代码应为 GB/T 4754 的门类字母加最多 4 位数字，如 C3360".to_owned(),
                "an industry code is a section letter and up to 4 digits of GB/T 4754, such as C3360".to_owned(),
            )
        };
        let upper = text.to_ascii_uppercase();
        let letter = upper.starts_with(|c: char| c.is_ascii_uppercase());
        let digits = if letter { &upper[1..] } else { &upper[..] };
        if digits.len() > 4 || !digits.bytes().all(|b| b.is_ascii_digit()) || (!letter && digits.len() < 2) {
            return Err(wrong());
        }
        let section = digits
            .get(..2)
            .and_then(|division| division.parse::<u32>().ok())
            .and_then(|division| self.sections.iter().find(|section| (section.from..=section.to).contains(&division)));
        match (letter, section) {
            (true, Some(section)) if !upper.starts_with(&section.letter) => Err(wrong()),
            (true, None) if digits.len() >= 2 && !self.sections.is_empty() => Err(wrong()),
            (true, _) => Ok(upper),
            (false, Some(section)) => Ok(format!("{}{digits}", section.letter)),
            (false, None) => Err(wrong()),
        }
    }
}

fn fact_of(raw: &RawFact) -> Result<Fact, (String, String)> {
    let ident = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if !ident(&raw.name) {
        return Err(("事实名须为字母、数字、下划线".into(), "a fact's name is letters, digits and underscores".into()));
    }
    let kind = match raw.kind.as_str() {
        "list" => FactType::List { of: Box::new(plain_type(&raw.of, &raw.unit, &raw.values, raw.open)?) },
        "records" => {
            let mut fields = Vec::new();
            for field in &raw.fields {
                if !ident(&field.name) || fields.iter().any(|other: &Field| other.name == field.name) {
                    return Err((format!("字段“{}”不合规或重名", field.name), format!("field “{}”", field.name)));
                }
                fields.push(Field {
                    name: field.name.clone(),
                    kind: plain_type(&field.kind, &field.unit, &field.values, field.open)?,
                    zh: field.zh.clone(),
                    en: field.en.clone(),
                });
            }
            FactType::Records { fields: fields.into() }
        }
        plain => plain_type(plain, &raw.unit, &raw.values, raw.open)?,
    };
    let step = match &raw.step {
        Some(text) => text.parse().map_err(|_| (format!("步长“{text}”不是数"), format!("step “{text}”")))?,
        None => Number::new(1, 2),
    };
    Ok(Fact {
        name: raw.name.clone(),
        kind,
        question_zh: raw.question_zh.clone(),
        question_en: raw.question_en.clone(),
        answer: raw.answer.unwrap_or(Answerer::Applicant),
        evidence: raw.evidence.clone(),
        group: raw.group.clone(),
        adjustable: raw.adjustable,
        step,
        valid_days: raw.valid_days,
    })
}

fn plain_type(kind: &str, unit: &str, values: &[Choice], open: bool) -> Result<FactType, (String, String)> {
    let decimal_has_unit = (kind == "decimal") != unit.is_empty();
    if !decimal_has_unit {
        let zh = "decimal 须有单位（无量纲写 \"1\"），其他类型不得有单位";
        return Err((zh.into(), "a decimal has a unit (\"1\" for a plain number), nothing else has one".into()));
    }
    if (kind == "enum") == (values.is_empty() && !open) {
        return Err(("enum 须列出 values".into(), "an enum lists its values".into()));
    }
    Ok(match kind {
        "bool" => FactType::Bool,
        "decimal" => FactType::Decimal { unit: unit.into() },
        "enum" => FactType::Enum { values: values.to_vec().into(), open },
        "code" => FactType::Code,
        "date" => FactType::Date,
        "text" => FactType::Text,
        other => return Err((format!("不认识的类型“{other}”"), format!("the type “{other}” is not known"))),
    })
}

/// The facts of one project: a place for each fact of the dictionary, empty when unknown.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Facts {
    pub(crate) values: Vec<Option<Value>>,
}

impl Facts {
    /// Nothing known.
    #[must_use]
    pub fn unknown(dictionary: &Dictionary) -> Self {
        Self { values: vec![None; dictionary.facts.len()] }
    }

    /// Facts from the cells of a table; columns that are no facts are passed over. An empty cell is unknown.
    ///
    /// # Errors
    /// Every cell that cannot be read, with its field.
    pub fn from_cells<'a>(
        dictionary: &Dictionary,
        cells: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Vec<FactError>> {
        let mut facts = Self::unknown(dictionary);
        let mut errors = Vec::new();
        for (name, cell) in cells {
            if let Err(problem) = facts.set_cell(dictionary, name, cell) {
                errors.push(problem);
            }
        }
        if errors.is_empty() { Ok(facts) } else { Err(errors) }
    }

    /// Facts from an object of JSON; keys that are no facts are passed over. `null` and `""` are unknown.
    ///
    /// # Errors
    /// Every value that cannot be read, with its field.
    pub fn from_json(
        dictionary: &Dictionary,
        object: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<Self, Vec<FactError>> {
        let mut facts = Self::unknown(dictionary);
        let mut errors = Vec::new();
        for (name, value) in object {
            if let Err(problem) = facts.set_json(dictionary, name, value) {
                errors.push(problem);
            }
        }
        if errors.is_empty() { Ok(facts) } else { Err(errors) }
    }

    /// Sets one fact from a cell of text; false when the dictionary does not know the name.
    ///
    /// # Errors
    /// When the cell cannot be read.
    pub fn set_cell(&mut self, dictionary: &Dictionary, name: &str, cell: &str) -> Result<bool, FactError> {
        let Some(slot) = dictionary.slot(name) else { return Ok(false) };
        let cell = cell.trim();
        let value = match &dictionary.facts[slot].kind {
            _ if cell.is_empty() => None,
            FactType::List { .. } | FactType::Records { .. } => {
                let json: serde_json::Value = serde_json::from_str(cell).map_err(|_| FactError {
                    field: name.to_owned(),
                    value: cut(cell),
                    message_zh: "列表须写成 JSON 数组，如 [\"coating\"]".to_owned(),
                    message_en: "a list is written as a JSON array, such as [\"coating\"]".to_owned(),
                })?;
                from_json(dictionary, &dictionary.facts[slot].kind, name, &json)?
            }
            kind => Some(from_text(dictionary, kind, name, cell)?),
        };
        self.put(slot, value);
        Ok(true)
    }

    /// Sets one fact from JSON; false when the dictionary does not know the name.
    ///
    /// # Errors
    /// When the value cannot be read.
    pub fn set_json(
        &mut self,
        dictionary: &Dictionary,
        name: &str,
        value: &serde_json::Value,
    ) -> Result<bool, FactError> {
        let Some(slot) = dictionary.slot(name) else { return Ok(false) };
        let value = match value {
            // Properties of features often carry lists as text.
            serde_json::Value::String(text) => return self.set_cell(dictionary, name, text),
            other => from_json(dictionary, &dictionary.facts[slot].kind, name, other)?,
        };
        self.put(slot, value);
        Ok(true)
    }

    fn put(&mut self, slot: usize, value: Option<Value>) {
        if slot >= self.values.len() {
            self.values.resize(slot + 1, None);
        }
        self.values[slot] = value;
    }

    /// Sets or hides one fact; false when the dictionary does not know the name.
    pub fn set(&mut self, dictionary: &Dictionary, name: &str, value: Option<Value>) -> bool {
        let slot = dictionary.slot(name);
        if let Some(slot) = slot {
            self.put(slot, value);
        }
        slot.is_some()
    }

    /// The value of a fact, if it is known.
    #[must_use]
    pub fn get(&self, dictionary: &Dictionary, name: &str) -> Option<&Value> {
        self.values.get(dictionary.slot(name)?)?.as_ref()
    }

    /// The known facts by name, as JSON that [`Facts::from_json`] reads.
    #[must_use]
    pub fn to_json(&self, dictionary: &Dictionary) -> BTreeMap<String, serde_json::Value> {
        let known = dictionary.facts.iter().zip(&self.values);
        known.filter_map(|(fact, value)| Some((fact.name.clone(), value.as_ref()?.to_json(&fact.kind)))).collect()
    }
}

fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

fn wrong(field: &str, value: &str, zh: &str, en: &str) -> FactError {
    FactError { field: field.to_owned(), value: cut(value), message_zh: zh.to_owned(), message_en: en.to_owned() }
}

fn from_text(dictionary: &Dictionary, kind: &FactType, field: &str, text: &str) -> Result<Value, FactError> {
    let text = text.trim();
    match kind {
        FactType::Bool => match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "是" => Ok(Value::Bool(true)),
            "false" | "0" | "no" | "否" => Ok(Value::Bool(false)),
            _ => Err(wrong(field, text, "应为 true/false 或 是/否", "true or false is wanted")),
        },
        FactType::Decimal { unit } => {
            let digits = text.strip_suffix(unit.as_ref()).filter(|_| unit.as_ref() != "1").unwrap_or(text).trim_end();
            digits.parse().map(Value::Number).map_err(|_| {
                let zh = format!("应为十进制数，单位 {unit}；不接受其他单位或千分位");
                let en = format!("a decimal number in {unit} is wanted, in no other unit and without separators");
                wrong(field, text, &zh, &en)
            })
        }
        FactType::Enum { values, open } => {
            let word = values.iter().find(|choice| choice.value == text || (!text.is_empty() && choice.zh == text));
            match word {
                Some(choice) => Ok(Value::Text(choice.value.as_str().into())),
                None if *open && text.chars().count() <= TEXT_CHARS_MAX => Ok(Value::Text(text.into())),
                None => {
                    let known: Vec<&str> = values.iter().map(|choice| choice.value.as_str()).collect();
                    let zh = format!("应为其中之一：{}", known.join("、"));
                    let en = format!("one of these is wanted: {}", known.join(", "));
                    Err(wrong(field, text, &zh, &en))
                }
            }
        }
        FactType::Code => {
            let code = dictionary.code(text).map_err(|(zh, en)| wrong(field, text, &zh, &en))?;
            Ok(Value::Text(code.into()))
        }
        FactType::Date => text
            .parse::<Day>()
            .map(Value::Date)
            .map_err(|_| wrong(field, text, "应为日期，如 2026-03-01", "a date such as 2026-03-01 is wanted")),
        FactType::Text if text.chars().count() > TEXT_CHARS_MAX => {
            Err(wrong(field, text, "文字过长（至多 2000 字）", "the text is longer than 2000 characters"))
        }
        FactType::Text => Ok(Value::Text(text.into())),
        FactType::List { .. } | FactType::Records { .. } => {
            Err(wrong(field, text, "应为 JSON 数组", "a JSON array is wanted"))
        }
    }
}

fn from_json(
    dictionary: &Dictionary,
    kind: &FactType,
    field: &str,
    json: &serde_json::Value,
) -> Result<Option<Value>, FactError> {
    use serde_json::Value as Json;
    let mismatch = || wrong(field, &json.to_string(), "值的类型不对", "the value is of the wrong type");
    match (kind, json) {
        (_, Json::Null) => Ok(None),
        (FactType::List { of }, Json::Array(items)) => {
            if items.len() > ITEMS_MAX {
                return Err(wrong(field, "", "列表超过 1000 项", "the list holds more than 1000 items"));
            }
            let mut list = Vec::with_capacity(items.len());
            for (number, item) in items.iter().enumerate() {
                let place = format!("{field}[{number}]");
                let value = from_json(dictionary, of, &place, item)?;
                list.push(value.ok_or_else(|| wrong(&place, "null", "列表项不能为空", "an item is not empty"))?);
            }
            Ok(Some(Value::List(list)))
        }
        (FactType::Records { fields }, Json::Array(items)) => {
            if items.len() > ITEMS_MAX {
                return Err(wrong(field, "", "列表超过 1000 项", "the list holds more than 1000 items"));
            }
            let records: Result<Vec<Record>, FactError> = items
                .iter()
                .enumerate()
                .map(|(number, item)| record_of(dictionary, fields, &format!("{field}[{number}]"), item))
                .collect();
            Ok(Some(Value::Records(records?)))
        }
        (FactType::List { .. } | FactType::Records { .. }, _) => Err(mismatch()),
        (_, Json::String(text)) if text.trim().is_empty() => Ok(None),
        (_, Json::String(text)) => from_text(dictionary, kind, field, text).map(Some),
        (FactType::Bool, Json::Bool(value)) => Ok(Some(Value::Bool(*value))),
        (FactType::Bool | FactType::Decimal { .. }, Json::Number(number)) => {
            from_text(dictionary, kind, field, &number.to_string()).map(Some)
        }
        _ => Err(mismatch()),
    }
}

fn record_of(
    dictionary: &Dictionary,
    fields: &[Field],
    place: &str,
    json: &serde_json::Value,
) -> Result<Record, FactError> {
    let Some(object) = json.as_object() else {
        return Err(wrong(place, &json.to_string(), "应为 JSON 对象", "a JSON object is wanted"));
    };
    if let Some(stranger) = object.keys().find(|key| !fields.iter().any(|field| field.name == **key)) {
        let known: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        let zh = format!("不认识的字段；已知字段：{}", known.join("、"));
        let en = format!("the field is not known; known are: {}", known.join(", "));
        return Err(wrong(&format!("{place}.{stranger}"), "", &zh, &en));
    }
    let values: Result<Vec<Option<Value>>, FactError> = fields
        .iter()
        .map(|field| match object.get(&field.name) {
            None => Ok(None),
            Some(value) => from_json(dictionary, &field.kind, &format!("{place}.{}", field.name), value),
        })
        .collect();
    Ok(Record(values?))
}
