//! `eth_call` and `eth_estimateGas`.

use alloy_primitives::{Bytes, TxKind, U256, hex};
use alloy_sol_types::{Panic, Revert, SolError};
use revm::context::TxEnv;
use revm::context::result::{EVMError, ExecutionResult, InvalidTransaction};
use serde_json::{Map, Value, json};

use super::chain::SimChain;
use super::evm::{self, Executed, TX_GAS_LIMIT};
use super::params::{self, Params};
use super::rpc::RpcError;

/// Gas that a transaction needs before it does anything.
const LEAST_GAS: u64 = 21_000;

impl SimChain {
    pub(super) fn call(&self, params: &Params<'_>) -> Result<Value, RpcError> {
        let number = self.state_number(params, 1)?;
        let tx = self.call_env(params)?;
        match self.execute_at(number, tx.clone()).map_err(|cause| refused(&tx, &cause))?.result {
            ExecutionResult::Revert { output, .. } => Err(reverted(&output)),
            result @ ExecutionResult::Halt { .. } => Err(RpcError::server(evm::halt_text(&result).unwrap_or_default())),
            result => Ok(json!(result.output().cloned().unwrap_or_default())),
        }
    }

    /// The least gas with which the transaction succeeds, found by halving.
    pub(super) fn estimate_gas(&self, params: &Params<'_>) -> Result<u64, RpcError> {
        let number = self.state_number(params, 1)?;
        let mut tx = self.call_env(params)?;
        tx.gas_limit = self.gas_allowance(number, &tx)?;
        let most = tx.gas_limit;
        let used = match self.execute_at(number, tx.clone()).map_err(|cause| refused(&tx, &cause))?.result {
            ExecutionResult::Success { gas, .. } => gas.tx_gas_used(),
            ExecutionResult::Revert { output, .. } => return Err(reverted(&output)),
            result @ ExecutionResult::Halt { .. } => {
                return Err(RpcError::server(match evm::halt_text(&result).as_deref() {
                    Some("out of gas") | None => format!("gas required exceeds allowance ({most})"),
                    Some(other) => other.to_owned(),
                }));
            }
        };
        let (mut fails, mut works) = (used.max(LEAST_GAS).saturating_sub(1), most);
        while fails.saturating_add(1) < works {
            // Most transactions need little more than they use, so look close to the lower end first.
            let middle = fails.midpoint(works).min(fails.saturating_mul(2));
            let with = TxEnv { gas_limit: middle, ..tx.clone() };
            match self.execute_at(number, with) {
                Ok(done) if done.result.is_success() => works = middle,
                _ => fails = middle,
            }
        }
        Ok(works)
    }

    /// What the caller asked for or a transaction may have, and no more than the sender can pay for.
    fn gas_allowance(&self, number: u64, tx: &TxEnv) -> Result<u64, RpcError> {
        if tx.gas_price == 0 {
            return Ok(tx.gas_limit);
        }
        let balance = self.state_at(number).account(tx.caller).map(|info| info.balance).unwrap_or_default();
        let available =
            balance.checked_sub(tx.value).ok_or_else(|| RpcError::server("insufficient funds for transfer"))?;
        let affordable = u64::try_from(available.checked_div(U256::from(tx.gas_price)).unwrap_or_default());
        match affordable {
            Ok(gas) if gas < LEAST_GAS => Err(RpcError::server(format!("gas required exceeds allowance ({gas})"))),
            Ok(gas) => Ok(gas.min(tx.gas_limit)),
            Err(_) => Ok(tx.gas_limit),
        }
    }

    /// Runs a call on top of a block, as if it were in that block.
    fn execute_at(&self, number: u64, tx: TxEnv) -> Executed {
        let block = self.block(number).unwrap_or_else(|| self.head());
        let parent = number.checked_sub(1).and_then(|parent| self.block(parent));
        let env = evm::block_env(number, block.timestamp, parent.map(|parent| parent.hash).unwrap_or_default());
        evm::call(&self.state_at(number), self.config.chain_id, env, tx)
    }

