//! Coins that payers are to get back.

use domain::coin_refund::{Funding, Source, State};
use domain::ledger::EntryRate;
use domain::{MerchantId, RefundId, Time, TransferId, Units};

use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO coin_refunds (merchant_id, id, invoice_number, asset, chain, units, source, wallet, state, token_hash, link_ends,
                created_at, changed_at, version)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'asked', $9, $10, $11, $11, 1)";
    UPDATE = "UPDATE coin_refunds SET state = $4, token_hash = $5, link_ends = $6, destination = $7, confirmed_at = $8, transfer_id = $9,
                funded_currency = $10, funded_minor = $11, rate_price = $12, rate_source = $13, rate_at = $14, tx_hash = $15,
                log_index = $16, note = $17, changed_at = $18, version = version + 1
              WHERE merchant_id = $1 AND id = $2 AND version = $3";
    BY_ID = "SELECT * FROM coin_refunds WHERE merchant_id = $1 AND id = $2";
    BY_TOKEN = "SELECT * FROM coin_refunds WHERE token_hash = $1";
    BY_LOG = "SELECT * FROM coin_refunds WHERE chain = $1 AND tx_hash = $2 AND log_index = $3";
    OF_INVOICE = "SELECT * FROM coin_refunds WHERE merchant_id = $1 AND invoice_number = $2 ORDER BY created_at, id";
    REPORTED = "SELECT * FROM coin_refunds WHERE state = 'reported' ORDER BY changed_at, id LIMIT $1";
    OF_MERCHANT = "SELECT * FROM coin_refunds WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT 500";
    COUNT_ALL = "SELECT count(*) AS refunds FROM coin_refunds";
}

/// A refund of coins. What was decided never changes: invoice, coin, amount, who pays.
#[derive(Debug, Clone)]
pub struct CoinRefundRow {
    pub merchant_id: MerchantId,
    pub id: RefundId,
    pub invoice_number: i64,
    /// An asset's code.
    pub asset: String,
    pub chain: String,
    /// Base units.
    pub units: Units,
    pub source: Source,
    /// The merchant's wallet that got the coins (0x, checksummed).
    pub wallet: String,
    pub state: State,
    /// SHA-256, hex, of the token in the payer's link.
    pub token_hash: String,
    pub link_ends: Time,
    /// 0x, checksummed: what the payer confirmed.
    pub destination: Option<String>,
    pub confirmed_at: Option<Time>,
    pub transfer_id: Option<TransferId>,
    pub funding: Option<Funding>,
    pub tx_hash: Option<String>,
    /// -1 where the transaction itself moved native coin.
    pub log_index: Option<i64>,
    pub note: Option<String>,
    pub created_at: Time,
    pub changed_at: Time,
    pub version: i64,
}

pub fn insert(tx: &Tx<'_>, row: &CoinRefundRow) -> Result<(), StoreError> {
    tx.execute_one(
        INSERT,
        values![
            row.merchant_id.as_str(),
            row.id.as_str(),
            row.invoice_number,
            &row.asset,
            &row.chain,
            &row.units.to_string(),
            row.source.name(),
            &row.wallet,
            &row.token_hash,
            row.link_ends,
            row.created_at,
        ],
    )
}

