//! Refunds and disputes of charges. A refund's amount is set aside before anything is sent; it is sent once, and then asked about.

use domain::charge::{Money, State};
use domain::charge_books::{DisputeStep, RefundStep, dispute, refund};
use domain::ledger::Unbalanced;
use domain::time::MINUTE;
use domain::{ChargeId, MerchantId, RefundId, Time, Units};
use rails::provider::{DisputeSeen, DisputeState as Seen, Refund, RefundAnswer, RefundOutcome};

use super::{asked, next_look, record};
use crate::app::payments::invoice as invoice_case;
use crate::app::{App, SharedApp};
use crate::crash::crash_point;
use crate::net::provider::NoAnswer;
use crate::store::charges::{self, ChargeRow};
use crate::store::refunds::{self, DisputeRow, DisputeState, RefundRow, RefundState};
use crate::store::{StoreError, Tx, invoices, merchants, provider_accounts};

/// As for charges: a provider that knows nothing of a refund this long after it was sent will not know it later.
const SURE_NOT_SENT_MILLIS: i64 = 10 * MINUTE;

#[derive(Debug, thiserror::Error)]
pub enum RefundRefused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the charge is not paid")]
    NotPaid,
    #[error("at most {left} minor units can still be given back")]
    TooMuch { left: Units },
    #[error("a refund is above zero")]
    Nothing,
    #[error("the provider cannot give money back: do it there, or by other means")]
    NotOffered,
}

fn unbalanced(error: Unbalanced) -> StoreError {
    StoreError::Inconsistent(error.to_string())
}

fn inconsistent(error: domain::amount::AmountError) -> StoreError {
    StoreError::Inconsistent(error.to_string())
}

/// What of a charge can still be given back: not what was, or is about to be, and not what is disputed.
pub fn refundable(tx: &Tx<'_>, row: &ChargeRow) -> Result<Units, StoreError> {
    let Some(received) = row.charge.received.as_ref().filter(|_| row.charge.state == State::Paid) else {
        return Ok(Units::ZERO);
    };
    let mut gone = row.refunded_elsewhere;
    for refund in refunds::of_charge(tx, &row.merchant_id, &row.charge.id)? {
        if refund.state != RefundState::Failed {
            gone = gone.plus(refund.money.units).map_err(inconsistent)?;
        }
    }
    for dispute in refunds::disputes(tx, &row.merchant_id, &row.charge.id)? {
        if dispute.state != DisputeState::Won {
            gone = gone.plus(dispute.money.units).map_err(inconsistent)?;
        }
    }
    Ok(received.units.less(gone))
}

/// Decides on a refund and sets its amount aside. A worker sends it.
pub fn reserve(
    app: &App,
    tx: &Tx<'_>,
    merchant: &MerchantId,
    charge: &ChargeId,
    units: Units,
) -> Result<RefundRow, RefundRefused> {
    let row = charges::existing(tx, merchant, charge)?;
    let received = row.charge.received.clone().filter(|_| row.charge.state == State::Paid);
    let received = received.ok_or(RefundRefused::NotPaid)?;
    let account = provider_accounts::existing(tx, &row.charge.account_id)?;
    let offered = rails::provider::list::by_name(&account.provider).is_some_and(|found| found.refund.is_some());
    if !offered {
        return Err(RefundRefused::NotOffered);
    }
    if units.is_zero() {
        return Err(RefundRefused::Nothing);
    }
    let left = refundable(tx, &row)?;
    if units > left {
        return Err(RefundRefused::TooMuch { left });
    }
    let now = app.now();
    let refund_row = RefundRow {
        merchant_id: merchant.clone(),
        id: RefundId::new(app.ulid()),
        charge_id: charge.clone(),
        invoice_number: row.invoice_number,
        money: Money { units, currency: received.currency },
        state: RefundState::Reserved,
        reference: None,
        note: None,
        created_at: now,
        changed_at: now,
        due_at: Some(now),
        asked: 0,
        version: 1,
    };
    refunds::insert(tx, &refund_row)?;
    enter_step(tx, &row, &refund_row, RefundStep::Reserved, now)?;
    Ok(refund_row)
}

