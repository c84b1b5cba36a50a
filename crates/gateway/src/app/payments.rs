//! What a chain says, recorded: facts are never refused, and a repeated fact changes nothing.
//!
//! One call of [`record_blocks`] or [`record_reorg`] is one transaction: payments, flushes, invoices, entries, events,
//! deliveries and the watcher's cursor stand or fall together.

mod books;
pub mod invoice;

pub use books::worth_at_stake;
pub use invoice::{left_to_ask, paid_so_far};

use std::collections::BTreeSet;

use domain::attempt::Attempt;
use domain::payment::{Finality, OnChain, Payment, place, place_returned};
use domain::standing::Standing;
use domain::{MerchantId, PaymentId, Time, Units};
use rails::evm::scan::{BlockRef, ChainFact};

use super::chains::Chain;
use super::{App, SharedApp, treasury};
use crate::store::attempts::{self, Watched};
use crate::store::flushes::{self, FlushRow};
use crate::store::leases::{self, Lease};
use crate::store::payments::{self, PaymentRow};
use crate::store::{StoreError, Tx, blocks, invoices};
use crate::telemetry::decided::{Decided, decided};
use crate::telemetry::metrics;

/// Invoices whose payments changed: (merchant, number).
type Touched = BTreeSet<(MerchantId, i64)>;

/// Records the next blocks of a chain and what happened in them, as the node that follows it.
pub async fn record_blocks(
    app: &SharedApp,
    lease: &Lease,
    chain: &str,
    read: Vec<BlockRef>,
    facts: Vec<ChainFact>,
) -> Result<(), StoreError> {
    let (worker, name, lease) = (app.clone(), chain.to_owned(), lease.clone());
    let changed = app
        .store
        .write(move |tx| {
            still_ours(tx, &lease)?;
            let chain = chain_of(&worker, &name)?;
            let now = worker.now();
            let mut touched = Touched::new();
            for fact in &facts {
                record_fact(&worker, tx, chain, fact, now, &mut touched)?;
            }
            let has_moved = treasury::moves::record(tx, chain, &facts, now)?;
            for block in &read {
                blocks::put(tx, &name, block.number, &block.hash.to_string())?;
            }
            let Some(newest) = read.last() else { return Ok(false) };
            blocks::forget_old(tx, &name, newest.number)?;
            treasury::unseen::begin_watching(tx, chain, newest.number, now)?;
            books::finalise_payments(tx, chain, newest.number, now, &mut touched)?;
            books::finalise_flushes(&worker, tx, chain, newest.number, now, &mut touched)?;
            let has_moved = treasury::moves::finalise(&worker, tx, chain, newest.number, now)? || has_moved;
            invoice::give_up_lost(&worker, tx, chain, newest.number, now)?;
            for (merchant, number) in &touched {
                invoice::update(&worker, tx, merchant, *number, now)?;
            }
            Ok::<_, StoreError>(!touched.is_empty() || has_moved)
        })
        .await?;
    app.wake.pages.notify_waiters();
    if changed {
        app.wake.deliveries.notify_one();
        app.wake.flushes.notify_one();
    }
    Ok(())
}

/// Records that every block of a chain above `back_to` is gone, with what was in them.
pub async fn record_reorg(app: &SharedApp, lease: &Lease, chain: &str, back_to: u64) -> Result<(), StoreError> {
    let (worker, name, lease) = (app.clone(), chain.to_owned(), lease.clone());
    app.store
        .write(move |tx| {
            still_ours(tx, &lease)?;
            chain_of(&worker, &name)?;
            let now = worker.now();
            treasury::moves::reverse_above(&worker, tx, &name, back_to, now)?;
            for row in flushes::above(tx, &name, back_to)? {
                books::reverse_flush(tx, row, now)?;
            }
            for row in payments::above(tx, &name, back_to)? {
                books::reverse_payment(tx, row, now)?;
            }
            blocks::drop_above(tx, &name, back_to)
        })
        .await?;
    app.wake.pages.notify_waiters();
    Ok(())
}

