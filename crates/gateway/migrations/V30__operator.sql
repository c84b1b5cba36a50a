-- What the operator's pages look for.
-- from then on he cannot sign in, and no session of his counts
ALTER TABLE users ADD COLUMN disabled_at BIGINT;
CREATE INDEX merchants_to_validate ON merchants (number) WHERE wallet_state = 'pending';
-- over all merchants, the newest first: written only for what is parked
CREATE INDEX payments_parked_lately ON payments (seen_at) WHERE placement <> 'credited';
CREATE INDEX charges_parked_lately ON charges (changed_at) WHERE placement <> 'credited';
