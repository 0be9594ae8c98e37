CREATE TABLE engagement (
    id             TEXT PRIMARY KEY,
    kind           TEXT NOT NULL CHECK (kind IN ('contract', 'grant')),
    ref            TEXT NOT NULL,
    number         TEXT NOT NULL DEFAULT '',
    source         TEXT NOT NULL DEFAULT '',
    payer          TEXT NOT NULL REFERENCES organisation (id),
    payer_name     TEXT NOT NULL,
    provider       TEXT NOT NULL REFERENCES organisation (id),
    provider_name  TEXT NOT NULL,
    evaluator      TEXT REFERENCES organisation (id),
    evaluator_name TEXT NOT NULL DEFAULT '',
    title          TEXT NOT NULL,
    amount         BIGINT NOT NULL CHECK (amount > 0),
    start_on       TIMESTAMPTZ NOT NULL,
    end_on         TIMESTAMPTZ NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('running', 'closed', 'evaluated')),
    reason         TEXT NOT NULL DEFAULT '',
    demo           BOOLEAN NOT NULL DEFAULT FALSE,
    opened_at      TIMESTAMPTZ NOT NULL,
    closed_at      TIMESTAMPTZ,
    UNIQUE (kind, ref),
    CHECK (payer <> provider AND evaluator <> payer AND evaluator <> provider),
    CHECK (start_on <= end_on)
);

CREATE INDEX engagement_by_payer ON engagement (payer, id);

CREATE INDEX engagement_by_provider ON engagement (provider, id);

CREATE INDEX engagement_by_evaluator ON engagement (evaluator, id);
