//! Moves: coins that came to a treasury wallet or left it, as the chain says.

use domain::payment::{Finality, OnChain};
use domain::{MerchantId, Time, TransferId, Units};

use super::payments::{finality_from, finality_name, stored};
use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO treasury_moves (chain, tx_hash, log_index, block_number, block_hash, block_time, wallet, direction,
                counterparty, asset, units, finality, round, seen_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $13)";
    UPDATE = "UPDATE treasury_moves SET finality = $5, round = $6, transfer_merchant = $7, transfer_id = $8, claimed_by = $9,
                fund_number = $10, internal = $11
              WHERE chain = $1 AND tx_hash = $2 AND log_index = $3 AND block_hash = $4";
    BY_KEY = "SELECT * FROM treasury_moves WHERE chain = $1 AND tx_hash = $2 AND log_index = $3 AND block_hash = $4";
    OF_TX = "SELECT * FROM treasury_moves WHERE chain = $1 AND tx_hash = $2 ORDER BY block_number, block_hash, log_index";
    SEEN = "SELECT * FROM treasury_moves WHERE chain = $1 AND finality = 'seen' AND block_number <= $2
            ORDER BY block_number, log_index";
    ABOVE = "SELECT * FROM treasury_moves WHERE chain = $1 AND block_number > $2 AND finality <> 'reversed'
             ORDER BY block_number, log_index";
    TXS = "SELECT DISTINCT chain, tx_hash FROM treasury_moves WHERE chain > $1 OR (chain = $1 AND tx_hash > $2)
           ORDER BY chain, tx_hash LIMIT 500";
    WITHDRAWN = "SELECT * FROM treasury_moves WHERE chain = $1 AND wallet = $2 AND asset = $3 AND units = $4 AND block_time >= $5
                 AND direction = 'out' AND finality <> 'reversed' AND transfer_id IS NULL AND internal = 0
                 ORDER BY block_number, log_index";
    COUNT_ALL = "SELECT count(*) AS moves FROM treasury_moves";
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    In,
    Out,
}

impl Direction {
    pub fn name(self) -> &'static str {
        match self {
            Direction::In => "in",
            Direction::Out => "out",
        }
    }

    fn from_name(name: &str) -> Option<Direction> {
        [Direction::In, Direction::Out].into_iter().find(|direction| direction.name() == name)
    }
}

/// A move. What the chain says never changes, only what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveRow {
    /// Hashes are lower-case hex, 0x-prefixed.
    pub on_chain: OnChain,
    /// The treasury's address (0x, checksummed).
    pub wallet: String,
    pub direction: Direction,
    /// Who sent it, or got it (0x, checksummed). A transfer from the wallet to itself moves nothing and has no row.
    pub counterparty: String,
    /// An asset's code.
    pub asset: String,
    /// Above zero.
    pub units: Units,
    pub finality: Finality,
    /// How many times it became final.
    pub round: u32,
    /// The transfer of ours that an outgoing move belongs to.
    pub transfer: Option<(MerchantId, TransferId)>,
    /// Whose an incoming move is: a merchant, or the house when the operator declared it as its capital.
    pub claimed_by: Option<MerchantId>,
    /// The merchant's fund it was credited to.
    pub fund_number: Option<i64>,
    /// It went to another wallet of ours, is final, and is in no book.
    pub internal: bool,
    pub seen_at: Time,
}

pub fn insert(tx: &Tx<'_>, row: &MoveRow) -> Result<(), StoreError> {
    let key = &row.on_chain;
    tx.execute_one(
        INSERT,
        values![
            &key.chain,
            &key.tx_hash,
            stored(key.log_index)?,
            stored(key.block_number)?,
            &key.block_hash,
            key.block_time,
            &row.wallet,
            row.direction.name(),
            &row.counterparty,
            &row.asset,
            &row.units.to_string(),
            finality_name(row.finality),
            row.seen_at,
        ],
    )
}

/// Writes what may change: finality, round, whose it is.
pub fn update(tx: &Tx<'_>, row: &MoveRow) -> Result<(), StoreError> {
    let key = &row.on_chain;
    tx.execute_one(
        UPDATE,
        values![
            &key.chain,
            &key.tx_hash,
            stored(key.log_index)?,
            &key.block_hash,
            finality_name(row.finality),
            i64::from(row.round),
            row.transfer.as_ref().map(|(merchant, _)| merchant.as_str()),
            row.transfer.as_ref().map(|(_, id)| id.as_str()),
            row.claimed_by.as_ref().map(MerchantId::as_str),
            row.fund_number,
            row.internal,
        ],
    )
}

