//! The sandbox's chain: real EVM byte code, real signatures, real JSON-RPC, no network and no clock.
//!
//! [`SimChain`] is a value. It changes only by the commands of [`SimCommand`], each of which it also writes to a journal,
//! so a chain is stored as its configuration and its journal and comes back by [`SimChain::replay`], byte for byte.
//! The EVM rail talks to it through [`SimChain::handle`], as it would to a node.
//!
//! What it leaves out, because no client of a payment gateway looks at it: the state root is a running hash of all
//! changes, not a Merkle root; there are no uncles, withdrawals, blobs, system contracts, subscriptions or traces.

pub mod acquirer;
mod block;
mod chain;
pub mod connectors;
mod decode;
mod estimate;
mod evm;
mod fees;
mod filter;
mod genesis;
mod json;
mod mempool;
mod methods;
mod mining;
mod params;
mod payer;
mod rpc;
mod submit_refused;
#[cfg(test)]
mod tests;
mod world;

use alloy_primitives::{Address, Bytes, U256};
use serde::{Deserialize, Serialize};

pub use chain::{ReplayError, SimChain};
pub use genesis::GenesisError;
pub use mining::ReorgRefused;
pub use payer::{PayRefused, SimPayment};
pub use submit_refused::{Shortfall, SubmitRefused};

/// The deterministic deployment proxy: the same address and code on every chain.
pub use genesis::DEPLOYMENT_PROXY;

/// Wei per gas burned by every block. It never moves, so that a run's fees do not depend on how busy it was.
pub const BASE_FEE_WEI: u64 = 1_000_000_000;
/// Wei per gas suggested as a tip by `eth_maxPriorityFeePerGas`.
pub const SUGGESTED_TIP_WEI: u64 = 1_000_000_000;
/// Gas in one block.
pub const BLOCK_GAS_LIMIT: u64 = 30_000_000;
/// `safe` is this many blocks behind the head, as on Ethereum: one epoch.
pub const SAFE_DEPTH: u64 = 32;
/// `finalized` is this many blocks behind the head, as on Ethereum: two epochs.
pub const FINALIZED_DEPTH: u64 = 64;

/// What a chain is before its first command. The same configuration gives the same genesis block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimConfig {
    /// EIP-155 chain id; the sandbox uses 31337.
    pub chain_id: u64,
    /// Decides the faucet's and the payer's key, and nothing else.
    pub seed: u64,
    /// Unix seconds of block 0.
    pub genesis_time_s: u64,
}

/// One change of a chain, enough to make it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum SimCommand {
    /// A signed transaction that the mempool accepted, in its EIP-2718 encoding.
    Submit {
        /// The bytes of `eth_sendRawTransaction`.
        raw: Bytes,
    },
    /// [`SimChain::mine`].
    Mine {
        /// How many blocks.
        blocks: u64,
        /// Unix seconds of the last of them, if the chain is not already there.
        now_s: u64,
    },
    /// [`SimChain::reorg`].
    Reorg {
        /// How many blocks are dropped.
        depth: u64,
        /// Whether their transactions go back to the mempool.
        keep_transactions: bool,
        /// Unix seconds of the last replacement block.
        now_s: u64,
    },
    /// Native coin out of nothing, for a payer that runs low: no transaction, and no block shows it.
    Credit {
        /// Who has more from now on.
        to: Address,
        /// How much more.
        wei: U256,
    },
}
