//! Named values that belong to the database rather than to the configuration, and counters.

use super::tx::{StoreError, Tx, statements, values};

statements! {
    LAST = "SELECT value FROM counters WHERE name = $1";
    GET = "SELECT value FROM settings WHERE name = $1";
    PUT = "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
}

pub fn get(tx: &Tx<'_>, name: &str) -> Result<Option<String>, StoreError> {
    tx.row(GET, values![name], |row| row.text("value"))
}

pub fn put(tx: &Tx<'_>, name: &str, value: &str) -> Result<(), StoreError> {
    tx.execute_one(PUT, values![name, value])
}

/// The last number a counter gave; 0 before the first.
pub fn last_number(tx: &Tx<'_>, name: &str) -> Result<i64, StoreError> {
    match tx.group().and_then(|group| group.last_number(name)) {
        Some(last) => Ok(last),
        None => Ok(tx.row(LAST, values![name], |row| row.int("value"))?.unwrap_or(0)),
    }
}

/// The next number of a counter, from 1, without a gap.
///
/// # Errors
/// Outside a write.
pub fn next_number(tx: &Tx<'_>, name: &str) -> Result<i64, StoreError> {
    let group = tx.group().ok_or_else(|| StoreError::Inconsistent(format!("{name}: a read takes no number")))?;
    group.next_number(name, || last_number(tx, name))
}
