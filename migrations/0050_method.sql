ALTER TABLE tender ADD COLUMN ground TEXT NOT NULL DEFAULT '';

ALTER TABLE tender ADD COLUMN ground_reason TEXT NOT NULL DEFAULT '';

ALTER TABLE tender ADD COLUMN way TEXT NOT NULL DEFAULT '';

ALTER TABLE tender ADD COLUMN way_reason TEXT NOT NULL DEFAULT '';

ALTER TABLE tender ADD COLUMN invited TEXT;

ALTER TABLE tender ADD COLUMN framework TEXT REFERENCES tender (id);

CREATE INDEX tender_by_framework ON tender (framework, id);

CREATE TABLE objection (
    id          TEXT PRIMARY KEY,
    tender      TEXT NOT NULL REFERENCES tender (id),
    org         TEXT NOT NULL REFERENCES organisation (id),
    org_name    TEXT NOT NULL,
    account     TEXT NOT NULL REFERENCES account (id),
    text        TEXT NOT NULL,
    raised_at   TIMESTAMPTZ NOT NULL,
    answer      TEXT NOT NULL DEFAULT '',
    stands      BOOLEAN NOT NULL DEFAULT FALSE,
    answered_by TEXT REFERENCES account (id),
    answered_at TIMESTAMPTZ
);

CREATE INDEX objection_by_tender ON objection (tender, id);

CREATE TABLE framework (
    tender      TEXT PRIMARY KEY REFERENCES tender (id),
    state       TEXT NOT NULL,
    admitted    INTEGER NOT NULL,
    eliminated  INTEGER NOT NULL,
    proposed_by TEXT NOT NULL REFERENCES account (id),
    proposed_at TIMESTAMPTZ NOT NULL,
    decided_by  TEXT REFERENCES account (id),
    decided_at  TIMESTAMPTZ,
    ends_at     TIMESTAMPTZ,
    note        TEXT NOT NULL DEFAULT ''
);

CREATE TABLE framework_member (
    id            TEXT PRIMARY KEY,
    tender        TEXT NOT NULL REFERENCES tender (id),
    supplier      TEXT NOT NULL REFERENCES organisation (id),
    supplier_name TEXT NOT NULL,
    bid           TEXT NOT NULL REFERENCES bid (id),
    price         BIGINT NOT NULL,
    rank          INTEGER NOT NULL,
    UNIQUE (tender, supplier)
);
