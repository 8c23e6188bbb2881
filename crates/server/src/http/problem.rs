//! What goes wrong, said in two languages: `application/problem+json` after RFC 9457.

use crate::answers::Finding;
use crate::office::OfficeError;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use records::{RecordsError, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// The body of an answer that is no success (RFC 9457), in Chinese and English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Kind of problem, a stable address under `/problems/`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened, Chinese.
    pub title: String,
    /// The status of the answer.
    pub status: u16,
    /// What exactly, and what to do, Chinese.
    pub detail: String,
    /// What happened, English.
    pub title_en: String,
    /// What exactly, and what to do, English.
    pub detail_en: String,
    /// Name of this one occurrence; the log of the service has the same.
    pub instance: String,
    /// Which field is wrong and how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<Vec<Finding>>,
}

/// An answer that is no success.
#[derive(Debug)]
pub struct Problem {
    body: Box<ProblemBody>,
    header: Option<(HeaderName, HeaderValue)>,
}

/// A sentence in Chinese and in English.
type Both<'a> = (&'a str, &'a str);

impl Problem {
    /// A problem of a status, with a title and a detail in both languages.
    #[must_use]
    pub fn new(status: StatusCode, kind: &str, title: Both<'_>, detail: Both<'_>) -> Self {
        let body = ProblemBody {
            kind: format!("/problems/{kind}"),
            title: title.0.to_owned(),
            status: status.as_u16(),
            detail: detail.0.to_owned(),
            title_en: title.1.to_owned(),
            detail_en: detail.1.to_owned(),
            instance: format!("urn:uuid:{}", uuid::Uuid::now_v7()),
            findings: None,
        };
        Self { body: Box::new(body), header: None }
    }

    /// A query or body with a field that cannot be used.
    #[must_use]
    pub fn bad(field: &str, value: Option<&str>, detail: Both<'_>) -> Self {
        let mut problem = Self::new(StatusCode::BAD_REQUEST, "bad-request", ("请求有误", "Bad request"), detail);
        problem.body.findings = Some(vec![Finding {
            code: "request.field".to_owned(),
            severity: "error".to_owned(),
            file: None,
            line: None,
            field: Some(field.to_owned()),
            value: value.map(|value| value.chars().take(100).collect()),
            message_zh: detail.0.to_owned(),
            message_en: detail.1.to_owned(),
            action_zh: format!("请改正参数 {field} 后再试。"),
            action_en: format!("Correct “{field}” and try again."),
        }]);
        problem
    }

    /// Something that is not there.
    #[must_use]
    pub fn not_found(detail: Both<'_>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", ("没有找到", "Not found"), detail)
    }

    /// An address of the interface that does not exist.
    #[must_use]
    pub fn no_such_address() -> Self {
        Self::not_found((
            "接口没有这个地址。地址清单见 /api/openapi.json。",
            "The interface has no such address. See /api/openapi.json for those there are.",
        ))
    }

    /// A method that the address does not know.
    #[must_use]
    pub fn wrong_method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            ("方法不对", "Method not allowed"),
            ("这个地址不接受这种请求方法。", "This address does not take this method."),
        )
    }

    /// A body above its limit.
    #[must_use]
    pub fn too_large(most: usize) -> Self {
        let most = if most >= 1 << 20 { format!("{} MB", most >> 20) } else { format!("{} KB", most >> 10) };
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            ("内容太大", "Too large"),
            (&format!("内容最大 {most}，请拆分后再试。"), &format!("At most {most}; split it and try again.")),
        )
    }

    /// Something that only somebody signed in may do.
    #[must_use]
    pub fn sign_in_first() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "sign-in",
            ("请先登录", "Sign in first"),
            (
                "请用账号登录，或用服务启动时印出的一次性口令登录。",
                "Sign in with an account, or with the one-time code that the service printed at start.",
            ),
        )
        .with(header::WWW_AUTHENTICATE, HeaderValue::from_static("Session realm=\"yundang\""))
    }

    /// Nothing is open until the password that somebody else chose is changed.
    #[must_use]
    pub fn password_change_needed() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "password-change-needed",
            ("请先修改密码", "Change the password first"),
            ("密码由他人设定，修改后才能继续。", "Somebody else chose this password; change it before anything else."),
        )
    }

    /// Something that the asker may not do.
    #[must_use]
    pub fn refused(detail: Both<'_>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "refused", ("没有权限", "Not allowed"), detail)
    }

    /// Something that took too long.
    #[must_use]
    pub fn too_slow(status: StatusCode) -> Self {
        Self::new(
            status,
            "timeout",
            ("超时", "Timed out"),
            ("请求没有在时限内完成，请稍后再试。", "The request did not finish in time; try again later."),
        )
    }

    /// A failure of ours. The cause goes to the log under the name that the answer carries, and nowhere else.
    #[must_use]
    pub fn failed(cause: &dyn std::fmt::Display) -> Self {
        let problem = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            ("内部错误", "Internal error"),
            (
                "服务出错，原因已记入日志。请把 instance 告诉管理员。",
                "The service failed; its log has the cause. Tell the administrator the instance.",
            ),
        );
        tracing::error!(instance = %problem.body.instance, %cause, "request failed");
        problem
    }

    /// The same with a header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some((name, value));
        self
    }

    /// Its body.
    #[must_use]
    pub fn body(&self) -> &ProblemBody {
        &self.body
    }
}

