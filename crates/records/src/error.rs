//! What can go wrong with records, and what is refused; each with a code and with words in Chinese and English.

use crate::Moment;
use crate::password::PasswordFault;
use sqlx::migrate::MigrateError;

/// Why the records could not do what was asked.
///
/// `Display` is English; [`RecordsError::zh`] is Chinese; [`RecordsError::code`] is for programs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordsError {
    /// The address names no database that can hold records. Passwords in it are not repeated.
    #[error("'{address}' cannot hold records: {why}")]
    BadAddress {
        /// The address without user and password.
        address: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The database does not do what its durability needs.
    #[error("the database has {setting} = '{found}' where '{wanted}' is needed; nothing was written")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// What it must be.
        wanted: &'static str,
        /// What it is.
        found: String,
    },
    /// A migration that this program does not know was run: the database is newer.
    #[error("the database has migration {migration}, which this program does not know: use a newer program")]
    Newer {
        /// Number of the first unknown migration.
        migration: i64,
    },
    /// A migration failed or was changed after it was run.
    #[error("the schema could not be brought up to date: {source}")]
    Migration {
        /// What the migrator said.
        #[source]
        source: Box<MigrateError>,
    },
    /// There is no room for more rows. What was being written is rolled back; reading goes on.
    #[error("the disk of the database is full: nothing of this was written")]
    DiskFull {
        /// What the database said.
        #[source]
        source: Box<sqlx::Error>,
    },
    /// Reading or writing failed below the database: whoever acknowledges writes must stop doing so.
    #[error("input or output of the database failed: {source}")]
    Io {
        /// What the database said.
        #[source]
        source: Box<sqlx::Error>,
    },
    /// Other writers or a limit on connections kept this from starting in time; trying again is safe.
    #[error("the database is busy; try again")]
    Busy {
        /// What the database said.
        #[source]
        source: Box<sqlx::Error>,
    },
    /// Any other answer of the database.
    #[error("the database refused a statement: {source}")]
    Database {
        /// What the database said.
        #[source]
        source: Box<sqlx::Error>,
    },
    /// A row holds what this program never wrote.
    #[error("the records are damaged: {what}")]
    Damaged {
        /// Where and what.
        what: String,
    },
    /// A statement of this unit of work failed before, so that it cannot be committed.
    #[error("an earlier statement of this unit of work failed; it was rolled back")]
    Broken,
    /// Hashing a password failed.
    #[error("the password could not be hashed: {why}")]
    Hashing {
        /// What the library said.
        why: String,
    },
    /// What was asked for is not there.
    #[error("there is no {kind} '{id}'")]
    Missing {
        /// What kind of thing: `edition`, `case`, …
        kind: &'static str,
        /// What was asked for.
        id: String,
    },
    /// A rule says no.
    #[error("{0}")]
    Refused(Refusal),
}

/// A rule of the records that says no. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A field has a value that cannot be kept.
    #[error("field '{field}' {en}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong, in Chinese.
        zh: &'static str,
        /// What is wrong, in English.
        en: &'static str,
    },
    /// Something with this id is there already.
    #[error("there is a {kind} '{id}' already")]
    Exists {
        /// What kind of thing.
        kind: &'static str,
        /// Its id.
        id: String,
    },
    /// The thing is in another state than the step needs.
    #[error("{kind} '{id}' is {state}; this step needs {wanted}")]
    State {
        /// What kind of thing.
        kind: &'static str,
        /// Its id.
        id: String,
        /// Its state.
        state: &'static str,
        /// The states from which the step leads.
        wanted: &'static str,
    },
    /// The same person may not take both steps.
    #[error("'{actor}' imported or checked edition '{edition}' and may not publish it: a second person must")]
    FourEyes {
        /// The edition.
        edition: String,
        /// Who tried.
        actor: String,
    },
    /// Two published editions of a city would share a day.
    #[error("edition '{edition}' would be in force on days on which edition '{other}' is: end that one first")]
    Overlap {
        /// The edition that was to be published.
        edition: String,
        /// The published one.
        other: String,
    },
    /// An idempotency key was used before for another request.
    #[error("idempotency key '{key}' was used before for another request; take a new key")]
    KeyReused {
        /// The key.
        key: String,
    },
    /// Login or password is wrong. The same for an unknown login.
    #[error("login or password is wrong")]
    Credentials,
    /// Too many tries. The same for an unknown login.
    #[error("too many tries to sign in; try again after {}", until.beijing())]
    Locked {
        /// From when on a try is looked at again.
        until: Moment,
    },
    /// The password was right, and the account is disabled.
    #[error("this account is disabled; ask the administrator of accounts")]
    Disabled,
    /// A new password breaks these rules.
    #[error("the new password {}", faults(.0, PasswordFault::en, ", and "))]
    Password(Vec<PasswordFault>),
    /// The one-time code is wrong, used or too old.
    #[error("the one-time code is wrong, used or too old")]
    Code,
    /// The first account was made before.
    #[error("there are accounts already; an administrator of accounts makes further ones")]
    NotFirst,
    /// The session is unknown, ended or too old.
    #[error("the session has ended; sign in again")]
    SessionEnded,
}

