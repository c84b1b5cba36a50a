-- What pages for merchants read: nothing here is written when an invoice is made. A worker follows each merchant's invoices, puts what they
-- are searched by into search_terms, and counts their amounts; from then on an invoice's amount is counted where its state changes.
CREATE TABLE search_terms (
    merchant_id TEXT NOT NULL,
    term TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, term, number)
);

-- Up to which invoice that worker has come.
CREATE TABLE read_cursors (
    merchant_id TEXT PRIMARY KEY,
    number BIGINT NOT NULL
);

-- The amounts of a merchant's invoices, made on a day, that are in a state: beside invoice_days, which has how many.
CREATE TABLE volume_days (
    merchant_id TEXT NOT NULL,
    day BIGINT NOT NULL,
    devise TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'received' OR state = 'settled' OR state = 'withheld' OR state = 'chargeback'),
    amount TEXT NOT NULL,
    PRIMARY KEY (merchant_id, day, devise, state)
);

CREATE INDEX ledger_entries_by_invoice ON ledger_entries (merchant_id, invoice_number, seq) WHERE invoice_number IS NOT NULL;
CREATE INDEX ledger_entries_by_time ON ledger_entries (merchant_id, at, seq);
CREATE INDEX deliveries_failing ON deliveries (merchant_id, due_at) WHERE state = 'due' AND failed > 0;
