ALTER TABLE donation ADD COLUMN confidential BOOLEAN NOT NULL DEFAULT FALSE;

ALTER TABLE donation ADD COLUMN beneficiary TEXT REFERENCES organisation (id);

ALTER TABLE donation ADD COLUMN beneficiary_name TEXT NOT NULL DEFAULT '';

ALTER TABLE donation ADD COLUMN appraised_by TEXT REFERENCES account (id);

ALTER TABLE donation ADD COLUMN appraiser TEXT NOT NULL DEFAULT '';

ALTER TABLE donation ADD COLUMN appraised_at TIMESTAMPTZ;

ALTER TABLE donation ADD COLUMN appraisal_note TEXT NOT NULL DEFAULT '';

ALTER TABLE donation_line ADD COLUMN counted BIGINT CHECK (counted >= 0);

ALTER TABLE donation_line ADD COLUMN appraised BIGINT CHECK (appraised > 0);

ALTER TABLE donation_line ADD COLUMN basis TEXT NOT NULL DEFAULT '' CHECK (basis IN ('', 'voucher', 'fair'));

ALTER TABLE payment ADD COLUMN relation_note TEXT NOT NULL DEFAULT ''
