//! Posts the acquirer's webhooks when they are due.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use rails::sim::acquirer::{Delivery, SIGNATURE_HEADER};
use tokio_util::sync::CancellationToken;

use super::SandboxAcquirer;

const AT_ONCE: usize = 8;
const PATIENCE: Duration = Duration::from_secs(10);
/// The clock may be moved by whoever does not wake us.
const LONGEST_REST: Duration = Duration::from_secs(1);
const SHORTEST_REST: Duration = Duration::from_millis(20);

pub async fn post_them(acquirer: Arc<SandboxAcquirer>, client: reqwest::Client, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let rest = match post_due(&acquirer, &client).await {
            Ok(rest) => rest,
            Err(error) => {
                tracing::error!(%error, "The simulated acquirer could not be stored");
                LONGEST_REST
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = acquirer.wake.notified() => {}
            () = tokio::time::sleep(rest) => {}
        }
    }
}

/// One round; answers how long nothing will be due.
async fn post_due(acquirer: &SandboxAcquirer, client: &reqwest::Client) -> Result<Duration, crate::store::StoreError> {
    let due = acquirer.change(|acquirer, now| acquirer.advance(now)).await?;
    let posted = stream::iter(due).map(|delivery| async {
        let taken = post(acquirer, client, &delivery).await;
        (delivery, taken)
    });
    let posted: Vec<(Delivery, bool)> = posted.buffer_unordered(AT_ONCE).collect().await;
    acquirer
        .change(|acquirer, now| {
            posted.iter().for_each(|(delivery, taken)| acquirer.posted(delivery, *taken, now));
            let rest = acquirer.next_due().map(|due| u64::try_from(due.since(now)).unwrap_or(0));
            let rest = rest.map_or(LONGEST_REST, Duration::from_millis);
            rest.clamp(SHORTEST_REST, LONGEST_REST)
        })
        .await
}

/// Whether it was taken. One that is not for this sandbox goes nowhere: whoever can make payments here must not make it call others.
async fn post(acquirer: &SandboxAcquirer, client: &reqwest::Client, delivery: &Delivery) -> bool {
    let Some(path) = delivery.url.strip_prefix(&acquirer.at.public).filter(|path| path.starts_with('/')) else {
        tracing::warn!(payment = delivery.payment, "A webhook of the simulated acquirer is not for this sandbox");
        return true;
    };
    // not through the proxy that browsers come by
    let request = client
        .post(format!("{}{path}", acquirer.at.inner))
        .timeout(PATIENCE)
        .header("content-type", "application/json");
    let answer = request.header(SIGNATURE_HEADER, &delivery.signature).body(delivery.body.clone()).send().await;
    match answer {
        Ok(answer) if answer.status().is_success() => true,
        Ok(answer) => {
            tracing::warn!(payment = delivery.payment, status = answer.status().as_u16(), "A webhook was not taken");
            false
        }
        Err(error) => {
            tracing::warn!(payment = delivery.payment, error = %error.without_url(), "A webhook could not be posted");
            false
        }
    }
}
