//! The chain as a value: what it holds, what can be asked of it in Rust, how it is stored and brought back.

use std::collections::HashMap;
use std::sync::Arc;

use alloy_primitives::{Address, B256, Bytes, U256};

use super::block::{Block, Mined};
use super::decode::SignedTx;
use super::genesis::{self, GenesisError};
use super::mempool::Mempool;
use super::mining::ReorgRefused;
use super::payer::Payers;
use super::submit_refused::SubmitRefused;
use super::world::{World, WorldAt};
use super::{SimCommand, SimConfig};

/// A simulated EVM chain. See the [module](super).
#[derive(Debug, Clone)]
pub struct SimChain {
    pub(super) config: SimConfig,
    pub(super) world: World,
    /// The canonical chain; never empty, because it starts with the genesis block.
    pub(super) blocks: Vec<Block>,
    pub(super) numbers: HashMap<B256, u64>,
    /// Block number and index of each mined transaction.
    pub(super) places: HashMap<B256, (u64, usize)>,
    pub(super) mempool: Mempool,
    pub(super) payers: Payers,
    pub(super) reorgs: u64,
    pub(super) journal: Vec<SimCommand>,
    pub(super) down: bool,
}

/// Why a journal could not be played back.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// There is no chain to play it on.
    #[error("no genesis block")]
    Genesis(#[from] GenesisError),
    /// A transaction that was accepted once is refused now: the journal is damaged, or from other contracts.
    #[error("command {index} of the journal, a transaction, was refused")]
    Submit {
        /// Counted from zero.
        index: usize,
        /// What the mempool said.
        source: SubmitRefused,
    },
    /// A reorganisation that was made once cannot be made now.
    #[error("command {index} of the journal, a reorganisation, was refused")]
    Reorg {
        /// Counted from zero.
        index: usize,
        /// What was wrong with it.
        source: ReorgRefused,
    },
}

impl SimChain {
    /// A chain with its genesis block.
    ///
    /// # Errors
    /// If the contracts of the genesis block do not deploy: the build carries wrong artifacts.
    pub fn new(config: SimConfig) -> Result<Self, GenesisError> {
        let payers = Payers::from_seed(config.seed)?;
        let (world, block) = genesis::build(&config, &payers)?;
        Ok(Self {
            config,
            numbers: HashMap::from([(block.hash, 0)]),
            world,
            blocks: vec![block],
            places: HashMap::new(),
            mempool: Mempool::default(),
            payers,
            reorgs: 0,
            journal: Vec::new(),
            down: false,
        })
    }

    /// The chain that these commands make. Its own journal is empty: what was replayed is stored already.
    ///
    /// # Errors
    /// If a command is refused, which never happens to a journal that [`take_journal`](Self::take_journal) gave.
    pub fn replay(config: SimConfig, commands: impl Iterator<Item = SimCommand>) -> Result<Self, ReplayError> {
        let mut chain = Self::new(config)?;
        for (index, command) in commands.enumerate() {
            match command {
                SimCommand::Submit { raw } => {
                    chain.submit_raw(raw).map_err(|source| ReplayError::Submit { index, source })?;
                }
                SimCommand::Mine { blocks, now_s } => {
                    chain.mine(blocks, now_s);
                }
                SimCommand::Reorg { depth, keep_transactions, now_s } => {
                    chain
                        .reorg(depth, keep_transactions, now_s)
                        .map_err(|source| ReplayError::Reorg { index, source })?;
                }
                SimCommand::Credit { to, wei } => chain.credit(to, wei),
            }
            chain.journal.clear();
        }
        Ok(chain)
    }

    /// The commands since the last call, in order. Store them before answering whoever gave the command.
    pub fn take_journal(&mut self) -> Vec<SimCommand> {
        std::mem::take(&mut self.journal)
    }

    /// Puts a signed transaction (EIP-2718 bytes) into the mempool and returns its hash.
    ///
    /// # Errors
    /// As `eth_sendRawTransaction` refuses it.
    pub fn submit_raw(&mut self, raw: Bytes) -> Result<B256, SubmitRefused> {
        let tx = Arc::new(SignedTx::decode(raw.clone(), self.config.chain_id)?);
        let hash = tx.hash;
        let account = self.world.account(tx.from);
        self.mempool.submit(tx, account)?;
        self.journal.push(SimCommand::Submit { raw });
        Ok(hash)
    }

    /// Gives an account native coin out of nothing, at once. A reorganisation that drops the block before takes it along.
    pub(super) fn credit(&mut self, to: Address, wei: U256) {
        let mut info = self.world.account(to).cloned().unwrap_or_default();
        info.balance = info.balance.saturating_add(wei);
        self.world.place(to, info);
        self.journal.push(SimCommand::Credit { to, wei });
    }

    /// While down, every request is answered with an error. Not part of the journal: the chain itself goes on.
    pub fn set_down(&mut self, down: bool) {
        self.down = down;
    }

    /// What the chain was made from.
    #[must_use]
    pub fn config(&self) -> &SimConfig {
        &self.config
    }

    /// Number of the last block; the genesis block is 0.
    #[must_use]
    pub fn head_number(&self) -> u64 {
        // A `Vec` is never longer than u64::MAX.
        u64::try_from(self.blocks.len()).unwrap_or(u64::MAX).saturating_sub(1)
    }

    /// Hash of the last block.
    #[must_use]
    pub fn head_hash(&self) -> B256 {
        self.head().hash
    }

    /// Unix seconds of the last block.
    #[must_use]
    pub fn head_time_s(&self) -> u64 {
        self.head().timestamp
    }

    /// Wei of an account after the last block.
    #[must_use]
    pub fn balance(&self, address: Address) -> U256 {
        self.world.account(address).map(|info| info.balance).unwrap_or_default()
    }

    /// Hashes of the transactions that wait, by sender and nonce; those behind a nonce gap included.
    #[must_use]
    pub fn waiting(&self) -> Vec<B256> {
        self.mempool.all().map(|tx| tx.hash).collect()
    }

    /// Contract of a test token: `USDT`, `USDC` (both 6 decimals) or `WRONG` (18 decimals). The same on every chain.
    #[must_use]
    pub fn token_address(&self, symbol: &str) -> Option<Address> {
        genesis::token_address(symbol)
    }

    pub(super) fn head(&self) -> &Block {
        // The first block is only ever put there, never taken: `reorg` refuses to.
        &self.blocks[self.blocks.len().saturating_sub(1)]
    }

    pub(super) fn block(&self, number: u64) -> Option<&Block> {
        self.blocks.get(usize::try_from(number).ok()?)
    }

    pub(super) fn mined(&self, hash: &B256) -> Option<(u64, usize, &Mined)> {
        let (number, index) = *self.places.get(hash)?;
        Some((number, index, self.block(number)?.mined().get(index)?))
    }

    pub(super) fn state_at(&self, number: u64) -> WorldAt<'_> {
        WorldAt::new(&self.world, &self.blocks, usize::try_from(number).unwrap_or(usize::MAX))
    }
}
