//! `POST /sandbox/invoices/{id}/pay`: a payer who does as ordered.

use alloy_primitives::Address;
use axum::body::Bytes;
use axum::extract::{Path, State};
use domain::asset::{Asset, Kind};
use domain::attempt::Attempt;
use domain::charge::Method;
use domain::invoice::EXPIRES_AFTER_MILLIS;
use domain::merchant::Merchant;
use domain::{Time, Units};
use serde::Deserialize;
use serde_json::json;

use super::controls::{Answer, Refused, answered, read};
use super::invoice_page::{find, page_token};
use super::{Sandbox, charge, clock};
use crate::app::{attempts as attempt_cases, invoices as invoice_cases};
use crate::store::attempts;
use crate::store::invoices::InvoiceRow;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Exactly what is asked.
    Paid,
    /// Half of it.
    Short,
    /// A tenth more.
    Over,
    /// What was asked, after the invoice has expired: the clock is moved there.
    Late,
    /// What is asked, two times.
    Twice,
    /// As many of a coin nobody asked for.
    WrongToken,
    /// 3-D Secure: the answer says where. Order `paid` or `decline` then, or press the page's buttons.
    Challenge,
    ChallengeFailed,
    #[serde(alias = "declined", alias = "fail", alias = "failed")]
    Decline,
    InsufficientFunds,
    /// The bank asks for 3-D Secure at another try.
    SoftDecline,
    WrongCode,
    ExpiredCard,
    /// Stays so until `paid`, `decline` or `reversed` is ordered.
    Pending,
    #[serde(alias = "cancel")]
    Canceled,
    /// A UPI payment, pending or paid, goes back.
    Reversed,
    Chargeback,
    #[serde(alias = "win_dispute")]
    DisputeWon,
    #[serde(alias = "lose_dispute")]
    DisputeLost,
    /// Paid, and then held back for review.
    #[serde(alias = "withhold", alias = "hold")]
    Withheld,
    #[serde(alias = "release")]
    Released,
    /// The proof names one minor unit less.
    WrongAmount,
    /// Charged, but the answer is lost.
    TimeoutThenCharged,
    /// Not charged, and the answer is lost.
    Timeout,
    /// Paid; the acquirer's callback comes a minute late.
    LateCallback,
    /// Paid; the acquirer's callback comes three times.
    DuplicateCallback,
}

