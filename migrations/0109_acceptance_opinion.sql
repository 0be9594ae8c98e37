CREATE TABLE acceptance_ticket (
    hash       TEXT PRIMARY KEY,
    acceptance TEXT NOT NULL REFERENCES delivery_acceptance (id),
    used       BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE INDEX acceptance_ticket_by_acceptance ON acceptance_ticket (acceptance);

CREATE TABLE acceptance_opinion (
    id         TEXT PRIMARY KEY,
    acceptance TEXT NOT NULL REFERENCES delivery_acceptance (id),
    agree      BOOLEAN NOT NULL,
    words      TEXT NOT NULL,
    name       TEXT NOT NULL,
    community  TEXT NOT NULL,
    given_on   TIMESTAMPTZ NOT NULL
);

CREATE INDEX acceptance_opinion_by_acceptance ON acceptance_opinion (acceptance, id);
