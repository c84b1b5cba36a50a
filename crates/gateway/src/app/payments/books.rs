//! From "seen" to "final" and back: the only place where chain facts become ledger entries.

use std::collections::BTreeMap;

use domain::attempt::Attempt;
use domain::books::{cause, flushed, payment_received};
use domain::confirmations::depth;
use domain::ledger::{Draft, Reason, Unbalanced};
use domain::payment::{Finality, OnChain, Payment, Placement};
use domain::{MerchantId, Time, Units};

use super::{Arrival, Touched, record_deposit};
use crate::app::App;
use crate::app::chains::Chain;
use crate::store::attempts::Watched;
use crate::store::flushes::{self, FlushRow};
use crate::store::payments::{self, PaymentRow};
use crate::store::{StoreError, Tx, attempts, ledger};

fn unbalanced(error: Unbalanced) -> StoreError {
    StoreError::Inconsistent(error.to_string())
}

/// Payments that are deep enough below `head` become final, each with its entry.
pub fn finalise_payments(
    tx: &Tx<'_>,
    chain: &Chain,
    head: u64,
    now: Time,
    touched: &mut Touched,
) -> Result<(), StoreError> {
    let shallowest = chain.confirmations.needed(Some(Units::ZERO));
    let Some(deep_enough) = (head + 1).checked_sub(shallowest) else { return Ok(()) };
    let mut worths: BTreeMap<(MerchantId, i64), Units> = BTreeMap::new();
    for mut row in payments::seen(tx, &chain.name, deep_enough)? {
        let attempt = attempts::existing(tx, &row.merchant_id, &row.payment.attempt_id)?;
        let key = (row.merchant_id.clone(), row.invoice_number);
        let all = match worths.get(&key) {
            Some(worth) => *worth,
            None => *worths.entry(key).or_insert(seen_worth(tx, &row)?),
        };
        let worth = worth_at_stake(&row.payment, &attempt, all);
        if depth(head, row.payment.on_chain.block_number) < chain.confirmations.needed(worth) {
            continue;
        }
        make_final(tx, &mut row, &attempt, now)?;
        touched.insert((row.merchant_id, row.invoice_number));
    }
    Ok(())
}

/// What an invoice's counted payments are worth together: many small ones wait as long as one large one.
fn seen_worth(tx: &Tx<'_>, row: &PaymentRow) -> Result<Units, StoreError> {
    let attempts = attempts::of_invoice(tx, &row.merchant_id, row.invoice_number)?;
    let payments = super::payments_of(tx, &row.merchant_id, row.invoice_number)?;
    Ok(super::standing(&attempts, &payments)?.seen)
}

/// Minor units that decide how deep a payment must be; `None` when its worth is not known.
pub fn worth_at_stake(payment: &Payment, attempt: &Attempt, all: Units) -> Option<Units> {
    let own = attempt.value_of(payment.units).ok().filter(|_| payment.asset == attempt.asset)?;
    Some(if payment.placement.is_parked() { own } else { own.max(all) })
}

/// Flushes that are deep enough become final: the payments they moved are settled.
///
/// A flush waits for the deepest confirmation that any payment waits for, so every payment before it is final by then.
pub fn finalise_flushes(
    app: &App,
    tx: &Tx<'_>,
    chain: &Chain,
    head: u64,
    now: Time,
    touched: &mut Touched,
) -> Result<(), StoreError> {
    for mut row in flushes::seen(tx, &chain.name)? {
        if depth(head, row.on_chain.block_number) < chain.confirmations.deepest() {
            continue;
        }
        let attempt = attempts::existing(tx, &row.merchant_id, &row.attempt_id)?;
        let number = attempts::invoice_of(tx, &row.merchant_id, &attempt.id)?;
        let (mut moved, beyond) = moved_by(tx, &row, &attempt, number)?;
        row.finality = Finality::Final;
        row.round += 1;
        flushes::update(tx, &row)?;
        if !beyond.is_zero() {
            moved.push(unseen_payment(app, tx, &row, &attempt, number, beyond, now)?);
        }
        if moved.is_empty() {
            continue;
        }
        let settled: Vec<Payment> = moved.iter().map(|row| row.payment.clone()).collect();
        let entry = flushed(&row.on_chain, row.round, &settled, &attempt, number, now).map_err(unbalanced)?;
        enter_new(tx, &row.merchant_id, &entry)?;
        for mut payment in moved {
            payment.payment.flushed_by = Some(row.on_chain.tx_hash.clone());
            payments::update(tx, &payment)?;
        }
        touched.insert((row.merchant_id, number));
    }
    Ok(())
}

/// The payments that lay in the forwarder when it was flushed, oldest first, as far as the flushed sum reaches, and what
/// the flush moved beyond them.
fn moved_by(
    tx: &Tx<'_>,
    flush: &FlushRow,
    attempt: &Attempt,
    number: i64,
) -> Result<(Vec<PaymentRow>, Units), StoreError> {
    let mut left = flush
        .merchant_units
        .plus(flush.fee_units)
        .map_err(|error| StoreError::Inconsistent(format!("flush {}: {error}", flush.on_chain.tx_hash)))?;
    let mut moved = Vec::new();
    for row in payments::of_invoice(tx, &flush.merchant_id, number)? {
        let payment = &row.payment;
        // in the flush's own block, a log's position says what came first; a native transfer's does not
        let (there_in, flushed_in) = (&payment.on_chain, &flush.on_chain);
        let same_block = there_in.block_number == flushed_in.block_number;
        let native = there_in.log_index >= rails::evm::scan::NATIVE_LOG_INDEX;
        let before = there_in.block_number < flushed_in.block_number
            || (same_block && (native || there_in.log_index < flushed_in.log_index));
        let there = payment.finality == Finality::Final && payment.flushed_by.is_none() && before;
        if payment.attempt_id != attempt.id || payment.asset != flush.asset || !there {
            continue;
        }
        let Ok(rest) = left.minus(payment.units) else { break };
        left = rest;
        moved.push(row);
    }
    Ok((moved, left))
}

