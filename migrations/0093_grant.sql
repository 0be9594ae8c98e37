CREATE TABLE grant_decision (
    id            TEXT PRIMARY KEY,
    call          TEXT NOT NULL REFERENCES funding_call (id),
    application   TEXT NOT NULL REFERENCES application (id),
    seq           BIGINT NOT NULL,
    funded        BOOLEAN NOT NULL,
    amount        BIGINT NOT NULL CHECK (amount >= 0),
    reason        TEXT NOT NULL,
    found         TEXT NOT NULL,
    found_reason  TEXT NOT NULL DEFAULT '',
    decided_by    TEXT NOT NULL REFERENCES account (id),
    decided_at    TIMESTAMPTZ NOT NULL,
    appeal_until  TIMESTAMPTZ NOT NULL,
    overturned_at TIMESTAMPTZ,
    UNIQUE (application, seq)
);

CREATE UNIQUE INDEX grant_decision_stands ON grant_decision (application) WHERE overturned_at IS NULL;

CREATE TABLE grant_appeal (
    id          TEXT PRIMARY KEY,
    decision    TEXT NOT NULL UNIQUE REFERENCES grant_decision (id),
    application TEXT NOT NULL REFERENCES application (id),
    grounds     TEXT NOT NULL,
    raised_by   TEXT NOT NULL REFERENCES account (id),
    raised_at   TIMESTAMPTZ NOT NULL,
    answer_by   TIMESTAMPTZ NOT NULL,
    upheld      BOOLEAN,
    answer      TEXT NOT NULL DEFAULT '',
    answered_by TEXT REFERENCES account (id),
    answered_at TIMESTAMPTZ
);

CREATE TABLE grant_award (
    id              TEXT PRIMARY KEY,
    call            TEXT NOT NULL REFERENCES funding_call (id),
    call_title      TEXT NOT NULL,
    kind            TEXT NOT NULL,
    application     TEXT NOT NULL REFERENCES application (id),
    decision        TEXT NOT NULL UNIQUE REFERENCES grant_decision (id),
    foundation      TEXT NOT NULL REFERENCES organisation (id),
    foundation_name TEXT NOT NULL,
    organisation    TEXT NOT NULL REFERENCES organisation (id),
    org_name        TEXT NOT NULL,
    fund            TEXT REFERENCES fund (id),
    number          TEXT NOT NULL,
    title           TEXT NOT NULL,
    purpose         TEXT NOT NULL,
    amount          BIGINT NOT NULL CHECK (amount >= 0),
    start_on        TIMESTAMPTZ NOT NULL,
    end_on          TIMESTAMPTZ NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('offered', 'signed', 'refused', 'graduated')),
    document        TEXT NOT NULL REFERENCES document (id),
    demo            BOOLEAN NOT NULL DEFAULT FALSE,
    decided_by      TEXT NOT NULL REFERENCES account (id),
    decided_at      TIMESTAMPTZ NOT NULL,
    signed_by       TEXT REFERENCES account (id),
    signed_at       TIMESTAMPTZ,
    graduated_at    TIMESTAMPTZ,
    note            TEXT NOT NULL DEFAULT '',
    UNIQUE (foundation, number)
);

CREATE INDEX grant_award_by_organisation ON grant_award (organisation, id);

CREATE INDEX grant_award_by_foundation ON grant_award (foundation, id);

CREATE INDEX grant_award_by_call ON grant_award (call, id);

CREATE TABLE grant_milestone (
    award       TEXT NOT NULL REFERENCES grant_award (id),
    seq         BIGINT NOT NULL,
    name        TEXT NOT NULL,
    condition   TEXT NOT NULL,
    due_on      TIMESTAMPTZ NOT NULL,
    amount      BIGINT NOT NULL CHECK (amount >= 0),
    report      TEXT NOT NULL DEFAULT '',
    reported_at TIMESTAMPTZ,
    accepted_by TEXT REFERENCES account (id),
    accepted_at TIMESTAMPTZ,
    note        TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (award, seq)
);

ALTER TABLE payment ADD COLUMN award TEXT REFERENCES grant_award (id);

ALTER TABLE payment ADD COLUMN milestone BIGINT;

CREATE UNIQUE INDEX payment_of_milestone ON payment (award, milestone) WHERE award IS NOT NULL;
