//! What a question to a collection may say: a window, a time, a page, values of columns.

use super::super::params::Query;
use super::super::problem::Problem;
use crate::zoning::features::{self, Ready, Wanted};
use geo::{Coord, Rect};
use norms::Day;

/// The most features of a page; more are not refused, the page is only not larger.
pub(super) const LIMIT_MAX: usize = 10_000;
/// The features of a page when nobody says.
pub(super) const LIMIT_USUAL: usize = 10;
/// The parameters that every collection knows beside its columns.
pub(super) const RESERVED: [&str; 5] = ["bbox", "datetime", "f", "limit", "offset"];
/// The longest text of a window: six numbers.
const BBOX_CHARS: usize = 200;
/// The longest text of a time: two instants.
const DATETIME_CHARS: usize = 100;

/// A question to a collection.
#[derive(Debug)]
pub(super) struct Question {
    /// Which features.
    pub(super) wanted: Wanted,
    /// First and last second of which the edition must be in force for one; all of time when nobody asks.
    pub(super) time: Option<Span>,
    /// The most features of a page.
    pub(super) limit: usize,
    /// Features before the page.
    pub(super) offset: usize,
}

/// A stretch of time with both ends; in milliseconds since 1970-01-01T00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    first: i64,
    last: i64,
}

impl Question {
    /// Reads it from a query that knows the columns of a collection.
    pub(super) fn read(query: &Query, ready: &Ready) -> Result<Self, Problem> {
        let windows = query.text_within("bbox", BBOX_CHARS)?.map(windows).transpose()?;
        let time = query.text_within("datetime", DATETIME_CHARS)?.map(span).transpose()?;
        let limit = whole(query, "limit", 1)?.map_or(LIMIT_USUAL, |limit| limit.min(LIMIT_MAX));
        let offset = whole(query, "offset", 0)?.unwrap_or(0);
        let mut values = Vec::new();
        for (at, column) in ready.columns.iter().enumerate() {
            let Some(text) = query.text(&column.name)?.filter(|_| !RESERVED.contains(&column.name.as_str())) else {
                continue;
            };
            let value = column.read(text).ok_or_else(|| bad(&column.name, text, "应为数。", "must be a number."))?;
            values.push((at, value));
        }
        Ok(Self { wanted: Wanted { windows, values }, time, limit, offset })
    }
}

impl Span {
    /// Whether a term, in seconds and without its end, has an instant of it.
    pub(super) fn meets(self, (from, to): (Option<i64>, Option<i64>)) -> bool {
        from.is_none_or(|from| self.last >= from * 1000) && to.is_none_or(|to| self.first < to * 1000)
    }
}

/// A whole number; one beyond what can be counted is as good as the largest.
fn whole(query: &Query, name: &str, least: usize) -> Result<Option<usize>, Problem> {
    let Some(text) = query.text(name)? else { return Ok(None) };
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| text.parse().unwrap_or(usize::MAX)).filter(|number| *number >= least);
    number.map(Some).ok_or_else(|| {
        let (zh, en) = (format!("应为不小于 {least} 的整数。"), format!("must be a whole number, {least} or more."));
        bad(name, text, &zh, &en)
    })
}

/// The windows of a `bbox`: two when it spans the line where longitude turns.
fn windows(text: &str) -> Result<Vec<Rect<f64>>, Problem> {
    let wrong = |zh: &str, en: &str| bad("bbox", text, zh, en);
    let numbers: Option<Vec<f64>> =
        text.split(',').map(|part| part.trim().parse().ok().filter(|number: &f64| number.is_finite())).collect();
    // Heights of six numbers say nothing here: the features lie in the plane.
    let (west, south, east, north) = match numbers.as_deref() {
        Some([west, south, east, north]) => (*west, *south, *east, *north),
        Some([west, south, low, east, north, high]) if low <= high => (*west, *south, *east, *north),
        _ => return Err(wrong("应为以逗号分隔的 4 个或 6 个数。", "must be 4 or 6 numbers separated by commas.")),
    };
    let within = |value: f64, most: f64| value.abs() <= most;
    if !(within(west, 180.0) && within(east, 180.0) && within(south, 90.0) && within(north, 90.0)) {
        let (zh, en) = (
            "经度应在 ±180、纬度在 ±90 之内，依次为西、南、东、北。",
            "holds a longitude beyond ±180 or a latitude beyond ±90; the order is west, south, east, north.",
        );
        return Err(wrong(zh, en));
    }
    if south > north {
        return Err(wrong("南界在北界以北。", "has its south above its north."));
    }
    let window = |west, east| Rect::new(Coord { x: west, y: south }, Coord { x: east, y: north });
    Ok(if west <= east { vec![window(west, east)] } else { vec![window(west, 180.0), window(-180.0, east)] })
}

