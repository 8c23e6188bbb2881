//! Who comes in: sessions and accounts.

use super::gate::{App, DecideAccounts, Gate, KeepAccounts, OwnSession, ReadAccounts};
use super::params::{Body, Query};
use super::problem::{Problem, ProblemBody};
use super::routes::BODY_BYTES;
use super::session::{self, Denied};
use super::visitor::Visitor;
use crate::registry::{chance, new_id, now, rfc3339};
use axum::Json;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use records::{NewAccount, Password, RecordsError, Refusal, Token, Uuid};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::time::Instant;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Accounts on a page.
const ACCOUNTS: u32 = 1_000;

/// All operations, each in the description.
pub(super) fn described() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sign_in, sign_out))
        .routes(routes!(change_password))
        .routes(routes!(accounts, add_account))
        .routes(routes!(set_roles))
        .routes(routes!(set_disabled))
        .routes(routes!(reset_password))
}

/// What somebody enters to come in: a login and its password, or the one-time code that the service printed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged, deny_unknown_fields)]
enum SignIn {
    /// With an account.
    Account {
        /// The login.
        login: String,
        /// The password.
        password: String,
    },
    /// At the console.
    Console {
        /// The one-time code that the service printed.
        code: String,
    },
}

/// What somebody hears who came in and must do one thing first.
#[derive(Debug, Serialize, ToSchema)]
struct MustChange {
    /// Always true.
    must_change: bool,
}

#[utoipa::path(post, path = "/session", tag = "operator", summary = "登录：账号密码，或一次性口令", request_body = SignIn,
    responses((status = 204, description = "已登录，会话在 Cookie 中 Signed in, the session is in the cookie"),
        (status = 200, description = "已登录，须先修改密码 Signed in, the password must be changed first", body = MustChange),
        (status = 401, description = "不对，或口令已用过 Wrong, or the code is used already", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "应为 JSON It must be JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "试得太多 Too many attempts", body = ProblemBody, content_type = "application/problem+json")))]
async fn sign_in(
    gate: Gate<OwnSession>,
    uri: Uri,
    headers: HeaderMap,
    body: Body<BODY_BYTES>,
) -> Result<Response, Problem> {
    Query::read(&uri, &[])?;
    need_json(&headers)?;
    let wrong = (
        "内容应为 {\"login\": \"账号\", \"password\": \"密码\"} 或 {\"code\": \"口令\"}。",
        "The body must be {\"login\": \"…\", \"password\": \"…\"} or {\"code\": \"…\"}.",
    );
    let entered: SignIn = serde_json::from_slice(&body.0).map_err(|_| Problem::bad("login", None, wrong))?;
    let old = session::id_in(&headers);
    let (id, must_change) = match entered {
        SignIn::Console { code } => {
            let opened = gate.sessions().open(&code, gate.peer(), Instant::now()).map_err(denied)?;
            announce(&opened.next_code);
            (opened.id, false)
        }
        SignIn::Account { login, password } => {
            let device = headers.get(header::USER_AGENT).and_then(|text| text.to_str().ok()).unwrap_or_default();
            let old = old.and_then(Token::parse);
            let sign_in = records::SignIn {
                login: &login,
                password: Password(&password),
                origin: &gate.peer().to_string(),
                device,
                old: old.as_ref(),
                id: new_id(),
                chance: &chance(),
            };
            let (session, token) = gate.registry().records().sign_in(&sign_in, now()).await?;
            (token.reveal(), session.account.must_change)
        }
    };
    // Whoever signs in again leaves the old session behind.
    if let Some(old) = old {
        gate.sessions().close(old);
    }
    let cookie = [(header::SET_COOKIE, session::cookie(&id))];
    Ok(if must_change {
        (StatusCode::OK, cookie, Json(MustChange { must_change })).into_response()
    } else {
        (StatusCode::NO_CONTENT, cookie).into_response()
    })
}

/// A body that a page of another site could not send without asking first.
pub(super) fn need_json(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) {
        return Ok(());
    }
    let detail = ("内容类型应为 application/json。", "The content type must be application/json.");
    let title = ("内容类型不对", "Unsupported media type");
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", title, detail))
}

/// A body of JSON with fields that are known.
pub(super) fn read_json<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Problem> {
    need_json(headers)?;
    serde_json::from_slice(body).map_err(|error| {
        let (zh, en) = (format!("请求内容无法读取：{error}。"), format!("The body cannot be read: {error}."));
        Problem::bad("body", None, (&zh, &en))
    })
}

#[expect(clippy::needless_pass_by_value, reason = "map_err hands it over")]
fn denied(why: Denied) -> Problem {
    match why {
        Denied::Wrong => {
            let detail = ("口令不对或已经用过。", "The code is wrong or used already.");
            Problem::new(StatusCode::UNAUTHORIZED, "wrong-code", ("口令不对", "Wrong code"), detail)
                .with(header::WWW_AUTHENTICATE, HeaderValue::from_static("Session realm=\"yundang\""))
        }
        Denied::TooMany(seconds) => {
            let minutes = seconds.div_ceil(60);
            let detail = (
                &*format!("错得太多，请 {minutes} 分钟后再试。"),
                &*format!("Too many wrong codes; try again in {minutes} minutes."),
            );
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts", ("试得太多", "Too many attempts"), detail)
                .with(header::RETRY_AFTER, HeaderValue::from(seconds))
        }
    }
}

/// Says the next code where the first one was said. Nobody listening must not keep an operator out.
fn announce(code: &str) {
    let text = format!(
        "operator code: {code}\n上一个口令已用，新的一次性口令如上 / the code before is used, the next one stands above\n"
    );
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

#[utoipa::path(delete, path = "/session", tag = "operator", summary = "退出登录",
    responses((status = 204, description = "已退出 Signed out")))]
