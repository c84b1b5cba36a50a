//! Disputes of charges, as providers name them: opened, won, lost.

use domain::Time;
use domain::charge::Money;
use domain::charge_books::{DisputeStep, dispute};
use rails::provider::{DisputeSeen, DisputeState as Seen};

use crate::app::SharedApp;
use crate::app::payments::invoice as invoice_case;
use crate::store::charges::{self, ChargeRow};
use crate::store::disputes::{self, DisputeRow, DisputeState};
use crate::store::{StoreError, Tx, invoices};

/// Records the disputes that a provider names: opened, won, lost.
pub async fn record(app: &SharedApp, row: &ChargeRow, seen: Vec<DisputeSeen>) -> Result<(), StoreError> {
    if seen.is_empty() {
        return Ok(());
    }
    let (worker, merchant, id) = (app.clone(), row.merchant_id.clone(), row.charge.id.clone());
    let changed = app
        .store
        .write(move |tx| {
            let charge = charges::existing(tx, &merchant, &id)?;
            let known = disputes::of_charge(tx, &merchant, &id)?;
            let (now, mut changed) = (worker.now(), false);
            for dispute in seen {
                let before = known.iter().find(|row| row.reference == dispute.reference);
                changed |= record_one(tx, &charge, before, dispute, now)?;
            }
            if changed {
                invoices::touch(tx, &merchant, charge.invoice_number)?;
                invoice_case::update(&worker, tx, &merchant, charge.invoice_number, now)?;
            }
            Ok::<_, StoreError>(changed)
        })
        .await?;
    if changed {
        app.wake.deliveries.notify_one();
        app.wake.pages.notify_waiters();
    }
    Ok(())
}

fn record_one(
    tx: &Tx<'_>,
    charge: &ChargeRow,
    before: Option<&DisputeRow>,
    seen: DisputeSeen,
    now: Time,
) -> Result<bool, StoreError> {
    let (state, closed) = match seen.state {
        Seen::Open | Seen::UnderReview => (DisputeState::Open, None),
        Seen::Won => (DisputeState::Won, Some(DisputeStep::Won)),
        Seen::Lost => (DisputeState::Lost, Some(DisputeStep::Lost)),
    };
    let was = before.map(|row| row.state);
    let goes_on = |row: &&DisputeRow| (row.state, state) == (DisputeState::Open, DisputeState::Open);
    let evidence_due_at = match before.filter(goes_on) {
        _ if seen.state == Seen::UnderReview => None,
        // silence takes no date away; another round has a date of its own
        Some(row) => seen.evidence_due.or(row.evidence_due_at),
        None => seen.evidence_due,
    };
    if let Some(before) = before.filter(goes_on).filter(|row| row.evidence_due_at != evidence_due_at) {
        // another date is nothing that happened: nobody is told
        disputes::put(tx, &DisputeRow { evidence_due_at, ..before.clone() })?;
    }
    // what is lost stays lost; what was won may be taken up again
    if was == Some(state) || was == Some(DisputeState::Lost) {
        return Ok(false);
    }
    let money = disputed(charge, &seen);
    let mut row = before.cloned().unwrap_or_else(|| DisputeRow {
        merchant_id: charge.merchant_id.clone(),
        charge_id: charge.charge.id.clone(),
        reference: seen.reference.clone(),
        invoice_number: charge.invoice_number,
        money,
        state: DisputeState::Open,
        round: 0,
        opened_at: now,
        closed_at: None,
        evidence_due_at: None,
    });
    row.evidence_due_at = evidence_due_at;
    if was != Some(DisputeState::Open) {
        row.round += 1;
        enter_dispute(tx, charge, &row, DisputeStep::Opened, now)?;
        tracing::warn!(charge = %charge.charge.id, dispute = row.reference, "A charge is disputed");
    }
    (row.state, row.closed_at) = (state, closed.map(|_| now));
    if let Some(step) = closed {
        enter_dispute(tx, charge, &row, step, now)?;
    }
    disputes::put(tx, &row)?;
    Ok(true)
}

/// A dispute over nothing is recorded, and moves nothing.
fn enter_dispute(
    tx: &Tx<'_>,
    charge: &ChargeRow,
    row: &DisputeRow,
    step: DisputeStep,
    now: Time,
) -> Result<(), StoreError> {
    if row.money.units.is_zero() {
        return Ok(());
    }
    let named = (row.reference.as_str(), row.round);
    let entry = dispute(&charge.charge, named, &row.money, step, row.invoice_number, now);
    super::record::enter(tx, charge, &entry.map_err(|error| StoreError::Inconsistent(error.to_string()))?)
}

/// What is set aside for a dispute: its amount; the whole charge if that is in another currency or more than was paid.
fn disputed(charge: &ChargeRow, seen: &DisputeSeen) -> Money {
    let said = Money { units: seen.amount, currency: seen.currency.clone() };
    match &charge.charge.received {
        Some(received) if said.currency != received.currency || said.units > received.units => {
            tracing::error!(charge = %charge.charge.id, dispute = seen.reference, "A dispute is not over what was paid; all of it is set aside");
            received.clone()
        }
        _ => said,
    }
}
