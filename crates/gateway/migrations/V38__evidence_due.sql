-- Until when evidence about a dispute is to be sent, where the provider says so. What no date is known of is listed by `disputes_by_state`.
ALTER TABLE disputes ADD COLUMN evidence_due_at BIGINT;
CREATE INDEX disputes_due ON disputes (state, evidence_due_at, charge_id, reference) WHERE evidence_due_at IS NOT NULL;
