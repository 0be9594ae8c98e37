ALTER TABLE payment ADD COLUMN round BIGINT NOT NULL DEFAULT 0;

ALTER TABLE payment ADD COLUMN approvals_needed INTEGER NOT NULL DEFAULT 1;

ALTER TABLE payment ADD COLUMN resolution_on TIMESTAMPTZ;

ALTER TABLE payment ADD COLUMN resolution_no TEXT NOT NULL DEFAULT '';

CREATE TABLE payment_approval (
    payment TEXT NOT NULL REFERENCES payment (id),
    round   BIGINT NOT NULL,
    account TEXT NOT NULL REFERENCES account (id),
    name    TEXT NOT NULL,
    at      TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (payment, round, account)
);

CREATE TABLE payment_limit (
    id          TEXT PRIMARY KEY,
    foundation  TEXT NOT NULL REFERENCES organisation (id),
    state       TEXT NOT NULL CHECK (state IN ('proposed', 'approved', 'refused')),
    two_above   BIGINT CHECK (two_above >= 0),
    board_above BIGINT CHECK (board_above >= 0),
    reason      TEXT NOT NULL DEFAULT '',
    proposed_by TEXT NOT NULL REFERENCES account (id),
    proposed_at TIMESTAMPTZ NOT NULL,
    decided_by  TEXT REFERENCES account (id),
    decided_at  TIMESTAMPTZ,
    CHECK (state <> 'approved' OR (decided_by IS NOT NULL AND decided_by <> proposed_by))
);

CREATE UNIQUE INDEX payment_limit_one ON payment_limit (foundation) WHERE state = 'proposed';

CREATE INDEX payment_limit_by_foundation ON payment_limit (foundation, decided_at);
