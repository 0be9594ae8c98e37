CREATE TABLE disclosure (
    id              TEXT PRIMARY KEY,
    foundation      TEXT NOT NULL REFERENCES organisation (id),
    foundation_name TEXT NOT NULL,
    subject_kind    TEXT NOT NULL,
    subject         TEXT NOT NULL,
    subject_name    TEXT NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('regular', 'emergency', 'final', 'yearly')),
    state           TEXT NOT NULL CHECK (state IN ('draft', 'review', 'published', 'corrected', 'dropped')),
    number          TEXT,
    edition         BIGINT NOT NULL CHECK (edition > 0),
    version         BIGINT NOT NULL,
    from_at         TIMESTAMPTZ NOT NULL,
    to_at           TIMESTAMPTZ NOT NULL,
    as_of           TIMESTAMPTZ NOT NULL,
    due_at          TIMESTAMPTZ,
    article         TEXT NOT NULL,
    summary         TEXT NOT NULL,
    explanation     TEXT NOT NULL,
    unit            TEXT NOT NULL,
    figures         TEXT NOT NULL,
    corrects        TEXT REFERENCES disclosure (id),
    why             TEXT NOT NULL DEFAULT '',
    reason          TEXT NOT NULL DEFAULT '',
    document        TEXT REFERENCES document (id),
    demo            BOOLEAN NOT NULL DEFAULT FALSE,
    drafted_by      TEXT NOT NULL REFERENCES account (id),
    published_by    TEXT REFERENCES account (id),
    created_at      TIMESTAMPTZ NOT NULL,
    updated_at      TIMESTAMPTZ NOT NULL,
    submitted_at    TIMESTAMPTZ,
    published_at    TIMESTAMPTZ,
    corrected_at    TIMESTAMPTZ,
    UNIQUE (foundation, number, edition),
    CHECK (state IN ('draft', 'review', 'dropped') OR (number IS NOT NULL AND published_at IS NOT NULL AND published_by IS NOT NULL AND published_by <> drafted_by))
);

CREATE UNIQUE INDEX disclosure_at_work ON disclosure (subject, kind) WHERE state IN ('draft', 'review');

CREATE UNIQUE INDEX disclosure_corrected_once ON disclosure (corrects) WHERE corrects IS NOT NULL AND state <> 'dropped';

CREATE INDEX disclosure_by_foundation ON disclosure (foundation, id);

CREATE INDEX disclosure_by_subject ON disclosure (subject, id);

CREATE TABLE disclosure_emergency (
    id           TEXT PRIMARY KEY,
    foundation   TEXT NOT NULL REFERENCES organisation (id),
    subject_kind TEXT NOT NULL,
    subject      TEXT NOT NULL,
    why          TEXT NOT NULL,
    from_at      TIMESTAMPTZ NOT NULL,
    until_at     TIMESTAMPTZ,
    declared_by  TEXT NOT NULL REFERENCES account (id),
    ended_by     TEXT REFERENCES account (id)
);

CREATE UNIQUE INDEX disclosure_emergency_one ON disclosure_emergency (subject) WHERE until_at IS NULL;

CREATE INDEX disclosure_emergency_by_foundation ON disclosure_emergency (foundation, id);

CREATE TABLE disclosure_label (
    donation TEXT PRIMARY KEY REFERENCES donation (id),
    fund     TEXT NOT NULL REFERENCES fund (id),
    line     TEXT NOT NULL,
    heading  TEXT NOT NULL,
    set_by   TEXT NOT NULL REFERENCES account (id),
    set_at   TIMESTAMPTZ NOT NULL
);

CREATE INDEX disclosure_label_by_fund ON disclosure_label (fund);

CREATE TABLE disclosure_reminder (
    subject TEXT NOT NULL,
    kind    TEXT NOT NULL,
    due_at  TIMESTAMPTZ NOT NULL,
    stage   TEXT NOT NULL CHECK (stage IN ('soon', 'late')),
    sent_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (subject, kind, due_at, stage)
);
