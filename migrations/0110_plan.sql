CREATE TABLE delivery_plan (
    engagement  TEXT PRIMARY KEY REFERENCES engagement (id),
    state       TEXT NOT NULL CHECK (state IN ('draft', 'proposed', 'agreed')),
    version     BIGINT NOT NULL,
    form        TEXT NOT NULL,
    content     TEXT NOT NULL,
    reason      TEXT NOT NULL DEFAULT '',
    proposed_by TEXT REFERENCES account (id),
    proposed_at TIMESTAMPTZ,
    agreed_by   TEXT REFERENCES account (id),
    agreed_at   TIMESTAMPTZ
);

CREATE TABLE delivery_milestone (
    engagement  TEXT NOT NULL REFERENCES engagement (id),
    seq         BIGINT NOT NULL,
    report      TEXT NOT NULL,
    reported_by TEXT NOT NULL REFERENCES account (id),
    reported_at TIMESTAMPTZ,
    accepted_by TEXT REFERENCES account (id),
    accepted_at TIMESTAMPTZ,
    note        TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (engagement, seq)
);

CREATE TABLE delivery_evidence (
    id         TEXT PRIMARY KEY,
    engagement TEXT NOT NULL REFERENCES engagement (id),
    milestone  BIGINT NOT NULL,
    output     TEXT NOT NULL DEFAULT '',
    quantity   BIGINT NOT NULL CHECK (quantity >= 0),
    people     BIGINT NOT NULL CHECK (people >= 0),
    done_on    TIMESTAMPTZ NOT NULL,
    place      TEXT NOT NULL DEFAULT '',
    note       TEXT NOT NULL DEFAULT '',
    added_by   TEXT NOT NULL REFERENCES account (id),
    added_at   TIMESTAMPTZ NOT NULL,
    void_why   TEXT NOT NULL DEFAULT '',
    void_at    TIMESTAMPTZ
);

CREATE INDEX delivery_evidence_by_engagement ON delivery_evidence (engagement, id);
