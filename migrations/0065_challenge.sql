CREATE TABLE challenge (
    id             TEXT PRIMARY KEY,
    kind           TEXT NOT NULL,
    number         TEXT NOT NULL UNIQUE,
    stage          TEXT NOT NULL,
    tender         TEXT NOT NULL REFERENCES tender (id),
    buyer          TEXT NOT NULL REFERENCES organisation (id),
    raiser         TEXT NOT NULL REFERENCES organisation (id),
    raiser_name    TEXT NOT NULL,
    parent         TEXT REFERENCES challenge (id),
    state          TEXT NOT NULL,
    points         TEXT NOT NULL,
    contact        TEXT NOT NULL,
    authority      TEXT NOT NULL DEFAULT '',
    known_at       TIMESTAMPTZ NOT NULL,
    window_ends    TIMESTAMPTZ,
    received_at    TIMESTAMPTZ NOT NULL,
    raised_by      TEXT NOT NULL REFERENCES account (id),
    outcome        TEXT NOT NULL DEFAULT '',
    effect         TEXT NOT NULL DEFAULT '',
    answer         TEXT NOT NULL DEFAULT '',
    grounds        TEXT NOT NULL DEFAULT '',
    letter         TEXT NOT NULL DEFAULT '',
    answered_by    TEXT REFERENCES account (id),
    decided_by     TEXT REFERENCES account (id),
    decided_at     TIMESTAMPTZ,
    accepted_at    TIMESTAMPTZ,
    copied_at      TIMESTAMPTZ,
    reason         TEXT NOT NULL DEFAULT '',
    document       TEXT REFERENCES document (id),
    version        BIGINT NOT NULL
);

CREATE INDEX challenge_by_tender ON challenge (tender, id);

CREATE INDEX challenge_by_raiser ON challenge (raiser, id);

CREATE INDEX challenge_by_buyer ON challenge (buyer, state, id);

CREATE TABLE suspension (
    id         TEXT PRIMARY KEY,
    tender     TEXT NOT NULL REFERENCES tender (id),
    cause      TEXT NOT NULL,
    whole      BOOLEAN NOT NULL,
    reason     TEXT NOT NULL,
    article    TEXT NOT NULL,
    from_at    TIMESTAMPTZ NOT NULL,
    until_at   TIMESTAMPTZ,
    ended_at   TIMESTAMPTZ
);

CREATE INDEX suspension_by_tender ON suspension (tender, id);
