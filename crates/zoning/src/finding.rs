//! Files of rules as they are handed in, and what is found about them.

use norms::{Finding, FindingCode, Severity};

/// One finding about a file of rules: where, what, why, what to do, in Chinese and English.
pub type RuleFinding = Finding;

/// A file that somebody read for us.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RuleFile {
    /// Path as it is shown, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl RuleFile {
    /// A file with its text.
    #[must_use]
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    /// The line, from 1, of a byte of the text.
    pub(crate) fn line_at(&self, byte: usize) -> u64 {
        let end = byte.min(self.text.len());
        self.text.as_bytes()[..end].iter().filter(|byte| **byte == b'\n').count() as u64 + 1
    }

    /// The finding for a file that is no TOML of the wanted shape.
    pub(crate) fn toml_error(&self, problem: &toml::de::Error) -> RuleFinding {
        let line = problem.span().map(|span| self.line_at(span.start));
        let en = problem.message().trim().replace('\n', " ");
        error("toml_form", &self.path, line, "", "", &format!("TOML 无法读取：{en}"), &en)
    }
}

/// A finding that keeps something from being used as written.
pub(crate) fn error(
    code: FindingCode,
    file: &str,
    line: Option<u64>,
    field: &str,
    value: &str,
    zh: &str,
    en: &str,
) -> RuleFinding {
    finding(Severity::Error, code, file, line, field, value, zh, en)
}

/// A finding that deserves a look.
pub(crate) fn warning(
    code: FindingCode,
    file: &str,
    line: Option<u64>,
    field: &str,
    value: &str,
    zh: &str,
    en: &str,
) -> RuleFinding {
    finding(Severity::Warning, code, file, line, field, value, zh, en)
}

#[expect(clippy::too_many_arguments, reason = "the parts of a finding")]
fn finding(
    severity: Severity,
    code: FindingCode,
    file: &str,
    line: Option<u64>,
    field: &str,
    value: &str,
    zh: &str,
    en: &str,
) -> RuleFinding {
    let (action_zh, action_en) = action(code);
    Finding {
        code,
        severity,
        file: file.to_owned(),
        line,
        field: field.to_owned(),
        value: value.chars().filter(|c| !c.is_control()).take(80).collect(),
        message_zh: zh.to_owned(),
        message_en: en.to_owned(),
        action_zh: action_zh.to_owned(),
        action_en: action_en.to_owned(),
    }
}

/// What to do about a kind of finding.
fn action(code: FindingCode) -> (&'static str, &'static str) {
    match code {
        "expression" => ("改正表达式后重新检查", "correct the expression and check again"),
        "prohibit_uncited" => {
            ("补充法律依据；补充前按人工研判处理", "cite the basis; until then the rule is a question for an official")
        }
        "basis_repealed" => ("登记替代条款，或删除该规则", "record the article that replaced it, or drop the rule"),
        "vague_words" => {
            ("改为人工研判，或给出有依据的参数", "make it a review, or give a parameter with a basis of its own")
        }
        "exception_rank" => {
            ("例外只能来自同级或更高层级的规则", "take the exception from a rule of the same or a higher rank")
        }
        "example_failed" => ("核对示例与规则，改正其一", "compare the example with the rule and correct one of them"),
        _ => ("改正文件后重新检查", "correct the file and check again"),
    }
}
