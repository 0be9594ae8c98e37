CREATE TABLE credential_warning (
    credential TEXT NOT NULL REFERENCES credential (id),
    days       BIGINT NOT NULL,
    sent_at    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (credential, days)
);
