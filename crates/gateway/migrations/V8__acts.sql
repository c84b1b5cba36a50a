-- What people ask for that waits, and what they are told by mail.

CREATE INDEX transfers_by_id ON transfers (id);
CREATE INDEX transfers_open ON transfers (created_at, id) WHERE state IN ('reserved', 'signing', 'sending', 'pending');

-- A new wallet for a merchant that has one: takes effect when its time has come, unless it is called off.
CREATE TABLE wallet_changes (
    merchant_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    old_wallet TEXT NOT NULL,
    new_wallet TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    asked_by TEXT NOT NULL,
    effective_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'canceled')),
    ended_at BIGINT,
    PRIMARY KEY (merchant_id, seq)
);
-- one at a time
CREATE UNIQUE INDEX wallet_changes_waiting ON wallet_changes (merchant_id) WHERE state = 'waiting';
CREATE INDEX wallet_changes_due ON wallet_changes (effective_at) WHERE state = 'waiting';

-- Mail that is to be sent.
CREATE TABLE mails (
    seq BIGINT PRIMARY KEY,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent')),
    created_at BIGINT NOT NULL
);
