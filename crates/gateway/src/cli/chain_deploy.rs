//! `lockgate chain deploy`, for one chain.

use std::io::Write;
use std::time::Duration;

use super::say;
use crate::app::chains::Chain;
use crate::app::deploy::{Contract, Deployed, prepare, status};

/// Looks for the receipt this often, this many times.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const LOOKS: u32 = 300;

pub async fn deploy(chain: &Chain, yes: bool) -> Result<(), Box<dyn std::error::Error>> {
    let found = chain.rpc.chain_id().await?;
    if found != chain.chain_id {
        return Err(format!("the node serves chain {found}, not {}; nothing was sent", chain.chain_id).into());
    }
    for contract in Contract::ALL {
        if status(chain, contract).await? == Deployed::Yes {
            say(&format!("{}: the {} {} is there", chain.name, contract.name(), contract.address()));
        } else {
            put(chain, contract, yes).await?;
        }
    }
    Ok(())
}

async fn put(chain: &Chain, contract: Contract, yes: bool) -> Result<(), Box<dyn std::error::Error>> {
    let key = chain.gas_key.as_ref().ok_or("set LOCKGATE_GAS_KEY: deploying needs gas")?;
    let deployment = prepare(chain, key, contract).await?;
    say(&format!(
        "{}: deploying the {} {} from {} costs at most {} wei ({} gas); the key has {} wei",
        chain.name,
        contract.name(),
        contract.address(),
        key.address(),
        deployment.cost_at_most,
        deployment.gas_limit,
        deployment.balance
    ));
    if deployment.balance < deployment.cost_at_most {
        return Err(format!("send at least {} wei to {} first", deployment.cost_at_most, key.address()).into());
    }
    if !yes && !confirmed()? {
        say(&format!("{}: nothing was sent", chain.name));
        return Ok(());
    }
    let hash = deployment.signed.hash;
    say(&format!("{}: sending {hash}", chain.name));
    if let Err(error) = chain.rpc.send_raw(&deployment.signed.raw).await {
        // the outcome may be unknown: the chain is asked below, and nothing else is sent
        say(&format!("{}: {error}; asking the chain", chain.name));
    }
    for _ in 0..LOOKS {
        if let Ok(Some(receipt)) = chain.rpc.receipt(hash).await {
            return match (receipt.succeeded(), status(chain, contract).await?) {
                (true, Deployed::Yes) => {
                    say(&format!("{}: the {} {} is there", chain.name, contract.name(), contract.address()));
                    Ok(())
                }
                _ => Err(format!("{hash} failed").into()),
            };
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Err(format!("{hash} is not in a block yet; look again with `lockgate chain status`").into())
}

fn confirmed() -> std::io::Result<bool> {
    say("Send it? [y/N]");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
