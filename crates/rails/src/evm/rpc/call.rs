//! The calls we make, typed.

use super::quantity::Quantity;
use super::{Block, Header, RawLog, Receipt, RpcClient, RpcError};
use alloy_primitives::{Address, B256, Bytes, U256};
use serde::Deserialize;
use serde_json::{Value, json};

/// A call to try without sending it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRequest {
    /// Who would send it; `None` is the zero address.
    pub from: Option<Address>,
    /// What is called.
    pub to: Address,
    /// Native coin, in wei.
    pub value: u128,
    /// Call data.
    pub input: Bytes,
}

/// What gas cost lately, in wei per gas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeeHistory {
    /// Of the block to come.
    pub next_base_fee: u128,
    /// The asked percentile of the tips of each block, oldest first. Empty blocks give zero.
    pub tips: Vec<u128>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireFeeHistory {
    base_fee_per_gas: Vec<Quantity<u128>>,
    #[serde(default)]
    reward: Option<Vec<Vec<Quantity<u128>>>>,
}

/// All of these fail with [`RpcError`] only.
impl RpcClient {
    /// `eth_chainId`.
    pub async fn chain_id(&self) -> Result<u64, RpcError> {
        self.quantity("eth_chainId", json!([])).await
    }

    /// `eth_blockNumber`: the height of the newest block.
    pub async fn block_number(&self) -> Result<u64, RpcError> {
        self.quantity("eth_blockNumber", json!([])).await
    }

    /// The block at a height with its transactions; `None` when the node has none there (yet).
    pub async fn block_by_number(&self, number: u64) -> Result<Option<Block>, RpcError> {
        self.ask("eth_getBlockByNumber", json!([hex(number), true])).await
    }

    /// The block at a height without its transactions.
    pub async fn header_by_number(&self, number: u64) -> Result<Option<Header>, RpcError> {
        self.ask("eth_getBlockByNumber", json!([hex(number), false])).await
    }

    /// The block with a tag: `latest`, `safe`, `finalized`. Chains without the tag answer an error.
    pub async fn block_by_tag(&self, tag: &str) -> Result<Option<Header>, RpcError> {
        self.ask("eth_getBlockByNumber", json!([tag, false])).await
    }

    /// Logs of a range of heights, both included. No addresses: of any contract. `topics[i]` lists the alternatives for
    /// topic `i`; an empty list accepts any.
    pub async fn logs(
        &self,
        from: u64,
        to: u64,
        addresses: &[Address],
        topics: &[Vec<B256>],
    ) -> Result<Vec<RawLog>, RpcError> {
        self.logs_where(json!({ "fromBlock": hex(from), "toBlock": hex(to) }), addresses, topics).await
    }

    /// Logs of exactly this block. A node that does not know the block answers an error, never an empty list.
    pub async fn logs_of_block(
        &self,
        block: B256,
        addresses: &[Address],
        topics: &[Vec<B256>],
    ) -> Result<Vec<RawLog>, RpcError> {
        self.logs_where(json!({ "blockHash": block }), addresses, topics).await
    }

    async fn logs_where(
        &self,
        mut filter: Value,
        addresses: &[Address],
        topics: &[Vec<B256>],
    ) -> Result<Vec<RawLog>, RpcError> {
        if !addresses.is_empty() {
            filter["address"] = json!(addresses);
        }
        let any_or = |alternatives: &Vec<B256>| if alternatives.is_empty() { Value::Null } else { json!(alternatives) };
        filter["topics"] = topics.iter().map(any_or).collect();
        self.ask("eth_getLogs", json!([filter])).await
    }

    /// `None` while the transaction is in no block.
    pub async fn receipt(&self, tx_hash: B256) -> Result<Option<Receipt>, RpcError> {
        self.ask("eth_getTransactionReceipt", json!([tx_hash])).await
    }

    /// How many transactions the account has sent as of a tag: `latest` (in blocks) or `pending` (and in the pool).
    pub async fn transaction_count(&self, address: Address, tag: &str) -> Result<u64, RpcError> {
        self.quantity("eth_getTransactionCount", json!([address, tag])).await
    }

    /// Native coin in wei, as of the newest block.
    pub async fn balance(&self, address: Address) -> Result<U256, RpcError> {
        self.quantity("eth_getBalance", json!([address, "latest"])).await
    }

    /// The contract's code as of the newest block; empty for a wallet.
    pub async fn code(&self, address: Address) -> Result<Bytes, RpcError> {
        self.ask("eth_getCode", json!([address, "latest"])).await
    }

    /// Wei per gas, for chains without a base fee.
    pub async fn gas_price(&self) -> Result<u128, RpcError> {
        self.quantity("eth_gasPrice", json!([])).await
    }

    /// Base fee and tips of the last `blocks` blocks; `percentile` (0 to 100) is of the gas used.
    pub async fn fee_history(&self, blocks: u64, percentile: u8) -> Result<FeeHistory, RpcError> {
        let method = "eth_feeHistory";
        let history: WireFeeHistory = self.ask(method, json!([hex(blocks), "latest", [percentile]])).await?;
        let next_base_fee = history.base_fee_per_gas.last().map_or(0, |fee| fee.0);
        let rewards = history.reward.unwrap_or_default();
        Ok(FeeHistory { next_base_fee, tips: rewards.iter().filter_map(|block| Some(block.first()?.0)).collect() })
    }

    /// Units of gas with which the call succeeds now.
    pub async fn estimate_gas(&self, call: &CallRequest) -> Result<u64, RpcError> {
        self.quantity("eth_estimateGas", json!([call.json()])).await
    }

    /// What the call would return as of the newest block. A revert is [`RpcError::Node`].
    pub async fn call(&self, call: &CallRequest) -> Result<Bytes, RpcError> {
        self.ask("eth_call", json!([call.json(), "latest"])).await
    }

    /// What the call would have returned as of the block at a height; many nodes keep no more than the last 128.
    pub async fn call_at(&self, call: &CallRequest, block: u64) -> Result<Bytes, RpcError> {
        self.ask("eth_call", json!([call.json(), hex(block)])).await
    }

    /// Hands over a signed transaction. An error after which [`RpcError::outcome_unknown`] holds, or a node's "already
    /// known" or "nonce too low" after an earlier try, says nothing about success: ask for the receipt.
    pub async fn send_raw(&self, raw: &Bytes) -> Result<B256, RpcError> {
        self.ask("eth_sendRawTransaction", json!([raw])).await
    }

    async fn quantity<T: TryFrom<U256>>(&self, method: &'static str, params: Value) -> Result<T, RpcError> {
        self.ask::<Quantity<T>>(method, params).await.map(|quantity| quantity.0)
    }
}

impl CallRequest {
    fn json(&self) -> Value {
        let mut call = json!({ "to": self.to, "value": format!("0x{:x}", self.value), "data": self.input });
        if let Some(from) = self.from {
            call["from"] = json!(from);
        }
        call
    }
}

fn hex(number: u64) -> String {
    format!("0x{number:x}")
}
