-- Whose transaction an outgoing move is; how much a treasury sent today; how often a transfer's transactions died.
CREATE INDEX chain_tx_bytes_by_hash ON chain_tx_bytes (chain, hash);
CREATE INDEX transfers_sent ON transfers (chain, asset, sent_at) WHERE sent_at IS NOT NULL AND chain IS NOT NULL;
