DROP TRIGGER receipt_as_issued;

CREATE TRIGGER receipt_as_issued BEFORE UPDATE ON receipt
    WHEN OLD.no IS NOT NULL AND (NEW.id <> OLD.id OR NEW.foundation <> OLD.foundation OR NEW.donation <> OLD.donation OR NEW.request IS NOT OLD.request
        OR NEW.amount IS NOT OLD.amount OR NEW.remark <> OLD.remark OR NEW.year IS NOT OLD.year OR NEW.no IS NOT OLD.no
        OR NEW.handler <> OLD.handler OR NEW.reviewer IS NOT OLD.reviewer OR NEW.replaces IS NOT OLD.replaces
        OR NOT (NEW.state = OLD.state OR OLD.state = 'issued' AND NEW.state = 'void')) BEGIN
    SELECT RAISE(ABORT, 'an issued receipt is never changed, only voided');
END;

DROP TRIGGER receipt_of_money_that_came;

DROP TRIGGER receipt_issued_for_money_that_came;

CREATE TRIGGER receipt_of_money_that_came BEFORE INSERT ON receipt
    WHEN NEW.state IN ('prepared', 'issued') AND ((NEW.request IS NULL AND NOT EXISTS (SELECT 1 FROM donation AS d WHERE d.id = NEW.donation
            AND d.foundation = NEW.foundation AND d.state = 'confirmed' AND COALESCE(NEW.amount, 0) = CASE d.kind WHEN 'money' THEN d.arrived
            ELSE (SELECT COALESCE(SUM(l.proven), 0) FROM donation_line AS l WHERE l.donation = d.id) END))
        OR (NEW.request IS NOT NULL AND (NOT EXISTS (SELECT 1 FROM receipt_request_gift AS g WHERE g.request = NEW.request AND g.donation = NEW.donation)
            OR EXISTS (SELECT 1 FROM receipt_request_gift AS g JOIN donation AS d ON d.id = g.donation WHERE g.request = NEW.request
                AND (d.foundation <> NEW.foundation OR d.state <> 'confirmed' OR d.kind <> 'money'))
            OR NEW.amount IS NOT (SELECT SUM(d.arrived) FROM receipt_request_gift AS g JOIN donation AS d ON d.id = g.donation WHERE g.request = NEW.request)))) BEGIN
    SELECT RAISE(ABORT, 'a receipt says what arrived, no more and no less');
END;

CREATE TRIGGER receipt_of_money_that_came_once BEFORE INSERT ON receipt
    WHEN NEW.state IN ('prepared', 'issued') AND (NEW.request IS NULL AND EXISTS (SELECT 1 FROM receipt_request_gift AS g JOIN receipt AS r ON r.request = g.request
            WHERE g.donation = NEW.donation AND r.id <> NEW.id AND r.state IN ('prepared', 'issued'))
            OR NEW.request IS NOT NULL AND (EXISTS (SELECT 1 FROM receipt_request_gift AS g JOIN receipt AS r ON r.donation = g.donation
            WHERE g.request = NEW.request AND r.id <> NEW.id AND r.request IS NULL AND r.state IN ('prepared', 'issued'))
            OR EXISTS (SELECT 1 FROM receipt_request_gift AS g JOIN receipt_request_gift AS o ON o.donation = g.donation JOIN receipt AS r ON r.request = o.request
            WHERE g.request = NEW.request AND r.id <> NEW.id AND r.state IN ('prepared', 'issued')))) BEGIN
    SELECT RAISE(ABORT, 'a donation has one live receipt');
END;

CREATE TRIGGER receipt_issued_for_money_that_came BEFORE UPDATE ON receipt
    WHEN NEW.state IN ('prepared', 'issued') AND OLD.state <> NEW.state AND ((NEW.request IS NULL AND NOT EXISTS (SELECT 1 FROM donation AS d WHERE d.id = NEW.donation
            AND d.foundation = NEW.foundation AND d.state = 'confirmed' AND COALESCE(NEW.amount, 0) = CASE d.kind WHEN 'money' THEN d.arrived
            ELSE (SELECT COALESCE(SUM(l.proven), 0) FROM donation_line AS l WHERE l.donation = d.id) END))
        OR (NEW.request IS NOT NULL AND (NOT EXISTS (SELECT 1 FROM receipt_request_gift AS g WHERE g.request = NEW.request AND g.donation = NEW.donation)
            OR EXISTS (SELECT 1 FROM receipt_request_gift AS g JOIN donation AS d ON d.id = g.donation WHERE g.request = NEW.request
                AND (d.foundation <> NEW.foundation OR d.state <> 'confirmed' OR d.kind <> 'money'))
            OR NEW.amount IS NOT (SELECT SUM(d.arrived) FROM receipt_request_gift AS g JOIN donation AS d ON d.id = g.donation WHERE g.request = NEW.request)))) BEGIN
    SELECT RAISE(ABORT, 'a receipt says what arrived, no more and no less');
END;

CREATE TRIGGER receipt_issued_for_money_that_came_once BEFORE UPDATE ON receipt
    WHEN NEW.state IN ('prepared', 'issued') AND OLD.state <> NEW.state AND (NEW.request IS NULL AND EXISTS (SELECT 1 FROM receipt_request_gift AS g JOIN receipt AS r ON r.request = g.request
            WHERE g.donation = NEW.donation AND r.id <> NEW.id AND r.state IN ('prepared', 'issued'))
            OR NEW.request IS NOT NULL AND (EXISTS (SELECT 1 FROM receipt_request_gift AS g JOIN receipt AS r ON r.donation = g.donation
            WHERE g.request = NEW.request AND r.id <> NEW.id AND r.request IS NULL AND r.state IN ('prepared', 'issued'))
            OR EXISTS (SELECT 1 FROM receipt_request_gift AS g JOIN receipt_request_gift AS o ON o.donation = g.donation JOIN receipt AS r ON r.request = o.request
            WHERE g.request = NEW.request AND r.id <> NEW.id AND r.state IN ('prepared', 'issued')))) BEGIN
    SELECT RAISE(ABORT, 'a donation has one live receipt');
END;

CREATE TRIGGER receipt_gift_no_insert BEFORE INSERT ON receipt_request_gift
    WHEN EXISTS (SELECT 1 FROM receipt AS r WHERE r.no IS NOT NULL AND r.request = NEW.request) BEGIN
    SELECT RAISE(ABORT, 'what a numbered receipt covers is kept for ever');
END;

CREATE TRIGGER receipt_gift_no_update BEFORE UPDATE ON receipt_request_gift
    WHEN EXISTS (SELECT 1 FROM receipt AS r WHERE r.no IS NOT NULL AND r.request = OLD.request) BEGIN
    SELECT RAISE(ABORT, 'what a numbered receipt covers is kept for ever');
END;

CREATE TRIGGER receipt_gift_no_delete BEFORE DELETE ON receipt_request_gift
    WHEN EXISTS (SELECT 1 FROM receipt AS r WHERE r.no IS NOT NULL AND r.request = OLD.request) BEGIN
    SELECT RAISE(ABORT, 'what a numbered receipt covers is kept for ever');
END;
