//! Sends what the treasury pays over one chain, and sees each transaction to its end.
//!
//! Order of steps, each safe to be cut off after: look → sign → store the bytes, the nonce and the transfer as *sending* → send →
//! ask → record. A crash before the bytes are stored loses nothing; after it, only the same bytes are sent again. Two processes on one
//! database may sign for the same transfer or nonce, but only one of them stores, and only what is stored is sent.

mod batches;
mod gaps;

use std::time::Duration;

use domain::time::SECOND;
use domain::transfer::Kind;
use rails::evm::rpc::RpcError;
use rails::evm::sign::GasKey;
use rails::evm::token::{balance_of, transfer_call};
use tokio_util::sync::CancellationToken;

use super::duty::Duty;
use super::transactions::chase::{self, Errand};
use super::transactions::{NewCall, SendFailed, send, sign_new};
use super::{Trouble, rest};
use crate::app::SharedApp;
use crate::app::chains::{Chain, Treasury};
use crate::app::transfers::park;
use crate::app::treasury::plan::Verdict;
use crate::app::treasury::send as cases;
use crate::app::treasury::wallets;
use crate::crash::crash_point;
use crate::store::StoreError;
use crate::store::chain_txs::{BytesRow, ChainTxRow, Purpose};
use crate::store::transfers::{self, TransferRow};

const QUIET: Duration = Duration::from_secs(1);
/// Looked at in one round.
const AT_ONCE: i64 = 50;
/// How long one rests that could not be sent: this long at first, then twice as long each time, up to the second.
const AGAIN_MILLIS: i64 = 5 * SECOND;
const AGAIN_AT_MOST_MILLIS: i64 = 600 * SECOND;
/// After so many tries in vain, which take a day, a person looks at it.
const TRIES: u32 = 151;

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

pub async fn run(app: SharedApp, name: String, node: String, stop: CancellationToken) {
    let mut duty = Duty::new(&node, "send", &name);
    let (sending, chasing) = (Trouble::default(), Trouble::default());
    while duty.wait(&app, &stop).await.is_some() {
        let (chased, sent) = round(&app, &name).await;
        let said = |result: Result<(), TransferFailed>| result.map_err(|error| format!("{name}: {error}"));
        chasing.report("Seeing transfers to their end", said(chased));
        sending.report("Sending transfers", said(sent));
        if !rest(&app.wake.treasury, QUIET, &stop).await {
            break;
        }
    }
    duty.give_back(&app).await;
}

/// One look at what is on its way, and at what waits.
pub async fn round(app: &SharedApp, name: &str) -> (Result<(), TransferFailed>, Result<(), TransferFailed>) {
    let Some(chain) = app.chains.get(name) else { return (Ok(()), Ok(())) };
    let treasury = chain.treasury.as_ref();
    let changed = wallets::take_effect_due(app, chain).await.map_err(TransferFailed::from);
    let key = treasury.and_then(Treasury::key);
    let chased = chase::all(app, chain, key, &mut Transfers).await.map_err(TransferFailed::from);
    let shown = gaps::show_slow(app, chain).await;
    let chased = chased.and(shown);
    // what is signed elsewhere waits for somebody to fetch it: `app::treasury::export`
    let (Some(treasury), Some(key)) = (treasury, key) else { return (chased, changed) };
    let filled = gaps::fill(app, chain, key).await;
    (chased.and(filled), changed.and(send_due(app, chain, treasury, key).await))
}

/// Sends what is due, oldest first, several of one coin together where that is cheaper. One that cannot be sent does not hold up the
/// others.
async fn send_due(app: &SharedApp, chain: &Chain, treasury: &Treasury, key: &GasKey) -> Result<(), TransferFailed> {
    let now = app.now();
    let mut due = app.store.read(|tx| transfers::to_sign(tx, &chain.name, now, AT_ONCE)).await?;
    due.retain(|row| matches!(row.kind, Kind::Settlement | Kind::CoinRefund));
    let (alone, mut first_error) = batches::send(app, chain, treasury, key, due).await;
    for row in alone {
        let waiting = row.clone();
        if let Err(error) = send_one(app, chain, treasury, key, row).await {
            again_later(app, waiting, &error).await?;
            if first_error.is_ok() {
                first_error = Err(error);
            }
        }
    }
    first_error
}

/// Nothing of it was stored: the row says what it waits for, and lets others by.
async fn again_later(app: &SharedApp, mut row: TransferRow, error: &TransferFailed) -> Result<(), TransferFailed> {
    row.asked = row.asked.saturating_add(1);
    (row.due_at, row.note) = (Some(app.now().plus(pause_after(row.asked))), Some(error.to_string()));
    if row.asked >= TRIES {
        park(&mut row, format!("it could not be sent for a day: {error}"));
        row.asked = 0;
    }
    write(app, row).await
}

