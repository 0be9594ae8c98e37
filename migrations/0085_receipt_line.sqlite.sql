CREATE TRIGGER receipt_number_kept BEFORE DELETE ON receipt WHEN OLD.no IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'a numbered receipt is kept for ever');
END;

CREATE TRIGGER receipt_as_issued BEFORE UPDATE ON receipt
    WHEN OLD.no IS NOT NULL AND (NEW.id <> OLD.id OR NEW.foundation <> OLD.foundation OR NEW.donation <> OLD.donation
        OR NEW.amount IS NOT OLD.amount OR NEW.remark <> OLD.remark OR NEW.year IS NOT OLD.year OR NEW.no IS NOT OLD.no
        OR NEW.handler <> OLD.handler OR NEW.reviewer IS NOT OLD.reviewer OR NEW.replaces IS NOT OLD.replaces
        OR NOT (NEW.state = OLD.state OR OLD.state = 'issued' AND NEW.state = 'void')) BEGIN
    SELECT RAISE(ABORT, 'an issued receipt is never changed, only voided');
END;

CREATE TRIGGER receipt_of_money_that_came BEFORE INSERT ON receipt
    WHEN NEW.state IN ('prepared', 'issued') AND NOT EXISTS (SELECT 1 FROM donation AS d WHERE d.id = NEW.donation
        AND d.foundation = NEW.foundation AND d.state = 'confirmed' AND COALESCE(NEW.amount, 0) = CASE d.kind WHEN 'money' THEN d.arrived
        ELSE (SELECT COALESCE(SUM(l.proven), 0) FROM donation_line AS l WHERE l.donation = d.id) END) BEGIN
    SELECT RAISE(ABORT, 'a receipt says what arrived, no more and no less');
END;

CREATE TRIGGER receipt_issued_for_money_that_came BEFORE UPDATE ON receipt
    WHEN NEW.state IN ('prepared', 'issued') AND OLD.state <> NEW.state AND NOT EXISTS (SELECT 1 FROM donation AS d WHERE d.id = NEW.donation
        AND d.foundation = NEW.foundation AND d.state = 'confirmed' AND COALESCE(NEW.amount, 0) = CASE d.kind WHEN 'money' THEN d.arrived
        ELSE (SELECT COALESCE(SUM(l.proven), 0) FROM donation_line AS l WHERE l.donation = d.id) END) BEGIN
    SELECT RAISE(ABORT, 'a receipt says what arrived, no more and no less');
END;
