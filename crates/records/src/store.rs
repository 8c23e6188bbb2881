//! The two databases behind one small door: static SQL in, rows out.
//!
//! Statements are the common subset of SQLite and PostgreSQL, with parameters `$1`, `$2`, … in both. A statement is a
//! `&'static str`: no text from outside can become part of one.

use crate::migrations;
use crate::value::{Row, Value};
use crate::{Limits, RecordsError, Refusal};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, Pool, Postgres, Sqlite};
use std::path::Path;
use std::str::FromStr;

/// A database. Writers wait for one another; readers see the last commit.
#[derive(Debug)]
pub(crate) enum Store {
    Sqlite(Connections<Sqlite>),
    Postgres(Connections<Postgres>),
}

/// One connection that writes, so that waiting writers take none from the readers; and those that only read.
#[derive(Debug)]
pub(crate) struct Connections<D: sqlx::Database> {
    writer: Pool<D>,
    readers: Pool<D>,
}

/// A unit of work; rolled back unless committed.
#[derive(Debug)]
pub(crate) enum Transaction {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

/// Binds values, whatever the database.
macro_rules! bound {
    ($sql:expr, $values:expr) => {{
        let mut query = sqlx::query($sql);
        for value in $values {
            query = match value {
                Value::Int(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
                Value::Bytes(value) => query.bind(value),
            };
        }
        query
    }};
}

impl Store {
    /// Opens `sqlite:PATH` or `postgres://…`, checks what durability rests on, and migrates.
    pub(crate) async fn open(address: &str, limits: &Limits, up_to: i64) -> Result<Self, RecordsError> {
        if let Some(path) = address.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.contains('?') || path.contains(":memory:") {
                return Err(bad(address, "after 'sqlite:' comes the path of a file, without options"));
            }
            return Self::open_file(Path::new(path), limits, up_to).await;
        }
        if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            return Self::open_postgres(address, limits, up_to).await;
        }
        Err(bad(address, "it begins with neither 'sqlite:' nor 'postgres://'"))
    }

    pub(crate) async fn open_file(path: &Path, limits: &Limits, up_to: i64) -> Result<Self, RecordsError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(limits.wait)
            .pragma("secure_delete", "ON")
            .pragma("trusted_schema", "OFF");
        // First alone, so that the file is in WAL mode and migrated before anybody reads it.
        let mut connection = sqlx::SqliteConnection::connect_with(&options).await?;
        read_back(&mut connection, limits).await?;
        migrations::run_sqlite(&mut connection, up_to).await?;
        connection.close().await?;

        let pool = |connections| SqlitePoolOptions::new().acquire_timeout(limits.wait).max_connections(connections);
        let writer = pool(1).connect_with(options.clone()).await?;
        let readers = pool(limits.readers.max(1)).connect_with(options.pragma("query_only", "ON")).await?;
        Ok(Self::Sqlite(Connections { writer, readers }))
    }

    async fn open_postgres(address: &str, limits: &Limits, up_to: i64) -> Result<Self, RecordsError> {
        let options = PgConnectOptions::from_str(address)
            .map_err(|_| bad(address, "it is no address of a PostgreSQL database"))?
            .application_name("yundang")
            .options([
                ("synchronous_commit", "on".to_owned()),
                ("lock_timeout", format!("{}ms", limits.wait.as_millis())),
                ("idle_in_transaction_session_timeout", format!("{}ms", limits.wait.as_millis() * 6)),
            ]);
        let pool = |connections| PgPoolOptions::new().acquire_timeout(limits.wait).max_connections(connections);
        let writer = pool(1).connect_with(options.clone()).await?;
        let mut connection = writer.acquire().await?;
        for (setting, sql, wanted) in [
            ("synchronous_commit", "SELECT current_setting('synchronous_commit')", "on"),
            ("server_encoding", "SELECT current_setting('server_encoding')", "UTF8"),
        ] {
            let found: String = sqlx::query_scalar(sql).fetch_one(&mut *connection).await?;
            if found != wanted {
                return Err(RecordsError::Setting { setting, wanted, found });
            }
        }
        migrations::run_postgres(&mut connection, up_to).await?;
        drop(connection);
        let read_only = options.options([("default_transaction_read_only", "on")]);
        let readers = pool(limits.readers.max(1)).connect_with(read_only).await?;
        Ok(Self::Postgres(Connections { writer, readers }))
    }

    /// Rows outside a unit of work, as of the last commit.
    pub(crate) async fn rows(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<Row>, RecordsError> {
        no_nul(&values)?;
        match self {
            Self::Sqlite(connections) => {
                bound!(sql, values).fetch_all(&connections.readers).await?.iter().map(Row::from_sqlite).collect()
            }
            Self::Postgres(connections) => {
                bound!(sql, values).fetch_all(&connections.readers).await?.iter().map(Row::from_postgres).collect()
            }
        }
    }

    /// The first row, if there is one.
    pub(crate) async fn row(&self, sql: &'static str, values: Vec<Value>) -> Result<Option<Row>, RecordsError> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// Begins a unit of work once every other one has ended: what it reads stays true until it commits.
    pub(crate) async fn begin(&self) -> Result<Transaction, RecordsError> {
        match self {
            Self::Sqlite(connections) => {
                Ok(Transaction::Sqlite(connections.writer.begin_with("BEGIN IMMEDIATE").await?))
            }
            Self::Postgres(connections) => {
                let mut transaction = connections.writer.begin().await?;
                // Conflicts with every other unit of work and with any other writer of the audit, not with readers.
                sqlx::query("LOCK TABLE audit IN EXCLUSIVE MODE").execute(&mut *transaction).await?;
                Ok(Transaction::Postgres(transaction))
            }
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(connections) => connections.close().await,
            Self::Postgres(connections) => connections.close().await,
        }
    }
}

impl<D: sqlx::Database> Connections<D> {
    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

impl Transaction {
    /// Runs a statement; gives how many rows it touched.
    pub(crate) async fn run(&mut self, sql: &'static str, values: Vec<Value>) -> Result<u64, RecordsError> {
        no_nul(&values)?;
        Ok(match self {
            Self::Sqlite(transaction) => bound!(sql, values).execute(&mut **transaction).await?.rows_affected(),
            Self::Postgres(transaction) => bound!(sql, values).execute(&mut **transaction).await?.rows_affected(),
        })
    }

    /// Rows as this unit of work sees them.
    pub(crate) async fn rows(&mut self, sql: &'static str, values: Vec<Value>) -> Result<Vec<Row>, RecordsError> {
        no_nul(&values)?;
        match self {
            Self::Sqlite(transaction) => {
                bound!(sql, values).fetch_all(&mut **transaction).await?.iter().map(Row::from_sqlite).collect()
            }
            Self::Postgres(transaction) => {
                bound!(sql, values).fetch_all(&mut **transaction).await?.iter().map(Row::from_postgres).collect()
            }
        }
    }

    pub(crate) async fn commit(self) -> Result<(), RecordsError> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await?,
            Self::Postgres(transaction) => transaction.commit().await?,
        }
        Ok(())
    }

    pub(crate) async fn roll_back(self) -> Result<(), RecordsError> {
        match self {
            Self::Sqlite(transaction) => transaction.rollback().await?,
            Self::Postgres(transaction) => transaction.rollback().await?,
        }
        Ok(())
    }
}

