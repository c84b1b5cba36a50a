-- Which merchant an act is about, so that he can read his own. What was written before has none.
ALTER TABLE audit_log ADD COLUMN merchant_id TEXT;
CREATE INDEX audit_log_by_merchant ON audit_log (merchant_id, seq);
