//! Addresses that may stand in a paper.

use serde::{Deserialize, Serialize};

/// An `http` or `https` address, as RFC 3986 spells it.
///
/// Nothing else may be a link: an address that runs code or opens a file is refused, and an address that is spelled
/// wrongly would keep a word processor from opening the paper.
///
/// ```
/// use report::LinkTarget;
/// assert!(LinkTarget::parse("https://example.gov.cn/cases/1?as_of=2026-01-01").is_ok());
/// assert!(LinkTarget::parse("javascript:alert(1)").is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LinkTarget(String);

/// Why an address is none.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LinkError {
    /// It does not begin with `http://host` or `https://host`.
    #[error("链接须以 http:// 或 https:// 加主机名开头 / a link begins with http:// or https:// and a host: {0}")]
    Scheme(String),
    /// A character that must be written as `%XX`.
    #[error("链接第 {at} 个字节须写成 %XX / byte {at} of the link must be written as %XX: {link}")]
    Character {
        /// Where, from 1.
        at: usize,
        /// The address.
        link: String,
    },
    /// Too long for word processors.
    #[error("链接长 {0} 字节，上限 {max} / the link has {0} bytes, at most {max}", max = LinkTarget::BYTES_MAX)]
    Long(usize),
}

impl LinkTarget {
    /// Bytes of an address at most.
    pub const BYTES_MAX: usize = 2_000;

    /// Reads an address.
    ///
    /// # Errors
    /// When it is not an address of the web in ASCII.
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        if text.len() > Self::BYTES_MAX {
            return Err(LinkError::Long(text.len()));
        }
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        if !rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[')) {
            return Err(LinkError::Scheme(text.chars().take(80).collect()));
        }
        let bytes = text.as_bytes();
        let spelled = |at: usize| match bytes[at] {
            b'%' => bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
            byte => byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=".contains(&byte),
        };
        match (0..bytes.len()).find(|&at| !spelled(at)) {
            Some(at) => Err(LinkError::Character { at: at + 1, link: text.to_owned() }),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for LinkTarget {
    type Error = LinkError;

    fn try_from(text: String) -> Result<Self, LinkError> {
        Self::parse(&text)
    }
}

impl From<LinkTarget> for String {
    fn from(target: LinkTarget) -> Self {
        target.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_are_links() {
        for good in ["http://a", "https://[::1]:8080/x", "https://a.b/%E5%8E%A6?x=1&y=(2)#z"] {
            assert_eq!(LinkTarget::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "javascript:alert(1)",
            "JAVASCRIPT:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "//a/b",
            "https://",
            "https:///x",
            "https://a/ b",
            "https://a/\"><script>",
            "https://a/厦门",
            "https://a/%zz",
            "https://a/%4",
            "https://a/\n",
            "https://a\\b",
        ] {
            assert!(LinkTarget::parse(bad).is_err(), "{bad}");
        }
        assert!(matches!(LinkTarget::parse(&format!("https://a/{}", "x".repeat(3000))), Err(LinkError::Long(_))));
    }
}
