//! The description of the interface (OpenAPI 3.1), made from the handlers themselves.

use super::problem::{PROBLEM_JSON, ProblemBody};
use super::{routes, session};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, Ref, Response};
use utoipa::{Modify, OpenApi as _};

/// What stands above the operations.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "筼筜 Yundang",
        description = "城市生态环境的数据接口。时间为 RFC 3339（+08:00），指时段的结束；没有数值为 null；含模拟数值的回答带 \
                       `synthetic: true`。The interface to a city's environmental data. Times are RFC 3339 (+08:00) and name the END \
                       of the averaging hour; a missing value is null; answers with simulated values carry `synthetic: true`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(ProblemBody)),
    modifiers(&Operator),
    tags(
        (name = "city", description = "城市与服务 City and service"),
        (name = "air", description = "大气 Air"),
        (name = "figures", description = "指标与总结 Figures and summary"),
        (name = "norms", description = "标准 Norms"),
        (name = "operator", description = "操作员 Operator"),
    )
)]
pub(super) struct Head;

struct Operator;

impl Modify for Operator {
    fn modify(&self, api: &mut OpenApi) {
        let mut components = api.components.take().unwrap_or_default();
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(session::COOKIE)));
        components.add_security_scheme("operator", cookie);
        api.components = Some(components);
    }
}

/// The description as text, always the same for the same program. The file is `openapi/yundang.json`.
#[must_use]
pub fn openapi_json() -> String {
    let mut text = describe(Head::openapi()).to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

fn describe(head: OpenApi) -> OpenApi {
    let mut api = routes::described(head).into_openapi();
    for (path, item) in &mut api.paths.paths {
        let named = path.contains('{');
        for (operation, changes) in operations(item) {
            add_problems(operation, named, changes);
        }
    }
    api
}

/// The operations of a path, and whether each changes something.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&mut Operation, bool)> {
    let reads = item.get.iter_mut().map(|operation| (operation, false));
    let writes = [&mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
    reads.chain(writes.into_iter().flatten().map(|operation| (operation, true)))
}

fn add_problems(operation: &mut Operation, named: bool, changes: bool) {
    let guarded = operation.security.is_some();
    let body = operation.request_body.is_some();
    let statuses = [
        ("400", "请求有误 Bad request", true),
        ("401", "需要登录 Sign in first", guarded),
        ("403", "没有权限 Not allowed", changes),
        ("404", "没有找到 Not found", named),
        ("408", "内容到得太慢 The body came too slowly", body),
        ("413", "内容太大 Too large", body),
        ("500", "内部错误 Internal error", true),
        ("503", "超时 Timed out", true),
    ];
    for (status, said, _) in statuses.into_iter().filter(|(_, _, applies)| *applies) {
        let problem = Content::new(Some(Ref::from_schema_name("Problem")));
        let response = Response::builder().description(said).content(PROBLEM_JSON, problem).build();
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| response.into());
    }
}
