//! What a request asks for: its query, its names, its body; each with a limit and a sentence when it cannot be used.

use super::problem::Problem;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use indicators::Period;
use norms::{Day, Hour, Month};
use std::collections::BTreeMap;
use std::time::Duration;

/// The longest query.
const QUERY_BYTES: usize = 4096;
/// The longest value where nothing else is said.
const VALUE_CHARS: usize = 100;
/// The longest name in a path.
const NAME_CHARS: usize = 64;
/// The years that a time may lie in.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2199;
/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(60);

/// The parameters of a query, each known and given once.
#[derive(Debug)]
pub(crate) struct Query(BTreeMap<String, String>);

impl Query {
    /// Reads a query that may hold the known parameters only: one misspelt must not silently change an answer.
    pub(crate) fn read(uri: &Uri, known: &[&str]) -> Result<Self, Problem> {
        let text = uri.query().unwrap_or_default();
        if text.len() > QUERY_BYTES {
            return Err(Problem::bad("query", None, ("查询串太长。", "The query is too long.")));
        }
        let mut pairs = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            if !known.contains(&&*name) {
                return Err(unknown(&name, known));
            }
            if value.chars().any(|c| c.is_control() || c == '\u{fffd}') {
                return Err(bad(&name, &value, "含有不可用的字符。", "holds characters that cannot be used."));
            }
            if pairs.insert(name.to_string(), value.trim().to_owned()).is_some() {
                return Err(bad(&name, &value, "给了不止一次。", "is given more than once."));
            }
        }
        pairs.retain(|_, value| !value.is_empty());
        Ok(Self(pairs))
    }

    /// A text of limited length.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Problem> {
        self.text_within(name, VALUE_CHARS)
    }

    /// A text of at most some characters.
    pub(crate) fn text_within(&self, name: &str, most: usize) -> Result<Option<&str>, Problem> {
        match self.0.get(name) {
            Some(value) if value.chars().count() > most => {
                let (zh, en) = (format!("最多 {most} 个字符。"), format!("takes at most {most} characters."));
                Err(bad(name, value, &zh, &en))
            }
            value => Ok(value.map(String::as_str)),
        }
    }

    /// A text that must be there.
    pub(crate) fn need(&self, name: &str) -> Result<&str, Problem> {
        self.text(name)?.ok_or_else(|| bad(name, "", "没有给出。", "is missing."))
    }

    /// A text that must be one of some words.
    pub(crate) fn one_of<'w>(&self, name: &str, words: &[&'w str]) -> Result<Option<&'w str>, Problem> {
        let Some(value) = self.text(name)? else { return Ok(None) };
        match words.iter().find(|word| **word == value) {
            Some(word) => Ok(Some(word)),
            None => {
                let words = words.join("、");
                Err(bad(name, value, &format!("应为 {words} 之一。"), &format!("must be one of {words}.")))
            }
        }
    }

    /// A number up to a limit.
    pub(crate) fn number(&self, name: &str, most: usize) -> Result<Option<usize>, Problem> {
        let Some(value) = self.text(name)? else { return Ok(None) };
        match value.parse() {
            Ok(number) if (1..=most).contains(&number) => Ok(Some(number)),
            _ => Err(bad(
                name,
                value,
                &format!("应为 1 到 {most} 的整数。"),
                &format!("must be a whole number, 1 to {most}."),
            )),
        }
    }

    /// The hour that ends at an instant.
    pub(crate) fn hour(&self, name: &str) -> Result<Option<Hour>, Problem> {
        let Some(value) = self.text(name)? else { return Ok(None) };
        let hour = parse_hour(value).filter(|hour| YEARS.contains(&hour.day().year()));
        hour.map(Some).ok_or_else(|| {
            let (zh, en) =
                ("应为整点，如 2022-03-05T15:00:00+08:00。", "must be a full hour such as 2022-03-05T15:00:00+08:00.");
            bad(name, value, zh, en)
        })
    }

    /// Two hours in order, at most some days apart.
    pub(crate) fn span(&self, most_days: i32) -> Result<(Hour, Hour), Problem> {
        self.need("from")?;
        self.need("to")?;
        let (Some(from), Some(to)) = (self.hour("from")?, self.hour("to")?) else {
            return Err(bad("from", "", "没有给出。", "is missing."));
        };
        if to < from {
            return Err(bad("to", self.need("to")?, "早于 from。", "is before “from”."));
        }
        if to.0 - from.0 > most_days * 24 {
            let (zh, en) = (
                format!("与 from 相距不得超过 {most_days} 天。"),
                format!("is more than {most_days} days after “from”."),
            );
            return Err(bad("to", self.need("to")?, &zh, &en));
        }
        Ok((from, to))
    }

    /// A day.
    pub(crate) fn day(&self, name: &str) -> Result<Option<Day>, Problem> {
        let Some(value) = self.text(name)? else { return Ok(None) };
        let day = value.parse::<Day>().ok().filter(|day| YEARS.contains(&day.year()));
        day.map(Some).ok_or_else(|| bad(name, value, "应为日期，如 2022-03-05。", "must be a day such as 2022-03-05."))
    }

    /// A month that must be there.
    pub(crate) fn month(&self, name: &str) -> Result<Month, Problem> {
        let value = self.need(name)?;
        parse_month(value).ok_or_else(|| bad(name, value, "应为月份，如 2022-03。", "must be a month such as 2022-03."))
    }

    /// A period that must be there.
    pub(crate) fn period(&self, name: &str) -> Result<&str, Problem> {
        let value = self.need(name)?;
        let (zh, en) = (
            "应为时段，如 2022、2022-Q1、2022-01、2022-01..2022-09。",
            "must be a period such as 2022, 2022-Q1, 2022-01, 2022-01..2022-09.",
        );
        let period = value.parse::<Period>().ok().filter(|period| YEARS.contains(&period.first_day().year()));
        period.map(|_| value).ok_or_else(|| bad(name, value, zh, en))
    }

    /// Words separated by commas, such as codes of parameters.
    pub(crate) fn codes(&self, name: &str, most: usize) -> Result<Vec<String>, Problem> {
        let Some(value) = self.text_within(name, 512)? else { return Ok(Vec::new()) };
        let codes: Vec<String> = value.split(',').map(|code| code.trim().to_owned()).collect();
        let fits = |code: &String| {
            (1..=32).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
        };
        if codes.len() > most || !codes.iter().all(fits) {
            let (zh, en) = (
                format!("应为以逗号分隔的代码，最多 {most} 个。"),
                format!("must be codes separated by commas, at most {most}."),
            );
            return Err(bad(name, value, &zh, &en));
        }
        Ok(codes)
    }

    /// The name of a file, without a folder.
    pub(crate) fn file_name(&self, name: &str) -> Result<String, Problem> {
        let value = self.text_within(name, 200)?.ok_or_else(|| bad(name, "", "没有给出。", "is missing."))?;
        if value.contains(['/', '\\']) || value.starts_with('.') {
            return Err(bad(name, value, "应为不带文件夹的文件名。", "must be the name of a file without a folder."));
        }
        Ok(value.to_owned())
    }
}

