-- Money on its way out, what moves in the treasury's wallets, and what people did.

-- One row a transfer, whatever it is for. `fence` counts up with each change: who holds an older one may not write, and does not send.
CREATE TABLE transfers (
    merchant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('settlement', 'card_payout', 'coin_refund', 'charge_refund')),
    -- what it is for: a settlement's or pay-out's number, a charge, a coin refund
    subject TEXT NOT NULL,
    invoice_number BIGINT,
    -- the merchant's account it was taken from
    taken_from TEXT NOT NULL,
    asset TEXT NOT NULL,
    units TEXT NOT NULL,
    -- one of the two: the chain it goes over, or the account at a provider or processor
    chain TEXT,
    account_id TEXT,
    destination TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('reserved', 'signing', 'sending', 'pending', 'done', 'failed', 'canceled')),
    -- 'not_needed', 'wanted' or 'given'
    approval TEXT NOT NULL CHECK (approval IN ('not_needed', 'wanted', 'given')),
    approved_by TEXT,
    round BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    due_at BIGINT,
    asked BIGINT NOT NULL,
    -- the other side's id of it
    reference TEXT,
    -- SHA-256 of the request that was sent, so that no other one goes under the same key
    request_hash TEXT,
    sender TEXT,
    nonce BIGINT,
    tx_hash TEXT,
    -- why it needs a person
    parked TEXT,
    note TEXT,
    sent_at BIGINT,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, id)
);
CREATE INDEX transfers_by_subject ON transfers (merchant_id, kind, subject);
CREATE INDEX transfers_due ON transfers (due_at) WHERE due_at IS NOT NULL AND account_id IS NOT NULL;
CREATE INDEX transfers_to_sign ON transfers (chain, created_at, id) WHERE state = 'reserved' AND chain IS NOT NULL;
CREATE INDEX transfers_by_nonce ON transfers (chain, sender, nonce) WHERE nonce IS NOT NULL;
CREATE INDEX transfers_parked ON transfers (changed_at) WHERE parked IS NOT NULL;
CREATE INDEX transfers_waiting ON transfers (created_at) WHERE approval = 'wanted' AND state = 'reserved';

-- Whose transactions they are: the gas key's flushes, or the treasury's transfers.
ALTER TABLE chain_txs ADD COLUMN purpose TEXT NOT NULL DEFAULT 'flush' CHECK (purpose IN ('flush', 'transfer'));

-- Coins that came to a treasury wallet or left it, as the chain says. `claimed_by` is the merchant whose fund it is.
CREATE TABLE treasury_moves (
    chain TEXT NOT NULL,
    tx_hash TEXT NOT NULL,
    log_index BIGINT NOT NULL,
    block_number BIGINT NOT NULL,
    block_hash TEXT NOT NULL,
    block_time BIGINT NOT NULL,
    wallet TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    counterparty TEXT NOT NULL,
    asset TEXT NOT NULL,
    units TEXT NOT NULL,
    finality TEXT NOT NULL CHECK (finality IN ('seen', 'final', 'reversed')),
    round BIGINT NOT NULL,
    transfer_merchant TEXT,
    transfer_id TEXT,
    claimed_by TEXT,
    fund_number BIGINT,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (chain, tx_hash, log_index, block_hash)
);
CREATE INDEX treasury_moves_on_chain ON treasury_moves (chain, block_number) WHERE finality <> 'reversed';
CREATE INDEX treasury_moves_seen ON treasury_moves (chain, block_number) WHERE finality = 'seen';

-- What people did that matters, in order, chained by hash, never changed.
CREATE TABLE audit_log (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    about TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash TEXT NOT NULL
);
