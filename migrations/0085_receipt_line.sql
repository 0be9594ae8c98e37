ALTER TABLE receipt ADD COLUMN replaces TEXT REFERENCES receipt (id);

UPDATE receipt SET replaces = (SELECT MAX(v.id) FROM receipt AS v
    WHERE v.donation = receipt.donation AND v.state = 'void' AND v.no IS NOT NULL AND v.id < receipt.id)
    WHERE no IS NOT NULL;

CREATE UNIQUE INDEX receipt_replaced_once ON receipt (replaces);
