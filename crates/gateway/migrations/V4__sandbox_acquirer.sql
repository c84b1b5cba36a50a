-- Only the sandbox writes here: the payments of its simulated acquirer and UPI switch, and what is ordered for the next ones.

CREATE TABLE sandbox_payments (
    id TEXT PRIMARY KEY,
    -- JSON; no card number has a place in it
    record TEXT NOT NULL
);
