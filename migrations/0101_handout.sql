CREATE TABLE handout (
    id              TEXT PRIMARY KEY,
    foundation      TEXT NOT NULL REFERENCES organisation (id),
    foundation_name TEXT NOT NULL,
    fund            TEXT NOT NULL REFERENCES fund (id),
    fund_name       TEXT NOT NULL,
    recipient       TEXT NOT NULL REFERENCES organisation (id),
    recipient_name  TEXT NOT NULL,
    purpose         TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('review', 'approved', 'shipped', 'signed', 'cancelled')),
    version         BIGINT NOT NULL,
    number          TEXT,
    reason          TEXT NOT NULL,
    demo            BOOLEAN NOT NULL,
    drafted_by      TEXT NOT NULL REFERENCES account (id),
    drafter         TEXT NOT NULL,
    created_at      TIMESTAMPTZ NOT NULL,
    approved_by     TEXT REFERENCES account (id),
    approver        TEXT NOT NULL,
    approved_at     TIMESTAMPTZ,
    shipped_by      TEXT REFERENCES account (id),
    shipper         TEXT NOT NULL,
    shipped_at      TIMESTAMPTZ,
    signed_by       TEXT REFERENCES account (id),
    signer          TEXT NOT NULL,
    signed_at       TIMESTAMPTZ,
    UNIQUE (foundation, number),
    CHECK (approved_by IS NULL OR approved_by <> drafted_by),
    CHECK (state NOT IN ('approved', 'shipped', 'signed') OR approved_by IS NOT NULL),
    CHECK (state NOT IN ('shipped', 'signed') OR (shipped_by IS NOT NULL AND number IS NOT NULL)),
    CHECK (state <> 'signed' OR signed_by IS NOT NULL)
);

CREATE INDEX handout_by_foundation ON handout (foundation, id);

CREATE INDEX handout_by_recipient ON handout (recipient, id);

CREATE INDEX handout_by_fund ON handout (fund, id);

CREATE TABLE handout_line (
    handout  TEXT NOT NULL REFERENCES handout (id),
    line     INTEGER NOT NULL,
    item     TEXT NOT NULL REFERENCES goods_item (id),
    name     TEXT NOT NULL,
    unit     TEXT,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    accepted BIGINT CHECK (accepted >= 0),
    returned BIGINT CHECK (returned >= 0),
    why      TEXT NOT NULL,
    PRIMARY KEY (handout, line),
    UNIQUE (handout, item),
    CHECK ((accepted IS NULL) = (returned IS NULL)),
    CHECK (accepted IS NULL OR accepted + returned = quantity)
)
