//! What a transfer's kind adds: how its request is built and sent, and how it is asked about.

use domain::transfer::Kind;

use super::charge_refund;
use super::drive::{Answer, Ready, Said};
use crate::app::{SharedApp, payouts};
use crate::store::transfers::TransferRow;

/// Builds the request of a transfer that is set aside; an answer instead if that shows that it cannot be sent.
pub async fn ready(app: &SharedApp, row: &TransferRow) -> Result<Ready, Answer> {
    match row.kind {
        Kind::CardPayout => payouts::leg::ready(app, row).await,
        Kind::ChargeRefund => charge_refund::ready(app, row).await,
        Kind::Settlement | Kind::CoinRefund => Err(not_here(row)),
    }
}

/// Asks what became of a transfer that may have been sent.
pub async fn ask(app: &SharedApp, row: &TransferRow) -> Answer {
    match row.kind {
        Kind::CardPayout => payouts::leg::ask(app, row).await,
        Kind::ChargeRefund => charge_refund::ask(app, row).await,
        Kind::Settlement | Kind::CoinRefund => not_here(row),
    }
}

fn not_here(row: &TransferRow) -> Answer {
    Answer::of(Said::Unknown(format!("a {} does not go over a provider", row.kind.name())))
}
