-- The home page shows the open tenders that close first.
CREATE INDEX tender_by_deadline ON tender (state, deadline, id);
