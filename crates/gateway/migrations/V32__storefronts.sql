-- What a payer sees of a merchant beside its name, and in which language he is written to. The logo is our own PNG, in base64, never what was
-- uploaded; it stands last, so that the rest is read without it.
CREATE TABLE storefronts (
    merchant_id TEXT PRIMARY KEY,
    colour TEXT,
    lang TEXT,
    -- coins that payers may not choose, with blanks between their codes
    coins_off TEXT,
    receipts BIGINT NOT NULL,
    logo_hash TEXT,
    logo_width BIGINT,
    logo_height BIGINT,
    logo TEXT
);

-- Mails to payers about an invoice. `cause` is what each is known by: the press of a button, or `paid` of one that goes out by itself.
CREATE TABLE payer_mails (
    merchant_id TEXT NOT NULL,
    invoice_number BIGINT NOT NULL,
    cause TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'due' OR state = 'written' OR state = 'dropped'),
    asked_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, invoice_number, cause)
);
CREATE INDEX payer_mails_by_time ON payer_mails (merchant_id, asked_at);
CREATE INDEX payer_mails_due ON payer_mails (asked_at) WHERE state = 'due';

-- A file beside a mail's text, in base64.
ALTER TABLE mails ADD COLUMN file_name TEXT;
ALTER TABLE mails ADD COLUMN file TEXT;
