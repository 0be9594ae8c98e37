CREATE TRIGGER goods_movement_append_only BEFORE UPDATE OR DELETE ON goods_movement
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER goods_movement_no_truncate BEFORE TRUNCATE ON goods_movement
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
