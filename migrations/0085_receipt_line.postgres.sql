CREATE FUNCTION receipt_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.no IS NOT NULL THEN
        IF TG_OP = 'DELETE' THEN
            RAISE EXCEPTION 'a numbered receipt is kept for ever';
        END IF;
        IF (NEW.id, NEW.foundation, NEW.donation, NEW.amount, NEW.remark, NEW.year, NEW.no, NEW.handler, NEW.reviewer, NEW.replaces)
            IS DISTINCT FROM (OLD.id, OLD.foundation, OLD.donation, OLD.amount, OLD.remark, OLD.year, OLD.no, OLD.handler, OLD.reviewer, OLD.replaces)
            OR NOT (NEW.state = OLD.state OR OLD.state = 'issued' AND NEW.state = 'void') THEN
            RAISE EXCEPTION 'an issued receipt is never changed, only voided';
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NEW.state IN ('prepared', 'issued') AND (TG_OP = 'INSERT' OR OLD.state <> NEW.state)
        AND NOT EXISTS (SELECT 1 FROM donation AS d WHERE d.id = NEW.donation
            AND d.foundation = NEW.foundation AND d.state = 'confirmed' AND COALESCE(NEW.amount, 0) = CASE d.kind WHEN 'money' THEN d.arrived
            ELSE (SELECT COALESCE(SUM(l.proven), 0) FROM donation_line AS l WHERE l.donation = d.id) END) THEN
        RAISE EXCEPTION 'a receipt says what arrived, no more and no less';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER receipt_kept BEFORE INSERT OR UPDATE OR DELETE ON receipt
    FOR EACH ROW EXECUTE FUNCTION receipt_kept();

CREATE TRIGGER receipt_no_truncate BEFORE TRUNCATE ON receipt
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
