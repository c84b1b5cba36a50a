//! The payer's side of a refund: the link, and the one address that is confirmed by it.

use alloy_primitives::Address;
use domain::MerchantId;
use domain::coin_refund::{self as books, Source, State};
use domain::ledger::{Kind as AccountKind, Unbalanced};
use domain::transfer::Kind;

use super::address::{self, BadAddress};
use super::{about, funding, left, token_hash};
use crate::app::acts::{Actor, record};
use crate::app::transfers::{NewTransfer, Rail, reserve};
use crate::app::{App, SharedApp};
use crate::store::coin_refunds::{self, CoinRefundRow};
use crate::store::{StoreError, Tx, invoices, ledger};

#[derive(Debug, thiserror::Error)]
pub enum NotConfirmed {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The link is unknown, ran out, or the refund was called off.
    #[error("the link is not valid")]
    NoLink,
    /// The link was used: the page shows what became of it.
    #[error("the link was used")]
    Used,
    #[error(transparent)]
    Address(#[from] BadAddress),
    /// The payment left the chain, or the merchant's money was spent since. The link stays good.
    #[error("the refund cannot be made at the moment")]
    NotNow,
}

fn unbalanced(error: Unbalanced) -> StoreError {
    StoreError::Inconsistent(error.to_string())
}

/// The refund of a link: one that waits for the payer, or one the payer has confirmed. A link that ran out leads nowhere.
pub fn by_link(app: &App, tx: &Tx<'_>, token: &str) -> Result<Option<CoinRefundRow>, StoreError> {
    // ours are 64 digits: a longer text is not worth hashing
    if token.len() != 64 {
        return Ok(None);
    }
    let row = coin_refunds::by_token(tx, &token_hash(token))?;
    Ok(row.filter(|row| match row.state {
        State::Asked => app.now() < row.link_ends,
        State::Confirmed | State::Reported | State::Done => true,
        // of a transfer that failed the payer has seen that it was confirmed; one called off before that leads nowhere
        State::Failed | State::Canceled => row.confirmed_at.is_some(),
    }))
}

/// Whose link it is, also of one that leads nowhere any more.
pub fn whose(tx: &Tx<'_>, token: &str) -> Result<Option<MerchantId>, StoreError> {
    if token.len() != 64 {
        return Ok(None);
    }
    Ok(coin_refunds::by_token(tx, &token_hash(token))?.map(|row| row.merchant_id))
}

/// Looks at what a payer typed, without deciding anything.
pub fn look(
    app: &App,
    tx: &Tx<'_>,
    row: &CoinRefundRow,
    text: &str,
) -> Result<Result<Address, BadAddress>, StoreError> {
    address::payers(app, tx, row, text)
}

/// Confirms the address: the link is used up. The treasury's money is set aside in the same transaction.
pub async fn confirm(app: &SharedApp, token: &str, typed: &str) -> Result<CoinRefundRow, NotConfirmed> {
    let (worker, token, typed) = (app.clone(), token.to_owned(), typed.to_owned());
    let row = app.store.write(move |tx| decide(&worker, tx, &token, &typed)).await?;
    app.wake.treasury.notify_one();
    Ok(row)
}

fn decide(app: &App, tx: &Tx<'_>, token: &str, typed: &str) -> Result<CoinRefundRow, NotConfirmed> {
    let now = app.now();
    let mut row = by_link(app, tx, token)?.ok_or(NotConfirmed::NoLink)?;
    if row.state != State::Asked {
        return Err(NotConfirmed::Used);
    }
    let address = address::payers(app, tx, &row, typed)??;
    invoices::touch(tx, &row.merchant_id, row.invoice_number)?;
    let rest = left(tx, (&row.merchant_id, row.invoice_number), &row.asset, Some(&row.id), now)?;
    if row.units > rest {
        tracing::error!(refund = %row.id, "A refund is above what is left of the payment");
        return Err(NotConfirmed::NotNow);
    }
    row.destination = Some(address.to_string());
    (row.state, row.confirmed_at, row.changed_at, row.note) = (State::Confirmed, Some(now), now, None);
    if row.source == Source::Treasury {
        set_aside(app, tx, &mut row, &address)?;
    }
    coin_refunds::update(tx, &mut row)?;
    let actor = Actor("payer, by the mailed link".into());
    record(app, tx, &actor, "coin_refund.confirmed", about(&row.id), format!("to {address}"))?;
    Ok(row)
}

/// Converts what the merchant is owed, and sets the coins aside.
fn set_aside(app: &App, tx: &Tx<'_>, row: &mut CoinRefundRow, address: &Address) -> Result<(), NotConfirmed> {
    let asset = app.asset(&row.asset).ok_or(NotConfirmed::NotNow)?;
    let Some(funding) = funding::find(app, tx, &row.merchant_id, asset, row.units)? else {
        tracing::error!(refund = %row.id, "What the merchant is owed does not cover a refund that its payer confirms");
        return Err(NotConfirmed::NotNow);
    };
    let entry = books::exchanged(&row.id, &row.asset, row.units, &funding, row.invoice_number, app.now());
    ledger::enter(tx, &row.merchant_id, &entry.map_err(unbalanced)?)?;
    let new = NewTransfer {
        merchant: row.merchant_id.clone(),
        kind: Kind::CoinRefund,
        subject: row.id.to_string(),
        invoice_number: Some(row.invoice_number),
        taken_from: AccountKind::Payable,
        asset: row.asset.clone(),
        units: row.units,
        rail: Rail::Chain(row.chain.clone()),
        destination: address.to_string(),
        needs_approval: false,
    };
    row.transfer_id = Some(reserve(app, tx, new)?.id);
    row.funding = Some(funding);
    Ok(())
}
