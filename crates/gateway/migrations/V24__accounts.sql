-- People who sign in, what they are at which merchant, and what guards the door. No token, password or code is kept that could be used again.
CREATE TABLE users (
    id TEXT PRIMARY KEY,
    -- in lower case
    email TEXT NOT NULL,
    -- until then nobody has shown that the address is his
    confirmed_at BIGINT,
    -- Argon2id in PHC form; none until a password was chosen
    password_hash TEXT,
    -- sealed; the step is that of the last code taken, so that none is taken twice
    totp_secret TEXT,
    totp_step BIGINT,
    is_operator BIGINT NOT NULL,
    locale TEXT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX users_by_email ON users (email);

CREATE TABLE sessions (
    -- SHA-256 of the cookie's token
    token_hash TEXT PRIMARY KEY,
    -- names it in the list of a person's sessions
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    -- false between password and second factor
    is_complete BIGINT NOT NULL,
    -- the merchant that is looked at
    merchant_id TEXT,
    csrf TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ip TEXT NOT NULL,
    user_agent TEXT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE memberships (
    merchant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, user_id)
);
CREATE INDEX memberships_by_user ON memberships (user_id);

CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    merchant_id TEXT NOT NULL,
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    invited_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX invitations_by_token ON invitations (token_hash);
CREATE UNIQUE INDEX invitations_by_email ON invitations (merchant_id, email);

-- Links in mails: each works once.
CREATE TABLE mail_tokens (
    token_hash TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX mail_tokens_by_user ON mail_tokens (user_id);

CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL,
    code_hash TEXT NOT NULL,
    PRIMARY KEY (user_id, code_hash)
);

-- Log-ins that failed, by what they are counted under (hashed).
CREATE TABLE login_failures (
    counted_under TEXT PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);
CREATE INDEX login_failures_by_time ON login_failures (last_at);
