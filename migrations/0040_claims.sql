-- What is signed of a document beside its public facts: for programs, and for
-- those only who may have the document.
ALTER TABLE document ADD COLUMN claims TEXT NOT NULL DEFAULT '[]';
