ALTER TABLE award ADD COLUMN silent BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE bond (
    id            TEXT PRIMARY KEY,
    tender        TEXT NOT NULL REFERENCES tender (id),
    supplier      TEXT NOT NULL REFERENCES organisation (id),
    supplier_name TEXT NOT NULL,
    amount        BIGINT NOT NULL,
    form          TEXT NOT NULL,
    received_on   TIMESTAMPTZ NOT NULL,
    recorded_by   TEXT NOT NULL REFERENCES account (id),
    recorded_at   TIMESTAMPTZ NOT NULL,
    returned_on   TIMESTAMPTZ,
    proof         TEXT NOT NULL DEFAULT '',
    returned_by   TEXT REFERENCES account (id),
    UNIQUE (tender, supplier)
);

CREATE INDEX bond_by_supplier ON bond (supplier, id)
