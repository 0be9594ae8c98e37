CREATE TRIGGER opened_bid_no_update BEFORE UPDATE ON opened_bid BEGIN
    SELECT RAISE(ABORT, 'opened_bid is append-only');
END;

CREATE TRIGGER opened_bid_no_delete BEFORE DELETE ON opened_bid BEGIN
    SELECT RAISE(ABORT, 'opened_bid is append-only');
END;

CREATE TRIGGER opening_answer_no_update BEFORE UPDATE ON opening_answer BEGIN
    SELECT RAISE(ABORT, 'opening_answer is append-only');
END;

CREATE TRIGGER opening_answer_no_delete BEFORE DELETE ON opening_answer BEGIN
    SELECT RAISE(ABORT, 'opening_answer is append-only');
END;

CREATE TRIGGER opening_event_no_update BEFORE UPDATE ON opening_event BEGIN
    SELECT RAISE(ABORT, 'opening_event is append-only');
END;

CREATE TRIGGER opening_event_no_delete BEFORE DELETE ON opening_event BEGIN
    SELECT RAISE(ABORT, 'opening_event is append-only');
END;
