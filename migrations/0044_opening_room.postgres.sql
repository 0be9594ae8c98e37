CREATE TRIGGER opened_bid_append_only BEFORE UPDATE OR DELETE ON opened_bid
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER opening_answer_append_only BEFORE UPDATE OR DELETE ON opening_answer
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER opening_event_append_only BEFORE UPDATE OR DELETE ON opening_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