/// Milliseconds until the next try, after so many in vain.
fn pause_after(tries: u32) -> i64 {
    let doubled = AGAIN_MILLIS << tries.saturating_sub(1).min(16);
    doubled.min(AGAIN_AT_MOST_MILLIS)
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
            (row.due_at, row.note, row.asked) = (Some(until), Some(why), 0);
            return write(app, row).await;
        }
    };
    let new = NewCall {
        purpose: Purpose::Transfer,
        items: cases::items_of(&row)?,
        to: token,
        input: transfer_call(to, units),
    };
    let signed = match sign_new(app, chain, key, new).await {
        Err(SendFailed::Impossible(error)) if is_refusal(&error) => {
            let held = balance_of(&chain.rpc, token, key.address(), None).await?;
            let held = held.map_or("an unknown amount".into(), |held| held.to_string());
            park(&mut row, format!("the node finds it impossible: {error}; the treasury holds {held} smallest units"));
            return write(app, row).await;
        }
        signed => signed?,
    };
    store_and_send(app, chain, key, vec![row], signed).await
}

/// Stores a signed transaction with all that it carries, and sends it.
async fn store_and_send(
    app: &SharedApp,
    chain: &Chain,
    key: &GasKey,
    rows: Vec<TransferRow>,
    signed: (ChainTxRow, BytesRow),
) -> Result<(), TransferFailed> {
    can_pay(chain, key, &signed).await?;
    crash_point("transfer.before_store");
    let carried = rows.len();
    if !store(app, &chain.name, rows, signed.clone()).await? {
        return Ok(());
    }
    crash_point("transfer.after_store");
    let (sent, bytes) = signed;
    tracing::info!(
        chain = chain.name,
        nonce = sent.nonce,
        hash = bytes.hash,
        transfers = carried,
        "Sending from the treasury"
    );
    send(chain, &bytes).await;
    crash_point("transfer.after_send");
    Ok(())
}

/// Whether the treasury has the native coin that a transaction may cost.
async fn can_pay(chain: &Chain, key: &GasKey, (sent, bytes): &(ChainTxRow, BytesRow)) -> Result<(), TransferFailed> {
    let cost = u128::from(sent.gas_limit).saturating_mul(bytes.max_fee);
    match chain.rpc.balance(key.address()).await? < alloy_primitives::U256::from(cost) {
        true => Err(TransferFailed::NoGas(key.address().to_string(), cost)),
        false => Ok(()),
    }
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
    rows: Vec<TransferRow>,
    signed: (ChainTxRow, BytesRow),
) -> Result<bool, StoreError> {
    let (worker, name) = (app.clone(), chain.to_owned());
    let stored = app
        .store
        .write(move |tx| {
            let Some(chain) = worker.chains.get(&name) else { return Ok(false) };
            let Some(treasury) = &chain.treasury else { return Ok(false) };
            cases::store_all(&worker, tx, chain, treasury, &rows, (&signed.0, &signed.1))
        })
        .await;
    match stored {
        Err(error) if error.is_taken() => Ok(false),
        stored => stored,
    }
}

/// Writes a verdict, unless somebody else has changed the transfer meanwhile: then it is looked at again.
async fn write(app: &SharedApp, row: TransferRow) -> Result<(), TransferFailed> {
    write_all(app, vec![row]).await
}

async fn write_all(app: &SharedApp, rows: Vec<TransferRow>) -> Result<(), TransferFailed> {
    let written = app.store.write(move |tx| {
        rows.into_iter().try_for_each(|mut row| {
            let now = transfers::existing(tx, &row.merchant_id, &row.id)?;
            if now.fence == row.fence { transfers::update(tx, &mut row) } else { Ok(()) }
        })
    });
    Ok(written.await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::testing::{app_with_treasury, reserved};
    use domain::Time;

    #[tokio::test]
    async fn tried_in_vain_for_a_day_it_is_parked() {
        let (app, merchant) = app_with_treasury("send-in-vain").await;
        let id = reserved(&app, &merchant, false).await;
        let find = async || app.store.read(|tx| transfers::existing(tx, &merchant.id, &id)).await.unwrap();
        let (error, began) = (TransferFailed::NoGas("0xab".into(), 7), app.now());
        for tried in 1..=TRIES {
            let row = find().await;
            assert_eq!((row.parked.clone(), row.asked), (None, tried - 1));
            again_later(&app, row, &error).await.unwrap();
            assert_eq!(find().await.due_at, Some(app.now().plus(pause_after(tried))));
            if tried < TRIES {
                app.clock.advance(pause_after(tried).try_into().unwrap());
            }
        }
        assert!(app.now().since(began) >= domain::time::DAY);
        let row = find().await;
        assert!(
            row.parked.unwrap().starts_with("it could not be sent for a day: the treasury 0xab has no native coin")
        );
        let due = app.store.read(|tx| transfers::to_sign(tx, "polygon", Time(i64::MAX), 9)).await.unwrap();
        assert!(due.is_empty(), "nobody tries it before a person says so");
    }

    #[test]
    fn pauses_grow_and_make_up_a_day() {
        assert_eq!(
            [1, 2, 3, 7, 8, 9, 4_000_000_000].map(pause_after),
            [5, 10, 20, 320, 600, 600, 600].map(|s| s * SECOND)
        );
        // the last one is not waited for
        let sum: i64 = (1..TRIES).map(pause_after).sum();
        let day = domain::time::DAY;
        assert!(sum >= day && sum < day + AGAIN_AT_MOST_MILLIS, "{sum}");
    }
}
