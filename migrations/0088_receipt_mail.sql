CREATE TABLE receipt_address (
    donation TEXT PRIMARY KEY REFERENCES donation (id),
    address  TEXT NOT NULL,
    set_by   TEXT NOT NULL REFERENCES account (id),
    set_at   TIMESTAMPTZ NOT NULL
);

CREATE TABLE receipt_mail (
    receipt   TEXT PRIMARY KEY REFERENCES receipt (id),
    batch     TEXT NOT NULL REFERENCES receipt_batch (id),
    address   TEXT NOT NULL,
    state     TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'unsure')),
    tries     INTEGER NOT NULL,
    problem   TEXT NOT NULL,
    queued_by TEXT NOT NULL REFERENCES account (id),
    queued_at TIMESTAMPTZ NOT NULL,
    tried_at  TIMESTAMPTZ,
    sent_at   TIMESTAMPTZ
);

CREATE INDEX receipt_mail_by_batch ON receipt_mail (batch, state, receipt);
