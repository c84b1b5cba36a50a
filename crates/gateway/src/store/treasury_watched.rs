//! Since when each coin of a treasury's wallet is looked for.

use domain::Time;

use super::payments::stored;
use super::tx::{StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO treasury_watched (chain, wallet, asset, from_block, since) VALUES ($1, $2, $3, $4, $5)
              ON CONFLICT (chain, wallet, asset) DO NOTHING";
    OF_WALLET = "SELECT asset, from_block FROM treasury_watched WHERE chain = $1 AND wallet = $2";
    SINCE = "SELECT since FROM treasury_watched WHERE chain = $1 AND wallet = $2 AND asset = $3";
    END = "DELETE FROM treasury_watched WHERE chain = $1 AND wallet = $2 AND asset = $3";
}

/// Notes that `asset` is looked for from a block on, unless that is known. `wallet` as moves name it: 0x, checksummed.
pub fn begin(
    tx: &Tx<'_>,
    chain: &str,
    wallet: &str,
    asset: &str,
    from_block: u64,
    now: Time,
) -> Result<(), StoreError> {
    tx.execute(INSERT, values![chain, wallet, asset, stored(from_block)?, now]).map(|_| ())
}

/// Notes that blocks are read without looking for `asset`.
pub fn end(tx: &Tx<'_>, chain: &str, wallet: &str, asset: &str) -> Result<(), StoreError> {
    tx.execute(END, values![chain, wallet, asset]).map(|_| ())
}

/// Since when every block was read with `asset` looked for; `None` when it is not.
pub fn since(tx: &Tx<'_>, chain: &str, wallet: &str, asset: &str) -> Result<Option<Time>, StoreError> {
    tx.row(SINCE, values![chain, wallet, asset], |row| row.time("since"))
}

/// The wallet's coins, each with the first block in which it is surely seen.
pub fn of_wallet(tx: &Tx<'_>, chain: &str, wallet: &str) -> Result<Vec<(String, u64)>, StoreError> {
    tx.rows(OF_WALLET, values![chain, wallet], |row| {
        Ok((row.text("asset")?, u64::try_from(row.int("from_block")?).unwrap_or(0)))
    })
}
