//! Deciding on a charge: at which provider, for how much, at which rate. Nothing is sent here.

use domain::charge::{Charge, Method, Money, Rounding, Settle, State, convert};
use domain::ledger::Owner;
use domain::merchant::Merchant;
use domain::rate::{NoRate, Rate};
use domain::standing::Standing;
use domain::time::MINUTE;
use domain::{ChargeId, Time, Units};
use rails::provider::Device;

use crate::app::App;
use crate::app::offers::Offers;
use crate::app::providers::{self, Provider};
use crate::store::charges::{self, ChargeRow};
use crate::store::invoices::{InvoiceRow, Solution};
use crate::store::provider_accounts::AccountRow;
use crate::store::{StoreError, Tx, attempts, invoices, payments};
use crate::telemetry::decided::{Decided, decided};
use crate::telemetry::metrics;

/// How long a charge may be paid; its rate is locked for as long.
pub const CHARGE_MILLIS: i64 = 30 * MINUTE;

/// A charge that was decided on and, for whatever reason, not sent within this time never will be.
const SENT_WITHIN_MILLIS: i64 = 30_000;

/// Charges of one invoice: a page on which cards can be tried without end is a tool for trying stolen ones.
pub const MOST_CHARGES: usize = 12;

#[derive(Debug, thiserror::Error)]
pub enum BeginFailed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    NoRate(#[from] NoRate),
    #[error(transparent)]
    Amount(#[from] domain::amount::AmountError),
    #[error("no such invoice")]
    NotFound,
    #[error("the invoice no longer takes payments")]
    Ended,
    #[error("the invoice is paid in full")]
    NothingLeft,
    #[error("an earlier charge is not decided yet")]
    Unresolved,
    #[error("{MOST_CHARGES} charges were tried on this invoice")]
    TooMany,
    #[error("no provider can take this payment")]
    NotOffered,
}

/// The currency a payer is charged in.
pub fn currency_of(method: Method, devise: &str) -> &str {
    match method {
        Method::Card => devise,
        Method::Upi => "INR",
        Method::Payout => "EUR",
    }
}

/// What to begin.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    pub method: Method,
    pub device: Device,
    /// Card data are at hand: only providers that take them will do.
    pub with_card: bool,
}

/// A charge for what is left to pay: the open one of this method if it still holds, else a new one at the next provider.
pub fn begin_in(
    app: &App,
    tx: &Tx<'_>,
    merchant: &Merchant,
    invoice: &InvoiceRow,
    wanted: Wanted,
    now: Time,
) -> Result<ChargeRow, BeginFailed> {
    if !invoice.invoice.state.is_open() {
        return Err(BeginFailed::Ended);
    }
    let number = invoice.invoice.number;
    let earlier = charges::of_invoice(tx, &merchant.id, number)?;
    if earlier.iter().any(|row| row.charge.state.is_unresolved()) {
        return Err(BeginFailed::Unresolved);
    }
    let tried = earlier.iter().filter(|row| row.card.is_some() || row.charge.state == State::Declined).count();
    if tried >= MOST_CHARGES {
        return Err(BeginFailed::TooMany);
    }
    let left = left_to_pay(tx, merchant, invoice, &earlier)?;
    if left.is_zero() {
        return Err(BeginFailed::NothingLeft);
    }
    let still_good = |row: &&ChargeRow| {
        let charge = &row.charge;
        charge.state == State::NeedsPayer
            && charge.method == wanted.method
            && charge.due_minor == left
            && now < charge.expires_at
    };
    if !wanted.with_card
        && let Some(row) = earlier.iter().rev().find(still_good)
    {
        return Ok(row.clone());
    }
    if earlier.iter().any(|row| may_be_paid_now(row, now)) {
        return Err(BeginFailed::Unresolved);
    }
    let currency = currency_of(wanted.method, &invoice.invoice.devise).to_owned();
    let failed = |account: &AccountRow| {
        let just_failed = |row: &&ChargeRow| {
            row.charge.state == State::NotSent
                && row.charge.account_id == account.id
                && now.since(row.changed_at) < 5 * MINUTE
        };
        earlier.iter().any(|row| just_failed(&row))
    };
    let offers = Offers::for_invoice(app, tx, merchant, invoice)?;
    let mut fit = offers.accounts(wanted.method).iter().filter(|account| can(account, wanted));
    let account = fit.find(|account| !failed(account)).ok_or(BeginFailed::NotOffered)?;
    for mut row in earlier {
        if row.charge.state == State::NeedsPayer {
            lapse(tx, &mut row, "the payer went another way", now)?;
        }
    }
    let row = make(app, merchant, invoice, account, wanted, left, currency, now)?;
    charges::insert(tx, &row)?;
    let begun = metrics::Charge { provider: row.charge.provider.clone(), state: row.charge.state.name() };
    decided(Decided::Charge(begun));
    invoices::set_chosen(tx, &merchant.id, number, Solution::from(wanted.method))?;
    Ok(row)
}

