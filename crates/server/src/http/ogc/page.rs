//! An answer as a plain page: every member of it, and its links as links.

use serde_json::Value;
use std::fmt::Write as _;

/// The page of an answer.
pub(super) fn page(title: &str, answer: &Value) -> String {
    let title = escaped(title);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"zh-CN\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n"
    );
    push(answer, &mut out);
    out.push_str("\n</body>\n</html>\n");
    out
}

fn push(value: &Value, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = match value {
        Value::Null => write!(out, "–"),
        Value::Bool(_) | Value::Number(_) => write!(out, "{value}"),
        Value::String(text) => write!(out, "{}", escaped(text)),
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            let items: Vec<String> = items.iter().map(plain).collect();
            write!(out, "{}", escaped(&items.join(", ")))
        }
        Value::Array(items) => {
            out.push_str("<ul>\n");
            for item in items {
                out.push_str("<li>");
                push(item, out);
                out.push_str("</li>\n");
            }
            write!(out, "</ul>")
        }
        Value::Object(link) if link.contains_key("href") => {
            let text = |name: &str| escaped(link.get(name).and_then(Value::as_str).unwrap_or_default());
            let (href, rel, kind) = (text("href"), text("rel"), text("type"));
            let title = if link.contains_key("title") { text("title") } else { href.clone() };
            write!(out, "<a href=\"{href}\" rel=\"{rel}\" type=\"{kind}\">{title}</a> ({rel}, {kind})")
        }
        Value::Object(shape) if shape.contains_key("coordinates") => {
            write!(
                out,
                "<details><summary>{}</summary><code>{}</code></details>",
                escaped(&plain(&shape["type"])),
                escaped(&value.to_string())
            )
        }
        Value::Object(members) => {
            out.push_str("<dl>\n");
            for (name, member) in members {
                let _ = write!(out, "<dt>{}</dt><dd>", escaped(name));
                push(member, out);
                out.push_str("</dd>\n");
            }
            write!(out, "</dl>")
        }
    };
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A text that means nothing to a browser.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_of_an_answer_becomes_markup() {
        let answer = json!({
            "links": [{ "href": "/a?b=1&c=\"", "rel": "self", "type": "text/html", "title": "<b>" }],
            "<i>": ["a&b", 1, null], "geometry": { "type": "<Point>", "coordinates": [1, 2] }, "x": [{ "y": true }],
        });
        let page = page("<t>", &answer);
        for wanted in [
            "<h1>&lt;t&gt;</h1>",
            "<a href=\"/a?b=1&amp;c=&quot;\" rel=\"self\" type=\"text/html\">&lt;b&gt;</a>",
            "<dt>&lt;i&gt;</dt><dd>a&amp;b, 1, null</dd>",
            "<summary>&lt;Point&gt;</summary>",
            "<dt>y</dt><dd>true</dd>",
        ] {
            assert!(page.contains(wanted), "{wanted} is not in {page}");
        }
    }
}
