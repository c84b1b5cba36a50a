//! What became of the transactions on their way: ask, send the same bytes again, or replace them under the same nonce.

use alloy_primitives::{Address, B256, hex};
use domain::confirmations::depth;
use rails::evm::fees::{FeeError, bump};
use rails::evm::rpc::Receipt;
use rails::evm::sign::{GasKey, TxRequest};

use super::{FlushFailed, LOOK_AGAIN_MILLIS, Resting, bytes_row, name_of, send};
use crate::app::chains::Chain;
use crate::app::{App, SharedApp, gas_market, settlement};
use crate::crash::crash_point;
use crate::store::StoreError;
use crate::store::chain_txs::{self, BytesRow, ChainTxRow};

pub async fn all(app: &SharedApp, chain: &Chain, key: &GasKey, resting: &mut Resting) -> Result<(), FlushFailed> {
    let now = app.now();
    let mut first_error = Ok(());
    for row in app.store.read(|tx| chain_txs::open(tx, &chain.name)).await? {
        if row.due_at > now {
            continue;
        }
        // one that cannot be seen to its end does not hold up the others
        if let Err(error) = one(app, chain, key, row, resting).await
            && first_error.is_ok()
        {
            first_error = Err(error);
        }
    }
    first_error
}

async fn one(
    app: &SharedApp,
    chain: &Chain,
    key: &GasKey,
    row: ChainTxRow,
    resting: &mut Resting,
) -> Result<(), FlushFailed> {
    let sent = app.store.read(|tx| chain_txs::bytes(tx, &row)).await?;
    for bytes in &sent {
        let Ok(hash) = bytes.hash.parse::<B256>() else { continue };
        if let Some(receipt) = chain.rpc.receipt(hash).await? {
            return mined(app, chain, row, &receipt, resting).await;
        }
    }
    if row.sender != name_of(key.address()) {
        // another gas key's: only its stored bytes may be sent, and nothing can be signed for it
        if let Some(newest) = sent.last() {
            send(chain, newest).await;
        }
        return save(app, ChainTxRow { due_at: app.now().plus(LOOK_AGAIN_MILLIS), ..row }).await;
    }
    let sender: Address = key.address();
    let used = chain.rpc.transaction_count(sender, "latest").await?;
    if used > row.nonce && row.mined_block.is_none_or(|block| gone_for_good(chain, block)) {
        // the nonce is used, and by none of our bytes: whatever it was, ours are dead
        if confirmed_by_others(chain, sender, row.nonce).await? {
            let note = "the nonce was used by a transaction that this gateway did not make".to_owned();
            tracing::error!(chain = chain.name, nonce = row.nonce, "A flush is parked: {note}");
            return save(app, ChainTxRow { state: "parked".into(), note: Some(note), ..row }).await;
        }
    }
    push(app, chain, key, row, sent).await
}

fn gone_for_good(chain: &Chain, block: u64) -> bool {
    chain.health().head.is_some_and(|head| depth(head, block) > chain.confirmations.deepest())
}

/// Many nodes keep the state of no more than the last 128 blocks.
const STATE_KEPT: u64 = 64;

/// Whether the nonce is used even as of a block that is deep enough: then no reorganisation brings it back.
async fn confirmed_by_others(chain: &Chain, sender: Address, nonce: u64) -> Result<bool, FlushFailed> {
    let head = chain.rpc.block_number().await?;
    let Some(deep) = (head + 1).checked_sub(chain.confirmations.deepest().min(STATE_KEPT)) else { return Ok(false) };
    Ok(chain.rpc.transaction_count(sender, &format!("{deep:#x}")).await? > nonce)
}

async fn mined(
    app: &SharedApp,
    chain: &Chain,
    mut row: ChainTxRow,
    receipt: &Receipt,
    resting: &mut Resting,
) -> Result<(), FlushFailed> {
    // as far as the watcher has read: by then it has recorded what the flush moved
    let read_up_to = chain.health().read_up_to.unwrap_or(0);
    let is_final = depth(read_up_to, receipt.block_number) >= chain.confirmations.deepest();
    row.state = if is_final { "final" } else { "mined" }.into();
    row.mined_hash = Some(receipt.transaction_hash.to_string());
    row.mined_block = Some(receipt.block_number);
    row.succeeded = Some(receipt.succeeded());
    row.due_at = app.now().plus(LOOK_AGAIN_MILLIS);
    if is_final {
        let targets = settlement::targets(&row);
        let left = app.store.read(|tx| settlement::still_lying(tx, chain, &targets, receipt.block_number)).await?;
        if !left.is_empty() {
            row.note = Some(format!("{} forwarders were not emptied", left.len()));
            tracing::warn!(chain = chain.name, nonce = row.nonce, forwarders = left.len(), "A flush left money behind");
            resting.rest(&left, app.now());
        }
    }
    save(app, row).await
}

/// Sends the newest bytes again, or better paid ones if these have waited too long.
async fn push(
    app: &SharedApp,
    chain: &Chain,
    key: &GasKey,
    mut row: ChainTxRow,
    sent: Vec<BytesRow>,
) -> Result<(), FlushFailed> {
    let Some(newest) = sent.last() else {
        return Err(StoreError::Inconsistent(format!("transaction {} has no bytes", row.nonce)).into());
    };
    let now = app.now();
    let mut bytes = newest.clone();
    if now.since(newest.created_at) >= chain.flush.bump_after_millis
        && let Some(better) = replacement(app, chain, key, &row, newest).await?
    {
        let (kept, with) = (row.clone(), better.clone());
        app.store.write(move |tx| chain_txs::insert_bytes(tx, &kept, &with)).await?;
        crash_point("after_store_replacement");
        tracing::info!(chain = chain.name, nonce = row.nonce, hash = better.hash, "Replacing a slow transaction");
        bytes = better;
    }
    send(chain, &bytes).await;
    row.state = "pending".into();
    (row.mined_hash, row.mined_block, row.succeeded) = (None, None, None);
    row.due_at = now.plus(LOOK_AGAIN_MILLIS);
    save(app, row).await
}

/// The same call under the same nonce, better paid; `None` when that would cost more than the operator allows.
async fn replacement(
    app: &App,
    chain: &Chain,
    key: &GasKey,
    row: &ChainTxRow,
    newest: &BytesRow,
) -> Result<Option<BytesRow>, FlushFailed> {
    let damaged = |what: &str| StoreError::Inconsistent(format!("transaction {} has a damaged {what}", row.nonce));
    let fees = match bump(gas_market::fees_of(newest), gas_market::now(&chain.rpc).await?, chain.flush.max_fee_per_gas)
    {
        Ok(fees) => fees,
        Err(error @ FeeError::AboveCap { .. }) => {
            tracing::warn!(chain = chain.name, nonce = row.nonce, %error, "A slow transaction is not replaced");
            return Ok(None);
        }
    };
    let request = TxRequest {
        chain_id: chain.chain_id,
        nonce: row.nonce,
        to: row.receiver.parse().map_err(|_| damaged("receiver"))?,
        value: 0,
        gas_limit: row.gas_limit,
        fees,
        input: hex::decode(&row.call_data).map_err(|_| damaged("call"))?.into(),
    };
    let signed = key.sign(&request)?;
    Ok(Some(bytes_row(newest.revision + 1, &request, &signed, app.now())))
}

async fn save(app: &SharedApp, row: ChainTxRow) -> Result<(), FlushFailed> {
    Ok(app.store.write(move |tx| chain_txs::update(tx, &row)).await?)
}
