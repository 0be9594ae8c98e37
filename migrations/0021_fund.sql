CREATE TABLE fund (
    id              TEXT PRIMARY KEY,
    foundation      TEXT NOT NULL REFERENCES organisation (id),
    foundation_name TEXT NOT NULL,
    number          TEXT,
    state           TEXT NOT NULL,
    version         BIGINT NOT NULL,
    name            TEXT NOT NULL,
    region          TEXT NOT NULL,
    purpose         TEXT NOT NULL,
    use_of_money    TEXT NOT NULL,
    sponsor         TEXT NOT NULL,
    committee       TEXT NOT NULL,
    fee_bp          BIGINT CHECK (fee_bp >= 0),
    ending          TEXT NOT NULL,
    surplus         TEXT NOT NULL,
    form            TEXT NOT NULL,
    cash_account    TEXT UNIQUE REFERENCES ledger_account (id),
    reason          TEXT NOT NULL DEFAULT '',
    drafted_by      TEXT NOT NULL REFERENCES account (id),
    approved_by     TEXT REFERENCES account (id),
    demo            BOOLEAN NOT NULL DEFAULT FALSE,
    source_url      TEXT NOT NULL DEFAULT '',
    marks           TEXT NOT NULL,
    created_at      TIMESTAMPTZ NOT NULL,
    updated_at      TIMESTAMPTZ NOT NULL,
    submitted_at    TIMESTAMPTZ,
    approved_at     TIMESTAMPTZ,
    ended_at        TIMESTAMPTZ,
    UNIQUE (foundation, number),
    CHECK (state NOT IN ('active', 'ended') OR (number IS NOT NULL AND cash_account IS NOT NULL AND approved_by <> drafted_by))
);

CREATE INDEX fund_by_foundation ON fund (foundation, id);

CREATE INDEX fund_by_state ON fund (state, id);

CREATE TABLE payment (
    id            TEXT PRIMARY KEY,
    foundation    TEXT NOT NULL REFERENCES organisation (id),
    fund          TEXT NOT NULL REFERENCES fund (id),
    number        TEXT,
    state         TEXT NOT NULL,
    version       BIGINT NOT NULL,
    payee         TEXT REFERENCES organisation (id),
    payee_name    TEXT NOT NULL,
    purpose       TEXT NOT NULL,
    amount        BIGINT CHECK (amount > 0),
    term_start    TIMESTAMPTZ,
    term_end      TIMESTAMPTZ,
    form          TEXT NOT NULL,
    reason        TEXT NOT NULL DEFAULT '',
    drafted_by    TEXT NOT NULL REFERENCES account (id),
    approved_by   TEXT REFERENCES account (id),
    paid_by       TEXT REFERENCES account (id),
    ledger_tx     TEXT UNIQUE REFERENCES ledger_transaction (id),
    bank_reference TEXT NOT NULL DEFAULT '',
    created_at    TIMESTAMPTZ NOT NULL,
    updated_at    TIMESTAMPTZ NOT NULL,
    submitted_at  TIMESTAMPTZ,
    approved_at   TIMESTAMPTZ,
    paid_at       TIMESTAMPTZ,
    UNIQUE (foundation, number),
    CHECK (state NOT IN ('approved', 'paid') OR approved_by <> drafted_by),
    CHECK (state <> 'paid' OR (ledger_tx IS NOT NULL AND number IS NOT NULL AND paid_by NOT IN (drafted_by, approved_by)
        AND payee IS NOT NULL AND amount IS NOT NULL))
);

CREATE INDEX payment_by_foundation ON payment (foundation, state, id);

CREATE INDEX payment_by_fund ON payment (fund, state, id);

CREATE INDEX payment_by_payee ON payment (payee, state, id);
