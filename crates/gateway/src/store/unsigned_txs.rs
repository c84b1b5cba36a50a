//! What went out to be signed elsewhere: every field that is signed.

use domain::{MerchantId, Time, TransferId};

use super::payments::stored;
use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO unsigned_txs (chain, sender, nonce, revision, merchant_id, transfer_id, receiver, call_data, gas_limit,
                max_fee, tip, asked_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    OF_NONCE = "SELECT * FROM unsigned_txs WHERE chain = $1 AND sender = $2 AND nonce = $3 ORDER BY revision";
    /// The newest of each nonce that is not over, as long as its bytes have not come back.
    OUT = "SELECT u.* FROM unsigned_txs u
           JOIN chain_txs t ON t.chain = u.chain AND t.sender = u.sender AND t.nonce = u.nonce
           WHERE u.chain = $1 AND u.sender = $2 AND t.state IN ('unsigned', 'pending', 'mined')
             AND u.revision = (SELECT max(n.revision) FROM unsigned_txs n
                               WHERE n.chain = u.chain AND n.sender = u.sender AND n.nonce = u.nonce)
             AND NOT EXISTS (SELECT 1 FROM chain_tx_bytes b WHERE b.chain = u.chain AND b.sender = u.sender
                               AND b.nonce = u.nonce AND b.revision = u.revision)
           ORDER BY u.nonce";
    OF_WALLET = "SELECT * FROM unsigned_txs WHERE chain = $1 AND sender = $2 AND nonce >= $3 AND nonce <= $4 ORDER BY nonce, revision";
    SENDERS = "SELECT DISTINCT sender FROM unsigned_txs WHERE chain = $1 ORDER BY sender";
}

/// One transaction, as it went out under its nonce for the (revision + 1)th time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsignedRow {
    pub chain: String,
    /// Lower-case hex, 0x-prefixed.
    pub sender: String,
    pub nonce: u64,
    pub revision: i64,
    pub merchant_id: MerchantId,
    pub transfer_id: TransferId,
    /// Whom it calls: a token's contract, or the sender itself when it calls the transfer off. Lower-case hex.
    pub receiver: String,
    /// Hex.
    pub call_data: String,
    pub gas_limit: u64,
    /// Wei a unit of gas.
    pub max_fee: u128,
    /// Wei a unit of gas; `None` on chains without a base fee.
    pub tip: Option<u128>,
    pub asked_at: Time,
}

impl UnsignedRow {
    /// Whether it moves nothing, so that its nonce is used up.
    pub fn calls_off(&self) -> bool {
        self.receiver == self.sender
    }

    /// Whether it only uses up the nonce of a transfer that had been over since a moment when it went out.
    pub fn frees_nonce_of(&self, over_since: Time) -> bool {
        self.calls_off() && self.asked_at >= over_since
    }
}

pub fn insert(tx: &Tx<'_>, row: &UnsignedRow) -> Result<(), StoreError> {
    let (max_fee, tip) = (row.max_fee.to_string(), row.tip.map(|tip| tip.to_string()));
    tx.execute_one(
        INSERT,
        values![
            &row.chain,
            &row.sender,
            stored(row.nonce)?,
            row.revision,
            row.merchant_id.as_str(),
            row.transfer_id.as_str(),
            &row.receiver,
            &row.call_data,
            stored(row.gas_limit)?,
            &max_fee,
            tip.as_deref(),
            row.asked_at,
        ],
    )
}

fn read(row: &Row<'_>) -> Result<UnsignedRow, StoreError> {
    const TABLE: &str = "unsigned_txs";
    let unsigned = |column| row.int(column).map(|value| u64::try_from(value).unwrap_or(0));
    let id = row.parsed(TABLE, "transfer_id", "?", |text| TransferId::parse(text).ok())?;
    let tip = match row.opt_text("tip")? {
        None => None,
        Some(_) => Some(row.parsed(TABLE, "tip", id.as_str(), |text| text.parse().ok())?),
    };
    Ok(UnsignedRow {
        chain: row.text("chain")?,
        sender: row.text("sender")?,
        nonce: unsigned("nonce")?,
        revision: row.int("revision")?,
        merchant_id: row.parsed(TABLE, "merchant_id", id.as_str(), |text| MerchantId::parse(text).ok())?,
        receiver: row.text("receiver")?,
        call_data: row.text("call_data")?,
        gas_limit: unsigned("gas_limit")?,
        max_fee: row.parsed(TABLE, "max_fee", id.as_str(), |text| text.parse().ok())?,
        tip,
        asked_at: row.time("asked_at")?,
        transfer_id: id,
    })
}

/// Each time a nonce went out, first to last.
pub fn of_nonce(tx: &Tx<'_>, chain: &str, sender: &str, nonce: u64) -> Result<Vec<UnsignedRow>, StoreError> {
    tx.rows(OF_NONCE, values![chain, sender, stored(nonce)?], read)
}

/// Each time each nonce of a wallet went out, from the first nonce to the last one named.
pub fn between(
    tx: &Tx<'_>,
    chain: &str,
    sender: &str,
    (first, last): (u64, u64),
) -> Result<Vec<UnsignedRow>, StoreError> {
    tx.rows(OF_WALLET, values![chain, sender, stored(first)?, stored(last)?], read)
}

/// What of a wallet is out, lowest nonce first: the newest of each nonce whose bytes have not come back.
pub fn out(tx: &Tx<'_>, chain: &str, sender: &str) -> Result<Vec<UnsignedRow>, StoreError> {
    tx.rows(OUT, values![chain, sender], read)
}

/// The wallets of which something ever went out.
pub fn senders(tx: &Tx<'_>, chain: &str) -> Result<Vec<String>, StoreError> {
    tx.rows(SENDERS, values![chain], |row| row.text("sender"))
}
