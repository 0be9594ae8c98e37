CREATE TABLE listing (
    id              TEXT PRIMARY KEY,
    number          TEXT NOT NULL DEFAULT '',
    kind            TEXT NOT NULL,
    organisation    TEXT NOT NULL REFERENCES organisation (id),
    org_name        TEXT NOT NULL,
    authority       TEXT NOT NULL REFERENCES organisation (id),
    authority_name  TEXT NOT NULL,
    article         TEXT NOT NULL,
    effect          TEXT NOT NULL,
    blocks_purchase BOOLEAN NOT NULL,
    blocks_funding  BOOLEAN NOT NULL,
    reason          TEXT NOT NULL,
    months          BIGINT,
    state           TEXT NOT NULL CHECK (state IN ('noticed', 'withdrawn', 'in_force', 'removed', 'revoked')),
    drafted_by      TEXT NOT NULL REFERENCES account (id),
    noticed_at      TIMESTAMPTZ NOT NULL,
    statement_until TIMESTAMPTZ,
    statement       TEXT NOT NULL DEFAULT '',
    statement_by    TEXT REFERENCES account (id),
    statement_at    TIMESTAMPTZ,
    answer          TEXT NOT NULL DEFAULT '',
    decided_by      TEXT REFERENCES account (id),
    decided_at      TIMESTAMPTZ,
    begins_at       TIMESTAMPTZ,
    until_at        TIMESTAMPTZ,
    ended_at        TIMESTAMPTZ,
    ended_why       TEXT NOT NULL DEFAULT '',
    demo            BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE INDEX listing_by_organisation ON listing (organisation, id);

CREATE INDEX listing_by_state ON listing (state, id);

CREATE UNIQUE INDEX listing_open ON listing (organisation, kind, authority) WHERE state = 'noticed';

CREATE TABLE listing_plea (
    id         TEXT PRIMARY KEY,
    listing    TEXT NOT NULL REFERENCES listing (id),
    kind       TEXT NOT NULL CHECK (kind IN ('objection', 'removal')),
    by_org     TEXT NOT NULL REFERENCES organisation (id),
    by_account TEXT NOT NULL REFERENCES account (id),
    body       TEXT NOT NULL,
    made_at    TIMESTAMPTZ NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('open', 'granted', 'refused')),
    answer     TEXT NOT NULL DEFAULT '',
    decided_by TEXT REFERENCES account (id),
    decided_at TIMESTAMPTZ
);

CREATE UNIQUE INDEX listing_plea_open ON listing_plea (listing) WHERE state = 'open';
