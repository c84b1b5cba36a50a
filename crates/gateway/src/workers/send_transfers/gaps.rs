//! Finds nonces that the chain never saw used below those on their way, and fills them: nothing behind them could ever be mined.

use alloy_primitives::{Address, Bytes};
use domain::time::SECOND;
use rails::evm::fees::{bump, suggest};
use rails::evm::rpc::CallRequest;
use rails::evm::sign::{GasKey, TxRequest};

use super::{TransferFailed, write};
use crate::app::chains::Chain;
use crate::app::transfers::park;
use crate::app::treasury::gaps as cases;
use crate::app::{SharedApp, gas_market};
use crate::crash::crash_point;
use crate::store::StoreError;
use crate::store::chain_txs::{self, ChainTxRow, Purpose};
use crate::workers::transactions::{SendFailed, bytes_row, name_of, send};

/// A transaction that has waited no longer than this waits for no gap: nodes take a moment to agree.
const GAP_AFTER_MILLIS: i64 = 60 * SECOND;
/// Filled in one round.
const AT_ONCE: usize = 16;

/// Shows what comes to no end, whoever signs it.
pub(super) async fn show_slow(app: &SharedApp, chain: &Chain) -> Result<(), TransferFailed> {
    for (mut row, why) in app.store.read(|tx| cases::slow(tx, &chain.name, app.now())).await? {
        park(&mut row, why);
        write(app, row).await?;
    }
    Ok(())
}

/// Fills the nonces that nothing uses.
pub(super) async fn fill(app: &SharedApp, chain: &Chain, key: &GasKey) -> Result<(), TransferFailed> {
    let sender = name_of(key.address());
    let look = |tx: &crate::store::Tx<'_>| {
        let mut open = chain_txs::open(tx, &chain.name, Purpose::Transfer)?.into_iter();
        let lowest = open.find(|row| row.sender == sender && row.state == "pending");
        let lost = chain_txs::without_bytes(tx, &chain.name, &sender, Purpose::Transfer)?;
        Ok::<_, StoreError>((lowest, lost))
    };
    let (lowest, lost) = app.store.read(look).await?;
    for row in lost {
        let nonce = row.nonce;
        one(app, chain, key, Some(row), nonce).await?;
    }
    let Some(lowest) = lowest.filter(|row| app.now().since(row.created_at) >= GAP_AFTER_MILLIS) else { return Ok(()) };
    let used = chain.rpc.transaction_count(key.address(), "latest").await?;
    for nonce in (used..lowest.nonce).take(AT_ONCE) {
        let known = app.store.read(|tx| chain_txs::by_nonce(tx, &chain.name, &sender, nonce)).await?;
        if known.as_ref().is_some_and(|row| row.state == "unsigned") {
            // given out while the key was elsewhere: whoever has it may still send it, and nothing goes before it is decided
            show_behind(app, &lowest, nonce).await?;
            continue;
        }
        let is_over =
            |row: &ChainTxRow| row.state == "parked" || (row.state == "final" && row.succeeded == Some(false));
        if !known.as_ref().is_none_or(is_over) {
            // the node is behind, or a reorganisation is on its way to whoever looks after this one: it is sent again by itself
            tracing::warn!(chain = chain.name, nonce, "A node counts fewer transactions than are in blocks");
            return Ok(());
        }
        one(app, chain, key, known, nonce).await?;
    }
    Ok(())
}

/// Shows what stands behind a nonce that was given out to be signed.
async fn show_behind(app: &SharedApp, lowest: &ChainTxRow, nonce: u64) -> Result<(), TransferFailed> {
    for mut row in app.store.read(|tx| cases::on_their_way(tx, lowest)).await? {
        if row.parked.is_none() {
            let why = format!(
                "nonce {nonce} before it waits to be signed: `lockgate treasury import` its file, or sign what `treasury export --call-off` \
                 gives out for it"
            );
            park(&mut row, why);
            write(app, row).await?;
        }
    }
    Ok(())
}

/// Signs, stores and sends a transaction to ourselves that moves nothing, under a nonce.
async fn one(
    app: &SharedApp,
    chain: &Chain,
    key: &GasKey,
    known: Option<ChainTxRow>,
    nonce: u64,
) -> Result<(), TransferFailed> {
    let to: Address = key.address();
    let gas_limit = chain.rpc.estimate_gas(&CallRequest { from: Some(to), to, value: 0, input: Bytes::new() }).await?;
    let before = match &known {
        Some(row) => app.store.read(|tx| chain_txs::bytes(tx, row)).await?.pop(),
        None => None,
    };
    let (market, cap) = (gas_market::now(&chain.rpc).await?, chain.flush.max_fee_per_gas);
    let fees = match &before {
        Some(before) => bump(gas_market::fees_of(before), market, cap),
        None => suggest(market, cap),
    };
    let fees = fees.map_err(SendFailed::from)?;
    let request = TxRequest { chain_id: chain.chain_id, nonce, to, value: 0, gas_limit, fees, input: Bytes::new() };
    let signed = key.sign(&request).map_err(SendFailed::from)?;
    let now = app.now();
    // above zero says that the first bytes under this nonce were others
    let revision = before.map_or(i64::from(known.is_some()), |before| before.revision + 1);
    let bytes = bytes_row(revision, &request, &signed, now);
    let empty = ChainTxRow {
        chain: chain.name.clone(),
        sender: name_of(to),
        nonce,
        purpose: Purpose::Transfer,
        state: "pending".into(),
        items: "[]".into(),
        receiver: name_of(to),
        call_data: String::new(),
        gas_limit,
        mined_hash: None,
        mined_block: None,
        succeeded: None,
        note: Some("nothing used this nonce: it is filled by a transaction that moves nothing".into()),
        created_at: now,
        due_at: now,
    };
    let kept = bytes.clone();
    match app.store.write(move |tx| cases::fill(tx, known.as_ref(), &empty, &kept)).await {
        Ok(true) => {}
        Ok(false) => return Ok(()),
        // another process was quicker
        Err(error) if error.is_taken() => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    crash_point("gap.after_store");
    tracing::error!(
        chain = chain.name,
        nonce,
        hash = bytes.hash,
        "A nonce that nothing used is filled by an empty transaction"
    );
    send(chain, &bytes).await;
    Ok(())
}
