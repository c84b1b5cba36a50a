//! `POST /sandbox/invoices/{id}/pay` by card or UPI: a payer, a bank and an acquirer who do as ordered.

use domain::card::{Card, CardNumber, Expiry, SecurityCode};
use domain::charge::{Method, State};
use domain::merchant::Merchant;
use rails::provider::{Device, NeedsPayer};
use rails::sim::acquirer::{Act, Behaviour, Order};
use serde_json::json;

use super::Sandbox;
use super::controls::{Answer, Refused, answered};
use super::invoice_page::page_token;
use super::pay::Outcome;
use crate::app::charges::begin::{Wanted, begin_in};
use crate::app::charges::{ask, drive};
use crate::app::invoices as invoice_cases;
use crate::store::charges::{self, ChargeRow};
use crate::store::invoices::{InvoiceRow, Solution};
use crate::store::{StoreError, invoices};

/// By what method an order is meant; `None` for coins.
pub fn method_of(named: Option<Method>, outcome: Outcome, row: &InvoiceRow, charges: &[ChargeRow]) -> Option<Method> {
    let open =
        charges.iter().rev().find(|row| row.charge.state == State::NeedsPayer || row.charge.state.is_unresolved());
    let known = open.or(charges.last().filter(|_| outcome != Outcome::Paid)).map(|row| row.charge.method);
    let by_invoice = match row.solution.or(row.chosen) {
        Some(Solution::Card) => Some(Method::Card),
        Some(Solution::Upi) => Some(Method::Upi),
        Some(Solution::Crypto) | None => None,
    };
    let usual = match outcome {
        Outcome::Pending | Outcome::Reversed => Some(Method::Upi),
        outcome if outcome.is_of_coins() => None,
        _ => Some(Method::Card),
    };
    named.or(known).or(by_invoice).or(usual)
}

/// What can be done to a payment that is there already; the first that fits.
fn acts(outcome: Outcome) -> &'static [Act] {
    match outcome {
        Outcome::Paid => &[Act::Approve, Act::UpiPay, Act::UpiConfirm],
        Outcome::Decline => &[Act::RejectChallenge, Act::UpiFail],
        Outcome::ChallengeFailed => &[Act::RejectChallenge],
        Outcome::Canceled => &[Act::PayerCancels],
        Outcome::Pending => &[Act::UpiPend],
        Outcome::Reversed => &[Act::UpiReverse],
        Outcome::Chargeback => &[Act::OpenDispute],
        Outcome::DisputeWon => &[Act::WinDispute],
        Outcome::DisputeLost => &[Act::LoseDispute],
        Outcome::Withheld => &[Act::Hold],
        Outcome::Released => &[Act::Release],
        _ => &[],
    }
}

/// How a new payment behaves.
fn behaviour(outcome: Outcome) -> Option<Order> {
    let behaviour = match outcome {
        Outcome::Paid => Behaviour::Approve,
        Outcome::Challenge | Outcome::ChallengeFailed | Outcome::Canceled => Behaviour::Challenge,
        Outcome::Decline => Behaviour::Decline,
        Outcome::InsufficientFunds => Behaviour::InsufficientFunds,
        Outcome::SoftDecline => Behaviour::AskForChallenge,
        Outcome::WrongCode => Behaviour::WrongCode,
        Outcome::ExpiredCard => Behaviour::ExpiredCard,
        Outcome::Pending => Behaviour::Pending,
        Outcome::Chargeback => Behaviour::Chargeback,
        Outcome::Withheld => Behaviour::Hold,
        Outcome::WrongAmount => Behaviour::WrongAmount,
        Outcome::TimeoutThenCharged => Behaviour::TimeoutThenCharged,
        Outcome::Timeout => Behaviour::Timeout,
        Outcome::LateCallback => {
            return Some(Order { webhook_delay_millis: 60_000, ..Order::from(Behaviour::Approve) });
        }
        Outcome::DuplicateCallback => return Some(Order { webhook_times: 3, ..Order::from(Behaviour::Approve) }),
        _ => return None,
    };
    Some(behaviour.into())
}

