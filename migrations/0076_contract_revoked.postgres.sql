ALTER TABLE contract DROP CONSTRAINT contract_tender_key;

CREATE UNIQUE INDEX contract_live ON contract (tender) WHERE state = 'signed';

CREATE INDEX contract_by_tender ON contract (tender, id);
