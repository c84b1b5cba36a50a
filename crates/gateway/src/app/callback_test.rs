//! A callback to see whether one arrives: sent at once, kept nowhere, about an invoice that there is not.

use domain::EventId;
use domain::merchant::Merchant;

use super::{SharedApp, events, merchants as office};
use crate::net::client::{CallbackClient, Outcome};
use crate::store::{StoreError, Tx, merchants};
use crate::wire::amount::Quantity;
use crate::wire::callback::{InvoiceCallback, Money};
use crate::wire::signature::X_SIGNATURE;
use crate::wire::status::InvoiceStatus;

/// No invoice has this number.
const NUMBER: u64 = 0;

/// What was sent, and what came back.
#[derive(Debug)]
pub struct Sent {
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    pub outcome: Outcome,
}

/// Signs as any callback is signed, sends to the merchant's URL, and answers both sides of it. `None` without a URL.
pub async fn send(
    app: &SharedApp,
    client: &CallbackClient,
    merchant: &Merchant,
    status: InvoiceStatus,
) -> Result<Option<Sent>, StoreError> {
    let Some(url) = &merchant.callback_url else { return Ok(None) };
    let (now, id) = (app.now(), EventId::new(app.ulid()));
    let body = InvoiceCallback {
        status,
        id: NUMBER,
        invoiced: Money { amount: Quantity::new(merchant.min_amount.0, 2), currency: "USD" },
        description: Some("A test from the dashboard: there is no invoice 0"),
        callback_json: None,
        charged: None,
        settled: None,
        at_ms: Some(now.0),
    }
    .body();
    let sign = |tx: &Tx<'_>| {
        let signature = events::signature(app, tx, merchant, body.as_bytes(), now)?;
        let secrets = merchants::webhook_secrets(tx, &merchant.id)?;
        let about = (id.as_str(), now);
        let standard = office::webhook_headers(&app.master_key, &merchant.id, &secrets, about, body.as_bytes())?;
        Ok::<_, StoreError>((signature, standard))
    };
    let (signature, standard) = app.store.read(sign).await?;
    let mut headers = vec![("Content-Type", "application/json".to_owned()), (X_SIGNATURE, signature)];
    headers.extend(standard);
    let borrowed: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let outcome = client.post(url, &borrowed, body.clone().into_bytes()).await;
    Ok(Some(Sent { headers, body, outcome }))
}