fn enter_step(tx: &Tx<'_>, charge: &ChargeRow, row: &RefundRow, step: RefundStep, now: Time) -> Result<(), StoreError> {
    let entry = refund(&charge.charge, &row.id, &row.money, step, row.invoice_number, now).map_err(unbalanced)?;
    record::enter(tx, charge, &entry)
}

/// A callback came about the charge: its refunds that are under way are asked about at once.
pub fn hurry(tx: &Tx<'_>, charge: &ChargeRow, now: Time) -> Result<(), StoreError> {
    for mut row in refunds::of_charge(tx, &charge.merchant_id, &charge.charge.id)? {
        if matches!(row.state, RefundState::Unknown | RefundState::Pending) {
            row.due_at = Some(now);
            refunds::update(tx, &mut row)?;
        }
    }
    Ok(())
}

/// Sends refunds that are set aside and asks about those that were sent. Answers how many there were.
pub async fn drive_due(app: &SharedApp) -> Result<usize, StoreError> {
    let now = app.now();
    let due = app.store.read(|tx| refunds::due(tx, now, 50)).await?;
    for row in &due {
        if let Err(error) = drive(app, &row.merchant_id, &row.id).await {
            tracing::error!(refund = %row.id, %error, "A refund could not be driven on");
            let (merchant, id, later) = (row.merchant_id.clone(), row.id.clone(), app.now().plus(300_000));
            let rest = app.store.write(move |tx| {
                let mut row = refunds::existing(tx, &merchant, &id)?;
                row.due_at = Some(later);
                refunds::update(tx, &mut row)
            });
            rest.await?;
        }
    }
    Ok(due.len())
}

async fn drive(app: &SharedApp, merchant: &MerchantId, id: &RefundId) -> Result<(), StoreError> {
    let (worker, owner, refund_id) = (app.clone(), merchant.clone(), id.clone());
    let prepared = app
        .store
        .write(move |tx| {
            let mut row = refunds::existing(tx, &owner, &refund_id)?;
            let charge = charges::existing(tx, &owner, &row.charge_id)?;
            let owner = merchants::existing(tx, &owner)?;
            let invoice = invoices::existing(tx, &owner.id, row.invoice_number)?;
            let account = worker.open_account(provider_accounts::existing(tx, &charge.charge.account_id)?)?;
            let operation = Refund {
                id: row.id.to_string(),
                amount: row.money.units,
                charge: asked(&worker, &owner, &invoice, &charge)?,
                reference: row.reference.clone(),
            };
            let send = row.state == RefundState::Reserved;
            let now = worker.now();
            if send && charge.charge.state != State::Paid {
                let why = RefundOutcome::Declined("the charge is not paid any more".into());
                record_answer(tx, &charge, &mut row, RefundAnswer::of(why), true, now)?;
                return Ok(None);
            }
            if send {
                row.state = RefundState::Unknown;
                row.note = Some("sent, and not answered yet".into());
                (row.changed_at, row.due_at) = (now, Some(now.plus(60_000)));
                refunds::update(tx, &mut row)?;
            }
            Ok::<_, StoreError>(Some((row, operation, account, send)))
        })
        .await?;
    let Some((row, operation, mut account, send)) = prepared else { return Ok(()) };
    let Some(flows) = &account.connector.refund else { return Ok(()) };
    let answer = if send {
        crash_point("before_refund_send");
        let answer = account.ask(app, "refund", |account| (flows.create.request)(account, &operation)).await;
        crash_point("after_refund_send");
        match answer {
            Ok(answer) => (flows.create.response)(&account.account, &operation, &answer),
            Err(NoAnswer::NotSent(why)) => RefundAnswer::of(RefundOutcome::NotSent(why)),
            Err(NoAnswer::Unclear(why)) => RefundAnswer::of(RefundOutcome::Unknown(why)),
        }
    } else {
        match account.ask(app, "refund", |account| (flows.sync.request)(account, &operation)).await {
            Ok(answer) => (flows.sync.response)(&account.account, &operation, &answer),
            Err(error) => RefundAnswer::of(RefundOutcome::Unknown(error.to_string())),
        }
    };
    let worker = app.clone();
    app.store
        .write(move |tx| {
            let mut fresh = refunds::existing(tx, &row.merchant_id, &row.id)?;
            let charge = charges::existing(tx, &row.merchant_id, &row.charge_id)?;
            record_answer(tx, &charge, &mut fresh, answer, send, worker.now())
        })
        .await?;
    app.wake.providers.notify_one();
    Ok(())
}

