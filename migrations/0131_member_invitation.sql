CREATE TABLE member_invitation (
    id           TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    login        TEXT NOT NULL,
    role         TEXT NOT NULL,
    invited_by   TEXT NOT NULL REFERENCES account (id),
    invited_at   TIMESTAMPTZ NOT NULL,
    ends_at      TIMESTAMPTZ NOT NULL,
    answer       TEXT NOT NULL DEFAULT '',
    answered_at  TIMESTAMPTZ
);

CREATE INDEX member_invitation_by_login ON member_invitation (login, ends_at);

CREATE INDEX member_invitation_by_organisation ON member_invitation (organisation, invited_at);
