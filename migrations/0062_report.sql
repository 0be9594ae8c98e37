ALTER TABLE evaluation ADD COLUMN number TEXT NOT NULL DEFAULT '';

ALTER TABLE evaluation ADD COLUMN report TEXT REFERENCES document (id);

ALTER TABLE evaluation ADD COLUMN reported_at TIMESTAMPTZ;

UPDATE evaluation SET reported_at = evaluated_at
