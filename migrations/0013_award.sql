CREATE TABLE panel_member (
    id           TEXT PRIMARY KEY,
    tender       TEXT NOT NULL REFERENCES tender (id),
    account      TEXT NOT NULL REFERENCES account (id),
    seat         TEXT NOT NULL,
    name         TEXT NOT NULL,
    employer     TEXT NOT NULL,
    named_by     TEXT NOT NULL REFERENCES account (id),
    named_at     TIMESTAMPTZ NOT NULL,
    submitted_at TIMESTAMPTZ,
    UNIQUE (tender, account)
);

CREATE INDEX panel_member_by_account ON panel_member (account, tender);

CREATE TABLE sheet (
    id           TEXT PRIMARY KEY,
    tender       TEXT NOT NULL REFERENCES tender (id),
    member       TEXT NOT NULL REFERENCES panel_member (id),
    bid          TEXT NOT NULL REFERENCES bid (id),
    conforming   BOOLEAN,
    reason       TEXT NOT NULL DEFAULT '',
    scores       TEXT NOT NULL,
    comment      TEXT NOT NULL DEFAULT '',
    saved_at     TIMESTAMPTZ NOT NULL,
    UNIQUE (member, bid)
);

CREATE INDEX sheet_by_tender ON sheet (tender, member);

CREATE TABLE evaluation (
    id           TEXT PRIMARY KEY,
    tender       TEXT NOT NULL UNIQUE REFERENCES tender (id),
    outcome      TEXT NOT NULL,
    article      TEXT NOT NULL DEFAULT '',
    record       TEXT NOT NULL,
    sha256       TEXT NOT NULL,
    evaluated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE award (
    id            TEXT PRIMARY KEY,
    tender        TEXT NOT NULL REFERENCES tender (id),
    round         INTEGER NOT NULL,
    bid           TEXT NOT NULL REFERENCES bid (id),
    supplier      TEXT NOT NULL REFERENCES organisation (id),
    supplier_name TEXT NOT NULL,
    buyer         TEXT NOT NULL REFERENCES organisation (id),
    amount        BIGINT NOT NULL,
    rank          INTEGER NOT NULL,
    reason        TEXT NOT NULL DEFAULT '',
    state         TEXT NOT NULL,
    proposed_by   TEXT NOT NULL REFERENCES account (id),
    proposed_at   TIMESTAMPTZ NOT NULL,
    decided_by    TEXT REFERENCES account (id),
    decided_at    TIMESTAMPTZ,
    decision_note TEXT NOT NULL DEFAULT '',
    number        TEXT NOT NULL DEFAULT '',
    notice        TEXT REFERENCES document (id),
    UNIQUE (tender, round)
);

CREATE INDEX award_by_supplier ON award (supplier, id);

CREATE TABLE contract (
    id            TEXT PRIMARY KEY,
    tender        TEXT NOT NULL UNIQUE REFERENCES tender (id),
    award         TEXT NOT NULL REFERENCES award (id),
    number        TEXT NOT NULL UNIQUE,
    title         TEXT NOT NULL,
    buyer         TEXT NOT NULL REFERENCES organisation (id),
    buyer_name    TEXT NOT NULL,
    supplier      TEXT NOT NULL REFERENCES organisation (id),
    supplier_name TEXT NOT NULL,
    amount        BIGINT NOT NULL,
    unit_price    BIGINT,
    starts_on     TIMESTAMPTZ NOT NULL,
    ends_on       TIMESTAMPTZ NOT NULL,
    signed_on     TIMESTAMPTZ NOT NULL,
    summary       TEXT NOT NULL REFERENCES document (id),
    recorded_by   TEXT NOT NULL REFERENCES account (id),
    recorded_at   TIMESTAMPTZ NOT NULL
);

CREATE INDEX contract_by_supplier ON contract (supplier, id);

CREATE INDEX contract_by_buyer ON contract (buyer, id);
