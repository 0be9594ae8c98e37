ALTER TABLE contract ADD COLUMN bond BIGINT;

ALTER TABLE contract ADD COLUMN full_text TEXT REFERENCES document (id);

ALTER TABLE contract ADD COLUMN filed_no TEXT NOT NULL DEFAULT '';

ALTER TABLE contract ADD COLUMN filed_at TIMESTAMPTZ;

CREATE TABLE contract_amendment (
    id          TEXT PRIMARY KEY,
    contract    TEXT NOT NULL REFERENCES contract (id),
    number      INTEGER NOT NULL,
    state       TEXT NOT NULL,
    change      TEXT NOT NULL,
    reason      TEXT NOT NULL,
    added       BIGINT NOT NULL,
    ends_on     TIMESTAMPTZ,
    proposed_by TEXT NOT NULL REFERENCES account (id),
    proposed_at TIMESTAMPTZ NOT NULL,
    decided_by  TEXT REFERENCES account (id),
    decided_at  TIMESTAMPTZ,
    note        TEXT NOT NULL DEFAULT '',
    UNIQUE (contract, number)
);
