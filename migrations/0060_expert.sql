ALTER TABLE account ADD COLUMN expert_region TEXT NOT NULL DEFAULT '';

ALTER TABLE account ADD COLUMN expert_state TEXT NOT NULL DEFAULT 'active';

ALTER TABLE account ADD COLUMN id_tail TEXT NOT NULL DEFAULT '';

CREATE TABLE expert_employer (
    id         TEXT PRIMARY KEY,
    account    TEXT NOT NULL REFERENCES account (id),
    employer   TEXT NOT NULL,
    from_day   TIMESTAMPTZ,
    until_day  TIMESTAMPTZ,
    entered_by TEXT,
    entered_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX expert_employer_by_account ON expert_employer (account, id);

CREATE TABLE organisation_person (
    id           TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    name         TEXT NOT NULL,
    post         TEXT NOT NULL,
    id_tail      TEXT NOT NULL DEFAULT '',
    from_day     TIMESTAMPTZ,
    until_day    TIMESTAMPTZ,
    entered_by   TEXT,
    entered_at   TIMESTAMPTZ NOT NULL
);

CREATE INDEX organisation_person_by_organisation ON organisation_person (organisation, id);

CREATE TABLE organisation_control (
    id           TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    controller   TEXT NOT NULL,
    uscc         TEXT NOT NULL DEFAULT '',
    how          TEXT NOT NULL,
    from_day     TIMESTAMPTZ,
    until_day    TIMESTAMPTZ,
    entered_by   TEXT,
    entered_at   TIMESTAMPTZ NOT NULL
);

CREATE INDEX organisation_control_by_organisation ON organisation_control (organisation, id)
