CREATE TRIGGER bid_version_no_update BEFORE UPDATE ON bid_version BEGIN
    SELECT RAISE(ABORT, 'bid_version is append-only');
END;

CREATE TRIGGER bid_version_no_delete BEFORE DELETE ON bid_version BEGIN
    SELECT RAISE(ABORT, 'bid_version is append-only');
END;

CREATE TRIGGER opening_line_no_update BEFORE UPDATE ON opening_line BEGIN
    SELECT RAISE(ABORT, 'opening_line is append-only');
END;

CREATE TRIGGER opening_line_no_delete BEFORE DELETE ON opening_line BEGIN
    SELECT RAISE(ABORT, 'opening_line is append-only');
END;
