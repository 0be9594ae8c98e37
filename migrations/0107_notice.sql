ALTER TABLE message ADD COLUMN kind TEXT NOT NULL DEFAULT '';

CREATE TABLE notice_address (
    account      TEXT PRIMARY KEY REFERENCES account (id),
    address      TEXT NOT NULL,
    code_hash    TEXT NOT NULL DEFAULT '',
    code_until   TIMESTAMPTZ,
    tries        BIGINT NOT NULL DEFAULT 0,
    confirmed_at TIMESTAMPTZ,
    mailed       TEXT NOT NULL DEFAULT '',
    digested     TEXT NOT NULL DEFAULT '',
    digest_on    TIMESTAMPTZ
);

CREATE TABLE notice_choice (
    account TEXT NOT NULL REFERENCES account (id),
    kind    TEXT NOT NULL,
    app     BOOLEAN NOT NULL,
    mail    TEXT NOT NULL CHECK (mail IN ('none', 'now', 'daily')),
    PRIMARY KEY (account, kind)
);

CREATE TABLE reminder_sent (
    key TEXT PRIMARY KEY,
    at  TIMESTAMPTZ NOT NULL
);
