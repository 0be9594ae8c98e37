CREATE TABLE account (
    id            TEXT PRIMARY KEY,
    login         TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    email         TEXT NOT NULL DEFAULT '',
    phone         TEXT NOT NULL DEFAULT '',
    expert        BOOLEAN NOT NULL DEFAULT FALSE,
    specialties   TEXT NOT NULL DEFAULT '',
    employer      TEXT NOT NULL DEFAULT '',
    failures      INTEGER NOT NULL DEFAULT 0,
    locked_until  TIMESTAMPTZ,
    created_at    TIMESTAMPTZ NOT NULL
);

CREATE TABLE organisation (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    name         TEXT NOT NULL,
    uscc         TEXT UNIQUE,
    state        TEXT NOT NULL,
    region       TEXT NOT NULL DEFAULT '',
    address      TEXT NOT NULL DEFAULT '',
    legal_person TEXT NOT NULL DEFAULT '',
    summary      TEXT NOT NULL DEFAULT '',
    rating       TEXT NOT NULL DEFAULT '',
    public_charity_qualified BOOLEAN NOT NULL DEFAULT FALSE,
    reviewed_at  TIMESTAMPTZ,
    reviewed_by  TEXT REFERENCES account (id),
    reason       TEXT NOT NULL DEFAULT '',
    demo         BOOLEAN NOT NULL DEFAULT FALSE,
    created_at   TIMESTAMPTZ NOT NULL
);

CREATE INDEX organisation_by_kind ON organisation (kind, state, id);

CREATE TABLE membership (
    id           TEXT PRIMARY KEY,
    account      TEXT NOT NULL REFERENCES account (id),
    organisation TEXT NOT NULL REFERENCES organisation (id),
    role         TEXT NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    ended_at     TIMESTAMPTZ,
    UNIQUE (account, organisation)
);

CREATE INDEX membership_by_organisation ON membership (organisation, account);

CREATE TABLE session (
    id           TEXT PRIMARY KEY,
    token_hash   TEXT NOT NULL UNIQUE,
    account      TEXT NOT NULL REFERENCES account (id),
    membership   TEXT REFERENCES membership (id),
    csrf         TEXT NOT NULL,
    user_agent   TEXT NOT NULL DEFAULT '',
    created_at   TIMESTAMPTZ NOT NULL,
    seen_at      TIMESTAMPTZ NOT NULL,
    expires_at   TIMESTAMPTZ NOT NULL,
    ended_at     TIMESTAMPTZ
);

CREATE INDEX session_by_account ON session (account, created_at);

CREATE TABLE api_token (
    id           TEXT PRIMARY KEY,
    token_hash   TEXT NOT NULL UNIQUE,
    account      TEXT NOT NULL REFERENCES account (id),
    membership   TEXT REFERENCES membership (id),
    label        TEXT NOT NULL DEFAULT '',
    created_at   TIMESTAMPTZ NOT NULL,
    expires_at   TIMESTAMPTZ,
    ended_at     TIMESTAMPTZ
);

CREATE TABLE idempotency (
    account      TEXT NOT NULL,
    idem_key     TEXT NOT NULL,
    fingerprint  TEXT NOT NULL,
    status       INTEGER NOT NULL DEFAULT 0,
    content_type TEXT NOT NULL DEFAULT '',
    location     TEXT NOT NULL DEFAULT '',
    body         TEXT NOT NULL DEFAULT '',
    created_at   TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (account, idem_key)
);
