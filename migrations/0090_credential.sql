CREATE TABLE credential (
    id           TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    kind         TEXT NOT NULL,
    number       TEXT NOT NULL,
    issuer       TEXT NOT NULL,
    issued_on    TIMESTAMPTZ,
    valid_until  TIMESTAMPTZ,
    entered_by   TEXT NOT NULL REFERENCES account (id),
    entered_at   TIMESTAMPTZ NOT NULL,
    ended_at     TIMESTAMPTZ
);

CREATE INDEX credential_by_organisation ON credential (organisation, id);
