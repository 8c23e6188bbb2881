//! The HTTP interface and the pages.
//!
//! [`serve`] is the whole service on a port, [`router`] the same without one, [`openapi_json`] its description.
//! [`allow`] alone decides who may do what; a handler reaches the office only through a gate that asked it.

mod accept;
pub mod allow;
mod caching;
mod cases;
mod crowd;
mod editions;
mod gate;
mod objections;
mod ogc;
mod openapi;
mod pages;
mod params;
mod people;
pub mod problem;
mod routes;
pub mod session;
mod strangers;
mod visitor;
mod zoning;

pub use allow::Role;
pub use openapi::openapi_json;
pub(crate) use people::known_roles;
pub(crate) use visitor::Visitor;

use crate::office::Office;
use anyhow::Context;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use gate::App;
use problem::Problem;
use std::any::Any;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use utoipa::OpenApi as _;

/// How long an answer may take; an import, which must not be cut in two, may take longer.
const ANSWER_TIME: Duration = Duration::from_secs(60);
/// How long an import may take.
const IMPORT_TIME: Duration = Duration::from_secs(600);

/// Serves the interface and the pages on an address of this machine until SIGINT or SIGTERM.
///
/// `ready` hears the address once it can be reached; port 0 takes any free port.
///
/// # Errors
/// When the address is not of this machine, or cannot be had.
pub async fn serve(
    office: Arc<Office>,
    listen: SocketAddr,
    operator_code: String,
    ready: impl FnOnce(SocketAddr),
) -> anyhow::Result<()> {
    if !listen.ip().is_loopback() {
        anyhow::bail!(
            "在有用户登录之前，只能监听本机地址（127.0.0.1 或 [::1]），不能监听 {listen} / until there is sign-in for users, \
             only addresses of this machine (127.0.0.1 or [::1]) may be listened on, not {listen}"
        );
    }
    let listener = TcpListener::bind(listen).await.with_context(|| format!("无法监听 / cannot listen on {listen}"))?;
    let stop = signals()?;
    let address = listener.local_addr()?;
    office.reached_at(&format!("http://{address}"));
    ready(address);
    let looking = Arc::clone(&office);
    let looking = tokio::spawn(async move { looking.keep_looking_at_editions().await });
    accept::accept(listener, router(office, &operator_code), stop).await;
    looking.abort();
    Ok(())
}

/// Ready when the system asks the program to stop.
#[cfg(unix)]
fn signals() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ready when the system asks the program to stop.
#[cfg(not(unix))]
fn signals() -> anyhow::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

/// The interface and the pages over an office; `operator_code` opens the first session.
pub fn router(office: Arc<Office>, operator_code: &str) -> Router {
    let app = App::new(office, operator_code);
    let (api, _) = routes::described(openapi::Head::openapi()).split_for_parts();
    api.route("/api/openapi.json", get(description))
        .route_layer(middleware::from_fn_with_state(app.clone(), caching::revalidate))
        .merge(ogc::routes())
        .route("/healthz", get(healthz))
        .method_not_allowed_fallback(wrong_method)
        .fallback(pages::fallback)
        .with_state(app)
        .layer(middleware::from_fn(in_time))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(CompressionLayer::new())
        .layer(middleware::map_response(pages::protect))
}

async fn healthz() -> &'static str {
    "ok"
}

async fn description(_: gate::Gate<gate::ReadOpenData>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], openapi_json()).into_response()
}

async fn wrong_method() -> Problem {
    Problem::wrong_method()
}

async fn in_time(request: Request, next: Next) -> Response {
    let most = if request.uri().path() == "/api/v1/imports" { IMPORT_TIME } else { ANSWER_TIME };
    let answered = tokio::time::timeout(most, next.run(request)).await;
    answered.unwrap_or_else(|_| Problem::too_slow(StatusCode::SERVICE_UNAVAILABLE).into_response())
}

/// The cause stays out of the answer; it may hold anything.
#[expect(clippy::needless_pass_by_value, reason = "a layer owns what it is made of")]
fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let text = cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
    Problem::failed(&text.unwrap_or("panic")).into_response()
}
