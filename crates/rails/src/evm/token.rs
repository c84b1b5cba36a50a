//! Calls of an ERC-20 token, and of the contract that sends one to many.

use super::abi::Erc20::{allowanceCall, approveCall, balanceOfCall, transferCall};
use super::abi::MultiSend::sendCall;
use super::rpc::{CallRequest, RpcClient, RpcError};
use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolCall;

/// The call data that sends `amount` base units of the caller's tokens to `to`.
pub fn transfer_call(to: Address, amount: u128) -> Bytes {
    transferCall { to, amount: U256::from(amount) }.abi_encode().into()
}

/// The call data that lets `spender` move up to `amount` base units of the caller's tokens, whatever it was before.
pub fn approve_call(spender: Address, amount: u128) -> Bytes {
    approveCall { spender, amount: U256::from(amount) }.abi_encode().into()
}

/// The input of a call of [`super::artifact::multi_send_address`] that sends the caller's tokens to each of these, in base
/// units; all of them or none. The caller must have approved that contract.
pub fn send_many_call(token: Address, transfers: &[(Address, u128)]) -> Bytes {
    let receivers = transfers.iter().map(|(to, _)| *to).collect();
    let amounts = transfers.iter().map(|(_, amount)| U256::from(*amount)).collect();
    sendCall { token, receivers, amounts }.abi_encode().into()
}

/// How many of the owner's base units `spender` may move, as of the newest block. `None` when what the contract answers is
/// no number: it is not a token.
///
/// # Errors
/// When the node does not answer.
pub async fn allowance(
    rpc: &RpcClient,
    token: Address,
    owner: Address,
    spender: Address,
) -> Result<Option<U256>, RpcError> {
    let input = allowanceCall { owner, spender }.abi_encode().into();
    let answer = rpc.call(&CallRequest { from: None, to: token, value: 0, input }).await?;
    Ok(allowanceCall::abi_decode_returns(&answer).ok())
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
