//! What people do about a refund of coins that was decided: another link, or its end. Who acts says of which invoice it is: one of another
//! invoice, or of another merchant's, is not there.

use domain::coin_refund::{Source, State};
use domain::time::DAY;
use domain::{MerchantId, RefundId, Time};

use super::{LINK_MILLIS, Refused, about, check_amount, left, send_link, token, token_hash};
use crate::app::App;
use crate::app::acts::{Actor, record_for};
use crate::app::payer_mails::{Press, press};
use crate::store::coin_refunds::{self, CoinRefundRow};
use crate::store::{Tx, invoices};

/// A merchant's invoice.
pub type Of<'a> = (&'a MerchantId, i64);

/// A refund that the payer confirmed may be sent by the merchant's wallet for so long without a word: it is not called off before.
const UNREPORTED_MILLIS: i64 = 7 * DAY;

pub fn existing(tx: &Tx<'_>, (merchant, invoice): Of<'_>, id: &RefundId) -> Result<CoinRefundRow, Refused> {
    let row = coin_refunds::by_id(tx, merchant, id)?.filter(|row| row.invoice_number == invoice);
    row.ok_or_else(|| Refused::NotThere(id.clone()))
}

/// Sends another link; the one before it is dead from now on.
pub fn resend(app: &App, tx: &Tx<'_>, of: Of<'_>, id: &RefundId, actor: &Actor) -> Result<CoinRefundRow, Refused> {
    let (mut row, now) = (existing(tx, of, id)?, app.now());
    if row.state != State::Asked {
        return Err(Refused::NotNow { state: row.state, why: "the payer needs a link only before he has confirmed" });
    }
    let asset = app.asset(&row.asset).ok_or_else(|| Refused::UnknownCoin(row.asset.clone()))?;
    invoices::touch(tx, &row.merchant_id, row.invoice_number)?;
    // while the link was dead, others may have taken what it was for
    check_amount(asset, row.units, left(tx, of, &row.asset, Some(id), now)?)?;
    let token = token(app);
    (row.token_hash, row.link_ends, row.changed_at) = (token_hash(&token), now.plus(LINK_MILLIS), now);
    coin_refunds::update(tx, &mut row)?;
    send_link(app, tx, &row, asset, &token)?;
    record_for(app, tx, actor, &row.merchant_id, "coin_refund.link_sent_again", (about(id), String::new()))?;
    Ok(row)
}

/// As [`resend`], by the merchant: `cause` tells one press from the next, one that comes twice sends once, and a payer is not sent many.
pub fn mail_again(
    app: &App,
    tx: &Tx<'_>,
    of: Of<'_>,
    id: &RefundId,
    cause: &str,
    actor: &Actor,
) -> Result<CoinRefundRow, Refused> {
    let row = existing(tx, of, id)?;
    match press(tx, of, &format!("refund {id} {cause}"), app.now())? {
        Press::First => resend(app, tx, of, id, actor),
        Press::Again => Ok(row),
        Press::TooMany => Err(Refused::EnoughMails),
    }
}

/// From when on one that was confirmed, and is the merchant's to send, may be called off.
pub fn free_from(row: &CoinRefundRow) -> Time {
    row.confirmed_at.unwrap_or(row.changed_at).plus(UNREPORTED_MILLIS)
}

/// Whether it can be called off now.
pub fn may_cancel(row: &CoinRefundRow, now: Time) -> Result<(), Refused> {
    match (row.state, row.source) {
        (State::Asked, _) => Ok(()),
        // the merchant may have signed and sent it, and not said so yet
        (State::Confirmed, Source::MerchantWallet) if now < free_from(row) => Err(Refused::MaybeSent),
        (State::Confirmed, Source::MerchantWallet) => Ok(()),
        (State::Confirmed, Source::Treasury) => Err(Refused::ByTransfer),
        (state, _) => Err(Refused::NotNow { state, why: "it cannot be called off" }),
    }
}

/// Calls a refund off that nothing was sent for. The link is dead, and the amount can be asked for again.
pub fn cancel(app: &App, tx: &Tx<'_>, of: Of<'_>, id: &RefundId, actor: &Actor) -> Result<CoinRefundRow, Refused> {
    let mut row = existing(tx, of, id)?;
    may_cancel(&row, app.now())?;
    (row.state, row.changed_at) = (State::Canceled, app.now());
    coin_refunds::update(tx, &mut row)?;
    record_for(app, tx, actor, &row.merchant_id, "coin_refund.cancel", (about(id), String::new()))?;
    Ok(row)
}
