-- Payment providers: accounts, the order they are tried in, charges, disputes, what they post, bank statements.

-- An invoice may fail because it was declined, and may name the one way to pay it. The check on `failure` changes, so the table is
-- made anew.
CREATE TABLE invoices_3 (
    merchant_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    id TEXT NOT NULL,
    token_secret TEXT NOT NULL,
    email TEXT NOT NULL,
    amount TEXT NOT NULL,
    devise TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('created', 'opened', 'received', 'settled', 'failed', 'expired', 'withheld', 'chargeback')),
    failure TEXT CHECK (failure IN ('canceled', 'payment_reversed', 'declined')),
    solution TEXT CHECK (solution IN ('card', 'upi', 'crypto')),
    chosen TEXT CHECK (chosen IN ('card', 'upi', 'crypto')),
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
INSERT INTO invoices_3 (merchant_id, number, id, token_secret, email, amount, devise, state, failure, payable_currency,
    callback_json, success_url, cancel_url, pending_url, failure_url, customer, customer_ip, paid, settle_tx_hash, created_at,
    created_day, status_at, last_event, version)
SELECT merchant_id, number, id, token_secret, email, amount, devise, state, failure, payable_currency,
    callback_json, success_url, cancel_url, pending_url, failure_url, customer, customer_ip, paid, settle_tx_hash, created_at,
    created_day, status_at, last_event, version FROM invoices;
DROP TABLE invoices;
ALTER TABLE invoices_3 RENAME TO invoices;
CREATE INDEX invoices_by_day ON invoices (merchant_id, created_day, number);

-- `owner` says whose money arrives there. The operator's accounts have no merchant: ''.
CREATE TABLE provider_accounts (
    merchant_id TEXT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    provider TEXT NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('card', 'upi')),
    owner TEXT NOT NULL CHECK (owner IN ('merchant', 'operator')),
    base_url TEXT NOT NULL,
    settings TEXT NOT NULL,
    sealed TEXT NOT NULL,
    active BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

-- The accounts a merchant's payers are sent to, in order, by method and currency ('*' for any).
CREATE TABLE provider_routes (
    merchant_id TEXT NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('card', 'upi')),
    currency TEXT NOT NULL,
    position BIGINT NOT NULL,
    account_id TEXT NOT NULL,
    PRIMARY KEY (merchant_id, method, currency, position)
);

CREATE TABLE charges (
    merchant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    invoice_number BIGINT NOT NULL,
    account_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    provider TEXT NOT NULL,
    method TEXT NOT NULL,
    units TEXT NOT NULL,
    currency TEXT NOT NULL,
    due_minor TEXT NOT NULL,
    rate_price TEXT,
    rate_source TEXT,
    rate_at BIGINT,
    settle_asset TEXT,
    settle_units TEXT,
    fee_bps BIGINT NOT NULL,
    device TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('created', 'unknown', 'needs_payer', 'pending', 'claimed', 'paid', 'reversed', 'declined', 'not_sent', 'lapsed')),
    decline TEXT,
    note TEXT,
    reference TEXT,
    memory TEXT NOT NULL,
    todo TEXT,
    rrn TEXT,
    claimed_rrn TEXT,
    card TEXT,
    received_units TEXT,
    received_currency TEXT,
    placement TEXT CHECK (placement IN ('credited', 'extra', 'late', 'mismatch')),
    held BIGINT NOT NULL,
    holds BIGINT NOT NULL,
    refunded_elsewhere TEXT NOT NULL,
    surplus TEXT NOT NULL,
    round BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    due_at BIGINT,
    asked BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, id)
);
-- while money may be moving, nothing else may begin
CREATE UNIQUE INDEX charges_one_unresolved ON charges (merchant_id, invoice_number)
    WHERE state IN ('created', 'unknown', 'pending', 'claimed');
-- one RRN settles one charge
CREATE UNIQUE INDEX charges_by_rrn ON charges (merchant_id, account_id, rrn) WHERE rrn IS NOT NULL;
CREATE INDEX charges_by_invoice ON charges (merchant_id, invoice_number);
CREATE INDEX charges_by_reference ON charges (account_id, reference) WHERE reference IS NOT NULL;
CREATE INDEX charges_by_id ON charges (id);
CREATE INDEX charges_due ON charges (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX charges_parked ON charges (merchant_id, changed_at) WHERE placement <> 'credited';

CREATE TABLE disputes (
    merchant_id TEXT NOT NULL,
    charge_id TEXT NOT NULL,
    reference TEXT NOT NULL,
    invoice_number BIGINT NOT NULL,
    units TEXT NOT NULL,
    currency TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'won', 'lost')),
    round BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    PRIMARY KEY (merchant_id, charge_id, reference)
);

-- What providers posted, once each: hints, kept to recognise repeats and to show what could not be placed.
CREATE TABLE provider_events (
    merchant_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    what TEXT NOT NULL,
    about TEXT NOT NULL,
    charges BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, account_id, event_id)
);

-- Credits of an imported bank statement. `line_key` is what the line says and how often it said so before in one statement, so that
-- the same line imported again is the same row.
CREATE TABLE statement_lines (
    merchant_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    line_key TEXT NOT NULL,
    day BIGINT NOT NULL,
    units TEXT NOT NULL,
    rrn TEXT,
    text TEXT NOT NULL,
    charge_id TEXT,
    note TEXT NOT NULL,
    imported_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, account_id, line_key)
);
