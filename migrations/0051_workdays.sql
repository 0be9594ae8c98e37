CREATE TABLE workday_table (
    id          TEXT PRIMARY KEY,
    year        INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    origin      TEXT NOT NULL,
    body        TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    reason      TEXT NOT NULL DEFAULT '',
    imported_by TEXT NOT NULL REFERENCES account (id),
    importer    TEXT NOT NULL,
    imported_at TIMESTAMPTZ NOT NULL,
    UNIQUE (year, revision)
);
