ALTER TABLE panel_member ADD COLUMN chosen TEXT NOT NULL DEFAULT 'named';

ALTER TABLE panel_member ADD COLUMN reason TEXT NOT NULL DEFAULT '';

ALTER TABLE panel_member ADD COLUMN code TEXT NOT NULL DEFAULT '';

ALTER TABLE panel_member ADD COLUMN declared_at TIMESTAMPTZ;

ALTER TABLE panel_member ADD COLUMN stood_aside TEXT NOT NULL DEFAULT '';

ALTER TABLE panel_member ADD COLUMN signed_at TIMESTAMPTZ;

ALTER TABLE panel_member ADD COLUMN dissent TEXT NOT NULL DEFAULT '';

UPDATE panel_member SET declared_at = named_at;

ALTER TABLE sheet ADD COLUMN failed TEXT NOT NULL DEFAULT '[]';

CREATE TABLE draw (
    id           TEXT PRIMARY KEY,
    tender       TEXT NOT NULL REFERENCES tender (id),
    purpose      TEXT NOT NULL,
    round        INTEGER NOT NULL,
    record       TEXT NOT NULL,
    secret       TEXT NOT NULL,
    committed_by TEXT NOT NULL REFERENCES account (id),
    committed_at TIMESTAMPTZ NOT NULL,
    drawn_by     TEXT REFERENCES account (id),
    drawn_at     TIMESTAMPTZ,
    UNIQUE (tender, purpose, round)
);

CREATE TABLE eligibility (
    id         TEXT PRIMARY KEY,
    tender     TEXT NOT NULL REFERENCES tender (id),
    bid        TEXT NOT NULL UNIQUE REFERENCES bid (id),
    passed     BOOLEAN NOT NULL,
    failed     TEXT NOT NULL DEFAULT '[]',
    reason     TEXT NOT NULL DEFAULT '',
    checked_by TEXT NOT NULL REFERENCES account (id),
    checked_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX eligibility_by_tender ON eligibility (tender, bid);

CREATE TABLE correction (
    id          TEXT PRIMARY KEY,
    tender      TEXT NOT NULL REFERENCES tender (id),
    member      TEXT NOT NULL REFERENCES panel_member (id),
    bid         TEXT NOT NULL REFERENCES bid (id),
    criterion   TEXT NOT NULL,
    ground      TEXT NOT NULL,
    question    TEXT NOT NULL,
    asked_by    TEXT NOT NULL REFERENCES panel_member (id),
    asked_at    TIMESTAMPTZ NOT NULL,
    was         BIGINT NOT NULL,
    became      BIGINT,
    answer      TEXT NOT NULL DEFAULT '',
    answered_at TIMESTAMPTZ
);

CREATE INDEX correction_by_tender ON correction (tender, id);

CREATE TABLE explanation (
    id          TEXT PRIMARY KEY,
    tender      TEXT NOT NULL REFERENCES tender (id),
    bid         TEXT NOT NULL UNIQUE REFERENCES bid (id),
    supplier    TEXT NOT NULL REFERENCES organisation (id),
    price       BIGINT NOT NULL,
    reasons     TEXT NOT NULL,
    why         TEXT NOT NULL DEFAULT '',
    asked_by    TEXT NOT NULL REFERENCES panel_member (id),
    asked_at    TIMESTAMPTZ NOT NULL,
    due_at      TIMESTAMPTZ NOT NULL,
    answer      TEXT NOT NULL DEFAULT '',
    answered_by TEXT REFERENCES account (id),
    answered_at TIMESTAMPTZ,
    votes       TEXT NOT NULL,
    accepted    BOOLEAN,
    decided_at  TIMESTAMPTZ
);

CREATE INDEX explanation_by_supplier ON explanation (supplier, id);

CREATE INDEX explanation_by_tender ON explanation (tender, id)