fn bad(name: &str, value: &str, zh: &str, en: &str) -> Problem {
    Problem::bad(name, Some(value), (&format!("参数 {name} {zh}"), &format!("The parameter “{name}” {en}")))
}

fn unknown(name: &str, known: &[&str]) -> Problem {
    let name: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
    let (zh, en) = if known.is_empty() {
        ("这个地址不需要参数。".to_owned(), "this address takes none.".to_owned())
    } else {
        (format!("可用的有 {}。", known.join("、")), format!("there are {}.", known.join(", ")))
    };
    Problem::bad(&name, None, (&format!("没有参数 {name}：{zh}"), &format!("There is no parameter “{name}”: {en}")))
}

/// RFC 3339 with any offset, or Beijing time without one.
fn parse_hour(text: &str) -> Option<Hour> {
    // A plus sign that nobody escaped arrives as a space.
    let text = match text.len().checked_sub(6) {
        Some(at) if text.as_bytes()[at] == b' ' && text.as_bytes()[at + 3] == b':' && at > 12 => {
            format!("{}+{}", text.get(..at)?, text.get(at + 1..)?)
        }
        _ => text.to_owned(),
    };
    match text.parse::<jiff::Timestamp>() {
        Ok(instant) if instant.subsec_nanosecond() == 0 => Hour::from_end_micros_utc(instant.as_microsecond()),
        Ok(_) => None,
        Err(_) => Hour::ending(&text).ok(),
    }
}

