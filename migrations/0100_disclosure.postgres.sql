CREATE FUNCTION disclosure_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('published', 'corrected') THEN
        IF TG_OP = 'DELETE' THEN
            RAISE EXCEPTION 'a published disclosure is kept for ever';
        END IF;
        IF (NEW.id, NEW.foundation, NEW.foundation_name, NEW.subject_kind, NEW.subject, NEW.subject_name, NEW.kind, NEW.number, NEW.edition, NEW.from_at, NEW.to_at, NEW.as_of, NEW.due_at, NEW.article, NEW.summary, NEW.explanation, NEW.unit, NEW.figures, NEW.corrects, NEW.why, NEW.document, NEW.demo, NEW.drafted_by, NEW.published_by, NEW.published_at)
            IS DISTINCT FROM (OLD.id, OLD.foundation, OLD.foundation_name, OLD.subject_kind, OLD.subject, OLD.subject_name, OLD.kind, OLD.number, OLD.edition, OLD.from_at, OLD.to_at, OLD.as_of, OLD.due_at, OLD.article, OLD.summary, OLD.explanation, OLD.unit, OLD.figures, OLD.corrects, OLD.why, OLD.document, OLD.demo, OLD.drafted_by, OLD.published_by, OLD.published_at)
            OR NOT (OLD.state = 'published' AND NEW.state = 'corrected') THEN
            RAISE EXCEPTION 'a published disclosure is never changed, only corrected by another';
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER disclosure_kept BEFORE UPDATE OR DELETE ON disclosure
    FOR EACH ROW EXECUTE FUNCTION disclosure_kept();

CREATE TRIGGER disclosure_no_truncate BEFORE TRUNCATE ON disclosure
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