/// Writes what may change, if nobody else did since it was read.
pub fn update(tx: &Tx<'_>, row: &mut CoinRefundRow) -> Result<(), StoreError> {
    let (funding, rate) = (row.funding.as_ref(), row.funding.as_ref().map(|funding| &funding.rate));
    let minor = funding.map(|funding| funding.minor.to_string());
    tx.execute_one(
        UPDATE,
        values![
            row.merchant_id.as_str(),
            row.id.as_str(),
            row.version,
            row.state.name(),
            &row.token_hash,
            row.link_ends,
            row.destination.as_deref(),
            row.confirmed_at,
            row.transfer_id.as_ref().map(TransferId::as_str),
            funding.map(|funding| &funding.currency),
            minor.as_deref(),
            rate.map(|rate| &rate.price),
            rate.map(|rate| &rate.source),
            rate.map(|rate| rate.at),
            row.tx_hash.as_deref(),
            row.log_index,
            row.note.as_deref(),
            row.changed_at,
        ],
    )?;
    row.version += 1;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<CoinRefundRow, StoreError> {
    const TABLE: &str = "coin_refunds";
    let id = row.parsed(TABLE, "id", "?", |text| RefundId::parse(text).ok())?;
    let funding = match row.opt_text("funded_currency")? {
        None => None,
        Some(currency) => Some(Funding {
            currency,
            minor: row.parsed(TABLE, "funded_minor", id.as_str(), |text| Units::from_digits(text).ok())?,
            rate: EntryRate {
                price: row.text("rate_price")?,
                source: row.text("rate_source")?,
                at: row.time("rate_at")?,
            },
        }),
    };
    let transfer_id = match row.opt_text("transfer_id")? {
        None => None,
        Some(_) => Some(row.parsed(TABLE, "transfer_id", id.as_str(), |text| TransferId::parse(text).ok())?),
    };
    Ok(CoinRefundRow {
        merchant_id: row.parsed(TABLE, "merchant_id", id.as_str(), |text| MerchantId::parse(text).ok())?,
        invoice_number: row.int("invoice_number")?,
        asset: row.text("asset")?,
        chain: row.text("chain")?,
        units: row.parsed(TABLE, "units", id.as_str(), |text| Units::from_digits(text).ok())?,
        source: row.parsed(TABLE, "source", id.as_str(), Source::from_name)?,
        wallet: row.text("wallet")?,
        state: row.parsed(TABLE, "state", id.as_str(), State::from_name)?,
        token_hash: row.text("token_hash")?,
        link_ends: row.time("link_ends")?,
        destination: row.opt_text("destination")?,
        confirmed_at: row.opt_int("confirmed_at")?.map(Time),
        transfer_id,
        funding,
        tx_hash: row.opt_text("tx_hash")?,
        log_index: row.opt_int("log_index")?,
        note: row.opt_text("note")?,
        created_at: row.time("created_at")?,
        changed_at: row.time("changed_at")?,
        version: row.int("version")?,
        id,
    })
}

pub fn by_id(tx: &Tx<'_>, merchant: &MerchantId, id: &RefundId) -> Result<Option<CoinRefundRow>, StoreError> {
    tx.row(BY_ID, values![merchant.as_str(), id.as_str()], read)
}

/// Whose link it is, by the hash of its token.
pub fn by_token(tx: &Tx<'_>, token_hash: &str) -> Result<Option<CoinRefundRow>, StoreError> {
    tx.row(BY_TOKEN, values![token_hash], read)
}

/// The refund that a movement of coins proves.
pub fn by_log(tx: &Tx<'_>, chain: &str, tx_hash: &str, log_index: i64) -> Result<Option<CoinRefundRow>, StoreError> {
    tx.row(BY_LOG, values![chain, tx_hash, log_index], read)
}

/// Oldest first.
pub fn of_invoice(tx: &Tx<'_>, merchant: &MerchantId, invoice: i64) -> Result<Vec<CoinRefundRow>, StoreError> {
    tx.rows(OF_INVOICE, values![merchant.as_str(), invoice], read)
}

/// Those whose transaction was named and is not final yet.
pub fn reported(tx: &Tx<'_>, limit: i64) -> Result<Vec<CoinRefundRow>, StoreError> {
    tx.rows(REPORTED, values![limit], read)
}

/// A merchant's, up to 500 after `last` (an id, or nothing).
pub fn after(tx: &Tx<'_>, merchant: &MerchantId, last: &str) -> Result<Vec<CoinRefundRow>, StoreError> {
    tx.rows(OF_MERCHANT, values![merchant.as_str(), last], read)
}

/// How many there are in all; reads every row.
pub fn count_all(tx: &Tx<'_>) -> Result<i64, StoreError> {
    tx.row(COUNT_ALL, values![], |row| row.int("refunds")).map(|count| count.unwrap_or(0))
}
