//! Sends what the treasury pays over one chain, and sees each transaction to its end.
//!
//! Order of steps, each safe to be cut off after: look → sign → store the bytes, the nonce and the transfer as *sending* → send →
//! ask → record. A crash before the bytes are stored loses nothing; after it, only the same bytes are sent again. Two processes on one
//! database may sign for the same transfer or nonce, but only one of them stores, and only what is stored is sent.

use std::time::Duration;

use domain::time::SECOND;
use domain::transfer::Kind;
use rails::evm::rpc::RpcError;
use rails::evm::sign::GasKey;
use rails::evm::token::{balance_of, transfer_call};
use tokio_util::sync::CancellationToken;

use super::transactions::chase::{self, Errand};
use super::transactions::{NewCall, SendFailed, send, sign_new};
use super::{Trouble, rest};
use crate::app::SharedApp;
use crate::app::chains::{Chain, Treasury};
use crate::app::transfers::park;
use crate::app::treasury::plan::Verdict;
use crate::app::treasury::send::{self as cases, Carried};
use crate::app::treasury::wallets;
use crate::crash::crash_point;
use crate::store::StoreError;
use crate::store::chain_txs::{ChainTxRow, Purpose};
use crate::store::transfers::{self, TransferRow};

const QUIET: Duration = Duration::from_secs(1);
/// Looked at in one round.
const AT_ONCE: i64 = 50;
/// How long one rests that could not be sent.
const AGAIN_MILLIS: i64 = 5 * SECOND;

