//! Types and units: what a condition may compare with what.

use super::parser::{Kind, Tree};
use super::program::{Arith, Node, Order, PredicateCall, Program, Vocabulary};
use super::{ExprError, PredicateCall as Call};
use crate::facts::{Choice, Dictionary, FactType, Field};
use crate::value::Value;
use std::sync::Arc;

/// The type of a node.
#[derive(Clone, PartialEq, Debug)]
enum Type {
    Bool,
    /// A number in a unit; a literal takes the unit of its neighbour.
    Number(Option<Arc<str>>),
    Enum(Arc<[Choice]>, bool),
    Code,
    Date,
    Text,
    /// A text in quotes, which becomes what it is compared with.
    Quoted(String),
    List(Box<Type>),
    Records(u16, Arc<[Field]>),
}

impl Type {
    fn of(kind: &FactType, slot: u16) -> Self {
        match kind {
            FactType::Bool => Self::Bool,
            FactType::Decimal { unit } => Self::Number(Some(unit.clone())),
            FactType::Enum { values, open } => Self::Enum(values.clone(), *open),
            FactType::Code => Self::Code,
            FactType::Date => Self::Date,
            FactType::Text => Self::Text,
            FactType::List { of } => Self::List(Box::new(Self::of(of, slot))),
            FactType::Records { fields } => Self::Records(slot, fields.clone()),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Bool => "bool".to_owned(),
            Self::Number(None) => "number".to_owned(),
            Self::Number(Some(unit)) => format!("decimal [{unit}]"),
            Self::Enum(..) => "enum".to_owned(),
            Self::Code => "code".to_owned(),
            Self::Date => "date".to_owned(),
            Self::Text => "text".to_owned(),
            Self::Quoted(text) => format!("'{text}'"),
            Self::List(of) => format!("list of {}", of.name()),
            Self::Records(..) => "list of records".to_owned(),
        }
    }
}

/// Compiles a tree whose result is yes or no.
pub(super) fn compile(
    source: &str,
    tree: &Tree,
    dictionary: &Dictionary,
    vocabulary: &mut Vocabulary,
) -> Result<Program, ExprError> {
    let mut typer = Typer { dictionary, vocabulary, item: None, nodes: Vec::new(), spans: Vec::new() };
    let (root, kind) = typer.node(tree)?;
    want_bool(&kind, tree)?;
    Ok(Program { nodes: typer.nodes, spans: typer.spans, root, source: source.into() })
}

struct Typer<'a> {
    dictionary: &'a Dictionary,
    vocabulary: &'a mut Vocabulary,
    /// Inside `exists` and `all`: the fact and the fields of the item.
    item: Option<(u16, Arc<[Field]>)>,
    nodes: Vec<Node>,
    spans: Vec<(u32, u32)>,
}

type Typed = Result<(u32, Type), ExprError>;

fn want_bool(kind: &Type, tree: &Tree) -> Result<(), ExprError> {
    if *kind == Type::Bool {
        return Ok(());
    }
    let name = kind.name();
    Err(ExprError::new(tree.start, format!("此处应为是非值，却是 {name}"), format!("yes or no is wanted, not {name}")))
}

fn mismatch(tree: &Tree, a: &Type, b: &Type) -> ExprError {
    let (a, b) = (a.name(), b.name());
    let zh = format!("类型或单位不一致：{a} 与 {b}");
    ExprError::new(tree.start, zh, format!("types or units do not fit: {a} and {b}"))
}

