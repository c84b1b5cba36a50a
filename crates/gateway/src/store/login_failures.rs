//! Log-ins that failed.

use domain::Time;

use super::tx::{StoreError, Tx, statements, values};

statements! {
    GET = "SELECT failures, last_at FROM login_failures WHERE counted_under = $1";
    PUT = "INSERT INTO login_failures (counted_under, failures, last_at) VALUES ($1, $2, $3)
           ON CONFLICT (counted_under) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at";
    CLEAR = "DELETE FROM login_failures WHERE counted_under = $1";
    FORGET = "DELETE FROM login_failures WHERE last_at < $1";
}

/// How many, and when the last was.
pub fn get(tx: &Tx<'_>, key: &str) -> Result<(i64, Time), StoreError> {
    let found = tx.row(GET, values![key], |row| Ok((row.int("failures")?, row.time("last_at")?)))?;
    Ok(found.unwrap_or_default())
}

pub fn put(tx: &Tx<'_>, key: &str, failures: i64, now: Time) -> Result<(), StoreError> {
    tx.execute_one(PUT, values![key, failures, now])
}

pub fn clear(tx: &Tx<'_>, key: &str) -> Result<(), StoreError> {
    tx.execute(CLEAR, values![key]).map(|_| ())
}

/// Deletes those whose last is older.
pub fn forget(tx: &Tx<'_>, before: Time) -> Result<(), StoreError> {
    tx.execute(FORGET, values![before]).map(|_| ())
}
