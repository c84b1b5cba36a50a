//! A chain of the file, completed from the shipped table.

use std::ops::Range;
use std::sync::Mutex;
use std::time::Duration;

use alloy_primitives::Address;
use domain::asset::Asset;
use domain::confirmations::ConfirmationPolicy;
use rails::evm::rpc::RpcClient;
use rails::evm::sign::GasKey;
use url::Url;

use super::merged::Merged;
use super::problems::Problems;
use super::{Env, assets, file};
use crate::app::chains::{Addresses, Chain, FlushPolicy, Health, Treasury, counted};

/// For one call to one node, reading included.
const RPC_TIMEOUT: Duration = Duration::from_secs(20);

/// A chain that was checked.
#[derive(Debug)]
pub struct ChainConfig {
    pub name: String,
    /// For people: `Polygon`.
    pub title: String,
    pub chain_id: u64,
    /// In order of preference; at least one.
    pub rpc: Vec<Endpoint>,
    pub confirmations: ConfirmationPolicy,
    pub assets: Vec<Asset>,
    pub flush: FlushPolicy,
    pub explorer_tx_url: Option<String>,
}

/// A node's URL. Such URLs often carry a key, so `Debug` shows the host only.
#[derive(Clone)]
pub struct Endpoint(pub Url);

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Endpoint({})", self.0.host_str().unwrap_or("no host"))
    }
}

impl ChainConfig {
    pub(super) fn build(
        &self,
        http: reqwest::Client,
        gas_key: Option<GasKey>,
        treasury: Option<Treasury>,
        fee_wallet: Address,
    ) -> Chain {
        let endpoints = self.rpc.iter().map(|endpoint| endpoint.0.clone()).collect();
        Chain {
            name: self.name.clone(),
            title: self.title.clone(),
            chain_id: self.chain_id,
            rpc: RpcClient::new(endpoints, http, RPC_TIMEOUT).observed(counted(&self.name)),
            confirmations: self.confirmations.clone(),
            assets: self.assets.clone(),
            gas_key,
            treasury,
            fee_wallet,
            flush: self.flush,
            explorer_tx_url: self.explorer_tx_url.clone(),
            addresses: Addresses::default(),
            health: Mutex::new(Health::default()),
        }
    }
}

/// A checked chain, and where it stands in the file.
pub(super) struct Checked {
    pub(super) config: ChainConfig,
    pub(super) place: Range<usize>,
}

pub(super) fn check_all(
    entries: &[file::Chain],
    shipped: &[file::Chain],
    env: Env<'_>,
    problems: &mut Problems<'_>,
) -> Vec<Checked> {
    if entries.is_empty() {
        problems.add(None, "chains", "is missing: name at least one, e.g. [[chains]] name = \"polygon\"");
    }
    let mut chains: Vec<Checked> = Vec::new();
    for entry in entries {
        let base = shipped.iter().find(|shipped| shipped.name.get_ref() == entry.name.get_ref());
        let merged = Merged { entry, base };
        let Some(config) = merged.check(shipped, env, problems) else { continue };
        let (place, key) = (entry.name.span(), "chains.name");
        if chains.iter().any(|earlier| earlier.config.name == config.name) {
            problems.add(Some(place.clone()), key, format!("{} is listed twice", config.name));
        } else if let Some(earlier) = chains.iter().find(|earlier| earlier.config.chain_id == config.chain_id) {
            let what = format!("has the chain id of {}: every payment would be seen twice", earlier.config.name);
            problems.add(Some(place.clone()), key, what);
        }
        chains.push(Checked { config, place });
    }
    assets::check_distinct(&chains, problems);
    chains
}
