//! Sends what moves money out of forwarders, and sees each transaction to its end.
//!
//! Order of steps, each safe to be cut off after: choose → sign → store the bytes → send → ask → record.
//! A crash before the bytes are stored loses nothing but the choice. After it, the same bytes are sent again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::Time;
use domain::time::{MINUTE, SECOND};
use rails::evm::artifact::factory_address;
use rails::evm::forwarder::flush_call;
use rails::evm::rpc::RpcError;
use rails::evm::sign::GasKey;
use tokio_util::sync::CancellationToken;

use super::duty::Duty;
use super::transactions::chase::{self, Errand};
use super::transactions::{NewCall, SendFailed, send, sign_new};
use super::{Trouble, rest};
use crate::app::chains::Chain;
use crate::app::settlement::{self, Plan, Target};
use crate::app::{SharedApp, claims};
use crate::crash::crash_point;
use crate::store::StoreError;
use crate::store::chain_txs::{self, ChainTxRow, Purpose};

const QUIET: Duration = Duration::from_secs(1);
/// Between two looks for native coin that nobody saw come.
const LOOK_FOR_UNSEEN_MILLIS: i64 = 30 * SECOND;

#[derive(Debug, thiserror::Error)]
pub enum FlushFailed {
    #[error(transparent)]
    Rpc(#[from] RpcError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Send(#[from] SendFailed),
    #[error(transparent)]
    Claim(#[from] claims::ClaimFailed),
    #[error("the forwarder factory is not on this chain: run `lockgate chain deploy`")]
    NoFactory,
}

/// Forwarders whose flush did not work rest before they are tried again, longer each time: gas is money.
#[derive(Debug, Default)]
struct Resting(BTreeMap<String, (u32, Time)>);

impl Resting {
    fn now(&self, now: Time) -> BTreeSet<String> {
        self.0.iter().filter(|(_, (_, until))| now < *until).map(|(attempt, _)| attempt.clone()).collect()
    }

    fn rest(&mut self, targets: &[Target], now: Time) {
        for target in targets {
            let (failures, until) = self.0.entry(target.attempt.clone()).or_default();
            *failures = failures.saturating_add(1);
            *until = now.plus(MINUTE << (*failures).min(10));
        }
    }
}

impl Errand for Resting {
    const PURPOSE: Purpose = Purpose::Flush;

    async fn over(&mut self, app: &SharedApp, chain: &Chain, mut row: ChainTxRow) -> Result<(), SendFailed> {
        let (targets, block) = (settlement::targets(&row), row.mined_block.unwrap_or(0));
        let left = app.store.read(|tx| settlement::still_lying(tx, chain, &targets, block)).await?;
        if !left.is_empty() {
            row.note = Some(format!("{} forwarders were not emptied", left.len()));
            tracing::warn!(chain = chain.name, nonce = row.nonce, forwarders = left.len(), "A flush left money behind");
            self.rest(&left, app.now());
        }
        chase::save(app, row).await
    }

    async fn dead(&mut self, app: &SharedApp, _chain: &Chain, row: ChainTxRow) -> Result<(), SendFailed> {
        chase::save(app, row).await
    }
}

pub async fn run(app: SharedApp, name: String, node: String, stop: CancellationToken) {
    let mut duty = Duty::new(&node, "flush", &name);
    let (Some(chain), trouble) = (app.chains.get(&name), Trouble::default()) else { return };
    let Some(key) = &chain.gas_key else { return };
    let (mut resting, chasing, mut look_at) = (Resting::default(), Trouble::default(), app.now());
    while duty.wait(&app, &stop).await.is_some() {
        let said = |result: Result<(), FlushFailed>| result.map_err(|error| format!("{name}: {error}"));
        let chased = chase::all(&app, chain, Some(key), &mut resting).await.map_err(FlushFailed::from);
        chasing.report("Seeing flushes to their end", said(chased));
        let mut result = send_next(&app, chain, key, &mut resting).await;
        if result.is_ok() && app.now() >= look_at {
            look_at = app.now().plus(LOOK_FOR_UNSEEN_MILLIS);
            result = send_unseen(&app, chain, key, &resting).await;
        }
        trouble.report("Flushing deposits", said(result));
        if !rest(&app.wake.flushes, QUIET, &stop).await {
            break;
        }
    }
    duty.give_back(&app).await;
}

/// Chooses, signs, stores and sends one batch, if there is something to flush.
///
/// A batch that the node finds impossible is halved until the forwarder that spoils it is alone; that one rests.
async fn send_next(app: &SharedApp, chain: &Chain, key: &GasKey, resting: &mut Resting) -> Result<(), FlushFailed> {
    let asleep = resting.now(app.now());
    let mut plan = app.store.read(|tx| settlement::plan(app, tx, chain, &asleep)).await?;
    while !plan.items.is_empty() {
        match send_plan(app, chain, key, &plan).await {
            Err(FlushFailed::Send(SendFailed::Impossible(error))) if plan.items.len() == 1 => {
                resting.rest(&plan.targets, app.now());
                return Err(SendFailed::Impossible(error).into());
            }
            Err(FlushFailed::Send(SendFailed::Impossible(_))) => plan.halve(),
            result => return result.map(|_| ()),
        }
    }
    Ok(())
}

/// Flushes native coin that came without a transfer a watcher can see.
async fn send_unseen(app: &SharedApp, chain: &Chain, key: &GasKey, resting: &Resting) -> Result<(), FlushFailed> {
    let mut busy = resting.now(app.now());
    for open in app.store.read(|tx| chain_txs::open(tx, &chain.name, Purpose::Flush)).await? {
        busy.extend(settlement::targets(&open).into_iter().map(|target| target.attempt));
    }
    let plan = claims::unseen_native(app, chain, &busy).await?;
    if plan.items.is_empty() { Ok(()) } else { send_plan(app, chain, key, &plan).await.map(|_| ()) }
}

/// Signs, stores and sends one batch; answers the transaction's hash. The worker sees it to its end.
pub async fn send_plan(app: &SharedApp, chain: &Chain, key: &GasKey, plan: &Plan) -> Result<String, FlushFailed> {
    let factory = factory_address();
    if chain.rpc.code(factory).await?.is_empty() {
        return Err(FlushFailed::NoFactory);
    }
    let items = serde_json::to_string(&plan.targets).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    let new = NewCall { purpose: Purpose::Flush, items, to: factory, input: flush_call(&plan.items) };
    let (row, bytes) = sign_new(app, chain, key, new).await?;
    crash_point("before_store_flush");
    let stored = (row.clone(), bytes.clone());
    app.store.write(move |tx| settlement::store_new(tx, &stored.0, &stored.1)).await?;
    crash_point("after_store_flush");
    tracing::info!(chain = chain.name, nonce = row.nonce, forwarders = plan.items.len(), hash = bytes.hash, "Flushing");
    send(chain, &bytes).await;
    crash_point("after_send_flush");
    Ok(bytes.hash)
}
