CREATE TRIGGER trail_no_update BEFORE UPDATE ON trail BEGIN
    SELECT RAISE(ABORT, 'trail is append-only');
END;

CREATE TRIGGER trail_no_delete BEFORE DELETE ON trail BEGIN
    SELECT RAISE(ABORT, 'trail is append-only');
END;
