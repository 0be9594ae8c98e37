ALTER TABLE fund ADD COLUMN members TEXT NOT NULL DEFAULT '[]';

ALTER TABLE fund ADD COLUMN members_public BOOLEAN NOT NULL DEFAULT FALSE;

ALTER TABLE fund ADD COLUMN ends_on TIMESTAMPTZ;

ALTER TABLE fund ADD COLUMN surplus_to TEXT NOT NULL DEFAULT '' CHECK (surplus_to IN ('', 'fund', 'charity'));

ALTER TABLE fund ADD COLUMN board_on TIMESTAMPTZ;

ALTER TABLE fund ADD COLUMN board_no TEXT NOT NULL DEFAULT '';

ALTER TABLE fund ADD COLUMN document TEXT REFERENCES document (id);

CREATE TABLE fund_closing (
    id            TEXT PRIMARY KEY,
    fund          TEXT NOT NULL REFERENCES fund (id),
    state         TEXT NOT NULL CHECK (state IN ('proposed', 'withdrawn', 'refused', 'done')),
    reason        TEXT NOT NULL,
    surplus_to    TEXT NOT NULL CHECK (surplus_to IN ('none', 'fund', 'charity')),
    to_fund       TEXT REFERENCES fund (id),
    to_org        TEXT REFERENCES organisation (id),
    to_name       TEXT NOT NULL DEFAULT '',
    likeness      TEXT NOT NULL DEFAULT '',
    left_open     TEXT NOT NULL DEFAULT '',
    board_on      TIMESTAMPTZ NOT NULL,
    board_no      TEXT NOT NULL,
    moved         BIGINT NOT NULL DEFAULT 0 CHECK (moved >= 0),
    ledger_tx     TEXT UNIQUE REFERENCES ledger_transaction (id),
    note          TEXT NOT NULL DEFAULT '',
    proposed_by   TEXT NOT NULL REFERENCES account (id),
    proposed_at   TIMESTAMPTZ NOT NULL,
    decided_by    TEXT REFERENCES account (id),
    decided_at    TIMESTAMPTZ,
    CHECK (state <> 'done' OR (decided_by IS NOT NULL AND decided_by <> proposed_by)),
    CHECK (moved = 0 OR (ledger_tx IS NOT NULL AND to_fund IS NOT NULL))
);

CREATE UNIQUE INDEX fund_closing_one ON fund_closing (fund) WHERE state IN ('proposed', 'done');

CREATE INDEX fund_closing_by_target ON fund_closing (to_fund);
