//! What a merchant's invoices are found by. Nothing is written here when an invoice is made: a worker passes the invoices in the order of
//! their numbers, some at a time, and those it has not come to yet are looked through directly.

use domain::MerchantId;

use super::invoices::{InvoiceRow, read};
use super::tx::{StoreError, Tx, statements, values};
use super::volume;

statements! {
    CURSOR = "SELECT number FROM read_cursors WHERE merchant_id = $1";
    SET_CURSOR = "INSERT INTO read_cursors (merchant_id, number) VALUES ($1, $2)
                  ON CONFLICT (merchant_id) DO UPDATE SET number = excluded.number";
    INSERT = "INSERT INTO search_terms (merchant_id, term, number) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    FIND = "SELECT number FROM search_terms WHERE merchant_id = $1 AND term = $2 AND number < $3 ORDER BY number DESC LIMIT $4";
    NEXT = "SELECT * FROM invoices WHERE merchant_id = $1 AND number > $2 ORDER BY number LIMIT $3";
    NEWEST = "SELECT * FROM invoices WHERE merchant_id = $1 AND number > $2 AND number < $3 ORDER BY number DESC LIMIT $4";
    PAID_BY = "SELECT DISTINCT invoice_number AS number FROM payments WHERE merchant_id = $1 AND chain = $2 AND tx_hash = $3
               LIMIT $4";
    FLUSHED_BY = "SELECT a.invoice_number AS number FROM flushes f JOIN attempts a ON a.merchant_id = f.merchant_id AND a.id = f.attempt_id
                  WHERE f.merchant_id = $1 AND f.chain = $2 AND f.tx_hash = $3 LIMIT $4";
    REFUNDED_BY = "SELECT invoice_number AS number FROM coin_refunds WHERE merchant_id = $1 AND chain = $2 AND tx_hash = $3
                   AND log_index IS NOT NULL LIMIT $4";
    SETTLED_IN = "SELECT DISTINCT invoice_number AS number FROM settlement_items WHERE merchant_id = $1 AND number = $2 LIMIT $3";
}

/// The number of the last invoice that was passed; 0 before the first.
pub fn cursor(tx: &Tx<'_>, merchant: &MerchantId) -> Result<i64, StoreError> {
    Ok(tx.row(CURSOR, values![merchant.as_str()], |row| row.int("number"))?.unwrap_or(0))
}

/// Passes up to `limit` further invoices of a merchant: `terms` are what each is found by. Answers how many there were.
pub fn pass(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    limit: i64,
    terms: impl Fn(&InvoiceRow) -> Vec<String>,
) -> Result<i64, StoreError> {
    let rows = tx.rows(NEXT, values![merchant.as_str(), cursor(tx, merchant)?, limit], read)?;
    let Some(last) = rows.last() else { return Ok(0) };
    for row in &rows {
        for term in terms(row) {
            tx.execute(INSERT, values![merchant.as_str(), &term, row.invoice.number])?;
        }
        volume::passed(tx, &row.invoice)?;
    }
    tx.execute_one(SET_CURSOR, values![merchant.as_str(), last.invoice.number])?;
    Ok(i64::try_from(rows.len()).unwrap_or(i64::MAX))
}

/// Numbers of passed invoices with a term, newest first, below `before`.
pub fn find(tx: &Tx<'_>, merchant: &MerchantId, term: &str, before: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
    tx.rows(FIND, values![merchant.as_str(), term, before, limit], |row| row.int("number"))
}

/// Invoices that were not passed yet, newest first, below `before`.
pub fn not_passed(tx: &Tx<'_>, merchant: &MerchantId, before: i64, limit: i64) -> Result<Vec<InvoiceRow>, StoreError> {
    tx.rows(NEWEST, values![merchant.as_str(), cursor(tx, merchant)?, before, limit], read)
}

/// Numbers of the invoices that a chain's transaction has to do with, by payments, flushes and refunds from the merchant's wallet.
pub fn by_hash(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    chain: &str,
    hash: &str,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut found = Vec::new();
    for sql in [PAID_BY, FLUSHED_BY, REFUNDED_BY] {
        found.extend(tx.rows(sql, values![merchant.as_str(), chain, hash, limit], |row| row.int("number"))?);
    }
    Ok(found)
}

/// Numbers of the invoices that a settlement is for.
pub fn settled_in(tx: &Tx<'_>, merchant: &MerchantId, settlement: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
    tx.rows(SETTLED_IN, values![merchant.as_str(), settlement, limit], |row| row.int("number"))
}
