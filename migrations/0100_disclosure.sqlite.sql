CREATE TRIGGER disclosure_no_delete BEFORE DELETE ON disclosure WHEN OLD.state IN ('published', 'corrected') BEGIN
    SELECT RAISE(ABORT, 'a published disclosure is kept for ever');
END;

CREATE TRIGGER disclosure_kept BEFORE UPDATE ON disclosure
    WHEN OLD.state IN ('published', 'corrected') AND (NOT (OLD.state = 'published' AND NEW.state = 'corrected')
        OR NEW.id IS NOT OLD.id
        OR NEW.foundation IS NOT OLD.foundation
        OR NEW.foundation_name IS NOT OLD.foundation_name
        OR NEW.subject_kind IS NOT OLD.subject_kind
        OR NEW.subject IS NOT OLD.subject
        OR NEW.subject_name IS NOT OLD.subject_name
        OR NEW.kind IS NOT OLD.kind
        OR NEW.number IS NOT OLD.number
        OR NEW.edition IS NOT OLD.edition
        OR NEW.from_at IS NOT OLD.from_at
        OR NEW.to_at IS NOT OLD.to_at
        OR NEW.as_of IS NOT OLD.as_of
        OR NEW.due_at IS NOT OLD.due_at
        OR NEW.article IS NOT OLD.article
        OR NEW.summary IS NOT OLD.summary
        OR NEW.explanation IS NOT OLD.explanation
        OR NEW.unit IS NOT OLD.unit
        OR NEW.figures IS NOT OLD.figures
        OR NEW.corrects IS NOT OLD.corrects
        OR NEW.why IS NOT OLD.why
        OR NEW.document IS NOT OLD.document
        OR NEW.demo IS NOT OLD.demo
        OR NEW.drafted_by IS NOT OLD.drafted_by
        OR NEW.published_by IS NOT OLD.published_by
        OR NEW.published_at IS NOT OLD.published_at) BEGIN
    SELECT RAISE(ABORT, 'a published disclosure is never changed, only corrected by another');
END;
