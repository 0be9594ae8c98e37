CREATE TABLE receipt (
    id            TEXT PRIMARY KEY,
    foundation    TEXT NOT NULL REFERENCES organisation (id),
    donation      TEXT NOT NULL REFERENCES donation (id),
    state         TEXT NOT NULL CHECK (state IN ('prepared', 'returned', 'issued', 'void')),
    remark        TEXT NOT NULL,
    amount        BIGINT CHECK (amount > 0),
    handler       TEXT NOT NULL REFERENCES account (id),
    handler_name  TEXT NOT NULL,
    prepared_at   TIMESTAMPTZ NOT NULL,
    reviewer      TEXT REFERENCES account (id),
    reviewer_name TEXT NOT NULL DEFAULT '',
    decided_at    TIMESTAMPTZ,
    year          INTEGER,
    no            BIGINT,
    document      TEXT REFERENCES document (id),
    reason        TEXT NOT NULL DEFAULT '',
    void_by       TEXT REFERENCES account (id),
    void_at       TIMESTAMPTZ,
    void_reason   TEXT NOT NULL DEFAULT '',
    UNIQUE (foundation, year, no),
    CHECK (state NOT IN ('issued', 'void') OR (year IS NOT NULL AND no > 0 AND document IS NOT NULL AND reviewer IS NOT NULL)),
    CHECK (state <> 'void' OR (void_by IS NOT NULL AND void_at IS NOT NULL)),
    CHECK (reviewer IS NULL OR reviewer <> handler)
);

CREATE UNIQUE INDEX receipt_one_live ON receipt (donation) WHERE state IN ('prepared', 'issued');

CREATE INDEX receipt_by_donation ON receipt (donation, id);

CREATE INDEX receipt_by_foundation ON receipt (foundation, state, id);
