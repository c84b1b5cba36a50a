//! Payments: transfers seen on a chain.

use domain::payment::{Finality, OnChain, Payment, Placement};
use domain::{AttemptId, MerchantId, PaymentId, Time, Units};

use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO payments (merchant_id, id, invoice_number, attempt_id, chain, tx_hash, log_index, block_number,
                block_hash, block_time, asset, units, sender, finality, placement, round, seen_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, $16)";
    UPDATE = "UPDATE payments SET finality = $3, placement = $4, round = $5, flushed_by = $6
              WHERE merchant_id = $1 AND id = $2";
    BY_KEY = "SELECT * FROM payments WHERE merchant_id = $1 AND chain = $2 AND tx_hash = $3 AND log_index = $4
              AND block_hash = $5";
    COUNT_ALL = "SELECT count(*) AS payments FROM payments";
    COUNT = "SELECT count(*) AS payments FROM payments WHERE merchant_id = $1 AND invoice_number = $2";
    OF_INVOICE = "SELECT * FROM payments WHERE merchant_id = $1 AND invoice_number = $2 ORDER BY block_number, log_index";
    SEEN = "SELECT * FROM payments WHERE chain = $1 AND finality = 'seen' AND block_number <= $2
            ORDER BY block_number, log_index";
    ABOVE = "SELECT * FROM payments WHERE chain = $1 AND block_number > $2 AND finality <> 'reversed'
             ORDER BY block_number, log_index";
    /// Of invoices that still count on them.
    REVERSED = "SELECT p.* FROM payments p JOIN invoices i ON i.merchant_id = p.merchant_id AND i.number = p.invoice_number
                WHERE p.chain = $1 AND p.finality = 'reversed' AND i.state = 'received'";
    TO_FLUSH = "SELECT * FROM payments WHERE chain = $1 AND finality = 'final' AND flushed_by IS NULL AND attempt_id > $2
                ORDER BY attempt_id LIMIT 1000";
    LYING = "SELECT * FROM payments WHERE chain = $1 AND finality = 'final' AND flushed_by IS NULL AND attempt_id = $2";
    PARKED = "SELECT * FROM payments WHERE merchant_id = $1 AND placement <> 'credited' ORDER BY seen_at DESC LIMIT $2";
    PARKED_PAGE = "SELECT * FROM payments WHERE merchant_id = $1 AND placement <> 'credited' AND seen_at <= $2
                   AND (seen_at, id) < ($2, $3) ORDER BY seen_at DESC, id DESC LIMIT $4";
}

/// A payment with the keys of what it belongs to.
#[derive(Debug, Clone)]
pub struct PaymentRow {
    pub merchant_id: MerchantId,
    pub invoice_number: i64,
    /// 0x-prefixed.
    pub sender: String,
    pub seen_at: Time,
    pub payment: Payment,
}

macro_rules! column {
    ($type:ident, $name:ident, $from:ident, $($variant:ident = $text:literal),*) => {
        pub fn $name(value: $type) -> &'static str {
            match value { $($type::$variant => $text),* }
        }

        pub(super) fn $from(text: &str) -> Option<$type> {
            match text { $($text => Some($type::$variant),)* _ => None }
        }
    };
}

column!(Finality, finality_name, finality_from, Seen = "seen", Final = "final", Reversed = "reversed");
column!(
    Placement,
    placement_name,
    placement_from,
    Credited = "credited",
    Extra = "extra",
    Late = "late",
    WrongToken = "wrong_token"
);

pub fn insert(tx: &Tx<'_>, row: &PaymentRow) -> Result<(), StoreError> {
    let (payment, key) = (&row.payment, &row.payment.on_chain);
    tx.execute_one(
        INSERT,
        values![
            row.merchant_id.as_str(),
            payment.id.as_str(),
            row.invoice_number,
            payment.attempt_id.as_str(),
            &key.chain,
            &key.tx_hash,
            stored(key.log_index)?,
            stored(key.block_number)?,
            &key.block_hash,
            key.block_time,
            &payment.asset,
            &payment.units.to_string(),
            &row.sender,
            finality_name(payment.finality),
            placement_name(payment.placement),
            row.seen_at,
        ],
    )
}

/// Block numbers and log indexes as rows hold them.
pub fn stored(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::Inconsistent(format!("{number} does not fit a BIGINT")))
}

pub fn update(tx: &Tx<'_>, row: &PaymentRow) -> Result<(), StoreError> {
    let payment = &row.payment;
    tx.execute_one(
        UPDATE,
        values![
            row.merchant_id.as_str(),
            payment.id.as_str(),
            finality_name(payment.finality),
            placement_name(payment.placement),
            i64::from(payment.round),
            payment.flushed_by.as_deref(),
        ],
    )
}