fn faults(list: &[PasswordFault], words: fn(&PasswordFault) -> &'static str, between: &str) -> String {
    list.iter().map(words).collect::<Vec<_>>().join(between)
}

impl RecordsError {
    /// A short name of the kind of error, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BadAddress { .. } => "records.address",
            Self::Setting { .. } => "records.setting",
            Self::Newer { .. } => "records.newer",
            Self::Migration { .. } => "records.migration",
            Self::DiskFull { .. } => "records.disk_full",
            Self::Io { .. } => "records.io",
            Self::Busy { .. } => "records.busy",
            Self::Database { .. } => "records.database",
            Self::Damaged { .. } => "records.damaged",
            Self::Broken => "records.broken",
            Self::Hashing { .. } => "records.hashing",
            Self::Missing { .. } => "records.missing",
            Self::Refused(refusal) => refusal.code(),
        }
    }

    /// The same in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::BadAddress { address, .. } => {
                format!("“{address}”不能存放业务记录:请给出 sqlite:文件路径 或 postgres:// 地址")
            }
            Self::Setting { setting, wanted, found } => {
                format!("数据库设置 {setting} 为“{found}”,需要“{wanted}”;未写入任何内容")
            }
            Self::Newer { migration } => {
                format!("数据库已有本程序不认识的结构升级 {migration}:请使用更新的程序")
            }
            Self::Migration { source } => format!("数据库结构升级失败:{source}"),
            Self::DiskFull { .. } => "数据库所在磁盘已满:本次内容均未写入,查询不受影响".to_owned(),
            Self::Io { source } => format!("数据库读写失败:{source}"),
            Self::Busy { .. } => "数据库繁忙,请重试".to_owned(),
            Self::Database { source } => format!("数据库拒绝了一条语句:{source}"),
            Self::Damaged { what } => format!("业务记录已损坏:{what}"),
            Self::Broken => "本次操作中先前的语句失败,已全部回滚".to_owned(),
            Self::Hashing { why } => format!("密码无法处理:{why}"),
            Self::Missing { kind, id } => format!("没有{}“{id}”", noun_zh(kind)),
            Self::Refused(refusal) => refusal.zh(),
        }
    }

    /// Whether bytes may not have reached the disk: whoever acknowledges writes must stop doing so.
    #[must_use]
    pub const fn is_io(&self) -> bool {
        matches!(self, Self::Io { .. } | Self::DiskFull { .. })
    }

    /// Whether the same call may succeed later without any change.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        matches!(self, Self::Busy { .. })
    }

    /// The rule that said no, if one did.
    #[must_use]
    pub const fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    pub(crate) fn missing(kind: &'static str, id: &(impl ToString + ?Sized)) -> Self {
        Self::Missing { kind, id: id.to_string() }
    }

    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged { what: what.into() }
    }
}

