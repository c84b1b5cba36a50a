-- What the operator's pages list over all merchants. The tables are those of money on its way out and of what providers say of payments:
-- none is written when an invoice is made. Of charges only those that are held back are in the index.
CREATE INDEX charges_held ON charges (changed_at, id) WHERE held = 1;
CREATE INDEX disputes_by_state ON disputes (state, opened_at, charge_id, reference);
CREATE INDEX transfers_by_kind_and_state ON transfers (kind, state, id);
CREATE INDEX provider_routes_by_account ON provider_routes (account_id, merchant_id);
CREATE INDEX settlements_by_number ON settlements (number);
-- partial: what workers ask by state is not to be answered from it
CREATE INDEX settlements_not_done ON settlements (state, number) WHERE state <> 'done';
CREATE INDEX ledger_accounts_treasury ON ledger_accounts (asset) WHERE owner = 'operator' AND kind = 'treasury';
