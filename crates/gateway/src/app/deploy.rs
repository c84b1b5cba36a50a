//! Putting the forwarder factory on a chain, once, through the deterministic deployment proxy.

use alloy_primitives::U256;
use rails::evm::artifact::{PROXY, deployment_call, factory_address, implementation_address};
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
    #[error("the deployment proxy {PROXY} is not on this chain: the factory cannot have its address here")]
    NoProxy,
    #[error("the factory's address holds other code than ours")]
    OtherCode,
}

/// What stands on the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deployed {
    Yes,
    No,
}

/// Asks the chain whether the factory and its implementation are there.
pub async fn status(chain: &Chain) -> Result<Deployed, DeployFailed> {
    let factory = chain.rpc.code(factory_address()).await?;
    let implementation = chain.rpc.code(implementation_address()).await?;
    match (factory.is_empty(), implementation.is_empty()) {
        // CREATE2 binds the address to the creation code, so code there is ours; without its implementation it is not
        (false, false) => Ok(Deployed::Yes),
        (true, _) => Ok(Deployed::No),
        (false, true) => Err(DeployFailed::OtherCode),
    }
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
pub async fn prepare(chain: &Chain, key: &GasKey) -> Result<Deployment, DeployFailed> {
    if chain.rpc.code(PROXY).await?.is_empty() {
        return Err(DeployFailed::NoProxy);
    }
    let input = deployment_call();
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
