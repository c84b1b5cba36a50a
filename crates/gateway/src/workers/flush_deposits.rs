//! Sends what moves money out of forwarders, and sees each transaction to its end.
//!
//! Order of steps, each safe to be cut off after: choose → sign → store the bytes → send → ask → record.
//! A crash before the bytes are stored loses nothing but the choice. After it, the same bytes are sent again.

mod chase;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use alloy_primitives::{Address, Bytes, hex};
use domain::Time;
use domain::time::{MINUTE, SECOND};
use rails::evm::artifact::factory_address;
use rails::evm::fees::suggest;
use rails::evm::forwarder::flush_call;
use rails::evm::rpc::{CallRequest, RpcError};
use rails::evm::sign::{GasKey, SignedTx, TxRequest};
use tokio_util::sync::CancellationToken;

use super::{Trouble, rest};
use crate::app::chains::Chain;
use crate::app::settlement::{self, Plan, Target};
use crate::app::{App, SharedApp, claims, gas_market};
use crate::crash::crash_point;
use crate::store::StoreError;
use crate::store::chain_txs::{self, BytesRow, ChainTxRow};

const QUIET: Duration = Duration::from_secs(1);
/// Between two looks for native coin that nobody saw come.
const LOOK_FOR_UNSEEN_MILLIS: i64 = 30 * SECOND;
/// Between two looks at a transaction on its way.
const LOOK_AGAIN_MILLIS: i64 = 2 * SECOND;

