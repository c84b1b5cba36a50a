//! Since when each coin of a treasury's wallet is looked for.

use super::payments::stored;
use super::tx::{StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO treasury_watched (chain, wallet, asset, from_block) VALUES ($1, $2, $3, $4)
              ON CONFLICT (chain, wallet, asset) DO NOTHING";
    OF_WALLET = "SELECT asset, from_block FROM treasury_watched WHERE chain = $1 AND wallet = $2";
}

/// Notes that `asset` is looked for from a block on, unless that is known. `wallet` as moves name it: 0x, checksummed.
pub fn begin(tx: &Tx<'_>, chain: &str, wallet: &str, asset: &str, from_block: u64) -> Result<(), StoreError> {
    tx.execute(INSERT, values![chain, wallet, asset, stored(from_block)?]).map(|_| ())
}

/// The wallet's coins, each with the first block in which it is surely seen.
pub fn of_wallet(tx: &Tx<'_>, chain: &str, wallet: &str) -> Result<Vec<(String, u64)>, StoreError> {
    tx.rows(OF_WALLET, values![chain, wallet], |row| {
        Ok((row.text("asset")?, u64::try_from(row.int("from_block")?).unwrap_or(0)))
    })
}
