//! Tokens into a tree, with limits on size and depth.

use super::lexer::{Placed, Token, tokens};
use super::program::{Arith, Order};
use super::{DEPTH_MAX, ExprError, NODES_MAX};
use crate::Number;

/// A node of the tree with the bytes it was read from.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Tree {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Kind {
    Bool(bool),
    Number(Number),
    Text(String),
    Name(String),
    List(Vec<Tree>),
    And(Vec<Tree>),
    Or(Vec<Tree>),
    Not(Box<Tree>),
    Negative(Box<Tree>),
    Arith(Arith, Box<Tree>, Box<Tree>),
    Order(Order, Box<Tree>, Box<Tree>),
    In(Box<Tree>, Box<Tree>),
    Call(String, Vec<Tree>),
}

/// Reads one expression.
pub(super) fn parse(source: &str) -> Result<Tree, ExprError> {
    let mut parser = Parser { tokens: tokens(source)?, next: 0, nodes: 0, depth: 0, length: source.len() };
    let tree = parser.or()?;
    match parser.tokens.get(parser.next) {
        None => Ok(tree),
        Some(extra) => Err(ExprError::new(extra.start, "表达式在此应已结束", "the expression should end here")),
    }
}

struct Parser {
    tokens: Vec<Placed>,
    next: usize,
    nodes: usize,
    depth: usize,
    length: usize,
}

type Parsed = Result<Tree, ExprError>;

impl Parser {
    fn here(&self) -> usize {
        self.tokens.get(self.next).map_or(self.length, |placed| placed.start)
    }

