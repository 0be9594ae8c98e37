CREATE TABLE counter (
    scope TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);

CREATE TABLE trail (
    id           TEXT PRIMARY KEY,
    at           TIMESTAMPTZ NOT NULL,
    account      TEXT NOT NULL,
    organisation TEXT NOT NULL,
    org_name     TEXT NOT NULL,
    role         TEXT NOT NULL,
    object_kind  TEXT NOT NULL,
    object_id    TEXT NOT NULL,
    action       TEXT NOT NULL,
    note         TEXT NOT NULL DEFAULT '',
    article      TEXT NOT NULL DEFAULT '',
    public       BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE INDEX trail_by_object ON trail (object_kind, object_id, id);

CREATE TABLE attachment (
    id          TEXT PRIMARY KEY,
    owner_kind  TEXT NOT NULL,
    owner_id    TEXT NOT NULL,
    slot        TEXT NOT NULL DEFAULT '',
    name        TEXT NOT NULL,
    media_type  TEXT NOT NULL,
    size        BIGINT NOT NULL,
    sha256      TEXT NOT NULL,
    object_key  TEXT NOT NULL UNIQUE,
    uploaded_by TEXT NOT NULL REFERENCES account (id),
    created_at  TIMESTAMPTZ NOT NULL,
    removed_at  TIMESTAMPTZ
);

CREATE INDEX attachment_by_owner ON attachment (owner_kind, owner_id, id);

CREATE TABLE document (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    owner_kind   TEXT NOT NULL,
    owner_id     TEXT NOT NULL,
    title        TEXT NOT NULL,
    number       TEXT NOT NULL DEFAULT '',
    issuer       TEXT NOT NULL,
    code         TEXT NOT NULL UNIQUE,
    content      TEXT NOT NULL,
    facts        TEXT NOT NULL,
    template_version INTEGER NOT NULL,
    public       BOOLEAN NOT NULL DEFAULT FALSE,
    state        TEXT NOT NULL,
    object_key   TEXT NOT NULL DEFAULT '',
    sha256       TEXT NOT NULL DEFAULT '',
    size         BIGINT NOT NULL DEFAULT 0,
    problem      TEXT NOT NULL DEFAULT '',
    issued_at    TIMESTAMPTZ NOT NULL,
    ready_at     TIMESTAMPTZ,
    void_at      TIMESTAMPTZ,
    void_reason  TEXT NOT NULL DEFAULT ''
);

CREATE INDEX document_by_owner ON document (owner_kind, owner_id, id);
