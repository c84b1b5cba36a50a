//! Finding invoices: what a person typed is a number, an id, an e-mail address, an amount or a transaction's hash.

use std::collections::BTreeSet;

use domain::{MerchantId, Units};

use super::App;
use crate::store::chain_txs::{self, Purpose};
use crate::store::invoices::{self, InvoiceRow};
use crate::store::{StoreError, Tx, search, transfers};
use crate::telemetry::metrics::METRICS;

/// What an invoice that the worker has not passed yet is looked for among: so many of the newest.
pub const LOOKED_THROUGH: i64 = 2_000;
/// So many invoices the worker passes in one transaction.
const STEP: i64 = 100;
/// Of one transaction's hash, and of one settlement, so many invoices are shown.
const OF_ONE_HASH: i64 = 200;

/// What was typed, as it is looked for. A number may be an amount too.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    pub number: Option<i64>,
    /// As [`terms`] has them.
    pub term: Option<String>,
    /// `0x` and 64 hex digits, in small letters.
    pub hash: Option<String>,
}

/// Reads what was typed.
pub fn wanted(typed: &str) -> Wanted {
    let text = typed.trim().to_lowercase();
    let digits = text.strip_prefix('#').unwrap_or(&text);
    let number = digits.parse().ok().filter(|number| *number > 0 && digits.bytes().all(|byte| byte.is_ascii_digit()));
    let hex = text.strip_prefix("0x").unwrap_or(&text);
    if hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Wanted { hash: Some(format!("0x{hex}")), ..Wanted::default() };
    }
    let term = if text.contains('@') || text.starts_with("inv_") { Some(text.clone()) } else { amount(&text) };
    Wanted { number, term, hash: None }
}

/// An amount as terms have it: `15.04`, `15`, also where `15.00`, `$15` or `15 usd` was typed.
fn amount(text: &str) -> Option<String> {
    let bare = text.trim_start_matches(['$', '€', '£', '₹']).trim();
    let bare = domain::fiat::DEVISES
        .iter()
        .find_map(|devise| bare.strip_suffix(&devise.to_lowercase()))
        .unwrap_or(bare)
        .trim();
    let units = Units::parse(bare, 6).ok()?;
    Some(units.decimal(6, 0))
}

/// What an invoice is found by: whole terms in small letters.
pub fn terms(row: &InvoiceRow) -> Vec<String> {
    let digits = domain::fiat::minor_digits(&row.invoice.devise).unwrap_or(2);
    let email = row.email.trim().to_lowercase();
    let mut terms = vec![row.invoice.id.as_str().to_lowercase(), row.invoice.amount.decimal(digits, 0)];
    if !email.is_empty() {
        terms.push(email);
    }
    terms
}

/// What was found, newest first.
#[derive(Debug, Clone, Default)]
pub struct Found {
    pub rows: Vec<InvoiceRow>,
    /// Where the next page begins: below this number.
    pub next: Option<i64>,
    /// There are more invoices that the worker has not passed than were looked through: some may be missing for a moment.
    pub in_part: bool,
}

/// A page of what was typed, `limit` invoices below number `before`.
pub fn find(
    app: &App,
    tx: &Tx<'_>,
    merchant: &MerchantId,
    wanted: &Wanted,
    before: Option<i64>,
    limit: usize,
) -> Result<Found, StoreError> {
    let (below, mut found) = (before.unwrap_or(i64::MAX), Found::default());
    let asked = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut numbers = BTreeSet::new();
    if let Some(term) = &wanted.term {
        let newest = search::not_passed(tx, merchant, below, LOOKED_THROUGH + 1)?;
        found.in_part = newest.len() > usize::try_from(LOOKED_THROUGH).unwrap_or(usize::MAX);
        let hits = newest.into_iter().filter(|row| terms(row).contains(term));
        found.rows.extend(hits.take(limit + 1));
        numbers.extend(search::find(tx, merchant, term, below, asked)?);
    }
    if let Some(hash) = &wanted.hash {
        numbers.extend(by_hash(app, tx, merchant, hash)?.into_iter().filter(|number| *number < below));
    }
    for number in numbers.into_iter().rev() {
        if found.rows.len() > limit {
            break;
        }
        found.rows.extend(invoices::by_number(tx, merchant, number)?);
    }
    if found.rows.len() > limit {
        found.rows.truncate(limit);
        found.next = found.rows.last().map(|row| row.invoice.number);
    }
    if let Some(number) = wanted.number {
        // before all, and nowhere else
        found.rows.retain(|row| row.invoice.number != number);
        if before.is_none() {
            found.rows.splice(..0, invoices::by_number(tx, merchant, number)?);
        }
    }
    Ok(found)
}

/// Invoices that a transaction has to do with, on whatever chain: payments, flushes, refunds, settlements.
fn by_hash(app: &App, tx: &Tx<'_>, merchant: &MerchantId, hash: &str) -> Result<BTreeSet<i64>, StoreError> {
    let mut numbers = BTreeSet::new();
    for chain in app.chains.keys() {
        numbers.extend(search::by_hash(tx, merchant, chain, hash, OF_ONE_HASH)?);
        let Some(sent) = chain_txs::by_hash(tx, chain, hash, Purpose::Transfer)? else { continue };
        for transfer in transfers::by_nonce(tx, chain, &sent.sender, sent.nonce)? {
            if transfer.merchant_id != *merchant {
                continue;
            }
            numbers.extend(transfer.invoice_number);
            if transfer.kind == domain::transfer::Kind::Settlement
                && let Ok(settlement) = transfer.subject.parse()
            {
                numbers.extend(search::settled_in(tx, merchant, settlement, OF_ONE_HASH)?);
            }
        }
    }
    Ok(numbers)
}

/// Passes the next invoices of a merchant. Answers whether there were as many as fit one step: there may be more.
pub async fn pass(app: &App, merchant: MerchantId) -> Result<bool, StoreError> {
    let passed = app.store.write(move |tx| search::pass(tx, &merchant, STEP, terms)).await?;
    METRICS.passed.inc_by(u64::try_from(passed).unwrap_or(0));
    Ok(passed == STEP)
}

#[cfg(test)]
pub(crate) mod tests;