impl Outcome {
    /// Whether only coins can do it.
    pub fn is_of_coins(self) -> bool {
        matches!(
            self,
            Outcome::Paid | Outcome::Short | Outcome::Over | Outcome::Late | Outcome::Twice | Outcome::WrongToken
        )
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pay {
    outcome: Outcome,
    /// `card`, `upi` or `crypto`; by default what the invoice or its open payment says, else what the outcome can only be meant for.
    method: Option<Wanted>,
    /// The coin, if the payer has not chosen one yet; the first on offer by default.
    currency: Option<String>,
    /// The coins to send instead of what the outcome says, in decimal notation.
    amount: Option<String>,
    /// Whether to mine a block at once (default), or leave the transaction waiting.
    #[serde(default = "yes")]
    mine: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    Card,
    Upi,
    Crypto,
}

fn yes() -> bool {
    true
}

pub async fn handle(State(sandbox): State<Sandbox>, Path(id): Path<String>, body: Bytes) -> Answer {
    let order: Pay = read(&body)?;
    let (merchant, row) = find(&sandbox, &id).await?;
    pay(&sandbox, &merchant, &row, order).await
}

/// Pays this merchant's invoice as ordered.
pub async fn pay(sandbox: &Sandbox, merchant: &Merchant, row: &InvoiceRow, order: Pay) -> Answer {
    if let Some(method) = method(sandbox, &order, row).await? {
        return charge::handle(sandbox, merchant, row, method, order.outcome).await;
    }
    if !order.outcome.is_of_coins() {
        return Err(Refused::Bad("Coins cannot do this: it is for card or upi.".into()));
    }
    let attempt = attempt(sandbox, merchant, row, order.currency.as_deref()).await?;
    let asset = sandbox.app.asset(&attempt.asset).ok_or_else(|| Refused::Bad("The coin is gone.".into()))?;
    if order.outcome == Outcome::Late {
        expire(sandbox, row).await?;
    }
    let units = match &order.amount {
        Some(text) => Units::parse(text, asset.decimals).map_err(|error| Refused::Bad(format!("amount: {error}.")))?,
        None => usual_units(order.outcome, &attempt)?,
    };
    let times = if order.outcome == Outcome::Twice { 2 } else { 1 };
    let sent = if order.outcome == Outcome::WrongToken { wrong_token(sandbox, asset)? } else { asset };
    let mut hashes = Vec::new();
    for _ in 0..times {
        let token = matches!(sent.kind, Kind::Token(_)).then_some(sent.symbol.as_str());
        let paid = sandbox.chain.pay(token, Address::from(attempt.address), units.0).await?;
        hashes.push(paid.map_err(|error| Refused::Bad(format!("The payer could not pay: {error}.")))?.to_string());
    }
    if order.mine {
        sandbox.chain.mine(1).await?;
        sandbox.app.wake.chains.notify_one();
    }
    Ok(answered(&json!({
        "invoice": row.invoice.number,
        "currency": sent.code,
        "amount": units.decimal(sent.decimals, 0),
        "address": Address::from(attempt.address).to_string(),
        "tx_hash": hashes.first(),
        "tx_hashes": hashes,
    })))
}

/// How the order is meant; `None` for coins.
async fn method(sandbox: &Sandbox, order: &Pay, row: &InvoiceRow) -> Result<Option<Method>, Refused> {
    let named = match order.method {
        Some(Wanted::Crypto) => return Ok(None),
        _ if order.currency.is_some() => return Ok(None),
        Some(Wanted::Card) => Some(Method::Card),
        Some(Wanted::Upi) => Some(Method::Upi),
        None => None,
    };
    let charges = charge::charges_of(sandbox, row).await?;
    let method = charge::method_of(named, order.outcome, row, &charges);
    // what only coins can do is meant for coins, whatever was chosen on the page
    Ok(method.filter(|_| named.is_some() || order.outcome == Outcome::Paid || !order.outcome.is_of_coins()))
}

/// The attempt to pay: the newest one in the wanted coin; made as the page makes it if there is none and the invoice is open.
async fn attempt(
    sandbox: &Sandbox,
    merchant: &Merchant,
    row: &InvoiceRow,
    wanted: Option<&str>,
) -> Result<Attempt, Refused> {
    let (app, number) = (&sandbox.app, row.invoice.number);
    let known = app.store.read(|tx| attempts::of_invoice(tx, &merchant.id, number)).await?;
    let chosen = wanted.or(row.payable_currency.as_deref());
    let wanted_asset = match chosen {
        Some(code) => Some(
            app.payable_assets()
                .find(|asset| asset.is_called(code))
                .ok_or_else(|| Refused::Bad(format!("{code} is not a payable currency.")))?,
        ),
        None => None,
    };
    let fits = |attempt: &&Attempt| wanted_asset.is_none_or(|asset| asset.code == attempt.asset);
    if let Some(attempt) = known.iter().rev().find(fits) {
        return Ok(attempt.clone());
    }
    let code = wanted_asset.or_else(|| app.payable_assets().next()).map(|asset| asset.code.clone()).unwrap_or_default();
    let token = page_token(sandbox, merchant, row)?;
    let visitor = std::net::IpAddr::from([127, 0, 0, 1]);
    invoice_cases::open(app, &token, visitor).await.map_err(|error| Refused::Bad(format!("{error}.")))?;
    attempt_cases::open(app, &token, &code).await.map_err(|error| Refused::Bad(format!("{error}.")))?;
    let known = app.store.read(|tx| attempts::of_invoice(tx, &merchant.id, number)).await?;
    known.into_iter().next_back().ok_or_else(|| Refused::Bad("No attempt could be made.".into()))
}

fn usual_units(outcome: Outcome, attempt: &Attempt) -> Result<Units, Refused> {
    let due = attempt.due_units.0;
    let units = match outcome {
        Outcome::Short => Some((due / 2).max(1)),
        Outcome::Over => due.checked_add((due / 10).max(1)),
        _ => Some(due),
    };
    units.map(Units).ok_or_else(|| Refused::Bad("The amount is out of range.".into()))
}

fn wrong_token<'a>(sandbox: &'a Sandbox, asked: &Asset) -> Result<&'a Asset, Refused> {
    let wrong = sandbox.app.assets.iter().find(|asset| !asset.payable && asset.chain == asked.chain);
    wrong.ok_or_else(|| Refused::Bad("There is no other coin on this chain.".into()))
}

/// Moves the clock past the invoice's end and lets it expire, as the worker would.
async fn expire(sandbox: &Sandbox, row: &InvoiceRow) -> Result<(), Refused> {
    let app = &sandbox.app;
    let end = row.invoice.created_at.plus(EXPIRES_AFTER_MILLIS);
    let missing = end.since(Time(app.clock.now())) + 1_000;
    if let Ok(missing) = u64::try_from(missing)
        && missing > 0
    {
        clock::advance(&app.store, &app.clock, missing).await?;
    }
    invoice_cases::expire_due(app).await?;
    Ok(())
}
