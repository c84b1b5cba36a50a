-- What SQLite does for each row of the tables that are written most. It builds a table to check `IN (three things or more)`, every time:
-- comparisons say the same and cost next to nothing. And the index that history pages by has what its pages are chosen by, so that rows
-- before a page are skipped without being read.
CREATE TABLE invoices_23 (
    merchant_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    id TEXT NOT NULL,
    token_secret TEXT NOT NULL,
    email TEXT NOT NULL,
    amount TEXT NOT NULL,
    devise TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'created' OR state = 'opened' OR state = 'received' OR state = 'settled' OR state = 'failed'
        OR state = 'expired' OR state = 'withheld' OR state = 'chargeback'),
    failure TEXT CHECK (failure = 'canceled' OR failure = 'payment_reversed' OR failure = 'declined'),
    solution TEXT CHECK (solution = 'card' OR solution = 'upi' OR solution = 'crypto'),
    chosen TEXT CHECK (chosen = 'card' OR chosen = 'upi' OR chosen = 'crypto'),
    solution_name TEXT,
    payable_currency TEXT,
    callback_json TEXT,
    success_url TEXT,
    cancel_url TEXT,
    pending_url TEXT,
    failure_url TEXT,
    customer TEXT,
    customer_ip TEXT,
    paid TEXT,
    settle_tx_hash TEXT,
    created_at BIGINT NOT NULL,
    created_day BIGINT NOT NULL,
    status_at BIGINT NOT NULL,
    last_event BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, number)
);
INSERT INTO invoices_23 (merchant_id, number, id, token_secret, email, amount, devise, state, failure, solution, chosen, solution_name,
    payable_currency, callback_json, success_url, cancel_url, pending_url, failure_url, customer, customer_ip, paid, settle_tx_hash,
    created_at, created_day, status_at, last_event, version)
SELECT merchant_id, number, id, token_secret, email, amount, devise, state, failure, solution, chosen, solution_name,
    payable_currency, callback_json, success_url, cancel_url, pending_url, failure_url, customer, customer_ip, paid, settle_tx_hash,
    created_at, created_day, status_at, last_event, version FROM invoices;
DROP TABLE invoices;
ALTER TABLE invoices_23 RENAME TO invoices;
CREATE INDEX invoices_by_day ON invoices (merchant_id, created_day, number, state);

CREATE TABLE events_23 (
    merchant_id TEXT NOT NULL,
    subject TEXT NOT NULL CHECK (subject = 'invoice' OR subject = 'fund' OR subject = 'payment'),
    number BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    id TEXT NOT NULL,
    status TEXT NOT NULL,
    body TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, subject, number, seq)
);
INSERT INTO events_23 (merchant_id, subject, number, seq, id, status, body, at)
SELECT merchant_id, subject, number, seq, id, status, body, at FROM events;
DROP TABLE events;
ALTER TABLE events_23 RENAME TO events;

CREATE TABLE deliveries_23 (
    merchant_id TEXT NOT NULL,
    subject TEXT NOT NULL CHECK (subject = 'invoice' OR subject = 'fund' OR subject = 'payment'),
    number BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    url TEXT NOT NULL,
    signature TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'due' OR state = 'waiting' OR state = 'delivered' OR state = 'parked'),
    failed BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, subject, number, seq)
);
INSERT INTO deliveries_23 (merchant_id, subject, number, seq, url, signature, state, failed, due_at)
SELECT merchant_id, subject, number, seq, url, signature, state, failed, due_at FROM deliveries;
DROP TABLE deliveries;
ALTER TABLE deliveries_23 RENAME TO deliveries;
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state = 'due';
CREATE INDEX deliveries_waiting ON deliveries (merchant_id, subject, number, seq) WHERE state = 'waiting';
CREATE INDEX deliveries_parked ON deliveries (merchant_id, due_at) WHERE state = 'parked';

CREATE TABLE delivery_attempts_23 (
    merchant_id TEXT NOT NULL,
    subject TEXT NOT NULL CHECK (subject = 'invoice' OR subject = 'fund' OR subject = 'payment'),
    number BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    at BIGINT NOT NULL,
    http_status BIGINT,
    outcome TEXT NOT NULL,
    millis BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, subject, number, seq, attempt)
);
INSERT INTO delivery_attempts_23 (merchant_id, subject, number, seq, attempt, at, http_status, outcome, millis)
SELECT merchant_id, subject, number, seq, attempt, at, http_status, outcome, millis FROM delivery_attempts;
DROP TABLE delivery_attempts;
ALTER TABLE delivery_attempts_23 RENAME TO delivery_attempts;
