//! The only way from a request to the office: through [`allow`].
//!
//! [`App`] keeps the office to itself. A handler gets at it by taking a [`Gate`], and a gate exists only after the
//! decision was [`Decision::Allowed`]: a handler that forgets to ask does not compile.

use super::allow::{Action, Decision, Object, Role, Subject, allow};
use super::problem::Problem;
use super::session::{self, Sessions};
use crate::office::Office;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct App {
    inner: Arc<Inner>,
}

struct Inner {
    office: Arc<Office>,
    sessions: Sessions,
}

impl App {
    pub(crate) fn new(office: Arc<Office>, operator_code: &str) -> Self {
        Self { inner: Arc::new(Inner { office, sessions: Sessions::new(operator_code) }) }
    }

    /// Whose part the sender of a request plays.
    pub(crate) fn role(&self, headers: &HeaderMap) -> Role {
        match session::id_in(headers) {
            Some(id) if self.inner.sessions.knows(id, Instant::now()) => Role::Operator,
            _ => Role::Public,
        }
    }

    /// Changes whenever an answer may.
    pub(crate) fn version_tag(&self) -> String {
        self.inner.office.version_tag()
    }
}

/// What a door leads to.
pub(crate) trait Door {
    const ACTION: Action;
    const OBJECT: Object;
}

/// Reading what is open to everybody.
pub(crate) struct ReadOpenData;
/// Bringing files in.
pub(crate) struct ImportTables;
/// Beginning and ending one's own session.
pub(crate) struct OwnSession;

impl Door for ReadOpenData {
    const ACTION: Action = Action::Read;
    const OBJECT: Object = Object::OpenData;
}

impl Door for ImportTables {
    const ACTION: Action = Action::Import;
    const OBJECT: Object = Object::Tables;
}

impl Door for OwnSession {
    const ACTION: Action = Action::SignIn;
    const OBJECT: Object = Object::Session;
}

/// Proof that the sender may do what the door leads to.
pub(crate) struct Gate<D> {
    app: App,
    role: Role,
    peer: IpAddr,
    door: PhantomData<fn() -> D>,
}

impl<D: Door + 'static> FromRequestParts<App> for Gate<D> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        if D::ACTION.changes() && !session::same_origin(&parts.headers) {
            return Err(Problem::refused(("请求来自别的网站。", "The request comes from another site.")));
        }
        let role = app.role(&parts.headers);
        match allow(&Subject { role }, D::ACTION, D::OBJECT) {
            Decision::Allowed => {
                let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
                let peer = peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.0.ip());
                Ok(Self { app: app.clone(), role, peer, door: PhantomData })
            }
            Decision::SignInFirst => Err(Problem::sign_in_first()),
            Decision::Refused => Err(Problem::refused(("您不能做这件事。", "You may not do this."))),
        }
    }
}

impl Gate<ReadOpenData> {
    pub(crate) fn office(&self) -> &Office {
        &self.app.inner.office
    }

    /// The office, for work that goes on elsewhere.
    pub(crate) fn shared(&self) -> Arc<Office> {
        Arc::clone(&self.app.inner.office)
    }

    pub(crate) fn role(&self) -> Role {
        self.role
    }
}

impl Gate<ImportTables> {
    pub(crate) fn office(&self) -> Arc<Office> {
        Arc::clone(&self.app.inner.office)
    }
}

impl Gate<OwnSession> {
    pub(crate) fn sessions(&self) -> &Sessions {
        &self.app.inner.sessions
    }

    pub(crate) fn peer(&self) -> IpAddr {
        self.peer
    }
}
