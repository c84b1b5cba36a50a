//! The simulated chain, kept: what it was told to do is stored before the answer goes out.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use alloy_primitives::{Address, B256};
use rails::sim::{PayRefused, ReorgRefused, SimChain, SimCommand, SimConfig};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::{Sandbox, SandboxFailed};
use crate::clock::Clock;
use crate::store::{Store, StoreError, sandbox, settings};

/// No real chain has this id, so nothing signed here is worth anything elsewhere.
pub const CHAIN_ID: u64 = 31_337;

/// Empty blocks mined by themselves after the last one with a transaction: enough to make it final.
const SETTLING_BLOCKS: u64 = 8;
const BLOCK_TIME: Duration = Duration::from_millis(500);
const GENESIS: &str = "sandbox_chain_genesis_s";

#[derive(Debug)]
pub struct SandboxChain {
    state: Mutex<State>,
    /// No block comes by itself. Forgotten when the sandbox stops.
    halted: AtomicBool,
    store: Store,
    clock: Clock,
}

#[derive(Debug)]
struct State {
    chain: SimChain,
    /// Blocks still to be mined by themselves.
    settling: u64,
}

impl SandboxChain {
    /// The chain as it was left, or a new one.
    pub async fn resume(store: &Store, clock: &Clock, seed: u64) -> Result<Self, SandboxFailed> {
        let now_s = seconds(clock);
        let genesis = store
            .write(move |tx| match settings::get(tx, GENESIS)? {
                Some(genesis) => Ok::<_, StoreError>(genesis.parse().unwrap_or(now_s)),
                None => settings::put(tx, GENESIS, &now_s.to_string()).map(|()| now_s),
            })
            .await?;
        let journal = store.read(sandbox::chain_journal).await?;
        let broken = |error: &dyn std::fmt::Display| SandboxFailed::Chain(error.to_string());
        let commands: Result<Vec<SimCommand>, _> = journal.iter().map(|line| serde_json::from_str(line)).collect();
        let config = SimConfig { chain_id: CHAIN_ID, seed, genesis_time_s: genesis };
        let chain = SimChain::replay(config, commands.map_err(|error| broken(&error))?.into_iter());
        let state = State { chain: chain.map_err(|error| broken(&error))?, settling: SETTLING_BLOCKS };
        Ok(Self {
            state: Mutex::new(state),
            halted: AtomicBool::new(false),
            store: store.clone(),
            clock: clock.clone(),
        })
    }

    /// Does something to the chain and stores it before anybody learns of it.
    async fn change<T>(&self, change: impl FnOnce(&mut State, u64) -> T) -> Result<T, StoreError> {
        let mut state = self.state.lock().await;
        let result = change(&mut state, seconds(&self.clock));
        let commands = state.chain.take_journal();
        if !commands.is_empty() {
            if commands.iter().any(|command| matches!(command, SimCommand::Submit { .. })) {
                state.settling = SETTLING_BLOCKS;
            }
            let lines: Result<Vec<String>, _> = commands.iter().map(serde_json::to_string).collect();
            let lines = lines.map_err(|error| StoreError::Inconsistent(error.to_string()))?;
            self.store
                .write(move |tx| lines.iter().try_for_each(|line| sandbox::append_chain_command(tx, line)))
                .await?;
        }
        Ok(result)
    }

    /// Answers a JSON-RPC request.
    pub async fn handle(&self, body: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.change(|state, _| state.chain.handle(body)).await
    }

    /// Mines `blocks` and answers the new head.
    pub async fn mine(&self, blocks: u64) -> Result<u64, StoreError> {
        self.change(|state, now_s| state.chain.mine(blocks, now_s)).await
    }

    /// A chain that stands still, or goes on. Ordered blocks are mined all the same.
    pub fn halt(&self, halted: bool) {
        self.halted.store(halted, Ordering::Relaxed);
    }

    pub fn is_halted(&self) -> bool {
        self.halted.load(Ordering::Relaxed)
    }

    pub async fn reorg(&self, depth: u64, keep_transactions: bool) -> Result<Result<u64, ReorgRefused>, StoreError> {
        self.change(|state, now_s| {
            state.settling = SETTLING_BLOCKS;
            state.chain.reorg(depth, keep_transactions, now_s).map(|()| state.chain.head_number())
        })
        .await
    }

    /// Pays from the sandbox's payer: a token by symbol, or the native coin.
    pub async fn pay(
        &self,
        token: Option<&str>,
        to: Address,
        amount: u128,
    ) -> Result<Result<B256, PayRefused>, StoreError> {
        self.change(|state, _| match token {
            Some(symbol) => state.chain.pay_token(symbol, to, amount),
            None => state.chain.pay_native(to, amount),
        })
        .await
    }

    /// Something that is only done while the sandbox is set up.
    pub async fn set_up<T>(&self, change: impl FnOnce(&mut SimChain, u64) -> T) -> Result<T, StoreError> {
        self.change(|state, now_s| change(&mut state.chain, now_s)).await
    }

    pub async fn look<T>(&self, look: impl FnOnce(&SimChain) -> T) -> T {
        look(&self.state.lock().await.chain)
    }

    /// Mines a block if a transaction waits or the last one is not yet final; answers whether it did.
    async fn tick(&self) -> Result<bool, StoreError> {
        if self.is_halted() {
            return Ok(false);
        }
        self.change(|state, now_s| {
            let due = state.settling > 0 || !state.chain.waiting().is_empty();
            if due {
                state.settling = match state.chain.waiting().is_empty() {
                    true => state.settling.saturating_sub(1),
                    false => SETTLING_BLOCKS,
                };
                state.chain.mine(1, now_s);
            }
            due
        })
        .await
    }
}

fn seconds(clock: &Clock) -> u64 {
    u64::try_from(clock.now() / 1_000).unwrap_or(0)
}

/// Mines while there is something to mine, so that a payment becomes final without anybody's help, and an idle sandbox stays idle.
pub async fn mine_by_itself(sandbox: Sandbox, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(BLOCK_TIME) => {}
        }
        match sandbox.chain.tick().await {
            Ok(true) => sandbox.app.wake.chains.notify_one(),
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "The simulated chain could not be stored"),
        }
    }
}
