//! Where scenarios run: a SQLite file, or a database of a PostgreSQL that the test starts.
//!
//! PostgreSQL comes from the Debian package `postgresql`; without it those tests say so and pass. Its programs are
//! looked for in YUNDANG_POSTGRES_BIN, on PATH and where Debian puts them.

use records::{Act, Chance, Limits, Moment, NewAccount, Records, Token, Uuid};
use sqlx::{AssertSqlSafe, Connection, Row};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// An empty database.
pub(crate) struct Ground {
    pub(crate) address: String,
    pub(crate) limits: Limits,
    _folder: Option<tempfile::TempDir>,
}

/// Noon of 2026-01-01 in Beijing.
pub(crate) const NOON: Moment = Moment::from_micros(1_767_240_000_000_000);

impl Ground {
    /// One that is somebody else's to remove.
    pub(crate) fn at(address: String) -> Self {
        Self { address, limits: Limits::default(), _folder: None }
    }

    pub(crate) async fn open(&self) -> Records {
        Records::open(&self.address, self.limits.clone()).await.unwrap()
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.address.starts_with("sqlite:")
    }

    /// An outside hand: any statement, past every rule of the program. Gives rows as text.
    pub(crate) async fn hand(&self, sql: &str) -> Result<Vec<String>, sqlx::Error> {
        // Text of a test is no text from outside.
        let sql = AssertSqlSafe(sql.to_owned());
        if let Some(path) = self.address.strip_prefix("sqlite:") {
            let mut connection = sqlx::SqliteConnection::connect(&format!("sqlite:{path}")).await?;
            let rows = sqlx::query(sql).fetch_all(&mut connection).await?;
            connection.close().await?;
            return Ok(rows.iter().map(|row| row.try_get_unchecked::<String, _>(0).unwrap()).collect());
        }
        let mut connection = sqlx::PgConnection::connect(&self.address).await?;
        let rows = sqlx::query(sql).fetch_all(&mut connection).await?;
        connection.close().await?;
        Ok(rows.iter().map(|row| row.try_get::<String, _>(0).unwrap()).collect())
    }

    /// Takes away what keeps a table from being changed, as somebody with the database in hand could.
    pub(crate) async fn unguard(&self, table: &str) {
        let dropped = if self.is_sqlite() {
            [format!("DROP TRIGGER {table}_no_update"), format!("DROP TRIGGER {table}_no_delete")]
        } else {
            [format!("DROP TRIGGER {table}_no_change ON {table}"), "SELECT 'x'".to_owned()]
        };
        for sql in dropped {
            self.hand(&sql).await.unwrap();
        }
    }

    /// Rows of every table, to see that nothing changed.
    pub(crate) async fn counts(&self) -> Vec<String> {
        let mut counts = Vec::new();
        for table in TABLES {
            let count = self.hand(&format!("SELECT CAST(count(*) AS TEXT) FROM {table}")).await.unwrap();
            counts.push(format!("{table} {}", count[0]));
        }
        counts
    }
}

pub(crate) const TABLES: [&str; 18] = [
    "audit",
    "outbox",
    "idempotency",
    "number_series",
    "user_account",
    "sign_in_try",
    "one_time_code",
    "session",
    "edition",
    "edition_step",
    "screening_case",
    "case_unit",
    "judgement",
    "judgement_revoked",
    "objection",
    "objection_step",
    "follow_up",
    "impact_run",
];

/// An id that no other call gives.
pub(crate) fn id() -> Uuid {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | u128::from(next))
}

/// Chance that no other call gives.
pub(crate) fn chance() -> Chance {
    let mut bytes = [0x5a; 32];
    bytes[..16].copy_from_slice(id().as_bytes());
    Chance(bytes)
}

pub(crate) fn by(actor: &str) -> Act {
    Act::new(actor, NOON)
}

pub(crate) const PASSWORD: &str = "seven wet ducks 筼筜";

/// An account with [`PASSWORD`].
pub(crate) async fn account(records: &Records, login: &str) -> Uuid {
    let account = new_account(records, login).await;
    let mut write = records.begin(by("root")).await.unwrap();
    write.add_account(&account).await.unwrap();
    write.commit().await.unwrap();
    account.id
}