/// Writes whose an incoming move is, and the number of the fund it was credited to, if it was to one.
pub fn claim(
    tx: &Tx<'_>,
    row: &mut MoveRow,
    claimed_by: Option<&MerchantId>,
    fund_number: Option<i64>,
) -> Result<(), StoreError> {
    (row.claimed_by, row.fund_number) = (claimed_by.cloned(), fund_number);
    update(tx, row)
}

fn read(row: &Row<'_>) -> Result<MoveRow, StoreError> {
    const TABLE: &str = "treasury_moves";
    let tx_hash = row.text("tx_hash")?;
    let name = tx_hash.clone();
    let unsigned = |column: &'static str| {
        let value = row.int(column)?;
        let (id, value_text) = (name.clone(), value.to_string());
        u64::try_from(value).map_err(|_| StoreError::Damaged { table: TABLE, column, id, value: value_text })
    };
    let merchant = |column: &'static str| match row.opt_text(column)? {
        None => Ok(None),
        Some(_) => row.parsed(TABLE, column, &name, |text| MerchantId::parse(text).ok()).map(Some),
    };
    let transfer = match merchant("transfer_merchant")? {
        None => None,
        Some(owner) => Some((owner, row.parsed(TABLE, "transfer_id", &name, |text| TransferId::parse(text).ok())?)),
    };
    Ok(MoveRow {
        on_chain: OnChain {
            chain: row.text("chain")?,
            tx_hash,
            log_index: unsigned("log_index")?,
            block_number: unsigned("block_number")?,
            block_hash: row.text("block_hash")?,
            block_time: row.time("block_time")?,
        },
        wallet: row.text("wallet")?,
        direction: row.parsed(TABLE, "direction", &name, Direction::from_name)?,
        counterparty: row.text("counterparty")?,
        asset: row.text("asset")?,
        units: row.parsed(TABLE, "units", &name, |text| Units::from_digits(text).ok())?,
        finality: row.parsed(TABLE, "finality", &name, finality_from)?,
        round: u32::try_from(unsigned("round")?).unwrap_or(u32::MAX),
        transfer,
        claimed_by: merchant("claimed_by")?,
        fund_number: row.opt_int("fund_number")?,
        internal: row.int("internal")? != 0,
        seen_at: row.time("seen_at")?,
    })
}

/// By chain, transaction, log index and block hash.
pub fn by_key(tx: &Tx<'_>, key: &OnChain) -> Result<Option<MoveRow>, StoreError> {
    tx.row(BY_KEY, values![&key.chain, &key.tx_hash, stored(key.log_index)?, &key.block_hash], read)
}

/// What one transaction moved, in and out, in every block it was ever seen in: reversed ones too. `tx_hash` in lower-case hex.
pub fn of_tx(tx: &Tx<'_>, chain: &str, tx_hash: &str) -> Result<Vec<MoveRow>, StoreError> {
    tx.rows(OF_TX, values![chain, tx_hash], read)
}

/// Moves in blocks up to `block` that wait for confirmations.
pub fn seen(tx: &Tx<'_>, chain: &str, block: u64) -> Result<Vec<MoveRow>, StoreError> {
    tx.rows(SEEN, values![chain, stored(block)?], read)
}

/// Moves in blocks after `block` that the chain is still thought to have.
pub fn above(tx: &Tx<'_>, chain: &str, block: u64) -> Result<Vec<MoveRow>, StoreError> {
    tx.rows(ABOVE, values![chain, stored(block)?], read)
}

/// What left `wallet` (0x, checksummed) since a moment, seen or final, and is no transfer's, oldest first.
pub fn withdrawn(
    tx: &Tx<'_>,
    (chain, wallet): (&str, &str),
    (asset, units): (&str, Units),
    since: Time,
) -> Result<Vec<MoveRow>, StoreError> {
    tx.rows(WITHDRAWN, values![chain, wallet, asset, &units.to_string(), since], read)
}

/// Up to 500 transactions that moved something, as (chain, hash), after the one given: for walking through all.
pub fn txs_after(tx: &Tx<'_>, chain: &str, tx_hash: &str) -> Result<Vec<(String, String)>, StoreError> {
    tx.rows(TXS, values![chain, tx_hash], |row| Ok((row.text("chain")?, row.text("tx_hash")?)))
}

/// How many there are in all; reads every row.
pub fn count_all(tx: &Tx<'_>) -> Result<i64, StoreError> {
    tx.row(COUNT_ALL, values![], |row| row.int("moves")).map(|count| count.unwrap_or(0))
}
