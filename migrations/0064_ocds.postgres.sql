CREATE TABLE ocds_release (
    seq     BIGSERIAL PRIMARY KEY,
    era     BIGINT NOT NULL,
    txid    BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    id      TEXT NOT NULL UNIQUE,
    process TEXT NOT NULL,
    tag     TEXT NOT NULL,
    date    TIMESTAMPTZ NOT NULL,
    body    TEXT NOT NULL
);

CREATE INDEX ocds_release_in_commit_order ON ocds_release (era, txid, seq);

CREATE INDEX ocds_release_by_process ON ocds_release (process, seq);

CREATE TRIGGER ocds_release_append_only BEFORE UPDATE OR DELETE ON ocds_release
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
