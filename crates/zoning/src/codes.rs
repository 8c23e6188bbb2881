//! Codes of control units and of element zones: parsed, checked against one another, never guessed at.
//!
//! A unit code is `ZH`, six digits of a county, a class digit and four digits. An element-zone code is `YS`, six digits
//! of a county, a class digit, an element digit, a subtype digit and four digits. Other prefixes (marine units often
//! carry `HY`) are registered by the edition, with the form that they follow.

use std::collections::BTreeMap;
use std::fmt;

use thiserror::Error;

/// Management class of a unit or zone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Class {
    /// 优先保护, 1.
    Priority,
    /// 重点管控, 2.
    Key,
    /// 一般管控, 3.
    General,
}

impl Class {
    /// The class of a digit.
    #[must_use]
    pub fn from_digit(digit: u8) -> Option<Self> {
        match digit {
            1 => Some(Self::Priority),
            2 => Some(Self::Key),
            3 => Some(Self::General),
            _ => None,
        }
    }

    /// Its digit.
    #[must_use]
    pub fn digit(self) -> u8 {
        match self {
            Self::Priority => 1,
            Self::Key => 2,
            Self::General => 3,
        }
    }

    /// Its name in Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Priority => "优先",
            Self::Key => "重点",
            Self::General => "一般",
        }
    }

    /// The class that a cell tells: a digit or a name such as `重点管控单元`.
    #[must_use]
    pub fn in_text(text: &str) -> Option<Self> {
        let text = text.trim();
        let digit = text.parse().ok().and_then(Self::from_digit);
        let named =
            || [Self::Priority, Self::Key, Self::General].into_iter().find(|class| text.starts_with(class.zh()));
        digit.or_else(named)
    }
}

/// Which form a prefix follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeForm {
    /// County, class, four digits: 13 characters with a prefix of two.
    Unit,
    /// County, class, element, subtype, four digits: 15 characters with a prefix of two.
    Element,
}

/// Which prefixes are known, and what form each follows.
///
/// ```
/// use zoning::codes::{Class, CodeBook};
/// let book = CodeBook::default();
/// let code = book.parse("ZH42052620003")?;
/// assert_eq!((code.county(), code.class(), code.serial()), (420526, Class::Key, 3));
/// assert!(book.parse("ZH42052640003").is_err());
/// # Ok::<(), zoning::codes::CodeFault>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CodeBook {
    forms: BTreeMap<String, CodeForm>,
}

impl Default for CodeBook {
    fn default() -> Self {
        let forms = [("ZH".to_owned(), CodeForm::Unit), ("YS".to_owned(), CodeForm::Element)];
        Self { forms: forms.into() }
    }
}

/// A parsed code.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Code {
    text: String,
    county: u32,
    class: Class,
    kind: Option<(u8, u8)>,
    serial: u16,
}

/// Why a code is none, or does not fit what stands beside it.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum CodeFault {
    /// A prefix that nobody registered.
    #[error("the code `{0}` begins with no known prefix")]
    Prefix(String),
    /// Wrong number of digits, or something else than digits.
    #[error("the code `{code}` must have {digits} digits after `{prefix}`")]
    Digits {
        /// The code.
        code: String,
        /// Its prefix.
        prefix: String,
        /// Digits that its form has.
        digits: usize,
    },
    /// A class digit other than 1, 2, 3.
    #[error("the code `{code}` has the class digit {digit}; 1, 2 or 3 was expected")]
    ClassDigit {
        /// The code.
        code: String,
        /// Its digit.
        digit: u8,
    },
    /// The class of the record is another than the code's.
    #[error("the code `{code}` is of class {in_code}, the record says {stated}")]
    ClassDiffers {
        /// The code.
        code: String,
        /// Digit in the code.
        in_code: u8,
        /// Digit in the record.
        stated: u8,
    },
    /// A county that is none of the city.
    #[error("the code `{code}` belongs to county {county}, which is none of this city")]
    County {
        /// The code.
        code: String,
        /// Its county.
        county: u32,
    },
    /// The same code twice.
    #[error("the code `{0}` stands twice")]
    Twice(String),
}

impl CodeFault {
    /// Short stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Prefix(_) => "code_prefix",
            Self::Digits { .. } => "code_digits",
            Self::ClassDigit { .. } => "code_class_digit",
            Self::ClassDiffers { .. } => "code_class_differs",
            Self::County { .. } => "code_county",
            Self::Twice(_) => "code_twice",
        }
    }

    /// What is wrong, in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Prefix(code) => format!("编码“{code}”的前缀未登记"),
            Self::Digits { code, prefix, digits } => format!("编码“{code}”在“{prefix}”之后应有 {digits} 位数字"),
            Self::ClassDigit { code, digit } => format!("编码“{code}”的类别位为 {digit}，应为 1、2 或 3"),
            Self::ClassDiffers { code, in_code, stated } => {
                format!("编码“{code}”的类别位为 {in_code}，属性记为 {stated}")
            }
            Self::County { code, county } => format!("编码“{code}”的行政区 {county} 不属于本市"),
            Self::Twice(code) => format!("编码“{code}”重复"),
        }
    }

    /// What to do, in Chinese.
    #[must_use]
    pub fn action_zh(&self) -> &'static str {
        match self {
            Self::Prefix(_) => "请改正前缀，或在版本清单中登记",
            Self::Twice(_) => "请删除或改正其中一个",
            _ => "请核对编码与属性",
        }
    }

    /// What to do, in English.
    #[must_use]
    pub fn action_en(&self) -> &'static str {
        match self {
            Self::Prefix(_) => "correct the prefix, or register it in the edition's manifest",
            Self::Twice(_) => "remove or correct one of them",
            _ => "check the code against the record",
        }
    }
}