async fn sign_out(gate: Gate<OwnSession>, uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    Query::read(&uri, &[])?;
    if let Some(id) = session::id_in(&headers) {
        gate.sessions().close(id);
        if let (Visitor::Person(_), Some(token)) = (gate.visitor(), Token::parse(id)) {
            let mut write = gate.registry().records().begin(gate.act()).await?;
            write.sign_out(&token).await?;
            write.commit().await?;
        }
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, session::no_cookie())]).into_response())
}

/// A new password for oneself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    /// The one until now.
    old: String,
    /// The one from now on.
    new: String,
}

#[utoipa::path(post, path = "/session/password", tag = "operator", summary = "修改自己的密码", request_body = NewPassword,
    responses((status = 204, description = "已修改，其他会话已结束 Changed, other sessions have ended"),
        (status = 422, description = "密码不合要求 The password breaks the rules", body = ProblemBody, content_type = "application/problem+json")))]
async fn change_password(
    gate: Gate<OwnSession>,
    uri: Uri,
    headers: HeaderMap,
    body: Body<BODY_BYTES>,
) -> Result<StatusCode, Problem> {
    Query::read(&uri, &[])?;
    let person = gate.visitor().person().ok_or_else(Problem::sign_in_first)?;
    let entered: NewPassword = read_json(&headers, &body.0)?;
    let account = &person.session.account;
    let records = gate.registry().records();
    let confirm = records::SignIn {
        login: &account.login,
        password: Password(&entered.old),
        origin: &gate.peer().to_string(),
        device: "",
        old: None,
        id: new_id(),
        chance: &chance(),
    };
    records.confirm_password(&confirm, now()).await?;
    if entered.old == entered.new {
        let same = ("新密码与原密码相同。", "The new password is the old one.");
        return Err(Problem::bad("new", None, same));
    }
    let kept = records.keep_password(&entered.new, &account.login, &account.display_name, &chance()).await?;
    let mut write = records.begin(gate.act()).await?;
    write.set_password(account.id, &kept, false, Some(person.session.id)).await?;
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
struct AccountLine {
    /// Its id.
    id: String,
    /// The login.
    login: String,
    /// The name that stands under what they sign.
    display_name: String,
    /// The district that they work for; empty for the whole city.
    district: String,
    /// `officer`, `editor`, `administrator`.
    roles: Vec<String>,
    /// True when nobody can sign in with it.
    disabled: bool,
    /// True when the password was chosen by somebody else.
    must_change: bool,
    /// When it was made (RFC 3339, +08:00).
    created_at: String,
}

/// Accounts.
#[derive(Debug, Serialize, ToSchema)]
struct AccountList {
    /// In the order of their logins.
    items: Vec<AccountLine>,
}

#[utoipa::path(get, path = "/accounts", tag = "operator", summary = "账号", responses((status = 200, body = AccountList)),
    security(("operator" = [])))]
async fn accounts(gate: Gate<ReadAccounts>, uri: Uri) -> Result<Response, Problem> {
    Query::read(&uri, &[])?;
    let accounts = gate.registry().records().accounts("", ACCOUNTS).await?;
    let line = |account: records::Account| AccountLine {
        id: account.id.to_string(),
        login: account.login,
        display_name: account.display_name,
        district: account.district,
        roles: account.roles,
        disabled: account.disabled,
        must_change: account.must_change,
        created_at: rfc3339(account.created_at),
    };
    Ok(unkept(Json(AccountList { items: accounts.into_iter().map(line).collect() })))
}

/// An answer that no cache may keep: it holds what only some may see, or changes with every record.
pub(super) fn unkept(answer: impl IntoResponse) -> Response {
    ([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], answer).into_response()
}

/// An account to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddAccount {
    /// 2 to 64 letters, digits or `. _ - @`.
    login: String,
    /// The name that stands under what they sign.
    display_name: String,
    /// The district that they work for; empty or null for the whole city.
    #[serde(default)]
    district: Option<String>,
    /// `officer`, `editor`, `administrator`.
    roles: Vec<String>,
    /// The first password; it must be changed at the first sign-in.
    password: String,
}

