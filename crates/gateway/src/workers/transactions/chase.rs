//! What became of the transactions on their way: ask, send the same bytes again, or replace them under the same nonce.

use alloy_primitives::{Address, B256, hex};
use domain::confirmations::depth;
use domain::time::SECOND;
use rails::evm::fees::{FeeError, bump};
use rails::evm::rpc::Receipt;
use rails::evm::sign::{GasKey, TxRequest};

use super::{SendFailed, bytes_row, send};
use crate::app::chains::Chain;
use crate::app::treasury::send::receiver_of;
use crate::app::{App, SharedApp, gas_market};
use crate::crash::crash_point;
use crate::store::chain_txs::{self, BytesRow, ChainTxRow, Purpose};
use crate::store::{StoreError, blocks};

/// Between two looks at a transaction on its way.
const LOOK_AGAIN_MILLIS: i64 = 2 * SECOND;
/// Between two looks at the nonce of one that waits for its signature.
const LOOK_AT_NONCE_MILLIS: i64 = 30 * SECOND;

/// What a transaction is sent for: whose they are, and what their end means. Both ends write the row.
pub trait Errand: Send {
    const PURPOSE: Purpose;

    /// One is in a block that is as deep as anything must be, and the watcher has recorded all up to there.
    fn over(
        &mut self,
        app: &SharedApp,
        chain: &Chain,
        row: ChainTxRow,
    ) -> impl Future<Output = Result<(), SendFailed>> + Send;

    /// Its nonce was used by what this gateway did not sign, and that is final: none of its bytes can ever be mined.
    fn dead(
        &mut self,
        app: &SharedApp,
        chain: &Chain,
        row: ChainTxRow,
    ) -> impl Future<Output = Result<(), SendFailed>> + Send;
}

/// `key` signs replacements of its own transactions. Of all others, whoever signed them, only the stored bytes are sent.
pub async fn all<E: Errand>(
    app: &SharedApp,
    chain: &Chain,
    key: Option<&GasKey>,
    errand: &mut E,
) -> Result<(), SendFailed> {
    let now = app.now();
    let mut first_error = Ok(());
    for row in app.store.read(|tx| chain_txs::open(tx, &chain.name, E::PURPOSE)).await? {
        // later than it is ever put off is a clock that was ahead
        if row.due_at > now && row.due_at <= now.plus(2 * LOOK_AT_NONCE_MILLIS) {
            continue;
        }
        // one that cannot be seen to its end does not hold up the others
        if let Err(error) = one(app, chain, key, row, errand).await
            && first_error.is_ok()
        {
            first_error = Err(error);
        }
    }
    first_error
}

async fn one<E: Errand>(
    app: &SharedApp,
    chain: &Chain,
    key: Option<&GasKey>,
    mut row: ChainTxRow,
    errand: &mut E,
) -> Result<(), SendFailed> {
    let sent = app.store.read(|tx| chain_txs::bytes(tx, &row)).await?;
    if let Some(receipt) = receipt_of(chain, &sent).await? {
        return mined(app, chain, row, &receipt, errand).await;
    }
    let sender: Address = row.sender.parse().map_err(|_| damaged(&row, "sender"))?;
    let used = chain.rpc.transaction_count(sender, "latest").await?;
    // the height as of which another transaction's use of the nonce was found, if it was
    let found_used = row.mined_block.filter(|_| row.mined_hash.is_none());
    if used > row.nonce
        && (found_used.is_some() || row.mined_block.is_none_or(|block| gone_for_good(chain, block)))
        && let Some(block) = used_by_others(chain, sender, row.nonce).await?
    {
        // a transfer is paid anew after this: first it must be as final as anything, and the watcher past it
        let since = found_used.unwrap_or(block);
        if E::PURPOSE == Purpose::Transfer && !gone_for_good(chain, since) {
            row.mined_block = Some(since);
            row.note = Some("another transaction used its nonce; waiting until that is final".into());
            row.due_at = app.now().plus(LOOK_AGAIN_MILLIS);
            return save(app, row).await;
        }
        // the nonce is used, and by none of our bytes: whatever it was, ours are dead
        if let Some(receipt) = receipt_of(chain, &sent).await? {
            return mined(app, chain, row, &receipt, errand).await;
        }
        let note = "the nonce was used by a transaction that this gateway did not make".to_owned();
        // what was signed elsewhere may have been sent by whoever has it
        if !sent.is_empty() {
            tracing::error!(chain = chain.name, nonce = row.nonce, "A transaction is parked: {note}");
        }
        return errand.dead(app, chain, ChainTxRow { state: "parked".into(), note: Some(note), ..row }).await;
    }
    if sent.is_empty() && row.state == "unsigned" {
        // there is nothing to send until its bytes are brought; its nonce is looked at now and then
        (row.mined_block, row.due_at) = (None, app.now().plus(LOOK_AT_NONCE_MILLIS));
        return save(app, row).await;
    }
    push(app, chain, key.filter(|key| key.address() == sender), row, sent).await
}

