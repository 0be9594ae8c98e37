CREATE TABLE funding_call (
    id              TEXT PRIMARY KEY,
    foundation      TEXT NOT NULL REFERENCES organisation (id),
    foundation_name TEXT NOT NULL,
    number          TEXT,
    state           TEXT NOT NULL,
    version         BIGINT NOT NULL,
    kind            TEXT NOT NULL,
    title           TEXT NOT NULL,
    summary         TEXT NOT NULL,
    region          TEXT NOT NULL,
    fund            TEXT REFERENCES fund (id),
    deadline        TIMESTAMPTZ,
    total           BIGINT CHECK (total >= 0),
    most            BIGINT CHECK (most >= 0),
    places          BIGINT NOT NULL DEFAULT 0,
    start_on        TIMESTAMPTZ,
    end_on          TIMESTAMPTZ,
    form            TEXT NOT NULL,
    reason          TEXT NOT NULL DEFAULT '',
    drafted_by      TEXT NOT NULL REFERENCES account (id),
    published_by    TEXT REFERENCES account (id),
    demo            BOOLEAN NOT NULL DEFAULT FALSE,
    created_at      TIMESTAMPTZ NOT NULL,
    updated_at      TIMESTAMPTZ NOT NULL,
    published_at    TIMESTAMPTZ,
    decided_at      TIMESTAMPTZ,
    UNIQUE (foundation, number),
    CHECK (state NOT IN ('published', 'decided') OR (number IS NOT NULL AND deadline IS NOT NULL AND published_by <> drafted_by))
);

CREATE INDEX funding_call_by_foundation ON funding_call (foundation, id);

CREATE INDEX funding_call_by_state ON funding_call (state, id);

CREATE TABLE application (
    id           TEXT PRIMARY KEY,
    call         TEXT NOT NULL REFERENCES funding_call (id),
    foundation   TEXT NOT NULL REFERENCES organisation (id),
    organisation TEXT NOT NULL REFERENCES organisation (id),
    org_name     TEXT NOT NULL,
    number       TEXT,
    state        TEXT NOT NULL,
    version      BIGINT NOT NULL,
    title        TEXT NOT NULL,
    asked        BIGINT CHECK (asked >= 0),
    start_on     TIMESTAMPTZ,
    end_on       TIMESTAMPTZ,
    form         TEXT NOT NULL,
    versions     TEXT NOT NULL,
    sent         BIGINT NOT NULL DEFAULT 0,
    reason       TEXT NOT NULL DEFAULT '',
    created_by   TEXT NOT NULL REFERENCES account (id),
    created_at   TIMESTAMPTZ NOT NULL,
    updated_at   TIMESTAMPTZ NOT NULL,
    submitted_at TIMESTAMPTZ,
    UNIQUE (call, organisation),
    UNIQUE (foundation, number)
);

CREATE INDEX application_by_call ON application (call, state, id);

CREATE INDEX application_by_organisation ON application (organisation, id);

CREATE TABLE application_sent (
    application TEXT NOT NULL REFERENCES application (id),
    seq         BIGINT NOT NULL,
    content     TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    sent_by     TEXT NOT NULL REFERENCES account (id),
    sent_at     TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (application, seq)
);
