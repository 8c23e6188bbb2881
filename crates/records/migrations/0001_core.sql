-- What every part of the platform rests on. The same text for SQLite and PostgreSQL.
--
-- Times are microseconds since 1970-01-01T00:00Z. Days are text YYYY-MM-DD of the Beijing calendar.
-- Ids are UUIDs as text. Hashes are SHA-256 in lower-case hex. Yes and no are 1 and 0.

CREATE TABLE audit (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    origin TEXT NOT NULL,
    action TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    body TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX audit_object ON audit (object_kind, object_id, seq);
CREATE INDEX audit_actor ON audit (actor, seq);

CREATE TABLE outbox (
    position BIGINT PRIMARY KEY,
    audit BIGINT NOT NULL REFERENCES audit (seq),
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    body TEXT NOT NULL
);

CREATE TABLE idempotency (
    subject TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status BIGINT NOT NULL,
    answer BYTEA NOT NULL,
    at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (subject, key)
);
CREATE INDEX idempotency_expires ON idempotency (expires_at);

CREATE TABLE number_series (
    series TEXT PRIMARY KEY,
    last BIGINT NOT NULL
);

CREATE TABLE user_account (
    id TEXT PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    district TEXT NOT NULL,
    roles TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    disabled BIGINT NOT NULL CHECK (disabled IN (0, 1)),
    must_change BIGINT NOT NULL CHECK (must_change IN (0, 1)),
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- One row for each try to sign in that has not succeeded (yet). Only the hash of what was typed as the
-- login is kept: people type passwords into the wrong field.
CREATE TABLE sign_in_try (
    id TEXT PRIMARY KEY,
    login_hash TEXT NOT NULL,
    origin TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX sign_in_try_login ON sign_in_try (login_hash, at);
CREATE INDEX sign_in_try_origin ON sign_in_try (origin, at);

CREATE TABLE one_time_code (
    purpose TEXT PRIMARY KEY,
    code_hash TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE session (
    id TEXT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES user_account (id),
    origin TEXT NOT NULL,
    device TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    ended_why TEXT
);
CREATE INDEX session_account ON session (account, created_at);
