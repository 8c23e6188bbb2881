//! The schema's history. Forward only: a migration that was released is never changed, a new one is added.
//!
//! A file `NNNN_name.sql` is for both databases; where they must differ there are two of one number,
//! `NNNN_name.sqlite.sql` and `NNNN_name.postgres.sql`. See docs/develop/migration.md.

use crate::RecordsError;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{PgConnection, SqlSafeStr, SqliteConnection};

struct Step {
    number: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! both {
    ($number:literal, $file:literal) => {
        Step {
            number: $number,
            name: $file,
            sqlite: include_str!(concat!("../migrations/", $file, ".sql")),
            postgres: include_str!(concat!("../migrations/", $file, ".sql")),
        }
    };
}

macro_rules! each {
    ($number:literal, $file:literal) => {
        Step {
            number: $number,
            name: $file,
            sqlite: include_str!(concat!("../migrations/", $file, ".sqlite.sql")),
            postgres: include_str!(concat!("../migrations/", $file, ".postgres.sql")),
        }
    };
}

const STEPS: [Step; 5] = [
    both!(1, "0001_core"),
    each!(2, "0002_core_append_only"),
    both!(3, "0003_zoning"),
    each!(4, "0004_zoning_append_only"),
    both!(5, "0005_objection_contact"),
];

/// The number of the newest migration that this program knows.
pub const NEWEST: i64 = STEPS[STEPS.len() - 1].number;

/// Brings a SQLite database up to a migration.
pub(crate) async fn run_sqlite(connection: &mut SqliteConnection, up_to: i64) -> Result<(), RecordsError> {
    migrator(|step| step.sqlite).run_to(up_to, connection).await.map_err(told)
}

/// Brings a PostgreSQL database up to a migration; one program at a time.
pub(crate) async fn run_postgres(connection: &mut PgConnection, up_to: i64) -> Result<(), RecordsError> {
    migrator(|step| step.postgres).run_to(up_to, connection).await.map_err(told)
}

fn migrator(sql: fn(&Step) -> &'static str) -> Migrator {
    let migration = |step: &Step| {
        Migration::new(step.number, step.name.into(), MigrationType::Simple, sql(step).into_sql_str(), false)
    };
    Migrator::with_migrations(STEPS.iter().map(migration).collect())
}

fn told(error: MigrateError) -> RecordsError {
    match error {
        MigrateError::VersionMissing(migration) => RecordsError::Newer { migration },
        source => RecordsError::Migration { source: Box::new(source) },
    }
}
