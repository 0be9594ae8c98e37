ALTER TABLE ledger_transaction ADD COLUMN on_day TEXT NOT NULL DEFAULT '';

ALTER TABLE ledger_book ADD COLUMN closed_month TEXT NOT NULL DEFAULT '';

CREATE TABLE ledger_step (
    account  TEXT NOT NULL REFERENCES account (id),
    idem_key TEXT NOT NULL,
    verb     TEXT NOT NULL,
    object   TEXT NOT NULL,
    content  TEXT NOT NULL,
    at       TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (account, idem_key)
);

ALTER TABLE donation ADD COLUMN refund_reason TEXT NOT NULL DEFAULT '';

ALTER TABLE donation ADD COLUMN refund_asked_by TEXT REFERENCES account (id);

ALTER TABLE donation ADD COLUMN refund_asked_at TIMESTAMPTZ;

ALTER TABLE donation ADD COLUMN refund_tx TEXT REFERENCES ledger_transaction (id);

ALTER TABLE donation ADD COLUMN refunded_at TIMESTAMPTZ;
