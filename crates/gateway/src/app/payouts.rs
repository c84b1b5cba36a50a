//! Payments out: EUR from a merchant's balance to a card. The transfer does the moving; here is what the merchant sees of it.

pub mod agree;
pub mod cards;
pub mod happened;
pub mod leg;
pub mod rules;

use domain::card::CardNumber;
use domain::charge::Method;
use domain::fund_books::CURRENCY;
use domain::ledger::{Kind as AccountKind, Owner};
use domain::merchant::Merchant;
use domain::transfer::{Kind, State as TransferState};
use domain::{Time, Units};

use super::acts::{Actor, record_for};
use super::events::{Told, tell};
use super::merchant_stop::{IsStopped, may_go_on};
use super::providers::routing;
use super::transfers::{NewTransfer, Rail, acts, reserve};
use super::{App, CardIntake, SharedApp, funds};
use crate::store::events::About;
use crate::store::funds::State;
use crate::store::idempotency::{self, Kept};
use crate::store::payouts::{self, PayoutRow};
use crate::store::provider_accounts::{self, AccountRow};
use crate::store::transfers::TransferRow;
use crate::store::{StoreError, Tx, ledger, merchants, payout_days, settings};
use crate::wire::amount::Quantity;
use crate::wire::payout::callback::{PayoutCallback, Status};
use crate::wire::payout::payment_sent;
use crate::wire::payout::request::SendPayment;

/// A payment to be made, checked by the contract's rules.
#[derive(Debug)]
pub struct NewPayment {
    pub request: SendPayment,
    pub card: CardNumber,
    /// `Idempotency-Key`, and a hash of the request it came with.
    pub idempotency: Option<(String, String)>,
    /// The key it came with, or who filled in the form.
    pub asked_by: Actor,
}

#[derive(Debug, thiserror::Error)]
pub enum SendFailed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the key was used with another request")]
    KeyReused,
    #[error("the amount is outside of the merchant's limits")]
    Limits,
    #[error("the balance is too low")]
    Insufficient,
    #[error("this gateway takes no card numbers")]
    NoCards,
    #[error("no account for pay-outs is set up")]
    NoAccount,
    #[error(transparent)]
    Stopped(#[from] IsStopped),
}

/// Decides a payment and sets its amount aside; a worker sends it. Answers the contract's answer, the same again under the same key.
pub async fn send(app: &SharedApp, merchant: Merchant, new: NewPayment) -> Result<String, SendFailed> {
    if app.cards == CardIntake::ProviderOnly {
        return Err(SendFailed::NoCards);
    }
    let (worker, new) = (app.clone(), std::sync::Arc::new(new));
    let answer = app.store.write(move |tx| send_in(&worker, tx, &merchant, &new)).await?;
    app.wake.deliveries.notify_one();
    app.wake.providers.notify_one();
    Ok(answer)
}

fn send_in(app: &App, tx: &Tx<'_>, merchant: &Merchant, new: &NewPayment) -> Result<String, SendFailed> {
    let id = &merchant.id;
    if let Some((key, request_hash)) = &new.idempotency {
        match idempotency::get(tx, id, key)? {
            Some(kept) if kept.request_hash == *request_hash => return Ok(kept.answer),
            Some(_) => return Err(SendFailed::KeyReused),
            None => {}
        }
    }
    // money goes: not by what is remembered of the merchant
    may_go_on(&merchants::existing(tx, id)?)?;
    let (now, minor, rules) = (app.now(), Units(new.request.minor), merchants::payout_rules(tx, id)?);
    let spent = payout_days::spent(tx, id, now.day())?.plus(minor).map_err(|_| SendFailed::Limits)?;
    if minor < rules.min || minor > rules.max || spent > rules.day_max {
        return Err(SendFailed::Limits);
    }
    let account = account(tx, merchant)?.ok_or(SendFailed::NoAccount)?;
    if minor > ledger::balance(tx, id, Owner::Merchant, AccountKind::Funds, CURRENCY)? {
        return Err(SendFailed::Insufficient);
    }
    let number = settings::next_number(tx, "payment")?;
    let transfer = NewTransfer {
        merchant: id.clone(),
        kind: Kind::CardPayout,
        subject: number.to_string(),
        invoice_number: None,
        taken_from: AccountKind::Funds,
        asset: CURRENCY.into(),
        units: minor,
        rail: Rail::Account(account.id),
        destination: new.request.shown.clone(),
        needs_approval: rules.approval_above.is_some_and(|above| minor > above),
    };
    let needs_approval = transfer.needs_approval;
    let transfer = reserve(app, tx, transfer)?;
    // what people do is in the log; what keys do is in it where somebody else has to agree
    if needs_approval || !acts::is_key(&new.asked_by.0) {
        let detail = format!("payment {number}, {} {CURRENCY}", minor.decimal(2, 2));
        record_for(app, tx, &new.asked_by, id, acts::ASKED, (acts::about(&transfer.id), detail))?;
    }
    payout_days::set_spent(tx, id, now.day(), spent)?;
    funds::share_out(tx, id)?;
    let sealed = app.master_key.seal(&app.random, transfer.id.as_str(), new.card.expose().as_bytes());
    let mut row = PayoutRow {
        merchant_id: id.clone(),
        number,
        minor,
        currency: CURRENCY.into(),
        first_name: new.request.first_name.clone(),
        last_name: new.request.last_name.clone(),
        card_shown: new.request.shown.clone(),
        card_expiry: new.request.expiry.clone(),
        card_sealed: Some(sealed.map_err(|error| StoreError::Inconsistent(error.to_string()))?),
        merchant_data: new.request.merchant_data.clone(),
        state: State::Pending,
        failed_reason: None,
        transfer_id: transfer.id,
        asked_by: Some(new.asked_by.0.clone()),
        created_at: now,
        status_at: now,
        last_event: 0,
        version: 1,
    };
    record(app, tx, merchant, &mut row, now)?;
    payouts::insert(tx, &row)?;
    let answer = payment_sent(number);
    if let Some((key, request_hash)) = &new.idempotency {
        let kept = Kept { request_hash: request_hash.clone(), answer: answer.clone() };
        idempotency::keep(tx, id, key, &kept, now)?;
    }
    Ok(answer)
}

