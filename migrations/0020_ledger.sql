CREATE TABLE ledger_book (
    id   TEXT PRIMARY KEY REFERENCES organisation (id),
    seq  BIGINT NOT NULL,
    head TEXT NOT NULL
);

CREATE TABLE ledger_account (
    id         TEXT PRIMARY KEY,
    book       TEXT NOT NULL REFERENCES ledger_book (id),
    owner_kind TEXT NOT NULL,
    owner_id   TEXT NOT NULL,
    kind       TEXT NOT NULL,
    floor_zero BOOLEAN NOT NULL,
    balance    BIGINT NOT NULL DEFAULT 0,
    money_in   BIGINT NOT NULL DEFAULT 0,
    money_out  BIGINT NOT NULL DEFAULT 0,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (book, owner_kind, owner_id, kind),
    CHECK (NOT floor_zero OR balance >= 0),
    CHECK (balance = money_in - money_out)
);

CREATE INDEX ledger_account_by_owner ON ledger_account (owner_kind, owner_id);

CREATE TABLE ledger_transaction (
    id         TEXT PRIMARY KEY,
    book       TEXT NOT NULL REFERENCES ledger_book (id),
    seq        BIGINT NOT NULL,
    cause_kind TEXT NOT NULL,
    cause_id   TEXT NOT NULL,
    memo       TEXT NOT NULL,
    at         TIMESTAMPTZ NOT NULL,
    account    TEXT NOT NULL,
    idem_key   TEXT NOT NULL,
    reverses   TEXT UNIQUE REFERENCES ledger_transaction (id),
    content    TEXT NOT NULL,
    prev_hash  TEXT NOT NULL,
    hash       TEXT NOT NULL,
    UNIQUE (book, seq),
    UNIQUE (book, idem_key)
);

CREATE INDEX ledger_transaction_by_cause ON ledger_transaction (cause_kind, cause_id);

CREATE TABLE ledger_entry (
    tx      TEXT NOT NULL REFERENCES ledger_transaction (id),
    line    INTEGER NOT NULL,
    account TEXT NOT NULL REFERENCES ledger_account (id),
    seq     BIGINT NOT NULL,
    amount  BIGINT NOT NULL CHECK (amount <> 0),
    balance BIGINT NOT NULL,
    flow    TEXT NOT NULL CHECK (flow IN ('in', 'out')),
    month   TEXT NOT NULL,
    PRIMARY KEY (tx, line)
);

CREATE INDEX ledger_entry_by_account ON ledger_entry (account, seq, line);
