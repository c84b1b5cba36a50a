//! Named values that belong to the database rather than to the configuration, and counters.

use super::tx::{StoreError, Tx, statements, values};

statements! {
    GET = "SELECT value FROM settings WHERE name = $1";
    PUT = "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    /// One row a counter: on PostgreSQL a sequence takes its place, since gaps do no harm.
    NEXT = "INSERT INTO counters (name, value) VALUES ($1, 1)
            ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value";
}

pub fn get(tx: &Tx<'_>, name: &str) -> Result<Option<String>, StoreError> {
    tx.row(GET, values![name], |row| row.text("value"))
}

pub fn put(tx: &Tx<'_>, name: &str, value: &str) -> Result<(), StoreError> {
    tx.execute_one(PUT, values![name, value])
}

/// The next number of a counter, from 1.
pub fn next_number(tx: &Tx<'_>, name: &str) -> Result<i64, StoreError> {
    tx.row(NEXT, values![name], |row| row.int("value"))?
        .ok_or_else(|| StoreError::Inconsistent(format!("the counter {name} gave no number")))
}
