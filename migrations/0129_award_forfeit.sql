CREATE TABLE award_forfeit (
    id            TEXT PRIMARY KEY,
    tender        TEXT NOT NULL REFERENCES tender (id),
    award         TEXT NOT NULL REFERENCES award (id),
    supplier      TEXT NOT NULL REFERENCES organisation (id),
    supplier_name TEXT NOT NULL,
    cause         TEXT NOT NULL CHECK (cause IN ('refused', 'barred', 'unsigned', 'unable')),
    basis         TEXT NOT NULL DEFAULT '',
    reason        TEXT NOT NULL,
    course        TEXT NOT NULL CHECK (course IN ('next', 'again')),
    state         TEXT NOT NULL CHECK (state IN ('proposed', 'returned', 'approved')),
    proposed_by   TEXT NOT NULL REFERENCES account (id),
    proposed_at   TIMESTAMPTZ NOT NULL,
    decided_by    TEXT REFERENCES account (id),
    decided_at    TIMESTAMPTZ,
    note          TEXT NOT NULL DEFAULT ''
);

CREATE INDEX award_forfeit_by_tender ON award_forfeit (tender, id);

CREATE UNIQUE INDEX award_forfeit_open ON award_forfeit (award) WHERE state = 'proposed';

CREATE TABLE award_refusal (
    award      TEXT PRIMARY KEY REFERENCES award (id),
    reason     TEXT NOT NULL,
    refused_by TEXT NOT NULL REFERENCES account (id),
    refused_at TIMESTAMPTZ NOT NULL
);
