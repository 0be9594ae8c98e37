CREATE TABLE delivery_claim (
    id          TEXT PRIMARY KEY,
    engagement  TEXT NOT NULL REFERENCES engagement (id),
    number      BIGINT NOT NULL,
    milestone   BIGINT,
    quantity    BIGINT,
    unit_price  BIGINT,
    amount      BIGINT NOT NULL CHECK (amount > 0),
    capped      BOOLEAN NOT NULL DEFAULT FALSE,
    note        TEXT NOT NULL DEFAULT '',
    state       TEXT NOT NULL CHECK (state IN ('asked', 'verified', 'approved', 'paid', 'returned')),
    asked_by    TEXT NOT NULL REFERENCES account (id),
    asked_at    TIMESTAMPTZ NOT NULL,
    verified_by TEXT REFERENCES account (id),
    verified_at TIMESTAMPTZ,
    first_by    TEXT REFERENCES account (id),
    first_at    TIMESTAMPTZ,
    approved_by TEXT REFERENCES account (id),
    approved_at TIMESTAMPTZ,
    paid_by     TEXT REFERENCES account (id),
    paid_at     TIMESTAMPTZ,
    reference   TEXT NOT NULL DEFAULT '',
    reason      TEXT NOT NULL DEFAULT '',
    UNIQUE (engagement, number)
);

CREATE UNIQUE INDEX delivery_claim_milestone ON delivery_claim (engagement, milestone) WHERE state <> 'returned';

CREATE TABLE claim_limit (
    organisation TEXT PRIMARY KEY REFERENCES organisation (id),
    above        BIGINT NOT NULL CHECK (above >= 0),
    set_by       TEXT NOT NULL REFERENCES account (id),
    set_at       TIMESTAMPTZ NOT NULL
);
