//! Sends due callbacks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::MerchantId;
use domain::time::MINUTE;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Trouble, crash_point, rest};
use crate::app::deliveries::{self, Leased};
use crate::app::{SharedApp, merchants};
use crate::net::client::CallbackClient;
use crate::store::StoreError;
use crate::wire::signature::X_SIGNATURE;

/// Sent at the same time, in all and to one merchant.
const AT_ONCE: usize = 64;
const EACH: usize = 32;
/// Between two looks for deliveries that wait for nothing.
const SWEEP_MILLIS: i64 = MINUTE;
const QUIET: Duration = Duration::from_millis(500);

pub async fn run(app: SharedApp, client: CallbackClient, stop: CancellationToken) {
    let trouble = Trouble::default();
    let done = Arc::new(tokio::sync::Notify::new());
    let (mut sending, mut on_their_way) = (JoinSet::new(), BTreeMap::<MerchantId, usize>::new());
    let mut sweep_at = app.now();
    loop {
        while let Some(ended) = sending.try_join_next() {
            leave(&mut on_their_way, ended.ok());
        }
        if app.now() >= sweep_at {
            sweep_at = app.now().plus(SWEEP_MILLIS);
            trouble.report(
                "Looking for stranded callbacks",
                deliveries::release_stranded(&app).await.map_err(|e| e.to_string()),
            );
        }
        let room = AT_ONCE - sending.len().min(AT_ONCE);
        let leased = match room {
            0 => Ok(Vec::new()),
            room => deliveries::lease_due(&app, room, EACH, on_their_way.clone()).await,
        };
        trouble.report("Sending callbacks", leased.as_ref().map(|_| ()).map_err(ToString::to_string));
        let found = leased.as_ref().is_ok_and(|leased| !leased.is_empty());
        for leased in leased.unwrap_or_default() {
            let (app, client, done) = (app.clone(), client.clone(), done.clone());
            let merchant = leased.row.merchant_id.clone();
            *on_their_way.entry(merchant.clone()).or_default() += 1;
            sending.spawn(async move {
                if let Err(error) = send(&app, &client, leased).await {
                    tracing::error!(%error, "What came of a callback could not be recorded; it will be sent again");
                }
                done.notify_one();
                merchant
            });
        }
        if found {
            continue;
        }
        let go_on = tokio::select! {
            go_on = rest(&app.wake.deliveries, QUIET, &stop) => go_on,
            () = done.notified(), if !sending.is_empty() => !stop.is_cancelled(),
        };
        if !go_on {
            // what is on its way is recorded before we leave; its lease would only delay it
            while sending.join_next().await.is_some() {}
            return;
        }
    }
}

/// One less of a merchant's callbacks on their way. One whose task panicked is not counted back: its merchant is slowed down.
fn leave(on_their_way: &mut BTreeMap<MerchantId, usize>, merchant: Option<MerchantId>) {
    let Some(merchant) = merchant else { return };
    if let Some(count) = on_their_way.get_mut(&merchant) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            on_their_way.remove(&merchant);
        }
    }
}

async fn send(app: &SharedApp, client: &CallbackClient, leased: Leased) -> Result<(), StoreError> {
    let Leased { row, webhook_secret } = leased;
    let began = app.now();
    let standard = match merchants::open_webhook_secret(&app.master_key, &row.merchant_id, &webhook_secret) {
        Ok(secret) => secret.headers(row.event_id.as_str(), began.seconds(), row.body.as_bytes()).to_vec(),
        Err(error) => {
            // X-Signature stands; the merchant is told all the same
            tracing::error!(%error, "A callback goes out without the Standard Webhooks headers");
            Vec::new()
        }
    };
    let mut headers = vec![("Content-Type", "application/json"), (X_SIGNATURE, row.signature.as_str())];
    headers.extend(standard.iter().map(|(name, value)| (*name, value.as_str())));
    crash_point("before_callback");
    let outcome = client.post(&row.url, &headers, row.body.clone().into_bytes()).await;
    crash_point("after_callback");
    deliveries::record(app, row, &outcome, began).await
}