pub(super) fn read(row: &Row<'_>) -> Result<PaymentRow, StoreError> {
    let id = row.parsed("payments", "id", "?", |text| PaymentId::parse(text).ok())?;
    let name = id.to_string();
    let unsigned = |column: &'static str| {
        let value = row.int(column)?;
        u64::try_from(value).map_err(|_| StoreError::Damaged {
            table: "payments",
            column,
            id: name.clone(),
            value: value.to_string(),
        })
    };
    Ok(PaymentRow {
        merchant_id: row.parsed("payments", "merchant_id", &name, |text| MerchantId::parse(text).ok())?,
        invoice_number: row.int("invoice_number")?,
        sender: row.text("sender")?,
        seen_at: row.time("seen_at")?,
        payment: Payment {
            attempt_id: row.parsed("payments", "attempt_id", &name, |text| AttemptId::parse(text).ok())?,
            on_chain: OnChain {
                chain: row.text("chain")?,
                tx_hash: row.text("tx_hash")?,
                log_index: unsigned("log_index")?,
                block_number: unsigned("block_number")?,
                block_hash: row.text("block_hash")?,
                block_time: row.time("block_time")?,
            },
            asset: row.text("asset")?,
            units: row.parsed("payments", "units", &name, |text| Units::from_digits(text).ok())?,
            finality: row.parsed("payments", "finality", &name, finality_from)?,
            placement: row.parsed("payments", "placement", &name, placement_from)?,
            flushed_by: row.opt_text("flushed_by")?,
            round: u32::try_from(unsigned("round")?).unwrap_or(u32::MAX),
            id,
        },
    })
}

pub fn by_key(tx: &Tx<'_>, merchant: &MerchantId, key: &OnChain) -> Result<Option<PaymentRow>, StoreError> {
    let values = values![merchant.as_str(), &key.chain, &key.tx_hash, stored(key.log_index)?, &key.block_hash];
    tx.row(BY_KEY, values, read)
}

/// In the order in which the chain has them.
pub fn of_invoice(tx: &Tx<'_>, merchant: &MerchantId, invoice: i64) -> Result<Vec<PaymentRow>, StoreError> {
    tx.rows(OF_INVOICE, values![merchant.as_str(), invoice], read)
}

/// How many payments there are in all; reads every row.
pub fn count_all(tx: &Tx<'_>) -> Result<i64, StoreError> {
    Ok(tx.row(COUNT_ALL, values![], |row| row.int("payments"))?.unwrap_or(0))
}

pub fn count(tx: &Tx<'_>, merchant: &MerchantId, invoice: i64) -> Result<i64, StoreError> {
    Ok(tx.row(COUNT, values![merchant.as_str(), invoice], |row| row.int("payments"))?.unwrap_or(0))
}

/// Payments in blocks up to `block` that wait for confirmations.
pub fn seen(tx: &Tx<'_>, chain: &str, block: u64) -> Result<Vec<PaymentRow>, StoreError> {
    tx.rows(SEEN, values![chain, stored(block)?], read)
}

/// Payments in blocks after `block` that the chain is still thought to have.
pub fn above(tx: &Tx<'_>, chain: &str, block: u64) -> Result<Vec<PaymentRow>, StoreError> {
    tx.rows(ABOVE, values![chain, stored(block)?], read)
}

/// Payments that left the chain, of invoices that are received because of them.
pub fn reversed(tx: &Tx<'_>, chain: &str) -> Result<Vec<PaymentRow>, StoreError> {
    tx.rows(REVERSED, values![chain], read)
}

/// Final payments that still lie in their forwarders, of attempts after `attempt`: a page, by attempt.
pub fn to_flush(tx: &Tx<'_>, chain: &str, attempt: &str) -> Result<Vec<PaymentRow>, StoreError> {
    tx.rows(TO_FLUSH, values![chain, attempt], read)
}

/// Final payments of one attempt that still lie in its forwarder.
pub fn lying(tx: &Tx<'_>, chain: &str, attempt: &str) -> Result<Vec<PaymentRow>, StoreError> {
    tx.rows(LYING, values![chain, attempt], read)
}

/// A merchant's payments that count towards no invoice, newest first.
pub fn parked(tx: &Tx<'_>, merchant: &MerchantId, limit: i64) -> Result<Vec<PaymentRow>, StoreError> {
    tx.rows(PARKED, values![merchant.as_str(), limit], read)
}

/// The same, from before the last one of a page on.
pub fn parked_page(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    (seen_at, id): (Time, &str),
    limit: i64,
) -> Result<Vec<PaymentRow>, StoreError> {
    tx.rows(PARKED_PAGE, values![merchant.as_str(), seen_at, id, limit], read)
}
