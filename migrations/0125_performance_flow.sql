-- The states of an evaluation grow by 审核自评 and 异议期; neither database lets
-- a CHECK be changed alike, so the table is made anew. Nothing points to it.
CREATE TABLE performance_next (
    id            TEXT PRIMARY KEY,
    engagement    TEXT NOT NULL UNIQUE REFERENCES engagement (id),
    payer         TEXT NOT NULL REFERENCES organisation (id),
    provider      TEXT NOT NULL REFERENCES organisation (id),
    number        TEXT,
    state         TEXT NOT NULL CHECK (state IN ('self', 'check', 'scoring', 'review', 'notice', 'published')),
    version       BIGINT NOT NULL,
    tree          TEXT NOT NULL,
    rules         TEXT NOT NULL,
    self_due      TIMESTAMPTZ NOT NULL,
    self_report   TEXT NOT NULL,
    self_at       TIMESTAMPTZ,
    self_note     TEXT NOT NULL DEFAULT '',
    checked_by    TEXT REFERENCES account (id),
    checked_at    TIMESTAMPTZ,
    sheet         TEXT NOT NULL,
    stamps        TEXT NOT NULL DEFAULT '{}',
    facts         TEXT NOT NULL DEFAULT '[]',
    course        TEXT NOT NULL DEFAULT '[]',
    lines         TEXT NOT NULL,
    pillars       TEXT NOT NULL,
    problems      TEXT NOT NULL,
    total         BIGINT CHECK (total BETWEEN 0 AND 10000),
    grade         TEXT NOT NULL DEFAULT '',
    reason        TEXT NOT NULL DEFAULT '',
    started_by    TEXT NOT NULL REFERENCES account (id),
    scorers       TEXT NOT NULL,
    submitted_by  TEXT REFERENCES account (id),
    approved_by   TEXT REFERENCES account (id),
    document      TEXT REFERENCES document (id),
    code          TEXT NOT NULL DEFAULT '',
    started_at    TIMESTAMPTZ NOT NULL,
    updated_at    TIMESTAMPTZ NOT NULL,
    submitted_at  TIMESTAMPTZ,
    notice_at     TIMESTAMPTZ,
    objection_due TIMESTAMPTZ,
    accepted_at   TIMESTAMPTZ,
    published_at  TIMESTAMPTZ,
    UNIQUE (payer, number),
    CHECK (state NOT IN ('notice', 'published') OR (total IS NOT NULL AND approved_by <> submitted_by)),
    CHECK (state <> 'published' OR (number IS NOT NULL AND document IS NOT NULL AND published_at IS NOT NULL))
);

INSERT INTO performance_next (id, engagement, payer, provider, number, state, version, tree, rules, self_due, self_report, self_at, sheet, lines,
    pillars, problems, total, grade, reason, started_by, scorers, submitted_by, approved_by, document, code, started_at, updated_at, submitted_at, published_at)
SELECT id, engagement, payer, provider, number, state, version, REPLACE(tree, '"kind":"quantitative"', '"kind":"ratio"'), rules, self_due,
    REPLACE(self_report, '"note":', '"reason":'), self_at, sheet, lines,
    REPLACE(REPLACE(REPLACE(pillars, '"Name":', '"name":'), '"Weight":', '"weight":'), '"Points":', '"points":'),
    problems, total, grade, reason, started_by, scorers, submitted_by, approved_by, document, code, started_at, updated_at, submitted_at, published_at
FROM performance;

DROP TABLE performance;

ALTER TABLE performance_next RENAME TO performance;

CREATE INDEX performance_by_payer ON performance (payer, state, id);

CREATE INDEX performance_by_provider ON performance (provider, state, id);

CREATE TABLE performance_objection (
    evaluation  TEXT NOT NULL REFERENCES performance (id),
    seq         BIGINT NOT NULL CHECK (seq > 0),
    lines       TEXT NOT NULL,
    text        TEXT NOT NULL,
    total       BIGINT NOT NULL,
    grade       TEXT NOT NULL,
    raised_by   TEXT NOT NULL REFERENCES account (id),
    raised_at   TIMESTAMPTZ NOT NULL,
    answer_due  TIMESTAMPTZ NOT NULL,
    upheld      BOOLEAN,
    answer      TEXT NOT NULL DEFAULT '',
    answered_by TEXT REFERENCES account (id),
    answered_at TIMESTAMPTZ,
    PRIMARY KEY (evaluation, seq),
    CHECK ((upheld IS NULL) = (answered_at IS NULL) AND (upheld IS NULL) = (answered_by IS NULL))
);

CREATE TABLE performance_rectification (
    id            TEXT PRIMARY KEY,
    evaluation    TEXT NOT NULL REFERENCES performance (id),
    seq           BIGINT NOT NULL,
    finding       TEXT NOT NULL,
    rectification TEXT NOT NULL,
    responsible   TEXT NOT NULL DEFAULT '',
    due           TIMESTAMPTZ NOT NULL,
    answer        TEXT NOT NULL DEFAULT '',
    answered_by   TEXT REFERENCES account (id),
    answered_at   TIMESTAMPTZ,
    reason        TEXT NOT NULL DEFAULT '',
    closed_by     TEXT REFERENCES account (id),
    closed_at     TIMESTAMPTZ,
    UNIQUE (evaluation, seq),
    CHECK (closed_at IS NULL OR (answered_at IS NOT NULL AND closed_by IS NOT NULL))
);

CREATE INDEX performance_rectification_open ON performance_rectification (due) WHERE closed_at IS NULL;
