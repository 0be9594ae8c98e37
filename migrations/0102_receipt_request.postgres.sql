CREATE OR REPLACE FUNCTION receipt_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.no IS NOT NULL THEN
        IF TG_OP = 'DELETE' THEN
            RAISE EXCEPTION 'a numbered receipt is kept for ever';
        END IF;
        IF (NEW.id, NEW.foundation, NEW.donation, NEW.request, NEW.amount, NEW.remark, NEW.year, NEW.no, NEW.handler, NEW.reviewer, NEW.replaces)
            IS DISTINCT FROM (OLD.id, OLD.foundation, OLD.donation, OLD.request, OLD.amount, OLD.remark, OLD.year, OLD.no, OLD.handler, OLD.reviewer, OLD.replaces)
            OR NOT (NEW.state = OLD.state OR OLD.state = 'issued' AND NEW.state = 'void') THEN
            RAISE EXCEPTION 'an issued receipt is never changed, only voided';
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NEW.state IN ('prepared', 'issued') AND (TG_OP = 'INSERT' OR OLD.state <> NEW.state) THEN
        IF NEW.request IS NULL AND NOT EXISTS (SELECT 1 FROM donation AS d WHERE d.id = NEW.donation
            AND d.foundation = NEW.foundation AND d.state = 'confirmed' AND COALESCE(NEW.amount, 0) = CASE d.kind WHEN 'money' THEN d.arrived
            ELSE (SELECT COALESCE(SUM(l.proven), 0) FROM donation_line AS l WHERE l.donation = d.id) END) THEN
            RAISE EXCEPTION 'a receipt says what arrived, no more and no less';
        END IF;
        IF NEW.request IS NOT NULL AND (NOT EXISTS (SELECT 1 FROM receipt_request_gift AS g WHERE g.request = NEW.request AND g.donation = NEW.donation)
            OR EXISTS (SELECT 1 FROM receipt_request_gift AS g JOIN donation AS d ON d.id = g.donation WHERE g.request = NEW.request
                AND (d.foundation <> NEW.foundation OR d.state <> 'confirmed' OR d.kind <> 'money'))
            OR NEW.amount IS DISTINCT FROM (SELECT SUM(d.arrived) FROM receipt_request_gift AS g JOIN donation AS d ON d.id = g.donation WHERE g.request = NEW.request)) THEN
            RAISE EXCEPTION 'a receipt says what arrived, no more and no less';
        END IF;
        IF NEW.request IS NULL AND EXISTS (SELECT 1 FROM receipt_request_gift AS g JOIN receipt AS r ON r.request = g.request
            WHERE g.donation = NEW.donation AND r.id <> NEW.id AND r.state IN ('prepared', 'issued')) THEN
            RAISE EXCEPTION 'a donation has one live receipt';
        END IF;
        IF NEW.request IS NOT NULL AND (EXISTS (SELECT 1 FROM receipt_request_gift AS g JOIN receipt AS r ON r.donation = g.donation
            WHERE g.request = NEW.request AND r.id <> NEW.id AND r.request IS NULL AND r.state IN ('prepared', 'issued'))
            OR EXISTS (SELECT 1 FROM receipt_request_gift AS g JOIN receipt_request_gift AS o ON o.donation = g.donation JOIN receipt AS r ON r.request = o.request
            WHERE g.request = NEW.request AND r.id <> NEW.id AND r.state IN ('prepared', 'issued'))) THEN
            RAISE EXCEPTION 'a donation has one live receipt';
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION receipt_gift_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM receipt AS r WHERE r.no IS NOT NULL AND r.request = COALESCE(CASE WHEN TG_OP = 'DELETE' THEN OLD.request END, NEW.request)) THEN
        RAISE EXCEPTION 'what a numbered receipt covers is kept for ever';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER receipt_gift_kept BEFORE INSERT OR UPDATE OR DELETE ON receipt_request_gift
    FOR EACH ROW EXECUTE FUNCTION receipt_gift_kept();

CREATE TRIGGER receipt_gift_no_truncate BEFORE TRUNCATE ON receipt_request_gift
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