/// What one node read of a chain is not recorded once another follows it: it may be of the past.
fn still_ours(tx: &Tx<'_>, lease: &Lease) -> Result<(), StoreError> {
    match leases::is_held(tx, lease)? {
        true => Ok(()),
        false => Err(StoreError::Inconsistent(format!("another node does this now: {}", lease.name))),
    }
}

fn chain_of<'a>(app: &'a App, name: &str) -> Result<&'a Chain, StoreError> {
    app.chains.get(name).ok_or_else(|| StoreError::Inconsistent(format!("chain {name} is not configured")))
}

fn record_fact(
    app: &App,
    tx: &Tx<'_>,
    chain: &Chain,
    fact: &ChainFact,
    now: Time,
    touched: &mut Touched,
) -> Result<(), StoreError> {
    match fact {
        ChainFact::Deposit { block, tx_hash, log_index, token, from, to, amount } => {
            let (Some(watched), Some(asset)) = (chain.addresses.get(to), chain.asset_of(*token)) else { return Ok(()) };
            let key = key(chain, block, tx_hash.to_string(), *log_index);
            let arrival = Arrival { key, asset: asset.code.clone(), units: Units(*amount), sender: from.to_string() };
            record_deposit(app, tx, &watched, arrival, now)?;
            touched.insert((watched.merchant_id, watched.invoice_number));
        }
        // of the treasury's wallet: `treasury::moves`
        ChainFact::Moved { .. } => {}
        ChainFact::Flushed { block, tx_hash, log_index, forwarder, token, merchant_amount, fee_amount } => {
            let (Some(watched), Some(asset)) = (chain.addresses.get(forwarder), chain.asset_of(*token)) else {
                return Ok(());
            };
            let row = FlushRow {
                merchant_id: watched.merchant_id.clone(),
                attempt_id: watched.attempt_id.clone(),
                on_chain: key(chain, block, tx_hash.to_string(), *log_index),
                asset: asset.code.clone(),
                merchant_units: Units(*merchant_amount),
                fee_units: Units(*fee_amount),
                finality: Finality::Seen,
                round: 0,
            };
            record_flush(tx, row)?;
            touched.insert((watched.merchant_id, watched.invoice_number));
        }
    }
    Ok(())
}

pub(super) fn key(chain: &Chain, block: &BlockRef, tx_hash: String, log_index: u64) -> OnChain {
    OnChain {
        chain: chain.name.clone(),
        tx_hash,
        log_index,
        block_number: block.number,
        block_hash: block.hash.to_string(),
        block_time: Time(i64::try_from(block.time_s).unwrap_or(i64::MAX / 1_000).saturating_mul(1_000)),
    }
}

/// Money that came to one of our addresses.
struct Arrival {
    key: OnChain,
    asset: String,
    units: Units,
    sender: String,
}