/// Does what is ordered, to the open charge if it fits there, else to a new one.
pub async fn handle(
    sandbox: &Sandbox,
    merchant: &Merchant,
    row: &InvoiceRow,
    method: Method,
    outcome: Outcome,
) -> Answer {
    let app = &sandbox.app;
    let number = row.invoice.number;
    let known = app.store.read(|tx| charges::of_invoice(tx, &merchant.id, number)).await?;
    for charge in known.iter().rev().filter(|row| row.charge.method == method) {
        let Some(payment) = sandbox.acquirer.payment(charge.charge.id.as_str()).await? else { continue };
        if let Some(act) = acts(outcome).iter().find(|act| act.fits(&payment)) {
            return act_on(sandbox, charge, *act).await;
        }
    }
    let order = behaviour(outcome)
        .ok_or_else(|| Refused::Bad(format!("There is no {} payment on which this could happen.", method.name())))?;
    let charge = begin(sandbox, merchant, row, method, order).await?;
    match outcome {
        Outcome::ChallengeFailed => act_on(sandbox, &charge, Act::RejectChallenge).await,
        Outcome::Canceled => act_on(sandbox, &charge, Act::PayerCancels).await,
        _ => Ok(shown(&charge)),
    }
}

async fn act_on(sandbox: &Sandbox, charge: &ChargeRow, act: Act) -> Answer {
    let (merchant, id) = (charge.merchant_id.clone(), charge.charge.id.clone());
    let done = sandbox.acquirer.act(id.as_str(), act).await?;
    done.map_err(|error| Refused::Bad(format!("{error}.")))?;
    // the acquirer's callback says so too, in its own time
    ask::ask(&sandbox.app, merchant.clone(), id.clone()).await?;
    let charge = sandbox.app.store.read(|tx| charges::existing(tx, &merchant, &id)).await?;
    Ok(shown(&charge))
}

async fn begin(
    sandbox: &Sandbox,
    merchant: &Merchant,
    row: &InvoiceRow,
    method: Method,
    order: Order,
) -> Result<ChargeRow, Refused> {
    let app = &sandbox.app;
    let token = page_token(sandbox, merchant, row)?;
    let visitor = std::net::IpAddr::from([127, 0, 0, 1]);
    invoice_cases::open(app, &token, visitor).await.map_err(|error| Refused::Bad(format!("{error}.")))?;
    let card = (method == Method::Card).then(test_card).flatten();
    let wanted = Wanted { method, device: Device::Other, with_card: card.is_some() };
    let (worker, owner, number) = (app.clone(), merchant.clone(), row.invoice.number);
    let begun = app
        .store
        .write(move |tx| {
            let row = invoices::existing(tx, &owner.id, number)?;
            begin_in(&worker, tx, &owner, &row, wanted, worker.now())
        })
        .await
        .map_err(|error| Refused::Bad(format!("{error}.")))?;
    sandbox.acquirer.order_next(begun.charge.id.as_str(), order).await?;
    Ok(drive::send(app, merchant.id.clone(), begun.charge.id, card).await?)
}

/// Published, and good nowhere.
fn test_card() -> Option<Card> {
    let number = CardNumber::parse("4242424242424242").ok()?;
    let code = SecurityCode::parse("123", number.brand()).ok()?;
    let expiry = Expiry { month: 12, year: 2040 };
    Some(Card { number, expiry, code, holder: "Sandbox Payer".into() })
}

fn shown(row: &ChargeRow) -> axum::response::Response {
    let charge = &row.charge;
    let digits = domain::fiat::minor_digits(&charge.asked.currency).unwrap_or(2);
    let challenge = match &row.todo {
        Some(NeedsPayer::Visit { url, .. }) => Some(url.clone()),
        _ => None,
    };
    answered(&json!({
        "invoice": row.invoice_number,
        "method": charge.method.name(),
        "charge": charge.id.as_str(),
        "state": charge.state.name(),
        "currency": charge.asked.currency,
        "amount": charge.asked.units.decimal(digits, digits),
        "decline": row.decline,
        "challenge_url": challenge,
        "rrn": row.rrn,
    }))
}

/// Charges of an invoice, for choosing a method.
pub async fn charges_of(sandbox: &Sandbox, row: &InvoiceRow) -> Result<Vec<ChargeRow>, StoreError> {
    let (merchant, number) = (&row.invoice.merchant_id, row.invoice.number);
    sandbox.app.store.read(|tx| charges::of_invoice(tx, merchant, number)).await
}
