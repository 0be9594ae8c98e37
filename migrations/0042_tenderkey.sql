CREATE TABLE tender_key (
    id         TEXT PRIMARY KEY,
    tender     TEXT NOT NULL REFERENCES tender (id) ON DELETE CASCADE,
    state      TEXT NOT NULL,
    threshold  INTEGER NOT NULL,
    generation INTEGER NOT NULL DEFAULT 0,
    recipient  TEXT NOT NULL DEFAULT '',
    wrapped    TEXT NOT NULL DEFAULT '',
    commitment TEXT NOT NULL DEFAULT '[]',
    reason     TEXT NOT NULL DEFAULT '',
    named_by   TEXT NOT NULL REFERENCES account (id),
    named_at   TIMESTAMPTZ NOT NULL,
    made_at    TIMESTAMPTZ,
    retired_at TIMESTAMPTZ
);

CREATE INDEX tender_key_by_tender ON tender_key (tender, id);

CREATE UNIQUE INDEX tender_key_current ON tender_key (tender) WHERE state IN ('named', 'made');

CREATE UNIQUE INDEX tender_key_incoming ON tender_key (tender) WHERE state = 'incoming';

CREATE TABLE key_holder (
    id           TEXT PRIMARY KEY,
    tender_key   TEXT NOT NULL REFERENCES tender_key (id) ON DELETE CASCADE,
    place        INTEGER NOT NULL,
    account      TEXT NOT NULL REFERENCES account (id),
    name         TEXT NOT NULL,
    organisation TEXT REFERENCES organisation (id),
    org_name     TEXT NOT NULL,
    duty         TEXT NOT NULL,
    personal_key TEXT REFERENCES personal_key (id),
    recipient    TEXT NOT NULL DEFAULT '',
    share_file   TEXT NOT NULL DEFAULT '',
    word_sha256  TEXT NOT NULL DEFAULT '',
    rehearsed_at TIMESTAMPTZ,
    UNIQUE (tender_key, account),
    UNIQUE (tender_key, place)
);

CREATE INDEX key_holder_by_account ON key_holder (account, id);

CREATE TABLE key_subshare (
    id         TEXT PRIMARY KEY,
    tender_key TEXT NOT NULL REFERENCES tender_key (id) ON DELETE CASCADE,
    dealer     TEXT NOT NULL REFERENCES key_holder (id) ON DELETE CASCADE,
    place      INTEGER NOT NULL,
    commitment TEXT NOT NULL,
    files      TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (tender_key, dealer)
);
