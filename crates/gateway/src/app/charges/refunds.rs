//! Refunds of charges: money back to the payer, through the provider that took it. Each is a transfer; what is asked of the provider
//! is in `app::transfers::charge_refund`.

use domain::charge::{Method, Placement, State};
use domain::ledger::Kind as AccountKind;
use domain::transfer::Kind;
use domain::{ChargeId, MerchantId, Time, Units};

use crate::app::App;
use crate::app::transfers::{self as machinery, NewTransfer, Rail};
use crate::store::charges::{self, ChargeRow};
use crate::store::disputes::{self, DisputeState};
use crate::store::transfers::{self, TransferRow};
use crate::store::{StoreError, Tx, provider_accounts};

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

fn inconsistent(error: domain::amount::AmountError) -> StoreError {
    StoreError::Inconsistent(error.to_string())
}

/// A charge's refunds, oldest first.
pub fn of_charge(tx: &Tx<'_>, merchant: &MerchantId, charge: &ChargeId) -> Result<Vec<TransferRow>, StoreError> {
    transfers::of_subject(tx, merchant, Kind::ChargeRefund, charge.as_str())
}

/// What our refunds of a charge come to: what was given back, or is about to be.
pub fn given_back(tx: &Tx<'_>, merchant: &MerchantId, charge: &ChargeId) -> Result<Units, StoreError> {
    of_charge(tx, merchant, charge)?
        .iter()
        .filter(|refund| refund.state.takes())
        .try_fold(Units::ZERO, |sum, refund| sum.plus(refund.units))
        .map_err(inconsistent)
}

/// What of a charge can still be given back: not what was, or is about to be, and not what is disputed.
pub fn refundable(tx: &Tx<'_>, row: &ChargeRow) -> Result<Units, StoreError> {
    let Some(received) = row.charge.received.as_ref().filter(|_| row.charge.state == State::Paid) else {
        return Ok(Units::ZERO);
    };
    let ours = given_back(tx, &row.merchant_id, &row.charge.id)?;
    let mut gone = row.refunded_elsewhere.plus(ours).map_err(inconsistent)?;
    for dispute in disputes::of_charge(tx, &row.merchant_id, &row.charge.id)? {
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
) -> Result<TransferRow, RefundRefused> {
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
    let new = NewTransfer {
        merchant: merchant.clone(),
        kind: Kind::ChargeRefund,
        subject: charge.to_string(),
        invoice_number: Some(row.invoice_number),
        taken_from: match row.charge.placement {
            Some(Placement::Credited) => AccountKind::Payable,
            _ => AccountKind::Parked,
        },
        asset: received.currency,
        units,
        rail: Rail::Account(account.id),
        destination: match row.charge.method {
            Method::Card => "the payer's card".into(),
            Method::Upi => "the payer's UPI account".into(),
            Method::Payout => return Err(RefundRefused::NotOffered),
        },
        needs_approval: false,
    };
    Ok(machinery::reserve(app, tx, new)?)
}

/// A callback came about the charge: its refunds that are under way are asked about at once.
pub fn hurry(tx: &Tx<'_>, charge: &ChargeRow, now: Time) -> Result<(), StoreError> {
    transfers::hurry(tx, &charge.merchant_id, Kind::ChargeRefund, charge.charge.id.as_str(), now)
}
