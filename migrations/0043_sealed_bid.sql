-- What a bid says is on the server as ciphertext only, until it is opened.

CREATE TABLE staged_object (
    object_key TEXT PRIMARY KEY,
    since      TIMESTAMPTZ NOT NULL,
    swept      BOOLEAN NOT NULL
);

CREATE TABLE bid_draft (
    bid      TEXT PRIMARY KEY REFERENCES bid (id),
    revision INTEGER NOT NULL,
    body     BYTEA NOT NULL,
    saved_at TIMESTAMPTZ NOT NULL,
    saved_by TEXT NOT NULL REFERENCES account (id)
);

CREATE TABLE opened_bid (
    bid       TEXT PRIMARY KEY REFERENCES bid (id),
    tender    TEXT NOT NULL REFERENCES tender (id),
    version   INTEGER NOT NULL,
    content   TEXT NOT NULL,
    opened_at TIMESTAMPTZ NOT NULL
);

INSERT INTO opened_bid (bid, tender, version, content, opened_at)
SELECT l.bid, l.tender, l.version, v.payload, o.opened_at
FROM opening_line AS l
JOIN bid_version AS v ON v.bid = l.bid AND v.number = l.version
JOIN opening AS o ON o.tender = l.tender;

-- A bid that waits unsealed cannot be opened any more: its bidder sends it again.
UPDATE bid SET state = 'withdrawn', withdrawn_at = updated_at, withdrawn_why = '平台改为密封投标，请重新提交'
WHERE state = 'submitted' AND id NOT IN (SELECT bid FROM opened_bid);

UPDATE attachment SET removed_at = created_at
WHERE owner_kind = 'bid' AND removed_at IS NULL AND owner_id NOT IN (SELECT bid FROM opened_bid);

ALTER TABLE bid DROP COLUMN draft;

ALTER TABLE bid_version DROP COLUMN payload;

ALTER TABLE bid_version ADD COLUMN object_key TEXT NOT NULL DEFAULT '';
