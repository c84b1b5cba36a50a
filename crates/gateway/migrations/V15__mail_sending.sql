-- Mails are sent by SMTP: when each is due, how often it was tried, and what came of it. What waited before is due at once; what is too old by then is
-- for a person to pass on.
CREATE TABLE mails_with_tries (
    seq BIGINT PRIMARY KEY,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- empty once it is sent: it may hold a link that is a secret
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
    created_at BIGINT NOT NULL,
    -- written, or put back by a person: from then on it is tried for some days
    since BIGINT NOT NULL,
    -- while somebody is sending it, when that claim runs out
    due_at BIGINT,
    attempts BIGINT NOT NULL,
    sent_at BIGINT,
    -- what the last try ended with, without anything of the mail's text
    note TEXT,
    CHECK ((state = 'waiting') = (due_at IS NOT NULL)),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);
INSERT INTO mails_with_tries (seq, recipient, subject, body, state, created_at, since, due_at, attempts)
    SELECT seq, recipient, subject, body, state, created_at, created_at, created_at, 0 FROM mails WHERE state = 'waiting';
INSERT INTO mails_with_tries (seq, recipient, subject, body, state, created_at, since, attempts, sent_at)
    SELECT seq, recipient, subject, '', state, created_at, created_at, 0, created_at FROM mails WHERE state = 'sent';
DROP TABLE mails;
ALTER TABLE mails_with_tries RENAME TO mails;
CREATE INDEX mails_due ON mails (due_at) WHERE state = 'waiting';
