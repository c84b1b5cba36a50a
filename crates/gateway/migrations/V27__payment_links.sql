-- Links that a merchant gives to payers: each time one is used, an invoice is made of it. Of one that is for one payment, `invoice_number`
-- is the invoice that it has come to.
CREATE TABLE payment_links (
    merchant_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    secret TEXT NOT NULL,
    devise TEXT NOT NULL,
    amount TEXT,
    min_amount TEXT,
    max_amount TEXT,
    title TEXT NOT NULL,
    description TEXT,
    reusable BIGINT NOT NULL,
    expires_at BIGINT,
    active BIGINT NOT NULL,
    invoices BIGINT NOT NULL,
    invoice_number BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, number)
);
