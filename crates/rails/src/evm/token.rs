//! Calls of an ERC-20 token.

use super::abi::Erc20::{balanceOfCall, transferCall};
use super::rpc::{CallRequest, RpcClient, RpcError};
use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolCall;

/// The call data that sends `amount` base units of the caller's tokens to `to`.
pub fn transfer_call(to: Address, amount: u128) -> Bytes {
    transferCall { to, amount: U256::from(amount) }.abi_encode().into()
}

/// What `owner` holds, in base units; as of the block at a height, or of the newest one. `None` when what the contract
/// answers is no balance: it is not a token.
///
/// # Errors
/// When the node does not answer, or no longer has that block's state.
pub async fn balance_of(
    rpc: &RpcClient,
    token: Address,
    owner: Address,
    block: Option<u64>,
) -> Result<Option<U256>, RpcError> {
    let call = CallRequest { from: None, to: token, value: 0, input: balanceOfCall { owner }.abi_encode().into() };
    let answer = match block {
        Some(block) => rpc.call_at(&call, block).await?,
        None => rpc.call(&call).await?,
    };
    Ok(balanceOfCall::abi_decode_returns(&answer).ok())
}
