CREATE TABLE delivery_revision (
    id           TEXT PRIMARY KEY,
    engagement   TEXT NOT NULL REFERENCES engagement (id),
    kind         TEXT NOT NULL CHECK (kind IN ('terminate', 'extend')),
    state        TEXT NOT NULL CHECK (state IN ('proposed', 'approved', 'returned')),
    side         TEXT NOT NULL CHECK (side IN ('payer', 'provider')),
    reason       TEXT NOT NULL,
    clause       TEXT NOT NULL DEFAULT '',
    delivered    TEXT NOT NULL DEFAULT '',
    settled      BIGINT,
    ends_on      TIMESTAMPTZ,
    was_end      TIMESTAMPTZ NOT NULL,
    statement_by TIMESTAMPTZ NOT NULL,
    statement    TEXT NOT NULL DEFAULT '',
    stated_by    TEXT REFERENCES account (id),
    stated_at    TIMESTAMPTZ,
    proposed_by  TEXT NOT NULL REFERENCES account (id),
    proposed_at  TIMESTAMPTZ NOT NULL,
    decided_by   TEXT REFERENCES account (id),
    decided_at   TIMESTAMPTZ,
    note         TEXT NOT NULL DEFAULT ''
);

CREATE UNIQUE INDEX delivery_revision_open ON delivery_revision (engagement) WHERE state = 'proposed';

CREATE INDEX delivery_revision_by_engagement ON delivery_revision (engagement, id);
