-- Where a merchant's funds come from, and what looks for what is due: by account and by chain, so that none holds up another.

-- The wallets a merchant sends its funds from, if it named any. `ends_at` is when it stops counting.
CREATE TABLE payout_senders (
    merchant_id TEXT NOT NULL,
    -- 0x, checksummed
    wallet TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    added_by TEXT NOT NULL,
    effective_at BIGINT NOT NULL,
    ends_at BIGINT,
    PRIMARY KEY (merchant_id, wallet)
);
-- a wallet is one merchant's
CREATE UNIQUE INDEX payout_senders_wallet ON payout_senders (wallet) WHERE ends_at IS NULL;
CREATE INDEX payout_senders_by_wallet ON payout_senders (wallet);

DROP INDEX transfers_due;
CREATE INDEX transfers_due ON transfers (account_id, due_at, leased_until) WHERE due_at IS NOT NULL AND account_id IS NOT NULL;
CREATE INDEX transfers_by_reference ON transfers (account_id, reference) WHERE account_id IS NOT NULL AND reference IS NOT NULL;
DROP INDEX funds_due;
CREATE INDEX funds_due ON funds (chain, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX payouts_sealed ON payouts (created_at) WHERE card_sealed IS NOT NULL;
CREATE INDEX audit_log_about ON audit_log (about);
