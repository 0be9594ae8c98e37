CREATE TABLE personal_key (
    id         TEXT PRIMARY KEY,
    account    TEXT NOT NULL REFERENCES account (id),
    recipient  TEXT NOT NULL UNIQUE,
    file       TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    retired_at TIMESTAMPTZ
);

CREATE INDEX personal_key_by_account ON personal_key (account, id);

CREATE UNIQUE INDEX personal_key_current ON personal_key (account) WHERE retired_at IS NULL;
