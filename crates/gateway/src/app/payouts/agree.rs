//! Second persons of the merchant's own: one who did not ask for a payment agrees to it, or somebody refuses it.

use domain::MerchantId;
use domain::transfer::State;

use crate::app::App;
use crate::app::acts::{Actor, record_for};
use crate::app::transfers::acts::{APPROVED, ActRefused, about, agree};
use crate::app::transfers::ended;
use crate::store::payouts::PayoutRow;
use crate::store::transfers::{self, Approval};
use crate::store::{Tx, payouts};

/// What the merchant reads of a payment that was refused.
const REFUSED: &str = "Refused by the merchant";

/// A person of the merchant's agrees to a payment, by the rules of [`agree`].
pub fn approve(
    app: &App,
    tx: &Tx<'_>,
    merchant: &MerchantId,
    number: i64,
    person: &Actor,
) -> Result<PayoutRow, ActRefused> {
    let payment = payouts::existing(tx, merchant, number)?;
    let row = agree(app, tx, &payment.transfer_id, &person.0)?;
    record_for(app, tx, person, merchant, APPROVED, (about(&row.id), format!("payment {number}")))?;
    Ok(payment)
}

/// A person of the merchant's refuses a payment that waits; who asked for it may take it back so. Its amount is free again.
pub fn refuse(
    app: &App,
    tx: &Tx<'_>,
    merchant: &MerchantId,
    number: i64,
    person: &Actor,
) -> Result<PayoutRow, ActRefused> {
    let payment = payouts::existing(tx, merchant, number)?;
    let mut row = transfers::existing(tx, merchant, &payment.transfer_id)?;
    if row.approval != Approval::Wanted || row.state != State::Reserved {
        return Err(ActRefused::NothingToApprove);
    }
    ended(app, tx, &mut row, State::Canceled, REFUSED, app.now())?;
    record_for(app, tx, person, merchant, "transfer.refuse", (about(&row.id), format!("payment {number}")))?;
    Ok(payment)
}
