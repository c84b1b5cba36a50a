-- What was given back at the provider of what it took beyond a charge. `refunded_elsewhere` holds the sum of that and of what was given back of the
-- charge itself: so a release before, which knows that sum alone, books nothing twice.
ALTER TABLE charges ADD COLUMN surplus_given_back TEXT NOT NULL DEFAULT '0';
CREATE INDEX charges_surplus ON charges (merchant_id, changed_at) WHERE surplus <> surplus_given_back;
CREATE INDEX charges_surplus_lately ON charges (changed_at) WHERE surplus <> surplus_given_back;
-- Since when the provider holds it back; 0 where it does not, or did before this was written down.
ALTER TABLE charges ADD COLUMN held_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX charges_held_since ON charges (held_at, id) WHERE held = 1;