/// What SQLite really does, whatever was asked of it: builds and file systems differ.
async fn read_back(connection: &mut sqlx::SqliteConnection, limits: &Limits) -> Result<(), RecordsError> {
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *connection).await?;
    if mode != "wal" {
        return Err(RecordsError::Setting { setting: "journal_mode", wanted: "wal", found: mode });
    }
    let busy: i64 = sqlx::query_scalar("PRAGMA busy_timeout").fetch_one(&mut *connection).await?;
    if u128::try_from(busy) != Ok(limits.wait.as_millis()) {
        return Err(RecordsError::Setting { setting: "busy_timeout", wanted: "as asked", found: busy.to_string() });
    }
    for (setting, sql, wanted) in [
        ("synchronous", "PRAGMA synchronous", "2"),
        ("foreign_keys", "PRAGMA foreign_keys", "1"),
        ("secure_delete", "PRAGMA secure_delete", "1"),
    ] {
        let found: i64 = sqlx::query_scalar(sql).fetch_one(&mut *connection).await?;
        if found.to_string() != wanted {
            return Err(RecordsError::Setting { setting, wanted, found: found.to_string() });
        }
    }
    Ok(())
}

/// PostgreSQL cannot keep a NUL in a text; so neither do we.
fn no_nul(values: &[Value]) -> Result<(), RecordsError> {
    let nul = |value: &Value| matches!(value, Value::Text(Some(text)) if text.contains('\0'));
    if values.iter().any(nul) {
        return Err(Refusal::Field { field: "text", zh: "含有空字符", en: "contains a NUL character" }.into());
    }
    Ok(())
}

fn bad(address: &str, why: &'static str) -> RecordsError {
    // Between `//` and `@` stand user and password.
    let address = match (address.find("//"), address.rfind('@')) {
        (Some(start), Some(end)) if start < end => format!("{}//…{}", &address[..start], &address[end..]),
        _ => address.to_owned(),
    };
    RecordsError::BadAddress { address, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_an_address_is_not_repeated() {
        let error = bad("postgres://clerk:secret@host/db", "so").to_string();
        assert!(!error.contains("secret") && error.contains("postgres://…@host/db"), "{error}");
    }

    #[tokio::test]
    async fn a_database_that_does_not_sync_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new()
            .filename(folder.path().join("r.sqlite"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .busy_timeout(Limits::default().wait)
            .pragma("secure_delete", "ON")
            .synchronous(SqliteSynchronous::Normal);
        let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        let error = read_back(&mut connection, &Limits::default()).await.unwrap_err();
        assert!(matches!(error, RecordsError::Setting { setting: "synchronous", .. }), "{error}");
    }

    #[tokio::test]
    async fn a_full_disk_has_a_name_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store =
            Store::open_file(&folder.path().join("r.sqlite"), &Limits::default(), migrations::NEWEST).await.unwrap();
        let Store::Sqlite(Connections { writer, .. }) = &store else { panic!("a file is SQLite") };
        sqlx::query("PRAGMA max_page_count = 1").execute(writer).await.unwrap();
        let mut transaction = store.begin().await.unwrap();
        let mut full = None;
        for series in 0..100_000_i64 {
            let sql = "INSERT INTO number_series (series, last) VALUES ($1, 1)";
            if let Err(error) = transaction.run(sql, crate::value::values_of![format!("{series:0>900}")]).await {
                full = Some(error);
                break;
            }
        }
        assert!(matches!(full, Some(RecordsError::DiskFull { .. })), "{full:?}");
        drop(transaction);
        sqlx::query("PRAGMA max_page_count = 1000000").execute(writer).await.unwrap();
        let left: i64 = store.row("SELECT count(*) FROM number_series", vec![]).await.unwrap().unwrap().take().unwrap();
        assert_eq!(left, 0);
    }
}
