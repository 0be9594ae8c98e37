CREATE TABLE community_need (
    id             TEXT PRIMARY KEY,
    community      TEXT NOT NULL REFERENCES organisation (id),
    community_name TEXT NOT NULL,
    region         TEXT NOT NULL DEFAULT '',
    title          TEXT NOT NULL,
    body           TEXT NOT NULL,
    people         TEXT NOT NULL,
    service        TEXT NOT NULL DEFAULT '',
    service_name   TEXT NOT NULL DEFAULT '',
    step           TEXT NOT NULL CHECK (step IN ('collected', 'settled', 'consulted', 'decided', 'supervised', 'judged', 'declined')),
    made_by        TEXT NOT NULL REFERENCES account (id),
    made_at        TIMESTAMPTZ NOT NULL
);

CREATE INDEX community_need_by_community ON community_need (community, id);

CREATE TABLE need_step (
    need    TEXT NOT NULL REFERENCES community_need (id),
    seq     BIGINT NOT NULL,
    step    TEXT NOT NULL,
    held_on TIMESTAMPTZ,
    people  BIGINT NOT NULL DEFAULT 0,
    note    TEXT NOT NULL,
    by_name TEXT NOT NULL,
    done_by TEXT NOT NULL REFERENCES account (id),
    done_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (need, seq)
);

CREATE TABLE need_support (
    need   TEXT NOT NULL REFERENCES community_need (id),
    mark   TEXT NOT NULL,
    origin TEXT NOT NULL,
    on_day TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (need, mark)
);

CREATE INDEX need_support_by_origin ON need_support (need, origin);

CREATE TABLE need_word (
    id         TEXT PRIMARY KEY,
    need       TEXT NOT NULL REFERENCES community_need (id),
    text       TEXT NOT NULL,
    masked     BOOLEAN NOT NULL DEFAULT FALSE,
    origin     TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('held', 'shown', 'refused')),
    ground     TEXT NOT NULL DEFAULT '',
    on_day     TIMESTAMPTZ NOT NULL,
    decided_by TEXT REFERENCES account (id),
    decided_at TIMESTAMPTZ
);

CREATE INDEX need_word_by_need ON need_word (need, state, id);

CREATE TABLE need_link (
    need    TEXT NOT NULL REFERENCES community_need (id),
    kind    TEXT NOT NULL CHECK (kind IN ('tender', 'call', 'engagement')),
    ref     TEXT NOT NULL,
    title   TEXT NOT NULL,
    made_by TEXT NOT NULL REFERENCES account (id),
    made_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (need, kind, ref)
);

CREATE INDEX need_link_by_ref ON need_link (kind, ref);