/// An instant, a day of Beijing, or an interval of them of which one side may be open.
fn span(text: &str) -> Result<Span, Problem> {
    let wrong = || {
        let (zh, en) = (
            "应为时刻（RFC 3339，带时差）或区间，如 2026-06-30T00:00:00Z、2026-01-01T00:00:00+08:00/..。",
            "must be an instant (RFC 3339 with its offset) or an interval such as 2026-06-30T00:00:00Z or \
             2026-01-01T00:00:00+08:00/..",
        );
        bad("datetime", text, zh, en)
    };
    let open = |part: &str| part.is_empty() || part == "..";
    let (start, end) = match text.split_once('/') {
        None => (instant(text).ok_or_else(wrong)?, instant(text).ok_or_else(wrong)?),
        Some((start, end)) if open(start) && !open(end) => {
            (Span { first: i64::MIN, last: 0 }, instant(end).ok_or_else(wrong)?)
        }
        Some((start, end)) if open(end) && !open(start) => {
            (instant(start).ok_or_else(wrong)?, Span { first: 0, last: i64::MAX })
        }
        Some((start, end)) => (instant(start).ok_or_else(wrong)?, instant(end).ok_or_else(wrong)?),
    };
    if start.first > end.last {
        return Err(bad("datetime", text, "的起点晚于终点。", "starts after its end."));
    }
    Ok(Span { first: start.first, last: end.last })
}

fn instant(text: &str) -> Option<Span> {
    if let (10, Ok(day)) = (text.len(), text.parse::<Day>()) {
        let first = features::first_second(day) * 1000;
        return Some(Span { first, last: first + 86_399_999 });
    }
    // A plus sign that nobody escaped arrives as a space.
    let (day, time) = text.split_once(['T', 't'])?;
    let at: jiff::Timestamp = format!("{day}T{}", time.replace(' ', "+")).parse().ok()?;
    Some(Span { first: at.as_millisecond(), last: at.as_millisecond() })
}

fn bad(name: &str, value: &str, zh: &str, en: &str) -> Problem {
    Problem::bad(name, Some(value), (&format!("参数 {name} {zh}"), &format!("The parameter “{name}” {en}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_four_or_six_numbers() {
        let all = |text: &str| {
            let windows = windows(text).unwrap();
            windows.iter().map(|one| [one.min().x, one.min().y, one.max().x, one.max().y]).collect::<Vec<_>>()
        };
        assert_eq!(all("117.5,24,118.5,25"), [[117.5, 24.0, 118.5, 25.0]]);
        assert_eq!(all("117.5,24,-10,118.5,25,900"), [[117.5, 24.0, 118.5, 25.0]]);
        assert_eq!(all("170,-5,-170,5"), [[170.0, -5.0, 180.0, 5.0], [-180.0, -5.0, -170.0, 5.0]]);
        assert_eq!(all("118,24,118,24"), [[118.0, 24.0, 118.0, 24.0]]);
        for text in
            ["", "1,2,3", "1,2,3,4,5", "1,2,3,x", "1,2,3,NaN", "1,2,inf,4", "1,5,2,4", "181,0,182,1", "0,0,1,91"]
        {
            assert!(windows(text).is_err(), "{text}");
        }
        assert!(windows("0,0,9,1,1,8").is_err(), "its floor above its ceiling");
    }

    #[test]
    fn a_time_is_an_instant_or_an_interval() {
        let new_year = 1_767_196_800; // 2026-01-01T00:00+08:00
        let term = (Some(new_year), Some(new_year + 86_400));
        let meets = |text: &str| span(text).unwrap().meets(term);
        for text in [
            "2025-12-31T16:00:00Z",
            "2026-01-01T00:00:00+08:00",
            "2026-01-01T00:00:00 08:00",
            "2026-01-01T23:59:59.999+08:00",
            "2026-01-01",
            "2025-01-01T00:00:00Z/2026-01-01T00:00:00Z",
            "../2025-12-31T16:00:00Z",
            "/2026-06-01",
            "2026-01-01T15:59:59Z/..",
            "2020-01-01/",
        ] {
            assert!(meets(text), "{text}");
        }
        for text in [
            "2025-12-31T15:59:59Z",
            "2026-01-02T00:00:00+08:00",
            "2026-01-02",
            "../2025-12-31T15:59:59Z",
            "2026-01-01T16:00:00Z/..",
            "2026-01-02/2026-02-01",
        ] {
            assert!(!meets(text), "{text}");
        }
        for text in
            ["", "/", "../..", "now", "2026", "2026-13-01", "2026-01-01T00:00:00", "2026-01-02/2026-01-01", "a/b"]
        {
            assert!(span(text).is_err(), "{text}");
        }
        assert!(span("2026-01-01T00:00:00Z").unwrap().meets((None, None)));
    }
}
