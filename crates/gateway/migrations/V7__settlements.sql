-- Settlement of card and UPI money: what was agreed, batches, their items, what is kept in reserve.

-- A merchant without a row is settled daily, without reserve and spread. `last_day` is the UTC day of the last daily batch.
CREATE TABLE settlement_terms (
    merchant_id TEXT NOT NULL PRIMARY KEY,
    schedule TEXT NOT NULL CHECK (schedule IN ('per_payment', 'daily', 'threshold')),
    -- whole coins
    threshold BIGINT,
    reserve_bps BIGINT NOT NULL,
    reserve_days BIGINT NOT NULL,
    spread_bps BIGINT NOT NULL,
    paused BIGINT NOT NULL,
    last_day BIGINT NOT NULL
);

CREATE TABLE settlements (
    merchant_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    -- the coin, and its base units
    asset TEXT NOT NULL,
    units TEXT NOT NULL,
    wallet TEXT NOT NULL,
    -- 'taken_back': it was done, and its transaction left the chain
    state TEXT NOT NULL CHECK (state IN ('under_way', 'done', 'taken_back', 'canceled')),
    transfer_id TEXT NOT NULL,
    tx_hash TEXT,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    settled_at BIGINT,
    PRIMARY KEY (merchant_id, number)
);

-- A charge's part in a settlement. gross - fee - deducted = reserve + contribution, minor units of the currency.
CREATE TABLE settlement_items (
    merchant_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    charge_id TEXT NOT NULL,
    invoice_number BIGINT NOT NULL,
    currency TEXT NOT NULL,
    gross TEXT NOT NULL,
    fee TEXT NOT NULL,
    deducted TEXT NOT NULL,
    reserve TEXT NOT NULL,
    contribution TEXT NOT NULL,
    -- coins for one unit of the currency, as it was locked with the charge
    rate_price TEXT NOT NULL,
    rate_source TEXT NOT NULL,
    rate_at BIGINT NOT NULL,
    -- base units of the coin, before the spread
    coins TEXT NOT NULL,
    spread TEXT NOT NULL,
    PRIMARY KEY (merchant_id, number, charge_id)
);
CREATE INDEX settlement_items_by_charge ON settlement_items (merchant_id, charge_id, number);

-- `void`: its settlement was called off.
CREATE TABLE reserves (
    merchant_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    charge_id TEXT NOT NULL,
    invoice_number BIGINT NOT NULL,
    currency TEXT NOT NULL,
    units TEXT NOT NULL,
    release_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('kept', 'released', 'void')),
    -- there was a release: an entry of it, even if that is undone
    released_at BIGINT,
    PRIMARY KEY (merchant_id, number, charge_id)
);
CREATE INDEX reserves_due ON reserves (release_at) WHERE state = 'kept';
CREATE INDEX reserves_by_charge ON reserves (merchant_id, charge_id);

-- Whether a charge is settled through: 1 when nothing of it is left to settle now.
ALTER TABLE charges ADD COLUMN settled BIGINT NOT NULL DEFAULT 0;
CREATE INDEX charges_to_settle ON charges (merchant_id, created_at, id)
    WHERE state = 'paid' AND placement = 'credited' AND settled = 0;