impl From<RecordsError> for Problem {
    fn from(error: RecordsError) -> Self {
        let (zh, en) = (format!("{}。", error.zh()), format!("{error}."));
        let said = (&*zh, &*en);
        let refusal = match &error {
            RecordsError::Refused(refusal) => refusal,
            RecordsError::Missing { .. } => return Self::not_found(said),
            RecordsError::Busy { .. } => {
                let title = ("请稍后再试", "Busy");
                return Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", title, said)
                    .with(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => return Self::failed(&error),
        };
        let kind = refusal.code().trim_start_matches("records.").replace('_', "-");
        let of = |status, title| Self::new(status, &kind, title, said);
        match refusal {
            Refusal::Field { field, .. } => Self::bad(field, None, said),
            Refusal::Credentials | Refusal::Code | Refusal::SessionEnded => {
                of(StatusCode::UNAUTHORIZED, ("没有登录", "Not signed in"))
                    .with(header::WWW_AUTHENTICATE, HeaderValue::from_static("Session realm=\"yundang\""))
            }
            Refusal::Locked { until } => {
                let seconds = (until.micros() - crate::registry::now().micros()).max(0) / 1_000_000 + 1;
                of(StatusCode::TOO_MANY_REQUESTS, ("试得太多", "Too many attempts"))
                    .with(header::RETRY_AFTER, HeaderValue::from(seconds))
            }
            Refusal::Disabled => of(StatusCode::FORBIDDEN, ("账号已停用", "Account disabled")),
            Refusal::FourEyes { .. } => of(StatusCode::FORBIDDEN, ("须由另一人办理", "A second person must do this")),
            Refusal::KeyReused { .. } => of(StatusCode::UNPROCESSABLE_ENTITY, ("幂等键已用过", "Key used before")),
            Refusal::Password(faults) => {
                let mut problem =
                    of(StatusCode::UNPROCESSABLE_ENTITY, ("密码不合要求", "The password breaks the rules"));
                let finding = |fault: &records::PasswordFault| Finding {
                    code: "account.password".to_owned(),
                    severity: "error".to_owned(),
                    file: None,
                    line: None,
                    field: Some("password".to_owned()),
                    value: None,
                    message_zh: fault.zh().to_owned(),
                    message_en: fault.en().to_owned(),
                    action_zh: "请换一个密码。".to_owned(),
                    action_en: "Choose another password.".to_owned(),
                };
                problem.body.findings = Some(faults.iter().map(finding).collect());
                problem
            }
            _ => of(StatusCode::CONFLICT, ("现在不能这样做", "Not in this state")),
        }
    }
}

impl From<OfficeError> for Problem {
    fn from(error: OfficeError) -> Self {
        match error {
            OfficeError::NotFound { zh, en } => Self::not_found((&zh, &en)),
            OfficeError::Bad { field, zh, en } => Self::bad(&field, None, (&zh, &en)),
            OfficeError::Unreadable(findings) => {
                let mut problem = Self::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "unreadable-table",
                    ("文件没有导入", "The file was not imported"),
                    (
                        "表头不是所选表的表头，一行也没有写入。请按下面的说明改正后重新导入。",
                        "The header is not that of the chosen table; not one row was written. Correct it as said below and import again.",
                    ),
                );
                problem.body.findings = Some(findings);
                problem
            }
            OfficeError::Failed(cause) => Self::failed(&format_args!("{cause:#}")),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.body.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let text = serde_json::to_vec(&self.body).unwrap_or_default();
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON))];
        let mut response = (status, kind, text).into_response();
        response.headers_mut().extend(self.header);
        response
    }
}
