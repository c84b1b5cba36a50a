//! `lockgate chain`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::chain_deploy::deploy;
use super::place::load;
use super::{Outcome, say};
use crate::app::chains::Chain as ChainSetup;
use crate::app::deploy::{Contract, Deployed, status};
use crate::net::plain;

#[derive(Debug, Subcommand)]
pub enum Chain {
    /// Whether the forwarder factory and the multi-send contract are on each chain, and what the gas key has.
    Status(Which),
    /// Put the forwarder factory and the multi-send contract on the chains where they are missing, after showing the cost.
    Deploy {
        #[command(flatten)]
        which: Which,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
pub struct Which {
    /// Only this chain.
    chain: Option<String>,
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

impl Which {
    fn chains(&self) -> Result<Vec<ChainSetup>, Box<dyn std::error::Error>> {
        let chains = load(&self.config)?.chains(plain::client()?)?;
        let chosen: Vec<ChainSetup> =
            chains.into_iter().filter(|chain| self.chain.as_ref().is_none_or(|name| *name == chain.name)).collect();
        match (&self.chain, chosen.is_empty()) {
            (Some(name), true) => Err(format!("the configuration has no chain {name}").into()),
            _ => Ok(chosen),
        }
    }
}

impl Chain {
    pub async fn run(self) -> Outcome {
        let (Chain::Status(which) | Chain::Deploy { which, .. }) = &self;
        let mut code = ExitCode::SUCCESS;
        for chain in which.chains()? {
            let result = match &self {
                Chain::Status(_) => show(&chain).await,
                Chain::Deploy { yes, .. } => deploy(&chain, *yes).await,
            };
            if let Err(error) = result {
                say(&format!("{}: {error}", chain.name));
                code = ExitCode::FAILURE;
            }
        }
        Ok(code)
    }
}

async fn show(chain: &ChainSetup) -> Result<(), Box<dyn std::error::Error>> {
    let found = chain.rpc.chain_id().await?;
    if found != chain.chain_id {
        return Err(format!("the node serves chain {found}, not {}", chain.chain_id).into());
    }
    for contract in Contract::ALL {
        let there = match status(chain, contract).await? {
            Deployed::Yes => "is there",
            Deployed::No => "is missing: `lockgate chain deploy`",
        };
        say(&format!("{}: the {} {} {there}", chain.name, contract.name(), contract.address()));
    }
    match &chain.gas_key {
        Some(key) => {
            let balance = chain.rpc.balance(key.address()).await?;
            say(&format!("{}: the gas key {} has {balance} wei", chain.name, key.address()));
        }
        None => {
            say(&format!("{}: no gas key; money stays at its deposit addresses until somebody flushes", chain.name))
        }
    }
    Ok(())
}
