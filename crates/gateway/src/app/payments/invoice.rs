//! What an invoice becomes when its payments have changed.

use std::collections::BTreeMap;

use domain::attempt::Attempt;
use domain::confirmations::depth;
use domain::invoice::State;
use domain::payment::{Finality, Payment, Placement};
use domain::standing::{Standing, next_state, state_after_loss};
use domain::{MerchantId, Time, Units};

use super::{payments_of, standing};
use crate::app::App;
use crate::app::chains::Chain;
use crate::app::invoices::{change_state, save};
use crate::store::invoices::{InvoiceRow, Paid};
use crate::store::{StoreError, Tx, attempts, invoices, merchants, payments};

/// Brings an invoice's state up to date with its payments, one step of the contract's table after the other.
pub fn update(app: &App, tx: &Tx<'_>, merchant: &MerchantId, number: i64, now: Time) -> Result<(), StoreError> {
    let merchant = merchants::existing(tx, merchant)?;
    let mut row = invoices::existing(tx, &merchant.id, number)?;
    let attempts = attempts::of_invoice(tx, &merchant.id, number)?;
    let payments = payments_of(tx, &merchant.id, number)?;
    let standing = standing(&attempts, &payments)?;
    let flushed_by = flushed_by(&payments);
    while let Some(next) = next_state(&row.invoice, &standing, flushed_by.is_some()) {
        if matches!(next, State::Received | State::Settled) {
            row.paid = paid(app, &row, &attempts, &payments, &standing)?;
        }
        if next == State::Settled {
            row.settle_tx_hash.clone_from(&flushed_by);
        }
        change_state(app, tx, &merchant, &mut row, next, now)?;
    }
    // the flush it was settled by left the chain, and another one has moved the money since
    if row.invoice.state == State::Settled && flushed_by.is_some() && row.settle_tx_hash != flushed_by {
        row.settle_tx_hash = flushed_by;
        save(tx, &mut row, State::Settled)?;
    }
    Ok(())
}

/// The last flush, if every credited payment has been flushed.
fn flushed_by(payments: &[Payment]) -> Option<String> {
    let mut last = None;
    for payment in payments {
        if payment.placement == Placement::Credited && payment.finality != Finality::Reversed {
            last = Some(payment.flushed_by.clone()?);
        }
    }
    last
}

/// What an invoice's final, counted payments come to; `None` if there are none.
pub fn paid_so_far(app: &App, tx: &Tx<'_>, row: &InvoiceRow) -> Result<Option<Paid>, StoreError> {
    let (merchant, number) = (&row.invoice.merchant_id, row.invoice.number);
    let attempts = attempts::of_invoice(tx, merchant, number)?;
    let payments = payments_of(tx, merchant, number)?;
    let standing = standing(&attempts, &payments)?;
    if standing.settled_on_chain.is_zero() { Ok(None) } else { paid(app, row, &attempts, &payments, &standing) }
}

/// What was paid and how it is divided; by coin if all was paid in one, else by worth in the invoice's currency.
fn paid(
    app: &App,
    row: &InvoiceRow,
    attempts: &[Attempt],
    payments: &[Payment],
    standing: &Standing,
) -> Result<Option<Paid>, StoreError> {
    let out_of_range = |error: domain::amount::AmountError| StoreError::Inconsistent(error.to_string());
    let mut coins: BTreeMap<&str, (Units, Units)> = BTreeMap::new();
    for payment in payments {
        let Some(attempt) = attempts.iter().find(|attempt| attempt.id == payment.attempt_id) else { continue };
        if payment.placement != Placement::Credited || payment.finality != Finality::Final {
            continue;
        }
        let split = attempt.fee.split(payment.units).map_err(out_of_range)?;
        let (merchant, fee) = coins.entry(&payment.asset).or_default();
        *merchant = merchant.plus(split.merchant).map_err(out_of_range)?;
        *fee = fee.plus(split.fee).map_err(out_of_range)?;
    }
    let one = (coins.len() == 1).then(|| coins.into_iter().next()).flatten();
    if let Some((code, (merchant_units, fee_units))) = one
        && let Some(asset) = app.asset(code)
    {
        return Ok(Some(Paid {
            asset: code.to_owned(),
            symbol: asset.symbol.clone(),
            decimals: asset.decimals,
            units: merchant_units.plus(fee_units).map_err(out_of_range)?,
            merchant_units,
            fee_units,
        }));
    }
    let Some(attempt) = attempts.last() else { return Ok(None) };
    let split = attempt.fee.split(standing.settled_on_chain).map_err(out_of_range)?;
    Ok(Some(Paid {
        asset: row.invoice.devise.clone(),
        symbol: row.invoice.devise.clone(),
        decimals: domain::fiat::minor_digits(&row.invoice.devise).unwrap_or(2),
        units: standing.settled_on_chain,
        merchant_units: split.merchant,
        fee_units: split.fee,
    }))
}

/// What was paid beyond the invoice counts now that the payment which covered it is gone.
fn promote_extra(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    row: &InvoiceRow,
    attempts: &[Attempt],
    now: Time,
) -> Result<(), StoreError> {
    for extra in payments::of_invoice(tx, merchant, row.invoice.number)? {
        let payment = &extra.payment;
        let attempt = attempts.iter().find(|attempt| attempt.id == payment.attempt_id);
        let free = payment.finality != Finality::Reversed && payment.flushed_by.is_none();
        if let Some(attempt) = attempt.filter(|_| payment.placement == Placement::Extra && free) {
            super::books::promote(tx, extra, attempt, now)?;
        }
    }
    Ok(())
}

/// Fails received invoices whose payment left the chain and has not come back for as many blocks as a final payment needs.
pub fn give_up_lost(app: &App, tx: &Tx<'_>, chain: &Chain, head: u64, now: Time) -> Result<(), StoreError> {
    for lost in payments::reversed(tx, &chain.name)? {
        if depth(head, lost.payment.on_chain.block_number) <= chain.confirmations.deepest() {
            continue;
        }
        let merchant = merchants::existing(tx, &lost.merchant_id)?;
        let mut row = invoices::existing(tx, &merchant.id, lost.invoice_number)?;
        let attempts = attempts::of_invoice(tx, &merchant.id, lost.invoice_number)?;
        let mut standing = super::standing(&attempts, &payments_of(tx, &merchant.id, lost.invoice_number)?)?;
        if state_after_loss(&row.invoice, &standing).is_some() {
            promote_extra(tx, &merchant.id, &row, &attempts, now)?;
            standing = super::standing(&attempts, &payments_of(tx, &merchant.id, lost.invoice_number)?)?;
        }
        let Some(next) = state_after_loss(&row.invoice, &standing) else { continue };
        tracing::warn!(invoice = lost.invoice_number, "A payment left the chain and did not come back");
        let was = row.invoice.state;
        row.paid = None;
        save(tx, &mut row, was)?;
        change_state(app, tx, &merchant, &mut row, next, now)?;
    }
    Ok(())
}
