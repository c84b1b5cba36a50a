-- What was moved into archive files: a row a step, chained by hash in each merchant. `audit` counts what is missing against it.
CREATE TABLE archived (
    merchant_id TEXT NOT NULL,
    -- from 1, without a gap
    seq BIGINT NOT NULL,
    -- the file's id
    archive TEXT NOT NULL,
    subject TEXT NOT NULL CHECK (subject IN ('invoice', 'fund', 'payment')),
    -- the numbers of the first and the last of the things whose rows were moved; what lies between them may be there still
    first_number BIGINT NOT NULL,
    last_number BIGINT NOT NULL,
    items BIGINT NOT NULL,
    events BIGINT NOT NULL,
    deliveries BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    -- SHA-256 over the rows, in order
    rows_hash TEXT NOT NULL,
    at BIGINT NOT NULL,
    -- SHA-256 over the fields above, after the row before
    hash TEXT NOT NULL,
    PRIMARY KEY (merchant_id, seq)
);
CREATE INDEX archived_by_range ON archived (merchant_id, subject, last_number);
