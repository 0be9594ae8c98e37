CREATE TABLE bid (
    id           TEXT PRIMARY KEY,
    tender       TEXT NOT NULL REFERENCES tender (id),
    supplier     TEXT NOT NULL REFERENCES organisation (id),
    state        TEXT NOT NULL,
    draft        TEXT NOT NULL,
    version      INTEGER NOT NULL DEFAULT 0,
    sha256       TEXT NOT NULL DEFAULT '',
    submitted_at TIMESTAMPTZ,
    withdrawn_at TIMESTAMPTZ,
    withdrawn_why TEXT NOT NULL DEFAULT '',
    created_at   TIMESTAMPTZ NOT NULL,
    updated_at   TIMESTAMPTZ NOT NULL,
    UNIQUE (tender, supplier)
);

CREATE INDEX bid_by_supplier ON bid (supplier, id);

CREATE TABLE bid_version (
    id           TEXT PRIMARY KEY,
    bid          TEXT NOT NULL REFERENCES bid (id),
    number       INTEGER NOT NULL,
    payload      TEXT NOT NULL,
    sha256       TEXT NOT NULL,
    submitted_at TIMESTAMPTZ NOT NULL,
    submitted_by TEXT NOT NULL REFERENCES account (id),
    receipt      TEXT NOT NULL REFERENCES document (id),
    UNIQUE (bid, number)
);

CREATE TABLE opening (
    id           TEXT PRIMARY KEY,
    tender       TEXT NOT NULL UNIQUE REFERENCES tender (id),
    outcome      TEXT NOT NULL,
    bidders      INTEGER NOT NULL,
    least        INTEGER NOT NULL,
    article      TEXT NOT NULL DEFAULT '',
    opened_at    TIMESTAMPTZ NOT NULL,
    opened_by    TEXT NOT NULL REFERENCES account (id),
    opener_name  TEXT NOT NULL,
    record       TEXT NOT NULL REFERENCES document (id)
);

CREATE TABLE opening_line (
    id            TEXT PRIMARY KEY,
    tender        TEXT NOT NULL REFERENCES tender (id),
    bid           TEXT NOT NULL UNIQUE REFERENCES bid (id),
    version       INTEGER NOT NULL,
    supplier      TEXT NOT NULL REFERENCES organisation (id),
    supplier_name TEXT NOT NULL,
    position      INTEGER NOT NULL,
    price         BIGINT NOT NULL,
    delivery      TEXT NOT NULL,
    files         INTEGER NOT NULL,
    sha256        TEXT NOT NULL,
    submitted_at  TIMESTAMPTZ NOT NULL,
    UNIQUE (tender, position)
);
