-- Coins that payers are to get back.

CREATE TABLE coin_refunds (
    merchant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    invoice_number BIGINT NOT NULL,
    asset TEXT NOT NULL,
    chain TEXT NOT NULL,
    units TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('treasury', 'merchant_wallet')),
    -- the merchant's wallet that got the coins
    wallet TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'confirmed', 'reported', 'done', 'failed', 'canceled')),
    -- SHA-256 of the token in the payer's link, and until when it may be used
    token_hash TEXT NOT NULL,
    link_ends BIGINT NOT NULL,
    -- what the payer confirmed
    destination TEXT,
    confirmed_at BIGINT,
    -- the treasury's: its transfer, and what of the merchant's money paid for the coins
    transfer_id TEXT,
    funded_currency TEXT,
    funded_minor TEXT,
    rate_price TEXT,
    rate_source TEXT,
    rate_at BIGINT,
    tx_hash TEXT,
    -- of the transfer in its block; -1 where the transaction itself moved native coin
    log_index BIGINT,
    note TEXT,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, id)
);
CREATE INDEX coin_refunds_by_invoice ON coin_refunds (merchant_id, invoice_number);
CREATE INDEX coin_refunds_by_id ON coin_refunds (id);
CREATE UNIQUE INDEX coin_refunds_by_token ON coin_refunds (token_hash);
CREATE INDEX coin_refunds_reported ON coin_refunds (changed_at) WHERE state = 'reported';
-- one movement of coins proves one refund
CREATE UNIQUE INDEX coin_refunds_by_log ON coin_refunds (chain, tx_hash, log_index) WHERE log_index IS NOT NULL;
CREATE INDEX attempts_by_address ON attempts (chain, address);

-- What providers say they paid out to merchants' own banks. `round` counts how often it was booked as paid.
CREATE TABLE provider_payouts (
    merchant_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    payout_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'paid', 'failed')),
    units TEXT NOT NULL,
    currency TEXT NOT NULL,
    round BIGINT NOT NULL,
    -- why it needs somebody's eyes
    note TEXT,
    seen_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, account_id, payout_id)
);

-- What is in a payout. 'parked' lines need somebody's eyes; 'other' are none of a payment.
CREATE TABLE provider_payout_lines (
    merchant_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    payout_id TEXT NOT NULL,
    line_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('charge', 'refund', 'other')),
    what TEXT NOT NULL,
    about TEXT NOT NULL,
    units TEXT NOT NULL,
    currency TEXT NOT NULL,
    charge_id TEXT,
    state TEXT NOT NULL CHECK (state IN ('booked', 'undone', 'parked', 'other')),
    round BIGINT NOT NULL,
    note TEXT,
    PRIMARY KEY (merchant_id, account_id, payout_id, line_id)
);
CREATE INDEX provider_payout_lines_by_charge ON provider_payout_lines (merchant_id, charge_id) WHERE charge_id IS NOT NULL;
CREATE INDEX provider_payout_lines_parked ON provider_payout_lines (merchant_id, payout_id) WHERE state = 'parked';
-- a charge is paid out once
CREATE UNIQUE INDEX provider_payout_lines_once ON provider_payout_lines (merchant_id, charge_id)
    WHERE kind = 'charge' AND state = 'booked';

-- When the account is asked for its payouts next.
ALTER TABLE provider_accounts ADD COLUMN report_due_at BIGINT NOT NULL DEFAULT 0;
