CREATE TABLE search_entry (
    kind      SMALLINT NOT NULL,
    object_id TEXT NOT NULL,
    at        TIMESTAMPTZ NOT NULL,
    texts     TEXT NOT NULL,
    PRIMARY KEY (kind, object_id)
);
