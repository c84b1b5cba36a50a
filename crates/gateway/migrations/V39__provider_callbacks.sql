-- When an account's last callback came: for the operator's page of it. Written with each callback of a provider, not with an invoice.
CREATE INDEX provider_events_by_account ON provider_events (merchant_id, account_id, received_at);
