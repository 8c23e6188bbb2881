-- Zoning control. A thing that has states is a row that never changes and its steps, which are only added:
-- the last step that was recorded by T is what was known at T.

CREATE TABLE edition (
    id TEXT PRIMARY KEY,
    city TEXT NOT NULL,
    title TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_actor TEXT NOT NULL
);
CREATE INDEX edition_city ON edition (city, id);

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

-- Valid time is [from_day, to_day), open where empty; recorded time is `at`.
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
CREATE INDEX screening_case_time ON screening_case (at, id);
CREATE INDEX screening_case_actor ON screening_case (by_actor, at, id);

CREATE TABLE case_unit (
    screening_case TEXT NOT NULL REFERENCES screening_case (id),
    unit TEXT NOT NULL,
    PRIMARY KEY (screening_case, unit)
);
CREATE INDEX case_unit_unit ON case_unit (unit, screening_case);

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
CREATE INDEX judgement_case ON judgement (screening_case, at);
CREATE INDEX judgement_by_edition ON judgement (edition, key, at);

CREATE TABLE judgement_revoked (
    judgement TEXT PRIMARY KEY REFERENCES judgement (id),
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_actor TEXT NOT NULL
);

CREATE TABLE objection (
    id TEXT PRIMARY KEY,
    edition TEXT NOT NULL REFERENCES edition (id),
    layer TEXT NOT NULL,
    feature TEXT NOT NULL,
    text TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_actor TEXT NOT NULL
);

CREATE TABLE objection_step (
    objection TEXT NOT NULL REFERENCES objection (id),
    step BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('filed', 'accepted', 'rejected', 'corrected')),
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_actor TEXT NOT NULL,
    PRIMARY KEY (objection, step)
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