    fn call_env(&self, params: &Params<'_>) -> Result<TxEnv, RpcError> {
        let call = params.read(0, |value| value.as_object().ok_or_else(|| "json: not an object".to_owned()))?;
        let tx = read_call(call).map_err(|reason| RpcError::invalid_params(format!("invalid argument 0: {reason}")))?;
        match tx.chain_id {
            Some(have) if have != self.config.chain_id => Err(RpcError::server(format!(
                "chainId does not match node's (have={have}, want={})",
                self.config.chain_id
            ))),
            _ => Ok(TxEnv { chain_id: Some(self.config.chain_id), ..tx }),
        }
    }
}

fn read_call(call: &Map<String, Value>) -> Result<TxEnv, String> {
    let given = |key: &str| call.get(key).filter(|value| !value.is_null());
    let input = given("input").map(params::data).transpose()?;
    let data = given("data").map(params::data).transpose()?;
    if matches!((&input, &data), (Some(input), Some(data)) if input != data) {
        return Err("both \"data\" and \"input\" are set and not equal".to_owned());
    }
    let price = given("gasPrice").map(params::quantity_u128).transpose()?;
    let cap = given("maxFeePerGas").map(params::quantity_u128).transpose()?;
    let tip = given("maxPriorityFeePerGas").map(params::quantity_u128).transpose()?;
    if price.is_some() && (cap.is_some() || tip.is_some()) {
        return Err("both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified".to_owned());
    }
    let cap = cap.unwrap_or_default();
    let gas = given("gas").map(params::quantity_u64).transpose()?.filter(|gas| *gas != 0);
    Ok(TxEnv {
        tx_type: if tip.is_some() && cap != 0 { 2 } else { 0 },
        caller: given("from").map(params::address).transpose()?.unwrap_or_default(),
        gas_limit: gas.unwrap_or(TX_GAS_LIMIT).min(TX_GAS_LIMIT),
        gas_price: price.unwrap_or(cap),
        gas_priority_fee: tip.filter(|_| cap != 0),
        kind: given("to").map(params::address).transpose()?.map_or(TxKind::Create, TxKind::Call),
        value: given("value").map(params::quantity).transpose()?.unwrap_or_default(),
        data: input.or(data).unwrap_or_default(),
        chain_id: given("chainId").map(params::quantity_u64).transpose()?,
        ..TxEnv::default()
    })
}

/// Code 3 and the data, with the reason in words where it is one of Solidity's own.
fn reverted(output: &Bytes) -> RpcError {
    let reason = Revert::abi_decode(output).map(|revert| revert.reason).ok();
    let reason = reason.or_else(|| Some(Panic::abi_decode(output).ok()?.kind()?.as_str().to_owned()));
    let message = match reason {
        Some(reason) => format!("execution reverted: {reason}"),
        None => "execution reverted".to_owned(),
    };
    RpcError { code: 3, message, data: Some(json!(hex::encode_prefixed(output))) }
}

/// Why a call could not even start, in a node's words.
fn refused(tx: &TxEnv, cause: &EVMError<std::convert::Infallible, InvalidTransaction>) -> RpcError {
    let from = tx.caller;
    RpcError::server(match cause {
        EVMError::Transaction(InvalidTransaction::LackOfFundForMaxFee { fee, balance }) => {
            format!("insufficient funds for gas * price + value: address {from} have {balance} want {fee}")
        }
        EVMError::Transaction(InvalidTransaction::GasPriceLessThanBasefee) => format!(
            "max fee per gas less than block base fee: address {from}, maxFeePerGas: {}, baseFee: {}",
            tx.gas_price,
            super::BASE_FEE_WEI
        ),
        EVMError::Transaction(InvalidTransaction::CallGasCostMoreThanGasLimit { initial_gas, gas_limit }) => {
            format!("intrinsic gas too low: have {gas_limit}, want {initial_gas}")
        }
        other => other.to_string(),
    })
}
