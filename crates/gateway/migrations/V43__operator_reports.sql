-- What the operator's pages list over all merchants of what providers report, and mails that failed. Of events, lines and mails only what needs
-- somebody is in an index; payouts are few.
CREATE INDEX provider_payouts_by_time ON provider_payouts (seen_at, merchant_id, account_id, payout_id);
CREATE INDEX provider_payouts_noted ON provider_payouts (seen_at, merchant_id, account_id, payout_id) WHERE note IS NOT NULL;
CREATE INDEX provider_payout_lines_open ON provider_payout_lines (merchant_id, account_id, payout_id, line_id) WHERE state = 'parked';
CREATE INDEX provider_events_unplaced ON provider_events (received_at, merchant_id, account_id, event_id) WHERE charges = 0;
CREATE INDEX mails_failed ON mails (seq) WHERE state = 'failed';
