//! CSV for spreadsheets (RFC 4180): read and written a page at a time, however long it is. Text that a spreadsheet would take for a formula
//! is guarded.

pub mod payments;

use bytes::Bytes;
use domain::time::DAY;
use domain::{MerchantId, Time};
use futures_util::stream::{Stream, try_unfold};

use super::invoice_lists::{self, Filter, From};
use super::search::{self, Wanted};
use super::{App, SharedApp, balances};
use crate::store::invoices::{InvoiceRow, Solution, state_columns};
use crate::store::ledger::EntryRow;
use crate::store::{StoreError, Tx, ledger, ledger_pages};
use crate::wire::time::written;

/// Rows read at once.
const STEP: usize = 500;

const INVOICES: [&str; 15] = [
    "number",
    "id",
    "created_at_utc",
    "state",
    "failure",
    "amount",
    "currency",
    "email",
    "way",
    "paid_amount",
    "paid_asset",
    "merchant_amount",
    "fee_amount",
    "settle_tx_hash",
    "status_at_utc",
];
const ENTRIES: [&str; 14] = [
    "entry",
    "line",
    "at_utc",
    "reason",
    "cause",
    "invoice",
    "owner",
    "account",
    "asset",
    "debit",
    "credit",
    "rate",
    "rate_source",
    "decimals",
];

/// A field that a spreadsheet takes for text: one that begins like a formula, also after blanks or quotes, gets an apostrophe before it.
pub fn guarded(text: &str) -> String {
    let first = text.trim_start_matches([' ', '"', '\'', '\u{a0}', '\u{feff}']).chars().next();
    let begins =
        |c: Option<char>| matches!(c, Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'));
    if begins(first) || begins(text.chars().next()) { format!("'{text}") } else { text.to_owned() }
}

/// Lines of CSV, each ended by CR LF.
fn csv<const N: usize>(rows: impl Iterator<Item = [String; N]>) -> Result<Bytes, StoreError> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(&row).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    }
    let written = writer.into_inner().map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    Ok(written.into())
}

fn header<const N: usize>(names: [&str; N]) -> Result<Bytes, StoreError> {
    csv(std::iter::once(names.map(str::to_owned)))
}

fn invoice(row: &InvoiceRow) -> [String; 15] {
    let invoice = &row.invoice;
    let digits = domain::fiat::minor_digits(&invoice.devise).unwrap_or(2);
    let (state, failure) = state_columns(invoice.state);
    let paid = row.paid.as_ref();
    let coins = |units: fn(&crate::store::invoices::Paid) -> domain::Units| {
        paid.map(|paid| units(paid).decimal(paid.decimals, 0)).unwrap_or_default()
    };
    [
        invoice.number.to_string(),
        invoice.id.to_string(),
        written(invoice.created_at.0),
        state.to_owned(),
        failure.unwrap_or_default().to_owned(),
        invoice.amount.decimal(digits, digits),
        guarded(&invoice.devise),
        guarded(&row.email),
        row.chosen.or(row.solution).map_or("", Solution::name).to_owned(),
        coins(|paid| paid.units),
        guarded(paid.map_or("", |paid| &paid.asset)),
        coins(|paid| paid.merchant_units),
        coins(|paid| paid.fee_units),
        guarded(row.settle_tx_hash.as_deref().unwrap_or_default()),
        written(invoice.status_at.0),
    ]
}

/// The invoices that a filter takes, newest first.
pub fn invoices(
    app: SharedApp,
    merchant: MerchantId,
    filter: Filter,
) -> impl Stream<Item = Result<Bytes, StoreError>> + Send {
    let begin = (app, merchant, filter, None);
    try_unfold(begin, |(app, merchant, filter, from)| async move {
        let from = match from {
            None => return Ok(Some((header(INVOICES)?, (app, merchant, filter, Some(Some(From::Newest)))))),
            Some(None) => return Ok(None),
            Some(Some(from)) => from,
        };
        let (whose, what) = (&merchant, &filter);
        let page = app.store.read(|tx| invoice_lists::page(tx, whose, what, from, STEP)).await?;
        let lines = csv(page.rows.iter().map(invoice))?;
        let next = Some(page.older.map(From::Older));
        Ok::<_, StoreError>(Some((lines, (app, merchant, filter, next))))
    })
}

