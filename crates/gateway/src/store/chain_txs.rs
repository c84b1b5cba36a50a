//! Transactions of the keys on the server: nonce, bytes, fate.

use domain::Time;

use super::payments::stored;
use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO chain_txs (chain, sender, nonce, state, items, receiver, call_data, gas_limit, created_at, due_at,
                purpose)
              VALUES ($1, $2, $3, $10, $4, $5, $6, $7, $8, $8, $9)";
    INSERT_BYTES = "INSERT INTO chain_tx_bytes (chain, sender, nonce, revision, hash, raw, max_fee, tip, created_at)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    LAST_NONCE = "SELECT max(nonce) AS nonce FROM chain_txs WHERE chain = $1 AND sender = $2";
    OPEN = "SELECT * FROM chain_txs WHERE chain = $1 AND state IN ('unsigned', 'pending', 'mined') AND purpose = $2 ORDER BY nonce";
    BY_NONCE = "SELECT * FROM chain_txs WHERE chain = $1 AND sender = $2 AND nonce = $3";
    BY_HASH = "SELECT t.* FROM chain_tx_bytes b JOIN chain_txs t ON t.chain = b.chain AND t.sender = b.sender AND t.nonce = b.nonce
               WHERE b.chain = $1 AND b.hash = $2 AND t.purpose = $3";
    /// What is over without having moved anything.
    DEAD = "SELECT count(*) AS dead FROM chain_txs WHERE chain = $1 AND sender = $2 AND items = $3
            AND (state = 'parked' OR (state = 'final' AND succeeded = 0))";
    REDIRECT = "UPDATE chain_txs SET items = $4, receiver = $5, call_data = $6, due_at = $7
                WHERE chain = $1 AND sender = $2 AND nonce = $3 AND state IN ('unsigned', 'pending', 'mined')";
    /// A nonce that was thought to be over is free again, and is given to what moves nothing.
    REFILL = "UPDATE chain_txs SET state = 'pending', receiver = sender, call_data = '', gas_limit = $4, mined_hash = NULL,
                mined_block = NULL, succeeded = NULL, note = $5, due_at = $6
              WHERE chain = $1 AND sender = $2 AND nonce = $3 AND state = $7";
    WITHOUT_BYTES = "SELECT * FROM chain_txs t WHERE t.chain = $1 AND t.sender = $2 AND t.state = 'pending' AND t.purpose = $3
                     AND NOT EXISTS (SELECT 1 FROM chain_tx_bytes b WHERE b.chain = t.chain AND b.sender = t.sender AND b.nonce = t.nonce)
                     ORDER BY t.nonce";
    REOPEN = "UPDATE chain_txs SET state = 'pending', mined_hash = NULL, mined_block = NULL, succeeded = NULL
              WHERE chain = $1 AND mined_block > $2 AND purpose = $3 AND state = 'final' AND succeeded = 1";
    /// What went out to be signed and whose bytes nobody brought waits for them again.
    UNSIGN = "UPDATE chain_txs SET state = 'unsigned' WHERE chain = $1 AND purpose = 'transfer' AND state = 'pending'
              AND NOT EXISTS (SELECT 1 FROM chain_tx_bytes b WHERE b.chain = chain_txs.chain AND b.sender = chain_txs.sender
                                AND b.nonce = chain_txs.nonce)
              AND EXISTS (SELECT 1 FROM unsigned_txs u WHERE u.chain = chain_txs.chain AND u.sender = chain_txs.sender
                            AND u.nonce = chain_txs.nonce)";
    SIGNED = "UPDATE chain_txs SET state = 'pending', note = NULL, due_at = $4
              WHERE chain = $1 AND sender = $2 AND nonce = $3 AND state = 'unsigned'";
    BYTES = "SELECT * FROM chain_tx_bytes WHERE chain = $1 AND sender = $2 AND nonce = $3 ORDER BY revision";
    UPDATE = "UPDATE chain_txs SET state = $4, mined_hash = $5, mined_block = $6, succeeded = $7, note = $8, due_at = $9
              WHERE chain = $1 AND sender = $2 AND nonce = $3";
}

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The gas key empties forwarders.
    Flush,
    /// The treasury's key moves its coins.
    Transfer,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Purpose::Flush => "flush",
            Purpose::Transfer => "transfer",
        }
    }

    fn from_name(name: &str) -> Option<Purpose> {
        [Purpose::Flush, Purpose::Transfer].into_iter().find(|purpose| purpose.name() == name)
    }
}

