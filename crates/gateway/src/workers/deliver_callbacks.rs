//! Sends due callbacks.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::EventId;
use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;

use super::{Trouble, crash_point, rest};
use crate::app::deliveries::{self, Leased};
use crate::app::{SharedApp, merchants};
use crate::net::client::CallbackClient;
use crate::store::StoreError;
use crate::wire::signature::X_SIGNATURE;

/// Sent at the same time.
const AT_ONCE: usize = 64;
const QUIET: Duration = Duration::from_millis(500);

pub async fn run(app: SharedApp, client: CallbackClient, stop: CancellationToken) {
    let trouble = Trouble::default();
    let done = Arc::new(tokio::sync::Notify::new());
    let mut sending = JoinSet::new();
    // a lease can run out under our own hands, when the clock is put forward: what is being sent is not sent beside it
    let mut on_their_way: HashMap<Id, EventId> = HashMap::new();
    loop {
        while let Some(ended) = sending.try_join_next_with_id() {
            on_their_way.remove(&ended.map_or_else(|error| error.id(), |(id, ())| id));
        }
        let room = i64::try_from(AT_ONCE - sending.len().min(AT_ONCE)).unwrap_or(0);
        let leased = if room > 0 { deliveries::lease_due(&app, room).await } else { Ok(Vec::new()) };
        trouble.report("Sending callbacks", leased.as_ref().map(|_| ()).map_err(ToString::to_string));
        let found = leased.as_ref().is_ok_and(|leased| !leased.is_empty());
        for leased in leased.unwrap_or_default() {
            let event = leased.row.event_id.clone();
            if on_their_way.values().any(|other| *other == event) {
                continue;
            }
            let (app, client, done) = (app.clone(), client.clone(), done.clone());
            let task = sending.spawn(async move {
                if let Err(error) = send(&app, &client, leased).await {
                    tracing::error!(%error, "What came of a callback could not be recorded; it will be sent again");
                }
                done.notify_one();
            });
            on_their_way.insert(task.id(), event);
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

async fn send(app: &SharedApp, client: &CallbackClient, leased: Leased) -> Result<(), StoreError> {
    let Leased { row, webhook_secret } = leased;
    let began = app.now();
    let secret = merchants::open_webhook_secret(&app.master_key, &row.merchant_id, &webhook_secret)?;
    let standard = secret.headers(row.event_id.as_str(), began.seconds(), row.body.as_bytes());
    let mut headers = vec![("Content-Type", "application/json"), (X_SIGNATURE, row.signature.as_str())];
    headers.extend(standard.iter().map(|(name, value)| (*name, value.as_str())));
    crash_point("before_callback");
    let outcome = client.post(&row.url, &headers, row.body.clone().into_bytes()).await;
    crash_point("after_callback");
    deliveries::record(app, row, &outcome, began).await
}
