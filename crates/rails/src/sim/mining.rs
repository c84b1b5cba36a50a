//! How the chain grows, and how it forks.

use std::collections::HashSet;
use std::sync::Arc;

use alloy_consensus::Transaction;
use alloy_primitives::Address;

use super::block::{Block, Body, Mined};
use super::chain::SimChain;
use super::decode::SignedTx;
use super::world::{Undo, WorldAt};
use super::{BASE_FEE_WEI, BLOCK_GAS_LIMIT, SimCommand, evm};

/// Why a reorganisation was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReorgRefused {
    /// Nothing would be dropped.
    #[error("a reorganisation drops at least one block")]
    NoDepth,
    /// The genesis block cannot be dropped.
    #[error("cannot drop {depth} blocks: the chain has {height} beyond genesis")]
    TooDeep {
        /// Blocks that were to be dropped.
        depth: u64,
        /// Blocks after genesis.
        height: u64,
    },
}

impl SimChain {
    /// Mines `blocks` blocks and returns the head's number. Waiting transactions go into the first, by tip and then by
    /// arrival; what does not fit goes into the next.
    ///
    /// The last block gets the time `now_s` (Unix seconds) and those before it one second less each; where the chain is
    /// already later than that, one second after its parent.
    pub fn mine(&mut self, blocks: u64, now_s: u64) -> u64 {
        self.journal.push(SimCommand::Mine { blocks, now_s });
        for left in (0..blocks).rev() {
            self.mine_block(now_s.saturating_sub(left), true);
        }
        self.head_number()
    }

    /// Drops the last `depth` blocks and mines `depth + 1` empty ones in their place. The dropped transactions go back to
    /// the mempool or are lost; the next [`mine`](Self::mine) includes those that went back.
    ///
    /// # Errors
    /// If `depth` is zero or would drop the genesis block. The chain is then as before.
    pub fn reorg(&mut self, depth: u64, keep_transactions: bool, now_s: u64) -> Result<(), ReorgRefused> {
        let height = self.head_number();
        if depth == 0 {
            return Err(ReorgRefused::NoDepth);
        }
        if depth > height {
            return Err(ReorgRefused::TooDeep { depth, height });
        }
        self.journal.push(SimCommand::Reorg { depth, keep_transactions, now_s });
        self.reorgs = self.reorgs.saturating_add(1);
        let mut dropped = Vec::new();
        for _ in 0..depth {
            dropped.push(self.drop_head());
        }
        if keep_transactions {
            for tx in dropped.into_iter().rev().flatten() {
                self.mempool.put(tx);
            }
        }
        for left in (0..=depth).rev() {
            self.mine_block(now_s.saturating_sub(left), false);
        }
        Ok(())
    }

    fn mine_block(&mut self, time_s: u64, include: bool) {
        let number = self.head_number().saturating_add(1);
        let (parent_hash, parent_root, parent_time) = {
            let parent = self.head();
            (parent.hash, parent.state_root, parent.timestamp)
        };
        let timestamp = time_s.max(parent_time.saturating_add(1));
        let mut undo = Undo::default();
        let mined = if include && !self.mempool.is_empty() {
            self.execute_pool(number, timestamp, &mut undo)
        } else {
            Vec::new()
        };
        let state_root = self.world.root_after(parent_root, &undo);
        let mut block =
            Block { hash: parent_hash, timestamp, salt: self.reorgs, state_root, body: Body::new(mined, undo) };
        block.hash = block.header(number, parent_hash).hash_slow();
        self.numbers.insert(block.hash, number);
        for (index, mined) in block.mined().iter().enumerate() {
            self.places.insert(mined.tx.hash, (number, index));
        }
        self.blocks.push(block);
    }

    fn execute_pool(&mut self, number: u64, timestamp: u64, undo: &mut Undo) -> Vec<Mined> {
        let env = evm::block_env(number, timestamp, self.head().hash);
        let mut mined: Vec<Mined> = Vec::new();
        // Senders whose next transaction cannot be in this block.
        let mut passed_over: HashSet<Address> = HashSet::new();
        loop {
            let next_nonce = |sender| self.world.account(sender).map_or(0, |info| info.nonce);
            let best = self.mempool.best(BASE_FEE_WEI, next_nonce, |tx| !passed_over.contains(&tx.from));
            let Some(tx) = best else { return mined };
            let used = mined.last().map_or(0, |last| last.cumulative_gas_used);
            if tx.envelope.gas_limit() > BLOCK_GAS_LIMIT.saturating_sub(used) {
                passed_over.insert(tx.from);
                continue;
            }
            let head = self.blocks.len().saturating_sub(1);
            let state = WorldAt::new(&self.world, &self.blocks, head);
            let outcome = evm::transact(&state, self.config.chain_id, env.clone(), tx.env());
            self.mempool.remove(&tx);
            match outcome {
                Ok(done) => {
                    self.world.apply(done.state, undo);
                    mined.push(receipt_of(tx, done.result, used, mined.last()));
                }
                // It was affordable when it came and is not any more: nodes drop it, too.
                Err(_) => {
                    passed_over.insert(tx.from);
                }
            }
        }
    }

    /// Takes the head off and restores the state before it. Gives back its transactions, in order.
    fn drop_head(&mut self) -> Vec<Arc<SignedTx>> {
        let Some(block) = self.blocks.pop() else { return Vec::new() };
        self.numbers.remove(&block.hash);
        let Some(body) = block.body else { return Vec::new() };
        self.world.revert(&body.undo);
        for mined in &body.mined {
            self.places.remove(&mined.tx.hash);
        }
        body.mined.into_iter().map(|mined| mined.tx).collect()
    }
}

fn receipt_of(
    tx: Arc<SignedTx>,
    result: revm::context::result::ExecutionResult,
    used: u64,
    previous: Option<&Mined>,
) -> Mined {
    let gas_used = result.tx_gas_used();
    let contract = tx.envelope.is_create().then(|| tx.from.create(tx.envelope.nonce()));
    Mined {
        success: result.is_success(),
        gas_used,
        cumulative_gas_used: used.saturating_add(gas_used),
        contract,
        logs: if result.is_success() { result.into_logs() } else { Vec::new() },
        first_log: previous.map_or(0, |last| last.first_log.saturating_add(last.logs.len())),
        tx,
    }
}
