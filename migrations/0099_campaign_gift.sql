ALTER TABLE donation ADD COLUMN gathered_in TEXT REFERENCES donation (id);

CREATE INDEX donation_by_gathered ON donation (gathered_in) WHERE gathered_in IS NOT NULL;

CREATE TABLE campaign_gift (
    settlement TEXT NOT NULL REFERENCES campaign_settlement (id),
    line       INTEGER NOT NULL,
    donor_kind TEXT NOT NULL CHECK (donor_kind IN ('person', 'organisation')),
    donor_name TEXT NOT NULL,
    donor_uscc TEXT,
    amount     BIGINT NOT NULL CHECK (amount > 0),
    slip       TEXT NOT NULL,
    PRIMARY KEY (settlement, line)
);

ALTER TABLE campaign_settlement ADD COLUMN listed_bad TEXT NOT NULL DEFAULT '[]';

ALTER TABLE receipt_batch ADD COLUMN campaign TEXT REFERENCES campaign (id)