#[derive(Debug, thiserror::Error)]
pub enum TransferFailed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Rpc(#[from] RpcError),
    #[error(transparent)]
    Send(#[from] SendFailed),
    #[error("the treasury {0} has no native coin to pay {1} wei of gas with")]
    NoGas(String, u128),
}

/// Whose transactions are followed: the treasury's.
struct Transfers;

impl Errand for Transfers {
    const PURPOSE: Purpose = Purpose::Transfer;

    async fn over(&mut self, app: &SharedApp, _chain: &Chain, row: ChainTxRow) -> Result<(), SendFailed> {
        let worker = app.clone();
        app.store.write(move |tx| cases::over(&worker, tx, &row)).await?;
        app.wake.deliveries.notify_one();
        Ok(())
    }

    async fn dead(&mut self, app: &SharedApp, _chain: &Chain, row: ChainTxRow) -> Result<(), SendFailed> {
        let worker = app.clone();
        Ok(app.store.write(move |tx| cases::dead(&worker, tx, &row)).await?)
    }
}

pub async fn run(app: SharedApp, name: String, stop: CancellationToken) {
    let (sending, chasing) = (Trouble::default(), Trouble::default());
    loop {
        let (chased, sent) = round(&app, &name).await;
        let said = |result: Result<(), TransferFailed>| result.map_err(|error| format!("{name}: {error}"));
        chasing.report("Seeing transfers to their end", said(chased));
        sending.report("Sending transfers", said(sent));
        if !rest(&app.wake.treasury, QUIET, &stop).await {
            return;
        }
    }
}

/// One look at what is on its way, and at what waits.
pub async fn round(app: &SharedApp, name: &str) -> (Result<(), TransferFailed>, Result<(), TransferFailed>) {
    let Some(chain) = app.chains.get(name) else { return (Ok(()), Ok(())) };
    let treasury = chain.treasury.as_ref();
    let changed = wallets::take_effect_due(app, chain).await.map_err(TransferFailed::from);
    let key = treasury.and_then(Treasury::key);
    let chased = chase::all(app, chain, key, &mut Transfers).await.map_err(TransferFailed::from);
    let sent = match (treasury, key) {
        (Some(treasury), Some(key)) => send_due(app, chain, treasury, key).await,
        // what is signed elsewhere waits for somebody to fetch it: `app::treasury::export`
        _ => Ok(()),
    };
    (chased, changed.and(sent))
}

/// Sends what is due, oldest first. One that cannot be sent does not hold up the others.
async fn send_due(app: &SharedApp, chain: &Chain, treasury: &Treasury, key: &GasKey) -> Result<(), TransferFailed> {
    let now = app.now();
    let mut first_error = Ok(());
    for row in app.store.read(|tx| transfers::to_sign(tx, &chain.name, now, AT_ONCE)).await? {
        if !matches!(row.kind, Kind::Settlement | Kind::CoinRefund) {
            continue;
        }
        let mut waiting = row.clone();
        if let Err(error) = send_one(app, chain, treasury, key, row).await {
            // nothing of it was stored: the row says what it waits for, and lets others by
            (waiting.due_at, waiting.note) = (Some(app.now().plus(AGAIN_MILLIS)), Some(error.to_string()));
            write(app, waiting).await?;
            if first_error.is_ok() {
                first_error = Err(error);
            }
        }
    }
    first_error
}

/// Signs, stores and sends one transfer, if it may go now.
async fn send_one(
    app: &SharedApp,
    chain: &Chain,
    treasury: &Treasury,
    key: &GasKey,
    mut row: TransferRow,
) -> Result<(), TransferFailed> {
    let now = app.now();
    let (token, to, units) = match app.store.read(|tx| cases::look(tx, chain, treasury, &row, now)).await? {
        Verdict::Send { token, to, units } => (token, to, units),
        Verdict::Park(why) => {
            park(&mut row, why);
            return write(app, row).await;
        }
        Verdict::Wait { until, why } => {
            (row.due_at, row.note) = (Some(until), Some(why));
            return write(app, row).await;
        }
    };
    let items =
        serde_json::to_string(&Carried::of(&row)).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    let new = NewCall { purpose: Purpose::Transfer, items, to: token, input: transfer_call(to, units) };
    let signed = match sign_new(app, chain, key, new).await {
        Err(SendFailed::Impossible(error)) if is_refusal(&error) => {
            let held = balance_of(&chain.rpc, token, key.address(), None).await?;
            let held = held.map_or("an unknown amount".into(), |held| held.to_string());
            park(&mut row, format!("the node finds it impossible: {error}; the treasury holds {held} smallest units"));
            return write(app, row).await;
        }
        signed => signed?,
    };
    let cost = u128::from(signed.0.gas_limit).saturating_mul(signed.1.max_fee);
    if chain.rpc.balance(key.address()).await? < alloy_primitives::U256::from(cost) {
        return Err(TransferFailed::NoGas(key.address().to_string(), cost));
    }
    crash_point("transfer.before_store");
    if !store(app, &chain.name, row, signed.clone()).await? {
        return Ok(());
    }
    crash_point("transfer.after_store");
    let (sent, bytes) = signed;
    tracing::info!(chain = chain.name, nonce = sent.nonce, hash = bytes.hash, "Sending a transfer");
    send(chain, &bytes).await;
    crash_point("transfer.after_send");
    Ok(())
}

/// Whether it is the call that the node refuses, not the question.
fn is_refusal(error: &RpcError) -> bool {
    let RpcError::Node { message, .. } = error else { return false };
    let message = message.to_lowercase();
    ["revert", "exceeds", "invalid opcode", "always failing"].iter().any(|word| message.contains(word))
}

/// False when another process was quicker with the transfer or the nonce; the next round looks again.
async fn store(
    app: &SharedApp,
    chain: &str,
    row: TransferRow,
    signed: (ChainTxRow, crate::store::chain_txs::BytesRow),
) -> Result<bool, StoreError> {
    let (worker, name) = (app.clone(), chain.to_owned());
    let stored = app
        .store
        .write(move |tx| {
            let Some(chain) = worker.chains.get(&name) else { return Ok(false) };
            let Some(treasury) = &chain.treasury else { return Ok(false) };
            cases::store(&worker, tx, chain, treasury, &row, (&signed.0, &signed.1))
        })
        .await;
    match stored {
        Err(error) if error.is_taken() => Ok(false),
        stored => stored,
    }
}

/// Writes a verdict, unless somebody else has changed the transfer meanwhile: then it is looked at again.
async fn write(app: &SharedApp, row: TransferRow) -> Result<(), TransferFailed> {
    let written = app
        .store
        .write(move |tx| {
            let mut row = row;
            let now = transfers::existing(tx, &row.merchant_id, &row.id)?;
            if now.fence == row.fence { transfers::update(tx, &mut row) } else { Ok(()) }
        })
        .await;
    Ok(written?)
}
