-- Lines of providers' payouts may be about disputes, and about refunds that failed.
CREATE TABLE provider_payout_lines_17 (
    merchant_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    payout_id TEXT NOT NULL,
    line_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('charge', 'refund', 'refund_back', 'dispute', 'dispute_back', 'other')),
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
INSERT INTO provider_payout_lines_17 (merchant_id, account_id, payout_id, line_id, kind, what, about, units, currency, charge_id, state, round, note)
SELECT merchant_id, account_id, payout_id, line_id, kind, what, about, units, currency, charge_id, state, round, note
FROM provider_payout_lines;
DROP TABLE provider_payout_lines;
ALTER TABLE provider_payout_lines_17 RENAME TO provider_payout_lines;
CREATE INDEX provider_payout_lines_by_charge ON provider_payout_lines (merchant_id, charge_id) WHERE charge_id IS NOT NULL;
CREATE INDEX provider_payout_lines_parked ON provider_payout_lines (merchant_id, payout_id) WHERE state = 'parked';
-- a charge is paid out once
CREATE UNIQUE INDEX provider_payout_lines_once ON provider_payout_lines (merchant_id, charge_id)
    WHERE kind = 'charge' AND state = 'booked';

-- From when on a wallet on a merchant's list is closed to all others. Those that were there before are.
ALTER TABLE payout_senders ADD COLUMN claims_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX treasury_moves_from ON treasury_moves (counterparty) WHERE direction = 'in';
