-- One text for SQLite and PostgreSQL. Times are BIGINT milliseconds UTC, amounts decimal digits of base units.

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);

CREATE TABLE merchants (
    id TEXT PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    wallet TEXT,
    wallet_state TEXT NOT NULL CHECK (wallet_state IN ('missing', 'pending', 'active')),
    fee_bps BIGINT NOT NULL,
    min_amount TEXT NOT NULL,
    max_amount TEXT NOT NULL,
    s2s BIGINT NOT NULL,
    callback_url TEXT,
    callback_on_expiry BIGINT NOT NULL,
    webhook_secret TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE api_keys (
    merchant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    PRIMARY KEY (merchant_id, id)
);

CREATE TABLE ip_entries (
    merchant_id TEXT NOT NULL,
    entry TEXT NOT NULL,
    PRIMARY KEY (merchant_id, entry)
);

CREATE TABLE invoices (
    merchant_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    id TEXT NOT NULL,
    token_secret TEXT NOT NULL,
    email TEXT NOT NULL,
    amount TEXT NOT NULL,
    devise TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('created', 'opened', 'received', 'settled', 'failed', 'expired', 'withheld', 'chargeback')),
    failure TEXT CHECK (failure IN ('canceled', 'payment_reversed')),
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
CREATE INDEX invoices_by_day ON invoices (merchant_id, created_day, number);

-- How many invoices of a merchant, made on a day, are in a state: history and expiry never count rows.
CREATE TABLE invoice_days (
    merchant_id TEXT NOT NULL,
    day BIGINT NOT NULL,
    state TEXT NOT NULL,
    invoices BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, day, state)
);

CREATE TABLE attempts (
    merchant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    invoice_number BIGINT NOT NULL,
    asset TEXT NOT NULL,
    chain TEXT NOT NULL,
    address TEXT NOT NULL,
    salt TEXT NOT NULL,
    merchant_wallet TEXT NOT NULL,
    fee_wallet TEXT NOT NULL,
    fee_bps BIGINT NOT NULL,
    due_minor TEXT NOT NULL,
    due_units TEXT NOT NULL,
    rate_price TEXT NOT NULL,
    rate_source TEXT NOT NULL,
    rate_at BIGINT NOT NULL,
    at_par BIGINT NOT NULL,
    quote_expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, chain, address)
);
CREATE INDEX attempts_to_watch ON attempts (chain, created_at);
CREATE INDEX attempts_by_invoice ON attempts (merchant_id, invoice_number);

CREATE TABLE payments (
    merchant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    invoice_number BIGINT NOT NULL,
    attempt_id TEXT NOT NULL,
    chain TEXT NOT NULL,
    tx_hash TEXT NOT NULL,
    log_index BIGINT NOT NULL,
    block_number BIGINT NOT NULL,
    block_hash TEXT NOT NULL,
    block_time BIGINT NOT NULL,
    asset TEXT NOT NULL,
    units TEXT NOT NULL,
    sender TEXT NOT NULL,
    finality TEXT NOT NULL CHECK (finality IN ('seen', 'final', 'reversed')),
    placement TEXT NOT NULL CHECK (placement IN ('credited', 'extra', 'late', 'wrong_token')),
    round BIGINT NOT NULL,
    flushed_by TEXT,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, id),
    -- a log's position is that in its block: in another block it is another fact
    UNIQUE (merchant_id, chain, tx_hash, log_index, block_hash)
);
CREATE INDEX payments_by_invoice ON payments (merchant_id, invoice_number);
CREATE INDEX payments_on_chain ON payments (chain, block_number) WHERE finality <> 'reversed';
CREATE INDEX payments_seen ON payments (chain, block_number) WHERE finality = 'seen';
CREATE INDEX payments_reversed ON payments (chain) WHERE finality = 'reversed';
CREATE INDEX payments_to_flush ON payments (chain, attempt_id) WHERE finality = 'final' AND flushed_by IS NULL;
CREATE INDEX payments_parked ON payments (merchant_id, seen_at) WHERE placement <> 'credited';

