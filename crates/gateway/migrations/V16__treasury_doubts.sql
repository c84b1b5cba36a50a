-- What decides between "it was paid" and "it goes anew" when the treasury's wallet was not looked at all the time.

-- Since when a coin is looked for without a break; rows of coins that are not configured any more are removed.
ALTER TABLE treasury_watched ADD COLUMN since BIGINT NOT NULL DEFAULT 0;

-- 1 for a final move to a wallet that is, or was, the treasury too: nothing left the books, and it has no entry.
ALTER TABLE treasury_moves ADD COLUMN internal BIGINT NOT NULL DEFAULT 0;

-- How long a change had to wait when this wallet was entered: a configuration that shortens the wait does not shorten the next one.
ALTER TABLE treasury_wallets ADD COLUMN wait_millis BIGINT NOT NULL DEFAULT 0;
