ALTER TABLE fiscal_import ADD COLUMN state TEXT NOT NULL DEFAULT 'done' CHECK (state IN ('running', 'done', 'failed'));

ALTER TABLE fiscal_import ADD COLUMN object_key TEXT NOT NULL DEFAULT '';

ALTER TABLE fiscal_import ADD COLUMN size BIGINT NOT NULL DEFAULT 0;

ALTER TABLE fiscal_import ADD COLUMN total INTEGER NOT NULL DEFAULT 0;

ALTER TABLE fiscal_import ADD COLUMN worked INTEGER NOT NULL DEFAULT 0;

ALTER TABLE fiscal_import ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;

ALTER TABLE fiscal_import ADD COLUMN made INTEGER NOT NULL DEFAULT 0;

ALTER TABLE fiscal_import ADD COLUMN problem TEXT NOT NULL DEFAULT '';

ALTER TABLE fiscal_import ADD COLUMN ended_at TIMESTAMPTZ;

ALTER TABLE receipt_fiscal ADD COLUMN import TEXT REFERENCES fiscal_import (id);

CREATE INDEX receipt_fiscal_by_import ON receipt_fiscal (import);

CREATE TABLE fiscal_bad (
    import TEXT NOT NULL REFERENCES fiscal_import (id),
    line   INTEGER NOT NULL,
    said   TEXT NOT NULL,
    why    TEXT NOT NULL,
    PRIMARY KEY (import, line)
);
