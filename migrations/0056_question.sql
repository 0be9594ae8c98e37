CREATE TABLE question (
    id            TEXT PRIMARY KEY,
    project       TEXT NOT NULL REFERENCES tender (id),
    body          TEXT NOT NULL,
    asked_at      TIMESTAMPTZ NOT NULL,
    asker_account TEXT NOT NULL REFERENCES account (id),
    asker_org     TEXT REFERENCES organisation (id),
    answer        TEXT NOT NULL DEFAULT '',
    answered_at   TIMESTAMPTZ,
    answered_by   TEXT REFERENCES account (id)
);

CREATE INDEX question_by_project ON question (project, id);

CREATE TABLE amendment (
    id           TEXT PRIMARY KEY,
    project      TEXT NOT NULL REFERENCES tender (id),
    number       INTEGER NOT NULL DEFAULT 0,
    state        TEXT NOT NULL,
    patch        TEXT NOT NULL,
    changes      TEXT NOT NULL,
    reason       TEXT NOT NULL,
    affects      BOOLEAN NOT NULL,
    returned     TEXT NOT NULL DEFAULT '',
    version      INTEGER NOT NULL DEFAULT 0,
    old_deadline TIMESTAMPTZ,
    new_deadline TIMESTAMPTZ,
    article      TEXT NOT NULL DEFAULT '',
    drafted_by   TEXT NOT NULL REFERENCES account (id),
    approved_by  TEXT REFERENCES account (id),
    created_at   TIMESTAMPTZ NOT NULL,
    published_at TIMESTAMPTZ
);

CREATE INDEX amendment_by_project ON amendment (project, id);
