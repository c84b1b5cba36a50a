//! A watcher's cursor: the newest blocks it has read.

use super::payments::stored;
use super::tx::{StoreError, Tx, statements, values};

statements! {
    PUT = "INSERT INTO blocks (chain, number, hash) VALUES ($1, $2, $3)
           ON CONFLICT (chain, number) DO UPDATE SET hash = excluded.hash";
    RECENT = "SELECT number, hash FROM blocks WHERE chain = $1 ORDER BY number DESC LIMIT $2";
    DROP_ABOVE = "DELETE FROM blocks WHERE chain = $1 AND number > $2";
    DROP_BELOW = "DELETE FROM blocks WHERE chain = $1 AND number < $2";
}

/// How many blocks are remembered: the deepest reorganisation that can be followed.
pub const REMEMBERED: u64 = 512;

pub fn put(tx: &Tx<'_>, chain: &str, number: u64, hash: &str) -> Result<(), StoreError> {
    tx.execute_one(PUT, values![chain, stored(number)?, hash])
}

/// Whether the chain is being read.
pub fn is_begun(tx: &Tx<'_>, chain: &str) -> Result<bool, StoreError> {
    Ok(tx.row(RECENT, values![chain, 1i64], |_| Ok(()))?.is_some())
}

/// The height up to which the chain is read.
pub fn newest(tx: &Tx<'_>, chain: &str) -> Result<Option<u64>, StoreError> {
    Ok(tx.row(RECENT, values![chain, 1i64], |row| row.int("number"))?.and_then(|number| u64::try_from(number).ok()))
}

/// Newest last.
pub fn recent(tx: &Tx<'_>, chain: &str) -> Result<Vec<(u64, String)>, StoreError> {
    let mut blocks = tx.rows(RECENT, values![chain, stored(REMEMBERED)?], |row| {
        Ok((u64::try_from(row.int("number")?).unwrap_or(0), row.text("hash")?))
    })?;
    blocks.reverse();
    Ok(blocks)
}

pub fn drop_above(tx: &Tx<'_>, chain: &str, number: u64) -> Result<(), StoreError> {
    tx.execute(DROP_ABOVE, values![chain, stored(number)?]).map(|_| ())
}

pub fn forget_old(tx: &Tx<'_>, chain: &str, newest: u64) -> Result<(), StoreError> {
    tx.execute(DROP_BELOW, values![chain, stored(newest.saturating_sub(REMEMBERED))?]).map(|_| ())
}
