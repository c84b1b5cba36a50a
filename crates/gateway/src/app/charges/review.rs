//! What an operator does about a payment that its provider holds back. Whether it is released is the provider's word alone: it is asked, or
//! the money is given back to the payer.

use domain::card::contains_number;
use domain::{ChargeId, MerchantId};

use crate::app::App;
use crate::app::acts::{Actor, record_for};
use crate::app::refunds::{self, Decided, Wanted};
use crate::store::charges::{self, ChargeRow};
use crate::store::transfers::TransferRow;
use crate::store::{StoreError, Tx};

/// The log of acts keeps it for ever, and the merchant reads it: a word says too little.
const REASON_CHARS: std::ops::RangeInclusive<usize> = 8..=500;

#[derive(Debug, thiserror::Error)]
pub enum ReviewRefused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Refund(#[from] refunds::Refused),
    #[error("it is not held back any more")]
    NotHeld,
    #[error("the reason is {} to {} characters", REASON_CHARS.start(), REASON_CHARS.end())]
    NoReason,
    #[error("the reason holds a card number, and the log of acts is for ever: leave it out")]
    CardNumber,
}

/// How acts name a charge.
pub fn about(charge: &ChargeId) -> String {
    format!("charges {charge}")
}

fn held(tx: &Tx<'_>, merchant: &MerchantId, charge: &ChargeId) -> Result<ChargeRow, ReviewRefused> {
    charges::by_id(tx, merchant, charge)?.filter(|row| row.charge.held).ok_or(ReviewRefused::NotHeld)
}

/// Has the provider asked at once whether it still holds the money. Whoever commits this wakes the workers that ask.
pub fn ask_now(
    app: &App,
    tx: &Tx<'_>,
    merchant: &MerchantId,
    charge: &ChargeId,
    actor: &Actor,
) -> Result<(), ReviewRefused> {
    let mut row = held(tx, merchant, charge)?;
    row.due_at = Some(app.now());
    charges::update(tx, &mut row)?;
    Ok(record_for(app, tx, actor, merchant, "charge.ask", (about(charge), String::new()))?)
}

/// Gives the payer back all that is left of it. Whoever commits this wakes the workers that ask.
pub fn give_back(
    app: &App,
    tx: &Tx<'_>,
    merchant: &MerchantId,
    charge: &ChargeId,
    reason: &str,
    actor: &Actor,
) -> Result<TransferRow, ReviewRefused> {
    let (row, reason) = (held(tx, merchant, charge)?, reason.trim());
    if !REASON_CHARS.contains(&reason.chars().count()) {
        return Err(ReviewRefused::NoReason);
    }
    if contains_number(reason) {
        return Err(ReviewRefused::CardNumber);
    }
    let wanted = Wanted {
        merchant: merchant.clone(),
        invoice: row.invoice_number,
        amount: "all".into(),
        charge: Some(charge.clone()),
        asset: None,
        from: None,
    };
    let Decided::Charge(transfer) = refunds::decide(app, tx, &wanted, actor)? else {
        return Err(StoreError::Inconsistent("a charge is given back as coins".into()).into());
    };
    record_for(app, tx, actor, merchant, "charge.give_back", (about(charge), reason.to_owned()))?;
    Ok(*transfer)
}