#[derive(Debug, thiserror::Error)]
pub enum FlushFailed {
    #[error(transparent)]
    Rpc(#[from] RpcError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Fee(#[from] rails::evm::fees::FeeError),
    #[error(transparent)]
    Sign(#[from] rails::evm::sign::SignError),
    #[error("the node finds this flush impossible: {0}")]
    Impossible(RpcError),
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

pub async fn run(app: SharedApp, name: String, stop: CancellationToken) {
    let (Some(chain), trouble) = (app.chains.get(&name), Trouble::default()) else { return };
    let Some(key) = &chain.gas_key else { return };
    let (mut resting, chasing, mut look_at) = (Resting::default(), Trouble::default(), app.now());
    loop {
        let said = |result: Result<(), FlushFailed>| result.map_err(|error| format!("{name}: {error}"));
        chasing.report("Seeing flushes to their end", said(chase::all(&app, chain, key, &mut resting).await));
        let mut result = send_next(&app, chain, key, &mut resting).await;
        if result.is_ok() && app.now() >= look_at {
            look_at = app.now().plus(LOOK_FOR_UNSEEN_MILLIS);
            result = send_unseen(&app, chain, key, &resting).await;
        }
        trouble.report("Flushing deposits", said(result));
        if !rest(&app.wake.flushes, QUIET, &stop).await {
            return;
        }
    }
}

/// Chooses, signs, stores and sends one batch, if there is something to flush.
///
/// A batch that the node finds impossible is halved until the forwarder that spoils it is alone; that one rests.
async fn send_next(app: &SharedApp, chain: &Chain, key: &GasKey, resting: &mut Resting) -> Result<(), FlushFailed> {
    let asleep = resting.now(app.now());
    let mut plan = app.store.read(|tx| settlement::plan(app, tx, chain, &asleep)).await?;
    while !plan.items.is_empty() {
        match send_plan(app, chain, key, &plan).await {
            Err(FlushFailed::Impossible(error)) if plan.items.len() == 1 => {
                resting.rest(&plan.targets, app.now());
                return Err(FlushFailed::Impossible(error));
            }
            Err(FlushFailed::Impossible(_)) => plan.halve(),
            result => return result.map(|_| ()),
        }
    }
    Ok(())
}

/// Flushes native coin that came without a transfer a watcher can see.
async fn send_unseen(app: &SharedApp, chain: &Chain, key: &GasKey, resting: &Resting) -> Result<(), FlushFailed> {
    let mut busy = resting.now(app.now());
    for open in app.store.read(|tx| chain_txs::open(tx, &chain.name)).await? {
        busy.extend(settlement::targets(&open).into_iter().map(|target| target.attempt));
    }
    let plan = claims::unseen_native(app, chain, &busy).await?;
    if plan.items.is_empty() { Ok(()) } else { send_plan(app, chain, key, &plan).await.map(|_| ()) }
}

/// Signs, stores and sends one batch; answers the transaction's hash. The worker sees it to its end.
pub async fn send_plan(app: &SharedApp, chain: &Chain, key: &GasKey, plan: &Plan) -> Result<String, FlushFailed> {
    let (row, bytes) = sign_new(app, chain, key, plan).await?;
    crash_point("before_store_flush");
    let stored = (row.clone(), bytes.clone());
    app.store.write(move |tx| settlement::store_new(tx, &stored.0, &stored.1)).await?;
    crash_point("after_store_flush");
    tracing::info!(chain = chain.name, nonce = row.nonce, forwarders = plan.items.len(), hash = bytes.hash, "Flushing");
    send(chain, &bytes).await;
    crash_point("after_send_flush");
    Ok(bytes.hash)
}

async fn sign_new(app: &App, chain: &Chain, key: &GasKey, plan: &Plan) -> Result<(ChainTxRow, BytesRow), FlushFailed> {
    let input = flush_call(&plan.items);
    let factory = factory_address();
    if chain.rpc.code(factory).await?.is_empty() {
        return Err(FlushFailed::NoFactory);
    }
    let fees = suggest(gas_market::now(&chain.rpc).await?, chain.flush.max_fee_per_gas)?;
    let call = CallRequest { from: Some(key.address()), to: factory, value: 0, input: input.clone() };
    let estimate = chain.rpc.estimate_gas(&call).await.map_err(|error| match error {
        refused @ RpcError::Node { .. } => FlushFailed::Impossible(refused),
        other => FlushFailed::Rpc(other),
    })?;
    let sender = name_of(key.address());
    let last = app.store.read(|tx| chain_txs::last_nonce(tx, &chain.name, &sender)).await?;
    let on_chain = chain.rpc.transaction_count(key.address(), "latest").await?;
    let request = TxRequest {
        chain_id: chain.chain_id,
        nonce: last.map_or(0, |last| last + 1).max(on_chain),
        to: factory,
        value: 0,
        // states change between the estimate and the block: a fifth more
        gas_limit: estimate.saturating_add(estimate / 5),
        fees,
        input,
    };
    let signed = key.sign(&request)?;
    let now = app.now();
    let row = ChainTxRow {
        chain: chain.name.clone(),
        sender,
        nonce: request.nonce,
        state: "pending".into(),
        items: serde_json::to_string(&plan.targets).map_err(|error| StoreError::Inconsistent(error.to_string()))?,
        receiver: name_of(factory),
        call_data: hex::encode(&request.input),
        gas_limit: request.gas_limit,
        mined_hash: None,
        mined_block: None,
        succeeded: None,
        note: None,
        created_at: now,
        due_at: now,
    };
    Ok((row, bytes_row(0, &request, &signed, now)))
}

fn name_of(address: Address) -> String {
    format!("{address:#x}")
}

fn bytes_row(revision: i64, request: &TxRequest, signed: &SignedTx, now: Time) -> BytesRow {
    let (max_fee, tip) = gas_market::columns(request.fees);
    BytesRow { revision, hash: signed.hash.to_string(), raw: hex::encode(&signed.raw), max_fee, tip, created_at: now }
}

/// Sends stored bytes. Whatever the node says, the chain is asked afterwards: the same bytes may be sent any number of times.
async fn send(chain: &Chain, bytes: &BytesRow) {
    let Ok(raw) = hex::decode(&bytes.raw) else {
        tracing::error!(chain = chain.name, hash = bytes.hash, "The stored bytes of a transaction are damaged");
        return;
    };
    if let Err(error) = chain.rpc.send_raw(&Bytes::from(raw)).await {
        match &error {
            // there already, or mined meanwhile
            RpcError::Node { message, .. }
                if ["already", "known", "nonce too low"].iter().any(|w| message.contains(w)) => {}
            RpcError::Node { .. } => {
                tracing::warn!(chain = chain.name, hash = bytes.hash, %error, "A flush was refused; it will be sent again");
            }
            _ => {
                tracing::debug!(chain = chain.name, hash = bytes.hash, %error, "A send was not confirmed; the chain is asked")
            }
        }
    }
}
