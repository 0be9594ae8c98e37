CREATE TABLE receipt_batch (
    id            TEXT PRIMARY KEY,
    foundation    TEXT NOT NULL REFERENCES organisation (id),
    title         TEXT NOT NULL,
    year          INTEGER,
    fund          TEXT REFERENCES fund (id),
    chosen        TEXT NOT NULL,
    scope         TEXT NOT NULL,
    remark        TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('prepared', 'running', 'done', 'dropped')),
    round         INTEGER NOT NULL CHECK (round > 0),
    waiting       INTEGER NOT NULL CHECK (waiting >= 0),
    issued        INTEGER NOT NULL CHECK (issued >= 0),
    aside         INTEGER NOT NULL CHECK (aside >= 0),
    made          INTEGER NOT NULL CHECK (made >= 0),
    amount        BIGINT NOT NULL,
    handler       TEXT NOT NULL REFERENCES account (id),
    handler_name  TEXT NOT NULL,
    prepared_at   TIMESTAMPTZ NOT NULL,
    reviewer      TEXT REFERENCES account (id),
    reviewer_name TEXT NOT NULL,
    approved_at   TIMESTAMPTZ,
    ended_at      TIMESTAMPTZ,
    reason        TEXT NOT NULL,
    problem       TEXT NOT NULL,
    CHECK (state NOT IN ('running', 'done') OR reviewer IS NOT NULL),
    CHECK (reviewer IS NULL OR reviewer <> handler)
);

CREATE UNIQUE INDEX receipt_batch_open ON receipt_batch (foundation, scope) WHERE state IN ('prepared', 'running');

CREATE INDEX receipt_batch_by_foundation ON receipt_batch (foundation, id);

CREATE TABLE receipt_batch_row (
    batch      TEXT NOT NULL REFERENCES receipt_batch (id),
    line       INTEGER NOT NULL,
    donation   TEXT NOT NULL REFERENCES donation (id),
    reference  TEXT NOT NULL,
    donor_name TEXT NOT NULL,
    fund_name  TEXT NOT NULL,
    kind       TEXT NOT NULL,
    amount     BIGINT,
    arrived_at TIMESTAMPTZ,
    face       TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('waiting', 'issued', 'aside')),
    cause      TEXT NOT NULL,
    why        TEXT NOT NULL,
    receipt    TEXT UNIQUE REFERENCES receipt (id),
    PRIMARY KEY (batch, line),
    UNIQUE (batch, donation),
    CHECK ((state = 'issued') = (receipt IS NOT NULL)),
    CHECK ((state = 'aside') = (cause <> ''))
);

CREATE INDEX receipt_batch_row_by_state ON receipt_batch_row (batch, state, line);
