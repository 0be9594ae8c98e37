ALTER TABLE funding_call ADD COLUMN host_kind TEXT NOT NULL DEFAULT 'foundation';

ALTER TABLE funding_call ADD COLUMN cancelled_at TIMESTAMPTZ;

ALTER TABLE grant_award ADD COLUMN source TEXT NOT NULL DEFAULT '';

ALTER TABLE grant_milestone ADD COLUMN settled_on TIMESTAMPTZ;

ALTER TABLE grant_milestone ADD COLUMN settled_by TEXT REFERENCES account (id);

ALTER TABLE grant_milestone ADD COLUMN voucher TEXT NOT NULL DEFAULT '';
