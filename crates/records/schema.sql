-- The schema as the migrations make it, for reading. Written by YUNDANG_BLESS=1 cargo test -p records.
-- Both databases have these tables; the append-only ones have triggers beside.

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

CREATE INDEX audit_actor ON audit (actor, seq);

CREATE INDEX audit_object ON audit (object_kind, object_id, seq);

CREATE TABLE case_unit (
    screening_case TEXT NOT NULL REFERENCES screening_case (id),
    unit TEXT NOT NULL,
    PRIMARY KEY (screening_case, unit)
);

CREATE INDEX case_unit_unit ON case_unit (unit, screening_case);

CREATE TABLE edition (
    id TEXT PRIMARY KEY,
    city TEXT NOT NULL,
    title TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_actor TEXT NOT NULL
);

CREATE INDEX edition_city ON edition (city, id);

CREATE TABLE edition_step (
    edition TEXT NOT NULL REFERENCES edition (id),
    step BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'checked', 'published', 'withdrawn')),
    content_hash TEXT NOT NULL,
    from_day TEXT,
    to_day TEXT,
    at BIGINT NOT NULL,
    by_actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    impact_run TEXT REFERENCES impact_run (id),
    PRIMARY KEY (edition, step)
);

CREATE TABLE follow_up (
    id TEXT PRIMARY KEY,
    city TEXT NOT NULL,
    unit TEXT NOT NULL,
    year BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    indicators TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_actor TEXT NOT NULL,
    UNIQUE (city, unit, year, revision)
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

CREATE TABLE impact_run (
    id TEXT PRIMARY KEY,
    from_edition TEXT NOT NULL REFERENCES edition (id),
    to_edition TEXT NOT NULL REFERENCES edition (id),
    projects BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    report BYTEA NOT NULL,
    report_hash TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_actor TEXT NOT NULL
);

CREATE TABLE judgement (
    id TEXT PRIMARY KEY,
    edition TEXT NOT NULL REFERENCES edition (id),
    screening_case TEXT REFERENCES screening_case (id),
    key TEXT,
    official TEXT NOT NULL,
    authority TEXT NOT NULL,
    value TEXT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_actor TEXT NOT NULL,
    CHECK (screening_case IS NOT NULL OR key IS NOT NULL)
);

CREATE INDEX judgement_by_edition ON judgement (edition, key, at);

CREATE INDEX judgement_case ON judgement (screening_case, at);

CREATE TABLE judgement_revoked (
    judgement TEXT PRIMARY KEY REFERENCES judgement (id),
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_actor TEXT NOT NULL
);

CREATE TABLE number_series (
    series TEXT PRIMARY KEY,
    last BIGINT NOT NULL
);

CREATE TABLE objection (
    id TEXT PRIMARY KEY,
    edition TEXT NOT NULL REFERENCES edition (id),
    layer TEXT NOT NULL,
    feature TEXT NOT NULL,
    text TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_actor TEXT NOT NULL
, contact TEXT NOT NULL DEFAULT '');

CREATE TABLE objection_step (
    objection TEXT NOT NULL REFERENCES objection (id),
    step BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('filed', 'accepted', 'rejected', 'corrected')),
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_actor TEXT NOT NULL,
    PRIMARY KEY (objection, step)
);

CREATE TABLE one_time_code (
    purpose TEXT PRIMARY KEY,
    code_hash TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE outbox (
    position BIGINT PRIMARY KEY,
    audit BIGINT NOT NULL REFERENCES audit (seq),
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    body TEXT NOT NULL
);

CREATE TABLE screening_case (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    edition TEXT NOT NULL REFERENCES edition (id),
    edition_hash TEXT NOT NULL,
    engine TEXT NOT NULL,
    as_of TEXT NOT NULL,
    title TEXT NOT NULL,
    facts TEXT NOT NULL,
    geometry_form TEXT NOT NULL,
    geometry BYTEA NOT NULL,
    verdict TEXT NOT NULL,
    answer BYTEA NOT NULL,
    answer_hash TEXT NOT NULL,
    valid_until TEXT,
    search TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_actor TEXT NOT NULL
);

CREATE INDEX screening_case_actor ON screening_case (by_actor, at, id);

CREATE INDEX screening_case_time ON screening_case (at, id);

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

CREATE TABLE sign_in_try (
    id TEXT PRIMARY KEY,
    login_hash TEXT NOT NULL,
    origin TEXT NOT NULL,
    at BIGINT NOT NULL
);

CREATE INDEX sign_in_try_login ON sign_in_try (login_hash, at);

CREATE INDEX sign_in_try_origin ON sign_in_try (origin, at);

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
