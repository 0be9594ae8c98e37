CREATE TRIGGER goods_movement_no_update BEFORE UPDATE ON goods_movement BEGIN
    SELECT RAISE(ABORT, 'goods_movement is append-only');
END;

CREATE TRIGGER goods_movement_no_delete BEFORE DELETE ON goods_movement BEGIN
    SELECT RAISE(ABORT, 'goods_movement is append-only');
END;
