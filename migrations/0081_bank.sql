CREATE TABLE bank_account (
    id         TEXT PRIMARY KEY,
    foundation TEXT NOT NULL REFERENCES organisation (id),
    name       TEXT NOT NULL,
    tail       TEXT NOT NULL,
    opening    BIGINT NOT NULL,
    opened_on  TEXT NOT NULL,
    columns    TEXT NOT NULL,
    ledger     TEXT NOT NULL UNIQUE REFERENCES ledger_account (id),
    created_by TEXT NOT NULL REFERENCES account (id),
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (foundation, name, tail)
);

CREATE TABLE bank_import (
    id          TEXT PRIMARY KEY,
    foundation  TEXT NOT NULL REFERENCES organisation (id),
    bank        TEXT NOT NULL REFERENCES bank_account (id),
    name        TEXT NOT NULL,
    object_key  TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    size        BIGINT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('mapping', 'ready', 'running', 'done', 'failed', 'dropped')),
    columns     TEXT NOT NULL,
    head        INTEGER NOT NULL,
    preview     TEXT NOT NULL,
    found       BIGINT NOT NULL DEFAULT 0,
    bad         BIGINT NOT NULL DEFAULT 0,
    done        BIGINT NOT NULL DEFAULT 0,
    added       BIGINT NOT NULL DEFAULT 0,
    known       BIGINT NOT NULL DEFAULT 0,
    refused     BIGINT NOT NULL DEFAULT 0,
    since       TEXT NOT NULL DEFAULT '',
    until       TEXT NOT NULL DEFAULT '',
    money_in    BIGINT NOT NULL DEFAULT 0,
    money_out   BIGINT NOT NULL DEFAULT 0,
    problem     TEXT NOT NULL DEFAULT '',
    uploaded_by TEXT NOT NULL REFERENCES account (id),
    uploader    TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    ended_at    TIMESTAMPTZ
);

CREATE INDEX bank_import_by_foundation ON bank_import (foundation, id);

CREATE TABLE bank_bad (
    import TEXT NOT NULL REFERENCES bank_import (id),
    line   INTEGER NOT NULL,
    said   TEXT NOT NULL,
    why    TEXT NOT NULL,
    PRIMARY KEY (import, line)
);

CREATE TABLE bank_line (
    id           TEXT PRIMARY KEY,
    foundation   TEXT NOT NULL REFERENCES organisation (id),
    bank         TEXT NOT NULL REFERENCES bank_account (id),
    import       TEXT NOT NULL REFERENCES bank_import (id),
    row_number   INTEGER NOT NULL,
    on_day       TEXT NOT NULL,
    amount       BIGINT NOT NULL CHECK (amount <> 0),
    name         TEXT NOT NULL,
    tail         TEXT NOT NULL,
    memo         TEXT NOT NULL,
    serial       TEXT NOT NULL,
    line_key     TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('open', 'proposed', 'booked')),
    guess_kind   TEXT NOT NULL DEFAULT '',
    guess        TEXT,
    score        INTEGER NOT NULL DEFAULT 0,
    why          TEXT NOT NULL DEFAULT '',
    match        TEXT,
    note         TEXT NOT NULL DEFAULT '',
    made_by      TEXT NOT NULL REFERENCES account (id),
    created_at   TIMESTAMPTZ NOT NULL,
    UNIQUE (bank, line_key)
);

CREATE INDEX bank_line_by_state ON bank_line (foundation, state, id);

CREATE INDEX bank_line_by_score ON bank_line (foundation, state, score, id);

CREATE TABLE bank_match (
    id            TEXT PRIMARY KEY,
    foundation    TEXT NOT NULL REFERENCES organisation (id),
    line          TEXT NOT NULL REFERENCES bank_line (id),
    kind          TEXT NOT NULL CHECK (kind IN ('donation', 'payment', 'return', 'refund', 'other')),
    target        TEXT,
    amount        BIGINT NOT NULL,
    note          TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('proposed', 'confirmed', 'withdrawn', 'refused', 'reversed')),
    score         INTEGER NOT NULL,
    why           TEXT NOT NULL,
    proposed_by   TEXT NOT NULL REFERENCES account (id),
    proposer      TEXT NOT NULL,
    proposed_at   TIMESTAMPTZ NOT NULL,
    decided_by    TEXT REFERENCES account (id),
    decider       TEXT NOT NULL DEFAULT '',
    decided_at    TIMESTAMPTZ,
    reason        TEXT NOT NULL DEFAULT '',
    ledger_tx     TEXT REFERENCES ledger_transaction (id),
    CHECK (state <> 'confirmed' OR (ledger_tx IS NOT NULL AND decided_by <> proposed_by)),
    CHECK (kind = 'other' OR target IS NOT NULL)
);

CREATE UNIQUE INDEX bank_match_one_a_line ON bank_match (line) WHERE state IN ('proposed', 'confirmed');

CREATE UNIQUE INDEX bank_match_one_a_target ON bank_match (kind, target) WHERE state IN ('proposed', 'confirmed') AND kind <> 'other';

CREATE TABLE bank_month (
    id          TEXT PRIMARY KEY,
    foundation  TEXT NOT NULL REFERENCES organisation (id),
    month       TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('prepared', 'closed')),
    sheet       TEXT NOT NULL,
    note        TEXT NOT NULL,
    prepared_by TEXT NOT NULL REFERENCES account (id),
    preparer    TEXT NOT NULL,
    prepared_at TIMESTAMPTZ NOT NULL,
    closed_by   TEXT REFERENCES account (id),
    closer      TEXT NOT NULL DEFAULT '',
    closed_at   TIMESTAMPTZ,
    UNIQUE (foundation, month),
    CHECK (state <> 'closed' OR (closed_by IS NOT NULL AND closed_by <> prepared_by))
);
