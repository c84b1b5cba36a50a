-- Who asked for a payment out: a person's account, or a key by its first characters. NULL where it was asked before this was written down.
ALTER TABLE payouts ADD COLUMN asked_by TEXT;
-- A merchant's own transfers that wait for a second person.
CREATE INDEX transfers_waiting_of ON transfers (merchant_id, created_at) WHERE approval = 'wanted' AND state = 'reserved';

-- How the bodies of answers to callbacks begin, by the attempt that they answer.
CREATE TABLE delivery_answers (
    merchant_id TEXT NOT NULL,
    subject TEXT NOT NULL CHECK (subject IN ('invoice', 'fund', 'payment')),
    number BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (merchant_id, subject, number, seq, attempt)
);

-- Filters of the invoices' list that a person keeps under a name.
CREATE TABLE saved_views (
    merchant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    -- the list's address after its question mark
    query TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, user_id, name)
);