fn record_deposit(app: &App, tx: &Tx<'_>, watched: &Watched, arrival: Arrival, now: Time) -> Result<(), StoreError> {
    let merchant = &watched.merchant_id;
    let known = payments::by_key(tx, merchant, &arrival.key)?;
    if known.as_ref().is_some_and(|row| row.payment.finality != Finality::Reversed) {
        return Ok(());
    }
    let invoice = invoices::existing(tx, merchant, watched.invoice_number)?.invoice;
    let attempts = attempts::of_invoice(tx, merchant, invoice.number)?;
    let attempt = attempts
        .iter()
        .find(|attempt| attempt.id == watched.attempt_id)
        .ok_or_else(|| StoreError::Inconsistent(format!("attempt {} is watched but not there", watched.attempt_id)))?;
    if is_dust(tx, attempt, &arrival, watched)? {
        return Ok(());
    }
    let before = payments_of(tx, merchant, invoice.number)?;
    let charges = super::charges::of_invoice(tx, merchant, invoice.number)?;
    let standing = standing(&attempts, &before)?.with_charges(&charges);
    let complete = standing.map_err(|error| StoreError::Inconsistent(error.to_string()))?.covers(invoice.amount);
    let fresh = place(attempt, invoice.state, complete, &arrival.asset, arrival.key.block_time);
    let placement = match before.iter().find(|payment| arrival.is_return_of(payment, attempt)) {
        Some(lost) => place_returned(lost.placement, fresh, invoice.state),
        None => fresh,
    };
    if placement.is_parked() {
        tracing::warn!(
            invoice = invoice.number,
            chain = arrival.key.chain,
            tx_hash = arrival.key.tx_hash,
            asset = arrival.asset,
            ?placement,
            "A payment that counts towards no invoice was recorded and parked"
        );
    }
    let chain = arrival.key.chain.clone();
    decided(Decided::Payment(metrics::Payment { chain, placement: payments::placement_name(placement) }));
    // whoever is deciding on this invoice now, decides again
    invoices::touch(tx, merchant, invoice.number)?;
    if let Some(mut row) = known {
        row.payment.finality = Finality::Seen;
        row.payment.placement = placement;
        return payments::update(tx, &row);
    }
    let payment = Payment {
        id: PaymentId::new(app.ulid()),
        attempt_id: attempt.id.clone(),
        on_chain: arrival.key,
        asset: arrival.asset,
        units: arrival.units,
        finality: Finality::Seen,
        placement,
        flushed_by: None,
        round: 0,
    };
    let row = PaymentRow {
        merchant_id: merchant.clone(),
        invoice_number: invoice.number,
        sender: arrival.sender,
        seen_at: now,
        payment,
    };
    payments::insert(tx, &row)
}

impl Arrival {
    /// Whether this is a transfer that was lost in a reorganisation and is back, in whatever block and place it is now.
    fn is_return_of(&self, payment: &Payment, attempt: &Attempt) -> bool {
        payment.finality == Finality::Reversed
            && payment.on_chain.tx_hash == self.key.tx_hash
            && payment.attempt_id == attempt.id
            && payment.asset == self.asset
            && payment.units == self.units
    }
}

/// From so many payments of one invoice on, those worth less than the smallest unit of its currency are not recorded one by
/// one: each costs the reading of all others. They are not lost: the flush that moves them records them in one sum.
const MANY_PAYMENTS: i64 = 100;

fn is_dust(tx: &Tx<'_>, attempt: &Attempt, arrival: &Arrival, watched: &Watched) -> Result<bool, StoreError> {
    let worthless = attempt.value_of(arrival.units).is_ok_and(Units::is_zero);
    Ok((worthless || arrival.asset != attempt.asset)
        && payments::count(tx, &watched.merchant_id, watched.invoice_number)? >= MANY_PAYMENTS)
}

fn record_flush(tx: &Tx<'_>, row: FlushRow) -> Result<(), StoreError> {
    match flushes::by_key(tx, &row.merchant_id, &row.on_chain)? {
        None => flushes::insert(tx, &row),
        Some(known) if known.finality == Finality::Reversed => {
            flushes::update(tx, &FlushRow { finality: Finality::Seen, ..known })
        }
        Some(_) => Ok(()),
    }
}

fn payments_of(tx: &Tx<'_>, merchant: &MerchantId, invoice: i64) -> Result<Vec<Payment>, StoreError> {
    Ok(payments::of_invoice(tx, merchant, invoice)?.into_iter().map(|row| row.payment).collect())
}

fn standing(attempts: &[domain::attempt::Attempt], payments: &[Payment]) -> Result<Standing, StoreError> {
    Standing::of(attempts, payments).map_err(|error| StoreError::Inconsistent(error.to_string()))
}

#[cfg(test)]
mod tests;
