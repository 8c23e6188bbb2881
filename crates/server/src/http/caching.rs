//! Answers that need not travel twice: a strong `ETag` on everything that can be read.

use super::gate::App;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// Ask again before use, and take a 304 for an answer.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");
/// What depends on the cookie must not be shared between people.
const DEPENDS_ON: HeaderValue = HeaderValue::from_static("cookie");

/// Gives answers to reads an `ETag` made of what they depend on, and keeps all others out of caches.
///
/// The handler always runs: authorization and the look for new data must not be skipped because a caller knows a tag.
pub(super) async fn revalidate(State(app): State<App>, request: Request, next: Next) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return with(next.run(request).await, header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    let (headers, uri) = (request.headers().clone(), request.uri().clone());
    // Who cannot be known gets no answer either: the gate says why.
    let whose = app.visitor(&headers).await.map_or_else(|_| String::new(), |visitor| visitor.actor().to_owned());
    let tag = || entity_tag(&[&app.version_tag(), &whose, coding(&headers)], &uri);
    let before = tag();
    let response = next.run(request).await;
    if response.status() != StatusCode::OK {
        return with(response, header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    // New data may have come in between; then nobody can say which version the answer shows. And what is made of the
    // records says itself that it is not to be kept.
    if tag() != before || response.headers().contains_key(header::CACHE_CONTROL) {
        return with(response, header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    conditional(&headers, &before, REVALIDATE, with(response, header::VARY, DEPENDS_ON))
}

/// The answer with its tag, or 304 when the asker has it already.
pub(super) fn conditional(asked: &HeaderMap, tag: &str, cache: HeaderValue, response: Response) -> Response {
    let mut response = if has(asked, tag) { StatusCode::NOT_MODIFIED.into_response() } else { response };
    if let Ok(tag) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    with(response, header::CACHE_CONTROL, cache)
}

fn with(mut response: Response, name: HeaderName, value: HeaderValue) -> Response {
    response.headers_mut().insert(name, value);
    response
}

/// A strong tag: other bytes have another one, so the coding of the transfer is part of it.
fn entity_tag(parts: &[&str], uri: &Uri) -> String {
    let mut hash = Sha256::new();
    for part in parts.iter().copied().chain([uri.path(), uri.query().unwrap_or_default()]) {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    quoted(&hash.finalize())
}

/// A tag from a digest.
pub(super) fn quoted(digest: &[u8]) -> String {
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

/// The coding that an asker gets.
pub(super) fn coding(headers: &HeaderMap) -> &'static str {
    let accepts = headers.get_all(header::ACCEPT_ENCODING);
    let gzip = accepts.iter().filter_map(|value| value.to_str().ok()).any(|value| value.contains("gzip"));
    if gzip { "gzip" } else { "identity" }
}

fn has(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH);
    values.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(|known| {
        let known = known.trim();
        known.strip_prefix("W/").unwrap_or(known) == tag
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_tells_apart_whatever_the_answer_depends_on() {
        let uri: Uri = "/a?b".parse().unwrap();
        let tags = [
            entity_tag(&["1", "public"], &uri),
            entity_tag(&["2", "public"], &uri),
            entity_tag(&["1", "operator"], &uri),
            entity_tag(&["1p", "ublic"], &uri),
            entity_tag(&["1", "public"], &"/ab".parse().unwrap()),
            entity_tag(&["1", "public"], &"/a".parse().unwrap()),
        ];
        let different: std::collections::BTreeSet<_> = tags.iter().collect();
        assert_eq!(different.len(), tags.len());
    }

    #[test]
    fn a_known_tag_is_found_in_a_list() {
        let asked = |value| HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static(value))]);
        assert!(has(&asked("\"x\", W/\"y\""), "\"y\""));
        assert!(!has(&asked("\"x\""), "\"y\"") && !has(&HeaderMap::new(), "\"y\""));
    }
}
