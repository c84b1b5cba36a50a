//! The amounts of a merchant's invoices by day, currency and state. An invoice is counted first when the worker that follows invoices passes
//! it ([`super::search`]), and from then on where its state changes.

use domain::invoice::{Invoice, State};
use domain::{MerchantId, Units};

use super::invoices::state_columns;
use super::search;
use super::tx::{StoreError, Tx, statements, values};

statements! {
    GET = "SELECT amount FROM volume_days WHERE merchant_id = $1 AND day = $2 AND devise = $3 AND state = $4";
    PUT = "INSERT INTO volume_days (merchant_id, day, devise, state, amount) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (merchant_id, day, devise, state) DO UPDATE SET amount = excluded.amount";
    DAYS = "SELECT day, devise, state, amount FROM volume_days WHERE merchant_id = $1 AND day >= $2 AND day <= $3
            ORDER BY day, devise, state";
}

/// Minor units of the currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeRow {
    pub day: i64,
    pub devise: String,
    /// The column's value.
    pub state: String,
    pub amount: Units,
}

/// The states whose amounts are counted, by the column's value.
pub fn counted(state: State) -> Option<&'static str> {
    match state {
        State::Received | State::Settled | State::Withheld | State::Chargeback => Some(state_columns(state).0),
        State::Created | State::Opened | State::Failed(_) | State::Expired => None,
    }
}

/// An invoice has left the state `was`: its amount moves with it, if it has been counted.
pub(super) fn moved(tx: &Tx<'_>, invoice: &Invoice, was: State) -> Result<(), StoreError> {
    let (from, to) = (counted(was), counted(invoice.state));
    if from == to || search::cursor(tx, &invoice.merchant_id)? < invoice.number {
        return Ok(());
    }
    let out_of_range = |error| StoreError::Inconsistent(format!("volume of invoice {}: {error}", invoice.number));
    for (state, takes) in [(from, true), (to, false)] {
        let Some(state) = state else { continue };
        let before = get(tx, invoice, state)?;
        let after = if takes { before.minus(invoice.amount) } else { before.plus(invoice.amount) };
        put(tx, invoice, state, after.map_err(out_of_range)?)?;
    }
    Ok(())
}

/// Counts an invoice that is passed for the first time.
pub(super) fn passed(tx: &Tx<'_>, invoice: &Invoice) -> Result<(), StoreError> {
    let Some(state) = counted(invoice.state) else { return Ok(()) };
    let sum = get(tx, invoice, state)?.plus(invoice.amount);
    let out_of_range = |error| StoreError::Inconsistent(format!("volume of invoice {}: {error}", invoice.number));
    put(tx, invoice, state, sum.map_err(out_of_range)?)
}

fn get(tx: &Tx<'_>, invoice: &Invoice, state: &str) -> Result<Units, StoreError> {
    let (merchant, day) = (invoice.merchant_id.as_str(), invoice.created_at.day());
    let read =
        |row: &super::tx::Row<'_>| row.parsed("volume_days", "amount", merchant, |text| Units::from_digits(text).ok());
    Ok(tx.row(GET, values![merchant, day, &invoice.devise, state], read)?.unwrap_or_default())
}

fn put(tx: &Tx<'_>, invoice: &Invoice, state: &str, amount: Units) -> Result<(), StoreError> {
    let (merchant, day) = (invoice.merchant_id.as_str(), invoice.created_at.day());
    tx.execute_one(PUT, values![merchant, day, &invoice.devise, state, &amount.to_string()])
}

/// What is counted of invoices made from one day to another, both inclusive.
pub fn days(tx: &Tx<'_>, merchant: &MerchantId, from: i64, to: i64) -> Result<Vec<VolumeRow>, StoreError> {
    tx.rows(DAYS, values![merchant.as_str(), from, to], |row| {
        Ok(VolumeRow {
            day: row.int("day")?,
            devise: row.text("devise")?,
            state: row.text("state")?,
            amount: row.parsed("volume_days", "amount", merchant.as_str(), |text| Units::from_digits(text).ok())?,
        })
    })
}

/// Makes one row wrong.
#[cfg(test)]
pub fn damage(tx: &Tx<'_>, merchant: &MerchantId) -> Result<(), StoreError> {
    let rows = days(tx, merchant, i64::MIN, i64::MAX)?;
    let Some(row) = rows.first() else { return Ok(()) };
    tx.execute_one(PUT, values![merchant.as_str(), row.day, &row.devise, &row.state, "12345"])
}
