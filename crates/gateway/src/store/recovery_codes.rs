//! Codes for who has lost his second factor: hashed, each good once.

use domain::UserId;

use super::tx::{StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)";
    TAKE = "DELETE FROM recovery_codes WHERE user_id = $1 AND code_hash = $2";
    CLEAR = "DELETE FROM recovery_codes WHERE user_id = $1";
    COUNT = "SELECT count(*) AS n FROM recovery_codes WHERE user_id = $1";
}

/// The ones before are worth nothing.
pub fn replace(tx: &Tx<'_>, user: &UserId, hashes: &[String]) -> Result<(), StoreError> {
    tx.execute(CLEAR, values![user.as_str()])?;
    hashes.iter().try_for_each(|hash| tx.execute_one(INSERT, values![user.as_str(), hash]))
}

/// True once for each.
pub fn take(tx: &Tx<'_>, user: &UserId, hash: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(TAKE, values![user.as_str(), hash])? == 1)
}

pub fn count(tx: &Tx<'_>, user: &UserId) -> Result<i64, StoreError> {
    Ok(tx.row(COUNT, values![user.as_str()], |row| row.int("n"))?.unwrap_or(0))
}
