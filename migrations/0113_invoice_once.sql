CREATE TABLE expense_invoice (
    invoice TEXT PRIMARY KEY,
    report  TEXT NOT NULL REFERENCES expense_report (id)
);

INSERT INTO expense_invoice (invoice, report) SELECT invoice, MIN(report) FROM expense_item WHERE LENGTH(invoice) = 20 GROUP BY invoice;

CREATE INDEX expense_invoice_by_report ON expense_invoice (report);
