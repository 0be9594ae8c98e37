CREATE TABLE receipt_request (
    id            TEXT PRIMARY KEY,
    foundation    TEXT NOT NULL REFERENCES organisation (id),
    donor_account TEXT REFERENCES account (id),
    donor_org     TEXT REFERENCES organisation (id),
    year          INTEGER NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('asked', 'prepared', 'issued', 'refused', 'withdrawn')),
    asked_by      TEXT NOT NULL REFERENCES account (id),
    asked_at      TIMESTAMPTZ NOT NULL,
    reason        TEXT NOT NULL,
    CHECK ((donor_account IS NULL) <> (donor_org IS NULL))
);

CREATE UNIQUE INDEX receipt_request_open ON receipt_request (foundation, year, COALESCE(donor_account, donor_org)) WHERE state IN ('asked', 'prepared');

CREATE INDEX receipt_request_by_foundation ON receipt_request (foundation, state, id);

CREATE TABLE receipt_request_gift (
    request  TEXT NOT NULL REFERENCES receipt_request (id),
    donation TEXT NOT NULL REFERENCES donation (id),
    PRIMARY KEY (request, donation)
);

CREATE INDEX receipt_request_gift_by_donation ON receipt_request_gift (donation);

ALTER TABLE receipt ADD COLUMN request TEXT REFERENCES receipt_request (id);

CREATE INDEX receipt_by_request ON receipt (request) WHERE request IS NOT NULL;

CREATE VIEW receipt_covers AS
    SELECT r.id AS receipt, r.donation AS donation, r.state AS state FROM receipt AS r WHERE r.request IS NULL
    UNION ALL
    SELECT r.id AS receipt, g.donation AS donation, r.state AS state FROM receipt AS r JOIN receipt_request_gift AS g ON g.request = r.request
