-- The processes on this database. On PostgreSQL each commit writes a number into its process's row, so that a process that lost the
-- connection in the middle of a commit can ask whether it was kept.
CREATE TABLE nodes (
    id TEXT PRIMARY KEY,
    last_group BIGINT NOT NULL
);

-- Work that one node does at a time: following a chain, sending from a wallet. Who takes it over counts the fence up; what the one before
-- still tries to write is refused by it.
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    fence BIGINT NOT NULL,
    until BIGINT NOT NULL
);

-- Counts up in the order in which attempts are stored: whoever follows a chain learns of those that other nodes made.
ALTER TABLE attempts ADD COLUMN seq BIGINT NOT NULL DEFAULT 0;
CREATE INDEX attempts_by_seq ON attempts (chain, seq);