CREATE TABLE flushes (
    merchant_id TEXT NOT NULL,
    attempt_id TEXT NOT NULL,
    chain TEXT NOT NULL,
    tx_hash TEXT NOT NULL,
    log_index BIGINT NOT NULL,
    block_number BIGINT NOT NULL,
    block_hash TEXT NOT NULL,
    block_time BIGINT NOT NULL,
    asset TEXT NOT NULL,
    merchant_units TEXT NOT NULL,
    fee_units TEXT NOT NULL,
    finality TEXT NOT NULL CHECK (finality IN ('seen', 'final', 'reversed')),
    round BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, chain, tx_hash, log_index, block_hash)
);
CREATE INDEX flushes_on_chain ON flushes (chain, block_number) WHERE finality <> 'reversed';
CREATE INDEX flushes_by_attempt ON flushes (merchant_id, attempt_id);
CREATE INDEX flushes_seen ON flushes (chain, block_number) WHERE finality = 'seen';

-- The newest blocks a watcher has read: its cursor, and what a reorganisation is found by.
CREATE TABLE blocks (
    chain TEXT NOT NULL,
    number BIGINT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (chain, number)
);

-- Transactions the gas key sends. The bytes are stored before they are sent; a nonce is used by one row.
CREATE TABLE chain_txs (
    chain TEXT NOT NULL,
    sender TEXT NOT NULL,
    nonce BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'mined', 'final', 'parked')),
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
    PRIMARY KEY (chain, sender, nonce)
);
CREATE INDEX chain_txs_open ON chain_txs (chain, due_at) WHERE state IN ('pending', 'mined');

CREATE TABLE chain_tx_bytes (
    chain TEXT NOT NULL,
    sender TEXT NOT NULL,
    nonce BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    hash TEXT NOT NULL,
    raw TEXT NOT NULL,
    max_fee TEXT NOT NULL,
    tip TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (chain, sender, nonce, revision)
);

CREATE TABLE ledger_accounts (
    merchant_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    kind TEXT NOT NULL,
    asset TEXT NOT NULL,
    debit TEXT NOT NULL,
    credit TEXT NOT NULL,
    PRIMARY KEY (merchant_id, owner, kind, asset)
);

CREATE TABLE ledger_entries (
    merchant_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    cause TEXT NOT NULL,
    reason TEXT NOT NULL,
    invoice_number BIGINT,
    at BIGINT NOT NULL,
    rate_price TEXT,
    rate_source TEXT,
    rate_at BIGINT,
    hash TEXT NOT NULL,
    PRIMARY KEY (merchant_id, seq),
    UNIQUE (merchant_id, cause)
);

CREATE TABLE ledger_postings (
    merchant_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    line BIGINT NOT NULL,
    owner TEXT NOT NULL,
    kind TEXT NOT NULL,
    asset TEXT NOT NULL,
    side TEXT NOT NULL CHECK (side IN ('debit', 'credit')),
    units TEXT NOT NULL,
    PRIMARY KEY (merchant_id, seq, line)
);

CREATE TABLE events (
    merchant_id TEXT NOT NULL,
    invoice_number BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    id TEXT NOT NULL,
    status TEXT NOT NULL,
    body TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, invoice_number, seq)
);

-- One per event that has somewhere to go. The signature is fixed with the body.
CREATE TABLE deliveries (
    merchant_id TEXT NOT NULL,
    invoice_number BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    url TEXT NOT NULL,
    signature TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('due', 'waiting', 'delivered', 'parked')),
    failed BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, invoice_number, seq)
);
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state = 'due';
CREATE INDEX deliveries_waiting ON deliveries (merchant_id, invoice_number, seq) WHERE state = 'waiting';
CREATE INDEX deliveries_parked ON deliveries (merchant_id, due_at) WHERE state = 'parked';

CREATE TABLE delivery_attempts (
    merchant_id TEXT NOT NULL,
    invoice_number BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    at BIGINT NOT NULL,
    http_status BIGINT,
    outcome TEXT NOT NULL,
    millis BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, invoice_number, seq, attempt)
);

CREATE TABLE idempotency_keys (
    merchant_id TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, key)
);
