-- The processes on this database. On PostgreSQL each commit writes its number into its process's row, so that a process that lost the
-- connection in the middle of a commit can ask whether it was kept.
CREATE TABLE nodes (
    id TEXT PRIMARY KEY,
    last_group BIGINT NOT NULL
);
