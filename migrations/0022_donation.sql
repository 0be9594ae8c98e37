CREATE TABLE donation (
    id            TEXT PRIMARY KEY,
    foundation    TEXT NOT NULL REFERENCES organisation (id),
    fund          TEXT NOT NULL REFERENCES fund (id),
    kind          TEXT NOT NULL CHECK (kind IN ('money', 'goods')),
    state         TEXT NOT NULL CHECK (state IN ('pledged', 'confirmed', 'cancelled')),
    reference     TEXT NOT NULL UNIQUE,
    donor_kind    TEXT NOT NULL CHECK (donor_kind IN ('person', 'organisation', 'unknown')),
    donor_account TEXT REFERENCES account (id),
    donor_org     TEXT REFERENCES organisation (id),
    donor_name    TEXT NOT NULL,
    donor_uscc    TEXT,
    hidden        BOOLEAN NOT NULL,
    purpose       TEXT NOT NULL,
    terms         TEXT NOT NULL,
    relation      TEXT NOT NULL CHECK (relation IN ('none', 'declared')),
    relation_note TEXT NOT NULL,
    method        TEXT NOT NULL,
    amount        BIGINT CHECK (amount > 0),
    arrived       BIGINT CHECK (arrived > 0),
    arrived_at    TIMESTAMPTZ,
    ledger_tx     TEXT UNIQUE REFERENCES ledger_transaction (id),
    note          TEXT NOT NULL,
    offline       BOOLEAN NOT NULL,
    created_by    TEXT NOT NULL REFERENCES account (id),
    created_at    TIMESTAMPTZ NOT NULL,
    idem_key      TEXT NOT NULL,
    decided_by    TEXT REFERENCES account (id),
    decided_at    TIMESTAMPTZ,
    reason        TEXT NOT NULL DEFAULT '',
    UNIQUE (created_by, idem_key),
    CHECK (kind = 'goods' OR amount IS NOT NULL),
    CHECK (state <> 'confirmed' OR arrived_at IS NOT NULL),
    CHECK (state <> 'confirmed' OR kind = 'goods' OR (arrived IS NOT NULL AND ledger_tx IS NOT NULL))
);

CREATE INDEX donation_by_foundation ON donation (foundation, state, id);

CREATE INDEX donation_by_fund ON donation (fund, state, id);

CREATE INDEX donation_by_account ON donation (donor_account, id);

CREATE INDEX donation_by_org ON donation (donor_org, id);

CREATE TABLE donation_line (
    donation TEXT NOT NULL REFERENCES donation (id),
    line     INTEGER NOT NULL,
    name     TEXT NOT NULL,
    unit     TEXT,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    value    BIGINT CHECK (value > 0),
    arrived  BIGINT CHECK (arrived >= 0),
    proven   BIGINT CHECK (proven > 0),
    PRIMARY KEY (donation, line)
);

CREATE TABLE goods_item (
    id         TEXT PRIMARY KEY,
    foundation TEXT NOT NULL REFERENCES organisation (id),
    fund       TEXT NOT NULL REFERENCES fund (id),
    name       TEXT NOT NULL,
    unit       TEXT,
    quantity   BIGINT NOT NULL CHECK (quantity >= 0),
    created_at TIMESTAMPTZ NOT NULL
);

CREATE UNIQUE INDEX goods_item_once ON goods_item (fund, name, COALESCE(unit, ''));

CREATE TABLE goods_movement (
    id         TEXT PRIMARY KEY,
    item       TEXT NOT NULL REFERENCES goods_item (id),
    quantity   BIGINT NOT NULL CHECK (quantity <> 0),
    cause_kind TEXT NOT NULL,
    cause_id   TEXT NOT NULL,
    cause_line INTEGER NOT NULL,
    at         TIMESTAMPTZ NOT NULL,
    account    TEXT NOT NULL,
    UNIQUE (cause_kind, cause_id, cause_line)
);

CREATE INDEX goods_movement_by_item ON goods_movement (item, id);
