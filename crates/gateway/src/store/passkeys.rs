//! Passkeys of people, and what their devices are asked to sign.

use domain::{Time, UserId};

use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO passkeys (id, user_id, credential_id, name, passkey, created_at, last_used_at)
              VALUES ($1, $2, $3, $4, $5, $6, NULL) ON CONFLICT (credential_id) DO NOTHING";
    OF_USER = "SELECT * FROM passkeys WHERE user_id = $1 ORDER BY created_at, id";
    BY_CREDENTIAL = "SELECT * FROM passkeys WHERE credential_id = $1";
    /// Only as it was read: what was used or removed meanwhile is not written over.
    USED = "UPDATE passkeys SET passkey = $3, last_used_at = $4 WHERE id = $1 AND passkey = $2";
    REMOVE = "DELETE FROM passkeys WHERE user_id = $1 AND id = $2";
    PUT_CHALLENGE = "INSERT INTO passkey_challenges (bound_to, purpose, state, expires_at) VALUES ($1, $2, $3, $4)
                     ON CONFLICT (bound_to, purpose) DO UPDATE SET state = excluded.state, expires_at = excluded.expires_at";
    CHALLENGE = "SELECT state FROM passkey_challenges WHERE bound_to = $1 AND purpose = $2 AND expires_at > $3";
    TAKE_CHALLENGE = "DELETE FROM passkey_challenges WHERE bound_to = $1 AND purpose = $2";
    FORGET_CHALLENGES = "DELETE FROM passkey_challenges WHERE expires_at <= $1";
}

#[derive(Clone, PartialEq, Eq)]
pub struct PasskeyRow {
    pub id: String,
    pub user_id: UserId,
    pub credential_id: String,
    /// As its owner calls it.
    pub name: String,
    pub passkey: String,
    pub created_at: Time,
    pub last_used_at: Option<Time>,
}

impl std::fmt::Debug for PasskeyRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PasskeyRow({} of {})", self.id, self.user_id)
    }
}

/// False when this credential is known already, whosever it is.
pub fn insert(tx: &Tx<'_>, row: &PasskeyRow) -> Result<bool, StoreError> {
    let values = values![&row.id, row.user_id.as_str(), &row.credential_id, &row.name, &row.passkey, row.created_at];
    Ok(tx.execute(INSERT, values)? == 1)
}

fn read(row: &Row<'_>) -> Result<PasskeyRow, StoreError> {
    let id = row.text("id")?;
    Ok(PasskeyRow {
        user_id: row.parsed("passkeys", "user_id", &id, |text| UserId::parse(text).ok())?,
        credential_id: row.text("credential_id")?,
        name: row.text("name")?,
        passkey: row.text("passkey")?,
        created_at: row.time("created_at")?,
        last_used_at: row.opt_int("last_used_at")?.map(Time),
        id,
    })
}

/// The oldest first.
pub fn of_user(tx: &Tx<'_>, user: &UserId) -> Result<Vec<PasskeyRow>, StoreError> {
    tx.rows(OF_USER, values![user.as_str()], read)
}

pub fn by_credential(tx: &Tx<'_>, credential_id: &str) -> Result<Option<PasskeyRow>, StoreError> {
    tx.row(BY_CREDENTIAL, values![credential_id], read)
}

/// Writes what a use has changed; false when the row is not as it was read any more.
pub fn used(tx: &Tx<'_>, row: &PasskeyRow, after: &str, now: Time) -> Result<bool, StoreError> {
    Ok(tx.execute(USED, values![&row.id, &row.passkey, after, now])? == 1)
}

/// False when it is not this person's.
pub fn remove(tx: &Tx<'_>, user: &UserId, id: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(REMOVE, values![user.as_str(), id])? == 1)
}

/// The browser's earlier challenge for the same purpose is worth nothing from now on.
pub fn put_challenge(
    tx: &Tx<'_>,
    bound_to: &str,
    purpose: &str,
    state: &str,
    (now, until): (Time, Time),
) -> Result<(), StoreError> {
    tx.execute(FORGET_CHALLENGES, values![now])?;
    tx.execute_one(PUT_CHALLENGE, values![bound_to, purpose, state, until])
}

/// What was asked, once.
pub fn take_challenge(tx: &Tx<'_>, bound_to: &str, purpose: &str, now: Time) -> Result<Option<String>, StoreError> {
    let state = tx.row(CHALLENGE, values![bound_to, purpose, now], |row| row.text("state"))?;
    tx.execute(TAKE_CHALLENGE, values![bound_to, purpose])?;
    Ok(state)
}
