-- What a merchant says of its business, and the secret that its callbacks are signed with beside the newest one, until that ends.
ALTER TABLE merchants ADD COLUMN website TEXT;
ALTER TABLE merchants ADD COLUMN country TEXT;
ALTER TABLE merchants ADD COLUMN webhook_secret_before TEXT;
ALTER TABLE merchants ADD COLUMN webhook_secret_before_until BIGINT;
