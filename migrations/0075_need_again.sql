-- Which version of the documents was in force when a version of a bid was
-- sent; 0 where that was not yet noted.
ALTER TABLE bid_version ADD COLUMN documents INTEGER NOT NULL DEFAULT 0;

-- The few purchases that name their suppliers, for the list of invitations.
CREATE INDEX tender_invited ON tender (id) WHERE invited IS NOT NULL;

-- How the public was asked about a service for it (政府采购法实施条例第15条).
ALTER TABLE tender ADD COLUMN public_opinion TEXT NOT NULL DEFAULT '';
