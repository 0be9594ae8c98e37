CREATE TABLE need_proposal (
    id             TEXT PRIMARY KEY,
    code           TEXT NOT NULL UNIQUE,
    community      TEXT NOT NULL REFERENCES organisation (id),
    community_name TEXT NOT NULL,
    title          TEXT NOT NULL,
    body           TEXT NOT NULL,
    people         TEXT NOT NULL DEFAULT '',
    masked         BOOLEAN NOT NULL DEFAULT FALSE,
    origin         TEXT NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('held', 'taken', 'merged', 'declined')),
    need           TEXT REFERENCES community_need (id),
    answer         TEXT NOT NULL DEFAULT '',
    answer_due     TIMESTAMPTZ NOT NULL,
    on_day         TIMESTAMPTZ NOT NULL,
    decided_by     TEXT REFERENCES account (id),
    decided_at     TIMESTAMPTZ
);

CREATE INDEX need_proposal_by_community ON need_proposal (community, state, id);

CREATE INDEX need_proposal_by_need ON need_proposal (need);

ALTER TABLE community_need ADD COLUMN next_by TIMESTAMPTZ;
