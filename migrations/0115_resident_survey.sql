CREATE TABLE resident_survey (
    id           TEXT PRIMARY KEY,
    engagement   TEXT NOT NULL UNIQUE REFERENCES engagement (id),
    title        TEXT NOT NULL,
    intro        TEXT NOT NULL DEFAULT '',
    questions    TEXT NOT NULL,
    poster       BOOLEAN NOT NULL DEFAULT FALSE,
    opens_at     TIMESTAMPTZ NOT NULL,
    closes_at    TIMESTAMPTZ NOT NULL,
    version      BIGINT NOT NULL,
    maker        TEXT NOT NULL REFERENCES organisation (id),
    maker_name   TEXT NOT NULL,
    made_at      TIMESTAMPTZ NOT NULL,
    published_by TEXT REFERENCES account (id),
    published_at TIMESTAMPTZ,
    CHECK (opens_at < closes_at)
);

CREATE TABLE resident_batch (
    survey    TEXT NOT NULL REFERENCES resident_survey (id),
    seq       BIGINT NOT NULL,
    count     BIGINT NOT NULL CHECK (count > 0),
    note      TEXT NOT NULL DEFAULT '',
    issued_by TEXT NOT NULL REFERENCES account (id),
    issued_at TIMESTAMPTZ NOT NULL,
    void_why  TEXT NOT NULL DEFAULT '',
    void_at   TIMESTAMPTZ,
    PRIMARY KEY (survey, seq)
);

CREATE TABLE resident_ticket (
    hash   TEXT PRIMARY KEY,
    survey TEXT NOT NULL REFERENCES resident_survey (id),
    batch  BIGINT NOT NULL,
    used   BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE INDEX resident_ticket_by_survey ON resident_ticket (survey, batch);

CREATE TABLE resident_answer (
    id       TEXT PRIMARY KEY,
    survey   TEXT NOT NULL,
    way      TEXT NOT NULL CHECK (way IN ('invited', 'open')),
    score    BIGINT NOT NULL CHECK (score BETWEEN 1 AND 5),
    content  TEXT NOT NULL,
    received TIMESTAMPTZ NOT NULL,
    origin   TEXT NOT NULL DEFAULT ''
);

CREATE INDEX resident_answer_by_survey ON resident_answer (survey, way, received, origin);

CREATE TABLE resident_remark (
    id         TEXT PRIMARY KEY,
    survey     TEXT NOT NULL REFERENCES resident_survey (id),
    way        TEXT NOT NULL CHECK (way IN ('invited', 'open')),
    question   TEXT NOT NULL,
    text       TEXT NOT NULL,
    masked     BOOLEAN NOT NULL DEFAULT FALSE,
    state      TEXT NOT NULL CHECK (state IN ('held', 'shown', 'refused')),
    ground     TEXT NOT NULL DEFAULT '',
    decided_by TEXT REFERENCES account (id),
    decided_at TIMESTAMPTZ
);

CREATE INDEX resident_remark_by_survey ON resident_remark (survey, state, id);

CREATE TABLE resident_salt (
    day  TEXT PRIMARY KEY,
    salt TEXT NOT NULL
);

CREATE TABLE resident_refusal (
    survey TEXT NOT NULL REFERENCES resident_survey (id),
    hour   TIMESTAMPTZ NOT NULL,
    count  BIGINT NOT NULL,
    PRIMARY KEY (survey, hour)
);

CREATE TABLE engagement_neighbour (
    engagement   TEXT NOT NULL REFERENCES engagement (id),
    organisation TEXT NOT NULL REFERENCES organisation (id),
    name         TEXT NOT NULL,
    named_by     TEXT NOT NULL REFERENCES account (id),
    named_at     TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (engagement, organisation)
);

CREATE INDEX engagement_neighbour_by_organisation ON engagement_neighbour (organisation, engagement);

CREATE TABLE community_assessment (
    engagement   TEXT NOT NULL REFERENCES engagement (id),
    organisation TEXT NOT NULL REFERENCES organisation (id),
    name         TEXT NOT NULL,
    score        BIGINT NOT NULL CHECK (score BETWEEN 0 AND 10000),
    parts        TEXT NOT NULL,
    words        TEXT NOT NULL,
    given_by     TEXT NOT NULL REFERENCES account (id),
    given_at     TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (engagement, organisation)
);