impl CodeBook {
    /// Registers a prefix, such as `HY` for marine units. A known prefix takes the new form.
    #[must_use]
    pub fn with(mut self, prefix: &str, form: CodeForm) -> Self {
        self.forms.insert(prefix.to_owned(), form);
        self
    }

    /// Parses a code.
    ///
    /// # Errors
    ///
    /// When it has no known prefix, other than the form's digits, or another class digit than 1, 2, 3.
    pub fn parse(&self, text: &str) -> Result<Code, CodeFault> {
        let text = text.trim();
        let known = self.forms.iter().rev().find(|(prefix, _)| text.starts_with(prefix.as_str()));
        let (prefix, form) = known.ok_or_else(|| CodeFault::Prefix(text.to_owned()))?;
        let wanted = match form {
            CodeForm::Unit => 11,
            CodeForm::Element => 13,
        };
        let wrong = || CodeFault::Digits { code: text.to_owned(), prefix: prefix.clone(), digits: wanted };
        let digits = &text.as_bytes()[prefix.len()..];
        if digits.len() != wanted || !digits.iter().all(u8::is_ascii_digit) {
            return Err(wrong());
        }
        let number = |range: std::ops::Range<usize>| digits[range].iter().fold(0, |n, d| n * 10 + u32::from(d - b'0'));
        let digit = digits[6] - b'0';
        let class = Class::from_digit(digit).ok_or_else(|| CodeFault::ClassDigit { code: text.to_owned(), digit })?;
        let kind = (*form == CodeForm::Element).then(|| (digits[7] - b'0', digits[8] - b'0'));
        let serial = u16::try_from(number(wanted - 4..wanted)).map_err(|_| wrong())?;
        Ok(Code { text: text.to_owned(), county: number(0..6), class, kind, serial })
    }

    /// Parses a code and holds it against the record that carries it: the stated class, if any, and the counties of
    /// the city, if any are given.
    ///
    /// # Errors
    ///
    /// As [`Self::parse`], and when class or county differ.
    pub fn check(&self, text: &str, stated: Option<Class>, counties: &[u32]) -> Result<Code, CodeFault> {
        let code = self.parse(text)?;
        if let Some(stated) = stated.filter(|stated| *stated != code.class) {
            let (in_code, stated) = (code.class.digit(), stated.digit());
            return Err(CodeFault::ClassDiffers { code: code.text, in_code, stated });
        }
        if !counties.is_empty() && !counties.contains(&code.county) {
            return Err(CodeFault::County { code: code.text, county: code.county });
        }
        Ok(code)
    }
}

impl Code {
    /// As written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// County, six digits of GB/T 2260.
    #[must_use]
    pub fn county(&self) -> u32 {
        self.county
    }

    /// Class.
    #[must_use]
    pub fn class(&self) -> Class {
        self.class
    }

    /// Element and subtype digits, for element zones.
    #[must_use]
    pub fn element(&self) -> Option<(u8, u8)> {
        self.kind
    }

    /// Serial number.
    #[must_use]
    pub fn serial(&self) -> u16 {
        self.serial
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Codes that stand more than once, each named once.
pub fn repeated<'a>(codes: impl IntoIterator<Item = &'a str>) -> Vec<CodeFault> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for code in codes {
        *counts.entry(code).or_default() += 1;
    }
    counts.into_iter().filter(|(_, n)| *n > 1).map(|(code, _)| CodeFault::Twice(code.to_owned())).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use super::*;

    #[test]
    fn published_codes() {
        let book = CodeBook::default();
        let unit = book.parse("ZH42052620003").unwrap();
        assert_eq!((unit.county(), unit.class(), unit.serial(), unit.element()), (420_526, Class::Key, 3, None));
        let element = book.parse("YS5120022320001").unwrap();
        assert_eq!((element.county(), element.class(), element.element()), (512_002, Class::Key, Some((3, 2))));
        assert_eq!(element.serial(), 1);
    }

    #[test]
    fn what_is_no_code() {
        let book = CodeBook::default();
        for (text, code) in [
            ("ZH4205262003", "code_digits"),
            ("ZH420526200033", "code_digits"),
            ("ZH4205262000三", "code_digits"),
            ("ZH42052６20003", "code_digits"),
            ("zh42052620003", "code_prefix"),
            ("HY35020320001", "code_prefix"),
            ("", "code_prefix"),
            ("ZH42052600003", "code_class_digit"),
            ("ZH42052640003", "code_class_digit"),
        ] {
            assert_eq!(book.parse(text).unwrap_err().code(), code, "{text}");
        }
        assert!(book.with("HY", CodeForm::Unit).parse("HY35020320001").is_ok());
    }

    #[test]
    fn codes_are_held_against_their_records() {
        let book = CodeBook::default();
        let xiamen = [350_203, 350_205, 350_206, 350_211, 350_212, 350_213];
        assert!(book.check("ZH35020320001", Class::in_text("重点管控单元"), &xiamen).is_ok());
        let differs = book.check("ZH35020320001", Class::in_text("1"), &xiamen).unwrap_err();
        assert_eq!(differs, CodeFault::ClassDiffers { code: "ZH35020320001".to_owned(), in_code: 2, stated: 1 });
        assert_eq!(book.check("ZH42052620003", None, &xiamen).unwrap_err().code(), "code_county");
        assert_eq!(repeated(["a", "b", "a", "a"]), [CodeFault::Twice("a".to_owned())]);
    }
}
