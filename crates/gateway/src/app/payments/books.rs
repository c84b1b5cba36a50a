//! From "seen" to "final" and back: the only place where chain facts become ledger entries.

use domain::attempt::Attempt;
use domain::books::{cause, flushed, payment_received};
use domain::confirmations::depth;
use domain::ledger::{Draft, Reason, Unbalanced};
use domain::payment::{Finality, OnChain, Payment};
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
    for mut row in payments::seen(tx, &chain.name)? {
        let attempt = attempts::existing(tx, &row.merchant_id, &row.payment.attempt_id)?;
        let worth = (row.payment.asset == attempt.asset).then(|| attempt.value_of(row.payment.units).ok()).flatten();
        if depth(head, row.payment.on_chain.block_number) < chain.confirmations.needed(worth) {
            continue;
        }
        make_final(tx, &mut row, &attempt, now)?;
        touched.insert((row.merchant_id, row.invoice_number));
    }
    Ok(())
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
        ledger::enter(tx, &row.merchant_id, &entry)?;
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
        let before = payment.on_chain.block_number <= flush.on_chain.block_number;
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
    ledger::enter(tx, &row.merchant_id, &entry)?;
    payments::update(tx, row)
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
    if row.finality == Finality::Final {
        let cause = cause("flush", &row.on_chain, row.round);
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
    let Some(entry) = ledger::by_cause(tx, merchant, cause)? else { return Ok(()) };
    let reversal: Draft = entry.draft.reversal(format!("reversal:{cause}"), why, now);
    ledger::enter(tx, merchant, &reversal).map(|_| ())
}