impl Refusal {
    /// A short name of the kind of refusal, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Field { .. } => "records.field",
            Self::Exists { .. } => "records.exists",
            Self::State { .. } => "records.state",
            Self::FourEyes { .. } => "records.four_eyes",
            Self::Overlap { .. } => "records.overlap",
            Self::KeyReused { .. } => "records.key_reused",
            Self::Credentials => "records.credentials",
            Self::Locked { .. } => "records.locked",
            Self::Disabled => "records.disabled",
            Self::Password(_) => "records.password",
            Self::Code => "records.code",
            Self::NotFirst => "records.not_first",
            Self::SessionEnded => "records.session_ended",
        }
    }

    /// The same in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Field { field, zh, .. } => format!("字段“{field}”{zh}"),
            Self::Exists { kind, id } => format!("已有{}“{id}”", noun_zh(kind)),
            Self::State { kind, id, state, wanted } => {
                format!("{}“{id}”当前状态为 {state},此步骤需要 {wanted}", noun_zh(kind))
            }
            Self::FourEyes { edition, actor } => {
                format!("“{actor}”导入或审核过版本“{edition}”,不能再发布:须由另一人发布")
            }
            Self::Overlap { edition, other } => {
                format!("版本“{edition}”与已发布版本“{other}”的有效期重叠:请先终止后者")
            }
            Self::KeyReused { key } => format!("幂等键“{key}”已用于另一请求,请换新键"),
            Self::Credentials => "用户名或密码错误".to_owned(),
            Self::Locked { until } => format!("登录尝试过多,请在 {} 后再试", until.beijing()),
            Self::Disabled => "该账号已停用,请联系账号管理员".to_owned(),
            Self::Password(list) => format!("新密码{}", faults(list, PasswordFault::zh, ";")),
            Self::Code => "一次性口令错误、已使用或已过期".to_owned(),
            Self::NotFirst => "已有账号;新账号由账号管理员建立".to_owned(),
            Self::SessionEnded => "会话已结束,请重新登录".to_owned(),
        }
    }
}

fn noun_zh(kind: &str) -> &str {
    match kind {
        "account" => "账号",
        "session" => "会话",
        "edition" => "版本",
        "case" => "研判案件",
        "judgement" => "人工认定",
        "objection" => "数据异议",
        "follow_up" => "跟踪评价",
        "impact_run" => "影响分析",
        other => other,
    }
}

impl From<Refusal> for RecordsError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<sqlx::Error> for RecordsError {
    fn from(error: sqlx::Error) -> Self {
        let kind = match &error {
            sqlx::Error::Io(io) if io.kind() == std::io::ErrorKind::StorageFull => Kind::Full,
            sqlx::Error::Io(_) => Kind::Io,
            sqlx::Error::PoolTimedOut => Kind::Busy,
            sqlx::Error::Database(answer) => match answer.code() {
                Some(code) if answer.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() => sqlite_kind(&code),
                Some(code) => postgres_kind(&code),
                None => Kind::Other,
            },
            _ => Kind::Other,
        };
        let source = Box::new(error);
        match kind {
            Kind::Full => Self::DiskFull { source },
            Kind::Io => Self::Io { source },
            Kind::Busy => Self::Busy { source },
            Kind::Other => Self::Database { source },
        }
    }
}

#[derive(Debug, PartialEq)]
enum Kind {
    Full,
    Io,
    Busy,
    Other,
}

/// SQLite's primary result code is the low byte: 13 FULL, 10 IOERR, 14 CANTOPEN, 5 BUSY, 6 LOCKED.
fn sqlite_kind(code: &str) -> Kind {
    match code.parse::<u32>().map(|code| code & 0xff) {
        Ok(13) => Kind::Full,
        Ok(10 | 14) => Kind::Io,
        Ok(5 | 6) => Kind::Busy,
        _ => Kind::Other,
    }
}

/// SQLSTATE: 53100 disk full, 58030 I/O error and its class, 53300 too many connections, 55P03 lock not available,
/// 40001 and 40P01 lost a race, 57P01–57P03 the server goes down or comes up, class 08 the connection is gone.
fn postgres_kind(code: &str) -> Kind {
    match code {
        "53100" => Kind::Full,
        "53300" | "55P03" | "40001" | "40P01" | "57P03" => Kind::Busy,
        "57P01" | "57P02" => Kind::Io,
        _ if code.starts_with("58") || code.starts_with("08") => Kind::Io,
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_a_broken_one_and_from_a_queue() {
        assert_eq!(sqlite_kind("13"), Kind::Full);
        assert_eq!(sqlite_kind("1034"), Kind::Io, "SQLITE_IOERR_FSYNC");
        assert_eq!(sqlite_kind("517"), Kind::Busy, "SQLITE_BUSY_SNAPSHOT");
        assert_eq!(sqlite_kind("19"), Kind::Other);
        assert_eq!(postgres_kind("53100"), Kind::Full);
        assert_eq!(postgres_kind("58030"), Kind::Io);
        assert_eq!(postgres_kind("55P03"), Kind::Busy);
        assert_eq!(postgres_kind("23505"), Kind::Other);
    }
}