fn damaged(row: &ChainTxRow, what: &str) -> StoreError {
    StoreError::Inconsistent(format!("transaction {} has a damaged {what}", row.nonce))
}

/// What a node says of the first of these bytes that is in a block.
async fn receipt_of(chain: &Chain, sent: &[BytesRow]) -> Result<Option<Receipt>, SendFailed> {
    for bytes in sent {
        let Ok(hash) = bytes.hash.parse::<B256>() else { continue };
        if let Some(receipt) = chain.rpc.receipt(hash).await? {
            return Ok(Some(receipt));
        }
    }
    Ok(None)
}

fn gone_for_good(chain: &Chain, block: u64) -> bool {
    chain.health().read_up_to.is_some_and(|read| depth(read, block) > chain.confirmations.deepest())
}

/// Many nodes keep the state of no more than the last 128 blocks.
const STATE_KEPT: u64 = 64;

/// The height, deep enough, as of which the nonce is used: then no usual reorganisation brings it back.
async fn used_by_others(chain: &Chain, sender: Address, nonce: u64) -> Result<Option<u64>, SendFailed> {
    let head = chain.rpc.block_number().await?;
    let Some(deep) = (head + 1).checked_sub(chain.confirmations.deepest().min(STATE_KEPT)) else { return Ok(None) };
    let used = chain.rpc.transaction_count(sender, &format!("{deep:#x}")).await?;
    Ok((used > nonce).then_some(deep))
}

async fn mined<E: Errand>(
    app: &SharedApp,
    chain: &Chain,
    mut row: ChainTxRow,
    receipt: &Receipt,
    errand: &mut E,
) -> Result<(), SendFailed> {
    let is_final = is_recorded(app, chain, receipt).await?;
    row.state = if is_final { "final" } else { "mined" }.into();
    row.mined_hash = Some(receipt.transaction_hash.to_string());
    row.mined_block = Some(receipt.block_number);
    row.succeeded = Some(receipt.succeeded());
    row.note = None;
    row.due_at = app.now().plus(LOOK_AGAIN_MILLIS);
    if is_final { errand.over(app, chain, row).await } else { save(app, row).await }
}

/// Whether the watcher has read so far past a receipt's block that all it moved is recorded, and has read that very block: a receipt
/// may be of a block that left the chain meanwhile.
async fn is_recorded(app: &SharedApp, chain: &Chain, receipt: &Receipt) -> Result<bool, SendFailed> {
    let read = app.store.read(|tx| blocks::recent(tx, &chain.name)).await?;
    let (Some((oldest, _)), Some((newest, _))) = (read.first(), read.last()) else { return Ok(false) };
    let (number, hash) = (receipt.block_number, receipt.block_hash.to_string());
    let is_known = number < *oldest || read.iter().any(|block| *block == (number, hash.clone()));
    Ok(is_known && depth(*newest, number) >= chain.confirmations.deepest())
}

/// Sends the newest bytes again, or better paid ones if these have waited too long.
async fn push(
    app: &SharedApp,
    chain: &Chain,
    key: Option<&GasKey>,
    mut row: ChainTxRow,
    sent: Vec<BytesRow>,
) -> Result<(), SendFailed> {
    let Some(newest) = sent.last() else {
        return Err(StoreError::Inconsistent(format!("transaction {} has no bytes", row.nonce)).into());
    };
    let now = app.now();
    let mut bytes = newest.clone();
    // called off: the row's call is no longer that of the newest bytes
    let is_redirected = receiver_of(newest).is_some_and(|receiver| receiver != row.receiver);
    if let Some(key) = key
        && (is_redirected || now.since(newest.created_at) >= chain.flush.bump_after_millis)
        && let Some(better) = replacement(app, chain, key, &row, newest).await?
    {
        let (kept, with) = (row.clone(), better.clone());
        match app.store.write(move |tx| chain_txs::insert_bytes(tx, &kept, &with)).await {
            // another process on this database replaced it at the same moment
            Err(error) if error.is_taken() => return Ok(()),
            stored => stored?,
        }
        crash_point("after_store_replacement");
        tracing::info!(chain = chain.name, nonce = row.nonce, hash = better.hash, "Replacing a slow transaction");
        bytes = better;
    }
    // what was called off is not sent again by us; what calls it off is signed elsewhere
    if key.is_some() || !is_redirected {
        send(chain, &bytes).await;
    }
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
) -> Result<Option<BytesRow>, SendFailed> {
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
        to: row.receiver.parse().map_err(|_| damaged(row, "receiver"))?,
        value: 0,
        gas_limit: row.gas_limit,
        fees,
        input: hex::decode(&row.call_data).map_err(|_| damaged(row, "call"))?.into(),
    };
    let signed = key.sign(&request)?;
    Ok(Some(bytes_row(newest.revision + 1, &request, &signed, app.now())))
}

/// Writes what is known of a transaction.
pub async fn save(app: &SharedApp, row: ChainTxRow) -> Result<(), SendFailed> {
    Ok(app.store.write(move |tx| chain_txs::update(tx, &row)).await?)
}
