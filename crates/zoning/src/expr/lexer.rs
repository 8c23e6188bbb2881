//! Text into tokens.

use super::{EXPRESSION_BYTES_MAX, ExprError};
use crate::Number;

/// One word of an expression.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Token {
    Name(String),
    Text(String),
    Number(Number),
    Sign(&'static str),
}

/// A token with its bytes.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Placed {
    pub(super) token: Token,
    pub(super) start: usize,
    pub(super) end: usize,
}

const SIGNS: [&str; 15] = ["==", "!=", "<=", ">=", "<", ">", "(", ")", "[", "]", ",", "+", "-", "*", "/"];

/// The tokens of an expression.
pub(super) fn tokens(source: &str) -> Result<Vec<Placed>, ExprError> {
    if source.len() > EXPRESSION_BYTES_MAX {
        return Err(ExprError::new(0, "表达式超过 16 KiB", "the expression is longer than 16 KiB"));
    }
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = source[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let rest = &source[at..];
        let (token, length) = if first == '\'' || first == '"' {
            text(rest, first, at)?
        } else if first.is_ascii_digit() {
            number(rest, at)?
        } else if first.is_ascii_alphabetic() || first == '_' {
            let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            (Token::Name(rest[..length].to_owned()), length)
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Token::Sign(sign), sign.len())
        } else {
            let zh = format!("不认识的字符“{first}”");
            return Err(ExprError::new(at, zh, format!("the character “{first}” is not known")));
        };
        found.push(Placed { token, start: at, end: at + length });
        at += length;
    }
    Ok(found)
}

fn text(rest: &str, quote: char, at: usize) -> Result<(Token, usize), ExprError> {
    let Some(length) = rest[1..].find(quote) else {
        return Err(ExprError::new(at, "文字没有结束引号", "the text has no closing quote"));
    };
    let inner = &rest[1..=length];
    if inner.contains(['\\', '\n']) {
        return Err(ExprError::new(at, "文字中不得有反斜杠或换行", "a text holds no backslash and no line break"));
    }
    Ok((Token::Text(inner.to_owned()), length + 2))
}

fn number(rest: &str, at: usize) -> Result<(Token, usize), ExprError> {
    let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let glued = rest[length..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    match rest[..length].parse() {
        Ok(number) if !glued => Ok((Token::Number(number), length)),
        _ => {
            let text: String = rest.chars().take(20).collect();
            Err(ExprError::new(at, format!("“{text}”不是十进制数"), format!("“{text}” is no decimal number")))
        }
    }
}