/// A transaction of a key, by nonce.
#[derive(Debug, Clone)]
pub struct ChainTxRow {
    pub chain: String,
    /// Lower-case hex, 0x-prefixed.
    pub sender: String,
    pub nonce: u64,
    pub purpose: Purpose,
    /// `unsigned`: given out to be signed; `pending`: sent or about to be; `mined`: in a block; `final`; `parked`: needs a person.
    pub state: String,
    /// What it flushes or transfers, as JSON.
    pub items: String,
    pub receiver: String,
    /// Hex.
    pub call_data: String,
    pub gas_limit: u64,
    pub mined_hash: Option<String>,
    pub mined_block: Option<u64>,
    pub succeeded: Option<bool>,
    pub note: Option<String>,
    pub created_at: Time,
    /// When to look at it next.
    pub due_at: Time,
}

/// Signed bytes under a nonce. A later revision pays more and replaces the earlier ones.
#[derive(Debug, Clone)]
pub struct BytesRow {
    pub revision: i64,
    pub hash: String,
    /// Hex.
    pub raw: String,
    /// Wei a unit of gas.
    pub max_fee: u128,
    /// Wei a unit of gas; `None` on chains without a base fee.
    pub tip: Option<u128>,
    pub created_at: Time,
}

pub fn insert(tx: &Tx<'_>, row: &ChainTxRow) -> Result<(), StoreError> {
    let (nonce, gas) = (stored(row.nonce)?, stored(row.gas_limit)?);
    let (receiver, data) = (&row.receiver, &row.call_data);
    tx.execute_one(
        INSERT,
        values![
            &row.chain,
            &row.sender,
            nonce,
            &row.items,
            receiver,
            data,
            gas,
            row.created_at,
            row.purpose.name(),
            &row.state
        ],
    )
}

pub fn insert_bytes(tx: &Tx<'_>, row: &ChainTxRow, bytes: &BytesRow) -> Result<(), StoreError> {
    let (max_fee, tip) = (bytes.max_fee.to_string(), bytes.tip.map(|tip| tip.to_string()));
    tx.execute_one(
        INSERT_BYTES,
        values![
            &row.chain,
            &row.sender,
            stored(row.nonce)?,
            bytes.revision,
            &bytes.hash,
            &bytes.raw,
            &max_fee,
            tip.as_deref(),
            bytes.created_at
        ],
    )
}

/// The highest nonce ever stored for `sender`.
pub fn last_nonce(tx: &Tx<'_>, chain: &str, sender: &str) -> Result<Option<u64>, StoreError> {
    let nonce = tx.row(LAST_NONCE, values![chain, sender], |row| row.opt_int("nonce"))?.flatten();
    Ok(nonce.and_then(|nonce| u64::try_from(nonce).ok()))
}

fn read(row: &Row<'_>) -> Result<ChainTxRow, StoreError> {
    let unsigned = |column| row.int(column).map(|value| u64::try_from(value).unwrap_or(0));
    Ok(ChainTxRow {
        chain: row.text("chain")?,
        sender: row.text("sender")?,
        nonce: unsigned("nonce")?,
        purpose: row.parsed("chain_txs", "purpose", "?", Purpose::from_name)?,
        state: row.text("state")?,
        items: row.text("items")?,
        receiver: row.text("receiver")?,
        call_data: row.text("call_data")?,
        gas_limit: unsigned("gas_limit")?,
        mined_hash: row.opt_text("mined_hash")?,
        mined_block: row.opt_int("mined_block")?.and_then(|block| u64::try_from(block).ok()),
        succeeded: row.opt_int("succeeded")?.map(|flag| flag != 0),
        note: row.opt_text("note")?,
        created_at: row.time("created_at")?,
        due_at: row.time("due_at")?,
    })
}

/// Those of a purpose that are not yet final, lowest nonce first.
pub fn open(tx: &Tx<'_>, chain: &str, purpose: Purpose) -> Result<Vec<ChainTxRow>, StoreError> {
    tx.rows(OPEN, values![chain, purpose.name()], read)
}

