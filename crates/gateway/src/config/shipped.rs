//! The table of chains and coins that comes with the program.

use alloy_primitives::Address;

use super::file::Chain;
use super::problems::{ConfigError, Problems};
use super::values;

const TABLE: &str = include_str!("../../config/chains.toml");

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    chains: Vec<Chain>,
}

/// A broken table is a fault of the program, which a test finds; the operator is told what to tell us.
pub(super) fn chains(problems: &mut Problems<'_>) -> Vec<Chain> {
    match toml::from_str::<Table>(TABLE) {
        Ok(table) => table.chains,
        Err(error) => {
            problems.add(None, "the shipped table of chains", format!("cannot be read: {error}"));
            Vec::new()
        }
    }
}

/// A chain that this program knows without a configuration.
#[derive(Debug, Clone)]
pub struct KnownChain {
    pub name: String,
    pub chain_id: u64,
    /// Its coins are worth nothing.
    pub is_test: bool,
    pub tokens: Vec<KnownToken>,
}

/// A token of it.
#[derive(Debug, Clone)]
pub struct KnownToken {
    pub code: String,
    pub contract: Address,
    pub decimals: u8,
}

/// The shipped table, for whoever has no configuration at hand.
///
/// # Errors
/// When the table is broken: a fault of the program.
pub fn known_chains() -> Result<Vec<KnownChain>, ConfigError> {
    let mut problems = Problems::new("chains.toml", TABLE);
    let chains = chains(&mut problems);
    if !problems.is_empty() {
        return Err(problems.finish());
    }
    let known = chains.iter().filter_map(|chain| {
        let name = chain.name.get_ref();
        let token = |token: &super::file::Token| {
            Some(KnownToken {
                code: format!("{}_{name}", token.symbol.get_ref()),
                contract: values::address(token.contract.get_ref()).ok()?,
                decimals: *token.decimals.get_ref(),
            })
        };
        Some(KnownChain {
            name: name.clone(),
            chain_id: *chain.chain_id.as_ref()?.get_ref(),
            is_test: chain.explorer_tx_url.is_none(),
            tokens: chain.tokens.iter().filter_map(token).collect(),
        })
    });
    Ok(known.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound() {
        let mut problems = Problems::new("chains.toml", TABLE);
        let chains = chains(&mut problems);
        assert!(problems.is_empty());
        let mut codes: Vec<String> = Vec::new();
        for chain in &chains {
            let name = chain.name.get_ref();
            for token in &chain.tokens {
                let contract = token.contract.get_ref();
                // Not merely well-formed: written with its checksum.
                assert_eq!(values::address(contract).unwrap().to_checksum(None), *contract, "{name}");
                // The one place where the usual six would be a million million times wrong.
                assert_eq!(*token.decimals.get_ref(), if name == "bsc" { 18 } else { 6 }, "{name} {contract}");
                assert!(token.at_par, "{name}: stablecoins only");
                codes.push(format!("{}_{name}", token.symbol.get_ref()));
            }
            let native = chain.native.as_ref().unwrap();
            let test = name == "anvil";
            assert!(native.at_par == test && native.decimals.is_none());
            codes.push(format!("{}_{name}", native.symbol.get_ref()));
            assert!(chain.title.is_some() && chain.chain_id.is_some() && chain.explorer_tx_url.is_some() != test);
            assert!(chain.rpc.is_none() && chain.assets.is_none());
        }
        let expected = "USDT_polygon USDC_polygon POL_polygon USDT_ethereum USDC_ethereum ETH_ethereum \
                        USDT_bsc USDC_bsc BNB_bsc USDT_arbitrum USDC_arbitrum ETH_arbitrum USDC_base ETH_base ETH_anvil";
        assert_eq!(codes.join(" "), expected);
        let ids: Vec<u64> = chains.iter().filter_map(|chain| Some(*chain.chain_id.as_ref()?.get_ref())).collect();
        assert_eq!(ids, [137, 1, 56, 42161, 8453, 31337]);
    }
}