/// Where a merchant's payments go out: by its route; of a merchant without one, the operator's oldest account for pay-outs. The money is
/// the operator's either way, so that only accounts of the operator are used. A route that leads nowhere now leads nowhere else.
fn account(tx: &Tx<'_>, merchant: &Merchant) -> Result<Option<AccountRow>, StoreError> {
    let usable = |row: &AccountRow| row.owner == Owner::Operator && row.active && row.method == Method::Payout;
    let routed = provider_accounts::routed(tx, &merchant.id, Method::Payout, CURRENCY)?;
    match routed.into_iter().find(usable) {
        Some(row) => Ok(Some(row)),
        None if has_route(tx, merchant)? => Ok(None),
        None => Ok(provider_accounts::list(tx)?.into_iter().find(usable)),
    }
}

fn has_route(tx: &Tx<'_>, merchant: &Merchant) -> Result<bool, StoreError> {
    let fits = |currency: &str| currency == CURRENCY || currency == routing::ANY;
    let routes = provider_accounts::routes(tx, &merchant.id)?;
    Ok(routes.iter().any(|route| route.method == Method::Payout && fits(&route.currency)))
}

/// Tells the merchant where a payment stands. Counts up `row.last_event`; the caller writes the row.
fn record(app: &App, tx: &Tx<'_>, merchant: &Merchant, row: &mut PayoutRow, now: Time) -> Result<(), StoreError> {
    row.last_event += 1;
    let status = status(row.state);
    let callback = PayoutCallback {
        status,
        id: row.number,
        devise: &row.currency,
        amount: Quantity::new(row.minor.0, 2),
        merchant_data: row.merchant_data.as_deref(),
        failed_reason: row.failed_reason.as_deref(),
    };
    let told = Told {
        about: About::payment(row.number),
        seq: row.last_event,
        status: status.value(),
        body: callback.body(),
        silent: false,
    };
    tell(app, tx, merchant, told, now)
}

pub fn status(state: State) -> Status {
    match state {
        State::Pending => Status::PaymentPending,
        State::Success => Status::PaymentSuccess,
        State::Failed => Status::PaymentFailed,
    }
}

fn of_transfer(tx: &Tx<'_>, transfer: &TransferRow) -> Result<PayoutRow, StoreError> {
    let number = transfer.subject.parse();
    let number = number.map_err(|_| StoreError::Inconsistent(format!("transfer {} is of no payment", transfer.id)))?;
    payouts::existing(tx, &transfer.merchant_id, number)
}

/// Its transfer arrived, failed or was called off: the merchant is told, and what did not arrive is the merchant's again.
pub fn transfer_changed(app: &App, tx: &Tx<'_>, transfer: &TransferRow, now: Time) -> Result<(), StoreError> {
    let mut row = of_transfer(tx, transfer)?;
    let was = row.state;
    row.state = match transfer.state {
        TransferState::Done => State::Success,
        TransferState::Failed | TransferState::Canceled => State::Failed,
        _ => State::Pending,
    };
    if row.state == was {
        return Ok(());
    }
    (row.status_at, row.card_sealed) = (now, None);
    row.failed_reason = transfer.note.clone().filter(|_| row.state == State::Failed);
    if row.state == State::Failed {
        let day = row.created_at.day();
        let spent = payout_days::spent(tx, &row.merchant_id, day)?.less(row.minor);
        payout_days::set_spent(tx, &row.merchant_id, day, spent)?;
        funds::share_out(tx, &row.merchant_id)?;
    }
    let merchant = merchants::existing(tx, &row.merchant_id)?;
    record(app, tx, &merchant, &mut row, now)?;
    payouts::update(tx, &mut row, was)
}

/// The processor has it: the card's number is not needed any more.
pub fn forget_card(tx: &Tx<'_>, transfer: &TransferRow) -> Result<(), StoreError> {
    let row = of_transfer(tx, transfer)?;
    payouts::wipe_card(tx, &row.merchant_id, row.number)
}
