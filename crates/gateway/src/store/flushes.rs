//! Flushes seen on a chain: money that left a forwarder for the merchant's and the fee wallet.

use domain::attempt::Attempt;
use domain::payment::{Finality, OnChain};
use domain::{AttemptId, MerchantId, Units};

use super::payments::{finality_from, finality_name, stored};
use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO flushes (merchant_id, attempt_id, chain, tx_hash, log_index, block_number, block_hash, block_time,
                asset, merchant_units, fee_units, finality, round)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'seen', 0)";
    UPDATE = "UPDATE flushes SET finality = $6, round = $7
              WHERE merchant_id = $1 AND chain = $2 AND tx_hash = $3 AND log_index = $4 AND block_hash = $5";
    BY_KEY = "SELECT * FROM flushes WHERE merchant_id = $1 AND chain = $2 AND tx_hash = $3 AND log_index = $4
              AND block_hash = $5";
    SEEN = "SELECT * FROM flushes WHERE chain = $1 AND finality = 'seen' ORDER BY block_number, log_index";
    OF_ATTEMPT = "SELECT * FROM flushes WHERE merchant_id = $1 AND attempt_id = $2 ORDER BY block_number, log_index";
    ABOVE = "SELECT * FROM flushes WHERE chain = $1 AND block_number > $2 AND finality <> 'reversed'";
}

/// A `Flushed` event of one of our forwarders.
#[derive(Debug, Clone)]
pub struct FlushRow {
    pub merchant_id: MerchantId,
    pub attempt_id: AttemptId,
    pub on_chain: OnChain,
    pub asset: String,
    pub merchant_units: Units,
    pub fee_units: Units,
    pub finality: Finality,
    pub round: u32,
}

pub fn insert(tx: &Tx<'_>, row: &FlushRow) -> Result<(), StoreError> {
    let key = &row.on_chain;
    tx.execute_one(
        INSERT,
        values![
            row.merchant_id.as_str(),
            row.attempt_id.as_str(),
            &key.chain,
            &key.tx_hash,
            stored(key.log_index)?,
            stored(key.block_number)?,
            &key.block_hash,
            key.block_time,
            &row.asset,
            &row.merchant_units.to_string(),
            &row.fee_units.to_string(),
        ],
    )
}

pub fn update(tx: &Tx<'_>, row: &FlushRow) -> Result<(), StoreError> {
    let key = &row.on_chain;
    tx.execute_one(
        UPDATE,
        values![
            row.merchant_id.as_str(),
            &key.chain,
            &key.tx_hash,
            stored(key.log_index)?,
            &key.block_hash,
            finality_name(row.finality),
            i64::from(row.round),
        ],
    )
}

fn read(row: &Row<'_>) -> Result<FlushRow, StoreError> {
    let tx_hash = row.text("tx_hash")?;
    let units = |column| row.parsed("flushes", column, &tx_hash, |text| Units::from_digits(text).ok());
    let unsigned = |column| row.int(column).map(|value| u64::try_from(value).unwrap_or(0));
    Ok(FlushRow {
        merchant_id: row.parsed("flushes", "merchant_id", &tx_hash, |text| MerchantId::parse(text).ok())?,
        attempt_id: row.parsed("flushes", "attempt_id", &tx_hash, |text| AttemptId::parse(text).ok())?,
        on_chain: OnChain {
            chain: row.text("chain")?,
            tx_hash: tx_hash.clone(),
            log_index: unsigned("log_index")?,
            block_number: unsigned("block_number")?,
            block_hash: row.text("block_hash")?,
            block_time: row.time("block_time")?,
        },
        asset: row.text("asset")?,
        merchant_units: units("merchant_units")?,
        fee_units: units("fee_units")?,
        finality: row.parsed("flushes", "finality", &tx_hash, finality_from)?,
        round: u32::try_from(row.int("round")?).unwrap_or(u32::MAX),
    })
}

pub fn by_key(tx: &Tx<'_>, merchant: &MerchantId, key: &OnChain) -> Result<Option<FlushRow>, StoreError> {
    let values = values![merchant.as_str(), &key.chain, &key.tx_hash, stored(key.log_index)?, &key.block_hash];
    tx.row(BY_KEY, values, read)
}

/// Flushes that wait for confirmations.
pub fn seen(tx: &Tx<'_>, chain: &str) -> Result<Vec<FlushRow>, StoreError> {
    tx.rows(SEEN, values![chain], read)
}

/// Flushes in blocks after `block` that the chain is still thought to have.
pub fn above(tx: &Tx<'_>, chain: &str, block: u64) -> Result<Vec<FlushRow>, StoreError> {
    tx.rows(ABOVE, values![chain, stored(block)?], read)
}

/// All flushes of an invoice's attempts.
pub fn of_attempts(tx: &Tx<'_>, merchant: &MerchantId, attempts: &[Attempt]) -> Result<Vec<FlushRow>, StoreError> {
    let mut found = Vec::new();
    for attempt in attempts {
        found.extend(tx.rows(OF_ATTEMPT, values![merchant.as_str(), attempt.id.as_str()], read)?);
    }
    Ok(found)
}