/// Whether the payer may just be paying this charge: it waits for him, its time is not over, and it has not been closed. Before
/// another one is begun it is closed at its provider (see [`super::close`]).
pub fn may_be_paid_now(row: &ChargeRow, now: Time) -> bool {
    row.charge.state == State::NeedsPayer && now < row.charge.expires_at && row.charge.provider != providers::OWN_VPA
}

/// What of the invoice is not covered yet, by coins or charges.
fn left_to_pay(
    tx: &Tx<'_>,
    merchant: &Merchant,
    invoice: &InvoiceRow,
    charges: &[ChargeRow],
) -> Result<Units, BeginFailed> {
    let number = invoice.invoice.number;
    let attempts = attempts::of_invoice(tx, &merchant.id, number)?;
    let seen: Vec<_> = payments::of_invoice(tx, &merchant.id, number)?.into_iter().map(|row| row.payment).collect();
    let standing = Standing::of(&attempts, &seen)?.with_charges(charges.iter().map(|row| &row.charge))?;
    Ok(standing.left_to_pay(invoice.invoice.amount))
}

/// Whether an account can do what is wanted.
fn can(account: &AccountRow, wanted: Wanted) -> bool {
    match Provider::by_name(&account.provider) {
        Some(Provider::Connected(connector)) if wanted.with_card => connector.create_with_card.is_some(),
        Some(Provider::Connected(connector)) => !connector.create.is_empty(),
        Some(Provider::OwnVpa) => !wanted.with_card,
        None => false,
    }
}

/// The payer must not be led to this charge any more. It is closed at the provider, and asked about until it is sure to be unpaid.
pub fn lapse(tx: &Tx<'_>, row: &mut ChargeRow, why: &str, now: Time) -> Result<(), StoreError> {
    row.charge.state = State::Lapsed;
    row.note = Some(why.to_owned());
    row.todo = None;
    row.asked = 0;
    row.changed_at = now;
    row.due_at = (row.charge.provider != providers::OWN_VPA).then_some(now);
    charges::update(tx, row)
}

#[expect(clippy::too_many_arguments, reason = "each is a part of the decision, and none belongs to another")]
fn make(
    app: &App,
    merchant: &Merchant,
    invoice: &InvoiceRow,
    account: &AccountRow,
    wanted: Wanted,
    due_minor: Units,
    currency: String,
    now: Time,
) -> Result<ChargeRow, BeginFailed> {
    let devise = invoice.invoice.devise.as_str();
    let digits = |code: &str| domain::fiat::minor_digits(code).ok_or(BeginFailed::NotOffered);
    let rate = app.rates.fiat(devise, &currency, now)?;
    let units = match &rate {
        Some(rate) => convert(due_minor, digits(devise)?, digits(&currency)?, rate, Rounding::Up)?,
        None => due_minor,
    };
    let settle = match account.owner {
        Owner::Operator => settle(app, devise, digits(devise)?, due_minor, now)?,
        Owner::Merchant => None,
    };
    let charge = Charge {
        id: ChargeId::new(app.ulid()),
        account_id: account.id.clone(),
        owner: account.owner,
        provider: account.provider.clone(),
        method: wanted.method,
        asked: Money { units, currency },
        due_minor,
        rate,
        settle,
        fee: merchant.fee,
        created_at: now,
        expires_at: now.plus(CHARGE_MILLIS).min(invoice.invoice.expires_at()),
        state: State::Created,
        received: None,
        placement: None,
        held: false,
        round: 0,
    };
    Ok(ChargeRow {
        due_at: Some(now.plus(SENT_WITHIN_MILLIS)),
        ..ChargeRow::begun(merchant.id.clone(), invoice.invoice.number, charge, wanted.device)
    })
}

/// What the merchant is settled for it, in the coin of settlement, at the rate of now.
fn settle(app: &App, devise: &str, digits: u8, due: Units, now: Time) -> Result<Option<Settle>, BeginFailed> {
    let Some(asset) = app.settlement_asset() else { return Ok(None) };
    // settlement coins are counted at par with the dollar
    let rate = app.rates.fiat(devise, "USD", now)?.unwrap_or_else(|| Rate::par(now));
    let units = convert(due, digits, asset.decimals, &rate, Rounding::Down)?;
    Ok(Some(Settle { asset: asset.code.clone(), units }))
}