/// The invoices that were searched for, of which a filter takes these, newest first.
pub fn found(
    app: SharedApp,
    merchant: MerchantId,
    wanted: Wanted,
    filter: Filter,
) -> impl Stream<Item = Result<Bytes, StoreError>> + Send {
    /// Where the file is.
    enum At {
        Begin,
        Below(Option<i64>),
        End,
    }
    try_unfold((app, merchant, wanted, filter, At::Begin), |(app, merchant, wanted, filter, at)| async move {
        let before = match at {
            At::Begin => return Ok(Some((header(INVOICES)?, (app, merchant, wanted, filter, At::Below(None))))),
            At::Below(before) => before,
            At::End => return Ok(None),
        };
        let mut found = app.store.read(|tx| search::find(&app, tx, &merchant, &wanted, before, STEP)).await?;
        found.rows.retain(|row| filter.takes(row));
        let lines = csv(found.rows.iter().map(invoice))?;
        let next = found.next.map_or(At::End, |next| At::Below(Some(next)));
        Ok::<_, StoreError>(Some((lines, (app, merchant, wanted, filter, next))))
    })
}

fn postings(app: &App, entry: &EntryRow) -> Vec<[String; 14]> {
    let draft = &entry.draft;
    let lines = (1i64..).zip(&draft.postings).map(|(line, posting)| {
        let decimals = balances::decimals(app, &posting.account.asset);
        let amount = posting.units.decimal(decimals, 0);
        let (debit, credit) = match posting.side {
            domain::ledger::Side::Debit => (amount, String::new()),
            domain::ledger::Side::Credit => (String::new(), amount),
        };
        let rate = draft.rate.as_ref();
        [
            entry.seq.to_string(),
            line.to_string(),
            written(draft.at.0),
            draft.reason.name().to_owned(),
            guarded(&draft.cause),
            draft.invoice_number.map(|number| number.to_string()).unwrap_or_default(),
            posting.account.owner.name().to_owned(),
            posting.account.kind.name().to_owned(),
            guarded(&posting.account.asset),
            debit,
            credit,
            guarded(rate.map_or("", |rate| &rate.price)),
            guarded(rate.map_or("", |rate| &rate.source)),
            decimals.to_string(),
        ]
    });
    lines.collect()
}

/// The postings of entries entered from one day to another (UTC, inclusive), in the order of their times: those that are in the book when it
/// begins. Over all days the sums of each account are its trial balance then.
pub fn entries(
    app: SharedApp,
    merchant: MerchantId,
    (from_day, to_day): (i64, i64),
) -> impl Stream<Item = Result<Bytes, StoreError>> + Send {
    let end = Time(to_day.saturating_add(1).saturating_mul(DAY));
    let first = (Time(from_day.saturating_mul(DAY)), i64::MIN);
    try_unfold((app, merchant, None), move |(app, merchant, at)| async move {
        let Some((last, head)) = at else {
            let head = app.store.read(|tx| ledger::head(tx, &merchant)).await?.map_or(0, |(seq, _)| seq);
            return Ok(Some((header(ENTRIES)?, (app, merchant, Some((first, head))))));
        };
        let (whose, limit) = (&merchant, i64::try_from(STEP).unwrap_or(i64::MAX));
        let read = |tx: &Tx<'_>| ledger_pages::in_time(tx, whose, last, end, head, limit);
        let rows = app.store.read(read).await?;
        let Some(end) = rows.last() else { return Ok(None) };
        let last = (end.draft.at, end.seq);
        let lines = csv(rows.iter().flat_map(|row| postings(&app, row)))?;
        Ok::<_, StoreError>(Some((lines, (app, merchant, Some((last, head))))))
    })
}

#[cfg(test)]
mod tests;
