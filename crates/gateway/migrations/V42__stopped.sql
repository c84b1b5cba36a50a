-- A merchant that the operator has stopped, since when, and why in the operator's words. It stands in the merchant's own row, which whoever makes an
-- invoice has read already.
ALTER TABLE merchants ADD COLUMN stopped_at BIGINT;
ALTER TABLE merchants ADD COLUMN stopped_reason TEXT;
