//! The sending side of callbacks, in a process of its own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use gateway::app::deliveries;
use gateway::app::invoices::create;
use gateway::net::client::{CallbackClient, Outcome};
use gateway::net::guard::Policy;
use gateway::store::{StoreError, deliveries as rows, deliveries::DeliveryRow};
use gateway::workers::deliver_callbacks;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::args::{Deliver, DeliverWork};
use crate::raw::new_invoice;
use crate::shop::Shop;
use crate::stats::Row;
use crate::{Fail, child, memory, shop};

/// As many as the worker sends at one time.
const AT_ONCE: usize = 64;

/// The part: makes invoices whose first callbacks are due, then sends them and measures that.
pub async fn run(part: Deliver) -> Result<(), Fail> {
    let shop = shop::open(&part.data, Some(part.sink.clone())).await?;
    let invoices = if part.work == DeliverWork::Posting { 1 } else { part.callbacks };
    let mut making = JoinSet::new();
    for share in 0..AT_ONCE {
        let (app, merchant) = (shop.app.clone(), std::sync::Arc::new(shop.merchant.clone()));
        let share = i64::try_from(share)?;
        making.spawn(async move {
            for _ in (share..invoices).step_by(AT_ONCE) {
                create(&app, merchant.clone(), new_invoice()).await?;
            }
            Ok::<_, Fail>(())
        });
    }
    while let Some(made) = making.join_next().await {
        made??;
    }
    let began = Instant::now();
    let name = match part.work {
        DeliverWork::Worker => worker(&shop).await.map(|()| "callbacks, sent and recorded durably")?,
        DeliverWork::Bookkeeping => bookkeeping(&shop).await.map(|()| "leasing and recording, not sending")?,
        DeliverWork::Posting => {
            posting(&shop, part.callbacks).await.map(|()| "sending by the same client, not recording")?
        }
    };
    let row = Row::new(name, u64::try_from(part.callbacks)?, began.elapsed());
    child::tell(&row.with_peak(memory::peak_kib(std::process::id())?))
}

async fn worker(shop: &Shop) -> Result<(), Fail> {
    let stop = CancellationToken::new();
    let client = CallbackClient::new(Policy::Sandbox)?;
    let worker = tokio::spawn(deliver_callbacks::run(shop.app.clone(), client, stop.clone()));
    while shop.app.store.read::<_, StoreError>(rows::next_due).await?.is_some() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stop.cancel();
    Ok(worker.await?)
}

/// What the worker does before and after sending.
async fn bookkeeping(shop: &Shop) -> Result<(), Fail> {
    let mut recording = JoinSet::new();
    loop {
        while recording.try_join_next().transpose()?.transpose()?.is_some() {}
        let leased = match AT_ONCE.saturating_sub(recording.len()) {
            0 => Vec::new(),
            room => deliveries::lease_due(&shop.app, room, room, BTreeMap::new()).await?,
        };
        let found = !leased.is_empty();
        for leased in leased {
            let app = shop.app.clone();
            recording.spawn(async move {
                let outcome = Outcome::Answered { status: 200, ms: 0, snippet: String::new() };
                deliveries::record(&app, leased.row, &outcome, app.now()).await
            });
        }
        match recording.join_next().await {
            Some(recorded) => recorded??,
            None if found => {}
            None => return Ok(()),
        }
    }
}

/// One real callback, sent over and over.
async fn posting(shop: &Shop, callbacks: i64) -> Result<(), Fail> {
    let read = |tx: &gateway::store::Tx<'_>| rows::of(tx, &shop.merchant.id, gateway::store::events::About::invoice(1));
    let delivery = shop.app.store.read::<_, StoreError>(read).await?;
    let delivery: Arc<DeliveryRow> = Arc::new(delivery.into_iter().next().ok_or("no callback to send")?);
    let (client, left) = (CallbackClient::new(Policy::Sandbox)?, Arc::new(AtomicI64::new(callbacks)));
    let mut sending = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (client, left, delivery) = (client.clone(), left.clone(), delivery.clone());
        sending.spawn(async move {
            while left.fetch_sub(1, Ordering::Relaxed) > 0 {
                let headers = [("Content-Type", "application/json"), ("X-Signature", delivery.signature.as_str())];
                let outcome = client.post(&delivery.url, &headers, delivery.body.clone().into_bytes()).await;
                if !matches!(outcome, Outcome::Answered { status: 200, .. }) {
                    return Err(Fail::from(format!("{outcome:?}")));
                }
            }
            Ok(())
        });
    }
    while let Some(sent) = sending.join_next().await {
        sent??;
    }
    Ok(())
}
