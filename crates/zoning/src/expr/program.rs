//! Compiled conditions: nodes by number, facts by place.

use crate::Number;
use crate::value::Value;
use std::cmp::Ordering;
use std::collections::HashMap;

/// A question to the ground, the ledger or an official.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PredicateCall {
    /// Whether the project touches the layer.
    Touches,
    /// Whether the whole project lies in the layer.
    Inside,
    /// Share of the project in the layer, 0 to 1.
    OverlapRatio,
    /// Distance to the nearest area of the layer, in metres.
    DistM,
    /// Whether the project's outfall touches the layer.
    TouchesOutfall,
    /// What the control unit has left of a pollutant, in t/a.
    Headroom,
    /// What a named official determined.
    Judge,
}

impl PredicateCall {
    /// Its name in expressions.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Touches => "touches",
            Self::Inside => "inside",
            Self::OverlapRatio => "overlap_ratio",
            Self::DistM => "dist_m",
            Self::TouchesOutfall => "touches_outfall",
            Self::Headroom => "headroom",
            Self::Judge => "judge",
        }
    }

    pub(super) fn by_name(name: &str) -> Option<Self> {
        let all = [
            Self::Touches,
            Self::Inside,
            Self::OverlapRatio,
            Self::DistM,
            Self::TouchesOutfall,
            Self::Headroom,
            Self::Judge,
        ];
        all.into_iter().find(|call| call.name() == name)
    }

    /// Whether it asks a layer of the map.
    #[must_use]
    pub const fn asks_layer(self) -> bool {
        !matches!(self, Self::Headroom | Self::Judge)
    }
}

/// A call with its key: the layer, the pollutant or the question.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Predicate {
    /// What is asked.
    pub call: PredicateCall,
    /// Of which layer, pollutant or question.
    pub key: String,
}

/// Every predicate that some rule asks, by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary {
    pub(crate) predicates: Vec<Predicate>,
    by_predicate: HashMap<Predicate, u16>,
}

impl Vocabulary {
    /// The number of a predicate; none when there are 65,536.
    pub(crate) fn intern(&mut self, call: PredicateCall, key: &str) -> Option<u16> {
        let predicate = Predicate { call, key: key.to_owned() };
        if let Some(&number) = self.by_predicate.get(&predicate) {
            return Some(number);
        }
        let number = u16::try_from(self.predicates.len()).ok()?;
        self.by_predicate.insert(predicate.clone(), number);
        self.predicates.push(predicate);
        Some(number)
    }
}

/// Something that is not known and keeps a condition open.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Gap {
    /// A fact, by its place.
    Fact(u16),
    /// A field of a record: the fact's place and the field's.
    Item(u16, u16),
    /// A predicate without an answer.
    Predicate(u16),
    /// A layer that is met by less than its sources can tell.
    Boundary(u16),
    /// A control unit that is met by less than can be told.
    UnitBoundary(u32),
    /// The day of submission, on which the rule's term depends.
    Submitted,
    /// The control units of the project.
    Units,
    /// A rule that could not be read.
    Broken(u32),
    /// A number too large to compute with.
    Overflow,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Arith {
    Add,
    Sub,
    Mul,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Arith {
    pub(crate) fn apply(self, a: Number, b: Number) -> Option<Number> {
        match self {
            Self::Add => a.checked_add(b),
            Self::Sub => a.checked_sub(b),
            Self::Mul => a.checked_mul(b),
        }
    }

    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
        }
    }
}

impl Order {
    pub(crate) const fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Unequal => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
            Self::More => ordering.is_gt(),
            Self::AtLeast => ordering.is_ge(),
        }
    }

    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }
}

/// A node of a compiled condition; children are numbers of nodes.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Node {
    Const(Value),
    Fact(u16),
    /// A field of the item: the list's fact, the field.
    Field(u16, u16),
    And(Box<[u32]>),
    Or(Box<[u32]>),
    Not(u32),
    Negative(u32),
    Arith(Arith, u32, u32),
    Order(Order, u32, u32),
    InSet(u32, Box<[Value]>),
    InList(u32, u32),
    Under(u32, Box<[Box<str>]>),
    Exists(u32, u32),
    All(u32, u32),
    Predicate(u16),
}

/// A compiled condition.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Program {
    pub(crate) nodes: Vec<Node>,
    /// Bytes of the source for each node.
    pub(crate) spans: Vec<(u32, u32)>,
    pub(crate) root: u32,
    pub(crate) source: Box<str>,
}

impl Program {
    /// The text of a node.
    pub(crate) fn text(&self, node: u32) -> &str {
        let (start, end) = self.spans[node as usize];
        self.source.get(start as usize..end as usize).unwrap_or_default()
    }

    /// Places of the facts it reads.
    pub(crate) fn facts(&self) -> impl Iterator<Item = u16> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Fact(slot) => Some(*slot),
            _ => None,
        })
    }

    /// Numbers of the predicates it asks.
    pub(crate) fn predicates(&self) -> impl Iterator<Item = u16> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Predicate(number) => Some(*number),
            _ => None,
        })
    }
}
