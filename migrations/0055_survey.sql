CREATE TABLE survey (
    tender     TEXT PRIMARY KEY REFERENCES tender (id) ON DELETE CASCADE,
    conclusion TEXT NOT NULL,
    few        TEXT NOT NULL DEFAULT '',
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE survey_respondent (
    id         TEXT PRIMARY KEY,
    tender     TEXT NOT NULL REFERENCES tender (id) ON DELETE CASCADE,
    name       TEXT NOT NULL,
    kind       TEXT NOT NULL,
    asked_on   TIMESTAMPTZ NOT NULL,
    findings   TEXT NOT NULL,
    entered_by TEXT NOT NULL REFERENCES account (id),
    created_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX survey_respondent_by_tender ON survey_respondent (tender, id);

CREATE TABLE intention (
    id           TEXT PRIMARY KEY,
    buyer        TEXT NOT NULL REFERENCES organisation (id),
    buyer_name   TEXT NOT NULL,
    number       TEXT UNIQUE,
    state        TEXT NOT NULL,
    title        TEXT NOT NULL,
    what         TEXT NOT NULL,
    region       TEXT NOT NULL,
    budget       BIGINT NOT NULL,
    expected     TEXT NOT NULL,
    note         TEXT NOT NULL,
    reason       TEXT NOT NULL DEFAULT '',
    drafted_by   TEXT NOT NULL REFERENCES account (id),
    approved_by  TEXT REFERENCES account (id),
    created_at   TIMESTAMPTZ NOT NULL,
    published_at TIMESTAMPTZ
);

CREATE INDEX intention_by_buyer ON intention (buyer, id);

CREATE INDEX intention_by_publication ON intention (published_at, id);
