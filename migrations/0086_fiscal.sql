CREATE TABLE receipt_fiscal (
    receipt    TEXT PRIMARY KEY REFERENCES receipt (id),
    foundation TEXT NOT NULL REFERENCES organisation (id),
    code       TEXT NOT NULL,
    number     TEXT NOT NULL,
    check_code TEXT NOT NULL,
    original   TEXT NOT NULL REFERENCES document (id),
    linked_by  TEXT NOT NULL REFERENCES account (id),
    linked_at  TIMESTAMPTZ NOT NULL,
    UNIQUE (code, number)
);

CREATE TABLE fiscal_import (
    id          TEXT PRIMARY KEY,
    foundation  TEXT NOT NULL REFERENCES organisation (id),
    name        TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    linked      INTEGER NOT NULL,
    known       INTEGER NOT NULL,
    bad         TEXT NOT NULL,
    imported_by TEXT NOT NULL REFERENCES account (id),
    importer    TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL
);

CREATE INDEX fiscal_import_by_foundation ON fiscal_import (foundation, id);
