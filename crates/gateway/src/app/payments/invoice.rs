//! What an invoice becomes when its payments have changed.

use std::collections::BTreeMap;

use domain::attempt::Attempt;
use domain::charge::{self, Charge};
use domain::confirmations::depth;
use domain::invoice::State;
use domain::ledger::Owner;
use domain::payment::{Finality, Payment, Placement};
use domain::standing::{Standing, Trouble, next_state, state_after_loss};
use domain::{MerchantId, Time, Units};

use super::{payments_of, standing};
use crate::app::chains::Chain;
use crate::app::charges::{self, record};
use crate::app::invoices::{change_state, save};
use crate::app::{App, payer_mails, provider_payouts};
use crate::store::charges as charge_rows;
use crate::store::disputes::DisputeState;
use crate::store::invoices::{Charged, InvoiceRow, Paid};
use crate::store::{StoreError, Tx, attempts, disputes, invoices, merchants, payments, settlements};

/// Brings an invoice's state up to date with its payments, one step of the contract's table after the other.
pub fn update(app: &App, tx: &Tx<'_>, merchant: &MerchantId, number: i64, now: Time) -> Result<(), StoreError> {
    let merchant = merchants::existing(tx, merchant)?;
    let mut row = invoices::existing(tx, &merchant.id, number)?;
    let attempts = attempts::of_invoice(tx, &merchant.id, number)?;
    let payments = payments_of(tx, &merchant.id, number)?;
    let charges = charges::of_invoice(tx, &merchant.id, number)?;
    let standing = with_charges(standing(&attempts, &payments)?, &charges)?;
    let settled_by = settled_by(tx, &merchant.id, &payments, &charges)?;
    let mut trouble = trouble(tx, &charges, &merchant.id)?;
    if row.invoice.state == State::Withheld {
        trouble.given_back = is_given_back(tx, &merchant.id, number)?;
    }
    while let Some(next) = next_state(&row.invoice, &standing, settled_by.is_some(), trouble) {
        if next == State::Received {
            record::lapse_waiting(tx, &merchant.id, number, now)?;
        }
        // what was held back was no receipt's: it is due now that the money is free
        if next == State::Received || (next == State::Settled && row.invoice.state == State::Withheld) {
            payer_mails::paid(tx, &merchant.id, number, now)?;
        }
        if matches!(next, State::Received | State::Settled) {
            row.paid = paid(app, &row, &attempts, &payments, &charges, &standing)?;
        }
        if next == State::Settled {
            row.settle_tx_hash = settled_by.as_ref().and_then(|settled| settled.hash.clone());
        }
        change_state(app, tx, &merchant, &mut row, next, now)?;
    }
    // what it was settled by left the chain, and another transaction has moved the money since
    if let Some(settled) = settled_by
        && row.invoice.state == State::Settled
        && row.settle_tx_hash != settled.hash
    {
        row.settle_tx_hash = settled.hash;
        save(tx, &mut row, State::Settled)?;
    }
    Ok(())
}

fn with_charges(standing: Standing, charges: &[Charge]) -> Result<Standing, StoreError> {
    standing.with_charges(charges).map_err(|error| StoreError::Inconsistent(error.to_string()))
}

/// What the providers of counted charges say against them.
fn trouble(tx: &Tx<'_>, charges: &[Charge], merchant: &MerchantId) -> Result<Trouble, StoreError> {
    let mut trouble = Trouble::default();
    for charge in charges.iter().filter(|charge| charge.counts()) {
        trouble.held |= charge.held;
        let disputes = disputes::of_charge(tx, merchant, &charge.id)?;
        trouble.disputed |= disputes.iter().any(|dispute| dispute.state != DisputeState::Won);
    }
    Ok(trouble)
}

