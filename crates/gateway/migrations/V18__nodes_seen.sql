-- When each process on this database last committed, by the database's clock, in milliseconds: rows of those long gone are deleted. 0: by a release
-- that did not write it.
ALTER TABLE nodes ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0;
