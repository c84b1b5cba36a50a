//! How long a card's number is kept: until the processor has the payment, until it is over, and never longer than 30 days.

use domain::time::DAY;
use domain::transfer::State;

use super::PayoutRow;
use crate::app::transfers::ended;
use crate::app::{App, SharedApp};
use crate::store::{StoreError, Tx, payouts, transfers};

/// A number is not kept for longer, whatever the payment waits for.
const KEPT_MILLIS: i64 = 30 * DAY;
/// What the merchant reads of a payment that could not be sent without its number.
pub const GONE: &str = "The payment was not sent within 30 days, and the card's number is not kept for longer";

/// Erases the numbers that were kept for too long. A payment that nothing was sent of fails by that; one that may have been sent is only
/// asked about, which needs no number. Answers how many there were.
pub async fn forget_old(app: &SharedApp) -> Result<usize, StoreError> {
    let made_by = app.now().plus(-KEPT_MILLIS);
    let old = app.store.read(|tx| payouts::sealed(tx, made_by, 50)).await?;
    let mut forgotten = 0;
    for row in old {
        let (worker, number) = (app.clone(), row.number);
        match app.store.write(move |tx| forget(&worker, tx, &row)).await {
            Ok(done) => forgotten += usize::from(done),
            Err(error) => tracing::error!(payment = number, %error, "A card's number could not be erased"),
        }
    }
    if forgotten > 0 {
        app.wake.deliveries.notify_one();
    }
    Ok(forgotten)
}

/// False while somebody works on it.
fn forget(app: &App, tx: &Tx<'_>, row: &PayoutRow) -> Result<bool, StoreError> {
    let (mut transfer, now) = (transfers::existing(tx, &row.merchant_id, &row.transfer_id)?, app.now());
    if transfer.leased_until > now {
        return Ok(false);
    }
    match transfer.state {
        // nothing is on its way: a transfer comes back to this state only with proof of that
        State::Reserved => ended(app, tx, &mut transfer, State::Failed, GONE, now)?,
        _ => payouts::wipe_card(tx, &row.merchant_id, row.number)?,
    }
    Ok(true)
}
