CREATE TABLE recognition (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL CHECK (kind IN ('rating', 'commendation')),
    organisation TEXT NOT NULL REFERENCES organisation (id),
    org_name     TEXT NOT NULL,
    level        BIGINT NOT NULL DEFAULT 0,
    title        TEXT NOT NULL DEFAULT '',
    issuer       TEXT NOT NULL,
    number       TEXT NOT NULL DEFAULT '',
    issued_on    TIMESTAMPTZ NOT NULL,
    valid_until  TIMESTAMPTZ,
    state        TEXT NOT NULL CHECK (state IN ('proposed', 'published', 'returned', 'revoked')),
    drafted_by   TEXT NOT NULL REFERENCES account (id),
    drafted_at   TIMESTAMPTZ NOT NULL,
    decided_by   TEXT REFERENCES account (id),
    decided_org  TEXT REFERENCES organisation (id),
    decided_at   TIMESTAMPTZ,
    reason       TEXT NOT NULL DEFAULT '',
    revoked_at   TIMESTAMPTZ
);

CREATE INDEX recognition_by_organisation ON recognition (organisation, id);

CREATE INDEX recognition_by_state ON recognition (state, id);

CREATE TABLE record_answer (
    id           TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    about        TEXT NOT NULL,
    subject      TEXT NOT NULL,
    version      BIGINT NOT NULL,
    body         TEXT NOT NULL,
    drafted_by   TEXT NOT NULL REFERENCES account (id),
    drafted_at   TIMESTAMPTZ NOT NULL,
    published_by TEXT REFERENCES account (id),
    published_at TIMESTAMPTZ,
    UNIQUE (about, subject, version)
);

CREATE INDEX record_answer_by_organisation ON record_answer (organisation, id);
