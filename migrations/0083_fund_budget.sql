CREATE TABLE fund_budget (
    id           TEXT PRIMARY KEY,
    fund         TEXT NOT NULL REFERENCES fund (id),
    year         INTEGER NOT NULL CHECK (year BETWEEN 2000 AND 2199),
    state        TEXT NOT NULL CHECK (state IN ('draft', 'review', 'approved')),
    version      BIGINT NOT NULL,
    form         TEXT NOT NULL,
    lines        TEXT NOT NULL,
    reason       TEXT NOT NULL DEFAULT '',
    drafted_by   TEXT NOT NULL REFERENCES account (id),
    approved_by  TEXT REFERENCES account (id),
    created_at   TIMESTAMPTZ NOT NULL,
    updated_at   TIMESTAMPTZ NOT NULL,
    approved_at  TIMESTAMPTZ,
    UNIQUE (fund, year),
    CHECK (state <> 'approved' OR (approved_by IS NOT NULL AND approved_by <> drafted_by))
);

ALTER TABLE payment ADD COLUMN budget_year INTEGER;

ALTER TABLE payment ADD COLUMN budget_line TEXT NOT NULL DEFAULT '';

CREATE INDEX payment_by_budget ON payment (fund, budget_year);
