CREATE TABLE search_gram (
    kind      SMALLINT NOT NULL,
    gram      BIGINT NOT NULL,
    rank      BIGINT NOT NULL,
    object_id TEXT NOT NULL,
    PRIMARY KEY (kind, gram, rank, object_id)
) WITHOUT ROWID;
