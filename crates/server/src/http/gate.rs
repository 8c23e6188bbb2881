//! The only way from a request to the office: through [`allow`].
//!
//! [`App`] keeps the office to itself. A handler gets at it by taking a [`Gate`], and a gate exists only after the
//! decision was [`Decision::Allowed`]: a handler that forgets to ask does not compile.

use super::allow::{Action, Decision, Object, Role, Subject, allow};
use super::problem::Problem;
use super::session::{self, Sessions};
use super::strangers::Strangers;
use super::visitor::Visitor;
use crate::office::Office;
use crate::registry::Registry;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use records::{Refusal, Token};
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
    strangers: Strangers,
}

impl App {
    pub(crate) fn new(office: Arc<Office>, operator_code: &str) -> Self {
        Self {
            inner: Arc::new(Inner { office, sessions: Sessions::new(operator_code), strangers: Strangers::default() }),
        }
    }

    /// Who sent a request.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub(crate) async fn visitor(&self, headers: &HeaderMap) -> Result<Visitor, Problem> {
        let Some(id) = session::id_in(headers) else { return Ok(Visitor::Public) };
        if self.inner.sessions.knows(id, Instant::now()) {
            return Ok(Visitor::Operator);
        }
        match Token::parse(id) {
            Some(token) => match self.inner.office.registry().records().session(&token, crate::registry::now()).await {
                Ok(session) => Ok(Visitor::of(session)),
                Err(error) if matches!(error.refusal(), Some(Refusal::SessionEnded)) => Ok(Visitor::Public),
                Err(error) => Err(error.into()),
            },
            None => Ok(Visitor::Public),
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

macro_rules! doors {
    ($($(#[$said:meta])* $door:ident => $action:ident $object:ident;)*) => {
        $(
            $(#[$said])*
            pub(crate) struct $door;

            impl Door for $door {
                const ACTION: Action = Action::$action;
                const OBJECT: Object = Object::$object;
            }
        )*
    };
}

doors! {
    /// Reading what is open to everybody.
    ReadOpenData => Read OpenData;
    /// Bringing files in.
    ImportTables => Import Tables;
    /// Beginning and ending one's own session.
    OwnSession => SignIn Session;
    /// Reading accounts.
    ReadAccounts => Read Accounts;
    /// Making accounts.
    KeepAccounts => Keep Accounts;
    /// Changing accounts.
    DecideAccounts => Decide Accounts;
    /// Reading screening cases.
    ReadCases => Read Cases;
    /// Keeping screening cases.
    KeepCases => Keep Cases;
    /// Signing judgements.
    SignJudgements => Sign Judgements;
    /// Objecting to data.
    KeepObjections => Keep Objections;
    /// Reading objections.
    ReadObjections => Read Objections;
    /// Answering objections.
    DecideObjections => Decide Objections;
    /// Reading the states of editions.
    ReadEditions => Read Editions;
    /// Publishing, ending, withdrawing editions.
    DecideEditions => Decide Editions;
}

/// Doors behind which the whole office is.
pub(crate) trait ToOffice: Door {}
impl ToOffice for ReadOpenData {}
impl ToOffice for ImportTables {}
impl ToOffice for KeepCases {}
impl ToOffice for ReadCases {}
impl ToOffice for ReadObjections {}
impl ToOffice for DecideEditions {}

/// Doors behind which the records are.
pub(crate) trait ToRecords: Door {}
impl ToRecords for OwnSession {}
impl ToRecords for ReadAccounts {}
impl ToRecords for KeepAccounts {}
impl ToRecords for DecideAccounts {}
impl ToRecords for ReadCases {}
impl ToRecords for KeepCases {}
impl ToRecords for SignJudgements {}
impl ToRecords for KeepObjections {}
impl ToRecords for ReadObjections {}
impl ToRecords for DecideObjections {}
impl ToRecords for ReadEditions {}
impl ToRecords for DecideEditions {}

/// Proof that the sender may do what the door leads to.
pub(crate) struct Gate<D> {
    app: App,
    visitor: Visitor,
    peer: IpAddr,
    door: PhantomData<fn() -> D>,
}

impl<D: Door + 'static> FromRequestParts<App> for Gate<D> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        if D::ACTION.changes() && !session::same_origin(&parts.headers) {
            return Err(Problem::refused(("请求来自别的网站。", "The request comes from another site.")));
        }
        let visitor = app.visitor(&parts.headers).await?;
        match allow(&Subject { roles: visitor.roles() }, D::ACTION, D::OBJECT) {
            Decision::Allowed => {
                let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
                let peer = peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.0.ip());
                Ok(Self { app: app.clone(), visitor, peer, door: PhantomData })
            }
            _ if visitor.must_change() => Err(Problem::password_change_needed()),
            Decision::SignInFirst => Err(Problem::sign_in_first()),
            Decision::Refused if matches!(D::ACTION, Action::Sign) => Err(Problem::refused((
                "签署须由经办人用本人账号登录。",
                "Only an officer signed in with an account of their own may sign.",
            ))),
            Decision::Refused => Err(Problem::refused(("您不能做这件事。", "You may not do this."))),
        }
    }
}

impl<D> Gate<D> {
    /// The part that the sender plays: the public's, or the first of their own.
    pub(crate) fn role(&self) -> Role {
        self.visitor.roles().first().copied().unwrap_or(Role::Public)
    }

    /// Who the sender is.
    pub(crate) fn visitor(&self) -> &Visitor {
        &self.visitor
    }

    /// From where they ask.
    pub(crate) fn peer(&self) -> IpAddr {
        self.peer
    }
}

impl<D: ToOffice> Gate<D> {
    pub(crate) fn office(&self) -> &Office {
        &self.app.inner.office
    }

    /// The office, for work that goes on elsewhere.
    pub(crate) fn shared(&self) -> Arc<Office> {
        Arc::clone(&self.app.inner.office)
    }
}

impl<D: ToRecords> Gate<D> {
    pub(crate) fn registry(&self) -> &Registry {
        self.app.inner.office.registry()
    }

    /// What the sender does now, for the audit.
    pub(crate) fn act(&self) -> records::Act {
        self.registry().act(self.visitor.actor()).from(self.peer.to_string())
    }
}

impl Gate<KeepObjections> {
    pub(crate) fn strangers(&self) -> &Strangers {
        &self.app.inner.strangers
    }
}

impl Gate<OwnSession> {
    pub(crate) fn sessions(&self) -> &Sessions {
        &self.app.inner.sessions
    }
}
