//! Sends due callbacks.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use domain::time::MINUTE;
use domain::{EventId, MerchantId};
use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{Trouble, rest};
use crate::app::deliveries::{self, Leased};
use crate::app::{SharedApp, merchants};
use crate::crash::crash_point;
use crate::net::client::{CallbackClient, FailureKind, Outcome};
use crate::store::StoreError;
use crate::telemetry::metrics::METRICS;
use crate::wire::signature::X_SIGNATURE;

/// Sent at the same time, in all and to one merchant.
const AT_ONCE: usize = 128;
const EACH: usize = 64;
/// Between two looks for deliveries that wait for nothing.
const SWEEP_MILLIS: i64 = MINUTE;
const QUIET: Duration = Duration::from_millis(500);

pub async fn run(app: SharedApp, client: CallbackClient, stop: CancellationToken) {
    let trouble = Trouble::default();
    let done = Arc::new(tokio::sync::Notify::new());
    let mut sending = JoinSet::new();
    // a lease can run out under our own hands, when the clock is put forward: what is being sent is not sent beside it
    let mut on_their_way: HashMap<Id, (MerchantId, EventId)> = HashMap::new();
    let mut sweep_at = app.now();
    loop {
        while let Some(ended) = sending.try_join_next_with_id() {
            on_their_way.remove(&ended.map_or_else(|error| error.id(), |(id, ())| id));
        }
        if app.now() >= sweep_at {
            sweep_at = app.now().plus(SWEEP_MILLIS);
            let released = deliveries::release_stranded(&app).await;
            trouble.report("Looking for stranded callbacks", released.map_err(|error| error.to_string()));
        }
        let room = AT_ONCE - sending.len().min(AT_ONCE);
        let leased = match room {
            0 => Ok(Vec::new()),
            room => deliveries::lease_due(&app, room, EACH, by_merchant(&on_their_way)).await,
        };
        trouble.report("Sending callbacks", leased.as_ref().map(|_| ()).map_err(ToString::to_string));
        let found = leased.as_ref().is_ok_and(|leased| !leased.is_empty());
        for leased in leased.unwrap_or_default() {
            let event = leased.row.event_id.clone();
            if on_their_way.values().any(|(_, other)| *other == event) {
                continue;
            }
            let (app, client, done) = (app.clone(), client.clone(), done.clone());
            let merchant = leased.row.merchant_id.clone();
            let span = tracing::info_span!("callback", otel.kind = "client", event = event.as_str());
            let work = async move {
                if let Err(error) = send(&app, &client, leased).await {
                    error.log("What came of a callback could not be recorded; it will be sent again");
                }
                done.notify_one();
            };
            let task = sending.spawn(work.instrument(span));
            on_their_way.insert(task.id(), (merchant, event));
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

/// How many callbacks of each merchant are being sent.
fn by_merchant(on_their_way: &HashMap<Id, (MerchantId, EventId)>) -> BTreeMap<MerchantId, usize> {
    let mut counts = BTreeMap::new();
    for (merchant, _) in on_their_way.values() {
        *counts.entry(merchant.clone()).or_default() += 1;
    }
    counts
}

async fn send(app: &SharedApp, client: &CallbackClient, leased: Leased) -> Result<(), StoreError> {
    let Leased { row, webhook_secrets } = leased;
    let began = app.now();
    let about = (row.event_id.as_str(), began);
    let signed =
        merchants::webhook_headers(&app.master_key, &row.merchant_id, &webhook_secrets, about, row.body.as_bytes());
    let standard = match signed {
        Ok(headers) => headers.to_vec(),
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
    let (word, millis) = word(&outcome);
    METRICS.called_back(word, Duration::from_millis(millis));
    deliveries::record(app, row, &outcome, began).await
}

/// What came of it in a word, and how long it took.
fn word(outcome: &Outcome) -> (&'static str, u64) {
    match outcome {
        Outcome::Answered { status: 200..=299, ms, .. } => ("accepted", *ms),
        Outcome::Answered { ms, .. } => ("refused", *ms),
        Outcome::Failed { kind: FailureKind::Refused(_) | FailureKind::Header, ms } => ("not_called", *ms),
        Outcome::Failed { ms, .. } => ("unreachable", *ms),
    }
}