/// The id of something made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Made {
    /// Its id.
    pub(super) id: String,
}

#[utoipa::path(post, path = "/accounts", tag = "operator", summary = "新建账号", request_body = AddAccount,
    responses((status = 201, body = Made),
        (status = 409, description = "账号已有 The login is taken", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "密码不合要求 The password breaks the rules", body = ProblemBody, content_type = "application/problem+json")),
    security(("operator" = [])))]
async fn add_account(
    gate: Gate<KeepAccounts>,
    uri: Uri,
    headers: HeaderMap,
    body: Body<BODY_BYTES>,
) -> Result<(StatusCode, Json<Made>), Problem> {
    Query::read(&uri, &[])?;
    let entered: AddAccount = read_json(&headers, &body.0)?;
    let roles = known_roles(entered.roles)?;
    let records = gate.registry().records();
    let password = records.keep_password(&entered.password, &entered.login, &entered.display_name, &chance()).await?;
    let account = NewAccount {
        id: new_id(),
        login: entered.login,
        display_name: entered.display_name,
        district: entered.district.unwrap_or_default(),
        roles,
        password,
        must_change: true,
    };
    let mut write = records.begin(gate.act()).await?;
    write.add_account(&account).await?;
    write.commit().await?;
    Ok((StatusCode::CREATED, Json(Made { id: account.id.to_string() })))
}

/// Roles that accounts may have.
///
/// # Errors
/// When one of them is none.
pub(crate) fn known_roles(roles: Vec<String>) -> Result<Vec<String>, RecordsError> {
    match roles.iter().all(|role| super::Role::of_account(role).is_some()) {
        true => Ok(roles),
        false => Err(Refusal::Field {
            field: "roles",
            zh: "须为 officer（经办人）、editor（版本管理员）、administrator（系统管理员）",
            en: "must be officer, editor, administrator",
        }
        .into()),
    }
}

/// New roles.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetRoles {
    /// All that the account has from now on.
    roles: Vec<String>,
}

#[utoipa::path(post, path = "/accounts/{id}/roles", tag = "operator", summary = "更改账号的角色（结束其会话）",
    params(("id" = String, Path, description = "账号 Account")), request_body = SetRoles,
    responses((status = 204, description = "已更改 Changed")), security(("operator" = [])))]
async fn set_roles(
    gate: Gate<DecideAccounts>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Body<BODY_BYTES>,
) -> Result<StatusCode, Problem> {
    Query::read(&uri, &[])?;
    let id = id_of(&id)?;
    let entered: SetRoles = read_json(&headers, &body.0)?;
    let roles = known_roles(entered.roles)?;
    let mut write = gate.registry().records().begin(gate.act()).await?;
    write.set_roles(id, &roles).await?;
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The id in an address.
pub(super) fn id_of(text: &str) -> Result<Uuid, Problem> {
    text.parse().map_err(|_| Problem::not_found(("没有这个编号。", "There is nothing with this id.")))
}

/// Whether an account can be used.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetDisabled {
    /// True: nobody can sign in with it.
    disabled: bool,
}

#[utoipa::path(post, path = "/accounts/{id}/disabled", tag = "operator", summary = "停用或启用账号",
    params(("id" = String, Path, description = "账号 Account")), request_body = SetDisabled,
    responses((status = 204, description = "已更改 Changed")), security(("operator" = [])))]
async fn set_disabled(
    gate: Gate<DecideAccounts>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Body<BODY_BYTES>,
) -> Result<StatusCode, Problem> {
    Query::read(&uri, &[])?;
    let id = id_of(&id)?;
    let entered: SetDisabled = read_json(&headers, &body.0)?;
    if gate.visitor().person().is_some_and(|person| person.session.account.id == id) {
        let own = ("不能停用自己的账号。", "You cannot disable your own account.");
        return Err(Problem::bad("disabled", None, own));
    }
    let mut write = gate.registry().records().begin(gate.act()).await?;
    write.set_disabled(id, entered.disabled).await?;
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A password that an administrator chose.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetPassword {
    /// It must be changed at the next sign-in.
    password: String,
}

#[utoipa::path(post, path = "/accounts/{id}/password", tag = "operator", summary = "重设账号的密码（结束其会话）",
    params(("id" = String, Path, description = "账号 Account")), request_body = ResetPassword,
    responses((status = 204, description = "已重设 Reset")), security(("operator" = [])))]
async fn reset_password(
    gate: Gate<DecideAccounts>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Body<BODY_BYTES>,
) -> Result<StatusCode, Problem> {
    Query::read(&uri, &[])?;
    let id = id_of(&id)?;
    let entered: ResetPassword = read_json(&headers, &body.0)?;
    let records = gate.registry().records();
    let account = records.account(id).await?;
    let kept = records.keep_password(&entered.password, &account.login, &account.display_name, &chance()).await?;
    let mut write = records.begin(gate.act()).await?;
    write.set_password(id, &kept, true, None).await?;
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
