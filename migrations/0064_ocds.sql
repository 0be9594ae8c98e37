CREATE TABLE ocds_era (
    number     BIGINT PRIMARY KEY,
    started_at TIMESTAMPTZ NOT NULL,
    why        TEXT NOT NULL
);
