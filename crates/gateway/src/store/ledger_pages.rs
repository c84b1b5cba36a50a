//! Pages of a merchant's book, each read by two statements however many entries it has.

use std::collections::BTreeMap;

use domain::ledger::{Draft, Posting};
use domain::{MerchantId, Time};

use super::ledger::{EntryRow, entry_of, posting};
use super::tx::{Row, StoreError, Tx, Value, statements, values};

statements! {
    BEFORE = "SELECT * FROM ledger_entries WHERE merchant_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";
    OF_INVOICE = "SELECT * FROM ledger_entries WHERE merchant_id = $1 AND invoice_number = $2 ORDER BY seq";
    OF_SETTLEMENT = "SELECT * FROM ledger_entries WHERE merchant_id = $1 AND invoice_number IN
                     (SELECT i.invoice_number FROM settlement_items i WHERE i.merchant_id = $1 AND i.number = $2)";
    POSTINGS_OF_SETTLEMENT = "SELECT p.* FROM ledger_entries e JOIN ledger_postings p ON p.merchant_id = e.merchant_id AND p.seq = e.seq
                              WHERE e.merchant_id = $1 AND e.invoice_number IN
                              (SELECT i.invoice_number FROM settlement_items i WHERE i.merchant_id = $1 AND i.number = $2)";
    IN_TIME = "SELECT * FROM ledger_entries WHERE merchant_id = $1 AND at < $2 AND (at, seq) > ($3, $4) AND seq <= $5
               ORDER BY at, seq LIMIT $6";
    POSTINGS = "SELECT * FROM ledger_postings WHERE merchant_id = $1 AND seq >= $2 AND seq <= $3 ORDER BY seq, line";
    POSTINGS_OF = "SELECT * FROM ledger_postings WHERE merchant_id = $1 AND seq = $2 ORDER BY line";
}

/// Entries below number `seq`, newest first.
pub fn before(tx: &Tx<'_>, merchant: &MerchantId, seq: i64, limit: i64) -> Result<Vec<EntryRow>, StoreError> {
    entries(tx, merchant, BEFORE, values![merchant.as_str(), seq, limit])
}

/// Entries about an invoice, oldest first.
pub fn of_invoice(tx: &Tx<'_>, merchant: &MerchantId, invoice: i64) -> Result<Vec<EntryRow>, StoreError> {
    entries(tx, merchant, OF_INVOICE, values![merchant.as_str(), invoice])
}

/// Entries about the invoices of a settlement, by cause.
pub fn of_settlement(tx: &Tx<'_>, merchant: &MerchantId, number: i64) -> Result<BTreeMap<String, Draft>, StoreError> {
    let values = values![merchant.as_str(), number];
    let rows = tx.rows(OF_SETTLEMENT, values, |row| entry_of(merchant, row))?;
    let mut postings: BTreeMap<i64, BTreeMap<i64, Posting>> = BTreeMap::new();
    let keep = |row: &Row<'_>| {
        let (seq, line) = (row.int("seq")?, row.int("line")?);
        postings.entry(seq).or_default().insert(line, posting(merchant, seq, row)?);
        Ok(())
    };
    tx.rows(POSTINGS_OF_SETTLEMENT, values, keep)?;
    let whole = rows.into_iter().map(|row| {
        let postings = postings.remove(&row.seq).unwrap_or_default().into_values().collect();
        (row.draft.cause.clone(), Draft { postings, ..row.draft })
    });
    Ok(whole.collect())
}

/// Entries entered before `end`, after the entry (time, number) `last` and up to number `head`, in the order of their times.
pub fn in_time(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    last: (Time, i64),
    end: Time,
    head: i64,
    limit: i64,
) -> Result<Vec<EntryRow>, StoreError> {
    entries(tx, merchant, IN_TIME, values![merchant.as_str(), end, last.0, last.1, head, limit])
}

/// Entries that lie close together have their postings read at once; scattered ones one by one.
const CLOSE: i64 = 4;

fn entries(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    sql: super::sql::Sql,
    values: &[Value<'_>],
) -> Result<Vec<EntryRow>, StoreError> {
    let book = merchant.as_str();
    let mut rows = tx.rows(sql, values, |row| entry_of(merchant, row))?;
    let seqs = || rows.iter().map(|row| row.seq);
    let (Some(first), Some(last)) = (seqs().min(), seqs().max()) else { return Ok(rows) };
    let mut postings: BTreeMap<i64, Vec<Posting>> = BTreeMap::new();
    let mut keep = |row: &Row<'_>| {
        let seq = row.int("seq")?;
        postings.entry(seq).or_default().push(posting(merchant, seq, row)?);
        Ok(())
    };
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    if last - first < count.saturating_mul(CLOSE) {
        tx.rows(POSTINGS, values![book, first, last], &mut keep)?;
    } else {
        for seq in seqs() {
            tx.rows(POSTINGS_OF, values![book, seq], &mut keep)?;
        }
    }
    for row in &mut rows {
        row.draft.postings = postings.remove(&row.seq).unwrap_or_default();
    }
    Ok(rows)
}
