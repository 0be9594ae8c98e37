CREATE TABLE delivery_acceptance (
    id           TEXT PRIMARY KEY,
    engagement   TEXT NOT NULL REFERENCES engagement (id),
    seq          BIGINT NOT NULL,
    milestone    BIGINT,
    state        TEXT NOT NULL CHECK (state IN ('asked', 'review', 'published', 'declined')),
    for_public   BOOLEAN NOT NULL,
    report       TEXT NOT NULL,
    lines        TEXT NOT NULL,
    form         TEXT NOT NULL,
    content      TEXT NOT NULL,
    version      BIGINT NOT NULL,
    result       TEXT NOT NULL DEFAULT '' CHECK (result IN ('', 'passed', 'redo', 'failed')),
    redo_on      TIMESTAMPTZ,
    reason       TEXT NOT NULL DEFAULT '',
    asked_by     TEXT NOT NULL REFERENCES account (id),
    asked_at     TIMESTAMPTZ NOT NULL,
    submitted_by TEXT REFERENCES account (id),
    submitted_at TIMESTAMPTZ,
    published_by TEXT REFERENCES account (id),
    published_at TIMESTAMPTZ,
    number       TEXT,
    document     TEXT REFERENCES document (id),
    code         TEXT NOT NULL DEFAULT '',
    UNIQUE (engagement, seq)
);

CREATE UNIQUE INDEX delivery_acceptance_open ON delivery_acceptance (engagement) WHERE state IN ('asked', 'review');
