-- Passkeys (WebAuthn): public keys of devices that sign a person in. Nothing here is a secret.
CREATE TABLE passkeys (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    -- as the device names it, base64url
    credential_id TEXT NOT NULL,
    -- the person's
    name TEXT NOT NULL,
    -- public key, counter and flags, as the library writes them
    passkey TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE UNIQUE INDEX passkeys_by_credential ON passkeys (credential_id);
CREATE INDEX passkeys_by_user ON passkeys (user_id);

-- What a device was asked to sign: one a browser and purpose, taken once, for minutes.
CREATE TABLE passkey_challenges (
    -- hash of the token of the forms of the session or browser
    bound_to TEXT NOT NULL,
    purpose TEXT NOT NULL,
    state TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (bound_to, purpose)
);
CREATE INDEX passkey_challenges_by_end ON passkey_challenges (expires_at);

-- What a key may be used for, by names with blanks between. None: for everything, as the keys before.
ALTER TABLE api_keys ADD COLUMN scopes TEXT;
