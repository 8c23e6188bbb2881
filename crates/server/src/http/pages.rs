//! The pages: the built web part inside the program, and the headers that every answer carries.

use super::caching::{coding, conditional, quoted};
use super::problem::Problem;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

/// The built web part; empty but for a marker when it was not built.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../web/dist"]
struct Dist;

/// What a page may load and do: nothing from elsewhere.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
                      connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

const SAFE: [(HeaderName, HeaderValue); 5] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

const NOT_BUILT: &str = "网页部分尚未构建。请在 web 文件夹运行 npm ci 和 npm run build，再构建程序。接口可用：/api/openapi.json\n\
                         The web part is not built. Run npm ci and npm run build in the folder web, then build the program. \
                         The interface works: /api/openapi.json\n";

/// A paper carries its style in itself and asks for nothing else.
pub(super) const PAPER_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// The headers that keep a browser from doing what we never ask of it. An answer that says itself what it needs keeps
/// its own policy.
pub(super) async fn protect(mut response: Response) -> Response {
    let own = response.headers_mut().remove(header::CONTENT_SECURITY_POLICY);
    response.headers_mut().extend(SAFE);
    if let Some(own) = own {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, own);
    }
    response
}

/// Whatever no route answers: a page, or a problem below `/api`.
pub(super) async fn fallback(request: Request) -> Response {
    let (method, uri) = (request.method(), request.uri());
    if below(uri.path(), "/api") {
        return Problem::no_such_address().into_response();
    }
    if !matches!(*method, Method::GET | Method::HEAD) {
        let allowed = HeaderValue::from_static("GET, HEAD");
        return Problem::wrong_method().with(header::ALLOW, allowed).into_response();
    }
    page(uri, request.headers())
}

fn below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn page(uri: &Uri, headers: &HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    match plain(path).then(|| Dist::get(path)).flatten() {
        Some(file) => answer(path, &file, headers),
        None if path.starts_with("assets/") => {
            Problem::not_found(("没有这个文件。", "There is no such file.")).into_response()
        }
        None => index(headers),
    }
}

fn index(headers: &HeaderMap) -> Response {
    match Dist::get("index.html") {
        Some(file) => answer("index.html", &file, headers),
        None => (StatusCode::SERVICE_UNAVAILABLE, NOT_BUILT).into_response(),
    }
}

/// True for a path that names a file of ours and nothing above it. Names of built files need no escapes.
fn plain(path: &str) -> bool {
    !path.is_empty()
        && path.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/".contains(&b))
        && path.split('/').all(|part| !part.is_empty() && !part.starts_with('.'))
}

fn answer(path: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    // Names under assets/ hold a hash of their content; everything else is asked for again.
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut hash = Sha256::new();
    hash.update(file.metadata.sha256_hash());
    hash.update(coding(headers));
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(media_type(path)))];
    let response = (kind, file.data.to_vec()).into_response();
    conditional(headers, &quoted(&hash.finalize()), HeaderValue::from_static(cache), response)
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        "png" => "image/png",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_looked_up() {
        for path in ["index.html", "assets/index-D4QhhRql.js", "favicon.svg"] {
            assert!(plain(path), "{path}");
        }
        for path in [
            "",
            "..",
            "../Cargo.toml",
            "assets/../../x",
            "a//b",
            ".gitkeep",
            "a/.b",
            "%2e%2e/x",
            "a\\b",
            "a\0b",
            "/etc/passwd",
        ] {
            assert!(!plain(path), "{path}");
        }
    }

    #[test]
    fn the_interface_is_no_page() {
        assert!(below("/api", "/api") && below("/api/v1/x", "/api") && !below("/apiary", "/api"));
    }
}
