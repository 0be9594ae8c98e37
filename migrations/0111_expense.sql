CREATE TABLE expense_report (
    id           TEXT PRIMARY KEY,
    engagement   TEXT NOT NULL REFERENCES engagement (id),
    provider     TEXT NOT NULL REFERENCES organisation (id),
    week         TIMESTAMPTZ NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('draft', 'submitted', 'accepted')),
    version      BIGINT NOT NULL,
    form         TEXT NOT NULL,
    total        BIGINT NOT NULL CHECK (total >= 0),
    reason       TEXT NOT NULL DEFAULT '',
    drafted_by   TEXT NOT NULL REFERENCES account (id),
    created_at   TIMESTAMPTZ NOT NULL,
    submitted_by TEXT REFERENCES account (id),
    submitted_at TIMESTAMPTZ,
    decided_by   TEXT REFERENCES account (id),
    decided_at   TIMESTAMPTZ,
    UNIQUE (engagement, week)
);

CREATE TABLE expense_item (
    report     TEXT NOT NULL REFERENCES expense_report (id),
    seq        BIGINT NOT NULL,
    engagement TEXT NOT NULL REFERENCES engagement (id),
    provider   TEXT NOT NULL REFERENCES organisation (id),
    line       TEXT NOT NULL,
    spent_on   TIMESTAMPTZ NOT NULL,
    purpose    TEXT NOT NULL,
    payee      TEXT NOT NULL,
    invoice    TEXT NOT NULL,
    amount     BIGINT NOT NULL CHECK (amount > 0),
    PRIMARY KEY (report, seq)
);

CREATE UNIQUE INDEX expense_item_invoice ON expense_item (provider, invoice);

CREATE INDEX expense_item_by_engagement ON expense_item (engagement, spent_on);
