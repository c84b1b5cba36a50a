//! Putting the forwarder factory and the multi-send contract on a chain, once, through the deterministic deployment proxy.

use alloy_primitives::{Address, Bytes, U256};
use rails::evm::artifact::{
    PROXY, deployment_call, factory_address, implementation_address, multi_send_address, multi_send_deployment_call,
};
use rails::evm::fees::{FeeError, Fees, GasMarket, suggest};
use rails::evm::rpc::{CallRequest, RpcError};
use rails::evm::sign::{GasKey, SignError, SignedTx, TxRequest};

use super::chains::Chain;
use super::gas_market;

#[derive(Debug, thiserror::Error)]
pub enum DeployFailed {
    #[error(transparent)]
    Rpc(#[from] RpcError),
    #[error(transparent)]
    Fee(#[from] FeeError),
    #[error(transparent)]
    Sign(#[from] SignError),
    #[error("the deployment proxy {PROXY} is not on this chain: the contracts cannot have their addresses here")]
    NoProxy,
    #[error("the factory's address holds other code than ours")]
    OtherCode,
}

/// What is deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contract {
    /// Makes and flushes deposit addresses: nothing can be paid out of them without it.
    Factory,
    /// Sends one token to many: the treasury does without it, in a transaction each.
    MultiSend,
}

impl Contract {
    pub const ALL: [Contract; 2] = [Contract::Factory, Contract::MultiSend];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Contract::Factory => "factory",
            Contract::MultiSend => "multi-send contract",
        }
    }

    pub fn address(self) -> Address {
        match self {
            Contract::Factory => factory_address(),
            Contract::MultiSend => multi_send_address(),
        }
    }

    fn deployment(self) -> Bytes {
        match self {
            Contract::Factory => deployment_call(),
            Contract::MultiSend => multi_send_deployment_call(),
        }
    }
}

/// What stands on the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deployed {
    Yes,
    No,
}

/// Asks the chain whether a contract is there, the factory with its implementation.
pub async fn status(chain: &Chain, contract: Contract) -> Result<Deployed, DeployFailed> {
    // CREATE2 binds the address to the creation code, so code there is ours
    let is_there = !chain.rpc.code(contract.address()).await?.is_empty();
    if contract == Contract::Factory && is_there && chain.rpc.code(implementation_address()).await?.is_empty() {
        return Err(DeployFailed::OtherCode);
    }
    Ok(if is_there { Deployed::Yes } else { Deployed::No })
}

/// A deployment that is ready to be sent.
#[derive(Debug)]
pub struct Deployment {
    pub signed: SignedTx,
    pub gas_limit: u64,
    /// Wei the transaction can cost at most.
    pub cost_at_most: U256,
    /// Wei the gas key has.
    pub balance: U256,
}

/// Signs the deployment under the gas key's next nonce, and says what it can cost. Nothing is sent.
pub async fn prepare(chain: &Chain, key: &GasKey, contract: Contract) -> Result<Deployment, DeployFailed> {
    if chain.rpc.code(PROXY).await?.is_empty() {
        return Err(DeployFailed::NoProxy);
    }
    let input = contract.deployment();
    let call = CallRequest { from: Some(key.address()), to: PROXY, value: 0, input: input.clone() };
    let estimate = chain.rpc.estimate_gas(&call).await?;
    let market: GasMarket = gas_market::now(&chain.rpc).await?;
    let fees = suggest(market, chain.flush.max_fee_per_gas)?;
    let request = TxRequest {
        chain_id: chain.chain_id,
        nonce: chain.rpc.transaction_count(key.address(), "pending").await?,
        to: PROXY,
        value: 0,
        gas_limit: estimate.saturating_add(estimate / 5),
        fees,
        input,
    };
    let (Fees::Dynamic { max_fee: price, .. } | Fees::Legacy { gas_price: price }) = fees;
    Ok(Deployment {
        signed: key.sign(&request)?,
        gas_limit: request.gas_limit,
        cost_at_most: U256::from(price) * U256::from(request.gas_limit),
        balance: chain.rpc.balance(key.address()).await?,
    })
}
