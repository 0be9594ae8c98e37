CREATE TABLE performance (
    id           TEXT PRIMARY KEY,
    engagement   TEXT NOT NULL UNIQUE REFERENCES engagement (id),
    payer        TEXT NOT NULL REFERENCES organisation (id),
    provider     TEXT NOT NULL REFERENCES organisation (id),
    number       TEXT,
    state        TEXT NOT NULL CHECK (state IN ('self', 'scoring', 'review', 'published')),
    version      BIGINT NOT NULL,
    tree         TEXT NOT NULL,
    rules        TEXT NOT NULL,
    self_due     TIMESTAMPTZ NOT NULL,
    self_report  TEXT NOT NULL,
    self_at      TIMESTAMPTZ,
    sheet        TEXT NOT NULL,
    lines        TEXT NOT NULL,
    pillars      TEXT NOT NULL,
    problems     TEXT NOT NULL,
    total        BIGINT CHECK (total BETWEEN 0 AND 10000),
    grade        TEXT NOT NULL DEFAULT '',
    reason       TEXT NOT NULL DEFAULT '',
    started_by   TEXT NOT NULL REFERENCES account (id),
    scorers      TEXT NOT NULL,
    submitted_by TEXT REFERENCES account (id),
    approved_by  TEXT REFERENCES account (id),
    document     TEXT REFERENCES document (id),
    code         TEXT NOT NULL DEFAULT '',
    started_at   TIMESTAMPTZ NOT NULL,
    updated_at   TIMESTAMPTZ NOT NULL,
    submitted_at TIMESTAMPTZ,
    published_at TIMESTAMPTZ,
    UNIQUE (payer, number),
    CHECK (state <> 'published' OR (number IS NOT NULL AND total IS NOT NULL AND document IS NOT NULL
        AND published_at IS NOT NULL AND approved_by <> submitted_by))
);

CREATE INDEX performance_by_payer ON performance (payer, state, id);

CREATE INDEX performance_by_provider ON performance (provider, state, id);
