CREATE TABLE check_run (
    id         TEXT PRIMARY KEY,
    started_at TIMESTAMPTZ NOT NULL,
    ended_at   TIMESTAMPTZ NOT NULL,
    sound      BOOLEAN NOT NULL,
    parts      TEXT NOT NULL
);
