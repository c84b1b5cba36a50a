//! The methods, one line each; those that need more are in the files beside.

use alloy_primitives::Bytes;
use serde_json::{Value, json};

use super::chain::SimChain;
use super::json::{quantity, quantity_u256};
use super::params::{self, Params};
use super::rpc::RpcError;
use super::{BASE_FEE_WEI, SUGGESTED_TIP_WEI};

impl SimChain {
    pub(super) fn run_method(&mut self, method: &str, params: &Params<'_>) -> Result<Value, RpcError> {
        params.at_most(
            most_params(method).ok_or_else(|| {
                RpcError::new(-32_601, format!("the method {method} does not exist/is not available"))
            })?,
        )?;
        Ok(match method {
            "eth_chainId" => quantity(self.config.chain_id),
            "net_version" => json!(self.config.chain_id.to_string()),
            "web3_clientVersion" => json!(concat!("Lockgate-sandbox/v", env!("CARGO_PKG_VERSION"))),
            "eth_syncing" => json!(false),
            "eth_blockNumber" => quantity(self.head_number()),
            "eth_gasPrice" => quantity(u128::from(BASE_FEE_WEI).saturating_add(SUGGESTED_TIP_WEI.into())),
            "eth_maxPriorityFeePerGas" => quantity(SUGGESTED_TIP_WEI),
            "eth_feeHistory" => self.fee_history(params)?,
            "eth_getBlockByNumber" => self.block_json(params.read(0, |value| self.number_of(value))?, params.flag(1)?),
            "eth_getBlockByHash" => self.block_json(self.numbers.get(&params.hash(0)?).copied(), params.flag(1)?),
            "eth_getLogs" => self.logs(params)?,
            "eth_getTransactionByHash" => self.transaction_json(&params.hash(0)?),
            "eth_getTransactionReceipt" => self.receipt_json(&params.hash(0)?),
            "eth_getTransactionCount" => self.transaction_count(params)?,
            "eth_getBalance" => {
                let account = self.state_at(self.state_number(params, 1)?).account(params.address(0)?);
                quantity_u256(account.map(|info| info.balance).unwrap_or_default())
            }
            "eth_getCode" => {
                json!(self.state_at(self.state_number(params, 1)?).code(params.address(0)?).original_bytes())
            }
            "eth_call" => self.call(params)?,
            "eth_estimateGas" => quantity(self.estimate_gas(params)?),
            "eth_sendRawTransaction" => {
                let raw: Bytes = params.read(0, params::data)?;
                json!(self.submit_raw(raw).map_err(|refused| RpcError::server(refused.to_string()))?)
            }
            // `most_params` and this list name the same methods; a test calls them all.
            other => return Err(RpcError::server(format!("{other} is not served"))),
        })
    }

    fn transaction_count(&self, params: &Params<'_>) -> Result<Value, RpcError> {
        let sender = params.address(0)?;
        if params.optional(1).and_then(Value::as_str) == Some("pending") {
            return Ok(quantity(self.next_nonce(sender)));
        }
        let account = self.state_at(self.state_number(params, 1)?).account(sender);
        Ok(quantity(account.map_or(0, |info| info.nonce)))
    }
}

/// How many parameters a method takes at most; `None` for a method that is not there.
fn most_params(method: &str) -> Option<usize> {
    Some(match method {
        "eth_chainId"
        | "net_version"
        | "web3_clientVersion"
        | "eth_syncing"
        | "eth_blockNumber"
        | "eth_gasPrice"
        | "eth_maxPriorityFeePerGas" => 0,
        "eth_getLogs" | "eth_getTransactionByHash" | "eth_getTransactionReceipt" | "eth_sendRawTransaction" => 1,
        "eth_getBlockByNumber"
        | "eth_getBlockByHash"
        | "eth_getTransactionCount"
        | "eth_getBalance"
        | "eth_getCode"
        | "eth_call"
        | "eth_estimateGas" => 2,
        "eth_feeHistory" => 3,
        _ => return None,
    })
}
