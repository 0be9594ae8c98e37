CREATE TRIGGER bid_version_append_only BEFORE UPDATE OR DELETE ON bid_version
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER opening_line_append_only BEFORE UPDATE OR DELETE ON opening_line
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
