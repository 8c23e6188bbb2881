//! The schema: one for both databases, written down, and reached from every older one.

use crate::ground::{Ground, NOON, account, by};
use records::{NEWEST, Records, RecordsError, Verdict};
use serde_json::json;

/// Columns of all tables, in words that both databases share: `table.column kind null|not null`.
async fn columns(ground: &Ground) -> Vec<String> {
    let sql = if ground.is_sqlite() {
        "SELECT m.name || '.' || c.name || ' ' || lower(c.type) || \
         CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN ' not null' ELSE '' END \
         FROM sqlite_schema m JOIN pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND m.name NOT LIKE '\\_sqlx%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%'"
    } else {
        "SELECT table_name || '.' || column_name || ' ' || data_type || \
         CASE WHEN is_nullable = 'NO' THEN ' not null' ELSE '' END FROM information_schema.columns \
         WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'"
    };
    let mut columns = ground.hand(sql).await.unwrap();
    columns.sort();
    columns
}

async fn indexes(ground: &Ground) -> Vec<String> {
    let sql = if ground.is_sqlite() {
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
    } else {
        "SELECT indexname::text FROM pg_indexes WHERE schemaname = 'public' \
         AND indexname NOT LIKE '%\\_pkey' AND indexname NOT LIKE '%\\_key'"
    };
    let mut indexes = ground.hand(sql).await.unwrap();
    indexes.sort();
    indexes
}

/// What `schema.sql` says: tables as SQLite keeps them, without triggers.
async fn written(ground: &Ground) -> String {
    let sql = "SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL AND type IN ('table', 'index') \
               AND name NOT LIKE '\\_sqlx%' ESCAPE '\\' ORDER BY tbl_name, type DESC, name";
    let head = "-- The schema as the migrations make it, for reading. Written by YUNDANG_BLESS=1 cargo test -p records.\n\
                -- Both databases have these tables; the append-only ones have triggers beside.\n\n";
    format!("{head}{}\n", ground.hand(sql).await.unwrap().join("\n\n"))
}

pub(crate) async fn schema_sql_is_what_the_migrations_make(ground: Ground) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.sql");
    ground.open().await;
    if ground.is_sqlite() {
        let made = written(&ground).await;
        if std::env::var_os("YUNDANG_BLESS").is_some() {
            std::fs::write(path, &made).unwrap();
        }
        assert_eq!(made, std::fs::read_to_string(path).unwrap(), "run with YUNDANG_BLESS=1 and read the difference");
        return;
    }
    // PostgreSQL has the tables, columns, kinds and indexes that schema.sql gives SQLite.
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("s.sqlite").display());
    Records::open(&address, ground.limits.clone()).await.unwrap();
    let sqlite = Ground::at(address);
    assert_eq!(columns(&ground).await, columns(&sqlite).await);
    assert_eq!(indexes(&ground).await, indexes(&sqlite).await);
}

pub(crate) async fn a_database_of_the_first_version_is_brought_up_to_date(ground: Ground) {
    let old = Records::open_at(&ground.address, ground.limits.clone(), 2).await.unwrap();
    account(&old, "lin").await;
    let mut write = old.begin(by("lin")).await.unwrap();
    write.tell("old.event", "thing", "1", &json!({ "old": true })).await.unwrap();
    write.commit().await.unwrap();
    let head = old.audit_head().await.unwrap();
    assert!(old.edition("e").await.is_err(), "the first version had no editions");
    old.close().await;
    for _ in 0..2 {
        let records = ground.open().await;
        assert_eq!(records.verify(&[head]).await.unwrap(), Verdict::Whole(head));
        assert_eq!(records.account_of("lin").await.unwrap().created_at, NOON);
        assert_eq!(records.outbox_after(0, 9).await.unwrap().len(), 1);
        assert_eq!(records.edition("e").await.unwrap_err().code(), "records.missing");
        records.close().await;
    }
}

pub(crate) async fn a_newer_database_is_refused(ground: Ground) {
    ground.open().await.close().await;
    let sql = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
               SELECT 9999, 'later', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1";
    ground.hand(sql).await.unwrap();
    let error = Records::open(&ground.address, ground.limits.clone()).await.unwrap_err();
    assert!(matches!(error, RecordsError::Newer { migration: 9999 }), "{error}");
    ground.hand("DELETE FROM _sqlx_migrations WHERE version = 9999").await.unwrap();
    // A migration that was changed after it was run is no longer the one that was run.
    ground
        .hand(&format!(
            "UPDATE _sqlx_migrations SET checksum = (SELECT checksum FROM _sqlx_migrations \
                          WHERE version = 1) WHERE version = {NEWEST}"
        ))
        .await
        .unwrap();
    let error = Records::open(&ground.address, ground.limits.clone()).await.unwrap_err();
    assert_eq!(error.code(), "records.migration");
    for wrong in ["mysql://x", "sqlite:", "sqlite::memory:", "sqlite:a?mode=ro", ""] {
        let error = Records::open(wrong, ground.limits.clone()).await.unwrap_err();
        assert_eq!(error.code(), "records.address", "{wrong}");
    }
}
