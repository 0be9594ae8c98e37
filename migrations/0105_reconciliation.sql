CREATE TABLE delivery_month (
    id         TEXT PRIMARY KEY,
    engagement TEXT NOT NULL REFERENCES engagement (id),
    month      TIMESTAMPTZ NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    booked     BIGINT,
    booked_by  TEXT REFERENCES account (id),
    booked_at  TIMESTAMPTZ,
    opened_by  TEXT NOT NULL REFERENCES account (id),
    opened_at  TIMESTAMPTZ NOT NULL,
    content    TEXT NOT NULL,
    closed_by  TEXT REFERENCES account (id),
    closed_at  TIMESTAMPTZ,
    UNIQUE (engagement, month)
);

CREATE TABLE delivery_month_note (
    id         TEXT PRIMARY KEY,
    month      TEXT NOT NULL REFERENCES delivery_month (id),
    key        TEXT NOT NULL,
    says       TEXT NOT NULL,
    words      TEXT NOT NULL,
    written_by TEXT NOT NULL REFERENCES account (id),
    name       TEXT NOT NULL,
    at         TIMESTAMPTZ NOT NULL
);

CREATE INDEX delivery_month_note_by_month ON delivery_month_note (month, id);
