//! The payer has chosen card or UPI: a charge is begun and sent.

use std::time::Duration;

use domain::MerchantId;
use domain::card::Card;
use domain::charge::{Method, State};
use rails::provider::Device;

use crate::app::charges::begin::{BeginFailed, Wanted, begin_in};
use crate::app::charges::{ask as ask_case, close, drive};
use crate::app::{SharedApp, invoices};
use crate::store::StoreError;
use crate::telemetry::carried;

/// What came of it, where the rows do not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// The page shows how it stands.
    AsThePageShows,
    /// No rate at the moment.
    NoPrice,
    /// No provider could be reached, or too much was tried.
    NotPossible,
}

/// Begins a charge for what is left to pay and sends it; one that waits for the payer is used again.
pub async fn begin(
    app: &SharedApp,
    token: &str,
    method: Method,
    device: Device,
    card: Option<Card>,
) -> Result<Begun, StoreError> {
    // the same method again, without a card: what waits for the payer is used again
    close::before_another(app, token, card.is_none().then_some(method)).await?;
    let (worker, token) = (app.clone(), token.to_owned());
    let wanted = Wanted { method, device, with_card: card.is_some() };
    let begun = app
        .store
        .write(move |tx| {
            let (merchant, row) = invoices::by_token(&worker, tx, &token)?.ok_or(BeginFailed::NotFound)?;
            begin_in(&worker, tx, &merchant, &row, wanted, worker.now())
        })
        .await;
    match begun {
        Ok(row) => {
            let row = drive::send(app, row.merchant_id, row.charge.id, card).await?;
            Ok(if row.charge.state == State::NotSent { Begun::NotPossible } else { Begun::AsThePageShows })
        }
        Err(BeginFailed::Store(error)) => Err(error),
        Err(BeginFailed::NoRate(error)) => {
            tracing::warn!(%error, "A charge was refused because there is no rate");
            Ok(Begun::NoPrice)
        }
        Err(refused @ (BeginFailed::NotOffered | BeginFailed::TooMany)) => {
            tracing::warn!(%refused, "A charge was refused");
            Ok(Begun::NotPossible)
        }
        Err(refused) => {
            tracing::info!(%refused, "A charge was refused");
            Ok(Begun::AsThePageShows)
        }
    }
}

/// How long a payer who comes back waits for the provider's answer before the page is shown as it is.
const PATIENCE: Duration = Duration::from_secs(6);

/// Asks the provider of an invoice's open charge, on and to its end even if the payer does not wait for it.
pub async fn ask(app: &SharedApp, merchant: &MerchantId, invoice: i64) -> Result<(), StoreError> {
    let (worker, merchant) = (app.clone(), merchant.clone());
    let asking = tokio::spawn(carried(async move { ask_case::ask_invoice(&worker, &merchant, invoice).await }));
    match tokio::time::timeout(PATIENCE, asking).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(StoreError::Panicked),
        Err(_) => Ok(()),
    }
}