pub fn by_nonce(tx: &Tx<'_>, chain: &str, sender: &str, nonce: u64) -> Result<Option<ChainTxRow>, StoreError> {
    tx.row(BY_NONCE, values![chain, sender, stored(nonce)?], read)
}

/// Whose bytes a hash is.
pub fn by_hash(tx: &Tx<'_>, chain: &str, hash: &str, purpose: Purpose) -> Result<Option<ChainTxRow>, StoreError> {
    tx.row(BY_HASH, values![chain, hash, purpose.name()], read)
}

/// How many transactions with the same items are over without having moved anything.
pub fn dead(tx: &Tx<'_>, chain: &str, sender: &str, items: &str) -> Result<i64, StoreError> {
    tx.row(DEAD, values![chain, sender, items], |row| row.int("dead")).map(|dead| dead.unwrap_or(0))
}

/// Gives a transaction on its way another call, for the bytes that replace it from now on; false when it is not on its way.
pub fn redirect(tx: &Tx<'_>, row: &ChainTxRow) -> Result<bool, StoreError> {
    let (nonce, due) = (stored(row.nonce)?, row.due_at);
    let values = values![&row.chain, &row.sender, nonce, &row.items, &row.receiver, &row.call_data, due];
    Ok(tx.execute(REDIRECT, values)? == 1)
}

/// Gives a nonce to a transaction that moves nothing, whatever was sent under it before; false when it is not in that state any more.
pub fn refill(tx: &Tx<'_>, row: &ChainTxRow, was: &str) -> Result<bool, StoreError> {
    let (nonce, gas) = (stored(row.nonce)?, stored(row.gas_limit)?);
    let values = values![&row.chain, &row.sender, nonce, gas, row.note.as_deref(), row.due_at, was];
    Ok(tx.execute(REFILL, values)? == 1)
}

/// Those on their way whose signed bytes are lost.
pub fn without_bytes(tx: &Tx<'_>, chain: &str, sender: &str, purpose: Purpose) -> Result<Vec<ChainTxRow>, StoreError> {
    tx.rows(WITHOUT_BYTES, values![chain, sender, purpose.name()], read)
}

/// Transactions that were final above a height are on their way again: their blocks left the chain.
pub fn reopen(tx: &Tx<'_>, chain: &str, above: u64, purpose: Purpose) -> Result<usize, StoreError> {
    let reopened = tx.execute(REOPEN, values![chain, stored(above)?, purpose.name()])?;
    if reopened > 0 {
        tx.execute(UNSIGN, values![chain])?;
    }
    Ok(reopened)
}

/// The bytes of one that was given out have come back: it may be sent.
pub fn signed(tx: &Tx<'_>, row: &ChainTxRow, now: Time) -> Result<(), StoreError> {
    tx.execute(SIGNED, values![&row.chain, &row.sender, stored(row.nonce)?, now]).map(|_| ())
}

/// All bytes ever signed under a nonce, oldest first.
pub fn bytes(tx: &Tx<'_>, row: &ChainTxRow) -> Result<Vec<BytesRow>, StoreError> {
    tx.rows(BYTES, values![&row.chain, &row.sender, stored(row.nonce)?], |bytes| {
        let number = |text: &str| text.parse().ok();
        Ok(BytesRow {
            revision: bytes.int("revision")?,
            hash: bytes.text("hash")?,
            raw: bytes.text("raw")?,
            max_fee: bytes.parsed("chain_tx_bytes", "max_fee", &row.sender, number)?,
            tip: bytes.opt_text("tip")?.as_deref().and_then(number),
            created_at: bytes.time("created_at")?,
        })
    })
}

pub fn update(tx: &Tx<'_>, row: &ChainTxRow) -> Result<(), StoreError> {
    tx.execute_one(
        UPDATE,
        values![
            &row.chain,
            &row.sender,
            stored(row.nonce)?,
            &row.state,
            row.mined_hash.as_deref(),
            row.mined_block.map(stored).transpose()?,
            row.succeeded,
            row.note.as_deref(),
            row.due_at,
        ],
    )
}
