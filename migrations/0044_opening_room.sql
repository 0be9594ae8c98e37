-- The opening as it goes: gathering, reading, confirming, closed.

CREATE TABLE opening_next (
    id          TEXT PRIMARY KEY,
    tender      TEXT NOT NULL UNIQUE REFERENCES tender (id),
    state       TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    bidders     INTEGER NOT NULL,
    least       INTEGER NOT NULL,
    article     TEXT NOT NULL DEFAULT '',
    opened_at   TIMESTAMPTZ NOT NULL,
    opened_by   TEXT NOT NULL REFERENCES account (id),
    opener_name TEXT NOT NULL,
    opener_role TEXT NOT NULL DEFAULT '',
    holders     TEXT NOT NULL DEFAULT '[]',
    stopped_why TEXT NOT NULL DEFAULT '',
    remark      TEXT NOT NULL DEFAULT '',
    closed_at   TIMESTAMPTZ,
    record      TEXT REFERENCES document (id)
);

INSERT INTO opening_next (id, tender, state, outcome, bidders, least, article, opened_at, opened_by, opener_name, closed_at, record)
SELECT id, tender, 'closed', outcome, bidders, least, article, opened_at, opened_by, opener_name, opened_at, record FROM opening;

DROP TABLE opening;

ALTER TABLE opening_next RENAME TO opening;

ALTER TABLE opening_line ADD COLUMN failed TEXT NOT NULL DEFAULT '';

CREATE TABLE opening_answer (
    id     TEXT PRIMARY KEY,
    tender TEXT NOT NULL REFERENCES tender (id),
    bid    TEXT NOT NULL REFERENCES bid (id),
    kind   TEXT NOT NULL,
    text   TEXT NOT NULL DEFAULT '',
    at     TIMESTAMPTZ NOT NULL,
    by     TEXT NOT NULL REFERENCES account (id)
);

CREATE INDEX opening_answer_by_tender ON opening_answer (tender, id);

CREATE TABLE opening_event (
    tender TEXT NOT NULL REFERENCES tender (id),
    seq    INTEGER NOT NULL,
    kind   TEXT NOT NULL,
    data   TEXT NOT NULL,
    at     TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (tender, seq)
);
