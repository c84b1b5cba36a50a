//! What all senders of transactions share: signing under the next nonce, sending stored bytes, seeing them to their end.

pub mod chase;

use alloy_primitives::{Address, Bytes, hex};
use domain::Time;
use rails::evm::fees::suggest;
use rails::evm::rpc::{CallRequest, RpcError};
use rails::evm::sign::{GasKey, SignedTx, TxRequest};

use crate::app::chains::Chain;
use crate::app::{App, gas_market};
use crate::store::StoreError;
use crate::store::chain_txs::{self, BytesRow, ChainTxRow, Purpose};

#[derive(Debug, thiserror::Error)]
pub enum SendFailed {
    #[error(transparent)]
    Rpc(#[from] RpcError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Fee(#[from] rails::evm::fees::FeeError),
    #[error(transparent)]
    Sign(#[from] rails::evm::sign::SignError),
    #[error("the node finds this call impossible: {0}")]
    Impossible(RpcError),
}

/// What is to be signed.
#[derive(Debug)]
pub struct NewCall {
    pub purpose: Purpose,
    /// What it is for, as JSON.
    pub items: String,
    pub to: Address,
    pub input: Bytes,
}

/// Signs a call under the key's next nonce. Nothing is stored.
pub async fn sign_new(
    app: &App,
    chain: &Chain,
    key: &GasKey,
    new: NewCall,
) -> Result<(ChainTxRow, BytesRow), SendFailed> {
    let fees = suggest(gas_market::now(&chain.rpc).await?, chain.flush.max_fee_per_gas)?;
    let call = CallRequest { from: Some(key.address()), to: new.to, value: 0, input: new.input };
    let estimate = chain.rpc.estimate_gas(&call).await.map_err(|error| match error {
        refused @ RpcError::Node { .. } => SendFailed::Impossible(refused),
        other => SendFailed::Rpc(other),
    })?;
    let sender = name_of(key.address());
    let last = app.store.read(|tx| chain_txs::last_nonce(tx, &chain.name, &sender)).await?;
    let on_chain = chain.rpc.transaction_count(key.address(), "latest").await?;
    let request = TxRequest {
        chain_id: chain.chain_id,
        nonce: last.map_or(0, |last| last + 1).max(on_chain),
        to: new.to,
        value: 0,
        // states change between the estimate and the block: a fifth more
        gas_limit: estimate.saturating_add(estimate / 5),
        fees,
        input: call.input,
    };
    let signed = key.sign(&request)?;
    let now = app.now();
    let row = ChainTxRow {
        chain: chain.name.clone(),
        sender,
        nonce: request.nonce,
        purpose: new.purpose,
        state: "pending".into(),
        items: new.items,
        receiver: name_of(new.to),
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

/// An account as rows hold senders and receivers: lower-case hex.
pub fn name_of(address: Address) -> String {
    format!("{address:#x}")
}

pub(super) fn bytes_row(revision: i64, request: &TxRequest, signed: &SignedTx, now: Time) -> BytesRow {
    let (max_fee, tip) = gas_market::columns(request.fees);
    BytesRow { revision, hash: signed.hash.to_string(), raw: hex::encode(&signed.raw), max_fee, tip, created_at: now }
}

/// Sends stored bytes. Whatever the node says, the chain is asked afterwards: the same bytes may be sent any number of times.
pub async fn send(chain: &Chain, bytes: &BytesRow) {
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
                tracing::warn!(chain = chain.name, hash = bytes.hash, %error, "A transaction was refused; it will be sent again");
            }
            _ => {
                tracing::debug!(chain = chain.name, hash = bytes.hash, %error, "A send was not confirmed; the chain is asked")
            }
        }
    }
}
