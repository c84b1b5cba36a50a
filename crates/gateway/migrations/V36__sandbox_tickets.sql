-- Only a sandbox that is joined to a live gateway writes here: the tickets by which people came in, so that none is taken twice.

CREATE TABLE sandbox_tickets (
    nonce TEXT PRIMARY KEY,
    -- by the true time, not the sandbox's
    expires_at BIGINT NOT NULL
);
CREATE INDEX sandbox_tickets_by_end ON sandbox_tickets (expires_at);
