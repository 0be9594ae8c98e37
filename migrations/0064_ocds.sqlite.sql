CREATE TABLE ocds_release (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    era     BIGINT NOT NULL,
    txid    BIGINT NOT NULL DEFAULT 0,
    id      TEXT NOT NULL UNIQUE,
    process TEXT NOT NULL,
    tag     TEXT NOT NULL,
    date    TIMESTAMPTZ NOT NULL,
    body    TEXT NOT NULL
);

CREATE INDEX ocds_release_in_commit_order ON ocds_release (era, txid, seq);

CREATE INDEX ocds_release_by_process ON ocds_release (process, seq);

CREATE TRIGGER ocds_release_no_update BEFORE UPDATE ON ocds_release BEGIN
    SELECT RAISE(ABORT, 'ocds_release is append-only');
END;

CREATE TRIGGER ocds_release_no_delete BEFORE DELETE ON ocds_release BEGIN
    SELECT RAISE(ABORT, 'ocds_release is append-only');
END;