impl Typer<'_> {
    fn push(&mut self, node: Node, tree: &Tree) -> u32 {
        // Sources are at most 16 KiB and trees at most 2000 nodes: the numbers fit.
        #[expect(clippy::cast_possible_truncation, reason = "bounded by the limits of expressions")]
        let (number, span) = (self.nodes.len() as u32, (tree.start as u32, tree.end as u32));
        self.nodes.push(node);
        self.spans.push(span);
        number
    }

    fn done(&mut self, node: Node, kind: Type, tree: &Tree) -> Typed {
        Ok((self.push(node, tree), kind))
    }

    fn node(&mut self, tree: &Tree) -> Typed {
        match &tree.kind {
            Kind::Bool(value) => self.done(Node::Const(Value::Bool(*value)), Type::Bool, tree),
            Kind::Number(number) => self.done(Node::Const(Value::Number(*number)), Type::Number(None), tree),
            Kind::Text(text) => {
                self.done(Node::Const(Value::Text(text.as_str().into())), Type::Quoted(text.clone()), tree)
            }
            Kind::Name(name) => self.name(name, tree),
            Kind::List(_) => Err(ExprError::new(tree.start, "列表只能写在 in 之后", "a list stands behind `in` only")),
            Kind::And(parts) => {
                let parts = self.bools(parts)?;
                self.done(Node::And(parts), Type::Bool, tree)
            }
            Kind::Or(parts) => {
                let parts = self.bools(parts)?;
                self.done(Node::Or(parts), Type::Bool, tree)
            }
            Kind::Not(inner) => {
                let (child, kind) = self.node(inner)?;
                want_bool(&kind, inner)?;
                self.done(Node::Not(child), Type::Bool, tree)
            }
            Kind::Negative(inner) => {
                let (child, kind) = self.number(inner)?;
                self.done(Node::Negative(child), kind, tree)
            }
            Kind::Arith(operation, left, right) => self.arith(*operation, left, right, tree),
            Kind::Order(order, left, right) => self.order(*order, left, right, tree),
            Kind::In(left, right) => self.is_in(left, right, tree),
            Kind::Call(name, arguments) => self.call(name, arguments, tree),
        }
    }

    fn bools(&mut self, parts: &[Tree]) -> Result<Box<[u32]>, ExprError> {
        let mut numbers = Vec::with_capacity(parts.len());
        for part in parts {
            let (child, kind) = self.node(part)?;
            want_bool(&kind, part)?;
            numbers.push(child);
        }
        Ok(numbers.into())
    }

    fn number(&mut self, tree: &Tree) -> Typed {
        let (child, kind) = self.node(tree)?;
        if matches!(kind, Type::Number(_)) {
            return Ok((child, kind));
        }
        let name = kind.name();
        Err(ExprError::new(tree.start, format!("此处应为数，却是 {name}"), format!("a number is wanted, not {name}")))
    }

    fn name(&mut self, name: &str, tree: &Tree) -> Typed {
        let unknown = |zh: String, en: String| Err(ExprError::new(tree.start, zh, en));
        if let Some((fact, fields)) = self.item.clone() {
            let Some(place) = fields.iter().position(|field| field.name == name) else {
                let zh = format!("列表项没有字段“{name}”；exists/all 内只能用列表项的字段");
                return unknown(zh, format!("the item has no field “{name}”; inside exists/all only its fields count"));
            };
            #[expect(clippy::cast_possible_truncation, reason = "records have few fields")]
            let node = Node::Field(fact, place as u16);
            return self.done(node, Type::of(&fields[place].kind, fact), tree);
        }
        let Some(slot) = self.dictionary.slot(name).and_then(|slot| u16::try_from(slot).ok()) else {
            let zh = format!("事实字典中没有“{name}”");
            return unknown(zh, format!("the fact dictionary does not know “{name}”"));
        };
        let kind = Type::of(&self.dictionary.facts()[usize::from(slot)].kind, slot);
        self.done(Node::Fact(slot), kind, tree)
    }

    fn arith(&mut self, operation: Arith, left: &Tree, right: &Tree, tree: &Tree) -> Typed {
        let (a, a_kind) = self.number(left)?;
        let (b, b_kind) = self.number(right)?;
        let (Type::Number(a_unit), Type::Number(b_unit)) = (&a_kind, &b_kind) else {
            return Err(mismatch(tree, &a_kind, &b_kind));
        };
        let plain = |unit: &Option<Arc<str>>| unit.as_deref().is_none_or(|unit| unit == "1");
        let unit = match (operation, a_unit, b_unit) {
            (Arith::Mul, _, _) if plain(a_unit) => b_unit.clone().or_else(|| a_unit.clone()),
            (Arith::Mul, _, _) if plain(b_unit) => a_unit.clone(),
            (Arith::Mul, _, _) => return Err(mismatch(tree, &a_kind, &b_kind)),
            (_, Some(a), Some(b)) if a != b => return Err(mismatch(tree, &a_kind, &b_kind)),
            _ => a_unit.clone().or_else(|| b_unit.clone()),
        };
        self.done(Node::Arith(operation, a, b), Type::Number(unit), tree)
    }

    fn order(&mut self, order: Order, left: &Tree, right: &Tree, tree: &Tree) -> Typed {
        let (a, a_kind) = self.node(left)?;
        let (b, b_kind) = self.node(right)?;
        let equality = matches!(order, Order::Equal | Order::Unequal);
        let fits = match (&a_kind, &b_kind) {
            (Type::Number(a), Type::Number(b)) => a.is_none() || b.is_none() || a == b,
            (Type::Bool, Type::Bool) => equality,
            (Type::Date, Type::Date) => true,
            (Type::Quoted(text), other) | (other, Type::Quoted(text)) => {
                let literal = if matches!(a_kind, Type::Quoted(_)) { (a, left) } else { (b, right) };
                let value = quoted(text, other, literal.1)?;
                let ordered = matches!(value, Value::Date(_));
                self.nodes[literal.0 as usize] = Node::Const(value);
                equality || ordered
            }
            (a, b) => equality && a == b && !matches!(a, Type::List(_) | Type::Records(..)),
        };
        if !fits {
            return Err(mismatch(tree, &a_kind, &b_kind));
        }
        self.done(Node::Order(order, a, b), Type::Bool, tree)
    }

    fn is_in(&mut self, left: &Tree, right: &Tree, tree: &Tree) -> Typed {
        let (a, a_kind) = self.node(left)?;
        if let Kind::List(items) = &right.kind {
            let values: Result<Vec<Value>, ExprError> = items.iter().map(|item| literal(item, &a_kind)).collect();
            return self.done(Node::InSet(a, values?.into()), Type::Bool, tree);
        }
        let (b, b_kind) = self.node(right)?;
        let Type::List(of) = &b_kind else { return Err(mismatch(tree, &a_kind, &b_kind)) };
        if let Type::Quoted(text) = &a_kind {
            self.nodes[a as usize] = Node::Const(quoted(text, of, left)?);
        } else {
            let same = match (&a_kind, of.as_ref()) {
                (Type::Number(a), Type::Number(b)) => a.is_none() || a == b,
                (a, b) => a == b,
            };
            if !same {
                return Err(mismatch(tree, &a_kind, &b_kind));
            }
        }
        self.done(Node::InList(a, b), Type::Bool, tree)
    }

    fn call(&mut self, name: &str, arguments: &[Tree], tree: &Tree) -> Typed {
        match (name, arguments) {
            ("under", [subject, prefixes @ ..]) if !prefixes.is_empty() => self.under(subject, prefixes, tree),
            ("exists" | "all", [list, predicate]) => self.quantifier(name == "exists", list, predicate, tree),
            ("under" | "exists" | "all", _) => {
                let zh = format!("{name} 的参数个数不对");
                Err(ExprError::new(tree.start, zh, format!("`{name}` has the wrong number of arguments")))
            }
            _ => self.predicate(name, arguments, tree),
        }
    }

    fn under(&mut self, subject: &Tree, prefixes: &[Tree], tree: &Tree) -> Typed {
        let (child, kind) = self.node(subject)?;
        if kind != Type::Code {
            let name = kind.name();
            let zh = format!("under 的第一个参数应为行业代码，却是 {name}");
            return Err(ExprError::new(subject.start, zh, format!("`under` wants a code first, not {name}")));
        }
        let mut texts = Vec::with_capacity(prefixes.len());
        for prefix in prefixes {
            match &prefix.kind {
                Kind::Text(text) if is_code_prefix(text) => texts.push(text.as_str().into()),
                _ => {
                    let (zh, en) =
                        ("应为带引号的行业代码前缀，如 'C26'", "a quoted prefix of a code is wanted, such as 'C26'");
                    return Err(ExprError::new(prefix.start, zh, en));
                }
            }
        }
        self.done(Node::Under(child, texts.into()), Type::Bool, tree)
    }

    fn quantifier(&mut self, exists: bool, list: &Tree, predicate: &Tree, tree: &Tree) -> Typed {
        let (subject, kind) = self.node(list)?;
        let Type::Records(slot, fields) = kind else {
            let name = kind.name();
            let zh = format!("exists/all 的第一个参数应为记录列表，却是 {name}");
            return Err(ExprError::new(
                list.start,
                zh,
                format!("`exists` and `all` want a list of records, not {name}"),
            ));
        };
        self.item = Some((slot, fields));
        let typed = self.node(predicate);
        self.item = None;
        let (child, kind) = typed?;
        want_bool(&kind, predicate)?;
        let node = if exists { Node::Exists(subject, child) } else { Node::All(subject, child) };
        self.done(node, Type::Bool, tree)
    }

    fn predicate(&mut self, name: &str, arguments: &[Tree], tree: &Tree) -> Typed {
        let Some(call) = PredicateCall::by_name(name) else {
            return Err(ExprError::new(
                tree.start,
                format!("没有函数“{name}”"),
                format!("there is no function “{name}”"),
            ));
        };
        let [Tree { kind: Kind::Text(key), .. }] = arguments else {
            let zh = format!("{name} 需要一个带引号的名称");
            return Err(ExprError::new(tree.start, zh, format!("`{name}` wants one name in quotes")));
        };
        if self.item.is_some() {
            let zh = "exists/all 内不能用空间、台账或研判函数";
            return Err(ExprError::new(tree.start, zh, "inside exists/all no map, ledger or official is asked"));
        }
        let key = key.trim();
        let number = (!key.is_empty()).then(|| self.vocabulary.intern(call, key)).flatten();
        let Some(number) = number else {
            return Err(ExprError::new(tree.start, "名称为空或过多", "the name is empty, or there are too many"));
        };
        let kind = match call {
            Call::Touches | Call::Inside | Call::TouchesOutfall | Call::Judge => Type::Bool,
            Call::OverlapRatio => Type::Number(Some("1".into())),
            Call::DistM => Type::Number(Some("m".into())),
            Call::Headroom => Type::Number(Some("t/a".into())),
        };
        self.done(Node::Predicate(number), kind, tree)
    }
}

