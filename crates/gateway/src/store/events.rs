//! Events: what merchants are told, in the words they are told it.

use domain::{EventId, MerchantId, Time};

use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO events (merchant_id, invoice_number, seq, id, status, body, at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    OF_INVOICE = "SELECT * FROM events WHERE merchant_id = $1 AND invoice_number = $2 ORDER BY seq";
    LAST = "SELECT * FROM events WHERE merchant_id = $1 AND invoice_number = $2 ORDER BY seq DESC LIMIT 1";
}

/// An event of an invoice. `seq` counts from 1 in each invoice.
#[derive(Debug, Clone)]
pub struct EventRow {
    pub merchant_id: MerchantId,
    pub invoice_number: i64,
    pub seq: i64,
    pub id: EventId,
    /// The wire's status.
    pub status: String,
    /// The callback's bytes.
    pub body: String,
    pub at: Time,
}

pub fn insert(tx: &Tx<'_>, event: &EventRow) -> Result<(), StoreError> {
    let (merchant, id) = (event.merchant_id.as_str(), event.id.as_str());
    tx.execute_one(INSERT, values![merchant, event.invoice_number, event.seq, id, &event.status, &event.body, event.at])
}

fn read(row: &Row<'_>) -> Result<EventRow, StoreError> {
    let id = row.parsed("events", "id", "?", |text| EventId::parse(text).ok())?;
    Ok(EventRow {
        merchant_id: row.parsed("events", "merchant_id", id.as_str(), |text| MerchantId::parse(text).ok())?,
        invoice_number: row.int("invoice_number")?,
        seq: row.int("seq")?,
        status: row.text("status")?,
        body: row.text("body")?,
        at: row.time("at")?,
        id,
    })
}

pub fn of_invoice(tx: &Tx<'_>, merchant: &MerchantId, invoice: i64) -> Result<Vec<EventRow>, StoreError> {
    tx.rows(OF_INVOICE, values![merchant.as_str(), invoice], read)
}

pub fn last(tx: &Tx<'_>, merchant: &MerchantId, invoice: i64) -> Result<Option<EventRow>, StoreError> {
    tx.row(LAST, values![merchant.as_str(), invoice], read)
}