    fn before(&self) -> usize {
        self.next.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(0, |placed| placed.end)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.tokens.get(self.next), Some(Placed { token: Token::Name(name), .. }) if name == word)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.next += usize::from(found);
        found
    }

    fn sign(&self) -> Option<&'static str> {
        match self.tokens.get(self.next) {
            Some(Placed { token: Token::Sign(sign), .. }) => Some(sign),
            _ => None,
        }
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let found = self.sign() == Some(sign);
        self.next += usize::from(found);
        found
    }

    fn want(&mut self, sign: &str) -> Result<(), ExprError> {
        let at = self.here();
        if self.take_sign(sign) {
            return Ok(());
        }
        Err(ExprError::new(at, format!("此处缺少“{sign}”"), format!("“{sign}” is wanted here")))
    }

    fn deeper(&mut self) -> Result<(), ExprError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            let (zh, en) = ("表达式嵌套超过 60 层", "the expression nests deeper than 60 levels");
            return Err(ExprError::new(self.here(), zh, en));
        }
        Ok(())
    }

    fn node(&mut self, kind: Kind, start: usize) -> Parsed {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            return Err(ExprError::new(start, "表达式超过 2000 个节点", "the expression has more than 2000 nodes"));
        }
        Ok(Tree { kind, start, end: self.before() })
    }

    /// `part word part word part` as one node.
    fn chain(&mut self, word: &str, part: fn(&mut Self) -> Parsed, make: fn(Vec<Tree>) -> Kind) -> Parsed {
        let start = self.here();
        let first = part(self)?;
        if !self.is_word(word) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.take_word(word) {
            parts.push(part(self)?);
        }
        self.node(make(parts), start)
    }

    fn or(&mut self) -> Parsed {
        self.deeper()?;
        let tree = self.chain("or", Self::and, Kind::Or);
        self.depth -= 1;
        tree
    }

    fn and(&mut self) -> Parsed {
        self.chain("and", Self::not, Kind::And)
    }

    fn not(&mut self) -> Parsed {
        let start = self.here();
        if !self.take_word("not") {
            return self.comparison();
        }
        self.deeper()?;
        let inner = self.not()?;
        self.depth -= 1;
        self.node(Kind::Not(Box::new(inner)), start)
    }

    fn comparison(&mut self) -> Parsed {
        let start = self.here();
        let left = self.sum()?;
        let order = match self.sign() {
            Some("==") => Some(Order::Equal),
            Some("!=") => Some(Order::Unequal),
            Some("<") => Some(Order::Less),
            Some("<=") => Some(Order::AtMost),
            Some(">") => Some(Order::More),
            Some(">=") => Some(Order::AtLeast),
            _ => None,
        };
        let tree = if let Some(order) = order {
            self.next += 1;
            let right = self.sum()?;
            self.node(Kind::Order(order, Box::new(left), Box::new(right)), start)?
        } else if self.take_word("in") {
            let right = self.sum()?;
            self.node(Kind::In(Box::new(left), Box::new(right)), start)?
        } else {
            return Ok(left);
        };
        if matches!(self.sign(), Some("==" | "!=" | "<" | "<=" | ">" | ">=")) || self.is_word("in") {
            return Err(ExprError::new(
                self.here(),
                "比较不得连写，请用 and 分开",
                "comparisons do not chain; use `and`",
            ));
        }
        Ok(tree)
    }

    fn sum(&mut self) -> Parsed {
        self.arith(Self::product, |sign| match sign {
            "+" => Some(Arith::Add),
            "-" => Some(Arith::Sub),
            _ => None,
        })
    }

    fn product(&mut self) -> Parsed {
        self.arith(Self::unary, |sign| (sign == "*").then_some(Arith::Mul))
    }

    /// `part sign part sign part`, from the left; every step nests one level deeper.
    fn arith(&mut self, part: fn(&mut Self) -> Parsed, known: fn(&str) -> Option<Arith>) -> Parsed {
        let start = self.here();
        let mut left = part(self)?;
        let outside = self.depth;
        while let Some(operation) = self.sign().and_then(known) {
            self.next += 1;
            self.deeper()?;
            let right = part(self)?;
            left = self.node(Kind::Arith(operation, Box::new(left), Box::new(right)), start)?;
        }
        self.depth = outside;
        if self.sign() == Some("/") {
            return Err(ExprError::new(
                self.here(),
                "不支持除法，请改写为乘法",
                "there is no division; multiply instead",
            ));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed {
        let start = self.here();
        if !self.take_sign("-") {
            return self.primary();
        }
        self.deeper()?;
        let inner = self.unary()?;
        self.depth -= 1;
        self.node(Kind::Negative(Box::new(inner)), start)
    }

    fn list(&mut self, close: &str) -> Result<Vec<Tree>, ExprError> {
        let mut items = Vec::new();
        if self.take_sign(close) {
            return Ok(items);
        }
        loop {
            items.push(self.or()?);
            if !self.take_sign(",") {
                break;
            }
        }
        self.want(close)?;
        Ok(items)
    }

    fn primary(&mut self) -> Parsed {
        let start = self.here();
        let Some(placed) = self.tokens.get(self.next).cloned() else {
            return Err(ExprError::new(start, "表达式不完整", "the expression is not complete"));
        };
        self.next += 1;
        let kind = match placed.token {
            Token::Number(number) => Kind::Number(number),
            Token::Text(text) => Kind::Text(text),
            Token::Sign("[") => Kind::List(self.list("]")?),
            Token::Sign("(") => {
                let inner = self.or()?;
                self.want(")")?;
                return Ok(inner);
            }
            Token::Sign(sign) => {
                return Err(ExprError::new(
                    start,
                    format!("此处不应有“{sign}”"),
                    format!("“{sign}” is not wanted here"),
                ));
            }
            Token::Name(name) => match name.as_str() {
                "true" => Kind::Bool(true),
                "false" => Kind::Bool(false),
                "and" | "or" | "not" | "in" => {
                    return Err(ExprError::new(start, format!("此处不应有“{name}”"), format!("“{name}” stands alone")));
                }
                _ if self.take_sign("(") => Kind::Call(name, self.list(")")?),
                _ => Kind::Name(name),
            },
        };
        self.node(kind, start)
    }
}
