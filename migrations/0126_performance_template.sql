CREATE TABLE performance_template (
    id           TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    code         TEXT NOT NULL,
    version      BIGINT NOT NULL CHECK (version > 0),
    base         TEXT NOT NULL DEFAULT '',
    tree         TEXT NOT NULL,
    created_by   TEXT NOT NULL REFERENCES account (id),
    created_at   TIMESTAMPTZ NOT NULL,
    retired_at   TIMESTAMPTZ,
    UNIQUE (code, version)
);

CREATE INDEX performance_template_by_organisation ON performance_template (organisation, id);
