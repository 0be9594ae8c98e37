-- SQLite drops no constraint: the table is made anew. What points to it is set
-- aside first, because dropping a table deletes its rows under foreign keys.
CREATE TABLE contract_amendment_aside AS SELECT * FROM contract_amendment;

DROP TABLE contract_amendment;

CREATE TABLE contract_next (
    id             TEXT PRIMARY KEY,
    tender         TEXT NOT NULL REFERENCES tender (id),
    award          TEXT NOT NULL REFERENCES award (id),
    number         TEXT NOT NULL UNIQUE,
    title          TEXT NOT NULL,
    buyer          TEXT NOT NULL REFERENCES organisation (id),
    buyer_name     TEXT NOT NULL,
    supplier       TEXT NOT NULL REFERENCES organisation (id),
    supplier_name  TEXT NOT NULL,
    amount         BIGINT NOT NULL,
    unit_price     BIGINT,
    starts_on      TIMESTAMPTZ NOT NULL,
    ends_on        TIMESTAMPTZ NOT NULL,
    signed_on      TIMESTAMPTZ NOT NULL,
    summary        TEXT NOT NULL REFERENCES document (id),
    recorded_by    TEXT NOT NULL REFERENCES account (id),
    recorded_at    TIMESTAMPTZ NOT NULL,
    bond           BIGINT,
    full_text      TEXT REFERENCES document (id),
    filed_no       TEXT NOT NULL DEFAULT '',
    filed_at       TIMESTAMPTZ,
    state          TEXT NOT NULL DEFAULT 'signed',
    revoked_at     TIMESTAMPTZ,
    revoked_reason TEXT NOT NULL DEFAULT ''
);

INSERT INTO contract_next SELECT id, tender, award, number, title, buyer, buyer_name, supplier, supplier_name, amount, unit_price,
    starts_on, ends_on, signed_on, summary, recorded_by, recorded_at, bond, full_text, filed_no, filed_at, state, revoked_at, revoked_reason FROM contract;

DROP TABLE contract;

ALTER TABLE contract_next RENAME TO contract;

CREATE INDEX contract_by_supplier ON contract (supplier, id);

CREATE INDEX contract_by_buyer ON contract (buyer, id);

CREATE INDEX contract_by_tender ON contract (tender, id);

CREATE UNIQUE INDEX contract_live ON contract (tender) WHERE state = 'signed';

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

INSERT INTO contract_amendment SELECT id, contract, number, state, change, reason, added, ends_on, proposed_by, proposed_at, decided_by, decided_at, note
    FROM contract_amendment_aside;

DROP TABLE contract_amendment_aside;
