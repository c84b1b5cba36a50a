-- Signing away from the server, and treasuries whose change waits.

-- One more state, `unsigned`: given out to be signed, and no bytes have come back.
CREATE TABLE chain_txs_v10 (
    chain TEXT NOT NULL,
    sender TEXT NOT NULL,
    nonce BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('unsigned', 'pending', 'mined', 'final', 'parked')),
    items TEXT NOT NULL,
    receiver TEXT NOT NULL,
    call_data TEXT NOT NULL,
    gas_limit BIGINT NOT NULL,
    mined_hash TEXT,
    mined_block BIGINT,
    succeeded BIGINT,
    note TEXT,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    purpose TEXT NOT NULL DEFAULT 'flush' CHECK (purpose IN ('flush', 'transfer')),
    PRIMARY KEY (chain, sender, nonce)
);
INSERT INTO chain_txs_v10 (chain, sender, nonce, state, items, receiver, call_data, gas_limit, mined_hash, mined_block, succeeded,
                           note, created_at, due_at, purpose)
    SELECT chain, sender, nonce, state, items, receiver, call_data, gas_limit, mined_hash, mined_block, succeeded, note, created_at, due_at,
           purpose FROM chain_txs;
DROP TABLE chain_txs;
ALTER TABLE chain_txs_v10 RENAME TO chain_txs;
CREATE INDEX chain_txs_open ON chain_txs (chain, due_at) WHERE state IN ('unsigned', 'pending', 'mined');

-- What went out to be signed, in every field that is signed. A later revision of a nonce is better paid, or calls it off; once its bytes
-- come back they have the same revision in chain_tx_bytes.
CREATE TABLE unsigned_txs (
    chain TEXT NOT NULL,
    sender TEXT NOT NULL,
    nonce BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    merchant_id TEXT NOT NULL,
    transfer_id TEXT NOT NULL,
    receiver TEXT NOT NULL,
    call_data TEXT NOT NULL,
    gas_limit BIGINT NOT NULL,
    max_fee TEXT NOT NULL,
    tip TEXT,
    asked_at BIGINT NOT NULL,
    PRIMARY KEY (chain, sender, nonce, revision)
);

-- The wallets that a chain's treasury was, is, or is to become at its time.
CREATE TABLE treasury_wallets (
    chain TEXT NOT NULL,
    seq BIGINT NOT NULL,
    address TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'active', 'former', 'canceled')),
    asked_at BIGINT NOT NULL,
    effective_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (chain, seq)
);
CREATE UNIQUE INDEX treasury_wallets_active ON treasury_wallets (chain) WHERE state = 'active';
CREATE UNIQUE INDEX treasury_wallets_waiting ON treasury_wallets (chain) WHERE state = 'waiting';
