-- Distributes Lockgate's schema on Citus: docs/scale.md. Run once, on the coordinator, as the gateway's user, with all gateways stopped.
-- A test compares this file with the migrations: every table is here once.

-- A unique index that does not contain the distribution column cannot be kept by Citus.
DROP INDEX coin_refunds_by_log;
CREATE INDEX coin_refunds_by_log ON coin_refunds (chain, tx_hash, log_index) WHERE log_index IS NOT NULL;
DROP INDEX coin_refunds_by_token;
CREATE INDEX coin_refunds_by_token ON coin_refunds (token_hash);
DROP INDEX funds_by_tx;
CREATE INDEX funds_by_tx ON funds (chain, tx_hash) WHERE state <> 'failed';

-- Small, read with every merchant's requests: a copy on every node.
SELECT create_reference_table('api_keys');
SELECT create_reference_table('ip_entries');
SELECT create_reference_table('merchants');
SELECT create_reference_table('payout_senders');
SELECT create_reference_table('provider_accounts');
SELECT create_reference_table('provider_routes');
SELECT create_reference_table('settlement_terms');
SELECT create_reference_table('wallet_changes');

-- Everything that grows: by merchant, a merchant's rows of all tables on one node.
SELECT create_distributed_table('invoices', 'merchant_id', colocate_with => 'none');
SELECT create_distributed_table('archived', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('attempts', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('charges', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('coin_refunds', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('deliveries', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('delivery_answers', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('delivery_attempts', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('disputes', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('events', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('flushes', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('funds', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('idempotency_keys', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('invoice_days', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('ledger_accounts', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('ledger_entries', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('ledger_postings', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('payer_mails', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('payment_links', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('payments', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('payout_days', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('payout_spent', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('payouts', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('provider_events', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('provider_payout_lines', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('provider_payouts', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('read_cursors', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('reserves', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('saved_views', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('search_terms', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('settlement_items', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('settlements', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('statement_lines', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('storefronts', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('transfers', 'merchant_id', colocate_with => 'invoices');
SELECT create_distributed_table('volume_days', 'merchant_id', colocate_with => 'invoices');

-- What there is one of stays on the coordinator.
SELECT citus_add_local_table_to_metadata('audit_log');
SELECT citus_add_local_table_to_metadata('blocks');
SELECT citus_add_local_table_to_metadata('chain_tx_bytes');
SELECT citus_add_local_table_to_metadata('chain_txs');
SELECT citus_add_local_table_to_metadata('counters');
SELECT citus_add_local_table_to_metadata('invitations');
SELECT citus_add_local_table_to_metadata('leases');
SELECT citus_add_local_table_to_metadata('login_failures');
SELECT citus_add_local_table_to_metadata('mail_tokens');
SELECT citus_add_local_table_to_metadata('mails');
SELECT citus_add_local_table_to_metadata('memberships');
SELECT citus_add_local_table_to_metadata('nodes');
SELECT citus_add_local_table_to_metadata('passkey_challenges');
SELECT citus_add_local_table_to_metadata('passkeys');
SELECT citus_add_local_table_to_metadata('recovery_codes');
SELECT citus_add_local_table_to_metadata('sandbox_callbacks');
SELECT citus_add_local_table_to_metadata('sandbox_chain');
SELECT citus_add_local_table_to_metadata('sandbox_payments');
SELECT citus_add_local_table_to_metadata('sandbox_tickets');
SELECT citus_add_local_table_to_metadata('sessions');
SELECT citus_add_local_table_to_metadata('settings');
SELECT citus_add_local_table_to_metadata('treasury_moves');
SELECT citus_add_local_table_to_metadata('treasury_wallets');
SELECT citus_add_local_table_to_metadata('treasury_watched');
SELECT citus_add_local_table_to_metadata('unsigned_txs');
SELECT citus_add_local_table_to_metadata('users');
