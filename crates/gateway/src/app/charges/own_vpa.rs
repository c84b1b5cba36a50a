//! UPI without a provider: payers pay the merchant's own VPA. The gateway shows a link that names the charge; only the merchant, or the
//! bank's statement, says that the money came. What the payer says is a claim.

use domain::charge::State;
use domain::{ChargeId, MerchantId, Time};
use rails::provider::NeedsPayer;
use rails::upi::link::Link;
use rails::upi::rrn::{BadRrn, Rrn};
use rails::upi::vpa::Vpa;

use super::record;
use crate::app::providers::{OWN_VPA, settings};
use crate::app::{App, SharedApp, invoices as invoice_cases, provider_payouts};
use crate::store::charges::{self, ChargeRow};
use crate::store::provider_accounts::AccountRow;
use crate::store::{StoreError, Tx};

/// Makes the link of a charge: from now on the payer must act.
pub fn show_link(tx: &Tx<'_>, row: &mut ChargeRow, account: &AccountRow, now: Time) -> Result<(), StoreError> {
    let settings = settings(account)?;
    let setting = |name: &str| settings.get(name).map(String::as_str).unwrap_or_default();
    let unusable = || StoreError::Unusable(format!("provider account {}: its VPA is not one", account.id));
    let reference = row.charge.id.as_str().rsplit('_').next().unwrap_or_default().to_owned();
    let link = Link {
        payee_vpa: Vpa::parse(setting("vpa")).map_err(|_| unusable())?,
        payee_name: setting("payee_name").to_owned(),
        amount: row.charge.asked.units,
        reference: reference.clone(),
        note: None,
    };
    let uri = link.uri();
    row.reference = Some(reference);
    row.charge.state = State::NeedsPayer;
    row.todo = Some(NeedsPayer::Upi { link: Some(uri.clone()), qr_text: Some(uri), qr_image: None });
    row.changed_at = now;
    row.due_at = Some(row.charge.expires_at);
    charges::update(tx, row)
}

#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Rrn(#[from] BadRrn),
    #[error("this reference number has settled another payment")]
    AlreadyUsed,
    #[error("there is no payment to the merchant's own VPA that waits for this")]
    NothingWaits,
}

/// The payer says he has paid, and gives the bank's reference number.
pub async fn claim(app: &SharedApp, token: &str, rrn: &str) -> Result<(), Refused> {
    let rrn = Rrn::parse(rrn)?;
    let (worker, token) = (app.clone(), token.to_owned());
    app.store
        .write(move |tx| {
            let (merchant, invoice) = invoice_cases::by_token(&worker, tx, &token)?.ok_or(Refused::NothingWaits)?;
            let rows = charges::of_invoice(tx, &merchant.id, invoice.invoice.number)?;
            if !invoice.invoice.state.is_open() {
                return Err(Refused::NothingWaits);
            }
            let waits = |row: &ChargeRow| {
                row.charge.provider == OWN_VPA && matches!(row.charge.state, State::NeedsPayer | State::Claimed)
            };
            let row = rows.into_iter().rev().find(waits);
            let mut row = row.ok_or(Refused::NothingWaits)?;
            is_free(tx, &row, &rrn)?;
            row.charge.state = State::Claimed;
            row.claimed_rrn = Some(rrn.to_string());
            row.changed_at = worker.now();
            row.due_at = None;
            charges::update(tx, &mut row)?;
            tracing::info!(invoice = row.invoice_number, charge = %row.charge.id, "A payer claims to have paid");
            Ok(())
        })
        .await?;
    app.wake.pages.notify_waiters();
    Ok(())
}

fn is_free(tx: &Tx<'_>, row: &ChargeRow, rrn: &Rrn) -> Result<(), Refused> {
    let settled = charges::by_rrn(tx, &row.merchant_id, &row.charge.account_id, rrn.as_str())?;
    if settled.is_some_and(|other| other.charge.id != row.charge.id) { Err(Refused::AlreadyUsed) } else { Ok(()) }
}

/// The merchant, or the bank's statement, says that exactly what was asked has come, under this reference number if the bank names one.
/// What the payer claims is never taken for it.
pub fn confirm(
    app: &App,
    tx: &Tx<'_>,
    merchant: &MerchantId,
    charge: &ChargeId,
    rrn: Option<Rrn>,
) -> Result<ChargeRow, Refused> {
    let mut row = charges::existing(tx, merchant, charge)?;
    let waits = matches!(row.charge.state, State::NeedsPayer | State::Claimed | State::Lapsed);
    if row.charge.provider != OWN_VPA || !waits {
        return Err(Refused::NothingWaits);
    }
    if let Some(rrn) = &rrn {
        is_free(tx, &row, rrn)?;
    }
    row.rrn = rrn.map(|rrn| rrn.to_string());
    row.due_at = None;
    let money = row.charge.asked.clone();
    record::confirmed(app, tx, &mut row, money, app.now())?;
    provider_payouts::came_to_the_bank(app, tx, merchant, charge)?;
    Ok(charges::existing(tx, merchant, charge)?)
}

/// The merchant finds no such payment: the payer may pay, or claim, again while there is time.
pub fn reject(app: &App, tx: &Tx<'_>, merchant: &MerchantId, charge: &ChargeId) -> Result<ChargeRow, Refused> {
    let mut row = charges::existing(tx, merchant, charge)?;
    if row.charge.state != State::Claimed {
        return Err(Refused::NothingWaits);
    }
    let now = app.now();
    let over = now >= row.charge.expires_at;
    row.charge.state = if over { State::Lapsed } else { State::NeedsPayer };
    row.note = Some("the merchant found no such payment".into());
    row.changed_at = now;
    row.due_at = (!over).then_some(row.charge.expires_at);
    charges::update(tx, &mut row)?;
    Ok(row)
}
