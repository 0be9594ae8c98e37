CREATE TABLE campaign (
    id            TEXT PRIMARY KEY,
    foundation    TEXT NOT NULL REFERENCES organisation (id),
    foundation_name TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('draft', 'review', 'running', 'ended')),
    version       BIGINT NOT NULL,
    fund          TEXT REFERENCES fund (id),
    name          TEXT NOT NULL,
    purpose       TEXT NOT NULL,
    platform      TEXT NOT NULL,
    url           TEXT NOT NULL,
    filing        TEXT NOT NULL,
    qualification TEXT NOT NULL,
    starts_on     TIMESTAMPTZ,
    ends_on       TIMESTAMPTZ,
    form          TEXT NOT NULL,
    reason        TEXT NOT NULL DEFAULT '',
    drafted_by    TEXT NOT NULL REFERENCES account (id),
    approved_by   TEXT REFERENCES account (id),
    created_at    TIMESTAMPTZ NOT NULL,
    updated_at    TIMESTAMPTZ NOT NULL,
    submitted_at  TIMESTAMPTZ,
    approved_at   TIMESTAMPTZ,
    ended_at      TIMESTAMPTZ,
    CHECK (state NOT IN ('running', 'ended') OR (fund IS NOT NULL AND starts_on IS NOT NULL AND ends_on IS NOT NULL
        AND approved_by IS NOT NULL AND approved_by <> drafted_by))
);

CREATE INDEX campaign_by_foundation ON campaign (foundation, id);

CREATE INDEX campaign_by_fund ON campaign (fund, id);

CREATE TABLE campaign_settlement (
    id         TEXT PRIMARY KEY,
    campaign   TEXT NOT NULL REFERENCES campaign (id),
    reference  TEXT NOT NULL,
    gross      BIGINT NOT NULL CHECK (gross > 0),
    fee        BIGINT NOT NULL CHECK (fee >= 0),
    net        BIGINT NOT NULL CHECK (net > 0 AND net = gross - fee),
    gifts      BIGINT NOT NULL CHECK (gifts > 0),
    from_day   TIMESTAMPTZ NOT NULL,
    to_day     TIMESTAMPTZ NOT NULL,
    donation   TEXT UNIQUE REFERENCES donation (id),
    created_by TEXT NOT NULL REFERENCES account (id),
    created_at TIMESTAMPTZ NOT NULL,
    entered_at TIMESTAMPTZ
);

CREATE INDEX campaign_settlement_by_campaign ON campaign_settlement (campaign, id);

ALTER TABLE donation ADD COLUMN gathered BIGINT CHECK (gathered > 0)
