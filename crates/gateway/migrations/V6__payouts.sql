-- Pay-outs: funds, payments to cards, and events for more than invoices.

-- An event is about an invoice, a fund or a payment; each has numbers of its own.
CREATE TABLE events_6 (
    merchant_id TEXT NOT NULL,
    subject TEXT NOT NULL CHECK (subject IN ('invoice', 'fund', 'payment')),
    number BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    id TEXT NOT NULL,
    status TEXT NOT NULL,
    body TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, subject, number, seq)
);
INSERT INTO events_6 (merchant_id, subject, number, seq, id, status, body, at)
SELECT merchant_id, 'invoice', invoice_number, seq, id, status, body, at FROM events;
DROP TABLE events;
ALTER TABLE events_6 RENAME TO events;

CREATE TABLE deliveries_6 (
    merchant_id TEXT NOT NULL,
    subject TEXT NOT NULL CHECK (subject IN ('invoice', 'fund', 'payment')),
    number BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    url TEXT NOT NULL,
    signature TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('due', 'waiting', 'delivered', 'parked')),
    failed BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, subject, number, seq)
);
INSERT INTO deliveries_6 (merchant_id, subject, number, seq, url, signature, state, failed, due_at)
SELECT merchant_id, 'invoice', invoice_number, seq, url, signature, state, failed, due_at FROM deliveries;
DROP TABLE deliveries;
ALTER TABLE deliveries_6 RENAME TO deliveries;
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state = 'due';
CREATE INDEX deliveries_waiting ON deliveries (merchant_id, subject, number, seq) WHERE state = 'waiting';
CREATE INDEX deliveries_parked ON deliveries (merchant_id, due_at) WHERE state = 'parked';

CREATE TABLE delivery_attempts_6 (
    merchant_id TEXT NOT NULL,
    subject TEXT NOT NULL CHECK (subject IN ('invoice', 'fund', 'payment')),
    number BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    at BIGINT NOT NULL,
    http_status BIGINT,
    outcome TEXT NOT NULL,
    millis BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, subject, number, seq, attempt)
);
INSERT INTO delivery_attempts_6 (merchant_id, subject, number, seq, attempt, at, http_status, outcome, millis)
SELECT merchant_id, 'invoice', invoice_number, seq, attempt, at, http_status, outcome, millis FROM delivery_attempts;
DROP TABLE delivery_attempts;
ALTER TABLE delivery_attempts_6 RENAME TO delivery_attempts;

-- Accounts and routes may be for pay-outs. The checks on `method` change, so the tables are made anew.
CREATE TABLE provider_accounts_6 (
    merchant_id TEXT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    provider TEXT NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('card', 'upi', 'payout')),
    owner TEXT NOT NULL CHECK (owner IN ('merchant', 'operator')),
    base_url TEXT NOT NULL,
    settings TEXT NOT NULL,
    sealed TEXT NOT NULL,
    active BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, id)
);
INSERT INTO provider_accounts_6 (merchant_id, id, provider, method, owner, base_url, settings, sealed, active, created_at)
SELECT merchant_id, id, provider, method, owner, base_url, settings, sealed, active, created_at FROM provider_accounts;
DROP TABLE provider_accounts;
ALTER TABLE provider_accounts_6 RENAME TO provider_accounts;

CREATE TABLE provider_routes_6 (
    merchant_id TEXT NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('card', 'upi', 'payout')),
    currency TEXT NOT NULL,
    position BIGINT NOT NULL,
    account_id TEXT NOT NULL,
    PRIMARY KEY (merchant_id, method, currency, position)
);
INSERT INTO provider_routes_6 (merchant_id, method, currency, position, account_id)
SELECT merchant_id, method, currency, position, account_id FROM provider_routes;
DROP TABLE provider_routes;
ALTER TABLE provider_routes_6 RENAME TO provider_routes;

-- What a merchant may pay out, in EUR cents: one payment, and all of a day. Above `payout_approval_above` a second person must agree.
ALTER TABLE merchants ADD COLUMN payout_min TEXT NOT NULL DEFAULT '1';
ALTER TABLE merchants ADD COLUMN payout_max TEXT NOT NULL DEFAULT '1000000';
ALTER TABLE merchants ADD COLUMN payout_day_max TEXT NOT NULL DEFAULT '5000000';
ALTER TABLE merchants ADD COLUMN payout_approval_above TEXT;
-- What the operator keeps of a fund's worth in EUR.
ALTER TABLE merchants ADD COLUMN payout_spread_bps BIGINT NOT NULL DEFAULT 0;

-- Coins that a merchant says it sent to the treasury. The rate is that of its creation.
CREATE TABLE funds (
    merchant_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    asset TEXT NOT NULL,
    chain TEXT NOT NULL,
    units TEXT NOT NULL,
    -- 0x and 64 hex digits, lower case
    tx_hash TEXT NOT NULL,
    merchant_data TEXT,
    state TEXT NOT NULL CHECK (state IN ('pending', 'success', 'failed')),
    failed_reason TEXT,
    rate_price TEXT NOT NULL,
    rate_source TEXT NOT NULL,
    rate_at BIGINT NOT NULL,
    -- EUR cents: what the coins are worth, the operator's part of it, and what is not paid out yet
    gross_minor TEXT NOT NULL,
    spread_minor TEXT NOT NULL,
    left_minor TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_day BIGINT NOT NULL,
    status_at BIGINT NOT NULL,
    credited_at BIGINT,
    due_at BIGINT,
    deadline_at BIGINT NOT NULL,
    last_event BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, number)
);
-- a transaction is claimed once over all merchants
CREATE UNIQUE INDEX funds_by_tx ON funds (chain, tx_hash) WHERE state <> 'failed';
CREATE INDEX funds_by_day ON funds (merchant_id, created_day, number);
CREATE INDEX funds_due ON funds (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX funds_left ON funds (merchant_id, number) WHERE left_minor <> '0';
CREATE INDEX funds_pending ON funds (merchant_id) WHERE state = 'pending';
CREATE INDEX funds_credited ON funds (merchant_id, number) WHERE state = 'success';

-- EUR to cards. `card_sealed` is there only until the processor has it or the payment is over.
CREATE TABLE payouts (
    merchant_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    minor TEXT NOT NULL,
    currency TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    -- 4012XXXXXXXX4240
    card_shown TEXT NOT NULL,
    card_expiry TEXT NOT NULL,
    card_sealed TEXT,
    merchant_data TEXT,
    state TEXT NOT NULL CHECK (state IN ('pending', 'success', 'failed')),
    failed_reason TEXT,
    transfer_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_day BIGINT NOT NULL,
    status_at BIGINT NOT NULL,
    last_event BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, number)
);
CREATE INDEX payouts_by_day ON payouts (merchant_id, created_day, number);

-- How many funds and payments of a merchant, made on a day, are in a state: history never counts rows.
CREATE TABLE payout_days (
    merchant_id TEXT NOT NULL,
    subject TEXT NOT NULL CHECK (subject IN ('fund', 'payment')),
    day BIGINT NOT NULL,
    state TEXT NOT NULL,
    items BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, subject, day, state)
);

-- What a merchant's payments of a day come to, those that failed left out.
CREATE TABLE payout_spent (
    merchant_id TEXT NOT NULL,
    day BIGINT NOT NULL,
    minor TEXT NOT NULL,
    PRIMARY KEY (merchant_id, day)
);