/// Records what became of a refund. Nothing is taken back once it is done or failed.
fn record_answer(
    tx: &Tx<'_>,
    charge: &ChargeRow,
    row: &mut RefundRow,
    answer: RefundAnswer,
    sent: bool,
    now: Time,
) -> Result<(), StoreError> {
    if matches!(row.state, RefundState::Done | RefundState::Failed) {
        return Ok(());
    }
    row.reference = answer.reference.or(row.reference.take());
    row.asked = row.asked.saturating_add(1);
    row.due_at = Some(next_look(now, row.asked));
    let (state, note) = match answer.outcome {
        RefundOutcome::Done { amount, currency } if amount == row.money.units && currency == row.money.currency => {
            (RefundState::Done, None)
        }
        RefundOutcome::Done { amount, currency } => {
            let what = format!("the provider says it gave back {amount} {currency} in minor units, not what was asked");
            if row.note.as_ref() != Some(&what) {
                tracing::error!(refund = %row.id, "A refund was done over another amount: {what}");
            }
            (row.state, Some(what))
        }
        RefundOutcome::Pending => (RefundState::Pending, None),
        RefundOutcome::Declined(why) => (RefundState::Failed, Some(why)),
        RefundOutcome::NotSent(why) if sent => {
            // nothing was begun: the very same refund may be sent again
            row.due_at = Some(now.plus(MINUTE));
            (RefundState::Reserved, Some(why))
        }
        RefundOutcome::NotSent(why) if now.since(row.changed_at) >= SURE_NOT_SENT_MILLIS => {
            (RefundState::Failed, Some(why))
        }
        RefundOutcome::NotSent(why) | RefundOutcome::Unknown(why) => (row.state, Some(why)),
    };
    if state != row.state {
        (row.changed_at, row.asked) = (now, 0);
    }
    row.state = state;
    row.note = note;
    match state {
        RefundState::Done => {
            row.due_at = None;
            enter_step(tx, charge, row, RefundStep::Done, now)?;
        }
        RefundState::Failed => {
            row.due_at = None;
            tracing::warn!(refund = %row.id, why = row.note, "A refund failed; its amount is free again");
            enter_step(tx, charge, row, RefundStep::Failed, now)?;
        }
        _ => {}
    }
    refunds::update(tx, row)
}

/// Records the disputes that a provider names: opened, won, lost.
pub async fn record_disputes(app: &SharedApp, row: &ChargeRow, seen: Vec<DisputeSeen>) -> Result<(), StoreError> {
    if seen.is_empty() {
        return Ok(());
    }
    let (worker, merchant, id) = (app.clone(), row.merchant_id.clone(), row.charge.id.clone());
    let changed = app
        .store
        .write(move |tx| {
            let charge = charges::existing(tx, &merchant, &id)?;
            let known = refunds::disputes(tx, &merchant, &id)?;
            let (now, mut changed) = (worker.now(), false);
            for dispute in seen {
                let before = known.iter().find(|row| row.reference == dispute.reference);
                changed |= record_dispute(tx, &charge, before, dispute, now)?;
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

fn record_dispute(
    tx: &Tx<'_>,
    charge: &ChargeRow,
    before: Option<&DisputeRow>,
    seen: DisputeSeen,
    now: Time,
) -> Result<bool, StoreError> {
    let (state, closed) = match seen.state {
        Seen::Open => (DisputeState::Open, None),
        Seen::Won => (DisputeState::Won, Some(DisputeStep::Won)),
        Seen::Lost => (DisputeState::Lost, Some(DisputeStep::Lost)),
    };
    let was = before.map(|row| row.state);
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
    });
    if was != Some(DisputeState::Open) {
        row.round += 1;
        enter_dispute(tx, charge, &row, DisputeStep::Opened, now)?;
        tracing::warn!(charge = %charge.charge.id, dispute = row.reference, "A charge is disputed");
    }
    (row.state, row.closed_at) = (state, closed.map(|_| now));
    if let Some(step) = closed {
        enter_dispute(tx, charge, &row, step, now)?;
    }
    refunds::put_dispute(tx, &row)?;
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
    record::enter(tx, charge, &entry.map_err(unbalanced)?)
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
