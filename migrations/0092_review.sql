CREATE TABLE review_round (
    call       TEXT NOT NULL REFERENCES funding_call (id),
    round      BIGINT NOT NULL,
    opened_by  TEXT NOT NULL REFERENCES account (id),
    opened_at  TIMESTAMPTZ NOT NULL,
    settled_by TEXT REFERENCES account (id),
    settled_at TIMESTAMPTZ,
    PRIMARY KEY (call, round)
);

CREATE TABLE reviewer (
    id          TEXT PRIMARY KEY,
    call        TEXT NOT NULL REFERENCES funding_call (id),
    round       BIGINT NOT NULL,
    account     TEXT NOT NULL REFERENCES account (id),
    name        TEXT NOT NULL,
    named_by    TEXT NOT NULL REFERENCES account (id),
    named_at    TIMESTAMPTZ NOT NULL,
    declared_at TIMESTAMPTZ,
    removed_at  TIMESTAMPTZ,
    reason      TEXT NOT NULL DEFAULT '',
    UNIQUE (call, round, account)
);

CREATE INDEX reviewer_by_account ON reviewer (account, id);

CREATE TABLE review_conflict (
    reviewer    TEXT NOT NULL REFERENCES reviewer (id),
    application TEXT NOT NULL REFERENCES application (id),
    why         TEXT NOT NULL,
    declared    BOOLEAN NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (reviewer, application)
);

CREATE TABLE review_sheet (
    reviewer    TEXT NOT NULL REFERENCES reviewer (id),
    application TEXT NOT NULL REFERENCES application (id),
    version     BIGINT NOT NULL,
    scores      TEXT NOT NULL,
    comment     TEXT NOT NULL,
    total       BIGINT,
    saved_at    TIMESTAMPTZ NOT NULL,
    handed_at   TIMESTAMPTZ,
    PRIMARY KEY (reviewer, application),
    CHECK (handed_at IS NULL OR total BETWEEN 0 AND 10000)
);

CREATE TABLE review_outcome (
    call        TEXT NOT NULL REFERENCES funding_call (id),
    round       BIGINT NOT NULL,
    application TEXT NOT NULL REFERENCES application (id),
    passed      BOOLEAN NOT NULL,
    mean        BIGINT NOT NULL,
    spread      BIGINT NOT NULL,
    sheets      BIGINT NOT NULL,
    reason      TEXT NOT NULL,
    PRIMARY KEY (call, round, application)
);