/// Added to a flush's log index to key the payment it reveals. Native transfers use 1,000,000,000 and up.
const UNSEEN_LOG_INDEX: u64 = 2_000_000_000;

/// Coins that came without a transfer a watcher can see (native coin sent by a contract): the flush that moved them is
/// their proof. They are recorded as a payment of their own, placed by the same rules, final at once.
fn unseen_payment(
    app: &App,
    tx: &Tx<'_>,
    flush: &FlushRow,
    attempt: &Attempt,
    number: i64,
    units: Units,
    now: Time,
) -> Result<PaymentRow, StoreError> {
    let log_index = UNSEEN_LOG_INDEX + flush.on_chain.log_index;
    let arrival = Arrival {
        key: OnChain { log_index, ..flush.on_chain.clone() },
        asset: flush.asset.clone(),
        units,
        sender: "unknown".into(),
    };
    let watched =
        Watched { merchant_id: flush.merchant_id.clone(), attempt_id: attempt.id.clone(), invoice_number: number };
    let key = arrival.key.clone();
    record_deposit(app, tx, &watched, arrival, now)?;
    let mut row = payments::by_key(tx, &flush.merchant_id, &key)?
        .ok_or_else(|| StoreError::Inconsistent(format!("payment {} was not recorded", key.tx_hash)))?;
    make_final(tx, &mut row, attempt, now)?;
    Ok(row)
}

fn make_final(tx: &Tx<'_>, row: &mut PaymentRow, attempt: &Attempt, now: Time) -> Result<(), StoreError> {
    row.payment.finality = Finality::Final;
    row.payment.round += 1;
    let entry = payment_received(&row.payment, attempt, row.invoice_number, now).map_err(unbalanced)?;
    enter_new(tx, &row.merchant_id, &entry)?;
    payments::update(tx, row)
}

/// Enters what cannot be there yet: a state that says otherwise is damage, and must not pass in silence.
fn enter_new(tx: &Tx<'_>, merchant: &MerchantId, entry: &Draft) -> Result<(), StoreError> {
    match ledger::enter(tx, merchant, entry)? {
        true => Ok(()),
        false => Err(StoreError::Inconsistent(format!("the entry {} of {merchant} is there already", entry.cause))),
    }
}

/// Turns a parked payment into a counted one, in the books too, unless its flush is already booked.
pub fn promote(tx: &Tx<'_>, mut row: PaymentRow, attempt: &Attempt, now: Time) -> Result<(), StoreError> {
    if row.payment.finality == Finality::Final {
        let cause = cause("payment", &row.payment.on_chain, row.payment.round);
        reverse_entry(tx, &row.merchant_id, &cause, Reason::PaymentReversed, now)?;
        row.payment.placement = Placement::Credited;
        return make_final(tx, &mut row, attempt, now);
    }
    row.payment.placement = Placement::Credited;
    payments::update(tx, &row)
}

/// A payment whose block left the chain; if it was final, its entry is undone by the opposite one.
pub fn reverse_payment(tx: &Tx<'_>, mut row: PaymentRow, now: Time) -> Result<(), StoreError> {
    if row.payment.finality == Finality::Final {
        let cause = cause("payment", &row.payment.on_chain, row.payment.round);
        reverse_entry(tx, &row.merchant_id, &cause, Reason::PaymentReversed, now)?;
    }
    row.payment.finality = Finality::Reversed;
    row.payment.flushed_by = None;
    payments::update(tx, &row)
}

/// A flush whose block left the chain: what it settled is owed again.
pub fn reverse_flush(tx: &Tx<'_>, mut row: FlushRow, now: Time) -> Result<(), StoreError> {
    let cause = cause("flush", &row.on_chain, row.round);
    if row.finality == Finality::Final && ledger::by_cause(tx, &row.merchant_id, &cause)?.is_some() {
        reverse_entry(tx, &row.merchant_id, &cause, Reason::SettlementReversed, now)?;
        let number = attempts::invoice_of(tx, &row.merchant_id, &row.attempt_id)?;
        for mut payment in payments::of_invoice(tx, &row.merchant_id, number)? {
            let by_this = payment.payment.flushed_by.as_ref() == Some(&row.on_chain.tx_hash);
            if by_this && payment.payment.attempt_id == row.attempt_id && payment.payment.asset == row.asset {
                payment.payment.flushed_by = None;
                payments::update(tx, &payment)?;
            }
        }
    }
    row.finality = Finality::Reversed;
    flushes::update(tx, &row)
}

fn reverse_entry(tx: &Tx<'_>, merchant: &MerchantId, cause: &str, why: Reason, now: Time) -> Result<(), StoreError> {
    match ledger::by_cause(tx, merchant, cause)? {
        Some(entry) => enter_new(tx, merchant, &entry.draft.reversal(format!("reversal:{cause}"), why, now)),
        None => Err(StoreError::Inconsistent(format!("the entry {cause} of {merchant} is not there"))),
    }
}