/// Whether nothing is left of a counted charge, once what is on its way back to the payer has arrived.
fn is_given_back(tx: &Tx<'_>, merchant: &MerchantId, number: i64) -> Result<bool, StoreError> {
    for row in charge_rows::of_invoice(tx, merchant, number)?.iter().filter(|row| row.charge.counts()) {
        let Some(received) = &row.charge.received else { continue };
        let ours = charges::refunds::given_back(tx, merchant, &row.charge.id)?;
        let back = row.refunded_elsewhere.plus(ours).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
        if back >= received.units {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Fails an invoice whose proven payment a provider took back, unless the rest covers it.
pub fn fail_lost(app: &App, tx: &Tx<'_>, merchant: &MerchantId, number: i64, now: Time) -> Result<(), StoreError> {
    let merchant = merchants::existing(tx, merchant)?;
    let mut row = invoices::existing(tx, &merchant.id, number)?;
    let charges = charges::of_invoice(tx, &merchant.id, number)?;
    if charges.iter().all(|charge| charge.state != charge::State::Reversed) {
        return Ok(());
    }
    let attempts = attempts::of_invoice(tx, &merchant.id, number)?;
    let now_standing =
        |charges: &[Charge]| with_charges(standing(&attempts, &payments_of(tx, &merchant.id, number)?)?, charges);
    if state_after_loss(&row.invoice, &now_standing(&charges)?).is_none() {
        return Ok(());
    }
    // what was paid beyond the invoice counts now
    promote_extra(tx, &merchant.id, &row, &attempts, now)?;
    record::promote_extra(tx, &merchant.id, number, now)?;
    let charges = charges::of_invoice(tx, &merchant.id, number)?;
    let Some(next) = state_after_loss(&row.invoice, &now_standing(&charges)?) else { return Ok(()) };
    let was = row.invoice.state;
    row.paid = None;
    save(tx, &mut row, was)?;
    change_state(app, tx, &merchant, &mut row, next, now)
}

/// Has all that counts reached the merchant? Coins by a flush, charges by a settlement, or by the provider's payout to his own bank.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SettledBy {
    /// The chain's transaction; a provider's payout has none.
    hash: Option<String>,
}

fn settled_by(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    payments: &[Payment],
    charges: &[Charge],
) -> Result<Option<SettledBy>, StoreError> {
    let flushed = flushed_by(payments);
    let by_coins = payments.iter().any(|p| p.placement == Placement::Credited && p.finality != Finality::Reversed);
    if by_coins && flushed.is_none() {
        return Ok(None);
    }
    let (mut last, mut any) = (flushed, by_coins);
    for charge in charges.iter().filter(|charge| charge.counts()) {
        any = true;
        if charge.owner == Owner::Merchant {
            if !provider_payouts::is_paid_out(tx, merchant, &charge.id)? {
                return Ok(None);
            }
            continue;
        }
        let done = settlements::of_charge(tx, merchant, &charge.id)?;
        // a further item, of what was kept in reserve, settles nothing anew
        let first = done.into_iter().find(|(_, state, _)| *state == settlements::State::Done);
        let Some((_, _, Some(hash))) = first else { return Ok(None) };
        last = Some(hash);
    }
    Ok(any.then_some(SettledBy { hash: last }))
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

/// What a payer is to be asked for now: what nothing covers yet that was seen, final or not; and nothing while nobody knows whether a
/// charge was paid.
pub fn left_to_ask(tx: &Tx<'_>, row: &InvoiceRow) -> Result<Units, StoreError> {
    let (merchant, number) = (&row.invoice.merchant_id, row.invoice.number);
    let attempts = attempts::of_invoice(tx, merchant, number)?;
    let standing = standing(&attempts, &payments_of(tx, merchant, number)?)?;
    let charges = charges::of_invoice(tx, merchant, number)?;
    if !row.invoice.state.is_open() || charges.iter().any(|charge| charge.state.is_unresolved()) {
        return Ok(Units::ZERO);
    }
    Ok(with_charges(standing, &charges)?.left_to_pay(row.invoice.amount))
}

/// What an invoice's final, counted payments come to; `None` if there are none.
pub fn paid_so_far(app: &App, tx: &Tx<'_>, row: &InvoiceRow) -> Result<Option<Paid>, StoreError> {
    let (merchant, number) = (&row.invoice.merchant_id, row.invoice.number);
    let attempts = attempts::of_invoice(tx, merchant, number)?;
    let payments = payments_of(tx, merchant, number)?;
    let charges = charges::of_invoice(tx, merchant, number)?;
    let standing = with_charges(standing(&attempts, &payments)?, &charges)?;
    if standing.settled_on_chain.is_zero() {
        return Ok(None);
    }
    paid(app, row, &attempts, &payments, &charges, &standing)
}

/// What was paid and how it is divided; by coin if all was paid in one, else by worth in the invoice's currency.
fn paid(
    app: &App,
    row: &InvoiceRow,
    attempts: &[Attempt],
    payments: &[Payment],
    charges: &[Charge],
    standing: &Standing,
) -> Result<Option<Paid>, StoreError> {
    let out_of_range = |error: domain::amount::AmountError| StoreError::Inconsistent(error.to_string());
    let counted: Vec<&Charge> = charges.iter().filter(|charge| charge.counts()).collect();
    if let [charge] = counted[..]
        && charge.due_minor == standing.settled_on_chain
    {
        return paid_by_charge(app, charge);
    }
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
    let one = (coins.len() == 1 && counted.is_empty()).then(|| coins.into_iter().next()).flatten();
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
            charged: None,
        }));
    }
    let fee = attempts.last().map(|attempt| attempt.fee).or(counted.last().map(|charge| charge.fee));
    let Some(fee) = fee else { return Ok(None) };
    let split = fee.split(standing.settled_on_chain).map_err(out_of_range)?;
    Ok(Some(Paid {
        asset: row.invoice.devise.clone(),
        symbol: row.invoice.devise.clone(),
        decimals: domain::fiat::minor_digits(&row.invoice.devise).unwrap_or(2),
        units: standing.settled_on_chain,
        merchant_units: split.merchant,
        fee_units: split.fee,
        charged: None,
    }))
}

/// One charge paid for all: the merchant is settled in the coin locked with it, or, on an account of his own, has the money itself.
fn paid_by_charge(app: &App, charge: &Charge) -> Result<Option<Paid>, StoreError> {
    let Some(received) = &charge.received else { return Ok(None) };
    let coin = charge.settle.as_ref().and_then(|settle| Some((app.asset(&settle.asset)?, settle.units)));
    let (asset, symbol, decimals, units) = match coin {
        Some((asset, units)) => (asset.code.clone(), asset.symbol.clone(), asset.decimals, units),
        None => {
            let digits = domain::fiat::minor_digits(&received.currency).unwrap_or(2);
            (received.currency.clone(), received.currency.clone(), digits, received.units)
        }
    };
    let split = charge.fee.split(units).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    let charged = Some(Charged { currency: received.currency.clone(), units: received.units });
    let (merchant_units, fee_units) = (split.merchant, split.fee);
    Ok(Some(Paid { asset, symbol, decimals, units, merchant_units, fee_units, charged }))
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
        let charges = charges::of_invoice(tx, &merchant.id, lost.invoice_number)?;
        let mut standing = super::standing(&attempts, &payments_of(tx, &merchant.id, lost.invoice_number)?)?;
        standing = with_charges(standing, &charges)?;
        if state_after_loss(&row.invoice, &standing).is_some() {
            promote_extra(tx, &merchant.id, &row, &attempts, now)?;
            standing = super::standing(&attempts, &payments_of(tx, &merchant.id, lost.invoice_number)?)?;
            standing = with_charges(standing, &charges)?;
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
