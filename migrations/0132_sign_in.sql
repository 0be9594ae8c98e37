CREATE TABLE sign_in_attempt (
    key      TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    ends_at  TIMESTAMPTZ NOT NULL,
    next_at  TIMESTAMPTZ
);

CREATE INDEX sign_in_attempt_by_end ON sign_in_attempt (ends_at);

CREATE TABLE device (
    token_hash TEXT NOT NULL,
    account    TEXT NOT NULL REFERENCES account (id),
    seen_at    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (token_hash, account)
);

CREATE INDEX device_by_account ON device (account);

ALTER TABLE account DROP COLUMN failures;

ALTER TABLE account DROP COLUMN locked_until;
