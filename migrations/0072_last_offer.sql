-- 最后报价: one more sealed round at the end of a 磋商 or 谈判. What is offered is
-- ciphertext until the round is read.

CREATE TABLE offer_round (
    id          TEXT PRIMARY KEY,
    tender      TEXT NOT NULL UNIQUE REFERENCES tender (id),
    state       TEXT NOT NULL,
    minutes     INTEGER NOT NULL,
    least       INTEGER NOT NULL,
    article     TEXT NOT NULL,
    asked_at    TIMESTAMPTZ NOT NULL,
    asked_by    TEXT NOT NULL REFERENCES account (id),
    due_at      TIMESTAMPTZ NOT NULL,
    read_at     TIMESTAMPTZ,
    holders     TEXT NOT NULL DEFAULT '[]'
);

CREATE TABLE last_offer (
    id            TEXT PRIMARY KEY,
    round         TEXT NOT NULL REFERENCES offer_round (id),
    tender        TEXT NOT NULL REFERENCES tender (id),
    bid           TEXT NOT NULL REFERENCES bid (id),
    supplier      TEXT NOT NULL REFERENCES organisation (id),
    supplier_name TEXT NOT NULL,
    first_price   BIGINT NOT NULL,
    version       INTEGER NOT NULL,
    sealed        BYTEA,
    sha256        TEXT NOT NULL DEFAULT '',
    submitted_at  TIMESTAMPTZ,
    submitted_by  TEXT REFERENCES account (id),
    receipt       TEXT,
    quit_at       TIMESTAMPTZ,
    quit_why      TEXT NOT NULL DEFAULT '',
    price         BIGINT,
    delivery      TEXT NOT NULL DEFAULT '',
    failed        TEXT NOT NULL DEFAULT '',
    UNIQUE (round, bid)
);
