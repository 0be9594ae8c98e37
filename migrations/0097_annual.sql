CREATE TABLE annual_statement (
    id            TEXT PRIMARY KEY,
    foundation    TEXT NOT NULL REFERENCES organisation (id),
    donor_account TEXT REFERENCES account (id),
    donor_org     TEXT REFERENCES organisation (id),
    year          INTEGER NOT NULL,
    number        TEXT NOT NULL,
    content       TEXT NOT NULL,
    document      TEXT NOT NULL REFERENCES document (id),
    created_by    TEXT NOT NULL REFERENCES account (id),
    created_at    TIMESTAMPTZ NOT NULL,
    UNIQUE (foundation, number),
    CHECK ((donor_account IS NULL) <> (donor_org IS NULL))
);

CREATE INDEX annual_statement_by_account ON annual_statement (donor_account, year);

CREATE INDEX annual_statement_by_org ON annual_statement (donor_org, year)