/// Whether a text is a letter and up to four digits.
pub(crate) fn is_code_prefix(text: &str) -> bool {
    let bytes = text.as_bytes();
    matches!(bytes, [letter, digits @ ..] if letter.is_ascii_uppercase() && digits.len() <= 4 && digits.iter().all(u8::is_ascii_digit))
}

/// The value of a text in quotes that is compared with a type.
fn quoted(text: &str, with: &Type, tree: &Tree) -> Result<Value, ExprError> {
    let plain = || Value::Text(text.into());
    match with {
        Type::Enum(values, open) => {
            if *open || values.iter().any(|choice| choice.value == text) {
                return Ok(plain());
            }
            let known: Vec<&str> = values.iter().map(|choice| choice.value.as_str()).collect();
            let zh = format!("枚举没有值“{text}”；已知：{}", known.join("、"));
            Err(ExprError::new(tree.start, zh, format!("“{text}” is none of: {}", known.join(", "))))
        }
        Type::Code if is_code_prefix(text) => Ok(plain()),
        Type::Text | Type::Quoted(_) => Ok(plain()),
        Type::Date => text
            .parse()
            .map(Value::Date)
            .map_err(|_| ExprError::new(tree.start, format!("“{text}”不是日期"), format!("“{text}” is no date"))),
        other => Err(mismatch(tree, &Type::Quoted(text.to_owned()), other)),
    }
}

/// The value of one item of a list behind `in`.
fn literal(item: &Tree, with: &Type) -> Result<Value, ExprError> {
    match (&item.kind, with) {
        (Kind::Text(text), _) => quoted(text, with, item),
        (Kind::Number(number), Type::Number(_)) => Ok(Value::Number(*number)),
        (Kind::Negative(inner), Type::Number(_)) => match inner.kind {
            Kind::Number(number) => Ok(Value::Number(number.negated())),
            _ => Err(ExprError::new(item.start, "列表中只能写常数", "a list holds constants only")),
        },
        (Kind::Bool(value), Type::Bool) => Ok(Value::Bool(*value)),
        _ => {
            Err(ExprError::new(item.start, "列表中只能写同类型的常数", "a list holds constants of the same type only"))
        }
    }
}
