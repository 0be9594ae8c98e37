CREATE TABLE message (
    id           TEXT PRIMARY KEY,
    account      TEXT REFERENCES account (id),
    organisation TEXT REFERENCES organisation (id),
    title        TEXT NOT NULL,
    body         TEXT NOT NULL,
    link         TEXT NOT NULL,
    at           TIMESTAMPTZ NOT NULL
);

CREATE INDEX message_by_account ON message (account, id);

CREATE INDEX message_by_organisation ON message (organisation, id);

CREATE TABLE message_read (
    message TEXT NOT NULL REFERENCES message (id),
    account TEXT NOT NULL REFERENCES account (id),
    at      TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (message, account)
);

CREATE TABLE tender_document (
    id        TEXT PRIMARY KEY,
    project   TEXT NOT NULL REFERENCES tender (id),
    version   INTEGER NOT NULL,
    document  TEXT NOT NULL REFERENCES document (id),
    reason    TEXT NOT NULL DEFAULT '',
    issued_at TIMESTAMPTZ NOT NULL,
    UNIQUE (project, version)
);

CREATE TABLE document_take (
    id           TEXT PRIMARY KEY,
    project      TEXT NOT NULL REFERENCES tender (id),
    version      INTEGER NOT NULL,
    account      TEXT REFERENCES account (id),
    organisation TEXT REFERENCES organisation (id),
    name         TEXT NOT NULL,
    supplier     BOOLEAN NOT NULL,
    at           TIMESTAMPTZ NOT NULL
);

CREATE INDEX document_take_by_project ON document_take (project, id);
