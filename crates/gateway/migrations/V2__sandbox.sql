-- Only the sandbox writes here: the built-in callback inbox, and what its simulated chain was told to do.

CREATE TABLE sandbox_callbacks (
    seq BIGINT PRIMARY KEY,
    received_at BIGINT NOT NULL,
    headers TEXT NOT NULL,
    raw_body TEXT NOT NULL,
    verified BIGINT NOT NULL
);

CREATE TABLE sandbox_chain (
    seq BIGINT PRIMARY KEY,
    command TEXT NOT NULL
);