fn parse_month(text: &str) -> Option<Month> {
    let (year, month) = text.split_once('-')?;
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(year, 4) || !digits(month, 2) {
        return None;
    }
    Month::from_ym(year.parse().ok()?, month.parse().ok()?).filter(|month| YEARS.contains(&month.year()))
}

/// A name in the path: of a station, of a figure.
#[derive(Debug)]
pub(crate) struct Name(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let nothing = || Problem::not_found(("没有这个名称。", "There is no such name."));
        let Path(name) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| nothing())?;
        let fits = name.chars().count() <= NAME_CHARS && !name.chars().any(char::is_control) && !name.trim().is_empty();
        if fits { Ok(Self(name)) } else { Err(nothing()) }
    }
}

/// A body of limited size that arrives within a minute.
#[derive(Debug)]
pub(crate) struct Body<const MOST: usize>(pub(crate) Bytes);

impl<S: Send + Sync, const MOST: usize> FromRequest<S> for Body<MOST> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        match tokio::time::timeout(BODY_TIME, axum::body::to_bytes(request.into_body(), MOST)).await {
            Ok(Ok(bytes)) => Ok(Self(bytes)),
            Ok(Err(error)) if is_length(&error) => Err(Problem::too_large(MOST)),
            Ok(Err(_)) => Err(Problem::bad("body", None, ("内容没有完整到达。", "The body did not arrive whole."))),
            Err(_) => Err(Problem::too_slow(StatusCode::REQUEST_TIMEOUT)),
        }
    }
}

fn is_length(error: &axum::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if error.to_string().contains("length limit exceeded") {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_named_by_its_end_in_any_offset() {
        let expected = Hour::ending("2022-03-05T15:00").unwrap();
        for text in
            ["2022-03-05T15:00:00+08:00", "2022-03-05T15:00:00 08:00", "2022-03-05T07:00:00Z", "2022-03-05T15:00"]
        {
            assert_eq!(parse_hour(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "x",
            "2022-03-05T15:30:00+08:00",
            "2022-13-05T15:00",
            "9",
            "2022-03-05T15:00:00.5+08:00",
            "é2345é",
            "ééééééé é:é",
        ] {
            assert_eq!(parse_hour(text), None, "{text}");
        }
    }

    #[test]
    fn a_query_is_read_strictly() {
        let read = |query: &str| Query::read(&format!("/x?{query}").parse().unwrap(), &["at", "q"]);
        assert_eq!(read("at=&q=%E6%B9%96").unwrap().text("q").unwrap(), Some("湖"));
        assert!(read("at=").unwrap().text("at").unwrap().is_none());
        for query in ["At=1", "at=1&at=2", "q=%00", "q=%FF", "x", &format!("q={}", "a".repeat(5000))] {
            assert_eq!(read(query).unwrap_err().body().status, 400, "{query}");
        }
        assert!(read(&format!("q={}", "湖".repeat(100))).unwrap().text("q").is_ok());
        assert!(read(&format!("q={}", "湖".repeat(101))).unwrap().text("q").is_err());
    }

    #[test]
    fn months_and_file_names_are_plain() {
        assert_eq!(parse_month("2022-03"), Month::from_ym(2022, 3));
        for text in ["2022", "2022-3", "2022-13", "+022-03", "0000-01", "2022-03-01"] {
            assert_eq!(parse_month(text), None, "{text}");
        }
        let name =
            |name: &str| Query::read(&format!("/x?name={name}").parse().unwrap(), &["name"]).unwrap().file_name("name");
        assert!(name("a.csv").is_ok());
        for text in ["../a.csv", "..%2Fa.csv", "a%5Cb.csv", ".hidden", ""] {
            assert!(name(text).is_err(), "{text}");
        }
    }
}
