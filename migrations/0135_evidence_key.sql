ALTER TABLE delivery_evidence ADD COLUMN idem_key TEXT NOT NULL DEFAULT '';

CREATE UNIQUE INDEX delivery_evidence_by_key ON delivery_evidence (engagement, added_by, idem_key) WHERE idem_key <> '';

ALTER TABLE claim_limit ADD COLUMN raise_to BIGINT;

ALTER TABLE claim_limit ADD COLUMN raise_by TEXT REFERENCES account (id);