pub(crate) async fn new_account(records: &Records, login: &str) -> NewAccount {
    NewAccount {
        id: id(),
        login: login.to_owned(),
        display_name: format!("{login} 同志"),
        district: String::new(),
        roles: vec!["screener".to_owned()],
        password: records.keep_password(PASSWORD, login, "", &chance()).await.unwrap(),
        must_change: false,
    }
}

pub(crate) fn token() -> Token {
    Token::new(&chance())
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

pub(crate) fn on_sqlite(scenario: impl AsyncFnOnce(Ground)) {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("records.sqlite").display());
    runtime().block_on(scenario(Ground { address, limits: Limits::default(), _folder: Some(folder) }));
}

/// A PostgreSQL of the test's own, in a temporary folder, on a free port, gone at the end.
pub(crate) struct Cluster {
    server: Child,
    bin: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
}

impl Cluster {
    /// Starts one; none when PostgreSQL is not installed or cannot start here, with a sentence why.
    pub(crate) fn start() -> Option<Self> {
        let Some(bin) = programs() else {
            eprintln!("skipped: there is no PostgreSQL here (Debian package: postgresql)");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        if is_root() {
            // PostgreSQL refuses to run as root.
            std::os::unix::fs::chown(&data, Some(NOBODY), Some(NOBODY)).unwrap();
            std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        }
        let made = command(&bin, "initdb")
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
            .arg(&data)
            .stdout(Stdio::null())
            .output()
            .unwrap();
        if !made.status.success() {
            eprintln!("skipped: initdb failed here: {}", String::from_utf8_lossy(&made.stderr));
            return None;
        }
        let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let mut start = command(&bin, "postgres");
        start.arg("-D").arg(&data).arg("-p").arg(port.to_string());
        // The machine is not going to lose power during a test; that commits are synced is asserted at opening.
        for setting in ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "max_connections=60"] {
            start.args(["-c", setting]);
        }
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let server = start.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let cluster = Self { server, bin, folder, port };
        let started = Instant::now();
        let answers = || {
            let mut ask = command(&cluster.bin, "pg_isready");
            ask.args(["-q", "-h", "127.0.0.1", "-p", &cluster.port.to_string()]).status().is_ok_and(|s| s.success())
        };
        while !answers() {
            let log = || std::fs::read_to_string(cluster.folder.path().join("log")).unwrap_or_default();
            assert!(started.elapsed() < Duration::from_secs(60), "PostgreSQL does not come up: {}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(cluster)
    }

    fn address(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs a scenario in a new database; tells whether it held.
    pub(crate) fn run(&self, name: &str, scenario: impl AsyncFnOnce(Ground)) -> bool {
        let database = format!("s{}", id().as_u128() as u32);
        let address = self.address(&database);
        let held = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            runtime().block_on(async {
                let admin = Ground::at(self.address("postgres"));
                admin.hand(&format!("CREATE DATABASE {database}")).await.unwrap();
                scenario(Ground::at(address)).await;
            });
        }));
        eprintln!("postgres {name}: {}", if held.is_ok() { "ok" } else { "FAILED" });
        held.is_ok()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = command(&self.bin, "pg_ctl");
        stop.args(["stop", "-m", "immediate", "-w", "-D"]).arg(self.folder.path().join("data"));
        if !stop.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success()) {
            self.server.kill().unwrap_or_default();
        }
        drop(self.server.wait());
    }
}

/// The user of Debian that owns nothing.
const NOBODY: u32 = 65_534;

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn command(bin: &Path, program: &str) -> Command {
    let mut command = Command::new(bin.join(program));
    command.current_dir("/").stdin(Stdio::null()).env("LC_ALL", "C");
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// The folder of `initdb` and `postgres`.
fn programs() -> Option<PathBuf> {
    let given = std::env::var_os("YUNDANG_POSTGRES_BIN").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    given
        .into_iter()
        .chain(std::env::split_paths(&path))
        .chain(debian.map(|version| version.path().join("bin")))
        .find(|bin| ["initdb", "postgres", "pg_ctl", "pg_isready"].iter().all(|name| bin.join(name).is_file()))
}
